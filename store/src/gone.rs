//! What a unit of work has taken from people on the way: whoever commits it tells them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rights::Effect;

use crate::{AccessGrant, RequestItem, Work};

/// Something that somebody has no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// A grant, as it is now.
    Grant(Box<AccessGrant>),
    /// What was asked for, as it is now, and what follows from that.
    Item(Box<RequestItem>, Vec<Effect>),
}

/// What has gone so far. A part of a unit of work has its own, and hands it on when it is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllGone {
    own: Arc<Mutex<Vec<Gone>>>,
    above: Option<Arc<Mutex<Vec<Gone>>>>,
}

impl AllGone {
    /// That of a part.
    pub(crate) fn part(&self) -> Self {
        Self { own: Arc::default(), above: Some(Arc::clone(&self.own)) }
    }

    /// Hands on what has gone in a part that is kept.
    pub(crate) fn keep(&self) {
        if let Some(above) = &self.above {
            let own = std::mem::take(&mut *held(&self.own));
            held(above).extend(own);
        }
    }
}

impl Work {
    pub(crate) fn note_gone(&self, gone: impl IntoIterator<Item = Gone>) {
        held(&self.gone.own).extend(gone);
    }

    /// What has gone since somebody last asked.
    pub fn gone(&self) -> Vec<Gone> {
        std::mem::take(&mut *held(&self.gone.own))
    }
}

fn held(list: &Mutex<Vec<Gone>>) -> MutexGuard<'_, Vec<Gone>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
