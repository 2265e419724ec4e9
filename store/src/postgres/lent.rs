//! A connection that is in use.

use std::time::{Duration, Instant};

use deadpool::managed::Object;
use futures_util::{Stream, StreamExt};
use sea_orm::{
    DbErr, ExecResult, Statement, Values,
    sqlx::{
        self, AssertSqlSafe, Executor, Postgres,
        postgres::{PgArguments, PgConnection, PgDatabaseError, PgRow, PgSeverity},
        query::Query,
    },
};
use sea_query_sqlx::SqlxValues;
use tokio::{runtime::Handle, time::timeout};

use crate::postgres::{Server, asked};

/// How long undoing may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// A connection that is in use. One that is dropped in the middle of a statement is not used again: it is closed, and
/// PostgreSQL undoes what was not committed. A transaction that is left open is undone.
#[derive(Debug)]
pub(super) struct Lent {
    connection: Option<Object<Server>>,
    /// Whether it has answered all that it was asked.
    settled: bool,
    /// Whether it broke off.
    broken: bool,
    /// Whether a transaction is open.
    pub(super) open: bool,
}

fn query(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(statement.values.unwrap_or(Values(Vec::new()))))
}

impl Lent {
    pub(super) fn new(connection: Object<Server>) -> Self {
        Self { connection: Some(connection), settled: true, broken: false, open: false }
    }

    /// Nobody knows what it is about to answer.
    fn unsettle(&mut self) -> Result<&mut PgConnection, DbErr> {
        self.settled = false;
        self.connection.as_deref_mut().ok_or_else(|| asked(sqlx::Error::PoolClosed))
    }

    /// It has answered.
    pub(super) fn settle(&mut self) {
        self.settled = true;
    }

    /// After a refusal it goes on; what broke off in the middle, or was told to end, does not.
    fn heard<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        self.settled = match &answer {
            Ok(_) => true,
            Err(sqlx::Error::Database(refusal)) => refusal
                .try_downcast_ref::<PgDatabaseError>()
                .is_some_and(|refusal| refusal.severity() == PgSeverity::Error),
            Err(_) => false,
        };
        self.broken = !self.settled;
        answer.map_err(asked)
    }

    /// The rows of a statement.
    pub(super) async fn rows(&mut self, statement: Statement) -> Result<Vec<PgRow>, DbErr> {
        let rows = query(statement).fetch_all(self.unsettle()?).await;
        self.heard(rows)
    }

    /// The rows of a statement that has lists among its parameters.
    pub(super) async fn rows_of(&mut self, sql: &'static str, arguments: PgArguments) -> Result<Vec<PgRow>, DbErr> {
        let rows = sqlx::query_with(sql, arguments).fetch_all(self.unsettle()?).await;
        self.heard(rows)
    }

    /// The rows of a statement, one by one. Whoever has taken all of them [settles](Self::settle) it.
    pub(super) fn stream(
        &mut self,
        statement: Statement,
    ) -> Result<impl Stream<Item = Result<PgRow, sqlx::Error>> + Send + Unpin, DbErr> {
        Ok(query(statement).fetch(self.unsettle()?).boxed())
    }

    /// Runs a statement.
    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let done = query(statement).execute(self.unsettle()?).await;
        Ok(self.heard(done)?.into())
    }

    /// Runs statements that have no parameters.
    pub(super) async fn say(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = self.unsettle()?.execute(AssertSqlSafe(sql.to_owned())).await;
        Ok(self.heard(done)?.into())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.open && self.settled {
            return;
        }
        let Some(connection) = self.connection.take() else { return };
        if self.broken
            && let Some(pool) = Object::pool(&connection)
        {
            *pool.manager().broke() = Some(Instant::now());
        }
        match Handle::try_current() {
            Ok(runtime) if self.settled => drop(runtime.spawn(undo(connection))),
            _ => drop(Object::take(connection)),
        }
    }
}

/// Undoes what was left open and gives the connection back.
async fn undo(mut connection: Object<Server>) {
    let undone = timeout(PATIENCE, connection.execute("ROLLBACK")).await;
    if !matches!(undone, Ok(Ok(_))) {
        drop(Object::take(connection));
    }
}
