//! Clients and their bearer tokens. Only hashes are kept; a token is shown once, when it is made.

use entity::{client, tenant, token};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{ExprTrait, OnConflict},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Action, Cause, Changes, Error, Store, Tenant, TenantId, TenantState};

/// What the log calls a token.
const TOKEN: &str = "Token";

/// What a token opens: who calls, on behalf of which tenant, and what it may do.
#[derive(Clone, Debug)]
pub struct Access {
    /// The tenant's capability.
    pub tenant: TenantId,
    /// The tenant's slug.
    pub slug: String,
    /// Whether the tenant may grant.
    pub state: TenantState,
    /// Whether the tenant wants the letter of the RFC.
    pub strict: bool,
    /// The client.
    pub client: Uuid,
    /// The token.
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
    /// The client's id, if the client does not exist yet.
    pub client_id: Uuid,
    /// The client's name.
    pub client: &'a str,
    /// The token itself.
    pub secret: &'a str,
    /// What it may do.
    pub scopes: &'a [String],
    /// When it ends.
    pub expires: i64,
}

/// A token as it is listed.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its id.
    pub id: Uuid,
    /// The client's name.
    pub client: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: i64,
    /// When it ends.
    pub expires: i64,
    /// When it was revoked.
    pub revoked: Option<i64>,
    /// When it was last seen, to about a minute.
    pub last_used: Option<i64>,
}

impl Store {
    /// Makes a token, and its client if the tenant has none of that name.
    pub async fn create_token(&self, tenant: &Tenant, new: &NewToken<'_>, now: i64) -> Result<(), Error> {
        let work = self.tenant(tenant.id).begin(&Cause::operator(), || now).await?;
        let client = client::ActiveModel {
            tenant_id: Set(tenant.id.0),
            id: Set(new.client_id),
            name: Set(new.client.to_owned()),
            created: Set(now),
        };
        let by_name = OnConflict::columns([client::Column::TenantId, client::Column::Name]).do_nothing().to_owned();
        client::Entity::insert(client).on_conflict(by_name).exec_without_returning(&work.transaction).await?;
        let client = client::Entity::find()
            .filter(client::Column::TenantId.eq(tenant.id.0))
            .filter(client::Column::Name.eq(new.client))
            .one(&work.transaction)
            .await?
            .ok_or_else(|| Error::Damaged("a client vanished while it was made".into()))?;
        let row = token::ActiveModel {
            tenant_id: Set(tenant.id.0),
            id: Set(new.id),
            client_id: Set(client.id),
            hash: Set(token_hash(new.secret).to_vec()),
            scopes: Set(new.scopes.join(" ")),
            created: Set(now),
            expires: Set(new.expires),
            revoked: Set(None),
            last_used: Set(None),
        };
        token::Entity::insert(row).exec_without_returning(&work.transaction).await?;
        let changes =
            Changes { attributes: vec!["client".into(), "scopes".into(), "expires".into()], ..Changes::default() };
        work.record(Action::Created, TOKEN, new.id, 1, &changes).await?;
        work.commit().await
    }

    /// What the token of that [hash](token_hash) opens, if it exists and has neither ended nor been revoked.
    pub async fn authenticate(&self, hash: &[u8; 32], now: i64) -> Result<Option<Access>, Error> {
        let token = token::Entity::find()
            .filter(token::Column::Hash.eq(hash.as_slice()))
            .filter(token::Column::Revoked.is_null())
            .filter(token::Column::Expires.gt(now))
            .one(&self.read)
            .await?;
        let Some(token) = token else {
            return Ok(None);
        };
        let Some(tenant) = tenant::Entity::find_by_id(token.tenant_id).one(&self.read).await? else {
            return Err(Error::Damaged("a token without a tenant".into()));
        };
        Ok(Some(Access {
            tenant: TenantId(tenant.id),
            slug: tenant.slug,
            state: TenantState::from_word(&tenant.state)?,
            strict: tenant.strict,
            client: token.client_id,
            token: token.id,
            scopes: token.scopes.split(' ').map(Into::into).collect(),
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

    /// A tenant's tokens, the newest last.
    pub async fn tokens(&self, tenant: &Tenant) -> Result<Vec<Token>, Error> {
        let clients = client::Entity::find().filter(client::Column::TenantId.eq(tenant.id.0)).all(&self.read).await?;
        let rows = token::Entity::find()
            .filter(token::Column::TenantId.eq(tenant.id.0))
            .order_by_asc(token::Column::Created)
            .order_by_asc(token::Column::Id)
            .all(&self.read)
            .await?;
        let name = |id| clients.iter().find(|client| client.id == id).map(|client| client.name.clone());
        Ok(rows
            .into_iter()
            .map(|row| Token {
                id: row.id,
                client: name(row.client_id).unwrap_or_default(),
                scopes: row.scopes.split(' ').map(Into::into).collect(),
                created: row.created,
                expires: row.expires,
                revoked: row.revoked,
                last_used: row.last_used,
            })
            .collect())
    }

    /// Revokes a token; false if the tenant has no such token. Revoking twice keeps the first time.
    pub async fn revoke_token(&self, tenant: &Tenant, id: Uuid, now: i64) -> Result<bool, Error> {
        let own = Condition::all().add(token::Column::TenantId.eq(tenant.id.0)).add(token::Column::Id.eq(id));
        let work = self.tenant(tenant.id).begin(&Cause::operator(), || now).await?;
        let revoked = token::Entity::update_many()
            .set(token::ActiveModel { revoked: Set(Some(now)), ..Default::default() })
            .filter(own.clone())
            .filter(token::Column::Revoked.is_null())
            .exec(&work.transaction)
            .await?;
        if revoked.rows_affected == 0 {
            return Ok(token::Entity::find().filter(own).one(&work.transaction).await?.is_some());
        }
        let changes = Changes { attributes: vec!["revoked".into()], ..Changes::default() };
        work.record(Action::Changed, TOKEN, id, 2, &changes).await?;
        work.commit().await?;
        Ok(true)
    }
}

/// What is kept of a token. Tokens are 256 random bits, so that a plain hash is as good as a slow one.
pub fn token_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
