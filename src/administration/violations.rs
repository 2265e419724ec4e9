//! Conflicts of segregation of duties: what was found, what is allowed for a while, what is taken away.

use std::collections::BTreeSet;

use rights::{
    EntitlementId, Instant, Reason, Refusal, UserId,
    grant::Ending,
    request::Flaw,
    sod::{Event, Exception, Mode, State},
};
use scim::schema::Catalog;
use serde::{Deserialize, Serialize};
use store::{Bounds, Deed, RuleKind, SodViolation, ViolationFilter, Work};
use uuid::Uuid;
use validator::Validate;

use crate::{
    administration::{
        Administration, DeedRecord, Error, Slice,
        entitlements::{groups, wrong},
        error::{check, meant},
        limits,
    },
    clock::{instant, timestamp},
    lifecycle::duties,
    notices::{self, About, Telling},
    provisioning::Tags,
    wording::phrase,
};

/// A conflict that somebody wants to allow for a while.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewException {
    /// Why.
    #[validate(custom(function = limits::text))]
    pub reason: String,
    /// What is done so that nothing happens.
    #[validate(custom(function = limits::text))]
    pub control: String,
    /// Until when, as RFC 3339 writes it.
    pub until: String,
}

/// What is taken away so that a conflict ends.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// The entitlement.
    pub entitlement: Uuid,
    /// Why.
    #[validate(custom(function = limits::text))]
    pub reason: String,
}

/// A conflict as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ViolationRecord {
    /// Counts its changes from 1.
    #[serde(skip)]
    pub version: i64,
    /// Its id.
    pub id: Uuid,
    /// The rule.
    pub rule: Uuid,
    /// How firm it is.
    pub mode: Mode,
    /// Who.
    pub user: Uuid,
    /// What they hold, held, or are allowed to hold of the one side.
    pub one: BTreeSet<EntitlementId>,
    /// And of the other.
    pub other: BTreeSet<EntitlementId>,
    /// How it stands.
    pub state: &'static str,
    /// When it was found.
    pub found: String,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// What allows it for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<ExceptionRecord>,
}

/// An exception as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ExceptionRecord {
    /// Who allows it, and why.
    pub by: DeedRecord,
    /// What is done so that nothing happens.
    pub control: String,
    /// From when on.
    pub from: String,
    /// Until when.
    pub until: String,
    /// That it was given beforehand, and not all of it is held yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub foreseen: bool,
}

/// Somebody whom a rule finds, or would find.
#[derive(Clone, Debug, Serialize)]
pub struct ImpactRecord {
    /// Who.
    pub user: Uuid,
    /// What they hold of the one side.
    pub one: BTreeSet<EntitlementId>,
    /// And of the other.
    pub other: BTreeSet<EntitlementId>,
}

impl From<SodViolation> for ViolationRecord {
    fn from(stored: SodViolation) -> Self {
        let shown = |at: Instant| timestamp(at.millis());
        let exception = match &stored.violation.state {
            State::Excepted(exception) => Some(ExceptionRecord {
                by: stored.excepted.clone().unwrap_or_default().into(),
                control: exception.control.clone(),
                from: shown(exception.from),
                until: shown(exception.until),
                foreseen: exception.is_foreseen,
            }),
            State::Detected | State::Resolved => None,
        };
        let finding = stored.violation.finding;
        Self {
            version: stored.version,
            id: stored.id,
            rule: finding.rule.0,
            mode: finding.mode,
            user: stored.violation.subject.0,
            one: finding.one,
            other: finding.other,
            state: stored.violation.state.word(),
            found: timestamp(stored.found),
            ended: stored.ended.map(timestamp),
            exception,
        }
    }
}

impl Administration {
    /// Conflicts of people within bounds behind that one, the oldest first.
    pub async fn violations(
        &self,
        filter: &ViolationFilter,
        bounds: &Bounds,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<ViolationRecord>, Error> {
        let found = self.data.violations(filter, bounds, after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(Into::into).collect(), limit))
    }

    /// One conflict, if it is that of somebody within bounds.
    pub async fn violation(&self, id: Uuid, bounds: &Bounds) -> Result<ViolationRecord, Error> {
        self.data.violation(id, bounds).await?.map(Into::into).ok_or(Error::Missing("conflict"))
    }

    /// Allows a conflict for a while, if it is still at one of these versions.
    pub async fn except(
        &self,
        id: Uuid,
        new: &NewException,
        versions: Option<&Tags>,
    ) -> Result<ViolationRecord, Error> {
        check(new)?;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        let before = work.lock_violation(id).await?.ok_or(Error::Missing("conflict"))?;
        meant(versions, before.version)?;
        let now = Instant::from_millis(self.clock.now());
        let (granted, deed) = exception(&work, new, now)?;
        let next = before.violation.apply(Event::Except(granted), now).map_err(|refusal| refused(&refusal))?.next;
        let after = SodViolation { excepted: Some(deed), ..before.next(next, now.millis()) };
        work.write_violation(&after).await?;
        work.commit().await?;
        Ok(after.into())
    }

