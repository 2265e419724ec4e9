//! How an item ends without a decision, and how it begins that was approved for later.

use crate::{
    Audience, Effect, Notice, Reason, UserId,
    approval::State as TaskState,
    grant::Ending,
    request::{Cancellation, Facts, Item, State},
    sod::Conflict,
};

impl Item {
    pub(super) fn withdraw(&mut self, by: UserId, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        self.speaks(by)?;
        let mut effects = self.undo(Ending::Cancelled);
        effects.push(Effect::Tell(Notice::Withdrawn, Audience::Concerned));
        effects.push(Effect::Tell(Notice::Withdrawn, Audience::People(self.waiting_for())));
        self.finish(State::Withdrawn, TaskState::Cancelled, facts);
        Ok(effects)
    }

    pub(super) fn cancel(&mut self, why: Cancellation, facts: &Facts<'_>) -> Vec<Effect> {
        let reason = match why {
            Cancellation::SubjectLeft => Ending::Leaver,
            Cancellation::Retired => Ending::Retired,
            Cancellation::StartFailed | Cancellation::GrantEnded => Ending::Cancelled,
        };
        let mut effects = self.undo(reason);
        effects.push(Effect::Tell(Notice::Cancelled, Audience::Concerned));
        self.finish(State::Cancelled(why), TaskState::Cancelled, facts);
        effects
    }

    /// What was given for later is taken back.
    fn undo(&self, reason: Ending) -> Vec<Effect> {
        match self.state {
            State::Scheduled { .. } => vec![Effect::Cancel(reason)],
            _ => Vec::new(),
        }
    }

    pub(super) fn start(&mut self, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let State::Scheduled { start } = self.state else { return Err(Reason::State) };
        if facts.now < start {
            return Err(Reason::NotYet);
        }
        if !facts.is_entitlement_active {
            return Ok(self.cancel(Cancellation::Retired, facts));
        }
        if facts.conflicts.iter().any(Conflict::blocks) {
            return Ok(self.cancel(Cancellation::StartFailed, facts));
        }
        self.finish(State::Fulfilled, TaskState::Cancelled, facts);
        // For somebody who is not there the grant is set aside, and nobody is told that it works.
        let told = facts.is_subject_active.then_some(Effect::Tell(Notice::Fulfilled, Audience::Concerned));
        Ok(told.into_iter().collect())
    }
}
