//! Roles of people who look after something. What somebody holds is what has not ended; whether its time has come is for the
//! rules to say.

use entity::{admin_role, application};
use rights::{
    ApplicationId, Instant, NodeId, UserId,
    administration::{Assignment, Place, Reach, Role, Scope},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Action, Changes, Deed, Error, TenantId, TenantStore, Ties, Work, dialect, reach};

/// What the log calls a role.
const ADMIN_ROLE: &str = "AdminRole";

/// The words of the kinds of scopes.
const TENANT: &str = "tenant";
const NODE: &str = "organisationUnit";
const APPLICATION: &str = "application";

/// A role as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminRole {
    /// Its id.
    pub id: Uuid,
    /// The role as the rules know it.
    pub assignment: Assignment,
    /// Who gave it, and why.
    pub given: Deed,
    /// When it was given, in milliseconds since 1970.
    pub created: i64,
    /// When it was taken away.
    pub ended: Option<i64>,
    /// Who did, and why.
    pub ended_by: Option<Deed>,
}

/// Which roles are wanted; nothing for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleFilter {
    /// Those of a user.
    pub user: Option<Uuid>,
    /// Those of a kind.
    pub role: Option<Role>,
}

/// What stands in a row beside what is looked up.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    given: Deed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_by: Option<Deed>,
}

