//! Working time in Latvia, against examples that were reckoned by hand, and against a second way of counting.

use proptest::prelude::*;
use rights::{
    Instant,
    calendar::{Calendar, MovedDay, Working, easter, end_of_day, instant, is_holiday, local},
};
use time::{
    Date, Duration, OffsetDateTime,
    macros::{date, datetime, time},
};

fn at(time: OffsetDateTime) -> Instant {
    Instant::from(time)
}

/// The day that was moved in June 2026.
fn moved() -> [MovedDay; 1] {
    [MovedDay { off: date!(2026 - 06 - 22), on: date!(2026 - 06 - 27) }]
}

#[test]
fn over_a_weekend() {
    let calendar = Calendar::latvian();
    let (from, until) = (at(datetime!(2026-03-13 16:50 +2)), at(datetime!(2026-03-16 08:40 +2)));
    assert_eq!(calendar.between(from, until), Duration::minutes(20));
    assert_eq!(calendar.add(from, Duration::minutes(20)), until);
    assert_eq!(calendar.add(from, Duration::hours(2)), at(datetime!(2026-03-16 10:20 +2)));
}

#[test]
fn over_midsummer_with_the_moved_day_and_without() {
    let (from, until) = (at(datetime!(2026-06-19 16:45 +3)), at(datetime!(2026-06-25 08:50 +3)));
    assert_eq!(Calendar::latvian().with_moved_days(moved()).between(from, until), Duration::minutes(35));
    assert_eq!(Calendar::latvian().between(from, until), Duration::minutes(545));
}

#[test]
fn a_saturday_is_worked_where_a_day_was_moved_to_it() {
    let (from, until) = (at(datetime!(2026-06-27 08:00 +3)), at(datetime!(2026-06-27 18:00 +3)));
    let calendar = Calendar::latvian().with_moved_days(moved());
    assert_eq!(calendar.between(from, until), calendar.day_length());
    assert_eq!(Calendar::latvian().between(from, until), Duration::ZERO);
}

#[test]
fn a_month_has_its_hours() {
    // April 2026: twenty working days, with Good Friday and Easter Monday off.
    let (from, until) = (at(datetime!(2026-04-01 0:00 +3)), at(datetime!(2026-05-01 0:00 +3)));
    assert_eq!(Calendar::latvian().between(from, until), Duration::minutes(510) * 20);
}

#[test]
fn easter_is_where_it_was() {
    for (year, day) in [
        (1961, date!(1961 - 04 - 02)),
        (2000, date!(2000 - 04 - 23)),
        (2008, date!(2008 - 03 - 23)),
        (2011, date!(2011 - 04 - 24)),
        (2024, date!(2024 - 03 - 31)),
        (2025, date!(2025 - 04 - 20)),
        (2026, date!(2026 - 04 - 05)),
        (2038, date!(2038 - 04 - 25)),
    ] {
        assert_eq!(easter(year), Some(day));
    }
}

#[test]
fn the_holidays_of_a_year() {
    let mut day = date!(2026 - 01 - 01);
    let mut holidays = Vec::new();
    while day.year() == 2026 {
        holidays.extend(is_holiday(day).then_some((u8::from(day.month()), day.day())));
        day = day.next_day().expect("a day");
    }
    // The tenth of May is Mother's Day, the twenty-fourth Pentecost.
    let spring = [(1, 1), (4, 3), (4, 5), (4, 6), (5, 1), (5, 4), (5, 10), (5, 24)];
    let later = [(6, 23), (6, 24), (11, 18), (12, 24), (12, 25), (12, 26), (12, 31)];
    assert_eq!(holidays, [&spring[..], &later[..]].concat());
}

