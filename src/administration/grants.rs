//! Grants that administrators give and take by hand.

use rights::{
    Instant,
    grant::{Ending, Source, State},
};
use scim::{
    Document,
    schema::{Catalog, Container, ResourceType},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{AccessGrant, Changes, Deed, Entitlement, EntitlementState, GrantFilter, Settled, Stored, Update, Work};
use uuid::Uuid;
use validator::Validate;

use crate::{
    administration::{
        Administration, Error, Slice,
        entitlements::{groups, wrong},
        error::check,
        limits,
    },
    clock::timestamp,
    lifecycle::duties,
};

/// A grant that somebody gives: from now on, until somebody takes it.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// To whom.
    pub user: Uuid,
    /// Of what: the group.
    pub entitlement: Uuid,
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

impl From<AccessGrant> for GrantRecord {
    fn from(stored: AccessGrant) -> Self {
        let grant = stored.grant;
        let ended = match grant.state {
            State::Ended { at, reason } => Some((at, reason)),
            _ => None,
        };
        let shown = |at: Instant| timestamp(at.millis());
        Self {
            id: stored.id,
            user: grant.user.0,
            entitlement: grant.entitlement.0,
            source: grant.source.word(),
            source_id: stored.source_id,
            state: grant.state.word(),
            from: shown(grant.activated.unwrap_or(grant.from)),
            until: grant.until.map(shown),
            ended: ended.map(|(at, _)| shown(at)),
            ending: ended.map(|(_, reason)| reason.word()),
            given: stored.given.into(),
            taken: stored.taken.map(Into::into),
            predecessor: stored.predecessor,
        }
    }
}

impl Administration {
    /// Grants behind that one, the oldest first.
    pub async fn grants(
        &self,
        filter: &GrantFilter,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<GrantRecord>, Error> {
        let found = self.data.grants(filter, after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(Into::into).collect(), limit))
    }

    /// One grant.
    pub async fn grant(&self, id: Uuid) -> Result<GrantRecord, Error> {
        self.data.grant(id).await?.map(Into::into).ok_or(Error::Missing("grant"))
    }

    /// Gives somebody an entitlement: at once, and until somebody takes it.
    pub async fn give(&self, catalog: &Catalog, new: &NewGrant) -> Result<GrantRecord, Error> {
        check(new)?;
        let kind = groups(catalog)?;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        // People before groups, as everywhere.
        hold_active(&work, catalog, new.user).await?;
        let unknown = || wrong("/entitlement", "is no entitlement here");
        let group = work.lock_resource(kind, new.entitlement).await?.ok_or_else(unknown)?;
        let entitlement = work.lock_entitlement(group.id).await?.ok_or_else(unknown)?;
        in_use(&entitlement)?;
        let live = work.live_grants(group.id, &[new.user]).await?;
        if live.iter().any(|held| held.grant.source == Source::Administrator) {
            return Err(Error::Taken("the user has it by the hand of an administrator already".into()));
        }
        let wanted = rights::grant::NewGrant {
            user: rights::UserId(new.user),
            entitlement: rights::EntitlementId(group.id),
            source: Source::Administrator,
            from: None,
            term: rights::grant::Term::Open,
        };
        let comment = Some(new.reason.trim());
        let issue = store::Issue { id: self.ids.next(), source_id: None, is_subject_active: true, comment };
        let (grant, settled) = work.issue(kind, wanted, issue).await?;
        touch(&work, kind, &group, settled).await?;
        self.refuse_conflicts(&work, new.user).await?;
        work.commit().await?;
        Ok(grant.into())
    }

    /// Takes one grant away, for good; done twice, the second time changes nothing. The person stays a member of the group
    /// if they are by another grant too.
    pub async fn revoke_grant(&self, catalog: &Catalog, id: Uuid, revocation: &Revocation) -> Result<Revoked, Error> {
        check(revocation)?;
        let kind = groups(catalog)?;
        let missing = || Error::Missing("grant");
        let of = self.data.grant(id).await?.ok_or_else(missing)?.grant.entitlement.0;
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let group = work.lock_resource(kind, of).await?;
        let grant = work.grant(id).await?.ok_or_else(missing)?;
        let user = grant.grant.user.0;
        let Some(group) = group.filter(|_| !grant.grant.state.is_final()) else {
            let still_held = !work.live_grants(of, &[user]).await?.is_empty();
            work.roll_back().await?;
            return Ok(Revoked { grant: grant.into(), still_held });
        };
        let reason = (Ending::Administrator, revocation.reason.trim());
        let (grant, settled) = work.revoke(kind, &grant, reason).await?;
        touch(&work, kind, &group, settled).await?;
        duties::look_at(&work, &[user], &self.ids, Instant::from_millis(self.clock.now())).await?;
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
        let text = "rules of segregation of duties stand against it, and there is no exception";
        Err(Error::Conflict(format!("{text}: {}", rules.join(", "))))
    }
}

/// Holds a user who is there and active.
async fn hold_active(work: &Work, catalog: &Catalog, id: Uuid) -> Result<(), Error> {
    let people = catalog.types().iter().find(|kind| kind.member_of.is_some());
    let user = match people {
        Some(people) => work.lock_resource(people, id).await?,
        None => None,
    };
    let user: Document = user.ok_or_else(|| wrong("/user", "is no user here"))?.document()?;
    if user.get(Container::Root, "active") == Some(&Value::Bool(false)) {
        return Err(wrong("/user", "is not active"));
    }
    Ok(())
}

/// What is not in use is given to nobody.
fn in_use(entitlement: &Entitlement) -> Result<(), Error> {
    if entitlement.state == EntitlementState::Active {
        return Ok(());
    }
    Err(Error::State {
        text: format!("the entitlement is {}; it is given while it is active", entitlement.state.word()),
        state: entitlement.state.word(),
        possible: &["activate"],
    })
}

/// Writes that members of a group came or went.
pub(super) async fn touch(work: &Work, kind: &ResourceType, group: &Stored, settled: Settled) -> Result<(), Error> {
    let changes = Changes { attributes: Vec::new(), added: settled.added, removed: settled.removed };
    if !changes.is_empty() {
        let update = Update { document: None, password: None, changes: &changes, leaving: false };
        work.update(kind, group, &update).await?;
    }
    Ok(())
}
