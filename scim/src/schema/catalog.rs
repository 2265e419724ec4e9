//! The catalogue of a tenant: which resource types exist and which schemas define them.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use crate::schema::{Attribute, ENTERPRISE, Extension, GROUP, MUNICIPAL, ResourceType, Schema, Type, USER, Uniqueness};

/// Why a schema definition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// The definition is not the JSON of a schema.
    #[error("the definition is not a schema: {0}")]
    Unreadable(String),
    /// RFC 7643 §2.3.8: no complex attribute inside a complex attribute.
    #[error("complex attribute {0} holds another complex attribute")]
    NestedComplex(String),
    /// RFC 7643 §2.1: the shape of attribute names.
    #[error("{0:?} is not an attribute name")]
    Name(String),
    /// Two attributes with one name.
    #[error("attribute {0} is defined twice")]
    Twice(String),
    /// This server does not take it.
    #[error("{0}")]
    Refused(String),
}

/// The resource types and schemas of one tenant.
#[derive(Debug, Clone)]
pub struct Catalog {
    types: Vec<ResourceType>,
}

/// What tenants choose of the standard catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Choices {
    /// Whether a group's name is unique in the tenant.
    pub unique_group_names: bool,
    /// Whether the catalogues of roles and entitlements are there (draft-ietf-scim-roles-entitlements).
    pub roles_and_entitlements: bool,
}

impl Default for Choices {
    fn default() -> Self {
        Self { unique_group_names: true, roles_and_entitlements: false }
    }
}

impl Catalog {
    /// Users with the enterprise and the municipal extension, and Groups.
    pub fn standard() -> Self {
        Self::of(Choices::default())
    }

    /// The standard catalogue with a tenant's choices.
    pub fn of(choices: Choices) -> Self {
        let common = built_in(include_str!("../../schemas/common.json"));
        let extension = |text| Extension { schema: built_in(text), required: false };
        let user = ResourceType {
            name: "User".into(),
            endpoint: "Users".into(),
            description: "People and their accounts".into(),
            schema: built_in(include_str!("../../schemas/user.json")),
            extensions: vec![
                extension(include_str!("../../schemas/enterprise-user.json")),
                extension(include_str!("../../schemas/municipal-user.json")),
            ],
            common: Arc::clone(&common),
            membership: None,
            member_of: Some("groups"),
            catalogue_of: None,
            is_partial: false,
        };
        let group = ResourceType {
            name: "Group".into(),
            endpoint: "Groups".into(),
            description: "Groups of people and of other groups".into(),
            schema: group_schema(choices),
            extensions: Vec::new(),
            common: Arc::clone(&common),
            membership: Some("members"),
            member_of: None,
            catalogue_of: None,
            is_partial: false,
        };
        debug_assert_eq!(user.schema.id, USER);
        debug_assert_eq!(group.schema.id, GROUP);
        debug_assert!(user.extension(ENTERPRISE).is_some() && user.extension(MUNICIPAL).is_some());
        let mut types = vec![user, group];
        if choices.roles_and_entitlements {
            let catalogue = |name: &str, endpoint: &str, of, schema| ResourceType {
                name: name.into(),
                endpoint: endpoint.into(),
                description: format!("The {of} that users may hold"),
                schema: built_in(schema),
                extensions: Vec::new(),
                common: Arc::clone(&common),
                membership: None,
                member_of: None,
                catalogue_of: Some(of),
                is_partial: false,
            };
            let role = include_str!("../../schemas/role.json");
            let entitlement = include_str!("../../schemas/entitlement.json");
            types.push(catalogue("Role", "Roles", "roles", role));
            types.push(catalogue("Entitlement", "Entitlements", "entitlements", entitlement));
        }
        Self { types }
    }

    /// A catalogue of other types.
    pub fn new(types: Vec<ResourceType>) -> Self {
        Self { types }
    }

    pub(super) fn types_mut(&mut self) -> &mut Vec<ResourceType> {
        &mut self.types
    }

    /// Every resource type, in the order in which discovery shows them.
    pub fn types(&self) -> &[ResourceType] {
        &self.types
    }

    /// The type behind an endpoint such as `Users`. Paths are case-sensitive.
    pub fn by_endpoint(&self, endpoint: &str) -> Option<&ResourceType> {
        self.types.iter().find(|kind| kind.endpoint == endpoint)
    }

    /// The type of that name, e.g. `Group`.
    pub fn by_name(&self, name: &str) -> Option<&ResourceType> {
        self.types.iter().find(|kind| kind.name == name)
    }

