//! The registry as the centre issues it: numbered, chained to the one before, good until a day.

use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::digest::Sha256;
use crate::domain::directory::Registry;

/// Everything a snapshot says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number: 1, 2, 3, …
    pub number: u64,
    /// SHA-256 of the snapshot before, as it was signed; the first one has none.
    pub previous: Option<Sha256>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// Who issued it, for people.
    pub issuer: String,
    /// What it holds.
    pub registry: Registry,
}

/// A snapshot by name and times, without what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// SHA-256 of its bytes as signed.
    pub sha256: Sha256,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// How much a registry is worth at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Good; also a registry without a number, which never ends.
    Current,
    /// Past its end, within the time of grace: work goes on, somebody must act.
    Grace,
    /// Past the time of grace: nothing new is begun.
    Expired,
}

impl Freshness {
    /// The word in answers and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Grace => "grace",
            Self::Expired => "expired",
        }
    }
}

impl Head {
    /// How much it is worth at `now` where `grace` is given after its end.
    #[must_use]
    pub fn freshness(&self, now: Timestamp, grace: SignedDuration) -> Freshness {
        if now <= self.expires_at {
            return Freshness::Current;
        }
        match self.expires_at.saturating_add(grace) {
            Ok(end) if end < now => Freshness::Expired,
            _ => Freshness::Grace,
        }
    }
}

/// Why a snapshot does not follow the one a hub has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNext {
    /// The same number with other bytes: the centre, or its key, said two things.
    #[error(
        "two different snapshots {number} are signed: {ours} is in force here, {theirs} was handed in"
    )]
    SplitView {
        /// The number.
        number: u64,
        /// The one in force here.
        ours: Sha256,
        /// The other one.
        theirs: Sha256,
    },
    /// Older than the one in force.
    #[error("snapshot {found} is older than {present}, which is in force")]
    Older {
        /// The number in force.
        present: u64,
        /// The number handed in.
        found: u64,
    },
    /// One or more in between are missing.
    #[error("snapshot {found} does not follow {present}: those in between are missing")]
    Gap {
        /// The number in force.
        present: u64,
        /// The number handed in.
        found: u64,
    },
    /// It names another snapshot as the one before.
    #[error("snapshot {number} names {named:?} as the one before, {present} is in force here")]
    WrongPrevious {
        /// The number handed in.
        number: u64,
        /// What it names.
        named: Option<Sha256>,
        /// What is in force.
        present: Sha256,
    },
    /// Issued later than now: a clock is wrong.
    #[error(
        "snapshot {number} is issued at {issued_at}, it is {now} here: one of the clocks is wrong"
    )]
    NotYetIssued {
        /// The number handed in.
        number: u64,
        /// When it says it was issued.
        issued_at: Timestamp,
        /// The present.
        now: Timestamp,
    },
    /// It ends before it begins, or has the number 0.
    #[error(
        "snapshot {number} contradicts itself: numbers begin at 1, and it must end after it is issued"
    )]
    Contradiction {
        /// The number handed in.
        number: u64,
    },
}

/// How far clocks may be apart.
const CLOCKS: SignedDuration = SignedDuration::from_mins(10);

impl Snapshot {
    /// Whether it may come into force at `now` after `present` (`None`: there is none yet);
    /// `sha256` is the digest of its bytes. `Ok(false)`: it is the one in force.
    ///
    /// # Errors
    /// [`NotNext`].
    pub fn follows(
        &self,
        sha256: Sha256,
        present: Option<&Head>,
        now: Timestamp,
    ) -> Result<bool, NotNext> {
        let number = self.number;
        if number == 0 || self.expires_at <= self.issued_at {
            return Err(NotNext::Contradiction { number });
        }
        if now
            .saturating_add(CLOCKS)
            .is_ok_and(|latest| latest < self.issued_at)
        {
            let issued_at = self.issued_at;
            return Err(NotNext::NotYetIssued {
                number,
                issued_at,
                now,
            });
        }
        let Some(present) = present else {
            return Ok(true);
        };
        let (found, known) = (number, present.number);
        match () {
            () if found == known && sha256 == present.sha256 => Ok(false),
            () if found == known => Err(NotNext::SplitView {
                number,
                ours: present.sha256,
                theirs: sha256,
            }),
            () if found < known => Err(NotNext::Older {
                present: known,
                found,
            }),
            () if found - known > 1 => Err(NotNext::Gap {
                present: known,
                found,
            }),
            () if self.previous != Some(present.sha256) => Err(NotNext::WrongPrevious {
                number,
                named: self.previous,
                present: present.sha256,
            }),
            () => Ok(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2025-07-01T00:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn snapshot(number: u64, previous: Option<&[u8]>) -> Snapshot {
        Snapshot {
            number,
            previous: previous.map(Sha256::of),
            issued_at: at("2025-06-30T00:00:00Z"),
            expires_at: at("2025-07-30T00:00:00Z"),
            issuer: "Trung ương".to_owned(),
            registry: Registry::default(),
        }
    }

    fn head(number: u64) -> Head {
        let snapshot = snapshot(number, None);
        Head {
            number,
            sha256: Sha256::of(b"seven"),
            issued_at: snapshot.issued_at,
            expires_at: snapshot.expires_at,
        }
    }

    fn after_seven(snapshot: &Snapshot, bytes: &[u8]) -> Result<bool, NotNext> {
        snapshot.follows(Sha256::of(bytes), Some(&head(7)), at(NOW))
    }

    #[test]
    fn only_the_next_number_that_names_the_present_one_follows() {
        assert_eq!(
            after_seven(&snapshot(8, Some(b"seven")), b"eight"),
            Ok(true)
        );
        assert_eq!(after_seven(&snapshot(7, None), b"seven"), Ok(false));
        let refused = |number, previous: &[u8]| {
            after_seven(&snapshot(number, Some(previous)), b"other").unwrap_err()
        };
        assert!(matches!(refused(6, b"five"), NotNext::Older { .. }));
        assert!(matches!(refused(7, b"six"), NotNext::SplitView { .. }));
        assert!(matches!(refused(9, b"seven"), NotNext::Gap { .. }));
        assert!(matches!(refused(8, b"six"), NotNext::WrongPrevious { .. }));
    }

    #[test]
    fn a_snapshot_of_the_future_or_without_a_span_does_not_follow() {
        let next = snapshot(8, Some(b"seven"));
        let early = next.follows(Sha256::of(b"8"), Some(&head(7)), at("2025-06-29T00:00:00Z"));
        assert!(
            matches!(early, Err(NotNext::NotYetIssued { .. })),
            "{early:?}"
        );
        let span = Snapshot {
            expires_at: next.issued_at,
            ..next
        };
        let refused = after_seven(&span, b"eight").unwrap_err();
        assert_eq!(refused, NotNext::Contradiction { number: 8 });
    }

    #[test]
    fn a_registry_past_its_end_is_good_for_the_time_of_grace() {
        let worth = |now: &str| head(7).freshness(at(now), SignedDuration::from_hours(24));
        assert_eq!(worth("2025-07-30T00:00:00Z"), Freshness::Current);
        assert_eq!(worth("2025-07-30T00:00:01Z"), Freshness::Grace);
        assert_eq!(worth("2025-07-31T00:00:01Z"), Freshness::Expired);
    }
}
