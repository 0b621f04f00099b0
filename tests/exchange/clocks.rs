//! Deadlines: warned of once, missed once, stopped by the act itself, whatever happens to processes
//! and to the clocks of machines.

use lienthong::config;
use lienthong::domain::deadline::Rule;
use lienthong::domain::deadline_clock::State;
use lienthong::domain::document::Urgency;
use lienthong::domain::ids::DeliveryId;
use lienthong::domain::receipt::Event;
use lienthong::store::Engine;

#[cfg(feature = "failpoints")]
use crate::world::crash::Crash;
use crate::world::hub::{TestHub, clerk};
use crate::world::judge::openssl_against;
use crate::world::on_both_databases;
use crate::world::paper::a_document;

const IADOM: &str = "H21.36.21";
const IAKLA: &str = "H21.36.22";
/// From the start of the tests, Monday 09:00 in Vietnam, in seconds: the warning two hours of office
/// time before closing, then closing.
const WARNING: i64 = 6 * 3600;
const CLOSING: i64 = 8 * 3600;
const DAY: i64 = 24 * 3600;

/// A hub where a document waits for the clerk of xã Ia Kla.
fn waiting(engine: Engine) -> (TestHub, DeliveryId) {
    let hub = TestHub::new("commune", engine);
    hub.send(&a_document());
    let id = hub.arrived(IAKLA).delivery.row.id;
    (hub, id)
}

fn ring(hub: &TestHub) -> usize {
    hub.run(hub.hub.ring_clocks()).unwrap()
}

/// The state of the recipient's clock.
fn state(hub: &TestHub, id: DeliveryId, rule: Rule) -> State {
    let clocks = hub.received(IAKLA, id).delivery.row.clocks;
    let one = clocks.into_iter().find(|clock| clock.rule == rule);
    one.unwrap().state
}

fn missed(hub: &TestHub) -> i64 {
    hub.database
        .count("evidence WHERE event = 'AcceptanceRejectionExpiry'")
}

fn what_lies_is_warned_of_once_and_missed_once(engine: Engine) {
    let (hub, id) = waiting(engine);
    assert_eq!(ring(&hub), 0);
    hub.clock.pass_seconds(WARNING);
    assert!(ring(&hub) > 0);
    assert_eq!(state(&hub, id, Rule::Answer), State::Warned);
    assert_eq!((ring(&hub), missed(&hub)), (0, 0));
    hub.clock.pass_seconds(CLOSING - WARNING);
    assert!(ring(&hub) > 0);
    assert_eq!(state(&hub, id, Rule::Answer), State::Overdue);
    hub.clock.pass_seconds(30 * DAY);
    assert_eq!((ring(&hub), missed(&hub)), (0, 1));
}

fn the_clerks_concerned_get_one_mail_each(engine: Engine) {
    let (hub, _) = waiting(engine);
    hub.clock.pass_seconds(WARNING);
    ring(&hub);
    // Only who owes is warned.
    assert_eq!(hub.database.count("mails WHERE notice = 'due-soon'"), 1);
    hub.clock.pass_seconds(CLOSING - WARNING);
    ring(&hub);
    hub.settle();
    let sent = "mails WHERE notice = 'overdue' AND state = 'sent'";
    assert_eq!(hub.database.count(sent), 2);
}

fn a_missed_deadline_is_signed_and_reaches_the_sender(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let document = hub.send(&a_document());
    hub.clock.pass_seconds(CLOSING);
    ring(&hub);
    let page = hub.delivery(IADOM, document);
    let mut told = page.receipts.iter();
    let told = told.find(|one| one.event == Event::AnswerExpiry).unwrap();
    let reason = told.reason.as_ref().unwrap();
    assert!(reason.text.contains("2025-06-30T10:00:00Z"), "{reason:?}");
    let receipt = hub.run(hub.hub.receipt(&clerk(IADOM), told.id)).unwrap();
    assert_eq!(openssl_against(&receipt), None);
}

fn what_is_accepted_in_time_is_never_missed(engine: Engine) {
    let (hub, id) = waiting(engine);
    hub.run(hub.hub.accept(&clerk(IAKLA), id)).unwrap();
    hub.clock.pass_seconds(DAY);
    assert_eq!((ring(&hub), missed(&hub)), (0, 0));
    assert_eq!(state(&hub, id, Rule::Answer), State::InTime);
}

fn what_is_accepted_after_the_deadline_is_late_and_stays_missed(engine: Engine) {
    let (hub, id) = waiting(engine);
    hub.clock.pass_seconds(CLOSING);
    ring(&hub);
    hub.run(hub.hub.accept(&clerk(IAKLA), id)).unwrap();
    assert_eq!(state(&hub, id, Rule::Answer), State::Late);
    assert_eq!(missed(&hub), 1);
}

