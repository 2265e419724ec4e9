//! `/t/{tenant}/api/v1/approval-policies`, `/sod-rules`, `/birthright-rules`

use serde_json::{Value, json};
use sqlx::Row;
use uuid::Uuid;

use super::Scene;
use crate::support::{Client, Reply, Server, program::run};

/// A change that rests on a version of a rule.
async fn put(administrator: &Client, path: &str, tag: &str, rule: &Value) -> Reply {
    administrator.send(administrator.request("PUT", path).header("if-match", tag).json(rule)).await
}

async fn delete(administrator: &Client, path: &str, tag: &str) -> Reply {
    administrator.send(administrator.request("DELETE", path).header("if-match", tag)).await
}

/// An entitlement of that code.
async fn entitlement(scene: &Scene, code: &str) -> String {
    let group = scene.writer.group(code, &[]).await.id();
    scene.entitle(&group, code, "scim").await;
    group
}

/// A policy of one stage.
fn policy(stage: &Value) -> Value {
    json!({ "name": "Policy", "risk": 1, "stages": [stage] })
}

/// A rule of each kind goes through its life: made, listed, changed by whoever knows its version, deleted; the log tells it.
async fn rules_are_made_changed_and_deleted(server: Server) {
    let scene = Scene::new(server).await;
    let administrator = &scene.administrator;
    let (a, b) = (entitlement(&scene, "a").await, entitlement(&scene, "b").await);
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let city = administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let stage = json!({
        "resolver": { "lineManager": 1 }, "quorum": { "atLeast": 1 }, "fallback": { "group": a }, "remindAfter": 510,
        "escalateAfter": 1530, "escalateTo": "owner", "assurance": "substantial",
    });
    let sod = json!({ "name": " Both ", "one": [a], "other": [b], "mode": "block" });
    let when =
        json!({ "all": [{ "within": city }, { "not": { "type": "Intern" } }, { "any": [{ "position": "Ārsts" }] }] });
    let birthright = json!({ "name": "All", "description": "Why", "when": when, "entitlements": [b] });
    for (path, new, word) in [
        ("/approval-policies", policy(&stage), "ApprovalPolicy"),
        ("/sod-rules", sod, "SodRule"),
        ("/birthright-rules", birthright, "BirthrightRule"),
    ] {
        let made = administrator.json("POST", path, &new).await.expect(201);
        let one = format!("{path}/{}", made.id());
        assert_eq!(made.header("location"), Some(format!("{}{one}", administrator.base).as_str()));
        assert_eq!((made.etag().as_str(), &made.body["state"]), ("W/\"1\"", &json!("active")));
        let shown = administrator.get(&one).await.expect(200);
        assert_eq!((shown.etag(), &shown.body), (made.etag(), &made.body));
        let second = administrator.json("POST", path, &new).await.expect(201);
        let page = administrator.get(&format!("{path}?count=1")).await.expect(200).body;
        assert_eq!(page["items"], json!([made.body]));
        let cursor = page["nextCursor"].as_str().expect("a cursor");
        let rest = administrator.get(&format!("{path}?count=1&cursor={cursor}")).await.expect(200).body;
        assert_eq!(rest, json!({ "items": [second.body] }));

        // What is shown can be put, but for what the server says of it.
        let mut same = made.body.clone();
        same.as_object_mut()
            .expect("an object")
            .retain(|name, _| !["id", "created", "modified"].contains(&name.as_str()));
        scene.server.pass(1000);
        assert_eq!(put(administrator, &one, "*", &same).await.expect(200).body, made.body, "no change");
        let mut other = same.clone();
        (other["name"], other["state"]) = ("Other".into(), "retired".into());
        let changed = put(administrator, &one, "W/\"1\"", &other).await.expect(200);
        assert_eq!((changed.etag().as_str(), &changed.body["name"]), ("W/\"2\"", &json!("Other")));
        assert_eq!((&changed.body["state"], &changed.body["created"]), (&json!("retired"), &made.body["created"]));
        assert_ne!(changed.body["modified"], made.body["modified"]);
        put(administrator, &one, "W/\"1\"", &same).await.problem(412, "stale");
        delete(administrator, &one, "W/\"1\"").await.problem(412, "stale");
        administrator.json("PUT", &one, &same).await.problem(428, "");
        administrator.delete(&one).await.problem(428, "");
        delete(administrator, &one, "W/\"2\"").await.expect(204);
        administrator.get(&one).await.problem(404, "");
        put(administrator, &one, "*", &same).await.problem(404, "");
        let sql = "SELECT action, changes FROM event WHERE kind = $1 ORDER BY seq";
        let look = scene.server.database.look().await;
        let log = sqlx::query(sql).bind(word).fetch_all(&look).await.expect("events");
        let actions: Vec<String> = log.iter().map(|row| row.get(0)).collect();
        assert_eq!(actions, ["created", "created", "changed", "deleted"]);
        let told: Value = serde_json::from_str(&log[2].get::<String, _>(1)).expect("JSON");
        assert_eq!(told, json!({ "attributes": ["name", "state"] }));
    }
    for kind in ["policy", "sod", "birthright"] {
        let told = run(&scene.server.database, &["rule", "list", "riga", kind, "--json"]).expect(0);
        let told: Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
        assert!(run(&scene.server.database, &["rule", "list", "riga", kind]).expect(0).contains("active"));
    }
}

