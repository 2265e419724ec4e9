//! A whole tenant as records: what an archive has between its first and its last line.
//!
//! Whoever adds a table of tenants adds a [`Part`] here, and the compiler leads through the rest: how its rows are read
//! ([`Snapshot`]), how they are written ([`Work::restore`](crate::Work::restore)), and how what an import has left of them goes.

mod asked;
mod callers;
mod catalogue;
mod directory;
mod held;
mod kept;
mod remains;
mod restore;
mod snapshot;
mod told;

use serde::Serialize;

pub use asked::{DelegationRecord, RequestItemRecord, RequestRecord, ReviewItemRecord, ReviewRecord};
pub use callers::{ClientRecord, IssuerRecord, TokenRecord};
pub use catalogue::{ApplicationGroupRecord, ApplicationRecord, EntitlementRecord, RuleRecord};
pub use directory::{DefinitionRecord, MemberRecord, OrganisationUnitRecord, ResourceRecord, SettingsRecord};
pub use held::{AdminRoleRecord, EmergencyRecord, GrantRecord, SodViolationRecord, SuspensionRecord};
pub use kept::{AlarmRecord, RemovalRecord, ViewRecord};
pub use remains::Remains;
pub use snapshot::Snapshot;
pub use told::{EventRecord, NotificationRecord};

/// The kinds of records, in the order in which they follow one another: what a record refers to comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What the tenant has set.
    Settings,
    /// Its own schemas and resource types.
    Definition,
    /// Its resources.
    Resource,
    /// Who is in which group.
    Member,
    /// Its organisation.
    OrganisationUnit,
    /// Its applications.
    Application,
    /// Which groups are theirs.
    ApplicationGroup,
    /// Which groups are entitlements.
    Entitlement,
    /// Its rules about access rights.
    Rule,
    /// Why people are or were in these.
    Grant,
    /// Who holds together what nobody should, or did.
    SodViolation,
    /// What people took in emergencies.
    Emergency,
    /// What people ask for.
    Request,
    /// Item by item.
    RequestItem,
    /// What is reviewed.
    Review,
    /// Grant by grant.
    ReviewItem,
    /// Who stands in for whom.
    Delegation,
    /// Whom an administrator has suspended.
    Suspension,
    /// What people were told.
    Notification,
    /// Who looks after what.
    AdminRole,
    /// Its clients.
    Client,
    /// Their tokens.
    Token,
    /// Whose tokens it believes.
    Issuer,
    /// Which clients took away too much.
    Alarm,
    /// What was taken away and can be given back.
    Removal,
    /// Who looked at whose data.
    View,
    /// What was changed, when and by whom.
    Event,
}

impl Part {
    /// Every kind.
    pub const ALL: [Self; 27] = [
        Self::Settings,
        Self::Definition,
        Self::Resource,
        Self::Member,
        Self::OrganisationUnit,
        Self::Application,
        Self::ApplicationGroup,
        Self::Entitlement,
        Self::Rule,
        Self::Grant,
        Self::SodViolation,
        Self::Emergency,
        Self::Request,
        Self::RequestItem,
        Self::Review,
        Self::ReviewItem,
        Self::Delegation,
        Self::Suspension,
        Self::Notification,
        Self::AdminRole,
        Self::Client,
        Self::Token,
        Self::Issuer,
        Self::Alarm,
        Self::Removal,
        Self::View,
        Self::Event,
    ];

    /// What a record of that kind says it is.
    pub fn word(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Definition => "definition",
            Self::Resource => "resource",
            Self::Member => "member",
            Self::OrganisationUnit => "organisationUnit",
            Self::Application => "application",
            Self::ApplicationGroup => "applicationGroup",
            Self::Entitlement => "entitlement",
            Self::Rule => "rule",
            Self::Grant => "grant",
            Self::SodViolation => "sodViolation",
            Self::Emergency => "emergency",
            Self::Request => "request",
            Self::RequestItem => "requestItem",
            Self::Review => "review",
            Self::ReviewItem => "reviewItem",
            Self::Delegation => "delegation",
            Self::Suspension => "suspension",
            Self::Notification => "notification",
            Self::AdminRole => "adminRole",
            Self::Client => "client",
            Self::Token => "token",
            Self::Issuer => "issuer",
            Self::Alarm => "alarm",
            Self::Removal => "removal",
            Self::View => "view",
            Self::Event => "event",
        }
    }
}

