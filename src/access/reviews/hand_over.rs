//! What becomes of reviews when somebody leaves: what waits about them is left out, and what waits for them others review.

use rights::{
    UserId,
    delegation::Duty,
    review::{ItemEvent, State},
};
use store::ReviewItem;
use uuid::Uuid;

use crate::{
    access::{
        office::{Office, again},
        reviews::{act::close_if_decided, plan::serves},
    },
    administration::Error,
};

impl Office {
    /// Leaves out what waits about somebody who has left.
    pub(in crate::access) async fn leave_reviews_out(&self, person: Uuid) -> Result<(), Error> {
        let mut after = None;
        loop {
            let items = self.data.open_items_about(person, after).await?;
            let Some(last) = items.last() else { return Ok(()) };
            after = Some(last.id);
            for item in items {
                self.pass_review(item, |_| ItemEvent::Exclude).await?;
            }
        }
    }

    /// Gives what waits for somebody who is not there to somebody else.
    pub(in crate::access) async fn hand_reviews_over(&self, person: Uuid) -> Result<(), Error> {
        let heir = self.heir(person, Duty::Reviews).await?;
        let mut after = None;
        loop {
            let items = self.data.open_items_reviewed_by(person, after).await?;
            let Some(last) = items.last() else { return Ok(()) };
            after = Some(last.id);
            for item in items {
                let to = self.next_reviewer(&item, person, heir).await?;
                self.pass_review(item, |_| ItemEvent::HandOver { from: UserId(person), to }).await?;
            }
        }
    }

    /// Who reviews it next: those who stand ready where a reviewer cannot say, then whoever takes on what the reviewer did.
    async fn next_reviewer(&self, item: &ReviewItem, from: Uuid, heir: Option<Uuid>) -> Result<Option<UserId>, Error> {
        if item.item.reviewers.len() > 1 {
            return Ok(None);
        }
        let ready: Vec<Uuid> = item.known.fallback.iter().map(|one| one.0).filter(|one| *one != from).collect();
        let active = self.data.active_among(&ready).await?;
        let subject = item.item.subject.0;
        let next = ready.into_iter().find(|one| active.contains(one)).or(heir).filter(|one| *one != subject);
        match next {
            Some(next) => Ok(Some(UserId(next))),
            None => Ok(self.head_of(subject).await?.filter(|one| *one != subject).map(UserId)),
        }
    }

    async fn pass_review(&self, seen: ReviewItem, event: impl Fn(&ReviewItem) -> ItemEvent) -> Result<(), Error> {
        let mut attempt = 0;
        loop {
            let result = self.try_pass_review(&seen, &event).await;
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    async fn try_pass_review(&self, seen: &ReviewItem, event: &impl Fn(&ReviewItem) -> ItemEvent) -> Result<(), Error> {
        let work = self.begin().await?;
        serves(&work).await?;
        let review = work.lock_review(seen.review).await?;
        let held = work.lock_review_items(&[seen.id]).await?.remove(&seen.id);
        let (Some(review), Some(before)) = (review, held) else { return Ok(work.roll_back().await?) };
        let goes_on = matches!(review.campaign.state, State::Scheduled | State::Active);
        let event = event(&before);
        let deed = event.word();
        // What was decided meanwhile, or is over, stays as it is.
        let Some(after) = self.judge((&review, false), &before, event, None).ok().filter(|_| goes_on) else {
            return Ok(work.roll_back().await?);
        };
        let changed = [(&before, after)];
        work.change_review_items(&changed, Some(deed)).await?;
        self.tell_newcomers(&work, &review, &changed).await?;
        close_if_decided(&work, &review).await?;
        Ok(work.commit().await?)
    }
}
