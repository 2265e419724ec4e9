//! `/t/{tenant}/api/v1/review-items`: who decides about what, and who does not.

use serde_json::{Value, json};

use super::{Scene, id};
use crate::support::Server;

/// Nobody decides about themselves: it falls to the next who can. Whom nobody asked finds nothing.
async fn nobody_reviews_themselves(server: Server) {
    let scene = Scene::new(server).await;
    scene.give(&scene.mara, &scene.group).await;
    let review = scene.review(json!({ "reviewers": [{ "person": scene.mara }, "owner"] })).await;
    let own = scene.item(&review, &scene.mara).await;
    assert_eq!(own["reviewers"], json!([{ "id": scene.oskars }]));
    scene.say("mara", &own, "keep").await.problem(404, "");
    scene.say("zane", &own, "keep").await.problem(404, "");
    scene.person("zane").get(&format!("/review-items/{}", id(&own))).await.problem(404, "");
    scene.person("zane").get(&format!("/reviews/{review}")).await.problem(404, "");
    scene.person("zane").get(&format!("/reviews/{review}/items")).await.problem(404, "");
    assert_eq!(scene.person("zane").get("/reviews").await.expect(200).body["items"], json!([]));
    // Of the others she sees what is hers.
    let seen = scene.person("mara").get(&format!("/reviews/{review}/items")).await.expect(200).body;
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        scene.person("mara").get(&format!("/reviews/{review}")).await.expect(200).body["counts"],
        json!({ "open": 2 })
    );
    // Not even through a deputy.
    let new = json!({ "delegate": scene.mara, "duties": ["reviews"], "until": "2026-03-01" });
    scene.person("oskars").json("POST", "/delegations", &new).await.expect(201);
    scene.say("mara", &own, "keep").await.problem(404, "");
    let hand = json!({ "to": scene.mara, "reason": "she knows" });
    let path = format!("/review-items/{}/reassignment", id(&own));
    scene.administrator.json("POST", &path, &hand).await.problem(400, "invalid");
    scene.say("oskars", &own, "keep").await.expect(200);
    assert_eq!(scene.item(&review, &scene.mara).await["state"], "keep");
}

/// A deputy decides, and both names are kept.
async fn a_deputy_reviews(server: Server) {
    let scene = Scene::new(server).await;
    let berta = scene.writer.user("berta", super::person(None)).await.id();
    let review = scene.review(json!({})).await;
    let item = scene.item(&review, &scene.anna).await;
    let new = json!({ "delegate": berta, "until": "2026-03-01" });
    scene.person("mara").json("POST", "/delegations", &new).await.expect(201);
    let for_approvals_alone = scene.waiting("berta").await;
    let reviews = json!({ "delegate": berta, "duties": ["reviews"], "until": "2026-03-01" });
    if for_approvals_alone.is_empty() {
        scene.person("mara").json("POST", "/delegations", &reviews).await.expect(201);
    }
    assert_eq!(scene.waiting("berta").await.len(), 2);
    let decided = scene.say("berta", &item, "revoke").await.expect(200).body;
    let said = &decided["decisions"][0];
    assert_eq!((&said["by"], &said["onBehalfOf"]), (&json!(berta), &json!(scene.mara)));
}

