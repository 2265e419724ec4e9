//! Reviews of those who look after a part of the tenant. What they begin names the part that it keeps to, as the snapshot is cut by
//! what it names, and they find it by that. What they hold is asked for again within the transaction.

use rights::{
    ApplicationId, Instant, NodeId,
    administration::{Action, Assignment, Place, Reach, Role, Scope, may, reach},
    review::Event,
};
use store::{AdminRole, Bounds, Review, ReviewScope, Reviews, Work};
use uuid::Uuid;

use crate::{
    access::{
        Sight,
        office::Office,
        refusal::wrong,
        reviews::{act::not_about_oneself, wish::NewReview},
    },
    administration::{Error, Fault},
    wording::phrase,
};

/// Why a review is called off by itself.
pub(super) const OVER: &str = "whoever began it does not look after its scope any more";

/// What whoever asks holds; nothing for a client of administration, which looks after the whole tenant.
pub(super) struct Held {
    roles: Option<Vec<Assignment>>,
    now: Instant,
}

impl Held {
    fn new(roles: Vec<AdminRole>, now: Instant) -> Self {
        Self { roles: Some(roles.into_iter().map(|role| role.assignment).collect()), now }
    }

    /// Whether they look after the whole tenant, and not for one purpose alone.
    pub(super) fn is_whole(&self) -> bool {
        let holds = |one: &Assignment| one.role == Role::TenantAdministrator && one.is_live(self.now);
        self.roles.as_ref().is_none_or(|roles| roles.iter().any(holds))
    }

    fn may(&self, action: Action, place: &Place) -> bool {
        self.roles.as_ref().is_none_or(|roles| may(roles, action, place, self.now))
    }

    pub(super) fn reach(&self, action: Action) -> Reach {
        self.roles.as_ref().map_or_else(Reach::everywhere, |roles| reach(roles, action, self.now))
    }
}

impl Sight {
    /// What whoever asks holds.
    pub(super) async fn held(&self) -> Result<Held, Error> {
        let now = self.office().now();
        match self.cause.user {
            Some(user) => Ok(Held::new(self.data.roles_of(user).await?, now)),
            None => Ok(Held { roles: None, now }),
        }
    }

    /// What somebody sees of reviews to read them, nothing for everything: what they review, and the part that they look after.
    pub(super) async fn reviews_overseen(&self) -> Result<Option<Reviews>, Error> {
        let Some(seen) = self.reviews_seen().await? else { return Ok(None) };
        let reach = self.held().await?.reach(Action::Campaigns);
        let part = (!reach.is_empty()).then(|| Bounds { reach, day: self.office().today() });
        Ok(Some(Reviews { part, ..seen }))
    }

    /// What somebody sees of reviews to close them; nothing for everything.
    pub(super) async fn reviews_closable(&self) -> Result<Option<Reviews>, Error> {
        let held = self.held().await?;
        let Some(user) = self.cause.user.filter(|_| !held.is_whole()) else { return Ok(None) };
        let part = Bounds { reach: held.reach(Action::CloseReviews), day: self.office().today() };
        Ok(Some(Reviews { user, stands_in_for: Vec::new(), part: Some(part) }))
    }

    /// What a review is about if whoever begins it looks after a part of the tenant alone: an application of theirs, or people of a
    /// unit of theirs, which it names from then on. What lies outside is refused as what is not there.
    pub(super) async fn keep_to_part(&self, held: &Held, new: &NewReview) -> Result<ReviewScope, Error> {
        let mut scope = new.scope();
        let reach = held.reach(Action::Campaigns);
        if reach.tenant {
            return Ok(scope);
        }
        if !new.exclusions.is_empty() {
            // Who is named could be anybody.
            return Err(wrong("/exclusions", phrase("for-whole")));
        }
        let bounds = Bounds { reach, day: self.office().today() };
        self.must_be_within(&bounds, &scope).await?;
        if scope.application.is_none() && scope.unit.is_none() && !scope.entitlements.is_empty() {
            scope.application = self.application_of(&scope.entitlements).await?;
        }
        let is_named = |id: Uuid| bounds.reach.applications.contains(&ApplicationId(id));
        if scope.unit.is_some() || scope.application.is_some_and(is_named) {
            return Ok(scope);
        }
        if let Some(user) = scope.user {
            scope.unit =
                Some(self.unit_of(&bounds, user).await?.ok_or_else(|| wrong("/scope/user", phrase("no-user")))?);
            return Ok(scope);
        }
        Err(wrong("/scope", phrase("review-of-part")))
    }

