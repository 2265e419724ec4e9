//! SQLite has one writer, and making a transaction last costs far more than what most of them write. So those who wait
//! for their turn share a commit: each writes a savepoint of one transaction, whoever finds nobody waiting makes all of
//! it last, and nobody is answered before that. PostgreSQL does so by itself.
//!
//! A request may be given up at any moment, and then its futures are dropped wherever they are. Whatever concerns the
//! others therefore happens in tasks of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard, oneshot},
    time::{Instant, timeout},
};

use crate::{Error, dialect};

/// How many turns one transaction lasts, and how long: those who came first must not wait for ever.
const TURNS: usize = 64;
const LONGEST: Duration = Duration::from_millis(50);
/// The savepoint of a turn.
const SAVEPOINT: &str = "turn";

/// The queue for the one writing connection.
#[derive(Debug)]
pub(crate) struct Queue {
    open: Arc<Mutex<Open>>,
    waiting: AtomicUsize,
    patience: Duration,
}

/// A transaction that is not yet made lasting.
#[derive(Debug, Default)]
struct Open {
    transaction: Option<(Arc<DatabaseTransaction>, Instant)>,
    /// How many turns it has seen.
    turns: usize,
    /// Those who have written their part and wait to hear that it lasts.
    written: Vec<oneshot::Sender<Result<(), String>>>,
}

/// The right to write.
pub(crate) struct Turn {
    queue: Arc<Queue>,
    /// Held until the turn ends.
    open: Option<OwnedMutexGuard<Open>>,
}

/// Starts a savepoint.
pub(crate) async fn save(transaction: &DatabaseTransaction, name: &str) -> Result<(), DbErr> {
    transaction.execute_unprepared(&format!("SAVEPOINT {name}")).await.map(drop)
}

/// Keeps what was written since a savepoint.
pub(crate) async fn keep(transaction: &DatabaseTransaction, name: &str) -> Result<(), DbErr> {
    transaction.execute_unprepared(&format!("RELEASE SAVEPOINT {name}")).await.map(drop)
}

/// Undoes what was written since a savepoint.
pub(crate) async fn undo(transaction: &DatabaseTransaction, name: &str) -> Result<(), DbErr> {
    transaction.execute_unprepared(&format!("ROLLBACK TO SAVEPOINT {name}")).await?;
    keep(transaction, name).await
}

impl Queue {
    pub(crate) fn new(patience: Duration) -> Arc<Self> {
        Arc::new(Self { open: Arc::default(), waiting: AtomicUsize::new(0), patience })
    }

    /// Waits for a turn. Where nobody else waits the transaction is one's own, and there is no turn to end; else it is
    /// shared, and what the turn writes is a savepoint of it.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        connection: &DatabaseConnection,
    ) -> Result<(Arc<DatabaseTransaction>, Turn, bool), Error> {
        let mut open = self.turn().await?;
        if open.transaction.is_none() {
            let transaction = Arc::new(connection.begin_with_options(dialect::immediate()).await?);
            if !self.is_wanted() {
                return Ok((transaction, Turn { queue: Arc::clone(self), open: Some(open) }, false));
            }
            open.transaction = Some((transaction, Instant::now()));
            open.turns = 0;
        }
        open.turns += 1;
        let whole = open.transaction.as_ref().map(|(transaction, _)| Arc::clone(transaction));
        let whole = whole.ok_or_else(|| Error::Busy("the writer has no transaction".into()))?;
        let turn = Turn { queue: Arc::clone(self), open: Some(open) };
        if let Err(error) = save(&whole, SAVEPOINT).await {
            turn.break_off("the transaction took no further part").await;
            return Err(error.into());
        }
        Ok((whole, turn, true))
    }

    async fn turn(self: &Arc<Self>) -> Result<OwnedMutexGuard<Open>, Error> {
        let mut place = Place::take(self);
        let turn = timeout(self.patience, Arc::clone(&self.open).lock_owned()).await;
        let turn = turn.map_err(|_| Error::Busy("other writers did not end in time".into()))?;
        place.reached = true;
        Ok(turn)
    }

    fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }
}

/// A place in the queue.
struct Place {
    queue: Arc<Queue>,
    reached: bool,
}

impl Place {
    fn take(queue: &Arc<Queue>) -> Self {
        queue.waiting.fetch_add(1, Ordering::SeqCst);
        Self { queue: Arc::clone(queue), reached: false }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.queue.waiting.fetch_sub(1, Ordering::SeqCst);
        // Somebody may have left the transaction to this one.
        if !self.reached
            && let Ok(runtime) = Handle::try_current()
        {
            let open = Arc::clone(&self.queue.open);
            runtime.spawn(async move { open.lock_owned().await.commit().await });
        }
    }
}

