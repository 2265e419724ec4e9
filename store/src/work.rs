//! A unit of work: one transaction, for one tenant, with one cause.

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, TransactionTrait};

use crate::{Cause, Error, TenantId, TenantStore, dialect, turn::Turn};

/// Everything that one request writes: all of it is committed, or none. Dropped, it is rolled back.
pub struct Work {
    pub(crate) transaction: DatabaseTransaction,
    pub(crate) tenant: TenantId,
    pub(crate) cause: Cause,
    /// The instant that every row of this work carries, in milliseconds since 1970.
    pub(crate) now: i64,
    /// Behind the transaction, so that it is dropped after it.
    turn: Option<Turn>,
}

impl TenantStore {
    /// Starts a unit of work. [`Error::Busy`] if no connection or lock is to be had in time.
    /// The clock is read once it has started: whoever waited for the lock must not write an earlier time than
    /// those who went before.
    pub async fn begin(&self, cause: &Cause, clock: impl Fn() -> i64) -> Result<Work, Error> {
        let (transaction, turn) = match &self.store.queue {
            None => (self.store.write.begin_with_options(dialect::immediate()).await?, None),
            Some(queue) => {
                let (transaction, turn) = queue.begin(&self.store.write).await?;
                (transaction, Some(turn))
            }
        };
        Ok(Work { turn, ..Work::of(transaction, self.tenant, cause.clone(), clock()) })
    }
}

impl Work {
    /// Work in a transaction of its own.
    pub(crate) fn of(transaction: DatabaseTransaction, tenant: TenantId, cause: Cause, now: i64) -> Self {
        Self { transaction, tenant, cause, now, turn: None }
    }

    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.transaction.get_database_backend()
    }

    /// A part that can be undone by itself: committed, it still lasts only with the whole.
    pub async fn part(&self) -> Result<Self, Error> {
        let transaction = self.transaction.begin().await?;
        Ok(Self::of(transaction, self.tenant, self.cause.clone(), self.now))
    }

    /// Makes it lasting. [`Error::Unknown`] if the database broke off in the middle.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { transaction, turn, .. } = self;
        let written = transaction.commit().await.map_err(|error| match Error::from(error) {
            settled @ (Error::Taken | Error::Conflict) => settled,
            open => Error::Unknown(open.to_string()),
        });
        match (written, turn) {
            (written, None) => written,
            (Ok(()), Some(turn)) => turn.last().await,
            (Err(error), Some(turn)) => {
                turn.break_off("another part of the transaction broke off").await;
                Err(error)
            }
        }
    }

    /// Undoes it at once. Dropping does so too, but leaves the connection busy a moment longer.
    pub async fn roll_back(self) -> Result<(), Error> {
        let Self { transaction, turn, .. } = self;
        let undone = transaction.rollback().await;
        match turn {
            None => {}
            Some(turn) if undone.is_ok() => turn.pass().await,
            Some(turn) => turn.break_off("another part of the transaction could not be undone").await,
        }
        Ok(undone?)
    }
}
