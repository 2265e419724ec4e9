//! What was found out about a token, remembered for a few seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use quick_cache::sync::Cache;
use tokio::time::Instant;

use crate::auth::Unauthenticated;

/// How long a token is believed without a look: a revocation on another node is felt within this time.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How many tokens are remembered.
const CAPACITY: usize = 10_000;

/// When something was looked up, and what was found.
type Seen<T> = (Instant, Arc<T>);

/// Findings by the hash of a token, so that no token lies in memory.
pub(super) struct Memory<T> {
    seen: Arc<Cache<[u8; 32], Seen<T>>>,
    /// How often something was forgotten: what was looked up before must not be remembered after.
    forgotten: Arc<AtomicU64>,
}

impl<T> Clone for Memory<T> {
    fn clone(&self) -> Self {
        Self { seen: Arc::clone(&self.seen), forgotten: Arc::clone(&self.forgotten) }
    }
}

impl<T> Memory<T> {
    pub(super) fn new() -> Self {
        Self { seen: Arc::new(Cache::new(CAPACITY)), forgotten: Arc::default() }
    }

    /// What is known of a token, or what a look finds out.
    pub(super) async fn recall(
        &self,
        hash: &[u8; 32],
        is_alive: impl Fn(&T) -> bool,
        look: impl Future<Output = Result<T, Unauthenticated>>,
    ) -> Result<Arc<T>, Unauthenticated> {
        if let Some((at, known)) = self.seen.get(hash)
            && at.elapsed() < REMEMBERED
            && is_alive(&known)
        {
            return Ok(known);
        }
        // Taken before the look: what is revoked meanwhile is not believed for longer.
        let (asked, forgotten) = (Instant::now(), self.forgotten.load(Ordering::SeqCst));
        let found = look.await;
        if matches!(found, Err(Unauthenticated::Invalid)) {
            self.seen.remove(hash);
        }
        let known = Arc::new(found?);
        self.seen.insert(*hash, (asked, Arc::clone(&known)));
        if self.forgotten.load(Ordering::SeqCst) != forgotten {
            self.seen.remove(hash);
        }
        Ok(known)
    }

    /// Forgets some of it.
    pub(super) fn forget(&self, which: impl Fn(&T) -> bool) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.seen.retain(|_, (_, known)| !which(known));
    }
}
