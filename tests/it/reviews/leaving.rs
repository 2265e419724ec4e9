//! What becomes of reviews when somebody leaves.

use serde_json::json;

use super::Scene;
use crate::support::Server;

/// What waits about somebody who leaves is left out; what was decided to end ends, so that it does not come back with them.
async fn who_leaves_is_left_out(server: Server) {
    let scene = Scene::new(server).await;
    let other = scene.entitlement("other", json!({})).await;
    scene.give(&scene.anna, &other).await;
    let review = scene.review(json!({ "silence": "revoke" })).await;
    let item = scene.item_of(&review, &scene.anna, &other).await;
    scene.say("mara", &item, "revoke").await.expect(200);
    scene.active(&scene.anna, false).await;
    scene.timers().await;
    let left = scene.item(&review, &scene.anna).await;
    assert_eq!((&left["state"], &left["reason"]), (&json!("excluded"), &json!("has left")));
    assert_eq!(scene.waiting("mara").await.len(), 1);
    scene.close(&review).await;
    assert_eq!(scene.now(&review).await["counts"], json!({ "excluded": 1, "doneChanged": 2 }));
    scene.active(&scene.anna, true).await;
    assert!(scene.holds(&scene.anna, &scene.group).await, "nobody has decided about it");
    assert!(!scene.holds(&scene.anna, &other).await);
    scene.check().await;
}

/// What waits for somebody who leaves goes to those who come next; where there is nobody else, to their manager.
async fn others_review_for_who_leaves(server: Server) {
    let scene = Scene::new(server).await;
    let ready = scene.review(json!({})).await;
    let alone = scene.review(json!({ "reviewers": [{ "lineManager": 1 }] })).await;
    let item = scene.item(&alone, &scene.juris).await;
    scene.say("mara", &item, "keep").await.expect(200);
    scene.active(&scene.mara, false).await;
    scene.timers().await;
    assert_eq!(scene.item(&ready, &scene.anna).await["reviewers"], json!([{ "id": scene.oskars }]));
    assert_eq!(scene.item(&alone, &scene.anna).await["reviewers"], json!([{ "id": scene.zane }]));
    assert_eq!(scene.item(&alone, &scene.juris).await["state"], "keep", "what they decided stays");
    scene.say("zane", &scene.item(&alone, &scene.anna).await, "revoke").await.expect(200);
    scene.timers().await;
    assert!(!scene.holds(&scene.anna, &scene.group).await);
    scene.writer.delete(&format!("/Users/{}", scene.juris)).await.expect(204);
    scene.timers().await;
    assert_eq!(scene.item(&ready, &scene.juris).await["state"], "excluded");
    scene.check().await;
}

on_both_databases! {
    who_leaves_is_left_out,
    others_review_for_who_leaves,
}
