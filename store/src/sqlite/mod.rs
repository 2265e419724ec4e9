//! SQLite, asked in the thread of the request itself. Most statements take a few microseconds; to hand them to a thread
//! of their own, and their rows back one by one, costs many times that: see docs/decisions/0029.
//!
//! What may take longer makes room first ([`in_place`]), so that other requests go on elsewhere.

mod bind;
pub(crate) mod entities;
mod fault;
mod readers;
mod rows;
mod turn;

use std::{
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::{CachedStatement, ErrorCode, config::DbConfig};
use sea_orm::{ProxyRow, Statement, Value};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    time::Instant,
};

use crate::{Error, Row};

pub(crate) use fault::{fault, meaning, unknown};
pub(crate) use readers::{Kept, Readers};
pub(crate) use turn::{Queue, Turn, Writing};

/// The error of a statement.
pub(crate) type Fault = rusqlite::Error;

/// How long a statement may keep a thread that others wait for.
const QUICK: Duration = Duration::from_millis(2);
/// How long it may take in all.
const LONG: Duration = Duration::from_secs(30);
/// After how many steps of its program the time is looked at: some tenths of a millisecond.
const STEPS: i32 = 10_000;
/// How many prepared statements a connection keeps, at some 30 KB each. What is asked again and again has fewer forms.
const STATEMENTS: usize = 64;

/// Does what may take long, while others use another thread.
pub(crate) fn in_place<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// A connection; used by one thread at a time.
#[derive(Debug)]
pub(crate) struct Connection {
    inner: rusqlite::Connection,
    /// When the statement that runs is to stop, in microseconds.
    deadline: Arc<AtomicU64>,
    /// How long a lock of another program is waited for.
    patience: Duration,
}

impl Connection {
    /// Opens a file; it is made if it is missing.
    fn open(path: &Path, patience: Duration) -> Result<Self, Fault> {
        let inner = rusqlite::Connection::open(path)?;
        inner.busy_timeout(patience)?;
        inner.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
        // A plan that looked at a value would be made anew for each: a bound LIMIT is enough.
        inner.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // Text in double quotes is a name and never a value.
        inner.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        inner.pragma_update(None, "journal_mode", "WAL")?;
        inner.pragma_update(None, "synchronous", "FULL")?;
        inner.pragma_update(None, "cache_size", -2500)?;
        // What a part of a transaction might have to undo need not go through a file.
        inner.pragma_update(None, "temp_store", "MEMORY")?;
        inner.set_prepared_statement_cache_capacity(STATEMENTS);
        let deadline = Arc::new(AtomicU64::new(u64::MAX));
        let watched = Arc::clone(&deadline);
        inner.progress_handler(STEPS, Some(move || micros() >= watched.load(Ordering::Relaxed)))?;
        Ok(Self { inner, deadline, patience })
    }

    fn prepare(&self, statement: &Statement) -> Result<CachedStatement<'_>, Fault> {
        let mut prepared = self.inner.prepare_cached(&statement.sql)?;
        if let Some(values) = &statement.values {
            bind::values(&mut prepared, &values.0)?;
        }
        Ok(prepared)
    }

    fn stop_after(&self, time: Duration) {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX / 2);
        self.deadline.store(micros() + time, Ordering::Relaxed);
    }

    /// Reads at once. What turns out to take long begins anew where it keeps nobody waiting.
    fn soon<T>(&self, mut read: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
        self.stop_after(QUICK);
        let read_so_far = read();
        self.stop_after(LONG);
        match read_so_far {
            // The second one comes of another program that mends the file, or closes it.
            Err(fault)
                if matches!(
                    fault.sqlite_error_code(),
                    Some(ErrorCode::OperationInterrupted | ErrorCode::DatabaseBusy)
                ) =>
            {
                self.at_length(read)
            }
            settled => settled,
        }
    }

    /// Reads what may take long, where it keeps nobody waiting.
    fn at_length<T>(&self, read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        self.stop_after(LONG);
        in_place(|| {
            self.inner.busy_timeout(self.patience)?;
            let done = read();
            self.inner.busy_timeout(Duration::ZERO)?;
            done
        })
    }

    /// Runs a statement without rows. Says how many it changed.
    fn run(&self, statement: &Statement) -> Result<u64, Fault> {
        let mut prepared = self.prepare(statement)?;
        Ok(prepared.raw_execute()? as u64)
    }

    /// Runs a statement once with each of these rows of values.
    fn run_each(&self, sql: &str, rows: &[Vec<Value>]) -> Result<(), Fault> {
        let mut prepared = self.inner.prepare_cached(sql)?;
        for row in rows {
            bind::values(&mut prepared, row)?;
            prepared.raw_execute()?;
        }
        Ok(())
    }

    /// Runs a statement that has no values.
    fn say(&self, sql: &str) -> Result<(), Fault> {
        self.inner.prepare_cached(sql)?.raw_execute().map(drop)
    }

    /// Shows the rows of a statement one by one, as long as they are wanted.
    fn visit(
        &self,
        statement: &Statement,
        visit: &mut dyn FnMut(&Row<'_>) -> Result<bool, Error>,
    ) -> Result<Result<(), Error>, Fault> {
        let mut prepared = self.prepare(statement)?;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            match visit(&Row::Sqlite(row)) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(()))
    }

    /// The rows of a statement as sea-orm's entities read them: by name.
    fn named(&self, statement: &Statement) -> Result<Vec<ProxyRow>, Fault> {
        let mut prepared = self.prepare(statement)?;
        let columns = rows::columns(&prepared);
        let mut rows = prepared.raw_query();
        let mut named = Vec::new();
        while let Some(row) = rows.next()? {
            named.push(rows::read(row, &columns)?);
        }
        Ok(named)
    }
}

/// The time since the program began to ask for it.
fn micros() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_micros()).unwrap_or(u64::MAX)
}
