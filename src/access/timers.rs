//! What happens by itself: one task on every node takes up what is due. Each timer is a transaction of its own that holds what
//! it is about and then takes the timer away, so that of two nodes one does it, and after a crash it is done from the start.

use std::{collections::BTreeMap, time::Duration};

use rights::{
    Instant,
    grant::{Ending, Event, Facts, Limits, State, is_member},
    sod::Conflict,
};
use scim::{
    Document,
    schema::{Catalog, Container, ResourceType},
};
use serde_json::Value;
use store::{
    AccessGrant, Bounds, Cause, EntitlementState, Store, Stored, TenantState, TenantStore, Timer, TimerKind, Work,
};
use uuid::Uuid;

use crate::{
    access::office::Office,
    administration::Error,
    clock::{Clock, Ids},
    lifecycle::duties,
    notices::{self, About, Telling},
    provisioning::Catalogs,
    telemetry,
};

/// How often is looked for what is due.
pub(super) const PERIOD: Duration = Duration::from_secs(1);
/// How many are read at once.
pub(super) const BATCH: u64 = 100;
/// How often one is tried at once when other writers are in the way.
const ATTEMPTS: u32 = 5;
/// The first pause after an attempt in vain, in milliseconds; each further one is twice as long.
const FIRST_PAUSE: i64 = 1000;
/// The longest pause.
const LONGEST_PAUSE: i64 = 3_600_000;
/// Under which request the log has what happens by itself.
pub(super) const REQUEST: &str = "timer";

/// Takes up what is due.
#[derive(Clone, Debug)]
pub struct Timers {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) catalog: std::sync::Arc<Catalog>,
    pub(super) catalogs: Catalogs,
}

/// What became of one timer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was done, or there was nothing to do any more.
    Done,
    /// Another node was quicker, or it has to wait.
    Left,
}

impl Timers {
    /// On that database.
    pub fn new(store: Store, clock: Clock) -> Self {
        let catalogs = Catalogs::new(store.clone());
        Self { store, clock, catalog: std::sync::Arc::new(Catalog::standard()), catalogs }
    }

