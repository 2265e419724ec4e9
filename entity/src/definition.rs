//! A schema or a resource type that a tenant defines.

use sea_orm::entity::prelude::*;

/// A schema or a resource type that a tenant defines.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "definition")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// `schema` or `type`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// The URN of a schema, the name of a type.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The definition as JSON.
    pub body: String,
    /// When it was last written.
    pub modified: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
