//! One searchable value of a resource.

use sea_orm::entity::prelude::*;

/// One searchable value of a resource.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_value")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Which field of which resource type.
    #[sea_orm(primary_key, auto_increment = false)]
    pub field: i64,
    /// The comparison key, cut to an indexable length.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    /// Whose value.
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource_id: Uuid,
    /// Which value of a multi-valued attribute.
    #[sea_orm(primary_key, auto_increment = false)]
    pub element: i32,
    /// The whole key where it was cut.
    pub rest: Option<String>,
    /// Whether no other resource may have it.
    pub is_unique: bool,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
