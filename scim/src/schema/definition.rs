//! What a tenant defines for itself: schemas and resource types beside the standard ones (RFC 7643 §6 and §7).

use std::{collections::HashSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::schema::{
    Attribute, Catalog, DefinitionError, Extension, Mutability, ResourceType, Schema, Type, Uniqueness, catalog::check,
};

/// How many schemas, and how many resource types, a tenant may define.
pub const MAX_DEFINITIONS: usize = 50;
/// How many attributes a schema may define, sub-attributes included.
pub const MAX_ATTRIBUTES: usize = 500;
/// The longest name of a resource type, an endpoint or an attribute.
const MAX_NAME: usize = 60;
/// The longest URN.
const MAX_URN: usize = 200;
/// What the URNs of messages start with, which are no schemas of resources (RFC 7644 §3.1).
const MESSAGES: &str = "urn:ietf:params:scim:api:messages:";
/// Names of endpoints that mean something else.
const RESERVED: [&str; 5] = ["Schemas", "ResourceTypes", "ServiceProviderConfig", "Bulk", "Me"];

/// A resource type as a tenant defines it, in the form of RFC 7643 §6. Of a standard type only the extensions count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeDefinition {
    /// The name, e.g. `Vehicle`.
    pub name: String,
    /// The endpoint, with or without a slash in front; nothing for a standard type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// The URN of the base schema; nothing for a standard type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The extensions.
    #[serde(default)]
    pub schema_extensions: Vec<ExtensionDefinition>,
}

/// An extension of a resource type as a tenant defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionDefinition {
    /// The URN.
    pub schema: String,
    /// Whether every resource must carry it.
    #[serde(default)]
    pub required: bool,
}

impl Catalog {
    /// This catalogue with a tenant's own definitions, or what is wrong with them.
    pub fn extended(&self, schemas: &[Schema], types: &[TypeDefinition]) -> Result<Self, DefinitionError> {
        if schemas.len() > MAX_DEFINITIONS || types.len() > MAX_DEFINITIONS {
            return refuse(format!("a tenant may define at most {MAX_DEFINITIONS} schemas and as many resource types"));
        }
        let standard: Vec<&Schema> = self.schemas();
        let mut own: Vec<Arc<Schema>> = Vec::with_capacity(schemas.len());
        for schema in schemas {
            schema.check_own()?;
            let is_same = |id: &str| id.eq_ignore_ascii_case(&schema.id);
            if standard.iter().any(|other| is_same(&other.id)) || own.iter().any(|other| is_same(&other.id)) {
                return refuse(format!("there is a schema {} already", schema.id));
            }
            own.push(Arc::new(schema.clone()));
        }
        self.refuse_shadows(&own)?;
        let mut catalog = self.clone();
        for definition in types {
            catalog.add(definition, &own)?;
        }
        Ok(catalog)
    }

    /// A path that is the URN of a schema means the schema: it must not be the path of an attribute as well.
    fn refuse_shadows(&self, own: &[Arc<Schema>]) -> Result<(), DefinitionError> {
        let standard = self.schemas();
        let schemas = || standard.iter().copied().chain(own.iter().map(|schema| &**schema));
        let urns: HashSet<String> = schemas().map(|schema| schema.id.to_ascii_lowercase()).collect();
        let common: Vec<&Attribute> = self.types().iter().flat_map(|kind| &kind.common.attributes).collect();
        for schema in schemas() {
            let path = |attribute: &Attribute| format!("{}:{}", schema.id, attribute.name);
            let mut paths = schema.attributes.iter().chain(common.iter().copied()).map(path);
            if let Some(path) = paths.find(|path| urns.contains(&path.to_ascii_lowercase())) {
                return refuse(format!("{path} cannot be both a schema and an attribute of {}", schema.id));
            }
        }
        Ok(())
    }

