//! A row of whichever database, read by position.

use rusqlite::types::FromSql;
use sea_orm::{DbErr, QueryResult, TryGetable};

use crate::Error;

/// A row.
pub(crate) enum Row<'a> {
    Postgres(&'a QueryResult),
    Sqlite(&'a rusqlite::Row<'a>),
}

/// What can stand in a column.
pub(crate) trait Cell: FromSql + TryGetable {}

impl<T: FromSql + TryGetable> Cell for T {}

impl Row<'_> {
    /// What stands in a column, by its place from 0.
    pub(crate) fn get<T: Cell>(&self, index: usize) -> Result<T, Error> {
        match self {
            Self::Postgres(row) => Ok(row.try_get_by_index(index)?),
            Self::Sqlite(row) => row.get(index).map_err(|error| Error::Database(DbErr::Type(error.to_string()))),
        }
    }
}
