//! Rows and bytes: what is unique stays unique, a rank never falls, bytes come before rows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;

use lienthong::domain::change::Standing;
use lienthong::domain::clock::{Timestamp, vietnam_date};
use lienthong::domain::delivery::{HandlingState, Role, TransportState};
use lienthong::domain::digest::Sha256;
use lienthong::domain::document::{Header, Urgency};
use lienthong::domain::ids::{DeliveryId, DocumentId, RandomIds};
use lienthong::domain::lane::{Lane, Target};
use lienthong::domain::number::DocumentNumber;
use lienthong::domain::{agency::AgencyCode, receipt::Party};
use lienthong::store::rows::deliveries::{self, Delivery};
use lienthong::store::rows::documents::{self, Document, Stage};
use lienthong::store::rows::jobs::{self, Kind, New};
use lienthong::store::{Engine, Error, Store};

use crate::world::clock::MORNING;
use crate::world::database::Database;
use crate::world::on_both_databases;
use crate::world::parcel::content;
use crate::world::registry;

fn morning() -> Timestamp {
    MORNING.parse().unwrap()
}

fn write<T>(
    store: &Store,
    work: impl FnOnce(&mut lienthong::store::Tx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    store.write(work)
}

/// A registered document.
fn document(sender: &str, number: &str, day: &str) -> Document {
    Document {
        header: Header {
            id: DocumentId::fresh(&RandomIds, morning()),
            sender: AgencyCode::parse(sender).unwrap(),
            number: DocumentNumber::parse(number).unwrap(),
            issued_on: day.parse().unwrap(),
            type_name: "Công văn".to_owned(),
            subject: "Về việc".to_owned(),
            urgency: Urgency::Normal,
            file_name: "a.pdf".to_owned(),
        },
        signer: None,
        original: Some(content(b"original")),
        sealed: None,
        stage: Stage::Registered,
        origin: registry::hub("commune"),
        created_by: "user:x".to_owned(),
        created_at: morning(),
    }
}

/// Records the document and takes its number.
fn take(store: &Store, document: &Document) -> Result<(), Error> {
    write(store, |tx| {
        documents::insert(tx, document)?;
        documents::take_number(tx, &document.header)
    })
}

fn delivery(document: &Document) -> Delivery {
    let party = |code: &str| Party {
        code: code.to_owned(),
        name: code.to_owned(),
    };
    Delivery {
        id: DeliveryId::fresh(&RandomIds, morning()),
        role: Role::Origin,
        document: document.header.id,
        sender: party("H21.36.21"),
        recipient: party("G22"),
        envelope: b"{}".to_vec(),
        path: vec![registry::hub("commune")],
        previous: None,
        next: Some(registry::hub("district")),
        transport: TransportState::Queued,
        handling: HandlingState::Sent,
        reason: None,
        arrival_number: None,
        verdict: None,
        created_at: morning(),
        updated_at: morning(),
        standing: Standing::InForce,
    }
}

fn a_number_is_given_once_in_the_year_of_an_agency(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let day = vietnam_date(morning()).to_string();
    take(&store, &document("H21.36.21", "15/UBND-VP", &day)).unwrap();
    let again = take(&store, &document("H21.36.21", "15/UBND-VP", &day));
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    assert_eq!(database.count("documents"), 1);
}

fn the_same_number_is_free_for_others(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    take(&store, &document("H21.36.21", "15/UBND-VP", "2025-06-30")).unwrap();
    take(&store, &document("H21.36.21", "15/UBND-VP", "2024-06-30")).unwrap();
    take(&store, &document("H21.36.21", "15/QĐ-UBND", "2025-06-30")).unwrap();
    take(&store, &document("H21.36.22", "15/UBND-VP", "2025-06-30")).unwrap();
    assert_eq!(database.count("issued_numbers"), 4);
}

fn a_unique_violation_is_a_conflict(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let one = document("H21.36.21", "15/UBND-VP", "2025-06-30");
    write(&store, |tx| documents::insert(tx, &one)).unwrap();
    let again = write(&store, |tx| documents::insert(tx, &one));
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
}

fn a_rank_is_never_lowered(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let document = document("H21.36.21", "15/UBND-VP", "2025-06-30");
    let mut delivery = delivery(&document);
    delivery.transport = TransportState::Consigned;
    write(&store, |tx| {
        documents::insert(tx, &document)?;
        deliveries::insert(tx, &delivery)
    })
    .unwrap();
    delivery.transport = TransportState::Relayed { hop: 2 };
    let lowered = write(&store, |tx| deliveries::update(tx, &delivery));
    assert!(
        matches!(lowered, Err(Error::RowCount { found: 0, .. })),
        "{lowered:?}"
    );
    assert_eq!(database.count("deliveries WHERE transport_rank = 400"), 1);
}

fn a_delivery_reads_back_as_it_was(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let document = document("H21.36.21", "15/UBND-VP", "2025-06-30");
    let delivery = delivery(&document);
    let read = write(&store, |tx| {
        documents::insert(tx, &document)?;
        deliveries::insert(tx, &delivery)?;
        deliveries::find(tx, delivery.id, Role::Origin)
    });
    assert_eq!(
        format!("{:?}", read.unwrap().unwrap()),
        format!("{delivery:?}")
    );
}

fn a_document_reads_back_as_it_was(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let document = document("H21.36.21", "15/QĐ-UBND", "2025-06-30");
    let read = write(&store, |tx| {
        documents::insert(tx, &document)?;
        documents::find(tx, document.header.id)
    });
    assert_eq!(
        format!("{:?}", read.unwrap().unwrap()),
        format!("{document:?}")
    );
}

fn a_stage_is_left_only_once(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let document = document("H21.36.21", "15/UBND-VP", "2025-06-30");
    let seal = |store: &Store| {
        let (id, sealed) = (document.header.id, Some(content(b"sealed")));
        write(store, |tx| {
            documents::advance(tx, id, &Stage::Registered, &Stage::Sealed, sealed)
        })
    };
    write(&store, |tx| documents::insert(tx, &document)).unwrap();
    seal(&store).unwrap();
    let again = seal(&store);
    assert!(
        matches!(again, Err(Error::RowCount { found: 0, .. })),
        "{again:?}"
    );
}

/// The next number of the register, taken again when two begin it at once, as the door asks.
fn next_number(store: &Store) -> i32 {
    loop {
        match write(store, |tx| documents::next_arrival_number(tx, "G22", 2025)) {
            Err(Error::Conflict { .. }) => {}
            other => return other.unwrap(),
        }
    }
}

fn arrival_numbers_have_no_gap_and_no_double_under_two_acceptors(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let start = Barrier::new(2);
    let acceptor = || {
        start.wait();
        (0..25).map(|_| next_number(&store)).collect::<Vec<i32>>()
    };
    let mut numbers = std::thread::scope(|scope| {
        let other = scope.spawn(acceptor);
        let mut own = acceptor();
        own.extend(other.join().unwrap());
        own
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=50).collect::<Vec<i32>>());
}

fn each_year_and_agency_has_a_register_of_its_own(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let next = |agency, year| {
        write(&store, |tx| {
            documents::next_arrival_number(tx, agency, year)
        })
    };
    let given = [("G22", 2025), ("G22", 2025), ("G22", 2026), ("H21", 2025)];
    let given = given.map(|(agency, year)| next(agency, year).unwrap());
    assert_eq!(given, [1, 2, 1, 1]);
}

fn an_act_that_fails_leaves_nothing(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let one = document("H21.36.21", "15/UBND-VP", "2025-06-30");
    let failed: Result<(), Error> = write(&store, |tx| {
        documents::insert(tx, &one)?;
        Err(Error::TooLarge { limit: 1 })
    });
    assert!(matches!(failed, Err(Error::TooLarge { .. })), "{failed:?}");
    assert_eq!(database.count("documents"), 0);
}

fn an_act_that_panics_leaves_nothing_and_spoils_nothing(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let (lost, kept) = ("15/UBND-VP", "16/UBND-VP");
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        write(&store, |tx| {
            documents::insert(tx, &document("H21.36.21", lost, "2025-06-30"))?;
            if database.url().is_empty() {
                Ok(())
            } else {
                panic!("as a fault in the program would")
            }
        })
    }));
    assert!(panicked.is_err());
    take(&store, &document("H21.36.21", kept, "2025-06-30")).unwrap();
    // Seen by another connection: the act after the panic is really committed.
    assert_eq!(
        database.texts("SELECT number AS value FROM documents"),
        ["16"]
    );
}

