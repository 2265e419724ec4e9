//! What happens at night and when time is over, while somebody writes.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    Outcome,
    connection::{Connection, Target},
    data,
    database::Database,
    figures::Figures,
    rights::{
        Options,
        door::Door,
        from_now,
        page::{Night, Table},
        scene::Scene,
        series,
    },
    server::Server,
};

/// Lets the night come now.
const COME: &str = "UPDATE timer SET due = 0 WHERE kind = 'nightly'";
/// How long a night may take.
const PATIENCE: Duration = Duration::from_hours(1);
/// How often it is looked whether it is over.
const LOOK: Duration = Duration::from_millis(100);
/// How long the writer is watched on a quiet server, in requests.
const QUIET: usize = 300;
/// How long what ends takes to be made, at most.
const AHEAD: Duration = Duration::from_mins(1);

/// Looks at two nights, of which the first gives what rules say, and at grants that end.
pub(crate) async fn measure(
    options: &Options,
    server: &Server,
    database: &Database,
    scene: &Scene,
    table: &mut Table,
) -> Outcome<()> {
    let mut door = Door::open(server, database).await?;
    let mut connection = Connection::open(&scene.scim).await?;
    let write = |n: usize| Ok(scene.scim.call(hyper::Method::PATCH, path(scene, n), data::renaming(n)));
    table.add("rename somebody (SCIM), meanwhile nothing else", None, series(&mut connection, QUIET, write).await?.0);
    for name in ["a night in which rules give what they say", "a night in which nothing changes"] {
        door.tell(COME).await?;
        let (took, writer) = watch(&mut door, "nightly", scene).await?;
        table.add_night(Night { name: name.to_owned(), took, writer });
    }
    let until = from_now(AHEAD)?;
    let begun = Instant::now();
    for number in 0..options.expiries.min(scene.users.len()) {
        connection.send(&scene.ending(scene.users.len() - 1 - number, &until)).await?;
    }
    if begun.elapsed() >= AHEAD {
        return Err("what ends took too long to be made; take fewer --expiries".into());
    }
    sleep_until(begun + AHEAD).await;
    let (took, writer) = watch(&mut door, "end", scene).await?;
    table.add_night(Night { name: format!("{} grants end", options.expiries), took, writer });
    Ok(())
}

fn path(scene: &Scene, number: usize) -> String {
    format!("/Users/{}", scene.users[data::scatter(number, scene.users.len())])
}

/// Writes until nothing of that kind is due. How long that took, and how the writer fared.
async fn watch(door: &mut Door, kind: &str, scene: &Scene) -> Outcome<(Duration, Figures)> {
    let started = Instant::now();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let writer = tokio::spawn(keep_writing(scene.scim.clone(), scene.users.clone(), stopped));
    loop {
        sleep(LOOK).await;
        if door.left(kind).await? == 0 {
            break;
        }
        if started.elapsed() > PATIENCE {
            return Err(format!("timers of the kind {kind} are still due after an hour").into());
        }
    }
    let took = started.elapsed();
    stop.send(true)?;
    Ok((took, writer.await??))
}

async fn keep_writing(
    scim: Target,
    users: Vec<String>,
    stopped: tokio::sync::watch::Receiver<bool>,
) -> Outcome<Figures> {
    let mut connection = Connection::open(&scim).await?;
    let (started, mut latencies) = (Instant::now(), Vec::new());
    while !*stopped.borrow() {
        let number = latencies.len();
        let path = format!("/Users/{}", users[data::scatter(number, users.len())]);
        let call = scim.call(hyper::Method::PATCH, path, data::renaming(number + 1_000_000));
        let sent = Instant::now();
        connection.send(&call).await?;
        latencies.push(sent.elapsed());
    }
    Ok(Figures::new(latencies, started.elapsed(), None, connection.refused))
}
