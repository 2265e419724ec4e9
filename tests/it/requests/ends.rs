//! How items end otherwise: taken back, by a suspended tenant, with an entitlement that is not in use any more.

use rights::grant::{Ending, State};
use serde_json::{Value, json};

use super::{Scene, id};
use crate::support::Server;

const HOUR: i64 = 3_600_000;

impl Scene {
    /// Anna holds an entitlement of risk 1 for two hours, and has asked for it until March. Its group, the grant, and the item.
    async fn extending(&self, name: &str) -> (String, String, Value) {
        let duration = json!({ "extensions": 2 });
        let group = self.entitlement(name, json!({ "risk": 1, "duration": duration })).await;
        let until = self.time_in(2 * HOUR);
        let held = self.ask("anna", json!({ "kind": "grant", "entitlement": group, "until": until })).await;
        let held = self.approve("mara", id(&held)).await.expect(200).body;
        let grant = held["grant"].as_str().expect("a grant").to_owned();
        let item = self.ask("anna", json!({ "kind": "extend", "grant": grant, "until": "2026-03-01" })).await;
        assert_eq!(item["state"], "pending");
        (group, grant, item)
    }

    /// An instant that many milliseconds ahead.
    fn time_in(&self, millis: i64) -> String {
        caurlaide::clock::timestamp(self.server.app.clock.now() + millis)
    }

    /// That an item has come to nothing with its grant, and nobody can decide about it any more. Who did it is not told.
    async fn has_fallen(&self, item: &Value, is_told: bool) {
        let gone = self.item(id(item)).await;
        assert_eq!((&gone["state"], &gone["reason"]), (&json!("cancelled"), &json!("grantEnded")), "{gone}");
        assert!(self.waiting("mara").await.is_empty());
        let late = self.approve("mara", id(item)).await;
        assert_eq!((&late.body["state"], &late.body["possible"]), (&json!("cancelled"), &json!([])));
        late.problem(409, "state");
        let told = self.person("anna").get("/notifications").await.expect(200).body;
        let told: Vec<&Value> =
            told["items"].as_array().expect("items").iter().filter(|one| one["about"]["id"] == item["id"]).collect();
        let cancelled = |one: &&&Value| one["kind"] == "cancelled";
        assert_eq!(told.iter().filter(cancelled).count(), usize::from(is_told), "{told:?}");
        assert!(told.iter().all(|one| one["kind"] != "fulfilled"), "{told:?}");
    }
}

/// Whatever ends a grant, what was asked for to make it longer comes to nothing with it, and is not approved afterwards.
async fn an_extension_ends_with_its_grant(server: Server) {
    let scene = Scene::new(server).await;
    let why = json!({ "reason": "for the test" });
    let (group, _, item) = scene.extending("by-time").await;
    scene.server.pass(2 * HOUR);
    scene.server.app.timers.run().await.expect("timers");
    assert!(!scene.holds(&scene.anna, &group).await);
    scene.has_fallen(&item, true).await;

    let (_, grant, item) = scene.extending("by-hand").await;
    scene.administrator.json("POST", &format!("/grants/{grant}/revocation"), &why).await.expect(200);
    scene.has_fallen(&item, true).await;

    let (group, _, item) = scene.extending("by-scim").await;
    let change = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", scene.anna) }]);
    scene.writer.patch(&format!("/Groups/{group}"), change).await.expect(204);
    scene.has_fallen(&item, true).await;

    let (group, _, item) = scene.extending("by-replacement").await;
    let change = json!([{ "op": "replace", "path": "members", "value": [] }]);
    scene.writer.patch(&format!("/Groups/{group}"), change).await.expect(204);
    scene.has_fallen(&item, true).await;

    let (group, grant, item) = scene.extending("by-request").await;
    let revoked = scene.ask("anna", json!({ "kind": "revoke", "grant": grant })).await;
    assert_eq!(revoked["state"], "fulfilled");
    scene.has_fallen(&item, false).await;
    assert!(!scene.holds(&scene.anna, &group).await);
    let again = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    assert_eq!(again["state"], "pending");

    let (_, grant, item) = scene.extending("stays").await;
    let both = json!({ "items": [
        { "kind": "extend", "grant": grant, "until": "2026-03-02" }, { "kind": "revoke", "grant": grant },
    ] });
    scene.withdraw("anna", id(&item)).await.expect(200);
    let refused = scene.person("anna").json("POST", "/requests", &both).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/items/1/grant");
    refused.problem(400, "invalid");
    scene.check().await;
}

