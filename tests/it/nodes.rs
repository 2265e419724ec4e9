//! Two nodes on one PostgreSQL.

use std::time::Duration;

use serde_json::json;
use sqlx::Row;
use tokio::time::Instant;

use crate::{
    scim::definitions,
    support::{Client, Kind, Server, client::GROUP, server::START},
};

/// How soon one node must feel what another did.
const SOON: Duration = Duration::from_secs(5);

async fn soon(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < SOON, "{what} is not felt within five seconds");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The same client at another node.
async fn beside(server: &mut Server, here: &Client) -> Client {
    let node = server.node().await;
    here.at(&here.base.replace(&server.url, &node))
}

#[tokio::test]
async fn a_token_revoked_on_one_is_refused_on_the_other() {
    let mut server = Server::start(Kind::Postgres).await;
    let other = server.node().await;
    let (id, token) = server.token("riga", &["scim.read"], START + 1_000_000).await;
    let client = Client::new(&other, "riga", &token);
    client.get("/Users").await.expect(200);
    server.revoke("riga", id).await;
    soon("a revocation", async || client.get("/Users").await.status == 401).await;
}

#[tokio::test]
async fn a_schema_registered_on_one_works_on_the_other() {
    let mut server = Server::start(Kind::Postgres).await;
    let here = server.client().await;
    let there = beside(&mut server, &here).await;
    there.get("/Vehicles").await.refused(404, "");
    definitions::schema(&server, definitions::vehicle()).await.expect("defined");
    let kind = json!({ "name": "Vehicle", "endpoint": "/Vehicles", "schema": definitions::vehicle()["id"] });
    definitions::resource_type(&server, kind).await.expect("defined");
    soon("a definition", async || there.get("/Vehicles").await.status == 200).await;
    let car = json!({ "schemas": [definitions::vehicle()["id"]], "plate": "A" });
    let made = there.post("/Vehicles", &car).await.expect(201).id();
    here.get(&format!("/Vehicles/{made}")).await.expect(200);
    there.delete(&format!("/Vehicles/{made}")).await.expect(204);

    // What one node takes back, no other writes by any more, however short a time it has known.
    server.directory().await.remove_type("Vehicle", None).await.expect("removed");
    let late = there.post("/Vehicles", &car).await;
    assert!(matches!(late.status, 503 | 404), "{}", late.status);
    soon("a removal", async || there.get("/Vehicles").await.status == 404).await;
    assert_eq!(here.get("").await.body["totalResults"], 0);
}

