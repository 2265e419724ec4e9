//! Connections for reading.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::{ConnAcquireErr, DbErr, ProxyRow, Statement};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{
    Error, Row,
    sqlite::{Connection, LONG, fault, in_place},
};

/// A number of connections, opened when they are needed. The one that was used last is used next: what it has read is
/// still in its cache.
#[derive(Clone, Debug)]
pub(crate) struct Readers(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    patience: Duration,
    free: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

/// A connection that is in use.
struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    _permit: SemaphorePermit<'a>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, connections: u32, patience: Duration) -> Self {
        let free = Semaphore::new(usize::try_from(connections).unwrap_or(1));
        Self(Arc::new(Pool { path, patience, free, idle: Mutex::default() }))
    }

    /// The rows of a statement.
    pub(crate) async fn rows<T>(
        &self,
        statement: &Statement,
        read: &mut (impl FnMut(&Row<'_>) -> Result<T, Error> + Send),
    ) -> Result<Vec<T>, Error> {
        let lent = self.0.lend().await?;
        let connection = lent.connection()?;
        connection.soon(|| {
            let mut rows = Vec::new();
            let visited = connection.visit(statement, &mut |row| {
                rows.push(read(row)?);
                Ok(true)
            });
            visited.map(|visited| visited.map(|()| rows))
        })?
    }

    /// The rows of a statement as entities read them.
    pub(super) async fn named(&self, statement: &Statement) -> Result<Vec<ProxyRow>, DbErr> {
        let lent = self.0.lend().await.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        let connection = lent.connection().map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?;
        connection.soon(|| connection.named(statement)).map_err(fault)
    }

    /// Shows the rows of a statement one by one, as long as they are wanted. There may be many.
    pub(crate) async fn visit(
        &self,
        statement: &Statement,
        visit: &mut (impl FnMut(&Row<'_>) -> Result<bool, Error> + Send),
    ) -> Result<(), Error> {
        let lent = self.0.lend().await?;
        let connection = lent.connection()?;
        connection.stop_after(LONG);
        in_place(|| connection.visit(statement, visit))?
    }

    /// Lends nothing from now on.
    pub(crate) fn close(&self) {
        self.0.free.close();
        self.0.idle().clear();
    }
}

impl Pool {
    async fn lend(&self) -> Result<Lent<'_>, Error> {
        let permit = timeout(self.patience, self.free.acquire()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(Error::Busy("no connection for reading was free in time".into()));
        };
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => in_place(|| Connection::open(&self.path, self.patience))?,
        };
        Ok(Lent { pool: self, connection: Some(connection), _permit: permit })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent<'_> {
    fn connection(&self) -> Result<&Connection, Error> {
        self.connection.as_ref().ok_or_else(|| Error::Busy("a connection for reading was given back".into()))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.pool.idle().extend(self.connection.take());
    }
}
