//! Taking access, what is refused, and its end.

use serde_json::{Value, json};

use super::{DAY, MINUTE, Scene, ids};
use crate::support::{Server, client::MUNICIPAL, client::text};

/// It is there in the same moment, for as long as was said and no longer, and it says where it came from.
async fn it_is_there_at_once_and_ends_by_itself(server: Server) {
    let scene = Scene::new(server).await;
    let opened = scene.open("anna", json!({})).await.expect(201);
    let id = opened.id();
    assert!(opened.header("location").is_some_and(|at| at.ends_with(&format!("/emergencies/{id}"))));
    let emergency = opened.body;
    assert_eq!(emergency, scene.emergency(&id).await);
    assert_eq!((&emergency["state"], &emergency["user"]), (&json!("unreviewed"), &json!(scene.anna)));
    assert_eq!((&emergency["reason"], &emergency["incident"]), (&json!("it is down"), &json!("INC-1")));
    assert_eq!(emergency["until"], "2026-01-01T02:00:00.000Z");
    // New Year's Day is none on which people work, and two days of work are over on the Monday.
    assert_eq!(emergency["due"], "2026-01-05T15:00:00.000Z");
    assert!(scene.holds(&scene.anna).await);
    let grant = scene.grant(&emergency["grant"]).await;
    assert_eq!((&grant["source"], &grant["sourceId"]), (&json!("emergency"), &json!(id)));
    assert_eq!((&grant["state"], &grant["until"]), (&json!("active"), &emergency["until"]));
    assert_eq!(grant["given"]["user"], json!(scene.anna));
    scene.open("anna", json!({ "incident": "INC-2" })).await.problem(409, "taken");
    scene.wait(120 * MINUTE - 1).await;
    assert!(scene.holds(&scene.anna).await);
    scene.wait(1).await;
    assert!(!scene.holds(&scene.anna).await);
    assert_eq!(scene.grant(&emergency["grant"]).await["ending"], "emergencyOver");
    assert_eq!(scene.emergency(&id).await["state"], "unreviewed", "the end is no review");
    scene.check().await;
    // It can be taken anew, with a reason of its own.
    scene.open("anna", json!({ "incident": "INC-2", "minutes": 240 })).await.expect(201);
    scene.check().await;
}

/// Nothing of it is taken by whoever may not, of what is not for it, without saying why, or for too long.
async fn what_is_refused_changes_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let plain = scene.writer.group("plain", &[]).await.id();
    let usual = scene.writer.group("usual", &[]).await.id();
    scene.entitle(&usual, json!({ "emergency": false })).await;
    for administrative in [&scene.openers, &scene.officers] {
        scene.entitle(administrative, json!({ "authority": "scim" })).await;
        scene.open("anna", json!({ "entitlement": administrative })).await.problem(403, "forbidden");
    }
    scene.open("anna", json!({ "entitlement": usual })).await.problem(403, "forbidden");
    scene.open("zane", json!({})).await.problem(403, "forbidden");
    let vaguely = scene.issuer.person(&scene.server, "anna", "low");
    let new = json!({ "entitlement": scene.group, "reason": "a", "incident": "b", "minutes": 1 });
    vaguely.json("POST", "/emergencies", &new).await.problem(403, "assurance");
    for (differences, pointer) in [
        (json!({ "entitlement": plain }), "/entitlement"),
        (json!({ "entitlement": scene.anna }), "/entitlement"),
        (json!({ "reason": " " }), "/reason"),
        (json!({ "incident": "" }), "/incident"),
        (json!({ "minutes": 0 }), "/minutes"),
        (json!({ "minutes": 241 }), "/minutes"),
        (json!({ "minutes": u32::MAX }), "/minutes"),
    ] {
        let reply = scene.open("anna", differences.clone()).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{differences}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    for differences in [json!({ "minutes": -1 }), json!({ "until": "2026-01-01" })] {
        scene.open("anna", differences).await.problem(400, "invalid");
    }
    scene.administrator.json("POST", "/emergencies", &new).await.problem(403, "");
    let retired = scene.writer.group("retired", &[]).await.id();
    scene.entitle(&retired, json!({})).await;
    let one = format!("/applications/{}/entitlements/{retired}", scene.application);
    scene.administrator.json("PATCH", &one, &json!({ "state": "retired" })).await.expect(200);
    let reply = scene.open("anna", json!({ "entitlement": retired })).await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/entitlement");
    reply.problem(400, "invalid");
    scene.administrator.json("PATCH", "/settings", &json!({ "emergencyGroup": null })).await.expect(200);
    scene.open("anna", json!({})).await.problem(403, "forbidden");
    let settings = json!({ "emergencyGroup": scene.openers });
    scene.administrator.json("PATCH", "/settings", &settings).await.expect(200);
    scene.server.suspend("riga").await;
    scene.open("anna", json!({})).await.problem(403, "suspended");
    scene.server.resume("riga").await;
    assert!(ids(&scene.administrator.get("/emergencies").await.expect(200).body).is_empty());
    assert!(!scene.holds(&scene.anna).await);
    scene.opened().await;
}

