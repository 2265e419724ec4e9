//! A bearer token of a client; only its hash is kept.

use sea_orm::entity::prelude::*;

/// A bearer token of a client; only its hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The token's own id, which is no secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The client.
    pub client_id: Uuid,
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// What it may do, separated by spaces.
    pub scopes: String,
    /// When it was issued.
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

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
