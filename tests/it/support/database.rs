//! A database for each test: a file, or a database of its own on the PostgreSQL server of
//! `TEST_DATABASE_URL`.

use sqlx::{AnyPool, AssertSqlSafe, Connection, Executor, PgConnection};
use store::Location;
use tempfile::TempDir;
use uuid::Uuid;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A database that goes when the test ends.
pub(crate) struct Database {
    pub(crate) location: Location,
    /// Holds the file, and whatever else a test needs a place for.
    pub(crate) directory: TempDir,
}

impl Database {
    pub(crate) async fn new(kind: Kind) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let location = match kind {
            Kind::Sqlite => Location::Sqlite(directory.path().join("caurlaide.db")),
            Kind::Postgres => Location::Postgres(new_postgres().await),
        };
        Self { location, directory }
    }

    /// A connection beside the server's, to look at what was stored.
    pub(crate) async fn look(&self) -> AnyPool {
        sqlx::any::install_default_drivers();
        let url = match &self.location {
            Location::Sqlite(path) => format!("sqlite://{}", path.display()),
            Location::Postgres(url) => url.clone(),
        };
        AnyPool::connect(&url).await.expect("a connection to look through")
    }
}

async fn new_postgres() -> String {
    let server = std::env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL must name a PostgreSQL server for the tests; ./test starts one and sets it");
    let name = format!("test_{}", Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(&server).await.expect("the PostgreSQL server of TEST_DATABASE_URL");
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a new database");
    connection.close().await.expect("closed");
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}
