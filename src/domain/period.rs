//! Stretches of calendar days: agencies, tiers and certificates are valid for one.

use crate::domain::clock::Date;

/// Days from `from` to `to`, both included; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// First day, or open.
    pub from: Option<Date>,
    /// Last day, or open.
    pub to: Option<Date>,
}

impl Period {
    /// Whether `day` lies in the period.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether the period ended before `day`.
    #[must_use]
    pub fn ended_before(&self, day: Date) -> bool {
        self.to.is_some_and(|to| to < day)
    }

    /// Whether the two periods share a day.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_in_time = |a: &Self, b: &Self| match (a.from, b.to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        starts_in_time(self, other) && starts_in_time(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn both_ends_are_included() {
        let period = Period {
            from: Some(day("2025-01-01")),
            to: Some(day("2025-06-30")),
        };
        assert!(period.contains(day("2025-01-01")) && period.contains(day("2025-06-30")));
        assert!(!period.contains(day("2025-07-01")) && !period.contains(day("2024-12-31")));
        assert!(period.ended_before(day("2025-07-01")));
    }

    #[test]
    fn periods_that_only_touch_on_neighbouring_days_do_not_overlap() {
        let old = Period {
            from: None,
            to: Some(day("2025-06-30")),
        };
        let new = Period {
            from: Some(day("2025-07-01")),
            to: None,
        };
        assert!(!old.overlaps(&new));
        assert!(old.overlaps(&Period::default()));
    }
}
