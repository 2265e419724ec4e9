//! A group that people are in by grants.

use sea_orm::entity::prelude::*;

/// A group that people are in by grants. It stays when the group goes: what was granted of it is to be understood.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlement")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The group.
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_id: Uuid,
    /// The resource type of the group.
    pub group_kind: String,
    /// Of which application.
    pub application_id: Uuid,
    /// Its name for programs, among those of the application.
    pub code: String,
    /// `draft`, `active` or `retired`.
    pub state: String,
    /// Whose word makes somebody a member: `scim` or `grants`.
    pub authority: String,
    /// How much harm it can do, from 0 to 3.
    pub risk: i64,
    /// What people read of it, as JSON.
    pub content: String,
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
