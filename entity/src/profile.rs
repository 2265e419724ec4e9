//! What a tenant has set for itself.

use sea_orm::entity::prelude::*;

/// What a tenant has set for itself.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profile")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Counts the changes of settings and definitions.
    pub version: i64,
    /// The settings as JSON; what is not in it has its default.
    pub settings: String,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
