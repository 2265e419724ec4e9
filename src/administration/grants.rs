//! Grants that administrators give and take by hand.

use rights::{
    Class, EntitlementId, Instant, Refusal, Risk, UserId,
    grant::{self, Ending, Limits, Source, State, Term},
};
use scim::{
    Document,
    schema::{Catalog, Container},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{AccessGrant, Bounds, Deed, Entitlement, EntitlementState, GrantFilter, Issue, Prolonged, Stored, Work};
use uuid::Uuid;
use validator::Validate;

use crate::{
    administration::{
        Administration, Error, Slice,
        entitlements::{groups, wrong},
        error::{check, meant},
        limits,
    },
    clock::{instant, timestamp},
    lifecycle::duties,
    notices::{self, Telling},
    provisioning::Tags,
    wording::{Phrase, phrase},
};

/// A grant that somebody gives.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// To whom.
    pub user: Uuid,
    /// Of what: the group.
    pub entitlement: Uuid,
    /// When it begins; nothing for at once.
    pub from: Option<String>,
    /// When it ends; nothing for whenever somebody takes it.
    pub until: Option<String>,
    /// Why.
    #[validate(custom(function = limits::text))]
    pub reason: String,
}

/// To when somebody moves the end of a grant, and why.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The new end.
    pub until: String,
    /// Why.
    #[validate(custom(function = limits::text))]
    pub reason: String,
}

/// Why somebody takes a grant away.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Why.
    #[validate(custom(function = limits::text))]
    pub reason: String,
}

/// A grant as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantRecord {
    /// Counts its changes from 1.
    #[serde(skip)]
    pub version: i64,
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub user: Uuid,
    /// Of what: the group.
    pub entitlement: Uuid,
    /// Where it comes from.
    pub source: &'static str,
    /// From which client, rule or request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<Uuid>,
    /// How it stands.
    pub state: &'static str,
    /// When it begins or began.
    pub from: String,
    /// When it ends, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Why it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending: Option<&'static str>,
    /// Who gave it.
    pub given: DeedRecord,
    /// Who took it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<DeedRecord>,
    /// The grant that it takes the place of, because that had been taken away by mistake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<Uuid>,
    /// How its end moved away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<ExtensionRecord>,
}

/// That the end of a grant moved away.
#[derive(Clone, Debug, Serialize)]
pub struct ExtensionRecord {
    /// When somebody did it.
    pub at: String,
    /// To when.
    pub until: String,
    /// Who did, and why.
    #[serde(flatten)]
    pub by: DeedRecord,
}

/// Who did something to a grant, and why.
#[derive(Clone, Debug, Serialize)]
pub struct DeedRecord {
    /// The client, or the issuer of the token; nothing for the server itself and its operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Uuid>,
    /// The user on whose behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// What they said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What came of taking a grant away.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revoked {
    /// The grant as it is now.
    #[serde(flatten)]
    pub grant: GrantRecord,
    /// Whether the person has the entitlement by another grant.
    pub still_held: bool,
}

impl From<Deed> for DeedRecord {
    fn from(deed: Deed) -> Self {
        Self { client: deed.client, user: deed.user, reason: deed.comment }
    }
}

impl From<Prolonged> for ExtensionRecord {
    fn from(prolonged: Prolonged) -> Self {
        let shown = |at: Instant| timestamp(at.millis());
        Self { at: shown(prolonged.at), until: shown(prolonged.until), by: prolonged.by.into() }
    }
}

impl From<AccessGrant> for GrantRecord {
    fn from(stored: AccessGrant) -> Self {
        let grant = stored.grant;
        let ended = match grant.state {
            State::Ended { at, reason } => Some((at, reason)),
            _ => None,
        };
        let shown = |at: Instant| timestamp(at.millis());
        Self {
            version: stored.version,
            id: stored.id,
            user: grant.user.0,
            entitlement: grant.entitlement.0,
            source: grant.source.word(),
            source_id: stored.source_id,
            state: grant.state.word(),
            from: shown(grant.activated.unwrap_or(grant.from)),
            until: end(&grant).map(shown),
            ended: ended.map(|(at, _)| shown(at)),
            ending: ended.map(|(_, reason)| reason.word()),
            given: stored.given.into(),
            taken: stored.taken.map(Into::into),
            predecessor: stored.predecessor,
            extensions: stored.prolonged.into_iter().map(Into::into).collect(),
        }
    }
}

impl Administration {
    /// Grants within bounds behind that one, the oldest first.
    pub async fn grants(
        &self,
        filter: &GrantFilter,
        bounds: &Bounds,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<GrantRecord>, Error> {
        let found = self.data.grants(filter, bounds, after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(Into::into).collect(), limit))
    }