/// A mind is changed as long as the review goes on, and what was said is kept. Not afterwards.
async fn a_mind_is_changed(server: Server) {
    let scene = Scene::new(server).await;
    let review = scene.review(json!({})).await;
    let item = scene.item(&review, &scene.anna).await;
    for verdict in ["keep", "revoke"] {
        scene.say("mara", &item, verdict).await.expect(200);
        let twice = scene.say("mara", &item, verdict).await;
        assert_eq!(twice.body["possible"], json!(["changeMind", "close"]));
        twice.problem(409, "state");
        scene.change_mind("mara", &item).await.expect(200);
    }
    scene.change_mind("mara", &item).await.problem(409, "state");
    let now = scene.item(&review, &scene.anna).await;
    assert_eq!((&now["state"], now["decisions"].as_array().map(Vec::len)), (&json!("open"), Some(2)));
    let stale = scene.person("mara").request("POST", &format!("/review-items/{}/decision", id(&item)));
    let stale = stale.header("if-match", "W/\"1\"").header("content-type", "application/json");
    scene.person("mara").send(stale.body(json!({ "verdict": "keep" }).to_string())).await.problem(412, "stale");
    // Everything is decided, and then not: it does not close.
    scene.say("mara", &item, "revoke").await.expect(200);
    let juris = scene.item(&review, &scene.juris).await;
    scene.say("mara", &juris, "keep").await.expect(200);
    scene.change_mind("mara", &item).await.expect(200);
    scene.timers().await;
    assert_eq!(scene.now(&review).await["state"], "active");
    assert!(
        scene.administrator.get("/timers").await.expect(200).body["items"]
            .as_array()
            .expect("items")
            .iter()
            .any(|timer| timer["kind"] == "reviewClose")
    );
    scene.close(&review).await;
    assert_eq!(scene.now(&review).await["state"], "completed");
    let late = scene.change_mind("mara", &item).await;
    assert_eq!(late.body["state"], "doneKept");
    late.problem(409, "state");
}

/// Who cannot say passes it on, once; then silence decides.
async fn who_cannot_say_passes_it_on(server: Server) {
    let scene = Scene::new(server).await;
    let review = scene.review(json!({ "scope": { "user": scene.anna } })).await;
    let item = scene.item(&review, &scene.anna).await;
    let passed = scene.say("mara", &item, "abstain").await.expect(200).body;
    assert_eq!((&passed["state"], &passed["reviewers"]), (&json!("open"), &json!([{ "id": scene.oskars }])));
    scene.say("mara", &item, "keep").await.problem(404, "");
    let again = scene.say("oskars", &item, "abstain").await.expect(200).body;
    assert_eq!(again["state"], "abstain");
    scene.timers().await;
    let done = scene.item(&review, &scene.anna).await;
    assert_eq!(done["state"], "doneKept");
    assert_eq!(done["decisions"][2]["by"], Value::Null, "silence decided");
}

/// Somebody else reviews it, with a reason; whoever handed it on sees it no more.
async fn it_is_given_to_somebody_else(server: Server) {
    let scene = Scene::new(server).await;
    let review = scene.review(json!({})).await;
    let item = scene.item(&review, &scene.anna).await;
    let path = format!("/review-items/{}/reassignment", id(&item));
    let to = |user: &str, reason: &str| json!({ "to": user, "reason": reason });
    scene.person("zane").json("POST", &path, &to(&scene.zane, "mine")).await.problem(404, "");
    scene.person("mara").json("POST", &path, &to(&scene.zane, " ")).await.problem(400, "invalid");
    scene.person("mara").json("POST", &path, &to(&scene.anna, "hers")).await.problem(400, "invalid");
    scene.person("mara").json("POST", &path, &to(&scene.zane, "knows better")).await.expect(200);
    assert_eq!(scene.waiting("zane").await, [id(&item)]);
    scene.say("mara", &item, "keep").await.problem(404, "");
    scene.administrator.json("POST", &path, &to(&scene.oskars, "away")).await.expect(200);
    scene.say("oskars", &item, "keep").await.expect(200);
    scene.administrator.json("POST", &path, &to(&scene.zane, "late")).await.problem(409, "state");
}

/// Of what can do much harm it has to be known surely who decides.
async fn much_harm_needs_a_sure_identity(server: Server) {
    let scene = Scene::new(server).await;
    let high = scene.entitlement("high", json!({ "risk": 3 })).await;
    scene.lend(&scene.anna, &high).await;
    let review = scene.review(json!({ "scope": { "entitlements": [high] } })).await;
    let item = scene.item_of(&review, &scene.anna, &high).await;
    let unsure = scene.issuer.person(&scene.server, "mara", "low");
    let path = format!("/review-items/{}/decision", id(&item));
    let reply = unsure.json("POST", &path, &json!({ "verdict": "keep" })).await;
    assert_eq!(reply.body["needed"], "substantial");
    reply.problem(403, "assurance");
    assert_eq!(scene.item_of(&review, &scene.anna, &high).await["version"], 1);
    scene.say("mara", &item, "keep").await.expect(200);
}

