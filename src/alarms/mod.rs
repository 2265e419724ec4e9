//! The alarm of mass changes: a client that takes away far more within an hour than is usual is told of, and never
//! stopped. Removals are written down in their own transactions (`store::removals`); here they are counted.
//!
//! Nobody's answer waits for that: whoever has taken something away leaves a word in a bounded queue, and one task
//! counts, a moment later. A word that gets lost is made up for by the next removal, or when all tenants are looked over.

mod records;
mod watcher;

use std::{fmt, time::Duration};

use store::{Store, TenantId};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use uuid::Uuid;

pub use records::{Acknowledgement, AlarmRecord, Banner, Book, PlatformAlarm, all, watched};

use crate::clock::{Clock, Ids};

/// The stretch of time in which removals are counted, in milliseconds.
pub const HOUR: i64 = 3_600_000;
/// How long what was taken away can be given back, in milliseconds.
pub const KEPT: i64 = 30 * 24 * HOUR;
/// How many removals are forgotten at once.
const FORGOTTEN: u64 = 1000;
/// How many words wait at the most.
const QUEUE: usize = 10_000;
/// How long is waited for the last ones to be looked into.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hears of removals.
#[derive(Clone)]
pub struct Alarms {
    queue: mpsc::Sender<Word>,
}

/// What the watcher is told.
enum Word {
    /// That client has taken something away.
    Taken(TenantId, Uuid),
    /// Say when everything before is looked into.
    Flush(oneshot::Sender<()>),
}

impl fmt::Debug for Alarms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alarms")
    }
}

impl Alarms {
    /// Starts the task that counts.
    pub fn start(store: Store, clock: Clock, ids: Ids) -> Self {
        let (queue, words) = mpsc::channel(QUEUE);
        tokio::spawn(watcher::run(store, clock, ids, words));
        Self { queue }
    }

    /// Says that a client has taken something away.
    pub fn taken(&self, tenant: TenantId, client: Uuid) {
        let _ = self.queue.try_send(Word::Taken(tenant, client));
    }

    /// Waits until what was said so far is looked into, within bounds. Says whether it is.
    pub async fn flush(&self) -> bool {
        let (done, looked) = oneshot::channel();
        let wait = async { self.queue.send(Word::Flush(done)).await.is_ok() && looked.await.is_ok() };
        timeout(PATIENCE, wait).await.unwrap_or(false)
    }

    /// Has everybody looked into who took something away in the last hour: a node may have stopped in between.
    pub async fn look_over(&self, store: &Store, now: i64) -> Result<(), store::Error> {
        for tenant in store.tenants().await? {
            for client in store.tenant(tenant.id).removers(now - HOUR).await? {
                self.taken(tenant.id, client);
            }
        }
        Ok(())
    }
}

/// Forgets of every tenant what was taken away more than thirty days ago, some at a time.
pub async fn forget_old(store: &Store, now: i64) -> Result<u64, store::Error> {
    let mut gone = 0;
    for tenant in store.tenants().await? {
        let tenant = store.tenant(tenant.id);
        loop {
            let some = tenant.forget_removals(now - KEPT, FORGOTTEN).await?;
            gone += some;
            if some < FORGOTTEN {
                break;
            }
            // Requests have their turn in between.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(gone)
}
