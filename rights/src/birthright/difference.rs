//! What rules would change for somebody: done in earnest, or shown beforehand.

use std::collections::BTreeSet;

use time::Duration;

use crate::{EntitlementId, GrantId, Instant, RuleId};

/// How long a mover keeps what the old place gave.
pub const OVERLAP: Duration = Duration::days(14);

/// An entitlement by a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Birthright {
    /// Which rule says so.
    pub rule: RuleId,
    /// What somebody has by it.
    pub entitlement: EntitlementId,
}

/// A grant that a rule has given and that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// Which grant.
    pub grant: GrantId,
    /// By what.
    pub by: Birthright,
    /// When it ends, if that is known: it may be running out.
    pub until: Option<Instant>,
}

/// What changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// What is given.
    pub give: Vec<Birthright>,
    /// What is running out and is to stay after all.
    pub keep: Vec<GrantId>,
    /// What is to run out, and when.
    pub end: Vec<(GrantId, Instant)>,
}

impl Difference {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.give.is_empty() && self.keep.is_empty() && self.end.is_empty()
    }
}

/// What has to change so that somebody has what rules say. What a rule gives no more runs out after the overlap; grants
/// from other sources are none of its business. Done twice, it changes nothing the second time.
pub fn difference(entitled: &BTreeSet<Birthright>, held: &[Held], overlap: Duration, now: Instant) -> Difference {
    let mut difference = Difference::default();
    let mut seen = BTreeSet::new();
    for one in held {
        let is_first = seen.insert(one.by);
        match (entitled.contains(&one.by) && is_first, one.until) {
            (true, None) => {}
            (true, Some(_)) => difference.keep.push(one.grant),
            (false, None) => difference.end.push((one.grant, now + overlap)),
            (false, Some(_)) => {}
        }
    }
    difference.give = entitled.difference(&seen).copied().collect();
    difference
}
