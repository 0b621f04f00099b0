//! Receipts handed back: who may state what about a delivery, late ones, and the same one twice.

use lienthong::domain::delivery::{HandlingState, TransportState};
use lienthong::domain::ids::DocumentId;
use lienthong::domain::receipt::{Event, Statement};
use lienthong::domain::refusal::{Reason, ReasonCode};
use lienthong::exchange::Error;
use lienthong::exchange::inquiry::DeliveryPage;
use lienthong::peer::envelope::Envelope;
use lienthong::peer::protocol::Transfer;
use lienthong::store::Engine;

use crate::world::hub::TestHub;
use crate::world::on_both_databases;
use crate::world::paper::{a_document, letter};
use crate::world::parcel::{a_parcel, hand_back, party, sign, states};
use crate::world::registry::hub;

const ROAD: [&str; 3] = ["district", "province", "central"];

/// The hub of huyện Đức Cơ after sending a letter to Văn phòng Chính phủ; its neighbour is played
/// by the test.
struct Sent {
    district: TestHub,
    document: DocumentId,
    envelope: Envelope,
}

impl Sent {
    fn by(engine: Engine) -> Self {
        let district = TestHub::new("district", engine);
        let document = district.send(&a_document().from("H21.36").to("G22"));
        let delivery = district.delivery("H21.36", document).row.id;
        let sent = district.run(district.hub.sent_requests(delivery)).unwrap();
        let transfer = Transfer::from_bytes(&sent[0].2).unwrap();
        Self {
            envelope: Envelope::from_bytes(&transfer.envelope).unwrap(),
            district,
            document,
        }
    }

    /// What the hub at the end of `road` states about the letter.
    fn stated(&self, event: Event, road: &[&str]) -> Statement {
        states(road.last().unwrap(), event, &self.envelope, road)
    }

    /// The neighbour `from` hands a statement back, signed by the hub it names.
    fn hand(&self, from: &str, stated: &Statement) -> Result<(), Error> {
        let signed = sign(stated, stated.issuer.as_str());
        self.district
            .take_back(from, &hand_back(&signed))
            .map(|_| ())
    }

    fn page(&self) -> DeliveryPage {
        self.district.delivery("H21.36", self.document)
    }

    /// The neighbour's statement must be refused under this code and change nothing.
    #[track_caller]
    fn assert_refused(&self, from: &str, stated: &Statement, code: &str) {
        let before = self.district.database.census();
        let refused = self.hand(from, stated);
        assert!(
            matches!(&refused, Err(Error::Unacceptable { code: found, .. }) if *found == code),
            "{refused:?}"
        );
        assert_eq!(self.district.database.census(), before);
    }
}

fn receipts_move_the_delivery_along_its_road(engine: Engine) {
    let sent = Sent::by(engine);
    let mut seen = vec![sent.page().row.transport];
    for (event, hubs) in [
        (Event::Relay, 2),
        (Event::Consignment, 3),
        (Event::Acceptance, 3),
    ] {
        sent.hand("province", &sent.stated(event, &ROAD[..hubs]))
            .unwrap();
        seen.push(sent.page().row.transport);
    }
    let relayed = TransportState::Relayed { hop: 1 };
    let consigned = TransportState::Consigned;
    assert_eq!(
        seen,
        [TransportState::Queued, relayed, consigned, consigned]
    );
    assert_eq!(sent.page().row.handling, HandlingState::Accepted);
}

fn a_refusal_from_afar_brings_its_reason(engine: Engine) {
    let sent = Sent::by(engine);
    let reason = Reason::new(ReasonCode::WrongRecipient, "Không thuộc thẩm quyền").unwrap();
    let mut stated = sent.stated(Event::Rejection, &ROAD);
    stated.reason = Some(reason.clone());
    sent.hand("province", &stated).unwrap();
    assert_eq!(
        (sent.page().row.handling, sent.page().row.reason),
        (HandlingState::Refused, Some(reason))
    );
}

fn a_late_receipt_of_a_lower_rank_is_kept_but_lowers_nothing(engine: Engine) {
    let sent = Sent::by(engine);
    sent.hand("province", &sent.stated(Event::Consignment, &ROAD))
        .unwrap();
    sent.hand("province", &sent.stated(Event::Relay, &ROAD[..2]))
        .unwrap();
    let page = sent.page();
    assert_eq!(page.row.transport, TransportState::Consigned);
    assert!(
        page.receipts
            .iter()
            .any(|receipt| receipt.event == Event::Relay)
    );
}

fn a_late_arrival_does_not_undo_an_acceptance(engine: Engine) {
    let sent = Sent::by(engine);
    sent.hand("province", &sent.stated(Event::Acceptance, &ROAD))
        .unwrap();
    sent.hand("province", &sent.stated(Event::Consignment, &ROAD))
        .unwrap();
    assert_eq!(
        (sent.page().row.handling, sent.page().receipts.len()),
        (HandlingState::Accepted, 3)
    );
}

