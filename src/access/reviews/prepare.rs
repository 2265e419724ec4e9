//! The making of a review's items, some grants in a transaction: whoever takes it up, and after a crash, goes on behind the last
//! grant that has one. When all are there the review goes on.

use rights::{
    UserId,
    review::{Event, State},
};
use store::{AccessGrant, ItemFilter, Review, ReviewItem, Timer, TimerKind, Work};
use uuid::Uuid;

use crate::{
    access::{
        office::Office,
        reviews::{part::OVER, plan::serves},
    },
    administration::Error,
};

/// How many grants are looked at in one transaction.
pub(super) const CHUNK: u64 = 300;

impl Office {
    /// Makes the next items of a review. False if another node does.
    pub(super) async fn prepare_some(&self, timer: &Timer) -> Result<bool, Error> {
        let Some(seen) = self.data.review(timer.object, None).await? else { return self.let_go(timer).await };
        let scope = &seen.plan.scope;
        let grants = self.data.grants_in_scope(scope, &self.today(), seen.progress.prepared, CHUNK).await?;
        let items = self.draft(&seen, &grants).await?;
        let calendar = self.calendar().await?;
        let work = self.begin().await?;
        serves(&work).await?;
        let Some(before) = work.lock_review(seen.id).await?.filter(|held| held.version == seen.version) else {
            return Err(Error::Store(store::Error::Conflict));
        };
        if !work.take_timer(timer).await? {
            work.roll_back().await?;
            return Ok(false);
        }
        let is_wanted = match before.campaign.state {
            State::Scheduled => self.now() >= before.campaign.starts,
            State::Active => !before.progress.is_prepared,
            _ => false,
        };
        if !is_wanted {
            // What does not apply any more has no timer, and what is to come has another.
            work.plan_review(&before, &calendar).await?;
            work.commit().await?;
            return Ok(true);
        }
        if before.campaign.state == State::Scheduled
            && let Some(over) = self.is_over_before(&work, &before).await?
            && let Ok(outcome) = before.campaign.apply(over, self.now(), &calendar)
        {
            let mut after = Review { campaign: outcome.next, ..before.clone() };
            after.progress.word = Some(work.deed_of(Some(OVER)));
            work.change_review(&before, after, (&calendar, "cancel")).await?;
            work.commit().await?;
            return Ok(true);
        }
        let added = work.add_review_items(&items).await?;
        if before.campaign.is_micro && added < items.len() {
            self.join(&work, &before).await?;
        }
        let mut after = further(&before, &grants, added);
        let mut effects = Vec::new();
        if after.progress.is_prepared && after.campaign.state == State::Scheduled {
            let start = Event::Start { items: after.progress.items };
            // Its day has come, and nothing else stands against it.
            if let Ok(outcome) = after.campaign.apply(start, self.now(), &calendar) {
                after.campaign = outcome.next;
                effects = outcome.effects;
            }
        }
        let is_active = after.campaign.state == State::Active;
        let after = work.change_review(&before, after, (&calendar, "start")).await?;
        if is_active && !work.has_open_items(after.id).await? {
            work.let_review_close(after.id).await?;
        }
        self.tell_reviewers(&work, &after, &effects).await?;
        work.commit().await?;
        if after.progress.is_prepared {
            self.hand_on_from_leavers(after.id).await?;
        }
        Ok(true)
    }

    /// Whoever left while items were still being made has been followed before the last of them were there: they are once more.
    async fn hand_on_from_leavers(&self, review: Uuid) -> Result<(), Error> {
        let work = self.begin().await?;
        let reviewers = work.reviewers_waiting(review).await?;
        let active = self.data.active_among(&reviewers).await?;
        for gone in reviewers.into_iter().filter(|one| !active.contains(one)) {
            work.set_timers(gone, &[TimerKind::HandOver], &[(TimerKind::HandOver, self.now())]).await?;
        }
        Ok(work.commit().await?)
    }

    /// Lets those review what is open in a micro-review who have become managers since.
    async fn join(&self, work: &Work, review: &Review) -> Result<(), Error> {
        let managers: Vec<_> = review.plan.together.iter().copied().collect();
        let active = self.data.active_among(&managers).await?;
        let filter = ItemFilter { review: Some(review.id), state: Some("open"), ..ItemFilter::default() };
        let open = self.data.review_items(&filter, None, None, CHUNK).await?;
        let held = work.lock_review_items(&open.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
        let joined = |before: &ReviewItem| {
            let mut after = ReviewItem { version: before.version + 1, ..before.clone() };
            let others = active.iter().copied().map(UserId).filter(|id| *id != before.item.subject);
            after.item.reviewers.extend(others);
            after
        };
        let changed: Vec<(&ReviewItem, ReviewItem)> = held.values().map(|before| (before, joined(before))).collect();
        work.change_review_items(&changed, None).await?;
        self.tell_newcomers(work, review, &changed).await
    }
}

/// A review with more of its items.
fn further(before: &Review, grants: &[AccessGrant], added: usize) -> Review {
    let mut after = before.clone();
    after.progress.items += added;
    after.progress.is_prepared = (grants.len() as u64) < CHUNK;
    after.progress.prepared = grants.last().map(|grant| grant.id).or(before.progress.prepared);
    after
}