/// What was approved for later ends with its grant, at once, and can be asked for anew.
async fn what_begins_later_ends_with_its_grant(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.entitlement("later", json!({ "risk": 1 })).await;
    let wish = json!({ "kind": "grant", "entitlement": group, "from": "2026-02-01", "days": 10 });
    let scheduled = async || {
        let item = scene.ask("anna", wish.clone()).await;
        let item = scene.approve("mara", id(&item)).await.expect(200).body;
        assert_eq!(item["state"], "scheduled");
        item
    };
    let item = scheduled().await;
    let path = format!("/grants/{}/revocation", item["grant"].as_str().expect("a grant"));
    scene.administrator.json("POST", &path, &json!({ "reason": "for the test" })).await.expect(200);
    scene.has_fallen(&item, true).await;

    let item = scheduled().await;
    let change = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", scene.anna) }]);
    scene.writer.patch(&format!("/Groups/{group}"), change).await.expect(204);
    scene.has_fallen(&item, true).await;

    let item = scheduled().await;
    scene.ask("anna", json!({ "kind": "revoke", "grant": item["grant"] })).await;
    scene.has_fallen(&item, false).await;

    let item = scheduled().await;
    scene.server.pass(32 * 24 * HOUR);
    scene.server.app.timers.run().await.expect("timers");
    assert_eq!(scene.item(id(&item)).await["state"], "fulfilled");
    assert!(scene.holds(&scene.anna, &group).await);
    scene.check().await;
}

/// A group that is deleted takes along what was asked for of it, as an entitlement does that is not in use any more.
async fn what_is_deleted_is_asked_for_no_more(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.entitlement("low", json!({ "risk": 1 })).await;
    let wish = json!({ "kind": "grant", "entitlement": group, "from": "2026-02-01", "days": 10 });
    let later = scene.ask("anna", wish.clone()).await;
    scene.approve("mara", id(&later)).await.expect(200);
    let pending = scene.ask("mara", wish).await;
    assert_eq!(scene.waiting("zane").await, [id(&pending)]);
    let held = scene.asked().await;
    scene.writer.delete(&format!("/Groups/{group}")).await.expect(204);
    for item in [&later, &pending] {
        let gone = scene.item(id(item)).await;
        assert_eq!((&gone["state"], &gone["reason"]), (&json!("cancelled"), &json!("retired")), "{gone}");
    }
    assert!(scene.waiting("zane").await.is_empty());
    assert_eq!(scene.waiting("mara").await, [id(&held)]);
    // Nor is it offered, or asked for any more, dry or not.
    let offers = scene.person("anna").get("/offers").await.expect(200).body["items"].clone();
    assert!(!offers.to_string().contains(&group), "{offers}");
    let again = json!({ "items": [{ "kind": "grant", "entitlement": group, "days": 10 }], "justification": "x" });
    for path in ["/requests?dryRun=true", "/requests"] {
        let reply = scene.person("anna").json("POST", path, &again).await;
        assert_eq!(reply.body["errors"][0]["pointer"], "/items/0/entitlement", "{:#}", reply.body);
        reply.problem(400, "invalid");
    }
    scene.server.pass(32 * 24 * HOUR);
    scene.server.app.timers.run().await.expect("timers");
    scene.check().await;
}

/// Whoever asked takes it back, or whom it is for, as long as it has not begun; nobody else does.
async fn what_was_asked_for_is_taken_back(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    scene.withdraw("mara", id(&item)).await.problem(403, "forbidden");
    scene.withdraw("zane", id(&item)).await.problem(404, "");
    let gone = scene.withdraw("anna", id(&item)).await.expect(200).body;
    assert_eq!((&gone["state"], &gone["stages"][0]["state"]), (&json!("withdrawn"), &json!("cancelled")));
    assert!(scene.waiting("mara").await.is_empty());
    scene.withdraw("anna", id(&item)).await.problem(409, "state");
    // While a question waits.
    let item = scene.asked().await;
    scene.deed("mara", id(&item), "questions", &json!({ "question": "why?" })).await.expect(200);
    scene.withdraw("anna", id(&item)).await.expect(200);
    // What was approved for later goes with its grant.
    let group = scene.entitlement("low", json!({ "risk": 1 })).await;
    let item =
        scene.ask("anna", json!({ "kind": "grant", "entitlement": group, "from": "2026-03-01", "days": 10 })).await;
    let later = scene.approve("mara", id(&item)).await.expect(200).body;
    assert_eq!((&later["state"], &later["from"]), (&json!("scheduled"), &json!("2026-02-28T22:00:00.000Z")));
    let grant = format!("/grants/{}", later["grant"].as_str().expect("a grant"));
    assert_eq!(scene.administrator.get(&grant).await.body["state"], "scheduled");
    assert!(!scene.holds(&scene.anna, &group).await);
    let possible = scene.approve("mara", id(&item)).await;
    assert_eq!(possible.body["possible"], json!(["start", "withdraw", "cancel"]));
    possible.problem(409, "state");
    scene.withdraw("anna", id(&item)).await.expect(200);
    let ended = scene.administrator.get(&grant).await.body;
    assert_eq!((&ended["state"], &ended["ending"]), (&json!("ended"), &json!("cancelled")));
    let request = scene.administrator.get("/requests?state=withdrawn").await.expect(200).body;
    assert_eq!(request["items"].as_array().expect("items").len(), 3);
    scene.check().await;
}

