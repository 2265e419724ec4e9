//! From when until when people work: whose work is over has left, and what is dated ahead is looked at on its day.
//!
//! Days are those of the calendar in Latvia. The first and the last one count wholly.

use time::{Date, Time};

use crate::{Instant, calendar};

/// From one day to another; nothing where it has no beginning or no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tenure {
    /// The first day.
    pub starts: Option<Date>,
    /// The last day.
    pub ends: Option<Date>,
}

impl Tenure {
    fn is_over(self, day: Date) -> bool {
        self.ends.is_some_and(|last| last < day)
    }

    /// The days on which something is different from the day before.
    fn changes(self) -> impl Iterator<Item = Date> {
        [self.starts, self.ends.and_then(Date::next_day)].into_iter().flatten()
    }
}

/// How many days before the last of somebody's work is over that is told.
const TOLD_BEFORE: [i64; 2] = [14, 3];

/// That the last of somebody's work is over soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Farewell {
    /// When they have left.
    pub at: Instant,
    /// On which day that is to be told, as the instant with which it begins.
    pub told: Instant,
}

/// Each day on which the end of all work is told, if there is an end: the earliest first.
fn farewells(all: &[Tenure]) -> impl Iterator<Item = Farewell> {
    let ends: Option<Vec<Date>> = all.iter().map(|one| one.ends?.next_day()).collect();
    let last = ends.unwrap_or_default().into_iter().max();
    let told = |gone: Date, days: i64| {
        let day = gone.checked_sub(time::Duration::days(days))?;
        Some(Farewell { at: dawn(gone), told: dawn(day) })
    };
    last.into_iter().flat_map(move |gone| TOLD_BEFORE.into_iter().filter_map(move |days| told(gone, days)))
}

fn dawn(day: Date) -> Instant {
    calendar::instant(day, Time::MIDNIGHT)
}

/// What is to be told by now of the end of somebody's work: the latest of it, as long as they have not left.
pub fn farewell(all: &[Tenure], now: Instant) -> Option<Farewell> {
    farewells(all).filter(|one| one.told <= now && now < one.at).last()
}

/// Whether somebody has worked and does so no more. What is to come counts as work, and of whom no work is known nothing is
/// known.
pub fn is_over(all: &[Tenure], day: Date) -> bool {
    !all.is_empty() && all.iter().all(|one| one.is_over(day))
}

/// When something begins next, is over, or is told to be over soon.
pub fn next_change(all: &[Tenure], now: Instant) -> Option<Instant> {
    let days = all.iter().copied().flat_map(Tenure::changes).map(dawn);
    days.chain(farewells(all).map(|one| one.told)).filter(|at| *at > now).min()
}

/// When somebody is to be looked at next whose work was written anew: at once if the last of it has ended by that, because it
/// is told late.
pub fn next_look(before: &[Tenure], after: &[Tenure], now: Instant) -> Option<Instant> {
    let today = calendar::local(now).0;
    let ends_late = !before.is_empty() && !is_over(before, today) && is_over(after, today);
    if ends_late { Some(now) } else { next_change(after, now) }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    const MAY: Tenure = Tenure { starts: Some(date!(2026 - 05 - 01)), ends: Some(date!(2026 - 05 - 31)) };
    const OPEN: Tenure = Tenure { starts: Some(date!(2026 - 07 - 01)), ends: None };

    #[test]
    fn the_last_day_counts_wholly() {
        assert!(!is_over(&[MAY], date!(2026 - 05 - 31)));
        assert!(is_over(&[MAY], date!(2026 - 06 - 01)));
        assert!(!is_over(&[MAY, OPEN], date!(2026 - 06 - 01)), "what is to come is work");
        assert!(!is_over(&[], date!(2026 - 06 - 01)) && !is_over(&[Tenure::default()], date!(2026 - 06 - 01)));
    }

    #[test]
    fn a_day_begins_at_midnight_in_riga() {
        let at = |time| next_change(&[MAY, OPEN], Instant::from(time));
        let dawn = |time| Some(Instant::from(time));
        assert_eq!(at(datetime!(2026-04-01 12:00 UTC)), dawn(datetime!(2026-04-30 21:00 UTC)));
        assert_eq!(at(datetime!(2026-04-30 21:00 UTC)), dawn(datetime!(2026-05-31 21:00 UTC)), "it has come");
        assert_eq!(at(datetime!(2026-05-31 21:00 UTC)), dawn(datetime!(2026-06-30 21:00 UTC)));
        assert_eq!(at(datetime!(2026-06-30 21:00 UTC)), None);
    }

    #[test]
    fn the_end_of_all_work_is_told_twice_and_the_latest_counts() {
        let told = |time| farewell(&[MAY], Instant::from(time)).map(|one| one.told);
        let (first, last) = (datetime!(2026-05-17 21:00 UTC), datetime!(2026-05-28 21:00 UTC));
        assert_eq!(told(first - time::Duration::MILLISECOND), None);
        assert_eq!(told(first), Some(first.into()));
        assert_eq!(told(last - time::Duration::MILLISECOND), Some(first.into()));
        assert_eq!(told(last), Some(last.into()));
        let gone = datetime!(2026-05-31 21:00 UTC);
        assert_eq!(told(gone - time::Duration::MILLISECOND), Some(last.into()));
        assert_eq!(told(gone), None, "they have left");
        assert_eq!(farewell(&[MAY], last.into()).map(|one| one.at), Some(gone.into()));
        // What is to come is work, and what has no end says nothing.
        assert_eq!(farewell(&[MAY, OPEN], last.into()), None);
        assert_eq!(farewell(&[], last.into()), None);
        let next = |time| next_change(&[MAY], Instant::from(time));
        assert_eq!(next(datetime!(2026-05-02 0:00 UTC)), Some(first.into()));
        assert_eq!((next(first), next(last)), (Some(last.into()), Some(gone.into())));
    }

    #[test]
    fn an_end_that_is_told_late_counts_at_once() {
        let now = Instant::from(datetime!(2026-06-10 12:00 UTC));
        assert_eq!(next_look(&[OPEN], &[MAY], now), Some(now));
        assert_eq!(next_look(&[MAY], &[MAY], now), None, "it was known");
        assert_eq!(next_look(&[], &[MAY], now), None);
        assert_eq!(next_look(&[OPEN], &[OPEN], now), next_change(&[OPEN], now));
    }
}
