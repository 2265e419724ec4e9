//! `/t/{tenant}/api/v1/reviews`: what a review is about, how it begins, and how it ends.

use serde_json::{Value, json};

use super::{Scene, id};
use crate::support::{Server, client::MUNICIPAL};

/// A review is previewed without a trace, begins at once, is decided by whoever knows, closes by itself, and what was decided is
/// done: the group of SCIM has lost whom it should lose.
async fn a_review_from_its_beginning_to_its_end(server: Server) {
    let scene = Scene::new(server).await;
    let other = scene.entitlement("other", json!({})).await;
    let third = scene.give(&scene.anna, &other).await;
    let new = json!({ "name": "Once a year", "scope": { "application": scene.application } });
    let preview = scene.administrator.json("POST", "/reviews?dryRun=true", &new).await.expect(200).body;
    assert_eq!(preview, json!({ "items": 3, "excluded": 0, "reviewers": 1, "withoutReviewer": 0, "complete": true }));
    assert_eq!(scene.administrator.get("/reviews").await.expect(200).body["items"], json!([]));
    let review = scene.review(json!({})).await;
    let now = scene.now(&review).await;
    assert_eq!((&now["state"], &now["items"], &now["counts"]), (&json!("active"), &json!(3), &json!({ "open": 3 })));
    assert_eq!(now["deadline"], "2026-01-29T15:00:00.000Z", "twenty days of work");
    let item = scene.item(&review, &scene.anna).await;
    assert_eq!(
        (&item["source"], &item["entitlementName"], &item["applicationName"], &item["risk"]),
        (&json!("administrator"), &json!("assessors"), &json!("Property tax"), &json!(2))
    );
    assert_eq!(item["recommendation"], json!({ "verdict": "keep", "reason": "suits" }));
    assert_eq!(item["reviewers"], json!([{ "id": scene.mara }]));
    assert_eq!(scene.waiting("mara").await.len(), 3);
    scene.say("mara", &item, "revoke").await.expect(200);
    let juris = scene.item(&review, &scene.juris).await;
    scene.say("mara", &juris, "keep").await.expect(200);
    let shorter = scene.item_of(&review, &scene.anna, &other).await;
    scene.decide("mara", &shorter, json!({ "verdict": "shorten" })).await.problem(400, "invalid");
    scene.decide("mara", &shorter, json!({ "verdict": "keep", "until": "2026-06-30" })).await.problem(400, "invalid");
    scene
        .decide("mara", &shorter, json!({ "verdict": "shorten", "until": "2025-06-30" }))
        .await
        .problem(400, "invalid");
    assert!(scene.holds(&scene.anna, &scene.group).await, "nothing is done before it closes");
    scene.decide("mara", &shorter, json!({ "verdict": "shorten", "until": "2026-06-30" })).await.expect(200);
    scene.timers().await;
    let now = scene.now(&review).await;
    assert_eq!((&now["state"], &now["counts"]), (&json!("completed"), &json!({ "doneKept": 1, "doneChanged": 2 })));
    assert!(now["ended"].is_string());
    assert!(!scene.holds(&scene.anna, &scene.group).await && scene.holds(&scene.juris, &scene.group).await);
    assert!(scene.holds(&scene.anna, &other).await);
    let grant = scene.administrator.get(&format!("/grants/{}", id_of(&item, "grant"))).await.expect(200).body;
    assert_eq!((&grant["state"], &grant["ending"]), (&json!("ended"), &json!("review")), "{grant}");
    let shortened = scene.administrator.get(&format!("/grants/{third}")).await.expect(200).body;
    assert_eq!(shortened["until"], "2026-06-30T20:59:59.000Z");
    assert!(scene.item(&review, &scene.juris).await["certified"].is_string());
    assert!(scene.waiting("mara").await.is_empty());
    let timers = scene.administrator.get("/timers").await.expect(200).body;
    let left = timers["items"].as_array().expect("items").iter().filter(|timer| timer["object"] == review.as_str());
    assert_eq!(left.count(), 0, "nothing is left to happen");
    scene.check().await;
}

fn id_of(item: &Value, name: &str) -> String {
    item[name].as_str().expect("an id").to_owned()
}

