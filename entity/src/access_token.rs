//! A short-lived token that a client got in exchange for one of its own; only its hash is kept.

use sea_orm::entity::prelude::*;

/// A short-lived token that a client got in exchange for one of its own; only its hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_token")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its own id, which is no secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The client.
    pub client_id: Uuid,
    /// The token that was given for it.
    pub parent_id: Uuid,
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// What it may do, separated by spaces.
    pub scopes: String,
    /// When it ends.
    pub expires: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
