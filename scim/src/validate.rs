//! A resource judged against its schemas: what must be there, what may not change.

use serde_json::Value;

use crate::{
    employment,
    error::{Error, invalid_value, mutability},
    key,
    resource::Document,
    schema::{Attribute, Container, Mutability, ResourceType},
};

/// The longest value of an attribute that must be unique, in characters, prepared for comparison or not.
pub const MAX_UNIQUE: usize = 256;
/// The largest document, in bytes of JSON.
pub const MAX_DOCUMENT: usize = 1024 * 1024;

/// The situation in which a resource is judged.
#[derive(Debug, Clone, Copy)]
pub enum Context<'a> {
    /// It is new.
    Create,
    /// It changes from what it was.
    Change {
        /// The resource as it was.
        before: &'a Document,
    },
}

/// Checks a document as it is about to be stored.
pub fn document(kind: &ResourceType, document: &Document, context: Context<'_>) -> Result<(), Error> {
    for (container, attributes) in kind.containers() {
        if let Some(urn) = container.urn()
            && !document.attributes().contains_key(urn)
            && kind.extension(urn).is_some_and(|extension| !extension.required)
        {
            continue;
        }
        for attribute in attributes {
            let value = document.get(container, &attribute.name);
            if !kind.is_membership(attribute) {
                check(container, attribute, value)?;
            }
        }
    }
    if size(document) > MAX_DOCUMENT {
        return Err(invalid_value(format!("The {} would be larger than {MAX_DOCUMENT} bytes.", kind.name)));
    }
    employment::check(kind, document)?;
    match context {
        Context::Create => Ok(()),
        Context::Change { before } => unchanged_where_immutable(kind, before, document),
    }
}

fn check(container: Container<'_>, attribute: &Attribute, value: Option<&Value>) -> Result<(), Error> {
    let name = &attribute.name;
    // Blanks are no name, and neither are characters that nobody sees.
    let unseen = |text: &str| key::text_key(attribute, text).trim().is_empty();
    let blank = |value: &&Value| attribute.required && value.as_str().is_some_and(unseen);
    let Some(value) = value.filter(|value| !blank(value)) else {
        // What only the server may write is the server's to supply.
        if attribute.required && attribute.mutability != Mutability::ReadOnly {
            let place = container.urn().map_or_else(String::new, |urn| format!(" of {urn}"));
            return Err(invalid_value(format!("{name}{place} is required.")));
        }
        return Ok(());
    };
    if let Some(text) = value.as_str().filter(|_| attribute.is_unique()) {
        let longest = text.chars().count().max(key::text_key(attribute, text).chars().count());
        if longest > MAX_UNIQUE {
            return Err(invalid_value(format!("{name} may be at most {MAX_UNIQUE} characters long.")));
        }
        if text.contains(char::is_control) {
            return Err(invalid_value(format!("{name} holds a control character.")));
        }
    }
    let elements = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    for element in elements {
        let missing = attribute
            .sub_attributes
            .iter()
            .find(|sub| sub.required && sub.mutability != Mutability::ReadOnly && element.get(&sub.name).is_none());
        if let Some(sub) = missing {
            return Err(invalid_value(format!("{name}.{} is required.", sub.name)));
        }
    }
    let primaries = elements.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true))).count();
    if primaries > 1 {
        return Err(invalid_value(format!("Only one value of {name} can be primary.")));
    }
    Ok(())
}

/// How long a document is as JSON.
fn size(document: &Document) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Neither a map nor the counter can fail.
    let _ = serde_json::to_writer(&mut counter, document.attributes());
    counter.0
}

/// Puts back what may not change and was left out: whoever replaces a resource need not know it (RFC 7644 §3.5.1 refuses other
/// values).
pub fn keep_immutable(kind: &ResourceType, before: &Document, after: &mut Document) {
    for (container, attributes) in kind.containers() {
        for attribute in attributes.iter().filter(|attribute| attribute.mutability == Mutability::Immutable) {
            if !kind.is_membership(attribute) && after.get(container, &attribute.name).is_none() {
                after.put(container, &attribute.name, before.get(container, &attribute.name).cloned());
            }
        }
    }
}

/// RFC 7643 §7: an immutable value that is set stays as it is.
fn unchanged_where_immutable(kind: &ResourceType, before: &Document, after: &Document) -> Result<(), Error> {
    for (container, attributes) in kind.containers() {
        for attribute in attributes.iter().filter(|attribute| !kind.is_membership(attribute)) {
            let was = before.get(container, &attribute.name);
            let is = after.get(container, &attribute.name);
            if attribute.mutability == Mutability::Immutable && was.is_some() && was != is {
                return Err(mutability(format!("{} is immutable and already set.", attribute.name)));
            }
            if attribute.multi_valued {
                continue;
            }
            for sub in attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable) {
                let was = was.and_then(|value| value.get(&sub.name));
                if was.is_some() && was != is.and_then(|value| value.get(&sub.name)) {
                    return Err(mutability(format!("{}.{} is immutable and already set.", attribute.name, sub.name)));
                }
            }
        }
    }
    Ok(())
}
