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

/// Of what has ended nothing is decided any more, and nothing of it is evidence that it was kept.
async fn what_has_ended_is_left_out(server: Server) {
    let scene = Scene::new(server).await;
    let mut others = Vec::new();
    for name in ["b", "c", "d", "e"] {
        let group = scene.entitlement(name, json!({})).await;
        others.push((scene.give(&scene.anna, &group).await, group));
    }
    let review = scene.review(json!({})).await;
    let item = async |at: usize| scene.item_of(&review, &scene.anna, &others[at].1).await;
    let revoke = async |at: usize| {
        let path = format!("/grants/{}/revocation", others[at].0);
        scene.administrator.json("POST", &path, &json!({ "reason": "a test" })).await.expect(200);
    };
    scene.say("mara", &item(0).await, "keep").await.expect(200);
    let until = json!({ "verdict": "shorten", "until": "2026-06-30" });
    scene.decide("mara", &item(1).await, until).await.expect(200);
    scene.say("mara", &scene.item(&review, &scene.juris).await, "keep").await.expect(200);
    scene.writer.delete(&format!("/Users/{}", scene.juris)).await.expect(204);
    for at in 0..4 {
        revoke(at).await;
    }
    let told = scene.say("mara", &item(2).await, "keep").await.problem(409, "state");
    assert!(told.contains("the grant that it is about has ended"), "{told}");
    let many = json!({ "items": [item(3).await["id"]], "verdict": "keep" });
    let many = scene.person("mara").json("POST", &format!("/reviews/{review}/decisions"), &many).await.expect(200).body;
    assert_eq!(many["items"][0]["status"], 409, "{many:#}");
    // Nothing else waits: the last one decides.
    scene.say("mara", &scene.item(&review, &scene.anna).await, "keep").await.expect(200);
    scene.timers().await;
    scene.timers().await;
    let now = scene.now(&review).await;
    assert_eq!((&now["state"], &now["counts"]), (&json!("completed"), &json!({ "excluded": 5, "doneKept": 1 })));
    assert_eq!(item(0).await["reason"], "has ended");
    scene.check().await;
}

on_both_databases! {
    what_has_ended_is_left_out,
    who_leaves_is_left_out,
    others_review_for_who_leaves,
}
