//! `/t/{tenant}/api/v1/applications/{application}/entitlements`

use serde_json::{Value, json};
use sqlx::Row;

use super::{LATER, Scene, adding};
use crate::support::{Client, Server};

async fn entitlements_are_made_changed_and_listed(server: Server) {
    let scene = Scene::new(server).await;
    let (administrator, path) = (&scene.administrator, scene.entitlements());
    let anna = scene.writer.user("anna", json!({})).await.id();
    let a = scene.writer.group("a", &[&anna]).await.id();
    let b = scene.writer.group("b", &[]).await.id();
    let new = json!({
        "group": a, "code": "operator", "names": { "lv": " Operators ", "en": "Operator" }, "authority": "grants",
        "risk": 1, "purpose": "To calculate", "legalBasis": "Likums",
    });
    let made = administrator.json("POST", &path, &new).await.expect(201);
    let one = format!("{path}/{a}");
    assert_eq!(made.header("location"), Some(format!("{}{one}", administrator.base).as_str()));
    assert_eq!(
        made.body,
        json!({
            "group": a, "application": scene.application, "code": "operator",
            "names": { "lv": "Operators", "en": "Operator" }, "state": "active", "authority": "grants", "risk": 1,
            "purpose": "To calculate", "legalBasis": "Likums", "requestable": true,
            "audience": { "units": [], "employmentTypes": [] }, "duration": { "extensions": 0 },
            "needsJustification": false, "needsLegalBasis": false, "prerequisites": [], "emergency": false,
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
        })
    );
    assert_eq!(administrator.get(&one).await.expect(200).body, made.body);
    administrator.json("POST", &path, &new).await.problem(409, "taken");
    let same_code = json!({ "group": b, "code": "operator", "names": { "en": "B" } });
    administrator.json("POST", &path, &same_code).await.problem(409, "taken");
    let plain = json!({ "group": b, "code": "reader", "names": { "en": "B" } });
    let other = administrator.json("POST", &path, &plain).await.expect(201).body;
    assert_eq!((&other["authority"], &other["risk"]), (&json!("scim"), &json!(2)), "what is left out");

    let mut listed = vec![made.body.clone(), other];
    listed.sort_by_key(|entitlement| entitlement["group"].as_str().expect("an id").to_owned());
    let page = administrator.get(&format!("{path}?count=1")).await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest = administrator.get(&format!("{path}?count=1&cursor={cursor}")).await.expect(200).body;
    assert_eq!(json!([page["items"][0], rest["items"][0]]), json!(listed));

    let groups = administrator.get(&format!("/applications/{}/groups", scene.application)).await.expect(200).body;
    assert_eq!(groups["items"].as_array().expect("groups").len(), 2, "its groups are the application's");
    administrator.delete(&format!("/applications/{}/groups/{a}", scene.application)).await.problem(409, "conflict");

    scene.server.pass(1000);
    let change = json!({ "names": { "en": "Clerk" }, "risk": 3, "purpose": null, "state": "retired" });
    let changed = administrator.json("PATCH", &one, &change).await.expect(200).body;
    assert_eq!((&changed["names"], &changed["risk"]), (&json!({ "en": "Clerk" }), &json!(3)));
    assert_eq!((changed.get("purpose"), &changed["state"]), (None, &json!("retired")));
    assert_eq!(changed["modified"], "2026-01-01T00:00:01.000Z");
    assert_eq!(administrator.json("PATCH", &one, &json!({})).await.expect(200).body, changed);
    // The code of one that is retired may be given to another, and then it cannot come back.
    let c = scene.writer.group("c", &[]).await.id();
    let again = json!({ "group": c, "code": "operator", "names": { "en": "C" } });
    administrator.json("POST", &path, &again).await.expect(201);
    administrator.json("PATCH", &one, &json!({ "state": "active" })).await.problem(409, "taken");

    administrator.delete(&one).await.problem(409, "conflict");
    administrator.delete(&format!("{path}/{c}")).await.expect(204);
    administrator.get(&format!("{path}/{c}")).await.problem(404, "");
    scene.writer.patch(&format!("/Groups/{c}"), adding(&[&anna])).await.expect(204);
    assert!(scene.grants(&[("entitlement", &c)]).await.is_empty(), "it is a plain group again");
    administrator.delete(&format!("/applications/{}", scene.application)).await.problem(409, "conflict");
    let log = sqlx::query("SELECT action, changes FROM event WHERE kind = 'Entitlement' ORDER BY seq")
        .fetch_all(&scene.server.database.look().await)
        .await
        .expect("events");
    let actions: Vec<String> = log.iter().map(|row| row.get(0)).collect();
    assert_eq!(actions, ["created", "created", "changed", "created", "deleted"]);
    let third: Value = serde_json::from_str(&log[2].get::<String, _>(1)).expect("JSON");
    assert_eq!(third["attributes"], json!(["names", "state", "risk", "purpose"]));
}

