//! What people do with a grant that they review: they decide, change their mind, and hand it on.

use rights::{
    Assurance, Refusal, Risk, UserId,
    delegation::{Actor, Duty},
    review::{ItemEvent, ItemFacts, State, Verdict},
};
use store::{Review, ReviewItem, Work};
use uuid::Uuid;

use crate::{
    access::{
        Access, Sight, Viewer,
        office::{Office, again},
        refusal::{refused, wrong},
        reviews::{
            plan::serves,
            records::ReviewItemRecord,
            wish::{NewDecision, ReviewReassignment},
        },
    },
    administration::{self, Error},
    provisioning::Tags,
    wording::phrase,
};

/// How surely it has to be known who decides about what can do much harm.
pub(in crate::access) const SURE: Assurance = Assurance::Substantial;

impl Access {
    /// Decides about a grant.
    pub async fn decide(
        &self,
        id: Uuid,
        new: &NewDecision,
        versions: Option<&Tags>,
    ) -> Result<ReviewItemRecord, Error> {
        administration::check(new)?;
        let (verdict, comment) = (new.verdict()?, new.comment.as_deref().map(str::trim));
        let (actor, surely) = (self.reviewer().await?, self.actor.surely);
        let event = |_: &ReviewItem| decision(&actor, verdict, comment);
        self.sight().review(id, versions, Some(surely), &event).await
    }

    /// Takes a decision back.
    pub async fn change_mind(&self, id: Uuid, versions: Option<&Tags>) -> Result<ReviewItemRecord, Error> {
        let actor = self.reviewer().await?;
        let event = |_: &ReviewItem| ItemEvent::ChangeMind { actor: actor.clone() };
        let surely = self.actor.surely;
        self.sight().review(id, versions, Some(surely), &event).await
    }

    /// The person, with those for whom they review just now.
    pub(super) async fn reviewer(&self) -> Result<Actor, Error> {
        let (user, now) = (self.actor.user, self.office().now());
        let delegations = self.data.delegations_in_force(&[user], now.millis()).await?;
        Ok(Actor::new(UserId(user), &delegations, Duty::Reviews, now))
    }
}

pub(super) fn decision(actor: &Actor, verdict: Verdict, comment: Option<&str>) -> ItemEvent {
    ItemEvent::Decide { actor: actor.clone(), verdict, comment: comment.map(Into::into) }
}

impl Sight {
    /// Gives a grant to somebody else to review: whoever reviews it may, and the administrator.
    pub async fn hand_on_review(
        &self,
        id: Uuid,
        new: &ReviewReassignment,
        versions: Option<&Tags>,
    ) -> Result<ReviewItemRecord, Error> {
        administration::check(new)?;
        if matches!(self.viewer, Viewer::Administrator) && self.cause.user == Some(new.to) {
            // Nobody reviews because of a role.
            return Err(wrong("/to", phrase("oneself-in-charge")));
        }
        let is_active = self.data.active_among(&[new.to]).await?.contains(&new.to);
        let event = |_: &ReviewItem| {
            let (to, reason) = (UserId(new.to), new.reason.trim().to_owned());
            ItemEvent::Reassign { to, is_active, reason }
        };
        self.review(id, versions, self.surely, &event).await
    }

    /// Lets something happen to a grant that is seen.
    async fn review(
        &self,
        id: Uuid,
        versions: Option<&Tags>,
        surely: Option<Assurance>,
        event: &(dyn Fn(&ReviewItem) -> ItemEvent + Sync),
    ) -> Result<ReviewItemRecord, Error> {
        let office = self.office();
        let mut attempt = 0;
        loop {
            let seen = self.seen_item(id).await?;
            administration::meant(versions, seen.version)?;
            not_about_oneself(self.cause.user, Some(seen.item.subject.0))?;
            let result = office.try_review(&seen, surely, event).await;
            if !again(&result, &mut attempt) {
                let item = result?;
                // Whoever has handed it on may not see it any more.
                return office.show_review_item(item).await;
            }
        }
    }

