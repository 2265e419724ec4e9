//! Access that somebody took in an emergency.

use sea_orm::entity::prelude::*;

/// Access that somebody took in an emergency; the grant has its own life.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "emergency_access")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// By whom.
    pub user_id: Uuid,
    /// To what: the group.
    pub group_id: Uuid,
    /// Of which application.
    pub application_id: Uuid,
    /// The grant that came of it.
    pub grant_id: Uuid,
    /// `unreviewed`, `escalated` or `reviewed`.
    pub state: String,
    /// When.
    pub opened: i64,
    /// The emergency as the rules know it, as JSON.
    pub content: String,
    /// Counts its changes from 1.
    pub version: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