fn the_sender_sees_the_deadline_of_the_recipient(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let document = hub.send(&a_document());
    let states = |hub: &TestHub| {
        let clocks = hub.delivery(IADOM, document).row.clocks;
        let mut all: Vec<_> = clocks.iter().map(|one| (one.rule, one.state)).collect();
        all.sort_by_key(|(rule, _)| rule.as_str());
        all
    };
    let before = [
        (Rule::Answer, State::Running),
        (Rule::Arrival, State::InTime),
        (Rule::Send, State::InTime),
    ];
    assert_eq!(states(&hub), before);
    hub.clock.pass_seconds(CLOSING);
    ring(&hub);
    assert_eq!(states(&hub)[0], (Rule::Answer, State::Overdue));
}

fn processes_that_look_at_the_same_moment_record_a_breach_once(engine: Engine) {
    let (hub, _) = waiting(engine);
    hub.clock.pass_seconds(CLOSING);
    let twin = hub.twin();
    let (one, two) = hub.run(async { tokio::join!(hub.hub.ring_clocks(), twin.ring_clocks()) });
    assert_eq!(one.unwrap() + two.unwrap(), 2);
    assert_eq!(missed(&hub), 1);
    assert_eq!(hub.database.count("acts WHERE act = 'deadline missed'"), 2);
    let open = hub.database.count("signings WHERE outcome IS NULL");
    assert_eq!(open, 0);
}

fn a_clock_set_back_and_forth_rings_no_more_often(engine: Engine) {
    let (hub, id) = waiting(engine);
    let mut rang = 0;
    for step in [WARNING, -2 * DAY, 2 * DAY, CLOSING - WARNING, -DAY, 3 * DAY] {
        hub.clock.pass_seconds(step);
        rang += ring(&hub);
    }
    // Two warnings, two breaches: the answer, and the answer as the sender awaits it.
    assert_eq!((rang, missed(&hub)), (4, 1));
    assert_eq!(state(&hub, id, Rule::Answer), State::Overdue);
}

fn a_holiday_in_between_does_not_count(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calendar.toml");
    let holiday = "[[years]]\nyear = 2025\ndecided = true\nsource = \"test\"\nclosed = [{ from = \
                   \"2025-06-30\", to = \"2025-07-01\", name = \"Ngày nghỉ\" }]";
    std::fs::write(&path, holiday).unwrap();
    let calendars = config::calendar::read(Some(&path)).unwrap();
    let hub = TestHub::with("commune", engine, |parts| parts.calendars = calendars);
    hub.send(&a_document());
    hub.clock.pass_seconds(CLOSING + DAY);
    ring(&hub);
    assert_eq!(missed(&hub), 0);
    hub.clock.pass_seconds(DAY);
    ring(&hub);
    assert_eq!(missed(&hub), 1);
}

fn a_flash_document_has_a_quarter_of_an_hour_by_day_and_night(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.clock.pass_seconds(12 * 3600);
    let mut draft = hub.draft(&a_document());
    draft.urgency = Urgency::Flash;
    hub.run(hub.hub.compose(&clerk(IADOM), draft)).unwrap();
    hub.settle();
    hub.clock.pass_seconds(14 * 60);
    ring(&hub);
    assert_eq!(missed(&hub), 0);
    hub.clock.pass_seconds(61);
    ring(&hub);
    assert_eq!(missed(&hub), 1);
}

#[cfg(feature = "failpoints")]
fn a_hub_that_dies_while_a_clock_rings_lets_it_ring_again(engine: Engine) {
    let (hub, id) = waiting(engine);
    hub.clock.pass_seconds(CLOSING);
    let crash = Crash::once("clock-before-record", &hub);
    hub.run(hub.hub.ring_clocks()).unwrap_err();
    assert!(crash.happened());
    assert_eq!(missed(&hub), 0);
    let restarted = hub.twin();
    hub.run(restarted.ring_clocks()).unwrap();
    assert_eq!(
        (missed(&hub), state(&hub, id, Rule::Answer)),
        (1, State::Overdue)
    );
}

on_both_databases!(
    what_lies_is_warned_of_once_and_missed_once,
    the_clerks_concerned_get_one_mail_each,
    a_missed_deadline_is_signed_and_reaches_the_sender,
    what_is_accepted_in_time_is_never_missed,
    what_is_accepted_after_the_deadline_is_late_and_stays_missed,
    the_sender_sees_the_deadline_of_the_recipient,
    processes_that_look_at_the_same_moment_record_a_breach_once,
    a_clock_set_back_and_forth_rings_no_more_often,
    a_holiday_in_between_does_not_count,
    a_flash_document_has_a_quarter_of_an_hour_by_day_and_night,
);

#[cfg(feature = "failpoints")]
mod crashes {
    use super::*;

    on_both_databases!(a_hub_that_dies_while_a_clock_rings_lets_it_ring_again);
}
