//! Segregation of duties: what members and grants bring, what is allowed for a while, what ends it.

use caurlaide::lifecycle::duties;
use rights::Instant;
use serde_json::{Value, json};
use store::{Cause, ViolationFilter};

use super::{Scene, adding, removing};
use crate::support::Server;

/// A tenant in which nobody should hold `a` and `b`.
struct Apart {
    scene: Scene,
    a: String,
    b: String,
    rule: String,
}

impl Apart {
    async fn new(server: Server, mode: &str) -> Self {
        let scene = Scene::new(server).await;
        let (a, b) = (scene.writer.group("a", &[]).await.id(), scene.writer.group("b", &[]).await.id());
        scene.entitle(&a, "a", "scim").await;
        scene.entitle(&b, "b", "scim").await;
        let rule = json!({ "name": "Apart", "one": [a], "other": [b], "mode": mode });
        let rule = scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201).id();
        Self { scene, a, b, rule }
    }

    async fn user(&self, name: &str) -> String {
        self.scene.writer.user(name, json!({})).await.id()
    }

    async fn add(&self, group: &str, user: &str) -> u16 {
        self.scene.writer.patch(&format!("/Groups/{group}"), adding(&[user])).await.status
    }

    async fn remove(&self, group: &str, user: &str) {
        self.scene.writer.patch(&format!("/Groups/{group}"), removing(user)).await.expect(204);
    }

    /// The conflicts of somebody.
    async fn conflicts(&self, user: &str) -> Vec<Value> {
        let found = self.scene.administrator.get(&format!("/sod-violations?user={user}")).await.expect(200).body;
        found["items"].as_array().expect("items").clone()
    }

    /// The states of these.
    async fn states(&self, user: &str) -> Vec<String> {
        self.conflicts(user).await.iter().map(|one| one["state"].as_str().expect("a state").to_owned()).collect()
    }

    /// What happens each night.
    async fn night(&self) -> u64 {
        let app = &self.scene.server.app;
        let data = app.store.tenant(self.scene.server.find("riga").await.id);
        duties::watch_all(&data, &Cause::operator(), &app.clock, &app.ids).await.expect("a look")
    }

    async fn except(&self, id: &str, until: &str) -> crate::support::Reply {
        let new = json!({ "reason": "Nobody else is there", "control": "Two sign", "until": until });
        self.scene.administrator.json("POST", &format!("/sod-violations/{id}/exception"), &new).await
    }
}

/// Whoever comes into both groups by SCIM, in whatever way, is in conflict from then on; whoever leaves one is not.
async fn members_are_looked_at(server: Server) {
    let apart = Apart::new(server, "block").await;
    let (scene, writer) = (&apart.scene, &apart.scene.writer);
    let anna = apart.user("anna").await;
    assert_eq!(apart.add(&apart.a, &anna).await, 204);
    assert!(apart.conflicts(&anna).await.is_empty());
    assert_eq!(apart.add(&apart.b, &anna).await, 204, "a client of authority is noted and not refused");
    let found = apart.conflicts(&anna).await;
    assert_eq!((&found[0]["rule"], &found[0]["state"]), (&json!(apart.rule), &json!("detected")));
    assert_eq!((&found[0]["one"], &found[0]["other"]), (&json!([apart.a]), &json!([apart.b])));
    apart.remove(&apart.a, &anna).await;
    assert_eq!(apart.states(&anna).await, ["resolved"]);
    assert_eq!(apart.add(&apart.a, &anna).await, 204);
    assert_eq!(apart.states(&anna).await, ["resolved", "detected"], "a new one");
    writer.delete(&format!("/Groups/{}", apart.a)).await.expect(204);
    assert_eq!(apart.states(&anna).await, ["resolved", "resolved"], "a group that goes");

    // Through groups in groups, by PUT, and with a new group.
    let berta = apart.user("berta").await;
    let carl = apart.user("carl").await;
    let (c, d) = (writer.group("c", &[&berta]).await.id(), writer.group("d", &[]).await.id());
    for (group, code) in [(&c, "c"), (&d, "d")] {
        scene.entitle(group, code, "scim").await;
    }
    let rule = json!({ "name": "Nested", "one": [c], "other": [d], "mode": "detect" });
    scene.administrator.json("POST", "/sod-rules", &rule).await.expect(201);
    let inner = writer.group("inner", &[&berta, &carl]).await.id();
    assert!(apart.states(&berta).await.is_empty());
    assert_eq!(apart.add(&d, &inner).await, 204);
    assert_eq!((apart.states(&berta).await, apart.states(&carl).await), (vec!["detected".to_owned()], vec![]));
    assert_eq!(apart.add(&c, &carl).await, 204);
    assert_eq!(apart.states(&carl).await, ["detected"]);
    let alone =
        json!({ "schemas": [crate::support::client::GROUP], "displayName": "inner", "members": [{ "value": carl }] });
    writer.put(&format!("/Groups/{inner}"), &alone).await.expect(200);
    assert_eq!(apart.states(&berta).await, ["resolved"]);
    apart.remove(&d, &inner).await;
    assert_eq!(apart.states(&carl).await, ["resolved"]);
    let outer = writer.group("outer", &[&berta]).await.id();
    assert_eq!(apart.add(&d, &outer).await, 204);
    assert_eq!(apart.states(&berta).await, ["resolved", "detected"]);
    writer.delete(&format!("/Users/{berta}")).await.expect(204);
    assert_eq!(apart.states(&berta).await, ["resolved", "resolved"], "somebody who goes");
    scene.check("conflicts").await;
}

