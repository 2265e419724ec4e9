//! The task that writes notes of calls, many at a time.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use store::{Call, PersonView, Store, TenantId};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, timeout_at},
};

use crate::calls::{Message, Whose, count_dropped};

/// How many calls are written by one statement.
const BATCH: usize = 500;
/// How long the first of a batch waits for others.
const PAUSE: Duration = Duration::from_millis(500);
/// How many calls of strangers are written with a batch: whoever sends wrong tokens does not fill the log.
const STRANGERS: usize = 20;
/// How often a batch is tried.
const ATTEMPTS: u64 = 3;
/// How often drops are told at the most.
const TOLD: Duration = Duration::from_mins(1);

struct Writer {
    store: Store,
    dropped: Arc<AtomicU64>,
    /// How many of them were left out on purpose, of whoever sends wrong tokens.
    left_out: u64,
    /// How many other drops were told, and when.
    told: (u64, Option<Instant>),
}

pub(super) async fn run(store: Store, mut messages: mpsc::Receiver<Message>, dropped: Arc<AtomicU64>) {
    let mut writer = Writer { store, dropped, left_out: 0, told: (0, None) };
    while let Some(first) = messages.recv().await {
        let (calls, views, waiting) = gather(first, &mut messages).await;
        writer.write(calls, views).await;
        for done in waiting {
            let _ = done.send(());
        }
        writer.tell();
    }
}

/// A batch of calls and of views: until it is full, or time is over, or somebody waits for it.
async fn gather(
    first: Message,
    messages: &mut mpsc::Receiver<Message>,
) -> (Vec<(Whose, Call)>, Vec<(TenantId, PersonView)>, Vec<oneshot::Sender<()>>) {
    let end = Instant::now() + PAUSE;
    let (mut calls, mut views, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    let mut next = Some(first);
    while let Some(message) = next {
        match message {
            Message::Call(call) => calls.push(*call),
            Message::View(view) => views.push(*view),
            Message::Flush(done) => waiting.push(done),
        }
        if calls.len().max(views.len()) >= BATCH || !waiting.is_empty() {
            break;
        }
        next = timeout_at(end, messages.recv()).await.ok().flatten();
    }
    (calls, views, waiting)
}

impl Writer {
    async fn write(&mut self, calls: Vec<(Whose, Call)>, views: Vec<(TenantId, PersonView)>) {
        let all = calls.len() + views.len();
        let owned = self.owned(calls).await;
        let lost = match self.insert(&owned, &views).await {
            Ok(()) => {
                let left_out = all - owned.len() - views.len();
                self.left_out += left_out as u64;
                left_out
            }
            Err(error) => {
                tracing::warn!(%error, calls = owned.len(), "calls could not be written down");
                all
            }
        };
        if lost > 0 {
            count_dropped(&self.dropped, lost as u64);
        }
    }

    /// The calls with their tenants: an address that leads to none has nobody who would read of it.
    async fn owned(&self, calls: Vec<(Whose, Call)>) -> Vec<(TenantId, Call)> {
        let mut known: HashMap<String, Option<TenantId>> = HashMap::new();
        let mut strangers = 0;
        let mut owned = Vec::with_capacity(calls.len());
        for (whose, call) in calls {
            let tenant = match whose {
                Whose::Tenant(tenant) => Some(tenant),
                Whose::Stranger(_) if strangers >= STRANGERS => None,
                Whose::Stranger(slug) => {
                    strangers += 1;
                    match known.get(&slug) {
                        Some(tenant) => *tenant,
                        None => {
                            let tenant = self.store.find_tenant(&slug).await.ok().flatten().map(|tenant| tenant.id);
                            known.insert(slug, tenant);
                            tenant
                        }
                    }
                }
            };
            owned.extend(tenant.map(|tenant| (tenant, call)));
        }
        owned
    }

    async fn insert(&self, calls: &[(TenantId, Call)], views: &[(TenantId, PersonView)]) -> Result<(), store::Error> {
        let mut attempt = 1;
        loop {
            match self.store.record_calls(calls, views).await {
                // They have lasted after all.
                Err(store::Error::Taken) if attempt > 1 => return Ok(()),
                Err(store::Error::Conflict | store::Error::Busy(_) | store::Error::Long | store::Error::Unknown(_))
                    if attempt < ATTEMPTS =>
                {
                    sleep(Duration::from_millis(200 * attempt)).await;
                    attempt += 1;
                }
                end => return end,
            }
        }
    }

    /// Says in the log, once a minute at the most, how many were dropped.
    fn tell(&mut self) {
        let (before, at) = self.told;
        let dropped = self.dropped.load(Ordering::Relaxed) - self.left_out;
        if dropped > before && at.is_none_or(|at| at.elapsed() >= TOLD) {
            tracing::warn!(calls = dropped - before, "calls were not written down: the database does not keep up");
            self.told = (dropped, Some(Instant::now()));
        }
    }
}