/// Bad input is refused by the name of the field, and changes nothing.
async fn what_is_wrong_is_named(server: Server) {
    let scene = Scene::new(server).await;
    let (administrator, path) = (&scene.administrator, scene.entitlements());
    let group = scene.writer.group("a", &[]).await.id();
    let user = scene.writer.user("anna", json!({})).await.id();
    let fine = json!({ "group": group, "code": "a", "names": { "en": "A" } });
    for (field, value) in [
        ("group", json!(user)),
        ("group", json!(scene.application)),
        ("group", json!("x")),
        ("code", json!("A b")),
        ("names", json!({})),
        ("names", json!({ "en": "" })),
        ("state", json!("lost")),
        ("authority", json!("nobody")),
        ("risk", json!(4)),
        ("risk", json!(-1)),
        ("purpose", json!("")),
        ("legalBasis", json!("x".repeat(1001))),
        ("audience", json!({ "people": [] })),
        ("longest", json!(90)),
    ] {
        let mut new = fine.clone();
        new[field] = value;
        let reply = administrator.json("POST", &path, &new).await;
        let pointer = reply.body["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
        assert!(pointer.starts_with(&format!("/{field}")), "{new}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    let elsewhere = format!("/applications/{user}/entitlements");
    administrator.json("POST", &elsewhere, &fine).await.problem(404, "");
    administrator.get(&elsewhere).await.problem(404, "");
    assert_eq!(administrator.get(&path).await.expect(200).body, json!({ "items": [] }));
    scene.entitle(&group, "a", "scim").await;
    for change in [json!({ "code": "b" }), json!({ "names": null }), json!({ "risk": 9 }), json!({ "state": "x" })] {
        administrator.json("PATCH", &format!("{path}/{group}"), &change).await.problem(400, "invalid");
    }
    let second =
        administrator.json("POST", "/applications", &json!({ "code": "b", "name": "B" })).await.expect(201).id();
    for method in ["PATCH", "DELETE", "GET"] {
        let wrong = format!("/applications/{second}/entitlements/{group}");
        administrator.json(method, &wrong, &json!({})).await.problem(404, "");
    }
    administrator.ask("PUT", &format!("/applications/{second}/groups/{group}")).await.problem(409, "conflict");
    let stolen = json!({ "group": group, "code": "a", "names": { "en": "A" } });
    administrator.json("POST", &format!("/applications/{second}/entitlements"), &stolen).await.problem(409, "taken");
}

/// Another tenant's applications, entitlements, grants, users and groups do not exist; nor does what one of them is called
/// say anything about the other.
async fn tenants_see_their_own(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({})).await.id();
    let group = scene.writer.group("a", &[&anna]).await.id();
    scene.entitle(&group, "a", "scim").await;
    let grant = scene.give(&anna, &group).await;
    scene.server.tenant("jurmala").await;
    let stranger = scene.server.administrator("jurmala").await;
    let one = format!("{}/{group}", scene.entitlements());
    for path in [&one, &scene.entitlements(), &format!("/grants/{grant}")] {
        stranger.get(path).await.problem(404, "");
    }
    stranger.json("PATCH", &one, &json!({ "state": "retired" })).await.problem(404, "");
    stranger.delete(&one).await.problem(404, "");
    stranger.json("POST", &format!("/grants/{grant}/revocation"), &json!({ "reason": "x" })).await.problem(404, "");
    let (_, _, token) = scene.server.token_of("jurmala", "w", &[], &["scim.write", "scim.read"], LATER).await;
    let there = Client::new(&scene.server.url, "jurmala", &token).user("carl", json!({})).await.id();
    for (user, entitlement, wrong) in [(&anna, &group, "/user"), (&there, &group, "/entitlement")] {
        let new = json!({ "user": user, "entitlement": entitlement, "reason": "x" });
        let reply = stranger.json("POST", "/grants", &new).await;
        assert_eq!(reply.body["errors"][0]["pointer"], wrong, "{:#}", reply.body);
        reply.problem(400, "invalid");
    }
    for query in [("user", &anna), ("entitlement", &group)] {
        assert_eq!(stranger.find("/grants", &[(query.0, query.1)]).await.expect(200).body, json!({ "items": [] }));
    }
    let held = stranger.find("/holdings", &[("user", &anna)]).await.expect(200).body;
    assert_eq!(held["items"], json!([]));
    stranger.find("/holdings", &[("application", &scene.application)]).await.problem(404, "");
    assert_eq!(scene.grants(&[("state", "active")]).await.len(), 2);
}

/// What others may have changed meanwhile is changed by whoever names its version alone, if they name one.
async fn a_change_may_name_a_version(server: Server) {
    let scene = Scene::new(server).await;
    let group = scene.writer.group("reader", &[]).await.id();
    scene.entitle(&group, "reader", "grants").await;
    let entitlement = format!("{}/{group}", scene.entitlements());
    let application = format!("/applications/{}", scene.application);
    let by = async |method: &str, path: &str, version: &str, body: Value| {
        let request = scene.administrator.request(method, path).header("if-match", version);
        scene.administrator.send(request.json(&body)).await
    };
    let names = json!({ "names": { "en": "Readers" } });
    for (path, change) in [(&application, json!({ "name": "Taxes" })), (&entitlement, names)] {
        assert_eq!(scene.administrator.get(path).await.expect(200).etag(), "W/\"1\"");
        by("PATCH", path, "W/\"2\"", change.clone()).await.problem(412, "stale");
        assert_eq!(by("PATCH", path, "W/\"1\"", change).await.expect(200).etag(), "W/\"2\"");
        by("DELETE", path, "W/\"1\"", json!({})).await.problem(412, "stale");
        assert_eq!(scene.administrator.get(path).await.expect(200).etag(), "W/\"2\"");
    }
    by("DELETE", &entitlement, "W/\"2\"", json!({})).await.expect(204);
    by("DELETE", &application, "*", json!({})).await.problem(409, "conflict");
}

on_both_databases! {
a_change_may_name_a_version, entitlements_are_made_changed_and_listed, what_is_wrong_is_named, tenants_see_their_own }
