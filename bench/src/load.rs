//! Connections that send one request after the other, and what is measured of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    Outcome,
    connection::{Call, Connection, Target},
    figures::Figures,
    processes::Meter,
};

/// A kind of request, the n-th of which is made by a function. Clones share the count, which goes on from round to
/// round.
#[derive(Clone)]
pub(crate) struct Load {
    call: Arc<dyn Fn(usize) -> Call + Send + Sync>,
    made: Arc<AtomicUsize>,
}

impl Load {
    pub(crate) fn new(call: impl Fn(usize) -> Call + Send + Sync + 'static) -> Self {
        Self { call: Arc::new(call), made: Arc::default() }
    }

    /// The next request.
    pub(crate) fn next(&self) -> Call {
        (self.call)(self.made.fetch_add(1, Ordering::Relaxed))
    }
}

/// Measures a load, after warming up for a quarter of the time.
pub(crate) async fn measure(
    load: &Load,
    target: &Target,
    meter: Option<&Meter>,
    connections: usize,
    time: Duration,
) -> Outcome<Figures> {
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(Connection::open(target).await?);
    }
    let start = Instant::now() + time / 4;
    let end = start + time;
    let workers: Vec<_> =
        opened.into_iter().map(|connection| tokio::spawn(work(load.clone(), connection, start, end))).collect();
    sleep_until(start).await;
    let before = read(meter).await?;
    sleep_until(end).await;
    let after = read(meter).await?;
    let (mut latencies, mut refused) = (Vec::new(), 0);
    for worker in workers {
        let (its_latencies, its_refused) = worker.await??;
        latencies.extend(its_latencies);
        refused += its_refused;
    }
    let used = before.zip(after).map(|(before, after)| after.since(&before));
    Ok(Figures::new(latencies, time, used, refused))
}

async fn read(meter: Option<&Meter>) -> Outcome<Option<crate::processes::Usage>> {
    match meter {
        Some(meter) => Ok(Some(meter.read().await?)),
        None => Ok(None),
    }
}

/// One connection's work: the latencies of what it sent after the start, and how often it was refused.
async fn work(load: Load, mut connection: Connection, start: Instant, end: Instant) -> Outcome<(Vec<Duration>, usize)> {
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let call = load.next();
        let sent = Instant::now();
        connection.send(&call).await?;
        if sent >= start {
            latencies.push(sent.elapsed());
        }
    }
    Ok((latencies, connection.refused))
}

/// Measures one client in a thread of its own, so that it does not queue behind other connections of this program.
pub(crate) async fn measure_alone(load: &Load, target: &Target, time: Duration) -> Outcome<Figures> {
    let (load, target) = (load.clone(), target.clone());
    let client = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(measure(&load, &target, None, 1, time))
    });
    client.await?
}

/// Measures one client while another load floods the server from many connections.
pub(crate) async fn measure_beside(
    load: &Load,
    target: &Target,
    flood: (&Load, &Target, usize),
    time: Duration,
) -> Outcome<Figures> {
    let (flood, flooded, connections) = flood;
    // The flood is there before the client comes, and until it is done.
    let ahead = time / 4;
    let client = async {
        sleep(ahead).await;
        measure_alone(load, target, time).await
    };
    let (_, figures) = tokio::try_join!(measure(flood, flooded, None, connections, time + ahead + ahead), client)?;
    Ok(figures)
}
