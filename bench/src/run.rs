//! A run: servers are started and filled, scenarios and floors are measured in turn.

use std::sync::Arc;

use bytes::Bytes;
use hyper::Method;
use tokio::time::Instant;

use crate::{
    Outcome,
    abilities::Abilities,
    connection::{Connection, Target},
    cursor::Ends,
    data,
    database::Database,
    floor::{Floor, Sizes},
    ledger::Ledger,
    options::{Databases, Run},
    page::{Memory, Table},
    processes::Meter,
    rounds::Measured,
    scenario::{READ_GROUP, Setting},
    scene::{self, Neighbour, Scene},
    server::{Server, TENANT},
};

/// The largest body that the server takes, in bytes.
const LARGEST_BODY: usize = 8 * 1024 * 1024;
/// How many members one request adds or removes while memory is measured.
const MANY_MEMBERS: usize = 10_000;
/// How many users the other tenant of a flood has.
const OTHER_USERS: usize = 200;
/// How many each further tenant has.
const FEW_USERS: usize = 5;

/// What is measured, and what was started for it.
pub(crate) struct Subject<'a> {
    pub(crate) name: String,
    pub(crate) target: &'a Target,
    other: Option<&'a Target>,
    /// Further tenants.
    more: &'a [Neighbour],
    pub(crate) meter: Option<&'a Meter>,
    /// Where the server keeps what it stores, if that is known.
    pub(crate) database: Option<&'a Database>,
    /// The floor's database.
    floor: Database,
}

/// The databases that the run is about.
pub(crate) fn databases(run: &Run) -> Vec<Database> {
    let postgres = run.postgres.as_deref().map(Database::postgres);
    match run.database {
        Databases::Sqlite => vec![Database::Sqlite],
        Databases::Postgres => postgres.into_iter().collect(),
        Databases::Both => std::iter::once(Database::Sqlite).chain(postgres).collect(),
    }
}

/// Measures a server that is started here, on a database of its own.
pub(crate) async fn measure_ours(run: &Run, database: &Database, users: usize) -> Outcome<Table> {
    eprintln!("{} with {users} users: filling.", database.title());
    let server = Server::start(&run.program, database).await?;
    let target = server.tenant(TENANT).await?;
    let other = server.tenant("other").await?;
    let more = make_tenants(&server, run.tenants).await?;
    let subject = Subject {
        name: database.title().to_owned(),
        target: &target,
        other: Some(&other),
        more: &more,
        meter: Some(&server.meter),
        database: Some(database),
        floor: database.of_floor(),
    };
    let measured = subject.measure(run, users).await;
    let stopped = server.stop().await;
    // What went wrong first is told.
    let table = measured?;
    stopped.map(|()| table)
}

/// Makes the tenants beside the measured one and the other one, with a few users each.
async fn make_tenants(server: &Server, tenants: usize) -> Outcome<Vec<Neighbour>> {
    let started = Instant::now();
    let mut made = Vec::new();
    for target in server.tenants(tenants.saturating_sub(2)).await? {
        let users = scene::create_users(&target, FEW_USERS, 0, 1).await?;
        made.push(Neighbour { target, users });
    }
    if !made.is_empty() {
        eprintln!("  {} more tenants in {:.1} s", made.len(), started.elapsed().as_secs_f64());
    }
    Ok(made)
}

/// Measures a server that runs already, and removes what was made there.
pub(crate) async fn measure_theirs(run: &Run, url: &str, users: usize) -> Outcome<Table> {
    let (ledger, other_ledger) = (Arc::<Ledger>::default(), Arc::<Ledger>::default());
    let target = Target::with_ledger(url, run.token.as_deref(), Some(Arc::clone(&ledger)))?;
    let other = run
        .other_url
        .as_deref()
        .map(|url| Target::with_ledger(url, run.other_token.as_deref(), Some(Arc::clone(&other_ledger))));
    let other = other.transpose()?;
    let meter = if run.pid.is_empty() { None } else { Some(Meter::new(run.pid.clone(), &Database::Sqlite).await?) };
    let floor = databases(run).remove(0).of_floor();
    let subject = Subject {
        name: url.to_owned(),
        target: &target,
        other: other.as_ref(),
        more: &[],
        meter: meter.as_ref(),
        database: None,
        floor,
    };
    eprintln!("{url} with {users} users: filling.");
    let measured = subject.measure(run, users).await;
    let connections = usize::from(run.connections);
    let cleared = clear(&[(Some(&target), &ledger), (other.as_ref(), &other_ledger)], connections).await;
    let table = measured?;
    cleared.map(|()| table)
}

