//! What a file has cost so far. The limits of single values bound what one look costs; a file can
//! still have one costly thing looked at a thousand times. So every read of an object is charged
//! here, and a file that costs more than any honest one is not read on.

use std::cell::Cell;

use super::error::Error;
use super::limits;

/// A kind of work and how many bytes it took.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    /// An object or one reference to it was looked up.
    Lookup,
    /// Bytes of the file or of an object stream were parsed.
    Parsed(usize),
    /// A value was copied whose raw form has so many bytes.
    Copied(usize),
    /// Bytes were copied as they are.
    Fetched(u64),
    /// Bytes came out of a filter.
    Inflated(usize),
    /// Characters of metadata were checked.
    Checked(usize),
}

impl Work {
    /// About how many nanoseconds the work takes.
    fn cost(self) -> u64 {
        let times = |bytes: usize, each: u64| {
            u64::try_from(bytes)
                .unwrap_or(u64::MAX)
                .saturating_mul(each)
        };
        match self {
            Self::Lookup => 100,
            Self::Parsed(bytes) => times(bytes, 12),
            Self::Copied(bytes) => times(bytes, 4),
            Self::Fetched(bytes) => bytes / 4,
            Self::Inflated(bytes) => times(bytes, 4),
            Self::Checked(bytes) => times(bytes, 24),
        }
    }
}

/// Counts the work spent on one file.
#[derive(Debug, Default)]
pub(super) struct Meter {
    spent: Cell<u64>,
}

impl Meter {
    /// Adds `work`; a charge is for work done or about to be done.
    ///
    /// # Errors
    /// When the file has cost more than [`limits::WORK`], from then on every time.
    pub(super) fn charge(&self, work: Work) -> Result<(), Error> {
        self.spent.set(self.spent.get().saturating_add(work.cost()));
        self.check()
    }

    /// Fails when the limit was reached at any time, so that a fault passed over is not lost.
    ///
    /// # Errors
    /// As [`Meter::charge`].
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.spent.get() <= limits::WORK {
            return Ok(());
        }
        Err(Error::Limit {
            what: "work to read the file",
            limit: limits::WORK,
        })
    }

    /// What was spent.
    #[cfg(test)]
    pub(super) fn spent(&self) -> u64 {
        self.spent.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_too_much_stays_too_much() {
        let meter = Meter::default();
        meter.charge(Work::Parsed(1_000)).unwrap();
        assert_eq!(meter.spent(), 12_000);
        let huge = usize::try_from(limits::WORK).unwrap();
        let refused = meter.charge(Work::Inflated(huge)).unwrap_err();
        assert_eq!(refused.code(), "LIMIT_EXCEEDED");
        assert!(meter.check().is_err());
        assert!(meter.charge(Work::Lookup).is_err());
    }
}
