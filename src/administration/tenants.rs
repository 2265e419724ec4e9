//! Tenants: taking one on, suspending it, letting it work again, archiving it.

use serde::{Deserialize, Serialize};
use store::{Cause, Store, Tenant, TenantState};
use validator::Validate;

use crate::{
    administration::{
        Administration, Authority, ClientRecord, Error, Issued, NewClient, NewToken, Slice, error::check, limits,
    },
    auth::Scope,
    clock::{Clock, Ids, timestamp},
    wording::phrase,
};

/// The platform as an operator looks after it during one request.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Where the data is.
    pub store: Store,
    /// Who asks, in which request.
    pub cause: Cause,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
}

/// A tenant that an operator wants.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// Its name in addresses.
    #[validate(custom(function = limits::slug))]
    pub slug: String,
    /// Its name for people.
    #[validate(custom(function = limits::line))]
    pub name: String,
    /// The client of its first administrator, if there shall be one at once.
    #[validate(nested)]
    pub client: Option<NewClient>,
}

/// Why a tenant's state changes.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// In words for people.
    #[validate(custom(function = limits::line))]
    pub reason: String,
}

/// A tenant as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct TenantRecord {
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What it may still do.
    pub state: &'static str,
    /// Why it is no longer active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was made.
    pub created: String,
}

/// A tenant that was taken on.
#[derive(Debug)]
pub struct Onboarded {
    /// The tenant.
    pub tenant: TenantRecord,
    /// Its first client and that client's token, which may manage the others.
    pub first: Option<FirstClient>,
}

/// The client of a tenant's first administrator.
#[derive(Debug)]
pub struct FirstClient {
    /// The client.
    pub client: ClientRecord,
    /// Its token.
    pub token: Issued,
}

impl From<Tenant> for TenantRecord {
    fn from(tenant: Tenant) -> Self {
        Self {
            slug: tenant.slug,
            name: tenant.name,
            state: tenant.state.word(),
            reason: tenant.reason,
            created: timestamp(tenant.created),
        }
    }
}

impl Platform {
    /// An operator at the command line.
    pub fn at_the_command_line(store: &Store, clock: &Clock) -> Self {
        Self { store: store.clone(), cause: Cause::operator(), clock: clock.clone(), ids: Ids::new(clock.clone()) }
    }

    /// Tenants behind that slug, by slug.
    pub async fn tenants(&self, after: Option<&str>, limit: u64) -> Result<Slice<TenantRecord>, Error> {
        let found = self.store.tenants_after(after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(Into::into).collect(), limit))
    }

    /// The tenant of a slug.
    pub async fn find(&self, slug: &str) -> Result<Tenant, Error> {
        self.store.find_tenant(slug).await?.ok_or(Error::Missing("tenant"))
    }

    /// Takes a tenant on, with its first client and that client's token if they are wanted.
    pub async fn create(&self, new: &NewTenant) -> Result<Onboarded, Error> {
        check(new)?;
        let (slug, now) = (new.slug.as_str(), self.clock.now());
        let begun = self.store.begin_tenant(slug, new.name.trim(), &self.cause, now).await;
        let (tenant, work) = begun.map_err(|error| match error {
            store::Error::Taken => Error::Taken(phrase("tenant-taken").with("slug", slug).into()),
            other => other.into(),
        })?;
        let first = match &new.client {
            None => None,
            Some(client) => {
                let administration = self.of(&tenant);
                let client = administration.insert_client(&work, client).await?;
                let NewToken { scopes, expires_in } = NewToken::of(&[Scope::TenantAdmin]);
                let token = administration.issue(&work, client.id, &scopes, expires_in).await?;
                Some(FirstClient { client: client.into(), token })
            }
        };
        work.commit().await?;
        Ok(Onboarded { tenant: tenant.into(), first })
    }

    /// Suspends a tenant.
    pub async fn suspend(&self, slug: &str, reason: &Reason) -> Result<Tenant, Error> {
        self.change(slug, TenantState::Suspended, Some(reason)).await
    }

    /// Lets a suspended tenant work again.
    pub async fn resume(&self, slug: &str) -> Result<Tenant, Error> {
        self.change(slug, TenantState::Active, None).await
    }

    /// Archives a tenant: its tokens are revoked, and from now on it is only read.
    pub async fn archive(&self, slug: &str, reason: &Reason) -> Result<Tenant, Error> {
        self.change(slug, TenantState::Archived, Some(reason)).await
    }

    async fn change(&self, slug: &str, to: TenantState, reason: Option<&Reason>) -> Result<Tenant, Error> {
        reason.map_or(Ok(()), check)?;
        let tenant = self.find(slug).await?;
        let work = self.store.tenant(tenant.id).begin(&self.cause, || self.clock.now()).await?;
        let tenant = work.lock_tenant().await?;
        if tenant.state == to {
            work.roll_back().await?;
            return Ok(tenant);
        }
        if tenant.state == TenantState::Archived {
            return Err(Error::Conflict(phrase("archived-for-good").with("slug", slug).into()));
        }
        let reason = reason.map(|reason| reason.reason.trim().to_owned());
        work.set_tenant_state(to, reason.as_deref()).await?;
        work.commit().await?;
        Ok(Tenant { state: to, reason, ..tenant })
    }

    /// The clients and tokens of a tenant.
    fn of(&self, tenant: &Tenant) -> Administration {
        Administration {
            data: self.store.tenant(tenant.id),
            authority: Authority::Operator,
            cause: self.cause.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }
}