fn the_same_receipt_again_is_answered_alike_and_has_no_second_effect(engine: Engine) {
    let sent = Sent::by(engine);
    let stated = sent.stated(Event::Acceptance, &ROAD);
    let body = hand_back(&sign(&stated, "central"));
    let first = sent.district.take_back("province", &body).unwrap();
    let after_first = sent.district.database.census();
    let second = sent.district.take_back("province", &body).unwrap();
    assert_eq!(
        (first.repeated, second.repeated, second.body),
        (false, true, first.body)
    );
    assert_eq!(sent.district.database.census(), after_first);
}

fn the_same_receipt_under_another_transfer_id_has_no_second_effect(engine: Engine) {
    let sent = Sent::by(engine);
    let signed = sign(&sent.stated(Event::Acceptance, &ROAD), "central");
    sent.district
        .take_back("province", &hand_back(&signed))
        .unwrap();
    let effects = |hub: &TestHub| {
        ["evidence", "mails", "jobs", "acts"].map(|table| hub.database.count(table))
    };
    let after_first = effects(&sent.district);
    sent.district
        .take_back("province", &hand_back(&signed))
        .unwrap();
    assert_eq!(effects(&sent.district), after_first);
}

fn the_same_transfer_id_with_another_receipt_is_a_conflict(engine: Engine) {
    use lienthong::peer::protocol::ReceiptTransfer;
    let sent = Sent::by(engine);
    let body = hand_back(&sign(&sent.stated(Event::Relay, &ROAD[..2]), "province"));
    sent.district.take_back("province", &body).unwrap();
    let mut other = ReceiptTransfer::from_bytes(&body).unwrap();
    other.receipt = sign(&sent.stated(Event::Acceptance, &ROAD), "central");
    let refused = sent
        .district
        .take_back("province", &other.to_bytes().unwrap());
    assert!(
        matches!(refused, Err(Error::Mismatch { .. })),
        "{refused:?}"
    );
    assert_eq!(sent.page().row.handling, HandlingState::Sent);
}

fn a_receipt_from_a_hub_the_delivery_did_not_go_to_is_refused(engine: Engine) {
    let sent = Sent::by(engine);
    sent.assert_refused(
        "commune",
        &sent.stated(Event::Acceptance, &ROAD),
        "unknown-delivery",
    );
}

fn a_receipt_about_an_unknown_delivery_is_refused(engine: Engine) {
    let sent = Sent::by(engine);
    let other = a_parcel(&letter())
        .with(|envelope| envelope.recipient = party("G22"))
        .envelope;
    let stated = states("central", Event::Consignment, &other, &ROAD);
    sent.assert_refused("province", &stated, "unknown-delivery");
}

fn a_receipt_about_another_envelope_is_refused(engine: Engine) {
    let sent = Sent::by(engine);
    let mut stated = sent.stated(Event::Acceptance, &ROAD);
    stated.envelope_sha256 = lienthong::domain::digest::Sha256::of(b"another envelope");
    sent.assert_refused("province", &stated, "unknown-delivery");
}

fn a_receipt_about_another_document_is_refused(engine: Engine) {
    let sent = Sent::by(engine);
    let mut stated = sent.stated(Event::Acceptance, &ROAD);
    stated.document = a_parcel(&letter()).envelope.header.id;
    sent.assert_refused("province", &stated, "unknown-delivery");
}

fn a_receipt_about_other_bytes_is_refused(engine: Engine) {
    let sent = Sent::by(engine);
    let mut stated = sent.stated(Event::Acceptance, &ROAD);
    stated.content = crate::world::parcel::content(b"other bytes");
    sent.assert_refused("province", &stated, "unknown-delivery");
}

fn a_hub_between_can_not_accept_for_the_recipient(engine: Engine) {
    let sent = Sent::by(engine);
    for event in [Event::Consignment, Event::Acceptance, Event::Rejection] {
        let mut stated = sent.stated(event, &ROAD[..2]);
        stated.reason =
            (event == Event::Rejection).then(|| Reason::new(ReasonCode::Layout, "").unwrap());
        sent.assert_refused("province", &stated, "not-the-recipients-hub");
    }
}

fn a_receipt_signed_by_another_hub_than_it_names_is_refused(engine: Engine) {
    let sent = Sent::by(engine);
    let before = sent.district.database.census();
    let forged = sign(&sent.stated(Event::Acceptance, &ROAD), "province");
    let refused = sent.district.take_back("province", &hand_back(&forged));
    assert!(
        matches!(
            refused,
            Err(Error::Unacceptable {
                code: "receipt-not-genuine",
                ..
            })
        ),
        "{refused:?}"
    );
    assert_eq!(sent.district.database.census(), before);
}

