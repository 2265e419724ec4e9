//! What administrators do with reviews: they begin one, or see first what it would be; they close it early and call it off.

use std::collections::BTreeSet;

use rights::{Instant, Refusal, calendar::Calendar, review::Event};
use store::{Bounds, Review, ReviewPlan, ReviewScope, Reviews, TenantState, Work};
use uuid::Uuid;

use crate::{
    access::{
        Sight,
        office::{Office, again},
        refusal::{refused, wrong},
        reviews::{
            act::not_about_oneself,
            draft::Counted,
            prepare::CHUNK,
            records::{PreviewRecord, ReviewRecord},
            show::show_review,
            wish::{NewReview, Postponement, Why},
        },
    },
    administration::{self, Error, Fault, ResolverShape},
    provisioning::Tags,
    wording::phrase,
};

/// The most grants that a preview looks at.
const FORESEEN: usize = 20_000;

impl Sight {
    /// Lets a review begin, at once or on its day.
    pub async fn begin_review(&self, new: &NewReview) -> Result<ReviewRecord, Error> {
        let office = self.office();
        let (review, calendar) = self.plan(&office, new).await?;
        let work = office.begin().await?;
        serves(&work).await?;
        self.may_begin(&work, &review).await?;
        let made = work.deed_of(None);
        let review = Review { plan: ReviewPlan { made, ..review.plan }, ..review };
        work.create_review(&review, &calendar).await?;
        work.commit().await?;
        Ok(show_review(review))
    }

    /// What a review would be: how many grants, who would review how many, and how many nobody. Nothing is written.
    pub async fn foresee_review(&self, new: &NewReview) -> Result<PreviewRecord, Error> {
        let office = self.office();
        let (review, _) = self.plan(&office, new).await?;
        let (day, mut after, mut counted) = (office.today(), None, Counted::default());
        loop {
            let grants = self.data.grants_in_scope(&review.plan.scope, &day, after, CHUNK).await?;
            after = grants.last().map(|grant| grant.id);
            counted.add(&office.draft(&review, &grants).await?);
            let is_whole = (grants.len() as u64) < CHUNK;
            if is_whole || counted.items >= FORESEEN {
                return Ok(PreviewRecord {
                    items: counted.items,
                    excluded: counted.excluded,
                    reviewers: counted.reviewers.len(),
                    without_reviewer: counted.nobody,
                    complete: is_whole,
                });
            }
        }
    }

    async fn plan(&self, office: &Office, new: &NewReview) -> Result<(Review, Calendar), Error> {
        administration::check(new)?;
        let held = self.held().await?;
        if !held.is_whole() {
            new.must_leave_it_to_others()?;
        }
        let calendar = office.calendar().await?;
        let campaign = new.campaign(office.now(), &calendar)?;
        let plan = ReviewPlan {
            name: new.name.trim().to_owned(),
            scope: self.keep_to_part(&held, new).await?,
            together: BTreeSet::new(),
            reviewers: new.resolvers(),
            exclusions: new.left_out(),
            made: store::Deed::default(),
            by_role: !held.is_whole(),
        };
        self.know(office, new, &plan.scope).await?;
        Ok((Review::new(office.ids.next(), campaign, plan, office.now()), calendar))
    }

