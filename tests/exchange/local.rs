//! Sender and recipient on one hub: from the hand-in to the acceptance.

use lienthong::domain::delivery::{HandlingState, TransportState};
use lienthong::domain::language::Language;
use lienthong::domain::receipt::Event;
use lienthong::exchange::Error;
use lienthong::store::Engine;
use serde_json::Value;

use crate::world::hub::{TestHub, clerk};
use crate::world::judge;
use crate::world::on_both_databases;
use crate::world::paper::a_document;

const IADOM: &str = "H21.36.21";
const IAKLA: &str = "H21.36.22";

fn an_accepted_document_is_seen_as_accepted_by_its_sender(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let id = hub.send(&a_document());
    let arrived = hub.arrived(IAKLA);
    let number = hub
        .run(hub.hub.accept(&clerk(IAKLA), arrived.delivery.row.id))
        .unwrap();
    let row = hub.delivery(IADOM, id).row;
    assert_eq!(
        (row.transport, row.handling),
        (TransportState::Consigned, HandlingState::Accepted)
    );
    assert_eq!(
        (number.as_str(), row.arrival_number.as_deref()),
        ("01/2025", Some("01/2025"))
    );
}

fn every_station_leaves_its_receipt(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let id = hub.send(&a_document());
    let delivery = hub.arrived(IAKLA).delivery.row.id;
    hub.clock.pass_seconds(60);
    hub.run(hub.hub.accept(&clerk(IAKLA), delivery)).unwrap();
    let receipts = hub.delivery(IADOM, id).receipts;
    let mut events: Vec<Event> = receipts.iter().map(|receipt| receipt.event).collect();
    assert_eq!(events.pop(), Some(Event::Acceptance));
    events.sort_by_key(|event| event.as_str());
    assert_eq!(events, [Event::Consignment, Event::Submission]);
}

fn every_receipt_verifies_with_openssl(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let id = hub.send(&a_document());
    let delivery = hub.arrived(IAKLA).delivery.row.id;
    hub.run(hub.hub.accept(&clerk(IAKLA), delivery)).unwrap();
    let receipts = hub.delivery(IADOM, id).receipts;
    assert_eq!(receipts.len(), 3);
    for row in receipts {
        let signed = hub.run(hub.hub.receipt(&clerk(IADOM), row.id)).unwrap();
        assert_eq!(judge::openssl_against(&signed), None, "{:?}", row.event);
    }
}

fn openssl_notices_a_receipt_with_another_statement(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let id = hub.send(&a_document());
    let row = hub.delivery(IADOM, id).receipts.remove(0);
    let mut signed = hub.run(hub.hub.receipt(&clerk(IADOM), row.id)).unwrap();
    signed.statement.push(b' ');
    assert!(judge::openssl_against(&signed).is_some());
}

fn what_arrives_bears_two_genuine_signatures(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.send(&a_document());
    let arrived = hub.arrived(IAKLA);
    let (clerk, name) = (clerk(IAKLA), "x.pdf".to_owned());
    let judged = hub
        .hub
        .judge(&clerk, arrived.content, name, Language::English);
    let report: Value = serde_json::from_str(&hub.run(judged).unwrap()).unwrap();
    assert_eq!(report["verdict"], "TOTAL-PASSED", "{report:#}");
    assert_eq!(report["signatures"].as_array().unwrap().len(), 2);
    assert_eq!(
        arrived.delivery.row.verdict.unwrap().verdict,
        "TOTAL-PASSED"
    );
}

fn the_signed_file_begins_with_the_bytes_handed_in(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let paper = a_document();
    let id = hub.send(&paper);
    let (name, blob) = hub.run(hub.hub.document_bytes(&clerk(IAKLA), id)).unwrap();
    let sealed = blob.all(10_000_000).unwrap();
    assert_eq!(name, "cong-van.pdf");
    assert!(sealed.len() > paper.bytes.len() && sealed.starts_with(&paper.bytes));
}

