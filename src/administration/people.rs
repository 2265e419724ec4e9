//! People as others name them: whether they are there, and what they are called.

use std::collections::HashMap;

use scim::schema::Catalog;
use serde::Serialize;
use store::{TenantStore, Work};
use uuid::Uuid;

use crate::{
    administration::{Error, Fault},
    wording::phrase,
};

/// A user who is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedUser {
    /// Their id.
    pub id: Uuid,
    /// Their name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// The names of some people.
pub(crate) struct People(HashMap<Uuid, Option<String>>);

impl People {
    /// Those of these users who are there.
    pub(crate) async fn of(data: &TenantStore, users: &[Uuid]) -> Result<Self, store::Error> {
        Ok(Self(data.names_of_people(users).await?))
    }

    /// A user as they are shown, if they are there.
    pub(crate) fn named(&self, id: Option<Uuid>) -> Option<NamedUser> {
        let id = id?;
        self.0.get(&id).map(|name| NamedUser { id, display_name: name.clone() })
    }
}

/// Who of these is no user of the tenant, by where they are named.
pub(super) async fn unknown_people(
    work: &Work,
    catalog: &Catalog,
    named: &[(&str, Option<Uuid>)],
) -> Result<Vec<Fault>, Error> {
    let users = catalog.types().iter().find(|kind| kind.member_of.is_some()).ok_or(Error::Missing("user"))?;
    let ids: Vec<Uuid> = named.iter().filter_map(|(_, id)| *id).collect();
    let known = work.existing(users, &ids).await?;
    let unknown = named.iter().filter(|(_, id)| id.is_some_and(|id| !known.contains(&id)));
    Ok(unknown.map(|(pointer, _)| Fault::new(*pointer, phrase("none-of-the-users"))).collect())
}
