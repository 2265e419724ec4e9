//! One stage of one item: who sits there, what they said, and when it is time.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Instant, Policy, Reason, UserId,
    approval::{
        Ballot, Candidates, Decision, Rejection, Resolver, SeatChange, SeatChangeKind, Stage, State, Vote, eligible,
    },
    calendar::Calendar,
    delegation::Actor,
};

/// The most reminders of one stage.
const MAX_REMINDERS: u8 = 5;

/// One stage of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// What the policy says of it.
    pub stage: Stage,
    /// How it stands.
    pub state: State,
    /// Who may decide, found when it was opened.
    pub approvers: BTreeSet<UserId>,
    /// How many of them have to approve.
    pub needed: usize,
    /// Whether these are not those whom the policy named first.
    pub is_fallback: bool,
    /// What they said.
    pub votes: Vec<Vote>,
    /// Seats that changed hands.
    pub changes: Vec<SeatChange>,
    /// When they are reminded next.
    pub remind_at: Option<Instant>,
    /// How often they were.
    pub reminders: u8,
    /// When others may decide as well.
    pub escalate_at: Option<Instant>,
}

impl Task {
    pub(crate) fn new(stage: Stage) -> Self {
        Self {
            stage,
            state: State::NotReady,
            approvers: BTreeSet::new(),
            needed: 0,
            is_fallback: false,
            votes: Vec::new(),
            changes: Vec::new(),
            remind_at: None,
            reminders: 0,
            escalate_at: None,
        }
    }

    /// Opens the stage for those who may decide. Says whether there are enough of them.
    pub(crate) fn open(
        &mut self,
        candidates: &Candidates,
        barred: &[UserId],
        calendar: &Calendar,
        now: Instant,
    ) -> bool {
        let Some((approvers, needed, is_fallback)) = self.find(candidates, barred) else { return false };
        self.state = State::Open;
        (self.approvers, self.needed, self.is_fallback) = (approvers, needed, is_fallback);
        self.remind_at = self.stage.remind_after.map(|length| calendar.after(now, length));
        self.escalate_at = self.stage.escalate_after.map(|length| calendar.after(now, length));
        true
    }

    /// Those who may decide, or else those who stand ready for them.
    fn find(&self, candidates: &Candidates, barred: &[UserId]) -> Option<(BTreeSet<UserId>, usize, bool)> {
        let enough = |resolver: Resolver, is_fallback: bool| {
            let approvers = eligible(candidates, resolver, barred);
            let needed = self.stage.quorum.needed(approvers.len())?;
            Some((approvers, needed, is_fallback))
        };
        enough(self.stage.resolver, false).or_else(|| enough(self.stage.fallback?, true))
    }

    /// Takes a vote. Whose it may be is known already.
    pub(crate) fn vote(&mut self, ballot: Ballot, barred: &[UserId], now: Instant) -> Result<(), Reason> {
        let seat = self.seat_of(&ballot.actor, ballot.on_behalf_of, barred)?;
        if let Some(level) = self.stage.assurance
            && ballot.assurance.is_none_or(|assurance| assurance < level)
        {
            return Err(Reason::Assurance(level));
        }
        if ballot.decision == Decision::Reject && is_blank(ballot.comment.as_deref()) {
            return Err(Reason::Missing("comment"));
        }
        let on_behalf_of = (seat != ballot.actor.user).then_some(seat);
        self.votes.push(Vote {
            voter: ballot.actor.user,
            on_behalf_of,
            decision: ballot.decision,
            comment: ballot.comment,
            at: now,
            assurance: ballot.assurance,
        });
        // One no is enough.
        if ballot.decision == Decision::Reject {
            self.close(State::Rejected(Rejection::Vote));
        } else if self.approvals() >= self.needed {
            self.close(State::Approved);
        }
        Ok(())
    }

    /// The seat that somebody may fill: their own, or that of somebody for whom they stand in. A person votes once,
    /// whatever hats they wear.
    fn seat_of(&self, actor: &Actor, wanted: Option<UserId>, barred: &[UserId]) -> Result<UserId, Reason> {
        self.admit(actor, barred)?;
        let open: BTreeSet<UserId> = self.vacant().collect();
        let has_voted = self.votes.iter().any(|vote| vote.voter == actor.user);
        let may_fill = |seat: UserId| seat == actor.user || actor.stands_in_for.contains(&seat);
        match wanted {
            _ if has_voted => Err(Reason::Twice),
            Some(seat) if may_fill(seat) && open.contains(&seat) => Ok(seat),
            Some(seat) if may_fill(seat) && self.approvers.contains(&seat) => Err(Reason::Twice),
            Some(_) => Err(Reason::Stranger),
            None => actor.among(&open).ok_or(Reason::Twice),
        }
    }

