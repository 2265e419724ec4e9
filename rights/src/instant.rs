//! A point in time, as stores keep it.

use std::{fmt, ops};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// A point in time: milliseconds since 1970, UTC. Sums stop at the ends of the calendar and never wrap around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// The first instant of the year 0.
    const FIRST: i64 = -62_167_219_200_000;
    /// The last millisecond of the year 9999.
    const LAST: i64 = 253_402_300_799_999;

    /// The instant so many milliseconds after the beginning of 1970.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(Self::FIRST, Self::LAST))
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// The same in UTC.
    pub fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<OffsetDateTime> for Instant {
    fn from(time: OffsetDateTime) -> Self {
        Self::from_millis(time.unix_timestamp() * 1000 + i64::from(time.millisecond()))
    }
}

impl ops::Add<Duration> for Instant {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis(length)))
    }
}

impl ops::Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, length: Duration) -> Self {
        Self::from_millis(self.0.saturating_sub(millis(length)))
    }
}

impl ops::Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        Duration::milliseconds(self.0.saturating_sub(earlier.0))
    }
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.whole_milliseconds()).unwrap_or(if length.is_negative() { i64::MIN } else { i64::MAX })
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.utc().format(&Rfc3339) {
            Ok(text) => f.write_str(&text),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

/// Lengths of time as whole seconds, for `#[serde(with = "…")]`.
pub mod seconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use time::Duration;

    /// Writes a length.
    pub fn serialize<S: Serializer>(length: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(length.whole_seconds())
    }

    /// Reads a length.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Ok(Duration::seconds(i64::deserialize(from)?))
    }

    /// The same where there may be none.
    pub mod option {
        use super::{Deserialize, Deserializer, Duration, Serializer};

        /// Writes a length.
        pub fn serialize<S: Serializer>(length: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
            match length {
                Some(length) => to.serialize_some(&length.whole_seconds()),
                None => to.serialize_none(),
            }
        }

        /// Reads a length.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
            Ok(Option::<i64>::deserialize(from)?.map(Duration::seconds))
        }
    }
}
