//! What operators rely on: health, numbers, and a server that outlives its handlers' faults.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use caurlaide::{
    app::App,
    clock::Clock,
    config::{Flags, ServerFlags, Settings},
    http, telemetry,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::support::{Client, Server, client::USER};

async fn fault() {
    panic!("s3cret");
}

/// Shows
async fn a_panic_ends_one_request(server: Server) {
    let settings = Settings::load(&Flags::default(), &ServerFlags::default(), |_| None).expect("settings");
    let app = App::new(server.store.clone(), Clock::of(|| 0), server.url.clone(), settings, telemetry::metrics());
    let faulty = Router::new().route("/panic", get(fault)).route("/fine", get(|| async { "fine" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(http::serve(listener, http::guard(faulty, Arc::new(app)), std::future::pending()));
    let client = Client::new(&url, "riga", "").at(&url);
    for _ in 0..3 {
        let detail = client.get("/panic").await.refused(500, "");
        assert!(!detail.contains("s3cret"), "{detail}");
    }
    let fine = reqwest::Client::builder().no_proxy().build().expect("a client").get(format!("{url}/fine")).send().await;
    assert_eq!(fine.expect("an answer").status(), 200);
}

async fn health_is_told_apart(server: Server) {
    let client = server.client().await.with_token("").at(&server.url);
    assert_eq!(client.get("/health/live").await.expect(200).body, json!({ "status": "live" }));
    assert_eq!(client.get("/health/ready").await.expect(200).body, json!({ "status": "ready" }));
    let token = server.client().await.token;
    server.store.clone().close().await.expect("closed");
    client.get("/health/live").await.expect(200);
    client.get("/health/ready").await.expect(503);
    let busy = client.with_token(&token).get("/t/riga/scim/v2/Users").await;
    assert_eq!(busy.header("retry-after"), Some("1"));
    busy.refused(503, "");
}

async fn numbers_are_counted_by_route_and_tenant(server: Server) {
    let client = server.client().await;
    let user = client.user("pers0nal", json!({})).await.id();
    client.get(&format!("/Users/{user}")).await.expect(200);
    client.get("/Users/none").await.refused(404, "");
    client.request("BREW", "/Users").send().await.expect("an answer");
    let text = reqwest::Client::builder().no_proxy().build().expect("a client");
    let text =
        text.get(format!("{}/metrics", server.url)).send().await.expect("an answer").text().await.expect("numbers");
    let line = |parts: &[&str]| text.lines().any(|line| parts.iter().all(|part| line.contains(part)));
    let route = "route=\"/t/{tenant}/scim/v2/Users/{id}\"";
    assert!(
        line(&["caurlaide_http_requests_total", route, "status=\"200\"", "tenant=\"riga\"", "method=\"GET\""]),
        "{text}"
    );
    assert!(line(&["caurlaide_http_requests_total", route, "status=\"404\""]), "{text}");
    assert!(line(&["caurlaide_http_requests_total", "method=\"other\""]), "{text}");
    assert!(line(&["caurlaide_http_request_duration_seconds_bucket", route]), "{text}");
    assert!(!text.contains("pers0nal") && !text.contains(&user), "numbers name nobody");
}

/// Every answer carries the id of its request: the client's, if it is plain.
async fn requests_have_ids(server: Server) {
    let client = server.client().await;
    for (given, kept) in [("abc-1.2_3", true), ("a b", false), (&"x".repeat(65), false), ("<script>", false)] {
        let reply = client.send(client.request("GET", "/Users").header("x-request-id", given)).await;
        assert_eq!(reply.header("x-request-id") == Some(given), kept, "{given}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

/// A client that never ends the head of its request does not hold a connection for long.
async fn slow_heads_are_cut_off(server: Server) {
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n").await.expect("sent");
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection is closed");
    server.client().await.user("a", json!({ "schemas": [USER] })).await;

    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(200 * 1024));
    let _ = stream.write_all(long.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.expect("an end");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

/// A body that does not arrive is not waited for. Shows: X-04
async fn slow_bodies_are_given_up(server: Server) {
    let client = server.client().await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let head = format!(
        "POST /t/riga/scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 100\r\n\r\n{{",
        client.token
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    timeout(Duration::from_secs(40), stream.read_to_end(&mut answer)).await.expect("an end").expect("an answer");
    let answer = String::from_utf8(answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("messages:2.0:Error"), "{answer}");
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
}

/// PostgreSQL is asked for its first statistics once there is something to gather, and not again.
async fn first_statistics_are_gathered(server: Server) {
    let client = server.client().await;
    for number in 0..120 {
        client.user(&format!("u{number}"), json!({})).await;
    }
    server.store.tidy().await.expect("tidied");
    if matches!(server.database.location, store::Location::Sqlite(_)) {
        return;
    }
    let look = server.database.look().await;
    let analyzed = || async {
        let sql = "SELECT analyze_count FROM pg_stat_user_tables WHERE relname = 'resource'";
        let count: (i64,) = sqlx::query_as(sql).fetch_one(&look).await.expect("a count");
        count.0
    };
    // The server's connections tell of their rows within a second or so.
    let begun = tokio::time::Instant::now();
    while analyzed().await == 0 {
        assert!(begun.elapsed() < Duration::from_secs(40), "no statistics were gathered");
        tokio::time::sleep(Duration::from_millis(200)).await;
        client.get("/Users?count=1").await.expect(200);
        server.store.tidy().await.expect("tidied");
    }
    server.store.tidy().await.expect("tidied");
    assert_eq!(analyzed().await, 1);
}

/// The end waits for what runs and no longer: not for connections that are kept, nor for those that never asked.
async fn an_idle_server_stops_at_once(mut server: Server) {
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut others = Vec::new();
    for said in ["", "GET /health/live HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = TcpStream::connect(&address).await.expect("a connection");
        stream.write_all(said.as_bytes()).await.expect("sent");
        others.push(stream);
    }
    let client = server.client().await;
    // Accepted behind the others, and kept alive.
    client.user("a", json!({})).await;
    let stopped = timeout(Duration::from_secs(5), server.stop()).await;
    assert_eq!(stopped, Ok(true));
    drop((client, others));
}

on_both_databases! {
    a_panic_ends_one_request,
    health_is_told_apart,
    numbers_are_counted_by_route_and_tenant,
    requests_have_ids,
    slow_heads_are_cut_off,
    slow_bodies_are_given_up,
    first_statistics_are_gathered,
    an_idle_server_stops_at_once,
}
