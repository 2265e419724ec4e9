//! A resource type: an endpoint, its schema and extensions, and what a path means on it.

use std::sync::Arc;

use crate::{
    path::AttrPath,
    schema::{Attribute, ENTERPRISE, Mutability, Returned, Schema},
};

/// What identity providers still call the enterprise extension.
const LEGACY: [(&str, &str); 3] = [
    ("urn:scim:schemas:extension:enterprise:1.0", ENTERPRISE),
    ("urn:scim:schemas:extension:enterprise:2.0", ENTERPRISE),
    ("urn:scim:schemas:extension:enterprise:2.0:User", ENTERPRISE),
];

/// An extension schema of a resource type (RFC 7643 §6).
#[derive(Debug, Clone)]
pub struct Extension {
    /// Its definition.
    pub schema: Arc<Schema>,
    /// Whether every resource must carry it.
    pub required: bool,
}

/// A kind of resource that a tenant serves.
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// The name, e.g. `User`.
    pub name: String,
    /// The endpoint below the base URI, without a slash, e.g. `Users`.
    pub endpoint: String,
    /// For people.
    pub description: String,
    /// The base schema.
    pub schema: Arc<Schema>,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// `id`, `externalId`, `meta` and `schemas`, common to all types (RFC 7643 §3.1).
    pub common: Arc<Schema>,
    /// The attribute whose values are memberships: rows of their own and not in the document, e.g. `members`.
    pub membership: Option<&'static str>,
    /// The attribute that shows the memberships of such a resource in others, e.g. `groups`.
    pub member_of: Option<&'static str>,
    /// Of a catalogue, which clients may only read: the attribute of users whose values are listed in it.
    pub catalogue_of: Option<&'static str>,
    /// Whether it was limited to a part of its attributes, so that documents hold more than it knows.
    pub is_partial: bool,
}

/// Where an attribute lives in a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container<'a> {
    /// At the top: common attributes and the base schema.
    Root,
    /// In the object of an extension.
    Extension(&'a Schema),
}

impl<'a> Container<'a> {
    /// The URN of the extension, or nothing at the top.
    pub fn urn(self) -> Option<&'a str> {
        match self {
            Self::Root => None,
            Self::Extension(schema) => Some(&schema.id),
        }
    }
}

/// What a path names on a resource type.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// A whole extension.
    Extension(&'a Schema),
    /// An attribute, or one of its sub-attributes.
    Attribute {
        /// Where it lives.
        container: Container<'a>,
        /// The attribute.
        attribute: &'a Attribute,
        /// The sub-attribute.
        sub: Option<&'a Attribute>,
    },
}

