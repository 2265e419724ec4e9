//! Opening the database: SQLite in a file, or PostgreSQL by URL; migrations.

use std::{path::PathBuf, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, IntoDatabaseExecutor, Statement, TransactionTrait};

use crate::{
    Error, Store, dialect, employments,
    one_member::Crowds,
    postgres::Connections,
    reader::Reader,
    sqlite::{Queue, Readers, entities},
    tenures,
    transaction::unknown,
    writer::Writer,
};

/// How often a migration is tried that meets other writers, and how long it waits in between.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);

/// The index that is filled once, when its table was made.
const EMPLOYMENTS: &str = "employment";
/// The table that came with the step since which employments are looked at on their days.
const SUSPENSIONS: &str = "suspension";

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file, made when it is missing.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

/// How it is used.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections for reading (SQLite) or in all (PostgreSQL).
    pub connections: u32,
    /// How long to wait for a connection or a lock.
    pub patience: Duration,
    /// Whether what people are told is sent by mail.
    pub mails: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 8, patience: Duration::from_secs(5), mails: false }
    }
}

/// Which migrations a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The step.
    pub name: String,
    /// Whether it has been applied.
    pub applied: bool,
}

impl Store {
    /// Opens the database. The schema is not touched: see [`Store::migrate`].
    pub async fn connect(location: &Location, options: &Options) -> Result<Self, Error> {
        let store = match location {
            Location::Sqlite(path) => {
                // The writer comes first: it makes the file and switches it to WAL.
                let write = Writer::Sqlite(Queue::new(path, options.patience)?);
                let readers = Readers::new(path.clone(), options.connections, options.patience);
                Self { read: Reader::Sqlite(readers), write, crowds: Crowds::default(), mails: options.mails }
            }
            Location::Postgres(url) => {
                let connections = Connections::new(url, options)?;
                // Whoever cannot be reached is heard of at once.
                connections.execute_unprepared("SELECT 1").await?;
                Self {
                    read: Reader::Postgres(connections.clone()),
                    write: Writer::Postgres(connections),
                    crowds: Crowds::default(),
                    mails: options.mails,
                }
            }
        };
        Ok(store)
    }

    /// Brings the schema up to date. Several nodes may do so at once: one works, the others wait.
    pub async fn migrate(&self) -> Result<(), Error> {
        refuse_newer_schema(&self.read).await?;
        if self.migrations().await?.iter().all(|step| step.applied) {
            return Ok(());
        }
        // A node of the version before may write meanwhile, and hold what a step asks for.
        for _ in 1..ATTEMPTS {
            match self.migrate_once().await {
                Err(Error::Conflict) => tokio::time::sleep(PAUSE).await,
                settled => return settled,
            }
        }
        self.migrate_once().await
    }

    async fn migrate_once(&self) -> Result<(), Error> {
        match &self.write {
            Writer::Postgres(connections) => {
                let apart = connections.apart().await?;
                let transaction = apart.begin().await?;
                dialect::lock_migrations(&transaction).await?;
                // A newer node may have been quicker.
                refuse_newer_schema(&transaction).await?;
                step_up(&transaction).await?;
                transaction.commit().await.map_err(unknown)?;
                Ok(apart.close().await?)
            }
            Writer::Sqlite(queue) => {
                let turn = queue.begin().await?;
                let schema = entities::writing(turn.writing()?).await?;
                refuse_newer_schema(&schema).await?;
                step_up(&schema).await?;
                drop(schema);
                turn.last().await
            }
        }
    }

    /// Every migration that this version knows, and whether the database has it.
    pub async fn migrations(&self) -> Result<Vec<MigrationStatus>, Error> {
        let applied = applied(&self.read).await?;
        let mut steps = Self::steps();
        steps.iter_mut().for_each(|step| step.applied = applied.contains(&step.name));
        Ok(steps)
    }

    /// Every migration that this version knows, as a database that was never made has them.
    pub fn steps() -> Vec<MigrationStatus> {
        let known = Migrator::migrations();
        known.iter().map(|step| MigrationStatus { name: step.name().to_owned(), applied: false }).collect()
    }

    /// Fails unless the schema is exactly the one that this version works with.
    pub async fn check_schema(&self) -> Result<(), Error> {
        refuse_newer_schema(&self.read).await?;
        match self.migrations().await?.iter().find(|step| !step.applied) {
            None => Ok(()),
            Some(step) => {
                Err(Error::Unusable(format!("the database lacks migration {}; run `caurlaide migrate`", step.name)))
            }
        }
    }

    /// What the database needs to be asked for from time to time, so that it plans well.
    pub async fn tidy(&self) -> Result<(), Error> {
        dialect::first_statistics(&self.write).await
    }

    /// Closes every connection; on SQLite this folds the write-ahead log into the file.
    pub async fn close(self) -> Result<(), Error> {
        match &self.read {
            Reader::Postgres(connections) => connections.close(),
            Reader::Sqlite(readers) => readers.close(),
        }
        if let Writer::Sqlite(queue) = &self.write {
            queue.close().await?;
        }
        Ok(())
    }
}

/// Takes the steps that are not taken, and writes what only this program can make of what was there before.
async fn step_up<C>(connection: &C) -> Result<(), Error>
where
    C: ConnectionTrait,
    for<'c> &'c C: IntoDatabaseExecutor<'c>,
{
    let is_indexed = dialect::has_table(connection, EMPLOYMENTS).await?;
    let is_planned = dialect::has_table(connection, SUSPENSIONS).await?;
    Migrator::up(connection, None).await?;
    if !is_indexed {
        employments::fill(connection).await?;
    }
    if !is_planned {
        tenures::fill(connection).await?;
    }
    Ok(())
}

/// An older program must not write into a newer schema.
async fn refuse_newer_schema(connection: &impl ConnectionTrait) -> Result<(), Error> {
    let known = Migrator::migrations();
    let applied = applied(connection).await?;
    match applied.iter().find(|name| !known.iter().any(|step| step.name() == name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Error::Unusable(format!(
            "the database was migrated by a newer version (step {name} is unknown here); use that version"
        ))),
    }
}

async fn applied(connection: &impl ConnectionTrait) -> Result<Vec<String>, Error> {
    if !dialect::has_table(connection, "seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let versions = "SELECT version FROM seaql_migrations ORDER BY version";
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), versions)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "version")?)).collect()
}
