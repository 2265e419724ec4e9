//! DELETE (RFC 7644 §3.6).

use serde_json::json;

use crate::support::{
    Server,
    client::{ENTERPRISE, USER},
};

/// Shows: D-01, D-02, D-03, D-04, D-08, C-16, S-36
async fn a_deleted_user_is_gone_and_leaves_its_name_free(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "emails": [{ "value": "x" }] })).await;
    let path = format!("/Users/{}", user.id());
    assert!(client.delete(&path).await.expect(204).body.is_null());
    client.get(&path).await.refused(404, "");
    client.delete(&path).await.refused(404, "");
    client.put(&path, &json!({ "schemas": [USER], "userName": "a" })).await.refused(404, "");
    client.patch(&path, json!([{ "op": "replace", "path": "title", "value": "t" }])).await.refused(404, "");
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
    assert!(client.filter("/Users", "userName eq \"a\"").await.is_empty());
    assert!(client.filter("/Users", "emails.value eq \"x\"").await.is_empty());
    assert_ne!(client.user("a", json!({})).await.id(), user.id());
}

/// Shows: D-07, Y-31, G-14
async fn whatever_named_a_deleted_user_no_longer_does(server: Server) {
    let client = server.client().await;
    let head = client.user("head", json!({})).await.id();
    let user = client.user("a", json!({ ENTERPRISE: { "manager": { "value": head }, "department": "d" } })).await;
    let group = client.group("g", &[&head, &user.id()]).await;
    let outer = client.group("outer", &[&group.id()]).await;
    client.delete(&format!("/Users/{head}")).await.expect(204);

    let left = client.get(&format!("/Groups/{}", group.id())).await.body;
    assert_eq!(left["members"].as_array().map(Vec::len), Some(1));
    assert_eq!(left["members"][0]["value"], user.id());
    assert!(left["meta"]["version"].as_str().expect("a version").starts_with("W/\"2"));
    let user = client.get(&format!("/Users/{}", user.id())).await.body;
    assert_eq!(user[ENTERPRISE], json!({ "department": "d" }));

    client.delete(&format!("/Groups/{}", group.id())).await.expect(204);
    let outer = client.get(&format!("/Groups/{}", outer.id())).await.body;
    assert!(outer.get("members").is_none());
    assert!(client.get(&format!("/Users/{}", user["id"].as_str().expect("an id"))).await.body.get("groups").is_none());
}

on_both_databases! {
    a_deleted_user_is_gone_and_leaves_its_name_free,
    whatever_named_a_deleted_user_no_longer_does,
}
