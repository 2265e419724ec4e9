//! Reading what was taken in emergencies, as far as whoever looks may.

use rights::emergency::{State, Verdict};
use serde::Serialize;
use store::{AccessEmergency, EmergencyFilter, Entitlement};
use uuid::Uuid;

use super::shown;
use crate::{
    access::{Sight, Viewer},
    administration::{Error, Slice},
};

/// Access that was taken in an emergency, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct EmergencyRecord {
    /// Counts its changes from 1.
    #[serde(skip)]
    pub version: i64,
    /// Its id.
    pub id: Uuid,
    /// By whom.
    pub user: Uuid,
    /// To what: the group.
    pub entitlement: Uuid,
    /// Of which application.
    pub application: Uuid,
    /// The grant that came of it.
    pub grant: Uuid,
    /// Why.
    pub reason: String,
    /// The number of the incident.
    pub incident: String,
    /// How it stands.
    pub state: &'static str,
    /// When it was taken.
    pub opened: String,
    /// Until when it was taken.
    pub until: String,
    /// Until when it has to be looked at.
    pub due: String,
    /// When an administrator was told that nobody had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalated: Option<String>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<EmergencyReviewRecord>,
}

/// What was found, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct EmergencyReviewRecord {
    /// By whom.
    pub by: Uuid,
    /// Whether it was one.
    pub verdict: Verdict,
    /// Why.
    pub comment: String,
    /// When.
    pub at: String,
}

impl From<AccessEmergency> for EmergencyRecord {
    fn from(stored: AccessEmergency) -> Self {
        let state = stored.state();
        let review = match stored.emergency.state {
            State::Unreviewed { .. } => None,
            State::Reviewed { by, verdict, comment, at } => {
                Some(EmergencyReviewRecord { by: by.0, verdict, comment, at: shown(at) })
            }
        };
        Self {
            version: stored.version,
            id: stored.id,
            user: stored.emergency.user.0,
            entitlement: stored.entitlement,
            application: stored.application,
            grant: stored.grant,
            reason: stored.emergency.reason,
            incident: stored.emergency.incident,
            state,
            opened: shown(stored.opened),
            until: shown(stored.until),
            due: shown(stored.due),
            escalated: stored.escalated.map(shown),
            review,
        }
    }
}

impl Sight {
    /// Those behind that one, the oldest first: of a person their own, and those that they may look at.
    pub async fn emergencies(
        &self,
        filter: EmergencyFilter,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<EmergencyRecord>, Error> {
        let filter = EmergencyFilter { sees: self.sees_emergencies().await?, ..filter };
        let found = self.data.emergencies(&filter, after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(Into::into).collect(), limit))
    }

    /// One of them.
    pub async fn emergency(&self, id: Uuid) -> Result<EmergencyRecord, Error> {
        self.visible_emergency(id).await.map(Into::into)
    }

    /// One that whoever looks took, or may look at: security officers all of them, others those of what they answer for.
    pub(super) async fn visible_emergency(&self, id: Uuid) -> Result<AccessEmergency, Error> {
        let missing = || Error::Missing("emergency");
        let found = self.data.emergency(id).await?.ok_or_else(missing)?;
        let Viewer::Person(user) = self.viewer else { return Ok(found) };
        let may = found.emergency.user.0 == user
            || self.is_security_officer(user).await?
            || self.owned(user, &[found.entitlement]).await?.contains(&found.entitlement);
        if may { Ok(found) } else { Err(missing()) }
    }

    /// Whose a person sees, and of which entitlements; nothing for all.
    async fn sees_emergencies(&self) -> Result<Option<(Uuid, Vec<Uuid>)>, Error> {
        let Viewer::Person(user) = self.viewer else { return Ok(None) };
        if self.is_security_officer(user).await? {
            return Ok(None);
        }
        let groups = self.data.groups_of_emergencies().await?;
        Ok(Some((user, self.owned(user, &groups).await?)))
    }

    async fn is_security_officer(&self, user: Uuid) -> Result<bool, Error> {
        match self.data.profile().await?.settings.security_officers {
            Some(group) => Ok(self.data.is_member(group, user).await?),
            None => Ok(false),
        }
    }

    /// For which of these entitlements a person answers just now.
    async fn owned(&self, user: Uuid, groups: &[Uuid]) -> Result<Vec<Uuid>, Error> {
        let entitlements: Vec<Entitlement> = self.data.entitlements_among(groups).await?.into_values().collect();
        let owners = self.data.owners_of(&entitlements).await?;
        Ok(owners.into_iter().filter(|(_, owner)| *owner == user).map(|(group, _)| group).collect())
    }
}
