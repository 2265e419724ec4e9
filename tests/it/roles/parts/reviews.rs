//! Reviews of those who look after a part of the tenant: what they begin keeps to it, and what lies outside they do not see.

use serde_json::{Value, json};

use super::{Parts, Scene, faulty, give, listed};
use crate::{
    roles::{of, revoke, tenant, within},
    support::{Client, Reply, Server, client::MUNICIPAL, server::START},
};

const DAY: i64 = 86_400_000;
const NOBODY: &str = "019b2c45-6071-7293-b4a5-a6b7c8d9eafb";

fn wish(scope: &Value, more: &Value) -> Value {
    let mut new = json!({ "name": "Once a year", "silence": "keep", "scope": scope });
    for (name, value) in more.as_object().into_iter().flatten() {
        new[name] = value.clone();
    }
    new
}

async fn begin(by: &Client, scope: Value) -> Reply {
    by.json("POST", "/reviews", &wish(&scope, &Value::Null)).await
}

async fn call_off(by: &Client, review: &str) -> Reply {
    by.json("POST", &format!("/reviews/{review}/cancellation"), &json!({ "reason": "a test" })).await
}

impl Scene {
    async fn timers(&self) {
        self.server.app.timers.run().await.expect("timers");
    }

    /// Whom a review has something about.
    async fn covered(&self, review: &str) -> Vec<Value> {
        subjects(&self.administrator, review).await
    }

    async fn state_of(&self, review: &str) -> Value {
        self.administrator.get(&format!("/reviews/{review}")).await.expect(200).body["state"].clone()
    }

