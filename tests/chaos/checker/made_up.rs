//! A small world in which every law holds, and one world for each way of breaking one: a checker that
//! cannot fail proves nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::seen::{Bytes, HubSeen, Row, digest};
use super::{Figures, Harm, Violation, World, violations};
use crate::history::{Act, Event, Line};
use crate::town::{HUBS, road};

const TABLES: [&str; 14] = [
    "acts",
    "blobs",
    "deliveries",
    "documents",
    "evidence",
    "inbox",
    "issued_numbers",
    "jobs",
    "mails",
    "recipients",
    "reports",
    "signings",
    "submissions",
    "transfers",
];
const ORIGINAL: &[u8] = b"original";
const SEALED: &[u8] = b"original, sealed";
const ENVELOPE: &[u8] = b"envelope";
const FROM: &str = "H21.36.21";
const TO: &str = "G22";

fn row(value: &Value) -> Row {
    value.as_object().unwrap().clone()
}

impl World {
    fn put(&mut self, hub: &str, table: &str, value: &Value) {
        let seen = self.hubs.get_mut(hub).unwrap();
        seen.tables.get_mut(table).unwrap().push(row(value));
    }

    fn table(&mut self, hub: &str, table: &str) -> &mut Vec<Row> {
        let seen = self.hubs.get_mut(hub).unwrap();
        seen.tables.get_mut(table).unwrap()
    }

    fn set(&mut self, (hub, table, n): (&str, &str, usize), column: &str, value: &Value) {
        self.table(hub, table)[n].insert(column.to_owned(), value.clone());
    }

    fn tell(&mut self, event: Event) {
        let at = u64::try_from(self.history.len()).unwrap() * 1_000_000;
        self.history.push(Line { at, event });
    }
}

/// A commune's letter to the centre, over the district and the province, accepted there.
fn sound() -> World {
    let empty = || HubSeen {
        tables: TABLES.map(|name| (name.to_owned(), Vec::new())).into(),
        ..HubSeen::default()
    };
    let mut world = World {
        hubs: HUBS.map(|hub| (hub.to_owned(), empty())).into(),
        ..World::default()
    };
    tell_the_story(&mut world);
    for hub in road("commune", "central") {
        fill(&mut world, hub);
    }
    let origin = json!({"document_id": "doc"});
    for table in ["recipients", "submissions", "issued_numbers"] {
        world.put("commune", table, &origin);
    }
    for (purpose, id) in [("person", "p"), ("agency", "a")] {
        let used = json!({"id": id, "purpose": purpose, "subject": "doc", "signed_sha256": id,
            "intended_at": 1, "finished_at": 2, "outcome": "done"});
        world.put("commune", "signings", &used);
    }
    world.put(
        "central",
        "reports",
        &json!({"delivery_id": "del", "created_at": 1}),
    );
    world.put(
        "central",
        "mails",
        &json!({"delivery_id": "del", "notice": "arrived",
        "address": "x", "state": "sent"}),
    );
    world.restarted = world.hubs.clone();
    world
}

fn tell_the_story(world: &mut World) {
    let send = Act::Send {
        agency: FROM.to_owned(),
        key: "key".to_owned(),
        number: "1/UBND-VP".to_owned(),
        recipients: vec![TO.to_owned()],
        sha256: digest(ORIGINAL),
        size_bytes: ORIGINAL.len(),
    };
    let accept = Act::Accept {
        agency: TO.to_owned(),
        delivery: "del".to_owned(),
    };
    let why = String::new();
    world.tell(Event::Invoke {
        op: 1,
        act: send.clone(),
    });
    world.tell(Event::Unknown { op: 1, why });
    world.tell(Event::Invoke { op: 1, act: send });
    let outcome = "doc".to_owned();
    world.tell(Event::Done { op: 1, outcome });
    world.tell(seen("relayed", "sent"));
    world.tell(seen("consigned", "arrived"));
    world.tell(Event::Invoke { op: 2, act: accept });
    let outcome = "01/2025".to_owned();
    world.tell(Event::Done { op: 2, outcome });
    world.tell(seen("consigned", "accepted"));
    world.tell(answer("a"));
    world.tell(answer("a"));
    let (hub, how) = ("commune".to_owned(), "SIGKILL".to_owned());
    world.tell(Event::Kill { hub, how });
}

