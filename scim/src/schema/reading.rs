//! Definitions as they come from outside (RFC 7643 §6 and §7). Those of another server are taken as they are shown
//! there; a member that no definition has is a slip of the pen, and told.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::schema::{Attribute, Catalog, DefinitionError, Schema, TypeDefinition, catalog::check};

const OF_SCHEMA: [&str; 6] = ["schemas", "meta", "id", "name", "description", "attributes"];
const OF_ATTRIBUTE: [&str; 12] = [
    "name",
    "type",
    "subAttributes",
    "multiValued",
    "description",
    "required",
    "canonicalValues",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
];
const OF_TYPE: [&str; 8] = ["schemas", "meta", "id", "name", "endpoint", "description", "schema", "schemaExtensions"];
const OF_EXTENSION: [&str; 2] = ["schema", "required"];

impl Schema {
    /// Reads a schema as `/Schemas` shows it; `schemas` and `meta` do not count.
    pub fn read(definition: &Value) -> Result<Self, DefinitionError> {
        known(definition, &OF_SCHEMA, "the schema")?;
        attributes(&definition["attributes"], "attributes")?;
        let schema: Self = typed(definition, "the schema")?;
        check(&schema.attributes)?;
        Ok(schema)
    }
}

impl TypeDefinition {
    /// Reads a resource type as `/ResourceTypes` shows it; `schemas`, `id` and `meta` do not count.
    pub fn read(definition: &Value) -> Result<Self, DefinitionError> {
        known(definition, &OF_TYPE, "the resource type")?;
        for (at, extension) in items(&definition["schemaExtensions"]) {
            known(extension, &OF_EXTENSION, &format!("schemaExtensions/{at}"))?;
        }
        typed(definition, "the resource type")
    }

    /// What it adds to a catalogue: of a type that is there already, the extensions that it has not yet. So a
    /// standard type can be read, given one more extension, and put.
    #[must_use]
    pub fn beside(mut self, catalog: &Catalog) -> Self {
        if let Some(kind) = catalog.by_name(&self.name) {
            self.endpoint = None;
            self.description.clear();
            self.schema = self.schema.filter(|schema| *schema != kind.schema.id);
            self.schema_extensions.retain(|extension| kind.extension(&extension.schema).is_none());
        }
        self
    }
}

/// Looks at each attribute by itself, so that what is said of it says where it stands.
fn attributes(list: &Value, place: &str) -> Result<(), DefinitionError> {
    for (at, attribute) in items(list) {
        let place = format!("{place}/{at}");
        known(attribute, &OF_ATTRIBUTE, &place)?;
        attributes(&attribute["subAttributes"], &format!("{place}/subAttributes"))?;
        typed::<Attribute>(attribute, &place)?;
    }
    Ok(())
}

fn items(list: &Value) -> impl Iterator<Item = (usize, &Value)> {
    list.as_array().into_iter().flatten().enumerate()
}

fn known(value: &Value, members: &[&str], place: &str) -> Result<(), DefinitionError> {
    let Some(object) = value.as_object() else {
        return Err(DefinitionError::Unreadable(format!("{place} must be an object")));
    };
    match object.keys().find(|name| !members.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(DefinitionError::Unreadable(format!(
            "{place} has a member {name}, which is none of {}",
            members.join(", ")
        ))),
    }
}

fn typed<T: DeserializeOwned>(value: &Value, place: &str) -> Result<T, DefinitionError> {
    T::deserialize(value).map_err(|error| DefinitionError::Unreadable(format!("{place}: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::discovery;

    #[test]
    fn what_is_shown_can_be_read() {
        let standard = Catalog::standard();
        for schema in standard.schemas() {
            assert_eq!(Schema::read(&discovery::schema(schema, "https://x")).as_ref(), Ok(schema));
        }
        for kind in standard.types() {
            let read = TypeDefinition::read(&discovery::resource_type(kind, "https://x")).expect("a type");
            let nothing = TypeDefinition {
                name: kind.name.clone(),
                endpoint: None,
                description: String::new(),
                schema: None,
                schema_extensions: Vec::new(),
            };
            assert_eq!(read.beside(&standard), nothing);
        }
    }

    #[test]
    fn slips_are_told_with_their_place() {
        let says = |attribute: Value| {
            let schema = json!({ "id": "urn:example:X", "name": "X", "attributes": [{ "name": "a" }, attribute] });
            Schema::read(&schema).expect_err("refused").to_string()
        };
        assert!(says(json!({ "name": "b", "multivalued": true })).contains("attributes/1 has a member multivalued"));
        assert!(says(json!({ "name": "b", "type": "text" })).contains("attributes/1: unknown variant `text`"));
        let sub = says(json!({ "name": "b", "type": "complex", "subAttributes": [{ "name": 1 }] }));
        assert!(sub.contains("attributes/1/subAttributes/0"), "{sub}");
        assert!(says(json!("b")).contains("object") && Schema::read(&json!([])).is_err());
        assert!(says(json!({ "name": "A" })).contains("twice"));
        let extra = json!({ "name": "User", "schemaExtensions": [{ "schema": "urn:example:X", "needed": true }] });
        assert!(TypeDefinition::read(&extra).expect_err("refused").to_string().contains("schemaExtensions/0"));
    }
}
