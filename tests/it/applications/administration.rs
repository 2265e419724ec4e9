//! `/t/{tenant}/api/v1/applications`

use serde_json::{Value, json};
use sqlx::Row;

use super::scene;
use crate::{
    scim::definitions,
    support::{
        Server,
        client::{ENTERPRISE, MUNICIPAL},
    },
};

/// What the log says of applications.
async fn log(server: &Server) -> Vec<(String, Value)> {
    let rows = sqlx::query("SELECT action, changes FROM event WHERE kind = 'Application' ORDER BY seq")
        .fetch_all(&server.database.look().await)
        .await
        .expect("events");
    let changes = |row: &sqlx::any::AnyRow| serde_json::from_str(&row.get::<String, _>(1)).expect("JSON");
    rows.iter().map(|row| (row.get(0), changes(row))).collect()
}

async fn applications_are_made_changed_and_deleted(server: Server) {
    let (administrator, identities) = (server.administrator("riga").await, server.client().await);
    let new = json!({ "code": "documents", "name": " Documents ", "released": ["NAME.givenname", "department", "userName", "username"] });
    let made = administrator.json("POST", "/applications", &new).await.expect(201);
    let path = format!("/applications/{}", made.id());
    assert_eq!(made.header("location"), Some(format!("{}{path}", administrator.base).as_str()));
    let paths = json!(["name.givenName", format!("{ENTERPRISE}:department"), "userName"]);
    let mut sorted: Vec<&str> = paths.as_array().expect("paths").iter().filter_map(Value::as_str).collect();
    sorted.sort_unstable();
    assert_eq!(made.body["released"], json!(sorted), "each once, as it is called");
    assert_eq!((&made.body["name"], &made.body["state"]), (&json!("Documents"), &json!("active")));
    assert_eq!(administrator.get(&path).await.expect(200).body, made.body);
    administrator.json("POST", "/applications", &new).await.problem(409, "taken");

    let other = administrator.json("POST", "/applications", &json!({ "code": "b", "name": "B" })).await.expect(201);
    let page = administrator.get("/applications?count=1").await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest = administrator.get(&format!("/applications?count=1&cursor={cursor}")).await.expect(200).body;
    assert_eq!(rest, json!({ "items": [other.body] }));

    server.pass(1000);
    let change = json!({ "state": "retired", "released": [MUNICIPAL] });
    let changed = administrator.json("PATCH", &path, &change).await.expect(200).body;
    assert_eq!((&changed["state"], &changed["released"]), (&json!("retired"), &json!([MUNICIPAL])));
    assert_eq!(changed["modified"], "2026-01-01T00:00:01.000Z");
    assert_eq!(administrator.json("PATCH", &path, &json!({})).await.expect(200).body, changed);
    administrator.json("PATCH", &path, &json!({ "code": "x" })).await.problem(400, "invalid");

    let (a, b) = (identities.group("a", &[]).await.id(), identities.group("b", &[]).await.id());
    for group in [&a, &b, &a] {
        administrator.ask("PUT", &format!("{path}/groups/{group}")).await.expect(204);
    }
    let groups = administrator.get(&format!("{path}/groups")).await.expect(200).body;
    assert_eq!(groups["items"], json!([{ "id": a, "displayName": "a" }, { "id": b, "displayName": "b" }]));
    let page = administrator.get(&format!("{path}/groups?count=1")).await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest = administrator.get(&format!("{path}/groups?count=1&cursor={cursor}")).await.expect(200).body;
    assert_eq!(rest, json!({ "items": [groups["items"][1]] }));
    let elsewhere = format!("/applications/{}/groups/{a}", other.id());
    administrator.ask("PUT", &elsewhere).await.problem(409, "conflict");
    administrator.delete(&elsewhere).await.problem(404, "");
    let user = identities.user("anna", json!({})).await.id();
    administrator.ask("PUT", &format!("{path}/groups/{user}")).await.problem(404, "");
    administrator.delete(&path).await.problem(409, "conflict");
    administrator.delete(&format!("{path}/groups/{a}")).await.expect(204);
    administrator.delete(&format!("{path}/groups/{a}")).await.problem(404, "");
    identities.delete(&format!("/Groups/{b}")).await.expect(204);
    assert_eq!(administrator.get(&format!("{path}/groups")).await.expect(200).body, json!({ "items": [] }));

    let client = json!({ "name": "reader", "applicationId": made.id() });
    let client = administrator.json("POST", "/clients", &client).await.expect(201);
    assert_eq!(client.body["applicationId"], made.body["id"]);
    administrator.delete(&path).await.problem(409, "conflict");
    administrator.delete(&format!("/clients/{}", client.id())).await.expect(204);
    administrator.delete(&path).await.expect(204);
    for gone in [&path, &format!("{path}/groups")] {
        administrator.get(gone).await.problem(404, "");
    }
    administrator.json("PATCH", &path, &json!({})).await.problem(404, "");
    administrator.delete(&path).await.problem(404, "");
    administrator.ask("PUT", &format!("{path}/groups/{a}")).await.problem(404, "");
    assert_eq!(
        log(&server).await,
        [
            ("created".to_owned(), json!({ "attributes": ["code", "name", "state", "released"] })),
            ("created".to_owned(), json!({ "attributes": ["code", "name", "state", "released"] })),
            ("changed".to_owned(), json!({ "attributes": ["state", "released"] })),
            ("changed".to_owned(), json!({ "added": [a] })),
            ("changed".to_owned(), json!({ "added": [b] })),
            ("changed".to_owned(), json!({ "removed": [a] })),
            ("deleted".to_owned(), json!({})),
        ]
    );
}

