//! A release server with a fresh database and one tenant.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{Outcome, machine};

/// The tenant that is measured.
const TENANT: &str = "bench";

/// Which database.
pub(crate) enum Database {
    Sqlite,
    /// On the server of that URL.
    Postgres(String),
}

impl Database {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// A database of this run's own: whatever else is on the server is not ours.
    fn own() -> String {
        format!("caurlaide_bench_{}", std::process::id())
    }

    fn url(&self, name: &str) -> Option<String> {
        let Self::Postgres(server) = self else { return None };
        server.rsplit_once('/').map(|(base, _)| format!("{base}/{name}"))
    }

    async fn tell(&self, statement: String) -> Outcome<()> {
        if let Self::Postgres(server) = self {
            let mut connection = PgConnection::connect(server).await?;
            connection.execute(AssertSqlSafe(statement)).await?;
            connection.close().await?;
        }
        Ok(())
    }
}

/// A running server.
pub(crate) struct Server {
    child: tokio::process::Child,
    pid: u32,
    directory: TempDir,
    is_postgres: bool,
    pub(crate) address: String,
    /// The path that every resource's address starts with.
    pub(crate) base: String,
    pub(crate) token: String,
}

impl Server {
    pub(crate) async fn start(program: &Path, database: &Database) -> Outcome<Self> {
        database.tell(format!("CREATE DATABASE {}", Database::own())).await?;
        let directory = tempfile::tempdir()?;
        let command = |arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).env_remove("DATABASE_URL").env("CAURLAIDE_DATA_DIR", directory.path());
            command.envs(database.url(&Database::own()).map(|url| ("DATABASE_URL", url)));
            command
        };
        let run = |arguments: &[&str]| -> Outcome<String> {
            let output = command(arguments).stderr(Stdio::inherit()).output()?;
            if !output.status.success() {
                return Err(format!("caurlaide {}: {}", arguments.join(" "), output.status).into());
            }
            Ok(String::from_utf8(output.stdout)?)
        };
        run(&["tenant", "create", TENANT, "--name", TENANT])?;
        let token = run(&["token", "create", TENANT, "--client", "bench"])?.trim().to_owned();
        let mut serve = tokio::process::Command::from(command(&["serve", "--listen", "127.0.0.1:0"]));
        // The log is written, and goes nowhere.
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
        let mut address = String::new();
        while let Some(line) = lines.next_line().await? {
            if let Some((_, rest)) = line.split_once("http://") {
                rest.split('/').next().unwrap_or_default().clone_into(&mut address);
            }
            if line.contains("Ctrl-C") {
                break;
            }
        }
        let pid = child.id().ok_or("the server ended at once")?;
        let is_postgres = matches!(database, Database::Postgres(_));
        Ok(Self { child, pid, directory, is_postgres, address, base: format!("/t/{TENANT}/scim/v2"), token })
    }

    /// Processor time of the server and of its database so far.
    pub(crate) fn processor_time(&self) -> (Duration, Duration) {
        let database = if self.is_postgres { machine::processor_time_of("postgres") } else { Duration::ZERO };
        (machine::processor_time(self.pid), database)
    }

    pub(crate) fn peak_memory(&self) -> u64 {
        machine::peak_memory(self.pid)
    }

    pub(crate) async fn stop(mut self, database: &Database) -> Outcome<()> {
        Command::new("kill").arg(self.pid.to_string()).status()?;
        self.child.wait().await?;
        self.directory.close()?;
        database.tell(format!("DROP DATABASE {}", Database::own())).await
    }
}
