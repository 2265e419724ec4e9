//! What requests look like from outside.

use rights::{
    Assurance,
    approval::{Decision, Quorum, SeatChangeKind},
    sod::Mode,
};
use serde::Serialize;
use uuid::Uuid;

/// A request as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// Its id; nothing for a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its number for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// How it stands, as its items do.
    pub state: &'static str,
    /// Who asks.
    pub requester: Uuid,
    /// For whom.
    pub subject: Uuid,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// By which law or order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// When it was asked for.
    pub created: String,
    /// What.
    pub items: Vec<ItemRecord>,
}

/// One entitlement of a request as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemRecord {
    /// Its id; nothing for a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Of which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Uuid>,
    /// What is to happen.
    pub kind: &'static str,
    /// How it stands.
    pub state: &'static str,
    /// Why it was rejected or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Who asks.
    pub requester: Uuid,
    /// For whom.
    pub subject: Uuid,
    /// Of which group.
    pub entitlement: Uuid,
    /// The grant that it is about, or that came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<Uuid>,
    /// When it begins, if not as soon as it is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Or how long it lasts, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<i64>,
    /// How much harm it can do.
    pub risk: u8,
    /// When it was asked for.
    pub submitted: String,
    /// When it expires if nobody decides, or answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// When it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// With which rules of segregation of duties it was in conflict when its stages began.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<ConflictRecord>,
    /// Who decides, one stage after the other.
    pub stages: Vec<StageRecord>,
    /// What was decided about something else that was asked for first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub void: Vec<StageRecord>,
    /// What was asked and answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionRecord>,
    /// Counts its changes from 1.
    pub version: i64,
}

/// A conflict as it is shown.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictRecord {
    /// With which rule.
    pub rule: Uuid,
    /// How firm the rule is.
    pub mode: Mode,
    /// Whether there was an exception for the person.
    pub excepted: bool,
}

/// A stage as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageRecord {
    /// Its place, from 0.
    pub number: usize,
    /// How it stands.
    pub state: &'static str,
    /// Why it was rejected or skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Who decides.
    pub approvers: Vec<ApproverRecord>,
    /// How many of them have to approve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<usize>,
    /// What the policy says of that.
    pub quorum: Quorum,
    /// Whether these stand ready for those whom the policy named first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fallback: bool,
    /// How surely it has to be known who decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    /// When approvers are reminded next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminds: Option<String>,
    /// When others may decide as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalates: Option<String>,
    /// What was said.
    pub votes: Vec<VoteRecord>,
    /// Seats that changed hands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeRecord>,
}

/// Somebody who decides.
#[derive(Clone, Debug, Serialize)]
pub struct ApproverRecord {
    /// The person.
    pub id: Uuid,
    /// Who stands in for them just now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<Uuid>,
}

/// What somebody decided.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VoteRecord {
    /// Who.
    pub voter: Uuid,
    /// In whose name, if not in their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Uuid>,
    /// What.
    pub decision: Decision,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When.
    pub at: String,
    /// How sure it was who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
}

/// A seat that changed hands.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeRecord {
    /// How it came.
    pub kind: SeatChangeKind,
    /// Who did it; nobody for the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Uuid>,
    /// Who sat there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Uuid>,
    /// Who sits there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Uuid>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub at: String,
}

/// A question before a decision.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionRecord {
    /// Who asks.
    pub by: Uuid,
    /// In whose name, if not in their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Uuid>,
    /// What.
    pub question: String,
    /// When.
    pub at: String,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<Uuid>,
}
