//! What is owed until when. Each rule has a name and a source; reckoning needs nothing but values.

use crate::domain::calendar::WorkingCalendar;
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::delivery::{HandlingState, Role, TransportState};
use crate::domain::document::Urgency;

/// A deadline of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The sender sends on the day of signing, at the latest in the morning of the next working day.
    Send,
    /// The recipient's system reports arrival within the day.
    Arrival,
    /// The recipient opens what arrived: it is submitted within the day, urgent documents at once.
    Open,
    /// The recipient accepts or refuses within the day.
    Answer,
    /// Whoever is asked to give back or change a document answers.
    Change,
}

/// Working days in which a change request is answered. Source: our own choice; no clause states one.
const CHANGE_DAYS: usize = 2;
/// The longest time a warning comes before the deadline.
const LONGEST_WARNING: SignedDuration = SignedDuration::from_hours(2);

/// What a deadline is reckoned from.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// When it begins to run.
    pub at: Timestamp,
    /// How urgent the document is.
    pub urgency: Urgency,
    /// The hour stated on the document (hỏa tốc hẹn giờ), if one is.
    pub stated: Option<Timestamp>,
}

/// Until when something is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When those concerned are warned.
    pub warn: Timestamp,
    /// The last instant in time.
    pub at: Timestamp,
    /// Whether the calendar knows all holidays in between.
    pub is_certain: bool,
}

impl Rule {
    /// Every rule in the order of the road.
    pub const ALL: [Self; 5] = [
        Self::Send,
        Self::Arrival,
        Self::Open,
        Self::Answer,
        Self::Change,
    ];

    /// The word in the record and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Arrival => "arrival",
            Self::Open => "open",
            Self::Answer => "answer",
            Self::Change => "change",
        }
    }

    /// The rule named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text)
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Send => "deadline-send",
            Self::Arrival => "deadline-arrival",
            Self::Open => "deadline-open",
            Self::Answer => "deadline-answer",
            Self::Change => "deadline-change",
        }
    }

    /// Where the rule comes from.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Send => "Quyết định 28/2018/QĐ-TTg, 6(2)",
            Self::Arrival | Self::Answer => "Nghị định 30/2020/NĐ-CP, 21(2)(c)",
            Self::Open => "Nghị định 30/2020/NĐ-CP, 23(1); Quyết định 28/2018/QĐ-TTg, 6(2)",
            Self::Change => "lienthong",
        }
    }

    /// The rules that run for a delivery in a role of a hub from the moment it is recorded. Opening is
    /// not among them: nothing records yet who opened what, and what is not recorded is not stated.
    #[must_use]
    pub const fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Origin => &[Self::Send, Self::Arrival],
            Role::Relay => &[],
            Role::Destination => &[Self::Answer],
        }
    }

    /// Whether a delivery in these states owes nothing by this rule any more: it is done, or cannot
    /// be done.
    #[must_use]
    pub const fn is_settled(self, transport: TransportState, handling: HandlingState) -> bool {
        use TransportState as T;
        let is_decided = !matches!(handling, HandlingState::Sent | HandlingState::Arrived);
        match (self, transport) {
            (_, T::Failed) => true,
            (Self::Send, T::Submitted | T::Queued) => is_decided,
            (Self::Send, _) => true,
            (Self::Arrival, T::Consigned | T::Accessed) => true,
            (Self::Open, T::Accessed) => true,
            (Self::Arrival | Self::Open | Self::Answer, _) => is_decided,
            (Self::Change, _) => false,
        }
    }
}

/// Minutes in which an urgent document is dealt with, day and night. Source: Decision 28/2018/QĐ-TTg
/// article 6(2) says "immediately"; the numbers are ours.
const fn minutes(urgency: Urgency) -> Option<i64> {
    match urgency {
        Urgency::Normal => None,
        Urgency::Express => Some(60),
        Urgency::Urgent => Some(30),
        Urgency::Flash => Some(15),
    }
}

/// Until when `rule` is owed by an agency that works after `calendar`.
///
/// An hour stated on the document counts for everybody who has it; urgent documents have minutes,
/// day and night; a change request always has two working days.
#[must_use]
pub fn due(rule: Rule, start: Start, calendar: &WorkingCalendar) -> Due {
    let minutes = minutes(start.urgency).filter(|_| rule != Rule::Change);
    match (start.stated, minutes) {
        (Some(hour), _) if rule != Rule::Change => around_the_clock(start.at, hour.max(start.at)),
        (_, Some(minutes)) => {
            let end = start.at.saturating_add(SignedDuration::from_mins(minutes));
            around_the_clock(start.at, end.unwrap_or(Timestamp::MAX))
        }
        _ => in_office_hours(rule, start.at, calendar),
    }
}

/// A deadline that runs day and night needs no calendar.
fn around_the_clock(start: Timestamp, at: Timestamp) -> Due {
    let lead = lead(at.duration_since(start));
    Due {
        warn: at.saturating_sub(lead).unwrap_or(start),
        at,
        is_certain: true,
    }
}

