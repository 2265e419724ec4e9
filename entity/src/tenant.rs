//! A municipality: the wall around its people.

use sea_orm::entity::prelude::*;

/// A municipality: the wall around its people.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    /// The number that every other table starts with.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The name in addresses.
    pub slug: String,
    /// The name for people.
    pub name: String,
    /// `active`, `suspended` or `archived`.
    pub state: String,
    /// Why it is no longer active.
    pub reason: Option<String>,
    /// When it was made.
    pub created: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
