//! How an item stands.

use serde::{Deserialize, Serialize};

use crate::{Instant, RuleId};

/// How an item stands. All but the first three are final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Somebody has to decide.
    Pending,
    /// A question has to be answered first; the other clocks stand still.
    InfoRequested {
        /// Since when.
        since: Instant,
        /// Until when.
        until: Instant,
    },
    /// It was approved and begins later.
    Scheduled {
        /// When.
        start: Instant,
    },
    /// It is done.
    Fulfilled,
    /// It was rejected.
    Rejected(Rejection),
    /// Whoever asked has taken it back.
    Withdrawn,
    /// Nobody has decided, or answered, in time.
    Expired,
    /// It came to nothing.
    Cancelled(Cancellation),
}

/// By what an item was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rejection {
    /// By a person.
    Vote,
    /// There was nobody to decide.
    NoApprover,
    /// These rules of segregation of duties forbid it.
    Conflict(Vec<RuleId>),
}

/// Why an item came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cancellation {
    /// The person has left.
    SubjectLeft,
    /// The entitlement, or its application, is not in use any more.
    Retired,
    /// The tenant gives nothing just now.
    TenantSuspended,
    /// When it was to begin, it was not possible.
    StartFailed,
}

impl State {
    /// The state as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InfoRequested { .. } => "infoRequested",
            Self::Scheduled { .. } => "scheduled",
            Self::Fulfilled => "fulfilled",
            Self::Rejected(_) => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Cancelled(_) => "cancelled",
        }
    }

    /// Whether nothing can happen any more.
    pub fn is_final(&self) -> bool {
        self.possible().is_empty()
    }

    /// What can happen.
    pub fn possible(&self) -> &'static [&'static str] {
        match self {
            Self::Pending => {
                &["vote", "ask", "reassign", "handOver", "remind", "escalate", "expire", "withdraw", "cancel"]
            }
            Self::InfoRequested { .. } => &["answer", "amend", "handOver", "expire", "withdraw", "cancel"],
            Self::Scheduled { .. } => &["start", "withdraw", "cancel"],
            _ => &[],
        }
    }
}
