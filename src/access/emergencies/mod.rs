//! Access in an emergency: somebody of the tenant's emergency group takes it at once and for a few hours, and somebody else
//! looks at it afterwards.

mod due;
mod show;

use rights::{
    Effect, EntitlementId, Instant, Reason, Refusal, UserId,
    emergency::{Event, Facts, Opening, State, Verdict, open},
    grant::{self, NewGrant},
};
use scim::Document;
use serde::Deserialize;
use store::{AccessEmergency, Entitlement, EntitlementState, Issue, Stored, TenantSettings, Work};
use time::Duration;
use uuid::Uuid;
use validator::Validate;

pub use show::{EmergencyRecord, EmergencyReviewRecord};

use crate::{
    access::{
        Access,
        office::{Office, again, is_active},
        refusal::{refused, wrong},
        requests::text,
        reviews::SURE,
    },
    administration::{self, Error},
    lifecycle::duties,
    notices::{self, About},
    provisioning::Tags,
    wording::{between, phrase},
};

/// Access that somebody takes in an emergency.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewEmergency {
    /// To what: the group.
    pub entitlement: Uuid,
    /// Why.
    #[validate(custom(function = text))]
    pub reason: String,
    /// The number of the incident.
    #[validate(custom(function = text))]
    pub incident: String,
    /// For how many minutes.
    pub minutes: u32,
}

/// What somebody finds who looks at it.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewEmergencyReview {
    /// Whether it was one.
    pub verdict: Verdict,
    /// Why.
    #[validate(custom(function = text))]
    pub comment: String,
}

/// What is held while somebody takes access.
struct Scene<'a> {
    work: &'a Work,
    settings: TenantSettings,
    person: Document,
    group: Stored,
    entitlement: Entitlement,
}

impl Access {
    /// Takes access in an emergency: it is there at once.
    pub async fn open_emergency(&self, new: &NewEmergency) -> Result<EmergencyRecord, Error> {
        administration::check(new)?;
        let office = self.office();
        let mut attempt = 0;
        loop {
            let result = self.try_open(&office, new).await;
            if !again(&result, &mut attempt) {
                return result.map(Into::into);
            }
        }
    }

    async fn try_open(&self, office: &Office, new: &NewEmergency) -> Result<AccessEmergency, Error> {
        let settings = self.data.profile().await?.settings;
        let work = office.begin().await?;
        if !Office::gives(&work).await? {
            return Err(Error::Suspended);
        }
        // People before groups, as everywhere.
        let person = work.lock_resource(office.people()?, self.actor.user).await?.ok_or(Error::Missing("user"))?;
        let person = person.document()?;
        let unknown = || wrong("/entitlement", phrase("no-entitlement"));
        let group = work.lock_resource(office.groups()?, new.entitlement).await?.ok_or_else(unknown)?;
        let entitlement = work.lock_entitlement(group.id).await?.ok_or_else(unknown)?;
        let scene = Scene { work: &work, settings, person, group, entitlement };
        let emergency = self.take(office, &scene, new).await?;
        work.commit().await?;
        Ok(emergency)
    }

    async fn take(&self, office: &Office, scene: &Scene<'_>, new: &NewEmergency) -> Result<AccessEmergency, Error> {
        let now = office.now();
        let calendar = scene.settings.working_time.calendar();
        let facts = Facts {
            now,
            calendar: &calendar,
            is_for_emergencies: scene.entitlement.terms.emergency,
            is_administrative: scene.is_administrative(),
            may_open: scene.may_open(self.actor.user).await?,
            is_held: scene.is_held(self.actor.user).await?,
            assurance: Some(self.actor.surely),
        };
        let outcome = open(new.opening(self.actor.user), &facts).map_err(|refusal| told(&refusal))?;
        if scene.entitlement.state != EntitlementState::Active {
            return Err(wrong("/entitlement", phrase("not-in-use")));
        }
        let id = office.ids.next();
        let State::Unreviewed { due, .. } = outcome.next.state else { return Err(Error::Missing("emergency")) };
        let give = outcome.effects.iter().find_map(|effect| match effect {
            Effect::Give(new) => Some(new.clone()),
            _ => None,
        });
        let given = scene.give(office, id, give.ok_or(Error::Missing("emergency"))?, new.reason.trim()).await?;
        let emergency = AccessEmergency {
            id,
            emergency: outcome.next,
            entitlement: scene.group.id,
            application: scene.entitlement.application,
            grant: given.id,
            opened: now,
            until: given.grant.until.unwrap_or(now),
            due,
            escalated: None,
            version: 1,
        };
        scene.work.write_emergency(&emergency).await?;
        // What does not go together is found and noted; it hinders nobody just now.
        duties::look_at(scene.work, &[self.actor.user], &office.ids, now).await?;
        let tellings: Vec<_> = About::emergency(&emergency).tellings(&outcome.effects).collect();
        notices::tell(scene.work, &office.ids, now, &tellings).await?;
        Ok(emergency)
    }

