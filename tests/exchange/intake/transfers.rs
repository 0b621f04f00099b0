//! Documents handed over wrongly: the road, the envelope, the bytes. Nothing of them is kept.

use lienthong::domain::digest::Sha256;
use lienthong::domain::receipt::Event;
use lienthong::domain::refusal::Refusal;
use lienthong::exchange::Error;
use lienthong::peer::protocol::{LARGEST_BODY, Transfer};
use lienthong::store::Engine;

use super::district;
use crate::world::hub::TestHub;
use crate::world::on_both_databases;
use crate::world::paper::{letter, note};
use crate::world::parcel::{Parcel, a_parcel, content, party};
use crate::world::registry::hub;

/// What the hub `district` says against a transfer of `from`, of which it must keep nothing.
#[track_caller]
fn against(engine: Engine, from: &str, body: &[u8]) -> Error {
    let district = district(engine);
    let before = district.database.census();
    let refused = district.take_over(from, body).unwrap_err();
    assert_eq!(district.database.census(), before, "{refused}");
    refused
}

#[track_caller]
fn code_against(engine: Engine, parcel: &Parcel) -> &'static str {
    match against(engine, "commune", &parcel.body()) {
        Error::Unacceptable { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refusal_of(engine: Engine, parcel: &Parcel) -> Refusal {
    match against(engine, "commune", &parcel.body()) {
        Error::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_malformed(engine: Engine, body: &[u8], field: &str) {
    let refused = against(engine, "commune", body);
    assert!(
        matches!(&refused, Error::Message(found) if found.field == field),
        "{refused:?}"
    );
}

fn a_document_marked_secret_is_neither_relayed_nor_taken_in(engine: Engine) {
    let bytes = note("TUYET MAT");
    for recipient in ["H21.36", "H21"] {
        let district = district(engine);
        district.upload(&bytes);
        let parcel = a_parcel(&bytes).with(|envelope| envelope.recipient = party(recipient));
        let refused = district.take_over("commune", &parcel.body()).unwrap_err();
        assert!(
            matches!(
                refused,
                Error::Refused(Refusal::Secret {
                    marking: "TUYỆT MẬT"
                })
            ),
            "{refused:?}"
        );
        assert_eq!(district.database.count("deliveries"), 0);
        let name = content(&bytes).sha256;
        assert!(!district.run(district.hub.has_blob(name)).unwrap());
    }
}

fn a_hub_that_is_no_neighbour_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).over(&["central"]);
    let refused = against(engine, "central", &parcel.body());
    assert!(
        matches!(
            refused,
            Error::Unacceptable {
                code: "wrong-road",
                ..
            }
        ),
        "{refused:?}"
    );
}

fn a_road_that_ends_at_another_hub_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).over(&["commune", "province"]);
    assert_eq!(code_against(engine, &parcel), "wrong-road");
}

fn a_road_that_begins_at_another_hub_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).over(&["central", "commune"]);
    assert_eq!(code_against(engine, &parcel), "wrong-road");
}

fn a_road_that_was_here_before_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).over(&["commune", "district", "commune"]);
    assert_eq!(
        refusal_of(engine, &parcel),
        Refusal::Loop {
            hub: hub("district")
        }
    );
}

fn a_road_back_to_a_hub_passed_before_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter())
        .with(|envelope| envelope.recipient = party("G22"))
        .over(&["commune", "province", "commune"]);
    assert_eq!(
        refusal_of(engine, &parcel),
        Refusal::Loop {
            hub: hub("province")
        }
    );
}

fn a_road_longer_than_any_honest_one_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).over(&["commune"; 9]);
    assert_malformed(engine, &parcel.body(), "path");
}

fn a_road_that_would_become_too_long_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter())
        .with(|envelope| envelope.recipient = party("G22"))
        .over(&["commune"; 8]);
    let refusal = refusal_of(engine, &parcel);
    assert!(
        matches!(refusal, Refusal::TooManyHops { limit: 8, .. }),
        "{refusal:?}"
    );
}

fn an_envelope_changed_after_submission_is_refused(engine: Engine) {
    let mut parcel = a_parcel(&letter());
    parcel.envelope.header.subject = "Về việc khác".to_owned();
    assert_eq!(code_against(engine, &parcel), "envelope-not-submitted");
}

fn a_recipient_changed_after_submission_is_refused(engine: Engine) {
    let mut parcel = a_parcel(&letter());
    parcel.envelope.recipient = party("H21.36.1");
    assert_eq!(code_against(engine, &parcel), "envelope-not-submitted");
}

fn bytes_changed_after_submission_are_refused(engine: Engine) {
    let mut parcel = a_parcel(&letter());
    parcel.envelope.content = content(b"other bytes");
    assert_eq!(code_against(engine, &parcel), "envelope-not-submitted");
}

fn a_receipt_of_another_event_is_no_submission(engine: Engine) {
    let mut parcel = a_parcel(&letter());
    parcel.submission.event = Event::Relay;
    assert_eq!(code_against(engine, &parcel), "envelope-not-submitted");
}

fn a_submission_signed_by_another_hub_is_refused(engine: Engine) {
    let mut parcel = a_parcel(&letter());
    parcel.signer = "province".to_owned();
    assert_eq!(code_against(engine, &parcel), "receipt-not-genuine");
}

fn a_submission_that_names_another_hub_is_refused(engine: Engine) {
    let mut parcel = a_parcel(&letter());
    parcel.signer = "province".to_owned();
    parcel.submission.issuer = hub("province");
    assert_eq!(code_against(engine, &parcel), "envelope-not-submitted");
}

