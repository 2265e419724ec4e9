//! Requests as they are shown.

use std::collections::{BTreeMap, BTreeSet};

use rights::{
    Assurance, Instant,
    approval::{self, Decision, Quorum, SeatChange, SeatChangeKind, Skip, Task, Vote},
    delegation::Duty,
    grant::Term,
    request::{Kind, Question, Rejection, State},
    sod::{Conflict, Mode},
};
use serde::Serialize;
use store::{AccessRequest, RequestItem};
use uuid::Uuid;

use crate::{access::office::Office, administration::Error, clock::timestamp};

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

/// Who stands in for whom.
type Deputies = BTreeMap<Uuid, Vec<Uuid>>;

impl Office {
    pub(super) async fn show_request(
        &self,
        request: AccessRequest,
        items: Vec<RequestItem>,
        preview: bool,
    ) -> Result<RequestRecord, Error> {
        let mut items = self.show_items(items).await?;
        if preview {
            // What is not there has no address.
            items.iter_mut().for_each(|item| (item.id, item.request) = (None, None));
            let is_new = |item: &ItemRecord| item.kind == "grant";
            items.iter_mut().filter(|item| is_new(item)).for_each(|item| item.grant = None);
        }
        Ok(RequestRecord {
            id: (!preview).then_some(request.id),
            number: (!preview).then(|| request.number.to_string()),
            ..record(request, items)
        })
    }

    pub(super) async fn show_requests(&self, requests: Vec<AccessRequest>) -> Result<Vec<RequestRecord>, Error> {
        let ids: Vec<Uuid> = requests.iter().map(|request| request.id).collect();
        let mut items: BTreeMap<Uuid, Vec<ItemRecord>> = BTreeMap::new();
        for item in self.show_items(self.data.items_of(&ids).await?).await? {
            items.entry(item.request.unwrap_or_default()).or_default().push(item);
        }
        let show = |request: AccessRequest| {
            let items = items.remove(&request.id).unwrap_or_default();
            record(request, items)
        };
        Ok(requests.into_iter().map(show).collect())
    }

    pub(super) async fn show_item(&self, item: RequestItem) -> Result<ItemRecord, Error> {
        self.show_items(vec![item]).await?.pop().ok_or(Error::Missing("request item"))
    }

    pub(super) async fn show_items(&self, items: Vec<RequestItem>) -> Result<Vec<ItemRecord>, Error> {
        let waiting: BTreeSet<Uuid> =
            items.iter().flat_map(|one| one.item.waiting_for()).map(|person| person.0).collect();
        let people: Vec<Uuid> = waiting.into_iter().collect();
        let now = self.now();
        let mut deputies = Deputies::new();
        for one in self.data.delegations_in_force(&people, now.millis()).await? {
            if one.covers(Duty::Approvals, now) {
                deputies.entry(one.delegator.0).or_default().push(one.delegate.0);
            }
        }
        Ok(items.into_iter().map(|item| shown(item, &deputies)).collect())
    }
}

fn record(request: AccessRequest, items: Vec<ItemRecord>) -> RequestRecord {
    RequestRecord {
        id: Some(request.id),
        number: Some(request.number.to_string()),
        state: request.state.word(),
        requester: request.requester,
        subject: request.subject,
        justification: request.texts.justification,
        legal_basis: request.texts.legal_basis,
        created: timestamp(request.created),
        items,
    }
}

fn at(instant: Instant) -> String {
    timestamp(instant.millis())
}

