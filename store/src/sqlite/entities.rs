//! SQLite as sea-orm's migrations ask it. What they begin and commit is nothing here: see
//! [`crate::transaction`].

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{
    Database, DatabaseBackend, DatabaseConnection, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, Statement,
};

use crate::{
    Error,
    sqlite::{Writing, fault},
};

/// The connection of a turn as one that a schema can be made by.
pub(crate) async fn writing(writing: Arc<Writing>) -> Result<DatabaseConnection, Error> {
    Ok(Database::connect_proxy(DatabaseBackend::Sqlite, Arc::new(Box::new(Turned(writing)))).await?)
}

#[derive(Debug)]
struct Turned(Arc<Writing>);

#[async_trait]
impl ProxyDatabaseTrait for Turned {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        self.0.named(&statement).map_err(fault)
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        if statement.values.is_none() {
            self.0.run_all(&statement.sql).map_err(fault)?;
            return Ok(ProxyExecResult::new(0, 0));
        }
        Ok(ProxyExecResult::new(0, self.0.run(&statement).map_err(fault)?))
    }
}
