//! One call of a client, and what came of it.

use sea_orm::entity::prelude::*;

/// One call of a client, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "call")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id, which rises with time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When it was answered.
    pub at: i64,
    /// Which client; none if it could not show who it is.
    pub client_id: Option<Uuid>,
    /// The method.
    pub method: String,
    /// The route behind the base URI, without ids.
    pub route: String,
    /// The status of the answer.
    pub status: i32,
    /// The keyword of a refusal.
    pub scim_type: Option<String>,
    /// Why it was refused, in a sentence without values.
    pub detail: Option<String>,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// The request's id.
    pub request_id: String,
    /// What it changed: counts and attribute names as JSON, no values.
    pub changes: String,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
