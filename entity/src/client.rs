//! A program that calls on behalf of a tenant.

use sea_orm::entity::prelude::*;

/// A program that calls on behalf of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name, unique among those of the tenant that are not deleted.
    pub name: String,
    /// Which networks it may call from, separated by spaces; empty for all.
    pub networks: String,
    /// The application that it reads for, if it reads for one.
    pub application_id: Option<Uuid>,
    /// When it was made.
    pub created: i64,
    /// When it was deleted: the log goes on naming it.
    pub deleted: Option<i64>,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
