//! Why somebody is or was in the group of an entitlement.

use sea_orm::entity::prelude::*;

/// Why somebody is or was in the group of an entitlement. It outlives both.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_grant")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// To whom.
    pub user_id: Uuid,
    /// Of which group.
    pub group_id: Uuid,
    /// Where it comes from.
    pub source: String,
    /// From which client, rule or request.
    pub source_id: Option<Uuid>,
    /// How it stands.
    pub state: String,
    /// When it begins or began.
    pub starts: i64,
    /// When it ends, as far as that is known.
    pub ends: Option<i64>,
    /// When it was activated.
    pub activated: Option<i64>,
    /// When it ended.
    pub ended: Option<i64>,
    /// Why it ended.
    pub reason: Option<String>,
    /// Until when it comes back with somebody who is away.
    pub return_by: Option<i64>,
    /// The client that gave it.
    pub client_id: Option<Uuid>,
    /// The grant as the rules know it, and who gave and took it, as JSON.
    pub content: String,
    /// Counts its changes from 1.
    pub version: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
