//! One change, appended in the transaction that made it.

use sea_orm::entity::prelude::*;

/// One change, appended in the transaction that made it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Its place in the log.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The tenant.
    pub tenant_id: i64,
    /// The writer's transaction on PostgreSQL.
    pub transaction: i64,
    /// When.
    pub at: i64,
    /// Which client.
    pub client_id: Option<Uuid>,
    /// On behalf of which user.
    pub user_id: Option<Uuid>,
    /// Under which request.
    pub request_id: String,
    /// What was done.
    pub action: String,
    /// To what type of resource.
    pub kind: String,
    /// To which resource.
    pub resource_id: Uuid,
    /// The version that came of it.
    pub version: i64,
    /// What changed: attribute names and member ids as JSON, no values.
    pub changes: String,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