    /// One grant, if it is within bounds.
    pub async fn grant(&self, id: Uuid, bounds: &Bounds) -> Result<GrantRecord, Error> {
        self.data.grant(id, bounds).await?.map(Into::into).ok_or(Error::Missing("grant"))
    }

    /// Gives somebody an entitlement: at once or later, and until then or until somebody takes it.
    pub async fn give(&self, catalog: &Catalog, new: &NewGrant) -> Result<GrantRecord, Error> {
        check(new)?;
        self.not_to_oneself(new.user)?;
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        // People before groups, as everywhere.
        let user = hold(&work, catalog, new.user).await?;
        let group = work.lock_resource(kind, new.entitlement).await?;
        let entitlement = work.lock_entitlement(new.entitlement).await?.filter(|_| group.is_some());
        let of_what = entitlement.as_ref().map_or((None, Risk::Low), |known| (Some(known.application), known.risk));
        // Before it is told what is there.
        self.must_reach_to_give(&work, new.user, of_what).await?;
        is_there(user)?;
        let unknown = || wrong("/entitlement", phrase("no-entitlement"));
        let (group, entitlement) = (group.ok_or_else(unknown)?, entitlement.ok_or_else(unknown)?);
        in_use(&entitlement)?;
        let (from, term) = span(new, &entitlement, Instant::from_millis(self.clock.now()))?;
        let live = work.live_grants(group.id, &[new.user]).await?;
        if live.iter().any(|held| held.grant.source == Source::Administrator) {
            return Err(Error::Taken(phrase("held-by-hand").into()));
        }
        let (user, entitlement) = (UserId(new.user), EntitlementId(group.id));
        let wanted = grant::NewGrant { user, entitlement, source: Source::Administrator, from, term };
        let comment = Some(new.reason.trim());
        let issue = Issue { id: self.ids.next(), source_id: None, is_subject_active: true, comment };
        let (grant, settled) = work.issue(kind, wanted, issue).await?;
        work.note_members(kind, &group, settled).await?;
        self.refuse_conflicts(&work, new.user).await?;
        work.commit().await?;
        Ok(grant.into())
    }

    /// Moves the end of a grant away, within what the entitlement allows; how often is not counted for an administrator.
    pub async fn extend_grant(
        &self,
        catalog: &Catalog,
        (id, bounds): (Uuid, &Bounds),
        extension: &Extension,
        versions: Option<&Tags>,
    ) -> Result<GrantRecord, Error> {
        check(extension)?;
        let until = moment("/until", &extension.until)?;
        let kind = groups(catalog)?;
        let missing = || Error::Missing("grant");
        let of = self.data.grant(id, bounds).await?.ok_or_else(missing)?.grant.entitlement.0;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        let group = work.lock_resource(kind, of).await?;
        let entitlement = work.lock_entitlement(of).await?;
        let stored = work.grant(id).await?.ok_or_else(missing)?;
        meant(versions, stored.version)?;
        self.not_to_oneself(stored.grant.user.0)?;
        let of_what = entitlement.as_ref().map(|entitlement| (Some(entitlement.application), entitlement.risk));
        self.must_reach_to_give(&work, stored.grant.user.0, of_what.unwrap_or((None, Risk::High))).await?;
        if let Some(entitlement) = entitlement.as_ref().filter(|_| !stored.grant.state.is_final()) {
            in_use(entitlement)?;
        }
        let terms = entitlement.map(|entitlement| entitlement.terms.limits(None)).unwrap_or_default();
        let limits = Limits { extensions: u8::MAX, ..terms };
        let facts = grant::Facts {
            now: Instant::from_millis(self.clock.now()),
            is_subject_active: true,
            is_entitlement_active: true,
            conflicts: &[],
            limits: &limits,
        };
        let outcome = stored.grant.apply(grant::Event::Extend(until), &facts).map_err(|refusal| refused(&refusal))?;
        let (grant, settled) = work.write_grant(kind, &stored, outcome.next, Some(extension.reason.trim())).await?;
        if let Some(group) = group {
            work.note_members(kind, &group, settled).await?;
        }
        work.commit().await?;
        Ok(grant.into())
    }

