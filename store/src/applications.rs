//! Applications: programs for people, which read who belongs to their groups.

use std::collections::HashSet;

use entity::{application, application_group, client, resource};
use scim::schema::ResourceType;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, sea_query::LockType,
};
use uuid::Uuid;

use crate::{
    Action, Bounds, Changes, Error, GroupRef, Store, TenantId, TenantStore, Work, resources::ROWS_PER_STATEMENT,
};

/// What the log calls an application.
const APPLICATION: &str = "Application";

/// Whether an application is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationState {
    /// It is.
    Active,
    /// It is no more: its clients see nothing.
    Retired,
}

impl ApplicationState {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::Active, Self::Retired];

    /// The word that is stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its id.
    pub id: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is in use.
    pub state: ApplicationState,
    /// The attributes of users that it may see, as paths.
    pub released: Vec<String>,
    /// The user who answers for it.
    pub owner: Option<Uuid>,
    /// The user who stands in for the owner.
    pub deputy: Option<Uuid>,
    /// The organisation unit that it belongs to.
    pub unit: Option<Uuid>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// To which application a group belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// To this one, from now on.
    Now,
    /// To this one, as before.
    Before,
    /// To another one.
    Elsewhere,
    /// There is no such group.
    Nowhere,
}

impl Store {
    /// The application that a client reads for.
    pub(crate) async fn application_of(&self, client: &client::Model) -> Result<Option<Application>, Error> {
        let Some(id) = client.application_id else { return Ok(None) };
        application::Entity::find_by_id((client.tenant_id, id)).one(&self.read).await?.map(read).transpose()
    }
}