#[test]
fn two_holidays_are_made_up_for_and_others_not() {
    let calendar = Calendar::latvian();
    for (off, why) in [
        (date!(2024 - 05 - 06), "4 May 2024 is a Saturday"),
        (date!(2025 - 05 - 05), "4 May 2025 is a Sunday"),
        (date!(2028 - 11 - 20), "18 November 2028 is a Saturday"),
        (date!(2029 - 11 - 19), "18 November 2029 is a Sunday"),
    ] {
        assert!(!calendar.is_working(off), "{why}");
        assert!(calendar.is_working(off.next_day().expect("a day")), "{why}, once");
    }
    for (worked, why) in [
        (date!(2027 - 05 - 03), "1 May 2027 is a Saturday"),
        (date!(2028 - 01 - 03), "1 January 2028 is a Saturday"),
        (date!(2026 - 12 - 28), "26 December 2026 is a Saturday"),
        (date!(2024 - 06 - 25), "the day behind 23 and 24 June"),
        (date!(2026 - 11 - 19), "18 November 2026 is a Wednesday"),
    ] {
        assert!(calendar.is_working(worked), "{why}");
    }
}

#[test]
fn the_festival_is_a_holiday_and_made_up_for() {
    let sunday = date!(2028 - 07 - 09);
    let calendar = Calendar::latvian().with_festivals([sunday]);
    assert!(!calendar.is_working(date!(2028 - 07 - 10)));
    assert!(calendar.is_working(date!(2028 - 07 - 11)));
    assert!(Calendar::latvian().is_working(date!(2028 - 07 - 10)));
}

#[test]
fn a_day_is_off_once_by_a_law_of_its_own() {
    let pope = date!(2018 - 09 - 24);
    assert!(Calendar::latvian().is_working(pope));
    assert!(!Calendar::latvian().with_days_off([pope]).is_working(pope));
}

#[test]
fn clocks_change_and_the_window_does_not() {
    assert_eq!(local(at(datetime!(2026-03-29 00:59:59 UTC))), (date!(2026 - 03 - 29), time!(02:59:59)));
    assert_eq!(local(at(datetime!(2026-03-29 01:00 UTC))), (date!(2026 - 03 - 29), time!(04:00)));
    assert_eq!(local(at(datetime!(2026-10-25 00:59:59 UTC))), (date!(2026 - 10 - 25), time!(03:59:59)));
    assert_eq!(local(at(datetime!(2026-10-25 01:00 UTC))), (date!(2026 - 10 - 25), time!(03:00)));
    assert_eq!(instant(date!(2026 - 03 - 30), time!(08:30)), at(datetime!(2026-03-30 05:30 UTC)));
    assert_eq!(instant(date!(2026 - 10 - 26), time!(08:30)), at(datetime!(2026-10-26 06:30 UTC)));
    assert_eq!(instant(date!(2026 - 10 - 25), time!(03:30)), at(datetime!(2026-10-25 00:30 UTC)), "the first of two");
    assert_eq!(instant(date!(2026 - 03 - 29), time!(03:30)), at(datetime!(2026-03-29 01:30 UTC)), "it is never shown");
    let calendar = Calendar::latvian();
    let day = calendar.day_length();
    let (friday, monday) = (at(datetime!(2026-03-27 12:00 +2)), at(datetime!(2026-03-30 12:00 +3)));
    assert_eq!(calendar.between(friday, monday), day);
    assert_eq!(calendar.add(friday, day), monday);
}

#[test]
fn a_date_ends_with_its_last_second() {
    assert_eq!(end_of_day(date!(2026 - 06 - 30)), at(datetime!(2026-06-30 20:59:59 UTC)));
    assert_eq!(end_of_day(date!(2026 - 12 - 31)), at(datetime!(2026-12-31 21:59:59 UTC)));
}

#[test]
fn other_hours_are_as_good_unless_they_are_none() {
    assert!(Calendar::latvian().with_hours(time!(17:00), time!(08:30)).is_none());
    let short = Calendar::latvian().with_hours(time!(09:00), time!(12:00)).expect("hours");
    assert_eq!(short.day_length(), Duration::hours(3));
}

