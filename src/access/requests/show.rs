//! Requests as they are shown.

use std::collections::{BTreeMap, BTreeSet};

use rights::{
    Instant,
    approval::{self, SeatChange, Skip, Task, Vote},
    delegation::Duty,
    grant::Term,
    request::{Kind, Question, Rejection, State},
    sod::Conflict,
};
use store::{AccessRequest, RequestItem};
use uuid::Uuid;

use crate::{
    access::{
        office::Office,
        requests::records::{
            ApproverRecord, ChangeRecord, ConflictRecord, ItemRecord, QuestionRecord, RequestRecord, StageRecord,
            VoteRecord,
        },
    },
    administration::Error,
    clock::timestamp,
};

/// Who stands in for whom.
pub(super) type Deputies = BTreeMap<Uuid, Vec<Uuid>>;

impl Office {
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
        let deputies = self.deputies_of(&items).await?;
        Ok(items.into_iter().map(|item| shown(item, &deputies)).collect())
    }

    /// Who stands in for those who decide about items.
    pub(super) async fn deputies_of(&self, items: &[RequestItem]) -> Result<Deputies, Error> {
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
        Ok(deputies)
    }
}

/// A request with its items, or what would come of it.
pub(super) fn show_request(
    request: AccessRequest,
    items: Vec<RequestItem>,
    deputies: &Deputies,
    preview: bool,
) -> RequestRecord {
    let mut items: Vec<ItemRecord> = items.into_iter().map(|item| shown(item, deputies)).collect();
    if preview {
        // What is not there has no address.
        items.iter_mut().for_each(|item| (item.id, item.request) = (None, None));
        let is_new = |item: &ItemRecord| item.kind == "grant";
        items.iter_mut().filter(|item| is_new(item)).for_each(|item| item.grant = None);
    }
    RequestRecord {
        id: (!preview).then_some(request.id),
        number: (!preview).then(|| request.number.to_string()),
        ..record(request, items)
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
