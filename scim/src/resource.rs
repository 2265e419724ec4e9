//! A resource in canonical spelling, without what the server adds to answers.

use serde_json::{Map, Value};

use crate::schema::{Attribute, Container, ResourceType};

/// What a client owns of a resource: attributes under their schema spelling, extensions under
/// their URN. It never holds `schemas`, `id`, `meta`, passwords, members or derived values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document(pub(crate) Map<String, Value>);

/// A group's member as a client names it: by id, perhaps with the type of resource (RFC 7643 §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRef {
    /// The id of the member.
    pub value: String,
    /// `User` or `Group`, if the client said so.
    pub kind: Option<String>,
}

impl Document {
    /// A document that was stored earlier.
    pub fn from_stored(mut attributes: Map<String, Value>) -> Self {
        for server_owned in ["schemas", "id", "meta"] {
            attributes.shift_remove(server_owned);
        }
        Self(attributes)
    }

    /// The attributes.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The value of an attribute.
    pub fn get(&self, container: Container<'_>, name: &str) -> Option<&Value> {
        match container.urn() {
            None => self.0.get(name),
            Some(urn) => self.0.get(urn)?.get(name),
        }
    }

    /// Sets an attribute, or unassigns it with nothing. An extension without attributes vanishes.
    pub fn put(&mut self, container: Container<'_>, name: &str, value: Option<Value>) {
        let Some(urn) = container.urn() else {
            put(&mut self.0, name, value);
            return;
        };
        let object = self.0.entry(urn).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(object) = object {
            put(object, name, value);
            if object.is_empty() {
                self.0.shift_remove(urn);
            }
        }
    }

    /// Drops what an attribute says of the resource with that id. Says whether it said anything.
    pub fn forget(&mut self, container: Container<'_>, attribute: &Attribute, id: &str) -> bool {
        let refers = |value: &Value| value.get("value").and_then(Value::as_str) == Some(id);
        let left = match self.get(container, &attribute.name) {
            Some(Value::Array(list)) if list.iter().any(refers) => {
                let left: Vec<Value> = list.iter().filter(|value| !refers(value)).cloned().collect();
                (!left.is_empty()).then_some(Value::Array(left))
            }
            Some(value) if refers(value) => None,
            _ => return false,
        };
        self.put(container, &attribute.name, left);
        true
    }

    /// The schemas in use: the base schema and each extension that has a value or is required.
    pub fn schemas<'a>(&self, kind: &'a ResourceType) -> Vec<&'a str> {
        let mut schemas = vec![kind.schema.id.as_str()];
        let used = kind.extensions.iter().filter(|e| e.required || self.0.contains_key(&e.schema.id));
        schemas.extend(used.map(|extension| extension.schema.id.as_str()));
        schemas
    }

    /// The same attributes in the order of the schemas, so that equal resources are equal text.
    pub fn arranged(mut self, kind: &ResourceType) -> Self {
        let mut ordered = Map::with_capacity(self.0.len());
        for (container, attributes) in kind.containers() {
            match container.urn() {
                None => arrange(&mut self.0, attributes.iter().map(|a| a.name.as_str()), &mut ordered),
                Some(urn) => {
                    let Some(Value::Object(mut object)) = self.0.shift_remove(urn) else { continue };
                    let mut inner = Map::with_capacity(object.len());
                    arrange(&mut object, attributes.iter().map(|a| a.name.as_str()), &mut inner);
                    ordered.insert(urn.to_owned(), Value::Object(inner));
                }
            }
        }
        Self(ordered)
    }

    /// The text that is stored: `schemas` and `id` first, ready to have `meta` put behind it.
    pub fn to_stored(&self, kind: &ResourceType, id: &str) -> String {
        let mut whole = Map::with_capacity(self.0.len() + 2);
        whole.insert("schemas".into(), self.schemas(kind).into());
        whole.insert("id".into(), id.into());
        whole.extend(self.0.clone());
        Value::Object(whole).to_string()
    }

    /// The names of the attributes that differ between two documents, as paths.
    pub fn changes(&self, after: &Self, kind: &ResourceType) -> Vec<String> {
        let mut changed = Vec::new();
        for (container, attributes) in kind.containers() {
            for attribute in attributes {
                if self.get(container, &attribute.name) != after.get(container, &attribute.name) {
                    let prefix = container.urn().map_or_else(String::new, |urn| format!("{urn}:"));
                    changed.push(format!("{prefix}{}", attribute.name));
                }
            }
        }
        changed
    }
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => {
            object.insert(name.to_owned(), value);
        }
        None => {
            object.shift_remove(name);
        }
    }
}

fn arrange<'n>(from: &mut Map<String, Value>, names: impl Iterator<Item = &'n str>, to: &mut Map<String, Value>) {
    for name in names {
        if let Some(value) = from.shift_remove(name) {
            to.insert(name.to_owned(), value);
        }
    }
}