async fn clear(ledgers: &[(Option<&Target>, &Ledger)], connections: usize) -> Outcome<()> {
    for (target, ledger) in ledgers {
        if let Some(target) = target {
            ledger.clear(target, connections).await?;
        }
    }
    Ok(())
}

impl Subject<'_> {
    async fn measure(&self, run: &Run, users: usize) -> Outcome<Table> {
        let abilities = Abilities::of(self.target).await?;
        let connections = usize::from(run.connections);
        let scene = Scene::fill(self.target, abilities, users, &run.group_sizes(users), connections).await?;
        let other = match self.other {
            Some(other) if run.wants("neighbour") => {
                Some(Scene::fill(other, abilities, OTHER_USERS, &[10], connections).await?)
            }
            _ => None,
        };
        if let Some(database) = self.database {
            database.settle().await?;
        }
        let walks = abilities.cursor && (run.wants("list-first") || run.wants("list-last"));
        let ends = if walks { Some(Ends::find(self.target).await?) } else { None };
        let sizes = sizes(&scene).await?;
        let floor = if run.has_floors() { Some(Floor::start(self.floor.clone(), sizes).await?) } else { None };
        let (other, floor_ref) = (other.as_ref(), floor.as_ref());
        let setting = Setting { scene: &scene, other, more: self.more, floor: floor_ref, abilities, ends };
        let measured = self.rounds(run, &setting).await;
        if let Some(floor) = floor {
            floor.stop().await?;
        }
        let Measured { rows, fixed, left_out } = measured?;
        Ok(Table {
            subject: self.name.clone(),
            users,
            tenants: run.tenants,
            made: scene.made,
            filled: scene.filled,
            by_bulk: abilities.bulk > 1,
            rows,
            fixed,
            left_out,
            memory: self.memory(&scene).await?,
        })
    }

    /// What the server holds now, and how much more while it answers with every member of the largest group.
    async fn memory(&self, scene: &Scene) -> Outcome<Option<Memory>> {
        let Some(meter) = self.meter else { return Ok(None) };
        let (held, peak) = (meter.memory(), meter.peak_memory());
        let Some(group) = scene.largest_group().filter(|_| meter.forget_peak()) else {
            return Ok(Some(Memory { held, peak, answer: None, writes: Vec::new() }));
        };
        let call = self.target.get(format!("/Groups/{}", group.id));
        Connection::open(self.target).await?.send(&call).await?;
        let answer = Some((group.size, (meter.peak_memory() - held).max(0.0)));
        let writes = match self.database {
            Some(_) => self.memory_of_writes(meter, &scene.users[..group.size.min(scene.users.len())]).await?,
            None => Vec::new(),
        };
        Ok(Some(Memory { held, peak, answer, writes }))
    }

    /// How much more the server holds while a group with these members is made, while many of them go and come again, and while it is deleted.
    async fn memory_of_writes(&self, meter: &Meter, members: &[String]) -> Outcome<Vec<(String, f64)>> {
        let body = data::full_group("group for memory", members);
        if body.len() > LARGEST_BODY {
            return Ok(Vec::new());
        }
        let some = &members[..members.len().min(MANY_MEMBERS)];
        let mut connection = Connection::open(self.target).await?;
        let mut measured = Vec::new();
        let mut send = async |what: String, method: Method, path: &str, body: String| -> Outcome<Bytes> {
            meter.forget_peak();
            let held = meter.memory();
            let answer = connection.send(&self.target.call(method, path.to_owned(), body)).await?;
            measured.push((what, (meter.peak_memory() - held).max(0.0)));
            Ok(answer)
        };
        let made = send(format!("POST of a group of {}", members.len()), Method::POST, "/Groups", body).await?;
        let path = format!("/Groups/{}", scene::id_of(&made)?);
        send(format!("PATCH that removes {} of them", some.len()), Method::PATCH, &path, data::removals(some)).await?;
        send(format!("PATCH that adds {}", some.len()), Method::PATCH, &path, data::addition(some)).await?;
        send("DELETE of the group".to_owned(), Method::DELETE, &path, String::new()).await?;
        Ok(measured)
    }
}

/// How long the server's answers are, so that the floor's are as long.
async fn sizes(scene: &Scene) -> Outcome<Sizes> {
    let mut connection = Connection::open(&scene.target).await?;
    let user = scene.users.first().ok_or("there are no users")?;
    let document = connection.send(&scene.target.get(format!("/Users/{user}"))).await?.len();
    let group = match scene.groups.iter().find(|group| group.size == READ_GROUP) {
        Some(group) => connection.send(&scene.target.get(format!("/Groups/{}", group.id))).await?.len(),
        None => document,
    };
    Ok(Sizes { documents: scene.users.len(), document, group })
}
