//! SQLite has one writer, and making a transaction last costs far more than what most of them write. So those who wait
//! for their turn share a commit: each writes a savepoint of one transaction, whoever finds nobody waiting makes all of
//! it last, and nobody is answered before that. PostgreSQL does so by itself.
//!
//! A request may be given up at any moment, and then its futures are dropped where they wait. Statements run without
//! waiting, so that none is ever left half done; what concerns the others and has to wait happens in tasks of its own.

use std::{
    path::Path,
    sync::{
        Arc, Mutex as Lock, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rusqlite::ErrorCode;
use sea_orm::{ProxyRow, Statement, Value};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard, oneshot},
    time::{Instant, sleep, timeout},
};

use crate::{
    Error, Row,
    sqlite::{Connection, Fault, in_place},
};

/// How many turns one transaction lasts, and how long: those who came first must not wait for ever.
const TURNS: usize = 64;
const LONGEST: Duration = Duration::from_millis(50);
/// How much of the file the writer keeps, in KB with a minus: every row it inserts has its place somewhere else.
const WRITER_CACHE: i64 = -8000;
/// How many pages of 4 KB the write-ahead log may have before it is folded into the file. A page that many have changed
/// meanwhile is written there once.
const LOG_PAGES: i64 = 4000;
/// How many values a statement has that may take long.
const MANY: usize = 1000;
/// How long to wait for another program that writes, before it is asked again.
const PAUSE: Duration = Duration::from_millis(2);

/// The connection for writing. Who may use it is a matter of turns.
#[derive(Debug)]
pub(crate) struct Writing(Lock<Connection>);

/// The queue for it.
#[derive(Debug)]
pub(crate) struct Queue {
    open: Arc<Mutex<Open>>,
    waiting: AtomicUsize,
    patience: Duration,
}

/// A transaction that is not yet made lasting.
#[derive(Debug)]
struct Open {
    writing: Arc<Writing>,
    /// When it began, if there is one.
    since: Option<Instant>,
    /// How many turns it has seen.
    turns: usize,
    /// Those who have written their part and wait to hear that it lasts.
    written: Vec<oneshot::Sender<Result<(), String>>>,
    is_closed: bool,
}

/// The right to write. Dropped, what was written is undone.
pub(crate) struct Turn {
    queue: Arc<Queue>,
    /// Held until the turn ends.
    open: Option<OwnedMutexGuard<Open>>,
}

impl Writing {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn say(&self, sql: &str) -> Result<(), Fault> {
        self.connection().say(sql)
    }

    /// Runs statements that stand behind one another.
    pub(crate) fn run_all(&self, sql: &str) -> Result<(), Fault> {
        in_place(|| self.connection().inner.execute_batch(sql))
    }

    pub(crate) fn run(&self, statement: &Statement) -> Result<u64, Fault> {
        with_room(statement, || self.connection().run(statement))
    }

    pub(crate) fn named(&self, statement: &Statement) -> Result<Vec<ProxyRow>, Fault> {
        with_room(statement, || self.connection().named(statement))
    }

    pub(crate) fn rows<T>(
        &self,
        statement: &Statement,
        read: &mut impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        let mut gather = |row: &Row<'_>| {
            rows.push(read(row)?);
            Ok(true)
        };
        with_room(statement, || self.connection().visit(statement, &mut gather))??;
        Ok(rows)
    }

    /// The rows of a statement that may take long.
    pub(crate) fn rows_at_length<T>(
        &self,
        statement: &Statement,
        read: &mut impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        in_place(|| self.rows(statement, read))
    }

    /// Inserts rows of one table.
    pub(crate) fn insert(&self, sql: &str, rows: &[Vec<Value>]) -> Result<(), Fault> {
        let insert = || self.connection().run_each(sql, rows);
        if rows.iter().map(Vec::len).sum::<usize>() < MANY { insert() } else { in_place(insert) }
    }

    /// Whether no transaction is open: SQLite ends one by itself when the disk is full, for example.
    fn is_at_rest(&self) -> bool {
        self.connection().inner.is_autocommit()
    }
}