/// What an archive holds beside what it always holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The hashes of passwords.
    pub passwords: bool,
    /// The tokens of clients, as hashes.
    pub credentials: bool,
    /// The log of changes, and of who looked at whose data.
    pub events: bool,
}

/// A record. Instants are milliseconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Record {
    /// What the tenant has set.
    Settings(SettingsRecord),
    /// A schema or a resource type of its own.
    Definition(DefinitionRecord),
    /// A resource.
    Resource(ResourceRecord),
    /// A direct membership.
    Member(MemberRecord),
    /// A node of the organisation.
    OrganisationUnit(OrganisationUnitRecord),
    /// An application.
    Application(ApplicationRecord),
    /// A group of an application.
    ApplicationGroup(ApplicationGroupRecord),
    /// A group that is an entitlement.
    Entitlement(EntitlementRecord),
    /// A rule about access rights.
    Rule(RuleRecord),
    /// Why somebody is or was in one.
    Grant(Box<GrantRecord>),
    /// Somebody who holds together what nobody should, or did.
    SodViolation(Box<SodViolationRecord>),
    /// Access that somebody took in an emergency.
    Emergency(Box<EmergencyRecord>),
    /// What somebody asks for.
    Request(RequestRecord),
    /// One entitlement of it.
    RequestItem(Box<RequestItemRecord>),
    /// What is reviewed.
    Review(Box<ReviewRecord>),
    /// One grant of it.
    ReviewItem(Box<ReviewItemRecord>),
    /// Somebody stands in for somebody.
    Delegation(DelegationRecord),
    /// Somebody whom an administrator has suspended.
    Suspension(SuspensionRecord),
    /// Somebody was told something.
    Notification(Box<NotificationRecord>),
    /// Somebody looks after something.
    AdminRole(AdminRoleRecord),
    /// A client, also one that was deleted, because the log names it.
    Client(ClientRecord),
    /// A token of a client.
    Token(TokenRecord),
    /// An issuer.
    Issuer(IssuerRecord),
    /// A client took away too much.
    Alarm(AlarmRecord),
    /// Something was taken away.
    Removal(Box<RemovalRecord>),
    /// Somebody looked at somebody's data.
    View(ViewRecord),
    /// A change.
    Event(EventRecord),
}

impl Record {
    /// Which kind it is.
    pub fn part(&self) -> Part {
        match self {
            Self::Settings(_) => Part::Settings,
            Self::Definition(_) => Part::Definition,
            Self::Resource(_) => Part::Resource,
            Self::Member(_) => Part::Member,
            Self::OrganisationUnit(_) => Part::OrganisationUnit,
            Self::Application(_) => Part::Application,
            Self::ApplicationGroup(_) => Part::ApplicationGroup,
            Self::Entitlement(_) => Part::Entitlement,
            Self::Rule(_) => Part::Rule,
            Self::Grant(_) => Part::Grant,
            Self::SodViolation(_) => Part::SodViolation,
            Self::Emergency(_) => Part::Emergency,
            Self::Request(_) => Part::Request,
            Self::RequestItem(_) => Part::RequestItem,
            Self::Review(_) => Part::Review,
            Self::ReviewItem(_) => Part::ReviewItem,
            Self::Delegation(_) => Part::Delegation,
            Self::Suspension(_) => Part::Suspension,
            Self::Notification(_) => Part::Notification,
            Self::AdminRole(_) => Part::AdminRole,
            Self::Client(_) => Part::Client,
            Self::Token(_) => Part::Token,
            Self::Issuer(_) => Part::Issuer,
            Self::Alarm(_) => Part::Alarm,
            Self::Removal(_) => Part::Removal,
            Self::View(_) => Part::View,
            Self::Event(_) => Part::Event,
        }
    }
}