    fn add(&mut self, definition: &TypeDefinition, own: &[Arc<Schema>]) -> Result<(), DefinitionError> {
        let find = |urn: &str| {
            let found = own.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
            found.cloned().ok_or_else(|| DefinitionError::Refused(format!("there is no schema {urn}; define it first")))
        };
        let mut extensions = Vec::with_capacity(definition.schema_extensions.len());
        for ExtensionDefinition { schema, required } in &definition.schema_extensions {
            extensions.push(Extension { schema: find(schema)?, required: *required });
        }
        let mut seen = HashSet::new();
        if let Some(twice) = extensions.iter().find(|extension| !seen.insert(extension.schema.id.as_str())) {
            return refuse(format!("{} extends {} twice", twice.schema.id, definition.name));
        }
        if let Some(kind) = self.types_mut().iter_mut().find(|kind| kind.name == definition.name) {
            if kind.is_read_only() || definition.schema.as_ref().is_some_and(|schema| *schema != kind.schema.id) {
                return refuse(format!("{} is a standard resource type; only extensions can be added", kind.name));
            }
            kind.extensions.extend(extensions);
            return Ok(());
        }
        let Some(urn) = &definition.schema else {
            return refuse(format!("{} needs the URN of its base schema in `schema`", definition.name));
        };
        let schema = find(urn)?;
        if extensions.iter().any(|extension| extension.schema.id == schema.id) {
            return refuse(format!("{urn} cannot be base and extension of {} at once", definition.name));
        }
        let endpoint = self.own_endpoint(definition)?;
        let common = self.types().first().map(|kind| Arc::clone(&kind.common));
        let Some(common) = common else { return refuse("there is no standard resource type".into()) };
        if let Some(attribute) = schema.attributes.iter().find(|attribute| common.attribute(&attribute.name).is_some())
        {
            return refuse(format!("every resource has an attribute {}; name yours otherwise", attribute.name));
        }
        self.types_mut().push(ResourceType {
            name: definition.name.clone(),
            endpoint,
            description: definition.description.clone(),
            schema,
            extensions,
            common,
            membership: None,
            member_of: None,
            catalogue_of: None,
            is_partial: false,
        });
        Ok(())
    }

    fn own_endpoint(&self, definition: &TypeDefinition) -> Result<String, DefinitionError> {
        let endpoint = definition.endpoint.as_deref().unwrap_or_default().trim_matches('/');
        if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(endpoint)) {
            return refuse(format!("the endpoint /{endpoint} is one of the server's own"));
        }
        if !is_word(&definition.name) || !is_word(endpoint) {
            return refuse(format!(
                "the name and the endpoint of a resource type must be 1 to {MAX_NAME} letters and digits, \
                 such as Vehicle and /Vehicles"
            ));
        }
        let taken = |kind: &ResourceType| {
            kind.name.eq_ignore_ascii_case(&definition.name) || kind.endpoint.eq_ignore_ascii_case(endpoint)
        };
        if self.types().iter().any(taken) {
            return refuse(format!(
                "another resource type has the name {} or the endpoint /{endpoint}",
                definition.name
            ));
        }
        Ok(endpoint.to_owned())
    }
}

impl Schema {
    /// What this server asks of a schema that a tenant defines, beyond RFC 7643 §2: what it could not keep its word on
    /// is refused when it is defined and not when it is used.
    fn check_own(&self) -> Result<(), DefinitionError> {
        let name = self.id.rsplit(':').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-');
        let well_formed = self.id.len() <= MAX_URN
            && self.id.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
            && self.id.chars().all(plain)
            && self.id.split(':').all(|part| !part.is_empty())
            && self.id.split(':').count() >= 3;
        if !well_formed || !is_word(name) {
            return refuse(format!(
                "{:?} must be a URN of at most {MAX_URN} characters that ends with a name, \
                 such as urn:example:scim:schemas:2.0:Vehicle",
                self.id
            ));
        }
        if self.id.get(..MESSAGES.len()).is_some_and(|start| start.eq_ignore_ascii_case(MESSAGES)) {
            return refuse(format!("{:?} is the URN of a message and not of a schema", self.id));
        }
        if self.attributes.is_empty() {
            return refuse("a schema needs at least one attribute".into());
        }
        let count: usize = self.attributes.iter().map(|attribute| 1 + attribute.sub_attributes.len()).sum();
        if count > MAX_ATTRIBUTES {
            return refuse(format!("a schema may define at most {MAX_ATTRIBUTES} attributes"));
        }
        check(&self.attributes)?;
        self.attributes.iter().try_for_each(check_attribute)
    }

    /// Whether another definition of the same schema takes nothing back: what exists stays as it is, and nothing new
    /// is required.
    pub fn grows_into(&self, other: &Self) -> bool {
        self.id == other.id && grow(&self.attributes, &other.attributes)
    }
}

