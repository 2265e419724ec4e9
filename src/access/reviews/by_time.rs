//! What happens to reviews by itself: they begin, remind those who review, close, and what was decided is done.

use rights::review::{Event, State};
use store::{Review, Timer, TimerKind};

use crate::{
    access::{
        office::{Office, again},
        reviews::plan::serves,
    },
    administration::Error,
    wording::phrase,
};

impl Office {
    /// Does what a timer of a review is for, in a transaction of its own. False if another node does it.
    pub(in crate::access) async fn review_due(&self, timer: &Timer) -> Result<bool, Error> {
        let mut attempt = 0;
        loop {
            let result = match timer.kind {
                TimerKind::ReviewStart => self.prepare_some(timer).await,
                TimerKind::ReviewApply => self.apply_some(timer).await,
                _ => self.happen_to_review(timer).await,
            };
            if !again(&result, &mut attempt) {
                return result;
            }
        }
    }

    /// Reminds, or closes.
    async fn happen_to_review(&self, timer: &Timer) -> Result<bool, Error> {
        let calendar = self.calendar().await?;
        let work = self.begin().await?;
        serves(&work).await?;
        let held = work.lock_review(timer.object).await?;
        if !work.take_timer(timer).await? {
            work.roll_back().await?;
            return Ok(false);
        }
        let Some(before) = held else {
            work.commit().await?;
            return Ok(true);
        };
        let event = match timer.kind {
            TimerKind::ReviewRemind => Event::Remind,
            // Half of it cannot close.
            _ if before.campaign.state == State::Active && !before.progress.is_prepared => {
                return Err(Error::Conflict(phrase("items-being-made").into()));
            }
            _ => Event::Close { early: false, open: work.count_open_items(before.id).await? },
        };
        let deed = event.word();
        match before.campaign.apply(event, self.now(), &calendar) {
            Ok(outcome) => {
                let after = Review { campaign: outcome.next, ..before.clone() };
                let after = work.change_review(&before, after, (&calendar, deed)).await?;
                self.tell_reviewers(&work, &after, &outcome.effects).await?;
            }
            // Somebody has changed their mind, or the calendar has changed: its time comes.
            Err(_) => work.plan_review(&before, &calendar).await?,
        }
        work.commit().await?;
        Ok(true)
    }
}
