//! Whether a neighbour, or the mail server, answers: the circuit breaker. It only decides when
//! something is tried, never whether it is accepted.

use crate::domain::clock::Timestamp;

/// A line on which something failed and nothing has gone well since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Failures in a row.
    pub failures: u32,
    /// Not before this instant is it tried again once it is open.
    pub retry_at: Timestamp,
}

/// What may be sent on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// As much as its pace allows.
    Free,
    /// One piece, to see whether it answers again.
    Probe,
    /// Nothing now.
    Closed,
}

/// What may be sent at `now`; `break_after` is the number of failures in a row that interrupts a line.
#[must_use]
pub fn passage(link: Option<&Link>, break_after: u32, now: Timestamp) -> Passage {
    match link {
        Some(link) if link.failures >= break_after => {
            if link.retry_at <= now {
                Passage::Probe
            } else {
                Passage::Closed
            }
        }
        _ => Passage::Free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_interrupted_after_so_many_failures_until_its_next_probe() {
        let now: Timestamp = "2025-06-30T02:00:00Z".parse().unwrap();
        let later: Timestamp = "2025-06-30T02:00:05Z".parse().unwrap();
        let link = |failures, retry_at| Link { failures, retry_at };
        for (link, expected) in [
            (None, Passage::Free),
            (Some(link(4, later)), Passage::Free),
            (Some(link(5, later)), Passage::Closed),
            (Some(link(5, now)), Passage::Probe),
        ] {
            assert_eq!(passage(link.as_ref(), 5, now), expected, "{link:?}");
        }
    }
}
