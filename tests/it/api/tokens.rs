//! `/t/{tenant}/api/v1/clients/{client}/tokens`

use serde_json::{Value, json};

use super::log;
use crate::support::{Client, Reply, Server};

const HOUR: i64 = 3_600_000;

/// An administrator, and the tokens of a client of theirs.
async fn scene(server: &Server) -> (Client, String) {
    let administrator = server.administrator("riga").await;
    let client = administrator.json("POST", "/clients", &json!({ "name": "Entra" })).await.expect(201).id();
    (administrator, format!("/clients/{client}/tokens"))
}

fn secret(reply: &Reply) -> String {
    reply.body["secret"].as_str().expect("a secret").to_owned()
}

fn reader(server: &Server, reply: &Reply) -> Client {
    Client::new(&server.url, "riga", &secret(reply))
}

async fn states(administrator: &Client, tokens: &str) -> Vec<String> {
    let list = administrator.get(tokens).await.expect(200).body;
    let states = list["items"].as_array().expect("items").iter().map(|token| token["state"].as_str().expect("a state"));
    states.map(str::to_owned).collect()
}

/// A token is shown once, opens what its scopes say until it ends, and several live at once. Shows: T-04
async fn tokens_are_made_and_end(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let new = json!({ "scopes": ["scim.write", "scim.read", "scim.read"], "expiresIn": 3600 });
    let made = administrator.json("POST", &tokens, &new).await.expect(201);
    let path = format!("{tokens}/{}", made.id());
    assert_eq!(made.header("location"), Some(format!("{}{path}", administrator.base).as_str()));
    assert_eq!(made.header("cache-control"), Some("no-store"));
    assert_eq!(made.body["scopes"], json!(["scim.read", "scim.write"]));
    assert_eq!(made.body["expires"], "2026-01-01T01:00:00.000Z");
    let client = reader(&server, &made);
    client.user("anna", json!({})).await;

    let second = administrator.json("POST", &tokens, &json!({ "scopes": ["scim.read"] })).await.expect(201);
    assert_eq!(second.body["expires"], "2027-01-01T00:00:00.000Z", "a year if nobody says");
    let other = reader(&server, &second);
    other.get("/Users").await.expect(200);
    other.delete("/Users/x").await.refused(403, "");

    let shown = administrator.get(&path).await.expect(200).body;
    assert_eq!(shown["state"], "active");
    let list = administrator.get(&tokens).await.expect(200).body;
    for hidden in [&shown, &list] {
        assert!(!hidden.to_string().contains(&secret(&made)[10..]), "a secret is shown once: {hidden:#}");
    }
    server.pass(HOUR);
    client.get("/Users").await.refused(401, "");
    other.get("/Users").await.expect(200);
    assert_eq!(states(&administrator, &tokens).await, ["expired", "active"]);
}

