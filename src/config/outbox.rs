//! `[retry]` and `[outbox]`: how work is repeated, and how much of it is done at once.

use serde::Deserialize;

/// `[retry]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// Longest wait after each failure in a row, in milliseconds; the last entry for all later ones.
    /// The wait itself is by chance between nothing and this.
    pub waits_ms: Vec<u32>,
    /// After this many seconds without success the sender gets a negative receipt.
    pub give_up_seconds: u32,
    /// The same for documents with a marking of urgency.
    pub give_up_urgent_seconds: u32,
    /// What a neighbour refused waits so many seconds for a decision of people, then the sender gets
    /// a negative receipt; 0: at once.
    pub decide_seconds: u32,
    /// How many seconds a piece of work stays with a process that gives no sign of life, 3 to 600.
    /// Living processes renew in time.
    pub lease_seconds: u16,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            waits_ms: vec![
                5_000, 15_000, 45_000, 120_000, 300_000, 900_000, 1_800_000, 3_600_000,
            ],
            give_up_seconds: 72 * 3600,
            give_up_urgent_seconds: 24 * 3600,
            decide_seconds: 24 * 3600,
            lease_seconds: 60,
        }
    }
}

/// `[outbox]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbox {
    /// Pieces of work in hand at once that need nobody but this hub.
    pub here_at_once: u16,
    /// Pieces in hand at once with all neighbours and the mail server.
    pub away_at_once: u16,
    /// Pieces in hand at once with one neighbour, when it answers well.
    pub each_at_once: u16,
    /// Failures in a row after which a neighbour is only probed.
    pub break_after: u16,
    /// Longest wait between two probes, in milliseconds.
    pub probe_longest_ms: u32,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            here_at_once: 16,
            away_at_once: 48,
            each_at_once: 8,
            break_after: 5,
            probe_longest_ms: 60_000,
        }
    }
}

impl Retry {
    /// What is wrong with it, for the operator.
    pub(super) fn check(&self) -> Result<(), String> {
        let waits = &self.waits_ms;
        let is_rising = waits.is_sorted() && waits.first().is_some_and(|first| *first > 0);
        if !is_rising || waits.len() > 64 {
            return Err(
                "[retry] waits_ms needs 1 to 64 waits above 0, none shorter than the one before"
                    .to_owned(),
            );
        }
        if !(3..=600).contains(&self.lease_seconds) {
            return Err("[retry] lease_seconds must be 3 to 600".to_owned());
        }
        Ok(())
    }
}

impl Outbox {
    /// What is wrong with it, for the operator.
    pub(super) fn check(&self) -> Result<(), String> {
        let counts = [self.here_at_once, self.away_at_once, self.each_at_once];
        if counts.iter().any(|count| !(1..=512).contains(count)) {
            return Err(
                "[outbox] here_at_once, away_at_once and each_at_once must be 1 to 512".to_owned(),
            );
        }
        if self.break_after == 0 || self.probe_longest_ms == 0 {
            return Err("[outbox] break_after and probe_longest_ms must be above 0".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_that_fall_are_refused() {
        let retry = |waits_ms: Vec<u32>| Retry {
            waits_ms,
            ..Retry::default()
        };
        assert!(Retry::default().check().is_ok() && retry(vec![1, 1]).check().is_ok());
        for wrong in [vec![], vec![0], vec![5, 4]] {
            assert!(retry(wrong).check().is_err());
        }
    }

    #[test]
    fn an_outbox_that_could_do_nothing_is_refused() {
        let stopped = Outbox {
            away_at_once: 0,
            ..Outbox::default()
        };
        assert!(Outbox::default().check().is_ok() && stopped.check().is_err());
    }
}