    /// Takes back what allowed a conflict.
    pub async fn withdraw_exception(&self, id: Uuid, versions: Option<&Tags>) -> Result<ViolationRecord, Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        work.hold_duties().await?;
        let before = work.lock_violation(id).await?.ok_or(Error::Missing("conflict"))?;
        meant(versions, before.version)?;
        let now = Instant::from_millis(self.clock.now());
        let outcome = before.violation.apply(Event::Withdraw, now).map_err(|refusal| refused(&refusal))?;
        let after = before.next(outcome.next, now.millis());
        work.write_violation(&after).await?;
        let tellings: Vec<Telling> = About::violation(&after).tellings(&outcome.effects).collect();
        notices::tell(&work, &self.ids, now, &tellings).await?;
        // What it was given for beforehand may not be there.
        duties::look_at(&work, &[after.violation.subject.0], &self.ids, now).await?;
        let after = work.lock_violation(id).await?.ok_or(Error::Missing("conflict"))?;
        work.commit().await?;
        Ok(after.into())
    }

    /// Takes an entitlement of one side away from somebody, whatever it came from, so that a conflict ends.
    pub async fn remedy(
        &self,
        catalog: &Catalog,
        id: Uuid,
        remedy: &Remedy,
        versions: Option<&Tags>,
    ) -> Result<ViolationRecord, Error> {
        check(remedy)?;
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        // Groups before conflicts, as everywhere.
        let group = work.lock_resource(kind, remedy.entitlement).await?;
        let before = work.lock_violation(id).await?.ok_or(Error::Missing("conflict"))?;
        let now = Instant::from_millis(self.clock.now());
        // Of whatever application: it is looked after where the person works.
        if !self.reaches_to_take(&work, before.violation.subject.0, None).await? {
            return Err(Error::Missing("conflict"));
        }
        meant(versions, before.version)?;
        let event = Event::Remedy(EntitlementId(remedy.entitlement));
        before.violation.apply(event, now).map_err(|refusal| refused(&refusal))?;
        let user = before.violation.subject.0;
        let group = group.ok_or_else(|| wrong("/entitlement", phrase("held-no-more")))?;
        let live = work.live_grants(group.id, &[user]).await?;
        let mut tellings = Vec::with_capacity(live.len());
        for grant in &live {
            let reason = (Ending::Conflict, remedy.reason.trim());
            let (gone, settled) = work.revoke(kind, grant, reason).await?;
            tellings.push(Telling::ended(&gone, now));
            let group = work.lock_resource(kind, group.id).await?.ok_or(Error::Missing("group"))?;
            work.note_members(kind, &group, settled).await?;
        }
        duties::look_at(&work, &[user], &self.ids, now).await?;
        let among = [group.id].into_iter().collect();
        if work.held_by(&[user], &among).await?.contains_key(&user) {
            return Err(Error::Conflict(phrase("held-through-group").into()));
        }
        notices::tell(&work, &self.ids, now, &tellings).await?;
        notices::tell_of_losses(&work, &self.ids, now).await?;
        let after = work.lock_violation(id).await?.ok_or(Error::Missing("conflict"))?;
        work.commit().await?;
        Ok(after.into())
    }

    /// Whom a rule finds or would find, behind that user, and where to go on.
    pub async fn impact(
        &self,
        rule: Uuid,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<(Vec<ImpactRecord>, Option<Uuid>), Error> {
        let rule = self.data.rule(RuleKind::Sod, rule).await?.and_then(|rule| rule.sod());
        let rule = rule.ok_or(Error::Missing("rule of segregation of duties"))?;
        let (found, more) = duties::impact(&self.data, &rule, after, limit, &self.cause, &self.clock).await?;
        let record = |(user, finding): (Uuid, rights::sod::Finding)| ImpactRecord {
            user,
            one: finding.one,
            other: finding.other,
        };
        Ok((found.into_iter().map(record).collect(), more))
    }
}

/// An exception from now on, by whoever does this.
pub(super) fn exception(work: &Work, new: &NewException, now: Instant) -> Result<(Exception, Deed), Error> {
    let until = instant(&new.until).ok_or_else(|| wrong("/until", phrase("must-be-late-instant")))?;
    let deed = work.deed_of(Some(new.reason.trim()));
    let exception = Exception {
        // No person stands behind a client: it is the subject of nothing.
        by: UserId(deed.user.or(deed.client).unwrap_or_else(Uuid::nil)),
        reason: new.reason.trim().to_owned(),
        control: new.control.trim().to_owned(),
        from: now,
        until: Instant::from_millis(until),
        is_foreseen: false,
    };
    Ok((exception, deed))
}

/// What the rules say to somebody who may not, or not now.
pub(super) fn refused(refusal: &Refusal) -> Error {
    match &refusal.reason {
        Reason::State => Error::State { text: refusal.into(), state: refusal.state, possible: refusal.possible },
        Reason::Oneself => wrong("", phrase("own-conflict")),
        Reason::Unsuitable => wrong("/entitlement", phrase("no-part-of-conflict")),
        Reason::Period => wrong("/until", phrase("must-lie-ahead")),
        Reason::EndAfter(latest) => wrong("/until", &Flaw::EndAfter(*latest)),
        other => Error::Conflict(other.into()),
    }
}
