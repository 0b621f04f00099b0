//! Documents handed over rightly, once, again, and twice at once: one effect and one answer.

use lienthong::domain::delivery::TransportState;
use lienthong::domain::digest::Sha256;
use lienthong::domain::receipt::Event;
use lienthong::evidence::statement;
use lienthong::exchange::Error;
use lienthong::peer::protocol::{Transfer, answer_from_bytes};
use lienthong::store::Engine;

use super::district;
use crate::world::hub::{TestHub, clerk};
use crate::world::paper::{letter, sealed_by};
use crate::world::parcel::{a_parcel, party};
use crate::world::registry::hub;
use crate::world::{judge, on_both_databases};

fn an_honest_transfer_is_answered_with_a_genuine_receipt(engine: Engine) {
    let district = district(engine);
    let parcel = a_parcel(&letter());
    let answer = district.take_over("commune", &parcel.body()).unwrap();
    let receipt = answer_from_bytes(&answer.body).unwrap().unwrap();
    let stated = statement::from_bytes(&receipt.statement).unwrap();
    assert_eq!(judge::openssl_against(&receipt), None);
    assert_eq!(
        (stated.event, stated.issuer, stated.transfer),
        (Event::Consignment, hub("district"), Some(parcel.id))
    );
    assert_eq!(
        stated.envelope_sha256,
        Sha256::of(&parcel.envelope.to_bytes().unwrap())
    );
    assert_eq!(stated.path, [hub("commune"), hub("district")]);
}

fn a_hub_between_passes_the_envelope_on_unchanged(engine: Engine) {
    let district = district(engine);
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient = party("G22"));
    let body = parcel.body();
    district.take_over("commune", &body).unwrap();
    let sent = district
        .run(district.hub.sent_requests(parcel.envelope.delivery))
        .unwrap();
    let [(_, to, onward)] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    let (came, goes) = (
        Transfer::from_bytes(&body).unwrap(),
        Transfer::from_bytes(onward).unwrap(),
    );
    assert_eq!(
        (to, &goes.path),
        (&hub("province"), &vec![hub("commune"), hub("district")])
    );
    assert_eq!(
        (goes.envelope, goes.submission),
        (came.envelope, came.submission)
    );
}

fn the_same_transfer_again_gets_the_same_bytes_and_no_second_effect(engine: Engine) {
    let district = district(engine);
    let body = a_parcel(&letter()).body();
    let first = district.take_over("commune", &body).unwrap();
    let after_first = district.database.census();
    district.clock.pass_seconds(3600);
    let second = district.take_over("commune", &body).unwrap();
    assert_eq!((first.repeated, second.repeated), (false, true));
    assert_eq!(
        (second.body, district.database.census()),
        (first.body, after_first)
    );
}

fn the_same_transfer_twice_at_once_has_one_effect(engine: Engine) {
    let district = district(engine);
    for _ in 0..8 {
        let body = a_parcel(&letter()).body();
        let both = district.run(async {
            let (one, two) = (body.clone(), body);
            tokio::join!(
                district.hub.take_over(hub("commune"), one, None),
                district.hub.take_over(hub("commune"), two, None)
            )
        });
        assert_eq!(both.0.unwrap().body, both.1.unwrap().body);
    }
    assert_eq!(district.database.count("deliveries"), 8);
    assert_eq!(district.database.count("signings WHERE outcome IS NULL"), 0);
}

#[track_caller]
fn assert_conflict_without_effect(district: &TestHub, body: &[u8]) {
    let counted = |hub: &TestHub| {
        ["documents", "deliveries", "evidence", "inbox", "jobs"]
            .map(|table| hub.database.count(table))
    };
    let before = counted(district);
    let refused = district.take_over("commune", body);
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(counted(district), before);
}

fn the_same_delivery_under_another_transfer_id_is_a_conflict(engine: Engine) {
    let district = district(engine);
    let parcel = a_parcel(&letter());
    district.take_over("commune", &parcel.body()).unwrap();
    assert_conflict_without_effect(&district, &parcel.again().body());
}

