//! Long leave: whom an administrator has suspended is in no group, and comes back with what is still valid.

use serde_json::{Value, json};
use sqlx::Row;

use super::{Scene, adding, removing};
use crate::support::{
    Reply, Server,
    client::{GROUP, MUNICIPAL},
};

const DAY: i64 = 24 * 60 * 60_000;

/// Anna, in an entitlement and in a plain group.
struct Leave {
    scene: Scene,
    anna: String,
    tax: String,
    plain: String,
}

impl Leave {
    async fn new(server: Server) -> Self {
        let scene = Scene::new(server).await;
        let anna = scene.writer.user("anna", json!({})).await.id();
        let tax = scene.writer.group("tax", &[&anna]).await.id();
        let plain = scene.writer.group("plain", &[&anna]).await.id();
        scene.entitle(&tax, "tax", "scim").await;
        Self { scene, anna, tax, plain }
    }

    fn path(&self) -> String {
        format!("/users/{}/suspension", self.anna)
    }

    async fn suspend(&self, more: Value) -> Reply {
        let mut new = json!({ "reason": "child care" });
        if let Some(until) = more.get("until") {
            new["until"] = until.clone();
        }
        self.scene.administrator.json("PUT", &self.path(), &new).await
    }

    async fn lift(&self) -> Reply {
        self.scene.administrator.ask("DELETE", &self.path()).await
    }

    async fn is_active(&self) -> bool {
        self.scene.writer.get(&format!("/Users/{}", self.anna)).await.expect(200).body["active"] == true
    }

    async fn groups(&self) -> usize {
        let mut count = 0;
        for group in [&self.tax, &self.plain] {
            count += usize::from(self.scene.members(group).await.contains(&self.anna));
        }
        count
    }

    async fn say_active(&self, is_active: bool) -> Reply {
        let change = json!([{ "op": "replace", "path": "active", "value": is_active }]);
        self.scene.writer.patch(&format!("/Users/{}", self.anna), change).await
    }
}

/// All at once, for however long it lasts, and back.
async fn it_takes_all_and_gives_it_back(server: Server) {
    let leave = Leave::new(server).await;
    leave.lift().await.problem(409, "state");
    let made = leave.suspend(json!({})).await.expect(200).body;
    assert_eq!((&made["user"], &made["by"]["reason"]), (&json!(leave.anna), &json!("child care")));
    assert_eq!(leave.scene.administrator.get(&leave.path()).await.expect(200).body, made);
    assert!(!leave.is_active().await);
    assert_eq!(leave.groups().await, 0);
    leave.scene.wait(300 * DAY).await;
    leave.lift().await.expect(204);
    assert!(leave.is_active().await);
    assert_eq!(leave.groups().await, 2);
    leave.scene.administrator.get(&leave.path()).await.problem(404, "");
    leave.scene.check("lifted").await;
    let events = sqlx::query("SELECT action FROM event WHERE kind = 'Suspension' ORDER BY seq")
        .fetch_all(&leave.scene.server.database.look().await)
        .await
        .expect("events");
    assert_eq!(events.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>(), ["created", "deleted"]);
}

/// Whoever writes groups and knows nothing of the suspension puts nobody back: they wait outside, and what is taken away again is gone.
async fn a_sync_puts_nobody_back(server: Server) {
    let leave = Leave::new(server).await;
    let scene = &leave.scene;
    leave.suspend(json!({})).await.expect(200);
    let other = scene.writer.group("other", &[]).await.id();
    for group in [&leave.plain, &other] {
        scene.writer.patch(&format!("/Groups/{group}"), adding(&[&leave.anna])).await.expect(204);
        assert!(scene.members(group).await.is_empty());
    }
    let all = json!({ "schemas": [GROUP], "displayName": "plain", "members": [{ "value": leave.anna }] });
    scene.writer.put(&format!("/Groups/{}", leave.plain), &all).await.expect(200);
    assert!(scene.members(&leave.plain).await.is_empty());
    scene.writer.patch(&format!("/Groups/{other}"), removing(&leave.anna)).await.expect(204);
    scene.check("suspended").await;
    leave.lift().await.expect(204);
    assert!(scene.members(&leave.plain).await.contains(&leave.anna));
    assert!(scene.members(&other).await.is_empty(), "what was taken away meanwhile");
    scene.check("lifted").await;
}

/// Birthrights and what was given for a time: what has run out meanwhile does not come back, and what SCIM, or anybody, takes away
/// meanwhile is gone for good.
async fn what_is_not_valid_any_more_stays_away(server: Server) {
    let leave = Leave::new(server).await;
    let scene = &leave.scene;
    let short = scene.writer.group("short", &[]).await.id();
    scene.entitle(&short, "short", "grants").await;
    let grant = scene.give_for(&leave.anna, &short, None, Some("2026-01-11T00:00:00Z")).await;
    leave.suspend(json!({})).await.expect(200);
    assert_eq!(scene.grant(&grant).await["state"], "suspended");
    scene.writer.patch(&format!("/Groups/{}", leave.plain), removing(&leave.anna)).await.expect(204);
    scene.wait(20 * DAY).await;
    assert_eq!(scene.grant(&grant).await["ending"], "expired");
    leave.lift().await.expect(204);
    assert_eq!(leave.groups().await, 1);
    assert!(!scene.members(&short).await.contains(&leave.anna));
    scene.check("what is left").await;
}

