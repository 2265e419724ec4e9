//! Who decides, and how: a scheme of stages, frozen into a request when it is made; and one stage of it as a task.
//!
//! Anna asks for a role in the property-tax application. The scheme of its risk has two stages: her line manager, then
//! the owner. Only when the first is approved is it found out who the owner is; Anna herself never is. If nobody is left,
//! others stand ready, or the request is rejected: that nobody answers is never a yes.

mod candidates;
mod task;
mod vote;

use serde::{Deserialize, Serialize};

pub(crate) use candidates::eligible;
pub use candidates::{Candidate, Candidates};
pub use task::Task;
pub use vote::{Ballot, Decision, Rejection, SeatChange, SeatChangeKind, Skip, State, Vote};

use crate::{Assurance, Fault, GroupId, Risk, UserId, calendar::Working, refusal::judged};

/// How those are found who decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Resolver {
    /// The manager, or the manager's manager and so on: 1 is the nearest.
    LineManager(u8),
    /// The head of the organisation node.
    NodeHead,
    /// Whoever owns the entitlement, or its application.
    Owner,
    /// Who looks after security.
    SecurityOfficer,
    /// The members of a group.
    Group(GroupId),
    /// One person by name.
    Person(UserId),
}

/// How many have to approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quorum {
    /// One of them.
    Any,
    /// All of them.
    All,
    /// So many.
    AtLeast(u8),
}

impl Quorum {
    /// How many of so many; nothing if there are not enough.
    pub(crate) fn needed(self, of: usize) -> Option<usize> {
        let needed = match self {
            Self::Any => 1,
            Self::All => of,
            Self::AtLeast(number) => usize::from(number).max(1),
        };
        (needed > 0 && needed <= of).then_some(needed)
    }
}

/// What happens where nobody can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnEmpty {
    /// The request is rejected.
    #[default]
    Deny,
    /// The stage is skipped: only where the risk is low at the most.
    Skip,
}

/// A stage of a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "switches of a policy, each by itself")]
pub struct Stage {
    /// Who decides.
    pub resolver: Resolver,
    /// How many of them.
    #[serde(default = "any")]
    pub quorum: Quorum,
    /// Who decides where these cannot.
    #[serde(default)]
    pub fallback: Option<Resolver>,
    /// And if nobody can.
    #[serde(default)]
    pub on_empty: OnEmpty,
    /// Whether nobody decides, and they are told.
    #[serde(default)]
    pub notify_only: bool,
    /// Whether those who have approved the item at an earlier stage need not do so again.
    #[serde(default)]
    pub skip_if_approved: bool,
    /// Whether an approver may hand it to somebody else.
    #[serde(default)]
    pub may_reassign: bool,
    /// Whether an approver may let it end earlier.
    #[serde(default)]
    pub may_shorten: bool,
    /// How sure the approver's identity has to be.
    #[serde(default)]
    pub assurance: Option<Assurance>,
    /// When approvers are reminded, and again after as long.
    #[serde(default)]
    pub remind_after: Option<Working>,
    /// When others may decide as well.
    #[serde(default)]
    pub escalate_after: Option<Working>,
    /// Who these are.
    #[serde(default)]
    pub escalate_to: Option<Resolver>,
}

fn any() -> Quorum {
    Quorum::Any
}

impl Stage {
    /// A stage of one approver, who is reminded after a day, with the next manager after three.
    pub fn of(resolver: Resolver) -> Self {
        Self {
            resolver,
            quorum: Quorum::Any,
            fallback: None,
            on_empty: OnEmpty::Deny,
            notify_only: false,
            skip_if_approved: false,
            may_reassign: true,
            may_shorten: true,
            assurance: None,
            remind_after: Some(Working::days(1)),
            escalate_after: Some(Working::days(3)),
            escalate_to: None,
        }
    }
}

/// Who decides, one stage after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scheme {
    /// The version of the policy that this is.
    #[serde(default)]
    pub version: i64,
    /// The stages.
    pub stages: Vec<Stage>,
    /// When a request expires that nobody has decided.
    pub expires_after: Working,
    /// When it expires if a question is not answered.
    pub answer_within: Working,
    /// How often approvers may ask.
    pub max_questions: u8,
}

impl Scheme {
    /// The most stages that a scheme has.
    pub const MAX_STAGES: usize = 10;

    /// Those stages, ten working days to decide, five to answer, three questions.
    pub fn of(stages: Vec<Stage>) -> Self {
        Self { version: 0, stages, expires_after: Working::days(10), answer_within: Working::days(5), max_questions: 3 }
    }

    /// The scheme of a risk where nothing else is said.
    pub fn of_risk(risk: Risk) -> Self {
        let assurance = (risk == Risk::High).then_some(Assurance::Substantial);
        let of = |resolver| Stage { assurance, ..Stage::of(resolver) };
        let next = Some(Resolver::LineManager(2));
        // Managers who ask for somebody do not decide it themselves: theirs do.
        let manager = || Stage { fallback: next, escalate_to: next, ..of(Resolver::LineManager(1)) };
        let owner = || Stage { skip_if_approved: risk < Risk::High, ..of(Resolver::Owner) };
        Self::of(match risk {
            Risk::Negligible => vec![Stage { notify_only: true, ..of(Resolver::LineManager(1)) }],
            Risk::Low => vec![manager()],
            Risk::Medium => vec![manager(), owner()],
            Risk::High => vec![manager(), owner(), of(Resolver::SecurityOfficer)],
        })
    }

    /// No stages: what is taken away needs no approval.
    pub fn none() -> Self {
        Self::of(Vec::new())
    }

    /// Judges a scheme for entitlements of up to that risk.
    pub fn check(&self, risk: Risk) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if self.stages.len() > Self::MAX_STAGES {
            let reason = format!("must be {} at the most", Self::MAX_STAGES);
            faults.push(Fault::new("stages", "stages", reason).with("most", Self::MAX_STAGES));
        }
        if risk >= Risk::Medium && self.stages.iter().all(|stage| stage.notify_only) {
            let reason = "must hold one at which somebody decides, where the risk is 2 or 3";
            faults.push(Fault::new("stages", "undecided", reason));
        }
        if risk >= Risk::Medium && self.stages.iter().any(|stage| stage.on_empty == OnEmpty::Skip) {
            faults.push(Fault::new("onEmpty", "skipped", "can be skip only where the risk is 0 or 1"));
        }
        if self.expires_after == Working::minutes(0) || self.answer_within == Working::minutes(0) {
            faults.push(Fault::new("expiresAfter", "atOnce", "and answerWithin must be longer than nothing"));
        }
        for stage in &self.stages {
            if stage.quorum == Quorum::AtLeast(0) {
                faults.push(Fault::new("quorum", "quorum", "must be at least 1"));
            }
            if stage.fallback == Some(stage.resolver) {
                faults.push(Fault::new("fallback", "fallback", "must be somebody else than the resolver"));
            }
            if stage.remind_after == Some(Working::minutes(0)) || stage.escalate_after == Some(Working::minutes(0)) {
                faults.push(Fault::new(
                    "remindAfter",
                    "remindedAtOnce",
                    "and escalateAfter must be longer than nothing",
                ));
            }
        }
        judged(faults)
    }
}
