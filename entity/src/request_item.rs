//! Single entitlements that people ask for.

use sea_orm::entity::prelude::*;

/// One entitlement of a request.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "request_item")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which request.
    pub request_id: Uuid,
    /// Who asks.
    pub requester_id: Uuid,
    /// For whom.
    pub subject_id: Uuid,
    /// Of which group.
    pub group_id: Uuid,
    /// What is to happen.
    pub kind: String,
    /// How it stands.
    pub state: String,
    /// The grant that it is about, or that came of it.
    pub grant_id: Option<Uuid>,
    /// When it came to its end.
    pub ended: Option<i64>,
    /// The item as the rules know it, as JSON.
    pub content: String,
    /// Counts its changes from 1.
    pub version: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
