//! Lanes of the outbox: what goes first, without anything that waits for ever.
//!
//! Files in reading order: `mod` (lanes, and whom a piece of work needs), `turns` (the weighted pick),
//! `backoff` (how long a failure waits), `pace` (how much at once), `link` (whether somebody answers),
//! `schedule` (all of it together: what to take next).

pub mod backoff;
pub mod link;
pub mod pace;
pub mod schedule;
pub mod turns;

use std::fmt;

use crate::domain::document::Urgency;
use crate::domain::routing::HubId;

/// From so many recipients on, a document that is not urgent is bulk.
pub const MANY: usize = 20;

/// How soon a piece of work is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lane {
    /// Of a document with a marking of urgency.
    Urgent,
    /// Of any other document.
    #[default]
    Normal,
    /// Of a document to many, and what nobody waits for.
    Bulk,
}

impl Lane {
    /// Every lane, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Normal, Self::Bulk];

    /// The lane of what concerns a document of this urgency to so many recipients.
    #[must_use]
    pub fn of(urgency: Urgency, recipients: usize) -> Self {
        if urgency > Urgency::Normal {
            Self::Urgent
        } else if recipients >= MANY {
            Self::Bulk
        } else {
            Self::Normal
        }
    }

    /// The number in the record.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Urgent => 0,
            Self::Normal => 1,
            Self::Bulk => 2,
        }
    }

    /// The lane with this number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.code() == code)
    }

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Normal => "normal",
            Self::Bulk => "bulk",
        }
    }

    /// Its share where all lanes have work.
    #[must_use]
    pub const fn weight(self) -> i32 {
        match self {
            Self::Urgent => 8,
            Self::Normal => 3,
            Self::Bulk => 1,
        }
    }
}

/// One value for each lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerLane<T> {
    urgent: T,
    normal: T,
    bulk: T,
}

impl<T> PerLane<T> {
    /// The value of `lane`.
    pub const fn of(&self, lane: Lane) -> &T {
        match lane {
            Lane::Urgent => &self.urgent,
            Lane::Normal => &self.normal,
            Lane::Bulk => &self.bulk,
        }
    }

    /// The value of `lane`, to be changed.
    pub const fn of_mut(&mut self, lane: Lane) -> &mut T {
        match lane {
            Lane::Urgent => &mut self.urgent,
            Lane::Normal => &mut self.normal,
            Lane::Bulk => &mut self.bulk,
        }
    }
}

/// Whom a piece of work needs besides this hub. Each has lanes of its own, so that one that is slow
/// or away holds up nobody else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Nobody.
    Here,
    /// The mail server.
    Mail,
    /// A neighbour.
    Peer(HubId),
}

impl Target {
    /// The word in the record and on the command line; no hub can bear one that begins with `@`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Here => "@here",
            Self::Mail => "@mail",
            Self::Peer(hub) => hub.as_str(),
        }
    }

    /// The target named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "@here" => Some(Self::Here),
            "@mail" => Some(Self::Mail),
            other => HubId::parse(other).ok().map(Self::Peer),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marking_of_urgency_goes_before_the_number_of_recipients() {
        assert_eq!(Lane::of(Urgency::Express, 3_400), Lane::Urgent);
        assert_eq!(Lane::of(Urgency::Normal, MANY), Lane::Bulk);
        assert_eq!(Lane::of(Urgency::Normal, MANY - 1), Lane::Normal);
    }

    #[test]
    fn lanes_and_targets_parse_back() {
        for lane in Lane::ALL {
            assert_eq!(Lane::from_code(lane.code()), Some(lane));
        }
        let hub = Target::Peer(HubId::parse("mail").unwrap());
        for target in [Target::Here, Target::Mail, hub] {
            assert_eq!(Target::parse(target.as_str()), Some(target));
        }
        assert_eq!(Target::parse("@elsewhere"), None);
    }
}
