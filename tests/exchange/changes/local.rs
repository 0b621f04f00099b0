//! Sender and recipient on one hub.

use lienthong::domain::change::{Basis, Kind, Part, Standing, State};
use lienthong::domain::delivery::TransportState;
use lienthong::domain::receipt::Event;
use lienthong::domain::refusal::{Reason, ReasonCode, Refusal};
use lienthong::exchange::Error;
use lienthong::exchange::change::ask::What;
use lienthong::store::Engine;

use super::{Delivered, IADOM, IAKLA, VPCP, ask, last, recall, stand};
use crate::world::hub::{auditor, clerk};
use crate::world::judge;
use crate::world::on_both_databases;
use crate::world::paper::a_document;

/// Longer than a recipient has for an answer.
const TOO_LONG: i64 = 100 * 3600;

#[track_caller]
fn assert_wrong_state<T: std::fmt::Debug>(outcome: &Result<T, Error>, state: &'static str) {
    assert!(
        matches!(outcome, Err(Error::Refused(Refusal::WrongState { state: found })) if *found == state),
        "{outcome:?}"
    );
}

fn what_nobody_opened_is_given_back_without_asking(engine: Engine) {
    let letter = Delivered::new(engine);
    letter.recall("k").unwrap();
    letter.assert_both(Standing::Recalled, State::Agreed);
    let change = last(&letter.sent());
    assert_eq!(change.kind, Kind::TakeBack);
    let answer = change.answer.unwrap();
    assert_eq!(
        (answer.basis, answer.by.as_str()),
        (Basis::NotOpened, "system")
    );
}

fn what_was_given_back_can_not_be_read_or_accepted(engine: Engine) {
    let letter = Delivered::new(engine);
    letter.recall("k").unwrap();
    let (hub, reader) = (&letter.hub, clerk(IAKLA));
    let file = hub.run(hub.hub.document_bytes(&reader, letter.document));
    assert_wrong_state(&file.map(|_| ()), "standing-recalled");
    let accepted = hub.run(hub.hub.accept(&reader, letter.delivery));
    assert_wrong_state(&accepted, "standing-recalled");
    let page = hub.received(IAKLA, letter.delivery);
    assert_eq!((page.header.subject.as_str(), page.report), ("", None));
    assert_eq!(hub.database.count("openings"), 0);
}

fn the_sender_keeps_what_was_given_back(engine: Engine) {
    let letter = Delivered::new(engine);
    letter.recall("k").unwrap();
    let hub = &letter.hub;
    hub.run(hub.hub.document_bytes(&clerk(IADOM), letter.document))
        .unwrap();
}

fn the_first_opening_is_signed_and_reaches_the_sender(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.open().unwrap();
    let page = letter.sent();
    assert_eq!(page.row.transport, TransportState::Accessed);
    let opened: Vec<_> = page
        .receipts
        .iter()
        .filter(|receipt| receipt.event == Event::Access)
        .map(|receipt| receipt.actor.as_deref())
        .collect();
    assert_eq!(opened, [Some("user:Văn thư H21.36.22")]);
}

fn what_was_opened_waits_for_the_clerk(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    letter.assert_both(Standing::InForce, State::Requested);
    letter.agree().unwrap();
    letter.assert_both(Standing::Recalled, State::Agreed);
}

fn the_answer_says_who_had_opened_what_and_verifies(engine: Engine) {
    let letter = Delivered::opened(engine);
    let hub = &letter.hub;
    hub.clock.pass_seconds(60);
    let reader = auditor(IAKLA);
    hub.run(hub.hub.document_bytes(&reader, letter.document))
        .unwrap();
    letter.recall("k").unwrap();
    letter.agree().unwrap();
    let page = letter.sent();
    let answer = page
        .receipts
        .iter()
        .find(|receipt| receipt.event == Event::ChangeAgreement);
    let answer = answer.unwrap();
    let note = answer.change.clone().unwrap();
    let opened: Vec<_> = note.opened.iter().map(|one| one.part).collect();
    assert_eq!(
        (note.basis, opened),
        (Some(Basis::Clerk), vec![Part::Page, Part::File])
    );
    assert_eq!(answer.actor.as_deref(), Some("user:Văn thư H21.36.22"));
    for row in page.receipts.iter().filter(|row| row.change.is_some()) {
        let signed = hub.run(hub.hub.receipt(&clerk(IADOM), row.id)).unwrap();
        assert_eq!(judge::openssl_against(&signed), None, "{:?}", row.event);
    }
}

