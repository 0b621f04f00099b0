//! The working calendar as TOML: the one that comes with the program (`assets/calendar.toml`), and
//! an operator's own laid over it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::{Error, malformed, text};
use crate::domain::agency::AgencyCode;
use crate::domain::calendar::{
    Calendars, Holidays, OfficeHours, Session, WorkingCalendar, Year, weekday,
};
use crate::domain::clock::Date;
use crate::domain::period::Period;

/// What comes with the program.
const SHIPPED: &str = include_str!("../../assets/calendar.toml");
/// Longest file in bytes.
const LARGEST: usize = 1024 * 1024;
/// Most rows of one kind, and most days of one row.
const MOST_ROWS: usize = 10_000;
/// Longest name or source in characters.
const LONGEST_TEXT: usize = 500;

/// `[calendar]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// File laid over the calendar that comes with the program.
    pub file: Option<std::path::PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    hours: Vec<HoursRow>,
    #[serde(default)]
    fixed: Vec<FixedRow>,
    #[serde(default)]
    years: Vec<YearRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursRow {
    #[serde(default)]
    agencies: Vec<String>,
    from: Option<String>,
    to: Option<String>,
    days: Vec<String>,
    sessions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixedRow {
    day: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearRow {
    year: i16,
    decided: bool,
    source: String,
    #[serde(default)]
    closed: Vec<ClosedRow>,
    #[serde(default)]
    swapped: Vec<SwappedRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosedRow {
    from: String,
    to: Option<String>,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SwappedRow {
    work: String,
    instead_of: String,
}

/// The calendars of all agencies: what comes with the program, with the file `own` laid over it.
///
/// # Errors
/// [`Error`] that names the file and the fault, the first contradiction included.
pub fn read(own: Option<&Path>) -> Result<Calendars, Error> {
    let shipped = Path::new("assets/calendar.toml");
    let mut layers = Layers::default();
    layers
        .add(SHIPPED)
        .map_err(|fault| malformed(shipped, &fault))?;
    if let Some(path) = own {
        let text = text(path)?;
        layers.add(&text).map_err(|fault| malformed(path, &fault))?;
    }
    layers
        .calendars()
        .map_err(|fault| malformed(own.unwrap_or(shipped), &fault))
}

/// What was read so far.
#[derive(Default)]
struct Layers {
    everybody: Vec<OfficeHours>,
    agencies: Vec<(AgencyCode, OfficeHours)>,
    holidays: Holidays,
}

impl Layers {
    /// Lays a file over what there is: its years replace years, its hours for everybody and its
    /// fixed holidays replace these, its hours for agencies are added.
    fn add(&mut self, text: &str) -> Result<(), String> {
        if text.len() > LARGEST {
            return Err(format!("{} bytes, at most {LARGEST}", text.len()));
        }
        let file: File = toml::from_str(text).map_err(|fault| fault.to_string())?;
        let rows = [file.hours.len(), file.fixed.len(), file.years.len()];
        if rows.into_iter().max() > Some(MOST_ROWS) {
            return Err(format!("more than {MOST_ROWS} rows of one kind"));
        }
        let mut everybody = Vec::new();
        for row in file.hours {
            let codes = row.agencies.clone();
            let hours = hours(row)?;
            for code in &codes {
                let code = AgencyCode::parse(code).map_err(|fault| fault.to_string())?;
                self.agencies.push((code, hours.clone()));
            }
            if codes.is_empty() {
                everybody.push(hours);
            }
        }
        if !everybody.is_empty() {
            self.everybody = everybody;
        }
        if !file.fixed.is_empty() {
            self.holidays.fixed = file
                .fixed
                .into_iter()
                .map(fixed)
                .collect::<Result<_, _>>()?;
        }
        for row in file.years {
            let number = row.year;
            self.holidays.years.insert(number, year(row)?);
        }
        Ok(())
    }

    fn calendars(self) -> Result<Calendars, String> {
        let holidays = Arc::new(self.holidays);
        let calendar = |hours: Vec<OfficeHours>| WorkingCalendar::new(hours, Arc::clone(&holidays));
        let standard = calendar(self.everybody).map_err(|fault| fault.to_string())?;
        let mut grouped: Vec<(AgencyCode, Vec<OfficeHours>)> = Vec::new();
        for (code, hours) in self.agencies {
            match grouped.iter_mut().find(|(known, _)| *known == code) {
                Some((_, rows)) => rows.push(hours),
                None => grouped.push((code, vec![hours])),
            }
        }
        let own = grouped.into_iter().map(|(code, hours)| {
            let calendar = calendar(hours).map_err(|fault| format!("{code}: {fault}"))?;
            Ok((code, calendar))
        });
        Ok(Calendars::new(
            standard,
            own.collect::<Result<_, String>>()?,
        ))
    }
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|fault| format!("expected a day such as 2025-06-30, found {text:?}: {fault}"))
}

/// A text shown to people, of a bearable length.
fn bounded(text: String) -> Result<String, String> {
    let length = text.chars().count();
    let fits = (1..=LONGEST_TEXT).contains(&length);
    let wrong = || format!("a text of 1 to {LONGEST_TEXT} characters is needed, found {length}");
    fits.then_some(text).ok_or_else(wrong)
}

fn hours(row: HoursRow) -> Result<OfficeHours, String> {
    let named = |name: &String| {
        weekday(name)
            .ok_or_else(|| format!("expected mon, tue, wed, thu, fri, sat or sun, found {name:?}"))
    };
    Ok(OfficeHours {
        valid: Period {
            from: row.from.as_deref().map(day).transpose()?,
            to: row.to.as_deref().map(day).transpose()?,
        },
        days: row.days.iter().map(named).collect::<Result<_, _>>()?,
        sessions: row
            .sessions
            .iter()
            .map(|text| Session::parse(text))
            .collect::<Result<_, _>>()?,
    })
}

fn fixed(row: FixedRow) -> Result<((i8, i8), String), String> {
    // A leap year, so that 29 February is a day.
    let read = day(&format!("2024-{}", row.day));
    let date = read.or(Err(format!(
        "expected month and day such as 04-30, found {:?}",
        row.day
    )))?;
    Ok(((date.month(), date.day()), bounded(row.name)?))
}

fn year(row: YearRow) -> Result<Year, String> {
    let mut closed = BTreeMap::new();
    for stretch in row.closed {
        let name = bounded(stretch.name)?;
        let from = day(&stretch.from)?;
        let to = stretch.to.as_deref().map_or(Ok(from), day)?;
        if from.year() != row.year || to.year() != row.year || to < from {
            return Err(format!("{from} to {to} is not a stretch of {}", row.year));
        }
        let days = std::iter::successors(Some(from), |day| day.tomorrow().ok());
        closed.extend(
            days.take_while(|day| *day <= to)
                .map(|day| (day, name.clone())),
        );
    }
    let swap = |row: &SwappedRow| Ok((day(&row.work)?, day(&row.instead_of)?));
    Ok(Year {
        is_decided: row.decided,
        source: bounded(row.source)?,
        closed,
        swapped: row
            .swapped
            .iter()
            .map(swap)
            .collect::<Result<_, String>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::Day;

    fn with(own: &str) -> Result<Calendars, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calendar.toml");
        std::fs::write(&path, own).unwrap();
        read(Some(&path))
    }

    fn said(own: &str) -> String {
        with(own).unwrap_err().to_string()
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn the_shipped_calendar_knows_2024_to_2026_and_expects_2027() {
        let calendars = read(None).unwrap();
        let years = &calendars.of(None).holidays().years;
        let decided: Vec<_> = years
            .iter()
            .map(|(year, row)| (*year, row.is_decided))
            .collect();
        assert_eq!(
            decided,
            [(2024, true), (2025, true), (2026, true), (2027, false)]
        );
    }

    #[test]
    fn every_shipped_holiday_falls_on_a_weekday_and_every_swap_on_a_saturday() {
        let calendars = read(None).unwrap();
        for year in calendars.of(None).holidays().years.values() {
            for (work, rest) in &year.swapped {
                assert_eq!(work.weekday().to_monday_zero_offset(), 5, "{work}");
                assert!(rest.weekday().to_monday_zero_offset() < 5, "{rest}");
            }
            // Eleven days of rest by law; the lunar new year spans a weekend in some years.
            let weekdays = year
                .closed
                .keys()
                .filter(|d| d.weekday().to_monday_zero_offset() < 5);
            assert_eq!(weekdays.count(), 11, "{}", year.source);
        }
    }

    #[test]
    fn tet_and_a_swapped_saturday_are_what_they_were() {
        let calendars = read(None).unwrap();
        let calendar = calendars.of(None);
        assert!(matches!(calendar.day(date("2024-02-14")), Day::Holiday(_)));
        assert_eq!(calendar.day(date("2024-02-15")), Day::Working);
        assert_eq!(
            calendar.day(date("2026-08-22")),
            Day::WorkedFor(date("2026-08-31"))
        );
    }

    #[test]
    fn an_agency_may_have_hours_of_its_own() {
        let own =
            "[[hours]]\nagencies = [\"H21.1\"]\ndays = [\"sat\"]\nsessions = [\"08:00-12:00\"]";
        let calendars = with(own).unwrap();
        let code = AgencyCode::parse("H21.1").unwrap();
        assert_eq!(
            calendars.of(Some(&code)).day(date("2025-06-28")),
            Day::Working
        );
        assert_eq!(calendars.of(None).day(date("2025-06-28")), Day::Rest);
    }

    #[test]
    fn a_year_of_the_operator_replaces_the_shipped_one() {
        let own = "[[years]]\nyear = 2027\ndecided = true\nsource = \"announced\"\nclosed = [{ from = \"2027-02-05\", name = \"Tết\" }]";
        let calendars = with(own).unwrap();
        let years = &calendars.of(None).holidays().years;
        assert!(years[&2027].is_decided && years[&2027].closed.len() == 1);
        assert!(years.contains_key(&2026));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let hours = |days: &str, sessions: &str| {
            format!("[[hours]]\ndays = [\"{days}\"]\nsessions = [\"{sessions}\"]")
        };
        let year =
            |rest: &str| format!("[[years]]\nyear = 2027\ndecided = true\nsource = \"x\"\n{rest}");
        for (own, expected) in [
            (hours("day", "08:00-12:00"), "found \"day\""),
            (hours("mon", "12:00-08:00"), "07:30-11:30"),
            (hours("mon", "8 to 12"), "found \"8 to 12\""),
            (
                year("closed = [{ from = \"2026-02-05\", name = \"Tết\" }]"),
                "not a stretch of 2027",
            ),
            (
                year("closed = [{ from = \"2027-02-05\", name = \"\" }]"),
                "1 to 500 characters",
            ),
            (
                year("swapped = [{ work = \"2027-02-06\", instead_of = \"2028-02-05\" }]"),
                "cannot be worked for",
            ),
            (
                "[[fixed]]\nday = \"13-01\"\nname = \"x\"".to_owned(),
                "04-30",
            ),
            ("[[hour]]".to_owned(), "unknown field"),
        ] {
            let said = said(&own);
            assert!(said.contains(expected), "{own}: {said}");
        }
    }

    #[test]
    fn a_calendar_that_is_too_large_is_not_read() {
        let said = said(&"#".repeat(LARGEST + 1));
        assert!(said.contains("at most"), "{said}");
    }
}
