//! A municipality, an institution, a company or a unit of one: a node of a tenant's organisation.

use sea_orm::entity::prelude::*;

/// A node of a tenant's organisation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "org_node")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The node.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is part of.
    pub parent_id: Option<Uuid>,
    /// `municipality`, `institution`, `agency`, `company` or `unit`.
    pub kind: String,
    /// Its code in the municipality's own register, unique in the tenant.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Its number in the register of enterprises.
    pub registration_no: Option<String>,
    /// The user who leads it.
    pub head_id: Option<Uuid>,
    /// The user who stands in for the head.
    pub deputy_id: Option<Uuid>,
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