fn a_submission_with_a_broken_signature_is_refused(engine: Engine) {
    let mut transfer = Transfer::from_bytes(&a_parcel(&letter()).body()).unwrap();
    *transfer.submission.signature.last_mut().unwrap() ^= 1;
    let refused = against(engine, "commune", &transfer.to_bytes().unwrap());
    assert!(
        matches!(
            refused,
            Error::Unacceptable {
                code: "receipt-not-genuine",
                ..
            }
        ),
        "{refused:?}"
    );
}

fn a_submission_stated_before_its_key_was_valid_is_refused(engine: Engine) {
    let mut parcel = a_parcel(&letter());
    parcel.submission.at = "2019-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(code_against(engine, &parcel), "receipt-not-genuine");
}

fn a_sender_hosted_elsewhere_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).with(|envelope| {
        envelope.sender = party("G22");
        envelope.header.sender = lienthong::domain::agency::AgencyCode::parse("G22").unwrap();
    });
    assert_eq!(code_against(engine, &parcel), "sender-not-at-origin");
}

fn an_unknown_sender_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).with(|envelope| envelope.sender.code = "Z99.1".to_owned());
    let refusal = refusal_of(engine, &parcel);
    assert!(
        matches!(refusal, Refusal::UnknownAgency { .. }),
        "{refusal:?}"
    );
}

fn an_unknown_recipient_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient.code = "Z99.1".to_owned());
    let refusal = refusal_of(engine, &parcel);
    assert!(
        matches!(refusal, Refusal::UnknownAgency { .. }),
        "{refusal:?}"
    );
}

fn a_closed_recipient_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient = party("H21.12"));
    let refusal = refusal_of(engine, &parcel);
    assert!(
        matches!(refusal, Refusal::AgencyClosed { .. }),
        "{refusal:?}"
    );
}

fn a_secret_marking_in_the_envelope_is_refused(engine: Engine) {
    let parcel =
        a_parcel(&letter()).with(|envelope| envelope.header.subject = "TỐI MẬT".to_owned());
    assert_malformed(engine, &parcel.body(), "header");
}

fn a_document_whose_bytes_did_not_come_is_refused(engine: Engine) {
    let parcel = a_parcel(b"bytes that never came");
    assert_eq!(code_against(engine, &parcel), "bytes-missing");
}

fn a_size_that_is_not_the_bytes_is_refused(engine: Engine) {
    let parcel = a_parcel(&letter()).with(|envelope| envelope.content.size_bytes += 1);
    assert_eq!(code_against(engine, &parcel), "size-differs");
}

fn bytes_that_are_not_those_announced_are_not_kept(engine: Engine) {
    let district = TestHub::new("district", engine);
    let mut incoming = district.hub.begin_bytes().unwrap();
    incoming.push(b"other bytes").unwrap();
    let refused = district.run(incoming.finish(Some(Sha256::of(b"announced"))));
    assert!(refused.is_err());
    assert!(
        !district
            .run(district.hub.has_blob(Sha256::of(b"other bytes")))
            .unwrap()
    );
}

fn more_bytes_than_a_document_may_have_are_refused(engine: Engine) {
    let district = TestHub::with("district", engine, |parts| parts.largest_bytes = 1000);
    let mut incoming = district.hub.begin_bytes().unwrap();
    incoming.push(&[0; 1000]).unwrap();
    assert!(incoming.push(&[0]).is_err());
}

fn a_body_larger_than_any_honest_one_is_refused(engine: Engine) {
    let refused = against(engine, "commune", &vec![b' '; LARGEST_BODY + 1]);
    assert!(
        matches!(
            refused,
            Error::Unacceptable {
                code: "too-large",
                ..
            }
        ),
        "{refused:?}"
    );
}

fn a_body_that_is_no_transfer_is_refused(engine: Engine) {
    assert_malformed(engine, b"{\"schema\":\"lienthong.transfer/1\"}", "body");
}

on_both_databases![
    a_document_marked_secret_is_neither_relayed_nor_taken_in,
    a_hub_that_is_no_neighbour_is_refused,
    a_road_that_ends_at_another_hub_is_refused,
    a_road_that_begins_at_another_hub_is_refused,
    a_road_that_was_here_before_is_refused,
    a_road_back_to_a_hub_passed_before_is_refused,
    a_road_longer_than_any_honest_one_is_refused,
    a_road_that_would_become_too_long_is_refused,
    an_envelope_changed_after_submission_is_refused,
    a_recipient_changed_after_submission_is_refused,
    bytes_changed_after_submission_are_refused,
    a_receipt_of_another_event_is_no_submission,
    a_submission_signed_by_another_hub_is_refused,
    a_submission_that_names_another_hub_is_refused,
    a_submission_with_a_broken_signature_is_refused,
    a_submission_stated_before_its_key_was_valid_is_refused,
    a_sender_hosted_elsewhere_is_refused,
    an_unknown_sender_is_refused,
    an_unknown_recipient_is_refused,
    a_closed_recipient_is_refused,
    a_secret_marking_in_the_envelope_is_refused,
    a_document_whose_bytes_did_not_come_is_refused,
    a_size_that_is_not_the_bytes_is_refused,
    bytes_that_are_not_those_announced_are_not_kept,
    more_bytes_than_a_document_may_have_are_refused,
    a_body_larger_than_any_honest_one_is_refused,
    a_body_that_is_no_transfer_is_refused,
];
