//! What rules name: it must be there when they begin to name it.

use std::collections::HashSet;

use scim::schema::{Catalog, ResourceType};
use store::Work;
use uuid::Uuid;

use crate::{
    administration::{Error, Fault, entitlements::groups},
    wording::phrase,
};

/// What can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An entitlement.
    Entitlement,
    /// An organisation unit.
    Unit,
    /// A group.
    Group,
    /// A user.
    Person,
}

/// Something that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where.
    pub pointer: String,
    /// What.
    pub what: What,
    /// Its id.
    pub id: Uuid,
}

/// The entitlements of a list.
pub(super) fn entitlements<'a>(name: &'a str, ids: &'a [Uuid]) -> impl Iterator<Item = Named> + 'a {
    let named =
        move |(at, id): (usize, &Uuid)| Named { pointer: format!("/{name}/{at}"), what: What::Entitlement, id: *id };
    ids.iter().enumerate().map(named)
}

/// Refuses what is not there.
pub(super) async fn know(work: &Work, catalog: &Catalog, named: Vec<Named>) -> Result<(), Error> {
    let mut faults = Vec::new();
    for (what, reason) in [
        (What::Entitlement, phrase("no-entitlement")),
        (What::Unit, phrase("no-unit")),
        (What::Group, phrase("no-group")),
        (What::Person, phrase("no-user")),
    ] {
        let these: Vec<&Named> = named.iter().filter(|named| named.what == what).collect();
        let ids: Vec<Uuid> = these.iter().map(|named| named.id).collect();
        let known = match what {
            _ if ids.is_empty() => continue,
            What::Entitlement => work.known_entitlements(&ids).await?,
            What::Unit => work.known_units(&ids).await?,
            What::Group => resources(work, groups(catalog)?, &ids).await?,
            What::Person => resources(work, people(catalog)?, &ids).await?,
        };
        let unknown = these.into_iter().filter(|named| !known.contains(&named.id));
        faults.extend(unknown.map(|named| Fault::new(named.pointer.clone(), reason.clone())));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

async fn resources(work: &Work, kind: &ResourceType, ids: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
    Ok(work.existing(kind, ids).await?.into_iter().collect())
}

fn people(catalog: &Catalog) -> Result<&ResourceType, Error> {
    catalog.types().iter().find(|kind| kind.member_of.is_some()).ok_or(Error::Missing("user"))
}
