//! Reviews: what people hold is looked through by those who know, and what nobody should hold any more ends. A campaign is made
//! in steps, so that however many grants it is about, nobody waits for it; and what was decided is done in steps when it closes.

mod act;
mod apply;
mod bulk;
mod by_time;
mod draft;
mod hand_over;
mod part;
mod plan;
mod prepare;
mod read;
mod records;
mod show;
mod wish;

use std::collections::BTreeSet;

use rights::{
    Audience, Effect, Notice,
    review::{ItemState, State},
};
use store::{NotificationContent, Review, ReviewItem, Work};
use uuid::Uuid;

pub(super) use act::SURE;
pub use bulk::{Answered, BulkDecision};
pub use records::{PreviewRecord, ReviewItemRecord, ReviewRecord};
pub use wish::{NewDecision, NewReview, Postponement, ReviewReassignment, Why};

use crate::{
    access::office::Office,
    administration::Error,
    notices::{self, About, Telling},
};

impl Office {
    /// Tells those who review something from now on that did not before; of one review each hears once until something happens to it.
    async fn tell_newcomers(
        &self,
        work: &Work,
        review: &Review,
        changed: &[(&ReviewItem, ReviewItem)],
    ) -> Result<(), Error> {
        let open = changed.iter().filter(|(_, after)| after.item.state == ItemState::Open);
        let newcomers: BTreeSet<_> =
            open.flat_map(|(before, after)| after.item.reviewers.difference(&before.item.reviewers)).collect();
        // Before it begins nobody is told; when it does, everybody is.
        if newcomers.is_empty() || review.campaign.state != State::Active {
            return Ok(());
        }
        let reviewers = newcomers.into_iter().map(|one| one.0).collect();
        let telling =
            Telling { notice: Notice::ReviewWanted, audience: Audience::Reviewers, about: about(review, reviewers) };
        Ok(notices::tell(work, &self.ids, self.now(), &[telling]).await?)
    }

    /// Tells what happens to a review: those who review it and have not decided, and their managers.
    async fn tell_reviewers(&self, work: &Work, review: &Review, effects: &[Effect]) -> Result<(), Error> {
        if effects.iter().all(|effect| !matches!(effect, Effect::Tell(..))) {
            return Ok(());
        }
        let about = about(review, work.reviewers_waiting(review.id).await?);
        let tellings: Vec<_> = about.tellings(effects).collect();
        Ok(notices::tell(work, &self.ids, self.now(), &tellings).await?)
    }
}

/// A review as it is now, of which these are told.
fn about(review: &Review, reviewers: Vec<Uuid>) -> About {
    let content = NotificationContent {
        object: "reviewCampaign".into(),
        id: review.id,
        at: Some(review.campaign.deadline),
        ..Default::default()
    };
    About { content, occurrence: review.version, reviewers }
}
