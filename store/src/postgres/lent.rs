//! A connection that is in use.

use std::time::Instant;

use deadpool::managed::Object;
use futures_util::{Stream, StreamExt};
use sea_orm::{
    DbErr, ExecResult, Statement, Values,
    sqlx::{
        self, AssertSqlSafe, Executor, Postgres,
        postgres::{PgArguments, PgConnection, PgRow},
        query::Query,
    },
};
use sea_query_sqlx::SqlxValues;

use crate::postgres::{Server, asked};

/// A connection that is in use. One that was left in the middle of something is not used again: whoever drops it in a
/// statement or in a transaction closes it, and PostgreSQL undoes what was not committed.
#[derive(Debug)]
pub(super) struct Lent {
    connection: Option<Object<Server>>,
    /// Whether it has answered all that it was asked.
    settled: bool,
    /// Whether a transaction is open.
    pub(super) open: bool,
}

fn query(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(statement.values.unwrap_or(Values(Vec::new()))))
}

impl Lent {
    pub(super) fn new(connection: Object<Server>) -> Self {
        Self { connection: Some(connection), settled: true, open: false }
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

    /// After a refusal it goes on; what broke off in the middle does not.
    fn heard<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        self.settled = matches!(answer, Ok(_) | Err(sqlx::Error::Database(_)));
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
        if let Some(connection) = self.connection.take() {
            if let Some(pool) = Object::pool(&connection) {
                *pool.manager().broke() = Some(Instant::now());
            }
            drop(Object::take(connection));
        }
    }
}
