//! Who answers for applications and entitlements.
//!
//! The owner does; if they are away or gone, their deputy; then who leads the unit that the application belongs to, or stands in
//! there; then the same of what that unit is part of. It is found out when it is asked: nobody has to hand anything over, what
//! somebody owned is theirs again when they come back, and where nobody is left that is seen.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{org_node, resource};
use scim::{Document, schema::Container};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::LockType,
};
use uuid::Uuid;

use crate::{
    Application, Entitlement, Error, TenantId, TenantStore, Work, applications, grants::PEOPLE,
    resources::ROWS_PER_STATEMENT,
};

impl TenantStore {
    /// Who answers for each of these applications; those that nobody answers for are left out.
    pub async fn owners(&self, applications: &[Application]) -> Result<HashMap<Uuid, Uuid>, Error> {
        owners(&self.store.read, self.tenant, applications).await
    }

    /// Who answers for each of these entitlements, by their groups; those that nobody answers for are left out.
    pub async fn owners_of(&self, entitlements: &[Entitlement]) -> Result<HashMap<Uuid, Uuid>, Error> {
        owners_of(&self.store.read, self.tenant, entitlements).await
    }

    /// Which of these users are there and active.
    pub async fn active_among(&self, users: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        active_among(&self.store.read, self.tenant, users).await
    }

    /// The names of these users. Who is not there is left out.
    pub async fn names_of_people(&self, users: &[Uuid]) -> Result<HashMap<Uuid, Option<String>>, Error> {
        let users = distinct(users.iter().copied());
        let mut names = HashMap::with_capacity(users.len());
        for ids in users.chunks(ROWS_PER_STATEMENT) {
            let select = resource::Entity::find()
                .select_only()
                .columns([resource::Column::Id, resource::Column::Display])
                .filter(resource::Column::TenantId.eq(self.tenant.0))
                .filter(resource::Column::Kind.eq(PEOPLE))
                .filter(resource::Column::Id.is_in(ids.iter().copied()))
                .build(self.store.backend());
            names.extend(self.store.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?);
        }
        Ok(names)
    }
}

impl Work {
    /// Who of these users is there and active. That stays so until the end of the work.
    pub(crate) async fn there_among(&self, users: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        self.hold_people(users).await?;
        self.active_among(users).await
    }

    /// Holds these users, whether they are active or not, as they are until the end of the work. [`Error::Conflict`] if one of them
    /// has been deleted since they were looked up.
    pub(crate) async fn hold_people(&self, users: &[Uuid]) -> Result<(), Error> {
        // On SQLite nobody else writes meanwhile.
        if self.backend() != DatabaseBackend::Postgres {
            return Ok(());
        }
        for ids in users.chunks(ROWS_PER_STATEMENT) {
            let hold = resource::Entity::find()
                .select_only()
                .column(resource::Column::Id)
                .filter(resource::Column::TenantId.eq(self.tenant.0))
                .filter(resource::Column::Kind.eq(PEOPLE))
                .filter(resource::Column::Id.is_in(ids.iter().copied()))
                .lock(LockType::Share)
                .build(self.backend());
            if self.transaction.rows(hold, |_| Ok(())).await?.len() < ids.len() {
                return Err(Error::Conflict);
            }
        }
        Ok(())
    }

    /// Who answers for an entitlement, if anybody does.
    pub async fn owner_of(&self, entitlement: &Entitlement) -> Result<Option<Uuid>, Error> {
        let one = std::slice::from_ref(entitlement);
        Ok(owners_of(&*self.transaction, self.tenant, one).await?.remove(&entitlement.group))
    }

    /// Who answers for each of these entitlements, by their groups; those that nobody answers for are left out.
    pub async fn owners_of(&self, entitlements: &[Entitlement]) -> Result<HashMap<Uuid, Uuid>, Error> {
        owners_of(&*self.transaction, self.tenant, entitlements).await
    }

    /// Which of these users are there and active.
    pub async fn active_among(&self, users: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        active_among(&*self.transaction, self.tenant, users).await
    }
}

