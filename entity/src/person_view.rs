//! That somebody looked at the data of a person.

use sea_orm::entity::prelude::*;

/// That somebody looked at the data of a person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_view")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// Its id, which rises with time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The user whose data it is.
    pub subject_id: Uuid,
    /// When it was answered.
    pub at: i64,
    /// With which client, or through which issuer.
    pub client_id: Uuid,
    /// Which user looked; none for a client by itself.
    pub user_id: Option<Uuid>,
    /// What was read, without ids.
    pub route: String,
    /// The request's id.
    pub request_id: String,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