/// Many at once: each is answered for itself, and of what is not the caller's nothing changes.
async fn many_are_decided_at_once(server: Server) {
    let scene = Scene::new(server).await;
    scene.give(&scene.mara, &scene.group).await;
    let review = scene.review(json!({})).await;
    let other = scene.review(json!({ "scope": { "user": scene.juris } })).await;
    let (anna, juris) = (scene.item(&review, &scene.anna).await, scene.item(&review, &scene.juris).await);
    let (own, elsewhere) = (scene.item(&review, &scene.mara).await, scene.item(&other, &scene.juris).await);
    scene.say("mara", &juris, "revoke").await.expect(200);
    let mara = scene.person("mara");
    let path = format!("/reviews/{review}/decisions");
    let nobody = uuid::Uuid::now_v7().to_string();
    let ids = [id(&anna), id(&juris), id(&own), id(&elsewhere), nobody.as_str()];
    let answer = mara.json("POST", &path, &json!({ "items": ids, "verdict": "keep" })).await.expect(200).body;
    let answers: Vec<(&Value, &Value)> =
        answer["items"].as_array().expect("items").iter().map(|one| (&one["status"], &one["state"])).collect();
    assert_eq!(
        answers,
        [
            (&json!(200), &json!("keep")),
            (&json!(409), &json!("revoke")),
            (&json!(404), &Value::Null),
            (&json!(404), &Value::Null),
            (&json!(404), &Value::Null),
        ]
    );
    assert_eq!(scene.item(&review, &scene.juris).await["state"], "revoke");
    assert_eq!(scene.item(&other, &scene.juris).await["state"], "open");
    assert_eq!(scene.item(&review, &scene.mara).await["state"], "open");
    for wrong in [
        json!({ "verdict": "keep" }),
        json!({ "items": [], "verdict": "keep" }),
        json!({ "items": [id(&anna), id(&anna)], "verdict": "keep" }),
        json!({ "items": [id(&anna)], "filter": {}, "verdict": "keep" }),
        json!({ "items": [id(&anna)], "verdict": "shorten" }),
    ] {
        mara.json("POST", &path, &wrong).await.problem(400, "invalid");
    }
    // By a filter: what is open and hers.
    let path = format!("/reviews/{other}/decisions");
    let body = json!({ "filter": { "subject": scene.juris }, "verdict": "keep", "comment": "as every year" });
    let answer = mara.json("POST", &path, &body).await.expect(200).body;
    assert_eq!((answer["items"].as_array().map(Vec::len), &answer["more"]), (Some(1), &json!(false)));
    assert_eq!(mara.json("POST", &path, &body).await.expect(200).body["items"], json!([]));
    scene.person("zane").json("POST", &path, &body).await.problem(404, "");
}

/// Another tenant's reviews are nobody's.
async fn of_another_tenant_nothing_is_seen(server: Server) {
    let scene = Scene::new(server).await;
    let review = scene.review(json!({})).await;
    let item = scene.item(&review, &scene.anna).await;
    scene.server.tenant("liepaja").await;
    let (_, token) = scene.server.token("liepaja", &["tenant.admin"], i64::MAX / 2).await;
    let stranger = crate::support::Client::new(&scene.server.url, "liepaja", &token);
    let stranger = stranger.at(&format!("{}/t/liepaja/api/v1", scene.server.url));
    stranger.get(&format!("/reviews/{review}")).await.problem(404, "");
    stranger.get(&format!("/reviews/{review}/items")).await.problem(404, "");
    stranger.get(&format!("/review-items/{}", id(&item))).await.problem(404, "");
    stranger.ask("POST", &format!("/reviews/{review}/closure")).await.problem(404, "");
    let scope = json!({ "name": "x", "scope": { "application": scene.application } });
    stranger.json("POST", "/reviews", &scope).await.problem(400, "invalid");
}

on_both_databases! {
    nobody_reviews_themselves,
    a_deputy_reviews,
    a_mind_is_changed,
    who_cannot_say_passes_it_on,
    it_is_given_to_somebody_else,
    much_harm_needs_a_sure_identity,
    many_are_decided_at_once,
    of_another_tenant_nothing_is_seen,
}
