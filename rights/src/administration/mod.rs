//! Delegated administration: who looks after which part of a tenant.
//!
//! A role is held within a scope: the tenant, a part of its organisation, or an application. Lists are cut to that scope
//! where they are asked for, not afterwards ([`reach`]). Nobody gives a role that is wider or longer than their own.

mod assign;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use assign::{Facts, may_assign, may_end, may_remove};

use crate::{ApplicationId, Instant, NodeId, Risk, UserId};

/// A role of those who look after something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Looks after the tenant.
    TenantAdministrator,
    /// Looks after a part of its organisation.
    UnitAdministrator,
    /// Looks after an application.
    ApplicationOwner,
    /// Looks after security: decides where the risk is high, and looks at emergencies.
    SecurityOfficer,
    /// Reads everything and changes nothing.
    Auditor,
    /// Looks after personal data.
    DataProtectionOfficer,
    /// Helps people, and locks them out when it has to be.
    Helpdesk,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::TenantAdministrator,
        Self::UnitAdministrator,
        Self::ApplicationOwner,
        Self::SecurityOfficer,
        Self::Auditor,
        Self::DataProtectionOfficer,
        Self::Helpdesk,
    ];

    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::TenantAdministrator => "tenantAdministrator",
            Self::UnitAdministrator => "unitAdministrator",
            Self::ApplicationOwner => "applicationOwner",
            Self::SecurityOfficer => "securityOfficer",
            Self::Auditor => "auditor",
            Self::DataProtectionOfficer => "dataProtectionOfficer",
            Self::Helpdesk => "helpdesk",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// What it may do.
    pub fn actions(self) -> &'static [Action] {
        use Action::{
            Assign, Audit, Campaigns, Catalogue, Clients, CloseReviews, Grant, Organisation, People, Policies, Request,
            Revoke, See, SeeCatalogue,
        };
        match self {
            Self::TenantAdministrator => &[
                See,
                People,
                Organisation,
                SeeCatalogue,
                Catalogue,
                Grant,
                Revoke,
                Request,
                Policies,
                Clients,
                Audit,
                Campaigns,
                CloseReviews,
                Assign,
            ],
            Self::UnitAdministrator => &[
                See,
                People,
                Organisation,
                SeeCatalogue,
                Catalogue,
                Grant,
                Revoke,
                Request,
                Audit,
                Campaigns,
                CloseReviews,
                Assign,
            ],
            Self::ApplicationOwner => &[
                See,
                SeeCatalogue,
                Catalogue,
                Grant,
                Revoke,
                Request,
                Policies,
                Clients,
                Audit,
                Campaigns,
                CloseReviews,
                Assign,
            ],
            Self::SecurityOfficer => &[See, SeeCatalogue, Revoke, Audit],
            Self::Auditor => &[See, SeeCatalogue, Audit, Campaigns],
            Self::DataProtectionOfficer => &[See, SeeCatalogue, Audit],
            Self::Helpdesk => &[See, SeeCatalogue, Revoke, Request],
        }
    }

    /// Whether it gives at least all that the other does.
    fn covers(self, other: Self) -> bool {
        let own = self.actions();
        other.actions().iter().all(|action| own.contains(action))
    }
}

/// What somebody may do. To decide about requests is no such thing: it comes with the stage, never with a role alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// See people and what they hold.
    See,
    /// Change people.
    People,
    /// Change the organisation.
    Organisation,
    /// See applications and entitlements.
    SeeCatalogue,
    /// Change applications and entitlements.
    Catalogue,
    /// Give a grant without a request.
    Grant,
    /// Take a grant away.
    Revoke,
    /// Ask for others.
    Request,
    /// Change approval schemes, rules of segregation of duties and birthright rules.
    Policies,
    /// Change clients.
    Clients,
    /// Read what happened.
    Audit,
    /// Begin reviews, and see those that others began.
    Campaigns,
    /// Close reviews early, and call them off.
    CloseReviews,
    /// Give roles.
    Assign,
}

/// Within what a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// The whole tenant.
    Tenant,
    /// A node and what is below it.
    Node(NodeId),
    /// An application.
    Application(ApplicationId),
}

/// A role that somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// Who.
    pub user: UserId,
    /// Which role.
    pub role: Role,
    /// Within what.
    pub scope: Scope,
    /// From when on.
    pub from: Instant,
    /// Until when; nothing for no end.
    pub until: Option<Instant>,
}

impl Assignment {
    /// Whether it counts.
    pub fn is_live(&self, now: Instant) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Whether it is in force in a part of the time in which the other is.
    fn overlaps(&self, other: &Self) -> bool {
        self.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| self.from < until)
    }

    /// Whether it allows something in some place.
    fn allows(&self, action: Action, place: &Place, now: Instant) -> bool {
        self.is_live(now) && self.role.actions().contains(&action) && place.is_within(self.scope)
    }
}

/// Where something is: a person, a grant, an application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The node, what it is part of, and so on.
    pub path: Vec<NodeId>,
    /// The application that it belongs to.
    pub application: Option<ApplicationId>,
}

impl Place {
    fn is_within(&self, scope: Scope) -> bool {
        match scope {
            Scope::Tenant => true,
            Scope::Node(node) => self.path.contains(&node),
            Scope::Application(application) => self.application == Some(application),
        }
    }
}

/// Whether somebody with these roles may do that there.
pub fn may(held: &[Assignment], action: Action, place: &Place, now: Instant) -> bool {
    held.iter().any(|one| one.allows(action, place, now))
}

/// Whether somebody may give a grant of that risk without a request: whoever does not look after the tenant, only where the
/// risk is low at the most. Nobody gives it to themselves.
pub fn may_grant(held: &[Assignment], giver: UserId, subject: UserId, risk: Risk, place: &Place, now: Instant) -> bool {
    let counts = |one: &&Assignment| one.role == Role::TenantAdministrator || risk <= Risk::Low;
    giver != subject && held.iter().filter(counts).any(|one| one.allows(Action::Grant, place, now))
}

/// How far somebody may do something: the condition of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Everywhere.
    pub tenant: bool,
    /// In these nodes and below.
    pub nodes: BTreeSet<NodeId>,
    /// In these applications.
    pub applications: BTreeSet<ApplicationId>,
}

impl Reach {
    /// No bounds.
    pub fn everywhere() -> Self {
        Self { tenant: true, ..Self::default() }
    }

    /// Whether it is nowhere, beside what is one's own.
    pub fn is_empty(&self) -> bool {
        !self.tenant && self.nodes.is_empty() && self.applications.is_empty()
    }
}

/// How far somebody with these roles may do that.
pub fn reach(held: &[Assignment], action: Action, now: Instant) -> Reach {
    let mut reach = Reach::default();
    for one in held.iter().filter(|one| one.is_live(now) && one.role.actions().contains(&action)) {
        match one.scope {
            Scope::Tenant => reach.tenant = true,
            Scope::Node(node) => drop(reach.nodes.insert(node)),
            Scope::Application(application) => drop(reach.applications.insert(application)),
        }
    }
    reach
}