fn a_crash_between_bytes_and_row_leaves_only_an_orphan(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let stored = store.blobs().put(b"bytes").unwrap();
    drop(store);
    let store = database.store();
    assert_eq!(store.blobs().check(&stored.sha256).unwrap(), Some(stored));
    assert_eq!(database.count("blobs"), 0);
    // Storing them again, now with the row, is as if nothing had happened.
    let again = store.blobs().put(b"bytes").unwrap();
    write(&store, |tx| documents::remember_blob(tx, again, morning())).unwrap();
    assert_eq!(database.count("blobs"), 1);
}

fn bytes_on_their_way_in_are_swept_at_the_start(engine: Engine) {
    let database = Database::fresh(engine);
    let unfinished = database.folder().join("blobs/unfinished");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::write(unfinished.join("half"), b"half of a document").unwrap();
    drop(database.store());
    assert_eq!(std::fs::read_dir(unfinished).unwrap().count(), 0);
}

fn the_same_bytes_can_be_remembered_twice_at_once(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    for round in 0..20 {
        let bytes = content(format!("bytes {round}").as_bytes());
        let start = Barrier::new(2);
        let door = || {
            start.wait();
            write(&store, |tx| documents::remember_blob(tx, bytes, morning()))
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(door);
            door().unwrap();
            other.join().unwrap().unwrap();
        });
    }
    assert_eq!(database.count("blobs"), 20);
}

