//! Conditional requests: entity tags and what they are compared with (RFC 7644 §3.14, RFC 9110 §13).

use serde::Serialize;

use crate::{
    provisioning::Error,
    wording::{Phrase, phrase},
};

/// The entity tags of an `If-Match` or `If-None-Match` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`: whatever exists.
    Any,
    /// Any of these, without their quotes and weakness.
    List(Vec<String>),
}

impl Tags {
    /// Reads a header's value; nothing if it is malformed.
    pub fn parse(header: &str) -> Option<Self> {
        if header.trim() == "*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        for tag in header.split(',') {
            let tag = tag.trim();
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            let opaque = tag.strip_prefix('"')?.strip_suffix('"')?;
            if opaque.contains('"') {
                return None;
            }
            tags.push(opaque.to_owned());
        }
        Some(Self::List(tags))
    }

    /// Whether a version is meant: tags of one version agree up to what is derived (see [`tag`]).
    pub(crate) fn names_version(&self, version: i64) -> bool {
        let version = version.to_string();
        match self {
            Self::Any => true,
            Self::List(tags) => tags.iter().any(|tag| tag.split('-').next() == Some(version.as_str())),
        }
    }

    /// Whether exactly this representation is meant.
    pub(crate) fn names(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::List(tags) => {
                let opaque = tag.trim_start_matches("W/").trim_matches('"');
                tags.iter().any(|tag| tag == opaque)
            }
        }
    }
}

/// What a client says about the representation that it knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The resource must be one of these.
    pub if_match: Option<Tags>,
    /// It must be none of these.
    pub if_none_match: Option<Tags>,
}

impl Conditions {
    /// Whether a resource at that version may be shown: `If-Match` counts for GET too (RFC 9110 §13.1.1).
    pub(crate) fn check_read(&self, version: i64) -> Result<(), Error> {
        Self { if_none_match: None, ..self.clone() }.check_write(version)
    }

    /// Whether a resource at that version may be written. Every version has many representations, so
    /// only the version counts.
    pub(crate) fn check_write(&self, version: i64) -> Result<(), Error> {
        let matches = self.if_match.as_ref().is_none_or(|tags| tags.names_version(version));
        let is_other = self.if_none_match.as_ref().is_none_or(|tags| !tags.names_version(version));
        if matches && is_other {
            return Ok(());
        }
        let detail = format!("The resource is at version {version}, which is not what the request was made for.");
        Err(scim::Error::new(412, detail).into())
    }
}

/// The weak entity tag of a representation: the version that is stored, and a digest of what the
/// answer derives from other resources, so that a cached answer ends when a group changes.
pub(crate) fn tag(version: i64, derived: &[&str]) -> String {
    if derived.iter().all(|part| part.is_empty()) {
        return format!("W/\"{version}\"");
    }
    format!("W/\"{version}-{:016x}\"", scim::index::digest(derived))
}

/// The weak entity tag of what has no version: a digest of what is stored of it.
pub(crate) fn digest_tag(stored: &impl Serialize) -> String {
    let text = serde_json::to_string(stored).unwrap_or_default();
    format!("W/\"{:016x}\"", scim::index::digest(&[&text]))
}

/// Refuses a change of what is not as it was any more, or not there any more.
pub(super) fn meant<T: Serialize>(tags: Option<&Tags>, stored: Option<&T>) -> Result<(), Error> {
    let is_meant = |tags: &Tags| stored.is_some_and(|stored| tags.names(&digest_tag(stored)));
    if tags.is_none_or(is_meant) { Ok(()) } else { Err(Error::worded(412, changed_meanwhile())) }
}

/// That something has changed since it was read.
pub(crate) fn changed_meanwhile() -> Phrase {
    phrase("changed-meanwhile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_and_compared_by_their_opaque_part() {
        assert_eq!(Tags::parse(" * "), Some(Tags::Any));
        let list = Tags::parse("W/\"1\", \"2-00ff\"").expect("two tags");
        assert!(list.names_version(1) && list.names_version(2) && !list.names_version(3));
        assert!(list.names("W/\"1\"") && list.names("\"2-00ff\"") && !list.names("W/\"2\""));
        assert_eq!(Tags::parse("1"), None);
        assert_eq!(Tags::parse("\"1\", x"), None);
    }

    #[test]
    fn derived_parts_change_the_tag_and_not_the_version() {
        let with = |derived| tag(7, &[derived]);
        assert_eq!(with(""), "W/\"7\"");
        assert_ne!(with("a"), with("b"));
        assert!(Tags::parse(&with("a")).expect("a tag").names_version(7));
    }
}