fn seen(transport: &str, handling: &str) -> Event {
    Event::Seen {
        hub: "commune".to_owned(),
        delivery: "del".to_owned(),
        transport: transport.to_owned(),
        handling: handling.to_owned(),
    }
}

fn answer(answer: &str) -> Event {
    Event::Answer {
        edge: "commune>district".to_owned(),
        path: "/peer/v1/transfers".to_owned(),
        request_sha256: "r".to_owned(),
        answer_sha256: answer.to_owned(),
    }
}

fn statement(event: &str, issuer: &str) -> Vec<u8> {
    let road = road("commune", "central");
    let up_to = road.iter().position(|hub| *hub == issuer).unwrap();
    let stated = json!({"id": format!("{event} {issuer}"), "event": event, "issuer": issuer,
        "delivery": "del", "document": "doc", "envelope_sha256": digest(ENVELOPE),
        "path": road[..=up_to]});
    stated.to_string().into_bytes()
}

/// What one hub on the road holds.
fn fill(world: &mut World, hub: &str) {
    let (stage, role, act) = match hub {
        "commune" => ("dispatched", "origin", "dispatched"),
        "central" => ("received", "destination", "ContentConsignment"),
        _ => ("received", "relay", "RelayAcceptance"),
    };
    let original = (hub == "commune").then(|| digest(ORIGINAL));
    world.put(hub, "documents", &json!({"id": "doc", "sender": FROM, "number": "01",
        "notation": "UBND-VP", "stage": stage, "sha256": digest(SEALED), "original_sha256": original}));
    world.put(
        hub,
        "deliveries",
        &json!({"id": "del", "role": role, "document_id": "doc",
        "recipient": TO, "envelope": hex::encode(ENVELOPE), "transport_rank": 400, "handling": 3,
        "arrival_number": "01/2025", "verdict": "TOTAL-PASSED"}),
    );
    world.put(
        hub,
        "acts",
        &json!({"act": act, "document_id": "doc", "delivery_id": "del", "actor": "x"}),
    );
    let own = world.hubs.get_mut(hub).unwrap();
    own.blobs
        .insert(digest(SEALED), Bytes::Held(SEALED.to_vec()));
    if hub == "commune" {
        own.blobs
            .insert(digest(ORIGINAL), Bytes::Held(ORIGINAL.to_vec()));
    }
    world.put(hub, "blobs", &json!({"sha256": digest(SEALED)}));
    let road = road("commune", "central");
    let place = road.iter().position(|one| *one == hub).unwrap();
    for (event, issuer) in issued().into_iter().filter(|(_, issuer)| {
        // Upward the submission travels along, backward every later receipt comes.
        *issuer == "commune" || road.iter().position(|one| one == issuer).unwrap() >= place
    }) {
        let stated = statement(event, issuer);
        world.put(hub, "evidence", &json!({"id": format!("{event} {issuer}"), "delivery_id": "del",
            "event": event, "issuer": issuer, "statement": hex::encode(&stated), "signature": "00"}));
        if issuer == hub {
            world.put(hub, "signings", &json!({"id": event, "purpose": "receipt", "subject": "del",
                "signed_sha256": digest(&stated), "intended_at": 1, "finished_at": 2, "outcome": "done"}));
        }
    }
    if let Some(next) = road.get(place + 1) {
        let body = format!("from {hub}").into_bytes();
        world.put(
            hub,
            "transfers",
            &json!({"id": hub, "to_hub": next, "body": hex::encode(&body),
            "blob_sha256": digest(SEALED), "acknowledged_at": 1}),
        );
        world.put(
            next,
            "inbox",
            &json!({"from_hub": hub, "transfer_id": hub,
            "request_sha256": digest(&body)}),
        );
    }
}

