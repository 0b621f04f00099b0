//! The recipient's clerk decides: once, with a number or a reason, and nobody else.

use lienthong::domain::delivery::HandlingState;
use lienthong::domain::ids::DeliveryId;
use lienthong::domain::receipt::Event;
use lienthong::domain::refusal::{Reason, ReasonCode, Refusal};
use lienthong::exchange::Error;
use lienthong::store::Engine;

use crate::world::hub::{TestHub, auditor, clerk};
use crate::world::on_both_databases;
use crate::world::paper::a_document;

const IADOM: &str = "H21.36.21";
const IAKLA: &str = "H21.36.22";

/// A hub where a document waits for the clerk of xã Ia Kla.
fn waiting(engine: Engine) -> (TestHub, DeliveryId) {
    let hub = TestHub::new("commune", engine);
    hub.send(&a_document());
    let id = hub.arrived(IAKLA).delivery.row.id;
    (hub, id)
}

fn wrong_recipient() -> Reason {
    Reason::new(
        ReasonCode::WrongRecipient,
        "Thuộc thẩm quyền của UBND huyện",
    )
    .unwrap()
}

#[track_caller]
fn assert_wrong_state<T: std::fmt::Debug>(outcome: &Result<T, Error>, state: HandlingState) {
    let expected = Refusal::WrongState {
        state: state.phrase(),
    };
    assert!(
        matches!(outcome, Err(Error::Refused(found)) if *found == expected),
        "{outcome:?}"
    );
}

fn a_refusal_reaches_the_sender_with_its_reason(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let document = hub.send(&a_document());
    let id = hub.arrived(IAKLA).delivery.row.id;
    hub.run(hub.hub.refuse(&clerk(IAKLA), id, wrong_recipient()))
        .unwrap();
    let page = hub.delivery(IADOM, document);
    assert_eq!(
        (page.row.handling, page.row.reason),
        (HandlingState::Refused, Some(wrong_recipient()))
    );
    let told = page
        .receipts
        .into_iter()
        .find(|receipt| receipt.event == Event::Rejection);
    let told = told.unwrap();
    assert_eq!(
        (told.reason, told.actor.as_deref()),
        (Some(wrong_recipient()), Some("user:Văn thư H21.36.22"))
    );
}

fn a_refused_document_gets_no_arrival_number(engine: Engine) {
    let (hub, id) = waiting(engine);
    hub.run(hub.hub.refuse(&clerk(IAKLA), id, wrong_recipient()))
        .unwrap();
    assert_eq!(hub.received(IAKLA, id).delivery.row.arrival_number, None);
    assert_eq!(hub.database.count("arrival_registers"), 0);
}

fn refusing_for_another_reason_needs_words(_engine: Engine) {
    assert_eq!(
        Reason::new(ReasonCode::Other, "  "),
        Err(Refusal::ReasonMissing)
    );
}

fn a_reason_without_its_words_is_refused_by_the_hub_too(engine: Engine) {
    let (hub, id) = waiting(engine);
    let before = hub.database.census();
    let empty = Reason {
        code: ReasonCode::Other,
        text: String::new(),
    };
    let refused = hub.run(hub.hub.refuse(&clerk(IAKLA), id, empty));
    assert!(
        matches!(refused, Err(Error::Refused(Refusal::ReasonMissing))),
        "{refused:?}"
    );
    assert_eq!(hub.database.census(), before);
}

fn accepting_twice_gives_the_same_number_and_one_receipt(engine: Engine) {
    let (hub, id) = waiting(engine);
    let first = hub.run(hub.hub.accept(&clerk(IAKLA), id)).unwrap();
    let after_first = hub.database.census();
    let second = hub.run(hub.hub.accept(&clerk(IAKLA), id)).unwrap();
    assert_eq!((second, hub.database.census()), (first, after_first));
}

fn refusing_twice_leaves_one_receipt(engine: Engine) {
    let (hub, id) = waiting(engine);
    hub.run(hub.hub.refuse(&clerk(IAKLA), id, wrong_recipient()))
        .unwrap();
    let after_first = hub.database.census();
    hub.run(hub.hub.refuse(&clerk(IAKLA), id, wrong_recipient()))
        .unwrap();
    assert_eq!(hub.database.census(), after_first);
}

fn what_was_refused_can_not_be_accepted(engine: Engine) {
    let (hub, id) = waiting(engine);
    hub.run(hub.hub.refuse(&clerk(IAKLA), id, wrong_recipient()))
        .unwrap();
    let outcome = hub.run(hub.hub.accept(&clerk(IAKLA), id));
    assert_wrong_state(&outcome, HandlingState::Refused);
}

fn what_was_accepted_can_not_be_refused(engine: Engine) {
    let (hub, id) = waiting(engine);
    hub.run(hub.hub.accept(&clerk(IAKLA), id)).unwrap();
    let outcome = hub.run(hub.hub.refuse(&clerk(IAKLA), id, wrong_recipient()));
    assert_wrong_state(&outcome, HandlingState::Accepted);
}

