//! Birthrights: what people have because of where and as what they work.
//!
//! Every clerk of the finance department reads its documents. Nobody asks for that; a rule says so, and when Jānis moves to the
//! school board, the rule gives him what is read there and ends what was read here, after an overlap in which he
//! hands his work over.

mod difference;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::Date;

pub use difference::{Birthright, Difference, Held, OVERLAP, difference};

use crate::{EntitlementId, Fault, NodeId, RuleId, UserId, refusal::judged};

/// Somebody works somewhere as something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employment {
    /// Where: the unit, what it is part of, and so on up to the municipality.
    pub path: Vec<NodeId>,
    /// As what, prepared for comparison.
    pub position: Option<String>,
    /// On what footing, prepared for comparison.
    pub kind: Option<String>,
    /// Under whom.
    pub manager: Option<UserId>,
    /// The first day; nothing for long ago.
    pub starts: Option<Date>,
    /// The last day; nothing for no end in sight.
    pub ends: Option<Date>,
}

impl Employment {
    /// Whether it is in force that day.
    pub fn is_current(&self, today: Date) -> bool {
        self.starts.is_none_or(|first| first <= today) && self.ends.is_none_or(|last| today <= last)
    }
}

/// What a rule asks of an employment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// It is in this node or below it.
    Within(NodeId),
    /// It has this position, prepared for comparison.
    Position(String),
    /// It has this footing, prepared for comparison.
    Kind(String),
    /// Everything of this.
    All(Vec<Condition>),
    /// Something of this.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
}

impl Condition {
    /// How deep conditions may lie in each other.
    pub const MAX_DEPTH: usize = 8;
    /// How many there may be in all.
    pub const MAX_TERMS: usize = 100;

    /// Whether an employment meets it.
    pub fn is_met(&self, employment: &Employment) -> bool {
        match self {
            Self::Within(node) => employment.path.contains(node),
            Self::Position(position) => employment.position.as_ref() == Some(position),
            Self::Kind(kind) => employment.kind.as_ref() == Some(kind),
            Self::All(parts) => parts.iter().all(|part| part.is_met(employment)),
            Self::Any(parts) => parts.iter().any(|part| part.is_met(employment)),
            Self::Not(part) => !part.is_met(employment),
        }
    }

    /// How many conditions it is made of, or nothing if one of them is empty or lies too deep.
    fn terms(&self, depth: usize) -> Option<usize> {
        if depth > Self::MAX_DEPTH {
            return None;
        }
        match self {
            Self::Within(_) => Some(1),
            Self::Position(text) | Self::Kind(text) => (!text.trim().is_empty()).then_some(1),
            Self::All(parts) | Self::Any(parts) if parts.is_empty() => None,
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().try_fold(1_usize, |sum, part| Some(sum + part.terms(depth + 1)?))
            }
            Self::Not(part) => Some(1 + part.terms(depth + 1)?),
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Which.
    pub id: RuleId,
    /// Whom it is about: people with an employment that meets it as a whole.
    pub when: Condition,
    /// What they have.
    pub entitlements: BTreeSet<EntitlementId>,
}

impl Rule {
    /// The most entitlements of one rule.
    pub const MAX_ENTITLEMENTS: usize = 200;

    /// Judges a rule.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if self.when.terms(1).is_none_or(|terms| terms > Condition::MAX_TERMS) {
            let (depth, terms) = (Condition::MAX_DEPTH, Condition::MAX_TERMS);
            let reason = format!("must hold no empty part, at most {terms} parts, and lie at most {depth} deep");
            faults.push(Fault::new("when", "condition", reason).with("terms", terms).with("depth", depth));
        }
        if self.entitlements.is_empty() || self.entitlements.len() > Self::MAX_ENTITLEMENTS {
            let reason = format!("must be 1 to {}", Self::MAX_ENTITLEMENTS);
            faults.push(Fault::new("entitlements", "entitlements", reason).with("most", Self::MAX_ENTITLEMENTS));
        }
        judged(faults)
    }
}

/// What somebody has by these rules that day, each with the rule that says so.
pub fn entitled(rules: &[Rule], employments: &[Employment], today: Date) -> BTreeSet<Birthright> {
    let current: Vec<&Employment> = employments.iter().filter(|one| one.is_current(today)).collect();
    let applies = |rule: &&Rule| current.iter().any(|employment| rule.when.is_met(employment));
    let of = |rule: &Rule| rule.entitlements.iter().map(|entitlement| (rule.id, *entitlement)).collect::<Vec<_>>();
    let found = rules.iter().filter(applies).flat_map(of);
    found.map(|(rule, entitlement)| Birthright { rule, entitlement }).collect()
}

/// Whether somebody has moved: unit, position, footing or manager of an employment that is current on one day differ from those
/// on the other.
pub fn has_moved(before: (&[Employment], Date), after: (&[Employment], Date)) -> bool {
    posts(before) != posts(after)
}

/// What somebody is that day, without since when and until when.
fn posts((employments, day): (&[Employment], Date)) -> BTreeSet<Post<'_>> {
    let current = employments.iter().filter(|one| one.is_current(day));
    current.map(|e| (e.path.first(), e.position.as_deref(), e.kind.as_deref(), e.manager)).collect()
}

/// Unit, position, footing, manager.
type Post<'a> = (Option<&'a NodeId>, Option<&'a str>, Option<&'a str>, Option<UserId>);