async fn values_are_checked(server: Server) {
    definitions::vehicles(&server).await;
    let administrator = server.administrator("riga").await;
    let with = |name: &str, value: Value| {
        let mut new = json!({ "code": "a", "name": "A" });
        new[name] = value;
        new
    };
    for (name, value, pointer) in [
        ("code", json!("A b"), "/code"),
        ("code", json!(""), "/code"),
        ("name", json!(""), "/name"),
        ("state", json!("retired"), ""),
        ("released", json!("userName"), "/released"),
        ("released", json!(null), "/released"),
        ("released", json!(["userName", "password"]), "/released/1"),
        ("released", json!(["nothing"]), "/released/0"),
        ("released", json!(["plate"]), "/released/0"),
        ("released", json!(["emails[type eq \"work\"]"]), "/released/0"),
        ("released", json!(["urn:ietf:params:scim:schemas:core:2.0:Group:displayName"]), "/released/0"),
        ("released", json!(vec!["userName"; 201]), "/released"),
        ("released", json!(["x".repeat(501)]), "/released/0"),
    ] {
        let reply = administrator.json("POST", "/applications", &with(name, value.clone())).await;
        if !pointer.is_empty() {
            assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{name} {value}: {:#}", reply.body);
        }
        reply.problem(400, "invalid");
    }
    let id = administrator.json("POST", "/applications", &with("code", json!("a"))).await.expect(201).id();
    for (change, pointer) in [
        (json!({ "state": "gone" }), "/state"),
        (json!({ "name": null }), "/name"),
        (json!({ "released": ["password"] }), "/released/0"),
    ] {
        let reply = administrator.json("PATCH", &format!("/applications/{id}"), &change).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{change}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    let unknown = json!({ "name": "reader", "applicationId": "019b2c44-5f60-7182-a394-95a6b7c8d9ea" });
    let reply = administrator.json("POST", "/clients", &unknown).await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/applicationId");
    reply.problem(400, "invalid");
}

/// `app.read` is for clients of applications, and stands alone.
async fn who_sees_less_does_not_do_more(server: Server) {
    let scene = scene(server).await;
    let administrator = &scene.administrator;
    let token = async |client: &str, scopes: &[&str]| {
        administrator.json("POST", &format!("/clients/{client}/tokens"), &json!({ "scopes": scopes })).await
    };
    let other = administrator.json("POST", "/clients", &json!({ "name": "of none" })).await.expect(201).id();
    let refused = token(&other, &["app.read"]).await.problem(400, "invalid");
    assert!(refused.contains("application"), "{refused}");
    let own = json!({ "name": "of one", "applicationId": scene.application });
    let own = administrator.json("POST", "/clients", &own).await.expect(201).id();
    for more in ["scim.read", "scim.write", "tenant.admin"] {
        let reply = token(&own, &[more, "app.read"]).await;
        assert_eq!(reply.body["errors"][0]["pointer"], "/scopes/1");
        reply.problem(400, "invalid");
    }
    let made = token(&own, &["app.read"]).await.expect(201);
    let rotated = format!("/clients/{own}/tokens/{}/rotate", made.id());
    let rotated = administrator.json("POST", &rotated, &json!({})).await.expect(201);
    assert_eq!(rotated.body["scopes"], json!(["app.read"]));
    token(&own, &["scim.read"]).await.expect(201);
    let bound = json!({ "applicationId": scene.application });
    administrator.json("PATCH", &format!("/clients/{other}"), &bound).await.problem(400, "invalid");
}

/// Nor does one that somebody wrote into the database: with more than `app.read` a token is one of those that it names.
async fn a_mixture_of_scopes_opens_nothing_more(server: Server) {
    let scene = scene(server).await;
    let look = scene.server.database.look().await;
    for scopes in ["app.read scim.write", "app.read tenant.admin"] {
        let update = format!("UPDATE token SET scopes = '{scopes}' WHERE scopes LIKE 'app.read%'");
        let changed = sqlx::query(sqlx::AssertSqlSafe(update)).execute(&look).await.expect("written").rows_affected();
        assert_eq!(changed, 1);
        scene.server.app.authenticator.forget(scene.server.find("riga").await.id);
        for path in ["/Users", "/Groups", "", "/Schemas"] {
            scene.client.get(path).await.refused(403, "");
        }
    }
}

/// While a tenant is suspended its applications can only come to see less.
async fn a_suspended_tenant_shows_nobody_more(server: Server) {
    let scene = scene(server).await;
    scene.server.suspend("riga").await;
    let administrator = scene.server.administrator("riga").await;
    let path = format!("/applications/{}", scene.application);
    administrator.json("POST", "/applications", &json!({ "code": "x", "name": "X" })).await.problem(403, "suspended");
    for more in [json!(["title"]), json!(["userName", "title"])] {
        administrator.json("PATCH", &path, &json!({ "released": more })).await.problem(403, "suspended");
    }
    administrator.ask("PUT", &format!("{path}/groups/{}", scene.others)).await.problem(403, "suspended");
    administrator.json("PATCH", &path, &json!({ "released": ["userName"], "state": "retired" })).await.expect(200);
    administrator.json("PATCH", &path, &json!({ "state": "active" })).await.problem(403, "suspended");
    administrator.delete(&format!("{path}/groups/{}", scene.staff)).await.expect(204);
}

on_both_databases! {
    applications_are_made_changed_and_deleted,
    values_are_checked,
    who_sees_less_does_not_do_more,
    a_mixture_of_scopes_opens_nothing_more,
    a_suspended_tenant_shows_nobody_more,
}
