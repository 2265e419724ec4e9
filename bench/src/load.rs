//! Connections that send one request after the other, and what is measured of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, client::conn::http1::SendRequest, header};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::{Outcome, server::Server};

/// What is sent: a method, a path below the base, a body, and the status that is right.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) status: u16,
}

/// A kind of request, the n-th of which is made by a function.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) call: Arc<dyn Fn(usize) -> Call + Send + Sync>,
    /// How many were made; it goes on from round to round.
    pub(crate) made: Arc<AtomicUsize>,
}

/// What one scenario came to.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    /// Microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Microseconds of processor time of the server for a request.
    pub(crate) server: f64,
    /// The same of the database's own processes.
    pub(crate) database: f64,
}

impl Figures {
    /// Each figure's median over the rounds.
    #[expect(clippy::needless_pass_by_value, reason = "the rounds are used up")]
    pub(crate) fn median(rounds: Vec<Self>) -> Self {
        let of = |figure: fn(&Self) -> f64| {
            let mut values: Vec<f64> = rounds.iter().map(figure).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(0.0)
        };
        Self {
            per_second: of(|f| f.per_second),
            p50: of(|f| f.p50),
            p99: of(|f| f.p99),
            server: of(|f| f.server),
            database: of(|f| f.database),
        }
    }
}

/// A connection to the server.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    base: String,
    address: String,
    authorization: String,
}

impl Connection {
    pub(crate) async fn open(server: &Server) -> Outcome<Self> {
        let stream = TcpStream::connect(&server.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let authorization = format!("Bearer {}", server.token);
        Ok(Self { sender, base: server.base.clone(), address: server.address.clone(), authorization })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&mut self, call: &Call) -> Outcome<Bytes> {
        let request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.base, call.path))
            .header(header::HOST, &self.address)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/scim+json")
            .body(Full::new(Bytes::from(call.body.clone())))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        if status != call.status {
            let text = String::from_utf8_lossy(&body).into_owned();
            return Err(format!("{} {} answers {status}: {text}", call.method, call.path).into());
        }
        Ok(body)
    }
}

/// Measures a scenario, after warming up for a quarter of the time.
pub(crate) async fn run(server: &Server, scenario: &Scenario, connections: usize, time: Duration) -> Outcome<Figures> {
    let start = Instant::now() + time / 4;
    let end = start + time;
    let mut workers = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(server).await?;
        let (call, made) = (Arc::clone(&scenario.call), Arc::clone(&scenario.made));
        workers.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while Instant::now() < end {
                let call = call(made.fetch_add(1, Ordering::Relaxed));
                let sent = Instant::now();
                connection.send(&call).await?;
                if sent >= start {
                    latencies.push(sent.elapsed());
                }
            }
            Outcome::Ok(latencies)
        }));
    }
    sleep(start - Instant::now()).await;
    let before = server.processor_time();
    sleep(end - Instant::now()).await;
    let after = server.processor_time();
    let mut latencies = Vec::new();
    for worker in workers {
        latencies.extend(worker.await??);
    }
    Ok(figures(latencies, time, before, after))
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
fn figures(
    mut latencies: Vec<Duration>,
    time: Duration,
    before: (Duration, Duration),
    after: (Duration, Duration),
) -> Figures {
    latencies.sort_unstable();
    let count = latencies.len();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let at = |percent: usize| latencies.get((count * percent / 100).min(count.saturating_sub(1))).copied();
    let each = |used: Duration| micros(used) / count.max(1) as f64;
    Figures {
        per_second: count as f64 / time.as_secs_f64(),
        p50: micros(at(50).unwrap_or_default()),
        p99: micros(at(99).unwrap_or_default()),
        server: each(after.0.saturating_sub(before.0)),
        database: each(after.1.saturating_sub(before.1)),
    }
}
