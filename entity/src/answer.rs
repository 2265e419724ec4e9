//! Answers that are given again.

use sea_orm::entity::prelude::*;

/// What was answered to a call that had a key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answer")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Who called.
    #[sea_orm(primary_key, auto_increment = false)]
    pub caller_id: Uuid,
    /// The key that the caller gave.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// What the call was, as a digest.
    pub digest: String,
    /// What was made.
    pub made_id: Uuid,
    /// When.
    pub created: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
