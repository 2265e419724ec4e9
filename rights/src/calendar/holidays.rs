//! Public holidays of Latvia (law "On Public Holidays, Commemoration Days and Celebration Days", section 1).

use time::{Date, Duration, Month, Weekday};

/// Easter Sunday of a year, by the Gregorian computus of Meeus, Jones and Butcher. Nothing outside of the calendar.
pub fn easter(year: i32) -> Option<Date> {
    let (golden, century, rest) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let (leaps, skipped) = (century / 4, century % 4);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - leaps - correction + 15).rem_euclid(30);
    let weekday = (32 + 2 * skipped + 2 * (rest / 4) - epact - rest % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let count = epact + weekday - 7 * late + 114;
    let month = if count / 31 == 3 { Month::March } else { Month::April };
    let day = u8::try_from(count % 31 + 1).ok()?;
    Date::from_calendar_date(year, month, day).ok()
}

/// Whether the law names that day a holiday; a day that is off because a holiday fell on a weekend is none.
pub fn is_holiday(day: Date) -> bool {
    match (day.month(), day.day()) {
        (Month::January, 1) | (Month::May, 1 | 4) | (Month::June, 23 | 24) | (Month::November, 18) => true,
        (Month::December, 24..=26 | 31) => true,
        // Mother's Day is the second Sunday of May.
        (Month::May, 8..=14) if day.weekday() == Weekday::Sunday => true,
        _ => easter(day.year()).is_some_and(|easter| {
            // Good Friday, Easter, Easter Monday, Pentecost.
            matches!((day - easter).whole_days(), -2 | 0 | 1 | 49)
        }),
    }
}

/// Whether a day of the week is worked as a rule.
pub(super) fn is_weekday(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Whether nobody works that day: a holiday, or the working day behind one that fell on a weekend. Only
/// 4 May, 18 November and the closing day of the festival are made up for.
pub(super) fn is_off(day: Date, is_festival: impl Fn(Date) -> bool) -> bool {
    let is_free = |day: Date| is_holiday(day) || is_festival(day);
    if is_free(day) {
        return true;
    }
    if !is_weekday(day) {
        return false;
    }
    // Backwards over the days on which nobody works anyway, to the last one on which somebody does.
    let mut before = day;
    while let Some(earlier) = before.checked_sub(Duration::DAY) {
        if is_weekday(earlier) && !is_free(earlier) {
            return false;
        }
        if !is_weekday(earlier) && is_made_up_for(earlier, &is_festival) {
            return true;
        }
        before = earlier;
    }
    false
}

fn is_made_up_for(day: Date, is_festival: impl Fn(Date) -> bool) -> bool {
    matches!((day.month(), day.day()), (Month::May, 4) | (Month::November, 18)) || is_festival(day)
}
