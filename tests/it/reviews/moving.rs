//! Micro-reviews: what somebody had asked for is looked at when they move.

use serde_json::{Value, json};

use super::{Scene, person};
use crate::support::{Server, client::ENTERPRISE};

impl Scene {
    /// Somebody reports to somebody else from now on.
    async fn moves(&self, user: &str, manager: &str) {
        let path = format!("{ENTERPRISE}:manager");
        let change = json!([{ "op": "replace", "path": path, "value": { "value": manager } }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
        self.timers().await;
    }

    /// The reviews that there are.
    async fn all(&self) -> Vec<Value> {
        let page = self.administrator.get("/reviews").await.expect(200).body;
        page["items"].as_array().expect("items").clone()
    }
}

/// Whoever moves is looked at by their old and their new manager, one of whom decides; it can be postponed twice, by them too.
async fn both_managers_look_at_who_moves(server: Server) {
    let scene = Scene::new(server).await;
    let dace = scene.writer.user("dace", person(None)).await.id();
    scene.moves(&scene.anna, &dace).await;
    let all = scene.all().await;
    assert_eq!(all.len(), 1);
    let review = all[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!((&all[0]["micro"], &all[0]["state"]), (&json!(true), &json!("active")));
    assert_eq!(all[0]["deadline"], "2026-01-15T15:00:00.000Z", "ten days of work");
    let item = scene.item(&review, &scene.anna).await;
    let reviewers: Vec<&Value> =
        item["reviewers"].as_array().expect("reviewers").iter().map(|one| &one["id"]).collect();
    assert_eq!(reviewers.len(), 2);
    assert!(reviewers.contains(&&json!(dace)) && reviewers.contains(&&json!(scene.mara)));
    assert_eq!(scene.waiting("dace").await.len(), 1);
    let later = |day: &str| json!({ "deadline": day });
    let path = format!("/reviews/{review}/postponement");
    scene.person("zane").json("POST", &path, &later("2026-01-20")).await.problem(404, "");
    scene.person("anna").json("POST", &path, &later("2026-01-20")).await.problem(404, "");
    scene.person("dace").json("POST", &path, &later("2026-01-10")).await.problem(400, "invalid");
    scene.person("dace").json("POST", &path, &later("2026-01-20")).await.expect(200);
    scene.days(10).await;
    scene.administrator.json("POST", &path, &later("9999-12-31")).await.problem(400, "invalid");
    scene.administrator.json("POST", &path, &later("2026-02-10")).await.expect(200);
    scene.person("mara").json("POST", &path, &later("2026-02-10")).await.problem(409, "state");
    scene.days(20).await;
    assert_eq!(scene.now(&review).await["state"], "active");
    scene.say("mara", &item, "revoke").await.expect(200);
    scene.timers().await;
    assert_eq!(scene.now(&review).await["state"], "completed");
    assert!(!scene.holds(&scene.anna, &scene.group).await);
    scene.check().await;
}

/// Who moves once more meanwhile is in the same review: what they got since joins it, and so does the newest manager. Whoever
/// holds nothing that was asked for is in none.
async fn a_second_move_joins_the_first(server: Server) {
    let scene = Scene::new(server).await;
    let dace = scene.writer.user("dace", person(None)).await.id();
    scene.moves(&scene.mara, &dace).await;
    assert!(scene.all().await.is_empty(), "she holds nothing");
    scene.moves(&scene.anna, &dace).await;
    let other = scene.entitlement("other", json!({})).await;
    scene.give(&scene.anna, &other).await;
    scene.moves(&scene.anna, &scene.zane).await;
    let all = scene.all().await;
    assert_eq!((all.len(), &all[0]["items"]), (1, &json!(2)));
    let review = all[0]["id"].as_str().expect("an id").to_owned();
    for group in [&scene.group, &other] {
        let item = scene.item_of(&review, &scene.anna, group).await;
        assert_eq!(item["reviewers"].as_array().map(Vec::len), Some(3), "{item}");
    }
    assert_eq!(scene.waiting("zane").await.len(), 2);
    // What is no move begins nothing.
    scene
        .writer
        .patch(&format!("/Users/{}", scene.juris), json!([{ "op": "replace", "path": "title", "value": "x" }]))
        .await
        .expect(200);
    scene.moves(&scene.juris, &scene.mara).await;
    assert_eq!(scene.all().await.len(), 1);
    scene.days(30).await;
    assert_eq!(scene.now(&review).await["state"], "completed");
    assert!(scene.holds(&scene.anna, &scene.group).await, "silence keeps what does little harm");
}

/// Without a manager whoever leads the unit looks at it, else whoever answers for it.
async fn without_managers_the_owner_looks(server: Server) {
    let scene = Scene::new(server).await;
    let loner = scene.writer.user("loner", json!({})).await.id();
    scene.give(&loner, &scene.group).await;
    let change = json!([{ "op": "add", "value": { crate::support::client::MUNICIPAL: { "employments": [{ "position": "x" }] } } }]);
    scene.writer.patch(&format!("/Users/{loner}"), change).await.expect(200);
    scene.timers().await;
    let all = scene.all().await;
    assert_eq!(all.len(), 1);
    let item = scene.item(all[0]["id"].as_str().expect("an id"), &loner).await;
    assert_eq!(item["reviewers"], json!([{ "id": scene.oskars }]));
}

/// Many who move in one request: a review for each.
async fn many_move_at_once(server: Server) {
    let scene = Scene::new(server).await;
    let change = |user: &str| {
        let path = format!("{ENTERPRISE}:manager");
        let data = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": path, "value": { "value": scene.zane } }],
        });
        json!({ "method": "PATCH", "path": format!("/Users/{user}"), "data": data })
    };
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [change(&scene.anna), change(&scene.juris)],
    });
    scene.writer.post("/Bulk", &bulk).await.expect(200);
    assert_eq!(scene.all().await.len(), 2);
    scene.timers().await;
    assert!(scene.all().await.iter().all(|review| review["state"] == "active" && review["items"] == 1));
    assert_eq!(scene.waiting("zane").await.len(), 2);
}

on_both_databases! {
    both_managers_look_at_who_moves,
    a_second_move_joins_the_first,
    without_managers_the_owner_looks,
    many_move_at_once,
}
