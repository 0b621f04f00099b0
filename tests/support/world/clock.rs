//! A clock that stands still until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};

use lienthong::domain::clock::{Clock, Timestamp};

/// The morning of the last day of the district tier, in Vietnam.
pub(crate) const MORNING: &str = "2025-06-30T02:00:00Z";

/// A clock moved by hand.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that shows [`MORNING`].
    pub(crate) fn new() -> Self {
        let morning: Timestamp = MORNING.parse().unwrap();
        Self(AtomicI64::new(morning.as_microsecond()))
    }

    /// Moves it on.
    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}
