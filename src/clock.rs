//! Time and identity as arguments: the one place that reads the clock, and the ids that follow from it.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use rights::{Instant, calendar};
use time::{Date, OffsetDateTime, Time, format_description::well_known::Rfc3339, macros::format_description};
use uuid::{ContextV7, Timestamp, Uuid};

/// Tells the time, in milliseconds since 1970, UTC.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the place that the others ask")]
    pub fn system() -> Self {
        Self::of(|| i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
    }

    /// A clock that says what a function says.
    pub fn of(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present.
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// An instant as SCIM shows it: `2026-05-13T04:42:34.120Z`.
pub fn timestamp(millis: i64) -> String {
    let Ok(instant) = OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)) else { return String::new() };
    let (hour, minute, second) = instant.to_hms();
    format!(
        "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        instant.year(),
        u8::from(instant.month()),
        instant.day(),
        millis.rem_euclid(1000)
    )
}

/// The milliseconds of an instant as RFC 3339 writes it.
pub fn instant(text: &str) -> Option<i64> {
    let instant = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(instant.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

/// Gives out ids that sort by the time of their making (UUID version 7, RFC 9562 §5.7).
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Clock,
    context: Arc<Mutex<ContextV7>>,
}

impl Ids {
    /// Ids by that clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock, context: Arc::new(Mutex::new(ContextV7::new())) }
    }

    /// A new id, greater than any that this source gave before.
    pub fn next(&self) -> Uuid {
        let now = self.clock.now();
        let seconds = u64::try_from(now.div_euclid(1000)).unwrap_or(0);
        let nanos = u32::try_from(now.rem_euclid(1000) * 1_000_000).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(&*self.context, seconds, nanos))
    }
}

/// The day that a text names.
pub fn day(text: &str) -> Option<Date> {
    if text.len() == 10 { Date::parse(text, format_description!("[year]-[month]-[day]")).ok() } else { None }
}

/// An instant; of a day its first.
pub fn begins(text: &str) -> Option<Instant> {
    let of_day = day(text).map(|day| calendar::instant(day, Time::MIDNIGHT));
    of_day.or_else(|| instant(text).map(Instant::from_millis))
}

/// An instant; of a day its last second.
pub fn ends(text: &str) -> Option<Instant> {
    day(text).map(calendar::end_of_day).or_else(|| instant(text).map(Instant::from_millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_show_milliseconds() {
        assert_eq!(timestamp(1_305_261_754_000), "2011-05-13T04:42:34.000Z");
        assert_eq!(timestamp(1_305_261_754_007), "2011-05-13T04:42:34.007Z");
    }

    #[test]
    fn instants_are_read() {
        assert_eq!(instant("2011-05-13T04:42:34.007Z"), Some(1_305_261_754_007));
        assert_eq!(instant("2011-05-13T07:42:34+03:00"), Some(1_305_261_754_000));
        assert_eq!((instant("yesterday"), instant("2011-05-13")), (None, None));
    }

    #[test]
    fn ids_rise_within_a_millisecond() {
        let ids = Ids::new(Clock::of(|| 1_305_261_754_000));
        let made: Vec<Uuid> = (0..1000).map(|_| ids.next()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