    /// Takes up what is due, again and again.
    pub async fn keep(self) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_out = false;
        loop {
            ticks.tick().await;
            match self.run().await {
                Ok(_) => is_out = false,
                // Once, and not again each second.
                Err(error) if !is_out => {
                    is_out = true;
                    tracing::warn!(%error, "what is due could not be looked for");
                }
                Err(_) => {}
            }
        }
    }

    /// Takes up all that is due. Says how much of it this node did.
    pub async fn run(&self) -> Result<u64, store::Error> {
        let mut done = 0;
        loop {
            let due = self.store.due_timers(&TimerKind::BY_THEMSELVES, self.clock.now(), BATCH).await?;
            let mut settled = false;
            for timer in &due {
                match self.take_up(timer).await {
                    Ok(Fate::Done) => {
                        settled = true;
                        done += 1;
                        metrics::counter!(telemetry::TIMERS).increment(1);
                    }
                    Ok(Fate::Left) => {}
                    Err(error) => settled |= self.put_off(timer, &error).await,
                }
            }
            // What was done may have set others anew that are due as well. Whoever does it in our place goes on; what cannot
            // even be put off is looked at the next time.
            if !settled {
                return Ok(done);
            }
        }
    }

    /// Takes up one timer, and not what follows from it. False if another node did.
    pub async fn step(&self, timer: &Timer) -> Result<bool, store::Error> {
        Ok(self.take_up(timer).await? == Fate::Done)
    }

    async fn take_up(&self, timer: &Timer) -> Result<Fate, store::Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_once(timer).await {
                Err(store::Error::Conflict) if attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(u64::from(5 * attempt))).await;
                }
                settled => return settled,
            }
        }
    }

    async fn try_once(&self, timer: &Timer) -> Result<Fate, store::Error> {
        let of_people = TimerKind::OF_ITEMS.contains(&timer.kind) || timer.kind == TimerKind::HandOver;
        if of_people || TimerKind::OF_REVIEWS.contains(&timer.kind) {
            return self.request(timer).await;
        }
        match timer.kind {
            TimerKind::Employment => return self.employment(timer).await,
            TimerKind::SuspensionEnd => return self.suspension_end(timer).await,
            _ => {}
        }
        let data = self.store.tenant(timer.tenant);
        let cause = Cause { client: None, user: None, request: REQUEST.to_owned() };
        let work = data.begin(&cause, || self.clock.now()).await?;
        match self.fire_if_served(&data, &work, timer).await {
            Ok(Fate::Done) => work.commit().await.map(|()| Fate::Done),
            Ok(Fate::Left) => work.roll_back().await.map(|()| Fate::Left),
            Err(error) => {
                // At once: what is held here is wanted again to write down that it failed. Why it did matters more than
                // whether this works.
                let _ = work.roll_back().await;
                Err(error)
            }
        }
    }

    async fn fire_if_served(&self, data: &TenantStore, work: &Work, timer: &Timer) -> Result<Fate, store::Error> {
        match work.hold_tenant().await?.state {
            TenantState::Archived => Ok(Fate::Left),
            TenantState::Suspended if timer.kind.gives() => Ok(Fate::Left),
            _ => self.fire(data, work, timer).await,
        }
    }

    /// Does what a timer is for, in its transaction.
    async fn fire(&self, data: &TenantStore, work: &Work, timer: &Timer) -> Result<Fate, store::Error> {
        match timer.kind {
            TimerKind::GrantStart | TimerKind::GrantWarn | TimerKind::GrantEnd | TimerKind::GrantReturn => {
                self.grant(data, work, timer).await
            }
            TimerKind::LeaverReturn => self.leaver(work, timer).await,
            // Those of requests have transactions of their own.
            TimerKind::ItemRemind
            | TimerKind::ItemEscalate
            | TimerKind::ItemExpire
            | TimerKind::ItemStart
            | TimerKind::HandOver
            // So have those of reviews, and nights.
            | TimerKind::ReviewStart
            | TimerKind::ReviewRemind
            | TimerKind::ReviewClose
            | TimerKind::ReviewApply
            | TimerKind::Nightly => Ok(Fate::Left),
            // The directory has its own as well.
            TimerKind::Employment | TimerKind::SuspensionEnd => Ok(Fate::Left),
            TimerKind::Exception => self.exception(work, timer).await,
            TimerKind::EmergencyDue => self.emergency(work, timer).await,
        }
    }

    /// Does what a timer of a request or a review is for.
    async fn request(&self, timer: &Timer) -> Result<Fate, store::Error> {
        let office = Office {
            data: self.store.tenant(timer.tenant),
            service: std::sync::Arc::clone(self.catalogs.usual()),
            cause: Cause { client: None, user: None, request: REQUEST.to_owned() },
            clock: self.clock.clone(),
            ids: self.ids(),
        };
        let fallen = if TimerKind::OF_REVIEWS.contains(&timer.kind) {
            office.review_due(timer).await
        } else {
            office.fall_due(timer).await
        };
        match fallen {
            Ok(true) => Ok(Fate::Done),
            Ok(false) | Err(Error::Archived) => Ok(Fate::Left),
            Err(Error::Store(error)) => Err(error),
            Err(other) => Err(store::Error::Unusable(other.to_string())),
        }
    }

    /// Lets happen to a grant what its time has come for.
    async fn grant(&self, data: &TenantStore, work: &Work, timer: &Timer) -> Result<Fate, store::Error> {
        let found = data.grant(timer.object, &Bounds::none()).await?.map(|found| found.grant);
        // People before groups, as everywhere.
        let (mut user, mut group) = (None, None);
        if let (Some(grant), Some(people), Some(groups)) = (&found, self.people(), self.groups()) {
            user = work.lock_resource(people, grant.user.0).await?;
            group = work.lock_resource(groups, grant.entitlement.0).await?;
        }
        if !work.take_timer(timer).await? {
            return Ok(Fate::Left);
        }
        let Some(stored) = work.grant(timer.object).await? else { return Ok(Fate::Done) };
        let event = match timer.kind {
            // Who is not there any more cannot be given anything.
            TimerKind::GrantStart if user.is_none() => Event::End(Ending::Leaver),
            TimerKind::GrantStart => Event::Start,
            TimerKind::GrantWarn => Event::Warn,
            TimerKind::GrantEnd => Event::Expire,
            TimerKind::GrantReturn => Event::Lapse,
            _ => return Ok(Fate::Done),
        };
        let now = Instant::from_millis(self.clock.now());
        let entitlement = work.lock_entitlement(stored.grant.entitlement.0).await?;
        let conflicts = match event {
            Event::Start => self.conflicts(work, &stored, now).await?,
            _ => Vec::new(),
        };
        let facts = Facts {
            now,
            is_subject_active: is_active(user.as_ref())?,
            is_entitlement_active: entitlement.is_some_and(|known| known.state == EntitlementState::Active),
            conflicts: &conflicts,
            limits: &Limits::default(),
        };
        // What does not apply any more is refused, and its timer goes.
        let (Ok(outcome), Some(groups)) = (stored.grant.apply(event, &facts), self.groups()) else {
            return Ok(Fate::Done);
        };
        let (changed, settled) = work.write_grant(groups, &stored, outcome.next, None).await?;
        if let Some(group) = group {
            work.note_members(groups, &group, settled).await?;
        }
        let tellings: Vec<Telling> = About::grant(&changed, now).tellings(&outcome.effects).collect();
        notices::tell(work, &self.ids(), now, &tellings).await?;
        notices::tell_of_losses(work, &self.ids(), now).await?;
        Ok(Fate::Done)
    }

    /// What stands in the way of what begins: rules may have come since it was decided, and other things that the person has. Where
    /// they are in the group already it brings nothing.
    async fn conflicts(&self, work: &Work, stored: &AccessGrant, now: Instant) -> Result<Vec<Conflict>, store::Error> {
        let (user, group) = (stored.grant.user.0, stored.grant.entitlement.0);
        let held = work.live_grants(group, &[user]).await?;
        if is_member(held.iter().map(|held| &held.grant)) {
            return Ok(Vec::new());
        }
        duties::conflicts_with(work, user, group, now).await
    }

    /// Ends what waited for somebody who has not come back.
    async fn leaver(&self, work: &Work, timer: &Timer) -> Result<Fate, store::Error> {
        let (Some(people), Some(kind)) = (self.people(), self.groups()) else { return Ok(Fate::Left) };
        let user = work.lock_resource(people, timer.object).await?;
        let waiting = work.live_grants_of(timer.object).await?;
        let held = work.lock(kind, waiting.iter().map(|grant| grant.grant.entitlement.0)).await?;
        let held: BTreeMap<Uuid, Stored> = held.into_iter().map(|group| (group.id, group)).collect();
        if !work.take_timer(timer).await? {
            return Ok(Fate::Left);
        }
        let now = Instant::from_millis(self.clock.now());
        let facts = Facts {
            now,
            is_subject_active: is_active(user.as_ref())?,
            is_entitlement_active: true,
            conflicts: &[],
            limits: &Limits::default(),
        };
        let is_over = |grant: &AccessGrant| match grant.grant.state {
            State::Suspended { return_by } => return_by.is_some_and(|last| last <= now),
            _ => false,
        };
        let mut tellings = Vec::new();
        // Only who holds the groups sees them as they are.
        for waiting in work.live_grants_of(timer.object).await?.into_iter().filter(is_over) {
            let Ok(outcome) = waiting.grant.apply(Event::Lapse, &facts) else { continue };
            let (changed, settled) = work.write_grant(kind, &waiting, outcome.next, None).await?;
            if let Some(group) = held.get(&changed.grant.entitlement.0) {
                work.note_members(kind, group, settled).await?;
            }
            tellings.extend(About::grant(&changed, now).tellings(&outcome.effects));
        }
        notices::tell(work, &self.ids(), now, &tellings).await?;
        notices::tell_of_losses(work, &self.ids(), now).await?;
        Ok(Fate::Done)
    }

    /// Ends what an exception from a rule of segregation of duties has allowed.
    async fn exception(&self, work: &Work, timer: &Timer) -> Result<Fate, store::Error> {
        work.hold_duties().await?;
        let found = work.lock_violation(timer.object).await?;
        if !work.take_timer(timer).await? {
            return Ok(Fate::Left);
        }
        let now = Instant::from_millis(self.clock.now());
        let Some(known) = found else { return Ok(Fate::Done) };
        // What does not apply any more is refused, and its timer goes.
        if let Ok(outcome) = known.violation.apply(rights::sod::Event::Lapse, now) {
            let after = known.next(outcome.next, now.millis());
            work.write_violation(&after).await?;
            let tellings: Vec<Telling> = About::violation(&after).tellings(&outcome.effects).collect();
            notices::tell(work, &self.ids(), now, &tellings).await?;
            // What it was given for beforehand may never have come.
            duties::look_at(work, &[after.violation.subject.0], &self.ids(), now).await?;
        }
        Ok(Fate::Done)
    }

    /// Tries again later, and says why. False if not even that can be written down.
    pub(super) async fn put_off(&self, timer: &Timer, error: &store::Error) -> bool {
        metrics::counter!(telemetry::TIMER_FAILURES).increment(1);
        tracing::warn!(%error, object = %timer.object, kind = timer.kind.word(), "what was due could not be done");
        let written = async {
            let cause = Cause { client: None, user: None, request: REQUEST.to_owned() };
            let work = self.store.tenant(timer.tenant).begin(&cause, || self.clock.now()).await?;
            let due = self.clock.now().saturating_add(pause(timer.attempts));
            work.put_off_timer(timer, due, &error.to_string()).await?;
            work.commit().await
        };
        written.await.is_ok()
    }

    pub(super) fn ids(&self) -> Ids {
        Ids::new(self.clock.clone())
    }

    fn people(&self) -> Option<&ResourceType> {
        self.catalog.types().iter().find(|kind| kind.member_of.is_some())
    }

    fn groups(&self) -> Option<&ResourceType> {
        self.catalog.types().iter().find(|kind| kind.membership.is_some())
    }
}

/// Whether a user is there and active.
fn is_active(user: Option<&Stored>) -> Result<bool, store::Error> {
    let Some(user) = user else { return Ok(false) };
    let document: Document = user.document()?;
    Ok(document.get(Container::Root, "active") != Some(&Value::Bool(false)))
}

/// How long is waited after so many attempts in vain.
fn pause(attempts: i64) -> i64 {
    let doubled = u32::try_from(attempts).ok().and_then(|attempts| FIRST_PAUSE.checked_shl(attempts.min(20)));
    doubled.unwrap_or(LONGEST_PAUSE).clamp(FIRST_PAUSE, LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_an_hour() {
        assert_eq!(
            [0, 1, 2, 11, 12, 63, 64, i64::MAX].map(pause),
            [1000, 2000, 4000, 2_048_000, 3_600_000, 3_600_000, 3_600_000, 3_600_000]
        );
    }
}