fn what_was_not_yet_judged_can_not_be_accepted(engine: Engine) {
    let hub = TestHub::new("district", engine);
    let bytes = crate::world::paper::sealed_by("iadom");
    hub.upload(&bytes);
    let parcel = crate::world::parcel::a_parcel(&bytes);
    hub.take_over("commune", &parcel.body()).unwrap();
    let outcome = hub.run(hub.hub.accept(&clerk("H21.36"), parcel.envelope.delivery));
    assert!(
        matches!(outcome, Err(Error::Refused(Refusal::NotGenuine { .. }))),
        "{outcome:?}"
    );
}

fn an_auditor_can_neither_accept_nor_refuse(engine: Engine) {
    let (hub, id) = waiting(engine);
    let before = hub.database.census();
    let accepted = hub.run(hub.hub.accept(&auditor(IAKLA), id));
    let refused = hub.run(hub.hub.refuse(&auditor(IAKLA), id, wrong_recipient()));
    assert!(
        matches!(accepted, Err(Error::NotAllowed(_))),
        "{accepted:?}"
    );
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    assert_eq!(hub.database.census(), before);
}

fn an_auditor_sees_the_receipts_but_no_button(engine: Engine) {
    let (hub, id) = waiting(engine);
    let page = hub
        .run(hub.hub.received_document(&auditor(IAKLA), id))
        .unwrap();
    assert_eq!(
        (
            page.may_accept,
            page.may_refuse,
            page.delivery.receipts.len()
        ),
        (false, false, 2)
    );
}

fn two_clerks_who_accept_at_once_get_one_number(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    for round in 1..=8 {
        hub.send(&a_document().number(&format!("{round}/UBND-VP")));
        let id = hub.arrived(IAKLA).delivery.row.id;
        let clerk = clerk(IAKLA);
        let both =
            hub.run(async { tokio::join!(hub.hub.accept(&clerk, id), hub.hub.accept(&clerk, id)) });
        let expected = format!("{round:02}/2025");
        assert_eq!(
            (both.0.unwrap(), both.1.unwrap()),
            (expected.clone(), expected)
        );
    }
}

fn documents_accepted_at_once_get_numbers_without_gap(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    for round in 1..=6 {
        hub.send(&a_document().number(&format!("{round}/UBND-VP")));
    }
    let clerk = clerk(IAKLA);
    let rows = hub.run(hub.hub.incoming(&clerk, None)).unwrap();
    let ids: Vec<DeliveryId> = rows.iter().map(|row| row.delivery.id).collect();
    let mut numbers = Vec::new();
    for pair in ids.chunks(2) {
        let both = hub.run(async {
            tokio::join!(
                hub.hub.accept(&clerk, pair[0]),
                hub.hub.accept(&clerk, pair[1])
            )
        });
        numbers.extend([both.0.unwrap(), both.1.unwrap()]);
    }
    numbers.sort();
    let expected: Vec<String> = (1..=6).map(|number| format!("{number:02}/2025")).collect();
    assert_eq!(numbers, expected);
}

fn accepting_and_refusing_at_once_leaves_one_decision(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    for round in 1..=6 {
        let document = hub.send(&a_document().number(&format!("{round}/UBND-VP")));
        let id = hub.arrived(IAKLA).delivery.row.id;
        let clerk = clerk(IAKLA);
        let both = hub.run(async {
            tokio::join!(
                hub.hub.accept(&clerk, id),
                hub.hub.refuse(&clerk, id, wrong_recipient())
            )
        });
        assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
        let decisions = hub.delivery(IADOM, document).receipts;
        let is_decision = |event| matches!(event, Event::Acceptance | Event::Rejection);
        assert_eq!(
            decisions
                .iter()
                .filter(|one| is_decision(one.event))
                .count(),
            1
        );
    }
    assert_eq!(hub.database.count("signings WHERE outcome IS NULL"), 0);
}

on_both_databases![
    a_refusal_reaches_the_sender_with_its_reason,
    a_refused_document_gets_no_arrival_number,
    refusing_for_another_reason_needs_words,
    a_reason_without_its_words_is_refused_by_the_hub_too,
    accepting_twice_gives_the_same_number_and_one_receipt,
    refusing_twice_leaves_one_receipt,
    what_was_refused_can_not_be_accepted,
    what_was_accepted_can_not_be_refused,
    what_was_not_yet_judged_can_not_be_accepted,
    an_auditor_can_neither_accept_nor_refuse,
    an_auditor_sees_the_receipts_but_no_button,
    two_clerks_who_accept_at_once_get_one_number,
    documents_accepted_at_once_get_numbers_without_gap,
    accepting_and_refusing_at_once_leaves_one_decision,
];