/// No longer than was said: neither whoever took it nor an administrator moves its end away. It may end before.
async fn it_is_not_extended(server: Server) {
    let scene = Scene::new(server).await;
    let emergency = scene.open("anna", json!({})).await.expect(201).body;
    let grant = emergency["grant"].as_str().expect("an id");
    let until = "2026-01-01T03:00:00Z";
    let extension = json!({ "until": until, "reason": "not done" });
    let path = format!("/grants/{grant}");
    let told = scene.administrator.json("POST", &format!("{path}/extension"), &extension).await;
    assert!(told.body["detail"].as_str().is_some_and(|text| text.contains("an emergency is not extended")));
    told.problem(409, "state");
    let item = json!({ "kind": "extend", "grant": grant, "until": until });
    let reply = scene.person("anna").json("POST", "/requests", &json!({ "items": [item] })).await;
    assert!(matches!(reply.status, 400 | 409), "{}: {:#}", reply.status, reply.body);
    assert!(reply.body.to_string().contains("an emergency is not extended"), "{:#}", reply.body);
    assert_eq!(scene.grant(&emergency["grant"]).await["until"], emergency["until"]);
    let back = json!({ "items": [{ "kind": "revoke", "grant": grant }] });
    scene.person("anna").json("POST", "/requests", &back).await.expect(201);
    assert!(!scene.holds(&scene.anna).await);
    scene.check().await;
}

/// Whoever leaves loses it at once. It comes back with them while its time lasts, and not behind that.
async fn a_leaver_loses_it(server: Server) {
    let scene = Scene::new(server).await;
    let emergency = scene.open("anna", json!({})).await.expect(201).body;
    scene.active(&scene.anna, false).await;
    assert!(!scene.holds(&scene.anna).await);
    scene.wait(60 * MINUTE).await;
    scene.active(&scene.anna, true).await;
    assert!(scene.holds(&scene.anna).await, "its time is not over");
    scene.active(&scene.anna, false).await;
    // Nobody was there to end it in time.
    scene.server.pass(DAY);
    scene.active(&scene.anna, true).await;
    assert!(!scene.holds(&scene.anna).await);
    assert_eq!(scene.grant(&emergency["grant"]).await["ending"], "emergencyOver");
    scene.wait(0).await;
    assert!(!scene.holds(&scene.anna).await);
    scene.check().await;
}

