//! Something that somebody took away, with what it takes to give it back.

use sea_orm::entity::prelude::*;

/// Something that somebody took away, with what it takes to give it back.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "removal")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// From which resource, or which resource itself.
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource_id: Uuid,
    /// The version of it that came of that.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// Counts the rows of one change from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    /// When.
    pub at: i64,
    /// Which client, or which issuer.
    pub client_id: Option<Uuid>,
    /// `deactivated`, `deleted`, `removed`, `left`, `unassigned` or `withdrawn`.
    pub what: String,
    /// The resource type.
    pub kind: String,
    /// How many memberships went of those who stayed.
    pub weight: i64,
    /// When the resource was created.
    pub created: i64,
    /// A document, the ids of members, or a reference, as JSON, or the id of an application; nothing once it was given
    /// back.
    pub content: Option<String>,
    /// When it was given back.
    pub restored: Option<i64>,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
