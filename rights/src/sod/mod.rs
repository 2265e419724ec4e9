//! Segregation of duties: entitlements that nobody should hold together.
//!
//! Whoever assesses the property tax does not also write off its debts. A rule names both sides; a conflict is somebody
//! who holds something of each, within one institution if the rule says so. What is asked for is foreseen, what comes
//! from elsewhere is found.

mod violation;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use violation::{Event, Exception, LONGEST_EXCEPTION, State, Timer, Violation};

use crate::{EntitlementId, Fault, Instant, NodeId, RuleId, refusal::judged};

/// How firm a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// A conflict is noted.
    Detect,
    /// Those who ask and decide are told.
    Warn,
    /// It needs an exception first.
    RequireException,
    /// It is refused.
    Block,
}

/// Where both sides have to be for a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Anywhere in the tenant.
    Tenant,
    /// In the same institution or company.
    Institution,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Which.
    pub id: RuleId,
    /// One side.
    pub one: BTreeSet<EntitlementId>,
    /// The other.
    pub other: BTreeSet<EntitlementId>,
    /// Where.
    pub scope: Scope,
    /// How firm.
    pub mode: Mode,
}

impl Rule {
    /// The most entitlements of one side.
    pub const MAX_SIDE: usize = 500;

    /// Judges a rule.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        for (name, side) in [("one", &self.one), ("other", &self.other)] {
            if side.is_empty() || side.len() > Self::MAX_SIDE {
                let reason = format!("must hold 1 to {} entitlements", Self::MAX_SIDE);
                faults.push(Fault::new(name, "side", reason).with("most", Self::MAX_SIDE));
            }
        }
        if !self.one.is_disjoint(&self.other) {
            faults.push(Fault::new("other", "shared", "must not hold what the first side holds"));
        }
        judged(faults)
    }
}

/// An entitlement that somebody holds, or is about to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holding {
    /// Which.
    pub entitlement: EntitlementId,
    /// For which institution or company; nothing for all of them.
    pub institution: Option<NodeId>,
}

impl Holding {
    fn meets(&self, other: &Self) -> bool {
        match (self.institution, other.institution) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }
}

/// Somebody holds something of both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Of which rule.
    pub rule: RuleId,
    /// How firm it is.
    pub mode: Mode,
    /// What of the one side.
    pub one: BTreeSet<EntitlementId>,
    /// What of the other.
    pub other: BTreeSet<EntitlementId>,
}

impl Finding {
    /// Whether all of it is part of another one of the same rule.
    pub fn is_within(&self, other: &Self) -> bool {
        self.rule == other.rule && self.one.is_subset(&other.one) && self.other.is_subset(&other.other)
    }
}

/// The conflicts in what somebody holds: directly, through nested groups, and from some day on.
pub fn detect(rules: &[Rule], holdings: &[Holding]) -> Vec<Finding> {
    rules.iter().filter_map(|rule| find(rule, holdings, |_| true)).collect()
}

/// The conflicts that something would bring which is not held yet.
pub fn predict(rules: &[Rule], holdings: &[Holding], wanted: &[Holding]) -> Vec<Finding> {
    let all: Vec<Holding> = holdings.iter().chain(wanted).copied().collect();
    let is_new = |holding: &Holding| wanted.contains(holding) && !holdings.contains(holding);
    rules.iter().filter_map(|rule| find(rule, &all, is_new)).collect()
}

/// What meets of both sides of a rule, if something that counts is part of it.
fn find(rule: &Rule, holdings: &[Holding], counts: impl Fn(&Holding) -> bool) -> Option<Finding> {
    let of = |side: &BTreeSet<EntitlementId>| -> Vec<&Holding> {
        holdings.iter().filter(|holding| side.contains(&holding.entitlement)).collect()
    };
    let (ones, others) = (of(&rule.one), of(&rule.other));
    let (mut one, mut other) = (BTreeSet::new(), BTreeSet::new());
    for left in &ones {
        for right in &others {
            let is_near = rule.scope == Scope::Tenant || left.meets(right);
            if is_near && (counts(left) || counts(right)) {
                one.insert(left.entitlement);
                other.insert(right.entitlement);
            }
        }
    }
    (!one.is_empty()).then_some(Finding { rule: rule.id, mode: rule.mode, one, other })
}

/// A finding as it matters to a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Of which rule.
    pub rule: RuleId,
    /// How firm it is.
    pub mode: Mode,
    /// Whether there is an exception for the person just now.
    pub is_excepted: bool,
}

impl Conflict {
    /// Whether it stands against a grant.
    pub fn blocks(&self) -> bool {
        !self.is_excepted && self.mode >= Mode::RequireException
    }
}

/// Findings with what is allowed to the person for a while: each exception with what it was given for, and for no more than that.
pub fn weigh(findings: &[Finding], allowed: &[(Finding, Exception)], now: Instant) -> Vec<Conflict> {
    let is_excepted =
        |finding: &Finding| allowed.iter().any(|(of, exception)| finding.is_within(of) && exception.is_live(now));
    let weighed = |finding: &Finding| {
        let Finding { rule, mode, .. } = finding;
        Conflict { rule: *rule, mode: *mode, is_excepted: is_excepted(finding) }
    };
    findings.iter().map(weighed).collect()
}

/// How firm a rule is towards an authoritative client: it is only noted, unless the tenant wants such rules to block.
pub fn at_provisioning(mode: Mode, tenant_blocks: bool) -> Mode {
    match mode {
        Mode::Block if tenant_blocks => Mode::Block,
        _ => Mode::Detect,
    }
}
