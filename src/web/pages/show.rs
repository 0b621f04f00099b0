//! Times, sizes and states for eyes. A state is always an icon and a word; the colour only helps.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::domain::change::{self, Standing};
use crate::domain::clock::{Date, Timestamp, vietnam_zone};
use crate::domain::deadline_clock::{DeadlineClock, State};
use crate::domain::delivery::{HandlingState, TransportState};
use crate::domain::language::Language;
use crate::domain::receipt::Event;
use crate::exchange::inquiry::DeliveryRow;
use crate::phrases;

/// `dd/MM/yyyy HH:mm +07:00`; time and zone stay on one line.
pub(super) fn when(at: Timestamp) -> String {
    let zoned = at.to_zoned(vietnam_zone());
    zoned.strftime("%d/%m/%Y %H:%M\u{a0}%:z").to_string()
}

/// `dd/MM/yyyy`.
pub(super) fn day(date: Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}

/// A size with its unit, one digit behind the comma.
pub(super) fn size(bytes: u64) -> String {
    const KILO: u64 = 1024;
    match bytes {
        0..KILO => format!("{bytes} B"),
        KILO..1_048_576 => format!("{} KB", bytes.div_ceil(KILO)),
        _ => crate::web::problem::megabytes(bytes),
    }
}

/// How long after `from` something happened, in the largest unit that fits.
pub(super) fn after(language: Language, from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs().max(0);
    let (count, key) = match seconds {
        0 => (seconds, "pages-after-at-once"),
        1..60 => (seconds, "pages-after-seconds"),
        60..3_600 => (seconds / 60, "pages-after-minutes"),
        3_600..86_400 => (seconds / 3_600, "pages-after-hours"),
        _ => (seconds / 86_400, "pages-after-days"),
    };
    phrases::text(language, key, &[("count", &count.to_string())])
}

/// A small drawing. Decoration: a word always stands beside it.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "pages/icon.html")]
pub(super) struct Icon {
    /// Which one.
    pub(super) name: &'static str,
}

/// The template writes nothing but its own drawings.
impl HtmlSafe for Icon {}

/// A state: icon, word, colour.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/badge.html")]
pub(super) struct Badge {
    /// Class of the colour.
    pub(super) tone: &'static str,
    /// The icon.
    pub(super) icon: Icon,
    /// The word.
    pub(super) word: String,
}

/// The template escapes the word.
impl HtmlSafe for Badge {}

/// A badge of a tone, with that tone's icon.
pub(super) fn badge(language: Language, tone: &'static str, key: &str) -> Badge {
    Badge {
        tone,
        icon: Icon {
            name: icon_of(tone),
        },
        word: phrases::text(language, key, &[]),
    }
}

/// The icon that stands for a tone.
pub(super) const fn icon_of(tone: &str) -> &'static str {
    match tone.as_bytes() {
        b"good" => "check",
        b"bad" => "cross",
        b"doubt" => "question",
        b"move" => "arrow",
        b"wait" => "clock",
        _ => "dash",
    }
}

/// How far the bytes are.
pub(super) fn transport(language: Language, state: TransportState) -> Badge {
    let tone = match state {
        TransportState::Submitted | TransportState::Queued => "wait",
        TransportState::Relayed { .. } => "move",
        TransportState::Consigned | TransportState::Accessed => "good",
        TransportState::Failed => "bad",
    };
    badge(language, tone, state.phrase())
}

/// What the recipient did.
pub(super) fn handling(language: Language, state: HandlingState) -> Badge {
    let tone = match state {
        HandlingState::Sent | HandlingState::Arrived => "wait",
        HandlingState::Refused => "bad",
        HandlingState::Assigned | HandlingState::Processing => "move",
        HandlingState::Accepted | HandlingState::Completed => "good",
    };
    badge(language, tone, state.phrase())
}

/// Whether a delivered document still counts.
pub(super) fn standing(language: Language, standing: Standing) -> Badge {
    let tone = match standing {
        Standing::InForce => "good",
        Standing::Recalled | Standing::Superseded(_) => "none",
    };
    badge(language, tone, standing.phrase())
}

/// How far a change request is.
pub(super) fn change(language: Language, state: change::State) -> Badge {
    let tone = match state {
        change::State::Requested => "doubt",
        change::State::Overdue | change::State::Refused => "bad",
        change::State::Agreed => "good",
        change::State::Closed => "none",
    };
    badge(language, tone, state.phrase())
}

/// What a list says beside the state of a delivery: that it no longer counts, or that an answer to
/// a change request is awaited.
pub(super) fn remark(language: Language, row: &DeliveryRow) -> Option<Badge> {
    if row.standing != Standing::InForce {
        return Some(standing(language, row.standing));
    }
    let open = row
        .change
        .as_ref()
        .filter(|change| change.state.is_open())?;
    let word = phrases::text(language, open.kind.phrase(), &[]);
    let state = change(language, open.state);
    let word = format!("{word}: {}", state.word.to_lowercase());
    Some(Badge { word, ..state })
}

/// The one state that says most about a delivery: what the recipient did, else how far it is.
pub(super) fn furthest(
    language: Language,
    carried: TransportState,
    handled: HandlingState,
) -> Badge {
    let is_open = matches!(handled, HandlingState::Sent);
    if is_open || carried == TransportState::Failed {
        transport(language, carried)
    } else {
        handling(language, handled)
    }
}

