//! A program for people, which reads who belongs to its groups.

use sea_orm::entity::prelude::*;

/// A program for people, which reads who belongs to its groups.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name for programs, unique in the tenant.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// `active` or `retired`.
    pub state: String,
    /// The attributes of users that it may see, as a JSON array of paths.
    pub released: String,
    /// The user who answers for it.
    pub owner_id: Option<Uuid>,
    /// The user who stands in for the owner.
    pub deputy_id: Option<Uuid>,
    /// The organisation unit that it belongs to.
    pub node_id: Option<Uuid>,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