impl ResourceType {
    /// What a path names, whatever the case of its letters. A name without URN that only extensions define is
    /// found in the first that does: what a tenant registers later changes no path.
    pub fn resolve(&self, path: &AttrPath) -> Option<Target<'_>> {
        match &path.urn {
            None => self.resolve_plain(path),
            Some(urn) => self.resolve_qualified(urn, path),
        }
    }

    fn resolve_plain(&self, path: &AttrPath) -> Option<Target<'_>> {
        if let Some(attribute) = self.root_attribute(&path.name) {
            return target(Container::Root, attribute, path);
        }
        let (schema, attribute) = self.extensions.iter().find_map(|extension| {
            let attribute = extension.schema.attribute(&path.name)?;
            Some((&*extension.schema, attribute))
        })?;
        target(Container::Extension(schema), attribute, path)
    }

    fn resolve_qualified(&self, urn: &str, path: &AttrPath) -> Option<Target<'_>> {
        if path.sub.is_none()
            && let Some(extension) = self.extension(&format!("{urn}:{}", path.name))
        {
            return Some(Target::Extension(&extension.schema));
        }
        if self.schema.id.eq_ignore_ascii_case(urn) {
            return target(Container::Root, self.root_attribute(&path.name)?, path);
        }
        let extension = self.extension(urn)?;
        target(Container::Extension(&extension.schema), extension.schema.attribute(&path.name)?, path)
    }

    /// The extension with that URN, in any case; also with one that it had before the RFCs.
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        let legacy = LEGACY.iter().find(|(old, _)| old.eq_ignore_ascii_case(urn));
        let urn = legacy.map_or(urn, |(_, new)| new);
        self.extensions.iter().find(|extension| extension.schema.id.eq_ignore_ascii_case(urn))
    }

    /// A common attribute or one of the base schema.
    pub fn root_attribute(&self, name: &str) -> Option<&Attribute> {
        self.common.attribute(name).or_else(|| self.schema.attribute(name))
    }

    /// Every container with its attributes, the top first.
    pub fn containers(&self) -> impl Iterator<Item = (Container<'_>, &[Attribute])> {
        let root = [&self.common, &self.schema];
        let extensions = self
            .extensions
            .iter()
            .map(|extension| (Container::Extension(&extension.schema), extension.schema.attributes.as_slice()));
        root.into_iter().map(|schema| (Container::Root, schema.attributes.as_slice())).chain(extensions)
    }

    /// The attributes that clients set to the id of another resource, e.g. `manager`, with where they live.
    pub fn references(&self) -> impl Iterator<Item = (Container<'_>, &Attribute)> {
        self.containers().flat_map(move |(container, attributes)| {
            let refers = move |attribute: &&Attribute| {
                attribute.mutability != Mutability::ReadOnly
                    && !self.is_membership(attribute)
                    && attribute.sub("$ref").is_some()
            };
            attributes.iter().filter(refers).map(move |attribute| (container, attribute))
        })
    }

    /// Whether that attribute's values are memberships in resources of this type.
    pub fn is_membership(&self, attribute: &Attribute) -> bool {
        self.is_own(self.membership, attribute)
    }

    /// Whether that attribute shows memberships in others.
    pub fn is_member_of(&self, attribute: &Attribute) -> bool {
        self.is_own(self.member_of, attribute)
    }

    /// Whether it is that very attribute of the base schema: an extension may have one of the same name.
    fn is_own(&self, name: Option<&str>, attribute: &Attribute) -> bool {
        name == Some(attribute.name.as_str()) && self.schema.attributes.iter().any(|own| std::ptr::eq(own, attribute))
    }

    /// Whether every stored attribute is part of the usual answer. Passwords are not stored in documents.
    pub(crate) fn hides_nothing(&self) -> bool {
        let hidden = |attribute: &Attribute| {
            matches!(attribute.returned, Returned::Request | Returned::Never)
                && attribute.mutability != Mutability::WriteOnly
        };
        let hides = |attribute: &Attribute| hidden(attribute) || attribute.sub_attributes.iter().any(hidden);
        !self.is_partial && !self.containers().any(|(_, attributes)| attributes.iter().any(hides))
    }

    /// Whether clients may only read resources of this type.
    pub fn is_read_only(&self) -> bool {
        self.catalogue_of.is_some()
    }

    /// Whether an attribute says how many users hold what a catalogue lists, which is counted for the answer.
    pub fn is_count(&self, attribute: &Attribute) -> bool {
        self.is_own(self.catalogue_of.map(|_| "totalAssignmentsUsed"), attribute)
    }

    /// The same type with everything writable that only the server may write: for whoever keeps a catalogue.
    pub fn writable(&self) -> Self {
        let mut schema = (*self.schema).clone();
        for (attribute, own) in schema.attributes.iter_mut().zip(&self.schema.attributes) {
            if !self.is_count(own) {
                attribute.open();
            }
        }
        Self { schema: Arc::new(schema), ..self.clone() }
    }
}

fn target<'a>(container: Container<'a>, attribute: &'a Attribute, path: &AttrPath) -> Option<Target<'a>> {
    let sub = match &path.sub {
        None => None,
        Some(name) => Some(attribute.sub(name)?),
    };
    Some(Target::Attribute { container, attribute, sub })
}
