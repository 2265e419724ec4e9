//! Tenants: the walls between municipalities.

use entity::tenant;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType,
};
use uuid::Uuid;

use crate::{Action, Cause, Changes, Error, Store, Work};

/// What the log calls a tenant; its own id there is nil.
pub(crate) const TENANT: &str = "Tenant";
/// The row of the platform itself: its operators' clients hang on it, and nothing else does. It is no tenant:
/// nothing lists or finds it but [`Store::platform`].
pub(crate) const PLATFORM: &str = "-platform";
/// The state of a row that an import fills: no tenant yet, and like the platform's nothing lists or finds it.
pub(crate) const IMPORTING: &str = "importing";
/// The state of a row that an import has left and that is being taken away.
pub(crate) const DISCARDED: &str = "discarded";

/// A tenant that exists. It cannot be made outside this crate: whoever holds one has been given it by
/// a checked credential or by an operator's command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TenantId(pub(crate) i64);

/// What a tenant may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantState {
    /// Everything works.
    Active,
    /// Reading and taking away work, giving does not.
    Suspended,
    /// Reading works, with a credential that was made for it. There is no way back.
    Archived,
}

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its capability.
    pub id: TenantId,
    /// The name in addresses.
    pub slug: String,
    /// The name for people.
    pub name: String,
    /// What it may still do.
    pub state: TenantState,
    /// Why it is no longer active.
    pub reason: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
}

impl Tenant {
    /// Whether this is the platform itself and no tenant.
    pub fn is_platform(&self) -> bool {
        self.slug == PLATFORM
    }
}

impl TenantState {
    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Archived => "archived",
        }
    }

    pub(crate) fn from_word(word: &str) -> Result<Self, Error> {
        match word {
            "active" => Ok(Self::Active),
            "suspended" => Ok(Self::Suspended),
            "archived" => Ok(Self::Archived),
            other => Err(Error::Damaged(format!("tenant state {other:?}"))),
        }
    }
}

impl Store {
    /// Makes a tenant. [`Error::Taken`] if the slug is in use.
    pub async fn create_tenant(&self, slug: &str, name: &str, now: i64) -> Result<Tenant, Error> {
        let (tenant, work) = self.begin_tenant(slug, name, &Cause::operator(), now).await?;
        work.commit().await?;
        Ok(tenant)
    }

    /// Makes a tenant in a unit of work, which may go on to make what belongs to it.
    pub async fn begin_tenant(&self, slug: &str, name: &str, cause: &Cause, now: i64) -> Result<(Tenant, Work), Error> {
        let row = tenant::ActiveModel {
            slug: Set(slug.to_owned()),
            name: Set(name.to_owned()),
            state: Set(TenantState::Active.word().to_owned()),
            reason: Set(None),
            created: Set(now),
            ..Default::default()
        };
        let (transaction, turn) = self.write.begin().await?;
        let tenant = read(tenant::Entity::insert(row).exec_with_returning(&transaction).await?)?;
        let work = Work::of(transaction, turn, tenant.id, cause.clone(), now);
        let changes = Changes { attributes: vec!["slug".into(), "name".into()], ..Changes::default() };
        work.record(Action::Created, TENANT, Uuid::nil(), 1, &changes).await?;
        Ok((tenant, work))
    }

    /// The tenant of that slug.
    pub async fn find_tenant(&self, slug: &str) -> Result<Option<Tenant>, Error> {
        let row =
            tenant::Entity::find().filter(tenants()).filter(tenant::Column::Slug.eq(slug)).one(&self.read).await?;
        row.map(read).transpose()
    }

    /// The platform itself, which operators' clients belong to.
    pub async fn platform(&self) -> Result<Tenant, Error> {
        let row = tenant::Entity::find().filter(tenant::Column::Slug.eq(PLATFORM)).one(&self.read).await?;
        row.map_or_else(|| Err(Error::Damaged("the platform's own row is missing".into())), read)
    }

    /// Every tenant, by slug.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        let rows = tenant::Entity::find().filter(tenants()).order_by_asc(tenant::Column::Slug).all(&self.read).await?;
        rows.into_iter().map(read).collect()
    }

    /// Tenants behind that slug, by slug.
    pub async fn tenants_after(&self, after: Option<&str>, limit: u64) -> Result<Vec<Tenant>, Error> {
        let rows = tenant::Entity::find()
            .filter(tenants())
            .filter(Condition::all().add_option(after.map(|slug| tenant::Column::Slug.gt(slug))))
            .order_by_asc(tenant::Column::Slug)
            .limit(limit)
            .all(&self.read)
            .await?;
        rows.into_iter().map(read).collect()
    }
}

impl Work {
    /// The tenant of this work; its state stays as it is until this work ends.
    pub async fn hold_tenant(&self) -> Result<Tenant, Error> {
        let own = tenant::Entity::find_by_id(self.tenant.0);
        if !self.is_at_once() {
            return self.own_row(own.lock_shared()).await;
        }
        let tenant = self.own_row(own).await?;
        self.rest_on_tenant(tenant.state);
        Ok(tenant)
    }

    /// Lets what is written at once rest on the tenant's state.
    pub fn rest_on_tenant(&self, state: TenantState) {
        let held = "SELECT 1 FROM tenant WHERE id = $1 AND state = $2 FOR SHARE";
        self.rest_on_row(held, [self.tenant.0.into(), state.word().into()]);
    }

    /// The tenant of this work, to change its state: others who hold it are waited for.
    pub async fn lock_tenant(&self) -> Result<Tenant, Error> {
        self.own_row(tenant::Entity::find_by_id(self.tenant.0).lock(LockType::NoKeyUpdate)).await
    }

    async fn own_row(&self, query: sea_orm::Select<tenant::Entity>) -> Result<Tenant, Error> {
        let row = query.one(&*self.transaction).await?;
        row.map_or_else(|| Err(Error::Damaged("a tenant vanished".into())), read)
    }

    /// Changes the state of the tenant. Archiving revokes every token, which the log names as those that went.
    pub async fn set_tenant_state(&self, state: TenantState, reason: Option<&str>) -> Result<(), Error> {
        let row = tenant::ActiveModel {
            state: Set(state.word().to_owned()),
            reason: Set(reason.map(Into::into)),
            ..Default::default()
        };
        tenant::Entity::update_many()
            .set(row)
            .filter(tenant::Column::Id.eq(self.tenant.0))
            .exec(&*self.transaction)
            .await?;
        let removed = if state == TenantState::Archived {
            // Nothing happens by itself any more.
            self.drop_timers().await?;
            self.revoke_all(None).await?
        } else {
            Vec::new()
        };
        let changes = Changes { attributes: vec!["state".into(), "reason".into()], removed, ..Changes::default() };
        self.record(Action::Changed, TENANT, Uuid::nil(), 1, &changes).await
    }
}

/// All but the platform itself and what is not wholly imported.
fn tenants() -> Condition {
    Condition::all().add(tenant::Column::Slug.ne(PLATFORM)).add(tenant::Column::State.is_not_in([IMPORTING, DISCARDED]))
}

/// Whether a row is a tenant's, or the platform's, and not what an import has begun.
pub(crate) fn is_whole(row: &tenant::Model) -> bool {
    row.state != IMPORTING && row.state != DISCARDED
}

pub(crate) fn read(row: tenant::Model) -> Result<Tenant, Error> {
    Ok(Tenant {
        id: TenantId(row.id),
        state: TenantState::from_word(&row.state)?,
        reason: row.reason,
        slug: row.slug,
        name: row.name,
        created: row.created,
    })
}