    /// Refuses what is not there.
    async fn know(&self, office: &Office, new: &NewReview, scope: &ReviewScope) -> Result<(), Error> {
        let mut faults = Vec::new();
        let mut fault = |pointer: String, key: &'static str| faults.push(Fault::new(pointer, phrase(key)));
        if let Some(id) = scope.application
            && self.data.application(id, &Bounds::none()).await?.is_none()
        {
            fault("/scope/application".into(), "no-application");
        }
        let entitlements = self.data.entitlements_among(&scope.entitlements).await?;
        for (at, _) in scope.entitlements.iter().enumerate().filter(|(_, id)| !entitlements.contains_key(id)) {
            fault(format!("/scope/entitlements/{at}"), "no-entitlement");
        }
        if let Some(id) = scope.unit
            && self.data.unit(id, &Bounds::none()).await?.is_none()
        {
            fault("/scope/unit".into(), "no-unit");
        }
        let mut people: Vec<(String, Uuid)> = scope.user.map(|id| ("/scope/user".to_owned(), id)).into_iter().collect();
        let mut groups: Vec<(String, Uuid)> = Vec::new();
        people.extend(new.exclusions.iter().enumerate().map(|(at, one)| (format!("/exclusions/{at}/user"), one.user)));
        for (at, shape) in new.reviewers.iter().enumerate() {
            match shape {
                ResolverShape::Person(id) => people.push((format!("/reviewers/{at}/person"), *id)),
                ResolverShape::Group(id) => groups.push((format!("/reviewers/{at}/group"), *id)),
                _ => {}
            }
        }
        for (kind, named, key) in [(office.people()?, people, "no-user"), (office.groups()?, groups, "no-group")] {
            let known = self.data.displays(kind, named.iter().map(|(_, id)| *id)).await?;
            let unknown = named.into_iter().filter(|(_, id)| !known.contains_key(id));
            unknown.for_each(|(pointer, _)| fault(pointer, key));
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    /// Closes a review before its deadline: what is decided is done, and what silence means.
    pub async fn close_review(&self, id: Uuid, versions: Option<&Tags>) -> Result<ReviewRecord, Error> {
        let sees = self.reviews_closable().await?;
        self.change_review(id, sees, (versions, None), |open| Event::Close { early: true, open }).await
    }

    /// Calls a review off: nothing of it is done.
    pub async fn cancel_review(&self, id: Uuid, why: &Why, versions: Option<&Tags>) -> Result<ReviewRecord, Error> {
        administration::check(why)?;
        let (sees, reason) = (self.reviews_closable().await?, why.reason.trim());
        let event = |_| Event::Cancel { reason: reason.to_owned() };
        self.change_review(id, sees, (versions, Some(reason)), event).await
    }

    /// Lets a micro-review close later. Those who review it may, too.
    pub async fn postpone_review(
        &self,
        id: Uuid,
        later: &Postponement,
        versions: Option<&Tags>,
    ) -> Result<ReviewRecord, Error> {
        let deadline = later.deadline(Instant::from_millis(self.clock.now()))?;
        let sees = self.reviews_seen().await?;
        self.change_review(id, sees, (versions, None), |_| Event::Postpone(deadline)).await
    }

    async fn change_review(
        &self,
        id: Uuid,
        sees: Option<Reviews>,
        said: (Option<&Tags>, Option<&str>),
        event: impl Fn(usize) -> Event,
    ) -> Result<ReviewRecord, Error> {
        let review = self.data.review(id, sees.as_ref()).await?.ok_or(Error::Missing("review"))?;
        not_about_oneself(self.cause.user, review.plan.scope.user)?;
        let mut attempt = 0;
        loop {
            let result = self.try_change_review(id, said, &event).await;
            if !again(&result, &mut attempt) {
                let review = result?;
                return Ok(show_review(review));
            }
        }
    }

    async fn try_change_review(
        &self,
        id: Uuid,
        (versions, comment): (Option<&Tags>, Option<&str>),
        event: &impl Fn(usize) -> Event,
    ) -> Result<Review, Error> {
        let office = self.office();
        let calendar = office.calendar().await?;
        let work = office.begin().await?;
        serves(&work).await?;
        let before = work.lock_review(id).await?.ok_or(Error::Missing("review"))?;
        let open = work.count_open_items(id).await?;
        let event = event(open);
        if !matches!(event, Event::Postpone(_)) {
            self.may_close(&work, &before).await?;
        }
        administration::meant(versions, before.version)?;
        let field = if matches!(event, Event::Postpone(_)) { "deadline" } else { "review" };
        let deed = event.word();
        let outcome = before.campaign.apply(event, office.now(), &calendar).map_err(|one| untimely(&one, field))?;
        let mut after = Review { campaign: outcome.next, ..before.clone() };
        after.progress.word = Some(work.deed_of(comment));
        let after = work.change_review(&before, after, (&calendar, deed)).await?;
        office.tell_reviewers(&work, &after, &outcome.effects).await?;
        work.commit().await?;
        Ok(after)
    }
}

/// A refusal as it is told; a deadline that does not suit is named as such.
fn untimely(refusal: &Refusal, field: &str) -> Error {
    match refusal.reason {
        rights::Reason::Period => wrong("/deadline", phrase("must-lie-behind-deadline")),
        _ => refused(refusal, field),
    }
}

/// Reviews are of use while a tenant is suspended, too: they take away. Where nothing changes any more they are not.
pub(super) async fn serves(work: &Work) -> Result<(), Error> {
    if work.hold_tenant().await?.state == TenantState::Archived { Err(Error::Archived) } else { Ok(()) }
}
