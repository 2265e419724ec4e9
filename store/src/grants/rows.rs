//! The rows of grants.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering,
};

use entity::{access_grant, member};
use rights::{
    Instant,
    grant::{Grant, State},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Error, Row, Work,
    grants::{AccessGrant, Deed, Prolonged},
    resources::ROWS_PER_STATEMENT,
    together::Together,
};

/// What stands in a row beside what is looked up.
#[derive(Serialize, Deserialize)]
struct Content {
    grant: Grant,
    given: Deed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken: Option<Deed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    predecessor: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    prolonged: Vec<Prolonged>,
}

impl AccessGrant {
    /// A grant from what stands in its row.
    pub(crate) fn read(id: Uuid, source_id: Option<Uuid>, content: &str, version: i64) -> Result<Self, Error> {
        let Content { grant, given, taken, predecessor, prolonged } = serde_json::from_str(content)
            .map_err(|error| Error::Damaged(format!("the content of grant {id}: {error}")))?;
        Ok(Self { id, grant, source_id, given, taken, predecessor, prolonged, version })
    }
}

impl Work {
    pub(super) async fn write_grants(&self, grants: &[AccessGrant]) -> Result<(), Error> {
        let mut together = self.together();
        self.plan_grants(&mut together, grants)?;
        together.run_whole(self).await
    }

    /// Plans to write grants, new ones and changed ones.
    pub(super) fn plan_grants(&self, together: &mut Together, grants: &[AccessGrant]) -> Result<(), Error> {
        use access_grant::Column;
        if !grants.is_empty() {
            self.granted.store(true, Ordering::Relaxed);
        }
        let rows = |grants: Vec<&AccessGrant>| -> Result<Vec<_>, Error> {
            grants.into_iter().map(|grant| row(self.tenant.0, grant)).collect()
        };
        let (waiting, others) = grants.iter().partition(|grant| matches!(grant.grant.state, State::Suspended { .. }));
        let always = [Column::State, Column::Ends, Column::ReturnBy, Column::Content, Column::Version];
        let indexed = [Column::Activated, Column::Ended, Column::Reason];
        // Who waits is found as before: nothing that an index knows of them changes, and SQLite writes anew what is named.
        together.upsert(rows(waiting)?, &[Column::TenantId, Column::Id], &always);
        together.upsert(rows(others)?, &[Column::TenantId, Column::Id], &[&always[..], &indexed].concat());
        Ok(())
    }

    /// Writes that grants were looked at and stay, which changes nothing else of them. Their groups must be held.
    pub async fn certify(&self, grants: &[AccessGrant]) -> Result<(), Error> {
        self.write_grants(grants).await
    }

    /// What people were granted of a group and has not ended.
    pub async fn live_grants(&self, group: Uuid, users: &[Uuid]) -> Result<Vec<AccessGrant>, Error> {
        let mut live = Vec::new();
        for users in users.chunks(ROWS_PER_STATEMENT) {
            live.extend(self.live(group, Some(users)).await?);
        }
        Ok(live)
    }

    /// The same of some people, or of whomever, so many as one statement carries.
    pub(super) async fn live(&self, group: Uuid, users: Option<&[Uuid]>) -> Result<Vec<AccessGrant>, Error> {
        let these = users.map(|users| access_grant::Column::UserId.is_in(users.iter().copied()));
        let limit = if users.is_some() { None } else { Some(ROWS_PER_STATEMENT as u64) };
        let live = whole()
            .filter(access_grant::Column::TenantId.eq(self.tenant.0))
            .filter(access_grant::Column::GroupId.eq(group))
            .filter(access_grant::Column::Ended.is_null())
            .filter(Condition::all().add_option(these))
            .limit(limit)
            .build(self.backend());
        self.transaction.rows(live, read_whole).await
    }

