//! Reviews: what people hold is looked through by those who know, and what nobody should hold any more ends. A campaign is made
//! in steps, so that however many grants it is about, nobody waits for it; and what was decided is done in steps when it closes.

mod act;
mod apply;
mod bulk;
mod by_time;
mod draft;
mod hand_over;
mod plan;
mod prepare;
mod read;
mod records;
mod show;
mod wish;

use rights::Effect;
use store::{NotificationContent, Review, Work};

pub(super) use act::SURE;
pub use bulk::{Answered, BulkDecision};
pub use records::{PreviewRecord, ReviewItemRecord, ReviewRecord};
pub use wish::{NewDecision, NewReview, Postponement, ReviewReassignment, Why};

use crate::{
    access::office::Office,
    administration::Error,
    notices::{self, About},
};

impl Office {
    /// Tells what happens to a review: those who review it and have not decided, and their managers.
    async fn tell_reviewers(&self, work: &Work, review: &Review, effects: &[Effect]) -> Result<(), Error> {
        if effects.iter().all(|effect| !matches!(effect, Effect::Tell(..))) {
            return Ok(());
        }
        let content = NotificationContent {
            object: "reviewCampaign".into(),
            id: review.id,
            at: Some(review.campaign.deadline),
            ..Default::default()
        };
        let reviewers = work.reviewers_waiting(review.id).await?;
        let about = About { content, occurrence: review.version, reviewers };
        let tellings: Vec<_> = about.tellings(effects).collect();
        Ok(notices::tell(work, &self.ids, self.now(), &tellings).await?)
    }
}