/// A suspended tenant takes back, rejects and takes away; it gives nothing.
async fn a_suspended_tenant_gives_nothing(server: Server) {
    let scene = Scene::new(server).await;
    let other = scene.entitlement("other", json!({ "risk": 1 })).await;
    let third = scene.entitlement("third", json!({ "risk": 1 })).await;
    let held = scene.ask("anna", json!({ "kind": "grant", "entitlement": other })).await;
    let grant = scene.approve("mara", id(&held)).await.expect(200).body["grant"].clone();
    let waiting = scene.ask("anna", json!({ "kind": "grant", "entitlement": third })).await;
    let rejected = scene.asked().await;
    let grave = scene.entitlement("fourth", json!({ "risk": 1 })).await;
    let withdrawn = scene.ask("anna", json!({ "kind": "grant", "entitlement": grave })).await;
    scene.server.suspend("riga").await;
    // Tokens that were judged before are judged anew.
    scene.server.pass(10_000);
    let new = json!({ "items": [{ "kind": "grant", "entitlement": other }] });
    scene.person("zane").json("POST", "/requests", &new).await.problem(403, "suspended");
    scene.approve("mara", id(&waiting)).await.problem(403, "suspended");
    assert_eq!(scene.item(id(&waiting)).await["state"], "pending");
    scene.reject("mara", id(&rejected)).await.expect(200);
    scene.withdraw("anna", id(&withdrawn)).await.expect(200);
    let delegation = json!({ "delegate": scene.zane, "until": "2026-01-30" });
    scene.person("mara").json("POST", "/delegations", &delegation).await.problem(403, "suspended");
    let revoked = scene.ask("anna", json!({ "kind": "revoke", "grant": grant })).await;
    assert_eq!(revoked["state"], "fulfilled");
    assert!(!scene.holds(&scene.anna, &other).await);
    scene.server.resume("riga").await;
    scene.server.pass(10_000);
    scene.approve("mara", id(&waiting)).await.expect(200);
    assert!(scene.holds(&scene.anna, &third).await);
    scene.check().await;
}

/// With an entitlement that is not in use any more goes what was asked for of it.
async fn what_is_retired_is_asked_for_no_more(server: Server) {
    let scene = Scene::new(server).await;
    let item = scene.asked().await;
    let path = format!("/applications/{}/entitlements/{}", scene.application, scene.group);
    scene.administrator.json("PATCH", &path, &json!({ "state": "retired" })).await.expect(200);
    let cancelled = scene.item(id(&item)).await;
    assert_eq!((&cancelled["state"], &cancelled["reason"]), (&json!("cancelled"), &json!("retired")));
    assert!(scene.waiting("mara").await.is_empty());
    scene.approve("mara", id(&item)).await.problem(409, "state");
    let page = scene.administrator.get("/requests?state=cancelled").await.expect(200).body;
    assert_eq!(page["items"].as_array().expect("items").len(), 1);
}