/// What suits all of the scope is in it, and nothing else.
async fn a_scope_says_which_grants(server: Server) {
    let scene = Scene::new(server).await;
    let high = scene.entitlement("high", json!({ "risk": 3 })).await;
    scene.lend(&scene.juris, &high).await;
    let new = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let town = scene.administrator.json("POST", "/organisation-units", &new).await.expect(201).id();
    let new = json!({ "kind": "unit", "code": "FIN", "name": "Finance", "parent": town, "head": scene.zane });
    scene.administrator.json("POST", "/organisation-units", &new).await.expect(201);
    let place = json!([{ "op": "add", "value": { MUNICIPAL: { "employments": [{ "organisationUnit": "FIN" }] } } }]);
    scene.writer.patch(&format!("/Users/{}", scene.anna), place).await.expect(200);
    let items = async |scope: Value| {
        let new = json!({ "name": "x", "scope": scope });
        scene.administrator.json("POST", "/reviews?dryRun=true", &new).await.expect(200).body["items"].clone()
    };
    assert_eq!(items(json!({})).await, 3);
    assert_eq!(items(json!({ "riskAtLeast": 3 })).await, 1);
    assert_eq!(items(json!({ "user": scene.anna })).await, 1);
    assert_eq!(items(json!({ "entitlements": [scene.group] })).await, 2);
    assert_eq!(items(json!({ "entitlements": [scene.group], "user": scene.juris, "riskAtLeast": 3 })).await, 0);
    assert_eq!(items(json!({ "unit": town })).await, 1, "and below it");
    assert_eq!(items(json!({ "unit": town, "user": scene.juris })).await, 0);
}

/// What cannot be is refused, every fault with its place, and what is not there is not found.
async fn what_cannot_be_is_refused(server: Server) {
    let scene = Scene::new(server).await;
    let nobody = uuid::Uuid::now_v7();
    for (wrong, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "name": "x", "scope": { "riskAtLeast": 4 } }), "/scope/riskAtLeast"),
        (json!({ "name": "x", "scope": { "application": nobody } }), "/scope/application"),
        (json!({ "name": "x", "scope": { "user": nobody } }), "/scope/user"),
        (json!({ "name": "x", "scope": { "unit": nobody } }), "/scope/unit"),
        (json!({ "name": "x", "scope": { "entitlements": [nobody] } }), "/scope/entitlements/0"),
        (json!({ "name": "x", "scope": { "entitlements": [] } }), "/scope/entitlements"),
        (json!({ "name": "x", "reviewers": [] }), "/reviewers"),
        (json!({ "name": "x", "reviewers": [{ "lineManager": 0 }] }), "/reviewers/0/lineManager"),
        (json!({ "name": "x", "reviewers": [{ "person": nobody }] }), "/reviewers/0/person"),
        (json!({ "name": "x", "deadline": "2020-01-01" }), "/deadline"),
        (json!({ "name": "x", "deadline": "2026-02-01", "workingDays": 3 }), "/workingDays"),
        (json!({ "name": "x", "workingDays": 0 }), "/workingDays"),
        (json!({ "name": "x", "starts": "soon" }), "/starts"),
        (json!({ "name": "x", "starts": "2020-01-01" }), "/starts"),
        (json!({ "name": "x", "exclusions": [{ "user": nobody, "reason": "x" }] }), "/exclusions/0/user"),
    ] {
        let reply = scene.administrator.json("POST", "/reviews", &wrong).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{wrong}: {}", reply.body);
        reply.problem(400, "invalid");
    }
    assert_eq!(scene.administrator.get("/reviews").await.expect(200).body["items"], json!([]));
    let today = json!({ "name": "x", "starts": "2026-01-01" });
    scene.administrator.json("POST", "/reviews?dryRun=true", &today).await.expect(200);
    scene.administrator.get(&format!("/reviews/{nobody}")).await.problem(404, "");
    scene.deed(&nobody.to_string(), "cancellation", &json!({ "reason": "x" })).await.problem(404, "");
    scene.administrator.get("/reviews?state=done").await.problem(400, "invalid");
    // People begin none.
    scene.person("zane").json("POST", "/reviews", &json!({ "name": "x" })).await.problem(403, "forbidden");
}

