//! What somebody was told.

use sea_orm::entity::prelude::*;

/// What somebody was told.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id, which says when it was written.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is told.
    pub recipient_id: Uuid,
    /// What happened, by a name that no other event has.
    pub event: String,
    /// The word of the notice.
    pub kind: String,
    /// What it is about, as JSON: ids and numbers.
    pub content: String,
    /// When it was read, in milliseconds since 1970.
    pub read: Option<i64>,
    /// What has become of the mail.
    pub mail: String,
    /// When the mail is to be sent, or until when it belongs to whoever sends it.
    pub due: Option<i64>,
    /// How often it was tried to send it.
    pub attempts: i64,
    /// Why that came to nothing.
    pub failure: Option<String>,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
