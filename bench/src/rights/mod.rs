//! What rights cost in a full tenant: requests, decisions, who has what, leavers, and what happens at night. The measure is the
//! time of a SCIM `GET` by id in the same run.

mod bare;
mod door;
mod night;
mod page;
mod people;
mod scene;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::Instant;

use self::{
    door::Door,
    page::{Night, Row, Table},
    scene::{HELD_BY_LEAVERS, Scene},
};
use crate::{
    Outcome,
    connection::{Call, Connection},
    data::{self, activation},
    database::Database,
    figures::Figures,
    options::Databases,
    page::notes,
    server::{Server, TENANT},
};

/// How to measure rights.
#[derive(Args)]
pub(crate) struct Options {
    /// How many users the tenant has
    #[arg(long, default_value_t = 50_000)]
    pub(crate) users: usize,
    /// How many entitlements
    #[arg(long, default_value_t = 2_000)]
    pub(crate) entitlements: usize,
    /// How many grants
    #[arg(long, default_value_t = 500_000)]
    pub(crate) grants: usize,
    /// How often each thing is done
    #[arg(long, default_value_t = 1_000)]
    pub(crate) times: usize,
    /// How many grants end while it is watched
    #[arg(long, default_value_t = 5_000)]
    pub(crate) expiries: usize,
    /// Which databases the server is started on
    #[arg(long, value_enum, default_value_t = Databases::Both)]
    database: Databases,
    /// The server to start
    #[arg(long, default_value = "target/release/caurlaide")]
    program: PathBuf,
    /// A PostgreSQL server, on which databases are made and dropped; without it only SQLite is measured
    #[arg(long, env = "TEST_DATABASE_URL", hide_env_values = true)]
    postgres: Option<String>,
    /// Where the page goes; `-` is standard output
    #[arg(long, default_value = "docs/performance-rights.md")]
    page: String,
}

impl Options {
    fn databases(&self) -> Vec<Database> {
        let postgres = self.postgres.as_deref().map(Database::postgres);
        match self.database {
            Databases::Sqlite => vec![Database::Sqlite],
            Databases::Postgres => postgres.into_iter().collect(),
            Databases::Both => std::iter::once(Database::Sqlite).chain(postgres).collect(),
        }
    }
}

