//! Looking at what was taken, and what happens if nobody does.

use serde_json::json;

use super::{DAY, Scene, ids};
use crate::support::{Kind, Server};

/// A security officer or whoever answers for it looks at it, once and with a reason; whoever took it never does.
async fn somebody_else_looks_at_it(server: Server) {
    let scene = Scene::new(server).await;
    let id = scene.opened().await;
    let path = format!("/emergencies/{id}/review");
    scene.review("anna", &id, "justified").await.problem(403, "forbidden");
    scene.review("zane", &id, "justified").await.problem(404, "");
    for (review, pointer) in [(json!({ "verdict": "justified", "comment": " " }), "/comment")] {
        let reply = scene.person("mara").json("POST", &path, &review).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer);
        reply.problem(400, "invalid");
    }
    for review in [json!({ "verdict": "perhaps", "comment": "a" }), json!({ "verdict": "justified" })] {
        scene.person("mara").json("POST", &path, &review).await.problem(400, "invalid");
    }
    scene.administrator.json("POST", &path, &json!({ "verdict": "justified", "comment": "a" })).await.problem(403, "");
    assert_eq!(scene.emergency(&id).await["state"], "unreviewed");
    let review = json!({ "verdict": "justified", "comment": "a" });
    let stale = scene.person("mara").request("POST", &path).header("if-match", "W/\"9\"").json(&review);
    scene.person("mara").send(stale).await.problem(412, "stale");
    assert_eq!(scene.administrator.get(&format!("/emergencies/{id}")).await.etag(), "W/\"1\"");
    let reviewed = scene.review("oskars", &id, "unjustified").await.expect(200).body;
    assert_eq!(reviewed["state"], "reviewed");
    let review = &reviewed["review"];
    assert_eq!((&review["by"], &review["verdict"]), (&json!(scene.oskars), &json!("unjustified")));
    assert_eq!((&review["comment"], &review["at"]), (&json!("I have looked"), &json!("2026-01-01T00:00:00.000Z")));
    let again = scene.review("mara", &id, "justified").await;
    assert_eq!((&again.body["state"], &again.body["possible"]), (&json!("reviewed"), &json!([])));
    again.problem(409, "state");
    assert_eq!(scene.emergency(&id).await, reviewed);
    // What was looked at reminds nobody.
    scene.wait(30 * DAY).await;
    assert_eq!(scene.emergency(&id).await, reviewed);
}