fn issued() -> Vec<(&'static str, &'static str)> {
    vec![
        ("SubmissionAcceptance", "commune"),
        ("RelayAcceptance", "district"),
        ("RelayAcceptance", "province"),
        ("ContentConsignment", "central"),
        ("ConsignmentAcceptance", "central"),
    ]
}

fn judged(world: &World) -> Vec<Violation> {
    let genuine = |statement: &[u8], _: &[u8], issuer: &str| {
        let stated: Value = serde_json::from_slice(statement).unwrap();
        let is_own = stated["issuer"] == issuer;
        is_own.then_some(()).ok_or("another signer".to_owned())
    };
    violations(world, &genuine)
}

#[test]
fn a_sound_world_breaks_no_law() {
    let world = sound();
    assert_eq!(judged(&world), []);
    let figures = Figures::of(&world.history, &[]);
    let said = "kills: 1 acknowledged: 1 lost: 0 duplicated: 0 receipts missing: 0";
    assert_eq!(figures.to_string(), said);
}

/// Breaks the sound world in one way; the law must be named, with its harm.
#[track_caller]
fn is_caught(harm: Harm, law: &str, break_it: impl FnOnce(&mut World)) {
    let mut world = sound();
    break_it(&mut world);
    let found = judged(&world);
    let is_named = found.iter().any(|one| one.harm == harm && one.law == law);
    assert!(is_named, "{law} ({harm:?}) was not reported: {found:?}");
}

#[test]
fn a_document_that_was_acknowledged_and_is_gone_is_caught() {
    is_caught(Harm::Lost, "acknowledged is recorded", |world| {
        world.table("commune", "documents").clear();
    });
    is_caught(Harm::Lost, "acknowledged is recorded", |world| {
        world.set(("commune", "documents", 0), "original_sha256", &json!("00"));
    });
    is_caught(Harm::Lost, "acknowledged is recorded", |world| {
        world.set(("commune", "documents", 0), "stage", &json!("sealed"));
    });
    is_caught(Harm::Duplicated, "acknowledged is recorded", |world| {
        let again = world.table("commune", "documents")[0].clone();
        world.table("commune", "documents").push(again);
    });
}

#[test]
fn a_delivery_that_is_gone_or_there_twice_is_caught() {
    is_caught(Harm::Lost, "delivered once", |world| {
        world.table("central", "deliveries").clear();
    });
    is_caught(Harm::Lost, "delivered once", |world| {
        world.table("commune", "deliveries").clear();
    });
    for (hub, harm) in [
        ("central", Harm::Duplicated),
        ("province", Harm::Duplicated),
    ] {
        is_caught(harm, "delivered once", |world| {
            let again = world.table(hub, "deliveries")[0].clone();
            world.table(hub, "deliveries").push(again);
        });
    }
    is_caught(Harm::Lost, "everybody knows the end", |world| {
        world.set(("district", "deliveries", 0), "transport_rank", &json!(301));
    });
    is_caught(Harm::Lost, "everybody knows the end", |world| {
        world.set(("commune", "deliveries", 0), "transport_rank", &json!(900));
    });
    is_caught(Harm::ReceiptMissing, "everybody knows the end", |world| {
        world.set(("commune", "deliveries", 0), "handling", &json!(1));
    });
    is_caught(Harm::Broken, "everything is verified", |world| {
        world.set(("central", "deliveries", 0), "verdict", &Value::Null);
    });
}