impl Open {
    /// Whether nobody should be let in any more.
    fn is_full(&self) -> bool {
        let is_old = self.transaction.as_ref().is_some_and(|(_, since)| since.elapsed() >= LONGEST);
        self.turns >= TURNS || is_old
    }

    /// Makes all parts last, and tells those who wait for it.
    async fn commit(&mut self) {
        let Some((transaction, _)) = self.transaction.take() else { return };
        let result = match Arc::try_unwrap(transaction) {
            Ok(transaction) => transaction.commit().await.map_err(|error| error.to_string()),
            Err(_) => Err("the transaction is still in use".to_owned()),
        };
        self.tell(&result);
    }

    /// Undoes all parts.
    async fn undo(&mut self, reason: &str) {
        if let Some((transaction, _)) = self.transaction.take()
            && let Ok(transaction) = Arc::try_unwrap(transaction)
        {
            let _ = transaction.rollback().await;
        }
        self.tell(&Err(reason.to_owned()));
    }

    fn tell(&mut self, result: &Result<(), String>) {
        for written in self.written.drain(..) {
            // Who has gone away does not want to know.
            let _ = written.send(result.clone());
        }
    }
}

impl Turn {
    /// Keeps what the turn has written. Done when it lasts.
    pub(crate) async fn last(mut self, whole: Arc<DatabaseTransaction>) -> Result<(), Error> {
        let kept = keep(&whole, SAVEPOINT).await;
        drop(whole);
        if let Err(error) = kept {
            self.break_off("another part of the transaction could not be kept").await;
            return Err(Error::Unknown(error.to_string()));
        }
        let Some(mut open) = self.open.take() else { return Ok(()) };
        let (tell, told) = oneshot::channel();
        open.written.push(tell);
        if !self.queue.is_wanted() || open.is_full() {
            tokio::spawn(async move { open.commit().await });
        } else {
            drop(open);
        }
        match told.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(Error::Unknown(reason)),
            Err(_) => Err(Error::Unknown("the writer has gone".into())),
        }
    }

    /// Undoes what the turn has written.
    pub(crate) async fn pass(mut self, whole: Arc<DatabaseTransaction>) -> Result<(), Error> {
        let undone = undo(&whole, SAVEPOINT).await;
        drop(whole);
        if let Err(error) = undone {
            self.break_off("another part of the transaction could not be undone").await;
            return Err(error.into());
        }
        if let Some(mut open) = self.open.take()
            && (!self.queue.is_wanted() || open.is_full())
        {
            tokio::spawn(async move { open.commit().await });
        }
        Ok(())
    }

    /// Nobody knows what is in the transaction: it is undone as a whole.
    async fn break_off(mut self, reason: &'static str) {
        if let Some(mut open) = self.open.take() {
            let _ = tokio::spawn(async move { open.undo(reason).await }).await;
        }
    }
}

impl Drop for Turn {
    /// A request that was given up somewhere in between: what it has written is undone, and the others must not wait
    /// for a next one. Where the savepoint was not reached there is nothing to undo, and SQLite says so.
    fn drop(&mut self) {
        if let Some(mut open) = self.open.take().filter(|open| open.transaction.is_some())
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                if let Some((transaction, _)) = &open.transaction {
                    let _ = undo(transaction, SAVEPOINT).await;
                }
                open.commit().await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Arc};

    use scim::{
        Document,
        schema::{Catalog, ResourceType},
    };
    use uuid::Uuid;

    use crate::{Cause, Error, Location, New, Options, Store, TenantStore, Work};

    async fn store(directory: &tempfile::TempDir) -> (Store, TenantStore) {
        let location = Location::Sqlite(directory.path().join("test.db"));
        let store = Store::connect(&location, &Options::default()).await.expect("a database");
        store.migrate().await.expect("migrated");
        let tenant = store.create_tenant("riga", "Rīga", 0).await.expect("a tenant");
        let data = store.tenant(tenant.id);
        (store, data)
    }

    fn users() -> ResourceType {
        Catalog::standard().by_name("User").expect("users").clone()
    }

    async fn write(work: &Work, number: u128) -> Result<(), Error> {
        let (document, members) = (Document::default(), HashMap::new());
        let new = New { id: Uuid::from_u128(number), document: &document, password: None, members: &members };
        work.create(&users(), &[new]).await.map(drop)
    }

    async fn begin(data: &TenantStore) -> Result<Work, Error> {
        data.begin(&Cause::operator(), || 0).await
    }

    /// What another connection sees.
    async fn count(data: &TenantStore) -> u64 {
        data.count(&users()).await.expect("a count")
    }

