//! Working time: from 8:30 to 17:00 on working days in Latvia, whatever the time zone does.

mod holidays;
mod zone;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::{Date, Duration, Time, macros::time};

pub use holidays::{easter, is_holiday};
pub use zone::{end_of_day, instant, local};

use crate::Instant;

/// A length of working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Working(u32);

impl Working {
    /// So many minutes.
    pub const fn minutes(minutes: u32) -> Self {
        Self(minutes)
    }

    /// So many days of eight and a half hours.
    pub const fn days(days: u32) -> Self {
        Self(days.saturating_mul(510))
    }

    /// As a length.
    pub fn length(self) -> Duration {
        Duration::minutes(i64::from(self.0))
    }
}

/// A working day that the government has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedDay {
    /// The day that is off instead.
    pub off: Date,
    /// The day on which it is worked instead.
    pub on: Date,
}

/// When it is worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    opens: Time,
    closes: Time,
    moved_off: BTreeSet<Date>,
    moved_on: BTreeSet<Date>,
    festivals: BTreeSet<Date>,
    days_off: BTreeSet<Date>,
}

impl Calendar {
    /// From 8:30 to 17:00, with the holidays that the law names.
    pub fn latvian() -> Self {
        Self {
            opens: time!(08:30),
            closes: time!(17:00),
            moved_off: BTreeSet::new(),
            moved_on: BTreeSet::new(),
            festivals: BTreeSet::new(),
            days_off: BTreeSet::new(),
        }
    }

    /// With other hours; nothing if the day would close before it opens.
    pub fn with_hours(self, opens: Time, closes: Time) -> Option<Self> {
        (opens < closes).then_some(Self { opens, closes, ..self })
    }

    /// With moved working days. They are ordered for institutions of the state; a municipality follows them if it wants to.
    pub fn with_moved_days(mut self, moved: impl IntoIterator<Item = MovedDay>) -> Self {
        for day in moved {
            self.moved_off.insert(day.off);
            self.moved_on.insert(day.on);
        }
        self
    }

    /// With the closing days of the Song and Dance Festival, which come every few years; on a weekend they move.
    pub fn with_festivals(mut self, days: impl IntoIterator<Item = Date>) -> Self {
        self.festivals.extend(days);
        self
    }

    /// With days that are off just once, by a law of their own.
    pub fn with_days_off(mut self, days: impl IntoIterator<Item = Date>) -> Self {
        self.days_off.extend(days);
        self
    }

    /// Whether it is worked that day.
    pub fn is_working(&self, day: Date) -> bool {
        self.moved_on.contains(&day) || holidays::is_weekday(day) && !self.is_off(day)
    }

    fn is_off(&self, day: Date) -> bool {
        let is_festival = |day: Date| self.festivals.contains(&day);
        self.moved_off.contains(&day) || self.days_off.contains(&day) || holidays::is_off(day, is_festival)
    }

    /// How long a working day is.
    pub fn day_length(&self) -> Duration {
        self.closes - self.opens
    }

    /// When that day opens and closes, if it is worked.
    fn hours(&self, day: Date) -> Option<(Instant, Instant)> {
        self.is_working(day).then(|| (instant(day, self.opens), instant(day, self.closes)))
    }

    /// How much working time lies between two instants: none if the second is the earlier one.
    pub fn between(&self, from: Instant, until: Instant) -> Duration {
        let (mut total, mut day) = (Duration::ZERO, local(from).0);
        let last = local(until).0;
        while day <= last {
            if let Some((opens, closes)) = self.hours(day) {
                total += (closes.min(until) - opens.max(from)).max(Duration::ZERO);
            }
            let Some(next) = day.next_day() else { break };
            day = next;
        }
        total
    }

    /// The first instant by which so much working time has passed. Nothing has passed at once, also at night.
    pub fn add(&self, from: Instant, length: Duration) -> Instant {
        let (mut left, mut day) = (length, local(from).0);
        if left <= Duration::ZERO {
            return from;
        }
        loop {
            if let Some((opens, closes)) = self.hours(day) {
                let begins = opens.max(from);
                let here = (closes - begins).max(Duration::ZERO);
                if here >= left {
                    return begins + left;
                }
                left -= here;
            }
            // The calendar ends before the time does.
            let Some(next) = day.next_day() else { return end_of_day(day) };
            day = next;
        }
    }

    /// The instant by which a deadline has passed.
    pub fn after(&self, from: Instant, length: Working) -> Instant {
        self.add(from, length.length())
    }
}
