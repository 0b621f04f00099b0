//! `lienthong calendar`: when agencies work, and until when something is owed.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit::Exit;
use super::fault::Fault;
use super::print;
use super::speech::Speech;
use crate::config::{self, Config};
use crate::domain::agency::AgencyCode;
use crate::domain::calendar::{Calendars, Day, WorkingCalendar};
use crate::domain::clock::{Date, Timestamp, rfc3339, vietnam_date, vietnam_time};
use crate::domain::deadline::{self, Rule, Start};
use crate::domain::document::Urgency;

/// Arguments of `calendar`.
#[derive(Debug, Args)]
pub(super) struct CalendarArguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Show office hours and the days of a year that are not what their weekday says.
    Show(ShowArguments),
    /// Check a calendar file before a hub uses it.
    Check {
        /// The file (TOML), to be laid over the calendar that comes with the program.
        file: PathBuf,
    },
    /// Reckon until when something is owed.
    Due(DueArguments),
}

#[derive(Debug, Args)]
struct Whose {
    /// The hub's configuration file (default: the calendar that comes with the program).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The agency; without one, the hours that hold for everybody.
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
}

#[derive(Debug, Args)]
struct ShowArguments {
    #[command(flatten)]
    whose: Whose,
    /// The year to show.
    #[arg(long)]
    year: i16,
}

#[derive(Debug, Args)]
struct DueArguments {
    #[command(flatten)]
    whose: Whose,
    /// What is owed: send, arrival, open, answer or change.
    #[arg(value_parser = rule)]
    rule: Rule,
    /// When it begins to run (RFC 3339, such as 2025-06-30T09:00:00+07:00).
    #[arg(long, value_name = "RFC3339")]
    from: Timestamp,
    /// Urgency of the document: 0 none, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc.
    #[arg(long, default_value = "0", value_parser = urgency)]
    urgency: Urgency,
    /// The hour stated on the document (hỏa tốc hẹn giờ).
    #[arg(long, value_name = "RFC3339")]
    stated: Option<Timestamp>,
    /// One line of JSON (schema lienthong.deadline/1).
    #[arg(long)]
    json: bool,
}

fn rule(text: &str) -> Result<Rule, String> {
    let names = Rule::ALL.map(Rule::as_str).join(", ");
    Rule::parse(text).ok_or(format!("expected one of {names}"))
}

fn urgency(text: &str) -> Result<Urgency, String> {
    let code = text.parse().ok().and_then(Urgency::from_code);
    code.ok_or("expected 0, 1, 2 or 3".to_owned())
}

/// Shows, checks or reckons; 3 for a calendar that cannot be used.
pub(super) fn run(arguments: &CalendarArguments, speech: &Speech) -> Result<Exit, Fault> {
    match &arguments.act {
        Act::Show(arguments) => show(arguments, speech),
        Act::Check { file } => check(file, speech),
        Act::Due(arguments) => due(arguments, speech),
    }
}

impl Whose {
    /// The calendars meant, and the agency among them.
    fn calendars(&self) -> Result<(Calendars, Option<AgencyCode>), Fault> {
        let config = self.config.as_deref().map(Config::read).transpose()?;
        let own = config.and_then(|config| config.calendar.file);
        let unusable = |fault: &dyn ToString| {
            Fault::new(Exit::Usage, "VALUE_UNUSABLE")
                .with("value", self.agency.clone().unwrap_or_default())
                .with("detail", fault.to_string())
        };
        let code = self.agency.as_deref().map(AgencyCode::parse).transpose();
        let code = code.map_err(|fault| unusable(&fault))?;
        Ok((config::calendar::read(own.as_deref())?, code))
    }
}

fn check(file: &Path, speech: &Speech) -> Result<Exit, Fault> {
    let calendars = config::calendar::read(Some(file))?;
    let years = &calendars.of(None).holidays().years;
    let listed: Vec<String> = years
        .iter()
        .map(|(year, row)| speech.text(year_phrase(row.is_decided), &[("year", year.to_string())]))
        .collect();
    let years = [("years", listed.join(", "))];
    print::line(&speech.text("cli-calendar-usable", &years));
    Ok(Exit::Done)
}

