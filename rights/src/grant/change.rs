//! What becomes of a grant.

use crate::{
    Audience, Effect, Instant, Notice, Policy, Reason,
    grant::{Ending, Event, Facts, Gap, Grant, Limits, Source, State, Term, warnings},
    sod::Conflict,
};

impl Grant {
    pub(super) fn run(&mut self, event: Event, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        if !self.state.possible().contains(&event.word()) {
            return Err(Reason::State);
        }
        let now = facts.now;
        match event {
            Event::Start => self.start(facts),
            Event::Extend(until) => self.extend(until, facts.limits, now),
            Event::Shorten(until) => self.shorten(until, now),
            Event::Warn => self.warn(now),
            Event::Expire => self.expire(now),
            Event::Certify => {
                self.certified = Some(now);
                Ok(Vec::new())
            }
            Event::Suspend { return_by } => {
                self.suspend(return_by, now);
                Ok(Vec::new())
            }
            Event::Resume => self.resume(facts),
            Event::Lapse => self.lapse(now),
            Event::End(reason) => Ok(self.end(reason, now)),
        }
    }

    /// From now on the person is a member; now the length begins to run.
    pub(super) fn activate(&mut self, now: Instant) {
        self.activated = Some(now);
        self.until = self.term.end(now);
        self.state = State::Active;
    }

    /// It is decided, and the person is not there: its length begins to run when they are.
    pub(super) fn wait(&mut self, return_by: Option<Instant>) {
        if let Term::Until(until) = self.term {
            self.until = Some(until);
        }
        self.state = State::Suspended { return_by };
    }

    /// It begins, or comes to nothing if the world has changed since it was decided. Who has left by then has lost it already
    /// (`suspend`): whoever is not there comes later.
    fn start(&mut self, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let now = facts.now;
        if now < self.from {
            return Err(Reason::NotYet);
        }
        let hindrance = match self.term.end(now) {
            _ if !facts.is_entitlement_active => Some(Ending::Retired),
            _ if facts.conflicts.iter().any(Conflict::blocks) => Some(Ending::Conflict),
            Some(until) if until <= now => Some(Ending::Expired),
            _ => None,
        };
        match hindrance {
            Some(reason) => return Ok(self.end(reason, now)),
            None if facts.is_subject_active => self.activate(now),
            None => self.wait(None),
        }
        Ok(Vec::new())
    }

    /// Whether its end may move there.
    pub fn may_extend(&self, until: Instant, limits: &Limits, now: Instant) -> Result<(), Reason> {
        let (State::Active, Some(activated)) = (self.state, self.activated) else { return Err(Reason::State) };
        if self.source == Source::Emergency {
            return Err(Reason::Policy(Policy::EmergencyEnds));
        }
        let end = self.until.ok_or(Reason::NoEnd)?;
        if until <= now {
            return Err(Reason::Period);
        }
        if until <= end {
            return Err(Reason::LastsAsLong);
        }
        if self.extensions >= limits.extensions {
            return Err(Reason::TooOften);
        }
        match limits.latest(activated, now) {
            Some(latest) if until > latest => Err(Reason::EndAfter(latest)),
            _ => Ok(()),
        }
    }

    fn extend(&mut self, until: Instant, limits: &Limits, now: Instant) -> Result<Vec<Effect>, Reason> {
        self.may_extend(until, limits, now)?;
        self.until = Some(until);
        self.extensions += 1;
        // What was announced is announced again for the new end.
        self.warned = Some(now);
        Ok(Vec::new())
    }

    fn shorten(&mut self, until: Instant, now: Instant) -> Result<Vec<Effect>, Reason> {
        let end = self.until.or_else(|| self.term.end(self.from));
        if until <= now.max(self.from) || end.is_some_and(|end| until >= end) {
            return Err(Reason::Period);
        }
        if self.activated.is_none() {
            self.term = Term::Until(until);
        }
        if self.state != State::Scheduled {
            self.until = Some(until);
        }
        Ok(Vec::new())
    }