fn a_refusal_needs_words_and_leaves_the_document_in_force(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    let silent = letter.refuse("  ");
    assert!(
        matches!(silent, Err(Error::Refused(Refusal::ReasonMissing))),
        "{silent:?}"
    );
    letter.refuse("Đã thực hiện xong").unwrap();
    letter.assert_both(Standing::InForce, State::Refused);
    let answer = last(&letter.sent()).answer.unwrap();
    assert_eq!(answer.reason.as_deref(), Some("Đã thực hiện xong"));
}

fn one_may_ask_again_after_a_refusal_only(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("first").unwrap();
    assert_wrong_state(&letter.recall("second"), "change-requested");
    letter.refuse("Chưa rõ lý do").unwrap();
    letter.recall("third").unwrap();
    letter.agree().unwrap();
    assert_wrong_state(&letter.recall("fourth"), "standing-recalled");
    letter.assert_both(Standing::Recalled, State::Agreed);
}

fn answering_twice_changes_nothing_and_otherwise_is_refused(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    letter.agree().unwrap();
    let before = letter.hub.database.census();
    letter.agree().unwrap();
    assert_eq!(letter.hub.database.census(), before);
    assert_wrong_state(&letter.refuse("Không"), "change-agreed");
}

fn the_same_key_is_the_same_act(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    let before = letter.hub.database.census();
    letter.recall("k").unwrap();
    assert_eq!(letter.hub.database.census(), before);
    let mut other = ask("k", What::Recall);
    other.reason = "Lý do khác".to_owned();
    let hub = &letter.hub;
    let asked = hub.run(hub.hub.ask_change(&clerk(IADOM), letter.document, other));
    assert!(matches!(asked, Err(Error::Conflict(_))), "{asked:?}");
}

fn asking_needs_words(engine: Engine) {
    let letter = Delivered::new(engine);
    let before = letter.hub.database.census();
    let mut silent = ask("k", What::Recall);
    silent.reason = String::new();
    let hub = &letter.hub;
    let asked = hub.run(hub.hub.ask_change(&clerk(IADOM), letter.document, silent));
    assert!(
        matches!(asked, Err(Error::Refused(Refusal::ReasonMissing))),
        "{asked:?}"
    );
    assert_eq!(hub.database.census(), before);
}

fn only_clerks_of_the_sending_agency_ask_and_of_the_receiving_one_answer(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    let (hub, id) = (&letter.hub, letter.asked());
    let ask = |person| {
        hub.run(
            hub.hub
                .ask_change(&person, letter.document, ask("x", What::Recall)),
        )
    };
    let agree = |person| hub.run(hub.hub.agree_change(&person, letter.delivery, id));
    for not_there in [ask(clerk(IAKLA)), ask(clerk(VPCP)), agree(clerk(IADOM))] {
        assert!(
            matches!(not_there, Err(Error::NotFound(_))),
            "{not_there:?}"
        );
    }
    for not_allowed in [ask(auditor(IADOM)), agree(auditor(IAKLA))] {
        assert!(
            matches!(not_allowed, Err(Error::NotAllowed(_))),
            "{not_allowed:?}"
        );
    }
}

fn silence_is_recorded_and_a_late_answer_still_counts(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    letter.hub.settle();
    letter.assert_both(Standing::InForce, State::Requested);
    letter.hub.clock.pass_seconds(TOO_LONG);
    letter.hub.settle();
    letter.assert_both(Standing::InForce, State::Overdue);
    let receipts = letter.sent().receipts;
    let overdue = receipts
        .iter()
        .filter(|receipt| receipt.event == Event::ChangeExpiry);
    assert_eq!(overdue.count(), 1);
    letter.agree().unwrap();
    letter.assert_both(Standing::Recalled, State::Agreed);
}

fn both_clerks_are_told_of_silence(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    letter.hub.clock.pass_seconds(TOO_LONG);
    letter.hub.settle();
    let mails = "SELECT notice || ' ' || address AS value FROM mails WHERE notice LIKE 'change-%' AND \
                 state = 'sent' ORDER BY value";
    assert_eq!(
        letter.hub.database.texts(mails),
        [
            "change-asked vanthu.iakla@thu-nghiem.invalid",
            "change-overdue vanthu.iadom@thu-nghiem.invalid",
            "change-overdue vanthu.iakla@thu-nghiem.invalid",
        ]
    );
}

fn the_sender_is_told_of_the_answer(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    letter.refuse("Chưa rõ lý do").unwrap();
    letter.hub.settle();
    let mails = "SELECT address AS value FROM mails WHERE notice = 'change-refused'";
    assert_eq!(
        letter.hub.database.texts(mails),
        ["vanthu.iadom@thu-nghiem.invalid"]
    );
}

