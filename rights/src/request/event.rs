//! What happens to an item.

use crate::{
    UserId,
    approval::Ballot,
    delegation::Actor,
    request::{Cancellation, Kind},
};

/// What happens to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody decides.
    Vote(Ballot),
    /// An approver wants to know something first.
    Ask {
        /// Who.
        actor: Actor,
        /// What.
        question: String,
    },
    /// They are told.
    Answer {
        /// By whom.
        by: UserId,
        /// What.
        text: String,
    },
    /// Something else is asked for, because of the question: everything is decided anew.
    Amend {
        /// By whom.
        by: UserId,
        /// What.
        kind: Kind,
    },
    /// An approver hands the decision on.
    Reassign {
        /// Who does it.
        actor: Actor,
        /// Whose seat.
        from: UserId,
        /// To whom.
        to: UserId,
        /// Whether that person is active.
        is_active: bool,
        /// Why.
        reason: String,
    },
    /// An approver has left.
    HandOver {
        /// Who.
        from: UserId,
        /// Who takes it on, where the stage finds nobody anew: the first of these who may.
        line: Vec<UserId>,
    },
    /// The time for a reminder has come.
    Remind,
    /// The time has come for others to decide.
    Escalate,
    /// The time is over.
    Expire,
    /// Whoever asked, or for whom, does not want it any more.
    Withdraw {
        /// Who.
        by: UserId,
    },
    /// It cannot be any more.
    Cancel(Cancellation),
    /// What was approved begins.
    Start,
}

impl Event {
    /// The event as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Vote(_) => "vote",
            Self::Ask { .. } => "ask",
            Self::Answer { .. } => "answer",
            Self::Amend { .. } => "amend",
            Self::Reassign { .. } => "reassign",
            Self::HandOver { .. } => "handOver",
            Self::Remind => "remind",
            Self::Escalate => "escalate",
            Self::Expire => "expire",
            Self::Withdraw { .. } => "withdraw",
            Self::Cancel(_) => "cancel",
            Self::Start => "start",
        }
    }
}