fn a_receipt_with_a_changed_statement_is_refused(engine: Engine) {
    let sent = Sent::by(engine);
    let mut signed = sign(&sent.stated(Event::Relay, &ROAD[..2]), "province");
    let other = sign(&sent.stated(Event::Acceptance, &ROAD), "central");
    signed.statement = other.statement;
    let refused = sent.district.take_back("province", &hand_back(&signed));
    assert!(
        matches!(
            refused,
            Err(Error::Unacceptable {
                code: "receipt-not-genuine",
                ..
            })
        ),
        "{refused:?}"
    );
}

fn a_receipt_that_is_not_canonical_is_refused(engine: Engine) {
    let sent = Sent::by(engine);
    let mut signed = sign(&sent.stated(Event::Relay, &ROAD[..2]), "province");
    signed.statement.push(b'\n');
    let refused = sent.district.take_back("province", &hand_back(&signed));
    assert!(
        matches!(
            refused,
            Err(Error::Unacceptable {
                code: "receipt-not-genuine",
                ..
            })
        ),
        "{refused:?}"
    );
}

fn a_failure_ends_the_delivery_with_its_reason(engine: Engine) {
    let sent = Sent::by(engine);
    let mut stated = sent.stated(Event::Failure, &ROAD[..2]);
    let reason = Reason::new(ReasonCode::Other, "province → central: no answer").unwrap();
    stated.reason = Some(reason.clone());
    sent.hand("province", &stated).unwrap();
    assert_eq!(
        (sent.page().row.transport, sent.page().row.reason),
        (TransportState::Failed, Some(reason))
    );
}

fn the_sender_is_told_once_by_mail(engine: Engine) {
    let sent = Sent::by(engine);
    sent.hand("province", &sent.stated(Event::Acceptance, &ROAD))
        .unwrap();
    sent.hand("province", &sent.stated(Event::Acceptance, &ROAD))
        .unwrap();
    let mails = "SELECT notice || ' ' || address AS value FROM mails";
    assert_eq!(
        sent.district.database.texts(mails),
        ["accepted vanthu.ducco@thu-nghiem.invalid"]
    );
}

fn a_hub_between_passes_receipts_back_unchanged(engine: Engine) {
    use lienthong::peer::protocol::ReceiptTransfer;
    let district = TestHub::new("district", engine);
    district.upload(&letter());
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient = party("G22"));
    district.take_over("commune", &parcel.body()).unwrap();
    district.clock.pass_seconds(1);
    let road = ["commune", "district", "province", "central"];
    let signed = sign(
        &states("central", Event::Acceptance, &parcel.envelope, &road),
        "central",
    );
    district.take_back("province", &hand_back(&signed)).unwrap();
    let sent = district
        .run(district.hub.sent_requests(parcel.envelope.delivery))
        .unwrap();
    let (_, to, body) = sent.last().unwrap();
    let onward = ReceiptTransfer::from_bytes(body).unwrap();
    assert_eq!((to, onward.receipt), (&hub("commune"), signed));
}

fn a_neighbour_that_stays_away_ends_in_a_negative_receipt(engine: Engine) {
    let sent = Sent::by(engine);
    let waiting = sent.page().waiting.unwrap();
    assert_eq!(
        (waiting.hub, waiting.reason.as_deref()),
        (hub("province"), Some("no line to hub province"))
    );
    for _ in 0..4 {
        sent.district.clock.pass_seconds(1200);
        sent.district.settle();
    }
    let page = sent.page();
    assert_eq!(page.row.transport, TransportState::Failed);
    assert!(
        page.row
            .reason
            .unwrap()
            .text
            .contains("no line to hub province")
    );
    assert_eq!(page.receipts.last().unwrap().event, Event::Failure);
    let open = "jobs WHERE kind = 'transfer'";
    assert_eq!(sent.district.database.count(open), 0);
}

on_both_databases![
    receipts_move_the_delivery_along_its_road,
    a_refusal_from_afar_brings_its_reason,
    a_late_receipt_of_a_lower_rank_is_kept_but_lowers_nothing,
    a_late_arrival_does_not_undo_an_acceptance,
    the_same_receipt_again_is_answered_alike_and_has_no_second_effect,
    the_same_receipt_under_another_transfer_id_has_no_second_effect,
    the_same_transfer_id_with_another_receipt_is_a_conflict,
    a_receipt_from_a_hub_the_delivery_did_not_go_to_is_refused,
    a_receipt_about_an_unknown_delivery_is_refused,
    a_receipt_about_another_envelope_is_refused,
    a_receipt_about_another_document_is_refused,
    a_receipt_about_other_bytes_is_refused,
    a_hub_between_can_not_accept_for_the_recipient,
    a_receipt_signed_by_another_hub_than_it_names_is_refused,
    a_receipt_with_a_changed_statement_is_refused,
    a_receipt_that_is_not_canonical_is_refused,
    a_failure_ends_the_delivery_with_its_reason,
    the_sender_is_told_once_by_mail,
    a_hub_between_passes_receipts_back_unchanged,
    a_neighbour_that_stays_away_ends_in_a_negative_receipt,
];