/// Where the tenant wants it, SCIM is refused what a rule blocks, and nothing of that write is done; what takes away never is.
async fn a_tenant_may_let_rules_block_clients(server: Server) {
    let apart = Apart::new(server, "block").await;
    let (scene, writer) = (&apart.scene, &apart.scene.writer);
    let (anna, berta) = (apart.user("anna").await, apart.user("berta").await);
    assert_eq!(apart.add(&apart.a, &berta).await, 204);
    assert_eq!(apart.add(&apart.b, &berta).await, 204);
    let wish = json!({ "sodBlocksProvisioning": true });
    scene.administrator.json("PATCH", "/settings", &wish).await.expect(200);
    assert_eq!(apart.add(&apart.a, &anna).await, 204);
    let refused = writer.patch(&format!("/Groups/{}", apart.b), adding(&[&anna])).await;
    assert!(refused.body["detail"].as_str().expect("a detail").contains(&apart.rule), "{:#}", refused.body);
    refused.refused(409, "invalidValue");
    assert!(!scene.members(&apart.b).await.contains(&anna) && apart.states(&anna).await.is_empty());
    let both =
        json!({ "schemas": [crate::support::client::GROUP], "displayName": "x", "members": [{ "value": anna }] });
    let inner = writer.post("/Groups", &both).await.expect(201).id();
    assert_eq!(apart.add(&apart.b, &inner).await, 409, "through a group");
    let mixed = json!([
        { "op": "remove", "path": format!("members[value eq \"{berta}\"]") },
        { "op": "add", "path": "members", "value": [{ "value": anna }] },
    ]);
    writer.patch(&format!("/Groups/{}", apart.b), mixed).await.refused(409, "invalidValue");
    assert_eq!(apart.states(&berta).await, ["detected"], "nothing of it was done");
    apart.remove(&apart.b, &berta).await;
    assert_eq!(apart.states(&berta).await, ["resolved"]);
    // What was taken by mistake is given back all the same.
    scene.restore(scene.writer_id).await;
    assert_eq!(apart.states(&berta).await, ["resolved", "detected"]);
}

/// What is added while somebody is away is looked at then, and not only when it comes with them.
async fn what_waits_for_somebody_is_looked_at(server: Server) {
    let apart = Apart::new(server, "block").await;
    let (anna, berta) = (apart.user("anna").await, apart.user("berta").await);
    let active = async |user: &str, is_active: bool| {
        let change = json!([{ "op": "replace", "path": "active", "value": is_active }]);
        apart.scene.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    };
    for user in [&anna, &berta] {
        assert_eq!(apart.add(&apart.a, user).await, 204);
        active(user, false).await;
    }
    assert_eq!(apart.add(&apart.b, &berta).await, 204);
    assert_eq!(apart.states(&berta).await, ["detected"], "it is to come back");
    let wish = json!({ "sodBlocksProvisioning": true });
    apart.scene.administrator.json("PATCH", "/settings", &wish).await.expect(200);
    assert_eq!(apart.add(&apart.b, &anna).await, 409);
    active(&anna, true).await;
    assert!(apart.states(&anna).await.is_empty() && !apart.scene.members(&apart.b).await.contains(&anna));
    assert_eq!(apart.add(&apart.b, &anna).await, 409, "when they are there as well");
    apart.scene.check("conflicts").await;
}