fn shown(one: RequestItem, deputies: &Deputies) -> ItemRecord {
    let kind = one.kind();
    let RequestItem { id, request, item, grant, version } = one;
    let (from, until, length) = match item.kind {
        Kind::Grant(wish) => {
            let (until, length) = match wish.term {
                Term::Until(until) => (Some(until), None),
                Term::For(length) => (None, Some(length.whole_seconds())),
                Term::Open => (None, None),
            };
            (wish.from, until, length)
        }
        Kind::Extend { until, .. } => (None, Some(until), None),
        Kind::Revoke { .. } => (None, None, None),
    };
    let expires = match item.state {
        State::Pending => Some(item.expires),
        State::InfoRequested { until, .. } => Some(until),
        _ => None,
    };
    let reason = match &item.state {
        State::Rejected(Rejection::Vote) => Some("vote"),
        State::Rejected(Rejection::NoApprover) => Some("noApprover"),
        State::Rejected(Rejection::Conflict(_)) => Some("conflict"),
        State::Cancelled(why) => Some(why.word()),
        _ => None,
    };
    let stages =
        |tasks: Vec<Task>| tasks.into_iter().enumerate().map(|(number, task)| stage(number, task, deputies)).collect();
    ItemRecord {
        id: Some(id),
        request: Some(request),
        kind,
        state: item.state.word(),
        reason,
        requester: item.requester.0,
        subject: item.subject.0,
        entitlement: item.entitlement.0,
        grant,
        from: from.map(at),
        until: until.map(at),
        length,
        risk: item.risk.into(),
        submitted: at(item.submitted),
        expires: expires.map(at),
        ended: item.ended.map(at),
        conflicts: item.conflicts.into_iter().map(conflict).collect(),
        stages: stages(item.tasks),
        void: stages(item.void),
        questions: item.questions.into_iter().map(question).collect(),
        version,
    }
}

fn conflict(Conflict { rule, mode, is_excepted }: Conflict) -> ConflictRecord {
    ConflictRecord { rule: rule.0, mode, excepted: is_excepted }
}

fn stage(number: usize, task: Task, deputies: &Deputies) -> StageRecord {
    let (state, reason) = match task.state {
        approval::State::NotReady => ("notReady", None),
        approval::State::Open => ("open", None),
        approval::State::Approved => ("approved", None),
        approval::State::Rejected(approval::Rejection::Vote) => ("rejected", Some("vote")),
        approval::State::Rejected(approval::Rejection::NoApprover) => ("rejected", Some("noApprover")),
        approval::State::Skipped(Skip::NotifyOnly) => ("skipped", Some("notifyOnly")),
        approval::State::Skipped(Skip::AlreadyApproved) => ("skipped", Some("alreadyApproved")),
        approval::State::Skipped(Skip::Nobody) => ("skipped", Some("nobody")),
        approval::State::TimedOut => ("timedOut", None),
        approval::State::Cancelled => ("cancelled", None),
    };
    let approver = |id: Uuid| ApproverRecord { id, deputies: deputies.get(&id).cloned().unwrap_or_default() };
    StageRecord {
        number,
        state,
        reason,
        approvers: task.approvers.iter().map(|person| approver(person.0)).collect(),
        needed: (task.needed > 0).then_some(task.needed),
        quorum: task.stage.quorum,
        fallback: task.is_fallback,
        assurance: task.stage.assurance,
        reminds: task.remind_at.map(at),
        escalates: task.escalate_at.map(at),
        votes: task.votes.into_iter().map(vote).collect(),
        changes: task.changes.into_iter().map(change).collect(),
    }
}

fn vote(vote: Vote) -> VoteRecord {
    VoteRecord {
        voter: vote.voter.0,
        on_behalf_of: vote.on_behalf_of.map(|person| person.0),
        decision: vote.decision,
        comment: vote.comment,
        at: at(vote.at),
        assurance: vote.assurance,
    }
}

fn change(change: SeatChange) -> ChangeRecord {
    ChangeRecord {
        kind: change.kind,
        by: change.by.map(|person| person.0),
        from: change.from.map(|person| person.0),
        to: change.to.map(|person| person.0),
        reason: change.reason,
        at: at(change.at),
    }
}

fn question(question: Question) -> QuestionRecord {
    QuestionRecord {
        by: question.by.0,
        on_behalf_of: question.on_behalf_of.map(|person| person.0),
        question: question.text,
        at: at(question.at),
        answer: question.answer.filter(|text| !text.is_empty()),
        answered_by: question.answered_by.map(|person| person.0),
    }
}