async fn owners(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    applications: &[Application],
) -> Result<HashMap<Uuid, Uuid>, Error> {
    let lines = lines(connection, tenant, applications).await?;
    first_active(connection, tenant, lines).await
}

async fn owners_of(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    entitlements: &[Entitlement],
) -> Result<HashMap<Uuid, Uuid>, Error> {
    let ids: Vec<Uuid> = distinct(entitlements.iter().map(|entitlement| entitlement.application));
    let applications = applications::among(connection, tenant, &ids).await?;
    let lines: HashMap<Uuid, Vec<Uuid>> = lines(connection, tenant, &applications).await?.into_iter().collect();
    let line = |entitlement: &Entitlement| {
        let behind = lines.get(&entitlement.application).into_iter().flatten().copied();
        (entitlement.group, entitlement.terms.owner.into_iter().chain(behind).collect())
    };
    first_active(connection, tenant, entitlements.iter().map(line).collect()).await
}

/// Who answers for each application, the first one first.
async fn lines(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    applications: &[Application],
) -> Result<Vec<(Uuid, Vec<Uuid>)>, Error> {
    let units = distinct(applications.iter().filter_map(|application| application.unit));
    let nodes = with_those_above(connection, tenant, units).await?;
    let line = |application: &Application| {
        let mut line: Vec<Uuid> = [application.owner, application.deputy].into_iter().flatten().collect();
        let (mut next, mut seen) = (application.unit, HashSet::new());
        while let Some(node) = next.filter(|id| seen.insert(*id)).and_then(|id| nodes.get(&id)) {
            line.extend([node.head_id, node.deputy_id].into_iter().flatten());
            next = node.parent_id;
        }
        (application.id, line)
    };
    Ok(applications.iter().map(line).collect())
}

/// These nodes, and whatever they are part of: a look for each level.
async fn with_those_above(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    mut wanted: Vec<Uuid>,
) -> Result<HashMap<Uuid, org_node::Model>, Error> {
    let mut found: HashMap<Uuid, org_node::Model> = HashMap::new();
    while !wanted.is_empty() {
        let mut above = BTreeSet::new();
        for ids in wanted.chunks(ROWS_PER_STATEMENT) {
            let nodes = org_node::Entity::find()
                .filter(org_node::Column::TenantId.eq(tenant.0))
                .filter(org_node::Column::Id.is_in(ids.iter().copied()))
                .all(connection)
                .await?;
            above.extend(nodes.iter().filter_map(|node| node.parent_id));
            found.extend(nodes.into_iter().map(|node| (node.id, node)));
        }
        wanted = above.into_iter().filter(|id| !found.contains_key(id)).collect();
    }
    Ok(found)
}

/// The first of each line who is there and active.
async fn first_active(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    lines: Vec<(Uuid, Vec<Uuid>)>,
) -> Result<HashMap<Uuid, Uuid>, Error> {
    let people = distinct(lines.iter().flat_map(|(_, line)| line.iter().copied()));
    let active = active_among(connection, tenant, &people).await?;
    let first = |line: &[Uuid]| line.iter().copied().find(|user| active.contains(user));
    Ok(lines.into_iter().filter_map(|(id, line)| Some((id, first(&line)?))).collect())
}

async fn active_among(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    users: &[Uuid],
) -> Result<HashSet<Uuid>, Error> {
    let mut active = HashSet::with_capacity(users.len());
    for ids in users.chunks(ROWS_PER_STATEMENT) {
        let rows = resource::Entity::find()
            .filter(resource::Column::TenantId.eq(tenant.0))
            .filter(resource::Column::Kind.eq(PEOPLE))
            .filter(resource::Column::Id.is_in(ids.iter().copied()))
            .all(connection)
            .await?;
        for row in rows {
            let damaged = |error| Error::Damaged(format!("the document of {}: {error}", row.id));
            let document = Document::from_stored(serde_json::from_str(&row.document).map_err(damaged)?);
            if document.get(Container::Root, "active") != Some(&false.into()) {
                active.insert(row.id);
            }
        }
    }
    Ok(active)
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    ids.collect::<BTreeSet<Uuid>>().into_iter().collect()
}
