//! The same transfer again, its id with other bytes, and neighbours whose clock is off.

use lienthong::domain::digest::Sha256;
use lienthong::domain::receipt::SignedStatement;
use lienthong::evidence::mismatch::Mismatch;
use lienthong::evidence::statement;
use lienthong::exchange::Error;
use lienthong::peer::protocol::answer_from_bytes;
use lienthong::store::Engine;

use super::district;
use crate::world::hub::TestHub;
use crate::world::paper::letter;
use crate::world::parcel::{Parcel, a_parcel};
use crate::world::registry::hub;
use crate::world::{judge, on_both_databases};

fn a_transfer_replayed_a_hundred_times_has_one_effect_and_one_answer(engine: Engine) {
    let district = district(engine);
    let body = a_parcel(&letter()).body();
    let first = district.take_over("commune", &body).unwrap();
    let census = district.database.census();
    for _ in 0..100 {
        let again = district.take_over("commune", &body).unwrap();
        assert!(again.repeated && again.body == first.body);
    }
    assert_eq!(district.database.census(), census);
}

/// A transfer taken over, then another body under its id; what the hub stated about it.
fn mismatched(district: &TestHub) -> (Vec<u8>, Vec<u8>, SignedStatement) {
    let parcel = a_parcel(&letter());
    let first = parcel.body();
    district.take_over("commune", &first).unwrap();
    let second = Parcel {
        id: parcel.id,
        ..a_parcel(&letter())
    }
    .body();
    let stated = conflict(district, &second);
    (first, second, stated)
}

#[track_caller]
fn conflict(district: &TestHub, body: &[u8]) -> SignedStatement {
    match district.take_over("commune", body) {
        Err(Error::Mismatch { signed, .. }) => *signed,
        other => panic!("{other:?}"),
    }
}

fn the_same_id_with_other_bytes_is_stated_with_both_digests(engine: Engine) {
    let district = district(engine);
    let (first, second, signed) = mismatched(&district);
    let stated = Mismatch::from_bytes(&signed.statement).unwrap();
    assert_eq!(judge::openssl_against(&signed), None);
    assert_eq!(
        (stated.issuer, stated.neighbour),
        (hub("district"), hub("commune"))
    );
    assert_eq!(
        (stated.known_sha256, stated.found_sha256),
        (Sha256::of(&first), Sha256::of(&second))
    );
}

fn the_same_id_with_other_bytes_has_no_effect_and_both_are_kept(engine: Engine) {
    let district = district(engine);
    mismatched(&district);
    let counts =
        ["deliveries", "inbox", "mismatches", "jobs"].map(|table| district.database.count(table));
    assert_eq!(counts, [1, 1, 1, 1]);
    let open = district.database.count("signings WHERE outcome IS NULL");
    assert_eq!(open, 0);
}

fn the_same_mismatch_again_gets_the_same_statement(engine: Engine) {
    let district = district(engine);
    let (_, second, stated) = mismatched(&district);
    district.clock.pass_seconds(60);
    assert_eq!(conflict(&district, &second), stated);
    assert_eq!(district.database.count("mismatches"), 1);
}

fn an_offer_under_a_used_id_is_a_mismatch_as_well(engine: Engine) {
    let district = district(engine);
    let (_, second, stated) = mismatched(&district);
    let offered = district.run(district.hub.offered(hub("commune"), second));
    assert!(
        matches!(&offered, Err(Error::Mismatch { signed, .. }) if **signed == stated),
        "{offered:?}"
    );
}

fn bodies_under_one_id_are_not_kept_without_end(engine: Engine) {
    let district = district(engine);
    let parcel = a_parcel(&letter());
    district.take_over("commune", &parcel.body()).unwrap();
    for _ in 0..12 {
        let other = Parcel {
            id: parcel.id,
            ..a_parcel(&letter())
        };
        district.take_over("commune", &other.body()).unwrap_err();
    }
    assert_eq!(district.database.count("mismatches"), 10);
}

/// What the receipt says about a clock that is off by so many seconds.
fn offset_stated(engine: Engine, seconds: i64) -> Option<i64> {
    let district = district(engine);
    let at = district.hub.now();
    let theirs = at + lienthong::domain::clock::SignedDuration::from_secs(seconds);
    let body = a_parcel(&letter()).body();
    let taken = district.hub.take_over(hub("commune"), body, Some(theirs));
    let answer = district.run(taken).unwrap();
    let receipt = answer_from_bytes(&answer.body).unwrap().unwrap();
    let stated = statement::from_bytes(&receipt.statement).unwrap();
    assert_eq!(stated.at, at);
    stated.clock_offset_seconds
}

fn a_neighbour_whose_clock_is_off_is_served_and_the_receipt_says_so(engine: Engine) {
    let stated = [3_600, -3_600, 60, 0].map(|seconds| offset_stated(engine, seconds));
    assert_eq!(stated, [Some(3_600), Some(-3_600), None, None]);
}

on_both_databases![
    a_transfer_replayed_a_hundred_times_has_one_effect_and_one_answer,
    the_same_id_with_other_bytes_is_stated_with_both_digests,
    the_same_id_with_other_bytes_has_no_effect_and_both_are_kept,
    the_same_mismatch_again_gets_the_same_statement,
    an_offer_under_a_used_id_is_a_mismatch_as_well,
    bodies_under_one_id_are_not_kept_without_end,
    a_neighbour_whose_clock_is_off_is_served_and_the_receipt_says_so,
];
