//! What of a resource is shown: `attributes`, `excludedAttributes` and `returned` (RFC 7644 §3.9).

use serde_json::{Map, Value};

use crate::{
    error::{Error, invalid_value},
    path::AttrPath,
    schema::{Attribute, Container, ResourceType, Returned, Target},
};

/// Which attributes an answer holds.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    only: Option<Vec<Name>>,
    except: Vec<Name>,
    /// What is shown though it is returned only on request.
    requested: Vec<Name>,
}

/// A name from a projection parameter, resolved: extension URN, attribute, sub-attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    urn: Option<String>,
    attribute: Option<String>,
    sub: Option<String>,
}

impl Projection {
    /// Reads the two parameters, which exclude each other (Y-07). Unknown names are ignored.
    pub fn parse<'n>(
        kind: &ResourceType,
        attributes: impl IntoIterator<Item = &'n str>,
        excluded: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, Error> {
        let mut attributes = attributes.into_iter().map(str::trim).filter(|name| !name.is_empty()).peekable();
        let mut excluded = excluded.into_iter().map(str::trim).filter(|name| !name.is_empty()).peekable();
        if attributes.peek().is_some() && excluded.peek().is_some() {
            return Err(invalid_value("attributes and excludedAttributes exclude each other."));
        }
        let only = attributes.peek().is_some().then(|| names(kind, attributes));
        let except = names(kind, excluded);
        Ok(Self { only, except, requested: Vec::new() })
    }

    /// The projection of an answer to a write: what is returned on request comes back to a client that wrote it
    /// (RFC 7643 §7), however it asked for the rest.
    pub fn with_written<'n>(&self, kind: &ResourceType, written: impl IntoIterator<Item = &'n str>) -> Self {
        let on_request = |attribute: &Attribute| attribute.returned == Returned::Request;
        let has_some = |attribute: &Attribute| on_request(attribute) || attribute.sub_attributes.iter().any(on_request);
        if !kind.containers().any(|(_, attributes)| attributes.iter().any(has_some)) {
            return self.clone();
        }
        let mut requested = Vec::new();
        for name in names(kind, written.into_iter()) {
            for (container, attributes) in kind.containers() {
                let urn = container.urn();
                for attribute in attributes.iter().filter(|attribute| name.is_within(urn, &attribute.name)) {
                    let whole = Name::whole(urn, &attribute.name);
                    let covered = |sub: &&Attribute| name.covers(urn, &attribute.name, Some(&sub.name));
                    let subs = attribute.sub_attributes.iter().filter(|sub| on_request(sub)).filter(covered);
                    requested.extend(subs.map(|sub| Name { sub: Some(sub.name.clone()), ..whole.clone() }));
                    if on_request(attribute) {
                        requested.push(whole);
                    }
                }
            }
        }
        Self { requested, ..self.clone() }
    }

    /// Whether it shows resources of a type as they are stored.
    pub fn shows_all(&self, kind: &ResourceType) -> bool {
        let by_default = self.only.is_none() && self.except.is_empty() && self.requested.is_empty();
        by_default && kind.hides_nothing()
    }

    /// Whether an attribute at the top is shown at all, so that what is not need not be loaded.
    pub fn shows(&self, attribute: &Attribute) -> bool {
        match attribute.returned {
            Returned::Always => true,
            Returned::Never => false,
            returned => match &self.only {
                Some(only) => only.iter().any(|name| name.is_within(None, &attribute.name)),
                None => returned == Returned::Default && !self.except.contains(&Name::whole(None, &attribute.name)),
            },
        }
    }

    /// Whether a sub-attribute at the top is shown, where its attribute is.
    pub fn shows_sub(&self, attribute: &Attribute, sub: &Attribute) -> bool {
        self.selects(Container::Root, attribute, Some(sub))
    }

    /// A resource with just what is to be shown. `schemas` is always shown (Y-10).
    pub fn apply(&self, kind: &ResourceType, resource: Map<String, Value>) -> Map<String, Value> {
        let mut shown = Map::with_capacity(resource.len());
        for (key, value) in resource {
            if let Some(extension) = kind.extension(&key) {
                let container = Container::Extension(&extension.schema);
                if let Value::Object(object) = value {
                    let object = self.container(container, |name| extension.schema.attribute(name), object);
                    if !object.is_empty() {
                        shown.insert(key, Value::Object(object));
                    }
                }
            } else if let Some(attribute) = kind.root_attribute(&key)
                && let Some(value) = self.value(Container::Root, attribute, value)
            {
                shown.insert(key, value);
            }
        }
        shown
    }

    fn container<'a>(
        &self,
        container: Container<'_>,
        find: impl Fn(&str) -> Option<&'a Attribute>,
        object: Map<String, Value>,
    ) -> Map<String, Value> {
        let shown = object.into_iter().filter_map(|(name, value)| {
            let value = self.value(container, find(&name)?, value)?;
            Some((name, value))
        });
        shown.collect()
    }

    fn value(&self, container: Container<'_>, attribute: &Attribute, value: Value) -> Option<Value> {
        if attribute.returned == Returned::Never {
            return None;
        }
        if attribute.sub_attributes.is_empty() {
            return self.selects(container, attribute, None).then_some(value);
        }
        let whole = self.selects(container, attribute, None);
        let strip = |element: Value| self.element(container, attribute, whole, element);
        match value {
            Value::Array(list) => {
                let list: Vec<_> = list.into_iter().filter_map(strip).collect();
                (!list.is_empty()).then_some(Value::Array(list))
            }
            single => strip(single),
        }
    }

    fn element(&self, container: Container<'_>, attribute: &Attribute, whole: bool, element: Value) -> Option<Value> {
        let Value::Object(object) = element else {
            return whole.then_some(element);
        };
        let named = self.only.iter().flatten().any(|name| name.is_within(container.urn(), &attribute.name));
        if self.only.is_some() && !named && attribute.returned != Returned::Always {
            return None;
        }
        let shown: Map<_, _> = object
            .into_iter()
            .filter(|(name, _)| attribute.sub(name).is_some_and(|sub| self.selects(container, attribute, Some(sub))))
            .collect();
        (!shown.is_empty()).then_some(Value::Object(shown))
    }

    fn selects(&self, container: Container<'_>, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
        let urn = container.urn();
        let returned = sub.map_or(attribute.returned, |sub| sub.returned);
        match returned {
            Returned::Never => return false,
            Returned::Always => return true,
            _ => {}
        }
        let covers = |name: &Name| name.covers(urn, &attribute.name, sub.map(|sub| sub.name.as_str()));
        match &self.only {
            Some(only) => only.iter().any(covers) || sub.is_some() && attribute.returned == Returned::Always,
            None => {
                let on_request = [attribute.returned, returned].contains(&Returned::Request);
                let asked = !on_request || self.requested.iter().any(covers);
                asked && !self.except.iter().any(covers)
            }
        }
    }
}

