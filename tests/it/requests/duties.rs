//! Segregation of duties in requests: foreseen when somebody asks, weighed when somebody decides.

use serde_json::{Value, json};

use super::Scene;
use crate::support::Server;

/// A rule that keeps the entitlement and another apart. The other, and the rule.
async fn apart(scene: &Scene, mode: &str) -> (String, String) {
    let other = scene.entitlement("collectors", json!({})).await;
    let rule = json!({ "name": "Apart", "one": [scene.group], "other": [other], "mode": mode });
    let rule = scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201).id();
    (other, rule)
}

async fn give(scene: &Scene, user: &str, entitlement: &str) {
    let new = json!({ "user": user, "entitlement": entitlement, "reason": "a test" });
    scene.administrator.json("POST", "/grants", &new).await.expect(201);
}

async fn conflicts(scene: &Scene) -> Vec<Value> {
    let found = scene.administrator.get(&format!("/sod-violations?user={}", scene.anna)).await.expect(200).body;
    found["items"].as_array().expect("items").clone()
}

/// What a rule blocks is rejected when it is asked for.
async fn what_a_rule_blocks_is_rejected_at_once(server: Server) {
    let scene = Scene::new(server).await;
    let (other, _) = apart(&scene, "block").await;
    give(&scene, &scene.anna, &other).await;
    let item = scene.asked().await;
    assert_eq!(item["state"], "rejected", "{item:#}");
    assert!(!scene.holds(&scene.anna, &scene.group).await && conflicts(&scene).await.is_empty());
}

/// What needs an exception waits for one at the last approval; once there is one it is given. One that only warns is given, and the
/// conflict is noted.
async fn what_needs_an_exception_waits_for_it(server: Server) {
    let scene = Scene::new(server).await;
    let (other, rule) = apart(&scene, "warn").await;
    give(&scene, &scene.anna, &other).await;
    let item = scene.asked().await["id"].as_str().expect("an id").to_owned();
    scene.approve("mara", &item).await.expect(200);
    let firm = json!({ "name": "Apart", "one": [scene.group], "other": [other], "mode": "requireException" });
    let change = scene.administrator.request("PUT", &format!("/sod-rules/{rule}")).header("if-match", "*").json(&firm);
    scene.administrator.send(change).await.expect(200);
    scene.approve("oskars", &item).await.problem(409, "conflict");
    assert!(!scene.holds(&scene.anna, &scene.group).await);
    let softer = json!({ "name": "Apart", "one": [scene.group], "other": [other], "mode": "warn" });
    let change =
        scene.administrator.request("PUT", &format!("/sod-rules/{rule}")).header("if-match", "*").json(&softer);
    scene.administrator.send(change).await.expect(200);
    scene.approve("oskars", &item).await.expect(200);
    assert!(scene.holds(&scene.anna, &scene.group).await);
    let found = conflicts(&scene).await;
    assert_eq!((found.len(), &found[0]["state"]), (1, &json!("detected")), "what was given is looked at");
}

on_both_databases! {
    what_a_rule_blocks_is_rejected_at_once,
    what_needs_an_exception_waits_for_it,
}
