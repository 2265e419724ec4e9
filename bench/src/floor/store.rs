//! The floor's two tables, and how its databases are opened: as the measured server opens its own.

use std::{path::Path, sync::atomic::AtomicI64, time::Duration};

use sqlx::{
    Connection, Executor, PgPool, SqliteConnection, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{group, writer::Writer};
use crate::Outcome;

/// Connections for reading (SQLite) or in all (PostgreSQL).
const CONNECTIONS: u32 = 8;
/// How long to wait for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many documents one transaction adds while the table is filled.
const DOCUMENTS_A_TRANSACTION: usize = 50_000;

/// An open database.
pub(super) enum Store {
    Sqlite { read: SqlitePool, write: Writer },
    Postgres(PgPool),
}

/// What every handler knows.
pub(super) struct State {
    pub(super) store: Store,
    /// The key of the next document.
    pub(super) next: AtomicI64,
}

impl State {
    pub(super) fn new(store: Store, documents: usize) -> Self {
        Self { store, next: AtomicI64::new(key(documents) + 1) }
    }
}

/// An SQLite file of the floor's own.
pub(super) async fn sqlite(directory: &Path) -> Outcome<Store> {
    let options = SqliteConnectOptions::new()
        .filename(directory.join("floor.db"))
        .create_if_missing(true)
        .busy_timeout(PATIENCE)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-8000");
    // The writer comes first: it makes the file and switches it to WAL.
    let mut writer = SqliteConnection::connect_with(&options).await?;
    writer
        .execute("CREATE TABLE document (id INTEGER PRIMARY KEY, body TEXT NOT NULL, version INTEGER NOT NULL)")
        .await?;
    writer
        .execute("CREATE TABLE event (id INTEGER PRIMARY KEY, document INTEGER NOT NULL, what TEXT NOT NULL)")
        .await?;
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
    let read = pool.test_before_acquire(false).connect_with(options).await?;
    Ok(Store::Sqlite { read, write: Writer::start(writer) })
}

/// A PostgreSQL database that holds nothing yet.
pub(super) async fn postgres(url: &str) -> Outcome<Store> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
    let pool = pool.test_before_acquire(false).connect(url).await?;
    pool.execute("CREATE TABLE document (id BIGINT PRIMARY KEY, body TEXT NOT NULL, version INTEGER NOT NULL)").await?;
    pool.execute(
        "CREATE TABLE event (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document BIGINT NOT NULL, what TEXT NOT NULL)",
    )
    .await?;
    Ok(Store::Postgres(pool))
}

impl Store {
    /// Stores the group, and that many copies of the document under the keys from 1 on.
    pub(super) async fn fill(&self, document: &str, group: &str, count: usize) -> Outcome<()> {
        const ONE: &str = "INSERT INTO document (id, body, version) VALUES ($1, $2, 1)";
        match self {
            Self::Sqlite { read, .. } => {
                sqlx::query(ONE).bind(group::ID).bind(group).execute(read).await?;
                for start in (0..count).step_by(DOCUMENTS_A_TRANSACTION) {
                    let end = count.min(start + DOCUMENTS_A_TRANSACTION);
                    let copies = "WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i < $2) \
                                  INSERT INTO document (id, body, version) SELECT i, $3, 1 FROM n";
                    sqlx::query(copies).bind(key(start) + 1).bind(key(end)).bind(document).execute(read).await?;
                }
                read.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
            }
            Self::Postgres(pool) => {
                sqlx::query(ONE).bind(group::ID).bind(group).execute(pool).await?;
                let copies = "INSERT INTO document (id, body, version) SELECT i, $2, 1 FROM generate_series(1, $1) i";
                sqlx::query(copies).bind(key(count)).bind(document).execute(pool).await?;
                pool.execute("VACUUM (ANALYZE) document").await?;
                pool.execute("CHECKPOINT").await?;
            }
        }
        Ok(())
    }
}

fn key(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
