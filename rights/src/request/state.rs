//! How an item stands.

use serde::{Deserialize, Serialize};

use crate::{Instant, RuleId, grant::Ending};

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

/// How a request stands, as its items do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overall {
    /// Something is not decided, or has not begun.
    Open,
    /// Everything is done.
    Completed,
    /// Something is done, and something is not.
    PartlyCompleted,
    /// Nothing is done, and something was rejected.
    Rejected,
    /// Everything was taken back.
    Withdrawn,
    /// Nothing is done, and nobody has decided in time.
    Expired,
    /// It came to nothing otherwise.
    Cancelled,
}

impl Overall {
    /// How a request stands with these items.
    pub fn of<'a>(items: impl IntoIterator<Item = &'a State>) -> Self {
        let items: Vec<&State> = items.into_iter().collect();
        let any = |counts: fn(&State) -> bool| items.iter().any(|state| counts(state));
        let all = |counts: fn(&State) -> bool| items.iter().all(|state| counts(state));
        if any(|state| !state.is_final()) {
            Self::Open
        } else if all(|state| *state == State::Fulfilled) {
            Self::Completed
        } else if any(|state| *state == State::Fulfilled) {
            Self::PartlyCompleted
        } else if any(|state| matches!(state, State::Rejected(_))) {
            Self::Rejected
        } else if all(|state| *state == State::Withdrawn) {
            Self::Withdrawn
        } else if any(|state| *state == State::Expired) {
            Self::Expired
        } else {
            Self::Cancelled
        }
    }

    /// Every one of them.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Completed,
        Self::PartlyCompleted,
        Self::Rejected,
        Self::Withdrawn,
        Self::Expired,
        Self::Cancelled,
    ];

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The state as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::PartlyCompleted => "partlyCompleted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
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
    /// When it was to begin, it was not possible.
    StartFailed,
    /// The grant that it is about, or that was to begin, has ended.
    GrantEnded,
}

impl Cancellation {
    /// The reason as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::SubjectLeft => "subjectLeft",
            Self::Retired => "retired",
            Self::StartFailed => "startFailed",
            Self::GrantEnded => "grantEnded",
        }
    }

    /// Why what is asked of a grant comes to nothing when the grant has ended so.
    pub fn with_grant(ending: Ending) -> Self {
        match ending {
            Ending::Leaver => Self::SubjectLeft,
            Ending::Retired => Self::Retired,
            _ => Self::GrantEnded,
        }
    }
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
