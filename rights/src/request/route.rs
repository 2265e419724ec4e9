//! From stage to stage, and what is done behind the last one.

use std::collections::BTreeSet;

use crate::{
    Audience, Effect, Notice, Outcome, Reason, Risk, RuleId, UserId,
    approval::{Decision, OnEmpty, Rejection as TaskRejection, Skip, State as TaskState, Task, eligible},
    grant::{NewGrant, Source, Term},
    request::{Event, Facts, Item, Kind, Rejection, State, Submission},
    sod::{Conflict, Mode},
};

impl Item {
    /// What becomes of something that is asked for. It is judged before ([`crate::request::check`]).
    pub fn submit(submission: Submission, facts: &Facts<'_>) -> Outcome<Self> {
        let Submission { kind, requester, subject, entitlement, risk, scheme } = submission;
        let mut item = Self {
            kind,
            requester,
            subject,
            entitlement,
            risk,
            scheme,
            state: State::Pending,
            conflicts: Vec::new(),
            tasks: Vec::new(),
            void: Vec::new(),
            questions: Vec::new(),
            submitted: facts.now,
            expires: facts.now,
            ended: None,
        };
        let mut effects = item.begin(facts);
        if item.state == State::Pending && requester != subject {
            effects.push(Effect::Tell(Notice::AskedFor, Audience::Subject));
        }
        Outcome::new(item, effects)
    }

    /// Begins from the first stage.
    pub(super) fn begin(&mut self, facts: &Facts<'_>) -> Vec<Effect> {
        self.state = State::Pending;
        self.expires = facts.calendar.after(facts.now, self.scheme.expires_after);
        let is_given = !matches!(self.kind, Kind::Revoke { .. });
        self.conflicts = if is_given { facts.conflicts.to_vec() } else { Vec::new() };
        self.tasks = self.scheme.stages.iter().cloned().map(Task::new).collect();
        let forbidden = self.conflicts(facts, |conflict| conflict.mode == Mode::Block);
        if !forbidden.is_empty() {
            return self.reject(Rejection::Conflict(forbidden), facts);
        }
        let effects = self.advance(facts);
        // Nobody is there who could find another way.
        match effects {
            Ok(effects) => effects,
            Err(Reason::Conflict(rules)) => self.reject(Rejection::Conflict(rules), facts),
            Err(_) => self.reject(Rejection::NoApprover, facts),
        }
    }

    /// The rules that stand against it and meet a condition.
    fn conflicts(&self, facts: &Facts<'_>, counts: impl Fn(&Conflict) -> bool) -> Vec<RuleId> {
        if matches!(self.kind, Kind::Revoke { .. }) {
            return Vec::new();
        }
        facts.conflicts.iter().filter(|conflict| conflict.blocks() && counts(conflict)).map(|c| c.rule).collect()
    }

    /// Opens the next stage at which somebody has to decide, or does what was asked for behind the last one.
    pub(super) fn advance(&mut self, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let barred = self.barred();
        let mut effects = Vec::new();
        while let Some(at) = self.tasks.iter().position(|task| task.state == TaskState::NotReady) {
            let resolved = eligible(facts.candidates, self.tasks[at].stage.resolver, &barred);
            let task = &self.tasks[at];
            if task.stage.notify_only {
                effects.push(Effect::Tell(Notice::ForInformation, Audience::People(resolved)));
                self.tasks[at].close(TaskState::Skipped(Skip::NotifyOnly));
            } else if task.stage.skip_if_approved && self.have_approved(&resolved) {
                self.tasks[at].close(TaskState::Skipped(Skip::AlreadyApproved));
            } else if self.tasks[at].open(facts.candidates, &barred, facts.calendar, facts.now) {
                let approvers = self.tasks[at].approvers.clone();
                effects.push(Effect::Tell(Notice::DecisionWanted, Audience::People(approvers)));
                return Ok(effects);
            } else if self.may_skip_empty(at) {
                self.tasks[at].close(TaskState::Skipped(Skip::Nobody));
            } else {
                self.tasks[at].close(TaskState::Rejected(TaskRejection::NoApprover));
                effects.extend(self.reject(Rejection::NoApprover, facts));
                return Ok(effects);
            }
        }
        effects.extend(self.fulfil(facts)?);
        Ok(effects)
    }

    /// Whether all of these have approved the item at an earlier stage.
    fn have_approved(&self, people: &BTreeSet<UserId>) -> bool {
        let votes = || self.tasks.iter().flat_map(|task| &task.votes);
        let has_approved = |person: &UserId| {
            votes()
                .any(|vote| vote.voter == *person && vote.on_behalf_of.is_none() && vote.decision == Decision::Approve)
        };
        !people.is_empty() && people.iter().all(has_approved)
    }

