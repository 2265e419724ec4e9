//! Measures a release server on SQLite and on PostgreSQL, and writes what it found as a page.
//!
//! The load comes from this process, over a few connections that each send one request after the other, on the
//! same machine as the server. Authentication, limits, logging and the event log are on, and every write is
//! durable before it is answered.

mod load;
mod machine;
mod page;
mod scenes;
mod server;

use std::{path::PathBuf, time::Duration};

use clap::Parser;

use crate::{
    page::Table,
    scenes::Scene,
    server::{Database, Server},
};

/// How much more a change of members may cost in the largest group than in the smallest.
const LARGEST_GROWTH: f64 = 1.5;

/// Any failure ends the run: there is nothing to save.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measure a release server and write docs/performance.md.
#[derive(Parser)]
struct Options {
    /// How many users the tenant has, one run each
    #[arg(long, value_delimiter = ',', default_value = "1000,100000")]
    users: Vec<usize>,
    /// How many connections send requests
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// How long each scenario is measured in each round, in seconds
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// How many rounds there are; every scenario is measured once in each, and medians are reported
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The server to measure
    #[arg(long, default_value = "target/release/caurlaide")]
    program: PathBuf,
    /// A PostgreSQL server, on which databases are made and dropped; without it only SQLite is measured
    #[arg(long, env = "TEST_DATABASE_URL")]
    postgres: Option<String>,
    /// Where the page goes; `-` is standard output
    #[arg(long, default_value = "docs/performance.md")]
    page: String,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let options = Options::parse();
    if !options.program.exists() {
        return Err(format!("there is no {}; run `cargo build --release` first", options.program.display()).into());
    }
    let mut databases = vec![Database::Sqlite];
    databases.extend(options.postgres.clone().map(Database::Postgres));
    let mut tables = Vec::new();
    for users in &options.users {
        for database in &databases {
            tables.push(measure(&options, database, *users).await?);
        }
    }
    let text = page::write(&tables, options.connections, options.seconds, options.rounds);
    if options.page == "-" {
        print!("{text}");
    } else {
        std::fs::write(&options.page, text)?;
        eprintln!("Written to {}.", options.page);
    }
    // The one promise that every run must keep, whatever the machine.
    match tables.iter().filter_map(|table| page::growth(&table.rows)).find(|growth| *growth > LARGEST_GROWTH) {
        Some(growth) => Err(format!("a change of members costs {growth:.2} times as much in the large group").into()),
        None => Ok(()),
    }
}

async fn measure(options: &Options, database: &Database, users: usize) -> Outcome<Table> {
    eprintln!("{} with {users} users: filling.", database.name());
    let server = Server::start(&options.program, database).await?;
    let scene = Scene::fill(&server, users, options.connections).await?;
    let scenarios = scene.scenarios();
    let mut rows: Vec<Vec<load::Figures>> = scenarios.iter().map(|_| Vec::new()).collect();
    for round in 1..=options.rounds {
        for (scenario, figures) in scenarios.iter().zip(&mut rows) {
            eprintln!(
                "{} with {users} users: round {round} of {}, {}.",
                database.name(),
                options.rounds,
                scenario.name
            );
            let time = Duration::from_secs(options.seconds);
            figures.push(load::run(&server, scenario, options.connections, time).await?);
        }
    }
    let names = scenarios.iter().map(|scenario| scenario.name.clone());
    let rows = names.zip(rows.into_iter().map(load::Figures::median)).collect();
    let table = Table { database: database.name(), users, seeded: scene.seeded, rows, memory: server.peak_memory() };
    server.stop(database).await?;
    Ok(table)
}
