//! The bearer tokens of clients. Only hashes are kept; a token is shown once, when it is made.

use entity::{client, tenant, token};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{ExprTrait, LockType},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Action, Application, Changes, Error, PLATFORM, Store, TenantId, TenantState, TenantStore, Work, clients::words,
    tenants,
};

/// What the log calls a token.
const TOKEN: &str = "Token";

/// What a token opens: who calls, on behalf of which tenant, from where, and what it may do.
#[derive(Clone, Debug)]
pub struct Access {
    /// The tenant's capability.
    pub tenant: TenantId,
    /// The tenant's slug.
    pub slug: String,
    /// Whether this is the platform itself and no tenant.
    pub is_platform: bool,
    /// What the tenant may still do.
    pub state: TenantState,
    /// The client.
    pub client: Uuid,
    /// Which networks the client may call from; none for all.
    pub networks: Vec<String>,
    /// The application that the client reads for, if it reads for one.
    pub application: Option<Application>,
    /// The token; if it is short-lived, the one that was given for it.
    pub token: Uuid,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends, in milliseconds since 1970.
    pub expires: i64,
    /// When it was last seen, to about a minute.
    pub last_used: Option<i64>,
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// Its id.
    pub id: Uuid,
    /// The client that will use it.
    pub client: Uuid,
    /// The token itself.
    pub secret: &'a str,
    /// What it may do.
    pub scopes: &'a [String],
    /// When it ends.
    pub expires: i64,
}

/// A token as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: Uuid,
    /// The client that uses it.
    pub client: Uuid,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: i64,
    /// When it ends.
    pub expires: i64,
    /// When it was revoked.
    pub revoked: Option<i64>,
    /// Which token it was rotated to.
    pub replaced_by: Option<Uuid>,
    /// When it was last seen, to about a minute.
    pub last_used: Option<i64>,
}

impl Store {
    /// What the token of that [hash](token_hash) opens, if it exists and has neither ended nor been revoked.
    pub async fn authenticate(&self, hash: &[u8; 32], now: i64) -> Result<Option<Access>, Error> {
        let token = token::Entity::find()
            .filter(token::Column::Hash.eq(hash.as_slice()))
            .filter(live(now))
            .one(&self.read)
            .await?;
        match token {
            Some(token) => self.open(token).await,
            None => Ok(None),
        }
    }

    /// What a token opens that works: nothing while its tenant is not wholly imported.
    pub(crate) async fn open(&self, token: token::Model) -> Result<Option<Access>, Error> {
        let client = client::Entity::find_by_id((token.tenant_id, token.client_id)).one(&self.read).await?;
        let tenant = tenant::Entity::find_by_id(token.tenant_id).one(&self.read).await?;
        let (Some(client), Some(tenant)) = (client, tenant) else {
            return Err(Error::Damaged("a token without a client or a tenant".into()));
        };
        if !tenants::is_whole(&tenant) {
            return Ok(None);
        }
        let application = self.application_of(&client).await?;
        Ok(Some(Access {
            application,
            tenant: TenantId(tenant.id),
            is_platform: tenant.slug == PLATFORM,
            slug: tenant.slug,
            state: TenantState::from_word(&tenant.state)?,
            client: token.client_id,
            networks: words(&client.networks),
            token: token.id,
            scopes: words(&token.scopes),
            expires: token.expires,
            last_used: token.last_used,
        }))
    }

    /// Notes that a token was seen, unless it was noted since `before`: of many requests at once one does.
    pub async fn touch_token(&self, access: &Access, now: i64, before: i64) -> Result<(), Error> {
        token::Entity::update_many()
            .set(token::ActiveModel { last_used: Set(Some(now)), ..Default::default() })
            .filter(token::Column::TenantId.eq(access.tenant.0))
            .filter(token::Column::Id.eq(access.token))
            .filter(token::Column::LastUsed.is_null().or(token::Column::LastUsed.lt(before)))
            .exec(&self.write)
            .await?;
        Ok(())
    }
}

