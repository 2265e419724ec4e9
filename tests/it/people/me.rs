//! `/Me` (RFC 7644 §3.11).

use serde_json::json;

use super::{bearing, trust};
use crate::support::{Server, client::USER, issuer::Issuer};

/// Served in place, with the permanent address. Shows: M-03, M-04
async fn people_are_served_their_own_resource(server: Server) {
    let client = server.client().await;
    let anna = client.user("anna", json!({ "title": "Clerk" })).await;
    client.user("berta", json!({})).await;
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({ "linkBy": "id" })).await;
    let me = bearing(&server, &issuer.token(&anna.id()));
    let permanent = format!("{}/Users/{}", client.base, anna.id());
    let mine = me.get("/Me").await.expect(200);
    assert_eq!((mine.header("location"), mine.etag()), (Some(permanent.as_str()), anna.etag()));
    assert_eq!(mine.header("content-location"), Some(permanent.as_str()));
    assert_eq!(mine.body, me.get(&format!("/Users/{}", anna.id())).await.expect(200).body);
    assert_eq!(mine.body["meta"]["location"], permanent);
    let head = me.send(me.request("HEAD", "/Me")).await.expect(200);
    assert_eq!(head.header("location"), Some(permanent.as_str()));
    let unchanged = me.send(me.request("GET", "/Me").header("if-none-match", mine.etag())).await.expect(304);
    assert_eq!(unchanged.header("location"), Some(permanent.as_str()));
    let part = me.get("/Me?attributes=title").await.expect(200).body;
    assert_eq!(part, json!({ "schemas": [USER], "id": anna.id(), "title": "Clerk" }));
    me.get("/Me/").await.expect(200);
    me.get("/Me/x").await.refused(404, "");

    let patched = me.patch("/Me", json!([{ "op": "replace", "path": "title", "value": "Head" }])).await.expect(200);
    assert_eq!((patched.header("location"), &patched.body["title"]), (Some(permanent.as_str()), &json!("Head")));
    let stale =
        me.request("PATCH", "/Me").header("if-match", anna.etag()).header("content-type", "application/scim+json");
    let stale = stale.body(
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": "title" }] })
        .to_string(),
    );
    me.send(stale).await.refused(412, "");
    let replaced = me.put("/Me", &json!({ "schemas": [USER], "userName": "anna.k" })).await.expect(200);
    assert_eq!(replaced.header("location"), Some(permanent.as_str()));
    assert_eq!((&replaced.body["userName"], &replaced.body["active"]), (&json!("anna.k"), &json!(true)));
    let taken = json!({ "schemas": [USER], "userName": "berta" });
    me.put("/Me", &taken).await.refused(409, "uniqueness");
    me.delete("/Me").await.expect(204);
    client.get(&format!("/Users/{}", anna.id())).await.refused(404, "");
    me.get("/Me").await.refused(401, "");
}

/// Nobody creates themselves. Shows: M-01
async fn creating_oneself_is_not_offered(server: Server) {
    server.client().await.user("anna", json!({})).await;
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({})).await;
    let new = json!({ "schemas": [USER], "userName": "new" });
    bearing(&server, &issuer.token("anna")).post("/Me", &new).await.refused(501, "");
    bearing(&server, &issuer.token("new")).post("/Me", &new).await.refused(401, "");
    server.client().await.post("/Me", &new).await.refused(404, "");
    assert!(server.client().await.filter("/Users", "userName eq \"new\"").await.is_empty());
}

/// A client is nobody. Shows: M-06
async fn a_client_is_linked_to_no_user(server: Server) {
    let client = server.client().await;
    client.user("a client", json!({})).await;
    client.get("/Me").await.refused(404, "");
    client.delete("/Me").await.refused(404, "");
    client.put("/Me", &json!({ "schemas": [USER], "userName": "x" })).await.refused(404, "");
    client.patch("/Me", json!([{ "op": "remove", "path": "title" }])).await.refused(404, "");
    assert_eq!(client.get("/Users").await.body["totalResults"], 1);
}

/// Reading asks for `scim.read`, everything else for `scim.write`.
async fn scopes_hold_there_too(server: Server) {
    server.client().await.user("anna", json!({})).await;
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({ "scopes": ["scim.read"] })).await;
    let me = bearing(&server, &issuer.token("anna"));
    me.get("/Me").await.expect(200);
    me.delete("/Me").await.refused(403, "");
    me.patch("/Me", json!([{ "op": "remove", "path": "title" }])).await.refused(403, "");
    me.put("/Me", &json!({ "schemas": [USER], "userName": "x" })).await.refused(403, "");
    me.post("/Me", &json!({ "schemas": [USER], "userName": "x" })).await.refused(501, "");
    me.send(me.request("OPTIONS", "/Me")).await.refused(405, "");
    me.get("/Me").await.expect(200);
}

on_both_databases! {
    people_are_served_their_own_resource,
    creating_oneself_is_not_offered,
    a_client_is_linked_to_no_user,
    scopes_hold_there_too,
}
