//! A hub in this process, without a network: its outbox runs only while a test lets it.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lienthong::config::intake::Intake;
use lienthong::config::{KeyKind, Outbox, Retry};
use lienthong::domain::agency::AgencyCode;
use lienthong::domain::digest::Sha256;
use lienthong::domain::document::{Content, Urgency};
use lienthong::domain::ids::{DeliveryId, DocumentId, RandomIds};
use lienthong::domain::routing::HubId;
use lienthong::exchange::compose::Draft;
use lienthong::exchange::inquiry::{DeliveryPage, DocumentPage, IncomingPage};
use lienthong::exchange::intake::Answer;
use lienthong::exchange::people::Person;
use lienthong::exchange::registry::{Known, Rules};
use lienthong::exchange::{self, AgencyKey, Error, Hub, Parts};
use lienthong::jail::Jail;
use lienthong::notify::{Recording, Transport};
use lienthong::pades::RevocationAge;
use lienthong::pki::trust::TrustEvidence;
use lienthong::store::Engine;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::clock::HandClock;
use super::database::Database;
use super::paper::Paper;
use super::registry::{self, AGENCIES, certs_bytes};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// How long work may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A hub and everything around it.
pub(crate) struct TestHub {
    pub(crate) hub: Hub,
    pub(crate) clock: Arc<HandClock>,
    /// Name of the threads it works on.
    #[cfg(feature = "failpoints")]
    pub(crate) place: String,
    runtime: Runtime,
    // The last to go: everything above may still use it.
    pub(crate) database: Database,
}

/// What verdicts rely on: the roots and issuing CAs of `certs-test`, with revocation lists or not.
pub(crate) fn trust(has_lists: bool) -> TrustEvidence {
    let mut trust = TrustEvidence::default();
    for file in ["trust/root.crt", "ca/agencies.crt", "ca/persons.crt"] {
        trust.add_trust(&certs_bytes(file)).unwrap();
    }
    for file in ["root", "agencies", "persons"].iter().filter(|_| has_lists) {
        trust
            .add_revocation(&certs_bytes(&format!("crl/{file}.crl")))
            .unwrap();
    }
    trust
}

fn keys(hub: &str) -> Vec<AgencyKey> {
    let own = AGENCIES.iter().filter(|row| row.hub == hub);
    let pair = |row: &registry::Row| {
        [KeyKind::Person, KeyKind::Agency].map(|kind| AgencyKey {
            agency: AgencyCode::parse(row.code).unwrap(),
            kind,
            holder: (kind == KeyKind::Person).then(|| format!("Lãnh đạo {}", row.slug)),
            key: registry::key(row.slug, kind == KeyKind::Person),
            image: None,
        })
    };
    own.flat_map(pair).collect()
}

/// The parts of the hub `name` with this record.
pub(crate) fn parts(name: &str, database: &Database, clock: Arc<HandClock>) -> Parts {
    Parts {
        id: registry::hub(name),
        calendars: lienthong::config::calendar::read(None).unwrap(),
        store: database.store(),
        registry: Known::unsigned(registry::DIRECTORY.clone()),
        registry_rules: Rules::default(),
        clock,
        ids: Arc::new(RandomIds),
        receipt_key: registry::hub_key(name),
        keys: keys(name),
        trust: trust(true),
        // The lists of the test PKI are years old and good for decades.
        revocation: RevocationAge::NextUpdate,
        jail: Jail::of_program(Path::new(env!("CARGO_BIN_EXE_lienthong"))),
        lines: Box::new(|_| Ok(None)),
        mail: Some(Transport::Recording(Recording::default())),
        mail_from: "Liên thông <lienthong@thu-nghiem.invalid>".to_owned(),
        public_url: "http://127.0.0.1:1".to_owned(),
        retry: Retry {
            waits_ms: vec![1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000],
            give_up_seconds: 3_600,
            give_up_urgent_seconds: 1_800,
            decide_seconds: 0,
            lease_seconds: 60,
        },
        outbox: Outbox::default(),
        largest_bytes: 10 * 1024 * 1024,
        intake: Intake::default(),
    }
}

impl TestHub {
    /// The hub `name` of the sample network.
    pub(crate) fn new(name: &str, engine: Engine) -> Self {
        Self::with(name, engine, |_| {})
    }

    /// The hub `name`, its parts changed by `change`.
    pub(crate) fn with(name: &str, engine: Engine, change: impl FnOnce(&mut Parts)) -> Self {
        let clock = Arc::new(HandClock::new());
        Self::over(name, Database::fresh(engine), clock, change)
    }

    /// The same hub after a restart, its parts changed by `change`.
    pub(crate) fn again(self, change: impl FnOnce(&mut Parts)) -> Self {
        let name = self.hub.id().to_string();
        let Self {
            hub,
            clock,
            runtime,
            database,
            ..
        } = self;
        drop((hub, runtime));
        Self::over(&name, database, clock, change)
    }