/// Whatever cannot be is refused by the name of the field, and told nothing.
async fn what_makes_no_sense_is_told(server: Server) {
    server.tenant("jurmala").await;
    let scene = Scene::new(server).await;
    let administrator = &scene.administrator;
    let (a, b) = (entitlement(&scene, "a").await, entitlement(&scene, "b").await);
    let plain = scene.writer.group("plain", &[]).await.id();
    let anna = scene.writer.user("anna", json!({})).await.id();
    let stranger = scene.server.client_of("jurmala").await.user("stranger", json!({})).await.id();
    let nobody = Uuid::from_u128(7).to_string();
    let stage = |more: Value| {
        let mut stage = json!({ "resolver": "owner" });
        more.as_object().expect("members").iter().for_each(|(name, value)| stage[name] = value.clone());
        policy(&stage)
    };
    let with = |mut rule: Value, more: Value| {
        more.as_object().expect("members").iter().for_each(|(name, value)| rule[name] = value.clone());
        rule
    };
    let scheme = |more: Value| with(stage(json!({})), more);
    let sod = |more: Value| with(json!({ "name": "S", "one": [a], "other": [b], "mode": "warn" }), more);
    let birthright = |more: Value| with(json!({ "name": "B", "when": { "type": "x" }, "entitlements": [a] }), more);
    let deep = (0..9).fold(json!({ "type": "x" }), |inner, _| json!({ "not": inner }));
    for (path, rule, pointer) in [
        ("approval-policies", scheme(json!({ "name": " " })), "/name"),
        ("approval-policies", scheme(json!({ "state": "on" })), "/state"),
        ("approval-policies", scheme(json!({ "risk": 4 })), "/risk"),
        ("approval-policies", scheme(json!({ "colour": 1 })), "/colour"),
        ("approval-policies", scheme(json!({ "expiresAfter": 0 })), "/expiresAfter"),
        ("approval-policies", scheme(json!({ "maxQuestions": 21 })), "/maxQuestions"),
        ("approval-policies", scheme(json!({ "risk": 2, "stages": [] })), "/stages"),
        ("approval-policies", scheme(json!({ "stages": vec![json!({ "resolver": "owner" }); 11] })), "/stages"),
        ("approval-policies", stage(json!({ "resolver": "boss" })), "/stages/0/resolver"),
        ("approval-policies", stage(json!({ "resolver": { "lineManager": 0 } })), "/stages/0/resolver/lineManager"),
        ("approval-policies", stage(json!({ "resolver": { "person": stranger } })), "/stages/0/resolver/person"),
        ("approval-policies", stage(json!({ "resolver": { "person": plain } })), "/stages/0/resolver/person"),
        ("approval-policies", stage(json!({ "fallback": { "group": anna } })), "/stages/0/fallback/group"),
        ("approval-policies", stage(json!({ "fallback": "owner" })), "/stages/0/fallback"),
        ("approval-policies", stage(json!({ "escalateAfter": 9, "escalateTo": "owner" })), "/stages/0/escalateTo"),
        ("approval-policies", stage(json!({ "escalateAfter": 9 })), "/stages/0/escalateTo"),
        ("approval-policies", stage(json!({ "remindAfter": 0 })), "/stages/0/remindAfter"),
        ("approval-policies", stage(json!({ "quorum": { "atLeast": 0 } })), "/stages/0/quorum/atLeast"),
        ("approval-policies", with(stage(json!({ "onEmpty": "skip" })), json!({ "risk": 3 })), "/stages/0/onEmpty"),
        ("approval-policies", stage(json!({ "colour": 1 })), "/stages/0/colour"),
        ("sod-rules", sod(json!({ "mode": "maybe" })), "/mode"),
        ("sod-rules", sod(json!({ "scope": "town" })), "/scope"),
        ("sod-rules", sod(json!({ "one": [] })), "/one"),
        ("sod-rules", sod(json!({ "other": [b, a] })), "/other"),
        ("sod-rules", sod(json!({ "other": [b, plain] })), "/other/1"),
        ("sod-rules", sod(json!({ "one": [nobody] })), "/one/0"),
        ("birthright-rules", birthright(json!({ "entitlements": [] })), "/entitlements"),
        ("birthright-rules", birthright(json!({ "entitlements": [a, nobody] })), "/entitlements/1"),
        ("birthright-rules", birthright(json!({ "when": { "all": [] } })), "/when"),
        ("birthright-rules", birthright(json!({ "when": deep })), "/when"),
        ("birthright-rules", birthright(json!({ "when": { "moon": 1 } })), "/when"),
        ("birthright-rules", birthright(json!({ "when": { "not": { "position": " " } } })), "/when/not/position"),
        ("birthright-rules", birthright(json!({ "when": { "any": [{ "within": a }] } })), "/when/any/0/within"),
    ] {
        let reply = administrator.json("POST", &format!("/{path}"), &rule).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{rule}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    for path in ["approval-policies", "sod-rules", "birthright-rules"] {
        assert_eq!(administrator.get(&format!("/{path}")).await.expect(200).body, json!({ "items": [] }));
        assert_eq!(administrator.get(&format!("/{path}/{nobody}")).await.status, 404);
    }
    let made = administrator.json("POST", "/sod-rules", &sod(json!({}))).await.expect(201).id();
    let elsewhere = scene.server.administrator("jurmala").await;
    for path in [format!("/sod-rules/{made}"), format!("/birthright-rules/{made}")] {
        elsewhere.get(&path).await.problem(404, "");
        delete(&elsewhere, &path, "*").await.problem(404, "");
    }
}

/// What a rule names stays, and so does a policy that an entitlement has; what has gone by SCIM does not have to be taken out
/// before anything else of a rule is changed.
async fn what_is_in_use_stays(server: Server) {
    let scene = Scene::new(server).await;
    let administrator = &scene.administrator;
    let (a, b) = (entitlement(&scene, "a").await, entitlement(&scene, "b").await);
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let city = administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let rule = json!({ "name": "B", "when": { "within": city }, "entitlements": [a] });
    let rule = administrator.json("POST", "/birthright-rules", &rule).await.expect(201).id();
    let unit = format!("/organisation-units/{city}");
    assert!(delete(administrator, &unit, "*").await.problem(409, "conflict").contains(&rule));
    let path = format!("{}/{a}", scene.entitlements());
    assert!(administrator.delete(&path).await.problem(409, "conflict").contains(&rule));
    delete(administrator, &format!("/birthright-rules/{rule}"), "*").await.expect(204);
    administrator.delete(&path).await.expect(204);
    delete(administrator, &unit, "*").await.expect(204);

    let gone = scene.writer.group("gone", &[]).await.id();
    let mut new = policy(&json!({ "resolver": { "group": gone } }));
    let made = administrator.json("POST", "/approval-policies", &new).await.expect(201).id();
    let (one, used) = (format!("/approval-policies/{made}"), format!("{}/{b}", scene.entitlements()));
    let wanted = json!({ "approvalPolicy": made });
    let told = administrator.json("PATCH", &used, &wanted).await;
    assert_eq!(told.body["errors"][0]["pointer"], "/approvalPolicy", "its risk is 2, the policy is for 1 at the most");
    let told = administrator.json("PATCH", &used, &json!({ "approvalPolicy": b })).await;
    assert_eq!(told.body["errors"][0]["pointer"], "/approvalPolicy", "that is no policy");
    administrator.json("PATCH", &used, &json!({ "risk": 1, "approvalPolicy": made })).await.expect(200);
    assert!(delete(administrator, &one, "*").await.problem(409, "conflict").contains(&b));
    new["risk"] = 0.into();
    assert!(put(administrator, &one, "*", &new).await.problem(409, "conflict").contains("risk"));
    scene.writer.delete(&format!("/Groups/{gone}")).await.expect(204);
    (new["risk"], new["name"]) = (1.into(), "Another name".into());
    put(administrator, &one, "*", &new).await.expect(200);
    administrator.json("PATCH", &used, &json!({ "approvalPolicy": null })).await.expect(200);
    delete(administrator, &one, "*").await.expect(204);
}

/// While the tenant is suspended, rules are only taken away.
async fn a_suspended_tenant_makes_no_rules(server: Server) {
    let scene = Scene::new(server).await;
    let new = policy(&json!({ "resolver": "owner" }));
    let made = scene.administrator.json("POST", "/approval-policies", &new).await.expect(201).id();
    scene.server.suspend("riga").await;
    let administrator = scene.server.administrator("riga").await;
    administrator.json("POST", "/approval-policies", &new).await.problem(403, "suspended");
    let one = format!("/approval-policies/{made}");
    put(&administrator, &one, "*", &new).await.problem(403, "suspended");
    delete(&administrator, &one, "*").await.expect(204);
}

on_both_databases! {
    rules_are_made_changed_and_deleted,
    what_makes_no_sense_is_told,
    what_is_in_use_stays,
    a_suspended_tenant_makes_no_rules,
}
