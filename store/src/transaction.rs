//! A writing transaction, of whichever database. Entities may be asked through it as well.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, ExecResult, ProxyExecResult, QueryResult, Statement};

use crate::{
    Error, Row,
    at_once::{AtOnce, not_at_once},
    postgres::Open,
    sqlite::{Turn, Writing, fault},
};

/// A transaction that several units of work may be parts of.
pub(crate) enum Transaction {
    Postgres(Open),
    /// Nothing is held, and one statement writes at the end; on PostgreSQL.
    AtOnce(AtOnce),
    Sqlite(Arc<Writing>),
}

impl Transaction {
    /// The rows of a statement.
    pub(crate) async fn rows<T>(
        &self,
        statement: Statement,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        match self {
            Self::Postgres(transaction) => {
                let rows = transaction.rows(statement).await?;
                rows.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
            Self::AtOnce(at_once) => {
                let rows = at_once.rows(statement).await?;
                rows.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
            Self::Sqlite(writing) => writing.rows(&statement, &mut read),
        }
    }

    /// The rows of a statement that may look many of them through, or change them.
    pub(crate) async fn rows_at_length<T>(
        &self,
        statement: Statement,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        match self {
            Self::Postgres(_) | Self::AtOnce(_) => self.rows(statement, read).await,
            Self::Sqlite(writing) => writing.rows_at_length(&statement, &mut read),
        }
    }

    /// The first row of a statement that has one at most.
    pub(crate) async fn row<T>(
        &self,
        statement: Statement,
        read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Option<T>, Error> {
        Ok(self.rows(statement, read).await?.into_iter().next())
    }

    /// Whether nothing is held, and all is written in one statement at the end.
    pub(crate) fn is_at_once(&self) -> bool {
        matches!(self, Self::AtOnce(_))
    }

    /// Makes it lasting. [`Error::Unknown`] if the database broke off in the middle.
    pub(crate) async fn commit(self, turn: Option<Turn>) -> Result<(), Error> {
        match self {
            Self::Postgres(transaction) => transaction.commit().await.map_err(unknown),
            Self::AtOnce(at_once) => at_once.commit().await,
            Self::Sqlite(_) => turn.ok_or_else(lost)?.last().await,
        }
    }

    /// Undoes it: nothing was written, and what was read is answered. [`Error::Conflict`] if that no longer holds.
    pub(crate) async fn confirm(self, turn: Option<Turn>) -> Result<(), Error> {
        match self {
            Self::AtOnce(at_once) => at_once.confirm().await,
            held => held.roll_back(turn).await,
        }
    }

    /// Undoes it.
    pub(crate) async fn roll_back(self, turn: Option<Turn>) -> Result<(), Error> {
        match self {
            Self::Postgres(transaction) => Ok(transaction.roll_back().await?),
            Self::AtOnce(_) => Ok(()),
            Self::Sqlite(_) => turn.ok_or_else(lost)?.pass(),
        }
    }

    /// Starts a savepoint.
    pub(crate) async fn save(&self, name: &str) -> Result<(), DbErr> {
        self.say(&format!("SAVEPOINT {name}")).await
    }

    /// Keeps what was written since a savepoint.
    pub(crate) async fn keep(&self, name: &str) -> Result<(), DbErr> {
        self.say(&format!("RELEASE SAVEPOINT {name}")).await
    }

    /// Undoes what was written since a savepoint.
    pub(crate) async fn undo(&self, name: &str) -> Result<(), DbErr> {
        self.say(&format!("ROLLBACK TO SAVEPOINT {name}")).await?;
        self.keep(name).await
    }

    async fn say(&self, sql: &str) -> Result<(), DbErr> {
        match self {
            Self::Postgres(transaction) => transaction.execute_unprepared(sql).await.map(drop),
            Self::AtOnce(_) => Err(not_at_once()),
            Self::Sqlite(writing) => writing.say(sql).map_err(fault),
        }
    }
}

/// What an error says of that which was to last.
pub(crate) fn unknown(error: DbErr) -> Error {
    match Error::from(error) {
        settled @ (Error::Taken | Error::Conflict) => settled,
        open => Error::Unknown(open.to_string()),
    }
}

fn lost() -> Error {
    Error::Unknown("the work has lost its turn".into())
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DatabaseBackend {
        match self {
            Self::Postgres(_) | Self::AtOnce(_) => DatabaseBackend::Postgres,
            Self::Sqlite(_) => DatabaseBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Postgres(transaction) => transaction.execute_raw(statement).await,
            Self::AtOnce(_) => Err(not_at_once()),
            Self::Sqlite(writing) => {
                let changed = writing.run(&statement).map_err(fault)?;
                Ok(ProxyExecResult::new(0, changed).into())
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Postgres(transaction) => transaction.execute_unprepared(sql).await,
            Self::AtOnce(_) => Err(not_at_once()),
            Self::Sqlite(_) => self.execute_raw(Statement::from_string(DatabaseBackend::Sqlite, sql)).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Postgres(transaction) => transaction.query_one_raw(statement).await,
            Self::AtOnce(_) | Self::Sqlite(_) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Postgres(transaction) => transaction.query_all_raw(statement).await,
            Self::AtOnce(at_once) => Ok(at_once.rows(statement).await?.into_iter().map(Into::into).collect()),
            Self::Sqlite(writing) => {
                Ok(writing.named(&statement).map_err(fault)?.into_iter().map(Into::into).collect())
            }
        }
    }
}
