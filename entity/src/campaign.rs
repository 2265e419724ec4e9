//! Reviews of what people hold.

use sea_orm::entity::prelude::*;

/// A review of what people hold.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// How it stands.
    pub state: String,
    /// The one person of a micro-review.
    pub subject_id: Option<Uuid>,
    /// The application that it keeps to.
    pub application_id: Option<Uuid>,
    /// The organisation unit that it keeps to.
    pub node_id: Option<Uuid>,
    /// When it begins.
    pub starts: i64,
    /// When it closes.
    pub deadline: i64,
    /// When it was made.
    pub created: i64,
    /// The campaign as the rules know it, what it is about, and how far it has come, as JSON.
    pub content: String,
    /// Counts its changes from 1.
    pub version: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