/// With an application that is not in use any more go its entitlements, what was asked for of them, and what was to begin.
async fn an_application_takes_along_what_is_asked_for(server: Server) {
    let scene = Scene::new(server).await;
    let draft = scene.entitlement("draft", json!({ "state": "draft" })).await;
    let low = scene.entitlement("low", json!({ "risk": 1 })).await;
    let held = scene.ask("anna", json!({ "kind": "grant", "entitlement": low })).await;
    scene.approve("mara", id(&held)).await.expect(200);
    let later =
        scene.ask("mara", json!({ "kind": "grant", "entitlement": low, "from": "2026-01-20", "days": 10 })).await;
    let later = scene.approve("zane", id(&later)).await.expect(200).body;
    let item = scene.asked().await;
    let application = format!("/applications/{}", scene.application);
    let path = |group: &str| format!("{application}/entitlements/{group}");
    scene.administrator.json("PATCH", &application, &json!({ "state": "retired" })).await.expect(200);

    let cancelled = scene.item(id(&item)).await;
    assert_eq!((&cancelled["state"], &cancelled["reason"]), (&json!("cancelled"), &json!("retired")));
    scene.approve("mara", id(&item)).await.problem(409, "state");
    for (group, state) in [(&scene.group, "retired"), (&low, "retired"), (&draft, "draft")] {
        assert_eq!(scene.administrator.get(&path(group)).await.expect(200).body["state"], state);
        let active = json!({ "state": "active" });
        let refused = scene.administrator.json("PATCH", &path(group), &active).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/state", "{:#}", refused.body);
        refused.problem(400, "invalid");
    }
    let group = scene.writer.group("another", &[]).await.id();
    let new = json!({ "group": group, "code": "another", "names": { "en": "Another" } });
    let refused = scene.administrator.json("POST", &format!("{application}/entitlements"), &new).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/state", "{:#}", refused.body);
    // Who has it keeps it until it ends; nobody gets it any more.
    assert!(scene.holds(&scene.anna, &low).await);
    let by_hand = json!({ "user": scene.oskars, "entitlement": low, "reason": "a test" });
    scene.administrator.json("POST", "/grants", &by_hand).await.problem(409, "state");
    scene.server.pass(20 * 24 * HOUR);
    scene.server.app.timers.run().await.expect("timers");
    assert!(!scene.holds(&scene.mara, &low).await);
    let riga = scene.server.find("riga").await.id;
    let grant = later["grant"].as_str().expect("a grant").parse().expect("an id");
    let ended = scene.server.store.tenant(riga).grant(grant, &store::Bounds::none()).await.expect("a look");
    assert!(
        matches!(ended.expect("a grant").grant.state, State::Ended { reason: Ending::Retired, .. }),
        "what was to begin has come to nothing"
    );

    // Back in use its entitlements are put in use one by one.
    let administrator = &scene.administrator;
    administrator.json("PATCH", &application, &json!({ "state": "active" })).await.expect(200);
    assert_eq!(administrator.get(&path(&low)).await.expect(200).body["state"], "retired");
    administrator.json("PATCH", &path(&low), &json!({ "state": "active" })).await.expect(200);
    scene.check().await;
}

/// What somebody holds is given back by them, and taken by who leads them, who answers for it and who looks after it: with a reason,
/// which the grant keeps.
async fn whoever_takes_something_says_why(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.entitlement("low", json!({ "risk": 1 })).await;
    let takers = [("anna", "givenBack"), ("mara", "manager"), ("oskars", "owner")];
    for (name, ending) in takers {
        let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
        scene.approve("mara", id(&item)).await.expect(200);
        let grant = scene.item(id(&item)).await["grant"].clone();
        // Whoever leads her sees what she holds; nobody else does.
        let seen = scene.person(name).get(&format!("/me/holdings?subject={}", scene.anna)).await;
        if name == "oskars" {
            seen.problem(404, "");
        } else {
            let seen = seen.expect(200).body;
            assert_eq!(seen["items"][0]["grant"]["id"], grant, "{seen:#}");
        }
        let mut wish = json!({ "subject": scene.anna, "items": [{ "kind": "revoke", "grant": grant }] });
        if name != "anna" {
            let refused = scene.person(name).json("POST", "/requests", &wish).await;
            assert_eq!(refused.body["errors"][0]["pointer"], "/justification", "{:#}", refused.body);
            refused.problem(400, "invalid");
            assert!(scene.holds(&scene.anna, &group).await);
        }
        // As long as may be.
        let why = "ā".repeat(4000);
        wish["justification"] = why.as_str().into();
        let done = scene.person(name).json("POST", "/requests", &wish).await.expect(201).body;
        assert_eq!(done["items"][0]["state"], "fulfilled");
        assert!(!scene.holds(&scene.anna, &group).await);
        let path = format!("/grants/{}", grant.as_str().expect("an id"));
        let ended = scene.administrator.get(&path).await.expect(200).body;
        assert_eq!((&ended["ending"], &ended["taken"]["reason"]), (&json!(ending), &json!(why)));
        assert_eq!(ended["given"].get("reason"), None, "the request says it");
        scene.check().await;
    }
    // She is told who looked.
    assert!(scene.server.app.calls.flush().await);
    let views = scene.person("anna").get("/me/views").await.expect(200).body;
    let routes: Vec<&Value> = views["items"].as_array().expect("items").iter().map(|view| &view["route"]).collect();
    assert_eq!(routes.iter().filter(|route| **route == "/api/v1/me/holdings").count(), 1, "{routes:?}");
    scene.person("mara").get(&format!("/me/holdings?subject={}", scene.oskars)).await.problem(404, "");
    scene.person("mara").get("/me/holdings?subject=x").await.problem(400, "invalid");
    let past = format!("/me/holdings?subject={}&at=2026-01-01T00:00:00Z", scene.anna);
    scene.person("mara").get(&past).await.problem(400, "invalid");
}

on_both_databases! {
    an_application_takes_along_what_is_asked_for,
    whoever_takes_something_says_why,
    what_was_asked_for_is_taken_back,
    a_suspended_tenant_gives_nothing,
    what_is_retired_is_asked_for_no_more,
    an_extension_ends_with_its_grant,
    what_begins_later_ends_with_its_grant,
    what_is_deleted_is_asked_for_no_more,
}
