//! Suspending people: on long leave, or while something is looked into.

use rights::{Instant, Reason, Refusal};
use serde::{Deserialize, Serialize};
use store::UserSuspension;
use uuid::Uuid;
use validator::Validate;

use crate::{
    administration::{Administration, DeedRecord, Error, entitlements::wrong, error::check, limits},
    clock::{self, timestamp},
    provisioning::{self, Directory, Settled, Tags, digest_tag, parts_of_suspension as parts},
    wording::phrase,
};

/// That somebody is to be suspended, and why.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSuspension {
    /// Why.
    #[validate(custom(function = limits::text))]
    pub reason: String,
    /// Until when, or the last day; nothing for as long as nobody lifts it.
    pub until: Option<String>,
}

/// A suspension as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuspensionRecord {
    /// The tag of all of it.
    #[serde(skip)]
    pub(crate) tag: String,
    /// Whose.
    pub user: Uuid,
    /// Since when.
    pub since: String,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Who did it, and why.
    pub by: DeedRecord,
}

impl From<UserSuspension> for SuspensionRecord {
    fn from(stored: UserSuspension) -> Self {
        let shown = |at: Instant| timestamp(at.millis());
        let tag = digest_tag(&parts(&stored));
        Self {
            tag,
            user: stored.user,
            since: shown(stored.since),
            until: stored.until.map(shown),
            by: stored.by.into(),
        }
    }
}

impl Administration {
    /// The suspension of a user.
    pub async fn suspension(&self, user: Uuid) -> Result<SuspensionRecord, Error> {
        self.data.suspension(user).await?.map(Into::into).ok_or(Error::Missing("suspension"))
    }

    /// Suspends a user: what they have waits for however long that lasts. Done anew it changes the reason and the end, if it is still as one of
    /// these tags says.
    pub async fn suspend(
        &self,
        directory: &Directory,
        user: Uuid,
        new: &NewSuspension,
        tags: Option<&Tags>,
    ) -> Result<SuspensionRecord, Error> {
        check(new)?;
        if self.cause.user == Some(user) {
            return Err(Error::Forbidden(phrase("suspends-oneself").into()));
        }
        let now = Instant::from_millis(self.clock.now());
        let moment = |text: &str| {
            let wrong = || wrong("/until", phrase("must-be-later-day"));
            clock::ends(text).filter(|until| *until > now).ok_or_else(wrong)
        };
        let until = new.until.as_deref().map(moment).transpose()?;
        match directory.suspend(user, (new.reason.trim(), until), tags).await.map_err(failed)? {
            Settled::Suspended(suspension) => Ok(suspension.into()),
            Settled::Refused(refusal) => Err(refused(&refusal)),
            Settled::Lifted | Settled::Elsewhere => Err(Error::Missing("user")),
        }
    }

    /// Lifts the suspension of a user, if it is still as one of these tags says: what still may comes back with them.
    pub async fn lift(&self, directory: &Directory, user: Uuid, tags: Option<&Tags>) -> Result<(), Error> {
        match directory.lift(user, None, tags).await.map_err(failed)? {
            Settled::Refused(refusal) => Err(refused(&refusal)),
            _ => Ok(()),
        }
    }
}

fn refused(refusal: &Refusal) -> Error {
    Error::State {
        text: match refusal.reason {
            Reason::Last => phrase("last-administrator").into(),
            _ => phrase("user-is")
                .with("state", phrase(format!("state-{}", refusal.state)))
                .with("event", phrase(format!("event-{}", refusal.event)))
                .into(),
        },
        state: refusal.state,
        possible: refusal.possible,
    }
}

fn failed(error: provisioning::Error) -> Error {
    match error {
        provisioning::Error::Suspended => Error::Suspended,
        provisioning::Error::Archived => Error::Archived,
        provisioning::Error::Worded(refusal, _) if refusal.status == 412 => Error::Changed,
        provisioning::Error::Store(error) => Error::Store(error),
        provisioning::Error::Refused(refusal) if refusal.status == 404 => Error::Missing("user"),
        other => Error::Store(store::Error::Unusable(other.to_string())),
    }
}
