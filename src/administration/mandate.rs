//! What people who look after a part of a tenant may do there, asked in the transaction in which they do it. Clients of
//! administration and operators look after the whole.

use rights::{
    ApplicationId, Instant, NodeId, Risk, UserId,
    administration::{Action, Assignment, Place, Reach, Role, Scope, may, may_grant},
};
use store::{Bounds, Work};
use uuid::Uuid;

use crate::{
    administration::{Administration, Error, entitlements::wrong},
    wording::phrase,
};

/// What whoever asks holds by now.
pub(super) struct Mandate {
    caller: UserId,
    held: Vec<Assignment>,
    now: Instant,
}

impl Mandate {
    /// Whether they look after the whole tenant: nothing of it is beyond them.
    pub(super) fn is_whole(&self) -> bool {
        self.held.iter().any(|one| one.role == Role::TenantAdministrator && one.is_live(self.now))
    }

    /// Whether they may do something there.
    pub(super) fn may(&self, action: Action, place: &Place) -> bool {
        may(&self.held, action, place, self.now)
    }
}

impl Administration {
    /// How far that reach goes today.
    pub fn within(&self, reach: Reach) -> Bounds {
        Bounds { reach, day: self.today() }
    }

    /// What whoever asks holds.
    pub(super) async fn mandate(&self, work: &Work) -> Result<Mandate, Error> {
        let held = self.roles_of_caller(work).await?;
        Ok(Mandate { caller: UserId(self.cause.user.unwrap_or_default()), held, now: self.instant() })
    }

    /// Refuses to give or prolong what whoever asks may not give to that person.
    pub(super) async fn must_reach_to_give(
        &self,
        work: &Work,
        user: Uuid,
        (application, risk): (Option<Uuid>, Risk),
    ) -> Result<(), Error> {
        let mandate = self.mandate(work).await?;
        if mandate.is_whole() {
            return Ok(());
        }
        let place = self.place_of_grant(work, user, application).await?;
        if !mandate.may(Action::Grant, &place) {
            // What is said of people and things that are not there.
            let is_of_units = mandate.held.iter().any(|one| matches!(one.scope, Scope::Node(_)));
            let (pointer, reason) =
                if is_of_units { ("/user", phrase("no-user")) } else { ("/entitlement", phrase("no-entitlement")) };
            return Err(wrong(pointer, reason));
        }
        if !may_grant(&mandate.held, mandate.caller, UserId(user), risk, &place, mandate.now) {
            return Err(Error::Forbidden(phrase("low-risk-only").into()));
        }
        Ok(())
    }

    /// Whether whoever asks may take away what somebody has of an application.
    pub(super) async fn reaches_to_take(
        &self,
        work: &Work,
        user: Uuid,
        application: Option<Uuid>,
    ) -> Result<bool, Error> {
        let mandate = self.mandate(work).await?;
        Ok(mandate.is_whole() || mandate.may(Action::Revoke, &self.place_of_grant(work, user, application).await?))
    }

    /// Refuses to put anybody in charge who is not there, or whom whoever asks does not look after: and so neither themselves, nor by
    /// leaving it empty whoever is in charge above. What was named before, and what is named then, by where it stands.
    pub(super) async fn must_name_others(
        &self,
        work: &Work,
        mandate: &Mandate,
        named: &[(&str, Option<Uuid>, Option<Uuid>)],
    ) -> Result<(), Error> {
        if mandate.is_whole() {
            return Ok(());
        }
        for (pointer, _, after) in named.iter().filter(|(_, before, after)| before != after) {
            let Some(user) = *after else { return Err(wrong(pointer, phrase("must-stay-named"))) };
            if user == mandate.caller.0 {
                return Err(wrong(pointer, phrase("oneself-in-charge")));
            }
            let place = self.place_of_grant(work, user, None).await?;
            if !mandate.may(Action::See, &place) || work.active_among(&[user]).await?.is_empty() {
                return Err(wrong(pointer, phrase("no-user")));
            }
        }
        Ok(())
    }

    /// What whoever asks holds, if they may change the catalogue of that application.
    pub(super) async fn mandate_over(&self, work: &Work, application: Uuid) -> Result<Mandate, Error> {
        let mandate = self.mandate(work).await?;
        if !mandate.is_whole() {
            let place = work.place_of(Scope::Application(ApplicationId(application))).await?;
            if !place.is_some_and(|place| mandate.may(Action::Catalogue, &place)) {
                return Err(Error::Missing("application"));
            }
        }
        Ok(mandate)
    }

    /// Whether whoever asks may change the organisation below that node.
    pub(super) async fn organises(&self, work: &Work, mandate: &Mandate, node: Option<Uuid>) -> Result<bool, Error> {
        if mandate.is_whole() {
            return Ok(true);
        }
        let place = match node {
            Some(node) => work.place_of(Scope::Node(NodeId(node))).await?,
            None => None,
        };
        Ok(mandate.may(Action::Organisation, &place.unwrap_or_default()))
    }

    /// Where a grant is: where the person works today, and the application that the entitlement is of.
    async fn place_of_grant(&self, work: &Work, user: Uuid, application: Option<Uuid>) -> Result<Place, Error> {
        let path = work.path_of_person(user, &self.today()).await?;
        Ok(Place { path, application: application.map(ApplicationId) })
    }
}
