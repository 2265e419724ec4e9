//! The only door to data. Every read and write of tenant data hangs on a [`TenantStore`] or a
//! [`Work`], and both are made from a [`TenantId`] that only this crate can create: by a credential
//! that was checked, or by an operator's command. So no query without a tenant can be written above.

mod access_tokens;
mod admin_roles;
mod alarms;
mod answers;
mod applications;
pub mod archive;
mod at_once;
mod birthrights;
mod calls;
mod clients;
mod connect;
mod delegations;
mod departures;
mod dialect;
mod duties;
mod emergencies;
mod employments;
mod entitlements;
mod error;
mod events;
mod gone;
mod grants;
mod groups;
mod holdings;
mod issuers;
mod members;
mod notifications;
mod one_member;
mod organisation;
mod owners;
mod postgres;
mod profiles;
mod query;
mod reach;
mod reader;
mod removals;
mod requests;
mod resources;
mod reviews;
mod row;
mod rules;
mod secrets;
mod sqlite;
mod suspensions;
mod tenants;
mod tenures;
mod terms;
mod ties;
mod timers;
mod together;
mod tokens;
mod transaction;
mod views;
mod violations;
mod work;
mod working_time;
mod writer;

use sea_orm::{ConnectionTrait, DatabaseBackend};
use uuid::Uuid;

pub use access_tokens::NewAccessToken;
pub use admin_roles::{AdminRole, RoleFilter};
pub use alarms::Alarm;
pub use answers::{Asked, Asking, GivenAnswer};
pub use applications::{Application, ApplicationState, Assigned};
pub use birthrights::Paths;
pub use calls::{Call, CallFilter, CallPage};
pub use clients::{Client, NewClient, Readers};
pub use connect::{Location, MigrationStatus, Options};
pub use delegations::AccessDelegation;
pub use departures::{Departure, Leftover};
pub use emergencies::{AccessEmergency, EMERGENCY_STATES, EmergencyFilter};
pub use employments::Within;
pub use entitlements::{Entitlement, EntitlementState, EntitlementTexts, Names};
pub use error::Error;
pub use events::{Action, Cause, Changes};
pub use gone::Gone;
pub use grants::{AccessGrant, Admitted, Deed, Giving, Issue, Prolonged, Settled, Whose};
pub use holdings::{GRANT_STATES, GrantFilter};
pub use issuers::{Issuer, Link};
pub use members::{GroupRef, MemberRow};
pub use notifications::{Mail, MailState, Notification, NotificationContent, NotificationFilter};
pub use one_member::OneMember;
pub use organisation::{OrganisationUnit, Place, UnitFilter, UnitKind};
pub use profiles::{Defined, Definitions, Profile, TenantSettings};
pub use query::{Page, Wanted};
pub use reach::Bounds;
pub use removals::{Losses, Past, Reference, Removal, RemovalPlace, Removed, Stretch, Tally};
pub use requests::{AccessRequest, RequestFilter, RequestItem, RequestNumber, RequestTexts, Sees};
pub use resources::{New, Parting, Stored, Update};
pub use reviews::{
    Exclusion, ItemFilter, Known, Recommendation, Review, ReviewItem, ReviewPlan, ReviewProgress, ReviewScope, Reviews,
};
pub(crate) use row::Row;
pub use rules::{ApprovalPolicy, Rule, RuleContent, RuleKind, RuleState, comparable};
pub use suspensions::UserSuspension;
pub(crate) use tenants::PLATFORM;
pub use tenants::{Tenant, TenantId, TenantState};
pub use tenures::tenures;
pub use terms::{EntitlementAudience, Lengths, Terms, Workplace};
pub use ties::Ties;
pub use timers::{Timer, TimerKind};
pub use tokens::{Access, NewToken, Token, token_hash};
pub use views::PersonView;
pub use violations::{SodViolation, VIOLATION_STATES, ViolationFilter};
pub use work::Work;
pub use working_time::{Moved, WorkingTime};

use crate::{one_member::Crowds, reader::Reader, writer::Writer};

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// Where reading happens: many connections.
    read: Reader,
    /// Where writing happens: one connection on SQLite, the same connections on PostgreSQL.
    write: Writer,
    /// Who waits to join or leave a group.
    crowds: Crowds,
    /// Whether mails are sent.
    mails: bool,
}

impl Store {
    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.read.get_database_backend()
    }

    /// The data of one tenant.
    pub fn tenant(&self, tenant: TenantId) -> TenantStore {
        TenantStore { store: self.clone(), tenant, application: None }
    }
}

impl TenantStore {
    /// Whose data.
    pub fn id(&self) -> TenantId {
        self.tenant
    }
}

/// The data of one tenant, for reading; [`TenantStore::begin`] starts writing.
#[derive(Clone, Debug)]
pub struct TenantStore {
    store: Store,
    tenant: TenantId,
    /// Whose groups and members are all that is seen; nothing for everything.
    application: Option<Uuid>,
}
