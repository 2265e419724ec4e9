//! Attribute definitions as data (RFC 7643 §7) and the catalogue that finds them.

mod attribute;
mod catalog;
mod definition;
mod partial;
mod reading;
mod resource_type;

pub use attribute::{Attribute, Mutability, Returned, Schema, Type, Uniqueness};
pub use catalog::{Catalog, Choices, DefinitionError};
pub use definition::{ExtensionDefinition, MAX_ATTRIBUTES, MAX_DEFINITIONS, TypeDefinition};
pub use resource_type::{Container, Extension, ResourceType, Target};

/// The core User schema (RFC 7643 §4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core Group schema (RFC 7643 §4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The enterprise extension of User (RFC 7643 §4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Caurlaide's municipal extension of User.
pub const MUNICIPAL: &str = "urn:caurlaide:scim:schemas:extension:municipal:2.0:User";
