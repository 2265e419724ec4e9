//! A unit of work: one transaction, for one tenant, with one cause.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{ConnectionTrait, DatabaseBackend};

use crate::{
    Cause, Error, TenantId, TenantSettings, TenantStore,
    gone::AllGone,
    sqlite::Turn,
    transaction::{self, Transaction},
};

/// The savepoint of a part.
const PART: &str = "part";

/// Everything that one request writes: all of it is committed, or none. Dropped, it is rolled back.
pub struct Work {
    pub(crate) transaction: Arc<Transaction>,
    pub(crate) tenant: TenantId,
    pub(crate) cause: Cause,
    /// The instant that every row of this work carries, in milliseconds since 1970.
    pub(crate) now: i64,
    /// Whether grants were written, which may leave every resource as it was.
    pub(crate) granted: Arc<AtomicBool>,
    /// What people have lost on the way.
    pub(crate) gone: AllGone,
    /// Whether mails are sent.
    pub(crate) mails: bool,
    /// The tenant's settings, once they are known.
    pub(crate) settings: Arc<OnceLock<TenantSettings>>,
    extent: Extent,
}

/// What a unit of work is of the transaction.
enum Extent {
    /// All of it; on SQLite it is a turn in one that others share.
    Whole(Option<Turn>),
    /// A part of another unit of work.
    Part,
}

impl TenantStore {
    /// Starts a unit of work. [`Error::Busy`] if no connection or lock is to be had in time.
    /// The clock is read once it has started: whoever waited for the lock must not write an earlier time than
    /// those who went before.
    pub async fn begin(&self, cause: &Cause, clock: impl Fn() -> i64) -> Result<Work, Error> {
        let (transaction, turn) = self.store.write.begin().await?;
        let work = Work::of(transaction, turn, self.tenant, cause.clone(), clock());
        Ok(Work { mails: self.store.mails, ..work })
    }

    /// Starts a unit of work that holds nothing that it reads, and writes all in one statement when it is committed:
    /// [`Error::Conflict`] if somebody was first, or it turns out to take more than that. Nothing where that saves
    /// nothing.
    pub fn begin_at_once(&self, cause: &Cause, now: i64) -> Option<Work> {
        let transaction = self.store.write.at_once()?;
        let work = Work::of(transaction, None, self.tenant, cause.clone(), now);
        Some(Work { mails: self.store.mails, ..work })
    }
}

impl Work {
    /// Work in a transaction that was begun for it.
    pub(crate) fn of(transaction: Transaction, turn: Option<Turn>, tenant: TenantId, cause: Cause, now: i64) -> Self {
        Self {
            transaction: Arc::new(transaction),
            tenant,
            cause,
            now,
            granted: Arc::default(),
            gone: AllGone::default(),
            mails: false,
            settings: Arc::default(),
            extent: Extent::Whole(turn),
        }
    }

    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.transaction.get_database_backend()
    }

    /// A part that can be undone by itself: committed, it still lasts only with the whole. There is one at a time, and
    /// it must be committed or rolled back before the whole is.
    pub async fn part(&self) -> Result<Self, Error> {
        self.transaction.save(PART).await?;
        Ok(Self {
            transaction: Arc::clone(&self.transaction),
            tenant: self.tenant,
            cause: self.cause.clone(),
            now: self.now,
            granted: Arc::default(),
            gone: self.gone.part(),
            mails: self.mails,
            settings: Arc::clone(&self.settings),
            extent: Extent::Part,
        })
    }

    /// Makes it lasting. [`Error::Unknown`] if the database broke off in the middle.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { transaction, extent, gone, .. } = self;
        match extent {
            Extent::Part => {
                transaction.keep(PART).await.map_err(transaction::unknown)?;
                gone.keep();
                Ok(())
            }
            Extent::Whole(turn) => own(transaction)?.commit(turn).await,
        }
    }

    /// Ends it where no resource has changed and what was read is answered. [`Error::Conflict`] if it no longer holds.
    pub async fn confirm(self) -> Result<(), Error> {
        if self.granted.load(Ordering::Relaxed) {
            // Whom nobody sees in a group may have got or lost what waits for them.
            return self.commit().await;
        }
        let Self { transaction, extent, .. } = self;
        match extent {
            Extent::Part => Ok(transaction.undo(PART).await?),
            Extent::Whole(turn) => own(transaction)?.confirm(turn).await,
        }
    }

    /// Undoes it at once. Dropping does so too, but on PostgreSQL leaves the connection busy a moment longer.
    pub async fn roll_back(self) -> Result<(), Error> {
        let Self { transaction, extent, .. } = self;
        match extent {
            Extent::Part => Ok(transaction.undo(PART).await?),
            Extent::Whole(turn) => own(transaction)?.roll_back(turn).await,
        }
    }
}

/// A transaction that no part uses any more.
fn own(transaction: Arc<Transaction>) -> Result<Transaction, Error> {
    Arc::into_inner(transaction).ok_or_else(|| Error::Unknown("a part of the work has not ended".into()))
}
