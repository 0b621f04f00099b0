//! People at work: they hand in, open, accept and refuse, write down each attempt, and repeat what
//! got no answer with the same key until they know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lienthong::net::{Answer, Upload};
use openssl::sha::sha256;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::history::{Act, Event, History};
use crate::network::{Network, Person};
use crate::town::{AGENCIES, host};

/// How long a person waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a person repeats one request before the run is given up.
const STUBBORNNESS: Duration = Duration::from_secs(180);
/// Documents under way at once; more would only queue.
const UNDER_WAY: usize = 24;

/// A document that was handed in.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) op: u64,
    pub(crate) act: Act,
    pub(crate) document: String,
}

/// Everybody with an account.
pub(crate) struct Clerks {
    people: BTreeMap<&'static str, Person>,
    history: Arc<History>,
    operations: AtomicU64,
    under_way: AtomicUsize,
    /// Nothing new is handed in any more.
    pub(crate) over: AtomicBool,
    /// Nothing is decided any more either.
    pub(crate) home: AtomicBool,
    sent: Mutex<Vec<Sent>>,
    letters: [Vec<u8>; 2],
    seed: u64,
}

impl Clerks {
    /// Opens an account for a clerk of each of these agencies.
    pub(crate) fn hired(
        network: &Network,
        agencies: &[(&'static str, &'static str)],
        (seed, history): (u64, &Arc<History>),
    ) -> Arc<Self> {
        let account = |(agency, hub): &(&'static str, &'static str)| {
            (*agency, network.account(hub, agency, agency))
        };
        let letter = |name: &str| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pdf");
            std::fs::read(folder.join(name)).unwrap()
        };
        Arc::new(Self {
            people: agencies.iter().map(account).collect(),
            history: Arc::clone(history),
            operations: AtomicU64::new(0),
            under_way: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            home: AtomicBool::new(false),
            sent: Mutex::default(),
            letters: ["cong-van-libreoffice.pdf", "quyet-dinh-libreoffice.pdf"].map(letter),
            seed,
        })
    }

    /// The documents handed in so far.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Works until [`Clerks::home`].
    pub(crate) async fn work(self: Arc<Self>) {
        let mut tasks = tokio::task::JoinSet::new();
        for agency in self.people.keys().copied() {
            tasks.spawn(Arc::clone(&self).write_letters(agency));
            tasks.spawn(Arc::clone(&self).read_letters(agency));
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    }

    async fn write_letters(self: Arc<Self>, agency: &'static str) {
        let mut chance = Chance::of(self.seed, &format!("letters of {agency}"));
        let mut round = 0;
        while !self.over.load(Ordering::SeqCst) {
            tokio::time::sleep(chance.pause(50, 900)).await;
            self.look_back(agency, &mut chance).await;
            if self.under_way.load(Ordering::SeqCst) >= UNDER_WAY {
                continue;
            }
            round += 1;
            let others: Vec<&str> = AGENCIES
                .iter()
                .map(|(code, _)| *code)
                .filter(|code| *code != agency)
                .collect();
            let count = if chance.below(5) == 0 { 3 } else { 1 };
            let chosen: BTreeSet<&str> = (0..count).map(|_| chance.one(&others)).collect();
            let recipients: Vec<&str> = chosen.into_iter().collect();
            self.send(agency, &format!("{round}/UBND-VP"), &recipients)
                .await;
        }
    }

    /// Hands in a document until the hub has answered; gives its id.
    pub(crate) async fn send(&self, agency: &str, number: &str, recipients: &[&str]) -> String {
        let bytes = self.letter(agency, number);
        let act = Act::Send {
            agency: agency.to_owned(),
            key: format!("{agency} {number}").replace(' ', "-"),
            number: number.to_owned(),
            recipients: recipients.iter().map(|code| (*code).to_owned()).collect(),
            sha256: hex::encode(sha256(&bytes)),
            size_bytes: bytes.len(),
        };
        let op = self.operations.fetch_add(1, Ordering::SeqCst);
        self.under_way.fetch_add(recipients.len(), Ordering::SeqCst);
        let document = self.resolve(op, &act).await;
        if let Some(document) = &document {
            let document = document.clone();
            let mut sent = self.sent.lock().unwrap();
            sent.push(Sent { op, act, document });
        }
        document.unwrap_or_default()
    }

    /// A letter like no other: a comment before its cross-reference table makes its bytes its own, and
    /// every fourth one large enough to be cut in the middle.
    fn letter(&self, agency: &str, number: &str) -> Vec<u8> {
        let name = sha256(format!("{agency} {number}").as_bytes());
        let letter = &self.letters[usize::from(name[0] % 2)];
        let filling = if name[1].is_multiple_of(4) {
            200_000
        } else {
            10
        };
        let comment = format!("%{} {}\n", hex::encode(name), "x".repeat(filling));
        let end = letter
            .windows(9)
            .rposition(|window| window == b"startxref")
            .unwrap();
        let told = std::str::from_utf8(&letter[end + 9..]).unwrap();
        let table: usize = told.split_whitespace().next().unwrap().parse().unwrap();
        let told = format!("startxref\n{}\n%%EOF\n", table + comment.len());
        let pieces = [
            &letter[..table],
            comment.as_bytes(),
            &letter[table..end],
            told.as_bytes(),
        ];
        pieces.concat()
    }

    /// Makes the request until the hub has answered it one way or the other.
    pub(crate) async fn resolve(&self, op: u64, act: &Act) -> Option<String> {
        let began = Instant::now();
        loop {
            self.history.note(Event::Invoke {
                op,
                act: act.clone(),
            });
            let event = match tokio::time::timeout(PATIENCE, self.ask(act)).await {
                Err(_) => Event::Unknown {
                    op,
                    why: "no answer in time".to_owned(),
                },
                Ok(Err(why)) => Event::Unknown { op, why },
                Ok(Ok(answer)) => told(op, act, &answer),
            };
            self.history.note(event.clone());
            match event {
                Event::Done { outcome, .. } => return Some(outcome),
                Event::Refused { .. } => return None,
                _ => {}
            }
            if began.elapsed() > STUBBORNNESS {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }

    async fn ask(&self, act: &Act) -> Result<Answer, String> {
        let lost = |fault: lienthong::net::Error| fault.to_string();
        match act {
            Act::Send {
                agency,
                key,
                number,
                recipients,
                ..
            } => {
                let metadata = json!({
                    "number": number, "type": "Công văn", "subject": format!("Về việc {number}"),
                    "recipients": recipients,
                });
                let upload = Upload {
                    name: "van-ban.pdf".to_owned(),
                    bytes: self.letter(agency, number),
                };
                let client = &self.person(agency).client;
                let asked = client.post_file("/api/v1/documents", key, &metadata, upload);
                asked.await.map_err(lost)
            }
            Act::Open { agency, delivery } => {
                let path = format!("/api/v1/inbox/{delivery}");
                self.person(agency).client.get(&path).await.map_err(lost)
            }
            Act::Accept { agency, delivery } => {
                let path = format!("/api/v1/inbox/{delivery}/accept");
                let (client, body) = (&self.person(agency).client, json!({}));
                let asked = client.post_json(&path, &path, &body);
                asked.await.map_err(lost)
            }
            Act::Refuse { agency, delivery } => {
                let path = format!("/api/v1/inbox/{delivery}/refuse");
                let body = json!({"code": "RF01", "text": "Gửi nhầm"});
                let asked = self.person(agency).client.post_json(&path, &path, &body);
                asked.await.map_err(lost)
            }
        }
    }

    fn person(&self, agency: &str) -> &Person {
        &self.people[agency]
    }

    async fn read_letters(self: Arc<Self>, agency: &'static str) {
        let mut decided = BTreeSet::new();
        while !self.home.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(400)).await;
            for row in self.inbox(agency).await {
                let delivery = text(&row["delivery"]["id"]);
                let is_open = row["delivery"]["handling"] == "arrived"
                    && !row["delivery"]["verdict"].is_null();
                if is_open && decided.insert(delivery.clone()) {
                    self.decide(agency, &delivery).await;
                    self.under_way.fetch_sub(1, Ordering::SeqCst);
                }
            }
        }
    }

    async fn inbox(&self, agency: &str) -> Vec<Value> {
        let found = self.get(agency, "/api/v1/inbox").await;
        let rows = found.and_then(|body| body["data"].as_array().cloned());
        rows.unwrap_or_default()
    }

    /// Opens it, then accepts it; every sixth one is refused.
    async fn decide(&self, agency: &str, delivery: &str) {
        let next = || self.operations.fetch_add(1, Ordering::SeqCst);
        let about = || (agency.to_owned(), delivery.to_owned());
        let (agency, delivery) = about();
        self.resolve(next(), &Act::Open { agency, delivery }).await;
        let (agency, delivery) = about();
        let act = if sha256(delivery.as_bytes())[0].is_multiple_of(6) {
            Act::Refuse { agency, delivery }
        } else {
            Act::Accept { agency, delivery }
        };
        self.resolve(next(), &act).await;
    }

    /// Asks after one of the letters sent before and writes down how far it is said to be.
    async fn look_back(&self, agency: &str, chance: &mut Chance) {
        let own: Vec<Sent> = self
            .sent()
            .into_iter()
            .filter(|sent| sender(&sent.act) == agency)
            .collect();
        if own.is_empty() {
            return;
        }
        let count = u64::try_from(own.len()).unwrap();
        let sent = &own[usize::try_from(chance.below(count)).unwrap()];
        self.status(sent).await;
    }

    /// How the deliveries of a document are said to stand; written down.
    pub(crate) async fn status(&self, sent: &Sent) -> Vec<Value> {
        let agency = sender(&sent.act);
        let path = format!("/api/v1/documents/{}", sent.document);
        let found = self.get(agency, &path).await;
        let rows = found.and_then(|body| body["deliveries"].as_array().cloned());
        for row in rows.iter().flatten() {
            self.history.note(Event::Seen {
                hub: host(agency).to_owned(),
                delivery: text(&row["id"]),
                transport: text(&row["transport"]),
                handling: text(&row["handling"]),
            });
        }
        rows.unwrap_or_default()
    }

    /// Asks for a receipt and writes down what the API gave out.
    pub(crate) async fn receipt(&self, agency: &str, id: &str) {
        let Some(body) = self.get(agency, &format!("/api/v1/receipts/{id}")).await else {
            return;
        };
        let digest = |field: &str| {
            let bytes = BASE64.decode(text(&body[field])).unwrap();
            hex::encode(sha256(&bytes))
        };
        self.history.note(Event::Receipt {
            hub: host(agency).to_owned(),
            id: id.to_owned(),
            statement_sha256: digest("statement"),
            signature_sha256: digest("signature"),
        });
    }

    async fn get(&self, agency: &str, path: &str) -> Option<Value> {
        let asked = self.person(agency).client.get(path);
        let answer = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
        (answer.status == 200).then(|| serde_json::from_slice(&answer.body).unwrap())
    }
}

/// The agency that handed it in.
pub(crate) fn sender(act: &Act) -> &str {
    match act {
        Act::Send { agency, .. }
        | Act::Open { agency, .. }
        | Act::Accept { agency, .. }
        | Act::Refuse { agency, .. } => agency,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What an answer means for the operation.
fn told(op: u64, act: &Act, answer: &Answer) -> Event {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match answer.status {
        200..300 => {
            let outcome = match act {
                Act::Send { .. } => text(&body["id"]),
                Act::Open { .. } => String::new(),
                Act::Accept { .. } => text(&body["arrival_number"]),
                Act::Refuse { .. } => text(&body["handling"]),
            };
            Event::Done { op, outcome }
        }
        408 | 429 | 500.. => Event::Unknown {
            op,
            why: format!("{} {}", answer.status, text(&body["code"])),
        },
        status => Event::Refused {
            op,
            why: format!("{status} {body}"),
        },
    }
}
