//! Questions before a decision: while one waits for its answer, the clocks of the decision stand still.

use std::mem;

use crate::{
    Audience, Effect, Instant, Notice, Policy, Reason, UserId,
    approval::State as TaskState,
    delegation::Actor,
    request::{Facts, Item, Kind, Question, State, asking},
};

impl Item {
    pub(super) fn ask(&mut self, actor: &Actor, text: String, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let barred = self.barred();
        let seat = self.open_mut()?.admit(actor, &barred)?;
        if text.trim().is_empty() {
            return Err(Reason::Missing("question"));
        }
        if self.questions.len() >= usize::from(self.scheme.max_questions) {
            return Err(Reason::TooOften);
        }
        let on_behalf_of = (seat != actor.user).then_some(seat);
        let (by, at) = (actor.user, facts.now);
        self.questions.push(Question { by, on_behalf_of, text, at, answer: None, answered_by: None });
        let until = facts.calendar.after(facts.now, self.scheme.answer_within);
        self.state = State::InfoRequested { since: facts.now, until };
        Ok(vec![Effect::Tell(Notice::QuestionAsked, Audience::Concerned)])
    }

    pub(super) fn answer(&mut self, by: UserId, text: String, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        self.speaks(by)?;
        if text.trim().is_empty() {
            return Err(Reason::Missing("answer"));
        }
        self.note_answer(by, text);
        self.resume(facts);
        Ok(vec![Effect::Tell(Notice::QuestionAnswered, Audience::People(self.waiting_for()))])
    }

    /// Something else is asked for. What was decided is evidence and counts no more.
    pub(super) fn amend(&mut self, by: UserId, kind: Kind, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        self.speaks(by)?;
        if kind == self.kind {
            return Err(Reason::Missing("a change"));
        }
        if mem::discriminant(&kind) != mem::discriminant(&self.kind) || grant_of(&kind) != grant_of(&self.kind) {
            return Err(Reason::Policy(Policy::AnotherRight));
        }
        if !asking::is_ahead(&kind, facts.now) {
            return Err(Reason::Period);
        }
        self.note_answer(by, String::new());
        self.kind = kind;
        for mut task in mem::take(&mut self.tasks) {
            if task.is_unfinished() {
                task.close(TaskState::Cancelled);
            }
            self.void.push(task);
        }
        Ok(self.begin(facts))
    }

    fn note_answer(&mut self, by: UserId, text: String) {
        if let Some(question) = self.questions.last_mut() {
            question.answer = Some(text);
            question.answered_by = Some(by);
        }
    }

    /// The clocks go on: each has as much working time left as when they stopped.
    fn resume(&mut self, facts: &Facts<'_>) {
        let State::InfoRequested { since, .. } = self.state else { return };
        let later = |at: Instant| facts.calendar.add(facts.now, facts.calendar.between(since, at));
        for task in self.tasks.iter_mut().filter(|task| task.state == TaskState::Open) {
            task.remind_at = task.remind_at.map(later);
            task.escalate_at = task.escalate_at.map(later);
        }
        self.expires = later(self.expires);
        self.state = State::Pending;
    }
}

fn grant_of(kind: &Kind) -> Option<crate::GrantId> {
    match kind {
        Kind::Grant(_) => None,
        Kind::Extend { grant, .. } | Kind::Revoke { grant, .. } => Some(*grant),
    }
}