    /// Refuses what lies outside as what is not there.
    async fn must_be_within(&self, bounds: &Bounds, scope: &ReviewScope) -> Result<(), Error> {
        if let Some(id) = scope.application
            && self.data.application(id, bounds).await?.is_none()
        {
            return Err(wrong("/scope/application", phrase("no-application")));
        }
        if let Some(id) = scope.unit
            && self.data.unit(id, bounds).await?.is_none()
        {
            return Err(wrong("/scope/unit", phrase("no-unit")));
        }
        let known = self.data.entitlements_within(bounds, &scope.entitlements).await?;
        let unknown = scope.entitlements.iter().enumerate().filter(|(_, id)| !known.contains(id));
        let fault = |(at, _)| Fault::new(format!("/scope/entitlements/{at}"), phrase("no-entitlement"));
        let faults: Vec<Fault> = unknown.map(fault).collect();
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let Some(user) = scope.user else { return Ok(()) };
        let theirs = ReviewScope { user: Some(user), ..scope.clone() };
        let holds = !self.data.grants_in_scope(&theirs, &bounds.day, None, 1).await?.is_empty();
        let is_of_application = scope.application.is_some() || !scope.entitlements.is_empty();
        if self.data.is_person_within(bounds, user).await? || is_of_application && holds {
            return Ok(());
        }
        Err(wrong("/scope/user", phrase("no-user")))
    }

    /// The application that all of these are of.
    async fn application_of(&self, entitlements: &[Uuid]) -> Result<Option<Uuid>, Error> {
        let found = self.data.entitlements_among(entitlements).await?;
        let mut all = found.values().map(|one| one.application);
        let first = all.next();
        Ok(first.filter(|first| all.all(|other| other == *first)))
    }

    /// The unit within bounds by which somebody is looked after.
    async fn unit_of(&self, bounds: &Bounds, user: Uuid) -> Result<Option<Uuid>, Error> {
        for node in &bounds.reach.nodes {
            let one = Bounds { reach: Reach { nodes: [*node].into(), ..Reach::default() }, day: bounds.day.clone() };
            if self.data.is_person_within(&one, user).await? {
                return Ok(Some(node.0));
            }
        }
        Ok(None)
    }

    /// Refuses to begin what whoever asks may not begin by now.
    pub(super) async fn may_begin(&self, work: &Work, review: &Review) -> Result<(), Error> {
        let Some(held) = held_by(work, self.cause.user, self.office().now()).await? else { return Ok(()) };
        let place = place_of(work, &review.plan.scope).await?;
        if held.is_whole() || review.plan.by_role && held.may(Action::Campaigns, &place) {
            return Ok(());
        }
        Err(Error::Forbidden(phrase("no-role-lets").into()))
    }

    /// Refuses to close what whoever asks may not: what was begun for the whole tenant, and what others began that is about them.
    pub(super) async fn may_close(&self, work: &Work, review: &Review) -> Result<(), Error> {
        let Some(held) = held_by(work, self.cause.user, self.office().now()).await?.filter(|held| !held.is_whole())
        else {
            return Ok(());
        };
        if !review.plan.by_role {
            return Err(Error::Forbidden(phrase("whole-tenant-only").into()));
        }
        let place = place_of(work, &review.plan.scope).await?;
        if !held.may(Action::CloseReviews, &place) {
            return Err(Error::Missing("review"));
        }
        let Some(user) = self.cause.user.filter(|user| review.plan.made.user != Some(*user)) else { return Ok(()) };
        let about = work.has_items_about(review.id, user).await?.then_some(user);
        not_about_oneself(Some(user), about)
    }
}

impl Office {
    /// What becomes of a review before it has begun if whoever was to begin it by a role does not hold it any more.
    pub(super) async fn is_over_before(&self, work: &Work, review: &Review) -> Result<Option<Event>, Error> {
        if !review.plan.by_role {
            return Ok(None);
        }
        let Some(held) = held_by(work, review.plan.made.user, self.now()).await? else { return Ok(None) };
        let place = place_of(work, &review.plan.scope).await?;
        let holds = held.is_whole() || held.may(Action::Campaigns, &place);
        Ok((!holds).then(|| Event::Cancel { reason: OVER.to_owned() }))
    }
}

/// What somebody holds by now; nothing where nobody is asked for.
async fn held_by(work: &Work, user: Option<Uuid>, now: Instant) -> Result<Option<Held>, Error> {
    let Some(user) = user else { return Ok(None) };
    Ok(Some(Held::new(work.roles_of(&[user]).await?, now)))
}

/// Where a review is: as a grant, where people work, and with the application.
async fn place_of(work: &Work, scope: &ReviewScope) -> Result<Place, Error> {
    let unit = match scope.unit {
        Some(unit) => work.place_of(Scope::Node(NodeId(unit))).await?,
        None => None,
    };
    Ok(Place { path: unit.unwrap_or_default().path, application: scope.application.map(ApplicationId) })
}
