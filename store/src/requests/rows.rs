//! The rows of requests, of their items, and of who decides about these.

use std::collections::{BTreeMap, BTreeSet};

use entity::{access_request, approver, request_item};
use rights::{
    Instant, UserId,
    request::{Item, Overall},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockBehavior, LockType},
};
use uuid::Uuid;

use crate::{
    Error, TenantStore, Work,
    requests::{AccessRequest, RequestItem, RequestNumber},
    together::Together,
};

/// How many open items are taken at once.
const OPEN: u64 = 200;

pub(crate) fn request(tenant: i64, request: &AccessRequest) -> Result<access_request::ActiveModel, Error> {
    let content = serde_json::to_string(&request.texts).map_err(|error| Error::Damaged(error.to_string()))?;
    Ok(access_request::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(request.id),
        number: Set(request.number.0),
        requester_id: Set(request.requester),
        subject_id: Set(request.subject),
        state: Set(request.state.word().to_owned()),
        created: Set(request.created),
        content: Set(content),
    })
}

pub(crate) fn read_request(row: access_request::Model) -> Result<AccessRequest, Error> {
    let damaged = |what: &str| Error::Damaged(format!("the {what} of request {}", row.id));
    Ok(AccessRequest {
        number: RequestNumber(row.number),
        state: Overall::from_word(&row.state).ok_or_else(|| damaged("state"))?,
        texts: serde_json::from_str(&row.content).map_err(|_| damaged("content"))?,
        id: row.id,
        requester: row.requester_id,
        subject: row.subject_id,
        created: row.created,
    })
}

pub(crate) fn item(tenant: i64, one: &RequestItem) -> Result<request_item::ActiveModel, Error> {
    let content = serde_json::to_string(&one.item).map_err(|error| Error::Damaged(error.to_string()))?;
    Ok(request_item::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(one.id),
        request_id: Set(one.request),
        requester_id: Set(one.item.requester.0),
        subject_id: Set(one.item.subject.0),
        group_id: Set(one.item.entitlement.0),
        kind: Set(one.kind().to_owned()),
        state: Set(one.item.state.word().to_owned()),
        grant_id: Set(one.grant),
        ended: Set(one.item.ended.map(Instant::millis)),
        content: Set(content),
        version: Set(one.version),
    })
}

pub(crate) fn read_item(row: request_item::Model) -> Result<RequestItem, Error> {
    let item: Item = serde_json::from_str(&row.content)
        .map_err(|error| Error::Damaged(format!("the content of request item {}: {error}", row.id)))?;
    Ok(RequestItem { id: row.id, request: row.request_id, item, grant: row.grant_id, version: row.version })
}

/// Everybody who decides about an item or has had to, and whether it is their turn.
pub(crate) fn approvers(item: &Item) -> BTreeMap<Uuid, bool> {
    let waiting: BTreeSet<UserId> = item.waiting_for();
    let mut all = BTreeMap::new();
    for task in item.tasks.iter().chain(&item.void) {
        let voters = task.votes.iter().flat_map(|vote| [vote.voter, vote.seat()]);
        let replaced = task.changes.iter().filter_map(|change| change.from);
        for person in task.approvers.iter().copied().chain(voters).chain(replaced) {
            all.insert(person.0, waiting.contains(&person));
        }
    }
    all
}

pub(crate) fn approver_row(tenant: i64, item: Uuid, user: Uuid, waits: bool) -> approver::ActiveModel {
    approver::ActiveModel { tenant_id: Set(tenant), user_id: Set(user), item_id: Set(item), waits: Set(waits) }
}

impl Work {
    /// Writes who decides about an item, as far as that has changed.
    pub(super) fn write_approvers(&self, together: &mut Together, before: Option<&RequestItem>, after: &RequestItem) {
        use approver::Column;

        let known = before.map(|before| approvers(&before.item)).unwrap_or_default();
        let changed = approvers(&after.item).into_iter().filter(|(user, waits)| known.get(user) != Some(waits));
        let rows: Vec<_> = changed.map(|(user, waits)| approver_row(self.tenant.0, after.id, user, waits)).collect();
        together.upsert(rows, &[Column::TenantId, Column::UserId, Column::ItemId], &[Column::Waits]);
    }

    /// Open items by or for somebody, held, some at a time and in the order of ids.
    pub async fn lock_open_items_of(&self, person: Uuid, after: Option<Uuid>) -> Result<Vec<RequestItem>, Error> {
        let of = Condition::any()
            .add(request_item::Column::SubjectId.eq(person))
            .add(request_item::Column::RequesterId.eq(person));
        self.lock_open(of, after).await
    }

    /// Open items of a group, held, some at a time and in the order of ids.
    pub async fn lock_open_items_for(&self, group: Uuid, after: Option<Uuid>) -> Result<Vec<RequestItem>, Error> {
        self.lock_open(Condition::all().add(request_item::Column::GroupId.eq(group)), after).await
    }

    /// Open items about these grants of a group, held, but for those that somebody else holds.
    pub(super) async fn open_items_about(&self, group: Uuid, grants: &[Uuid]) -> Result<Vec<RequestItem>, Error> {
        let mut select = request_item::Entity::find()
            .filter(request_item::Column::TenantId.eq(self.tenant.0))
            .filter(request_item::Column::GroupId.eq(group))
            .filter(request_item::Column::GrantId.is_in(grants.iter().copied()))
            .filter(request_item::Column::Ended.is_null())
            .order_by_asc(request_item::Column::Id);
        if !self.is_at_once() {
            select = select.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
        }
        select.all(&*self.transaction).await?.into_iter().map(read_item).collect()
    }

    async fn lock_open(&self, these: Condition, after: Option<Uuid>) -> Result<Vec<RequestItem>, Error> {
        let rows = request_item::Entity::find()
            .filter(request_item::Column::TenantId.eq(self.tenant.0))
            .filter(request_item::Column::Ended.is_null())
            .filter(these)
            .filter(Condition::all().add_option(after.map(|id| request_item::Column::Id.gt(id))))
            .order_by_asc(request_item::Column::Id)
            .limit(OPEN)
            .lock(LockType::NoKeyUpdate)
            .all(&*self.transaction)
            .await?;
        rows.into_iter().map(read_item).collect()
    }
}

impl TenantStore {
    /// Items that wait for somebody, some at a time and in the order of ids.
    pub async fn items_waiting_behind(&self, person: Uuid, after: Option<Uuid>) -> Result<Vec<Uuid>, Error> {
        let rows = approver::Entity::find()
            .filter(approver::Column::TenantId.eq(self.tenant.0))
            .filter(approver::Column::UserId.eq(person))
            .filter(approver::Column::Waits.eq(true))
            .filter(Condition::all().add_option(after.map(|id| approver::Column::ItemId.gt(id))))
            .order_by_asc(approver::Column::ItemId)
            .limit(OPEN)
            .all(&self.store.read)
            .await?;
        Ok(rows.into_iter().map(|row| row.item_id).collect())
    }
}