#[test]
fn other_bytes_are_caught() {
    is_caught(Harm::Lost, "the same bytes", |world| {
        let other = Bytes::Held(b"others".to_vec());
        let central = world.hubs.get_mut("central").unwrap();
        central.blobs.insert(digest(SEALED), other);
    });
    is_caught(Harm::Lost, "the same bytes", |world| {
        world.set(
            ("central", "documents", 0),
            "sha256",
            &json!(digest(ORIGINAL)),
        );
    });
    is_caught(Harm::Broken, "one envelope", |world| {
        world.set(("province", "deliveries", 0), "envelope", &json!("00"));
    });
    is_caught(Harm::Lost, "files are their names", |world| {
        let other = Bytes::Held(b"others".to_vec());
        let district = world.hubs.get_mut("district").unwrap();
        district.blobs.insert(digest(SEALED), other);
    });
    is_caught(Harm::Lost, "no row without its file", |world| {
        world.hubs.get_mut("district").unwrap().blobs.clear();
    });
    is_caught(Harm::Broken, "nothing left in the middle", |world| {
        let district = world.hubs.get_mut("district").unwrap();
        district.unfinished.push(".tmp1".to_owned());
    });
}

#[test]
fn what_nobody_asked_for_is_caught() {
    is_caught(Harm::Duplicated, "nothing unasked", |world| {
        let mut other = world.table("commune", "documents")[0].clone();
        other.insert("id".to_owned(), json!("other"));
        world.table("commune", "documents").push(other);
    });
    is_caught(Harm::Duplicated, "nothing unasked", |world| {
        let mut other = world.table("central", "deliveries")[0].clone();
        other.insert("recipient".to_owned(), json!("G06"));
        world.table("central", "deliveries").push(other);
    });
    is_caught(Harm::Broken, "nothing unasked", |world| {
        world.set(("central", "documents", 0), "stage", &json!("dispatched"));
    });
}

#[test]
fn an_operation_with_two_outcomes_or_none_is_caught() {
    is_caught(Harm::Duplicated, "one outcome", |world| {
        let outcome = "other".to_owned();
        world.tell(Event::Done { op: 1, outcome });
    });
    is_caught(Harm::Broken, "one outcome", |world| {
        world.history.remove(7);
    });
    is_caught(Harm::Broken, "one outcome", |world| {
        let why = "409".to_owned();
        world.tell(Event::Refused { op: 2, why });
    });
}

#[test]
fn a_decision_that_was_told_and_is_not_held_is_caught() {
    is_caught(Harm::Lost, "as decided", |world| {
        world.set(("central", "deliveries", 0), "handling", &json!(2));
    });
    is_caught(Harm::Lost, "as decided", |world| {
        world.set(
            ("central", "deliveries", 0),
            "arrival_number",
            &json!("02/2025"),
        );
    });
    is_caught(Harm::Broken, "registers have no gaps", |world| {
        world.set(
            ("central", "deliveries", 0),
            "arrival_number",
            &json!("02/2025"),
        );
    });
}

#[test]
fn a_state_that_goes_back_is_caught() {
    is_caught(Harm::Broken, "ranks never fall", |world| {
        world.tell(seen("relayed", "accepted"));
    });
    is_caught(Harm::Broken, "ranks never fall", |world| {
        world.tell(seen("consigned", "refused"));
    });
}

#[test]
fn a_missing_false_or_second_receipt_is_caught() {
    let law = "the chain is whole";
    for n in 0..issued().len() {
        is_caught(Harm::ReceiptMissing, law, |world| {
            world.table("commune", "evidence").remove(n);
        });
    }
    is_caught(Harm::Duplicated, law, |world| {
        let mut again = world.table("commune", "evidence")[3].clone();
        again.insert("id".to_owned(), json!("again"));
        world.table("commune", "evidence").push(again);
    });
    is_caught(Harm::Duplicated, law, |world| {
        let failure = json!({"id": "f", "delivery_id": "del", "event": "RelayFailure",
            "issuer": "district", "statement": hex::encode(statement("RelayFailure", "district"))});
        world.put("commune", "evidence", &failure);
    });
    is_caught(Harm::ReceiptMissing, "receipts speak of it", |world| {
        let other = hex::encode(statement("ContentConsignment", "province"));
        world.set(("commune", "evidence", 3), "statement", &json!(other));
    });
    is_caught(Harm::ReceiptMissing, "receipts are genuine", |world| {
        world.set(("central", "evidence", 1), "issuer", &json!("province"));
    });
    is_caught(Harm::Broken, "one receipt, one form", |world| {
        world.set(("district", "evidence", 1), "signature", &json!("01"));
    });
    is_caught(Harm::Broken, "one receipt, one form", |world| {
        world.tell(Event::Receipt {
            hub: "commune".to_owned(),
            id: "ContentConsignment central".to_owned(),
            statement_sha256: digest(&statement("ContentConsignment", "central")),
            signature_sha256: digest(b"another"),
        });
    });
    is_caught(Harm::Duplicated, "a repeat is answered alike", |world| {
        world.tell(answer("b"));
    });
}

