//! Time: stored and sent in UTC, shown in Vietnam time (UTC+07:00, no daylight saving), and always
//! given by the caller. Source: Decision 28/2018/QĐ-TTg, article 14(4).

use jiff::tz::{Offset, TimeZone};

pub use jiff::civil::Date;
pub use jiff::{SignedDuration, Timestamp};

/// Something that tells the time. Only `exchange`, `web` and `cli` hold one.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock, moved by a fixed offset (zero in production; the demonstration plays on a
/// past day).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock {
    offset: SignedDuration,
}

impl SystemClock {
    /// A clock that runs `offset` ahead of the machine's (negative: behind).
    #[must_use]
    pub const fn with_offset(offset: SignedDuration) -> Self {
        Self { offset }
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.checked_add(self.offset).unwrap_or(now)
    }
}

/// The instant of a calendar date and time of day in UTC; `None` when there is no such time.
///
/// The year 9999 ends later than instants do: everything in it past the last instant is the last
/// one (RFC 5280, 4.1.2.5, writes "no end" as 99991231235959Z).
#[must_use]
pub fn utc_instant(
    year: i16,
    [month, day]: [i8; 2],
    [hour, minute, second]: [i8; 3],
) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let instant = TimeZone::UTC.to_timestamp(civil).ok();
    instant.or_else(|| (year == 9999).then_some(Timestamp::MAX))
}

/// Vietnam's zone: UTC+07:00, fixed.
#[must_use]
pub fn vietnam_zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(7))
}

/// The calendar day in Vietnam at `at`.
#[must_use]
pub fn vietnam_date(at: Timestamp) -> Date {
    at.to_zoned(vietnam_zone()).date()
}

/// `dd/MM/yyyy HH:mm:ss` in Vietnam time, for pages, mails and messages.
#[must_use]
pub fn vietnam_time(at: Timestamp) -> String {
    at.to_zoned(vietnam_zone())
        .strftime("%d/%m/%Y %H:%M:%S")
        .to_string()
}

/// RFC 3339 in UTC with whole seconds, the form of everything stored or sent.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The form of times in HTTP, with whole seconds (RFC 9110, 5.6.7).
#[must_use]
pub fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The instant written as HTTP does; `None` for anything else.
#[must_use]
pub fn from_http_date(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", text).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_http_reads_back() {
        let at: Timestamp = "1994-11-06T08:49:37Z".parse().unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(from_http_date(&http_date(at)), Some(at));
        assert_eq!(from_http_date("yesterday"), None);
    }

    #[test]
    fn vietnam_is_seven_hours_ahead() {
        let at: Timestamp = "2025-06-30T17:30:05Z".parse().unwrap();
        assert_eq!(vietnam_time(at), "01/07/2025 00:30:05");
        assert_eq!(vietnam_date(at).to_string(), "2025-07-01");
        assert_eq!(rfc3339(at), "2025-06-30T17:30:05Z");
    }
}