/// Measures, and writes the page.
pub(crate) async fn measure(options: &Options) -> Outcome<()> {
    if [options.users, options.entitlements, options.times].contains(&0) {
        return Err("there is nothing to measure with none of something".into());
    }
    let mut tables = Vec::new();
    for database in options.databases() {
        eprintln!("{}: filling.", database.title());
        let server = Server::start(&options.program, &database).await?;
        let measured = measure_on(options, &server, &database).await;
        let stopped = server.stop().await;
        // What went wrong first is told.
        tables.push(measured?);
        stopped?;
    }
    let page = page::write(options, today(), &tables);
    if options.page == "-" {
        print!("{page}");
    } else {
        let notes = notes(Path::new(&options.page)).map(|notes| format!("\n## What was tried\n\n{notes}\n"));
        std::fs::write(&options.page, page + &notes.unwrap_or_default())?;
        eprintln!("Written to {}.", options.page);
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a page of measurements says when they were made")]
fn today() -> time::Date {
    OffsetDateTime::now_utc().date()
}

async fn measure_on(options: &Options, server: &Server, database: &Database) -> Outcome<Table> {
    let scim = server.tenant(TENANT).await?;
    let token = server.administrator(TENANT).await?;
    let started = Instant::now();
    let scene = Scene::fill(options, scim, &token).await?;
    let filled = started.elapsed();
    database.settle().await?;
    let mut connection = Connection::open(&scene.scim).await?;
    let mut table = Table { subject: database.title(), filled, rows: Vec::new(), nights: Vec::new() };
    let times = options.times.min(scene.users.len());
    // Numbers that jump about, so that neighbours in time are not neighbours on disk.
    let user = |n: usize| data::scatter(n, scene.users.len());

    let get = |n| Ok(scene.scim.get(format!("/Users/{}", scene.users[user(n)])));
    table.add("get a user by id (SCIM)", None, series(&mut connection, times, get).await?.0);
    let holdings = |n| Ok(scene.api.get(format!("/holdings?user={}", scene.users[user(n)])));
    table.add("who has what, of one person", Some(5.0), series(&mut connection, times, holdings).await?.0);
    // As people do: whoever asks sees first what would come of it, and whoever decides what waits for them.
    let ask = |n| {
        let item = json!({ "kind": "grant", "entitlement": scene.lacking(user(n)), "days": 90 });
        let body = json!({ "justification": "Takes over", "items": [item] }).to_string();
        let person = scene.person(user(n))?;
        let preview = person.call(Method::POST, "/requests?dryRun=true".into(), body.clone());
        Ok([preview, person.call(Method::POST, "/requests".into(), body)])
    };
    let ([previews, figures], requests) = pairs(&mut connection, times, ask).await?;
    table.add("preview a request, by a token not seen before", None, previews);
    table.add("submit it", Some(5.0), figures);
    let decide = |n: usize| {
        let item = &requests[n]["items"][0];
        let id = item["id"].as_str().ok_or("a request without an item")?;
        let vote = json!({ "decision": "approve" }).to_string();
        let manager = scene.manager(user(n))?;
        let vote = manager.call(Method::POST, format!("/request-items/{id}/votes"), vote).matching(&item["version"])?;
        Ok([manager.get(format!("/request-items/{id}")), vote])
    };
    let ([looks, figures], decided) = pairs(&mut connection, times, decide).await?;
    table.add("look at what waits for a decision, by a token not seen before", None, looks);
    if let Some(item) = decided.iter().find(|item| item["state"] != "fulfilled") {
        return Err(format!("a decision gave nothing: {item}").into());
    }
    table.add("decide it, and be a member", Some(5.0), figures);
    let leave =
        |n: usize| Ok(scene.scim.call(Method::PATCH, format!("/Users/{}", scene.leavers[n]), activation(false)));
    let (leaving, without) = scene.leavers.split_at(scene.leavers.len() * 2 / 3);
    let (figures, left) = series(&mut connection, leaving.len(), leave).await?;
    if let Some(user) = left.iter().find(|user| user["groups"].as_array().is_some_and(|groups| !groups.is_empty())) {
        return Err(format!("a leaver has groups: {user}").into());
    }
    table.add(&format!("somebody with {HELD_BY_LEAVERS} memberships leaves"), Some(10.0), figures);
    let mut door = Door::open(server, database).await?;
    let (few, without) = without.split_at(without.len() / 2);
    let versions = bare::leave(&mut door, few, bare::Extent::Versions).await?;
    table.add(
        "the versions of the groups and of the user alone, in bare SQL: two statements, one commit",
        None,
        versions,
    );
    let whole = bare::leave(&mut door, without, bare::Extent::Whole).await?;
    table.add("all that changes, in bare SQL: five statements, one commit", None, whole);
    night::measure(options, server, database, &scene, &mut table).await?;
    Ok(table)
}

/// Sends one request after the other, and gives what was answered.
async fn series(
    connection: &mut Connection,
    times: usize,
    call: impl Fn(usize) -> Outcome<Call>,
) -> Outcome<(Figures, Vec<Value>)> {
    let (mut latencies, mut answers) = (Vec::new(), Vec::new());
    let started = Instant::now();
    for number in 0..times {
        let call = call(number)?;
        let sent = Instant::now();
        let answer = connection.send(&call).await?;
        latencies.push(sent.elapsed());
        answers.push(serde_json::from_slice(&answer)?);
    }
    Ok((Figures::new(latencies, started.elapsed(), None, connection.refused), answers))
}

/// The same in pairs. Gives what the second of each was answered.
async fn pairs(
    connection: &mut Connection,
    times: usize,
    calls: impl Fn(usize) -> Outcome<[Call; 2]>,
) -> Outcome<([Figures; 2], Vec<Value>)> {
    let (mut firsts, mut seconds, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    let started = Instant::now();
    for number in 0..times {
        let [first, second] = calls(number)?;
        let sent = Instant::now();
        connection.send(&first).await?;
        firsts.push(sent.elapsed());
        let sent = Instant::now();
        let answer = connection.send(&second).await?;
        seconds.push(sent.elapsed());
        answers.push(serde_json::from_slice(&answer)?);
    }
    let figures = [firsts, seconds].map(|all| Figures::new(all, started.elapsed(), None, connection.refused));
    Ok((figures, answers))
}

/// An instant so long from now, as requests say it.
#[expect(clippy::disallowed_methods, reason = "what ends, ends by the server's clock")]
fn from_now(time: Duration) -> Outcome<String> {
    Ok((OffsetDateTime::now_utc() + time).replace_nanosecond(0)?.format(&Rfc3339)?)
}

impl Table {
    fn add(&mut self, name: &str, goal: Option<f64>, figures: Figures) {
        eprintln!("{}: {name}: {:.0} µs.", self.subject, figures.p50);
        self.rows.push(Row { name: name.to_owned(), goal, figures });
    }

    fn add_night(&mut self, night: Night) {
        eprintln!("{}: {}: {:.1} s.", self.subject, night.name, night.took.as_secs_f64());
        self.nights.push(night);
    }
}
