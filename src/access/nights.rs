//! What happens each night in a tenant with rules: everybody has what birthright rules say that day, and conflicts are looked
//! for. A night takes a while, and so it is taken up beside the other timers: one node claims it, and does it in many small
//! transactions; if it goes down, another takes it up some minutes later.

use std::{sync::Arc, time::Duration};

use rights::Instant;
use store::{Cause, TenantState, Timer, TimerKind};
use uuid::Uuid;

use crate::{
    access::timers::{BATCH, PERIOD, REQUEST, Timers},
    clock::Ids,
    lifecycle::{
        duties,
        everybody::{Everybody, plan_night},
    },
    telemetry,
};

/// How long a night belongs to the node that claimed it, in milliseconds.
const CLAIM: i64 = 10 * 60_000;
/// How long people are looked at before the claim is renewed.
const STRETCH: Duration = Duration::from_mins(2);

impl Timers {
    /// Takes up nights, again and again.
    pub async fn keep_nights(self) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.nights().await {
                tracing::debug!(%error, "nights could not be looked for");
            }
        }
    }

    /// Takes up all nights that are due. Says how many of them this node did.
    pub async fn nights(&self) -> Result<u64, store::Error> {
        let mut done = 0;
        for timer in self.store.due_timers(&[TimerKind::Nightly], self.clock.now(), BATCH).await? {
            match self.night(&timer).await {
                Ok(true) => {
                    done += 1;
                    metrics::counter!(telemetry::TIMERS).increment(1);
                }
                Ok(false) => {}
                Err(error) => drop(self.put_off(&timer, &error).await),
            }
        }
        Ok(done)
    }

    /// One night. False if another node has it.
    async fn night(&self, timer: &Timer) -> Result<bool, store::Error> {
        let Some(mut claim) = self.claim(timer).await? else { return Ok(false) };
        let data = self.store.tenant(timer.tenant);
        let (cause, ids) = (cause(), Ids::new(self.clock.clone()));
        let catalog = Arc::clone(&self.catalog);
        let everybody = Everybody { data: &data, catalog: &catalog, cause: &cause, clock: &self.clock, ids: &ids };
        let mut after = None;
        loop {
            let progress = everybody.follow(after, STRETCH).await?;
            after = progress.next;
            if after.is_none() {
                break;
            }
            match self.claim(&claim).await? {
                Some(renewed) => claim = renewed,
                None => return Ok(false),
            }
        }
        duties::watch_all(&data, &cause, &self.clock, &ids).await?;
        let work = data.begin(&cause, || self.clock.now()).await?;
        if work.take_timer(&claim).await? {
            plan_night(&work, Instant::from_millis(self.clock.now())).await?;
        }
        work.commit().await?;
        Ok(true)
    }

    /// Puts a night off for as long as it may take, so that no other node does it meanwhile.
    async fn claim(&self, timer: &Timer) -> Result<Option<Timer>, store::Error> {
        let work = self.store.tenant(timer.tenant).begin(&cause(), || self.clock.now()).await?;
        let is_served = work.hold_tenant().await?.state != TenantState::Archived;
        if !is_served || !work.take_timer(timer).await? {
            work.roll_back().await?;
            return Ok(None);
        }
        let due = self.clock.now().saturating_add(CLAIM);
        let due = due.max(timer.due.saturating_add(1));
        work.set_timers(Uuid::nil(), &[TimerKind::Nightly], &[(TimerKind::Nightly, Instant::from_millis(due))]).await?;
        work.commit().await?;
        Ok(Some(Timer { due, ..timer.clone() }))
    }
}

fn cause() -> Cause {
    Cause { client: None, user: None, request: REQUEST.to_owned() }
}
