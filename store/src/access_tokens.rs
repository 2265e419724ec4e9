//! Short-lived tokens that clients get in exchange for one of their own. They hang on it: whatever ends that one
//! ends them in the same instant, because both are looked at.

use entity::{access_token, token};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    Error, Store, TenantId, Token, Work,
    tokens::{Access, live, token_hash},
};

/// A short-lived token to be made.
#[derive(Clone, Debug)]
pub struct NewAccessToken<'a> {
    /// Its id.
    pub id: Uuid,
    /// The token that was given for it.
    pub parent: &'a Token,
    /// The token itself.
    pub secret: &'a str,
    /// What it may do.
    pub scopes: &'a [String],
    /// When it ends.
    pub expires: i64,
}

impl Store {
    /// What the short-lived token of that [hash](token_hash) opens, if neither it nor the token that was given for it
    /// has ended or been revoked.
    pub async fn authenticate_access(&self, hash: &[u8; 32], now: i64) -> Result<Option<Access>, Error> {
        let found = access_token::Entity::find()
            .filter(access_token::Column::Hash.eq(hash.as_slice()))
            .filter(access_token::Column::Expires.gt(now))
            .one(&self.read)
            .await?;
        let Some(own) = found else { return Ok(None) };
        let parent =
            token::Entity::find_by_id((own.tenant_id, own.parent_id)).filter(live(now)).one(&self.read).await?;
        let Some(parent) = parent else { return Ok(None) };
        let expires = own.expires.min(parent.expires);
        self.open(token::Model { scopes: own.scopes, expires, ..parent }).await
    }

    /// Forgets short-lived tokens that have ended, whosever they were.
    pub async fn drop_ended_access_tokens(&self, now: i64) -> Result<(), Error> {
        access_token::Entity::delete_many().filter(access_token::Column::Expires.lte(now)).exec(&self.write).await?;
        Ok(())
    }
}

impl Work {
    /// Makes a short-lived token. The client keeps `most` of them: the oldest go. The log does not name them, because
    /// they open nothing that the token did not open that was given for them.
    pub async fn create_access_token(&self, new: &NewAccessToken<'_>, most: u64) -> Result<(), Error> {
        self.make_room(new.parent.client, most).await?;
        let row = access_token::ActiveModel {
            tenant_id: Set(self.tenant.0),
            id: Set(new.id),
            client_id: Set(new.parent.client),
            parent_id: Set(new.parent.id),
            hash: Set(token_hash(new.secret).to_vec()),
            scopes: Set(new.scopes.join(" ")),
            expires: Set(new.expires),
        };
        access_token::Entity::insert(row).exec_without_returning(&*self.transaction).await?;
        Ok(())
    }

    /// Drops those of a client that come before its latest, until one more has room.
    async fn make_room(&self, client: Uuid, most: u64) -> Result<(), Error> {
        let first_to_go: Option<Uuid> = access_token::Entity::find()
            .select_only()
            .column(access_token::Column::Id)
            .filter(of_client(self.tenant, client))
            .order_by_desc(access_token::Column::Id)
            .offset(most.saturating_sub(1))
            .limit(1)
            .into_tuple()
            .one(&*self.transaction)
            .await?;
        let Some(id) = first_to_go else { return Ok(()) };
        access_token::Entity::delete_many()
            .filter(of_client(self.tenant, client))
            .filter(access_token::Column::Id.lte(id))
            .exec(&*self.transaction)
            .await?;
        Ok(())
    }
}

fn of_client(tenant: TenantId, client: Uuid) -> Condition {
    Condition::all().add(access_token::Column::TenantId.eq(tenant.0)).add(access_token::Column::ClientId.eq(client))
}
