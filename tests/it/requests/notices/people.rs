//! What people are told of others who leave, are suspended and come back, and of what they answer for then.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{Client, Server, client::MUNICIPAL};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

impl Scene {
    /// Lets somebody work in the school until then, or without an end.
    async fn works_until(&self, user: &str, end: Option<&str>) {
        let mut work = json!({ "organisationUnit": "SCHOOL", "start": "2025-01-01" });
        if let Some(end) = end {
            work["end"] = end.into();
        }
        let path = format!("{MUNICIPAL}:employments");
        let change = json!([{ "op": "replace", "path": path, "value": [work] }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }

    async fn suspend(&self, user: &str, until: Option<&str>) {
        let mut new = json!({ "reason": "something is looked into" });
        if let Some(until) = until {
            new["until"] = until.into();
        }
        self.administrator.json("PUT", &format!("/users/{user}/suspension"), &new).await.expect(200);
    }

    async fn change_application(&self, change: Value) {
        let request = self.administrator.request("PATCH", &format!("/applications/{}", self.application));
        self.administrator.send(request.header("if-match", "*").json(&change)).await.expect(200);
    }
}

async fn text(of: &Client, language: &str) -> String {
    let request = of.request("GET", "/notifications").header("accept-language", language);
    of.send(request).await.expect(200).body["items"][0]["text"].as_str().expect("a text").to_owned()
}

/// A fortnight and three days before the last of somebody's work is over whoever they report to hears of it, and who stands in for
/// that person; nobody hears of one day twice.
async fn a_leaver_is_told_of_beforehand(server: Server) {
    let scene = Scene::new(server).await;
    scene.user("dace").await;
    let dace = scene.person("dace").get("/me").await.expect(200).id();
    let deputy = json!({
        "delegate": dace, "from": "2026-01-01T00:00:00Z", "until": "2026-03-30T00:00:00Z", "duties": ["approvals"],
    });
    scene.person("mara").json("POST", "/delegations", &deputy).await.expect(201);
    scene.works_until(&scene.anna, Some("2026-01-31")).await;
    scene.wait(16 * DAY + 22 * HOUR - 1).await;
    assert_eq!(scene.kinds("mara").await, [""; 0]);
    scene.wait(1).await;
    assert_eq!(
        (scene.kinds("mara").await, scene.kinds("dace").await),
        (vec!["leavesSoon".into()], vec!["leavesSoon".into()])
    );
    assert!(text(&scene.person("mara"), "en").await.contains("14 days are left"));
    assert!(text(&scene.person("mara"), "lv").await.contains("atlikušas 14 dienas"));
    for name in ["anna", "zane", "oskars"] {
        assert_eq!(scene.kinds(name).await, [""; 0], "{name}");
    }
    // An end that moves is told of when its time comes, and one that moves back not once more.
    scene.works_until(&scene.anna, Some("2026-03-31")).await;
    scene.wait(HOUR).await;
    let employments = json!([
        { "organisationUnit": "SCHOOL", "start": "2025-01-01", "end": "2026-01-31" },
        { "organisationUnit": "SCHOOL", "start": "2026-01-20", "end": "2026-01-21" },
    ]);
    let change = json!([{ "op": "replace", "path": format!("{MUNICIPAL}:employments"), "value": employments }]);
    scene.writer.patch(&format!("/Users/{}", scene.anna), change).await.expect(200);
    // She is looked at on the days of her other work, too.
    scene.wait(5 * DAY).await;
    assert_eq!(scene.kinds("mara").await.len(), 1);
    scene.wait(6 * DAY).await;
    assert_eq!(scene.kinds("mara").await, ["leavesSoon"; 2]);
    assert!(text(&scene.person("mara"), "en").await.contains("3 days are left"));
    scene.works_until(&scene.anna, None).await;
    scene.wait(5 * DAY).await;
    assert!(scene.writer.get(&format!("/Users/{}", scene.anna)).await.body["active"] != json!(false));
    assert_eq!(scene.kinds("mara").await.len(), 2);
    // Nobody is told of who has left before.
    scene.works_until(&scene.anna, Some("2026-03-10")).await;
    scene.active(&scene.anna, false).await;
    scene.wait(60 * DAY).await;
    assert_eq!(scene.kinds("mara").await.len(), 2);
}

/// After a stop the latest alone is told, and nothing of who has left by then; where there is no manager, who leads the unit hears it.
async fn a_leaver_is_told_of_after_a_stop(server: Server) {
    let scene = Scene::new(server).await;
    let unit = json!({ "kind": "municipality", "code": "SCHOOL", "name": "School", "head": scene.oskars });
    scene.administrator.json("POST", "/organisation-units", &unit).await.expect(201);
    scene.works_until(&scene.anna, Some("2026-01-31")).await;
    scene.works_until(&scene.zane, Some("2026-02-14")).await;
    scene.server.pass(30 * DAY);
    scene.wait(0).await;
    assert_eq!(scene.kinds("mara").await, ["leavesSoon"]);
    assert!(text(&scene.person("mara"), "en").await.contains("1 day is left"));
    assert_eq!(scene.kinds("oskars").await, [""; 0]);
    scene.wait(2 * DAY).await;
    assert_eq!(scene.kinds("oskars").await, ["leavesSoon"], "Zane reports to nobody");
    scene.works_until(&scene.mara, Some("2026-03-20")).await;
    scene.server.pass(60 * DAY);
    scene.wait(0).await;
    assert_eq!(scene.kinds("oskars").await, ["leavesSoon"]);
    assert_eq!(scene.writer.get(&format!("/Users/{}", scene.mara)).await.body["active"], false);
}

/// Whoever somebody reports to hears of a suspension, once; whoever comes back hears it, too, and nobody reads why it was.
async fn a_suspension_is_told(server: Server) {
    let scene = Scene::new(server).await;
    scene.suspend(&scene.anna, None).await;
    scene.suspend(&scene.anna, Some("2026-01-10T12:00:00Z")).await;
    assert_eq!(scene.kinds("mara").await, ["suspended"]);
    assert!(!text(&scene.person("mara"), "en").await.contains("looked into"));
    scene.wait(12 * DAY).await;
    assert_eq!(scene.kinds("mara").await, ["suspended", "returned"]);
    assert_eq!(scene.kinds("anna").await, ["returned"]);
    scene.wait(HOUR).await;
    scene.suspend(&scene.anna, Some("2026-01-20T12:00:00Z")).await;
    assert!(text(&scene.person("mara"), "en").await.contains("Until 20 January 2026"));
    // Whoever leaves meanwhile does not come back.
    scene.active(&scene.anna, false).await;
    scene.wait(20 * DAY).await;
    assert_eq!(scene.kinds("mara").await, ["suspended", "returned", "suspended"]);
    scene.active(&scene.anna, true).await;
    scene.suspend(&scene.anna, None).await;
    scene.administrator.delete(&format!("/users/{}/suspension", scene.anna)).await.expect(204);
    assert_eq!(scene.kinds("anna").await, ["returned", "returned"]);
    assert_eq!(scene.kinds("zane").await, [""; 0]);
}

/// Whoever answers for an application because its owner is not there hears of it, each time.
async fn who_answers_from_now_on_is_told(server: Server) {
    let scene = Scene::new(server).await;
    scene.change_application(json!({ "deputy": scene.zane })).await;
    scene.active(&scene.oskars, false).await;
    scene.wait(0).await;
    scene.wait(HOUR).await;
    assert_eq!(scene.kinds("zane").await, ["answersFor"]);
    let said = text(&scene.person("zane"), "en").await;
    assert!(said.contains("\"Property tax\""), "{said}");
    assert!(text(&scene.person("zane"), "lv").await.contains("„Property tax”"));
    scene.active(&scene.oskars, true).await;
    scene.wait(HOUR).await;
    scene.suspend(&scene.oskars, None).await;
    scene.wait(HOUR).await;
    assert_eq!(scene.kinds("zane").await, ["answersFor"; 2]);
    // The deputy goes, too: who leads the unit answers then.
    let unit = json!({ "kind": "municipality", "code": "SCHOOL", "name": "School", "head": scene.mara });
    let unit = scene.administrator.json("POST", "/organisation-units", &unit).await.expect(201).id();
    scene.change_application(json!({ "unit": unit })).await;
    scene.active(&scene.zane, false).await;
    scene.wait(HOUR).await;
    assert_eq!(scene.kinds("mara").await, ["answersFor"]);
    // Who only stands ready answers for nothing.
    scene.administrator.delete(&format!("/users/{}/suspension", scene.oskars)).await.expect(204);
    scene.change_application(json!({ "deputy": scene.anna })).await;
    scene.active(&scene.anna, false).await;
    scene.wait(HOUR).await;
    assert_eq!(scene.kinds("mara").await, ["answersFor"]);
    assert_eq!(scene.kinds("oskars").await, ["returned"]);
    scene.change_application(json!({ "state": "retired" })).await;
    scene.active(&scene.oskars, false).await;
    scene.wait(HOUR).await;
    assert_eq!(scene.kinds("mara").await, ["answersFor"], "it is not in use");
}

on_both_databases! {
    a_leaver_is_told_of_beforehand,
    a_leaver_is_told_of_after_a_stop,
    a_suspension_is_told,
    who_answers_from_now_on_is_told,
}