    /// Starts writers that wait behind the one who has the turn.
    async fn queue(
        data: &TenantStore,
        first: u128,
        ends: &[&'static str],
    ) -> Vec<tokio::task::JoinHandle<Result<(), Error>>> {
        let waiting = || data.store.queue.as_ref().expect("a queue").waiting.load(super::Ordering::SeqCst);
        let mut tasks = Vec::new();
        for (number, end) in (first..).zip(ends.iter().copied()) {
            let (before, data) = (waiting(), data.clone());
            tasks.push(tokio::spawn(async move {
                let work = begin(&data).await?;
                write(&work, number).await?;
                match end {
                    "commit" => work.commit().await,
                    "roll back" => work.roll_back().await,
                    "fail" => {
                        let twice = write(&work, number).await;
                        work.roll_back().await?;
                        twice
                    }
                    _ => {
                        drop(work);
                        Ok(())
                    }
                }
            }));
            while waiting() == before {
                tokio::task::yield_now().await;
            }
        }
        tasks
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_shares_a_transaction_fails_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let (_store, data) = store(&directory).await;
        let ends = ["commit", "roll back", "commit", "fail", "drop", "commit", "drop"];
        let first = begin(&data).await.expect("work");
        let tasks = queue(&data, 1, &ends).await;
        write(&first, 100).await.expect("written");
        first.commit().await.expect("committed");
        let mut failed = Vec::new();
        for (task, end) in tasks.into_iter().zip(ends) {
            if task.await.expect("an end").is_err() {
                failed.push(end);
            }
        }
        assert_eq!(failed, ["fail"]);
        while count(&data).await != 4 {
            tokio::task::yield_now().await;
        }
        assert_eq!(data.find(&users(), Uuid::from_u128(2), false).await.expect("a look"), None);
    }

    /// Somebody counted on a successor who went away while waiting.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_successor_who_leaves_leaves_nobody_waiting() {
        let directory = tempfile::tempdir().expect("a directory");
        let (_store, data) = store(&directory).await;
        for round in 0..20 {
            let first = begin(&data).await.expect("work");
            let tasks = queue(&data, 1000 * (round + 1), &["commit", "commit", "commit"]).await;
            tasks[1].abort();
            tasks[2].abort();
            write(&first, 1000 * (round + 1) + 999).await.expect("written");
            first.commit().await.expect("committed");
            let mut tasks = tasks.into_iter();
            tasks.next().expect("a task").await.expect("an end").expect("committed");
            for aborted in tasks {
                let _ = aborted.await;
            }
        }
        assert!(count(&data).await >= 40);
    }

    /// Requests are given up wherever they are; what was answered stays, and nobody waits for ever.
    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_is_given_up_takes_nobody_along() {
        let directory = tempfile::tempdir().expect("a directory");
        let (_store, data) = store(&directory).await;
        let answered = Arc::new(std::sync::Mutex::new(Vec::new()));
        for round in 0..150_u128 {
            let tasks: Vec<_> = (1..=8)
                .map(|number| {
                    let (data, answered, number) = (data.clone(), Arc::clone(&answered), round * 10 + number);
                    tokio::spawn(async move {
                        let work = begin(&data).await.expect("work");
                        write(&work, number).await.expect("written");
                        let part = work.part().await.expect("a part");
                        write(&part, number + 1_000_000).await.expect("written");
                        if number % 2 == 0 { part.commit().await } else { part.roll_back().await }.expect("an end");
                        work.commit().await.expect("committed");
                        answered.lock().expect("a list").push(number);
                    })
                })
                .collect();
            for _ in 0..round % 50 {
                tokio::task::yield_now().await;
            }
            tasks.iter().step_by(2).for_each(tokio::task::JoinHandle::abort);
            for task in tasks {
                assert!(task.await.err().is_none_or(|error| error.is_cancelled()));
            }
        }
        let answered = answered.lock().expect("a list").clone();
        assert!(answered.len() >= 600, "{}", answered.len());
        for number in answered {
            let found = async |id| data.find(&users(), Uuid::from_u128(id), false).await.expect("a look").is_some();
            assert!(found(number).await, "{number} was answered and is gone");
            assert_eq!(found(number + 1_000_000).await, number % 2 == 0, "{number}");
        }
    }

    /// What was answered is there for everybody.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_committed_is_seen() {
        let directory = tempfile::tempdir().expect("a directory");
        let (_store, data) = store(&directory).await;
        let tasks: Vec<_> = (1..=200_u128)
            .map(|number| {
                let data = data.clone();
                tokio::spawn(async move {
                    let work = begin(&data).await.expect("work");
                    write(&work, number).await.expect("written");
                    work.commit().await.expect("committed");
                    data.find(&users(), Uuid::from_u128(number), false).await.expect("a look").expect("a user")
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("seen");
        }
        assert_eq!(count(&data).await, 200);
    }
}
