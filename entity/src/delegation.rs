//! Who stands in for whom.

use sea_orm::entity::prelude::*;

/// Somebody stands in for somebody.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delegation")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is away.
    pub delegator_id: Uuid,
    /// Who stands in.
    pub delegate_id: Uuid,
    /// From when on.
    pub starts: i64,
    /// Until when.
    pub ends: i64,
    /// When it was cancelled.
    pub cancelled: Option<i64>,
    /// For what, why and on whose word, as JSON.
    pub content: String,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