fn a_document_that_came_signed_is_only_sealed(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let signed = crate::world::paper::signed_by_leader("iadom");
    let id = hub.send(&a_document().bytes(signed));
    let purposes = format!("SELECT purpose AS value FROM signings WHERE subject = '{id}'");
    assert_eq!(hub.database.texts(&purposes), ["agency"]);
    assert_eq!(
        hub.arrived(IAKLA).delivery.row.verdict.unwrap().verdict,
        "TOTAL-PASSED"
    );
}

fn each_recipient_gets_a_delivery_of_its_own(engine: Engine) {
    let hub = TestHub::new("district", engine);
    let paper = a_document()
        .from("H21.36")
        .addressed_to(&["H21.36.1", "H21"]);
    let id = hub.send(&paper);
    let deliveries = hub.sent("H21.36", id).deliveries;
    let states: Vec<_> = deliveries
        .iter()
        .map(|one| (one.row.recipient.code.as_str(), one.row.transport))
        .collect();
    assert_eq!(
        states,
        [
            ("H21", TransportState::Queued),
            ("H21.36.1", TransportState::Consigned)
        ]
    );
}

fn mails_tell_the_recipient_and_the_sender(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.send(&a_document());
    let delivery = hub.arrived(IAKLA).delivery.row.id;
    hub.run(hub.hub.accept(&clerk(IAKLA), delivery)).unwrap();
    hub.settle();
    let mails =
        "SELECT notice || ' ' || address || ' ' || state AS value FROM mails ORDER BY value";
    assert_eq!(
        hub.database.texts(mails),
        [
            "accepted vanthu.iadom@thu-nghiem.invalid sent",
            "arrived vanthu.iakla@thu-nghiem.invalid sent",
        ]
    );
}

fn nothing_is_left_to_do_at_the_end(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.send(&a_document());
    let delivery = hub.arrived(IAKLA).delivery.row.id;
    hub.run(hub.hub.accept(&clerk(IAKLA), delivery)).unwrap();
    hub.settle();
    assert_eq!(hub.database.count("jobs"), 0);
}

fn a_clerk_of_another_agency_sees_nothing(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let id = hub.send(&a_document());
    let delivery = hub.arrived(IAKLA).delivery.row.id;
    let receipt = hub.delivery(IADOM, id).receipts.remove(0).id;
    let stranger = clerk("G22");
    let answers = [
        hub.run(hub.hub.sent_document(&stranger, id)).err(),
        hub.run(hub.hub.sent_document(&clerk(IAKLA), id)).err(),
        hub.run(hub.hub.received_document(&stranger, delivery))
            .err(),
        hub.run(hub.hub.received_document(&clerk(IADOM), delivery))
            .err(),
        hub.run(hub.hub.document_bytes(&stranger, id)).err(),
        hub.run(hub.hub.receipt(&stranger, receipt)).err(),
        hub.run(hub.hub.accept(&stranger, delivery)).err(),
    ];
    for answer in answers {
        assert!(matches!(answer, Some(Error::NotFound(_))), "{answer:?}");
    }
}

fn a_copy_bears_the_agency_s_signature_alone_and_arrives_as_a_copy(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.send(&a_document().number("07/SY-UBND"));
    let report = hub.arrived(IAKLA).report.unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["verdict"], "TOTAL-PASSED", "{report:#}");
    assert_eq!(report["policy"]["id"], "copy");
    let signatures = report["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 1);
    assert_eq!(signatures[0]["owner"]["kind"], "agency");
    assert_eq!(signatures[0]["owner"]["agency_code"], "H21.36.21");
}

on_both_databases![
    a_copy_bears_the_agency_s_signature_alone_and_arrives_as_a_copy,
    an_accepted_document_is_seen_as_accepted_by_its_sender,
    every_station_leaves_its_receipt,
    every_receipt_verifies_with_openssl,
    openssl_notices_a_receipt_with_another_statement,
    what_arrives_bears_two_genuine_signatures,
    the_signed_file_begins_with_the_bytes_handed_in,
    a_document_that_came_signed_is_only_sealed,
    each_recipient_gets_a_delivery_of_its_own,
    mails_tell_the_recipient_and_the_sender,
    nothing_is_left_to_do_at_the_end,
    a_clerk_of_another_agency_sees_nothing,
];
