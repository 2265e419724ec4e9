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
    // Each resource that is shown has two: digits are written at their places, without the machinery of formats.
    let mut text = *b"0000-00-00T00:00:00.000Z";
    put(&mut text[..4], i64::from(instant.year()));
    put(&mut text[5..7], u8::from(instant.month()).into());
    put(&mut text[8..10], instant.day().into());
    put(&mut text[11..13], hour.into());
    put(&mut text[14..16], minute.into());
    put(&mut text[17..19], second.into());
    put(&mut text[20..23], millis.rem_euclid(1000));
    text.into_iter().map(char::from).collect()
}

/// Puts a number into its places, as far as they go.
fn put(places: &mut [u8], mut number: i64) {
    for place in places.iter_mut().rev() {
        *place = b"0123456789"[usize::try_from(number.rem_euclid(10)).unwrap_or(0)];
        number = number.div_euclid(10);
    }
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