    pub(super) async fn seen_item(&self, id: Uuid) -> Result<ReviewItem, Error> {
        let sees = self.reviews_seen().await?;
        let mut found = self.data.review_items_among(&[id], sees.as_ref()).await?;
        let item = found.remove(&id).ok_or(Error::Missing("review item"))?;
        // What is still being made nobody reviews yet.
        if matches!(self.viewer, Viewer::Person(_)) {
            let review = self.data.review(item.review, None).await?;
            review.filter(|one| one.campaign.state != State::Scheduled).ok_or(Error::Missing("review item"))?;
        }
        Ok(item)
    }
}

impl Office {
    async fn try_review(
        &self,
        seen: &ReviewItem,
        surely: Option<Assurance>,
        event: &(dyn Fn(&ReviewItem) -> ItemEvent + Sync),
    ) -> Result<ReviewItem, Error> {
        let work = self.begin().await?;
        serves(&work).await?;
        let review = work.lock_review(seen.review).await?.ok_or(Error::Missing("review item"))?;
        let held = work.lock_review_items(&[seen.id]).await?.remove(&seen.id).ok_or(Error::Missing("review item"))?;
        if held.version != seen.version {
            return Err(Error::Store(store::Error::Conflict));
        }
        let event = event(&held);
        let (deed, field) = (event.word(), if matches!(event, ItemEvent::Reassign { .. }) { "to" } else { "verdict" });
        let is_over = !work.ended_among(&[held.item.grant.0]).await?.is_empty();
        let after =
            self.judge((&review, is_over), &held, event, surely).map_err(|refusal| told(&refusal, &review, field))?;
        let changed = [(&held, after.clone())];
        work.change_review_items(&changed, Some(deed)).await?;
        self.tell_newcomers(&work, &review, &changed).await?;
        close_if_decided(&work, &review).await?;
        work.commit().await?;
        Ok(after)
    }

    /// What becomes of an item whose campaign is held, and whose grant is over or is not.
    pub(super) fn judge(
        &self,
        (review, is_over): (&Review, bool),
        before: &ReviewItem,
        event: ItemEvent,
        surely: Option<Assurance>,
    ) -> Result<ReviewItem, Refusal> {
        let facts = ItemFacts {
            now: self.now(),
            is_active: review.campaign.state == State::Active,
            is_over,
            needs_comment: false,
            on_silence: review.campaign.silence.verdict(before.known.risk, before.known.is_external),
            fallback: &before.known.fallback,
        };
        let word = event.word();
        let next = before.item.apply(event, &facts)?.next;
        if before.known.risk == Risk::High && surely.is_some_and(|surely| surely < SURE) {
            return Err(Refusal {
                what: "review item",
                state: before.item.state.word(),
                event: word,
                possible: before.item.state.possible(),
                reason: rights::Reason::Assurance(SURE),
            });
        }
        Ok(ReviewItem { item: next, version: before.version + 1, ..before.clone() })
    }
}

/// Nobody looks after what is looked through of themselves, whatever they look after.
pub(super) fn not_about_oneself(user: Option<Uuid>, subject: Option<Uuid>) -> Result<(), Error> {
    if user.is_some() && user == subject {
        return Err(Error::Forbidden((&rights::Reason::Oneself).into()));
    }
    Ok(())
}

/// A review that everybody has decided closes.
pub(super) async fn close_if_decided(work: &Work, review: &Review) -> Result<(), Error> {
    if review.campaign.state == State::Active && review.progress.is_prepared && !work.has_open_items(review.id).await? {
        work.let_review_close(review.id).await?;
    }
    Ok(())
}

/// A refusal as it is told: where the campaign stands in the way, its state.
pub(super) fn told(refusal: &Refusal, review: &Review, field: &str) -> Error {
    match refusal.reason {
        rights::Reason::TooLate => Error::State {
            text: phrase("review-over")
                .with("state", phrase(format!("state-{}", review.campaign.state.word())))
                .with("event", phrase(format!("event-{}", refusal.event)))
                .into(),
            state: review.campaign.state.word(),
            possible: &[],
        },
        rights::Reason::Period => wrong("/until", phrase("must-lie-before-end")),
        _ => refused(refusal, field),
    }
}
