//! How long a grant lasts, how long it may, and when its end is announced.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::Instant;

/// How long a grant lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Term {
    /// Until then.
    Until(Instant),
    /// So long from its activation: whoever waits for a decision loses nothing.
    For(#[serde(with = "crate::seconds")] Duration),
    /// Until somebody ends it.
    Open,
}

impl Term {
    /// When it ends if it is activated then.
    pub fn end(self, activated: Instant) -> Option<Instant> {
        match self {
            Self::Until(until) => Some(until),
            Self::For(length) => Some(activated + length),
            Self::Open => None,
        }
    }
}

/// How long a grant may last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The longest that is given at once.
    #[serde(default, with = "crate::seconds::option")]
    pub longest: Option<Duration>,
    /// The longest in all, from its activation, with every extension.
    #[serde(default, with = "crate::seconds::option")]
    pub total: Option<Duration>,
    /// When the contract of the person ends: nothing lasts beyond.
    #[serde(default)]
    pub contract_end: Option<Instant>,
    /// How often it may be extended.
    #[serde(default)]
    pub extensions: u8,
}

impl Limits {
    /// Whether a grant may last that long from its beginning; else the latest end.
    pub fn allow(&self, from: Instant, term: Term) -> Result<(), Instant> {
        let Some(latest) = self.latest(from, from) else { return Ok(()) };
        match term.end(from) {
            Some(end) if end <= latest => Ok(()),
            _ => Err(latest),
        }
    }

    /// The latest end of what was activated then and is given or extended at that instant.
    pub fn latest(&self, activated: Instant, from: Instant) -> Option<Instant> {
        let longest = self.longest.map(|length| from + length);
        let total = self.total.map(|length| activated + length);
        [longest, total, self.contract_end].into_iter().flatten().min()
    }
}

/// Before how many days a long grant's end is announced.
const DAYS: [i64; 4] = [30, 14, 7, 1];

/// When the end of a grant is announced, the earliest first: 30, 14, 7 days and 1 day before, or, if the whole of it is no longer than
/// 30 days, when a fifth and when a twentieth of it are left.
pub fn warnings(activated: Instant, until: Instant) -> Vec<Instant> {
    let whole = until - activated;
    let before: Vec<Duration> =
        if whole <= Duration::days(DAYS[0]) { vec![whole / 5, whole / 20] } else { DAYS.map(Duration::days).to_vec() };
    before.into_iter().map(|length| until - length).filter(|at| *at > activated && *at < until).collect()
}