    /// What nobody can decide passes only where little harm is done, or where something is taken away.
    fn may_skip_empty(&self, at: usize) -> bool {
        let is_removal = matches!(self.kind, Kind::Revoke { .. });
        is_removal || self.tasks[at].stage.on_empty == OnEmpty::Skip && self.risk <= Risk::Low
    }

    /// Does what was asked for.
    fn fulfil(&mut self, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let gives = !matches!(self.kind, Kind::Revoke { .. });
        let was_approved = self.tasks.iter().any(|task| task.approvals() > 0);
        if gives && self.risk >= Risk::Medium && !was_approved {
            return Ok(self.reject(Rejection::NoApprover, facts));
        }
        let conflicts = self.conflicts(facts, |_| true);
        if !conflicts.is_empty() {
            return Err(Reason::Conflict(conflicts));
        }
        let now = facts.now;
        let done = match &mut self.kind {
            Kind::Grant(wish) => {
                let from = wish.from.filter(|from| *from > now);
                let start = from.unwrap_or(now);
                // A contract, or the longest, may have become shorter since it was asked for.
                if let Err(latest) = facts.limits.allow(start, wish.term) {
                    wish.term = Term::Until(latest);
                }
                if wish.term.end(start).is_some_and(|end| end <= start) {
                    return Err(Reason::TooLate);
                }
                self.state = from.map_or(State::Fulfilled, |start| State::Scheduled { start });
                let (user, entitlement, term) = (self.subject, self.entitlement, wish.term);
                Effect::Give(NewGrant { user, entitlement, source: Source::Request, from, term })
            }
            Kind::Extend { until, .. } if *until <= now => return Err(Reason::TooLate),
            Kind::Extend { grant, until } => {
                self.state = State::Fulfilled;
                Effect::Extend { grant: *grant, until: *until }
            }
            Kind::Revoke { grant, reason } => {
                self.state = State::Fulfilled;
                Effect::End { grant: *grant, reason: *reason }
            }
        };
        let notice = if self.state == State::Fulfilled { Notice::Fulfilled } else { Notice::Scheduled };
        self.ended = (self.state == State::Fulfilled).then_some(now);
        let mut effects = vec![done, Effect::Tell(notice, Audience::Concerned)];
        if !gives {
            effects.push(Effect::Tell(Notice::ForInformation, Audience::Owners));
        }
        Ok(effects)
    }

    /// Rejects the item, and closes what is left of it.
    pub(super) fn reject(&mut self, rejection: Rejection, facts: &Facts<'_>) -> Vec<Effect> {
        let voters = self.voters();
        let mut effects = vec![
            Effect::Tell(Notice::Rejected, Audience::Concerned),
            Effect::Tell(Notice::Rejected, Audience::People(voters)),
        ];
        if rejection == Rejection::NoApprover {
            effects.push(Effect::Tell(Notice::NoApprover, Audience::TenantAdministrators));
        }
        self.finish(State::Rejected(rejection), TaskState::Cancelled, facts);
        effects
    }

    /// Who has decided something so far.
    fn voters(&self) -> BTreeSet<UserId> {
        self.tasks.iter().flat_map(|task| &task.votes).map(|vote| vote.voter).collect()
    }

    /// Comes to an end: the open stage with that state, those behind it without ever having been open.
    pub(super) fn finish(&mut self, state: State, open: TaskState, facts: &Facts<'_>) {
        for task in self.tasks.iter_mut().filter(|task| task.is_unfinished()) {
            let end = if task.state == TaskState::Open { open } else { TaskState::Cancelled };
            task.close(end);
        }
        self.state = state;
        self.ended = Some(facts.now);
    }

    pub(super) fn run(&mut self, event: Event, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        if !self.state.possible().contains(&event.word()) {
            return Err(Reason::State);
        }
        match event {
            Event::Vote(ballot) => self.vote(ballot, facts),
            Event::Ask { actor, question } => self.ask(&actor, question, facts),
            Event::Answer { by, text } => self.answer(by, text, facts),
            Event::Amend { by, kind } => self.amend(by, kind, facts),
            Event::Reassign { actor, from, to, is_active, reason } => {
                self.reassign(&actor, (from, to, is_active), reason, facts)
            }
            Event::HandOver { from, line } => self.hand_over(from, line, facts),
            Event::Remind => self.remind(facts),
            Event::Escalate => self.escalate(facts),
            Event::Expire => self.expire(facts),
            Event::Withdraw { by } => self.withdraw(by, facts),
            Event::Cancel(why) => Ok(self.cancel(why, facts)),
            Event::Start => self.start(facts),
        }
    }
}