fn other_bytes_than_announced_are_not_kept(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let mut writer = store.blobs().write(100).unwrap();
    writer.push(b"other bytes").unwrap();
    let refused = writer.finish_as(Sha256::of(b"announced"));
    assert!(
        matches!(refused, Err(Error::OtherBytes { .. })),
        "{refused:?}"
    );
    assert!(
        store
            .blobs()
            .get(&Sha256::of(b"other bytes"))
            .unwrap()
            .is_none()
    );
}

fn work_of_an_act_is_there_exactly_when_the_act_is(engine: Engine) {
    let database = Database::fresh(engine);
    let store = database.store();
    let one = document("H21.36.21", "15/UBND-VP", "2025-06-30");
    let act = || {
        write(&store, |tx| {
            let subject = one.header.id.to_string();
            let work = New {
                kind: Kind::Seal,
                subject: &subject,
                target: &Target::Here,
                lane: Lane::Normal,
                give_up_at: None,
            };
            jobs::insert(tx, &RandomIds, work, morning())?;
            documents::insert(tx, &one)
        })
    };
    act().unwrap();
    assert!(act().is_err());
    assert_eq!(
        (database.count("documents"), database.count("jobs")),
        (1, 1)
    );
}

on_both_databases![
    a_number_is_given_once_in_the_year_of_an_agency,
    the_same_number_is_free_for_others,
    a_unique_violation_is_a_conflict,
    a_rank_is_never_lowered,
    a_delivery_reads_back_as_it_was,
    a_document_reads_back_as_it_was,
    a_stage_is_left_only_once,
    arrival_numbers_have_no_gap_and_no_double_under_two_acceptors,
    each_year_and_agency_has_a_register_of_its_own,
    an_act_that_fails_leaves_nothing,
    an_act_that_panics_leaves_nothing_and_spoils_nothing,
    a_crash_between_bytes_and_row_leaves_only_an_orphan,
    bytes_on_their_way_in_are_swept_at_the_start,
    the_same_bytes_can_be_remembered_twice_at_once,
    other_bytes_than_announced_are_not_kept,
    work_of_an_act_is_there_exactly_when_the_act_is,
];