/// Statements with many values take long.
fn with_room<T>(statement: &Statement, run: impl FnOnce() -> T) -> T {
    let is_long = statement.values.as_ref().is_some_and(|values| values.0.len() >= MANY);
    if is_long { in_place(run) } else { run() }
}

impl Queue {
    pub(crate) fn new(path: &Path, patience: Duration) -> Result<Arc<Self>, Error> {
        let connection = Connection::open(path, patience)?;
        // Who finds another program writing waits without keeping a thread.
        connection.inner.busy_timeout(Duration::ZERO)?;
        connection.inner.pragma_update(None, "cache_size", WRITER_CACHE)?;
        connection.inner.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        let writing = Arc::new(Writing(Lock::new(connection)));
        let open = Open { writing, since: None, turns: 0, written: Vec::new(), is_closed: false };
        Ok(Arc::new(Self { open: Arc::new(Mutex::new(open)), waiting: AtomicUsize::new(0), patience }))
    }

    /// Waits for a turn.
    pub(crate) async fn begin(self: &Arc<Self>) -> Result<Turn, Error> {
        let mut open = self.turn().await?;
        if open.is_closed {
            return Err(Error::Busy("the database was closed".into()));
        }
        if open.since.is_none() {
            open.begin(self.patience).await?;
        }
        open.turns += 1;
        if let Err(error) = open.writing.say("SAVEPOINT turn") {
            open.undo("the transaction took no further part");
            return Err(error.into());
        }
        Ok(Turn { queue: Arc::clone(self), open: Some(open) })
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

    /// Lets nobody write from now on, and folds the write-ahead log into the file as far as nobody reads it.
    pub(crate) async fn close(&self) -> Result<(), Error> {
        let mut open = self.open.lock().await;
        in_place(|| open.commit());
        open.is_closed = true;
        in_place(|| open.writing.connection().inner.pragma(None, "wal_checkpoint", "TRUNCATE", |_| Ok(())))?;
        Ok(())
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
            runtime.spawn(async move {
                let mut open = open.lock_owned().await;
                in_place(|| open.commit());
            });
        }
    }
}

