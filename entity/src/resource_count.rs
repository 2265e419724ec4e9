//! How many resources of a kind a tenant has: the sum over the shards.

use sea_orm::entity::prelude::*;

/// How many resources of a kind a tenant has: the sum over the shards.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_count")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The resource type.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// One of a few, so that writers do not queue.
    #[sea_orm(primary_key, auto_increment = false)]
    pub shard: i32,
    /// How many.
    pub count: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
