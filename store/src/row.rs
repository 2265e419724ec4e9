//! A row of whichever database, read by position.

use std::borrow::Cow;

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
    /// The text that stands in a column, if any does, without copying it where that can be.
    pub(crate) fn text(&self, index: usize) -> Result<Option<Cow<'_, str>>, Error> {
        match self {
            Self::Postgres(row) => Ok(row.try_get_by_index::<Option<String>>(index)?.map(Cow::Owned)),
            Self::Sqlite(row) => {
                let value = row.get_ref(index).map_err(|error| Error::Database(DbErr::Type(error.to_string())))?;
                let text = value.as_str_or_null().map_err(|error| Error::Database(DbErr::Type(error.to_string())))?;
                Ok(text.map(Cow::Borrowed))
            }
        }
    }

    /// What stands in a column, by its place from 0.
    pub(crate) fn get<T: Cell>(&self, index: usize) -> Result<T, Error> {
        match self {
            Self::Postgres(row) => Ok(row.try_get_by_index(index)?),
            Self::Sqlite(row) => row.get(index).map_err(|error| Error::Database(DbErr::Type(error.to_string()))),
        }
    }
}
