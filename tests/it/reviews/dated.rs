//! Moves that are dated ahead: they are looked at on their day, once.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{Server, client::MUNICIPAL};

/// Work at a unit under somebody.
fn work(unit: &str, manager: &str, start: &str, end: Option<&str>) -> Value {
    let mut work = json!({ "position": unit, "manager": manager, "start": start });
    if let Some(end) = end {
        work["end"] = end.into();
    }
    work
}

impl Scene {
    async fn rework(&self, user: &str, employments: Value) {
        let path = format!("{MUNICIPAL}:employments");
        let change = json!([{ "op": "replace", "path": path, "value": employments }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
        self.timers().await;
    }

    async fn reviews(&self) -> Vec<Value> {
        let page = self.administrator.get("/reviews").await.expect(200).body;
        page["items"].as_array().expect("items").clone()
    }

    async fn close_all(&self) {
        for review in self.reviews().await {
            if review["state"] == "active" {
                let path = format!("/reviews/{}/closure", review["id"].as_str().expect("an id"));
                self.administrator.ask("POST", &path).await.expect(200);
            }
        }
        self.timers().await;
    }
}

/// Somebody who changes places on a day that was said before: nothing happens until then, and then their old and their new manager
/// look at what they had asked for. What ends while another goes on is a move as well.
async fn a_move_is_looked_at_on_its_day(server: Server) {
    let scene = Scene::new(server).await;
    let old = || work("FIN", &scene.mara, "2025-01-01", Some("2026-01-10"));
    let new = |end| work("EDU", &scene.zane, "2026-01-11", end);
    scene.rework(&scene.anna, json!([work("FIN", &scene.mara, "2025-01-01", None)])).await;
    scene.close_all().await;
    let before = scene.reviews().await.len();
    scene.rework(&scene.anna, json!([old(), new(None)])).await;
    scene.days(9).await;
    assert_eq!(scene.reviews().await.len(), before, "not yet");
    scene.days(1).await;
    let all = scene.reviews().await;
    assert_eq!(all.len(), before + 1);
    let review =
        all.iter().find(|one| one["state"] == "active").expect("one")["id"].as_str().expect("an id").to_owned();
    let item = scene.item(&review, &scene.anna).await;
    let mut reviewers: Vec<&str> =
        item["reviewers"].as_array().expect("reviewers").iter().filter_map(|one| one["id"].as_str()).collect();
    reviewers.sort_unstable();
    let mut both = [scene.mara.as_str(), scene.zane.as_str()];
    both.sort_unstable();
    assert_eq!(reviewers, both);
    scene.close_all().await;
    scene.days(10).await;
    assert_eq!(scene.reviews().await.len(), before + 1, "once");
    // The second of two ends.
    scene.rework(&scene.anna, json!([new(Some("2026-03-10")), work("EDU", &scene.zane, "2026-01-11", None)])).await;
    scene.days(60).await;
    assert_eq!(scene.reviews().await.len(), before + 1, "the same work goes on");
    scene.rework(&scene.anna, json!([new(None), work("FIN", &scene.mara, "2026-01-11", Some("2026-06-10"))])).await;
    scene.close_all().await;
    let before = scene.reviews().await.len();
    scene.days(120).await;
    assert_eq!(scene.reviews().await.len(), before + 1, "one ends while another goes on: {:#?}", scene.reviews().await);
}

/// Who is suspended comes back to what they had asked for: a move of theirs meanwhile is looked at, said at once or dated ahead.
async fn a_move_of_somebody_suspended_is_looked_at(server: Server) {
    let scene = Scene::new(server).await;
    scene.rework(&scene.anna, json!([work("FIN", &scene.mara, "2025-01-01", None)])).await;
    scene.close_all().await;
    let before = scene.reviews().await.len();
    let suspension = format!("/users/{}/suspension", scene.anna);
    scene.administrator.json("PUT", &suspension, &json!({ "reason": "long leave" })).await.expect(200);
    scene.rework(&scene.anna, json!([work("EDU", &scene.zane, "2025-01-01", None)])).await;
    assert_eq!(scene.reviews().await.len(), before + 1);
    scene.close_all().await;
    let ahead = json!([
        work("EDU", &scene.zane, "2025-01-01", Some("2026-01-10")),
        work("FIN", &scene.mara, "2026-01-11", None),
    ]);
    scene.rework(&scene.anna, ahead).await;
    assert_eq!(scene.reviews().await.len(), before + 1, "not yet");
    scene.days(11).await;
    assert_eq!(scene.reviews().await.len(), before + 2);
}

/// A new contract for the same work is no move; nor is it one to leave. Who holds nothing that was asked for is in no review, and what
/// was missed is made up for once, however many days it was.
async fn what_is_no_move_begins_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let fin = |start, end| work("FIN", &scene.mara, start, end);
    let edu = |start, end| work("EDU", &scene.zane, start, end);
    scene.rework(&scene.anna, json!([fin("2025-01-01", Some("2026-01-10")), fin("2026-01-11", None)])).await;
    scene.rework(&scene.juris, json!([fin("2025-01-01", Some("2026-01-10"))])).await;
    scene.rework(&scene.oskars, json!([fin("2025-01-01", Some("2026-01-10")), edu("2026-01-11", None)])).await;
    scene.close_all().await;
    let before = scene.reviews().await.len();
    scene.days(20).await;
    assert_eq!(scene.reviews().await.len(), before);
    // There and back again while nobody looked.
    let there = edu("2026-02-01", Some("2026-02-10"));
    scene.rework(&scene.anna, json!([fin("2025-01-01", Some("2026-01-31")), there, fin("2026-02-11", None)])).await;
    scene.days(40).await;
    assert_eq!(scene.reviews().await.len(), before);
    let moved =
        json!([fin("2025-01-01", Some("2026-03-10")), edu("2026-03-11", Some("2026-03-20")), edu("2026-03-21", None)]);
    scene.rework(&scene.anna, moved).await;
    scene.days(40).await;
    assert_eq!(scene.reviews().await.len(), before + 1);
}

on_both_databases! {
    a_move_is_looked_at_on_its_day,
    a_move_of_somebody_suspended_is_looked_at,
    what_is_no_move_begins_nothing,
}