/// When a token is used is known to about a minute.
async fn the_last_use_is_noted(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let made = administrator.json("POST", &tokens, &json!({ "scopes": ["scim.read"] })).await.expect(201);
    let path = format!("{tokens}/{}", made.id());
    assert!(administrator.get(&path).await.expect(200).body.get("lastUsed").is_none());
    server.pass(5000);
    reader(&server, &made).get("/Users").await.expect(200);
    // It is noted beside the request.
    let begun = tokio::time::Instant::now();
    let used = loop {
        let shown = administrator.get(&path).await.expect(200).body;
        match shown.get("lastUsed") {
            Some(used) => break used.clone(),
            None => assert!(begun.elapsed().as_secs() < 10, "the use is not noted"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(used, "2026-01-01T00:00:05.000Z");
    let client = administrator.get(tokens.trim_end_matches("/tokens")).await.expect(200).body;
    assert_eq!(client["lastUsed"], used);
}

/// Both tokens work until the overlap is over.
async fn rotation_overlaps(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let new = json!({ "scopes": ["scim.read"], "expiresIn": 10 * 24 * 3600 });
    let old = administrator.json("POST", &tokens, &new).await.expect(201);
    let rotate = format!("{tokens}/{}/rotate", old.id());
    server.pass(HOUR);
    let fresh = administrator.json("POST", &rotate, &json!({ "overlap": 7200 })).await.expect(201);
    assert_ne!(secret(&fresh), secret(&old));
    assert_eq!(fresh.body["scopes"], json!(["scim.read"]));
    assert_eq!(fresh.body["expires"], "2026-01-11T01:00:00.000Z", "as long as the old one was made for");
    let retiring = administrator.get(&format!("{tokens}/{}", old.id())).await.expect(200).body;
    assert_eq!((&retiring["state"], &retiring["replacedBy"]), (&json!("retiring"), &fresh.body["id"]));
    assert_eq!(retiring["expires"], "2026-01-01T03:00:00.000Z");
    let (before, after) = (reader(&server, &old), reader(&server, &fresh));
    before.get("/Users").await.expect(200);
    after.get("/Users").await.expect(200);
    administrator.json("POST", &rotate, &json!({})).await.problem(409, "conflict");
    server.pass(2 * HOUR - 1);
    before.get("/Users").await.expect(200);
    server.pass(1);
    before.get("/Users").await.refused(401, "");
    after.get("/Users").await.expect(200);
    assert_eq!(states(&administrator, &tokens).await, ["expired", "active"]);

    let log = log(&server).await;
    let last: Vec<_> = log[log.len() - 2..].iter().map(|entry| (entry.1.as_str(), &entry.2["attributes"])).collect();
    assert_eq!(
        last,
        [("created", &json!(["client", "scopes", "expires"])), ("changed", &json!(["expires", "replacedBy"]))]
    );
}

/// No overlap ends the old token at once, even one that was just seen; a long one does not lengthen it.
async fn rotation_can_be_sharp_and_never_lengthens(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let new = json!({ "scopes": ["scim.read"], "expiresIn": 3600 });
    let old = administrator.json("POST", &tokens, &new).await.expect(201);
    reader(&server, &old).get("/Users").await.expect(200);
    let rotation = json!({ "overlap": 0, "expiresIn": 60 });
    let fresh = administrator.json("POST", &format!("{tokens}/{}/rotate", old.id()), &rotation).await.expect(201);
    reader(&server, &old).get("/Users").await.refused(401, "");
    reader(&server, &fresh).get("/Users").await.expect(200);
    assert_eq!(fresh.body["expires"], "2026-01-01T00:01:00.000Z");

    let last = administrator.json("POST", &format!("{tokens}/{}/rotate", fresh.id()), &json!({})).await.expect(201);
    let retiring = administrator.get(&format!("{tokens}/{}", fresh.id())).await.expect(200).body;
    assert_eq!(retiring["expires"], fresh.body["expires"]);
    administrator.delete(&format!("{tokens}/{}", last.id())).await.expect(204);
    for (gone, says) in [(&old, "expired"), (&last, "revoked")] {
        let rotate = format!("{tokens}/{}/rotate", gone.id());
        let detail = administrator.json("POST", &rotate, &json!({})).await.problem(409, "conflict");
        let state = if gone.id() == old.id() { "rotated already" } else { says };
        assert!(detail.contains(state) || detail.contains(says), "{detail}");
    }
}

/// A revocation is felt on this node with the next request. Shows: T-04
async fn revocation_is_at_once(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let made = administrator.json("POST", &tokens, &json!({ "scopes": ["scim.read"] })).await.expect(201);
    let client = reader(&server, &made);
    client.get("/Users").await.expect(200);
    let path = format!("{tokens}/{}", made.id());
    administrator.delete(&path).await.expect(204);
    client.get("/Users").await.refused(401, "");
    server.pass(1000);
    administrator.delete(&path).await.expect(204);
    let shown = administrator.get(&path).await.expect(200).body;
    assert_eq!((&shown["state"], &shown["revoked"]), (&json!("revoked"), &json!("2026-01-01T00:00:00.000Z")));
    let revocations = log(&server).await.iter().filter(|entry| entry.2 == json!({ "attributes": ["revoked"] })).count();
    assert_eq!(revocations, 1, "what was revoked before is not revoked again");
}

/// Readers who come in the middle of a revocation do not bring the token back.
async fn revocation_is_at_once_also_under_load(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    for _ in 0..10 {
        let made = administrator.json("POST", &tokens, &json!({ "scopes": ["scim.read"] })).await.expect(201);
        let (go_on, stop) = tokio::sync::watch::channel(());
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let (client, stop) = (reader(&server, &made), stop.clone());
                tokio::spawn(async move {
                    while !stop.has_changed().unwrap_or(true) {
                        client.get("/Users?count=0").await;
                    }
                })
            })
            .collect();
        reader(&server, &made).get("/Users?count=0").await.expect(200);
        administrator.delete(&format!("{tokens}/{}", made.id())).await.expect(204);
        // Whatever was under way when the revocation was answered comes to its end.
        drop(go_on);
        for reader in readers {
            reader.await.expect("a reader");
        }
        reader(&server, &made).get("/Users?count=0").await.refused(401, "");
    }
}

/// Another node hears of it within five seconds.
async fn revocation_reaches_other_nodes(mut server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let made = administrator.json("POST", &tokens, &json!({ "scopes": ["scim.read"] })).await.expect(201);
    let there = Client::new(&server.another_node(&[]).await, "riga", &secret(&made));
    there.get("/Users").await.expect(200);
    administrator.delete(&format!("{tokens}/{}", made.id())).await.expect(204);
    let revoked = tokio::time::Instant::now();
    while there.get("/Users").await.status != 401 {
        assert!(revoked.elapsed().as_secs() < 5, "a revoked token still works after five seconds");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn values_are_checked(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let made = administrator.json("POST", &tokens, &json!({ "scopes": ["scim.read"] })).await.expect(201);
    let rotate = format!("{tokens}/{}/rotate", made.id());
    let year = 366 * 24 * 3600;
    for (path, body, pointer) in [
        (&tokens, json!({}), ""),
        (&tokens, json!({ "scopes": [] }), "/scopes"),
        (&tokens, json!({ "scopes": ["scim.read", "scim.all"] }), "/scopes/1"),
        (&tokens, json!({ "scopes": ["platform.admin"] }), "/scopes/0"),
        (&tokens, json!({ "scopes": "scim.read" }), "/scopes"),
        (&tokens, json!({ "scopes": [1] }), "/scopes/0"),
        (&tokens, json!({ "scopes": ["scim.read"], "expiresIn": 59 }), "/expiresIn"),
        (&tokens, json!({ "scopes": ["scim.read"], "expiresIn": year + 1 }), "/expiresIn"),
        (&tokens, json!({ "scopes": ["scim.read"], "expiresIn": "1h" }), "/expiresIn"),
        (&rotate, json!({ "overlap": -1 }), "/overlap"),
        (&rotate, json!({ "overlap": 30 * 24 * 3600 + 1 }), "/overlap"),
        (&rotate, json!({ "overlap": 1.5 }), "/overlap"),
        (&rotate, json!({ "expiresIn": 0 }), "/expiresIn"),
    ] {
        let reply = administrator.json("POST", path, &body).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{body}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    assert_eq!(states(&administrator, &tokens).await, ["active"], "nothing was made");
}

/// What a tenant makes by itself is bounded; what no longer works does not count.
async fn tokens_of_a_client_are_bounded(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let new = json!({ "scopes": ["scim.read"] });
    let mut last = String::new();
    for _ in 0..100 {
        last = administrator.json("POST", &tokens, &new).await.expect(201).id();
    }
    administrator.json("POST", &tokens, &new).await.problem(409, "conflict");
    administrator.json("POST", &format!("{tokens}/{last}/rotate"), &json!({})).await.problem(409, "conflict");
    administrator.delete(&format!("{tokens}/{last}")).await.expect(204);
    administrator.json("POST", &tokens, &new).await.expect(201);
}

/// Rotations at once leave one successor.
async fn rotations_at_once_make_one_token(server: Server) {
    let (administrator, tokens) = scene(&server).await;
    let made = administrator.json("POST", &tokens, &json!({ "scopes": ["scim.read"] })).await.expect(201);
    let path = format!("{tokens}/{}/rotate", made.id());
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let (administrator, path) = (administrator.clone(), path.clone());
            tokio::spawn(async move { administrator.json("POST", &path, &json!({})).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for racer in racers {
        statuses.push(racer.await.expect("a racer"));
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[409; 7]].concat());
    assert_eq!(states(&administrator, &tokens).await, ["retiring", "active"]);
}

/// A token for a client that is being deleted, and a client that is being deleted under a token: one of them wins
/// wholly.
async fn nothing_outlives_a_deleted_client(server: Server) {
    let administrator = server.administrator("riga").await;
    for round in 0..10 {
        let new = json!({ "name": format!("client {round}") });
        let client = administrator.json("POST", "/clients", &new).await.expect(201).id();
        let makers: Vec<_> = (0..3)
            .map(|_| {
                let (administrator, path) = (administrator.clone(), format!("/clients/{client}/tokens"));
                tokio::spawn(async move {
                    let made = administrator.json("POST", &path, &json!({ "scopes": ["scim.read"] })).await;
                    assert!(matches!(made.status, 201 | 404), "{:#}", made.body);
                    made.body.get("secret").and_then(Value::as_str).map(str::to_owned)
                })
            })
            .collect();
        administrator.delete(&format!("/clients/{client}")).await.expect(204);
        for maker in makers {
            if let Some(token) = maker.await.expect("a maker") {
                Client::new(&server.url, "riga", &token).get("/Users").await.refused(401, "");
            }
        }
    }
    let live: (i64,) = sqlx::query_as(
        "SELECT count(*) FROM token t JOIN client c ON c.tenant_id = t.tenant_id AND c.id = t.client_id \
         WHERE c.deleted IS NOT NULL AND t.revoked IS NULL",
    )
    .fetch_one(&server.database.look().await)
    .await
    .expect("a count");
    assert_eq!(live.0, 0);
}

on_both_databases! {
    tokens_are_made_and_end,
    the_last_use_is_noted,
    rotation_overlaps,
    rotation_can_be_sharp_and_never_lengthens,
    revocation_is_at_once,
    revocation_is_at_once_also_under_load,
    revocation_reaches_other_nodes,
    values_are_checked,
    tokens_of_a_client_are_bounded,
    rotations_at_once_make_one_token,
    nothing_outlives_a_deleted_client,
}
