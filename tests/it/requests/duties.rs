//! Segregation of duties in requests: foreseen when somebody asks, weighed when somebody decides.

use caurlaide::lifecycle::duties;
use serde_json::{Value, json};
use store::Cause;

use super::Scene;
use crate::support::{Reply, Server};

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

/// Lets somebody have something for a while before they do.
async fn except(scene: &Scene, rule: &str, entitlements: &[&str]) -> Reply {
    let new = json!({
        "user": scene.anna, "entitlements": entitlements, "reason": "Nobody else is there", "control": "Two sign",
        "until": "2026-02-01T00:00:00Z",
    });
    scene.administrator.json("POST", &format!("/sod-rules/{rule}/exceptions"), &new).await
}

/// An exception is given before there is a conflict: what waits for it is given then, it is over with what it was given for, and
/// what never came leaves nothing behind when it ends.
async fn an_exception_is_given_beforehand(server: Server) {
    let scene = Scene::new(server).await;
    let (other, rule) = apart(&scene, "requireException").await;
    let refused = except(&scene, &rule, &[&scene.group]).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/entitlements", "the other side is not there");
    refused.problem(400, "invalid");
    give(&scene, &scene.anna, &other).await;
    let item = scene.asked().await["id"].as_str().expect("an id").to_owned();
    scene.approve("mara", &item).await.expect(200);
    let refused = scene.approve("oskars", &item).await;
    assert_eq!((&refused.body["state"], &refused.body["rules"]), (&json!("pending"), &json!([rule])));
    assert!(refused.body["possible"].as_array().is_some_and(|words| words.contains(&json!("withdraw"))));
    let told = refused.problem(409, "conflict");
    assert!(told.contains(&rule), "which rule: {told}");
    let excepted = except(&scene, &rule, &[&scene.group]).await.expect(200).body;
    assert_eq!((&excepted["state"], &excepted["exception"]["foreseen"]), (&json!("excepted"), &json!(true)));
    assert_eq!((&excepted["one"], &excepted["other"]), (&json!([scene.group]), &json!([other])));
    except(&scene, &rule, &[&scene.group]).await.problem(409, "state");
    // The night finds that it is not there yet, and lets it be.
    let app = &scene.server.app;
    let data = app.store.tenant(scene.server.find("riga").await.id);
    duties::watch_all(&data, &Cause::operator(), &app.clock, &app.ids).await.expect("a look");
    assert_eq!(conflicts(&scene).await[0]["state"], "excepted");
    scene.approve("oskars", &item).await.expect(200);
    assert!(scene.holds(&scene.anna, &scene.group).await);
    let found = conflicts(&scene).await;
    assert_eq!((found.len(), &found[0]["state"]), (1, &json!("excepted")));
    assert!(found[0]["exception"].get("foreseen").is_none(), "{found:#?}");
    let change = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", scene.anna) }]);
    scene.writer.patch(&format!("/Groups/{}", scene.group), change).await.expect(204);
    assert_eq!(conflicts(&scene).await[0]["state"], "resolved");
    // By hand too; and what is taken back before it came is no conflict.
    let hand = json!({ "user": scene.anna, "entitlement": scene.group, "reason": "a test" });
    scene.administrator.json("POST", "/grants", &hand).await.problem(409, "conflict");
    let id = except(&scene, &rule, &[&scene.group]).await.expect(200).id();
    let path = format!("/sod-violations/{id}/exception");
    assert_eq!(scene.administrator.delete(&path).await.expect(200).body["state"], "resolved");
    except(&scene, &rule, &[&scene.group]).await.expect(200);
    scene.administrator.json("POST", "/grants", &hand).await.expect(201);
    assert_eq!(conflicts(&scene).await[2]["state"], "excepted");
}

/// What nobody decides about cannot wait: who asks is told what it lacks.
async fn what_nobody_decides_needs_its_exception_first(server: Server) {
    let scene = Scene::new(server).await;
    let free = scene.entitlement("free", json!({ "risk": 0 })).await;
    let other = scene.entitlement("collectors", json!({})).await;
    let rule = json!({ "name": "Apart", "one": [free], "other": [other], "mode": "requireException" });
    let rule = scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201).id();
    give(&scene, &scene.anna, &other).await;
    let wish = json!({ "items": [{ "kind": "grant", "entitlement": free }] });
    let refused = scene.person("anna").json("POST", "/requests", &wish).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/items/0/entitlement", "{:#}", refused.body);
    assert!(
        refused.body["errors"][0]["detail"].as_str().is_some_and(|told| told.contains(&rule)),
        "{:#}",
        refused.body
    );
    refused.problem(400, "invalid");
    except(&scene, &rule, &[&free]).await.expect(200);
    assert_eq!(scene.ask("anna", wish["items"][0].clone()).await["state"], "fulfilled");
    assert_eq!(conflicts(&scene).await[0]["state"], "excepted");
    // It ends by itself.
    scene.server.pass(40 * 24 * 3_600_000);
    scene.server.app.timers.run().await.expect("what is due");
    assert_eq!(conflicts(&scene).await[0]["state"], "detected");
}

/// An exception for one pair opens the rule for no other one.
async fn an_exception_covers_what_was_decided(server: Server) {
    let scene = Scene::new(server).await;
    let by_scim = json!({ "authority": "scim" });
    let (b1, b2) = (scene.entitlement("b1", by_scim.clone()).await, scene.entitlement("b2", by_scim).await);
    let rule = json!({ "name": "Apart", "one": [scene.group], "other": [b1, b2], "mode": "block" });
    let rule_id = scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201).id();
    let joins = json!([{ "op": "add", "path": "members", "value": [{ "value": scene.anna }] }]);
    give(&scene, &scene.anna, &scene.group).await;
    scene.writer.patch(&format!("/Groups/{b1}"), joins.clone()).await.expect(204);
    except(&scene, &rule_id, &[&b2]).await.problem(409, "conflict");
    let found = conflicts(&scene).await;
    let id = found[0]["id"].as_str().expect("an id");
    let new = json!({ "reason": "a", "control": "b", "until": "2026-02-01T00:00:00Z" });
    scene.administrator.json("POST", &format!("/sod-violations/{id}/exception"), &new).await.expect(200);
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": b2 })).await;
    assert_eq!((&item["state"], &item["conflicts"][0]["excepted"]), (&json!("rejected"), &json!(false)), "{item:#}");
    let hand = json!({ "user": scene.anna, "entitlement": b2, "reason": "a test" });
    scene.administrator.json("POST", "/grants", &hand).await.problem(409, "conflict");
    assert_eq!(conflicts(&scene).await[0]["state"], "excepted");
    // SCIM is not refused; nobody has decided about what it brings.
    scene.writer.patch(&format!("/Groups/{b2}"), joins).await.expect(204);
    let found = conflicts(&scene).await;
    assert_eq!((found.len(), &found[0]["state"]), (1, &json!("detected")));
    assert_eq!(found[0]["other"].as_array().map(Vec::len), Some(2));
}

on_both_databases! {
    an_exception_is_given_beforehand,
    what_nobody_decides_needs_its_exception_first,
    an_exception_covers_what_was_decided,
    what_a_rule_blocks_is_rejected_at_once,
    what_needs_an_exception_waits_for_it,
}
