//! What is said at a stage, and how the stage stands then.

use serde::{Deserialize, Serialize};

use crate::{Assurance, Instant, UserId, delegation::Actor};

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Others come before it.
    NotReady,
    /// It waits for a decision.
    Open,
    /// Enough have approved.
    Approved,
    /// It was rejected.
    Rejected(Rejection),
    /// Nobody had to decide.
    Skipped(Skip),
    /// Nobody has decided in time.
    TimedOut,
    /// The item has ended otherwise.
    Cancelled,
}

/// By what a stage was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rejection {
    /// By a person.
    Vote,
    /// There is nobody who may decide.
    NoApprover,
}

/// Why nobody had to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Skip {
    /// They are only told.
    NotifyOnly,
    /// They have approved the item before.
    AlreadyApproved,
    /// There is nobody, and the policy lets it pass.
    Nobody,
}

/// What somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Reject,
}

/// A vote that somebody casts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// Who.
    pub actor: Actor,
    /// In whose name, where they stand in for several.
    pub on_behalf_of: Option<UserId>,
    /// What.
    pub decision: Decision,
    /// Why: a rejection needs it.
    pub comment: Option<String>,
    /// How sure it is who they are.
    pub assurance: Option<Assurance>,
    /// An earlier end.
    pub until: Option<Instant>,
}

/// A vote that was cast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vote {
    /// Who.
    pub voter: UserId,
    /// In whose name, if not in their own.
    pub on_behalf_of: Option<UserId>,
    /// What.
    pub decision: Decision,
    /// Why.
    pub comment: Option<String>,
    /// When.
    pub at: Instant,
    /// How sure it was who they are.
    pub assurance: Option<Assurance>,
}

impl Vote {
    /// Whose seat it fills.
    pub fn seat(&self) -> UserId {
        self.on_behalf_of.unwrap_or(self.voter)
    }
}

/// A seat that changed hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatChange {
    /// How it came.
    pub kind: SeatChangeKind,
    /// Who did it; nobody for the server.
    pub by: Option<UserId>,
    /// Who sat there.
    pub from: Option<UserId>,
    /// Who sits there now.
    pub to: Option<UserId>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Instant,
}

/// How a seat changed hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SeatChangeKind {
    /// An approver handed it on.
    Reassigned,
    /// Nobody decided in time.
    Escalated,
    /// The approver has left.
    HandedOver,
}
