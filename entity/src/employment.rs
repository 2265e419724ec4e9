//! What a user works as: an index of the user's document.

use sea_orm::entity::prelude::*;

/// One employment of a user, as it can be looked for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "employment")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Its place among the user's, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// The code of the node; there need not be one of that code.
    pub unit: Option<String>,
    /// The position, prepared for comparison.
    pub position: Option<String>,
    /// On what footing, prepared for comparison.
    pub kind: Option<String>,
    /// The user whom the person reports to.
    pub manager_id: Option<Uuid>,
    /// The first day, as `2026-11-27`.
    pub starts: Option<String>,
    /// The last day.
    pub ends: Option<String>,
    /// Whether it counts where there can be only one.
    pub is_primary: bool,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