#[test]
fn work_left_over_and_acts_done_twice_are_caught() {
    is_caught(Harm::Broken, "work ends", |world| {
        world.put(
            "district",
            "jobs",
            &json!({"kind": "transfer", "state": "parked"}),
        );
    });
    is_caught(Harm::Duplicated, "an act happens once", |world| {
        let again = world.table("central", "acts")[0].clone();
        world.table("central", "acts").push(again);
    });
    is_caught(Harm::Broken, "every act has an actor", |world| {
        world.set(("central", "acts", 0), "actor", &json!(""));
    });
    is_caught(Harm::Duplicated, "judged once", |world| {
        let again = world.table("central", "reports")[0].clone();
        world.table("central", "reports").push(again);
    });
    is_caught(Harm::Duplicated, "one notice", |world| {
        let again = world.table("central", "mails")[0].clone();
        world.table("central", "mails").push(again);
    });
    is_caught(Harm::Broken, "notices are sent", |world| {
        world.set(("central", "mails", 0), "state", &json!("queued"));
    });
    is_caught(Harm::Lost, "no row without its document", |world| {
        world.set(("commune", "submissions", 0), "document_id", &json!("gone"));
    });
}

#[test]
fn a_key_used_without_a_record_is_caught() {
    let law = "no key without a record";
    is_caught(Harm::Broken, law, |world| {
        world.table("district", "signings").clear();
    });
    is_caught(Harm::ReceiptMissing, law, |world| {
        world.set(("district", "signings", 0), "signed_sha256", &json!("00"));
    });
    is_caught(Harm::Broken, law, |world| {
        let agency = world.table("commune", "signings").pop().unwrap();
        world
            .table("commune", "signings")
            .extend([agency.clone(), agency]);
    });
    is_caught(Harm::Broken, "keys have outcomes", |world| {
        let open = json!({"id": "o", "purpose": "receipt", "intended_at": 1, "finished_at": null});
        world.put("province", "signings", &open);
    });
    is_caught(Harm::Broken, "keys have outcomes", |world| {
        let late = i64::try_from(world.history.last().unwrap().at).unwrap() + 1;
        let open =
            json!({"id": "o", "purpose": "receipt", "intended_at": late, "finished_at": null});
        world.put("commune", "signings", &open);
    });
}

#[test]
fn ends_that_disagree_are_caught() {
    let law = "both ends agree";
    is_caught(Harm::ReceiptMissing, law, |world| {
        world.set(("commune", "transfers", 0), "acknowledged_at", &Value::Null);
    });
    is_caught(Harm::Lost, law, |world| {
        world.table("district", "inbox").clear()
    });
    is_caught(Harm::Lost, law, |world| {
        world.set(("district", "inbox", 0), "request_sha256", &json!("00"));
    });
    is_caught(Harm::Duplicated, law, |world| {
        world.table("commune", "transfers").clear();
    });
}

#[test]
fn a_start_that_changes_something_is_caught() {
    is_caught(Harm::Broken, "a start changes nothing", |world| {
        let after = world.restarted.get_mut("central").unwrap();
        after.tables.get_mut("acts").unwrap().clear();
    });
    is_caught(Harm::Broken, "a start changes nothing", |world| {
        let after: &mut BTreeMap<_, _> = &mut world.restarted.get_mut("central").unwrap().blobs;
        after.clear();
    });
}
