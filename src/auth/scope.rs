//! What a caller may do.

use std::{fmt, str::FromStr};

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Read resources and discovery.
    Read,
    /// Write resources.
    Write,
    /// Add members, by writing groups, where grants alone make some.
    GrantsWrite,
    /// Read what an application may see of its groups and their members, and nothing else.
    AppRead,
    /// Ask for rights, decide about them and see one's own: for people alone, because somebody has to answer for it.
    Rights,
    /// Manage the tenant's own clients and tokens.
    TenantAdmin,
    /// Manage tenants: for those who run the platform.
    PlatformAdmin,
}

impl Scope {
    /// Every scope that a tenant's token may have.
    pub const OF_TENANTS: [Self; 5] = [Self::Read, Self::Write, Self::GrantsWrite, Self::AppRead, Self::TenantAdmin];
    /// Every scope that an operator's token may have.
    pub const OF_OPERATORS: [Self; 1] = [Self::PlatformAdmin];
    /// Every scope that the tokens of a tenant's issuers may have: people are no administrators by their token.
    pub const OF_PEOPLE: [Self; 3] = [Self::Read, Self::Write, Self::Rights];
    /// What an identity system needs.
    pub const OF_PROVISIONING: [Self; 2] = [Self::Read, Self::Write];

    /// The scope as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "scim.read",
            Self::Write => "scim.write",
            Self::GrantsWrite => "grants.write",
            Self::AppRead => "app.read",
            Self::Rights => "rights",
            Self::TenantAdmin => "tenant.admin",
            Self::PlatformAdmin => "platform.admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = || Self::OF_TENANTS.into_iter().chain(Self::OF_OPERATORS);
        all().find(|scope| scope.word() == text).ok_or_else(|| {
            let known: Vec<&str> = all().map(Self::word).collect();
            format!("is no scope; there are {}", known.join(", "))
        })
    }
}
