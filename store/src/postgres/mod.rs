//! PostgreSQL through connections that are kept at hand. sqlx's own pool asks each connection that comes back whether it
//! still lives, which is one more round trip for every statement: see docs/decisions/0031.

mod lent;
mod open;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use deadpool::{
    Runtime,
    managed::{Manager, Metrics, PoolError, RecycleError, RecycleResult, TimeoutType, Timeouts},
};
use futures_util::TryStreamExt;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, ExecResult, QueryResult, RuntimeErr,
    SqlxPostgresConnector, Statement,
    sqlx::{
        self, Connection,
        postgres::{PgArguments, PgConnectOptions, PgConnection, PgPoolOptions, PgRow},
    },
};

use tokio::{runtime::Handle, task::spawn_blocking, time::timeout};

use crate::{Error, Options, Row, dialect};

use lent::Lent;
pub(crate) use open::Open;

/// How long a connection may lie still before it is asked whether it lives.
const STILL: Duration = Duration::from_secs(1);
/// How long making one may keep a thread.
const LONGEST: Duration = Duration::from_secs(10);
/// How old a connection may become: what it has gathered goes with it.
const OLD: Duration = Duration::from_mins(30);

/// A number of connections, opened when they are needed.
#[derive(Clone, Debug)]
pub(crate) struct Connections(deadpool::managed::Pool<Server>);

/// Whom they are to.
#[derive(Debug)]
struct Server {
    options: PgConnectOptions,
    /// When one of them last broke off: the older ones may have done so as well.
    broke: Mutex<Option<Instant>>,
}

impl Server {
    fn broke(&self) -> MutexGuard<'_, Option<Instant>> {
        self.broke.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Manager for Server {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        let (options, runtime) = (self.options.clone(), Handle::current());
        // To prove a password gives way to everybody else some eight hundred times. Where there is much to do that took
        // many seconds, so it has a thread of its own.
        let made = spawn_blocking(move || {
            runtime.block_on(async { timeout(LONGEST, PgConnection::connect_with(&options)).await })
        });
        match made.await {
            Ok(Ok(made)) => made,
            Ok(Err(_)) => Err(sqlx::Error::PoolTimedOut),
            Err(error) => Err(sqlx::Error::Io(std::io::Error::other(error))),
        }
    }

    async fn recycle(&self, connection: &mut PgConnection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.created.elapsed() >= OLD {
            return Err(RecycleError::message("it is old"));
        }
        let used = metrics.recycled.unwrap_or(metrics.created);
        if metrics.last_used() >= STILL || self.broke().is_some_and(|broke| broke >= used) {
            connection.ping().await?;
        }
        Ok(())
    }
}

impl Connections {
    /// Connections to the server at a URL; the first is made when it is asked for.
    pub(crate) fn new(url: &str, options: &Options) -> Result<Self, Error> {
        let server = Server { options: dialect::postgres(url, options)?, broke: Mutex::default() };
        let patience = Some(options.patience);
        let pool = deadpool::managed::Pool::builder(server)
            .max_size(usize::try_from(options.connections).unwrap_or(1))
            .timeouts(Timeouts { wait: patience, create: patience, recycle: patience })
            .runtime(Runtime::Tokio1)
            .build();
        Ok(Self(pool.map_err(|error| Error::Unusable(error.to_string()))?))
    }

    /// A connection for whoever needs it next.
    async fn lend(&self) -> Result<Lent, DbErr> {
        let patience = self.0.timeouts().wait.unwrap_or(STILL);
        let lent = timeout(patience, self.0.get()).await.unwrap_or(Err(PoolError::Timeout(TimeoutType::Wait)));
        match lent {
            Ok(connection) => Ok(Lent::new(connection)),
            Err(PoolError::Backend(error)) => Err(DbErr::Conn(RuntimeErr::SqlxError(error.into()))),
            Err(PoolError::Closed) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
            Err(PoolError::Timeout(TimeoutType::Create)) => {
                Err(DbErr::Conn(RuntimeErr::SqlxError(sqlx::Error::PoolTimedOut.into())))
            }
            Err(_) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }

    /// The rows of a statement.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<PgRow>, DbErr> {
        // Whoever asks need not hold what sqlx holds meanwhile.
        Box::pin(async { self.lend().await?.rows(statement).await }).await
    }

    /// The rows of a statement that has lists among its parameters.
    pub(crate) async fn rows_of(&self, sql: &'static str, arguments: PgArguments) -> Result<Vec<PgRow>, DbErr> {
        self.lend().await?.rows_of(sql, arguments).await
    }

    /// Shows the rows of a statement one by one, as long as they are wanted.
    pub(crate) async fn visit(
        &self,
        statement: Statement,
        visit: &mut (impl FnMut(&Row<'_>) -> Result<bool, Error> + Send),
    ) -> Result<(), Error> {
        let mut lent = self.lend().await?;
        let mut rows = lent.stream(statement)?;
        while let Some(row) = rows.try_next().await.map_err(asked)? {
            if !visit(&Row::Postgres(&row))? {
                return Ok(());
            }
        }
        drop(rows);
        lent.settle();
        Ok(())
    }

    /// Starts a transaction, as `begin` says.
    pub(crate) async fn begin(&self, begin: &str) -> Result<Open, DbErr> {
        Open::begin(self.lend().await?, begin).await
    }

    /// A connection of the kind that migrations ask for, of its own.
    pub(crate) async fn apart(&self) -> Result<DatabaseConnection, DbErr> {
        let server = self.0.manager().options.clone();
        let pool = PgPoolOptions::new().max_connections(1).connect_with(server).await;
        let pool = pool.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
        Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
    }

    /// Lends nothing from now on.
    pub(crate) fn close(&self) {
        self.0.close();
    }
}

/// An error of a statement.
fn asked(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

#[async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DatabaseBackend {
        DatabaseBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.lend().await?.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.lend().await?.say(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.rows(statement).await?.into_iter().next().map(Into::into))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self.rows(statement).await?.into_iter().map(Into::into).collect())
    }
}
