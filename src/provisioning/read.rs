//! GET of one resource (RFC 7644 §3.4.1).

use scim::{project::Projection, schema::ResourceType};
use uuid::Uuid;

use crate::provisioning::{Conditions, Directory, Error, Shown, render::shows_groups};

impl Directory {
    /// A resource; nothing if the client already has this representation.
    pub async fn get(
        &self,
        kind: &ResourceType,
        id: &str,
        projection: &Projection,
        conditions: &Conditions,
    ) -> Result<Result<Shown, NotModified>, Error> {
        let id = parse_id(kind, id)?;
        let stored =
            self.data.find(kind, id, shows_groups(kind, projection)).await?.ok_or_else(|| Error::not_found(kind))?;
        conditions.check_read(stored.version)?;
        let shown = self.show(kind, stored, projection).await?;
        Ok(match &conditions.if_none_match {
            Some(tags) if tags.names(&shown.tag) => Err(NotModified { tag: shown.tag, location: shown.location }),
            _ => Ok(shown),
        })
    }
}

/// The client's copy is current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotModified {
    /// Its entity tag.
    pub tag: String,
    /// Its address.
    pub location: String,
}

/// Ids are opaque to clients; what was never given out names nothing.
pub(super) fn parse_id(kind: &ResourceType, id: &str) -> Result<Uuid, Error> {
    exact(id).ok_or_else(|| Error::not_found(kind))
}

/// The id in the one spelling that ids have: they are compared exactly (RFC 7643 §3.1).
pub(super) fn exact(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|id| id.to_string() == text)
}