    fn over(
        name: &str,
        database: Database,
        clock: Arc<HandClock>,
        change: impl FnOnce(&mut Parts),
    ) -> Self {
        let mut parts = parts(name, &database, Arc::clone(&clock));
        change(&mut parts);
        let place = format!("hub-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(&place)
            .enable_all()
            .build()
            .unwrap();
        Self {
            hub: Hub::new(parts).unwrap(),
            clock,
            #[cfg(feature = "failpoints")]
            place,
            runtime,
            database,
        }
    }

    /// Runs something of the hub to its end.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Another process of the same hub: the same record, the same clock.
    pub(crate) fn twin(&self) -> Hub {
        let name = self.hub.id().as_str().to_owned();
        Hub::new(parts(&name, &self.database, Arc::clone(&self.clock))).unwrap()
    }

    /// Stores bytes as the doors do.
    pub(crate) fn upload(&self, bytes: &[u8]) -> Content {
        let mut incoming = self.hub.begin_bytes().unwrap();
        incoming.push(bytes).unwrap();
        self.run(incoming.finish(Some(Sha256::of(bytes)))).unwrap()
    }

    /// What a clerk hands in, its bytes stored already.
    pub(crate) fn draft(&self, paper: &Paper) -> Draft {
        Draft {
            key: paper.key.clone(),
            number: paper.number.clone(),
            issued_on: paper.issued_on,
            type_name: "Công văn".to_owned(),
            subject: paper.subject.clone(),
            urgency: Urgency::Normal,
            file_name: "cong-van.pdf".to_owned(),
            content: self.upload(&paper.bytes),
            recipients: paper.to.clone(),
            signer: paper.signer.clone(),
        }
    }

    /// A clerk of the agency hands in a document.
    pub(crate) fn compose(&self, paper: &Paper) -> Result<DocumentId, Error> {
        self.clock.pass_seconds(1);
        let draft = self.draft(paper);
        self.run(self.hub.compose(&clerk(&paper.from), draft))
    }

    /// Hands a document in and works until nothing is left to do.
    pub(crate) fn send(&self, paper: &Paper) -> DocumentId {
        let id = self.compose(paper).unwrap();
        self.settle();
        id
    }

    /// Works until no job is due. A job whose worker died is left to its lease.
    pub(crate) fn settle(&self) {
        while self.due() > 0 {
            let (stop, stopping) = watch::channel(false);
            let worker = self
                .runtime
                .spawn(exchange::work(self.hub.clone(), stopping));
            self.until("the due jobs to be taken", || {
                (self.due() == 0).then_some(())
            });
            stop.send(true).unwrap();
            self.run(worker).unwrap();
        }
    }

    /// Works until `look` sees something.
    pub(crate) fn work_until<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        let (stop, stopping) = watch::channel(false);
        let worker = self
            .runtime
            .spawn(exchange::work(self.hub.clone(), stopping));
        let found = self.until(what, look);
        stop.send(true).unwrap();
        self.run(worker).unwrap();
        found
    }

    /// Jobs that are due and not in the hands of a worker.
    pub(crate) fn due(&self) -> i64 {
        let now = self.hub.now().as_microsecond();
        self.database
            .count(&format!("jobs WHERE state = 'ready' AND due_at <= {now} AND (lease_until IS NULL OR lease_until < \
             {now})"))
    }

    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
            self.run(async { tokio::time::sleep(Duration::from_millis(5)).await });
        }
    }

    /// A document as its sender sees it.
    pub(crate) fn sent(&self, from: &str, id: DocumentId) -> DocumentPage {
        self.run(self.hub.sent_document(&clerk(from), id)).unwrap()
    }

    /// The one delivery of a document as its sender sees it.
    pub(crate) fn delivery(&self, from: &str, id: DocumentId) -> DeliveryPage {
        let mut deliveries = self.sent(from, id).deliveries;
        assert_eq!(deliveries.len(), 1);
        deliveries.remove(0)
    }

    /// The newest incoming document of an agency.
    pub(crate) fn arrived(&self, code: &str) -> IncomingPage {
        let rows = self.run(self.hub.incoming(&clerk(code), None)).unwrap();
        let id = rows.first().expect("something arrived").delivery.id;
        self.received(code, id)
    }

    /// An incoming document of an agency.
    pub(crate) fn received(&self, code: &str, id: DeliveryId) -> IncomingPage {
        self.run(self.hub.received_document(&clerk(code), id))
            .unwrap()
    }

    /// The neighbour `from` hands over a document.
    pub(crate) fn take_over(&self, from: &str, body: &[u8]) -> Result<Answer, Error> {
        let from: HubId = registry::hub(from);
        self.run(self.hub.take_over(from, body.to_vec(), None))
    }

    /// The neighbour `from` hands back a receipt.
    pub(crate) fn take_back(&self, from: &str, body: &[u8]) -> Result<Answer, Error> {
        let from: HubId = registry::hub(from);
        self.run(self.hub.take_back(from, body.to_vec()))
    }
}

fn person(code: &str, is_clerk: bool) -> Person {
    Person {
        login: format!("{code}-{is_clerk}"),
        name: format!("Văn thư {code}"),
        agency: AgencyCode::parse(code).unwrap(),
        is_clerk,
    }
}

/// A clerk of an agency.
pub(crate) fn clerk(code: &str) -> Person {
    person(code, true)
}

/// An auditor of an agency.
pub(crate) fn auditor(code: &str) -> Person {
    person(code, false)
}