#[test]
fn the_calendar_ends_quietly() {
    let calendar = Calendar::latvian();
    let (first, last) = (Instant::from_millis(i64::MIN), Instant::from_millis(i64::MAX));
    assert!(calendar.add(last, Duration::hours(9)) <= last);
    assert!(calendar.add(last - Duration::days(2), calendar.day_length() * 10) <= last);
    assert!(calendar.between(last - Duration::days(10), last) > Duration::ZERO);
    assert!(calendar.between(first, first + Duration::days(10)) > Duration::ZERO);
    assert_eq!(last + Duration::MAX, last);
    assert_eq!(first - Duration::MAX, first);
}

#[test]
fn a_working_day_is_eight_and_a_half_hours() {
    assert_eq!(Working::days(1).length(), Calendar::latvian().day_length());
    let monday = at(datetime!(2026-03-02 10:00 +2));
    assert_eq!(Calendar::latvian().after(monday, Working::days(5)), at(datetime!(2026-03-09 10:00 +2)));
}

/// Minute by minute, without any arithmetic.
fn counted(calendar: &Calendar, from: Instant, minutes: i64) -> Duration {
    let worked = (0..minutes).filter(|minute| {
        let (day, time) = local(from + Duration::minutes(*minute));
        calendar.is_working(day) && time!(08:30) <= time && time < time!(17:00)
    });
    Duration::minutes(i64::try_from(worked.count()).expect("a number"))
}

fn minute() -> impl Strategy<Value = Instant> {
    let first: i64 = at(datetime!(2024-01-01 0:00 UTC)).millis() / 60_000;
    (0_i64..4 * 366 * 1440).prop_map(move |number| Instant::from_millis((first + number) * 60_000))
}

fn calendar() -> impl Strategy<Value = Calendar> {
    prop_oneof![Just(Calendar::latvian()), Just(Calendar::latvian().with_moved_days(moved()))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn counting_minutes_comes_to_the_same(calendar in calendar(), from in minute(), minutes in 0_i64..6000) {
        let until = from + Duration::minutes(minutes);
        prop_assert_eq!(calendar.between(from, until), counted(&calendar, from, minutes));
    }

    #[test]
    fn parts_add_up(calendar in calendar(), mut ends in proptest::array::uniform3(minute())) {
        ends.sort_unstable();
        let [a, b, c] = ends;
        prop_assert_eq!(calendar.between(a, b) + calendar.between(b, c), calendar.between(a, c));
        prop_assert_eq!(calendar.between(c, a), Duration::ZERO);
    }

    #[test]
    fn a_deadline_is_the_first_instant_by_which_the_time_has_passed(
        calendar in calendar(), from in minute(), minutes in 1_i64..10_000,
    ) {
        let length = Duration::minutes(minutes);
        let end = calendar.add(from, length);
        prop_assert_eq!(calendar.between(from, end), length);
        prop_assert!(calendar.between(from, end - Duration::MILLISECOND) < length);
        let later = calendar.add(from + Duration::minutes(1), length);
        prop_assert!(end <= later, "who begins later is not done earlier");
    }

    #[test]
    fn clocks_show_what_they_were_set_to(instant_ in minute()) {
        let (day, time) = local(instant_);
        let shown = instant(day, time);
        // In autumn an hour is shown twice, and the first one is meant.
        prop_assert!(shown == instant_ || shown == instant_ - Duration::HOUR, "{instant_}");
    }
}

/// Of 2024: 262 days from Monday to Friday, eleven of them off, one of these because 4 May was a Saturday.
#[test]
fn a_year_has_its_working_days() {
    let calendar = Calendar::latvian();
    let count = |year| {
        let mut day = Date::from_ordinal_date(year, 1).expect("a year");
        let mut days = 0;
        while day.year() == year {
            days += u32::from(calendar.is_working(day));
            day = day.next_day().expect("a day");
        }
        days
    };
    assert_eq!([count(2024), count(2025), count(2026)], [251, 249, 250]);
}
