//! A row of whichever database, read by position.

use std::borrow::Cow;

use rusqlite::types::FromSql;
use sea_orm::{
    DbErr,
    sqlx::{Decode, Postgres, Row as _, Type, postgres::PgRow},
};

use crate::Error;

/// A row.
pub(crate) enum Row<'a> {
    Postgres(&'a PgRow),
    Sqlite(&'a rusqlite::Row<'a>),
}

/// What can stand in a column.
pub(crate) trait Cell: FromSql + Type<Postgres> + for<'r> Decode<'r, Postgres> {}

impl<T: FromSql + Type<Postgres> + for<'r> Decode<'r, Postgres>> Cell for T {}

impl Row<'_> {
    /// The text that stands in a column, if any does, without copying it where that can be.
    pub(crate) fn text(&self, index: usize) -> Result<Option<Cow<'_, str>>, Error> {
        match self {
            Self::Postgres(row) => Ok(row.try_get::<Option<&str>, _>(index).map_err(damaged)?.map(Cow::Borrowed)),
            Self::Sqlite(row) => {
                let text = row.get_ref(index).map_err(damaged)?.as_str_or_null().map_err(damaged)?;
                Ok(text.map(Cow::Borrowed))
            }
        }
    }

    /// What stands in a column, by its place from 0.
    pub(crate) fn get<T: Cell>(&self, index: usize) -> Result<T, Error> {
        match self {
            Self::Postgres(row) => row.try_get(index).map_err(damaged),
            Self::Sqlite(row) => row.get(index).map_err(damaged),
        }
    }
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::Database(DbErr::Type(error.to_string()))
}
