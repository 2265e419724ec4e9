//! Delegations: who stands in for whom, and when.

use std::collections::BTreeSet;

use entity::delegation;
use rights::{
    Instant, UserId,
    delegation::{Delegation, Duty},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Action, Changes, Deed, Error, TenantStore, Work};

/// What the log calls a delegation.
const DELEGATION: &str = "Delegation";

/// A delegation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessDelegation {
    /// Its id.
    pub id: Uuid,
    /// The delegation as the rules know it.
    pub delegation: Delegation,
    /// Why, as whoever is away says.
    pub reason: Option<String>,
    /// Who cancelled it.
    pub ended_by: Option<Deed>,
}

/// What stands in a row beside what is looked up.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    duties: BTreeSet<Duty>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_by: Option<Deed>,
}

impl TenantStore {
    /// Delegations behind that one, the oldest first: those by or to somebody, or all.
    pub async fn delegations(
        &self,
        of: Option<Uuid>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<AccessDelegation>, Error> {
        let rows = delegation::Entity::find()
            .filter(delegation::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(of.map(|user| either(&[user]))))
            .filter(Condition::all().add_option(after.map(|id| delegation::Column::Id.gt(id))))
            .order_by_asc(delegation::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The delegation of that id.
    pub async fn delegation(&self, id: Uuid) -> Result<Option<AccessDelegation>, Error> {
        delegation::Entity::find_by_id((self.tenant.0, id)).one(&self.store.read).await?.map(read).transpose()
    }

    /// Delegations to these people, or by them, that are in force at an instant in milliseconds since 1970.
    pub async fn delegations_in_force(&self, people: &[Uuid], now: i64) -> Result<Vec<Delegation>, Error> {
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let rows = delegation::Entity::find()
            .filter(delegation::Column::TenantId.eq(self.tenant.0))
            .filter(either(people))
            .filter(delegation::Column::Ends.gt(now))
            .filter(delegation::Column::Starts.lte(now))
            .filter(delegation::Column::Cancelled.is_null())
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(|row| Ok(read(row)?.delegation)).collect()
    }
}

impl Work {
    /// Delegations to or by these people that are not over. Whoever makes one holds both people.
    pub async fn delegations_not_over(&self, people: &[Uuid]) -> Result<Vec<AccessDelegation>, Error> {
        let rows = delegation::Entity::find()
            .filter(delegation::Column::TenantId.eq(self.tenant.0))
            .filter(either(people))
            .filter(delegation::Column::Ends.gt(self.now))
            .filter(delegation::Column::Cancelled.is_null())
            .all(&*self.transaction)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The delegation of that id, held against other writers.
    pub async fn lock_delegation(&self, id: Uuid) -> Result<Option<AccessDelegation>, Error> {
        let row = delegation::Entity::find_by_id((self.tenant.0, id))
            .lock(sea_orm::sea_query::LockType::NoKeyUpdate)
            .one(&*self.transaction)
            .await?;
        row.map(read).transpose()
    }

    /// Writes a new delegation.
    pub async fn create_delegation(&self, new: &AccessDelegation) -> Result<(), Error> {
        delegation::Entity::insert(row(self.tenant.0, new)?).exec_without_returning(&*self.transaction).await?;
        let changes = Changes { added: vec![new.delegation.delegate.0], ..Changes::default() };
        self.record(Action::Created, DELEGATION, new.id, 1, &changes).await
    }

    /// Writes that one was cancelled.
    pub async fn end_delegation(&self, ended: &AccessDelegation) -> Result<(), Error> {
        delegation::Entity::update_many()
            .set(row(self.tenant.0, ended)?)
            .filter(delegation::Column::TenantId.eq(self.tenant.0))
            .filter(delegation::Column::Id.eq(ended.id))
            .exec(&*self.transaction)
            .await?;
        let changes = Changes { removed: vec![ended.delegation.delegate.0], ..Changes::default() };
        self.record(Action::Changed, DELEGATION, ended.id, 2, &changes).await
    }
}

fn either(people: &[Uuid]) -> Condition {
    Condition::any()
        .add(delegation::Column::DelegatorId.is_in(people.iter().copied()))
        .add(delegation::Column::DelegateId.is_in(people.iter().copied()))
}

pub(crate) fn row(tenant: i64, stored: &AccessDelegation) -> Result<delegation::ActiveModel, Error> {
    let AccessDelegation { id, delegation, reason, ended_by } = stored.clone();
    let content = Content { duties: delegation.duties, reason, ended_by };
    Ok(delegation::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(id),
        delegator_id: Set(delegation.delegator.0),
        delegate_id: Set(delegation.delegate.0),
        starts: Set(delegation.from.millis()),
        ends: Set(delegation.until.millis()),
        cancelled: Set(delegation.cancelled.map(Instant::millis)),
        content: Set(serde_json::to_string(&content).map_err(|error| Error::Damaged(error.to_string()))?),
    })
}

pub(crate) fn read(row: delegation::Model) -> Result<AccessDelegation, Error> {
    let Content { duties, reason, ended_by } = serde_json::from_str(&row.content)
        .map_err(|error| Error::Damaged(format!("the content of delegation {}: {error}", row.id)))?;
    let delegation = Delegation {
        delegator: UserId(row.delegator_id),
        delegate: UserId(row.delegate_id),
        duties,
        from: Instant::from_millis(row.starts),
        until: Instant::from_millis(row.ends),
        cancelled: row.cancelled.map(Instant::from_millis),
    };
    Ok(AccessDelegation { id: row.id, delegation, reason, ended_by })
}
