//! Attribute paths: `attrPath` of RFC 7644 §3.4.2.2 and §3.10.

use std::fmt;

use crate::error::{Error, invalid_path};

/// An attribute's notation: optional schema URN, name, optional sub-attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttrPath {
    /// What stands before the last colon of a qualified name.
    pub urn: Option<String>,
    /// The attribute's name.
    pub name: String,
    /// The sub-attribute's name.
    pub sub: Option<String>,
}

impl AttrPath {
    /// Reads a path such as `userName`, `name.givenName` or `urn:…:2.0:User:name.givenName`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) => (Some(urn), rest),
            None => (None, text),
        };
        if let Some(urn) = urn
            && !is_urn(urn)
        {
            return Err(invalid_path(format!("{text:?} is not an attribute path.")).quoting());
        }
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        if !is_name(name) || sub.is_some_and(|sub| !is_name(sub)) {
            return Err(invalid_path(format!("{text:?} is not an attribute path.")).quoting());
        }
        Ok(Self { urn: urn.map(Into::into), name: name.into(), sub: sub.map(Into::into) })
    }

    /// A path of just a name.
    pub fn plain(name: impl Into<String>) -> Self {
        Self { urn: None, name: name.into(), sub: None }
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Whether a character may stand in a path; used to cut one out of a longer text.
pub(crate) fn is_path_char(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b':' | b'.' | b'_' | b'-' | b'$' | b'%')
}

fn is_urn(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
        && text.bytes().all(is_path_char)
        && text.split(':').all(|part| !part.is_empty())
}

fn is_name(name: &str) -> bool {
    let plain = name.strip_prefix('$').unwrap_or(name);
    plain.starts_with(|c: char| c.is_ascii_alphabetic())
        && plain.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'$'))
}
