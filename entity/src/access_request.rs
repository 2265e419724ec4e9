//! What people ask for.

use sea_orm::entity::prelude::*;

/// Something that somebody asks for. It outlives people.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_request")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The year, and its place in it.
    pub number: i64,
    /// Who asks.
    pub requester_id: Uuid,
    /// For whom.
    pub subject_id: Uuid,
    /// How it stands, as its items do.
    pub state: String,
    /// When it was asked for.
    pub created: i64,
    /// Why, as JSON.
    pub content: String,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
