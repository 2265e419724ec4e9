//! Who looks after what.

use sea_orm::entity::prelude::*;

/// A role that somebody holds, or held.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_role")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who.
    pub user_id: Uuid,
    /// Which role, by its word.
    pub role: String,
    /// Within what, by the word of its kind.
    pub scope: String,
    /// Within which.
    pub scope_id: Option<Uuid>,
    /// From when on.
    pub starts: i64,
    /// Until when.
    pub ends: Option<i64>,
    /// When it was given.
    pub created: i64,
    /// When it was taken away.
    pub ended: Option<i64>,
    /// Who gave it and who ended it, and why, as JSON.
    pub content: String,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
