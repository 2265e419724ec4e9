//! `/t/{tenant}/api/v1/grants`

use serde_json::{Value, json};
use sqlx::Row;

use super::Scene;
use crate::support::Server;

/// Given by hand, somebody is a member in the same moment; taken, they are not. The group has new versions, and both logs
/// say who it was.
async fn what_is_given_by_hand_is_there_at_once(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let group = scene.writer.group("tax", &[]).await.id();
    scene.entitle(&group, "tax", "grants").await;
    let new = json!({ "user": anna, "entitlement": group, "reason": " until the post is filled\n(HR 12) " });
    let given = scene.administrator.json("POST", "/grants", &new).await.expect(201);
    let path = format!("/grants/{}", given.id());
    assert_eq!(given.header("location"), Some(format!("{}{path}", scene.administrator.base).as_str()));
    assert_eq!(given.body["given"]["reason"], "until the post is filled\n(HR 12)");
    assert!(given.body["given"]["client"].is_string());
    assert_eq!((&given.body["state"], &given.body["source"]), (&json!("active"), &json!("administrator")));
    assert_eq!(scene.administrator.get(&path).await.expect(200).body, given.body);
    let shown = scene.writer.get(&format!("/Users/{anna}")).await.body;
    assert_eq!(shown["groups"][0]["value"], json!(group));
    assert_eq!(scene.writer.get(&format!("/Groups/{group}")).await.etag(), "W/\"2\"");
    scene.administrator.json("POST", "/grants", &new).await.problem(409, "taken");

    scene.server.pass(60_000);
    let revoked = scene.revoke(&given.id()).await;
    assert_eq!((&revoked["state"], &revoked["ending"]), (&json!("ended"), &json!("administrator")));
    assert_eq!((&revoked["ended"], &revoked["stillHeld"]), (&json!("2026-01-01T00:01:00.000Z"), &json!(false)));
    assert_eq!(revoked["taken"]["reason"], "a test");
    assert_eq!(scene.writer.get(&format!("/Groups/{group}")).await.etag(), "W/\"3\"");
    assert!(scene.members(&group).await.is_empty());
    let log = sqlx::query("SELECT kind, action, changes FROM event WHERE kind IN ('Grant', 'Group') ORDER BY seq")
        .fetch_all(&scene.server.database.look().await)
        .await
        .expect("events");
    let told: Vec<(String, String, Value)> = log
        .iter()
        .map(|row| (row.get(0), row.get(1), serde_json::from_str(&row.get::<String, _>(2)).expect("JSON")))
        .collect();
    let one = |kind: &str, action: &str, changes: Value| (kind.to_owned(), action.to_owned(), changes);
    assert_eq!(
        told[1..],
        [
            one("Grant", "created", json!({ "added": [anna] })),
            one("Group", "changed", json!({ "added": [anna] })),
            one("Grant", "changed", json!({ "removed": [anna] })),
            one("Group", "changed", json!({ "removed": [anna] })),
        ]
    );
    // It is not given back to life, but a new one may be given.
    scene.give(&anna, &group).await;
    assert_eq!(scene.grants(&[("user", &anna)]).await.len(), 2);
}

/// Bad input is refused by the name of the field, and changes nothing. What nothing would keep is not taken: an end, or a
/// beginning that is not now.
async fn what_cannot_be_given_is_refused(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let away = scene.writer.user("away", json!({ "active": false })).await.id();
    let group = scene.writer.group("tax", &[]).await.id();
    let plain = scene.writer.group("plain", &[]).await.id();
    scene.entitle(&group, "tax", "grants").await;
    let fine = json!({ "user": anna, "entitlement": group, "reason": "x" });
    for (field, value) in [
        ("user", json!(group)),
        ("user", json!(away)),
        ("user", json!("anna")),
        ("entitlement", json!(plain)),
        ("entitlement", json!(anna)),
        ("reason", json!(" ")),
        ("reason", json!("a\u{7}b")),
        ("until", json!("2025-12-01T00:00:00Z")),
        ("until", json!("2026-01-01T00:00:00Z")),
        ("from", json!("2025-12-01T00:00:00Z")),
        ("days", json!(90)),
    ] {
        let mut new = fine.clone();
        new[field] = value;
        let reply = scene.administrator.json("POST", "/grants", &new).await;
        assert_eq!(reply.body["errors"][0]["pointer"], format!("/{field}"), "{new}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    let entitlement = format!("{}/{group}", scene.entitlements());
    for state in ["draft", "retired"] {
        scene.administrator.json("PATCH", &entitlement, &json!({ "state": state })).await.expect(200);
        let reply = scene.administrator.json("POST", "/grants", &fine).await;
        assert_eq!((&reply.body["state"], &reply.body["possible"]), (&json!(state), &json!(["activate"])));
        reply.problem(409, "state");
    }
    scene.administrator.json("PATCH", &entitlement, &json!({ "state": "active" })).await.expect(200);
    assert!(scene.grants(&[]).await.is_empty() && scene.members(&group).await.is_empty());

    let grant = scene.give(&anna, &group).await;
    let revocation = format!("/grants/{grant}/revocation");
    for body in [json!({}), json!({ "reason": "" }), json!({ "reason": "x", "at": "now" })] {
        scene.administrator.json("POST", &revocation, &body).await.problem(400, "invalid");
    }
    let unknown = format!("/grants/{anna}/revocation");
    scene.administrator.json("POST", &unknown, &json!({ "reason": "x" })).await.problem(404, "");
    for query in [
        "state=lost",
        "user=anna",
        "at=yesterday",
        "at=2026-01-01T00:01:00.001Z",
        "count=0",
        "count=101",
        "cursor=x",
        "colour=red",
    ] {
        scene.administrator.get(&format!("/grants?{query}")).await.problem(400, "invalid");
    }
    // While the tenant is suspended, rights are taken and not given.
    scene.server.suspend("riga").await;
    let administrator = scene.server.administrator("riga").await;
    administrator.json("POST", "/grants", &fine).await.problem(403, "suspended");
    administrator.json("PATCH", &entitlement, &json!({ "authority": "scim" })).await.problem(403, "suspended");
    administrator.json("POST", &revocation, &json!({ "reason": "x" })).await.expect(200);
    assert!(scene.members(&group).await.is_empty());
}

on_both_databases! { what_is_given_by_hand_is_there_at_once, what_cannot_be_given_is_refused }