fn a_known_document_with_other_bytes_is_a_conflict(engine: Engine) {
    let district = district(engine);
    district.upload(&sealed_by("iadom"));
    let parcel = a_parcel(&letter());
    district.take_over("commune", &parcel.body()).unwrap();
    let id = parcel.envelope.header.id;
    let other = a_parcel(&sealed_by("iadom")).with(|envelope| envelope.header.id = id);
    assert_conflict_without_effect(&district, &other.body());
}

fn a_known_document_with_another_subject_is_a_conflict(engine: Engine) {
    let district = district(engine);
    let parcel = a_parcel(&letter());
    district.take_over("commune", &parcel.body()).unwrap();
    let id = parcel.envelope.header.id;
    let other = a_parcel(&letter()).with(|envelope| {
        envelope.header.id = id;
        envelope.header.subject = "Về việc khác".to_owned();
    });
    assert_conflict_without_effect(&district, &other.body());
}

fn one_document_for_two_recipients_is_two_deliveries(engine: Engine) {
    let district = district(engine);
    let parcel = a_parcel(&letter());
    let id = parcel.envelope.header.id;
    let other = a_parcel(&letter()).with(|envelope| {
        envelope.header.id = id;
        envelope.recipient = party("H21.36.1");
    });
    district.take_over("commune", &parcel.body()).unwrap();
    district.take_over("commune", &other.body()).unwrap();
    assert_eq!(
        (
            district.database.count("documents"),
            district.database.count("deliveries")
        ),
        (1, 2)
    );
}

fn a_number_received_twice_is_shown_as_a_twin(engine: Engine) {
    let district = district(engine);
    district
        .take_over("commune", &a_parcel(&letter()).body())
        .unwrap();
    let twin = a_parcel(&letter());
    district.take_over("commune", &twin.body()).unwrap();
    assert_eq!(district.received("H21.36", twin.envelope.delivery).twins, 1);
}

fn the_name_of_the_sender_is_that_of_the_registry(engine: Engine) {
    let district = district(engine);
    let parcel = a_parcel(&letter())
        .with(|envelope| envelope.sender.name = "Văn phòng Chính phủ".to_owned());
    district.take_over("commune", &parcel.body()).unwrap();
    let row = district
        .received("H21.36", parcel.envelope.delivery)
        .delivery
        .row;
    assert_eq!(
        (row.sender, row.transport),
        (party("H21.36.21"), TransportState::Consigned)
    );
}

fn what_only_passes_through_is_seen_by_nobody_here(engine: Engine) {
    let district = district(engine);
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient = party("G22"));
    district.take_over("commune", &parcel.body()).unwrap();
    let clerk = clerk("H21.36");
    let seen = district.run(
        district
            .hub
            .received_document(&clerk, parcel.envelope.delivery),
    );
    assert!(matches!(seen, Err(Error::NotFound(_))), "{seen:?}");
    let bytes = district.run(
        district
            .hub
            .document_bytes(&clerk, parcel.envelope.header.id),
    );
    assert!(matches!(bytes, Err(Error::NotFound(_))));
}

on_both_databases![
    an_honest_transfer_is_answered_with_a_genuine_receipt,
    a_hub_between_passes_the_envelope_on_unchanged,
    the_same_transfer_again_gets_the_same_bytes_and_no_second_effect,
    the_same_transfer_twice_at_once_has_one_effect,
    the_same_delivery_under_another_transfer_id_is_a_conflict,
    a_known_document_with_other_bytes_is_a_conflict,
    a_known_document_with_another_subject_is_a_conflict,
    one_document_for_two_recipients_is_two_deliveries,
    a_number_received_twice_is_shown_as_a_twin,
    the_name_of_the_sender_is_that_of_the_registry,
    what_only_passes_through_is_seen_by_nobody_here,
];