/// What an administrator gives by hand is refused by a rule that blocks or wants an exception first, and noted by the others.
async fn grants_by_hand_are_weighed(server: Server) {
    let apart = Apart::new(server, "requireException").await;
    let scene = &apart.scene;
    let anna = apart.user("anna").await;
    let first = scene.give(&anna, &apart.a).await;
    let second = json!({ "user": anna, "entitlement": apart.b, "reason": "a test" });
    let told = scene.administrator.json("POST", "/grants", &second).await.problem(409, "conflict");
    assert!(told.contains(&apart.rule), "{told}");
    assert!(scene.members(&apart.b).await.is_empty() && apart.states(&anna).await.is_empty());
    let path = format!("/sod-rules/{}", apart.rule);
    let rule = json!({ "name": "Apart", "one": [apart.a], "other": [apart.b], "mode": "warn" });
    let softer = scene.administrator.request("PUT", &path).header("if-match", "*").json(&rule);
    scene.administrator.send(softer).await.expect(200);
    scene.administrator.json("POST", "/grants", &second).await.expect(201);
    assert_eq!(apart.states(&anna).await, ["detected"]);
    scene.revoke(&first).await;
    assert_eq!(apart.states(&anna).await, ["resolved"]);
}

/// What is to begin is looked at once more when it does: what has come meanwhile stands in its way, unless it is allowed.
async fn what_begins_is_looked_at_once_more(server: Server) {
    let apart = Apart::new(server, "block").await;
    let scene = &apart.scene;
    let (anna, berta, carlis) = (apart.user("anna").await, apart.user("berta").await, apart.user("carlis").await);
    let (mut grants, dace) = (Vec::new(), apart.user("dace").await);
    for group in [&apart.a, &apart.b] {
        // Whoever is in both already is brought nothing by what begins.
        assert_eq!(apart.add(group, &dace).await, 204);
    }
    for user in [&anna, &berta, &carlis, &dace] {
        grants.push(scene.give_for(user, &apart.b, Some("2026-01-10T08:00:00Z"), None).await);
    }
    for user in [&anna, &berta] {
        assert_eq!(apart.add(&apart.a, user).await, 204);
        assert_eq!(apart.states(user).await, ["detected"]);
    }
    let id = apart.conflicts(&berta).await[0]["id"].as_str().expect("an id").to_owned();
    apart.except(&id, "2026-02-01T00:00:00Z").await.expect(200);
    scene.server.pass(10 * 24 * 3_600_000);
    scene.server.app.timers.run().await.expect("what is due");
    assert_eq!(scene.members(&apart.b).await, [berta.clone(), carlis, dace].into());
    assert_eq!(scene.grant(&grants[3]).await["state"], "active");
    let ended = scene.grant(&grants[0]).await;
    assert_eq!((&ended["state"], &ended["ending"]), (&json!("ended"), &json!("conflict")), "{ended:#}");
    apart.night().await;
    assert_eq!(
        (apart.states(&anna).await, apart.states(&berta).await),
        (vec!["resolved".into()], vec!["excepted".into()])
    );
    scene.check("beginnings").await;
}

