//! The order of a restoration, and a place in it.

use std::{fmt, str::FromStr};

use scim::schema::Catalog;
use store::{RemovalPlace, Removed};
use uuid::Uuid;

/// What is given back when: what is referred to comes before what refers to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Deleted users, and resources of types that have no members.
    #[default]
    People,
    /// Deleted groups, still empty.
    Groups,
    /// Users that were deactivated.
    Activity,
    /// Members.
    Members,
    /// Managers and the like.
    References,
}

/// A place in a restoration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub(super) phase: Phase,
    /// Behind which removal; of members, behind those from which group.
    pub(super) after: Option<RemovalPlace>,
}

impl Phase {
    pub(super) const ALL: [Self; 5] = [Self::People, Self::Groups, Self::Activity, Self::Members, Self::References];

    pub(super) fn undoes(self) -> Removed {
        match self {
            Self::People | Self::Groups => Removed::Resource,
            Self::Activity => Removed::Activity,
            Self::Members => Removed::Members,
            Self::References => Removed::Reference,
        }
    }

    /// The resource types that it is about.
    pub(super) fn kinds(self, catalog: &Catalog) -> Vec<&str> {
        let types = catalog.types().iter().filter(|kind| match self {
            Self::People => kind.membership.is_none(),
            Self::Groups => kind.membership.is_some(),
            _ => true,
        });
        types.map(|kind| kind.name.as_str()).collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = self.phase as u8;
        match self.after {
            None => write!(f, "{phase}"),
            Some(RemovalPlace { at, resource, version }) => write!(f, "{phase}.{at}.{resource}.{version}"),
        }
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let phase: usize = parts.next().and_then(|part| part.parse().ok()).ok_or(())?;
        let phase = Phase::ALL.get(phase).copied().ok_or(())?;
        let rest: Vec<&str> = parts.collect();
        let after = match rest.as_slice() {
            [] => None,
            [at, resource, version] => Some(RemovalPlace {
                at: at.parse().map_err(|_| ())?,
                resource: Uuid::parse_str(resource).map_err(|_| ())?,
                version: version.parse().map_err(|_| ())?,
            }),
            _ => return Err(()),
        };
        Ok(Self { phase, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_and_read() {
        let after = Some(RemovalPlace { at: 1_767_225_600_000, resource: Uuid::from_u128(7), version: 3 });
        for place in [Place::default(), Place { phase: Phase::References, after }] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for wrong in ["", "5", "x", "1.2", "1.2.3.4", "0.1.00000000-0000-0000-0000-000000000007.x"] {
            assert_eq!(wrong.parse::<Place>(), Err(()), "{wrong}");
        }
    }
}
