//! What a database can say, in words that the layers above can act on.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// Why a data operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value that must be unique is taken.
    #[error("a unique value is taken")]
    Taken,
    /// Another writer was in the way; the whole unit of work can be tried again.
    #[error("another writer was in the way")]
    Conflict,
    /// No connection or no lock within the time allowed; nothing was changed.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The stored data is not what it should be.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The database cannot be used by this version, or not be opened.
    #[error("{0}")]
    Unusable(String),
    /// Anything else.
    #[error("the database failed: {0}")]
    Database(#[source] DbErr),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::Taken,
            // What a row refers to was deleted meanwhile: a second look finds that out.
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::Conflict,
            _ => {}
        }
        if let DbErr::ConnectionAcquire(cause) = &error {
            return Self::Busy(cause.to_string());
        }
        let (DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause))) = &error
        else {
            return Self::Database(error);
        };
        match &**cause {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => {
                Self::Busy(cause.to_string())
            }
            sqlx::Error::Database(inner) => match inner.code().as_deref() {
                Some("40001" | "40P01") => Self::Conflict,
                // PostgreSQL: lock or statement time-out, too many connections, going down or coming up.
                Some("55P03" | "57014" | "53300" | "57P01" | "57P02" | "57P03") => Self::Busy(inner.to_string()),
                // SQLite: busy, locked, and their extended codes; disk full.
                Some("5" | "6" | "261" | "517" | "773" | "262" | "13") => Self::Busy(inner.to_string()),
                _ => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}
