//! The steps of the demonstration, each played through the API of the hubs and checked there.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::Value;

use super::clerk::{self, Clerk, Opened, list, text};
use super::materials::{DECISION, LETTER, SUBMISSION};
use super::network::{HUBS, Network};
use super::process::Process;
use super::{Step, forge};
use crate::app;
use crate::cli::fault::Fault;
use crate::cli::print;
use crate::cli::speech::Speech;
use crate::config::Config;
use crate::domain::ids::DeliveryId;

/// Accounts: login, agency, hub, whether a clerk.
const ACCOUNTS: [(&str, &str, &str, bool); 9] = [
    ("iadom", "H21.36.21", "commune", true),
    ("iakla", "H21.36.22", "commune", true),
    ("kiemtra.iadom", "H21.36.21", "commune", false),
    ("ducco", "H21.36", "district", true),
    ("kiemtra.ducco", "H21.36", "district", false),
    ("gialai", "H21", "province", true),
    ("sokhcn", "H21.9", "province", true),
    ("vpcp", "G22", "central", true),
    ("kiemtra.vpcp", "G22", "central", false),
];

/// What a step found: whether it held, the documents, and the receipts seen.
struct Found {
    held: bool,
    documents: Vec<String>,
    receipts: usize,
}

/// A running demonstration.
pub(super) struct Story<'a> {
    network: &'a Network,
    speech: &'a Speech,
    processes: HashMap<&'static str, Process>,
    keys: HashMap<&'static str, Opened>,
}

impl<'a> Story<'a> {
    /// Opens the accounts and starts the hubs from the top down.
    pub(super) async fn begin(network: &'a Network, speech: &'a Speech) -> Result<Self, Fault> {
        let mut keys = HashMap::new();
        for (login, agency, hub, is_clerk) in ACCOUNTS {
            let place = network.place(hub)?.clone();
            let opened =
                tokio::task::spawn_blocking(move || clerk::open(&place, login, agency, is_clerk));
            keys.insert(login, opened.await.map_err(Fault::demo)??);
        }
        let mut processes = HashMap::new();
        for (id, _, _) in HUBS {
            processes.insert(id, Process::start(network.place(id)?).await?);
        }
        Ok(Self {
            network,
            speech,
            processes,
            keys,
        })
    }

    /// Plays every step; a step that cannot be played did not hold.
    pub(super) async fn play(&mut self) -> Result<Vec<Step>, Fault> {
        let mut steps = Vec::new();
        let mut first = None;
        for name in ["climb", "catch-up", "refusal", "forgeries", "repeat"] {
            let began = Instant::now();
            let found = match name {
                "climb" => self.climb(&mut first).await,
                "catch-up" => self.catch_up().await,
                "refusal" => self.refusal().await,
                "forgeries" => self.forgeries().await,
                _ => self.repeat(first.as_deref()).await,
            };
            steps.push(self.settle(name, began, found));
        }
        Ok(steps)
    }

