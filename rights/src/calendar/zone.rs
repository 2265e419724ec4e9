//! The time of day in Latvia: UTC+2, and UTC+3 in summer, from the last Sunday of March to the last Sunday of October, each
//! at 01:00 UTC (Directive 2000/84/EC, articles 2 and 3). So it has been since 2002. The rule stands here instead of a
//! database of time zones, because it is the only one needed and such a database grows old by itself.

use time::{Date, Month, Time, UtcOffset, macros::offset, macros::time};

use crate::Instant;

const WINTER: UtcOffset = offset!(+2);
const SUMMER: UtcOffset = offset!(+3);

/// The day and the time of day at an instant.
pub fn local(instant: Instant) -> (Date, Time) {
    let offset = if is_summer(instant) { SUMMER } else { WINTER };
    let utc = instant.utc();
    // Beyond the calendar's last day there is no local time.
    let local = utc.checked_to_offset(offset).unwrap_or(utc);
    (local.date(), local.time())
}

/// The instant at which clocks show that time; the first one if they show it twice.
pub fn instant(day: Date, time: Time) -> Instant {
    let shown = day.with_time(time);
    let summer = Instant::from(shown.assume_offset(SUMMER));
    if is_summer(summer) { summer } else { Instant::from(shown.assume_offset(WINTER)) }
}

/// The last second of a day: what is meant by an end that is a date.
pub fn end_of_day(day: Date) -> Instant {
    instant(day, time!(23:59:59))
}

fn is_summer(instant: Instant) -> bool {
    let year = instant.utc().year();
    let turn = |month| last_sunday(year, month).map(|day| Instant::from(day.with_time(time!(01:00)).assume_utc()));
    match (turn(Month::March), turn(Month::October)) {
        (Some(begins), Some(ends)) => begins <= instant && instant < ends,
        _ => false,
    }
}

/// Of a month with 31 days.
fn last_sunday(year: i32, month: Month) -> Option<Date> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    last.checked_sub(time::Duration::days(i64::from(last.weekday().number_days_from_sunday())))
}
