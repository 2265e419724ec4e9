//! Reading, from whichever database.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::{
    Error, Row, dialect,
    postgres::{Connections, Open},
    sqlite::{Kept, Readers, fault},
};

/// Where reading happens. Entities may be read through it as well.
#[derive(Clone, Debug)]
pub(crate) enum Reader {
    Postgres(Connections),
    Sqlite(Readers),
}

impl Reader {
    /// The rows of a statement.
    pub(crate) async fn rows<T>(
        &self,
        statement: Statement,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        match self {
            Self::Postgres(connections) => {
                let rows = connections.rows(statement).await?;
                rows.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
            Self::Sqlite(readers) => readers.rows(&statement, &mut read).await,
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

    /// Shows the rows of a statement one by one, as long as they are wanted, so that nobody has to hold them all.
    pub(crate) async fn visit(
        &self,
        statement: Statement,
        visit: &mut (impl FnMut(&Row<'_>) -> Result<bool, Error> + Send),
    ) -> Result<(), Error> {
        match self {
            Self::Postgres(connections) => connections.visit(statement, visit).await,
            Self::Sqlite(readers) => readers.visit(&statement, visit).await,
        }
    }
}

impl Reader {
    /// Everything as it is at the first statement, whatever others write meanwhile.
    pub(crate) async fn snapshot(&self) -> Result<Still, Error> {
        Ok(match self {
            Self::Postgres(connections) => Still::Postgres(dialect::snapshot(connections).await?),
            Self::Sqlite(readers) => Still::Sqlite(Box::new(readers.keep().await?)),
        })
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DatabaseBackend {
        match self {
            Self::Postgres(_) => DatabaseBackend::Postgres,
            Self::Sqlite(_) => DatabaseBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(only_reads())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(only_reads())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Postgres(connections) => connections.query_all_raw(statement).await,
            Self::Sqlite(readers) => Ok(readers.named(&statement).await?.into_iter().map(Into::into).collect()),
        }
    }
}

fn only_reads() -> DbErr {
    DbErr::Custom("a connection for reading was asked to write".into())
}

/// A transaction that reads, for entities.
pub(crate) enum Still {
    Postgres(Open),
    Sqlite(Box<Kept>),
}

#[async_trait]
impl ConnectionTrait for Still {
    fn get_database_backend(&self) -> DatabaseBackend {
        match self {
            Self::Postgres(_) => DatabaseBackend::Postgres,
            Self::Sqlite(_) => DatabaseBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(only_reads())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(only_reads())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Postgres(transaction) => transaction.query_all_raw(statement).await,
            Self::Sqlite(kept) => Ok(kept.named(&statement).map_err(fault)?.into_iter().map(Into::into).collect()),
        }
    }
}
