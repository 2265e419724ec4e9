//! SQLite's errors on their way through sea-orm's, which know those of sqlx alone.

use rusqlite::ErrorCode;
use sea_orm::DbErr;

use crate::{Error, sqlite::Fault};

/// What marks them there, in front of the extended code.
const MARK: &str = "SQLite ";

/// What marks that nobody knows whether something lasts.
const UNKNOWN: &str = "SQLite unknown: ";

/// That nobody knows whether something lasts, as an error of sea-orm.
pub(crate) fn unknown(reason: &str) -> DbErr {
    DbErr::Custom(format!("{UNKNOWN}{reason}"))
}

/// As an error of sea-orm.
pub(crate) fn fault(fault: Fault) -> DbErr {
    DbErr::Custom(match fault.sqlite_error() {
        Some(code) => format!("{MARK}{}: {fault}", code.extended_code),
        None => fault.to_string(),
    })
}

impl From<Fault> for Error {
    fn from(error: Fault) -> Self {
        fault(error).into()
    }
}

/// What such an error means, if it is one.
pub(crate) fn meaning(error: &DbErr) -> Option<Error> {
    let DbErr::Custom(text) = error else { return None };
    if let Some(reason) = text.strip_prefix(UNKNOWN) {
        return Some(Error::Unknown(reason.to_owned()));
    }
    let code: i32 = text.strip_prefix(MARK)?.split(':').next()?.parse().ok()?;
    Some(match (code, rusqlite::ffi::Error::new(code).code) {
        (rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY, _) => Error::Taken,
        // What a row refers to was deleted meanwhile: a second look finds that out.
        (rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => Error::Conflict,
        (_, ErrorCode::OperationInterrupted) => Error::Long,
        (
            _,
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::ReadOnly
            | ErrorCode::SystemIoFailure
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen,
        ) => Error::Busy(text.clone()),
        _ => return None,
    })
}
