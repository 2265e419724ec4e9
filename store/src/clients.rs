//! Clients: the programs that call on behalf of a tenant.

use std::collections::HashMap;

use entity::{client, token};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, LockType},
};
use uuid::Uuid;

use crate::{Action, Bounds, Changes, Error, TenantId, TenantStore, Work, tokens};

/// What the log calls a client.
const CLIENT: &str = "Client";

/// A client as it is listed.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Which networks it may call from; none for all.
    pub networks: Vec<String>,
    /// The application that it reads for, if it reads for one.
    pub application: Option<Uuid>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When one of its tokens was last seen, to about a minute.
    pub last_used: Option<i64>,
}

/// A client to be made.
#[derive(Clone, Debug)]
pub struct NewClient<'a> {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: &'a str,
    /// Which networks it may call from; none for all.
    pub networks: &'a [String],
    /// The application that it reads for, if it reads for one.
    pub application: Option<Uuid>,
}

/// Clients that read for applications within bounds, and do nothing else by any token that works.
#[derive(Clone, Debug)]
pub struct Readers {
    /// How far.
    pub bounds: Bounds,
    /// The scope of those that read for an application.
    pub scope: &'static str,
    /// When.
    pub now: i64,
}

impl Readers {
    fn condition(&self, tenant: TenantId) -> Condition {
        let column = |column| Expr::col((client::Entity, column));
        let more = token::Entity::find()
            .select_only()
            .column(token::Column::Id)
            .filter(token::Column::TenantId.eq(tenant.0))
            .filter(token::Column::ClientId.into_expr().equals((client::Entity, client::Column::Id)))
            .filter(tokens::live(self.now))
            .filter(token::Column::Scopes.ne(self.scope))
            .into_query();
        Condition::all()
            .add(column(client::Column::ApplicationId).is_not_null())
            .add_option(self.bounds.applications(tenant, column(client::Column::ApplicationId)))
            .add(Expr::exists(more).not())
    }
}

impl TenantStore {
    /// Clients behind that one, the oldest first, as far as they are seen: all where nothing is said.
    pub async fn clients(&self, seen: Option<&Readers>, after: Option<Uuid>, limit: u64) -> Result<Vec<Client>, Error> {
        let rows = client::Entity::find()
            .filter(living(self.tenant))
            .filter(Condition::all().add_option(seen.map(|seen| seen.condition(self.tenant))))
            .filter(Condition::all().add_option(after.map(|id| client::Column::Id.gt(id))))
            .order_by_asc(client::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        self.with_last_use(rows).await
    }

    /// The client of that id, if it is seen.
    pub async fn client(&self, id: Uuid, seen: Option<&Readers>) -> Result<Option<Client>, Error> {
        let row = client::Entity::find()
            .filter(living(self.tenant))
            .filter(Condition::all().add_option(seen.map(|seen| seen.condition(self.tenant))))
            .filter(client::Column::Id.eq(id))
            .one(&self.store.read)
            .await?;
        Ok(self.with_last_use(row.into_iter().collect()).await?.pop())
    }

    async fn with_last_use(&self, rows: Vec<client::Model>) -> Result<Vec<Client>, Error> {
        let select = token::Entity::find()
            .select_only()
            .column(token::Column::ClientId)
            .column_as(token::Column::LastUsed.max(), "last_used")
            .filter(token::Column::TenantId.eq(self.tenant.0))
            .filter(token::Column::ClientId.is_in(rows.iter().map(|row| row.id)))
            .group_by(token::Column::ClientId)
            .build(self.store.backend());
        let used = self.store.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let used: HashMap<Uuid, Option<i64>> = used.into_iter().collect();
        Ok(rows
            .into_iter()
            .map(|row| Client { last_used: used.get(&row.id).copied().flatten(), ..read(row) })
            .collect())
    }
}

impl Work {
    /// Makes a client. [`Error::Taken`] if the tenant has one of that name.
    pub async fn create_client(&self, new: &NewClient<'_>) -> Result<Client, Error> {
        let row = client::ActiveModel {
            tenant_id: Set(self.tenant.0),
            id: Set(new.id),
            name: Set(new.name.to_owned()),
            networks: Set(new.networks.join(" ")),
            application_id: Set(new.application),
            created: Set(self.now),
            deleted: Set(None),
        };
        let row = client::Entity::insert(row).exec_with_returning(&*self.transaction).await?;
        let mut attributes = vec!["name".to_owned()];
        attributes.extend((!new.networks.is_empty()).then(|| "networks".to_owned()));
        attributes.extend(new.application.map(|_| "applicationId".to_owned()));
        self.record(Action::Created, CLIENT, new.id, 1, &Changes { attributes, ..Changes::default() }).await?;
        Ok(read(row))
    }

