//! People whose employments end by their dates: they leave on the day after the last one, as if a client had said so.

use serde_json::{Value, json};
use sqlx::Row;

use super::Scene;
use crate::support::{Kind, Reply, Server, client::MUNICIPAL};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// From the beginning of 2026 until the end of the tenth in Riga.
const TEN_DAYS: i64 = 9 * DAY + 22 * HOUR;

/// An employment at some unit from one day to another.
fn work(unit: &str, start: &str, end: Option<&str>) -> Value {
    let mut work = json!({ "organisationUnit": unit, "start": start });
    if let Some(end) = end {
        work["end"] = end.into();
    }
    work
}

/// Until the tenth of January.
fn short() -> Value {
    work("FIN", "2025-01-01", Some("2026-01-10"))
}

impl Scene {
    async fn works(&self, name: &str, employments: Value) -> String {
        self.writer.user(name, json!({ MUNICIPAL: { "employments": employments } })).await.id()
    }

    /// Writes what somebody works as anew.
    async fn rework(&self, user: &str, employments: Value) -> Reply {
        let path = format!("{MUNICIPAL}:employments");
        let change = json!([{ "op": "replace", "path": path, "value": employments }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200)
    }

    async fn activate(&self, user: &str) {
        let change = json!([{ "op": "replace", "path": "active", "value": true }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }

    async fn is_there(&self, user: &str) -> bool {
        self.writer.get(&format!("/Users/{user}")).await.expect(200).body["active"] == true
    }

    /// When somebody is looked at next.
    async fn look(&self, user: &str) -> Option<String> {
        let timers = self.administrator.get("/timers").await.expect(200).body;
        let of = |timer: &&Value| timer["object"] == user && timer["kind"] == "employment";
        let found = timers["items"].as_array().expect("items").iter().find(of)?;
        found["due"].as_str().map(str::to_owned)
    }
}

/// The last day counts wholly, as it is in Riga; then all is as if a client had written it, and all that follows comes with it. Who is
/// said to be active comes back, and nobody argues about that the next night.
async fn who_has_no_work_left_leaves(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.works("anna", json!([short()])).await;
    let plain = scene.writer.group("plain", &[&anna]).await.id();
    let given = scene.writer.group("given", &[]).await.id();
    scene.entitle(&given, "given", "grants").await;
    scene.give(&anna, &given).await;
    // Three days before whoever she reports to would hear of it.
    assert_eq!(scene.look(&anna).await.as_deref(), Some("2026-01-07T22:00:00.000Z"));
    let before = scene.writer.get(&format!("/Users/{anna}")).await.etag();
    assert_eq!(scene.wait(TEN_DAYS - 1).await, 1);
    assert_eq!(scene.look(&anna).await.as_deref(), Some("2026-01-10T22:00:00.000Z"));
    assert!(scene.is_there(&anna).await);
    assert_eq!(scene.wait(1).await, 1);
    let left = scene.writer.get(&format!("/Users/{anna}")).await.expect(200);
    assert_eq!((&left.body["active"], left.body.get("groups")), (&json!(false), None));
    assert_ne!(left.etag(), before);
    let active = scene.writer.find("/Users", &[("filter", "active eq true")]).await.expect(200).body;
    assert_eq!(active["totalResults"], 0, "{active:#}");
    for group in [&plain, &given] {
        assert!(!scene.members(group).await.contains(&anna));
    }
    let states: Vec<Value> = scene.grants(&[("user", &anna)]).await.iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, ["suspended", "suspended"]);
    scene.check("she left").await;
    let standing = scene.administrator.get(&format!("/users/{anna}/standing")).await.expect(200).body;
    assert_eq!(
        (&standing["state"], &standing["departure"]["committed"], &standing["departure"]["returnBy"]),
        (&json!("deactivated"), &json!("2026-01-10T22:00:00.000Z"), &json!("2026-02-09T22:00:00.000Z"))
    );
    let rows = sqlx::query("SELECT changes FROM event WHERE kind = 'User' AND client_id IS NULL")
        .fetch_all(&scene.server.database.look().await)
        .await
        .expect("events");
    let changes: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(changes.len() == 1 && changes[0].contains("active"), "the log has it, and that nobody did it: {changes:?}");
    // A later end by itself changes nothing, and to be active does, also where all is over.
    scene.rework(&anna, json!([work("FIN", "2025-01-01", Some("2026-01-12"))])).await;
    assert!(!scene.is_there(&anna).await);
    scene.wait(3 * DAY).await;
    scene.activate(&anna).await;
    for group in [&plain, &given] {
        assert!(scene.members(group).await.contains(&anna));
    }
    assert_eq!(scene.look(&anna).await, None);
    scene.wait(60 * DAY).await;
    assert!(scene.is_there(&anna).await, "what HR says counts");
    let title = json!([{ "op": "replace", "path": "title", "value": "Advisor" }]);
    scene.writer.patch(&format!("/Users/{anna}"), title).await.expect(200);
    scene.wait(DAY).await;
    assert!(scene.is_there(&anna).await);
    scene.check("she is back").await;
}

/// Whoever works elsewhere too, or will, stays; of whom no work is known nobody knows anything.
async fn who_has_other_work_stays(server: Server) {
    let scene = Scene::new(server).await;
    let open = scene.works("open", json!([short(), work("EDU", "2025-06-01", None)])).await;
    let later = scene.works("later", json!([short(), work("EDU", "2026-03-01", Some("2026-03-31"))])).await;
    let nothing = scene.writer.user("nothing", json!({})).await.id();
    let undated = scene.works("undated", json!([{ "organisationUnit": "FIN" }])).await;
    let away = scene.works("away", json!([short()])).await;
    let single = json!({ MUNICIPAL: { "position": "Clerk", "employmentEnd": "2026-01-10T00:00:00Z" } });
    let single = scene.writer.user("single", single).await.id();
    let gone = scene.works("gone", json!([short()])).await;
    scene.writer.delete(&format!("/Users/{gone}")).await.expect(204);
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    let version = scene.writer.patch(&format!("/Users/{away}"), off).await.expect(200).etag();
    scene.wait(TEN_DAYS).await;
    for user in [&open, &later, &nothing, &undated] {
        assert!(scene.is_there(user).await, "{user}");
    }
    assert!(!scene.is_there(&single).await);
    assert_eq!(scene.writer.get(&format!("/Users/{away}")).await.etag(), version, "who has left does so once");
    scene.wait(60 * DAY).await;
    assert!(scene.is_there(&later).await);
    scene.wait(20 * DAY).await;
    assert!(scene.is_there(&open).await && !scene.is_there(&later).await);
}

/// Whatever is written before the day counts on it; what is told late counts at once, and what was always over does not.
async fn a_day_moves_with_what_is_written(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.works("anna", json!([short()])).await;
    scene.rework(&anna, json!([work("FIN", "2025-01-01", Some("2026-01-20"))])).await;
    assert_eq!(scene.look(&anna).await.as_deref(), Some("2026-01-06T22:00:00.000Z"));
    scene.wait(TEN_DAYS).await;
    assert!(scene.is_there(&anna).await);
    scene.rework(&anna, json!([work("FIN", "2025-01-01", None)])).await;
    assert_eq!(scene.look(&anna).await, None);
    scene.wait(20 * DAY).await;
    assert!(scene.is_there(&anna).await);
    // Late.
    scene.rework(&anna, json!([short()])).await;
    assert_eq!(scene.wait(0).await, 1);
    assert!(!scene.is_there(&anna).await);
    // Whoever says at once that all is over and that somebody is there means it.
    let old = scene.works("old", json!([short()])).await;
    let body = json!({
        "schemas": [crate::support::client::USER, MUNICIPAL], "userName": "anna", "active": true,
        MUNICIPAL: { "employments": [short()] },
    });
    scene.writer.put(&format!("/Users/{anna}"), &body).await.expect(200);
    scene.rework(&old, json!([work("EDU", "2025-01-01", Some("2026-01-15"))])).await;
    assert_eq!(scene.wait(DAY).await, 0);
    assert!(scene.is_there(&anna).await && scene.is_there(&old).await);
    // Who is hired again leaves again.
    scene.rework(&anna, json!([short(), work("EDU", "2026-04-01", Some("2026-04-30"))])).await;
    scene.wait(120 * DAY).await;
    assert!(!scene.is_there(&anna).await);
    assert_eq!(scene.look(&anna).await, None);
}

/// What came due while nobody looked is made up for, whatever has been written since: what counts is what is true now.
async fn a_missed_day_is_made_up_for(server: Server) {
    let scene = Scene::new(server).await;
    let mut users = Vec::new();
    for name in ["left", "renamed", "prolonged", "again"] {
        users.push(scene.works(name, json!([short()])).await);
    }
    let [left, renamed, prolonged, again] = users.try_into().expect("four");
    scene.server.pass(12 * DAY);
    scene.rework(&renamed, json!([work("EDU", "2025-01-01", Some("2026-01-10"))])).await;
    scene.rework(&prolonged, json!([work("FIN", "2025-01-01", Some("2026-02-10"))])).await;
    scene.rework(&again, json!([short(), work("FIN", "2026-01-11", None)])).await;
    assert_eq!(scene.wait(0).await, 4);
    for (user, is_there) in [(&left, false), (&renamed, false), (&prolonged, true), (&again, true)] {
        assert_eq!(scene.is_there(user).await, is_there, "{user}");
    }
    assert_eq!(scene.look(&prolonged).await.as_deref(), Some("2026-01-27T22:00:00.000Z"));
    assert_eq!(scene.look(&again).await, None);
}

/// What takes away happens while a tenant is suspended as well.
async fn a_suspended_tenant_lets_people_go(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.works("anna", json!([short()])).await;
    let group = scene.writer.group("group", &[&anna]).await.id();
    scene.server.suspend("riga").await;
    scene.wait(TEN_DAYS).await;
    assert!(!scene.is_there(&anna).await);
    assert!(scene.members(&group).await.is_empty());
}

/// Two nodes look at once, and everybody leaves once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_do_it_once() {
    let mut scene = Scene::new(Server::start(Kind::Postgres).await).await;
    let mut users = Vec::new();
    for number in 0..12 {
        users.push(scene.works(&format!("u{number}"), json!([short()])).await);
    }
    let members: Vec<&str> = users.iter().map(String::as_str).collect();
    let group = scene.writer.group("group", &members).await.id();
    let other = scene.server.beside().await;
    scene.server.pass(TEN_DAYS);
    let (here, there) = tokio::join!(scene.server.app.timers.run(), other.timers.run());
    let (here, there) = (here.expect("what is due"), there.expect("what is due"));
    assert_eq!(here + there, 12, "{here} and {there}");
    assert!(scene.members(&group).await.is_empty());
    let events = sqlx::query("SELECT version FROM event WHERE kind = 'User'")
        .fetch_all(&scene.server.database.look().await)
        .await
        .expect("events");
    assert_eq!(events.len(), 24, "each was made, and has left once");
}

/// A database from before knows the days that are ahead once it is migrated.
async fn an_older_database_is_planned(server: Server) {
    let scene = Scene::new(server).await;
    let until = |day: &str| json!([work("FIN", "2025-01-01", Some(day)), work("EDU", "2097-02-01", None)]);
    let near = scene.works("near", until("2097-01-01")).await;
    let far = scene.works("far", until("2098-01-01")).await;
    let over = scene.works("over", json!([work("FIN", "2020-01-01", Some("2021-01-01"))])).await;
    let look = scene.server.database.look().await;
    for undo in [
        "DROP TABLE suspension",
        "DELETE FROM timer WHERE kind = 'employment'",
        "DELETE FROM seaql_migrations WHERE version = 'm0036_suspension'",
    ] {
        sqlx::query(undo).execute(&look).await.expect(undo);
    }
    scene.server.store.migrate().await.expect("migrated");
    assert_eq!(scene.look(&near).await.as_deref(), Some("2096-12-18T22:00:00.000Z"), "a fortnight before");
    assert_eq!(scene.look(&far).await.as_deref(), Some("2097-01-31T22:00:00.000Z"));
    assert_eq!(scene.look(&over).await, None);
}

on_both_databases! {
    who_has_no_work_left_leaves,
    who_has_other_work_stays,
    a_day_moves_with_what_is_written,
    a_missed_day_is_made_up_for,
    a_suspended_tenant_lets_people_go,
    an_older_database_is_planned,
}
