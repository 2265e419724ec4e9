//! Two nodes on one PostgreSQL.

use std::time::Duration;

use serde_json::json;
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
    server.directory().await.remove_type("Vehicle").await.expect("removed");
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
