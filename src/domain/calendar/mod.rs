//! The working calendar of agencies: office hours, public holidays, days worked in exchange for
//! others, in Vietnam's zone. Source: Labour Code 2019, articles 111, 112; office hours are decided
//! by each province, so they are data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::{Time, Weekday};

use crate::domain::agency::AgencyCode;
use crate::domain::clock::{Date, SignedDuration, Timestamp, vietnam_date, vietnam_zone};
use crate::domain::period::Period;

/// A stretch of office hours on one day: from the first instant to the last, both on that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    from: Time,
    to: Time,
}

impl Session {
    /// Reads `07:30-11:30`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected office hours such as 07:30-11:30, found {text:?}");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        match (time(from), time(to)) {
            (Some(from), Some(to)) if from < to => Ok(Self { from, to }),
            _ => Err(wrong()),
        }
    }
}

impl std::fmt::Display for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [from, to] = [self.from, self.to].map(|time| time.strftime("%H:%M").to_string());
        write!(f, "{from}-{to}")
    }
}

/// Weekly office hours, valid for a period (seasons differ).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeHours {
    /// When they apply.
    pub valid: Period,
    /// The days worked, 0 Monday to 6 Sunday.
    pub days: BTreeSet<i8>,
    /// The stretches of each of these days, in order.
    pub sessions: Vec<Session>,
}

/// What is known about the holidays of one year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Year {
    /// Whether the decisions of that year are known; otherwise its days are expected ones.
    pub is_decided: bool,
    /// Where this comes from.
    pub source: String,
    /// Days of rest with their names.
    pub closed: BTreeMap<Date, String>,
    /// Days worked in exchange for others: the day worked, the day of rest it is worked for.
    pub swapped: BTreeMap<Date, Date>,
}

/// Public holidays of all years.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holidays {
    /// Month and day with names, for years that are not known.
    pub fixed: BTreeMap<(i8, i8), String>,
    /// The years that are known.
    pub years: BTreeMap<i16, Year>,
}

/// What a day is in the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day<'a> {
    /// Worked like every such weekday.
    Working,
    /// Worked instead of another day.
    WorkedFor(Date),
    /// A weekly day of rest.
    Rest,
    /// A public holiday, by name.
    Holiday(&'a str),
    /// A day of rest that is worked on another day.
    MadeUp,
}

/// Why a calendar cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// There are days without office hours: no deadline would ever come.
    #[error("office hours leave {from} and the days after it without any")]
    Gap {
        /// First such day.
        from: Date,
    },
    /// Two rows of office hours apply on one day.
    #[error("two rows of office hours apply on {day}")]
    Overlap {
        /// A day both apply on.
        day: Date,
    },
    /// A row names no day or no hours, or hours out of order.
    #[error("office hours need days, and stretches that follow one another")]
    Hours,
    /// A day is worked for one of another year, or one that is closed too.
    #[error("{work} cannot be worked for {instead_of}")]
    Swap {
        /// The day worked.
        work: Date,
        /// The day of rest.
        instead_of: Date,
    },
}

/// Office hours and holidays of one agency.
#[derive(Debug, Clone)]
pub struct WorkingCalendar {
    hours: Vec<OfficeHours>,
    holidays: Arc<Holidays>,
}

impl WorkingCalendar {
    /// A calendar in which every day has office hours or is a day of rest, without contradictions.
    ///
    /// # Errors
    /// [`CalendarFault`], the first found.
    pub fn new(
        mut hours: Vec<OfficeHours>,
        holidays: Arc<Holidays>,
    ) -> Result<Self, CalendarFault> {
        hours.sort_by_key(|row| row.valid.from);
        for row in &hours {
            let follows = |two: &[Session]| matches!(two, [a, b] if a.to <= b.from);
            let ordered = row.sessions.windows(2).all(follows);
            if row.days.is_empty() || row.sessions.is_empty() || !ordered {
                return Err(CalendarFault::Hours);
            }
        }
        seamless(&hours)?;
        for (number, year) in &holidays.years {
            for (work, instead_of) in &year.swapped {
                let is_odd = work.year() != *number
                    || instead_of.year() != *number
                    || year.closed.contains_key(work)
                    || year.closed.contains_key(instead_of);
                if is_odd {
                    let (work, instead_of) = (*work, *instead_of);
                    return Err(CalendarFault::Swap { work, instead_of });
                }
            }
        }
        Ok(Self { hours, holidays })
    }

