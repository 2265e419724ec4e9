//! What time does to requests: it reminds, lets others decide, ends and begins. It never approves.

use serde_json::{Value, json};

use super::{Scene, id};
use crate::support::Server;

const DAY: i64 = 86_400_000;

impl Scene {
    /// Lets days pass, and what is due happen.
    async fn days(&self, days: i64) {
        self.server.pass(days * DAY);
        self.server.app.timers.run().await.expect("timers");
    }
}

/// Deadlines run in working time: 1 January is a holiday, and weekends count for nothing. A tenant may have days off of its own
/// and follow the moved working days, or not.
async fn deadlines_run_in_working_time(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    let stage = &item["stages"][0];
    assert_eq!(stage["reminds"], "2026-01-02T15:00:00.000Z");
    assert_eq!(stage["escalates"], "2026-01-06T15:00:00.000Z");
    assert_eq!(item["expires"], "2026-01-15T15:00:00.000Z");
    scene.withdraw("anna", id(&item)).await.expect(200);
    let set = async |working_time: Value| {
        let change = json!({ "workingTime": working_time });
        scene.administrator.json("PATCH", "/settings", &change).await
    };
    set(json!({ "daysOff": ["2026-01-05"] })).await.expect(200);
    let item = scene.asked().await;
    assert_eq!(item["expires"], "2026-01-16T15:00:00.000Z");
    scene.withdraw("anna", id(&item)).await.expect(200);
    let moved = json!([{ "dayOff": "2026-01-02", "workday": "2026-01-10" }]);
    set(json!({ "movedDays": moved })).await.expect(200);
    let item = scene.asked().await;
    assert_eq!(item["stages"][0]["reminds"], "2026-01-02T15:00:00.000Z", "nobody follows them here");
    scene.withdraw("anna", id(&item)).await.expect(200);
    set(json!({ "followsMovedDays": true, "movedDays": moved })).await.expect(200);
    let item = scene.asked().await;
    assert_eq!(item["stages"][0]["reminds"], "2026-01-05T15:00:00.000Z");
    assert_eq!(item["stages"][0]["escalates"], "2026-01-07T15:00:00.000Z");
    assert_eq!(item["expires"], "2026-01-15T15:00:00.000Z", "the Saturday is worked");
    // A day of the working week is moved to a weekend, and not to itself.
    for (off, on) in [("2026-01-02", "2026-01-02"), ("2026-01-10", "2026-01-12"), ("2026-01-02", "2026-01-05")] {
        let told = set(json!({ "movedDays": [{ "dayOff": off, "workday": on }] })).await.problem(400, "invalid");
        assert!(told.contains("workingTime.movedDays"), "{told}");
    }
    for wrong in [json!({ "daysOff": ["2026-02-30"] }), json!({ "daysOff": ["soon"] }), json!({ "holidays": [] })] {
        set(wrong).await.problem(400, "invalid");
    }
}

/// Nobody says anything: approvers are reminded, the next manager may decide as well, and at last it ends without a grant.
async fn silence_is_never_a_yes(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.days(1).await;
    assert_eq!(scene.item(id(&item)).await["version"], 1, "a holiday is no working day");
    scene.days(1).await;
    let reminded = scene.item(id(&item)).await;
    assert_eq!((&reminded["version"], &reminded["state"]), (&json!(2), &json!("pending")));
    assert_eq!(reminded["stages"][0]["reminds"], "2026-01-05T15:00:00.000Z");
    assert!(scene.waiting("zane").await.is_empty());
    scene.days(4).await;
    let escalated = scene.item(id(&item)).await;
    assert_eq!(escalated["state"], "pending");
    let change = &escalated["stages"][0]["changes"][0];
    assert_eq!((&change["kind"], &change["to"]), (&json!("escalated"), &json!(scene.zane)));
    assert_eq!(scene.waiting("zane").await, [id(&item)]);
    assert_eq!(scene.waiting("mara").await, [id(&item)]);
    scene.days(30).await;
    let expired = scene.item(id(&item)).await;
    assert_eq!((&expired["state"], &expired["stages"][0]["state"]), (&json!("expired"), &json!("timedOut")));
    scene.approve("mara", id(&item)).await.problem(409, "state");
    assert!(!scene.holds(&scene.anna, &scene.group).await);
    let page = scene.administrator.get("/requests?state=expired").await.expect(200).body;
    assert_eq!(page["items"].as_array().expect("items").len(), 1);
    let timers = scene.administrator.get("/timers").await.expect(200).body;
    assert_eq!(timers["items"], json!([]), "nothing is left to happen");
}

