//! What a store may search: a resource as flat rows of comparison keys.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    filter::Field,
    key,
    resource::Document,
    schema::{Attribute, Container, ResourceType, Returned, Type},
};

/// One searchable value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// What it is a value of: see [`field_id`].
    pub field: i64,
    /// Which value of a multi-valued attribute; 0 is the one that sorting uses (the primary, else the first).
    pub element: i32,
    /// The comparison key.
    pub key: String,
    /// Whether no other resource of the type may have it.
    pub unique: bool,
}

/// A stable number for a field of a resource type: the 64-bit FNV-1a hash of its canonical name.
/// A tenant has some hundred fields, so that two of them meet with a chance below 2⁻⁵⁰.
pub fn field_id(kind: &ResourceType, field: &Field<'_>) -> i64 {
    let sub = field.sub.map_or("", |sub| sub.name.as_str());
    let hash = digest(&[&kind.name, field.urn.unwrap_or(""), &field.attribute.name, sub]);
    i64::from_ne_bytes(hash.to_ne_bytes())
}

/// The 64-bit FNV-1a hash of texts, each with an end: the same on every machine and in every version.
pub fn digest(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0)));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The comparison key of a text in an attribute.
pub fn key(attribute: &Attribute, text: &str) -> String {
    key::text_key(attribute, text)
}

/// All that can be searched of a document, beside what the server keeps in columns and member rows.
pub fn entries(kind: &ResourceType, document: &Document) -> Vec<Entry> {
    let mut entries = Vec::new();
    for urn in document.schemas(kind).into_iter().skip(1) {
        if let Some(attribute) = kind.root_attribute("schemas") {
            let field = field_id(kind, &Field { urn: None, attribute, sub: None });
            let element = i32::try_from(entries.len()).unwrap_or(i32::MAX);
            entries.push(Entry { field, element, key: key::text_key(attribute, urn), unique: false });
        }
    }
    for (container, attributes) in kind.containers() {
        for attribute in attributes.iter().filter(|attribute| attribute.returned != Returned::Never) {
            if let Some(value) = document.get(container, &attribute.name) {
                of_attribute(kind, container, attribute, value, &mut entries);
            }
        }
    }
    let mut seen = HashSet::with_capacity(entries.len());
    entries.retain(|entry| seen.insert(entry.clone()));
    entries
}

fn of_attribute(
    kind: &ResourceType,
    container: Container<'_>,
    attribute: &Attribute,
    value: &Value,
    entries: &mut Vec<Entry>,
) {
    let field = Field { urn: container.urn(), attribute, sub: None };
    let Value::Array(list) = value else {
        return of_element(kind, field, value, 0, entries);
    };
    let primary = list.iter().position(|element| element.get("primary") == Some(&Value::Bool(true)));
    let primary = primary.unwrap_or(0);
    for (at, element) in list.iter().enumerate() {
        // The primary value takes the place of the first, so that sorting finds it at 0.
        let at = if at == primary {
            0
        } else if at < primary {
            at + 1
        } else {
            at
        };
        of_element(kind, field, element, i32::try_from(at).unwrap_or(i32::MAX), entries);
    }
}

fn of_element(kind: &ResourceType, field: Field<'_>, value: &Value, element: i32, entries: &mut Vec<Entry>) {
    if field.attribute.kind != Type::Complex {
        return push(kind, field, value, element, entries);
    }
    for sub in field.attribute.sub_attributes.iter().filter(|sub| sub.returned != Returned::Never) {
        let field = Field { sub: Some(sub), ..field };
        match value.get(&sub.name) {
            Some(Value::Array(list)) => list.iter().for_each(|v| push(kind, field, v, element, entries)),
            Some(value) => push(kind, field, value, element, entries),
            None => {}
        }
    }
}

fn push(kind: &ResourceType, field: Field<'_>, value: &Value, element: i32, entries: &mut Vec<Entry>) {
    if let Some(key) = key::of(field.leaf(), value) {
        entries.push(Entry { field: field_id(kind, &field), element, key, unique: field.leaf().is_unique() });
    }
}
