//! Those who look after a unit.

use serde_json::{Value, json};

use super::{super::within, Parts, extend, faulty, give, listed, take};
use crate::support::Server;

/// Whoever looks after a unit gives people of the unit what has a low risk, and sees and takes what these have, whatever the
/// application. Of others they learn nothing.
async fn a_unit_is_looked_after(server: Server) {
    let parts = Parts::new(server).await;
    let (scene, berta) = (&parts.scene, parts.scene.person("berta"));
    let given = give(&berta, &parts.dita, &parts.assessors).await.expect(201).id();
    give(&berta, &parts.dita, &parts.judges).await.problem(403, "forbidden");
    let nobody = "019b2c45-6071-7293-b4a5-a6b7c8d9eafb";
    let told = [give(&berta, &parts.edgars, &parts.keys).await, give(&berta, nobody, &parts.keys).await];
    assert_eq!(told[0].body["errors"], told[1].body["errors"], "whoever works elsewhere looks like nobody");
    told.into_iter().for_each(|reply| faulty(reply, "/user"));

    assert_eq!(listed(&berta, "/grants").await, [parts.dita_has.as_str(), &given]);
    assert!(listed(&berta, &format!("/grants?user={}", parts.edgars)).await.is_empty());
    let holders = async |query: &str| {
        let page = berta.get(&format!("/holdings?{query}")).await.expect(200).body;
        let users = page["items"].as_array().expect("items").iter().map(|item| item["grant"]["user"].clone());
        users.collect::<Vec<_>>()
    };
    assert_eq!(holders(&format!("application={}", parts.pool)).await, [json!(parts.dita)]);
    assert!(holders(&format!("user={}", parts.edgars)).await.is_empty());
    let table = berta.request("GET", &format!("/holdings?application={}&format=csv", parts.pool)).send().await;
    let table = table.expect("an answer").text().await.expect("text");
    assert!(table.contains(&parts.dita) && !table.contains(&parts.edgars), "{table}");

    berta.get(&format!("/grants/{}", parts.edgars_has)).await.problem(404, "");
    take(&berta, &parts.edgars_has).await.problem(404, "");
    extend(&berta, &parts.edgars_has).await.problem(404, "");
    assert_eq!(parts.state(&parts.edgars_has).await, "active");
    take(&berta, &parts.dita_has).await.expect(200);
    assert_eq!(parts.state(&parts.dita_has).await, "ended");

    for what in ["employments", "standing", "views"] {
        berta.get(&format!("/users/{}/{what}", parts.dita)).await.expect(200);
        berta.get(&format!("/users/{}/{what}", parts.edgars)).await.problem(404, "");
    }
    assert_eq!(listed(&berta, "/organisation-units").await, [scene.schools.as_str(), &scene.school]);
    berta.get(&format!("/organisation-units/{}", scene.baths)).await.problem(404, "");
    let people = listed(&berta, &format!("/organisation-units/{}/people", scene.schools)).await;
    assert_eq!(people, [parts.dita.as_str()]);
    berta.get(&format!("/organisation-units/{}/people", scene.city)).await.problem(404, "");
    let past = format!("/organisation-units/{}/people?day=2025-01-01", scene.schools);
    berta.get(&past).await.problem(403, "forbidden");
    assert_eq!(listed(&berta, "/applications").await, [parts.tax.as_str()]);
    // Dita moves away, and from then on is nobody here.
    let change = json!([{ "op": "replace", "path": format!("{}:employments", crate::support::client::MUNICIPAL),
                          "value": [{ "organisationUnit": "baths", "primary": true }] }]);
    scene.writer.patch(&format!("/Users/{}", parts.dita), change).await.expect(200);
    assert!(listed(&berta, "/grants").await.is_empty());
    take(&berta, &given).await.problem(404, "");
}

/// Nobody gives themselves anything, also where they work in what they look after.
async fn nobody_gives_to_themselves(server: Server) {
    let parts = Parts::new(server).await;
    let user = parts.scene.user("zane", "school").await;
    parts.scene.give(&user, "unitAdministrator", within(&parts.scene.school)).await.expect(201);
    let zane = parts.scene.person("zane");
    give(&zane, &user, &parts.keys).await.problem(403, "forbidden");
    let grant = give(&parts.scene.administrator, &user, &parts.assessors).await.expect(201).id();
    extend(&zane, &grant).await.problem(403, "forbidden");
    give(&zane, &parts.dita, &parts.assessors).await.expect(201);
}