impl Open {
    /// Begins a transaction; another program may be writing just now.
    async fn begin(&mut self, patience: Duration) -> Result<(), Error> {
        if !self.writing.is_at_rest() {
            self.writing.say("ROLLBACK")?;
        }
        let asked = Instant::now();
        loop {
            match self.writing.say("BEGIN IMMEDIATE") {
                Ok(()) => break,
                Err(fault)
                    if fault.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && asked.elapsed() < patience =>
                {
                    sleep(PAUSE).await;
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        self.since = Some(Instant::now());
        self.turns = 0;
        Ok(())
    }

    /// Whether nobody should be let in any more.
    fn is_full(&self) -> bool {
        self.turns >= TURNS || self.since.is_some_and(|since| since.elapsed() >= LONGEST)
    }

    /// Makes all parts last, and tells those who wait for it.
    fn commit(&mut self) {
        if self.since.take().is_none() {
            return;
        }
        if self.written.is_empty() {
            // Nobody's: every part was undone.
            let _ = self.writing.say("ROLLBACK");
            return;
        }
        let result = self.writing.say("COMMIT").map_err(|fault| fault.to_string());
        if result.is_err() && !self.writing.is_at_rest() {
            let _ = self.writing.say("ROLLBACK");
        }
        self.tell(&result);
    }

    /// Undoes all parts.
    fn undo(&mut self, reason: &str) {
        self.since = None;
        if !self.writing.is_at_rest() {
            let _ = self.writing.say("ROLLBACK");
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
    /// Where to write.
    pub(crate) fn writing(&self) -> Result<Arc<Writing>, Error> {
        let open = self.open.as_ref().ok_or_else(|| Error::Busy("the turn has ended".into()))?;
        Ok(Arc::clone(&open.writing))
    }

    /// Keeps what the turn has written. Done when it lasts.
    pub(crate) async fn last(mut self) -> Result<(), Error> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        if let Err(fault) = open.writing.say("RELEASE SAVEPOINT turn") {
            open.undo("another part of the transaction could not be kept");
            return Err(Error::Unknown(fault.to_string()));
        }
        let (tell, told) = oneshot::channel();
        open.written.push(tell);
        if !self.queue.is_wanted() || open.is_full() {
            in_place(|| open.commit());
        }
        drop(open);
        match told.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(Error::Unknown(reason)),
            Err(_) => Err(Error::Unknown("the writer has gone".into())),
        }
    }

    /// Undoes what the turn has written.
    pub(crate) fn pass(mut self) -> Result<(), Error> {
        self.open.take().map_or(Ok(()), |open| self.end(open))
    }

    /// Undoes the turn. The others must not wait for a next one.
    fn end(&self, mut open: OwnedMutexGuard<Open>) -> Result<(), Error> {
        let undone = open.writing.say("ROLLBACK TO SAVEPOINT turn");
        if let Err(fault) = undone.and_then(|()| open.writing.say("RELEASE SAVEPOINT turn")) {
            // Nobody knows what is in the transaction, if it is there at all: it is undone as a whole.
            open.undo("another part of the transaction could not be undone");
            return Err(fault.into());
        }
        if self.queue.is_wanted() && !open.is_full() {
            return Ok(());
        }
        if open.written.is_empty() {
            open.commit();
        } else if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || open.commit());
        } else {
            open.commit();
        }
        Ok(())
    }
}

impl Drop for Turn {
    /// A request that was given up somewhere in between.
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            let _ = self.end(open);
        }
    }
}
#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Arc, time::Duration};

    use scim::{
        Document,
        schema::{Catalog, ResourceType},
    };
    use tokio::time::timeout;
    use uuid::Uuid;

    use crate::{Cause, Error, Location, New, Options, Store, TenantStore, Work, writer::Writer};

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
        let Writer::Sqlite(queue) = &data.store.write else { unreachable!() };
        let waiting = || queue.waiting.load(super::Ordering::SeqCst);
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

    /// The same, step by step: the first has left the commit to one who then goes away.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_left_to_a_successor_lasts_without_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let (_store, data) = store(&directory).await;
        let first = begin(&data).await.expect("work");
        write(&first, 1).await.expect("written");
        let mut successor = Box::pin(begin(&data));
        assert!(futures_util::poll!(&mut successor).is_pending());
        let mut commit = Box::pin(first.commit());
        assert!(futures_util::poll!(&mut commit).is_pending(), "it was not left to the successor");
        drop(successor);
        timeout(Duration::from_secs(20), commit).await.expect("an end").expect("committed");
        assert_eq!(count(&data).await, 1);
    }

    /// What SQLite has undone by itself was not kept, and the next one finds nothing left of it.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_transaction_that_ended_by_itself_is_told_to_all() {
        let directory = tempfile::tempdir().expect("a directory");
        let (_store, data) = store(&directory).await;
        let first = begin(&data).await.expect("work");
        write(&first, 1).await.expect("written");
        let mut second = Box::pin(begin(&data));
        assert!(futures_util::poll!(&mut second).is_pending());
        let mut commit = Box::pin(first.commit());
        assert!(futures_util::poll!(&mut commit).is_pending());
        let second = second.await.expect("work");
        let crate::transaction::Transaction::Sqlite(writing) = &*second.transaction else { unreachable!() };
        writing.say("ROLLBACK").expect("undone");
        assert!(matches!(second.commit().await, Err(Error::Unknown(_))));
        assert!(matches!(commit.await, Err(Error::Unknown(_))));
        let third = begin(&data).await.expect("work");
        write(&third, 3).await.expect("written");
        third.commit().await.expect("committed");
        assert_eq!(count(&data).await, 1);
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
