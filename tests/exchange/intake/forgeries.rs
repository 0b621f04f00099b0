//! Forged documents in genuine envelopes: stopped at reception with the right reason, or kept from
//! being accepted.

use lienthong::domain::clock::SignedDuration;
use lienthong::domain::delivery::HandlingState;
use lienthong::domain::lane::schedule::Want;
use lienthong::domain::lane::{Lane, Target};
use lienthong::domain::receipt::Event;
use lienthong::domain::refusal::{Reason, ReasonCode, Refusal};
use lienthong::exchange::Error;
use lienthong::exchange::Parts;
use lienthong::exchange::inquiry::IncomingPage;
use lienthong::jail::Jail;
use lienthong::peer::protocol::ReceiptTransfer;
use lienthong::store::Engine;
use lienthong::store::rows::jobs::{self, Job};

use crate::world::hub::{TestHub, clerk, trust};
use crate::world::on_both_databases;
use crate::world::paper::{byte_changed, content_replaced, letter, sealed_by, signed_by_leader};
use crate::world::parcel::a_parcel;

const DUCCO: &str = "H21.36";

/// What the clerk of huyện Đức Cơ sees after these bytes came as a letter of xã Ia Dom.
fn received(
    engine: Engine,
    bytes: &[u8],
    change: impl FnOnce(&mut Parts),
) -> (TestHub, IncomingPage) {
    let district = TestHub::with("district", engine, change);
    district.upload(bytes);
    let parcel = a_parcel(bytes);
    district.take_over("commune", &parcel.body()).unwrap();
    district.settle();
    let page = district.received(DUCCO, parcel.envelope.delivery);
    (district, page)
}

/// These bytes must be refused at reception for this reason, and the sender's hub must hear of it.
#[track_caller]
fn assert_stopped(engine: Engine, bytes: &[u8], code: ReasonCode, verdict: &str) {
    let (district, page) = received(engine, bytes, |_| {});
    let row = &page.delivery.row;
    let reason = row.reason.clone().unwrap();
    assert_eq!(
        (row.handling, reason.code),
        (HandlingState::Refused, code),
        "{reason:?}"
    );
    assert_eq!(row.verdict.as_ref().unwrap().verdict, verdict);
    assert!(!page.may_accept && !page.may_refuse && reason.text.contains(": "));
    let sent = district.run(district.hub.sent_requests(row.id)).unwrap();
    let told = ReceiptTransfer::from_bytes(&sent[0].2).unwrap();
    let stated = lienthong::evidence::statement::from_bytes(&told.receipt.statement).unwrap();
    assert_eq!(
        (stated.event, stated.reason),
        (Event::Rejection, Some(reason))
    );
}

fn a_genuine_document_waits_for_the_clerk(engine: Engine) {
    let (_, page) = received(engine, &sealed_by("iadom"), |_| {});
    assert_eq!(page.delivery.row.handling, HandlingState::Arrived);
    assert!(page.may_accept && page.may_refuse);
}

fn here_normal() -> Want {
    Want {
        target: Target::Here,
        lane: Lane::Normal,
        most: 9,
        is_probe: false,
    }
}

/// Takes the due jobs of a hub `times` times and dies with them.
fn interrupt(hub: &TestHub, times: u32) {
    for _ in 0..times {
        let now = hub.hub.now();
        let until = now.checked_add(SignedDuration::from_secs(60)).unwrap();
        let taken: Result<Vec<Vec<Job>>, lienthong::store::Error> = hub
            .database
            .store()
            .write(|tx| jobs::claim(tx, &[here_normal()], now, until));
        assert_eq!(taken.unwrap().concat().len(), 1);
        hub.clock.pass_seconds(61);
    }
}

fn a_verification_interrupted_again_and_again_is_done_in_the_end(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = sealed_by("iadom");
    district.upload(&bytes);
    let parcel = a_parcel(&bytes);
    district.take_over("commune", &parcel.body()).unwrap();
    interrupt(&district, 7);
    district.settle();
    let page = district.received(DUCCO, parcel.envelope.delivery);
    assert!(page.delivery.row.verdict.is_some() && page.may_accept);
}

fn a_document_that_may_end_its_hub_waits_between_attempts(engine: Engine) {
    let district = TestHub::with("district", engine, |parts| {
        parts.jail = Jail::trust_blindly();
    });
    let bytes = sealed_by("iadom");
    district.upload(&bytes);
    let parcel = a_parcel(&bytes);
    district.take_over("commune", &parcel.body()).unwrap();
    interrupt(&district, 7);
    district.settle();
    let page = district.received(DUCCO, parcel.envelope.delivery);
    assert!(page.delivery.row.verdict.is_none());
    district.clock.pass_seconds(61);
    district.settle();
    let page = district.received(DUCCO, parcel.envelope.delivery);
    assert!(page.delivery.row.verdict.is_some() && page.may_accept);
}

fn a_changed_byte_is_stopped(engine: Engine) {
    let forged = byte_changed(sealed_by("iadom"));
    assert_stopped(
        engine,
        &forged,
        ReasonCode::SignatureInvalid,
        "TOTAL-FAILED",
    );
}

fn content_replaced_after_signing_is_stopped(engine: Engine) {
    let forged = content_replaced(&sealed_by("iadom"));
    assert_stopped(
        engine,
        &forged,
        ReasonCode::SignatureInvalid,
        "TOTAL-FAILED",
    );
}

