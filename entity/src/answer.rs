//! What was answered to a request that may be sent again.

use sea_orm::entity::prelude::*;

/// What was answered to a request that may be sent again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "answer")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Who asked: a client or a person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub caller_id: Uuid,
    /// What they call the request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of the request.
    pub digest: Vec<u8>,
    /// The status of the answer, once there is one.
    pub answered_with: Option<i64>,
    /// Its headers, as JSON.
    pub headers: Option<String>,
    /// Its body.
    pub body: Option<String>,
    /// When it was asked, in milliseconds since 1970.
    pub created: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
