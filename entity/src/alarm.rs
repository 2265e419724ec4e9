//! A client took away more within an hour than is usual.

use sea_orm::entity::prelude::*;

/// A client took away more within an hour than is usual.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alarm")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id, which rises with time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The client, or the issuer on whose word people called.
    pub client_id: Uuid,
    /// `massChange`.
    pub kind: String,
    /// When it was raised.
    pub began: i64,
    /// When the first of what was counted was taken away.
    pub first_removal: i64,
    /// When the last was.
    pub last_removal: i64,
    /// How many users were deactivated or deleted within an hour, at the worst.
    pub users: i64,
    /// How many may be.
    pub users_threshold: i64,
    /// How many memberships were taken away within an hour, at the worst.
    pub memberships: i64,
    /// How many may be.
    pub memberships_threshold: i64,
    /// When somebody said that they know.
    pub acknowledged: Option<i64>,
    /// Which client said so; nothing for the command line.
    pub acknowledged_by: Option<Uuid>,
    /// What they said.
    pub comment: Option<String>,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