fn grow(before: &[Attribute], after: &[Attribute]) -> bool {
    let kept = |old: &Attribute| {
        after.iter().any(|new| {
            let worded = Attribute {
                description: old.description.clone(),
                canonical_values: old.canonical_values.clone(),
                sub_attributes: old.sub_attributes.clone(),
                ..new.clone()
            };
            worded == *old && grow(&old.sub_attributes, &new.sub_attributes)
        })
    };
    let is_new = |new: &&Attribute| before.iter().all(|old| old.name != new.name);
    before.iter().all(kept) && after.iter().filter(is_new).all(|new| !new.required && !new.is_unique())
}

fn check_attribute(attribute: &Attribute) -> Result<(), DefinitionError> {
    let name = &attribute.name;
    if name.len() > MAX_NAME {
        return refuse(format!("the name of attribute {name} is longer than {MAX_NAME} characters"));
    }
    let parts = || std::iter::once(attribute).chain(&attribute.sub_attributes);
    if parts().any(|part| part.mutability == Mutability::WriteOnly) {
        return refuse(format!("{name}: writeOnly is for passwords, which belong to users"));
    }
    if let Some(part) = parts().find(|part| part.required && part.mutability == Mutability::ReadOnly) {
        return refuse(format!("{}: what is readOnly is never sent, and so it cannot be required", part.name));
    }
    if let Some(part) = parts().find(|part| part.kind != Type::Reference && !part.reference_types.is_empty()) {
        return refuse(format!("{}: only a reference has referenceTypes", part.name));
    }
    let has_words = |part: &&Attribute| !part.canonical_values.is_empty();
    if let Some(part) = parts().filter(has_words).find(|part| !matches!(part.kind, Type::String | Type::Reference)) {
        return refuse(format!("{}: only a text has canonicalValues", part.name));
    }
    if attribute.is_complex() == attribute.sub_attributes.is_empty() {
        return refuse(format!("{name}: complex attributes have sub-attributes, and no others do"));
    }
    if attribute.sub_attributes.iter().any(|sub| sub.multi_valued) {
        return refuse(format!("{name}: a sub-attribute has one value"));
    }
    // Values of a list are known by nothing but what they hold: nobody could tell a changed one from a new one.
    let immutable = |sub: &&Attribute| sub.mutability == Mutability::Immutable;
    if let Some(sub) = attribute.sub_attributes.iter().find(immutable).filter(|_| attribute.multi_valued) {
        let sub = &sub.name;
        return refuse(format!("{name}.{sub}: in a list no sub-attribute can be immutable; {name} as a whole can"));
    }
    let simple = !attribute.multi_valued && !attribute.is_complex();
    let unique = parts().any(|part| part.uniqueness != Uniqueness::None);
    if unique && !(simple && matches!(attribute.kind, Type::String | Type::Reference | Type::Integer)) {
        return refuse(format!("{name}: only a text or whole number with one value, outside others, can be unique"));
    }
    Ok(())
}

fn is_word(word: &str) -> bool {
    word.len() <= MAX_NAME
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'))
}