impl Name {
    fn whole(urn: Option<&str>, attribute: &str) -> Self {
        Self { urn: urn.map(Into::into), attribute: Some(attribute.into()), sub: None }
    }

    /// The name as it is written.
    pub(crate) fn path(&self) -> String {
        let root = self.urn.as_ref().zip(self.attribute.as_ref()).map_or("", |_| ":");
        let (urn, attribute) = (self.urn.as_deref().unwrap_or_default(), self.attribute.as_deref().unwrap_or_default());
        let sub = self.sub.as_ref().map_or_else(String::new, |sub| format!(".{sub}"));
        format!("{urn}{root}{attribute}{sub}")
    }

    /// Whether this name takes in that attribute or sub-attribute as a whole.
    pub(crate) fn covers(&self, urn: Option<&str>, attribute: &str, sub: Option<&str>) -> bool {
        self.urn.as_deref() == urn
            && match (&self.attribute, &self.sub) {
                (None, _) => true,
                (Some(name), None) => name == attribute,
                (Some(name), Some(own)) => name == attribute && sub == Some(own),
            }
    }

    /// Whether this name is of that attribute, wholly or in part.
    fn is_within(&self, urn: Option<&str>, attribute: &str) -> bool {
        self.urn.as_deref() == urn && self.attribute.as_deref().is_none_or(|name| name == attribute)
    }
}

/// What the names name, each once.
pub(crate) fn names<'n>(kind: &ResourceType, given: impl Iterator<Item = &'n str>) -> Vec<Name> {
    let mut names = Vec::new();
    for name in given.filter_map(|name| resolve(kind, name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn resolve(kind: &ResourceType, name: &str) -> Option<Name> {
    match kind.resolve(&AttrPath::parse(name).ok()?)? {
        Target::Extension(schema) => Some(Name { urn: Some(schema.id.clone()), attribute: None, sub: None }),
        Target::Attribute { container, attribute, sub } => Some(Name {
            urn: container.urn().map(Into::into),
            attribute: Some(attribute.name.clone()),
            sub: sub.map(|sub| sub.name.clone()),
        }),
    }
}
