//! Ids as types: a function that wants a user cannot be handed a group.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A person's account.
    UserId,
    /// An entitlement, which is a group.
    EntitlementId,
    /// A group.
    GroupId,
    /// A grant of an entitlement to a person.
    GrantId,
    /// A municipality, an institution, a company or a unit of one.
    NodeId,
    /// An application.
    ApplicationId,
    /// A rule: of segregation of duties, or of birthrights.
    RuleId,
}