/// Below a unit its administrator makes, moves and deletes units; not the unit itself, nor elsewhere, nor one that brings
/// people along, nor with themselves at its head.
async fn units_are_made_below_ones_own(server: Server) {
    let parts = Parts::new(server).await;
    let (scene, berta) = (&parts.scene, parts.scene.person("berta"));
    let new = |code: &str, parent: &str| json!({ "kind": "unit", "code": code, "name": code, "parent": parent });
    let make = async |new: &Value| berta.json("POST", "/organisation-units", new).await;
    let kitchen = make(&new("kitchen", &scene.school)).await.expect(201).id();
    faulty(make(&new("garden", &scene.city)).await, "/parent");
    faulty(make(&json!({ "kind": "municipality", "code": "land", "name": "land" })).await, "/parent");
    scene.user("gusts", "lost").await;
    faulty(make(&new("lost", &scene.school)).await, "/code");
    let mut led = new("garden", &scene.school);
    led["head"] = scene.berta.clone().into();
    faulty(make(&led).await, "/head");
    led["head"] = parts.edgars.clone().into();
    faulty(make(&led).await, "/head");
    led["head"] = parts.dita.clone().into();
    let garden = make(&led).await.expect(201).id();

    let change = async |unit: &str, change: Value| {
        let request = berta.request("PATCH", &format!("/organisation-units/{unit}")).header("if-match", "*");
        berta.send(request.json(&change)).await
    };
    let delete = async |unit: &str| {
        let request = berta.request("DELETE", &format!("/organisation-units/{unit}")).header("if-match", "*");
        berta.send(request).await
    };
    change(&garden, json!({ "name": "Garden", "parent": kitchen })).await.expect(200);
    faulty(change(&garden, json!({ "parent": scene.baths })).await, "/parent");
    faulty(change(&garden, json!({ "code": "lost" })).await, "/code");
    faulty(change(&garden, json!({ "deputy": scene.berta })).await, "/deputy");
    faulty(change(&garden, json!({ "head": null })).await, "/head");
    change(&scene.schools, json!({ "name": "Mine" })).await.problem(403, "forbidden");
    change(&scene.baths, json!({ "name": "Mine" })).await.problem(404, "");
    delete(&scene.baths).await.problem(404, "");
    delete(&scene.schools).await.problem(403, "forbidden");
    delete(&garden).await.expect(204);
    berta.get("/organisation-units/unmatched").await.problem(403, "forbidden");

    let application = |unit: &str| json!({ "code": "food", "name": "Food", "unit": unit });
    faulty(berta.json("POST", "/applications", &application(&scene.baths)).await, "/unit");
    let mut shows = application(&kitchen);
    shows["released"] = json!(["displayName"]);
    faulty(berta.json("POST", "/applications", &shows).await, "/released");
    berta.json("POST", "/applications", &application(&kitchen)).await.expect(201);
}

/// Conflicts are seen and ended by where people work; what allows them is for those who look after the whole.
async fn conflicts_are_looked_after(server: Server) {
    let parts = Parts::new(server).await;
    let (administrator, berta) = (&parts.scene.administrator, parts.scene.person("berta"));
    let rule = json!({ "name": "Apart", "one": [parts.keys], "other": [parts.assessors], "mode": "warn" });
    let rule = administrator.json("POST", "/sod-rules", &rule).await.expect(201).id();
    for user in [&parts.dita, &parts.edgars] {
        give(administrator, user, &parts.assessors).await.expect(201);
    }
    let all = administrator.get("/sod-violations").await.expect(200).body["items"].clone();
    let of = |user: &String| {
        let found = all.as_array().expect("items").iter().find(|one| one["user"] == json!(user));
        found.expect("a conflict")["id"].as_str().expect("an id").to_owned()
    };
    let (ditas, edgars) = (of(&parts.dita), of(&parts.edgars));
    assert_eq!(listed(&berta, "/sod-violations").await, [ditas.as_str()]);
    berta.get(&format!("/sod-violations/{edgars}")).await.problem(404, "");
    let remedy = json!({ "entitlement": parts.keys, "reason": "a test" });
    berta.json("POST", &format!("/sod-violations/{edgars}/remedy"), &remedy).await.problem(404, "");
    assert_eq!(parts.state(&parts.edgars_has).await, "active");
    let until = json!({ "reason": "r", "control": "c", "until": "2026-02-01T00:00:00Z" });
    let exception = format!("/sod-violations/{ditas}/exception");
    berta.json("POST", &exception, &until).await.problem(403, "forbidden");
    berta.get(&format!("/sod-rules/{rule}/impact")).await.problem(403, "forbidden");
    let over = berta.json("POST", &format!("/sod-violations/{ditas}/remedy"), &remedy).await.expect(200);
    assert_eq!((&over.body["state"], parts.state(&parts.dita_has).await), (&json!("resolved"), json!("ended")));
    let owner = parts.holder("ilze", "applicationOwner", super::super::of(&parts.tax)).await;
    assert!(listed(&owner, "/sod-violations").await.is_empty(), "a conflict tells of other applications too");
}

on_both_databases! {
    a_unit_is_looked_after,
    nobody_gives_to_themselves,
    units_are_made_below_ones_own,
    conflicts_are_looked_after,
}