/// It begins on its day, and is about what is held then. Before, it can be called off without more; later with a reason. What was
/// called off does nothing.
async fn it_begins_on_its_day_and_can_be_called_off(server: Server) {
    let scene = Scene::new(server).await;
    let review = scene.review(json!({ "starts": "2026-01-12" })).await;
    assert_eq!(scene.now(&review).await["state"], "scheduled");
    assert!(scene.waiting("mara").await.is_empty());
    scene.administrator.ask("POST", &format!("/reviews/{review}/closure")).await.problem(409, "state");
    let called_off = scene.review(json!({ "starts": "2026-01-12" })).await;
    let gone = scene.deed(&called_off, "cancellation", &json!({ "reason": "not yet" })).await.expect(200).body;
    assert_eq!((&gone["state"], &gone["reason"]), (&json!("cancelled"), &json!("not yet")));
    scene.days(12).await;
    assert_eq!(scene.now(&review).await["state"], "active");
    assert_eq!(scene.now(&called_off).await["state"], "cancelled");
    assert_eq!(scene.waiting("mara").await.len(), 2);
    let item = scene.item(&review, &scene.anna).await;
    scene.say("mara", &item, "revoke").await.expect(200);
    scene.deed(&review, "cancellation", &json!({ "reason": "" })).await.problem(400, "invalid");
    scene.deed(&review, "cancellation", &json!({ "reason": "the wrong people" })).await.expect(200);
    let again = scene.deed(&review, "cancellation", &json!({ "reason": "again" })).await;
    assert_eq!((&again.body["state"], &again.body["possible"]), (&json!("cancelled"), &json!([])));
    again.problem(409, "state");
    scene.days(60).await;
    assert!(scene.holds(&scene.anna, &scene.group).await, "nothing was done");
    assert_eq!(scene.item(&review, &scene.anna).await["state"], "revoke", "and it is kept as evidence");
    assert!(scene.waiting("mara").await.is_empty());
    let late = scene.say("mara", &scene.item(&review, &scene.juris).await, "keep").await;
    assert_eq!(late.body["state"], "cancelled");
    late.problem(409, "state");
    scene.check().await;
}

/// A review about nothing is done, and one about people who are left out alone too: they are shown, with the reason.
async fn a_review_about_nothing_is_done(server: Server) {
    let scene = Scene::new(server).await;
    let empty = scene.entitlement("empty", json!({})).await;
    let review = scene.review(json!({ "scope": { "entitlements": [empty] } })).await;
    let now = scene.now(&review).await;
    assert_eq!((&now["state"], &now["items"]), (&json!("completed"), &json!(0)));
    let exclusions = json!([
        { "user": scene.anna, "reason": "on parental leave" }, { "user": scene.juris, "reason": "was reviewed in May" },
    ]);
    let review = scene.review(json!({ "exclusions": exclusions })).await;
    assert_eq!(scene.now(&review).await["state"], "completed");
    let item = scene.item(&review, &scene.anna).await;
    assert_eq!((&item["state"], &item["reason"]), (&json!("excluded"), &json!("on parental leave")));
    assert!(scene.holds(&scene.anna, &scene.group).await);
}

/// Only micro-reviews are postponed.
async fn a_campaign_is_not_postponed(server: Server) {
    let scene = Scene::new(server).await;
    let review = scene.review(json!({})).await;
    let later = json!({ "deadline": "2026-01-25" });
    scene.deed(&review, "postponement", &later).await.problem(403, "forbidden");
    scene.deed(&review, "postponement", &json!({ "deadline": "then" })).await.problem(400, "invalid");
}

/// Reminders come at half of its time, at four fifths, and on its last day.
async fn who_reviews_is_reminded(server: Server) {
    let scene = Scene::new(server).await;
    let review = scene.review(json!({})).await;
    let due = async || {
        let timers = scene.administrator.get("/timers").await.expect(200).body;
        let timers = timers["items"].as_array().expect("items").clone();
        let remind = timers.into_iter().find(|timer| timer["kind"] == "reviewRemind");
        remind.map(|timer| timer["due"].as_str().expect("a time").to_owned())
    };
    let mut seen = Vec::new();
    for _ in 0..28 {
        seen.extend(due().await);
        scene.days(1).await;
    }
    seen.dedup();
    assert_eq!(seen, ["2026-01-15T15:00:00.000Z", "2026-01-23T15:00:00.000Z", "2026-01-28T15:00:00.000Z"]);
    assert_eq!(due().await, None);
    assert_eq!(scene.now(&review).await["state"], "active");
    scene.days(1).await;
    assert_eq!(scene.now(&review).await["state"], "completed");
    assert_eq!(id(&scene.now(&review).await), review);
}

on_both_databases! {
    a_review_from_its_beginning_to_its_end,
    a_scope_says_which_grants,
    what_cannot_be_is_refused,
    it_begins_on_its_day_and_can_be_called_off,
    a_review_about_nothing_is_done,
    a_campaign_is_not_postponed,
    who_reviews_is_reminded,
}
