//! The status codes of edXML, and what the reports of one recipient amount to.
//!
//! Source: QCVN 102:2016/BTTTT status messages; Decision 28/2018/QĐ-TTg article 10(2)(h); Decree
//! 30/2020/NĐ-CP article 21(2).

use std::fmt;

use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::delivery::{HandlingState, Step};

/// How far two clocks may differ before a report is marked.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Which side reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The agency that sent the document.
    Sender,
    /// The agency that received it.
    Recipient,
}

/// A status code on the wire. Codes 07 to 12 and 14 mean nothing; private ones stay off the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusCode {
    /// 01 to 06: what the recipient did with the document.
    Handling(HandlingState),
    /// 13: the sender asks to have it back.
    TakeBackRequested,
    /// 15: the recipient agrees to the change.
    ChangeAgreed,
    /// 16: the recipient refuses it.
    ChangeRefused,
}

/// A text that is no status code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a status code (01 to 06, 13, 15, 16), found {found:?}")]
pub struct NotAStatusCode {
    /// What was found instead, shortened.
    pub found: String,
}

impl StatusCode {
    /// Every code in its order.
    pub const ALL: [Self; 9] = [
        Self::Handling(HandlingState::Arrived),
        Self::Handling(HandlingState::Refused),
        Self::Handling(HandlingState::Accepted),
        Self::Handling(HandlingState::Assigned),
        Self::Handling(HandlingState::Processing),
        Self::Handling(HandlingState::Completed),
        Self::TakeBackRequested,
        Self::ChangeAgreed,
        Self::ChangeRefused,
    ];

    /// The number.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Handling(state) => state.code(),
            Self::TakeBackRequested => 13,
            Self::ChangeAgreed => 15,
            Self::ChangeRefused => 16,
        }
    }

    /// Reads a code; one digit is tolerated.
    ///
    /// # Errors
    /// [`NotAStatusCode`] for anything but the nine codes.
    pub fn parse(text: &str) -> Result<Self, NotAStatusCode> {
        let wrong = || NotAStatusCode {
            found: text.chars().take(20).collect(),
        };
        let is_short = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse::<i16>().ok().filter(|_| is_short);
        let number = number.ok_or_else(wrong)?;
        let mut all = Self::ALL.into_iter();
        all.find(|code| code.number() == number).ok_or_else(wrong)
    }

    /// Whether a status of this code must say why.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::Handling(HandlingState::Refused) | Self::TakeBackRequested | Self::ChangeRefused
        )
    }

    /// Who reports it. For 13 the roles are swapped: it goes from the sender to the recipient.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::TakeBackRequested => Side::Sender,
            Self::Handling(_) | Self::ChangeAgreed | Self::ChangeRefused => Side::Recipient,
        }
    }
}

/// Two digits.
impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.number())
    }
}

/// What somebody should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Refused after it had been accepted.
    LateRefusal,
    /// Accepted after it had been refused.
    AcceptedAfterRefusal,
    /// A report that contradicts those before it.
    Contradiction,
}

impl Flag {
    /// The word in the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LateRefusal => "late-refusal",
            Self::AcceptedAfterRefusal => "accepted-after-refusal",
            Self::Contradiction => "contradiction",
        }
    }
}

/// What the reports of one recipient about one document amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handling {
    /// The state they lead to.
    pub state: HandlingState,
    /// States it has passed that nobody reported: implied by a later one.
    pub implied: Vec<HandlingState>,
    /// What somebody should look at, in the order of the reports.
    pub flags: Vec<Flag>,
}

impl Handling {
    /// Puts reports together by the time they state, whatever the order in which they came; reports
    /// of one instant in the order of their codes.
    #[must_use]
    pub fn of(reports: impl IntoIterator<Item = (Timestamp, HandlingState)>) -> Self {
        let mut reports: Vec<_> = reports.into_iter().collect();
        reports.sort_by_key(|(at, state)| (*at, state.code()));
        let mut state = HandlingState::Sent;
        let mut flags = Vec::new();
        for (_, reported) in &reports {
            let (next, flag) = match state.step(*reported) {
                Step::Move(next) => (next, None),
                Step::LateRefusal => (*reported, Some(Flag::LateRefusal)),
                Step::AfterRefusal => (*reported, Some(Flag::AcceptedAfterRefusal)),
                Step::Contradiction => (state, Some(Flag::Contradiction)),
                Step::Duplicate | Step::Repeat | Step::Keep => (state, None),
            };
            state = next;
            flags.extend(flag);
        }
        let is_reported = |one: &HandlingState| reports.iter().any(|(_, told)| told == one);
        let passed = state.passed().iter().copied();
        Self {
            state,
            implied: passed.filter(|one| !is_reported(one)).collect(),
            flags,
        }
    }
}

