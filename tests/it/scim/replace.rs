//! PUT (RFC 7644 §3.5.1).

use serde_json::json;

use crate::support::{
    Server,
    client::{ENTERPRISE, GROUP, USER},
};

/// Shows: U-01, U-03, U-04, U-05, U-06, U-09, U-12, U-13, U-15, S-46, Y-14
async fn a_put_replaces_what_the_client_owns(server: Server) {
    let client = server.client().await;
    let user = client
        .user(
            "a",
            json!({
                "title": "t", "nickName": "n", "emails": [{ "value": "x" }, { "value": "y" }],
                ENTERPRISE: { "department": "d" },
            }),
        )
        .await;
    let path = format!("/Users/{}", user.id());
    server.pass(5000);
    let body = json!({
        "schemas": [USER],
        "id": "another",
        "meta": { "created": "1999-01-01T00:00:00Z" },
        "groups": [{ "value": "x" }],
        "userName": "a",
        "nickName": null,
        "emails": [{ "value": "z" }],
    });
    let replaced = client.put(&path, &body).await.expect(200);
    assert_eq!(replaced.id(), user.id());
    assert_eq!(replaced.body["emails"], json!([{ "value": "z" }]));
    for cleared in ["title", "nickName", ENTERPRISE, "groups"] {
        assert!(replaced.body.get(cleared).is_none(), "{cleared}");
    }
    let meta = &replaced.body["meta"];
    assert_eq!(meta["created"], user.body["meta"]["created"]);
    assert_eq!(meta["lastModified"], "2026-01-01T00:00:05.000Z");
    assert_eq!(meta["version"], "W/\"2\"");
    assert_eq!(client.get(&path).await.body, replaced.body);
}

/// Shows: U-02, U-08, U-10, U-16, H-16
async fn a_put_that_cannot_be_changes_nothing(server: Server) {
    let client = server.client().await;
    client.user("taken", json!({})).await;
    let user = client.user("a", json!({ "title": "t" })).await;
    let path = format!("/Users/{}", user.id());
    let unknown = "/Users/01a20e94-80b3-7254-aa79-3b8919cda1a4";
    client.put(unknown, &json!({ "schemas": [USER], "userName": "b" })).await.refused(404, "");
    client.put(&path, &json!({ "schemas": [USER] })).await.refused(400, "invalidValue");
    client.put(&path, &json!({ "schemas": [USER], "userName": "TAKEN" })).await.refused(409, "uniqueness");
    let twice = json!({ "schemas": [USER], "userName": "a", "emails": [
        { "value": "a", "primary": true }, { "value": "b", "primary": true },
    ] });
    client.put(&path, &twice).await.refused(400, "invalidValue");
    assert_eq!(client.get(&path).await.body, user.body);
    client.put(&path, &json!({ "schemas": [USER], "userName": "A" })).await.expect(200);
}

/// Shows: ET-07, S-46, U-13
async fn the_same_again_is_no_change(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "title": "t", "emails": [{ "type": "work", "value": "x" }] })).await;
    server.pass(5000);
    let again = client.put(&format!("/Users/{}", user.id()), &user.body).await.expect(200);
    assert_eq!(again.body, user.body);
    let events: (i64,) = sqlx::query_as("SELECT count(*) FROM event WHERE kind = 'User'")
        .fetch_one(&server.database.look().await)
        .await
        .expect("a count");
    assert_eq!(events.0, 1);
}

/// A PUT that does not speak of `active` does not wake a leaver up. Shows: Y-14
async fn a_put_leaves_active_and_password_alone(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "active": false })).await;
    let path = format!("/Users/{}", user.id());
    let replaced = client.put(&path, &json!({ "schemas": [USER], "userName": "a", "title": "t" })).await.expect(200);
    assert_eq!(replaced.body["active"], false);
}

/// Shows: U-03, U-05
async fn a_put_of_a_group_changes_only_the_members_that_differ(server: Server) {
    let client = server.client().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(client.user(name, json!({})).await.id());
    }
    let group = client.group("g", &[&ids[0], &ids[1]]).await;
    let path = format!("/Groups/{}", group.id());
    let body = |members: serde_json::Value| json!({ "schemas": [GROUP], "displayName": "g", "members": members });
    let replaced = client.put(&path, &body(json!([{ "value": ids[1] }, { "value": ids[2] }]))).await.expect(200);
    let members: Vec<&str> =
        replaced.body["members"].as_array().expect("members").iter().filter_map(|m| m["value"].as_str()).collect();
    assert_eq!(members, [&ids[1], &ids[2]]);
    let look = server.database.look().await;
    let changes: (String,) =
        sqlx::query_as("SELECT changes FROM event WHERE kind IN ('User', 'Group') ORDER BY seq DESC LIMIT 1")
            .fetch_one(&look)
            .await
            .expect("an event");
    let changes: serde_json::Value = serde_json::from_str(&changes.0).expect("JSON");
    assert_eq!(changes, json!({ "added": [ids[2]], "removed": [ids[0]] }));
    let emptied = client.put(&path, &json!({ "schemas": [GROUP], "displayName": "g" })).await.expect(200);
    assert!(emptied.body.get("members").is_none());
}

on_both_databases! {
    a_put_replaces_what_the_client_owns,
    a_put_that_cannot_be_changes_nothing,
    the_same_again_is_no_change,
    a_put_leaves_active_and_password_alone,
    a_put_of_a_group_changes_only_the_members_that_differ,
}