fn the_signature_of_another_agency_is_stopped(engine: Engine) {
    assert_stopped(
        engine,
        &sealed_by("iakla"),
        ReasonCode::Certificate,
        "INDETERMINATE",
    );
}

fn an_unsigned_document_is_stopped(engine: Engine) {
    assert_stopped(
        engine,
        &letter(),
        ReasonCode::SignatureMissing,
        "NO-SIGNATURE",
    );
}

fn a_document_without_the_seal_is_stopped(engine: Engine) {
    let half = signed_by_leader("iadom");
    assert_stopped(engine, &half, ReasonCode::SignatureMissing, "INDETERMINATE");
}

fn bytes_that_are_no_pdf_are_stopped(engine: Engine) {
    assert_stopped(
        engine,
        b"not a document",
        ReasonCode::SignatureInvalid,
        "UNREADABLE",
    );
}

fn without_revocation_lists(parts: &mut Parts) {
    parts.trust = trust(false);
}

fn what_cannot_be_decided_waits_but_can_not_be_accepted(engine: Engine) {
    let (district, page) = received(engine, &sealed_by("iadom"), without_revocation_lists);
    let row = &page.delivery.row;
    assert_eq!(
        (row.handling, row.verdict.as_ref().unwrap().verdict.as_str()),
        (HandlingState::Arrived, "INDETERMINATE")
    );
    assert!(!page.may_accept && page.may_refuse);
    let refused = district.run(district.hub.accept(&clerk(DUCCO), row.id));
    assert!(
        matches!(refused, Err(Error::Refused(Refusal::NotGenuine { .. }))),
        "{refused:?}"
    );
    assert_eq!(district.database.count("arrival_registers"), 0);
}

/// A letter nobody could judge for want of lists, and the hub once it has them.
fn undecided_then_renewed(engine: Engine, bytes: &[u8]) -> (TestHub, IncomingPage) {
    let (district, page) = received(engine, bytes, without_revocation_lists);
    assert_eq!(page.delivery.row.verdict.unwrap().verdict, "INDETERMINATE");
    district.clock.pass_seconds(60);
    let again = district.run(district.hub.renew_trust(trust(true))).unwrap();
    assert_eq!(again, Some(1));
    district.settle();
    let page = district.received(DUCCO, page.delivery.row.id);
    (district, page)
}

fn what_could_not_be_decided_is_judged_again_with_new_lists(engine: Engine) {
    let (_, page) = undecided_then_renewed(engine, &sealed_by("iadom"));
    assert!(page.may_accept);
}

fn the_recipient_is_told_of_the_arrival_only_once(engine: Engine) {
    let (district, _) = undecided_then_renewed(engine, &sealed_by("iadom"));
    assert_eq!(district.database.count("mails"), 1);
}

fn a_document_the_clerk_refused_is_not_judged_again(engine: Engine) {
    let (district, page) = received(engine, &sealed_by("iadom"), without_revocation_lists);
    let reason = Reason {
        code: ReasonCode::Other,
        text: "chờ danh sách thu hồi".to_owned(),
    };
    let id = page.delivery.row.id;
    district
        .run(district.hub.refuse(&clerk(DUCCO), id, reason))
        .unwrap();
    let again = district.run(district.hub.renew_trust(trust(true))).unwrap();
    assert_eq!(again, Some(0));
}

fn the_same_lists_again_change_nothing(engine: Engine) {
    let (district, _) = received(engine, &sealed_by("iadom"), without_revocation_lists);
    let again = district.run(district.hub.renew_trust(trust(false)));
    assert_eq!(again.unwrap(), None);
}

fn what_cannot_be_decided_can_be_refused_by_the_clerk(engine: Engine) {
    let (district, page) = received(engine, &sealed_by("iadom"), without_revocation_lists);
    let reason = Reason::new(ReasonCode::Certificate, "Không kiểm tra được").unwrap();
    district
        .run(
            district
                .hub
                .refuse(&clerk(DUCCO), page.delivery.row.id, reason),
        )
        .unwrap();
    let page = district.received(DUCCO, page.delivery.row.id);
    assert_eq!(page.delivery.row.handling, HandlingState::Refused);
}

fn the_report_of_a_forgery_is_kept_under_its_digest(engine: Engine) {
    let (_, page) = received(engine, &byte_changed(sealed_by("iadom")), |_| {});
    let report = page.report.unwrap();
    let digest = lienthong::domain::digest::Sha256::of(report.as_bytes());
    assert_eq!(page.delivery.row.verdict.unwrap().report_sha256, digest);
    assert!(report.contains("lienthong.verification/1"));
}

on_both_databases![
    a_genuine_document_waits_for_the_clerk,
    a_verification_interrupted_again_and_again_is_done_in_the_end,
    a_document_that_may_end_its_hub_waits_between_attempts,
    a_changed_byte_is_stopped,
    content_replaced_after_signing_is_stopped,
    the_signature_of_another_agency_is_stopped,
    an_unsigned_document_is_stopped,
    a_document_without_the_seal_is_stopped,
    bytes_that_are_no_pdf_are_stopped,
    what_cannot_be_decided_waits_but_can_not_be_accepted,
    what_cannot_be_decided_can_be_refused_by_the_clerk,
    what_could_not_be_decided_is_judged_again_with_new_lists,
    the_recipient_is_told_of_the_arrival_only_once,
    a_document_the_clerk_refused_is_not_judged_again,
    the_same_lists_again_change_nothing,
    the_report_of_a_forgery_is_kept_under_its_digest,
];
