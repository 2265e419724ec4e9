//! A small unit of work in one statement on PostgreSQL: what is read is not held, and what is written is written at the
//! end, if all that it rests on is still as it was read. Most writes meet nobody; those that do are done again in a
//! transaction that holds what it reads. See docs/decisions/0030.

use std::sync::{Mutex, PoisonError};

use scim::schema::ResourceType;
use sea_orm::{
    ConnectionTrait, DbErr, RuntimeErr, Statement, Value,
    sqlx::{self, postgres::PgRow},
};

use crate::{
    Error, Stored, Work,
    postgres::Connections,
    together::{PARAMETERS, Part, join},
    transaction::{Transaction, unknown},
};

/// What the statement says when it meets somebody, for whoever reads the database's log.
pub(crate) const MET: &str = "another writer was first, all is undone and done again; rows left: ";
/// The error that this is: a text that is no number.
const NO_NUMBER: &str = "22P02";

/// A unit of work that has written nothing yet.
#[derive(Debug)]
pub(crate) struct AtOnce {
    connections: Connections,
    parts: Mutex<Vec<Part>>,
}

impl AtOnce {
    pub(crate) fn new(connections: Connections) -> Self {
        Self { connections, parts: Mutex::default() }
    }

    /// Reads what is not held. Whatever writes or holds by itself cannot be done at once.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<PgRow>, DbErr> {
        let sql = &statement.sql;
        let reads = sql.starts_with("SELECT ") || sql.starts_with("WITH RECURSIVE ");
        if !reads || sql.contains(" FOR ") {
            return Err(not_at_once());
        }
        self.connections.rows(statement).await
    }

    /// Writes with all the others, at the end.
    pub(crate) fn add(&self, parts: impl IntoIterator<Item = Part>) {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).extend(parts);
    }

    /// Whether what was read may be answered although nothing is written: if what it was judged by still holds.
    pub(crate) async fn confirm(self) -> Result<(), Error> {
        let parts = self.parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let guards: Vec<Part> = parts.into_iter().filter(Part::only_reads).collect();
        if guards.is_empty() {
            return Ok(());
        }
        self.connections.execute_raw(join(guards)).await.map(drop).map_err(outcome)
    }

    /// Writes all of it, or nothing: [`Error::Conflict`] if somebody was first.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        let parts = self.parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let parameters: usize = parts.iter().map(Part::parameters).sum();
        if parts.is_empty() {
            return Ok(());
        }
        if parameters > PARAMETERS {
            return Err(Error::Conflict);
        }
        match self.connections.execute_raw(join(parts)).await {
            Ok(_) => Ok(()),
            Err(error) => Err(outcome(error)),
        }
    }
}

impl Work {
    /// Whether nothing is held, and all is written in one statement at the end.
    pub fn is_at_once(&self) -> bool {
        self.transaction.is_at_once()
    }

    /// Lets what is written at once rest on a resource as it was read. In a transaction it is held already.
    pub fn rest_on(&self, kind: &ResourceType, stored: &Stored) {
        self.rest_on_row(
            "SELECT 1 FROM resource WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND version = $4 FOR SHARE",
            [self.tenant.0.into(), kind.name.as_str().into(), stored.id.into(), stored.version.into()],
        );
    }

    /// Lets what is written at once rest on a row that this finds: others who change it are waited for.
    pub(crate) fn rest_on_row(&self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.rest_on_rows(1, sql, values);
    }

    /// Lets what is written at once rest on so many rows that this finds.
    pub(crate) fn rest_on_rows(&self, rows: u64, sql: &str, values: impl IntoIterator<Item = Value>) {
        if let Transaction::AtOnce(at_once) = &*self.transaction {
            let statement = Statement::from_sql_and_values(self.backend(), sql, values);
            at_once.add([Part { statement, rows: Some(rows), name: None }]);
        }
    }
}

/// An error that asks for a transaction.
pub(crate) fn not_at_once() -> DbErr {
    DbErr::Custom(NOT_AT_ONCE.into())
}

const NOT_AT_ONCE: &str = "this takes a transaction";

/// Whether an error asks for a transaction.
pub(crate) fn takes_transaction(error: &DbErr) -> bool {
    matches!(error, DbErr::Custom(text) if text == NOT_AT_ONCE)
}

/// Whether an error is that of a statement that met somebody.
pub(crate) fn has_met(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    matches!(&**cause, sqlx::Error::Database(refusal) if refusal.code().as_deref() == Some(NO_NUMBER))
}

/// What an error says of a statement that was to last by itself: what the database refused has not happened.
pub(crate) fn outcome(error: DbErr) -> Error {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = &error else {
        return match error {
            // There was no connection to say it on.
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => error.into(),
            _ => unknown(error),
        };
    };
    match &**cause {
        sqlx::Error::Database(refusal) => match refusal.code().as_deref() {
            Some(NO_NUMBER) => Error::Conflict,
            // It went down, and nobody knows when.
            Some(code) if code.starts_with("57P") || code.starts_with("08") || code.starts_with("58") => unknown(error),
            _ => error.into(),
        },
        _ => unknown(error),
    }
}

/// The condition on which a statement with these counted parts is kept.
pub(crate) fn verdict(counted: &[(String, u64)]) -> String {
    let all: Vec<String> =
        counted.iter().map(|(part, rows)| format!("(SELECT count(*) FROM {part}) = {rows}")).collect();
    let counts: Vec<String> = counted.iter().map(|(part, _)| format!("(SELECT count(*) FROM {part})")).collect();
    format!(
        "SELECT CASE WHEN {} THEN 1 ELSE CAST(concat_ws(' ', '{MET}', {}) AS integer) END",
        all.join(" AND "),
        counts.join(", ")
    )
}
