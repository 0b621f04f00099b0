//! A clock that runs for a deadline: it warns once, is overdue once, and stops when what is owed is
//! done. Its state only moves forward, whatever the clocks of machines do.

use crate::domain::clock::Timestamp;
use crate::domain::deadline::{Due, Rule};

/// How far a clock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It runs, nothing was said.
    Running,
    /// Those concerned were warned.
    Warned,
    /// The deadline passed, and what is owed is not done.
    Overdue,
    /// It was done in time.
    InTime,
    /// It was done after the deadline.
    Late,
    /// It can no longer be done: the delivery failed.
    Void,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Running,
        Self::Warned,
        Self::Overdue,
        Self::InTime,
        Self::Late,
        Self::Void,
    ];

    /// The word in the record and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Warned => "warned",
            Self::Overdue => "overdue",
            Self::InTime => "in-time",
            Self::Late => "late",
            Self::Void => "void",
        }
    }

    /// The state named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Running => "clock-running",
            Self::Warned => "clock-warned",
            Self::Overdue => "clock-overdue",
            Self::InTime => "clock-in-time",
            Self::Late => "clock-late",
            Self::Void => "clock-void",
        }
    }

    /// Whether what is owed is still open.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Warned | Self::Overdue)
    }
}

/// What a clock says when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// The deadline is near.
    Warning,
    /// The deadline passed.
    Breach,
}

/// The clock of one deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineClock {
    /// What is owed.
    pub rule: Rule,
    /// When it began to run.
    pub started_at: Timestamp,
    /// Until when.
    pub due: Due,
    /// How far it is.
    pub state: State,
    /// When the warning was given.
    pub warned_at: Option<Timestamp>,
    /// When the breach was recorded.
    pub breached_at: Option<Timestamp>,
    /// When it stopped: the time of the act that stopped it.
    pub ended_at: Option<Timestamp>,
}

impl DeadlineClock {
    /// A clock that begins to run.
    #[must_use]
    pub const fn start(rule: Rule, started_at: Timestamp, due: Due) -> Self {
        Self {
            rule,
            started_at,
            due,
            state: State::Running,
            warned_at: None,
            breached_at: None,
            ended_at: None,
        }
    }

    /// The instant after which it will say something; `None` when it has nothing more to say.
    #[must_use]
    pub const fn next(&self) -> Option<Timestamp> {
        match self.state {
            State::Running => Some(self.due.warn),
            State::Warned => Some(self.due.at),
            State::Overdue | State::InTime | State::Late | State::Void => None,
        }
    }

    /// Moves it on to `now` and gives what it has to say; after a long sleep that is the breach
    /// alone, because a warning would come too late.
    pub fn ring(&mut self, now: Timestamp) -> Option<Alarm> {
        let next = self.next()?;
        if now <= next {
            return None;
        }
        if self.due.at < now {
            self.state = State::Overdue;
            self.breached_at = Some(now);
            Some(Alarm::Breach)
        } else {
            self.state = State::Warned;
            self.warned_at = Some(now);
            Some(Alarm::Warning)
        }
    }

    /// Stops it because what is owed was done at `at`, or because the delivery failed; gives whether
    /// it ran. A breach that was recorded before stays recorded.
    pub fn stop(&mut self, at: Timestamp, has_failed: bool) -> bool {
        if !self.state.is_open() {
            return false;
        }
        self.ended_at = Some(at);
        self.state = match has_failed {
            true => State::Void,
            false if at <= self.due.at => State::InTime,
            false => State::Late,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn clock() -> DeadlineClock {
        let due = Due {
            warn: at(50),
            at: at(100),
            is_certain: true,
        };
        DeadlineClock::start(Rule::Answer, at(0), due)
    }

    #[test]
    fn it_warns_once_and_is_overdue_once() {
        let mut clock = clock();
        let said: Vec<_> = [10, 50, 51, 60, 100, 101, 200]
            .into_iter()
            .filter_map(|now| clock.ring(at(now)).map(|alarm| (now, alarm)))
            .collect();
        assert_eq!(said, [(51, Alarm::Warning), (101, Alarm::Breach)]);
    }

    #[test]
    fn after_a_long_sleep_it_does_not_warn_of_what_has_passed() {
        let mut clock = clock();
        assert_eq!(clock.ring(at(500)), Some(Alarm::Breach));
        assert_eq!(clock.ring(at(501)), None);
        assert_eq!(clock.warned_at, None);
    }

    #[test]
    fn what_is_done_in_time_is_never_overdue() {
        let mut clock = clock();
        assert!(clock.stop(at(100), false));
        assert_eq!((clock.state, clock.ring(at(500))), (State::InTime, None));
    }

    #[test]
    fn what_is_done_after_the_deadline_is_late_whether_it_was_said_or_not() {
        for is_said in [false, true] {
            let mut clock = clock();
            if is_said {
                clock.ring(at(101));
            }
            assert!(clock.stop(at(102), false));
            assert_eq!(
                (clock.state, clock.breached_at.is_some()),
                (State::Late, is_said)
            );
        }
    }

    #[test]
    fn a_failed_delivery_is_neither_in_time_nor_late() {
        let mut clock = clock();
        assert!(clock.stop(at(10), true));
        assert_eq!(clock.state, State::Void);
        assert!(!clock.stop(at(20), false));
        assert_eq!(clock.ended_at, Some(at(10)));
    }

    proptest! {
        #[test]
        fn however_the_clocks_of_machines_jump_it_says_each_thing_once(
            times in prop::collection::vec(0_i64..300, 0..30)
        ) {
            let mut clock = clock();
            let said: Vec<_> = times.into_iter().filter_map(|now| clock.ring(at(now))).collect();
            let of = |alarm| said.iter().filter(|one| **one == alarm).count();
            prop_assert!(of(Alarm::Warning) <= 1 && of(Alarm::Breach) <= 1);
            prop_assert!(said.last() != Some(&Alarm::Warning) || of(Alarm::Breach) == 0);
        }
    }
}
