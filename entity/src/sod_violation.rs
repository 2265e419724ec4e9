//! Somebody who holds together what nobody should.

use sea_orm::entity::prelude::*;

/// Somebody who holds together what nobody should, or did.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sod_violation")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The rule.
    pub rule_id: Uuid,
    /// The user.
    pub user_id: Uuid,
    /// `detected`, `excepted` or `resolved`.
    pub state: String,
    /// When it was found.
    pub found: i64,
    /// When it was over.
    pub ended: Option<i64>,
    /// The conflict as the rules know it, as JSON.
    pub content: String,
    /// Counts its changes from 1.
    pub version: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
