//! Reading, from whichever database.

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, StreamTrait};

use crate::{Error, Row, sqlite::Readers};

/// Where reading happens that has to be quick.
#[derive(Clone, Debug)]
pub(crate) enum Reader {
    Postgres(DatabaseConnection),
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
            Self::Postgres(connection) => {
                let rows = connection.query_all_raw(statement).await?;
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
            Self::Postgres(connection) => {
                let mut rows = connection.stream_raw(statement).await?;
                while let Some(row) = rows.try_next().await? {
                    if !visit(&Row::Postgres(&row))? {
                        break;
                    }
                }
                Ok(())
            }
            Self::Sqlite(readers) => readers.visit(&statement, visit).await,
        }
    }
}
