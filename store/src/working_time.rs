//! When it is worked at a tenant, as it has set it.

use rights::calendar::{Calendar, MovedDay};
use serde::{Deserialize, Serialize};
use time::{Date, macros::format_description};

/// When it is worked, beside what the law says for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct WorkingTime {
    /// Whether the days that the government moves are moved here.
    pub follows_moved_days: bool,
    /// Those days.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved_days: Vec<Moved>,
    /// Days on which nobody works here, once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days_off: Vec<String>,
}

/// A working day that was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Moved {
    /// The day on which nobody works.
    pub day_off: String,
    /// The day on which it is worked instead.
    pub workday: String,
}

impl WorkingTime {
    /// The most days of one kind.
    pub const MAX_DAYS: usize = 100;

    /// The first of its texts that is no day, or nothing.
    pub fn wrong_day(&self) -> Option<&str> {
        let moved = self.moved_days.iter().flat_map(|moved| [&moved.day_off, &moved.workday]);
        moved.chain(&self.days_off).map(String::as_str).find(|text| day(text).is_none())
    }

    /// Whether each day that is moved is a day of the working week, and is worked on a weekend instead.
    pub fn moves_to_weekends(&self) -> bool {
        let is_weekend = |text: &str| day(text).map(|day| day.weekday().number_days_from_monday() >= 5);
        let suits =
            |moved: &Moved| is_weekend(&moved.day_off) == Some(false) && is_weekend(&moved.workday) == Some(true);
        self.moved_days.iter().all(suits)
    }

    /// The calendar by which deadlines run.
    pub fn calendar(&self) -> Calendar {
        let calendar = Calendar::latvian().with_days_off(self.days_off.iter().filter_map(|text| day(text)));
        if !self.follows_moved_days {
            return calendar;
        }
        let moved = |moved: &Moved| Some(MovedDay { off: day(&moved.day_off)?, on: day(&moved.workday)? });
        calendar.with_moved_days(self.moved_days.iter().filter_map(moved))
    }
}

fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok().filter(|_| text.len() == 10)
}