    /// The holidays.
    #[must_use]
    pub fn holidays(&self) -> &Holidays {
        &self.holidays
    }

    /// The office hours, by time.
    #[must_use]
    pub fn hours(&self) -> &[OfficeHours] {
        &self.hours
    }

    /// What `day` is.
    #[must_use]
    pub fn day(&self, day: Date) -> Day<'_> {
        let is_weekday = self
            .hours_of(day)
            .is_some_and(|row| row.days.contains(&day.weekday().to_monday_zero_offset()));
        let weekly = if is_weekday { Day::Working } else { Day::Rest };
        let Some(year) = self.holidays.years.get(&day.year()) else {
            let fixed = self.holidays.fixed.get(&(day.month(), day.day()));
            return fixed.map_or(weekly, |name| Day::Holiday(name));
        };
        if let Some(name) = year.closed.get(&day) {
            Day::Holiday(name)
        } else if let Some(instead_of) = year.swapped.get(&day) {
            Day::WorkedFor(*instead_of)
        } else if year.swapped.values().any(|rest| *rest == day) {
            Day::MadeUp
        } else {
            weekly
        }
    }

    /// The office hours of `day`; none on a day of rest.
    #[must_use]
    pub fn sessions(&self, day: Date) -> &[Session] {
        match self.day(day) {
            Day::Working | Day::WorkedFor(_) => self.hours_of(day).map_or(&[], |row| &row.sessions),
            Day::Rest | Day::Holiday(_) | Day::MadeUp => &[],
        }
    }

    /// Whether the holidays of every year from `from` to `to` are decided. Outside, deadlines are
    /// reckoned with what is expected, or with the fixed holidays only.
    #[must_use]
    pub fn is_certain(&self, from: Timestamp, to: Timestamp) -> bool {
        let (from, to) = (vietnam_date(from).year(), vietnam_date(to).year());
        let decided = |year: i16| self.holidays.years.get(&year).is_some_and(|y| y.is_decided);
        (from..=to).all(decided)
    }

    /// `at`, if somebody works then, else the instant work begins again.
    #[must_use]
    pub fn next_working_instant(&self, at: Timestamp) -> Timestamp {
        let mut after = self.stretches_from(vietnam_date(at));
        let next = after.find(|(_, to)| at < *to);
        next.map_or(Timestamp::MAX, |(from, _)| from.max(at))
    }

    /// The instant at which so much office time has passed since `at`; it lies in office hours,
    /// their last instant included. Nothing for a negative time is taken away.
    #[must_use]
    pub fn add_working_time(&self, at: Timestamp, time: SignedDuration) -> Timestamp {
        let mut left = time.max(SignedDuration::ZERO);
        for (from, to) in self.stretches_from(vietnam_date(at)) {
            if to < at {
                continue;
            }
            let begin = from.max(at);
            let here = to.duration_since(begin);
            if left <= here {
                return begin.saturating_add(left).unwrap_or(Timestamp::MAX);
            }
            left = left.saturating_sub(here);
        }
        Timestamp::MAX
    }

    /// The office time between two instants; nothing when `to` is not after `from`.
    #[must_use]
    pub fn working_time_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let mut sum = SignedDuration::ZERO;
        for (begin, end) in self.stretches_from(vietnam_date(from)) {
            if to <= begin {
                break;
            }
            let shared = end.min(to).duration_since(begin.max(from));
            sum = sum.saturating_add(shared.max(SignedDuration::ZERO));
        }
        sum
    }

    /// The end of office hours on the day of `at` when some are left then, else of the next working
    /// day.
    #[must_use]
    pub fn end_of_working_day(&self, at: Timestamp) -> Timestamp {
        let day = vietnam_date(self.next_working_instant(at));
        self.close_of(day).unwrap_or(Timestamp::MAX)
    }

    /// The end of office hours `count` working days after the day of `at`; the day of `at` itself
    /// does not count.
    #[must_use]
    pub fn end_of_working_days_after(&self, at: Timestamp, count: usize) -> Timestamp {
        let later = self.working_days_after(vietnam_date(at));
        let mut closes = later.filter_map(|day| self.close_of(day));
        closes
            .nth(count.saturating_sub(1))
            .unwrap_or(Timestamp::MAX)
    }

    /// The end of the morning, the first stretch of office hours, of the first working day after the
    /// day of `at`.
    #[must_use]
    pub fn end_of_next_morning(&self, at: Timestamp) -> Timestamp {
        let mut days = self.working_days_after(vietnam_date(at));
        let first = days.next().and_then(|day| {
            let session = self.sessions(day).first()?;
            instant(day, session.to)
        });
        first.unwrap_or(Timestamp::MAX)
    }

    fn hours_of(&self, day: Date) -> Option<&OfficeHours> {
        self.hours.iter().find(|row| row.valid.contains(day))
    }

    fn close_of(&self, day: Date) -> Option<Timestamp> {
        let last = self.sessions(day).last()?;
        instant(day, last.to)
    }

    fn working_days_after(&self, day: Date) -> impl Iterator<Item = Date> + '_ {
        let next = days_from(day).skip(1);
        next.filter(|day| !self.sessions(*day).is_empty())
    }

    /// The stretches of office hours on `day` and after it, as instants.
    fn stretches_from(&self, day: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        days_from(day).flat_map(|day| {
            let one = move |s: &Session| Some((instant(day, s.from)?, instant(day, s.to)?));
            self.sessions(day).iter().filter_map(one)
        })
    }
}

