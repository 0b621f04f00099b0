//! One run: a network is prepared, people work while it is harmed, everything heals and settles, and
//! the checker looks at what is left.

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::checker::{self, Figures, Violation, World};
use crate::clerks::{Clerks, Sent, sender};
use crate::history::History;
use crate::nemesis::wait;
use crate::network::Network;
use crate::process::HubProcess;
use crate::proxy::Lines;
use crate::town::{AGENCIES, HUBS, Mix};

/// How long everything may take to settle once nothing is harmed any more.
const SETTLING: Duration = Duration::from_secs(150);

/// Violations of one law that are shown.
const SHOWN: usize = 3;

/// One network at a time: two on the same cores would only wait for each other.
static TURN: Mutex<()> = Mutex::new(());

/// A network with its people and its lines.
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) lines: Arc<Lines>,
    pub(crate) clerks: Arc<Clerks>,
    pub(crate) history: Arc<History>,
    pub(crate) seed: u64,
    network: Network,
    folder: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Run {
    /// Prepares a network with a clerk in every agency; nothing runs yet.
    pub(crate) fn prepare(name: &str, mix: Mix) -> Self {
        Self::prepare_for(name, mix, &AGENCIES)
    }

    /// The same with clerks in some agencies only.
    pub(crate) fn prepare_for(
        name: &str,
        mix: Mix,
        agencies: &[(&'static str, &'static str)],
    ) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = seed();
        say(&format!("{name}: seed {seed} (LIENTHONG_CHAOS_SEED)"));
        let folder = tempfile::tempdir().unwrap();
        let history = Arc::new(History::begin(&folder.path().join("history.jsonl")));
        let network = Network::prepare_on(&|hub| mix.is_on_server(hub));
        let lines = Arc::new(Lines::between(&network, seed, &history));
        let clerks = Clerks::hired(&network, agencies, (seed, &history));
        Self {
            name: name.to_owned(),
            lines,
            clerks,
            history,
            seed,
            network,
            folder,
            _turn: turn,
        }
    }

    /// The process of a hub, not running.
    pub(crate) fn hub(&self, id: &str) -> HubProcess {
        HubProcess::new(id, &self.network.nodes[id], &self.history)
    }

    /// The processes of all hubs, none running.
    pub(crate) fn hubs(&self) -> Vec<HubProcess> {
        HUBS.iter().map(|id| self.hub(id)).collect()
    }

    /// People begin to work, on a thread of their own.
    pub(crate) fn work(&self) -> JoinHandle<()> {
        let clerks = Arc::clone(&self.clerks);
        std::thread::spawn(move || runtime().block_on(clerks.work()))
    }

    /// Nothing new is handed in; waits until everything under way has ended, or long enough.
    pub(crate) fn settle(&self, work: JoinHandle<()>) {
        self.lines.heal();
        self.clerks.over.store(true, Ordering::SeqCst);
        let clerks = Arc::clone(&self.clerks);
        runtime().block_on(async {
            let began = Instant::now();
            for sent in &clerks.sent() {
                while !is_settled(&clerks, sent).await && began.elapsed() < SETTLING {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        });
        self.clerks.home.store(true, Ordering::SeqCst);
        work.join().unwrap();
        // Those who wrote until the last moment.
        runtime().block_on(async {
            let began = Instant::now();
            for sent in &clerks.sent() {
                while !is_settled(&clerks, sent).await && began.elapsed() < SETTLING / 5 {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            self.ask_again().await;
        });
    }

    /// Some requests are made once more, and some receipts are asked for twice.
    async fn ask_again(&self) {
        for sent in self.clerks.sent().iter().step_by(7) {
            self.clerks.resolve(sent.op, &sent.act).await;
            for row in self.clerks.status(sent).await {
                for receipt in row["receipts"].as_array().into_iter().flatten() {
                    let id = receipt["id"].as_str().unwrap_or_default();
                    self.clerks.receipt(sender(&sent.act), id).await;
                    self.clerks.receipt(sender(&sent.act), id).await;
                }
            }
        }
    }

    /// Waits until the outboxes are empty, ends the hubs, starts them once more and ends them; gives
    /// everything they left.
    fn left(&self, hubs: &mut [HubProcess]) -> World {
        let seen = |hub: &HubProcess| {
            let node = &self.network.nodes[&hub.id];
            (hub.id.clone(), checker::observe(node))
        };
        let began = Instant::now();
        let is_idle = |hubs: &[HubProcess]| {
            let jobs = |hub: &HubProcess| seen(hub).1.rows("jobs").is_empty();
            hubs.iter().all(jobs)
        };
        while !is_idle(hubs) && began.elapsed() < SETTLING / 5 {
            wait(Duration::from_millis(500));
        }
        hubs.iter_mut().for_each(|hub| {
            hub.stop();
            hub.forget();
        });
        let first = hubs.iter().map(seen).collect();
        hubs.iter_mut().for_each(HubProcess::start);
        wait(Duration::from_secs(2));
        hubs.iter_mut().for_each(HubProcess::stop);
        World {
            history: self.history.read(),
            hubs: first,
            restarted: hubs.iter().map(seen).collect(),
        }
    }

    /// What the checker finds once everything has settled; says the figures. Where something is
    /// found, the history is kept.
    pub(crate) fn judge(self, hubs: Vec<HubProcess>) -> (Figures, Vec<Violation>) {
        let (figures, found, folder) = self.found(hubs);
        if !found.is_empty() {
            say(&format!("the history is in {}", folder.keep().display()));
        }
        (figures, found)
    }

    /// The same for a run in which something is expected to be found.
    #[cfg(feature = "failpoints")]
    pub(crate) fn judge_as_is(self, hubs: Vec<HubProcess>) -> Vec<Violation> {
        self.found(hubs).1
    }

    /// Takes away every key and unique constraint of a table of a hub on the test server.
    #[cfg(feature = "failpoints")]
    pub(crate) fn drop_keys(&self, hub: &str, table: &str) {
        checker::drop_keys(&self.network.nodes[hub], table);
    }

    fn found(self, mut hubs: Vec<HubProcess>) -> (Figures, Vec<Violation>, tempfile::TempDir) {
        let world = self.left(&mut hubs);
        let keys = self.network.nodes["central"].config.clone();
        let keys = keys.parent().unwrap().parent().unwrap().join("keys");
        let verify = |statement: &[u8], signature: &[u8], issuer: &str| {
            checker::openssl_says(&keys, (statement, signature, issuer))
        };
        let found = checker::violations(&world, &verify);
        let figures = Figures::of(&world.history, &found);
        say(&format!("{}: {figures}", self.name));
        (figures, found, self.folder)
    }
}

/// Whether the sender knows how every delivery of a document ended.
async fn is_settled(clerks: &Clerks, sent: &Sent) -> bool {
    let rows = clerks.status(sent).await;
    let is_decided =
        |row: &serde_json::Value| matches!(row["handling"].as_str(), Some("accepted" | "refused"));
    !rows.is_empty() && rows.iter().all(is_decided)
}

/// A run without a violation; the first few of each law that is broken are shown.
pub(crate) fn assert_sound(name: &str, found: &[Violation]) {
    let mut shown = Vec::new();
    for one in found {
        let same = |other: &&Violation| other.law == one.law && *other < one;
        if found.iter().filter(same).count() < SHOWN {
            shown.push(one.to_string().chars().take(1500).collect::<String>());
        }
    }
    assert!(
        found.is_empty(),
        "{name}: {} violations\n{}",
        found.len(),
        shown.join("\n")
    );
}

/// Says something past the test runner, which keeps the words of a test that passes to itself.
pub(crate) fn say(words: &str) {
    let _shown = writeln!(std::io::stderr(), "{words}");
}

/// The seed of this process's runs.
fn seed() -> u64 {
    variable("LIENTHONG_CHAOS_SEED").unwrap_or_else(|| crate::history::now() % 1_000_000_000)
}

/// A number from the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "who runs the tests says how long and with which seed"
)]
pub(crate) fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
    )
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}