    fn settle(&self, name: &'static str, began: Instant, found: Result<Found, Fault>) -> Step {
        let found = found.unwrap_or_else(|fault| {
            print::complain(&fault.said(self.speech));
            Found {
                held: false,
                documents: Vec::new(),
                receipts: 0,
            }
        });
        let seconds = (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let mark = if found.held { "✔" } else { "✘" };
        let title = self.speech.text(&format!("demo-step-{name}"), &[]);
        let facts = self.speech.text(
            "demo-facts",
            &[
                ("receipts", found.receipts.to_string()),
                ("seconds", format!("{seconds:.1}")),
            ],
        );
        print::complain(&format!("{mark} {title} {facts}"));
        Step {
            name,
            held: found.held,
            documents: found.documents,
            receipts: found.receipts,
            seconds,
        }
    }

    fn clerk(&self, login: &str) -> Result<Clerk, Fault> {
        let account = ACCOUNTS.iter().find(|(name, ..)| *name == login);
        let (_, _, hub, _) = account.ok_or_else(|| Fault::demo("no such account"))?;
        let key = self
            .keys
            .get(login)
            .ok_or_else(|| Fault::demo("no such account"))?;
        Clerk::new(self.network.place(hub)?, key)
    }

    /// (a) Commune → district → province → centre, accepted, every hop's receipt back.
    async fn climb(&self, first: &mut Option<String>) -> Result<Found, Fault> {
        let (sender, recipient) = (self.clerk("iadom")?, self.clerk("vpcp")?);
        let subject = "Về việc báo cáo tình hình chuyển đổi số của xã (dữ liệu mẫu)";
        let id = sender.send("15/UBND-VP", subject, &["G22"], LETTER).await?;
        let arrived = recipient.judged("15/UBND-VP").await?;
        let is_genuine = text(&arrived, "/delivery/verdict") == "TOTAL-PASSED";
        let number = recipient.accept(&text(&arrived, "/delivery/id")).await?;
        let wanted = [
            ("SubmissionAcceptance", "commune"),
            ("RelayAcceptance", "district"),
            ("RelayAcceptance", "province"),
            ("ContentConsignment", "central"),
            ("ConsignmentAcceptance", "central"),
        ];
        let delivery = Clerk::until("all receipts to come back", async || {
            let document = sender.document(&id).await?;
            let delivery = document
                .pointer("/deliveries/0")
                .cloned()
                .unwrap_or_default();
            Ok((receipts(&delivery).len() >= wanted.len()).then_some(delivery))
        })
        .await?;
        let seen = receipts(&delivery);
        let all = wanted.iter().all(|(event, hub)| {
            seen.iter()
                .any(|row| text(row, "/event") == *event && text(row, "/issuer") == *hub)
        });
        let accepted = text(&delivery, "/handling") == "accepted";
        let numbered = text(&delivery, "/arrival_number") == number;
        *first = Some(text(&delivery, "/id"));
        let held = is_genuine && all && accepted && numbered && seen.len() == wanted.len();
        Ok(Found {
            held,
            documents: vec![id],
            receipts: seen.len(),
        })
    }

    /// (b) Province → three recipients on two hubs; the commune's hub is stopped and catches up.
    async fn catch_up(&mut self) -> Result<Found, Fault> {
        if let Some(commune) = self.processes.remove("commune") {
            commune.stop().await?;
        }
        let sender = self.clerk("gialai")?;
        let subject = "Về việc triển khai kế hoạch kiểm tra (dữ liệu mẫu)";
        let recipients = ["H21.36", "H21.36.21", "H21.36.22"];
        let id = sender
            .send("12/QĐ-UBND", subject, &recipients, DECISION)
            .await?;
        let waited = Clerk::until(
            "the district to receive while the commune is away",
            async || {
                let rows = list(&sender.document(&id).await?, "/deliveries");
                let consigned = rows
                    .iter()
                    .filter(|row| text(row, "/transport") == "consigned")
                    .count();
                let relayed = rows
                    .iter()
                    .filter(|row| text(row, "/transport") == "relayed")
                    .count();
                Ok((consigned == 1 && relayed == 2).then_some(true))
            },
        )
        .await?;
        let commune = Process::start(self.network.place("commune")?).await?;
        self.processes.insert("commune", commune);
        for login in ["ducco", "iadom", "iakla"] {
            let clerk = self.clerk(login)?;
            let arrived = clerk.judged("12/QĐ-UBND").await?;
            clerk.accept(&text(&arrived, "/delivery/id")).await?;
        }
        let rows = Clerk::until("three acceptances to come back", async || {
            let rows = list(&sender.document(&id).await?, "/deliveries");
            let accepted = rows
                .iter()
                .filter(|row| text(row, "/handling") == "accepted")
                .count();
            Ok((accepted == 3).then_some(rows))
        })
        .await?;
        let count = rows.iter().map(|row| receipts(row).len()).sum();
        Ok(Found {
            held: waited && rows.len() == 3,
            documents: vec![id],
            receipts: count,
        })
    }

    /// (c) A refusal with its reason, seen by the sender, who also gets a mail.
    async fn refusal(&self) -> Result<Found, Fault> {
        let (sender, recipient) = (self.clerk("ducco")?, self.clerk("sokhcn")?);
        let subject = "Về việc phê duyệt dự toán (dữ liệu mẫu)";
        let id = sender
            .send("07/TTr-UBND", subject, &["H21.9"], SUBMISSION)
            .await?;
        let arrived = recipient.judged("07/TTr-UBND").await?;
        let why = "Thuộc thẩm quyền của Sở Tài chính";
        recipient
            .refuse(&text(&arrived, "/delivery/id"), "RF01", why)
            .await?;
        let delivery = Clerk::until("the refusal to come back", async || {
            let document = sender.document(&id).await?;
            let delivery = document
                .pointer("/deliveries/0")
                .cloned()
                .unwrap_or_default();
            Ok((text(&delivery, "/handling") == "refused").then_some(delivery))
        })
        .await?;
        let told =
            text(&delivery, "/reason/code") == "RF01" && text(&delivery, "/reason/text") == why;
        let mail = self.network.place("district")?.mail.clone();
        let mailed =
            Clerk::until("the mail about the refusal", async || Ok(has_mail(&mail))).await?;
        let count = receipts(&delivery).len();
        Ok(Found {
            held: told && mailed,
            documents: vec![id],
            receipts: count,
        })
    }

    /// (d) Four forged documents from a hub whose keys were stolen, stopped at reception.
    async fn forgeries(&self) -> Result<Found, Fault> {
        let recipient = self.clerk("ducco")?;
        let now = forge::now(self.network);
        let forgeries = tokio::task::spawn_blocking(move || forge::all(now));
        let (mut held, mut documents, mut count) = (true, Vec::new(), 0);
        for forgery in forgeries.await.map_err(Fault::demo)?? {
            forge::hand_over(self.network, &forgery).await?;
            let arrived = recipient.judged(forgery.number).await?;
            let verdict = text(&arrived, "/delivery/verdict");
            let refused = text(&arrived, "/delivery/handling") == "refused";
            let reason = text(&arrived, "/delivery/reason/text");
            held &= refused && verdict != "TOTAL-PASSED" && !reason.is_empty();
            let said = format!(
                "{}: {verdict}, {}",
                forgery.title(self.speech.language),
                text(&arrived, "/delivery/reason/code")
            );
            print::complain(&format!("    {said}: {reason}"));
            let page = recipient.received(&text(&arrived, "/delivery/id")).await?;
            count += list(&page, "/delivery/receipts").len();
            documents.push(text(&arrived, "/document"));
        }
        Ok(Found {
            held: held && documents.len() == 4,
            documents,
            receipts: count,
        })
    }

    /// (e) A captured transfer sent again: the stored receipt comes back byte for byte, and nothing
    /// changes.
    async fn repeat(&self, delivery: Option<&str>) -> Result<Found, Fault> {
        let delivery = delivery.ok_or_else(|| Fault::demo("the first step did not hold"))?;
        let id: DeliveryId = delivery.parse().map_err(Fault::demo)?;
        let config = Config::read(&self.network.place("commune")?.config)?;
        let captured = tokio::task::spawn_blocking(move || {
            app::with_hub(&config, async move |hub| {
                Ok::<_, Fault>(hub.sent_requests(id).await?)
            })
        });
        let captured = captured.await.map_err(Fault::demo)??;
        let (_, _, body) = captured
            .first()
            .ok_or_else(|| Fault::demo("nothing was sent"))?;
        let recipient = self.clerk("vpcp")?;
        let before = recipient.inbox().await?;
        let line = forge::line(self.network, "commune", "district")?;
        let first = line.repeat(body.clone()).await.map_err(Fault::demo)?;
        let second = line.repeat(body.clone()).await.map_err(Fault::demo)?;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let unchanged = recipient.inbox().await? == before;
        let held = first.0 == 200 && first == second && unchanged;
        Ok(Found {
            held,
            documents: vec![delivery.to_owned()],
            receipts: 1,
        })
    }

    /// One-time links for looking around.
    pub(super) fn links(&self) -> Result<Vec<(&'static str, String)>, Fault> {
        let commune = self.network.place("commune")?;
        let to = |login: &str| tokio::task::block_in_place(|| clerk::link(commune, login));
        Ok(vec![
            ("clerk", to("iadom")?),
            ("auditor", to("kiemtra.iadom")?),
            ("verify", format!("http://{}/verify", commune.pages)),
        ])
    }

    /// Stops every hub.
    pub(super) async fn end(self) -> Result<(), Fault> {
        for (_, process) in self.processes {
            process.stop().await?;
        }
        Ok(())
    }
}

fn receipts(delivery: &Value) -> Vec<Value> {
    list(delivery, "/receipts")
}

/// Whether a mail tells of a refusal.
fn has_mail(folder: &std::path::Path) -> Option<bool> {
    let entries = std::fs::read_dir(folder).ok()?;
    let is_refusal = |path: &std::path::Path| {
        std::fs::read_to_string(path).is_ok_and(|mail| mail.contains("refused"))
    };
    let found = entries.flatten().any(|entry| is_refusal(&entry.path()));
    found.then_some(true)
}