    /// The next announcement of its end.
    pub(super) fn next_warning(&self) -> Option<Instant> {
        let (activated, until) = (self.activated?, self.until?);
        let said = self.warned.unwrap_or(activated);
        warnings(activated, until).into_iter().find(|at| *at > said)
    }

    fn warn(&mut self, now: Instant) -> Result<Vec<Effect>, Reason> {
        match self.next_warning() {
            None => Err(Reason::State),
            Some(at) if now < at => Err(Reason::NotYet),
            // Whatever else was due meanwhile is said with it.
            Some(_) => {
                self.warned = Some(now);
                Ok(vec![
                    Effect::Tell(Notice::EndsSoon, Audience::Subject),
                    Effect::Tell(Notice::EndsSoon, Audience::LineManager),
                ])
            }
        }
    }

    fn expire(&mut self, now: Instant) -> Result<Vec<Effect>, Reason> {
        match self.until {
            None => Err(Reason::State),
            Some(until) if now < until => Err(Reason::NotYet),
            Some(_) => Ok(self.end(self.over(), now)),
        }
    }

    /// Why it has ended when its time is over.
    fn over(&self) -> Ending {
        if self.source == Source::Emergency { Ending::EmergencyOver } else { Ending::Expired }
    }

    /// The person is away. Who has left loses what had not begun, and what was to come back whenever they do has an end from then on.
    fn suspend(&mut self, return_by: Option<Instant>, now: Instant) {
        match self.state {
            State::Scheduled if return_by.is_some() => drop(self.end(Ending::Leaver, now)),
            State::Scheduled => {}
            State::Active => {
                self.state = State::Suspended { return_by };
                self.gaps.push(Gap { from: now, until: None });
            }
            State::Suspended { return_by: before } => {
                let earlier = [before, return_by].into_iter().flatten().min();
                self.state = State::Suspended { return_by: earlier };
            }
            State::Ended { .. } => {}
        }
    }

    /// The person is back. What has no time left, or is not in use any more, ends instead.
    fn resume(&mut self, facts: &Facts<'_>) -> Result<Vec<Effect>, Reason> {
        let State::Suspended { return_by } = self.state else { return Err(Reason::State) };
        let now = facts.now;
        if !facts.is_subject_active {
            return Err(Reason::Unsuitable);
        }
        if return_by.is_some_and(|return_by| return_by <= now) {
            return Ok(self.end(Ending::Leaver, now));
        }
        if self.until.is_some_and(|until| until <= now) {
            return Ok(self.end(self.over(), now));
        }
        if !facts.is_entitlement_active {
            return Ok(self.end(Ending::Retired, now));
        }
        let rules: Vec<_> = facts.conflicts.iter().filter(|c| c.blocks()).map(|c| c.rule).collect();
        if !rules.is_empty() {
            return Err(Reason::Conflict(rules));
        }
        self.close_gap(now);
        if self.activated.is_none() {
            self.activate(now);
        }
        self.state = State::Active;
        Ok(Vec::new())
    }

    fn lapse(&mut self, now: Instant) -> Result<Vec<Effect>, Reason> {
        match self.state {
            State::Suspended { return_by: Some(return_by) } if return_by <= now => Ok(self.end(Ending::Leaver, now)),
            State::Suspended { return_by: Some(_) } => Err(Reason::NotYet),
            _ => Err(Reason::State),
        }
    }

    /// It is over; if it was over before, it stays as it was.
    fn end(&mut self, reason: Ending, now: Instant) -> Vec<Effect> {
        if self.state.is_final() {
            return Vec::new();
        }
        self.close_gap(now);
        self.state = State::Ended { at: now, reason };
        vec![Effect::Tell(Notice::Ended, Audience::Subject)]
    }

    pub(super) fn taken(&self, reason: Ending, now: Instant) -> Self {
        let mut grant = self.clone();
        grant.end(reason, now);
        grant
    }

    fn close_gap(&mut self, now: Instant) {
        if let Some(gap) = self.gaps.last_mut().filter(|gap| gap.until.is_none()) {
            gap.until = Some(now);
        }
    }
}
