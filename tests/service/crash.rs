//! Hubs are killed at random while documents travel: nothing is lost, nothing arrives twice.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::network::{Network, Person, Record, until};

/// How often a hub is killed.
const KILLS: usize = 30;
/// Pause between documents.
const PACE: Duration = Duration::from_millis(150);

const HUBS: [&str; 4] = ["central", "province", "district", "commune"];

/// A small repeatable source of chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/pdf")
        .join(name)
}

#[test]
fn nothing_is_lost_or_doubled_when_hubs_on_sqlite_are_killed() {
    kill_while_documents_travel(Record::Sqlite);
}

#[test]
fn nothing_is_lost_or_doubled_when_hubs_on_postgresql_are_killed() {
    kill_while_documents_travel(Record::Postgres);
}

fn kill_while_documents_travel(record: Record) {
    let mut network = Network::prepare(record);
    let people = People::of(&network);
    network.start_all();
    let (clerks, over) = (people.clone(), Arc::new(AtomicBool::new(false)));
    let until = Arc::clone(&over);
    let work = std::thread::spawn(move || runtime().block_on(clerks.work(&until)));
    let kills = nemesis(&mut network);
    over.store(true, Ordering::SeqCst);
    let sent = work.join().unwrap();
    let found = runtime().block_on(async {
        people.settle(&sent).await;
        people.count(&sent).await
    });
    // Past the test runner, which keeps the words of a test that passes to itself.
    let _shown = writeln!(
        std::io::stderr(),
        "{record:?}: kills: {kills} acknowledged: {} lost: {} duplicated: {} receipts missing: {}",
        found.acknowledged,
        found.lost,
        found.duplicated,
        found.receipts_missing
    );
    assert!(kills >= KILLS, "only {kills} kills");
    assert!(
        found.acknowledged >= KILLS,
        "only {} deliveries",
        found.acknowledged
    );
    assert_eq!(
        (found.lost, found.duplicated, found.receipts_missing),
        (0, 0, 0)
    );
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Kills hubs at random moments and starts them again, [`KILLS`] times.
#[expect(
    clippy::disallowed_methods,
    reason = "the nemesis strikes at random moments"
)]
fn nemesis(network: &mut Network) -> usize {
    let mut chance = Chance(20_250_630);
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(50 + chance.below(350)));
        let hub = HUBS[usize::try_from(chance.below(4)).unwrap()];
        network.kill(hub);
        std::thread::sleep(Duration::from_millis(chance.below(300)));
        network.start(hub);
    }
    KILLS
}

/// A document handed in: its number, its id, and who must get it.
struct Sent {
    number: String,
    id: String,
    sender: Person,
    recipients: Vec<&'static str>,
}

#[derive(Default, Debug)]
struct Found {
    acknowledged: usize,
    lost: usize,
    duplicated: usize,
    receipts_missing: usize,
}

/// The people of the story.
#[derive(Clone)]
struct People {
    by_agency: BTreeMap<&'static str, Person>,
}

impl People {
    fn of(network: &Network) -> Self {
        let rows = [
            ("commune", "H21.36.21"),
            ("commune", "H21.36.22"),
            ("district", "H21.36"),
            ("province", "H21"),
            ("central", "G22"),
        ];
        let account = |(hub, agency): (&'static str, &'static str)| {
            (agency, network.account(hub, agency, agency))
        };
        Self {
            by_agency: rows.into_iter().map(account).collect(),
        }
    }

    /// Hands in documents one after the other until `over`: a commune's to the centre, and every
    /// third time a province's to three recipients on two hubs.
    async fn work(self, over: &AtomicBool) -> Vec<Sent> {
        let mut sent = Vec::new();
        while !over.load(Ordering::SeqCst) {
            let round = sent.len() + 1;
            sent.push(if round % 3 == 0 {
                let recipients = vec!["H21.36", "H21.36.21", "H21.36.22"];
                let file = "quyet-dinh-libreoffice.pdf";
                self.send("H21", format!("{round}/QĐ-UBND"), recipients, file)
                    .await
            } else {
                let file = "cong-van-libreoffice.pdf";
                self.send("H21.36.21", format!("{round}/UBND-VP"), vec!["G22"], file)
                    .await
            });
            tokio::time::sleep(PACE).await;
        }
        sent
    }

    async fn send(
        &self,
        from: &'static str,
        number: String,
        recipients: Vec<&'static str>,
        file: &str,
    ) -> Sent {
        let sender = self.by_agency[from].clone();
        let id = sender.send(&number, &recipients, &fixture(file)).await;
        Sent {
            number,
            id,
            sender,
            recipients,
        }
    }

    /// Accepts everything that must arrive and waits until the senders know.
    async fn settle(&self, sent: &[Sent]) {
        for one in sent {
            for agency in &one.recipients {
                let person = &self.by_agency[agency];
                let what = format!("{} at {agency}", one.number);
                let row = until(&what, async || {
                    let rows = person.inbox().await?;
                    rows.into_iter().find(|row| {
                        bears(row, &one.number) && !row["delivery"]["verdict"].is_null()
                    })
                });
                let delivery = row.await["delivery"]["id"].as_str().unwrap().to_owned();
                person.accept(&delivery).await;
            }
            until(
                &format!("{} to be reported accepted", one.number),
                async || {
                    let document = one.sender.document(&one.id).await?;
                    let rows = document["deliveries"].as_array()?;
                    let all = rows.len() == one.recipients.len()
                        && rows
                            .iter()
                            .all(|row| row["handling"] == "accepted" && has_all(row));
                    all.then_some(())
                },
            )
            .await;
        }
    }

    /// Counts what the recipients hold and what the senders can prove.
    async fn count(&self, sent: &[Sent]) -> Found {
        let mut found = Found::default();
        for one in sent {
            for agency in &one.recipients {
                let rows = self.by_agency[agency].inbox().await.unwrap();
                let copies = rows.iter().filter(|row| bears(row, &one.number)).count();
                found.acknowledged += 1;
                found.lost += usize::from(copies == 0);
                found.duplicated += copies.saturating_sub(1);
            }
            let document = one.sender.document(&one.id).await.unwrap();
            let rows = document["deliveries"].as_array().unwrap();
            found.receipts_missing += rows.iter().filter(|row| !has_all(row)).count();
            found.duplicated += rows.len().saturating_sub(one.recipients.len());
        }
        found
    }
}

/// Numbers below ten are written with a zero.
fn bears(row: &Value, number: &str) -> bool {
    row["number"].as_str().unwrap().trim_start_matches('0') == number
}

/// Submission, consignment and acceptance exactly once, and a relay for each hub between.
fn has_all(delivery: &Value) -> bool {
    let receipts = delivery["receipts"].as_array().unwrap();
    let count = |event: &str| receipts.iter().filter(|row| row["event"] == event).count();
    let issuers: std::collections::BTreeSet<_> = receipts
        .iter()
        .map(|row| (row["event"].to_string(), row["issuer"].to_string()))
        .collect();
    issuers.len() == receipts.len()
        && count("SubmissionAcceptance") == 1
        && count("ContentConsignment") == 1
        && count("ConsignmentAcceptance") == 1
}
