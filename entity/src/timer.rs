//! What has to happen by itself.

use sea_orm::entity::prelude::*;

/// What has to happen by itself, and when.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "timer")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// What it is about.
    #[sea_orm(primary_key, auto_increment = false)]
    pub object_id: Uuid,
    /// What is to happen.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// When.
    pub due: i64,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// Why the last attempt came to nothing.
    pub failure: Option<String>,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