/// How a document's sealing stands, by the phrase of its stage.
pub(super) fn stage(language: Language, phrase: &'static str) -> Badge {
    let tone = match phrase {
        "stage-failed" => "bad",
        "stage-dispatched" | "stage-received" => "good",
        _ => "wait",
    };
    badge(language, tone, phrase)
}

/// The tone of an event on a timeline.
pub(super) const fn event_tone(event: Event) -> &'static str {
    match event {
        Event::Submission | Event::Relay => "move",
        Event::Consignment | Event::Access | Event::Acceptance => "good",
        Event::ChangeAgreement | Event::ChangeClosure => "none",
        Event::OpenExpiry | Event::AnswerExpiry | Event::ChangeRequest => "doubt",
        Event::ChangeExpiry | Event::ChangeRefusal | Event::Rejection | Event::Failure => "bad",
    }
}

/// How far the clock of a deadline is.
pub(super) fn clock(language: Language, state: State) -> Badge {
    let tone = match state {
        State::Running => "wait",
        State::Warned => "doubt",
        State::Overdue | State::Late => "bad",
        State::InTime => "good",
        State::Void => "none",
    };
    badge(language, tone, state.phrase())
}

/// The clock that says most: what is open before what has ended, what is overdue before what is not,
/// the earlier deadline first. What was done in time says nothing.
pub(super) fn most_pressing(clocks: &[DeadlineClock]) -> Option<&DeadlineClock> {
    let place = |clock: &DeadlineClock| match clock.state {
        State::Overdue => Some(0),
        State::Warned => Some(1),
        State::Running => Some(2),
        State::Late => Some(3),
        State::InTime | State::Void => None,
    };
    let pressing = clocks
        .iter()
        .filter_map(|clock| Some((place(clock)?, clock)));
    let first = pressing.min_by_key(|(place, clock)| (*place, clock.due.at));
    first.map(|(_, clock)| clock)
}

/// A deadline in a list.
pub(super) struct Deadline {
    /// Until when, for eyes.
    pub(super) at: String,
    /// Until when, for programs.
    pub(super) exact: String,
    /// What is owed.
    pub(super) rule: String,
    /// How far its clock is, unless it simply runs.
    pub(super) state: Option<Badge>,
}

/// The deadline of a delivery that says most, if any is left to say something.
pub(super) fn deadline(language: Language, clocks: &[DeadlineClock]) -> Option<Deadline> {
    most_pressing(clocks).map(|one| Deadline {
        at: when(one.due.at),
        exact: crate::domain::clock::rfc3339(one.due.at),
        rule: phrases::text(language, one.rule.phrase(), &[]),
        state: (one.state != State::Running).then(|| clock(language, one.state)),
    })
}

/// Whether something was not done in time and is still open.
pub(super) fn is_overdue(clocks: &[DeadlineClock]) -> bool {
    clocks.iter().any(|clock| clock.state == State::Overdue)
}

/// A verdict by its word in the report; none means that it is still being made.
pub(super) fn verdict(language: Language, word: Option<&str>) -> Badge {
    let (tone, key) = match word {
        Some("TOTAL-PASSED") => ("good", "pages-verdict-passed"),
        Some("TOTAL-FAILED") => ("bad", "pages-verdict-failed"),
        Some("UNREADABLE") => ("bad", "pages-verdict-unreadable"),
        Some("NO-SIGNATURE") => ("none", "pages-verdict-none"),
        Some(_) => ("doubt", "pages-verdict-indeterminate"),
        None => ("wait", "pages-verdict-waiting"),
    };
    badge(language, tone, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_vietnam_with_their_zone() {
        let at = "2025-06-30T17:30:05Z".parse().unwrap();
        assert_eq!(when(at), "01/07/2025 00:30\u{a0}+07:00");
    }

    #[test]
    fn durations_use_the_largest_unit_that_fits() {
        let from: Timestamp = "2025-06-30T01:00:00Z".parse().unwrap();
        let to = |text: &str| after(Language::English, from, text.parse().unwrap());
        assert_eq!(to("2025-06-30T01:00:00Z"), "at once");
        assert_eq!(to("2025-06-30T01:00:04Z"), "after 4 s");
        assert_eq!(to("2025-06-30T01:59:59Z"), "after 59 min");
        assert_eq!(to("2025-07-02T02:00:00Z"), "after 2 d");
    }

    #[test]
    fn sizes_have_a_unit_people_know() {
        assert_eq!(size(900), "900 B");
        assert_eq!(size(2_049), "3 KB");
        assert_eq!(size(5 * 1024 * 1024), "5 MB");
    }

    #[test]
    fn a_refusal_is_never_shown_as_success() {
        let state = furthest(
            Language::English,
            TransportState::Accessed,
            HandlingState::Refused,
        );
        assert_eq!((state.tone, state.icon.name), ("bad", "cross"));
    }

    #[test]
    fn an_unknown_verdict_is_never_shown_as_passed() {
        assert_eq!(
            verdict(Language::English, Some("SOMETHING-NEW")).tone,
            "doubt"
        );
        assert_eq!(verdict(Language::English, None).tone, "wait");
    }
}