impl TenantStore {
    /// Tokens of one client or of all, behind that one, the oldest first.
    pub async fn tokens(&self, client: Option<Uuid>, after: Option<Uuid>, limit: u64) -> Result<Vec<Token>, Error> {
        let rows = token::Entity::find()
            .filter(token::Column::TenantId.eq(self.tenant.0))
            .filter(Condition::all().add_option(client.map(|id| token::Column::ClientId.eq(id))))
            .filter(Condition::all().add_option(after.map(|id| token::Column::Id.gt(id))))
            .order_by_asc(token::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The token of that id.
    pub async fn token(&self, id: Uuid) -> Result<Option<Token>, Error> {
        Ok(token::Entity::find_by_id((self.tenant.0, id)).one(&self.store.read).await?.map(read))
    }
}

impl Work {
    /// Makes a token.
    pub async fn create_token(&self, new: &NewToken<'_>) -> Result<Token, Error> {
        let row = token::ActiveModel {
            tenant_id: Set(self.tenant.0),
            id: Set(new.id),
            client_id: Set(new.client),
            hash: Set(token_hash(new.secret).to_vec()),
            scopes: Set(new.scopes.join(" ")),
            created: Set(self.now),
            expires: Set(new.expires),
            revoked: Set(None),
            replaced_by: Set(None),
            last_used: Set(None),
        };
        let row = token::Entity::insert(row).exec_with_returning(&*self.transaction).await?;
        self.record(Action::Created, TOKEN, new.id, 1, &changed(&["client", "scopes", "expires"])).await?;
        Ok(read(row))
    }

    /// The token of that id, kept from change by others until this work ends.
    pub async fn lock_token(&self, id: Uuid) -> Result<Option<Token>, Error> {
        let row =
            token::Entity::find_by_id((self.tenant.0, id)).lock(LockType::NoKeyUpdate).one(&*self.transaction).await?;
        Ok(row.map(read))
    }

    /// How many tokens of a client work.
    pub async fn count_tokens(&self, client: Uuid) -> Result<u64, Error> {
        let count = token::Entity::find().filter(of(self.tenant, Some(client))).filter(live(self.now));
        Ok(count.count(&*self.transaction).await?)
    }

    /// Lets a token end at that time, because another takes its place.
    pub async fn retire_token(&self, id: Uuid, expires: i64, successor: Uuid) -> Result<(), Error> {
        let row = token::ActiveModel { expires: Set(expires), replaced_by: Set(Some(successor)), ..Default::default() };
        self.change_token(id, row, &["expires", "replacedBy"]).await
    }

    /// Revokes a token.
    pub async fn revoke_token(&self, id: Uuid) -> Result<(), Error> {
        let row = token::ActiveModel { revoked: Set(Some(self.now)), ..Default::default() };
        self.change_token(id, row, &["revoked"]).await
    }

    async fn change_token(&self, id: Uuid, row: token::ActiveModel, attributes: &[&str]) -> Result<(), Error> {
        token::Entity::update_many()
            .set(row)
            .filter(token::Column::TenantId.eq(self.tenant.0))
            .filter(token::Column::Id.eq(id))
            .exec(&*self.transaction)
            .await?;
        self.record(Action::Changed, TOKEN, id, 2, &changed(attributes)).await
    }

    /// Revokes every token of a client, or of the tenant, that works. Says which; the caller records it.
    pub(crate) async fn revoke_all(&self, client: Option<Uuid>) -> Result<Vec<Uuid>, Error> {
        let ids: Vec<Uuid> = token::Entity::find()
            .select_only()
            .column(token::Column::Id)
            .filter(of(self.tenant, client))
            .filter(live(self.now))
            .order_by_asc(token::Column::Id)
            .into_tuple()
            .all(&*self.transaction)
            .await?;
        token::Entity::update_many()
            .set(token::ActiveModel { revoked: Set(Some(self.now)), ..Default::default() })
            .filter(of(self.tenant, client))
            .filter(live(self.now))
            .exec(&*self.transaction)
            .await?;
        Ok(ids)
    }
}

fn of(tenant: TenantId, client: Option<Uuid>) -> Condition {
    let of_client = client.map(|id| token::Column::ClientId.eq(id));
    Condition::all().add(token::Column::TenantId.eq(tenant.0)).add_option(of_client)
}

/// Those that have neither ended nor been revoked.
pub(crate) fn live(now: i64) -> Condition {
    Condition::all().add(token::Column::Revoked.is_null()).add(token::Column::Expires.gt(now))
}

fn changed(attributes: &[&str]) -> Changes {
    Changes { attributes: attributes.iter().map(|name| (*name).to_owned()).collect(), ..Changes::default() }
}

fn read(row: token::Model) -> Token {
    Token {
        id: row.id,
        client: row.client_id,
        scopes: words(&row.scopes),
        created: row.created,
        expires: row.expires,
        revoked: row.revoked,
        replaced_by: row.replaced_by,
        last_used: row.last_used,
    }
}

/// What is kept of a token. Tokens are 256 random bits, so that a plain hash is as good as a slow one.
pub fn token_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