impl TenantStore {
    /// Roles behind that one whose scope is within reach, the oldest first, also those that have ended.
    pub async fn admin_roles(
        &self,
        filter: &RoleFilter,
        reach: &Reach,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<AdminRole>, Error> {
        use admin_role::Column;
        let wanted = Condition::all()
            .add_option(after.map(|id| Column::Id.gt(id)))
            .add_option(filter.user.map(|user| Column::UserId.eq(user)))
            .add_option(filter.role.map(|role| Column::Role.eq(role.word())))
            .add_option(self.scopes_within(reach));
        let rows = admin_role::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(wanted)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The role of that id, if its scope is within reach or it is held by that user.
    pub async fn admin_role(&self, id: Uuid, reach: &Reach, own: Option<Uuid>) -> Result<Option<AdminRole>, Error> {
        let own = own.map(|user| admin_role::Column::UserId.eq(user));
        let visible = self.scopes_within(reach).map(|within| Condition::any().add(within).add_option(own));
        let row = admin_role::Entity::find_by_id((self.tenant.0, id))
            .filter(Condition::all().add_option(visible))
            .one(&self.store.read)
            .await?;
        row.map(read).transpose()
    }

    /// What somebody holds, also what has not begun or is over by itself.
    pub async fn roles_of(&self, user: Uuid) -> Result<Vec<AdminRole>, Error> {
        not_ended(&self.store.read, self.tenant, Condition::all().add(admin_role::Column::UserId.eq(user))).await
    }

    /// The condition that a scope is within reach; nothing for everywhere.
    fn scopes_within(&self, reach: &Reach) -> Option<Condition> {
        use admin_role::Column;
        let of = |kind: &str, ids| Condition::all().add(Column::Scope.eq(kind)).add(Column::ScopeId.in_subquery(ids));
        let node = of(NODE, reach::nodes(self.tenant, reach));
        let application = of(APPLICATION, reach::applications(self.tenant, reach));
        (!reach.tenant).then(|| Condition::any().add(node).add(application))
    }
}

impl Work {
    /// Makes others of the tenant wait who give or take roles: two who each take one of the last two would not see each other.
    /// People are held before.
    pub async fn hold_admin_roles(&self) -> Result<(), Error> {
        dialect::lock_admin_roles(&*self.transaction, self.tenant.0).await
    }

    /// What these people hold, also what has not begun or is over by itself.
    pub async fn roles_of(&self, users: &[Uuid]) -> Result<Vec<AdminRole>, Error> {
        let theirs = admin_role::Column::UserId.is_in(users.iter().copied());
        not_ended(&*self.transaction, self.tenant, Condition::all().add(theirs)).await
    }

    /// Everything of a kind that people hold.
    pub async fn roles_of_kind(&self, role: Role) -> Result<Vec<AdminRole>, Error> {
        let kind = admin_role::Column::Role.eq(role.word());
        not_ended(&*self.transaction, self.tenant, Condition::all().add(kind)).await
    }

    /// The role of that id, whoever holds it.
    pub async fn admin_role(&self, id: Uuid) -> Result<Option<AdminRole>, Error> {
        admin_role::Entity::find_by_id((self.tenant.0, id)).one(&*self.transaction).await?.map(read).transpose()
    }

    /// Where a scope is: the node with those above it, or the application with the nodes that it belongs to. Nothing where
    /// there is none.
    pub async fn place_of(&self, scope: Scope) -> Result<Option<Place>, Error> {
        match scope {
            Scope::Tenant => Ok(Some(Place::default())),
            Scope::Node(node) => {
                let path = self.path_of(node.0).await?;
                Ok((!path.is_empty()).then_some(Place { path, application: None }))
            }
            Scope::Application(id) => {
                let key = (self.tenant.0, id.0);
                let Some(found) = application::Entity::find_by_id(key).one(&*self.transaction).await? else {
                    return Ok(None);
                };
                let path = match found.node_id {
                    Some(node) => self.path_of(node).await?,
                    None => Vec::new(),
                };
                Ok(Some(Place { path, application: Some(id) }))
            }
        }
    }

    /// A node, what it is part of, and so on; nothing if there is no such node.
    async fn path_of(&self, node: Uuid) -> Result<Vec<NodeId>, Error> {
        let places = self.places().await?;
        let mut path = Vec::new();
        let mut at = places.iter().find(|place| place.id == node);
        while let Some(place) = at.filter(|place| !path.contains(&NodeId(place.id))) {
            path.push(NodeId(place.id));
            at = place.parent.and_then(|parent| places.iter().find(|place| place.id == parent));
        }
        Ok(path)
    }

    /// Writes a new role.
    pub async fn create_admin_role(&self, new: &AdminRole) -> Result<(), Error> {
        admin_role::Entity::insert(row(self.tenant.0, new)?).exec_without_returning(&*self.transaction).await?;
        let changes = Changes { added: vec![new.assignment.user.0], ..Changes::default() };
        self.record(Action::Created, ADMIN_ROLE, new.id, 1, &changes).await
    }

    /// Writes that one was taken away.
    pub async fn end_admin_role(&self, role: &AdminRole, comment: Option<&str>) -> Result<AdminRole, Error> {
        let by = Deed { client: self.cause.client, user: self.cause.user, comment: comment.map(Into::into) };
        let ended = AdminRole { ended: Some(self.now), ended_by: Some(by), ..role.clone() };
        admin_role::Entity::update_many()
            .set(row(self.tenant.0, &ended)?)
            .filter(admin_role::Column::TenantId.eq(self.tenant.0))
            .filter(admin_role::Column::Id.eq(role.id))
            .exec(&*self.transaction)
            .await?;
        let changes = Changes { removed: vec![role.assignment.user.0], ..Changes::default() };
        self.record(Action::Changed, ADMIN_ROLE, role.id, 2, &changes).await?;
        Ok(ended)
    }

    /// Ends what somebody holds who leaves, also the last role that keeps the tenant looked after: who is gone must not be
    /// able to do anything. The person must be held, or somebody could be given a role beside this.
    pub async fn end_roles_of(&self, user: Uuid, ties: &Ties) -> Result<(), Error> {
        if !ties.looks_after {
            return Ok(());
        }
        self.hold_admin_roles().await?;
        for role in self.roles_of(&[user]).await? {
            self.end_admin_role(&role, None).await?;
        }
        Ok(())
    }
}

async fn not_ended(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    condition: Condition,
) -> Result<Vec<AdminRole>, Error> {
    let rows = admin_role::Entity::find()
        .filter(admin_role::Column::TenantId.eq(tenant.0))
        .filter(admin_role::Column::Ended.is_null())
        .filter(condition)
        .order_by_asc(admin_role::Column::Id)
        .all(connection)
        .await?;
    rows.into_iter().map(read).collect()
}

pub(crate) fn row(tenant: i64, stored: &AdminRole) -> Result<admin_role::ActiveModel, Error> {
    let AdminRole { id, assignment, given, created, ended, ended_by } = stored.clone();
    let Assignment { user, role, scope, from, until } = assignment;
    let content = serde_json::to_string(&Content { given, ended_by });
    let (kind, within) = match scope {
        Scope::Tenant => (TENANT, None),
        Scope::Node(node) => (NODE, Some(node.0)),
        Scope::Application(application) => (APPLICATION, Some(application.0)),
    };
    Ok(admin_role::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(id),
        user_id: Set(user.0),
        role: Set(role.word().to_owned()),
        scope: Set(kind.to_owned()),
        scope_id: Set(within),
        starts: Set(from.millis()),
        ends: Set(until.map(Instant::millis)),
        created: Set(created),
        ended: Set(ended),
        content: Set(content.map_err(|error| Error::Damaged(error.to_string()))?),
    })
}

pub(crate) fn read(row: admin_role::Model) -> Result<AdminRole, Error> {
    let damaged = |what: &str| Error::Damaged(format!("the {what} of role {}", row.id));
    let Content { given, ended_by } = serde_json::from_str(&row.content).map_err(|_| damaged("content"))?;
    let scope = match (row.scope.as_str(), row.scope_id) {
        (TENANT, None) => Scope::Tenant,
        (NODE, Some(id)) => Scope::Node(NodeId(id)),
        (APPLICATION, Some(id)) => Scope::Application(ApplicationId(id)),
        _ => return Err(damaged("scope")),
    };
    let assignment = Assignment {
        user: UserId(row.user_id),
        role: Role::from_word(&row.role).ok_or_else(|| damaged("kind"))?,
        scope,
        from: Instant::from_millis(row.starts),
        until: row.ends.map(Instant::from_millis),
    };
    Ok(AdminRole { id: row.id, assignment, given, created: row.created, ended: row.ended, ended_by })
}
