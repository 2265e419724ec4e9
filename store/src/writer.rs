//! Writing, into whichever database.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{ConnAcquireErr, ConnectionTrait, DatabaseBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::{
    Error,
    at_once::AtOnce,
    postgres::Connections,
    sqlite::{Queue, Turn, unknown},
    transaction::Transaction,
};

/// Where writing happens. A statement that is not part of a transaction is one by itself.
#[derive(Clone, Debug)]
pub(crate) enum Writer {
    Postgres(Connections),
    Sqlite(Arc<Queue>),
}

impl Writer {
    /// Starts a transaction; on SQLite it is that of a turn, and ends with it.
    pub(crate) async fn begin(&self) -> Result<(Transaction, Option<Turn>), Error> {
        match self {
            Self::Postgres(connections) => Ok((Transaction::Postgres(connections.begin("BEGIN").await?), None)),
            Self::Sqlite(queue) => {
                let turn = queue.begin().await?;
                Ok((Transaction::Sqlite(turn.writing()?), Some(turn)))
            }
        }
    }

    /// Starts a unit of work that is to be written by one statement, where that saves anything.
    pub(crate) fn at_once(&self) -> Option<Transaction> {
        match self {
            Self::Postgres(connections) => Some(Transaction::AtOnce(AtOnce::new(connections.clone()))),
            Self::Sqlite(_) => None,
        }
    }

    /// A statement by itself on SQLite.
    async fn alone<T>(queue: &Arc<Queue>, run: impl AsyncFnOnce(&Transaction) -> Result<T, DbErr>) -> Result<T, DbErr> {
        let acquire = |error: Error| match error {
            Error::Database(error) => error,
            Error::Busy(_) => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            Error::Unknown(reason) => unknown(&reason),
            other => DbErr::Custom(other.to_string()),
        };
        let turn = queue.begin().await.map_err(acquire)?;
        let transaction = Transaction::Sqlite(turn.writing().map_err(acquire)?);
        let done = run(&transaction).await?;
        drop(transaction);
        turn.last().await.map_err(acquire)?;
        Ok(done)
    }
}

#[async_trait]
impl ConnectionTrait for Writer {
    fn get_database_backend(&self) -> DatabaseBackend {
        match self {
            Self::Postgres(_) => DatabaseBackend::Postgres,
            Self::Sqlite(_) => DatabaseBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Postgres(connections) => connections.execute_raw(statement).await,
            Self::Sqlite(queue) => Self::alone(queue, async |whole| whole.execute_raw(statement).await).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Postgres(connections) => connections.execute_unprepared(sql).await,
            Self::Sqlite(_) => self.execute_raw(Statement::from_string(DatabaseBackend::Sqlite, sql)).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Postgres(connections) => connections.query_one_raw(statement).await,
            Self::Sqlite(queue) => Self::alone(queue, async |whole| whole.query_one_raw(statement).await).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Postgres(connections) => connections.query_all_raw(statement).await,
            Self::Sqlite(queue) => Self::alone(queue, async |whole| whole.query_all_raw(statement).await).await,
        }
    }
}