    /// Of each of these people the grant of a group that ended last.
    pub(super) async fn last_grants(&self, group: Uuid, users: &[Uuid]) -> Result<HashMap<Uuid, AccessGrant>, Error> {
        let mut last = HashMap::new();
        for users in users.chunks(ROWS_PER_STATEMENT) {
            let rows = access_grant::Entity::find()
                .filter(access_grant::Column::TenantId.eq(self.tenant.0))
                .filter(access_grant::Column::GroupId.eq(group))
                .filter(access_grant::Column::UserId.is_in(users.iter().copied()))
                .filter(access_grant::Column::Ended.is_not_null())
                .order_by_asc(access_grant::Column::Ended)
                .order_by_asc(access_grant::Column::Id)
                .all(&*self.transaction)
                .await?;
            for row in rows {
                last.insert(row.user_id, read(row)?);
            }
        }
        Ok(last)
    }

    /// Which of these are members of a group.
    pub async fn members_among(&self, group: Uuid, ids: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        let mut present = HashSet::new();
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let select = member::Entity::find()
                .select_only()
                .column(member::Column::MemberId)
                .filter(member::Column::TenantId.eq(self.tenant.0))
                .filter(member::Column::GroupId.eq(group))
                .filter(member::Column::MemberId.is_in(ids.iter().copied()))
                .build(self.backend());
            present.extend(self.transaction.rows(select, |row| row.get::<Uuid>(0)).await?);
        }
        Ok(present)
    }

    /// The grant of that id. Its group must be held if it is to be changed.
    pub async fn grant(&self, id: Uuid) -> Result<Option<AccessGrant>, Error> {
        access_grant::Entity::find_by_id((self.tenant.0, id)).one(&*self.transaction).await?.map(read).transpose()
    }

    /// Whether anybody ever was granted a group.
    pub async fn was_granted(&self, group: Uuid) -> Result<bool, Error> {
        let any = access_grant::Entity::find()
            .filter(access_grant::Column::TenantId.eq(self.tenant.0))
            .filter(access_grant::Column::GroupId.eq(group))
            .limit(1)
            .all(&*self.transaction)
            .await?;
        Ok(!any.is_empty())
    }
}

/// What [`read_whole`] reads.
pub(super) fn whole() -> Select<access_grant::Entity> {
    use access_grant::Column;
    access_grant::Entity::find().select_only().columns([Column::Id, Column::SourceId, Column::Content, Column::Version])
}

pub(super) fn read_whole(row: &Row<'_>) -> Result<AccessGrant, Error> {
    AccessGrant::read(row.get(0)?, row.get(1)?, &row.text(2)?.unwrap_or_default(), row.get(3)?)
}

pub(crate) fn row(tenant: i64, stored: &AccessGrant) -> Result<access_grant::ActiveModel, Error> {
    let AccessGrant { grant, given, taken, predecessor, prolonged, .. } = stored.clone();
    let (ended, reason) = match grant.state {
        State::Ended { at, reason } => (Some(at.millis()), Some(reason.word().to_owned())),
        _ => (None, None),
    };
    let return_by = match grant.state {
        State::Suspended { return_by } => return_by.map(Instant::millis),
        _ => None,
    };
    Ok(access_grant::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(stored.id),
        user_id: Set(grant.user.0),
        group_id: Set(grant.entitlement.0),
        source: Set(grant.source.word().to_owned()),
        source_id: Set(stored.source_id),
        state: Set(grant.state.word().to_owned()),
        starts: Set(grant.from.millis()),
        ends: Set(grant.until.map(Instant::millis)),
        activated: Set(grant.activated.map(Instant::millis)),
        ended: Set(ended),
        reason: Set(reason),
        return_by: Set(return_by),
        client_id: Set(given.client),
        version: Set(stored.version),
        content: Set(serde_json::to_string(&Content { grant, given, taken, predecessor, prolonged })
            .map_err(|error| Error::Damaged(error.to_string()))?),
    })
}

pub(crate) fn read(row: access_grant::Model) -> Result<AccessGrant, Error> {
    AccessGrant::read(row.id, row.source_id, &row.content, row.version)
}