fn in_office_hours(rule: Rule, start: Timestamp, calendar: &WorkingCalendar) -> Due {
    let at = match rule {
        Rule::Send => calendar.end_of_next_morning(start),
        Rule::Arrival | Rule::Open | Rule::Answer => calendar.end_of_working_day(start),
        Rule::Change => calendar.end_of_working_days_after(start, CHANGE_DAYS),
    };
    let span = calendar.working_time_between(start, at);
    let before = span.saturating_sub(lead(span));
    Due {
        warn: calendar.add_working_time(start, before),
        at,
        is_certain: calendar.is_certain(start, at),
    }
}

/// How long before the deadline the warning comes: half of its time, two hours at most.
fn lead(span: SignedDuration) -> SignedDuration {
    (span / 2).min(LONGEST_WARNING)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::calendar::{OfficeHours, Session, WorkingCalendar};
    use crate::domain::period::Period;

    fn at(text: &str) -> Timestamp {
        format!("{text}:00+07:00").parse().unwrap()
    }

    fn calendar() -> WorkingCalendar {
        let session = |text| Session::parse(text).unwrap();
        let hours = OfficeHours {
            valid: Period::default(),
            days: (0..5).collect(),
            sessions: vec![session("07:30-11:30"), session("13:30-17:00")],
        };
        WorkingCalendar::new(vec![hours], Arc::default()).unwrap()
    }

    fn from(at: Timestamp, urgency: Urgency) -> Start {
        Start {
            at,
            urgency,
            stated: None,
        }
    }

    #[test]
    fn ordinary_deadlines_run_in_office_hours() {
        // A Friday, 16:00: an hour of office time is left on that day.
        let start = from(at("2025-06-27T16:00"), Urgency::Normal);
        for (rule, warn, end) in [
            (Rule::Send, "2025-06-30T09:30", "2025-06-30T11:30"),
            (Rule::Arrival, "2025-06-27T16:30", "2025-06-27T17:00"),
            (Rule::Open, "2025-06-27T16:30", "2025-06-27T17:00"),
            (Rule::Answer, "2025-06-27T16:30", "2025-06-27T17:00"),
            (Rule::Change, "2025-07-01T15:00", "2025-07-01T17:00"),
        ] {
            let due = due(rule, start, &calendar());
            assert_eq!((due.warn, due.at), (at(warn), at(end)), "{rule:?}");
        }
    }

    #[test]
    fn what_arrives_after_closing_time_is_answered_the_next_working_day() {
        let start = from(at("2025-06-27T17:00"), Urgency::Normal);
        assert_eq!(
            due(Rule::Answer, start, &calendar()).at,
            at("2025-06-30T17:00")
        );
    }

    #[test]
    fn urgent_documents_do_not_wait_for_the_morning() {
        let night = at("2025-06-28T02:00");
        for (urgency, end) in [
            (Urgency::Express, "2025-06-28T03:00"),
            (Urgency::Urgent, "2025-06-28T02:30"),
            (Urgency::Flash, "2025-06-28T02:15"),
        ] {
            let due = due(Rule::Answer, from(night, urgency), &calendar());
            assert_eq!(due.at, at(end), "{urgency:?}");
            assert!(due.is_certain && night < due.warn && due.warn < due.at);
        }
    }

    #[test]
    fn a_stated_hour_is_the_deadline() {
        let stated = Some(at("2025-06-28T05:00"));
        let flash = from(at("2025-06-28T02:00"), Urgency::Flash);
        let due = due(Rule::Open, Start { stated, ..flash }, &calendar());
        assert_eq!(
            (due.warn, due.at),
            (at("2025-06-28T03:30"), at("2025-06-28T05:00"))
        );
    }

    #[test]
    fn only_a_given_up_transport_or_the_act_itself_settles_a_rule() {
        use HandlingState as H;
        use TransportState as T;
        for (rule, transport, handling, settled) in [
            (Rule::Send, T::Queued, H::Sent, false),
            (Rule::Send, T::Relayed { hop: 1 }, H::Sent, true),
            (Rule::Arrival, T::Relayed { hop: 2 }, H::Sent, false),
            (Rule::Arrival, T::Consigned, H::Arrived, true),
            (Rule::Open, T::Consigned, H::Arrived, false),
            (Rule::Open, T::Accessed, H::Arrived, true),
            (Rule::Open, T::Consigned, H::Refused, true),
            (Rule::Answer, T::Accessed, H::Arrived, false),
            (Rule::Answer, T::Accessed, H::Accepted, true),
            (Rule::Answer, T::Consigned, H::Refused, true),
            (Rule::Answer, T::Failed, H::Sent, true),
        ] {
            let found = rule.is_settled(transport, handling);
            assert_eq!(found, settled, "{rule:?} {transport:?} {handling:?}");
        }
    }

    proptest! {
        #[test]
        fn the_warning_lies_between_start_and_deadline(
            second in 1_704_067_200_i64..1_798_761_600, rule in 0_usize..5, level in 0_i16..4
        ) {
            let urgency = Urgency::from_code(level).unwrap();
            let start = from(Timestamp::from_second(second).unwrap(), urgency);
            let due = due(Rule::ALL[rule], start, &calendar());
            prop_assert!(start.at <= due.warn && due.warn <= due.at);
            prop_assert!(start.at < due.at);
        }
    }
}
