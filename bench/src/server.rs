//! A release server with a fresh database and its tenants.

use std::{path::Path, process::Stdio, sync::Arc};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::JoinSet,
};

use crate::{Outcome, connection::Target, database::Database, processes::Meter};

/// The tenant that is measured.
pub(crate) const TENANT: &str = "bench";
/// How many requests a second a tenant and each of its clients may send: more than any server takes.
const PACE: &str = "1000000";
/// How many commands run at once while tenants are made.
const COMMANDS: usize = 4;

/// A running server.
pub(crate) struct Server {
    child: Child,
    pid: u32,
    database: Database,
    address: String,
    program: Arc<Program>,
    pub(crate) meter: Meter,
}

/// How its commands are called.
struct Program {
    path: std::path::PathBuf,
    directory: TempDir,
    url: Option<String>,
}

impl Server {
    /// Starts one on a database of its own, without tenants.
    pub(crate) async fn start(program: &Path, database: &Database) -> Outcome<Self> {
        database.create().await?;
        let directory = tempfile::tempdir()?;
        let program = Arc::new(Program { path: program.to_owned(), directory, url: database.url() });
        let mut serve = program.command(&["serve", "--listen", "127.0.0.1:0"]);
        // The log is written, and goes nowhere.
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let address = address_of(&mut child).await?;
        let pid = child.id().ok_or("the server ended at once")?;
        let meter = Meter::new(vec![pid], database).await?;
        Ok(Self { child, pid, database: database.clone(), address, program, meter })
    }

    /// Makes a tenant and a token, by the command line.
    pub(crate) async fn tenant(&self, name: &str) -> Outcome<Target> {
        let token = self.program.make_tenant(name).await?;
        Target::new(&format!("http://{}/t/{name}/scim/v2", self.address), Some(&token))
    }

    /// A token that may do everything in a tenant of that name.
    pub(crate) async fn administrator(&self, name: &str) -> Outcome<String> {
        let mut arguments = vec!["token", "create", name, "--client", "administrator"];
        arguments.extend(["scim.read", "scim.write", "tenant.admin"].iter().flat_map(|scope| ["--scope", scope]));
        let made = self.program.run(&arguments).await?;
        Ok(made.trim().to_owned())
    }

    /// The file of its database, if it is SQLite.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.program.directory.path().join("caurlaide.db")
    }

    /// Makes many tenants.
    pub(crate) async fn tenants(&self, count: usize) -> Outcome<Vec<Target>> {
        let mut commands = JoinSet::new();
        let mut targets = Vec::new();
        for number in 0..count {
            if commands.len() >= COMMANDS
                && let Some(target) = commands.join_next().await
            {
                targets.push(target??);
            }
            let (program, address) = (Arc::clone(&self.program), self.address.clone());
            commands.spawn(async move {
                let name = format!("tenant-{number}");
                let token = program.make_tenant(&name).await?;
                Target::new(&format!("http://{address}/t/{name}/scim/v2"), Some(&token))
            });
        }
        while let Some(target) = commands.join_next().await {
            targets.push(target??);
        }
        Ok(targets)
    }

    /// Ends it and takes its database away.
    pub(crate) async fn stop(mut self) -> Outcome<()> {
        Command::new("kill").arg(self.pid.to_string()).status().await?;
        self.child.wait().await?;
        self.meter.close().await?;
        self.database.drop().await
    }
}

impl Program {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments).env_remove("DATABASE_URL").env("CAURLAIDE_DATA_DIR", self.directory.path());
        // Paces are counted, and far away, as the page says.
        command.env("CAURLAIDE_REQUESTS_PER_SECOND", PACE).env("CAURLAIDE_CLIENT_REQUESTS_PER_SECOND", PACE);
        command.envs(self.url.as_ref().map(|url| ("DATABASE_URL", url)));
        command
    }

    /// Runs a command to its end and gives what it printed.
    async fn run(&self, arguments: &[&str]) -> Outcome<String> {
        let output = self.command(arguments).output().await?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("caurlaide {}: {}: {said}", arguments.join(" "), output.status).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Makes a tenant and gives a token for it.
    async fn make_tenant(&self, name: &str) -> Outcome<String> {
        self.run(&["tenant", "create", name, "--name", name]).await?;
        Ok(self.run(&["token", "create", name, "--client", "bench"]).await?.trim().to_owned())
    }
}

/// The host and port in the first URL that a server prints. What it prints later is read and forgotten, so that it
/// never waits for a reader.
pub(crate) async fn address_of(child: &mut Child) -> Outcome<String> {
    let mut lines = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, rest)) = line.split_once("http://") {
            let end = rest.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(rest.len());
            let address = rest[..end].to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(address);
        }
    }
    Err("the server ended before it said where it listens".into())
}
