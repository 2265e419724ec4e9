//! Giving and taking roles.

use crate::{
    Instant, Policy, Reason, Refusal, UserId,
    administration::{Action, Assignment, Place, Role, Scope},
};

/// What is known of a role that somebody wants to give.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The time.
    pub now: Instant,
    /// What the giver holds.
    pub giver: &'a [Assignment],
    /// Where the new scope is: its node with those above, or its application with the node that this belongs to.
    pub place: &'a Place,
    /// Whether the person is active.
    pub is_active: bool,
    /// What the person holds already.
    pub held: &'a [Assignment],
}

/// Whether somebody may give a role: not to themselves, and not more, not wider and not longer than they hold it.
pub fn may_assign(giver: UserId, new: &Assignment, facts: &Facts<'_>) -> Result<(), Refusal> {
    let reason = if new.user == giver {
        Reason::Oneself
    } else if !facts.is_active {
        Reason::Unsuitable
    } else if new.until.is_some_and(|until| until <= new.from.max(facts.now)) {
        Reason::Period
    } else if new.role == Role::TenantAdministrator && new.scope != Scope::Tenant {
        Reason::Policy(Policy::WholeTenant)
    } else if facts.held.iter().any(|one| one.role == new.role && one.scope == new.scope && one.overlaps(new)) {
        Reason::Overlap
    } else if facts.giver.iter().any(|own| may_give(own, new, facts)) {
        return Ok(());
    } else {
        Reason::Exceeds
    };
    Err(refusal("assign", reason))
}

/// Whether one of the giver's roles is enough.
fn may_give(own: &Assignment, new: &Assignment, facts: &Facts<'_>) -> bool {
    let lasts = match (own.until, new.until) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(own), Some(new)) => new <= own,
    };
    covers(own, new, facts.place, facts.now) && lasts
}

/// Whether a role is at least as much and as wide as another, and lets its holder give and take such roles.
fn covers(own: &Assignment, other: &Assignment, place: &Place, now: Instant) -> bool {
    let is_within = match (own.scope, other.scope) {
        (Scope::Tenant, _) => true,
        (_, Scope::Tenant) => false,
        (scope, _) => place.is_within(scope),
    };
    own.is_live(now) && own.role.actions().contains(&Action::Assign) && own.role.covers(other.role) && is_within
}

/// Whether somebody may take a role away: one of their own, or one that is within what they hold. `place` is where its scope is.
pub fn may_end(
    taker: UserId,
    held: &[Assignment],
    which: &Assignment,
    place: &Place,
    now: Instant,
) -> Result<(), Refusal> {
    if which.user == taker || held.iter().any(|own| covers(own, which, place, now)) {
        return Ok(());
    }
    Err(refusal("remove", Reason::Exceeds))
}

/// Whether a role may be taken away, or get an end: a tenant keeps somebody who looks after it without one. `active` are all roles
/// in the tenant of people who are active. A role that ends by itself keeps nothing up.
pub fn may_remove(which: &Assignment, active: &[Assignment], now: Instant) -> Result<(), Refusal> {
    let lasts = |one: &Assignment| one.role == Role::TenantAdministrator && one.is_live(now) && one.until.is_none();
    if !lasts(which) || active.iter().any(|one| lasts(one) && one.user != which.user) {
        return Ok(());
    }
    Err(refusal("remove", Reason::Last))
}

fn refusal(event: &'static str, reason: Reason) -> Refusal {
    Refusal { what: "role", state: "held", event, possible: &["assign", "remove"], reason }
}
