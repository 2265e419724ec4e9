//! Connections for reading.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::{ConnAcquireErr, DbErr, ProxyRow, Statement};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{
    Error, Row,
    sqlite::{Connection, Fault, fault, in_place},
};

/// A number of connections, opened when they are needed. The one that was used last is used next: what it has read is
/// still in its cache.
#[derive(Clone, Debug)]
pub(crate) struct Readers(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    patience: Duration,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

/// A connection that is in use.
struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    _permit: SemaphorePermit<'a>,
}

/// A connection that sees everything as it is at its first statement, until it is given back.
pub(crate) struct Kept {
    pool: Arc<Pool>,
    connection: Mutex<Option<Connection>>,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, connections: u32, patience: Duration) -> Self {
        let free = Arc::new(Semaphore::new(usize::try_from(connections).unwrap_or(1)));
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
    pub(crate) async fn named(&self, statement: &Statement) -> Result<Vec<ProxyRow>, DbErr> {
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
        connection.at_length(|| connection.visit(statement, visit))?
    }

    /// A connection to keep for a while.
    pub(crate) async fn keep(&self) -> Result<Kept, Error> {
        let permit = timeout(self.0.patience, Arc::clone(&self.0.free).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(nobody_free()) };
        let connection = self.0.take()?;
        connection.say("BEGIN")?;
        Ok(Kept { pool: Arc::clone(&self.0), connection: Mutex::new(Some(connection)), _permit: permit })
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
        let Ok(Ok(permit)) = permit else { return Err(nobody_free()) };
        Ok(Lent { pool: self, connection: Some(self.take()?), _permit: permit })
    }

    /// One that nobody uses, or a new one.
    fn take(&self) -> Result<Connection, Error> {
        let idle = self.idle().pop();
        Ok(match idle {
            Some(connection) => connection,
            None => in_place(|| {
                let connection = Connection::open(&self.path, self.patience)?;
                // Nobody waits for another program in the thread of a request.
                connection.inner.busy_timeout(Duration::ZERO).map(|()| connection)
            })?,
        })
    }

    /// Takes one back, unless all are closed.
    fn give_back(&self, connection: Option<Connection>) {
        if !self.free.is_closed() {
            self.idle().extend(connection);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nobody_free() -> Error {
    Error::Busy("no connection for reading was free in time".into())
}

impl Kept {
    /// The rows of a statement as entities read them.
    pub(crate) fn named(&self, statement: &Statement) -> Result<Vec<ProxyRow>, Fault> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = connection.as_ref().ok_or(Fault::InvalidQuery)?;
        connection.soon(|| connection.named(statement))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let connection = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // One that cannot end what it saw is not used again.
        self.pool.give_back(connection.filter(|connection| connection.say("ROLLBACK").is_ok()));
    }
}

impl Lent<'_> {
    fn connection(&self) -> Result<&Connection, Error> {
        self.connection.as_ref().ok_or_else(|| Error::Busy("a connection for reading was given back".into()))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.pool.give_back(self.connection.take());
    }
}
