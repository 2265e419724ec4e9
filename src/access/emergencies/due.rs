//! What nobody has looked at in time: an administrator is told, once.

use rights::{Instant, emergency::Event};
use store::{AccessEmergency, Timer, Work};

use crate::{
    access::timers::{Fate, Timers},
    notices::{self, About},
};

impl Timers {
    /// Lets those know who look after the tenant that nobody has looked at it.
    pub(in crate::access) async fn emergency(&self, work: &Work, timer: &Timer) -> Result<Fate, store::Error> {
        let found = work.lock_emergency(timer.object).await?;
        if !work.take_timer(timer).await? {
            return Ok(Fate::Left);
        }
        let now = Instant::from_millis(self.clock.now());
        let Some(before) = found else { return Ok(Fate::Done) };
        // What does not apply any more is refused, and its timer goes.
        let Ok(outcome) = before.emergency.apply(Event::Escalate, now) else { return Ok(Fate::Done) };
        let after = AccessEmergency { escalated: Some(now), ..before.next(outcome.next) };
        work.write_emergency(&after).await?;
        let tellings: Vec<_> = About::emergency(&after).tellings(&outcome.effects).collect();
        notices::tell(work, &self.ids(), now, &tellings).await?;
        Ok(Fate::Done)
    }
}