#[tokio::test]
async fn writes_through_both_lose_nothing() {
    let mut server = Server::start(Kind::Postgres).await;
    let here = server.client().await;
    let there = beside(&mut server, &here).await;
    let group = here.group("g", &[]).await.id();
    let mut tasks = Vec::new();
    for number in 0..40 {
        let client = if number % 2 == 0 { here.clone() } else { there.clone() };
        let group = group.clone();
        tasks.push(tokio::spawn(async move {
            let user = client.user(&format!("u{number}"), json!({})).await.id();
            let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
            client.patch(&format!("/Groups/{group}"), add).await.expect(204);
            user
        }));
    }
    let mut users = Vec::new();
    for task in tasks {
        users.push(task.await.expect("written"));
    }
    users.sort_unstable();
    for client in [&here, &there] {
        let group = client.get(&format!("/Groups/{group}")).await.expect(200).body;
        let members = group["members"].as_array().expect("members");
        let mut members: Vec<&str> = members.iter().filter_map(|member| member["value"].as_str()).collect();
        members.sort_unstable();
        assert_eq!(members, users);
        assert_eq!(group["meta"]["version"], "W/\"41\"", "every change counts");
        assert_eq!(client.get("/Users?count=0").await.body["totalResults"], 40);
    }
    let both = |client: &Client| {
        let client = client.clone();
        let twin = json!({ "schemas": [GROUP], "displayName": "twin" });
        tokio::spawn(async move { client.post("/Groups", &twin).await.status })
    };
    let (one, two) = (both(&here), both(&there));
    let mut statuses = [one.await.expect("an answer"), two.await.expect("an answer")];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

/// A cursor of one node is good on the other.
#[tokio::test]
async fn pages_go_on_at_the_other() {
    let mut server = Server::start(Kind::Postgres).await;
    let here = server.client().await;
    let there = beside(&mut server, &here).await;
    for name in ["a", "b", "c"] {
        here.user(name, json!({})).await;
    }
    let first = here.get("/Users?cursor&count=2").await.expect(200);
    let next = first.body["nextCursor"].as_str().expect("a cursor");
    let second = there.get(&format!("/Users?cursor={next}&count=2")).await.expect(200);
    assert_eq!(Client::names(&second), ["c"]);
}

/// What a node has not heard of yet is not passed over in silence: it looks before it says that nothing changed.
#[tokio::test]
async fn nothing_is_said_to_be_unchanged_by_definitions_of_before() {
    let mut server = Server::start(Kind::Postgres).await;
    definitions::schema(&server, definitions::vehicle()).await.expect("defined");
    let here = server.client().await;
    let there = beside(&mut server, &here).await;
    let user = here.user("a", json!({})).await.id();
    there.get(&format!("/Users/{user}")).await.expect(200);
    definitions::badge_for_users(&server).await;
    let badge = definitions::badge()["id"].as_str().expect("an id").to_owned();
    let set = json!([{ "op": "add", "value": { (badge.as_str()): { "number": "7" } } }]);
    let mut reply = there.patch(&format!("/Users/{user}"), set.clone()).await;
    let started = Instant::now();
    while reply.status == 503 {
        assert!(started.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(50)).await;
        reply = there.patch(&format!("/Users/{user}"), set.clone()).await;
    }
    assert_eq!(reply.expect(200).body[badge.as_str()]["number"], "7", "what was acknowledged is there");
}

/// Those who join, those who leave and those who rename a group meet from both sides.
#[tokio::test]
async fn a_group_that_changes_in_every_way_counts_every_change() {
    let mut server = Server::start(Kind::Postgres).await;
    let here = server.client().await;
    let there = beside(&mut server, &here).await;
    let mut users = Vec::new();
    for number in 0..16 {
        users.push(here.user(&format!("u{number}"), json!({})).await.id());
    }
    let (leave, join) = users.split_at(8);
    let members: Vec<&str> = leave.iter().map(String::as_str).collect();
    let group = here.group("g", &members).await.id();
    let path = format!("/Groups/{group}");
    let mut tasks = Vec::new();
    for (at, user) in users.iter().enumerate() {
        let client = if at % 2 == 0 { here.clone() } else { there.clone() };
        let op = if at < 8 { "remove" } else { "add" };
        let change = json!([{ "op": op, "path": "members", "value": [{ "value": user }] }]);
        let rename = json!([{ "op": "replace", "path": "displayName", "value": format!("g{at}") }]);
        let other = if at % 2 == 0 { there.clone() } else { here.clone() };
        for (client, operations) in [(client, change), (other, rename)] {
            let path = path.clone();
            tasks.push(tokio::spawn(async move { client.patch(&path, operations).await.expect(204) }));
        }
    }
    for task in tasks {
        task.await.expect("written");
    }
    let now = there.get(&path).await.expect(200).body;
    let mut left: Vec<&str> =
        now["members"].as_array().expect("members").iter().filter_map(|member| member["value"].as_str()).collect();
    let mut joined: Vec<&str> = join.iter().map(String::as_str).collect();
    left.sort_unstable();
    joined.sort_unstable();
    assert_eq!(left, joined);
    assert_eq!(now["meta"]["version"], "W/\"33\"");
    let rows = sqlx::query("SELECT version FROM event WHERE kind = 'Group' ORDER BY version")
        .fetch_all(&server.database.look().await)
        .await
        .expect("events");
    let versions: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(versions, (1..=33).collect::<Vec<i64>>(), "one event a version");
}

/// The database ends every connection: one request hears of it, and those after it do not.
#[tokio::test]
async fn connections_that_were_ended_are_not_used_again() {
    let server = Server::start(Kind::Postgres).await;
    let client = server.client().await;
    let user = client.user("a", json!({})).await.id();
    let path = format!("/Users/{user}");
    let reads: Vec<_> = (0..8)
        .map(|_| {
            let (client, path) = (client.clone(), path.clone());
            tokio::spawn(async move { client.get(&path).await.status })
        })
        .collect();
    for read in reads {
        assert_eq!(read.await.expect("an answer"), 200);
    }
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
               AND application_name = 'caurlaide'";
    sqlx::query(end).fetch_all(&server.database.look().await).await.expect("ended");
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(client.get(&path).await.status);
    }
    assert!(statuses.iter().filter(|status| **status != 200).count() <= 1, "{statuses:?}");
    assert_eq!(statuses.last(), Some(&200));
}

/// Whoever has given up before the group was free is not written afterwards.
#[tokio::test]
async fn who_gave_up_in_a_crowd_does_not_join() {
    let server = Server::start(Kind::Postgres).await;
    let client = server.client().await;
    let group = client.group("g", &[]).await.id();
    let (first, second) = (client.user("a", json!({})).await.id(), client.user("b", json!({})).await.id());
    let third = client.user("c", json!({})).await.id();
    let pool = server.database.look().await;
    let mut holding = pool.begin().await.expect("a transaction");
    // There is one group.
    sqlx::query("SELECT 1 FROM resource WHERE kind = 'Group' FOR UPDATE").fetch_all(&mut *holding).await.expect("held");
    let join = |user: &str| {
        let (client, path) = (client.clone(), format!("/Groups/{group}"));
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
        tokio::spawn(async move { client.patch(&path, add).await.status })
    };
    let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let goes = join(&first);
    soon("a statement that waits", async || !sqlx::query(waits).fetch_all(&pool).await.expect("a look").is_empty())
        .await;
    let gives_up = join(&second);
    // The server sees it before it sees what comes behind it.
    client.get("/Users").await.expect(200);
    gives_up.abort();
    assert!(gives_up.await.is_err());
    client.get("/Users").await.expect(200);
    holding.rollback().await.expect("released");
    assert_eq!(goes.await.expect("an answer"), 204);
    // Who comes next comes behind whoever waited.
    assert_eq!(join(&third).await.expect("an answer"), 204);
    let now = client.get(&format!("/Groups/{group}")).await.expect(200).body;
    let mut members: Vec<&str> =
        now["members"].as_array().expect("members").iter().filter_map(|member| member["value"].as_str()).collect();
    members.sort_unstable();
    assert_eq!(members, [first.as_str(), third.as_str()], "{now:#}");
}
