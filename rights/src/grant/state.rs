//! How a grant stands, where it comes from, and why it has ended.

use serde::{Deserialize, Serialize};

use crate::Instant;

/// Where a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// It was asked for.
    Request,
    /// A birthright rule.
    Rule,
    /// A client that provisions.
    Scim,
    /// An administrator gave it.
    Administrator,
    /// An emergency.
    Emergency,
    /// It was there before it was an entitlement.
    Import,
}

impl Source {
    /// The source as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Rule => "rule",
            Self::Scim => "scim",
            Self::Administrator => "administrator",
            Self::Emergency => "emergency",
            Self::Import => "import",
        }
    }
}

/// Whose word makes somebody a member of an entitlement's group. To take somebody out of it everybody may who may write there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Authority {
    /// That of clients that provision, and of grants.
    Scim,
    /// That of grants alone.
    Grants,
}

impl Authority {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::Scim, Self::Grants];

    /// The authority as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scim => "scim",
            Self::Grants => "grants",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|authority| authority.word() == word)
    }

    /// Whether a client may add members: with the right to give grants it always may.
    pub fn admits(self, gives_grants: bool) -> bool {
        self == Self::Scim || gives_grants
    }
}

/// Why a grant has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// Its time was over.
    Expired,
    /// It never began.
    Cancelled,
    /// Somebody asked for its end; of today's it is told who that was.
    Request,
    /// The person gave it back.
    GivenBack,
    /// Their manager took it.
    Manager,
    /// Its owner took it.
    Owner,
    /// An administrator took it.
    Administrator,
    /// A review said so.
    Review,
    /// The person has left.
    Leaver,
    /// It did not go together with another.
    Conflict,
    /// A client took the person out of the group.
    Removed,
    /// The emergency is over.
    EmergencyOver,
    /// The entitlement is not in use any more.
    Retired,
}

impl Ending {
    /// The reason as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Request => "request",
            Self::GivenBack => "givenBack",
            Self::Manager => "manager",
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::Review => "review",
            Self::Leaver => "leaver",
            Self::Conflict => "conflict",
            Self::Removed => "removed",
            Self::EmergencyOver => "emergencyOver",
            Self::Retired => "retired",
        }
    }
}

/// How a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum State {
    /// It begins later.
    Scheduled,
    /// The person is a member.
    Active,
    /// The person is away.
    Suspended {
        /// Until when it comes back with them; nothing for however long.
        return_by: Option<Instant>,
    },
    /// It is over.
    Ended {
        /// Since when.
        at: Instant,
        /// Why.
        reason: Ending,
    },
}

impl State {
    /// The state as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Active => "active",
            Self::Suspended { .. } => "suspended",
            Self::Ended { .. } => "ended",
        }
    }

    /// Whether nothing can happen any more.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }

    /// What can happen.
    pub fn possible(&self) -> &'static [&'static str] {
        match self {
            Self::Scheduled => &["start", "shorten", "suspend", "end"],
            Self::Active => &["extend", "shorten", "warn", "expire", "certify", "suspend", "end"],
            Self::Suspended { .. } => &["resume", "shorten", "expire", "lapse", "certify", "suspend", "end"],
            // Whoever takes away what is gone already has what they want.
            Self::Ended { .. } => &["suspend", "end"],
        }
    }
}

/// A time during which the person was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// From when.
    pub from: Instant,
    /// Until when; nothing while it lasts.
    pub until: Option<Instant>,
}