    /// The names of the attributes that refer to resources, in small letters: also of those that are a reference
    /// themselves, and of sub-attributes.
    pub fn reference_names(&self) -> BTreeSet<String> {
        let is_reference = |attribute: &&Attribute| {
            let names_a_type = |name: &String| self.types.iter().any(|kind| kind.name.eq_ignore_ascii_case(name));
            attribute.kind == Type::Reference && attribute.reference_types.iter().any(names_a_type)
        };
        let of = |kind: &ResourceType| {
            let references = kind.references().map(|(_, attribute)| attribute);
            let plain = kind.containers().flat_map(|(_, attributes)| attributes);
            let plain = plain.flat_map(|attribute| std::iter::once(attribute).chain(&attribute.sub_attributes));
            let names = references.chain(plain.filter(is_reference)).map(|attribute| attribute.name.as_str());
            names.chain(kind.membership).map(str::to_ascii_lowercase).collect::<Vec<_>>()
        };
        self.types.iter().flat_map(of).collect()
    }

    /// Every schema that a type uses, each once.
    pub fn schemas(&self) -> Vec<&Schema> {
        let mut seen = HashSet::new();
        self.types
            .iter()
            .flat_map(|kind| std::iter::once(&kind.schema).chain(kind.extensions.iter().map(|e| &e.schema)))
            .map(|schema| &**schema)
            .filter(|schema| seen.insert(schema.id.as_str()))
            .collect()
    }
}

impl Schema {
    /// Reads a schema definition and checks what RFC 7643 §2 asks of one.
    pub fn parse(text: &str) -> Result<Self, DefinitionError> {
        let schema: Self = serde_json::from_str(text).map_err(|e| DefinitionError::Unreadable(e.to_string()))?;
        check(&schema.attributes)?;
        Ok(schema)
    }
}

pub(super) fn check(attributes: &[Attribute]) -> Result<(), DefinitionError> {
    let mut names = HashSet::new();
    for attribute in attributes {
        if !is_name(&attribute.name) {
            return Err(DefinitionError::Name(attribute.name.clone()));
        }
        if !names.insert(attribute.name.to_ascii_lowercase()) {
            return Err(DefinitionError::Twice(attribute.name.clone()));
        }
        if attribute.sub_attributes.iter().any(|sub| sub.kind == Type::Complex) {
            return Err(DefinitionError::NestedComplex(attribute.name.clone()));
        }
        check(&attribute.sub_attributes)?;
    }
    Ok(())
}

/// RFC 7643 §2.1, with `$ref` let in.
fn is_name(name: &str) -> bool {
    let mut letters = name.strip_prefix('$').unwrap_or(name).chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '-' | '_'))
}

fn group_schema(choices: Choices) -> Arc<Schema> {
    let schema = built_in(include_str!("../../schemas/group.json"));
    if choices.unique_group_names {
        return schema;
    }
    let mut schema = Arc::unwrap_or_clone(schema);
    for attribute in schema.attributes.iter_mut().filter(|attribute| attribute.name == "displayName") {
        attribute.uniqueness = Uniqueness::None;
        attribute.description = "The name of the group.".into();
    }
    Arc::new(schema)
}

#[expect(clippy::panic, reason = "a definition inside this crate that cannot be read is a fault of the build")]
fn built_in(text: &str) -> Arc<Schema> {
    match Schema::parse(text) {
        Ok(schema) => Arc::new(schema),
        Err(error) => panic!("a built-in schema is faulty: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{path::AttrPath, schema::Target};

    /// Shows: S-02, Y-20
    #[test]
    fn paths_resolve_in_any_case_and_with_urn() {
        let catalog = Catalog::standard();
        let user = catalog.by_name("User").expect("User");
        for path in [
            "USERNAME",
            "urn:ietf:params:scim:schemas:core:2.0:user:UserName",
            "name.GIVENname",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "department",
            "meta.lastModified",
            "emails.$ref",
            "groups.$ref",
        ] {
            let found = user.resolve(&AttrPath::parse(path).expect("a path"));
            assert_eq!(found.is_some(), path != "emails.$ref", "{path}");
        }
        let extension = AttrPath::parse(ENTERPRISE).expect("a path");
        assert!(matches!(user.resolve(&extension), Some(Target::Extension(_))));
    }

    #[test]
    fn faulty_definitions_are_refused() {
        let nested = r#"{"id":"urn:x","name":"x","attributes":[{"name":"a","type":"complex",
            "subAttributes":[{"name":"b","type":"complex"}]}]}"#;
        assert_eq!(Schema::parse(nested), Err(DefinitionError::NestedComplex("a".into())));
        let name = r#"{"id":"urn:x","name":"x","attributes":[{"name":"1a"}]}"#;
        assert_eq!(Schema::parse(name), Err(DefinitionError::Name("1a".into())));
        let twice = r#"{"id":"urn:x","name":"x","attributes":[{"name":"a"},{"name":"A"}]}"#;
        assert_eq!(Schema::parse(twice), Err(DefinitionError::Twice("A".into())));
    }
}
