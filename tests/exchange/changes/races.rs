//! A taking back and an opening at the same moment: exactly one is first, and the evidence says which.

use lienthong::domain::change::{Basis, Standing, State};
use lienthong::domain::delivery::TransportState;
use lienthong::domain::receipt::Event;
use lienthong::exchange::change::ask::What;
use lienthong::store::Engine;

use super::{IADOM, IAKLA, ask, last};
use crate::world::hub::{TestHub, clerk};
use crate::world::on_both_databases;
use crate::world::paper::a_document;

fn a_recall_and_an_opening_at_once_have_one_winner(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    for round in 0..6 {
        let document = hub.send(&a_document().number(&format!("{}/UBND-VP", round + 1)));
        let delivery = hub.arrived(IAKLA).delivery.row.id;
        let (sender, reader) = (clerk(IADOM), clerk(IAKLA));
        let key = format!("key {round}");
        let (asked, read) = hub.run(async {
            tokio::join!(
                hub.hub
                    .ask_change(&sender, document, ask(&key, What::Recall)),
                hub.hub.document_bytes(&reader, document)
            )
        });
        asked.unwrap();
        let (sent, got) = (
            hub.delivery(IADOM, document),
            hub.received(IAKLA, delivery).delivery,
        );
        assert_eq!(sent.row.standing, got.row.standing);
        let change = last(&sent);
        let was_opened = sent.receipts.iter().any(|one| one.event == Event::Access);
        if read.is_ok() {
            assert_eq!((change.state, was_opened), (State::Requested, true));
            assert_eq!(got.row.transport, TransportState::Accessed);
        } else {
            assert_eq!((change.state, was_opened), (State::Agreed, false));
            assert_eq!(change.answer.unwrap().basis, Basis::NotOpened);
            assert_eq!(got.row.standing, Standing::Recalled);
        }
    }
    assert_eq!(hub.database.count("signings WHERE outcome IS NULL"), 0);
}

fn two_who_open_at_once_leave_one_receipt_and_both_names(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let document = hub.send(&a_document());
    let delivery = hub.arrived(IAKLA).delivery.row.id;
    let one = clerk(IAKLA);
    let mut other = clerk(IAKLA);
    other.name = "Chuyên viên".to_owned();
    let (a, b) = hub.run(async {
        tokio::join!(
            hub.hub.open_received(&one, delivery),
            hub.hub.open_received(&other, delivery)
        )
    });
    assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
    let receipts = hub.delivery(IADOM, document).receipts;
    let accesses = receipts.iter().filter(|one| one.event == Event::Access);
    assert_eq!((accesses.count(), hub.database.count("openings")), (1, 2));
}

fn agreeing_and_refusing_at_once_leaves_one_answer(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    for round in 0..4 {
        let document = hub.send(&a_document().number(&format!("{}/UBND-VP", round + 1)));
        let delivery = hub.arrived(IAKLA).delivery.row.id;
        let reader = clerk(IAKLA);
        hub.run(hub.hub.open_received(&reader, delivery)).unwrap();
        let key = format!("key {round}");
        hub.run(
            hub.hub
                .ask_change(&clerk(IADOM), document, ask(&key, What::Recall)),
        )
        .unwrap();
        let id = last(&hub.delivery(IADOM, document)).id;
        let (yes, no) = hub.run(async {
            tokio::join!(
                hub.hub.agree_change(&reader, delivery, id),
                hub.hub.refuse_change(&reader, delivery, id, "Không đồng ý")
            )
        });
        assert!(yes.is_ok() != no.is_ok(), "{yes:?} {no:?}");
        let page = hub.delivery(IADOM, document);
        let is_end = |event| matches!(event, Event::ChangeAgreement | Event::ChangeRefusal);
        let ends = page.receipts.iter().filter(|one| is_end(one.event));
        assert_eq!(ends.count(), 1);
        assert_eq!(page.row.standing == Standing::Recalled, yes.is_ok());
    }
}

on_both_databases![
    a_recall_and_an_opening_at_once_have_one_winner,
    two_who_open_at_once_leave_one_receipt_and_both_names,
    agreeing_and_refusing_at_once_leaves_one_answer,
];