const fn year_phrase(is_decided: bool) -> &'static str {
    if is_decided {
        "cli-calendar-year-decided"
    } else {
        "cli-calendar-year-expected"
    }
}

fn show(arguments: &ShowArguments, speech: &Speech) -> Result<Exit, Fault> {
    let (calendars, agency) = arguments.whose.calendars()?;
    let calendar = calendars.of(agency.as_ref());
    for row in calendar.hours() {
        let sessions: Vec<String> = row.sessions.iter().map(ToString::to_string).collect();
        let days: Vec<String> = row
            .days
            .iter()
            .map(|day| speech.text(&format!("cli-calendar-day-{day}"), &[]))
            .collect();
        let open = |day: Option<Date>| day.map_or("…".to_owned(), |day| day.to_string());
        print::line(&speech.text(
            "cli-calendar-hours",
            &[
                ("days", days.join(", ")),
                ("sessions", sessions.join(", ")),
                ("from", open(row.valid.from)),
                ("to", open(row.valid.to)),
            ],
        ));
    }
    show_year(calendar, arguments.year, speech);
    Ok(Exit::Done)
}

/// What is known about the year, then its unusual days.
fn show_year(calendar: &WorkingCalendar, number: i16, speech: &Speech) {
    let year = [("year", number.to_string())];
    match calendar.holidays().years.get(&number) {
        Some(known) => {
            print::line(&speech.text(year_phrase(known.is_decided), &year));
            print::line(&format!("  {}", print::harmless(&known.source)));
        }
        None => print::line(&speech.text("cli-calendar-year-unknown", &year)),
    }
    let first = Date::new(number, 1, 1).ok();
    let days = std::iter::successors(first, |day| day.tomorrow().ok());
    for day in days.take_while(|day| day.year() == number) {
        let said = match calendar.day(day) {
            Day::Working | Day::Rest => continue,
            Day::Holiday(name) => print::harmless(name),
            Day::WorkedFor(rest) => {
                speech.text("cli-calendar-worked-for", &[("day", rest.to_string())])
            }
            Day::MadeUp => speech.text("cli-calendar-made-up", &[]),
        };
        let weekday = day.weekday().to_monday_zero_offset();
        let weekday = speech.text(&format!("cli-calendar-day-{weekday}"), &[]);
        print::line(&format!("  {day} ({weekday})  {said}"));
    }
}

fn due(arguments: &DueArguments, speech: &Speech) -> Result<Exit, Fault> {
    let (calendars, agency) = arguments.whose.calendars()?;
    let start = Start {
        at: arguments.from,
        urgency: arguments.urgency,
        stated: arguments.stated,
    };
    let due = deadline::due(arguments.rule, start, calendars.of(agency.as_ref()));
    if arguments.json {
        let json = serde_json::json!({
            "schema": "lienthong.deadline/1",
            "rule": arguments.rule.as_str(),
            "source": arguments.rule.source(),
            "from": rfc3339(start.at),
            "warn_at": rfc3339(due.warn),
            "due_at": rfc3339(due.at),
            "calendar_known": due.is_certain,
        });
        print::line(&json.to_string());
        return Ok(Exit::Done);
    }
    let facts = [
        ("rule", speech.text(arguments.rule.phrase(), &[])),
        ("source", arguments.rule.source().to_owned()),
        ("due", vietnam_time(due.at)),
        ("warn", vietnam_time(due.warn)),
    ];
    print::line(&speech.text("cli-calendar-due", &facts));
    if !due.is_certain {
        let years = format!(
            "{}–{}",
            vietnam_date(start.at).year(),
            vietnam_date(due.at).year()
        );
        print::complain(&speech.text("cli-calendar-uncertain", &[("years", years)]));
    }
    Ok(Exit::Done)
}
