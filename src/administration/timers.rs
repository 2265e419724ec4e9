//! What happens by itself, as far as it has not happened yet.

use serde::Serialize;
use store::{Timer, TimerKind};
use uuid::Uuid;

use crate::{
    administration::{Administration, Error, Slice},
    clock::timestamp,
};

/// A timer as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct TimerRecord {
    /// What it is about.
    pub object: Uuid,
    /// What is to happen.
    pub kind: &'static str,
    /// When, or when it is tried again.
    pub due: String,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// Why the last attempt came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl From<Timer> for TimerRecord {
    fn from(timer: Timer) -> Self {
        Self {
            object: timer.object,
            kind: timer.kind.word(),
            due: timestamp(timer.due),
            attempts: timer.attempts,
            failure: timer.failure,
        }
    }
}

impl Administration {
    /// Timers behind that one: all, or those that were tried in vain.
    pub async fn timers(
        &self,
        failed: bool,
        after: Option<(Uuid, TimerKind)>,
        limit: u64,
    ) -> Result<Slice<TimerRecord>, Error> {
        let found = self.data.timers(failed, after, limit + 1).await?;
        Ok(Slice::of(found.into_iter().map(Into::into).collect(), limit))
    }
}
