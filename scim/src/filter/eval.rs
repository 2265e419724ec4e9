//! A bound filter judged on one resource in memory: for PATCH paths, and as the model that the
//! database's answers are tested against.

use serde_json::{Map, Value};

use crate::filter::{Condition, Field, Test, bind::key_of};

/// Whether a whole resource meets a condition.
pub fn matches(condition: &Condition<'_>, resource: &Map<String, Value>) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| matches(part, resource)),
        Condition::Any(parts) => parts.iter().any(|part| matches(part, resource)),
        Condition::Not(inner) => !matches(inner, resource),
        Condition::Test(test) => {
            elements(resource, test.field.urn, &test.field.attribute.name).any(|element| passes(test, element))
        }
        Condition::Element { urn, attribute, within } => {
            elements(resource, *urn, &attribute.name).any(|element| matches_element(within, element))
        }
    }
}

/// Whether one value of an attribute meets a condition on its sub-attributes.
pub fn matches_element(condition: &Condition<'_>, element: &Value) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| matches_element(part, element)),
        Condition::Any(parts) => parts.iter().any(|part| matches_element(part, element)),
        Condition::Not(inner) => !matches_element(inner, element),
        Condition::Test(test) => passes(test, element),
        Condition::Element { within, .. } => matches_element(within, element),
    }
}

fn passes(test: &Test<'_>, element: &Value) -> bool {
    leaves(&test.field, element).filter_map(|leaf| key_of(&test.field, leaf)).any(|key| test.check.passes(&key))
}

fn elements<'v>(resource: &'v Map<String, Value>, urn: Option<&str>, name: &str) -> impl Iterator<Item = &'v Value> {
    let container = match urn {
        None => Some(resource),
        Some(urn) => resource.get(urn).and_then(Value::as_object),
    };
    container.and_then(|container| container.get(name)).into_iter().flat_map(each)
}

fn leaves<'v>(field: &Field<'_>, element: &'v Value) -> impl Iterator<Item = &'v Value> {
    let leaf = match field.sub {
        None => Some(element),
        Some(sub) => element.get(&sub.name),
    };
    leaf.into_iter().flat_map(each)
}

fn each(value: &Value) -> std::slice::Iter<'_, Value> {
    match value {
        Value::Array(items) => items.iter(),
        single => std::slice::from_ref(single).iter(),
    }
}
