//! Tenants: the walls between municipalities.

use entity::tenant;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, TransactionTrait};
use uuid::Uuid;

use crate::{Action, Cause, Changes, Error, Store, Work, dialect};

/// What the log calls a tenant; its own id there is nil.
const TENANT: &str = "Tenant";

/// A tenant that exists. It cannot be made outside this crate: whoever holds one has been given it by
/// a checked credential or by an operator's command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TenantId(pub(crate) i64);

/// Whether a tenant may grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantState {
    /// Everything works.
    Active,
    /// Reading and taking away work, giving does not.
    Suspended,
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
    /// Whether it may grant.
    pub state: TenantState,
    /// Whether the letter of the RFC is kept where practice differs.
    pub strict: bool,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
}

impl TenantState {
    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    pub(crate) fn from_word(word: &str) -> Result<Self, Error> {
        match word {
            "active" => Ok(Self::Active),
            "suspended" => Ok(Self::Suspended),
            other => Err(Error::Damaged(format!("tenant state {other:?}"))),
        }
    }
}

impl Store {
    /// Makes a tenant. [`Error::Taken`] if the slug is in use.
    pub async fn create_tenant(&self, slug: &str, name: &str, now: i64) -> Result<Tenant, Error> {
        let row = tenant::ActiveModel {
            slug: Set(slug.to_owned()),
            name: Set(name.to_owned()),
            state: Set(TenantState::Active.word().to_owned()),
            strict: Set(false),
            created: Set(now),
            ..Default::default()
        };
        let transaction = self.write.begin_with_options(dialect::immediate()).await?;
        let tenant = read(tenant::Entity::insert(row).exec_with_returning(&transaction).await?)?;
        let work = Work { transaction, tenant: tenant.id, cause: Cause::operator(), now };
        let changes = Changes { attributes: vec!["slug".into(), "name".into()], ..Changes::default() };
        work.record(Action::Created, TENANT, Uuid::nil(), 1, &changes).await?;
        work.commit().await?;
        Ok(tenant)
    }

    /// The tenant of that slug.
    pub async fn find_tenant(&self, slug: &str) -> Result<Option<Tenant>, Error> {
        let row = tenant::Entity::find().filter(tenant::Column::Slug.eq(slug)).one(&self.read).await?;
        row.map(read).transpose()
    }

    /// Every tenant, by slug.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        let rows = tenant::Entity::find().order_by_asc(tenant::Column::Slug).all(&self.read).await?;
        rows.into_iter().map(read).collect()
    }

    /// Suspends or resumes a tenant.
    pub async fn set_tenant_state(&self, tenant: TenantId, state: TenantState, now: i64) -> Result<(), Error> {
        let work = self.tenant(tenant).begin(&Cause::operator(), || now).await?;
        let updated = tenant::Entity::update_many()
            .set(tenant::ActiveModel { state: Set(state.word().to_owned()), ..Default::default() })
            .filter(tenant::Column::Id.eq(tenant.0))
            .filter(tenant::Column::State.ne(state.word()))
            .exec(&work.transaction)
            .await?;
        if updated.rows_affected == 0 {
            return Ok(());
        }
        let changes = Changes { attributes: vec!["state".into()], ..Changes::default() };
        work.record(Action::Changed, TENANT, Uuid::nil(), 1, &changes).await?;
        work.commit().await
    }
}

fn read(row: tenant::Model) -> Result<Tenant, Error> {
    Ok(Tenant {
        id: TenantId(row.id),
        state: TenantState::from_word(&row.state)?,
        slug: row.slug,
        name: row.name,
        strict: row.strict,
        created: row.created,
    })
}
