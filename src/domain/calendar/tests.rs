//! What the calendar reckons, and what no calendar may do.

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    format!("{text}:00+07:00").parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn hours(from: Option<&str>, to: Option<&str>, sessions: &[&str]) -> OfficeHours {
    OfficeHours {
        valid: Period {
            from: from.map(day),
            to: to.map(day),
        },
        days: (0..5).collect(),
        sessions: sessions
            .iter()
            .map(|s| Session::parse(s).unwrap())
            .collect(),
    }
}

/// 2025 with the first of May, and Friday 2 May worked on Saturday 26 April.
fn holidays() -> Holidays {
    let year = Year {
        is_decided: true,
        source: "test".to_owned(),
        closed: [
            (day("2025-04-30"), "A".to_owned()),
            (day("2025-05-01"), "B".to_owned()),
        ]
        .into(),
        swapped: [(day("2025-04-26"), day("2025-05-02"))].into(),
    };
    Holidays {
        fixed: [((1, 1), "New Year".to_owned())].into(),
        years: [(2025, year)].into(),
    }
}

fn calendar() -> WorkingCalendar {
    let all = hours(None, None, &["07:30-11:30", "13:30-17:00"]);
    WorkingCalendar::new(vec![all], Arc::new(holidays())).unwrap()
}

#[test]
fn work_goes_on_after_a_holiday_and_a_swapped_day() {
    let calendar = calendar();
    // Tuesday evening; Wednesday and Thursday are holidays, Friday is made up, then the weekend.
    let next = calendar.next_working_instant(at("2025-04-29T17:00"));
    assert_eq!(next, at("2025-05-05T07:30"));
    assert_eq!(calendar.day(day("2025-05-02")), Day::MadeUp);
}

#[test]
fn a_swapped_saturday_is_worked() {
    let calendar = calendar();
    assert_eq!(
        calendar.next_working_instant(at("2025-04-26T06:00")),
        at("2025-04-26T07:30")
    );
    assert_eq!(
        calendar.day(day("2025-04-26")),
        Day::WorkedFor(day("2025-05-02"))
    );
}

#[test]
fn time_stands_still_at_noon() {
    let two_hours = SignedDuration::from_hours(2);
    let calendar = calendar();
    assert_eq!(
        calendar.add_working_time(at("2025-06-30T10:30"), two_hours),
        at("2025-06-30T14:30")
    );
    let between = calendar.working_time_between(at("2025-06-30T10:30"), at("2025-06-30T14:30"));
    assert_eq!(between, two_hours);
}

#[test]
fn what_comes_after_closing_time_belongs_to_the_next_working_day() {
    let calendar = calendar();
    assert_eq!(
        calendar.end_of_working_day(at("2025-06-30T16:59")),
        at("2025-06-30T17:00")
    );
    assert_eq!(
        calendar.end_of_working_day(at("2025-06-30T17:00")),
        at("2025-07-01T17:00")
    );
    assert_eq!(
        calendar.end_of_working_day(at("2025-04-29T18:00")),
        at("2025-05-05T17:00")
    );
}

#[test]
fn the_next_morning_and_the_second_day_pass_over_the_weekend() {
    let calendar = calendar();
    assert_eq!(
        calendar.end_of_next_morning(at("2025-06-27T09:00")),
        at("2025-06-30T11:30")
    );
    assert_eq!(
        calendar.end_of_working_days_after(at("2025-06-27T09:00"), 2),
        at("2025-07-01T17:00")
    );
}

#[test]
fn the_season_changes_the_hours() {
    let winter = hours(None, Some("2025-04-15"), &["08:00-12:00"]);
    let summer = hours(Some("2025-04-16"), None, &["07:00-11:00"]);
    let seasons = WorkingCalendar::new(vec![summer, winter], Arc::new(holidays())).unwrap();
    assert_eq!(
        seasons.end_of_working_day(at("2025-04-15T09:00")),
        at("2025-04-15T12:00")
    );
    assert_eq!(
        seasons.end_of_working_day(at("2025-04-16T09:00")),
        at("2025-04-16T11:00")
    );
}

