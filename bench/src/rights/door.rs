//! A way to the server's database, beside the server.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{Outcome, database::Database, server::Server};

/// How many timers of that kind are due in the next hour: a night that is being done is put off for some minutes.
const LEFT: &str = "SELECT count(*) FROM timer WHERE kind = $1 AND due < $2";
const HOUR: i64 = 3_600_000;
/// How long a writer is waited for.
const PATIENCE: Duration = Duration::from_hours(1);

/// A way to the server's database.
pub(super) enum Door {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Door {
    pub(super) async fn open(server: &Server, database: &Database) -> Outcome<Self> {
        match database.url() {
            Some(url) => Ok(Self::Postgres(PgConnection::connect(&url).await?)),
            None => {
                let options = SqliteConnectOptions::new().filename(server.file()).busy_timeout(PATIENCE);
                Ok(Self::Sqlite(SqliteConnection::connect_with(&options).await?))
            }
        }
    }

    pub(super) async fn tell(&mut self, statement: &'static str) -> Outcome<()> {
        match self {
            Self::Sqlite(connection) => sqlx::query(statement).execute(connection).await.map(drop)?,
            Self::Postgres(connection) => sqlx::query(statement).execute(connection).await.map(drop)?,
        }
        Ok(())
    }

    /// How many timers of a kind are due, or are being done.
    pub(super) async fn left(&mut self, kind: &str) -> Outcome<i64> {
        let soon = now() + if kind == "nightly" { HOUR } else { 0 };
        Ok(match self {
            Self::Sqlite(connection) => sqlx::query_scalar(LEFT).bind(kind).bind(soon).fetch_one(connection).await?,
            Self::Postgres(connection) => sqlx::query_scalar(LEFT).bind(kind).bind(soon).fetch_one(connection).await?,
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "what is due is due by the server's clock")]
fn now() -> i64 {
    i64::try_from(time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
