//! Somebody whose tokens a tenant believes.

use sea_orm::entity::prelude::*;

/// Somebody whose tokens a tenant believes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issuer")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i64,
    /// The issuer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// What its tokens say in `iss`, unique in the tenant.
    pub url: String,
    /// For whom its tokens must be meant, as a JSON array.
    pub audiences: String,
    /// How its tokens may be signed, separated by spaces.
    pub algorithms: String,
    /// Its keys.
    pub jwks: Option<String>,
    /// Where its keys are, if they are not here.
    pub jwks_uri: Option<String>,
    /// Which claim names the person.
    pub subject_claim: String,
    /// Which attribute of a user that is: `id`, `userName` or `externalId`.
    pub link_by: String,
    /// What its tokens may do at the most, separated by spaces.
    pub scopes: String,
    /// How far its clock may be off, in seconds.
    pub leeway: i64,
    /// When it was registered.
    pub created: i64,
}

/// None are declared: queries say what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
