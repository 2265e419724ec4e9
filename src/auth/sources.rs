//! Keys that an issuer publishes at an address: fetched rarely, remembered, and believed for a while when the address
//! does not answer.

use std::{sync::Arc, time::Duration};

use quick_cache::sync::Cache;
use store::Issuer;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    auth::{LARGEST_SET, keys::Keys},
    clock::Clock,
    outbound::{Outbound, Target},
};

/// How long keys are believed without a look, in milliseconds. What the address says of caching is not asked.
const FRESH: i64 = 10 * 60_000;
/// How long they are believed when the address does not answer.
const LASTING: i64 = 24 * 3_600_000;
/// How often an address is asked at the most, in milliseconds.
const PAUSE: i64 = 60_000;
/// The same where there are no keys at all.
const SHORT_PAUSE: i64 = 5_000;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many addresses are remembered.
const CAPACITY: usize = 10_000;

/// Where issuers publish their keys.
#[derive(Clone)]
pub(super) struct Sources {
    outbound: Outbound,
    clock: Clock,
    /// By issuer and address: another address is another source.
    known: Arc<Cache<(Uuid, String), Shared>>,
}

/// One who asks at a time.
type Shared = Arc<Mutex<Source>>;

/// What is known of one address.
#[derive(Default)]
struct Source {
    /// The last keys, and when they came.
    keys: Option<(Arc<Keys>, i64)>,
    /// When it was asked last.
    asked: Option<i64>,
}

impl Sources {
    pub(super) fn new(outbound: Outbound, clock: Clock) -> Self {
        Self { outbound, clock, known: Arc::new(Cache::new(CAPACITY)) }
    }

    /// The keys of an issuer, looked up again if that one is not among them. Nothing if none are to be had.
    pub(super) async fn keys(&self, issuer: &Issuer, uri: &str, key: &str) -> Option<Arc<Keys>> {
        let place = (issuer.id, uri.to_owned());
        let source = self.known.get_or_insert_with(&place, || Ok::<_, ()>(Arc::default())).ok()?;
        // Who comes while it is asked waits for the answer, and does not ask again.
        let mut source = source.lock().await;
        let now = self.clock.now();
        if !source.is_enough(key, now) && source.may_be_asked(now) {
            source.asked = Some(now);
            match self.fetch(uri).await {
                Ok(keys) => source.keys = Some((Arc::new(keys), now)),
                Err(reason) => {
                    tracing::warn!(issuer = %issuer.id, reason, "the keys of an issuer could not be fetched");
                }
            }
        }
        let (keys, _) = source.keys.as_ref().filter(|(_, came)| is_within(*came, now, LASTING))?;
        Some(Arc::clone(keys))
    }

    async fn fetch(&self, uri: &str) -> Result<Keys, String> {
        let target: Target = uri.parse().map_err(str::to_owned)?;
        let body = self.outbound.get(&target, LARGEST_SET, PATIENCE).await.map_err(|error| error.to_string())?;
        let set = scim::json::parse(&body).map_err(|error| error.detail)?;
        Keys::parse(&set).map_err(|wrong| wrong.to_string())
    }
}

impl Source {
    /// Whether the keys are fresh and that one is among them.
    fn is_enough(&self, key: &str, now: i64) -> bool {
        self.keys.as_ref().is_some_and(|(keys, came)| is_within(*came, now, FRESH) && keys.knows(key))
    }

    fn may_be_asked(&self, now: i64) -> bool {
        let pause = if self.keys.is_some() { PAUSE } else { SHORT_PAUSE };
        self.asked.is_none_or(|asked| !is_within(asked, now, pause))
    }
}

/// Whether something was less than that long ago. A clock that was set back is not waited for.
fn is_within(then: i64, now: i64, span: i64) -> bool {
    (0..span).contains(&(now - then))
}