impl TenantStore {
    /// Applications within bounds behind that one, the oldest first.
    pub async fn applications(
        &self,
        bounds: &Bounds,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Application>, Error> {
        let behind = after.map(|id| application::Column::Id.gt(id));
        let within = bounds.applications(self.tenant, application::Column::Id.into_expr());
        let rows = application::Entity::find()
            .filter(application::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(behind).add_option(within))
            .order_by_asc(application::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The application of that id, if it is within bounds.
    pub async fn application(&self, id: Uuid, bounds: &Bounds) -> Result<Option<Application>, Error> {
        let within = bounds.applications(self.tenant, application::Column::Id.into_expr());
        let row = application::Entity::find_by_id((self.tenant.0, id))
            .filter(Condition::all().add_option(within))
            .one(&self.store.read)
            .await?;
        row.map(read).transpose()
    }

    /// The applications of those ids. Ids that do not exist are left out.
    pub async fn applications_among(&self, ids: &[Uuid]) -> Result<Vec<Application>, Error> {
        among(&self.store.read, self.tenant, ids).await
    }

    /// The applications that name somebody as their owner or deputy.
    pub async fn applications_answered_by(&self, user: Uuid) -> Result<Vec<Application>, Error> {
        use application::Column;
        let rows = application::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Condition::any().add(Column::OwnerId.eq(user)).add(Column::DeputyId.eq(user)))
            .order_by_asc(Column::Id)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The application of that code.
    pub async fn application_by_code(&self, code: &str) -> Result<Option<Application>, Error> {
        let row = application::Entity::find()
            .filter(application::Column::TenantId.eq(self.tenant.0))
            .filter(application::Column::Code.eq(code))
            .one(&self.store.read)
            .await?;
        row.map(read).transpose()
    }

    /// Groups of an application behind that one, in the order of ids, with their names.
    pub async fn groups_of_application(
        &self,
        application: Uuid,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<(Uuid, Option<String>)>, Error> {
        let groups = application_group::Entity::find()
            .select_only()
            .columns([application_group::Column::GroupId, application_group::Column::GroupKind])
            .filter(of(self.tenant, application))
            .filter(Condition::all().add_option(after.map(|id| application_group::Column::GroupId.gt(id))))
            .order_by_asc(application_group::Column::GroupId)
            .limit(limit)
            .build(self.store.backend());
        let rows: Vec<(Uuid, String)> = self.store.read.rows(groups, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let ids = rows.iter().map(|(id, _)| *id);
        let names = resource::Entity::find()
            .select_only()
            .columns([resource::Column::Id, resource::Column::Display])
            .filter(resource::Column::TenantId.eq(self.tenant.0))
            .filter(resource::Column::Kind.is_in(rows.iter().map(|(_, kind)| kind.as_str())))
            .filter(resource::Column::Id.is_in(ids))
            .order_by_asc(resource::Column::Id)
            .build(self.store.backend());
        self.store.read.rows(names, |row| Ok((row.get(0)?, row.get(1)?))).await
    }

    /// The same data as clients of an application see them: its groups and who is in them.
    #[must_use]
    pub fn seen_by(mut self, application: Uuid) -> Self {
        self.application = Some(application);
        self
    }

    /// For which application data are seen, if it is for one.
    pub fn application_id(&self) -> Option<Uuid> {
        self.application
    }

    /// Leaves of groups that resources are in those that may be seen.
    pub(crate) async fn leave_seen<'g>(
        &self,
        groups: impl IntoIterator<Item = &'g mut Vec<GroupRef>>,
    ) -> Result<(), Error> {
        let Some(application) = self.application else { return Ok(()) };
        let mut groups: Vec<&mut Vec<GroupRef>> = groups.into_iter().collect();
        let ids: HashSet<Uuid> = groups.iter().flat_map(|list| list.iter().map(|group| group.id)).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let mut seen = HashSet::new();
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let found: Vec<Uuid> = application_group::Entity::find()
                .select_only()
                .column(application_group::Column::GroupId)
                .filter(of(self.tenant, application))
                .filter(application_group::Column::GroupId.is_in(ids.iter().copied()))
                .into_tuple()
                .all(&self.store.read)
                .await?;
            seen.extend(found);
        }
        groups.iter_mut().for_each(|list| list.retain(|group| seen.contains(&group.id)));
        Ok(())
    }
}

impl Work {
    /// How many applications the tenant has.
    pub async fn count_applications(&self) -> Result<u64, Error> {
        let own = application::Entity::find().filter(application::Column::TenantId.eq(self.tenant.0));
        Ok(own.count(&*self.transaction).await?)
    }

    /// Every application of the tenant, in the order of codes.
    pub async fn all_applications(&self) -> Result<Vec<Application>, Error> {
        let own = application::Entity::find()
            .filter(application::Column::TenantId.eq(self.tenant.0))
            .order_by_asc(application::Column::Code);
        own.all(&*self.transaction).await?.into_iter().map(read).collect()
    }

    /// Makes an application. [`Error::Taken`] if the tenant has one of that code.
    pub async fn create_application(&self, new: &Application) -> Result<(), Error> {
        let row = application::ActiveModel {
            id: Set(new.id),
            code: Set(new.code.clone()),
            created: Set(new.created),
            ..self.columns_of_application(new)?
        };
        application::Entity::insert(row).exec_without_returning(&*self.transaction).await?;
        let given = [("owner", new.owner), ("deputy", new.deputy), ("unit", new.unit)];
        let given = given.into_iter().filter_map(|(name, id)| id.map(|_| name));
        let attributes: Vec<&str> = ["code", "name", "state", "released"].into_iter().chain(given).collect();
        self.record(Action::Created, APPLICATION, new.id, new.version, &changed(&attributes)).await
    }

    /// The application of that id, kept from change by others until this work ends.
    pub async fn lock_application(&self, id: Uuid) -> Result<Option<Application>, Error> {
        let row = application::Entity::find_by_id((self.tenant.0, id))
            .lock(LockType::NoKeyUpdate)
            .one(&*self.transaction)
            .await?;
        row.map(read).transpose()
    }

    /// Writes what has changed of an application.
    pub async fn change_application(&self, application: &Application, attributes: &[&str]) -> Result<(), Error> {
        application::Entity::update_many()
            .set(self.columns_of_application(application)?)
            .filter(application::Column::TenantId.eq(self.tenant.0))
            .filter(application::Column::Id.eq(application.id))
            .exec(&*self.transaction)
            .await?;
        self.record(Action::Changed, APPLICATION, application.id, application.version, &changed(attributes)).await
    }

    /// Deletes an application that has neither clients nor groups.
    pub async fn delete_application(&self, application: &Application) -> Result<(), Error> {
        application::Entity::delete_by_id((self.tenant.0, application.id)).exec(&*self.transaction).await?;
        self.record(Action::Deleted, APPLICATION, application.id, application.version + 1, &Changes::default()).await
    }

    /// How many applications belong to an organisation unit.
    pub async fn count_applications_of(&self, unit: Uuid) -> Result<u64, Error> {
        let of_unit = application::Entity::find()
            .filter(application::Column::TenantId.eq(self.tenant.0))
            .filter(application::Column::NodeId.eq(unit));
        Ok(of_unit.count(&*self.transaction).await?)
    }

    /// How many clients and how many groups an application has.
    pub async fn count_of_application(&self, id: Uuid) -> Result<(u64, u64), Error> {
        let clients = client::Entity::find()
            .filter(client::Column::TenantId.eq(self.tenant.0))
            .filter(client::Column::ApplicationId.eq(id))
            .filter(client::Column::Deleted.is_null())
            .count(&*self.transaction)
            .await?;
        let groups = application_group::Entity::find().filter(of(self.tenant, id)).count(&*self.transaction).await?;
        Ok((clients, groups))
    }

    /// Gives a group to an application, unless another has it.
    pub async fn assign_group(
        &self,
        application: &Application,
        kind: &ResourceType,
        group: Uuid,
    ) -> Result<Assigned, Error> {
        let row = resource::Entity::find_by_id((self.tenant.0, kind.name.clone(), group))
            .lock(LockType::KeyShare)
            .one(&*self.transaction)
            .await?;
        if row.is_none() {
            return Ok(Assigned::Nowhere);
        }
        let holder = application_group::Entity::find_by_id((self.tenant.0, group)).one(&*self.transaction).await?;
        if let Some(holder) = holder {
            let is_own = holder.application_id == application.id;
            return Ok(if is_own { Assigned::Before } else { Assigned::Elsewhere });
        }
        let row = application_group::ActiveModel {
            tenant_id: Set(self.tenant.0),
            group_kind: Set(kind.name.clone()),
            group_id: Set(group),
            application_id: Set(application.id),
        };
        application_group::Entity::insert(row).exec_without_returning(&*self.transaction).await?;
        let changes = Changes { added: vec![group], ..Changes::default() };
        self.record(Action::Changed, APPLICATION, application.id, application.version, &changes).await?;
        Ok(Assigned::Now)
    }

    /// The application of a group that is about to go: nobody gives it to one any more.
    pub(crate) async fn hold_assignment(&self, kind: &ResourceType, group: Uuid) -> Result<Option<Uuid>, Error> {
        let key = (self.tenant.0, kind.name.clone(), group);
        resource::Entity::find_by_id(key).lock(LockType::Update).one(&*self.transaction).await?;
        let held = application_group::Entity::find_by_id((self.tenant.0, group)).one(&*self.transaction).await?;
        Ok(held.map(|held| held.application_id))
    }

    /// Takes a group from an application. Says whether it had it.
    pub async fn unassign_group(&self, application: &Application, group: Uuid) -> Result<bool, Error> {
        let deleted = application_group::Entity::delete_many()
            .filter(of(self.tenant, application.id))
            .filter(application_group::Column::GroupId.eq(group))
            .exec(&*self.transaction)
            .await?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        let changes = Changes { removed: vec![group], ..Changes::default() };
        self.record(Action::Changed, APPLICATION, application.id, application.version, &changes).await?;
        Ok(true)
    }

    fn columns_of_application(&self, application: &Application) -> Result<application::ActiveModel, Error> {
        let released =
            serde_json::to_string(&application.released).map_err(|error| Error::Damaged(error.to_string()))?;
        Ok(application::ActiveModel {
            tenant_id: Set(self.tenant.0),
            name: Set(application.name.clone()),
            state: Set(application.state.word().to_owned()),
            released: Set(released),
            owner_id: Set(application.owner),
            deputy_id: Set(application.deputy),
            node_id: Set(application.unit),
            modified: Set(application.modified),
            version: Set(application.version),
            ..Default::default()
        })
    }
}

/// The applications of those ids.
pub(crate) async fn among(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    ids: &[Uuid],
) -> Result<Vec<Application>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(ROWS_PER_STATEMENT) {
        let rows = application::Entity::find()
            .filter(application::Column::TenantId.eq(tenant.0))
            .filter(application::Column::Id.is_in(ids.iter().copied()))
            .all(connection)
            .await?;
        for row in rows {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// The groups of an application.
fn of(tenant: TenantId, application: Uuid) -> Condition {
    Condition::all()
        .add(application_group::Column::TenantId.eq(tenant.0))
        .add(application_group::Column::ApplicationId.eq(application))
}

fn changed(attributes: &[&str]) -> Changes {
    Changes { attributes: attributes.iter().map(|name| (*name).to_owned()).collect(), ..Changes::default() }
}

fn read(row: application::Model) -> Result<Application, Error> {
    let damaged = |what: &str| Error::Damaged(format!("the {what} of application {}", row.id));
    Ok(Application {
        state: ApplicationState::from_word(&row.state).ok_or_else(|| damaged("state"))?,
        released: serde_json::from_str(&row.released).map_err(|_| damaged("released attributes"))?,
        id: row.id,
        code: row.code,
        name: row.name,
        owner: row.owner_id,
        deputy: row.deputy_id,
        unit: row.node_id,
        created: row.created,
        modified: row.modified,
        version: row.version,
    })
}
