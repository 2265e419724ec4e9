//! What a tenant is made of: its settings, its definitions, its resources and its organisation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What the tenant has set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsRecord {
    /// Counts the changes of settings and definitions.
    pub version: i64,
    /// The settings.
    pub settings: Value,
}

/// A schema or a resource type of the tenant's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefinitionRecord {
    /// `schema` or `type`.
    pub of: String,
    /// The URN of a schema, the name of a type.
    pub name: String,
    /// When it was last written.
    pub modified: i64,
    /// The definition (RFC 7643 §7 and §6).
    pub body: Value,
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceRecord {
    /// Its resource type.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Its id.
    pub id: Uuid,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
    /// The hash of its password, in PHC string format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The resource without `meta`, members and derived values.
    pub document: Map<String, Value>,
}

/// A direct membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberRecord {
    /// The resource type of the group.
    pub group_type: String,
    /// The group.
    pub group: Uuid,
    /// The resource type of the member.
    pub member_type: String,
    /// The member.
    pub member: Uuid,
    /// Since when.
    pub added: i64,
}

/// A node of the organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganisationUnitRecord {
    /// Its id.
    pub id: Uuid,
    /// What it is part of, which may stand behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Uuid>,
    /// What it is.
    #[serde(rename = "type")]
    pub unit_type: String,
    /// Its code in the municipality's own register.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Its number in the register of enterprises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// The user who leads it, or led it until they were deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Uuid>,
    /// The user who stands in for the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<Uuid>,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}
