//! Why a use-case did not do what was asked.

use crate::{language::Language, wording::Phrase};

/// What clients are told of a failure inside.
pub(crate) const INTERNAL: &str =
    "Something failed inside the server. Its log knows more, under the X-Request-Id of this answer.";
/// What clients are told when a commit broke off.
const UNKNOWN: &str = "The database broke off while the change was made lasting: it may have happened or not. \
                       Read the resource before trying again.";
/// What clients are told when they had better come back.
const BUSY: &str = "The server is busy; nothing was changed. Try again.";

/// Why a use-case did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The protocol refuses it.
    #[error(transparent)]
    Refused(#[from] scim::Error),
    /// The same, with words for the administrators who did it.
    #[error("{0}")]
    Worded(scim::Error, Phrase),
    /// A value of what an administrator sent cannot be taken; it stands there (RFC 6901).
    #[error("{0}")]
    Wrong(scim::Error, Phrase, String),
    /// The tenant takes away and does not give.
    #[error("This tenant is suspended: reading, deactivating and removing work, granting does not.")]
    Suspended,
    /// The tenant is only read.
    #[error("This tenant is archived: it can be read and not changed.")]
    Archived,
    /// The data layer could not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Something inside failed.
    #[error("{0}")]
    Failed(String),
}

impl Error {
    /// What a client is told. What went wrong inside is logged under the request's id and not told.
    pub fn told(self) -> scim::Error {
        match self {
            Self::Refused(refusal) | Self::Worded(refusal, _) | Self::Wrong(refusal, ..) => refusal,
            Self::Suspended | Self::Archived => scim::Error::new(403, self.to_string()),
            Self::Store(error @ (store::Error::Conflict | store::Error::Busy(_) | store::Error::Long)) => {
                tracing::warn!(%error, "the database is busy");
                scim::Error::new(503, BUSY)
            }
            Self::Store(error @ store::Error::Unknown(_)) => {
                tracing::error!(%error, "a commit broke off");
                scim::Error::new(500, UNKNOWN)
            }
            Self::Store(error) => {
                tracing::error!(%error, "a request failed inside");
                scim::Error::new(500, INTERNAL)
            }
            Self::Failed(error) => {
                tracing::error!(error, "a request failed inside");
                scim::Error::new(500, INTERNAL)
            }
        }
    }

    /// A refusal in every language.
    pub(crate) fn worded(status: u16, said: Phrase) -> Self {
        Self::Worded(scim::Error::new(status, said.say(Language::English)), said)
    }

    /// That a value cannot be taken, in every language.
    pub(crate) fn wrong_value(said: Phrase) -> Self {
        Self::Worded(scim::Error::of(scim::ScimType::InvalidValue, said.say(Language::English)), said)
    }

    /// The same of the value at that place.
    pub(crate) fn wrong_at(pointer: impl Into<String>, said: Phrase) -> Self {
        let refusal = scim::Error::of(scim::ScimType::InvalidValue, said.say(Language::English));
        Self::Wrong(refusal, said, pointer.into())
    }

    /// No such resource, or none that the caller may know of.
    pub(crate) fn not_found(kind: &scim::schema::ResourceType) -> Self {
        scim::Error::new(404, format!("There is no such {}.", kind.name)).into()
    }
}