    /// Takes one grant away, for good; done twice, the second time changes nothing. The person stays a member of the group
    /// if they are by another grant too.
    pub async fn revoke_grant(
        &self,
        catalog: &Catalog,
        (id, bounds): (Uuid, &Bounds),
        revocation: &Revocation,
        versions: Option<&Tags>,
    ) -> Result<Revoked, Error> {
        check(revocation)?;
        let kind = groups(catalog)?;
        let missing = || Error::Missing("grant");
        let of = self.data.grant(id, bounds).await?.ok_or_else(missing)?.grant.entitlement.0;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let group = work.lock_resource(kind, of).await?;
        let grant = work.grant(id).await?.ok_or_else(missing)?;
        meant(versions, grant.version)?;
        let user = grant.grant.user.0;
        let application = work.entitlements_among(&[of]).await?.get(&of).map(|entitlement| entitlement.application);
        if !self.reaches_to_take(&work, user, application).await? {
            return Err(missing());
        }
        let Some(group) = group.filter(|_| !grant.grant.state.is_final()) else {
            let still_held = !work.live_grants(of, &[user]).await?.is_empty();
            work.roll_back().await?;
            return Ok(Revoked { grant: grant.into(), still_held });
        };
        let reason = (Ending::Administrator, revocation.reason.trim());
        let (grant, settled) = work.revoke(kind, &grant, reason).await?;
        let now = Instant::from_millis(self.clock.now());
        duties::look_at(&work, &[user], &self.ids, now).await?;
        notices::tell(&work, &self.ids, now, &[Telling::ended(&grant, now)]).await?;
        notices::tell_of_losses(&work, &self.ids, now).await?;
        work.note_members(kind, &group, settled).await?;
        let still_held = !work.live_grants(of, &[user]).await?.is_empty();
        work.commit().await?;
        Ok(Revoked { grant: grant.into(), still_held })
    }
}

impl Administration {
    /// Looks at somebody who was given something; a rule that stands against it, without an exception, is told.
    async fn refuse_conflicts(&self, work: &Work, user: Uuid) -> Result<(), Error> {
        let now = Instant::from_millis(self.clock.now());
        let seen = duties::look_at(work, &[user], &self.ids, now).await?;
        let blocking = seen.new.iter().filter(|new| new.conflict.blocks());
        let rules: Vec<String> = blocking.map(|new| new.conflict.rule.to_string()).collect();
        if rules.is_empty() {
            return Ok(());
        }
        Err(Error::Conflict(phrase("duties-apart-by").with("rules", rules.join(", ")).into()))
    }
}

/// Holds a user, if there is one.
pub(super) async fn hold(work: &Work, catalog: &Catalog, id: Uuid) -> Result<Option<Stored>, Error> {
    match catalog.types().iter().find(|kind| kind.member_of.is_some()) {
        Some(people) => Ok(work.lock_resource(people, id).await?),
        None => Ok(None),
    }
}

/// Refuses a user who is not there, or not active.
pub(super) fn is_there(user: Option<Stored>) -> Result<(), Error> {
    let user: Document = user.ok_or_else(|| wrong("/user", phrase("no-user")))?.document()?;
    if user.get(Container::Root, "active") == Some(&Value::Bool(false)) {
        return Err(wrong("/user", phrase("flaw-inactive")));
    }
    Ok(())
}

/// What is not in use is given to nobody.
fn in_use(entitlement: &Entitlement) -> Result<(), Error> {
    if entitlement.state == EntitlementState::Active {
        return Ok(());
    }
    Err(Error::State {
        text: phrase("entitlement-not-active")
            .with("state", phrase(format!("state-{}", entitlement.state.word())))
            .into(),
        state: entitlement.state.word(),
        possible: &["activate"],
    })
}

/// When a grant ends by itself, as far as that is known.
fn end(grant: &grant::Grant) -> Option<Instant> {
    match (grant.until, grant.term) {
        (None, Term::Until(until)) => Some(until),
        (known, _) => known,
    }
}

/// From when and how long somebody is to have an entitlement, if it may be so.
fn span(new: &NewGrant, entitlement: &Entitlement, now: Instant) -> Result<(Option<Instant>, Term), Error> {
    let from = new.from.as_deref().map(|text| moment("/from", text)).transpose()?;
    let until = new.until.as_deref().map(|text| moment("/until", text)).transpose()?;
    if from.is_some_and(|from| from < now) {
        return Err(wrong("/from", phrase("begins-at-once")));
    }
    let begins = from.unwrap_or(now);
    if until.is_some_and(|until| until <= begins) {
        return Err(wrong("/until", phrase("must-be-later")));
    }
    let term = until.map_or(Term::Open, Term::Until);
    if entitlement.risk == Risk::High && until.is_none() {
        return Err(wrong("/until", phrase("must-have-end")));
    }
    match entitlement.terms.limits(None).allow(begins, term) {
        Ok(()) => Ok((from, term)),
        Err(latest) => Err(wrong("/until", phrase("must-end-by").with("at", latest))),
    }
}

fn moment(pointer: &str, text: &str) -> Result<Instant, Error> {
    let wrong = || wrong(pointer, phrase("must-be-instant"));
    instant(text).map(Instant::from_millis).ok_or_else(wrong)
}

/// What a caller is told of what the rules refuse.
fn refused(refusal: &Refusal) -> Error {
    match refusal.reason.class() {
        Class::Invalid => wrong("/until", phrase("cannot-be").with("reason", Phrase::from(&refusal.reason))),
        Class::Conflict | Class::Forbidden => {
            Error::State { text: refusal.into(), state: refusal.state, possible: refusal.possible }
        }
    }
}
