//! `If-Match` on what changes grants, delegations and reviews.

use serde_json::{Value, json};

use super::{Scene, id};
use crate::support::{Client, Reply, Server};

/// A request that rests on a version.
async fn on(version: &str, client: &Client, method: &str, path: &str, body: &Value) -> Reply {
    let request = client.request(method, path).header("if-match", version);
    client.send(if body.is_null() { request } else { request.json(body) }).await
}

/// What is at another version by now is refused and stays as it is; `*` is whatever is there, and without the header it is done.
async fn a_change_may_rest_on_what_was_read(server: Server) {
    let scene = Scene::new(server).await;
    let administrator = &scene.administrator;
    let grant = scene.lend(&scene.anna, &scene.entitlement("other", json!({})).await).await;
    let path = format!("/grants/{grant}");
    let read = administrator.get(&path).await.expect(200).etag();
    let later = |until: &str| json!({ "until": until, "reason": "longer" });
    let extension = format!("{path}/extension");
    let first = on(&read, administrator, "POST", &extension, &later("2027-01-10T00:00:00Z")).await.expect(200);
    assert_ne!(first.etag(), read);
    on(&read, administrator, "POST", &extension, &later("2027-01-20T00:00:00Z")).await.problem(412, "stale");
    on("*", administrator, "POST", &extension, &later("2027-01-15T00:00:00Z")).await.expect(200);
    let why = json!({ "reason": "over" });
    let revocation = format!("{path}/revocation");
    on(&read, administrator, "POST", &revocation, &why).await.problem(412, "stale");
    on("three", administrator, "POST", &revocation, &why).await.problem(400, "invalid");
    let now = administrator.get(&path).await.expect(200);
    assert_eq!((&now.body["state"], &now.body["until"]), (&json!("active"), &json!("2027-01-15T00:00:00.000Z")));
    on(&now.etag(), administrator, "POST", &revocation, &why).await.expect(200);
    administrator.json("POST", &revocation, &why).await.expect(200);

    let mara = scene.person("mara");
    let new = json!({ "delegate": scene.zane, "from": "2026-01-05", "until": "2026-01-09" });
    let made = mara.json("POST", "/delegations", &new).await.expect(201);
    let path = format!("/delegations/{}", made.id());
    assert_eq!(mara.get(&path).await.expect(200).etag(), made.etag());
    on("W/\"7\"", &mara, "DELETE", &path, &Value::Null).await.problem(412, "stale");
    on(&made.etag(), &mara, "DELETE", &path, &Value::Null).await.expect(204);
    assert_ne!(mara.get(&path).await.expect(200).etag(), made.etag());

    let review = scene.review(json!({})).await;
    let path = format!("/reviews/{review}");
    let read = administrator.get(&path).await.expect(200).etag();
    let item = scene.item(&review, &scene.anna).await;
    let seen = mara.get(&format!("/review-items/{}", id(&item))).await.expect(200).etag();
    let decision = format!("/review-items/{}/decision", id(&item));
    on(&seen, &mara, "POST", &decision, &json!({ "verdict": "keep" })).await.expect(200);
    on(&seen, &mara, "POST", &decision, &json!({ "verdict": "revoke" })).await.problem(412, "stale");
    on("W/\"99\"", administrator, "POST", &format!("{path}/closure"), &Value::Null).await.problem(412, "stale");
    on("W/\"99\"", administrator, "POST", &format!("{path}/cancellation"), &why).await.problem(412, "stale");
    assert_eq!(scene.now(&review).await["state"], "active");
    let gone = on(&read, administrator, "POST", &format!("{path}/cancellation"), &why).await.expect(200);
    assert_eq!(gone.body["state"], "cancelled");
    assert_ne!(gone.etag(), read);
}

on_both_databases! { a_change_may_rest_on_what_was_read }