/// Whoever came by escalation decides; two nodes that take up the same timers do each of them once.
async fn who_came_later_decides(mut server: Server) {
    let other = server.beside().await;
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.server.pass(7 * DAY);
    let (here, there) = tokio::join!(scene.server.app.timers.run(), other.timers.run());
    assert!(here.expect("timers") + there.expect("timers") >= 2);
    let escalated = scene.item(id(&item)).await;
    assert_eq!(escalated["stages"][0]["changes"].as_array().expect("changes").len(), 1);
    let voted = scene.approve("zane", id(&item)).await.expect(200).body;
    assert_eq!(voted["stages"][0]["state"], "approved");
    scene.approve("oskars", id(&item)).await.expect(200);
    assert!(scene.holds(&scene.anna, &scene.group).await);
}

/// A question that nobody answers ends it too.
async fn a_question_without_an_answer_ends_it(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.deed("mara", id(&item), "questions", &json!({ "question": "why?" })).await.expect(200);
    scene.days(7).await;
    assert_eq!(scene.item(id(&item)).await["state"], "infoRequested");
    scene.days(1).await;
    assert_eq!(scene.item(id(&item)).await["state"], "expired");
    scene.deed("anna", id(&item), "answers", &json!({ "answer": "so" })).await.problem(409, "state");
}

/// What was approved for later begins then, and its length with it; what was taken away meanwhile does not.
async fn what_was_approved_for_later_begins(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.entitlement("low", json!({ "risk": 1 })).await;
    let other = scene.entitlement("other", json!({ "risk": 1 })).await;
    let wish = |group: &str| json!({ "kind": "grant", "entitlement": group, "from": "2026-02-01", "days": 10 });
    let (one, two) = (scene.ask("anna", wish(&group)).await, scene.ask("anna", wish(&other)).await);
    scene.approve("mara", id(&one)).await.expect(200);
    let taken = scene.approve("mara", id(&two)).await.expect(200).body["grant"].clone();
    let revocation = format!("/grants/{}/revocation", taken.as_str().expect("a grant"));
    scene.administrator.json("POST", &revocation, &json!({ "reason": "x" })).await.expect(200);
    let gone = scene.item(id(&two)).await;
    assert_eq!((&gone["state"], &gone["reason"]), (&json!("cancelled"), &json!("grantEnded")));
    scene.days(30).await;
    assert!(!scene.holds(&scene.anna, &group).await);
    scene.days(1).await;
    assert!(scene.holds(&scene.anna, &group).await && !scene.holds(&scene.anna, &other).await);
    assert_eq!(scene.item(id(&one)).await["state"], "fulfilled");
    scene.days(11).await;
    assert!(!scene.holds(&scene.anna, &group).await);
    let shown = scene.administrator.get("/requests?state=completed").await.expect(200).body;
    assert_eq!(shown["items"].as_array().expect("items").len(), 1);
    scene.check().await;
}

/// Days may pass while nobody runs: all that was due happens in its order, and still nothing is approved.
async fn what_was_due_meanwhile_is_made_up_for(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.days(60).await;
    let found = scene.item(id(&item)).await;
    assert_eq!(found["state"], "expired");
    assert!(found["stages"].as_array().expect("stages").iter().all(|stage| stage["votes"] == json!([])));
    assert!(!scene.holds(&scene.anna, &scene.group).await);
}

on_both_databases! {
    deadlines_run_in_working_time,
    silence_is_never_a_yes,
    who_came_later_decides,
    a_question_without_an_answer_ends_it,
    what_was_approved_for_later_begins,
    what_was_due_meanwhile_is_made_up_for,
}