/// Somebody who is deleted is; a suspended tenant suspends and does not lift; who was given back is there no more than before.
async fn what_takes_away_goes_before(server: Server) {
    let leave = Leave::new(server).await;
    let scene = &leave.scene;
    scene.server.suspend("riga").await;
    leave.suspend(json!({ "until": "2026-01-11" })).await.expect(200);
    leave.lift().await.problem(403, "suspended");
    scene.wait(20 * DAY).await;
    assert!(!leave.is_active().await);
    scene.server.resume("riga").await;
    assert_eq!(scene.wait(0).await, 1);
    assert!(leave.is_active().await);
    assert_eq!(leave.groups().await, 2);
    leave.suspend(json!({})).await.expect(200);
    scene.writer.delete(&format!("/Users/{}", leave.anna)).await.expect(204);
    scene.administrator.get(&leave.path()).await.problem(404, "");
    leave.suspend(json!({})).await.problem(404, "");
    leave.lift().await.problem(404, "");
    scene.restore(scene.writer_id).await;
    leave.lift().await.problem(409, "state");
    scene.server.tenant("jurmala").await;
    let stranger = scene.server.administrator("jurmala").await;
    for method in ["GET", "DELETE"] {
        stranger.ask(method, &leave.path()).await.problem(404, "");
    }
    stranger.json("PUT", &leave.path(), &json!({ "reason": "none" })).await.problem(404, "");
}

/// Whose last employment ends while they are suspended has left; a restoration of what an administrator's client did does not lift what
/// is a decision.
async fn who_has_no_work_left_meanwhile_has_left(server: Server) {
    let leave = Leave::new(server).await;
    let scene = &leave.scene;
    let work = json!([{ "organisationUnit": "FIN", "start": "2025-01-01", "end": "2026-01-10" }]);
    let change = json!([{ "op": "add", "value": { MUNICIPAL: { "employments": work } } }]);
    scene.writer.patch(&format!("/Users/{}", leave.anna), change).await.expect(200);
    leave.suspend(json!({})).await.expect(200);
    let standing = async || scene.administrator.get(&format!("/users/{}/standing", leave.anna)).await.expect(200).body;
    let away = standing().await;
    assert_eq!((&away["state"], &away["memberships"]), (&json!("suspended"), &json!(0)));
    assert!(away.get("departure").is_none());
    scene.wait(15 * DAY).await;
    let left = standing().await;
    assert_eq!(
        (&left["state"], &left["departure"]["committed"]),
        (&json!("deactivated"), &json!("2026-01-16T00:00:00.000Z"))
    );
    leave.lift().await.problem(409, "state");
    scene.wait(29 * DAY).await;
    leave.say_active(true).await.expect(200);
    assert_eq!(leave.groups().await, 2);
}

/// Two say it at once: one is first, and it holds once.
async fn two_at_once_suspend_once(server: Server) {
    let leave = Leave::new(server).await;
    let (first, second) = tokio::join!(leave.suspend(json!({})), leave.suspend(json!({})));
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(leave.scene.grants(&[("user", &leave.anna)]).await.len(), 2);
    let (first, second) = tokio::join!(leave.lift(), leave.say_active(false));
    assert!(matches!(first.status, 204 | 409) && second.status == 200);
    assert!(!leave.is_active().await || first.status == 204);
    leave.scene.check("at once").await;
}

/// A client does not wake them up, and the rest of what it writes is taken.
async fn a_client_does_not_wake_them_up(server: Server) {
    let leave = Leave::new(server).await;
    leave.suspend(json!({})).await.expect(200);
    assert_eq!(leave.say_active(true).await.expect(200).body["active"], false);
    let whole = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "anna", "title": "Clerk", "active": true,
    });
    let put = leave.scene.writer.put(&format!("/Users/{}", leave.anna), &whole).await.expect(200).body;
    assert_eq!((&put["active"], &put["title"]), (&json!(false), &json!("Clerk")));
    assert_eq!(leave.groups().await, 0);
    leave.scene.wait(60 * DAY).await;
    leave.lift().await.expect(204);
    assert_eq!(leave.groups().await, 2);
}

/// Who is switched off meanwhile has left from then on: thirty days, and lifting is not possible.
async fn who_is_switched_off_meanwhile_has_left(server: Server) {
    let leave = Leave::new(server).await;
    leave.suspend(json!({})).await.expect(200);
    leave.scene.wait(100 * DAY).await;
    leave.say_active(false).await.expect(200);
    leave.lift().await.problem(409, "state");
    leave.suspend(json!({})).await.problem(409, "state");
    leave.scene.wait(29 * DAY).await;
    leave.say_active(true).await.expect(200);
    assert_eq!(leave.groups().await, 2);
    leave.suspend(json!({})).await.expect(200);
    leave.say_active(false).await.expect(200);
    leave.scene.wait(31 * DAY).await;
    leave.say_active(true).await.expect(200);
    assert_eq!(leave.groups().await, 0);
    leave.scene.check("left").await;
}

/// Its end comes by itself, and moves when it is said anew.
async fn it_ends_by_itself(server: Server) {
    let leave = Leave::new(server).await;
    for wrong in ["soon", "2025-12-31T00:00:00Z", "2025-12-31"] {
        leave.suspend(json!({ "until": wrong })).await.problem(400, "invalid");
    }
    leave.suspend(json!({ "until": "2026-01-10" })).await.expect(200);
    leave.suspend(json!({ "until": "2026-01-21T00:00:00Z" })).await.expect(200);
    leave.scene.wait(20 * DAY - 1).await;
    assert!(!leave.is_active().await);
    leave.scene.wait(1).await;
    assert!(leave.is_active().await);
    assert_eq!(leave.groups().await, 2);
}

on_both_databases! {
    it_takes_all_and_gives_it_back,
    a_sync_puts_nobody_back,
    what_is_not_valid_any_more_stays_away,
    what_takes_away_goes_before,
    who_has_no_work_left_meanwhile_has_left,
    two_at_once_suspend_once,
    a_client_does_not_wake_them_up,
    who_is_switched_off_meanwhile_has_left,
    it_ends_by_itself,
}