fn refuse<T>(reason: String) -> Result<T, DefinitionError> {
    Err(DefinitionError::Refused(reason))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        path::AttrPath,
        schema::{Container, Target},
    };

    const URN: &str = "urn:example:scim:schemas:2.0:Vehicle";

    fn schema(id: &str, attributes: serde_json::Value) -> Schema {
        let text = json!({ "id": id, "name": "x", "attributes": attributes }).to_string();
        Schema::parse(&text).expect("a schema")
    }

    fn vehicle() -> Schema {
        schema(URN, json!([{ "name": "plate", "required": true, "uniqueness": "server" }, { "name": "groups" }]))
    }

    fn kind(name: &str, endpoint: &str) -> TypeDefinition {
        serde_json::from_value(json!({ "name": name, "endpoint": endpoint, "schema": URN })).expect("a type")
    }

    #[test]
    fn a_type_and_an_extension_join_the_standard_ones() {
        let extends: TypeDefinition =
            serde_json::from_value(json!({ "name": "User", "schemaExtensions": [{ "schema": "urn:example:Badge" }] }))
                .expect("a type");
        let badge = schema("urn:example:Badge", json!([{ "name": "number" }, { "name": "department" }]));
        let standard = Catalog::standard();
        let catalog =
            standard.extended(&[vehicle(), badge], &[kind("Vehicle", "/Vehicles"), extends]).expect("extended");
        let found = catalog.by_endpoint("Vehicles").expect("vehicles");
        let groups = found.root_attribute("groups").expect("an attribute");
        assert!(!found.is_member_of(groups) && !found.is_membership(groups), "a name alone means nothing");
        let user = catalog.by_name("User").expect("users");
        let container = |path: &str| match user.resolve(&AttrPath::parse(path).expect("a path")) {
            Some(Target::Attribute { container: Container::Extension(schema), .. }) => schema.id.clone(),
            other => panic!("{path}: {other:?}"),
        };
        assert_eq!(container("number"), "urn:example:Badge");
        assert_eq!(container("urn:example:badge:NUMBER"), "urn:example:Badge");
        assert_eq!(container("department"), crate::schema::ENTERPRISE, "what was there first keeps its name");
        assert_eq!(standard.types().len() + 1, catalog.types().len());
    }

    #[test]
    fn what_could_not_be_kept_is_refused() {
        let standard = Catalog::standard();
        let schemas = |schema: Schema| standard.extended(&[schema], &[]).is_err();
        let message = "urn:ietf:params:scim:api:messages:2.0:Foo";
        for id in
            [message, "x", "urn:example", "urn:example:2.0", "urn:example:a b:X", "urn:example::X", crate::schema::USER]
        {
            assert!(schemas(schema(id, json!([{ "name": "a" }]))), "{id}");
        }
        for attribute in [
            json!({ "name": "a", "mutability": "writeOnly" }),
            json!({ "name": "a", "type": "complex" }),
            json!({ "name": "a", "subAttributes": [{ "name": "b" }] }),
            json!({ "name": "a", "multiValued": true, "uniqueness": "server" }),
            json!({ "name": "a", "type": "complex", "subAttributes": [{ "name": "b", "multiValued": true }] }),
            json!({ "name": "a", "type": "complex", "subAttributes": [{ "name": "b", "uniqueness": "global" }] }),
            json!({ "name": "a", "type": "complex", "multiValued": true,
                    "subAttributes": [{ "name": "b", "mutability": "immutable" }] }),
            json!({ "name": "a".repeat(61) }),
            json!({ "name": "a", "required": true, "mutability": "readOnly" }),
            json!({ "name": "a", "referenceTypes": ["User"] }),
            json!({ "name": "a", "type": "integer", "canonicalValues": ["1"] }),
        ] {
            assert!(schemas(schema(URN, json!([attribute]))), "{attribute}");
        }
        let one =
            json!({ "name": "a", "type": "complex", "subAttributes": [{ "name": "b", "mutability": "immutable" }] });
        assert!(!schemas(schema(URN, json!([one]))), "what has one value can keep it");
        let both = |id: &str| standard.extended(&[vehicle(), schema(id, json!([{ "name": "a" }]))], &[]).is_ok();
        assert!(both(&format!("{URN}:Colour")), "no attribute of that name");
        let user = crate::schema::USER;
        for id in [format!("{URN}:Plate"), format!("{URN}:meta"), format!("{user}:title")] {
            assert!(!both(&id), "{id} is the path of an attribute");
        }
        for (name, endpoint) in
            [("User", "/Vehicles"), ("Vehicle", "/users"), ("Vehicle", "/Bulk"), ("V/x", "/V"), ("V", "")]
        {
            assert!(standard.extended(&[vehicle()], &[kind(name, endpoint)]).is_err(), "{name} {endpoint}");
        }
        let id = schema(URN, json!([{ "name": "externalId" }]));
        assert!(standard.extended(&[id], &[kind("Vehicle", "/Vehicles")]).is_err());
        assert!(standard.extended(&[], &[kind("Vehicle", "/Vehicles")]).is_err(), "its schema is missing");
    }

    #[test]
    fn a_schema_in_use_may_grow_and_nothing_else() {
        let before = vehicle();
        let with = |attributes| schema(URN, attributes);
        let plate = json!({ "name": "plate", "required": true, "uniqueness": "server", "description": "new words" });
        assert!(before.grows_into(&with(json!([plate, { "name": "groups" }, { "name": "colour" }]))));
        assert!(!before.grows_into(&with(json!([plate]))));
        assert!(!before.grows_into(&with(json!([plate, { "name": "groups", "type": "boolean" }]))));
        assert!(!before.grows_into(&with(json!([plate, { "name": "groups" }, { "name": "x", "required": true }]))));
    }
}