fn asking_again_after_silence_closes_the_older_request(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("first").unwrap();
    letter.hub.clock.pass_seconds(TOO_LONG);
    letter.hub.settle();
    letter.recall("second").unwrap();
    let states: Vec<State> = letter.sent().changes.iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Closed, State::Requested]);
    let older = letter.sent().changes.remove(0);
    assert_eq!(older.answer.unwrap().basis, Basis::AskedAgain);
}

fn refusing_the_document_closes_the_request(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    let hub = &letter.hub;
    let reason = Reason::new(ReasonCode::WrongRecipient, "").unwrap();
    hub.run(hub.hub.refuse(&clerk(IAKLA), letter.delivery, reason))
        .unwrap();
    hub.settle();
    letter.assert_both(Standing::InForce, State::Closed);
    let answer = last(&letter.sent()).answer.unwrap();
    assert_eq!(answer.basis, Basis::DocumentRefused);
}

fn after_acceptance_it_is_a_formal_recall(engine: Engine) {
    let letter = Delivered::new(engine);
    let hub = &letter.hub;
    hub.run(hub.hub.accept(&clerk(IAKLA), letter.delivery))
        .unwrap();
    letter.recall("k").unwrap();
    assert_eq!(last(&letter.got()).kind, Kind::Recall);
    letter.assert_both(Standing::InForce, State::Requested);
}

fn each_recipient_answers_for_itself(engine: Engine) {
    let hub = crate::world::hub::TestHub::new("district", engine);
    let paper = a_document()
        .from("H21.36")
        .addressed_to(&["H21.36.1", "H21"]);
    let document = hub.send(&paper);
    recall(&hub, "H21.36", document, "k").unwrap();
    let stands: Vec<_> = hub
        .sent("H21.36", document)
        .deliveries
        .iter()
        .map(|page| (page.row.recipient.code.clone(), stand(page)))
        .collect();
    assert_eq!(
        stands,
        [
            (
                "H21".to_owned(),
                (Standing::InForce, Some(State::Requested))
            ),
            (
                "H21.36.1".to_owned(),
                (Standing::Recalled, Some(State::Agreed))
            ),
        ]
    );
}

fn one_recipient_can_be_asked_alone(engine: Engine) {
    let hub = crate::world::hub::TestHub::new("district", engine);
    let paper = a_document()
        .from("H21.36")
        .addressed_to(&["H21.36.1", "H21"]);
    let document = hub.send(&paper);
    let mut one = ask("k", What::Recall);
    one.recipients = vec!["H21.36.1".to_owned()];
    hub.run(hub.hub.ask_change(&clerk("H21.36"), document, one))
        .unwrap();
    let asked: Vec<usize> = hub
        .sent("H21.36", document)
        .deliveries
        .iter()
        .map(|page| page.changes.len())
        .collect();
    assert_eq!(asked, [0, 1]);
}

fn no_key_stays_without_an_outcome_and_nothing_is_left_to_do(engine: Engine) {
    let letter = Delivered::opened(engine);
    letter.recall("k").unwrap();
    letter.agree().unwrap();
    letter.hub.settle();
    let unknown = "signings WHERE outcome IS NULL";
    assert_eq!(letter.hub.database.count(unknown), 0);
    assert_eq!(letter.hub.database.count("jobs"), 0);
}

on_both_databases![
    what_nobody_opened_is_given_back_without_asking,
    what_was_given_back_can_not_be_read_or_accepted,
    the_sender_keeps_what_was_given_back,
    the_first_opening_is_signed_and_reaches_the_sender,
    what_was_opened_waits_for_the_clerk,
    the_answer_says_who_had_opened_what_and_verifies,
    a_refusal_needs_words_and_leaves_the_document_in_force,
    one_may_ask_again_after_a_refusal_only,
    answering_twice_changes_nothing_and_otherwise_is_refused,
    the_same_key_is_the_same_act,
    asking_needs_words,
    only_clerks_of_the_sending_agency_ask_and_of_the_receiving_one_answer,
    silence_is_recorded_and_a_late_answer_still_counts,
    both_clerks_are_told_of_silence,
    the_sender_is_told_of_the_answer,
    asking_again_after_silence_closes_the_older_request,
    refusing_the_document_closes_the_request,
    after_acceptance_it_is_a_formal_recall,
    each_recipient_answers_for_itself,
    one_recipient_can_be_asked_alone,
    no_key_stays_without_an_outcome_and_nothing_is_left_to_do,
];
