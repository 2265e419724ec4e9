//! What silence means, and what is done in the end.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{Server, client::MUNICIPAL};

/// What silence means is said beforehand: it keeps, it takes away, or it takes away what can do much harm and what people hold
/// who work by contract alone.
async fn silence_means_what_was_said(server: Server) {
    let scene = Scene::new(server).await;
    let high = scene.entitlement("high", json!({ "risk": 3 })).await;
    scene.lend(&scene.anna, &high).await;
    let guest = json!({ MUNICIPAL: { "employments": [{ "type": "contract" }] } });
    let guest = scene.writer.user("guest", guest).await.id();
    scene.give(&guest, &scene.group).await;
    let review = scene.review(json!({ "silence": "keep" })).await;
    scene.days(40).await;
    assert_eq!(scene.now(&review).await["counts"], json!({ "doneKept": 4 }));
    let review = scene.review(json!({})).await;
    scene.days(40).await;
    assert_eq!(scene.now(&review).await["counts"], json!({ "doneKept": 2, "doneChanged": 2 }));
    assert!(!scene.holds(&scene.anna, &high).await && !scene.holds(&guest, &scene.group).await);
    assert!(scene.holds(&scene.anna, &scene.group).await && scene.holds(&scene.juris, &scene.group).await);
    let review = scene.review(json!({ "silence": "revoke" })).await;
    scene.days(40).await;
    assert_eq!(scene.now(&review).await["counts"], json!({ "doneChanged": 2 }));
    assert!(!scene.holds(&scene.anna, &scene.group).await && !scene.holds(&scene.juris, &scene.group).await);
    scene.check().await;
}

/// A grant that has ended meanwhile is done with, and one of two that somebody holds ends alone.
async fn only_what_is_still_there_ends(server: Server) {
    let scene = Scene::new(server).await;
    // She was in the group before it was an entitlement, and is given it once more.
    let both = scene.writer.group("both", &[&scene.anna]).await.id();
    scene.entitle(&both, json!({})).await;
    let second = scene.give(&scene.anna, &both).await;
    let review = scene.review(json!({})).await;
    let page = scene.administrator.get(&format!("/reviews/{review}/items")).await.expect(200).body;
    for item in page["items"].as_array().expect("items") {
        let ends = item["grant"] == second.as_str() || item["subject"] == scene.juris.as_str();
        scene.say("mara", item, if ends { "revoke" } else { "keep" }).await.expect(200);
        if item["subject"] == scene.juris.as_str() {
            let path = format!("/grants/{}/revocation", item["grant"].as_str().expect("an id"));
            scene.administrator.json("POST", &path, &json!({ "reason": "first" })).await.expect(200);
        }
    }
    scene.timers().await;
    assert_eq!(scene.now(&review).await["state"], "completed");
    assert!(scene.holds(&scene.anna, &both).await, "by the other grant");
    let grant = scene.administrator.get(&format!("/grants/{second}")).await.expect(200).body;
    assert_eq!(grant["ending"], "review");
    let juris = scene.item(&review, &scene.juris).await;
    let grant = scene.administrator.get(&format!("/grants/{}", juris["grant"].as_str().expect("an id"))).await;
    assert_eq!(grant.body["ending"], "administrator", "the first end stays");
    scene.check().await;
}

/// Taking away works in a tenant that is suspended.
async fn a_suspended_tenant_takes_away(server: Server) {
    let scene = Scene::new(server).await;
    let review = scene.review(json!({ "silence": "revoke" })).await;
    let operator = scene.server.operator().await;
    operator.json("POST", "/tenants/riga/suspend", &json!({ "reason": "unpaid" })).await.expect(200);
    scene.days(40).await;
    assert_eq!(scene.now(&review).await["state"], "completed");
    assert!(!scene.holds(&scene.anna, &scene.group).await);
}

/// What does not go together is recommended to end, and so is what is for others.
async fn what_speaks_against_it_is_said(server: Server) {
    let scene = Scene::new(server).await;
    let other = scene.entitlement("other", json!({})).await;
    let elsewhere = scene.entitlement("elsewhere", json!({ "audience": { "employmentTypes": ["elected"] } })).await;
    let rule = json!({ "name": "Two hands", "mode": "detect", "one": [scene.group], "other": [other] });
    scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201);
    scene.give(&scene.anna, &other).await;
    scene.give(&scene.juris, &elsewhere).await;
    let review = scene.review(json!({})).await;
    let recommended = async |user: &str, group: &str| -> Value {
        scene.item_of(&review, user, group).await["recommendation"].clone()
    };
    assert_eq!(recommended(&scene.anna, &scene.group).await, json!({ "verdict": "revoke", "reason": "conflict" }));
    assert_eq!(recommended(&scene.juris, &elsewhere).await, json!({ "verdict": "revoke", "reason": "otherWork" }));
    assert_eq!(recommended(&scene.juris, &scene.group).await, json!({ "verdict": "keep", "reason": "suits" }));
    // Its end ends the conflict.
    scene.say("mara", &scene.item(&review, &scene.anna).await, "revoke").await.expect(200);
    scene.close(&review).await;
    let found = scene.administrator.get("/sod-violations").await.expect(200).body;
    assert_eq!(found["items"][0]["state"], "resolved");
}

on_both_databases! {
    silence_means_what_was_said,
    only_what_is_still_there_ends,
    a_suspended_tenant_takes_away,
    what_speaks_against_it_is_said,
}
