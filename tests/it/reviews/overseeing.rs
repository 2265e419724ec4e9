//! Who is told of what they have to review from now on, and what tenant administrators who are people see.

use serde_json::{Value, json};

use super::{Scene, id, person};
use crate::support::{Client, Server, client::ENTERPRISE, server::START};

impl Scene {
    /// What kinds of things somebody was told.
    async fn kinds(&self, name: &str) -> Vec<Value> {
        let page = self.person(name).get("/notifications").await.expect(200).body;
        page["items"].as_array().expect("items").iter().map(|one| one["kind"].clone()).collect()
    }

    async fn hands_on(&self, by: &Client, item: &Value, to: &str) -> crate::support::Reply {
        let wish = json!({ "to": to, "reason": "knows it" });
        by.json("POST", &format!("/review-items/{}/reassignment", id(item)), &wish).await
    }
}

/// Whoever gets something to review by another's hand, because somebody left, or because they are the newest manager hears of it at
/// once, and once; what is decided about much harm needs somebody who is known surely, and so does handing it on.
async fn who_reviews_from_now_on_is_told_at_once(server: Server) {
    let scene = Scene::new(server).await;
    let high = scene.entitlement("high", json!({ "risk": 3 })).await;
    scene.lend(&scene.juris, &high).await;
    let review = scene.review(json!({})).await;
    assert_eq!(scene.kinds("mara").await, ["reviewWanted"]);
    assert!(scene.kinds("zane").await.is_empty());
    let (anna, juris) = (scene.item(&review, &scene.anna).await, scene.item(&review, &scene.juris).await);
    scene.hands_on(&scene.person("mara"), &anna, &scene.zane).await.expect(200);
    assert_eq!(scene.kinds("zane").await, ["reviewWanted"]);
    scene.hands_on(&scene.person("mara"), &juris, &scene.zane).await.expect(200);
    assert_eq!(scene.kinds("zane").await, ["reviewWanted"], "of one review once");
    let risky = scene.item_of(&review, &scene.juris, &high).await;
    let unsure = scene.issuer.person(&scene.server, "mara", "low");
    scene.hands_on(&unsure, &risky, &scene.zane).await.problem(403, "assurance");
    assert_eq!(scene.item_of(&review, &scene.juris, &high).await["reviewers"], json!([{ "id": scene.mara }]));
    scene.hands_on(&scene.administrator, &risky, &scene.oskars).await.expect(200);
    assert_eq!(scene.kinds("oskars").await, ["reviewWanted"]);
    scene.active(&scene.zane, false).await;
    scene.timers().await;
    let now = scene.item(&review, &scene.anna).await;
    assert_eq!(now["reviewers"], json!([{ "id": scene.oskars }]));
    assert_eq!(scene.kinds("oskars").await, ["reviewWanted"]);

    let (dace, evija) =
        (scene.writer.user("dace", person(None)).await.id(), scene.writer.user("evija", person(None)).await.id());
    for manager in [&dace, &evija] {
        let path = format!("{ENTERPRISE}:manager");
        let change = json!([{ "op": "replace", "path": path, "value": { "value": manager } }]);
        scene.writer.patch(&format!("/Users/{}", scene.anna), change).await.expect(200);
        scene.timers().await;
    }
    assert_eq!(scene.kinds("dace").await, ["reviewWanted"]);
    assert_eq!(scene.kinds("evija").await, ["reviewWanted"], "who joins");
}

/// A person who looks after the whole tenant sees what a client of administration does, as long as they do, and changes it if they
/// are known surely enough; nothing that is about themselves.
async fn who_looks_after_the_tenant_sees_reviews(server: Server) {
    let scene = Scene::new(server).await;
    let sure = json!({ "urn:caurlaide:scim:schemas:extension:municipal:2.0:User": { "assuranceLevel": "high" } });
    let vilma = scene.writer.user("vilma", sure).await.id();
    scene.give(&vilma, &scene.group).await;
    let review = scene.review(json!({})).await;
    let (path, item) = (format!("/reviews/{review}"), scene.item(&review, &scene.anna).await);
    let own = scene.item(&review, &vilma).await;
    let person = scene.person("vilma");
    person.get(&path).await.problem(404, "");
    let role = json!({
        "user": vilma, "role": "tenantAdministrator", "scope": { "kind": "tenant" }, "reason": "a test",
        "until": "2026-02-01T00:00:00Z",
    });
    scene.administrator.json("POST", "/admin-roles", &role).await.expect(201);
    assert_eq!(person.get(&path).await.expect(200).body["counts"], json!({ "open": 3 }));
    assert_eq!(person.get("/reviews").await.expect(200).body["items"].as_array().map(Vec::len), Some(1));
    let page = person.get(&format!("{path}/items")).await.expect(200).body;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(3));
    person.get(&format!("/review-items/{}", id(&item))).await.expect(200);
    person.get("/emergencies?state=escalated").await.expect(200);
    let unsure = scene.issuer.person(&scene.server, "vilma", "low");
    unsure.get(&path).await.expect(200);
    scene.hands_on(&unsure, &item, &scene.zane).await.problem(404, "");
    scene.hands_on(&person, &own, &scene.zane).await.problem(403, "forbidden");
    scene.hands_on(&person, &item, &vilma).await.problem(400, "invalid");
    scene.hands_on(&person, &item, &scene.zane).await.expect(200);
    // What they decide they decide as anybody.
    scene.say("vilma", &item, "revoke").await.problem(404, "");
    scene.server.pass(1_769_904_000_000 - START + 1000);
    person.get(&path).await.problem(404, "");
}

on_both_databases! {
    who_reviews_from_now_on_is_told_at_once,
    who_looks_after_the_tenant_sees_reviews,
}
