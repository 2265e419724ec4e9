//! A transaction.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, ExecResult, QueryResult, Statement, sqlx::postgres::PgRow};
use tokio::sync::Mutex;

use crate::postgres::Lent;

/// A transaction that is open. Dropped, it is undone.
#[derive(Debug)]
pub(crate) struct Open(Mutex<Lent>);

impl Open {
    pub(super) async fn begin(mut lent: Lent, begin: &str) -> Result<Self, DbErr> {
        lent.open = true;
        lent.say(begin).await?;
        Ok(Self(Mutex::new(lent)))
    }

    /// The rows of a statement.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<PgRow>, DbErr> {
        Box::pin(async { self.0.lock().await.rows(statement).await }).await
    }

    /// Makes it lasting.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.end("COMMIT").await
    }

    /// Undoes it.
    pub(crate) async fn roll_back(self) -> Result<(), DbErr> {
        self.end("ROLLBACK").await
    }

    async fn end(self, word: &str) -> Result<(), DbErr> {
        let mut lent = self.0.into_inner();
        lent.say(word).await?;
        lent.open = false;
        Ok(())
    }
}

#[async_trait]
impl ConnectionTrait for Open {
    fn get_database_backend(&self) -> DatabaseBackend {
        DatabaseBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.lock().await.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.lock().await.say(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.rows(statement).await?.into_iter().next().map(Into::into))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self.rows(statement).await?.into_iter().map(Into::into).collect())
    }
}
