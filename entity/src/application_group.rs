//! A group of an application; it goes when the group goes.

use sea_orm::entity::prelude::*;

/// A group of an application; it goes when the group goes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_group")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The resource type of the group.
    pub group_kind: String,
    /// The group, which belongs to one application at the most.
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_id: Uuid,
    /// The application.
    pub application_id: Uuid,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
