//! How items end otherwise: taken back, by a suspended tenant, with an entitlement that is not in use any more.

use serde_json::json;

use super::{Scene, id};
use crate::support::Server;

/// Whoever asked takes it back, or whom it is for, as long as it has not begun; nobody else does.
async fn what_was_asked_for_is_taken_back(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.withdraw("mara", id(&item)).await.problem(403, "forbidden");
    scene.withdraw("zane", id(&item)).await.problem(404, "");
    let gone = scene.withdraw("anna", id(&item)).await.expect(200).body;
    assert_eq!((&gone["state"], &gone["stages"][0]["state"]), (&json!("withdrawn"), &json!("cancelled")));
    assert!(scene.waiting("mara").await.is_empty());
    scene.withdraw("anna", id(&item)).await.problem(409, "state");
    // While a question waits.
    let item = scene.asked().await;
    scene.deed("mara", id(&item), "questions", &json!({ "question": "why?" })).await.expect(200);
    scene.withdraw("anna", id(&item)).await.expect(200);
    // What was approved for later goes with its grant.
    let group = scene.entitlement("low", json!({ "risk": 1 })).await;
    let item =
        scene.ask("anna", json!({ "kind": "grant", "entitlement": group, "from": "2026-03-01", "days": 10 })).await;
    let later = scene.approve("mara", id(&item)).await.expect(200).body;
    assert_eq!((&later["state"], &later["from"]), (&json!("scheduled"), &json!("2026-02-28T22:00:00.000Z")));
    let grant = format!("/grants/{}", later["grant"].as_str().expect("a grant"));
    assert_eq!(scene.administrator.get(&grant).await.body["state"], "scheduled");
    assert!(!scene.holds(&scene.anna, &group).await);
    let possible = scene.approve("mara", id(&item)).await;
    assert_eq!(possible.body["possible"], json!(["start", "withdraw", "cancel"]));
    possible.problem(409, "state");
    scene.withdraw("anna", id(&item)).await.expect(200);
    let ended = scene.administrator.get(&grant).await.body;
    assert_eq!((&ended["state"], &ended["ending"]), (&json!("ended"), &json!("cancelled")));
    let request = scene.administrator.get("/requests?state=withdrawn").await.expect(200).body;
    assert_eq!(request["items"].as_array().expect("items").len(), 3);
    scene.check().await;
}

/// A suspended tenant takes back, rejects and takes away; it gives nothing.
async fn a_suspended_tenant_gives_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let other = scene.entitlement("other", json!({ "risk": 1 })).await;
    let third = scene.entitlement("third", json!({ "risk": 1 })).await;
    let held = scene.ask("anna", json!({ "kind": "grant", "entitlement": other })).await;
    let grant = scene.approve("mara", id(&held)).await.expect(200).body["grant"].clone();
    let waiting = scene.ask("anna", json!({ "kind": "grant", "entitlement": third })).await;
    let rejected = scene.asked().await;
    let grave = scene.entitlement("fourth", json!({ "risk": 1 })).await;
    let withdrawn = scene.ask("anna", json!({ "kind": "grant", "entitlement": grave })).await;
    scene.server.suspend("riga").await;
    // Tokens that were judged before are judged anew.
    scene.server.pass(10_000);
    let new = json!({ "items": [{ "kind": "grant", "entitlement": other }] });
    scene.person("zane").json("POST", "/requests", &new).await.problem(403, "suspended");
    scene.approve("mara", id(&waiting)).await.problem(403, "suspended");
    assert_eq!(scene.item(id(&waiting)).await["state"], "pending");
    scene.reject("mara", id(&rejected)).await.expect(200);
    scene.withdraw("anna", id(&withdrawn)).await.expect(200);
    let delegation = json!({ "delegate": scene.zane, "until": "2026-01-30" });
    scene.person("mara").json("POST", "/delegations", &delegation).await.problem(403, "suspended");
    let revoked = scene.ask("anna", json!({ "kind": "revoke", "grant": grant })).await;
    assert_eq!(revoked["state"], "fulfilled");
    assert!(!scene.holds(&scene.anna, &other).await);
    scene.server.resume("riga").await;
    scene.server.pass(10_000);
    scene.approve("mara", id(&waiting)).await.expect(200);
    assert!(scene.holds(&scene.anna, &third).await);
    scene.check().await;
}

/// With an entitlement that is not in use any more goes what was asked for of it.
async fn what_is_retired_is_asked_for_no_more(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    let path = format!("/applications/{}/entitlements/{}", scene.application, scene.group);
    scene.administrator.json("PATCH", &path, &json!({ "state": "retired" })).await.expect(200);
    let cancelled = scene.item(id(&item)).await;
    assert_eq!((&cancelled["state"], &cancelled["reason"]), (&json!("cancelled"), &json!("retired")));
    assert!(scene.waiting("mara").await.is_empty());
    scene.approve("mara", id(&item)).await.problem(409, "state");
    let page = scene.administrator.get("/requests?state=cancelled").await.expect(200).body;
    assert_eq!(page["items"].as_array().expect("items").len(), 1);
}

on_both_databases! {
    what_was_asked_for_is_taken_back,
    a_suspended_tenant_gives_nothing,
    what_is_retired_is_asked_for_no_more,
}
