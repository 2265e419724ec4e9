//! `/Roles` and `/Entitlements` (draft-ietf-scim-roles-entitlements).

use scim::project::Projection;
use serde_json::{Value, json};

use crate::support::{Client, Server, client::USER};

async fn list(server: &Server, kind: &str, entry: Value) {
    let directory = server.directory().await;
    let kind = directory.catalog.by_name(kind).expect("a catalogue").writable();
    let mut body = entry;
    body["schemas"] = json!([kind.schema.id]);
    directory.create(&kind, body, &Projection::default()).await.expect("listed");
}

/// Shows
async fn what_may_be_granted_can_be_read(server: Server) {
    let client = server.client().await;
    client.get("/Roles").await.refused(404, "");
    assert!(client.get("/ServiceProviderConfig").await.body.get("RolesAndEntitlements").is_none());
    server.set(|settings| settings.roles_and_entitlements = true).await;
    let supported = &client.get("/ServiceProviderConfig").await.body["RolesAndEntitlements"];
    assert_eq!(
        supported["roles"],
        json!({ "supported": true, "multipleRolesSupported": true, "primarySupported": true, "typeSupported": true })
    );
    assert_eq!(supported["entitlements"]["multipleEntitlementsSupported"], true);
    for (name, endpoint) in [("Role", "/Roles"), ("Entitlement", "/Entitlements")] {
        let kind = client.get(&format!("/ResourceTypes/{name}")).await.expect(200).body;
        assert_eq!(kind["endpoint"], endpoint);
        let schema =
            client.get(&format!("/Schemas/urn:ietf:params:scim:schemas:core:2.0:{name}")).await.expect(200).body;
        for attribute in schema["attributes"].as_array().expect("attributes") {
            assert_eq!(attribute["mutability"], "readOnly", "{attribute}");
        }
    }
    list(&server, "Role", json!({ "value": "clerk", "display": "Clerk", "type": "office", "supported": true })).await;
    list(
        &server,
        "Role",
        json!({
            "value": "head", "display": "Head", "supported": false, "contains": ["clerk"],
            "limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": 1, "totalAssignmentsUsed": 77,
        }),
    )
    .await;
    // What comes with something comes with whatever that comes with.
    list(&server, "Role", json!({ "value": "intern", "containedBy": ["Clerk"] })).await;
    list(&server, "Entitlement", json!({ "value": "tax.read", "supported": true })).await;
    client.user("a", json!({ "roles": [{ "value": "Clerk" }, { "value": "clerk", "type": "x" }] })).await;
    client.user("b", json!({ "roles": [{ "value": "clerk" }, { "value": "head" }] })).await;
    client.user("h", json!({ "roles": [{ "value": "head" }] })).await;

    let roles = client.find("/Roles", &[("sortBy", "value")]).await.expect(200).body;
    assert_eq!(roles["totalResults"], 3);
    let [clerk, head, intern] = roles["Resources"].as_array().expect("Resources").as_slice() else {
        panic!("{roles:#}")
    };
    assert_eq!((&clerk["display"], &clerk["totalAssignmentsUsed"]), (&json!("Clerk"), &json!(3)), "each user once");
    assert_eq!((&head["contains"], &head["totalAssignmentsUsed"]), (&json!(["clerk"]), &json!(2)));
    assert_eq!(intern["totalAssignmentsUsed"], 3);
    assert_eq!(head["meta"]["resourceType"], "Role");
    let path = format!("/Roles/{}", clerk["id"].as_str().expect("an id"));
    let seen = client.get(&path).await.expect(200);
    assert_eq!(seen.body, *clerk);
    // Who comes to hold it moves its tag: the number is part of the answer.
    client.user("c", json!({ "roles": [{ "value": "clerk" }] })).await;
    let tag = seen.header("etag").expect("a tag");
    let now = client.send(client.request("GET", &path).header("if-none-match", tag)).await.expect(200).body;
    assert_eq!(now["totalAssignmentsUsed"], 4);
    assert_ne!(now["meta"]["version"], clerk["meta"]["version"]);
    assert_eq!(client.get("/Entitlements").await.body["Resources"][0]["totalAssignmentsUsed"], 0);
    let named = client.find("/Roles", &[("filter", "supported eq true and value eq \"CLERK\"")]).await.expect(200).body;
    assert_eq!(named["totalResults"], 1);
    client.find("/Roles", &[("filter", "totalAssignmentsUsed gt 1")]).await.refused(400, "invalidFilter");
    let narrow = client.get(&format!("{path}?attributes=display")).await.body;
    assert_eq!((narrow.get("totalAssignmentsUsed"), &narrow["display"]), (None, &json!("Clerk")));

    for (method, path) in [("POST", "/Roles"), ("PUT", path.as_str()), ("PATCH", &path), ("DELETE", &path)] {
        let reply = client.write(method, path, &json!({})).await;
        assert_eq!(reply.header("allow"), Some("GET, HEAD"), "{method}");
        reply.refused(405, "");
    }
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "DELETE", "path": path },
    ] });
    assert_eq!(client.post("/Bulk", &bulk).await.expect(200).body["Operations"][0]["status"], "405");
}

/// Shows: R-09
async fn a_tenant_may_take_only_what_is_listed(server: Server) {
    let client = server.client().await;
    let old = client.user("old", json!({ "roles": [{ "value": "unlisted" }] })).await.id();
    server.set(|settings| (settings.roles_and_entitlements, settings.known_roles_only) = (true, true)).await;
    list(&server, "Role", json!({ "value": "clerk" })).await;
    client.user("a", json!({ "roles": [{ "value": "CLERK" }] })).await;
    let with = |value: &str| json!({ "schemas": [USER], "userName": "b", "roles": [{ "value": value }] });
    client.post("/Users", &with("guard")).await.refused(400, "invalidValue");
    let entitled = json!({ "schemas": [USER], "userName": "b", "entitlements": [{ "value": "x" }] });
    client.post("/Users", &entitled).await.refused(400, "invalidValue");
    let add = |value: &str| json!([{ "op": "add", "path": "roles", "value": [{ "value": value }] }]);
    let path = format!("/Users/{old}");
    client.patch(&path, add("guard")).await.refused(400, "invalidValue");
    client.patch(&path, add("clerk")).await.expect(200);
    client.patch(&path, json!([{ "op": "replace", "path": "active", "value": false }])).await.expect(200);
    client.patch(&path, json!([{ "op": "remove", "path": "roles" }])).await.expect(200);
    let bulk = |name: &str, role: &str| {
        let data = json!({ "schemas": [USER], "userName": name, "roles": [{ "value": role }] });
        json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": data })
    };
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [bulk("c", "clerk"), bulk("d", "guard"), bulk("e", "clerk")],
    });
    client.post("/Bulk", &body).await.expect(200);
    assert_eq!(names(&client).await, ["a", "c", "e", "old"]);
}

async fn names(client: &Client) -> Vec<String> {
    client.filter("/Users", "userName pr").await
}

on_both_databases! { what_may_be_granted_can_be_read, a_tenant_may_take_only_what_is_listed }