/// Office hours for every day there is: the rows follow one another without gap or overlap.
fn seamless(hours: &[OfficeHours]) -> Result<(), CalendarFault> {
    let mut next = Some(Date::MIN);
    for row in hours {
        let from = row.valid.from.unwrap_or(Date::MIN);
        match next {
            Some(free) if from > free => return Err(CalendarFault::Gap { from: free }),
            Some(free) if from == free => {}
            _ => return Err(CalendarFault::Overlap { day: from }),
        }
        next = row.valid.to.and_then(|to| to.tomorrow().ok());
    }
    match next {
        Some(from) => Err(CalendarFault::Gap { from }),
        None => Ok(()),
    }
}

fn days_from(day: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(day), |day| day.tomorrow().ok())
}

fn instant(day: Date, time: Time) -> Option<Timestamp> {
    let local = day.to_datetime(time);
    vietnam_zone().to_timestamp(local).ok()
}

/// The number of a weekday named as in `mon`, 0 Monday to 6 Sunday.
#[must_use]
pub fn weekday(name: &str) -> Option<i8> {
    let day = match name {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    };
    Some(day.to_monday_zero_offset())
}

/// The calendars of all agencies: one for everybody, and those of agencies with hours of their own.
#[derive(Debug, Clone)]
pub struct Calendars {
    standard: WorkingCalendar,
    own: Vec<(AgencyCode, WorkingCalendar)>,
}

impl Calendars {
    /// The calendar for everybody, and those of single agencies.
    #[must_use]
    pub const fn new(standard: WorkingCalendar, own: Vec<(AgencyCode, WorkingCalendar)>) -> Self {
        Self { standard, own }
    }

    /// The calendar of an agency; without a code the one for everybody.
    #[must_use]
    pub fn of(&self, agency: Option<&AgencyCode>) -> &WorkingCalendar {
        let own = self.own.iter().find(|(code, _)| Some(code) == agency);
        own.map_or(&self.standard, |(_, calendar)| calendar)
    }
}

#[cfg(test)]
mod tests;
