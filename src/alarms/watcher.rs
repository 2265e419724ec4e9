//! The task that counts removals and raises alarms.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use scim::schema::Catalog;
use store::{Cause, Store, Tally, TenantId, TenantSettings, TenantStore};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use crate::{
    alarms::{HOUR, Word},
    clock::{Clock, Ids},
    telemetry,
};

/// How long the first word waits for others.
const PAUSE: Duration = Duration::from_millis(500);
/// How much longer than it took to count is waited before it is done again, so that a large clean-up is not slowed.
const SHARE: u32 = 10;
/// How long is believed how many users and memberships there are, in milliseconds: to count them may take long.
const REMEMBERED: i64 = 60_000;
/// How many clients are remembered.
const CAPACITY: usize = 1000;
/// Under which request the log has what the server does by itself here.
const REQUEST: &str = "mass-change";

struct Watcher {
    store: Store,
    clock: Clock,
    ids: Ids,
    /// What there was to take away, by client, and when that was counted.
    whole: HashMap<(TenantId, Uuid), (i64, i64, i64)>,
}

pub(super) async fn run(store: Store, clock: Clock, ids: Ids, mut words: mpsc::Receiver<Word>) {
    let mut watcher = Watcher { store, clock, ids, whole: HashMap::new() };
    let mut rest = Duration::ZERO;
    while let Some(first) = words.recv().await {
        let (taken, waiting) = gather(first, &mut words, rest.max(PAUSE)).await;
        let began = Instant::now();
        for (tenant, client) in taken {
            if let Err(error) = watcher.look(tenant, client).await {
                tracing::warn!(%error, "removals could not be counted");
            }
        }
        rest = began.elapsed().saturating_mul(SHARE);
        for done in waiting {
            let _ = done.send(());
        }
    }
}

/// All that is said until time is over, or somebody waits for it.
async fn gather(
    first: Word,
    words: &mut mpsc::Receiver<Word>,
    pause: Duration,
) -> (HashSet<(TenantId, Uuid)>, Vec<oneshot::Sender<()>>) {
    let end = Instant::now() + pause;
    let (mut taken, mut waiting) = (HashSet::new(), Vec::new());
    let mut next = Some(first);
    while let Some(word) = next {
        match word {
            Word::Taken(tenant, client) => drop(taken.insert((tenant, client))),
            Word::Flush(done) => waiting.push(done),
        }
        if !waiting.is_empty() {
            break;
        }
        next = timeout_at(end, words.recv()).await.ok().flatten();
    }
    (taken, waiting)
}

impl Watcher {
    /// Counts what a client took away in the last hour, and raises an alarm if it is too much.
    async fn look(&mut self, tenant: TenantId, client: Uuid) -> Result<(), store::Error> {
        let (data, now) = (self.store.tenant(tenant), self.clock.now());
        let settings = data.profile().await?.settings;
        let expected = settings.mass_change_paused_until.unwrap_or(i64::MIN);
        if now < expected {
            return Ok(());
        }
        let tally = data.tally(client, Ord::max(now - HOUR, expected.saturating_sub(1))).await?;
        let least = i64::from(settings.mass_change_count);
        if tally.users <= least && tally.memberships <= least {
            return Ok(());
        }
        let (users, memberships) = self.whole(&data, client, &tally, now).await?;
        let thresholds = (threshold(&settings, users), threshold(&settings, memberships));
        if tally.users <= thresholds.0 && tally.memberships <= thresholds.1 {
            return Ok(());
        }
        self.raise(&data, client, tally, thresholds).await
    }

    async fn raise(
        &self,
        data: &TenantStore,
        client: Uuid,
        tally: Tally,
        thresholds: (i64, i64),
    ) -> Result<(), store::Error> {
        let cause = Cause { client: None, user: None, request: REQUEST.to_owned() };
        let work = data.begin(&cause, || self.clock.now()).await?;
        let is_new = work.raise(self.ids.next(), client, tally, thresholds, self.clock.now() - HOUR).await?;
        work.commit().await?;
        if is_new {
            let (users, memberships) = (tally.users, tally.memberships);
            tracing::warn!(%client, users, memberships, "a client takes away far more than usual: see `caurlaide alarm list`");
            metrics::counter!(telemetry::MASS_CHANGES).increment(1);
        }
        Ok(())
    }

    /// How many active users and memberships there were before the client began.
    async fn whole(
        &mut self,
        data: &TenantStore,
        client: Uuid,
        tally: &Tally,
        now: i64,
    ) -> Result<(i64, i64), store::Error> {
        let key = (data.id(), client);
        if let Some((at, users, memberships)) = self.whole.get(&key)
            && now - at < REMEMBERED
        {
            return Ok((*users, *memberships));
        }
        let catalog = Catalog::standard();
        let active = match catalog.by_name("User") {
            Some(kind) => data.count_active(kind).await?,
            None => 0,
        };
        let there_are = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let users = there_are(active).saturating_add(tally.users);
        let memberships = there_are(data.count_memberships().await?).saturating_add(tally.memberships);
        if self.whole.len() >= CAPACITY {
            self.whole.clear();
        }
        self.whole.insert(key, (now, users, memberships));
        Ok((users, memberships))
    }
}

/// How many of so many a client may take away within an hour.
fn threshold(settings: &TenantSettings, whole: i64) -> i64 {
    let share = whole.saturating_mul(i64::from(settings.mass_change_percent)) / 100;
    share.max(i64::from(settings.mass_change_count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greater_of_count_and_share_counts() {
        let usual = TenantSettings::default();
        assert_eq!([0, 250, 254, 255, 1000].map(|whole| threshold(&usual, whole)), [50, 50, 50, 51, 200]);
    }
}
