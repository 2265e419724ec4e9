//! What a database can say, in words that the layers above can act on.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use crate::{at_once, sqlite};

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
    /// A statement took longer than the database lets one; nothing was changed.
    #[error("a statement took longer than it may")]
    Long,
    /// The database broke off while it made a unit of work lasting: it may have happened, or not.
    #[error("the database broke off during a commit: {0}")]
    Unknown(String),
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
        if at_once::takes_transaction(&error) {
            return Self::Conflict;
        }
        if let Some(meaning) = sqlite::meaning(&error) {
            return meaning;
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
            sqlx::Error::PoolTimedOut
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Busy(cause.to_string()),
            sqlx::Error::Database(inner) => match postgres_fault(&inner.code().unwrap_or_default()) {
                Fault::Conflict => Self::Conflict,
                Fault::Long => Self::Long,
                Fault::Passing => Self::Busy(inner.to_string()),
                Fault::Other => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

enum Fault {
    /// Another writer was in the way.
    Conflict,
    /// It took too long.
    Long,
    /// It may work in a moment.
    Passing,
    Other,
}

fn postgres_fault(code: &str) -> Fault {
    match code {
        "40001" | "40P01" => Fault::Conflict,
        "57014" => Fault::Long,
        // Lock time-out, going down or coming up, idle too long, a server that only reads.
        "55P03" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25006" | "58030" => Fault::Passing,
        // Connection exceptions; insufficient resources.
        _ if code.starts_with("08") || code.starts_with("53") => Fault::Passing,
        _ => Fault::Other,
    }
}