    /// The client of that id, kept from change by others until this work ends. Its last use is not looked up.
    pub async fn lock_client(&self, id: Uuid) -> Result<Option<Client>, Error> {
        self.lock_one(client::Column::Id.eq(id)).await
    }

    /// The client of that name, kept from change by others until this work ends. Its last use is not looked up.
    pub async fn lock_client_named(&self, name: &str) -> Result<Option<Client>, Error> {
        self.lock_one(client::Column::Name.eq(name)).await
    }

    async fn lock_one(&self, which: Expr) -> Result<Option<Client>, Error> {
        let row = client::Entity::find()
            .filter(living(self.tenant))
            .filter(which)
            .lock(LockType::NoKeyUpdate)
            .one(&*self.transaction)
            .await?;
        Ok(row.map(read))
    }

    /// Whether a client does something beside that by a token that works. It must be held, so that it is given no other meanwhile.
    pub async fn does_more(&self, id: Uuid, scope: &str) -> Result<bool, Error> {
        let more = token::Entity::find()
            .filter(token::Column::TenantId.eq(self.tenant.0))
            .filter(token::Column::ClientId.eq(id))
            .filter(tokens::live(self.now))
            .filter(token::Column::Scopes.ne(scope));
        Ok(more.count(&*self.transaction).await? > 0)
    }

    /// How many clients the tenant has.
    pub async fn count_clients(&self) -> Result<u64, Error> {
        Ok(client::Entity::find().filter(living(self.tenant)).count(&*self.transaction).await?)
    }

    /// Gives a client another name or other networks. [`Error::Taken`] if the tenant has another of that name.
    pub async fn change_client(&self, id: Uuid, name: Option<&str>, networks: Option<&[String]>) -> Result<(), Error> {
        let row = client::ActiveModel {
            name: name.map_or(NotSet, |name| Set(name.to_owned())),
            networks: networks.map_or(NotSet, |networks| Set(networks.join(" "))),
            ..Default::default()
        };
        let given = [("name", name.is_some()), ("networks", networks.is_some())];
        let attributes: Vec<String> =
            given.iter().filter(|(_, given)| *given).map(|(name, _)| (*name).to_owned()).collect();
        if attributes.is_empty() {
            return Ok(());
        }
        client::Entity::update_many()
            .set(row)
            .filter(living(self.tenant))
            .filter(client::Column::Id.eq(id))
            .exec(&*self.transaction)
            .await?;
        self.record(Action::Changed, CLIENT, id, 2, &Changes { attributes, ..Changes::default() }).await
    }

    /// Deletes a client and revokes its tokens, which the log names as those that went.
    pub async fn delete_client(&self, id: Uuid) -> Result<(), Error> {
        let removed = self.revoke_all(Some(id)).await?;
        client::Entity::update_many()
            .set(client::ActiveModel { deleted: Set(Some(self.now)), ..Default::default() })
            .filter(living(self.tenant))
            .filter(client::Column::Id.eq(id))
            .exec(&*self.transaction)
            .await?;
        self.record(Action::Deleted, CLIENT, id, 2, &Changes { removed, ..Changes::default() }).await
    }
}

/// Those of a tenant that are not deleted.
fn living(tenant: TenantId) -> Condition {
    Condition::all().add(client::Column::TenantId.eq(tenant.0)).add(client::Column::Deleted.is_null())
}

fn read(row: client::Model) -> Client {
    Client {
        id: row.id,
        name: row.name,
        networks: words(&row.networks),
        application: row.application_id,
        created: row.created,
        last_used: None,
    }
}

/// What was stored as words with spaces between them.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(Into::into).collect()
}
