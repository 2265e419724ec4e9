//! What happens at the stage that is open. Time alone never approves: it reminds, lets others decide, and ends.

use crate::{
    Assurance, Audience, Effect, Instant, Notice, Policy, Reason, Risk, UserId,
    approval::{Ballot, Decision, SeatChange, SeatChangeKind, State as TaskState},
    delegation::Actor,
    request::{Facts, Item, Kind, Rejection, State},
};

impl Item {
    pub(super) fn vote(&mut self, ballot: Ballot, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let (barred, until, decision) = (self.barred(), ballot.until, ballot.decision);
        // Who may not decide learns nothing of what could be decided.
        let task = self.open_mut()?;
        task.admit(&ballot.actor, &barred)?;
        let may_shorten = task.stage.may_shorten;
        // Where much harm can be done it has to be sure who decides, whatever the stage says.
        if self.risk == Risk::High && ballot.assurance.is_none_or(|assurance| assurance < Assurance::Substantial) {
            return Err(Reason::Assurance(Assurance::Substantial));
        }
        if let Some(until) = until.filter(|_| decision == Decision::Approve) {
            if !may_shorten {
                return Err(Reason::Policy(Policy::EndStays));
            }
            self.shorten(until, facts)?;
        }
        let task = self.open_mut()?;
        task.vote(ballot, &barred, facts.now)?;
        match task.state {
            TaskState::Approved => self.advance(facts),
            TaskState::Rejected(_) => Ok(self.reject(Rejection::Vote, facts)),
            _ => Ok(Vec::new()),
        }
    }

    /// An approver lets it end earlier, never later.
    fn shorten(&mut self, until: Instant, facts: &Facts<'_>) -> Result<(), Reason> {
        match &mut self.kind {
            Kind::Grant(wish) => {
                let start = wish.from.unwrap_or(facts.now).max(facts.now);
                if until <= start || wish.term.end(start).is_some_and(|end| until > end) {
                    return Err(Reason::Period);
                }
                wish.term = crate::grant::Term::Until(until);
            }
            Kind::Extend { until: wanted, .. } => {
                if until <= facts.now || until > *wanted {
                    return Err(Reason::Period);
                }
                *wanted = until;
            }
            Kind::Revoke { .. } => return Err(Reason::Policy(Policy::Endless)),
        }
        Ok(())
    }

    pub(super) fn reassign(
        &mut self,
        actor: &Actor,
        (from, to, is_active): (UserId, UserId, bool),
        reason: String,
        facts: &Facts<'_>,
    ) -> Result<Vec<Effect>, Reason> {
        let barred = self.barred();
        let task = self.open_mut()?;
        task.admit(actor, &barred)?;
        if from != actor.user && !actor.stands_in_for.contains(&from) {
            return Err(Reason::Stranger);
        }
        let kind = SeatChangeKind::Reassigned;
        let (by, at) = (Some(actor.user), facts.now);
        let change = SeatChange { kind, by, from: Some(from), to: Some(to), reason: Some(reason), at };
        task.reassign(change, is_active, &barred)?;
        Ok(vec![Effect::Tell(Notice::Reassigned, Audience::People([from, to].into()))])
    }

    /// Somebody who decides has left. If nobody is left who could, it is rejected.
    pub(super) fn hand_over(
        &mut self,
        from: UserId,
        line: Vec<UserId>,
        facts: &Facts<'_>,
    ) -> Result<Vec<Effect>, Reason> {
        let barred = self.barred();
        let task = self.open_mut()?;
        if !task.vacant().any(|seat| seat == from) {
            return Err(Reason::Stranger);
        }
        let before = task.approvers.clone();
        if !task.hand_over((from, line), facts.candidates, &barred, facts.now) {
            task.close(TaskState::Rejected(crate::approval::Rejection::NoApprover));
            return Ok(self.reject(Rejection::NoApprover, facts));
        }
        let new = task.approvers.difference(&before).copied().collect();
        Ok(vec![Effect::Tell(Notice::DecisionWanted, Audience::People(new))])
    }

    pub(super) fn remind(&mut self, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let task = self.open_mut()?;
        task.remind(facts.calendar, facts.now)?;
        Ok(vec![Effect::Tell(Notice::DecisionDue, Audience::People(task.vacant().collect()))])
    }

    pub(super) fn escalate(&mut self, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let barred = self.barred();
        let new = self.open_mut()?.escalate(facts.candidates, &barred, facts.now)?;
        let audience = if new.is_empty() { Audience::TenantAdministrators } else { Audience::People(new) };
        Ok(vec![Effect::Tell(Notice::Escalated, audience)])
    }

    pub(super) fn expire(&mut self, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let end = match self.state {
            State::InfoRequested { until, .. } => until,
            _ => self.expires,
        };
        if facts.now < end {
            return Err(Reason::NotYet);
        }
        self.finish(State::Expired, TaskState::TimedOut, facts);
        Ok(vec![Effect::Tell(Notice::Expired, Audience::Concerned)])
    }
}
