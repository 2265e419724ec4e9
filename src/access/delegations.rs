//! Deputies: for a while somebody decides in somebody else's name.

use std::collections::BTreeSet;

use rights::{
    Instant, UserId,
    delegation::{Delegation, Duty, Facts},
};
use serde::{Deserialize, Serialize};
use store::{AccessDelegation, Deed};
use time::Duration;
use uuid::Uuid;
use validator::Validate;

use crate::{
    access::{
        Access, Sight, Viewer,
        office::{Office, again, is_active},
        refusal::{refused, wrong},
        requests::{begins_ahead, ends, text},
    },
    administration::{self, Error, Slice},
    clock::timestamp,
    provisioning::Tags,
    wording::phrase,
};

/// The longest time for which somebody stands in.
const LONGEST: Duration = Duration::days(366);

/// A deputy whom somebody wants.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewDelegation {
    /// Who stands in.
    pub delegate: Uuid,
    /// For what.
    #[serde(default = "approvals")]
    pub duties: BTreeSet<Duty>,
    /// From which day or instant on; now, if nobody says.
    pub from: Option<String>,
    /// Until which day or instant.
    pub until: String,
    /// Why.
    #[validate(custom(function = text))]
    pub reason: Option<String>,
}

fn approvals() -> BTreeSet<Duty> {
    [Duty::Approvals].into()
}

/// A delegation as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DelegationRecord {
    /// Counts its changes from 1: there is one, its end.
    #[serde(skip)]
    pub version: i64,
    /// Its id.
    pub id: Uuid,
    /// Who is away.
    pub delegator: Uuid,
    /// Who stands in.
    pub delegate: Uuid,
    /// For what.
    pub duties: BTreeSet<Duty>,
    /// From when on.
    pub from: String,
    /// Until when.
    pub until: String,
    /// How it stands.
    pub state: &'static str,
    /// When it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Access {
    /// Lets somebody stand in for the person.
    pub async fn delegate(&self, new: &NewDelegation) -> Result<DelegationRecord, Error> {
        administration::check(new)?;
        let office = self.office();
        let mut attempt = 0;
        loop {
            let result = self.try_delegate(&office, new).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_delegate(&self, office: &Office, new: &NewDelegation) -> Result<DelegationRecord, Error> {
        let work = office.begin().await?;
        if !Office::gives(&work).await? {
            return Err(Error::Suspended);
        }
        // Both people are held, so that two who name each other in one moment see each other.
        let people = work.lock(office.people()?, [self.actor.user, new.delegate]).await?;
        let delegate = people.iter().find(|person| person.id == new.delegate).map(store::Stored::document);
        let wanted = new.delegation(self.actor.user, office.now())?;
        let others = work.delegations_not_over(&[self.actor.user, new.delegate]).await?;
        let others: Vec<Delegation> = others.into_iter().map(|other| other.delegation).collect();
        let facts = Facts {
            now: office.now(),
            is_delegate_active: delegate.transpose()?.is_some_and(|delegate| is_active(&delegate)),
            others: &others,
        };
        wanted.check(&facts).map_err(|refusal| match refusal.reason {
            rights::Reason::Oneself => wrong("/delegate", phrase("deputy-oneself")),
            rights::Reason::Chain => wrong("/delegate", phrase("deputy-chain")),
            rights::Reason::Unsuitable => wrong("/delegate", phrase("no-active-user")),
            rights::Reason::Overlap => Error::Taken(phrase("stands-in-already").into()),
            _ => refused(&refusal, "delegate"),
        })?;
        let reason = new.reason.as_deref().map(|text| text.trim().to_owned());
        let delegation = AccessDelegation { id: office.ids.next(), delegation: wanted, reason, ended_by: None };
        work.create_delegation(&delegation).await?;
        work.commit().await?;
        Ok(shown(delegation, office.now()))
    }
}

impl NewDelegation {
    fn delegation(&self, delegator: Uuid, now: Instant) -> Result<Delegation, Error> {
        let from = match &self.from {
            Some(from) => begins_ahead(from, now).map_err(|reason| wrong("/from", reason))?,
            None => now,
        };
        let until = ends(&self.until).ok_or_else(|| wrong("/until", phrase("must-be-moment")))?;
        if until - from > LONGEST {
            return Err(wrong("/until", phrase("longer-than-a-year")));
        }
        Ok(Delegation {
            delegator: UserId(delegator),
            delegate: UserId(self.delegate),
            duties: self.duties.clone(),
            from,
            until,
            cancelled: None,
        })
    }
}

impl Sight {
    /// Delegations behind that one, the oldest first: of a person those by or to them.
    pub async fn delegations(&self, after: Option<Uuid>, limit: u64) -> Result<Slice<DelegationRecord>, Error> {
        let of = match self.viewer {
            Viewer::Person(user) => Some(user),
            Viewer::Administrator => None,
        };
        let found = Slice::of(self.data.delegations(of, after, limit + 1).await?, limit);
        let now = self.office().now();
        Ok(Slice { items: found.items.into_iter().map(|one| shown(one, now)).collect(), has_more: found.has_more })
    }

    /// One delegation.
    pub async fn delegation(&self, id: Uuid) -> Result<DelegationRecord, Error> {
        let found = self.data.delegation(id).await?.filter(|one| self.concerns(one));
        found.map(|one| shown(one, self.office().now())).ok_or(Error::Missing("delegation"))
    }

    /// Ends a delegation now: whoever is away wishes so, or an administrator.
    pub async fn cancel_delegation(&self, id: Uuid, versions: Option<&Tags>) -> Result<(), Error> {
        let office = self.office();
        let work = office.begin().await?;
        Office::gives(&work).await?;
        let found = work.lock_delegation(id).await?.filter(|one| self.concerns(one));
        let before = found.ok_or(Error::Missing("delegation"))?;
        administration::meant(versions, version(&before))?;
        if let Viewer::Person(user) = self.viewer
            && user != before.delegation.delegator.0
        {
            return Err(Error::Forbidden(phrase("delegation-of-others").into()));
        }
        let ended = before.delegation.cancel(office.now()).map_err(|refusal| refused(&refusal, "id"))?;
        let by = Deed { client: self.cause.client, user: self.cause.user, comment: None };
        work.end_delegation(&AccessDelegation { delegation: ended, ended_by: Some(by), ..before }).await?;
        Ok(work.commit().await?)
    }

    fn concerns(&self, one: &AccessDelegation) -> bool {
        match self.viewer {
            Viewer::Administrator => true,
            Viewer::Person(user) => [one.delegation.delegator.0, one.delegation.delegate.0].contains(&user),
        }
    }
}

fn version(one: &AccessDelegation) -> i64 {
    1 + i64::from(one.delegation.cancelled.is_some())
}

fn shown(one: AccessDelegation, now: Instant) -> DelegationRecord {
    let version = version(&one);
    let AccessDelegation { id, delegation, reason, .. } = one;
    let state = delegation.state(now).word();
    DelegationRecord {
        version,
        id,
        delegator: delegation.delegator.0,
        delegate: delegation.delegate.0,
        state,
        duties: delegation.duties,
        from: timestamp(delegation.from.millis()),
        until: timestamp(delegation.until.millis()),
        cancelled: delegation.cancelled.map(|at| timestamp(at.millis())),
        reason,
    }
}
