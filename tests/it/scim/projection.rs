//! attributes and excludedAttributes (RFC 7644 §3.4.2.5, §3.9).

use serde_json::json;

use crate::support::{
    Server,
    client::{ENTERPRISE, MUNICIPAL, USER},
};

/// Shows, Y-01, Y-10, Y-11, S-84, S-86
async fn only_what_is_asked_for_comes_back(server: Server) {
    let client = server.client().await;
    let user = client
        .user(
            "a",
            json!({
                "displayName": "A",
                "name": { "givenName": "A", "familyName": "B" },
                "emails": [{ "value": "x", "type": "work" }],
                ENTERPRISE: { "department": "d", "costCenter": "c" },
                MUNICIPAL: { "position": "p" },
            }),
        )
        .await
        .id();
    for (query, expected) in [
        ("attributes=userName", json!({ "userName": "a" })),
        ("attributes=USERNAME,%20name.givenname", json!({ "userName": "a", "name": { "givenName": "A" } })),
        ("attributes=emails.value", json!({ "emails": [{ "value": "x" }] })),
        ("attributes=name", json!({ "name": { "familyName": "B", "givenName": "A" } })),
        ("attributes=department", json!({ ENTERPRISE: { "department": "d" } })),
        (
            "attributes=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
            json!({ ENTERPRISE: { "costCenter": "c" } }),
        ),
        (
            "attributes=urn:caurlaide:scim:schemas:extension:municipal:2.0:User",
            json!({ MUNICIPAL: { "position": "p" } }),
        ),
        ("attributes=meta.resourceType", json!({ "meta": { "resourceType": "User" } })),
        ("attributes=nothing", json!({})),
        ("attributes=title", json!({})),
        (
            "excludedAttributes=meta,userName,id,schemas,name.familyName,emails,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            json!({ "displayName": "A", "active": true, "name": { "givenName": "A" }, MUNICIPAL: { "position": "p" } }),
        ),
    ] {
        let mut read = client.get(&format!("/Users/{user}?{query}")).await.expect(200).body;
        let list = client.get(&format!("/Users?{query}")).await.expect(200).body;
        assert_eq!(list["Resources"][0], read, "{query}");
        let read = read.as_object_mut().expect("an object");
        assert_eq!(read.remove("id"), Some(json!(user)), "{query}");
        assert!(read.remove("schemas").is_some(), "{query}");
        assert_eq!(json!(read), expected, "{query}");
    }
    let plain = client.get(&format!("/Users/{user}")).await;
    let projected = client.get(&format!("/Users/{user}?attributes=userName")).await;
    assert_eq!(plain.etag(), projected.etag());
    let patched = client
        .patch(&format!("/Users/{user}?attributes=title"), json!([{ "op": "add", "path": "title", "value": "t" }]))
        .await
        .expect(200);
    assert_eq!(patched.body["title"], "t");
    assert!(patched.body.get("userName").is_none());
    let put = json!({ "schemas": [USER], "userName": "a", "title": "u" });
    let replaced = client.put(&format!("/Users/{user}?excludedAttributes=userName"), &put).await.expect(200);
    assert_eq!(replaced.body["title"], "u");
    assert!(replaced.body.get("userName").is_none());
}

/// Shows: A-08, Y-07
async fn the_two_parameters_exclude_each_other(server: Server) {
    let client = server.client().await;
    for path in ["/Users", "/Groups"] {
        client.get(&format!("{path}?attributes=id&excludedAttributes=meta")).await.refused(400, "invalidValue");
    }
    client.get("/Users?attributes=&excludedAttributes=meta").await.expect(200);
}

/// Shows, H-14
async fn members_are_left_out_when_excluded(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await.id();
    let group = client.group("g", &[&user]).await.id();
    let path = format!("/Groups/{group}");
    assert!(client.get(&format!("{path}?excludedAttributes=members")).await.expect(200).body.get("members").is_none());
    let list = client.get("/Groups?excludedAttributes=members").await.expect(200).body;
    assert!(list["Resources"][0].get("members").is_none());
    let only = client.get(&format!("{path}?attributes=members.value")).await.expect(200).body;
    assert_eq!(only["members"], json!([{ "value": user }]));
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "h" }]);
    client.patch(&path, rename.clone()).await.expect(204);
    let patched = client.patch(&format!("{path}?excludedAttributes=members"), rename).await.expect(200).body;
    assert_eq!(patched["displayName"], "h");
    assert!(patched.get("members").is_none());
}

on_both_databases! {
    only_what_is_asked_for_comes_back,
    the_two_parameters_exclude_each_other,
    members_are_left_out_when_excluded,
}
