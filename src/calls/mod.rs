//! The log of calls: each request to a tenant's SCIM endpoint, and what came of it. It says what was asked and what
//! changed in counts and names of attributes, and holds no value that a client sent.
//!
//! Writing it is nobody's wait: an answer leaves a note in a bounded queue, and one task writes the notes in batches.
//! When the queue is full, notes are dropped and counted. Beside it stands who looked at whose data, which goes the same way.

mod log;
mod sentence;
mod writer;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use store::{Call, PersonView, Store, TenantId};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

pub use log::{CallRecord, Log, MOST, Wanted};

use crate::telemetry;

/// How many notes wait at the most.
const QUEUE: usize = 10_000;
/// How long is waited for the last notes to be written.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long calls are kept, in milliseconds.
const KEPT: i64 = 90 * 24 * 3_600_000;
/// How many calls are forgotten at once.
const FORGOTTEN: u64 = 1000;

/// Whose call it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of a client of that tenant.
    Tenant(TenantId),
    /// Of somebody who could not show who they are, at the address of that tenant, if there is one.
    Stranger(String),
}

/// Takes notes of calls.
#[derive(Clone)]
pub struct Calls {
    queue: mpsc::Sender<Message>,
    dropped: Arc<AtomicU64>,
}

/// What the writer is told.
enum Message {
    Call(Box<(Whose, Call)>),
    View(Box<(TenantId, PersonView)>),
    /// Say when everything before is written.
    Flush(oneshot::Sender<()>),
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Calls")
    }
}

impl Calls {
    /// Starts the task that writes to that database.
    pub fn start(store: Store) -> Self {
        Self::with_queue(store, QUEUE)
    }

    /// The same with a queue of that length.
    pub fn with_queue(store: Store, length: usize) -> Self {
        let (queue, messages) = mpsc::channel(length);
        let dropped = Arc::new(AtomicU64::new(0));
        tokio::spawn(writer::run(store, messages, Arc::clone(&dropped)));
        Self { queue, dropped }
    }

    /// Notes a call, unless too many wait already.
    pub fn note(&self, whose: Whose, call: Call) {
        self.send(Message::Call(Box::new((whose, call))));
    }

    /// Notes that somebody looked at the data of a person, unless too much waits already.
    pub fn note_view(&self, tenant: TenantId, view: PersonView) {
        self.send(Message::View(Box::new((tenant, view))));
    }

    fn send(&self, message: Message) {
        if self.queue.try_send(message).is_err() {
            count_dropped(&self.dropped, 1);
        }
    }

    /// How many calls were not written down.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until what was noted so far is written, within bounds. Says whether it is.
    pub async fn flush(&self) -> bool {
        let (done, written) = oneshot::channel();
        let wait = async { self.queue.send(Message::Flush(done)).await.is_ok() && written.await.is_ok() };
        timeout(PATIENCE, wait).await.unwrap_or(false)
    }
}

fn count_dropped(dropped: &AtomicU64, calls: u64) {
    dropped.fetch_add(calls, Ordering::Relaxed);
    metrics::counter!(telemetry::CALLS_DROPPED).increment(calls);
}

/// Forgets the calls of every tenant that are older than ninety days, and who looked at whose data, some at a time.
pub async fn forget_old(store: &Store, now: i64) -> Result<u64, store::Error> {
    let mut gone = 0;
    for tenant in store.tenants().await? {
        let tenant = store.tenant(tenant.id);
        loop {
            let calls = tenant.forget_calls(now - KEPT, FORGOTTEN).await?;
            let views = tenant.forget_views(now - KEPT, FORGOTTEN).await?;
            gone += calls + views;
            if calls.max(views) < FORGOTTEN {
                break;
            }
            // Requests have their turn in between.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(gone)
}
