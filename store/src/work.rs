//! A unit of work: one transaction, for one tenant, with one cause.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, TransactionTrait};

use crate::{
    Cause, Error, TenantId, TenantStore, dialect,
    turn::{self, Turn},
};

/// The savepoint of a part.
const PART: &str = "part";

/// Everything that one request writes: all of it is committed, or none. Dropped, it is rolled back.
pub struct Work {
    pub(crate) transaction: Arc<DatabaseTransaction>,
    pub(crate) tenant: TenantId,
    pub(crate) cause: Cause,
    /// The instant that every row of this work carries, in milliseconds since 1970.
    pub(crate) now: i64,
    /// Behind the transaction, so that it is dropped after it.
    extent: Extent,
}

/// What a unit of work is of the transaction.
enum Extent {
    /// All of it. On SQLite it holds the turn until it ends.
    Whole { _turn: Option<Turn> },
    /// A turn in one that others share.
    Turn(Turn),
    /// A part of another unit of work.
    Part,
}

impl TenantStore {
    /// Starts a unit of work. [`Error::Busy`] if no connection or lock is to be had in time.
    /// The clock is read once it has started: whoever waited for the lock must not write an earlier time than
    /// those who went before.
    pub async fn begin(&self, cause: &Cause, clock: impl Fn() -> i64) -> Result<Work, Error> {
        let (transaction, extent) = match &self.store.queue {
            None => {
                let transaction = self.store.write.begin_with_options(dialect::immediate()).await?;
                (Arc::new(transaction), Extent::Whole { _turn: None })
            }
            Some(queue) => match queue.begin(&self.store.write).await? {
                (transaction, turn, true) => (transaction, Extent::Turn(turn)),
                (transaction, turn, false) => (transaction, Extent::Whole { _turn: Some(turn) }),
            },
        };
        Ok(Work { transaction, tenant: self.tenant, cause: cause.clone(), now: clock(), extent })
    }
}

impl Work {
    /// Work in a transaction of its own.
    pub(crate) fn of(transaction: DatabaseTransaction, tenant: TenantId, cause: Cause, now: i64) -> Self {
        Self { transaction: Arc::new(transaction), tenant, cause, now, extent: Extent::Whole { _turn: None } }
    }

    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.transaction.get_database_backend()
    }

    /// A part that can be undone by itself: committed, it still lasts only with the whole. There is one at a time, and
    /// it must be committed or rolled back before the whole is.
    pub async fn part(&self) -> Result<Self, Error> {
        turn::save(&self.transaction, PART).await?;
        Ok(Self {
            transaction: Arc::clone(&self.transaction),
            tenant: self.tenant,
            cause: self.cause.clone(),
            now: self.now,
            extent: Extent::Part,
        })
    }

    /// Makes it lasting. [`Error::Unknown`] if the database broke off in the middle.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { transaction, extent, .. } = self;
        let unknown = |error| match Error::from(error) {
            settled @ (Error::Taken | Error::Conflict) => settled,
            open => Error::Unknown(open.to_string()),
        };
        match extent {
            Extent::Part => turn::keep(&transaction, PART).await.map_err(unknown),
            Extent::Turn(turn) => turn.last(transaction).await,
            Extent::Whole { .. } => own(transaction)?.commit().await.map_err(unknown),
        }
    }

    /// Undoes it at once. Dropping does so too, but leaves the connection busy a moment longer.
    pub async fn roll_back(self) -> Result<(), Error> {
        let Self { transaction, extent, .. } = self;
        match extent {
            Extent::Part => Ok(turn::undo(&transaction, PART).await?),
            Extent::Turn(turn) => turn.pass(transaction).await,
            Extent::Whole { .. } => Ok(own(transaction)?.rollback().await?),
        }
    }
}

/// A transaction that no part uses any more.
fn own(transaction: Arc<DatabaseTransaction>) -> Result<DatabaseTransaction, Error> {
    Arc::try_unwrap(transaction).map_err(|_| Error::Unknown("a part of the work has not ended".into()))
}
