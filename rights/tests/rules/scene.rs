//! Anna and the people around her.

use rights::{
    Assurance, EntitlementId, GrantId, Instant, NodeId, Outcome, Refusal, Risk, RuleId, UserId,
    approval::{Ballot, Candidates, Decision, Resolver, Scheme, Stage},
    calendar::Calendar,
    delegation::Actor,
    grant::{Limits, Term},
    request::{Event, Facts, Item, Kind, Submission, Wish},
    sod::{Conflict, Mode},
};
use time::{Duration, macros::datetime};
use uuid::Uuid;

pub(crate) const ANNA: UserId = UserId(Uuid::from_u128(1));
pub(crate) const BERTA: UserId = UserId(Uuid::from_u128(2));
pub(crate) const CARLIS: UserId = UserId(Uuid::from_u128(3));
pub(crate) const DZINTRA: UserId = UserId(Uuid::from_u128(4));
pub(crate) const EDGARS: UserId = UserId(Uuid::from_u128(5));
pub(crate) const FRICIS: UserId = UserId(Uuid::from_u128(6));

pub(crate) const GRANT: GrantId = GrantId(Uuid::from_u128(900));

pub(crate) fn entitlement(number: u128) -> EntitlementId {
    EntitlementId(Uuid::from_u128(100 + number))
}

pub(crate) fn rule(number: u128) -> RuleId {
    RuleId(Uuid::from_u128(200 + number))
}

pub(crate) fn node(number: u128) -> NodeId {
    NodeId(Uuid::from_u128(300 + number))
}

/// A Monday morning, at ten.
pub(crate) fn monday() -> Instant {
    Instant::from(datetime!(2026-03-02 10:00 +2))
}

pub(crate) fn days(number: i64) -> Duration {
    Duration::days(number)
}

/// What somebody who asks for a right meets.
pub(crate) struct Scene {
    pub(crate) now: Instant,
    pub(crate) calendar: Calendar,
    pub(crate) candidates: Candidates,
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) is_subject_active: bool,
    pub(crate) is_entitlement_active: bool,
    pub(crate) limits: Limits,
}

impl Scene {
    /// Berta manages Anna, Edgars manages Berta; Carlis owns the entitlement, Dzintra looks after security.
    pub(crate) fn new() -> Self {
        let candidates = Candidates::none()
            .with_active(Resolver::LineManager(1), [BERTA])
            .with_active(Resolver::LineManager(2), [EDGARS])
            .with_active(Resolver::Owner, [CARLIS])
            .with_active(Resolver::SecurityOfficer, [DZINTRA]);
        let calendar = Calendar::latvian();
        let (conflicts, now) = (Vec::new(), monday());
        let limits = Limits::default();
        Self { now, calendar, candidates, conflicts, is_subject_active: true, is_entitlement_active: true, limits }
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            now: self.now,
            calendar: &self.calendar,
            candidates: &self.candidates,
            conflicts: &self.conflicts,
            is_subject_active: self.is_subject_active,
            is_entitlement_active: self.is_entitlement_active,
            limits: &self.limits,
        }
    }

    pub(crate) fn at(mut self, now: Instant) -> Self {
        self.now = now;
        self
    }

    pub(crate) fn pass(&mut self, length: Duration) {
        self.now = self.now + length;
    }

    pub(crate) fn in_conflict(mut self, mode: Mode, is_excepted: bool) -> Self {
        self.conflicts = vec![Conflict { rule: rule(1), mode, is_excepted }];
        self
    }

    /// Anna asks for herself, for ninety days.
    pub(crate) fn submit(&self, risk: Risk, scheme: Scheme) -> Outcome<Item> {
        self.submit_kind(for_ninety_days(), risk, scheme)
    }

    pub(crate) fn submit_kind(&self, kind: Kind, risk: Risk, scheme: Scheme) -> Outcome<Item> {
        let submission = Submission { kind, requester: ANNA, subject: ANNA, entitlement: entitlement(1), risk, scheme };
        Item::submit(submission, &self.facts())
    }

    /// The item in the ordinary case: the manager first, then the owner.
    pub(crate) fn pending(&self) -> Item {
        self.submit(Risk::Medium, Scheme::of_risk(Risk::Medium)).next
    }

    /// An item with one stage.
    pub(crate) fn with_stage(&self, stage: Stage) -> Item {
        self.submit(Risk::Medium, Scheme::of(vec![stage])).next
    }

    pub(crate) fn apply(&self, item: &Item, event: Event) -> Result<Outcome<Item>, Refusal> {
        item.apply(event, &self.facts())
    }

    /// What becomes of it, where nobody doubts that it may be.
    pub(crate) fn then(&self, item: &Item, event: Event) -> Item {
        self.apply(item, event).expect("it is possible").next
    }
}

pub(crate) fn for_ninety_days() -> Kind {
    Kind::Grant(Wish { from: None, term: Term::For(days(90)) })
}

/// The stage of the manager, who decides alone, with nothing that happens by itself.
pub(crate) fn manager() -> Stage {
    Stage { remind_after: None, escalate_after: None, ..Stage::of(Resolver::LineManager(1)) }
}

pub(crate) fn yes(user: UserId) -> Event {
    Event::Vote(ballot(user, Decision::Approve))
}

pub(crate) fn no(user: UserId) -> Event {
    Event::Vote(Ballot { comment: Some("not needed".into()), ..ballot(user, Decision::Reject) })
}

pub(crate) fn ballot(user: UserId, decision: Decision) -> Ballot {
    let actor = Actor::alone(user);
    Ballot { actor, on_behalf_of: None, decision, comment: None, assurance: Some(Assurance::High), until: None }
}

/// Berta wants to know something first.
pub(crate) fn question() -> Event {
    Event::Ask { actor: Actor::alone(BERTA), question: "For which project?".into() }
}

/// Somebody who stands in for others.
pub(crate) fn deputy(user: UserId, of: &[UserId]) -> Actor {
    Actor { user, stands_in_for: of.iter().copied().collect() }
}