/// A conflict can be allowed for a while, with a reason and a control; until then the rule stands against nothing, and then it
/// is there again.
async fn exceptions_end(server: Server) {
    let apart = Apart::new(server, "block").await;
    let scene = &apart.scene;
    let anna = apart.user("anna").await;
    assert_eq!(apart.add(&apart.a, &anna).await, 204);
    assert_eq!(apart.add(&apart.b, &anna).await, 204);
    let id = apart.conflicts(&anna).await[0]["id"].as_str().expect("an id").to_owned();
    for (until, pointer) in
        [("tomorrow", "/until"), ("2025-12-31T00:00:00Z", "/until"), ("2027-01-03T00:00:00Z", "/until")]
    {
        let refused = apart.except(&id, until).await;
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{:#}", refused.body);
        refused.problem(400, "invalid");
    }
    let without = json!({ "reason": " ", "control": "x", "until": "2026-02-01T00:00:00Z" });
    let path = format!("/sod-violations/{id}/exception");
    assert_eq!(scene.administrator.json("POST", &path, &without).await.body["errors"][0]["pointer"], "/reason");
    assert_eq!(apart.states(&anna).await, ["detected"]);
    // By the version that was read, where one is named.
    let administrator = &apart.scene.administrator;
    assert_eq!(administrator.get(&format!("/sod-violations/{id}")).await.etag(), "W/\"1\"");
    for (method, what) in [("POST", "exception"), ("DELETE", "exception"), ("POST", "remedy")] {
        let until = "2026-02-01T00:00:00Z";
        let body = match what {
            "remedy" => json!({ "entitlement": apart.a, "reason": "a" }),
            _ => json!({ "reason": "a", "control": "b", "until": until }),
        };
        let stale =
            administrator.request(method, &format!("/sod-violations/{id}/{what}")).header("if-match", "W/\"9\"");
        let stale = if method == "POST" { stale.json(&body) } else { stale };
        administrator.send(stale).await.problem(412, "stale");
    }
    let allowed = apart.except(&id, "2026-02-01T00:00:00Z").await.expect(200).body;
    assert_eq!((&allowed["state"], &allowed["exception"]["control"]), (&json!("excepted"), &json!("Two sign")));
    assert_eq!(allowed["exception"]["by"]["reason"], "Nobody else is there");
    apart.except(&id, "2026-02-01T00:00:00Z").await.problem(409, "state");

    // A further grant of the same kind is not refused while it is allowed.
    scene.administrator.json("PATCH", "/settings", &json!({ "sodBlocksProvisioning": true })).await.expect(200);
    let hand = json!({ "user": anna, "entitlement": apart.b, "reason": "a test" });
    scene.administrator.json("POST", "/grants", &hand).await.expect(201);
    let riga = scene.server.find("riga").await.id;
    let work = scene.server.store.tenant(riga).begin(&Cause::operator(), || 0).await.expect("work");
    let (subject, wanted) = (anna.parse().expect("an id"), [apart.b.parse().expect("an id")]);
    let now = Instant::from_millis(scene.server.app.clock.now());
    let rules = duties::rules(&work).await.expect("rules");
    let foreseen = duties::foresee(&work, &rules, subject, &wanted, now).await.expect("a look");
    assert!(foreseen.is_empty(), "what is held already is no news");
    work.roll_back().await.expect("undone");

    assert_eq!(scene.administrator.delete(&path).await.expect(200).body["state"], "detected");
    scene.administrator.delete(&path).await.problem(409, "state");
    apart.except(&id, "2026-02-01T00:00:00Z").await.expect(200);
    let stored = async || {
        // Tokens of administrators do not last so long.
        let filter = ViolationFilter { user: Some(subject), ..ViolationFilter::default() };
        let found =
            scene.server.store.tenant(riga).violations(&filter, &store::Bounds::none(), None, 9).await.expect("a look");
        found.iter().map(|one| one.violation.state.word()).collect::<Vec<_>>()
    };
    scene.server.pass(30 * 24 * 3_600_000);
    apart.night().await;
    assert_eq!(stored().await, ["excepted"]);
    scene.server.app.timers.run().await.expect("what is due");
    assert_eq!(stored().await, ["excepted"]);
    scene.server.pass(24 * 3_600_000);
    assert_eq!(scene.server.app.timers.run().await.expect("what is due"), 1);
    assert_eq!(stored().await, ["detected"], "to the second, by itself");
    apart.night().await;
    assert_eq!(stored().await, ["detected"]);
}

/// What somebody wants is foreseen with what they hold, by the mode of the rule, and with the exception they have.
async fn what_is_wanted_is_foreseen(server: Server) {
    let apart = Apart::new(server, "requireException").await;
    let anna = apart.user("anna").await;
    assert_eq!(apart.add(&apart.a, &anna).await, 204);
    let look = async |wanted: &[&String]| {
        let data = apart.scene.server.store.tenant(apart.scene.server.find("riga").await.id);
        let work = data.begin(&Cause::operator(), || 0).await.expect("work");
        let wanted: Vec<_> = wanted.iter().map(|id| id.parse().expect("an id")).collect();
        let now = Instant::from_millis(apart.scene.server.app.clock.now());
        let rules = duties::rules(&work).await.expect("rules");
        let found = duties::foresee(&work, &rules, anna.parse().expect("an id"), &wanted, now).await.expect("a look");
        work.roll_back().await.expect("undone");
        found.iter().map(|found| (found.finding.rule.to_string(), found.conflict.blocks())).collect::<Vec<_>>()
    };
    assert!(look(&[&apart.a]).await.is_empty());
    assert_eq!(look(&[&apart.b]).await, [(apart.rule.clone(), true)]);
    assert_eq!(look(&[&apart.a, &apart.b]).await, [(apart.rule.clone(), true)]);
    assert_eq!(apart.add(&apart.b, &anna).await, 204);
    let id = apart.conflicts(&anna).await[0]["id"].as_str().expect("an id").to_owned();
    apart.except(&id, "2026-02-01T00:00:00Z").await.expect(200);
    assert!(look(&[&apart.b]).await.is_empty());
}

/// One side is taken away whatever it came from; where it comes through a group it is told.
async fn a_remedy_takes_one_side(server: Server) {
    let apart = Apart::new(server, "detect").await;
    let (scene, writer) = (&apart.scene, &apart.scene.writer);
    let anna = apart.user("anna").await;
    assert_eq!(apart.add(&apart.a, &anna).await, 204);
    assert_eq!(apart.add(&apart.b, &anna).await, 204);
    scene.give(&anna, &apart.b).await;
    let id = apart.conflicts(&anna).await[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/sod-violations/{id}/remedy");
    let take = |entitlement: &str| json!({ "entitlement": entitlement, "reason": "Has another post" });
    let told = scene.administrator.json("POST", &path, &take(&anna)).await;
    assert_eq!(told.body["errors"][0]["pointer"], "/entitlement");
    let inner = writer.group("inner", &[&anna]).await.id();
    assert_eq!(apart.add(&apart.b, &inner).await, 204);
    scene.administrator.json("POST", &path, &take(&apart.b)).await.problem(409, "conflict");
    assert!(scene.members(&apart.b).await.contains(&anna), "nothing was done");
    apart.remove(&apart.b, &inner).await;
    let done = scene.administrator.json("POST", &path, &take(&apart.b)).await.expect(200).body;
    assert_eq!(done["state"], "resolved");
    assert!(!scene.members(&apart.b).await.contains(&anna));
    let grants = scene.grants(&[("user", &anna), ("entitlement", &apart.b)]).await;
    assert!(grants.iter().all(|grant| grant["ending"] == "conflict"), "{grants:#?}");
    scene.administrator.json("POST", &path, &take(&apart.a)).await.problem(409, "state");
    scene.check("a remedy").await;
}

/// A rule that is new tells whom it would find, and finds them at night; where both sides are of other institutions it finds
/// nobody, if it says so.
async fn a_new_rule_has_an_impact(server: Server) {
    let apart = Apart::new(server, "detect").await;
    let scene = &apart.scene;
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let city = scene.administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let mut units = Vec::new();
    for code in ["X", "Y"] {
        let new = json!({ "kind": "institution", "code": code, "name": code, "parent": city });
        units.push(scene.administrator.json("POST", "/organisation-units", &new).await.expect(201).id());
    }
    let other = json!({ "code": "other", "name": "Other", "unit": units[1] });
    let other = scene.administrator.json("POST", "/applications", &other).await.expect(201).id();
    let here = json!({ "unit": units[0] });
    scene.administrator.json("PATCH", &format!("/applications/{}", scene.application), &here).await.expect(200);
    let c = scene.writer.group("c", &[]).await.id();
    let new = json!({ "group": c, "code": "c", "names": { "en": "c" } });
    let path = format!("/applications/{other}/entitlements");
    scene.administrator.json("POST", &path, &new).await.expect(201);
    let mut people = Vec::new();
    for name in ["anna", "berta", "carl"] {
        let user = apart.user(name).await;
        assert_eq!(apart.add(&apart.a, &user).await, 204);
        assert_eq!(apart.add(&c, &user).await, 204);
        people.push(user);
    }
    let rule = |scope: &str| json!({ "name": "C", "state": "draft", "one": [apart.a], "other": [c], "scope": scope, "mode": "warn" });
    let impact = async |id: &str| {
        let path = format!("/sod-rules/{id}/impact");
        let page = scene.administrator.get(&format!("{path}?count=2")).await.expect(200).body;
        let mut found = page["items"].as_array().expect("items").clone();
        if let Some(cursor) = page["nextCursor"].as_str() {
            let rest = scene.administrator.get(&format!("{path}?count=2&cursor={cursor}")).await.expect(200).body;
            found.extend(rest["items"].as_array().expect("items").clone());
        }
        found.iter().map(|one| one["user"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let apart_rule = scene.administrator.json("POST", "/sod-rules", &rule("institution")).await.expect(201).id();
    assert!(impact(&apart_rule).await.is_empty(), "in two institutions");
    let id = scene.administrator.json("POST", "/sod-rules", &rule("tenant")).await.expect(201).id();
    assert_eq!(impact(&id).await, people);
    apart.night().await;
    assert!(apart.states(&people[0]).await.is_empty(), "it does not count yet");
    let mut active = rule("tenant");
    active["state"] = "active".into();
    let change = scene.administrator.request("PUT", &format!("/sod-rules/{id}")).header("if-match", "*").json(&active);
    scene.administrator.send(change).await.expect(200);
    apart.night().await;
    for user in &people {
        assert_eq!(apart.states(user).await, ["detected"]);
    }
    active["state"] = "retired".into();
    let change = scene.administrator.request("PUT", &format!("/sod-rules/{id}")).header("if-match", "*").json(&active);
    scene.administrator.send(change).await.expect(200);
    apart.night().await;
    for user in &people {
        assert_eq!(apart.states(user).await, ["resolved"]);
    }
}

/// A rule that is deleted leaves no conflict open, whether it was allowed or not.
async fn a_rule_takes_its_conflicts_with_it(server: Server) {
    let apart = Apart::new(server, "detect").await;
    let (anna, berta, carl) = (apart.user("anna").await, apart.user("berta").await, apart.user("carl").await);
    for user in [&anna, &berta] {
        assert_eq!(apart.add(&apart.a, user).await, 204);
        assert_eq!(apart.add(&apart.b, user).await, 204);
    }
    let id = apart.conflicts(&berta).await[0]["id"].as_str().expect("an id").to_owned();
    apart.except(&id, "2026-02-01T00:00:00Z").await.expect(200);
    let administrator = &apart.scene.administrator;
    assert_eq!(apart.add(&apart.a, &carl).await, 204);
    let beforehand = json!({
        "user": carl, "entitlements": [apart.b], "reason": "a", "control": "b", "until": "2026-02-01T00:00:00Z",
    });
    let path = format!("/sod-rules/{}", apart.rule);
    administrator.json("POST", &format!("{path}/exceptions"), &beforehand).await.expect(200);
    assert_eq!(apart.states(&carl).await, ["excepted"]);
    let delete = administrator.request("DELETE", &path).header("if-match", "*");
    administrator.send(delete).await.expect(204);
    for user in [&anna, &berta, &carl] {
        let found = apart.conflicts(user).await;
        assert_eq!((&found[0]["state"], found[0]["ended"].is_string()), (&json!("resolved"), true), "{found:#?}");
    }
}

/// Two who give somebody one side each, at the same time, do not both pass unseen.
async fn two_at_once_see_each_other(server: Server) {
    let apart = Apart::new(server, "block").await;
    let wish = json!({ "sodBlocksProvisioning": true });
    apart.scene.administrator.json("PATCH", "/settings", &wish).await.expect(200);
    for round in 0..20 {
        let user = apart.user(&format!("user{round}")).await;
        let (one, other) = tokio::join!(apart.add(&apart.a, &user), apart.add(&apart.b, &user));
        let mut both = [one, other];
        both.sort_unstable();
        assert_eq!(both, [204, 409], "one of them is refused");
    }
}

on_both_databases! {
    members_are_looked_at,
    a_tenant_may_let_rules_block_clients,
    grants_by_hand_are_weighed,
    what_waits_for_somebody_is_looked_at,
    what_begins_is_looked_at_once_more,
    exceptions_end,
    what_is_wanted_is_foreseen,
    a_remedy_takes_one_side,
    a_new_rule_has_an_impact,
    a_rule_takes_its_conflicts_with_it,
    two_at_once_see_each_other,
}
