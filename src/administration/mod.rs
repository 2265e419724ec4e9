//! The use-cases of those who look after a tenant, and of those who look after the platform: clients, tokens,
//! tenants, whole tenants as archives. HTTP and the command line come in here alike.

mod admin_roles;
mod applications;
mod archive;
mod clients;
mod entitlements;
mod error;
mod exceptions;
mod grants;
mod holdings;
mod issuers;
mod limits;
mod mandate;
mod organisation;
pub(crate) mod people;
mod readers;
mod rules;
mod standing;
mod suspensions;
mod tenants;
mod timers;
mod tokens;
mod views;
mod violations;

use store::{Cause, Tenant, TenantState, TenantStore, Work};

pub(crate) use admin_roles::roles_of;
pub use admin_roles::{AdminRoleRecord, NewAdminRole, ScopeShape};
pub use applications::{ApplicationChange, ApplicationRecord, GroupRecord, MAX_APPLICATIONS, NewApplication};
pub use archive::{ArchiveError, Export, Import, Imported};
pub use clients::{ClientChange, ClientRecord, NewClient};
pub use entitlements::{EntitlementChange, EntitlementRecord, MAX_ENTITLEMENTS, NewEntitlement};
pub use error::{Error, Fault};
pub(crate) use error::{check, listed, meant};
pub use grants::{DeedRecord, Extension, ExtensionRecord, GrantRecord, NewGrant, Revocation, Revoked};
pub(crate) use holdings::holdings_of;
pub use holdings::{Holder, HoldingRecord};
pub use issuers::{Given, IssuerChange, IssuerRecord, MAX_ISSUERS, MAX_LEEWAY, NewIssuer};
pub(crate) use limits::line as name;
pub use limits::{LONGEST_LIFE, MAX_CLIENTS, MAX_NETWORKS, MAX_TOKENS};
pub use organisation::{
    EmploymentManager, EmploymentRecord, EmploymentUnit, Here, MAX_DEPTH, MAX_UNITS, NewUnit, PersonRecord, UnitChange,
    UnitRecord, UnmatchedRecord,
};
pub use people::NamedUser;
pub use rules::{
    ConditionShape, DryRunRecord, Head, MAX_RULES, NewApprovalPolicy, NewBirthrightRule, NewSodRule, QuorumShape,
    ResolverShape, RuleRecord, RuleWish, RunRecord, RunWish, StageShape, WouldRecord,
};
pub use standing::{DepartureRecord, LeftoverRecord, StandingRecord};
pub use suspensions::{NewSuspension, SuspensionRecord};
pub use tenants::{FirstClient, NewTenant, Onboarded, Platform, Reason, TenantRecord};
pub use timers::TimerRecord;
pub use tokens::{Issued, NewToken, Rotation, TokenRecord, TokenState};

pub use crate::auth::ALGORITHMS;
pub use exceptions::ForeseenException;
pub(crate) use views::views_of;
pub use views::{NamedCaller, ViewRecord};
pub use violations::{ImpactRecord, NewException, Remedy, ViolationRecord};

use crate::clock::{Clock, Ids};

/// On whose word something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The tenant's own administrator: while the tenant is suspended, they take away and do not give.
    Tenant,
    /// Those who run the platform.
    Operator,
}

/// The clients, tokens and applications of one tenant, as one caller looks after them during one request.
#[derive(Clone, Debug)]
pub struct Administration {
    /// Where the data is.
    pub data: TenantStore,
    /// On whose word.
    pub authority: Authority,
    /// Who asks, in which request.
    pub cause: Cause,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
}

/// Part of a list, and where to go on.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// This part.
    pub items: Vec<T>,
    /// Whether there is more behind it.
    pub has_more: bool,
}

impl Administration {
    /// An operator at the command line.
    pub fn at_the_command_line(store: &store::Store, tenant: &Tenant, clock: &Clock) -> Self {
        Self {
            data: store.tenant(tenant.id),
            authority: Authority::Operator,
            cause: Cause::operator(),
            clock: clock.clone(),
            ids: Ids::new(clock.clone()),
        }
    }

    async fn begin(&self) -> Result<Work, Error> {
        Ok(self.data.begin(&self.cause, || self.clock.now()).await?)
    }

    /// The tenant, if something may be given in it.
    async fn may_give(&self, work: &Work) -> Result<Tenant, Error> {
        let tenant = work.hold_tenant().await?;
        match (tenant.state, self.authority) {
            (TenantState::Active, _) | (TenantState::Suspended, Authority::Operator) => Ok(tenant),
            (TenantState::Suspended, Authority::Tenant) => Err(Error::Suspended),
            (TenantState::Archived, _) => Err(Error::Archived),
        }
    }

    /// The tenant, if something may be taken away in it.
    async fn may_take(&self, work: &Work) -> Result<Tenant, Error> {
        let tenant = work.hold_tenant().await?;
        match (tenant.state, self.authority) {
            (TenantState::Archived, Authority::Tenant) => Err(Error::Archived),
            _ => Ok(tenant),
        }
    }
}

impl<T> Slice<T> {
    /// A part of a list that was asked for with one item too many.
    pub(crate) fn of(mut items: Vec<T>, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        Self { items, has_more }
    }
}
