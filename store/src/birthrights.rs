//! What rules are applied to: where people work, in the tree, and what rules have given them.

use std::collections::{HashMap, HashSet};

use entity::{access_grant, org_node, resource};
use rights::grant::Source;
use scim::schema::ResourceType;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Order, Query},
};
use uuid::Uuid;

use crate::{
    AccessGrant, Error, Stored, TenantId, TenantStore, Work, grants,
    resources::{COLUMNS, ROWS_PER_STATEMENT},
};

/// How far up a unit is looked for; a circle would end it too.
const MAX_DEPTH: usize = 32;

/// Units by their codes, each with those that it is part of, the nearest first.
pub type Paths = HashMap<String, Vec<Uuid>>;

impl TenantStore {
    /// Where units of these codes lie. Codes that no unit has are left out.
    pub async fn paths(&self, codes: &[String]) -> Result<Paths, Error> {
        paths(&self.store.read, self.tenant, codes).await
    }

    /// What rules have given people and has not ended.
    pub async fn given_by_rules(&self, users: &[Uuid]) -> Result<Vec<AccessGrant>, Error> {
        given_by_rules(&self.store.read, self.tenant, users).await
    }

    /// Resources of a type behind that one, in the order of ids.
    pub async fn resources_after(
        &self,
        kind: &ResourceType,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Stored>, Error> {
        let behind = after.map(|id| resource::Column::Id.gt(id));
        let select = Query::select()
            .columns(COLUMNS)
            .from(resource::Entity)
            .and_where(resource::Column::TenantId.eq(self.tenant.0))
            .and_where(resource::Column::Kind.eq(kind.name.as_str()))
            .cond_where(Condition::all().add_option(behind))
            .order_by(resource::Column::Id, Order::Asc)
            .limit(limit)
            .take();
        let select = self.store.backend().build(&select);
        self.store.read.rows(select, |row| Ok(Stored::read(row, false)?.0)).await
    }
}

impl Work {
    /// Where units of these codes lie. Codes that no unit has are left out.
    pub async fn paths(&self, codes: &[String]) -> Result<Paths, Error> {
        paths(&*self.transaction, self.tenant, codes).await
    }

    /// What rules have given people and has not ended.
    pub async fn given_by_rules(&self, users: &[Uuid]) -> Result<Vec<AccessGrant>, Error> {
        given_by_rules(&*self.transaction, self.tenant, users).await
    }

    /// What somebody was given because it was asked for, or by an administrator's hand, and has not ended: what is to be
    /// looked at again when they move.
    pub async fn asked_for(&self, user: Uuid) -> Result<Vec<AccessGrant>, Error> {
        let wanted = [Source::Request, Source::Administrator].map(Source::word);
        live_of(&*self.transaction, self.tenant, &[user], &wanted).await
    }
}

async fn given_by_rules(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    users: &[Uuid],
) -> Result<Vec<AccessGrant>, Error> {
    live_of(connection, tenant, users, &[Source::Rule.word()]).await
}

async fn live_of(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    users: &[Uuid],
    sources: &[&str],
) -> Result<Vec<AccessGrant>, Error> {
    use access_grant::Column;
    let mut live = Vec::new();
    for users in users.chunks(ROWS_PER_STATEMENT) {
        let rows = access_grant::Entity::find()
            .filter(Column::TenantId.eq(tenant.0))
            .filter(Column::UserId.is_in(users.iter().copied()))
            .filter(Column::Source.is_in(sources.iter().copied()))
            .filter(Column::Ended.is_null())
            .all(connection)
            .await?;
        for row in rows {
            live.push(grants::read(row)?);
        }
    }
    live.sort_by_key(|grant| grant.id);
    Ok(live)
}

/// Level by level upwards: the tree is not deep, and few units are looked for at once.
async fn paths(connection: &impl ConnectionTrait, tenant: TenantId, codes: &[String]) -> Result<Paths, Error> {
    let mut found: Vec<(String, Uuid)> = Vec::new();
    let mut parents: HashMap<Uuid, Option<Uuid>> = HashMap::new();
    for codes in codes.chunks(ROWS_PER_STATEMENT) {
        let rows = org_node::Entity::find()
            .filter(org_node::Column::TenantId.eq(tenant.0))
            .filter(org_node::Column::Code.is_in(codes))
            .all(connection)
            .await?;
        for row in rows {
            parents.insert(row.id, row.parent_id);
            found.push((row.code, row.id));
        }
    }
    for _ in 0..MAX_DEPTH {
        let missing: HashSet<Uuid> =
            parents.values().flatten().filter(|id| !parents.contains_key(id)).copied().collect();
        if missing.is_empty() {
            break;
        }
        let missing: Vec<Uuid> = missing.into_iter().collect();
        for ids in missing.chunks(ROWS_PER_STATEMENT) {
            let rows = org_node::Entity::find()
                .filter(org_node::Column::TenantId.eq(tenant.0))
                .filter(org_node::Column::Id.is_in(ids.iter().copied()))
                .all(connection)
                .await?;
            // One that is not there is not looked for again.
            parents.extend(ids.iter().map(|id| (*id, None)));
            parents.extend(rows.into_iter().map(|row| (row.id, row.parent_id)));
        }
    }
    let path = |id: Uuid| {
        let above = std::iter::successors(Some(id), |at| parents.get(at).copied().flatten());
        above.take(MAX_DEPTH).collect::<Vec<_>>()
    };
    Ok(found.into_iter().map(|(code, id)| (code, path(id))).collect())
}
