//! One grant in a review.

use sea_orm::entity::prelude::*;

/// One grant in a review.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_item")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which campaign.
    pub campaign_id: Uuid,
    /// Which grant.
    pub grant_id: Uuid,
    /// Of whom.
    pub subject_id: Uuid,
    /// Of which group.
    pub group_id: Uuid,
    /// How it stands.
    pub state: String,
    /// The item as the rules know it, and what was known when it was made, as JSON.
    pub content: String,
    /// Counts its changes from 1.
    pub version: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
