//! What an import that did not end well has left: nobody can reach it, and it is taken away bit by bit, so that others
//! write in between.

use entity::{
    access_grant, access_request, access_token, admin_role, alarm, answer, application, application_group, approver,
    call, campaign, client, definition, delegation, emergency_access, employment, entitlement, event, issuer, member,
    notification, org_node, person_view, profile, removal, request_item, resource, resource_count, resource_value,
    review_item, reviewer, rule, sod_violation, suspension, tenant, timer, token,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, ValueTuple},
};

use crate::{
    Cause, Error, Store, TenantId, TenantStore, Work,
    tenants::{DISCARDED, IMPORTING},
};

/// How many rows go at once.
const ROWS: u64 = 1000;
/// The same of resources, of which each may be long.
const RESOURCES: u64 = 100;

/// What an import has left, or is about to leave.
#[derive(Clone, Debug)]
pub struct Remains {
    data: TenantStore,
}

impl Store {
    /// What there is of an import of that slug.
    pub async fn remains(&self, slug: &str) -> Result<Option<Remains>, Error> {
        let row = tenant::Entity::find()
            .filter(tenant::Column::Slug.eq(slug))
            .filter(tenant::Column::State.is_in([IMPORTING, DISCARDED]))
            .one(&self.read)
            .await?;
        Ok(row.map(|row| Remains { data: self.tenant(TenantId(row.id)) }))
    }
}

impl Remains {
    /// What is there of an import that has begun.
    pub fn of(import: &TenantStore) -> Self {
        Self { data: import.clone() }
    }

    /// Takes all of it away, and stops the import if it still runs.
    pub async fn discard(&self) -> Result<(), Error> {
        tenant::Entity::update_many()
            .set(tenant::ActiveModel { state: Set(DISCARDED.to_owned()), ..Default::default() })
            .filter(tenant::Column::Id.eq(self.data.tenant.0))
            .filter(tenant::Column::State.eq(IMPORTING))
            .exec(&self.data.store.write)
            .await?;
        while self.discard_some().await? {}
        Ok(())
    }

    /// Takes some of it away. Says whether there is more.
    async fn discard_some(&self) -> Result<bool, Error> {
        let work = self.data.begin(&Cause::operator(), || 0).await?;
        // Whoever still writes an import holds the row, and finds out once it is let go.
        let row = tenant::Entity::find_by_id(self.data.tenant.0).lock(LockType::Update).one(&*work.transaction).await?;
        let Some(row) = row else { return work.roll_back().await.map(|()| false) };
        if row.state != DISCARDED {
            return Err(Error::Unusable(format!("{:?} is a tenant and nothing that an import has left", row.slug)));
        }
        let more = clear_some(&work).await?;
        if !more {
            tenant::Entity::delete_by_id(self.data.tenant.0).exec(&*work.transaction).await?;
        }
        work.commit().await?;
        Ok(more)
    }
}

/// Empties the first table that still has something. What refers to a row goes before it.
async fn clear_some(work: &Work) -> Result<bool, Error> {
    Ok(clear::<event::Entity>(work, event::Column::TenantId, ROWS).await?
        || clear::<call::Entity>(work, call::Column::TenantId, ROWS).await?
        || clear::<person_view::Entity>(work, person_view::Column::TenantId, ROWS).await?
        || clear::<access_token::Entity>(work, access_token::Column::TenantId, ROWS).await?
        || clear::<token::Entity>(work, token::Column::TenantId, ROWS).await?
        || clear::<client::Entity>(work, client::Column::TenantId, ROWS).await?
        || clear::<alarm::Entity>(work, alarm::Column::TenantId, ROWS).await?
        || clear::<removal::Entity>(work, removal::Column::TenantId, ROWS).await?
        || clear::<application_group::Entity>(work, application_group::Column::TenantId, ROWS).await?
        || clear::<sod_violation::Entity>(work, sod_violation::Column::TenantId, ROWS).await?
        || clear::<emergency_access::Entity>(work, emergency_access::Column::TenantId, ROWS).await?
        || clear::<timer::Entity>(work, timer::Column::TenantId, ROWS).await?
        || clear::<approver::Entity>(work, approver::Column::TenantId, ROWS).await?
        || clear::<request_item::Entity>(work, request_item::Column::TenantId, ROWS).await?
        || clear::<access_request::Entity>(work, access_request::Column::TenantId, ROWS).await?
        || clear::<reviewer::Entity>(work, reviewer::Column::TenantId, ROWS).await?
        || clear::<review_item::Entity>(work, review_item::Column::TenantId, ROWS).await?
        || clear::<campaign::Entity>(work, campaign::Column::TenantId, ROWS).await?
        || clear::<answer::Entity>(work, answer::Column::TenantId, ROWS).await?
        || clear::<notification::Entity>(work, notification::Column::TenantId, ROWS).await?
        || clear::<admin_role::Entity>(work, admin_role::Column::TenantId, ROWS).await?
        || clear::<suspension::Entity>(work, suspension::Column::TenantId, ROWS).await?
        || clear::<delegation::Entity>(work, delegation::Column::TenantId, ROWS).await?
        || clear::<rule::Entity>(work, rule::Column::TenantId, ROWS).await?
        || clear::<access_grant::Entity>(work, access_grant::Column::TenantId, ROWS).await?
        || clear::<entitlement::Entity>(work, entitlement::Column::TenantId, ROWS).await?
        || clear::<application::Entity>(work, application::Column::TenantId, ROWS).await?
        || clear::<org_node::Entity>(work, org_node::Column::TenantId, ROWS).await?
        || clear::<issuer::Entity>(work, issuer::Column::TenantId, ROWS).await?
        || clear::<member::Entity>(work, member::Column::TenantId, ROWS).await?
        || clear::<employment::Entity>(work, employment::Column::TenantId, ROWS).await?
        || clear::<resource_value::Entity>(work, resource_value::Column::TenantId, ROWS).await?
        || clear::<resource_count::Entity>(work, resource_count::Column::TenantId, ROWS).await?
        || clear::<resource::Entity>(work, resource::Column::TenantId, RESOURCES).await?
        || clear::<definition::Entity>(work, definition::Column::TenantId, ROWS).await?
        || clear::<profile::Entity>(work, profile::Column::TenantId, ROWS).await?)
}

/// Removes some rows of a table by their keys. Says whether there were any.
async fn clear<E>(work: &Work, tenant: E::Column, limit: u64) -> Result<bool, Error>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let rows = E::find().filter(tenant.eq(work.tenant.0)).limit(limit).all(&*work.transaction).await?;
    let columns: Vec<E::Column> = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
    let keys: Vec<ValueTuple> =
        rows.iter().map(|row| ValueTuple::Many(columns.iter().map(|column| row.get(*column)).collect())).collect();
    if keys.is_empty() {
        return Ok(false);
    }
    let key = Expr::tuple(columns.iter().map(|column| Expr::col(*column)));
    E::delete_many().filter(tenant.eq(work.tenant.0)).filter(key.in_tuples(keys)).exec(&*work.transaction).await?;
    Ok(true)
}