/// Whoever is a security officer and took it themselves does not look at it, and who answers for what they took does not
/// either.
async fn nobody_looks_at_their_own(server: Server) {
    let scene = Scene::new(server).await;
    let members =
        json!([{ "op": "add", "path": "members", "value": [{ "value": scene.mara }, { "value": scene.oskars }] }]);
    scene.writer.patch(&format!("/Groups/{}", scene.openers), members).await.expect(204);
    let (hers, his) =
        (scene.open("mara", json!({})).await.expect(201).id(), scene.open("oskars", json!({})).await.expect(201).id());
    scene.review("mara", &hers, "justified").await.problem(403, "forbidden");
    scene.review("oskars", &his, "justified").await.problem(403, "forbidden");
    let (one, two) =
        tokio::join!(scene.review("oskars", &hers, "justified"), scene.review("oskars", &hers, "unjustified"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "once");
    scene.review("mara", &his, "justified").await.expect(200);
}

/// Who sees what: people what they took or may look at, administrators all, and another tenant nothing.
async fn who_sees_what(server: Server) {
    let scene = Scene::new(server).await;
    scene.server.tenant("jurmala").await;
    let new = json!({ "code": "other", "name": "Another" });
    let application = scene.administrator.json("POST", "/applications", &new).await.expect(201).id();
    let other = scene.writer.group("others", &[]).await.id();
    let entitlement = json!({
        "group": other, "code": "other", "names": { "en": "Others" }, "authority": "grants", "emergency": true,
    });
    let path = format!("/applications/{application}/entitlements");
    scene.administrator.json("POST", &path, &entitlement).await.expect(201);
    let one = scene.opened().await;
    let two = scene.open("anna", json!({ "entitlement": other })).await.expect(201).id();
    let zane = scene.writer.filter("/Users", "userName eq \"zane\"").await;
    assert_eq!(zane, ["zane"]);
    let both = [one.as_str(), two.as_str()];
    for (name, seen) in [("anna", &both[..]), ("mara", &both), ("oskars", &both[..1]), ("zane", &[])] {
        let person = scene.person(name);
        assert_eq!(ids(&person.get("/emergencies").await.expect(200).body), seen, "{name}");
        for id in both {
            let status = if seen.contains(&id) { 200 } else { 404 };
            assert_eq!(person.get(&format!("/emergencies/{id}")).await.status, status, "{name} {id}");
        }
    }
    scene.review("oskars", &two, "justified").await.problem(404, "");
    scene.review("oskars", &one, "justified").await.expect(200);
    let listed = async |query: &str| {
        let page = scene.administrator.get(&format!("/emergencies{query}")).await.expect(200).body;
        ids(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, both);
    assert_eq!(listed("?state=reviewed").await, both[..1]);
    assert_eq!(listed("?state=unreviewed").await, both[1..]);
    assert_eq!(listed(&format!("?user={}", scene.anna)).await, both);
    assert!(listed(&format!("?user={}", scene.mara)).await.is_empty());
    let page = scene.administrator.get("/emergencies?count=1").await.expect(200).body;
    let next = page["nextCursor"].as_str().expect("more");
    assert_eq!(listed(&format!("?count=1&cursor={next}")).await, both[1..]);
    for query in ["?state=open", "?user=x", "?count=0"] {
        scene.administrator.get(&format!("/emergencies{query}")).await.problem(400, "invalid");
    }
    let stranger = scene.server.administrator("jurmala").await;
    assert!(ids(&stranger.get("/emergencies").await.expect(200).body).is_empty());
    stranger.get(&format!("/emergencies/{one}")).await.problem(404, "");
}

/// Nobody looked at it in two days of work: an administrator knows, once, whoever noticed; it can be looked at still.
async fn what_nobody_looks_at_escalates_once(server: Server) {
    let scene = Scene::new(server).await;
    let id = scene.opened().await;
    let timers = scene.administrator.get("/timers").await.expect(200).body;
    let due = timers["items"].as_array().expect("items").iter().find(|timer| timer["kind"] == "emergencyDue");
    assert_eq!(due.map(|timer| timer["object"].clone()), Some(json!(id)));
    // Midnight of the first until three in the afternoon of the fifth.
    scene.wait(4 * DAY + 15 * DAY / 24 - 1).await;
    assert_eq!(scene.emergency(&id).await["state"], "unreviewed");
    scene.server.suspend("riga").await;
    assert_eq!(scene.wait(1).await, 1);
    scene.server.resume("riga").await;
    let escalated = scene.emergency(&id).await;
    assert_eq!((&escalated["state"], &escalated["escalated"]), (&json!("escalated"), &escalated["due"]));
    assert_eq!(scene.wait(30 * DAY).await, 0);
    assert_eq!(ids(&scene.administrator.get("/emergencies?state=escalated").await.expect(200).body), [&id]);
    let reviewed = scene.review("mara", &id, "justified").await.expect(200).body;
    assert_eq!((&reviewed["state"], &reviewed["escalated"]), (&json!("reviewed"), &escalated["escalated"]));
}

/// Two nodes notice at once, and one of them says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_escalate_once() {
    let mut scene = Scene::new(Server::start(Kind::Postgres).await).await;
    let id = scene.opened().await;
    scene.wait(DAY).await;
    let other = scene.server.beside().await;
    scene.server.pass(5 * DAY);
    let (here, there) = tokio::join!(scene.server.app.timers.run(), other.timers.run());
    assert_eq!(here.expect("what is due") + there.expect("what is due"), 1);
    assert_eq!(scene.emergency(&id).await["state"], "escalated");
    let events = sqlx::query("SELECT version FROM event WHERE kind = 'Emergency' ORDER BY seq")
        .fetch_all(&scene.server.database.look().await)
        .await
        .expect("events");
    assert_eq!(events.len(), 2, "taken, and escalated once");
}

on_both_databases! {
    somebody_else_looks_at_it,
    nobody_looks_at_their_own,
    who_sees_what,
    what_nobody_looks_at_escalates_once,
}