    /// Whether somebody belongs to those who decide here, themselves or as a deputy.
    pub(crate) fn admit(&self, actor: &Actor, barred: &[UserId]) -> Result<UserId, Reason> {
        match barred.iter().position(|person| *person == actor.user) {
            Some(0) => Err(Reason::Oneself),
            Some(_) => Err(Reason::OwnRequest),
            None => actor.among(&self.approvers).ok_or(Reason::Stranger),
        }
    }

    /// Gives the seat of somebody to somebody else.
    pub(crate) fn reassign(&mut self, change: SeatChange, is_active: bool, barred: &[UserId]) -> Result<(), Reason> {
        let (Some(from), Some(to)) = (change.from, change.to) else { return Err(Reason::Missing("to")) };
        if !self.stage.may_reassign {
            return Err(Reason::Policy(Policy::SeatStays));
        }
        if is_blank(change.reason.as_deref()) {
            return Err(Reason::Missing("reason"));
        }
        if !self.vacant().any(|seat| seat == from) {
            return Err(Reason::Twice);
        }
        if !is_active || !self.may_join(to, barred) {
            return Err(Reason::Unsuitable);
        }
        self.approvers.remove(&from);
        self.approvers.insert(to);
        self.changes.push(change);
        Ok(())
    }

    fn may_join(&self, person: UserId, barred: &[UserId]) -> bool {
        let is_there = self.approvers.contains(&person) || self.votes.iter().any(|vote| vote.voter == person);
        !is_there && !barred.contains(&person)
    }

    /// Notes that approvers are reminded, and plans the next time.
    pub(crate) fn remind(&mut self, calendar: &Calendar, now: Instant) -> Result<(), Reason> {
        due(self.remind_at, now)?;
        self.reminders += 1;
        let again = self.stage.remind_after.filter(|_| self.reminders < MAX_REMINDERS);
        self.remind_at = again.map(|length| calendar.after(now, length));
        Ok(())
    }

    /// Lets others decide as well; how many have to approve stays as it was. Says who came.
    pub(crate) fn escalate(
        &mut self,
        candidates: &Candidates,
        barred: &[UserId],
        now: Instant,
    ) -> Result<BTreeSet<UserId>, Reason> {
        due(self.escalate_at, now)?;
        self.escalate_at = None;
        let found = self.stage.escalate_to.map(|resolver| eligible(candidates, resolver, barred)).unwrap_or_default();
        let new: BTreeSet<UserId> = found.into_iter().filter(|person| self.may_join(*person, barred)).collect();
        for to in &new {
            let kind = SeatChangeKind::Escalated;
            self.changes.push(SeatChange { kind, by: None, from: None, to: Some(*to), reason: None, at: now });
            self.approvers.insert(*to);
        }
        Ok(new)
    }

    /// Somebody has left, and somebody else takes their seat: whom the policy names now, or the first of these who may; else those
    /// who stand ready join. Says whether enough are left to decide.
    pub(crate) fn hand_over(
        &mut self,
        (from, line): (UserId, Vec<UserId>),
        candidates: &Candidates,
        barred: &[UserId],
        now: Instant,
    ) -> bool {
        self.approvers.remove(&from);
        let anew = eligible(candidates, self.stage.resolver, barred);
        let to = anew.into_iter().chain(line).find(|person| *person != from && self.may_join(*person, barred));
        self.approvers.extend(to);
        let kind = SeatChangeKind::HandedOver;
        self.changes.push(SeatChange { kind, by: None, from: Some(from), to, reason: None, at: now });
        if self.could_end() {
            return true;
        }
        let ready = self.stage.fallback.map(|resolver| eligible(candidates, resolver, barred)).unwrap_or_default();
        let new: Vec<UserId> = ready.into_iter().filter(|person| self.may_join(*person, barred)).collect();
        self.is_fallback |= !new.is_empty();
        self.approvers.extend(new);
        self.could_end()
    }

    fn could_end(&self) -> bool {
        self.approvals() + self.vacant().count() >= self.needed
    }

    /// How many have approved.
    pub(crate) fn approvals(&self) -> usize {
        self.votes.iter().filter(|vote| vote.decision == Decision::Approve).count()
    }

    /// Who may still decide.
    pub fn vacant(&self) -> impl Iterator<Item = UserId> + '_ {
        self.approvers.iter().copied().filter(|seat| !self.votes.iter().any(|vote| vote.seat() == *seat))
    }

    pub(crate) fn close(&mut self, state: State) {
        self.state = state;
        (self.remind_at, self.escalate_at) = (None, None);
    }

    /// Whether it is still to come, or waits.
    pub(crate) fn is_unfinished(&self) -> bool {
        matches!(self.state, State::NotReady | State::Open)
    }
}

/// Whether a timer's time has come.
fn due(at: Option<Instant>, now: Instant) -> Result<(), Reason> {
    match at {
        None => Err(Reason::State),
        Some(at) if now < at => Err(Reason::NotYet),
        Some(_) => Ok(()),
    }
}

/// Whether nothing was said.
pub(crate) fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}