    /// Says what was found, once, if it is still at one of these versions.
    pub async fn review_emergency(
        &self,
        id: Uuid,
        new: &NewEmergencyReview,
        versions: Option<&Tags>,
    ) -> Result<EmergencyRecord, Error> {
        administration::check(new)?;
        if self.actor.surely < SURE {
            return Err(Error::Forbidden(phrase("substantial-needed").into()));
        }
        let office = self.office();
        self.sight().visible_emergency(id).await?;
        let work = office.begin().await?;
        // It gives nothing: a tenant that is suspended lets it happen.
        Office::gives(&work).await?;
        let before = work.lock_emergency(id).await?.ok_or(Error::Missing("emergency"))?;
        administration::meant(versions, before.version)?;
        let event =
            Event::Review { by: UserId(self.actor.user), verdict: new.verdict, comment: new.comment.trim().to_owned() };
        let outcome = before.emergency.apply(event, office.now()).map_err(|refusal| refused(&refusal, "comment"))?;
        let after = before.next(outcome.next);
        work.write_emergency(&after).await?;
        let tellings: Vec<_> = About::emergency(&after).tellings(&outcome.effects).collect();
        notices::tell(&work, &office.ids, office.now(), &tellings).await?;
        work.commit().await?;
        Ok(after.into())
    }
}

impl Scene<'_> {
    /// Whether the entitlement's group says who looks after this service: nobody comes to that by themselves.
    fn is_administrative(&self) -> bool {
        [self.settings.security_officers, self.settings.emergency_group].contains(&Some(self.group.id))
    }

    async fn may_open(&self, user: Uuid) -> Result<bool, Error> {
        let Some(group) = self.settings.emergency_group else { return Ok(false) };
        Ok(self.work.members_among(group, &[user]).await?.contains(&user) && is_active(&self.person))
    }

    async fn is_held(&self, user: Uuid) -> Result<bool, Error> {
        let live = self.work.live_grants(self.group.id, &[user]).await?;
        Ok(grant::is_member(live.iter().map(|held| &held.grant)))
    }

    async fn give(&self, office: &Office, id: Uuid, new: NewGrant, comment: &str) -> Result<store::AccessGrant, Error> {
        let issue =
            Issue { id: office.ids.next(), source_id: Some(id), is_subject_active: true, comment: Some(comment) };
        let kind = office.groups()?;
        let (grant, settled) = self.work.issue(kind, new, issue).await?;
        self.work.note_members(kind, &self.group, settled).await?;
        Ok(grant)
    }
}

impl NewEmergency {
    fn opening(&self, user: Uuid) -> Opening {
        Opening {
            user: UserId(user),
            entitlement: EntitlementId(self.entitlement),
            reason: self.reason.trim().to_owned(),
            incident: self.incident.trim().to_owned(),
            length: Duration::minutes(i64::from(self.minutes)),
        }
    }
}

/// What the rules refuse whoever wants to take access.
fn told(refusal: &Refusal) -> Error {
    match refusal.reason {
        Reason::Period | Reason::EndAfter(_) => wrong("/minutes", between(1, 240)),
        Reason::Overlap => Error::Taken(phrase("held-in-emergency").into()),
        Reason::Stranger => Error::Forbidden(phrase("emergency-group-only").into()),
        _ => refused(refusal, "entitlement"),
    }
}

/// When something happened, as it is shown.
fn shown(at: Instant) -> String {
    crate::clock::timestamp(at.millis())
}
