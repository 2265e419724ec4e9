//! Deputies: for a while somebody decides in somebody else's name, and both names are kept.
//!
//! A delegation is not changed, only cancelled and made anew. Its state follows from the time. It reaches what was given to the
//! delegator alone and nothing that they do for others, so that a chain of deputies cannot arise; one that would look
//! like it is refused.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Instant, Reason, Refusal, UserId};

/// What a deputy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Duty {
    /// Decides about requests.
    Approvals,
    /// Reviews rights.
    Reviews,
}

/// Somebody stands in for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// Who is away.
    pub delegator: UserId,
    /// Who stands in.
    pub delegate: UserId,
    /// For what.
    pub duties: BTreeSet<Duty>,
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// When it was cancelled, if it was.
    pub cancelled: Option<Instant>,
}

/// How a delegation stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It begins later.
    Planned,
    /// It is in force.
    Active,
    /// It is over.
    Ended,
    /// It was cancelled before it began.
    Cancelled,
}

impl State {
    /// The state as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
        }
    }

    fn possible(self) -> &'static [&'static str] {
        match self {
            Self::Planned => &["start", "cancel"],
            Self::Active => &["end", "cancel"],
            Self::Ended | Self::Cancelled => &[],
        }
    }
}

/// What is known of the two people.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The time.
    pub now: Instant,
    /// Whether the deputy is an active user of the tenant.
    pub is_delegate_active: bool,
    /// All delegations of either of the two that are not over.
    pub others: &'a [Delegation],
}

impl Delegation {
    /// Judges a delegation that somebody wants.
    pub fn check(&self, facts: &Facts<'_>) -> Result<(), Refusal> {
        let refuse = |reason| Err(Self::refusal("create", State::Planned, reason));
        if self.delegate == self.delegator {
            return refuse(Reason::Oneself);
        }
        if self.duties.is_empty() {
            return refuse(Reason::Missing("duties"));
        }
        if self.until <= self.from || self.until <= facts.now {
            return refuse(Reason::Period);
        }
        if !facts.is_delegate_active {
            return refuse(Reason::Unsuitable);
        }
        let overlapping = |other: &&Self| self.overlaps(other) && other.state(facts.now) != State::Cancelled;
        for other in facts.others.iter().filter(overlapping) {
            if other.delegator == self.delegate || other.delegate == self.delegator {
                return refuse(Reason::Chain);
            }
            if other.delegator == self.delegator && other.delegate == self.delegate {
                return refuse(Reason::Overlap);
            }
        }
        Ok(())
    }

    /// Whether both are in force at once for the same duty.
    fn overlaps(&self, other: &Self) -> bool {
        let end = other.cancelled.map_or(other.until, |cancelled| cancelled.min(other.until));
        self.from < end && other.from < self.until && !self.duties.is_disjoint(&other.duties)
    }

    /// How it stands.
    pub fn state(&self, now: Instant) -> State {
        match self.cancelled {
            Some(cancelled) if cancelled <= self.from => State::Cancelled,
            Some(cancelled) if cancelled <= now => State::Ended,
            _ if now < self.from => State::Planned,
            _ if now < self.until => State::Active,
            _ => State::Ended,
        }
    }

    /// Ends it now: the delegator or an administrator wishes so, or either of the two has left.
    pub fn cancel(&self, now: Instant) -> Result<Self, Refusal> {
        match self.state(now) {
            State::Planned | State::Active => Ok(Self { cancelled: Some(now), ..self.clone() }),
            state => Err(Self::refusal("cancel", state, Reason::State)),
        }
    }

    /// Whether the deputy may do that now.
    pub fn covers(&self, duty: Duty, now: Instant) -> bool {
        self.state(now) == State::Active && self.duties.contains(&duty)
    }

    fn refusal(event: &'static str, state: State, reason: Reason) -> Refusal {
        Refusal { what: "delegation", state: state.word(), event, possible: state.possible(), reason }
    }
}

/// Somebody who is about to decide, and in whose names they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// For whom they stand in just now, for this duty.
    pub stands_in_for: BTreeSet<UserId>,
}

impl Actor {
    /// Somebody who stands in for nobody.
    pub fn alone(user: UserId) -> Self {
        Self { user, stands_in_for: BTreeSet::new() }
    }

    /// Somebody with those of these delegations that cover the duty now.
    pub fn new(user: UserId, delegations: &[Delegation], duty: Duty, now: Instant) -> Self {
        let theirs = delegations.iter().filter(|d| d.delegate == user && d.covers(duty, now));
        Self { user, stands_in_for: theirs.map(|d| d.delegator).collect() }
    }

    /// In whose name they act: their own if it is among these, else the first for whom they stand in.
    pub(crate) fn among(&self, people: &BTreeSet<UserId>) -> Option<UserId> {
        if people.contains(&self.user) {
            return Some(self.user);
        }
        self.stands_in_for.iter().copied().find(|absent| people.contains(absent))
    }
}
