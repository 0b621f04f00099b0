//! How new data about revocation must be. Source: ETSI EN 319 102-1, 5.2.5.

use crate::domain::clock::{SignedDuration, Timestamp};

/// How long a response without nextUpdate is believed.
const OPEN_ENDED: SignedDuration = SignedDuration::from_hours(24);

/// How new data about revocation must be in order to say that a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Its nextUpdate has not passed.
    NextUpdate,
    /// Its nextUpdate has not passed, and data about the end-entity certificate was issued later than
    /// the signature or not long before the instant judged. Data about authorities, whose lists live
    /// for months, needs only the former.
    SignedAfter {
        /// The earliest proven time of the signature.
        best_signature_time: Timestamp,
        /// How long before the instant judged, in seconds; the agencies' rule is 86,400.
        within_seconds: i64,
    },
}

/// The period of one list or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) this_update: Timestamp,
    /// `None` if the data itself does not say.
    pub(super) next_update: Option<Timestamp>,
}

/// Why data is not new enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stale {
    NextUpdatePassed,
    BeforeSignature,
}

impl Period {
    /// The period of an OCSP answer; one without nextUpdate is believed for a day.
    pub(super) fn of_answer(this_update: Timestamp, next_update: Option<Timestamp>) -> Self {
        let open_ended = || this_update.checked_add(OPEN_ENDED).ok();
        Self {
            this_update,
            next_update: next_update.or_else(open_ended),
        }
    }
}

impl Freshness {
    /// Why data of `period` is too old to be relied on at `at`; `is_leaf`: it is about the end-entity
    /// certificate.
    pub(super) fn refuses(self, period: Period, at: Timestamp, is_leaf: bool) -> Option<Stale> {
        if period.next_update.is_none_or(|next| next < at) {
            return Some(Stale::NextUpdatePassed);
        }
        let newest = self.last_fresh(period, is_leaf)?;
        (newest < at).then_some(Stale::BeforeSignature)
    }

    /// The last instant at which data of `period` is new enough; `None` without nextUpdate.
    pub(super) fn last_fresh(self, period: Period, is_leaf: bool) -> Option<Timestamp> {
        let next = period.next_update?;
        match self {
            Self::SignedAfter {
                best_signature_time,
                within_seconds,
            } if is_leaf && period.this_update <= best_signature_time => {
                let within = SignedDuration::from_secs(within_seconds);
                let end = period.this_update.checked_add(within).ok();
                Some(end.map_or(next, |end| end.min(next)))
            }
            _ => Some(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    fn refuses(this: &str, next: Option<&str>, now: &str, is_leaf: bool) -> Option<Stale> {
        let period = Period {
            this_update: at(this),
            next_update: next.map(at),
        };
        let freshness = Freshness::SignedAfter {
            best_signature_time: at("2026-03-01"),
            within_seconds: 86_400,
        };
        freshness.refuses(period, at(now), is_leaf)
    }

    #[test]
    fn data_from_before_the_signature_is_new_for_a_day() {
        let next = Some("2026-04-01");
        assert_eq!(refuses("2026-02-28", next, "2026-03-01", true), None);
        let old = Some(Stale::BeforeSignature);
        assert_eq!(refuses("2026-02-28", next, "2026-03-02", true), old);
        assert_eq!(refuses("2026-03-01", next, "2026-03-03", true), old);
    }

    #[test]
    fn data_from_after_the_signature_is_new_until_its_next_update() {
        let next = Some("2026-04-01");
        assert_eq!(refuses("2026-03-02", next, "2026-04-01", true), None);
        let passed = Some(Stale::NextUpdatePassed);
        assert_eq!(refuses("2026-03-02", next, "2026-04-02", true), passed);
        assert_eq!(refuses("2026-03-02", None, "2026-03-02", true), passed);
    }

    #[test]
    fn data_about_authorities_may_be_older_than_the_signature() {
        let judged = refuses("2026-01-01", Some("2026-07-01"), "2026-06-01", false);
        assert_eq!(judged, None);
    }
}
