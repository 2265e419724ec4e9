//! A SCIM resource: identity, what is looked up most, and its canonical document.

use sea_orm::entity::prelude::*;

/// A SCIM resource: identity, what is looked up most, and its canonical document.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The resource type.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When it was created.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
    /// What other resources show of it.
    pub display: Option<String>,
    /// An argon2id hash.
    pub password_hash: Option<String>,
    /// The canonical JSON, without meta, members and derived values.
    pub document: String,
    /// Of a group that is an entitlement: whose word makes somebody a member.
    pub governed_by: Option<String>,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
