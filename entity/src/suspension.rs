//! Somebody whom an administrator has suspended.

use sea_orm::entity::prelude::*;

/// Somebody whom an administrator has suspended, as long as it lasts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suspension")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Since when.
    pub since: i64,
    /// Until when; nothing for as long as nobody lifts it.
    pub until: Option<i64>,
    /// Who did it and why, as JSON.
    pub deed: String,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