    /// Lets somebody work elsewhere.
    async fn works_in(&self, user: &str, unit: &str) {
        let employments = json!([{ "organisationUnit": unit, "primary": true }]);
        let path = format!("{MUNICIPAL}:employments");
        let change = json!([{ "op": "replace", "path": path, "value": employments }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }

    /// Moves a unit below another.
    async fn moves(&self, unit: &str, parent: &str) {
        let path = format!("/organisation-units/{unit}");
        let request = self.administrator.request("PATCH", &path).header("if-match", "*");
        self.administrator.send(request.json(&json!({ "parent": parent }))).await.expect(200);
    }

    async fn role_of(&self, user: &str) -> String {
        let page = self.administrator.get(&format!("/admin-roles?user={user}")).await.expect(200).body;
        page["items"][0]["id"].as_str().expect("an id").to_owned()
    }
}

async fn subjects(by: &Client, review: &str) -> Vec<Value> {
    let page = by.get(&format!("/reviews/{review}/items")).await.expect(200).body;
    page["items"].as_array().expect("items").iter().map(|item| item["subject"].clone()).collect()
}

/// A unit's administrator begins reviews of people of the unit, and of nobody else, whatever entitlement it is about.
async fn a_unit_reviews_its_people(server: Server) {
    let parts = Parts::new(server).await;
    let scene = &parts.scene;
    for user in [&parts.dita, &parts.edgars] {
        give(&scene.administrator, user, &parts.assessors).await.expect(201);
    }
    let berta = scene.person("berta");
    let cases = [
        (json!({}), "/scope"),
        (json!({ "riskAtLeast": 1 }), "/scope"),
        (json!({ "application": parts.tax }), "/scope"),
        (json!({ "entitlements": [parts.assessors] }), "/scope"),
        (json!({ "application": parts.pool }), "/scope/application"),
        (json!({ "application": NOBODY, "unit": scene.school }), "/scope/application"),
        (json!({ "unit": scene.school, "entitlements": [parts.assessors, parts.keys] }), "/scope/entitlements/1"),
        (json!({ "unit": scene.baths }), "/scope/unit"),
        (json!({ "unit": scene.city }), "/scope/unit"),
        (json!({ "user": parts.edgars }), "/scope/user"),
        (json!({ "user": parts.edgars, "application": parts.tax }), "/scope/user"),
        (json!({ "user": NOBODY }), "/scope/user"),
    ];
    for (scope, pointer) in cases {
        faulty(begin(&berta, scope).await, pointer);
    }
    let school = json!({ "unit": scene.school });
    for (more, pointer) in [
        (json!({ "silence": "revoke" }), "/silence"),
        (json!({ "reviewers": [{ "person": scene.cilda }] }), "/reviewers/0"),
        (json!({ "exclusions": [{ "user": parts.dita, "reason": "r" }] }), "/exclusions"),
    ] {
        faulty(berta.json("POST", "/reviews", &wish(&school, &more)).await, pointer);
    }
    let preview = berta.json("POST", "/reviews?dryRun=true", &wish(&school, &Value::Null)).await.expect(200).body;
    assert_eq!(preview["items"], 2);
    let whole = begin(&berta, school).await.expect(201).id();
    let of_tax = begin(&berta, json!({ "unit": scene.school, "application": parts.tax })).await.expect(201).id();
    let named =
        begin(&berta, json!({ "unit": scene.schools, "entitlements": [parts.assessors] })).await.expect(201).id();
    let person = begin(&berta, json!({ "user": parts.dita })).await.expect(201);
    assert_eq!(person.body["scope"], json!({ "user": parts.dita, "unit": scene.schools }));
    let person = person.id();
    scene.timers().await;
    assert_eq!(scene.covered(&whole).await, [parts.dita.as_str(); 2]);
    assert_eq!(scene.covered(&of_tax).await, [parts.dita.as_str()]);
    assert_eq!(scene.covered(&named).await, [parts.dita.as_str()]);
    assert_eq!(scene.covered(&person).await, [parts.dita.as_str(); 2]);
    assert_eq!(listed(&berta, "/reviews").await, [whole, of_tax, named, person]);
    let unsure = scene.issuer.person(&scene.server, "berta", "low");
    begin(&unsure, json!({ "unit": scene.school })).await.problem(403, "assurance");
    begin(&scene.person("cilda"), json!({ "unit": scene.school })).await.problem(403, "forbidden");
}

/// An application's owner begins reviews of what people have of it, wherever they work.
async fn an_owner_reviews_an_application(server: Server) {
    let parts = Parts::new(server).await;
    let scene = &parts.scene;
    for user in [&parts.dita, &parts.edgars] {
        give(&scene.administrator, user, &parts.assessors).await.expect(201);
    }
    let owner = parts.holder("olga", "applicationOwner", of(&parts.pool)).await;
    let cases = [
        (json!({}), "/scope"),
        (json!({ "application": parts.tax }), "/scope/application"),
        (json!({ "application": parts.tax, "entitlements": [parts.keys] }), "/scope/application"),
        (json!({ "entitlements": [parts.assessors] }), "/scope/entitlements/0"),
        (json!({ "entitlements": [parts.keys, parts.assessors] }), "/scope/entitlements/1"),
        (json!({ "unit": scene.baths, "application": parts.pool }), "/scope/unit"),
        (json!({ "user": parts.dita }), "/scope/user"),
        // Who exists and has nothing of it looks like who does not exist.
        (json!({ "application": parts.pool, "user": scene.cilda }), "/scope/user"),
        (json!({ "application": parts.pool, "user": NOBODY }), "/scope/user"),
    ];
    for (scope, pointer) in cases {
        faulty(begin(&owner, scope).await, pointer);
    }
    let whole = begin(&owner, json!({ "application": parts.pool })).await.expect(201).id();
    let named = begin(&owner, json!({ "entitlements": [parts.keys] })).await.expect(201);
    assert_eq!(named.body["scope"], json!({ "application": parts.pool, "entitlements": [parts.keys] }));
    let person = begin(&owner, json!({ "application": parts.pool, "user": parts.dita })).await.expect(201).id();
    scene.timers().await;
    for review in [&whole, &named.id()] {
        let mut covered = scene.covered(review).await;
        covered.sort_by_key(Value::to_string);
        assert_eq!(covered, [parts.dita.as_str(), parts.edgars.as_str()]);
        assert_eq!(subjects(&owner, review).await.len(), 2);
    }
    assert_eq!(scene.covered(&person).await, [parts.dita.as_str()]);
    let shown = owner.get(&format!("/reviews/{whole}")).await.expect(200).body;
    assert_eq!(shown["counts"], json!({ "open": 2 }));
}

/// Whoever looks after a part sees what keeps to it, whoever began it, and of it what is theirs to see; decides nothing, and calls off
/// what was begun by such a role alone, and not what others began about themselves.
async fn reviews_outside_are_not_seen(server: Server) {
    let parts = Parts::new(server).await;
    let scene = &parts.scene;
    let berta = scene.person("berta");
    scene.works_in(&scene.berta, "school").await;
    give(&scene.administrator, &scene.berta, &parts.keys).await.expect(201);
    let mut reviews = Vec::new();
    for scope in
        [json!({}), json!({ "unit": scene.baths }), json!({ "application": parts.pool }), json!({ "user": parts.dita })]
    {
        reviews.push(begin(&scene.administrator, scope).await.expect(201).id());
    }
    let school = begin(&scene.administrator, json!({ "unit": scene.school })).await.expect(201).id();
    scene.timers().await;
    assert_eq!(listed(&berta, "/reviews").await, [school.as_str()]);
    for review in &reviews {
        for path in ["", "/items"] {
            berta.get(&format!("/reviews/{review}{path}")).await.problem(404, "");
        }
        call_off(&berta, review).await.problem(404, "");
        let page = scene.administrator.get(&format!("/reviews/{review}/items")).await.expect(200).body;
        let item = page["items"][0]["id"].as_str().expect("an item");
        berta.get(&format!("/review-items/{item}")).await.problem(404, "");
    }
    // What is about herself she does not see.
    assert_eq!(scene.covered(&school).await.len(), 2);
    assert_eq!(subjects(&berta, &school).await, [parts.dita.as_str()]);
    let page = berta.get(&format!("/reviews/{school}/items")).await.expect(200).body;
    let item = page["items"][0]["id"].as_str().expect("an item").to_owned();
    berta.get(&format!("/review-items/{item}")).await.expect(200);
    let decision = json!({ "verdict": "revoke" });
    berta.json("POST", &format!("/review-items/{item}/decision"), &decision).await.problem(404, "");
    let hand = json!({ "to": scene.cilda, "reason": "r" });
    berta.json("POST", &format!("/review-items/{item}/reassignment"), &hand).await.problem(404, "");
    let many = json!({ "filter": {}, "verdict": "revoke" });
    berta.json("POST", &format!("/reviews/{school}/decisions"), &many).await.problem(404, "");
    // What was begun for the whole is not hers to call off, nor what others began about her.
    call_off(&berta, &school).await.problem(403, "forbidden");
    let above = parts.holder("vilma", "unitAdministrator", within(&scene.city)).await;
    let theirs = begin(&above, json!({ "unit": scene.school })).await.expect(201).id();
    let own = begin(&berta, json!({ "unit": scene.school })).await.expect(201).id();
    let high = begin(&above, json!({ "unit": scene.city })).await.expect(201).id();
    scene.timers().await;
    call_off(&berta, &theirs).await.problem(403, "forbidden");
    call_off(&berta, &high).await.problem(404, "");
    let unsure = scene.issuer.person(&scene.server, "berta", "low");
    call_off(&unsure, &own).await.problem(403, "assurance");
    call_off(&berta, &own).await.expect(200);
    berta.ask("POST", &format!("/reviews/{theirs}/closure")).await.problem(403, "forbidden");
    call_off(&above, &theirs).await.expect(200);
    // Whoever works elsewhere by now is out of sight.
    scene.works_in(&parts.dita, "baths").await;
    assert_eq!(subjects(&berta, &school).await, [""; 0]);
    berta.get(&format!("/review-items/{item}")).await.problem(404, "");
    let shown = berta.get(&format!("/reviews/{school}")).await.expect(200).body;
    assert_eq!(shown["counts"], json!({}));
    revoke(&scene.administrator, &scene.role_of(&scene.berta).await).await.expect(200);
    assert_eq!(listed(&berta, "/reviews").await, [""; 0]);
    berta.get(&format!("/reviews/{school}")).await.problem(404, "");
}

/// What is to begin later covers what is within the part then, and does not begin at all if the role is over or the unit is another's.
async fn what_begins_later_is_judged_then(server: Server) {
    let parts = Parts::new(server).await;
    let scene = &parts.scene;
    let berta = scene.person("berta");
    let zeta = scene.user("zeta", "school").await;
    give(&scene.administrator, &zeta, &parts.keys).await.expect(201);
    let later = json!({ "starts": "2026-01-12T00:00:00Z" });
    let plan =
        async |by: &Client, scope: Value| by.json("POST", "/reviews", &wish(&scope, &later)).await.expect(201).id();
    let owner = parts.holder("olga", "applicationOwner", of(&parts.pool)).await;
    let auditor = parts.holder("agnese", "auditor", tenant()).await;
    let school = plan(&berta, json!({ "unit": scene.school })).await;
    let person = plan(&berta, json!({ "user": parts.dita })).await;
    let pool = plan(&owner, json!({ "application": parts.pool })).await;
    let all = plan(&auditor, json!({})).await;
    assert_eq!(listed(&berta, "/reviews").await, [school.as_str(), person.as_str()], "before it begins");
    scene.works_in(&parts.dita, "baths").await;
    let page = scene.administrator.get("/admin-roles?role=applicationOwner").await.expect(200).body;
    revoke(&scene.administrator, page["items"][0]["id"].as_str().expect("an id")).await.expect(200);
    assert_eq!(scene.server.app.clock.now(), START);
    scene.server.pass(13 * DAY);
    scene.timers().await;
    assert_eq!(scene.covered(&school).await, [zeta.as_str()]);
    assert_eq!((scene.state_of(&person).await, scene.covered(&person).await.len()), (json!("completed"), 0));
    assert_eq!((scene.state_of(&pool).await, scene.covered(&pool).await.len()), (json!("cancelled"), 0));
    assert_eq!(scene.state_of(&all).await, "active");

    let later = json!({ "starts": "2026-01-22T00:00:00Z" });
    let moved = berta.json("POST", "/reviews", &wish(&json!({ "unit": scene.school }), &later)).await.expect(201).id();
    scene.moves(&scene.school, &scene.baths).await;
    berta.get(&format!("/reviews/{moved}")).await.problem(404, "");
    call_off(&berta, &school).await.problem(404, "");
    scene.server.pass(10 * DAY);
    scene.timers().await;
    let shown = scene.administrator.get(&format!("/reviews/{moved}")).await.expect(200).body;
    assert_eq!((&shown["state"], &shown["items"]), (&json!("cancelled"), &json!(0)), "{shown}");
    assert!(shown["reason"].is_string());
}

on_both_databases! {
    a_unit_reviews_its_people,
    an_owner_reviews_an_application,
    reviews_outside_are_not_seen,
    what_begins_later_is_judged_then,
}
