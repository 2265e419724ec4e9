//! Measures a SCIM server beside floor servers, and writes what it found as a page.
//!
//! The load comes from this process, over a few connections that each send one request after the other, on the
//! same machine as the server. Authentication, limits, logging and the event log are on, and every write is
//! durable before it is answered.

mod abilities;
mod answer;
mod connection;
mod cursor;
mod data;
mod database;
mod figures;
mod floor;
mod goals;
mod ledger;
mod load;
mod machine;
mod mixture;
mod options;
mod page;
mod processes;
mod rights;
mod rounds;
mod run;
mod scenario;
mod scene;
mod server;

use std::path::Path;

use clap::Parser;
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    options::{Command, Options, Run},
    page::{Conditions, Table},
};

/// Any failure ends the run: there is nothing to save.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let options = Options::parse();
    match &options.command {
        Some(Command::Floor(floor)) => floor::serve(floor).await,
        Some(Command::Rights(options)) => tokio::select! {
            outcome = rights::measure(options) => outcome,
            () = interruption() => Err("interrupted".into()),
        },
        // Interrupted, it lets go of what it started, which ends with it.
        None => tokio::select! {
            outcome = measure(&options.run) => outcome,
            () = interruption() => Err("interrupted".into()),
        },
    }
}

/// Waits until somebody wants this program to end.
async fn interruption() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => (),
        _ = terminate.recv() => (),
    }
}

async fn measure(run: &Run) -> Outcome<()> {
    run.check()?;
    let mut tables = Vec::new();
    for users in &run.users {
        if let Some(url) = &run.url {
            tables.push(run::measure_theirs(run, url, *users).await?);
            continue;
        }
        for database in run::databases(run) {
            tables.push(run::measure_ours(run, &database, *users).await?);
        }
    }
    publish(run, &tables)?;
    if run.url.is_some() {
        return Ok(());
    }
    // The one promise that every run must keep, whatever the machine.
    match tables.iter().filter_map(|table| goals::growth(&table.rows)).find(|growth| *growth > goals::LARGEST_GROWTH) {
        Some(growth) => Err(format!("a change of members costs {growth:.2} times as much in the large group").into()),
        None => Ok(()),
    }
}

#[expect(clippy::disallowed_methods, reason = "a page of measurements says when they were made")]
fn publish(run: &Run, tables: &[Table]) -> Outcome<()> {
    let is_ours = run.url.is_none();
    let conditions = Conditions {
        date: OffsetDateTime::now_utc().date(),
        is_ours,
        floor: if is_ours { None } else { run::databases(run).first().map(database::Database::title) },
        connections: run.connections.into(),
        seconds: run.seconds,
        rounds: run.rounds,
    };
    let Some(path) = run.page() else {
        print!("{}", page::write(&conditions, tables, None));
        return Ok(());
    };
    std::fs::write(path, page::write(&conditions, tables, page::notes(Path::new(path)).as_deref()))?;
    eprintln!("Written to {path}.");
    Ok(())
}