/// Whom a client took out by mistake has it again by a restoration, and no longer than was said.
async fn a_restoration_does_not_prolong_it(server: Server) {
    let scene = Scene::new(server).await;
    let emergency = scene.open("anna", json!({})).await.expect(201).body;
    let (client, _, token) = scene.server.token_of("riga", "broken", &[], &["scim.write"], i64::MAX / 2).await;
    let broken = scene.writer.with_token(&token);
    let remove = json!([{ "op": "remove", "path": "members" }]);
    let restore = async || {
        let until = caurlaide::clock::timestamp(scene.server.app.clock.now() + 1);
        let wish = json!({ "clientId": client, "from": "2026-01-01T00:00:00Z", "until": until });
        scene.administrator.json("POST", "/restorations", &wish).await.expect(200);
    };
    broken.patch(&format!("/Groups/{}", scene.group), remove.clone()).await.expect(204);
    assert!(!scene.holds(&scene.anna).await);
    scene.wait(60 * MINUTE).await;
    restore().await;
    assert!(scene.holds(&scene.anna).await);
    let grants = scene.administrator.get(&format!("/grants?user={}&state=active", scene.anna)).await.expect(200).body;
    let again = &grants["items"][0];
    assert_eq!((&again["source"], &again["until"]), (&json!("emergency"), &emergency["until"]));
    broken.patch(&format!("/Groups/{}", scene.group), remove).await.expect(204);
    scene.wait(60 * MINUTE).await;
    restore().await;
    assert!(!scene.holds(&scene.anna).await, "its time is over");
    scene.check().await;
}

/// What does not go together is found and noted, and hinders nobody just then.
async fn conflicts_are_noted(server: Server) {
    let scene = Scene::new(server).await;
    let other = scene.writer.group("payments", &[]).await.id();
    scene.entitle(&other, json!({})).await;
    let rule = json!({ "name": "apart", "mode": "block", "one": [scene.group], "other": [other] });
    scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201);
    let given = json!({ "user": scene.anna, "entitlement": other, "reason": "a test" });
    scene.administrator.json("POST", "/grants", &given).await.expect(201);
    scene.opened().await;
    assert!(scene.holds(&scene.anna).await);
    let found = scene.administrator.get("/sod-violations?state=detected").await.expect(200).body;
    assert_eq!(found["items"][0]["user"], json!(scene.anna));
    scene.wait(120 * MINUTE).await;
    assert!(!scene.holds(&scene.anna).await);
}

/// Sent again with its key it is answered as the first time; two at once take it once.
async fn it_is_taken_once(server: Server) {
    let scene = Scene::new(server).await;
    let new = json!({ "entitlement": scene.group, "reason": "a", "incident": "b", "minutes": 30 });
    let anna = scene.person("anna");
    let send = async |key: &str| {
        let request = anna.request("POST", "/emergencies").header("idempotency-key", key);
        let body = text("application/json", &new);
        anna.send(request.header("content-type", "application/json").body(body)).await
    };
    let first = send("k-1").await.expect(201);
    let again = send("k-1").await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.body, first.body);
    scene.wait(30 * MINUTE).await;
    let (one, two) = tokio::join!(scene.open("anna", json!({})), scene.open("anna", json!({})));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(ids(&scene.administrator.get("/emergencies").await.expect(200).body).len(), 2);
    scene.check().await;
}

/// Who is a member of the emergency group through another group is none of it.
async fn direct_members_alone_may(server: Server) {
    let scene = Scene::new(server).await;
    let sure = json!({ MUNICIPAL: { "assuranceLevel": "high" } });
    let berta = scene.writer.user("berta", sure).await.id();
    let inner = scene.writer.group("inner", &[&berta]).await.id();
    let member: Value = json!([{ "op": "add", "path": "members", "value": [{ "value": inner }] }]);
    scene.writer.patch(&format!("/Groups/{}", scene.openers), member).await.expect(204);
    scene.open("berta", json!({})).await.problem(403, "forbidden");
}

on_both_databases! {
    it_is_there_at_once_and_ends_by_itself,
    what_is_refused_changes_nothing,
    it_is_not_extended,
    a_leaver_loses_it,
    a_restoration_does_not_prolong_it,
    conflicts_are_noted,
    it_is_taken_once,
    direct_members_alone_may,
}
