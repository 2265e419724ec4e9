//! Entity tags (RFC 7644 §3.14).

use serde_json::json;

use crate::support::{Client, Reply, Server, client::USER};

async fn with(
    client: &Client,
    method: &str,
    path: &str,
    header: (&str, &str),
    body: Option<serde_json::Value>,
) -> Reply {
    let mut request = client.request(method, path).header(header.0, header.1);
    if let Some(body) = body {
        request = request.header("content-type", "application/scim+json").body(body.to_string());
    }
    client.send(request).await
}

fn patch(title: &str) -> serde_json::Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": title }],
    })
}

/// Shows: ET-03, ET-06
async fn a_current_copy_is_not_sent_again(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await;
    let path = format!("/Users/{}", user.id());
    for tag in [user.etag(), "*".into(), format!("\"x\", {}", user.etag()), user.etag().replace("W/", "")] {
        let reply = with(&client, "GET", &path, ("if-none-match", &tag), None).await.expect(304);
        assert!(reply.body.is_null());
        assert_eq!(reply.etag(), user.etag());
    }
    with(&client, "GET", &path, ("if-none-match", "W/\"7\""), None).await.expect(200);
    with(&client, "GET", &path, ("if-none-match", "nonsense"), None).await.refused(400, "");
    let unreadable = client.request("DELETE", &path).header("if-match", &b"\"\xff\""[..]);
    client.send(unreadable).await.refused(400, "");
}

/// A copy whose groups have changed is not current. Shows: G-14, ET-09
async fn a_copy_ends_when_a_group_changes(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await;
    let path = format!("/Users/{}", user.id());
    let group = client.group("g", &[&user.id()]).await;
    let read = with(&client, "GET", &path, ("if-none-match", &user.etag()), None).await.expect(200);
    assert_eq!(read.body["groups"][0]["value"], group.id());
    with(&client, "GET", &path, ("if-none-match", &read.etag()), None).await.expect(304);
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "h" }]);
    client.patch(&format!("/Groups/{}", group.id()), rename).await.expect(204);
    with(&client, "GET", &path, ("if-none-match", &read.etag()), None).await.expect(200);
    let put = json!({ "schemas": [USER], "userName": "a", "title": "t" });
    with(&client, "PUT", &path, ("if-match", &read.etag()), Some(put)).await.expect(200);
}

/// Shows: ET-04, ET-05, U-11, H-17, D-06, Y-21, Y-22, X-04
async fn a_write_for_another_version_is_refused(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await;
    let path = format!("/Users/{}", user.id());
    let put = json!({ "schemas": [USER], "userName": "a", "title": "x" });
    with(&client, "PATCH", &path, ("if-match", &user.etag()), Some(patch("t"))).await.expect(200);
    for (method, body) in [("PATCH", Some(patch("u"))), ("PUT", Some(put)), ("DELETE", None)] {
        with(&client, method, &path, ("if-match", &user.etag()), body.clone()).await.refused(412, "");
        with(&client, method, &path, ("if-none-match", "W/\"2\""), body.clone()).await.refused(412, "");
        with(&client, method, &path, ("if-none-match", "*"), body).await.refused(412, "");
    }
    with(&client, "GET", &path, ("if-match", &user.etag()), None).await.refused(412, "");
    with(&client, "GET", &path, ("if-match", "W/\"2\""), None).await.expect(200);
    let read = client.get(&path).await;
    assert_eq!((read.body["title"].as_str(), read.etag().as_str()), (Some("t"), "W/\"2\""));
    with(&client, "PATCH", &path, ("if-match", "\"9\", W/\"2\""), Some(patch("v"))).await.expect(200);
    with(&client, "PATCH", &path, ("if-match", "*"), Some(patch("w"))).await.expect(200);
    with(&client, "DELETE", &path, ("if-match", "W/\"4\""), None).await.expect(204);
}

/// Shows: ET-09
async fn a_groups_tag_moves_with_its_members(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await.id();
    let group = client.group("g", &[]).await;
    let path = format!("/Groups/{}", group.id());
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
    let added = client.patch(&path, add).await.expect(204);
    assert_ne!(added.etag(), group.etag());
    assert!(added.body.is_null());
}

on_both_databases! {
    a_current_copy_is_not_sent_again,
    a_copy_ends_when_a_group_changes,
    a_write_for_another_version_is_refused,
    a_groups_tag_moves_with_its_members,
}