/// Whether a report stated at `at` fits neither the sending nor the present by more than the
/// difference clocks may have.
#[must_use]
pub fn is_skewed(at: Timestamp, sent_at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > SKEW || sent_at.duration_since(at) > SKEW
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::HandlingState as H;
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_751_248_800 + second).unwrap()
    }

    #[test]
    fn the_nine_codes_read_back_with_one_digit_or_two() {
        for code in StatusCode::ALL {
            assert_eq!(StatusCode::parse(&code.to_string()), Ok(code));
            assert_eq!(StatusCode::parse(&code.number().to_string()), Ok(code));
        }
    }

    #[test]
    fn other_codes_are_refused() {
        for text in [
            "00", "0", "07", "12", "14", "17", "44", "999", "003", "+3", "", "x",
        ] {
            assert!(StatusCode::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refusals_and_requests_need_a_reason_and_only_13_comes_from_the_sender() {
        let numbers = |wanted: fn(&StatusCode) -> bool| -> Vec<i16> {
            let wanted = StatusCode::ALL.into_iter().filter(wanted);
            wanted.map(StatusCode::number).collect()
        };
        assert_eq!(numbers(|code| code.needs_reason()), [2, 13, 16]);
        assert_eq!(numbers(|code| code.side() == Side::Sender), [13]);
    }

    #[test]
    fn a_jump_implies_the_steps_nobody_reported() {
        let handling = Handling::of([(at(0), H::Accepted), (at(9), H::Completed)]);
        assert_eq!(handling.state, H::Completed);
        assert_eq!(handling.implied, [H::Arrived, H::Assigned, H::Processing]);
    }

    #[test]
    fn a_report_that_comes_late_does_not_undo_a_later_one() {
        let handling = Handling::of([(at(9), H::Refused), (at(5), H::Accepted)]);
        assert_eq!(handling.state, H::Refused);
        assert_eq!(handling.flags, [Flag::LateRefusal]);
    }

    #[test]
    fn an_acceptance_after_a_refusal_counts_and_is_flagged() {
        let handling = Handling::of([(at(1), H::Refused), (at(2), H::Accepted)]);
        assert_eq!(handling.state, H::Accepted);
        assert_eq!(handling.flags, [Flag::AcceptedAfterRefusal]);
    }

    #[test]
    fn a_clock_more_than_five_minutes_off_is_noticed() {
        let skewed = |second| is_skewed(at(second), at(0), at(1_000));
        assert_eq!(
            [skewed(-301), skewed(-300), skewed(1_300), skewed(1_301)],
            [true, false, false, true]
        );
    }

    proptest! {
        #[test]
        fn reports_in_any_order_of_arrival_amount_to_the_same(
            reports in prop::collection::vec((0_i64..6, 1_usize..7), 0..8),
            turn in any::<prop::sample::Index>()
        ) {
            let mut told: Vec<_> =
                reports.iter().map(|(second, code)| (at(*second), H::ALL[*code])).collect();
            let first = Handling::of(told.clone());
            if !told.is_empty() {
                let turn = turn.index(told.len());
                told.rotate_left(turn);
            }
            told.reverse();
            prop_assert_eq!(Handling::of(told), first);
        }

        #[test]
        fn the_same_report_twice_amounts_to_the_same_state(
            reports in prop::collection::vec((0_i64..6, 1_usize..7), 1..8),
        ) {
            let told: Vec<_> =
                reports.iter().map(|(second, code)| (at(*second), H::ALL[*code])).collect();
            let twice: Vec<_> = told.iter().chain(&told).copied().collect();
            prop_assert_eq!(Handling::of(twice).state, Handling::of(told).state);
        }
    }
}