#[test]
fn an_unknown_year_has_the_fixed_holidays_and_says_that_it_is_unknown() {
    let calendar = calendar();
    assert_eq!(calendar.day(day("2031-01-01")), Day::Holiday("New Year"));
    assert!(calendar.is_certain(at("2025-01-01T00:00"), at("2025-12-31T23:59")));
    assert!(!calendar.is_certain(at("2025-12-31T23:59"), at("2026-01-01T00:00")));
}

#[test]
fn hours_with_a_gap_or_an_overlap_are_refused() {
    let new = |rows| WorkingCalendar::new(rows, Arc::default()).unwrap_err();
    let open = |from, to| hours(from, to, &["08:00-12:00"]);
    assert!(matches!(new(vec![]), CalendarFault::Gap { .. }));
    let gap = vec![
        open(None, Some("2025-04-15")),
        open(Some("2025-04-17"), None),
    ];
    assert_eq!(
        new(gap),
        CalendarFault::Gap {
            from: day("2025-04-16")
        }
    );
    let twice = vec![
        open(None, Some("2025-04-15")),
        open(Some("2025-04-15"), None),
    ];
    assert_eq!(
        new(twice),
        CalendarFault::Overlap {
            day: day("2025-04-15")
        }
    );
    let backwards = hours(None, None, &["13:00-17:00", "08:00-12:00"]);
    assert_eq!(new(vec![backwards]), CalendarFault::Hours);
}

#[test]
fn a_day_is_not_worked_for_a_holiday() {
    let mut odd = holidays();
    let year = odd.years.get_mut(&2025).unwrap();
    year.swapped.insert(day("2025-05-10"), day("2025-05-01"));
    let rows = vec![hours(None, None, &["08:00-12:00"])];
    let fault = WorkingCalendar::new(rows, Arc::new(odd)).unwrap_err();
    assert!(matches!(fault, CalendarFault::Swap { .. }));
}

#[test]
fn the_end_of_time_is_no_trouble() {
    let calendar = calendar();
    assert_eq!(
        calendar.next_working_instant(Timestamp::MAX),
        Timestamp::MAX
    );
    assert_eq!(calendar.end_of_working_day(Timestamp::MAX), Timestamp::MAX);
}

/// Instants of 2025 and the years beside it, to the second.
fn instants() -> impl Strategy<Value = Timestamp> {
    (1_704_067_200_i64..1_798_761_600).prop_map(|s| Timestamp::from_second(s).unwrap())
}

fn times() -> impl Strategy<Value = SignedDuration> {
    (0_i64..400_000).prop_map(SignedDuration::from_secs)
}

proptest! {
    #[test]
    fn added_time_ends_in_office_hours(start in instants(), time in times()) {
        let calendar = calendar();
        let end = calendar.add_working_time(start, time);
        let inside = |(from, to): (Timestamp, Timestamp)| from <= end && end <= to;
        prop_assert!(calendar.stretches_from(vietnam_date(end)).take(2).any(inside));
        prop_assert!(start <= end);
    }

    #[test]
    fn added_time_is_the_time_between(start in instants(), time in times()) {
        let calendar = calendar();
        let end = calendar.add_working_time(start, time);
        prop_assert_eq!(calendar.working_time_between(start, end), time);
    }

    #[test]
    fn adding_twice_is_adding_the_sum(start in instants(), one in times(), two in times()) {
        let calendar = calendar();
        let twice = calendar.add_working_time(calendar.add_working_time(start, one), two);
        prop_assert_eq!(twice, calendar.add_working_time(start, one + two));
    }

    #[test]
    fn what_starts_or_lasts_longer_never_ends_earlier(
        a in instants(), b in instants(), one in times(), two in times()
    ) {
        let calendar = calendar();
        let (early, late) = (a.min(b), a.max(b));
        let (short, long) = (one.min(two), one.max(two));
        prop_assert!(
            calendar.add_working_time(early, short) <= calendar.add_working_time(late, long)
        );
        prop_assert!(calendar.end_of_working_day(early) <= calendar.end_of_working_day(late));
        prop_assert!(calendar.next_working_instant(early) <= calendar.next_working_instant(late));
    }
}
