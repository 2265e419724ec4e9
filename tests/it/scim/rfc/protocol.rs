//! RFC 7644 §3, without PATCH: each example request, its answer, and what is there afterwards.

use serde_json::{Value, json};

use super::{BABS, CREATE, KNOWN, assert_answers, create_babs, example, send};
use crate::support::{
    Client, Server,
    client::{GROUP, USER},
};

/// The attribute of §3.10.
const GIVEN_NAME: &str = "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName";

/// §3.3 and §3.3.1: the server says where the user is and of what type.
///
/// Shows: C-01, C-02, C-03, C-08, C-13, G-01, S-36, S-41, S-44, S-47, N-02, N-04
async fn a_post_creates_a_user(server: Server) {
    let client = server.client().await;
    let created = create_babs(&client).await;
    let id = created.id();
    let location = format!("{}/Users/{id}", client.base);
    let mut expected = example(CREATE, &client, &[]);
    expected["id"] = json!(id);
    expected["meta"] = json!({ "resourceType": "User", "location": location });
    assert_answers(&created.body, &expected);
    assert_eq!(created.header("content-type"), Some("application/scim+json"));
    assert_eq!(created.header("location"), Some(location.as_str()));
    assert_eq!(created.header("etag"), created.body["meta"]["version"].as_str());
    assert_eq!(client.get(&format!("/Users/{id}")).await.expect(200).body, created.body);
    let group =
        send(&client, "POST", "/Groups", "", &json!({ "schemas": [GROUP], "displayName": "Tour Guides" })).await;
    assert_eq!(group.expect(201).body["meta"]["resourceType"], "Group");
}

/// §3.4.1: a known resource.
///
/// Shows: G-01, G-03, G-13, ET-02, S-47, S-48, Y-39
async fn a_known_user_is_retrieved(server: Server) {
    let client = server.client().await;
    let id = send(&client, "POST", "/Users", "", &example(KNOWN, &client, &[])).await.expect(201).id();
    let read = send(&client, "GET", &format!("/Users/{id}"), "", &Value::Null).await.expect(200);
    assert_answers(&read.body, &example(KNOWN, &client, &[(BABS, &id)]));
    assert_eq!(read.header("content-type"), Some("application/scim+json"));
    assert_eq!(read.header("location"), read.body["meta"]["location"].as_str());
    assert_eq!(read.header("etag"), read.body["meta"]["version"].as_str());
}

/// §3.5.1: all that a client owns is replaced, if the version is the one that the client knows.
///
/// Shows: U-01, U-03, U-04, U-05, U-06, U-09, U-11, U-13, S-28, S-46, ET-02, ET-04, Y-14, Y-39
async fn a_put_replaces_the_user(server: Server) {
    let client = server.client().await;
    let before = client
        .user(
            "bjensen",
            json!({
                "externalId": "bjensen",
                "nickName": "Babs",
                "roles": [{ "value": "guide" }],
                "emails": [{ "value": "old@example.com", "type": "work" }],
            }),
        )
        .await;
    let path = format!("/Users/{}", before.id());
    let body = example(REPLACE, &client, &[(BABS, &before.id())]);
    send(&client, "PUT", &path, "W/\"a330bc54f0671c9\"", &body).await.refused(412, "");
    assert_eq!(client.get(&path).await.expect(200).body, before.body);

    server.pass(12_000);
    let replaced = send(&client, "PUT", &path, &before.etag(), &body).await.expect(200);
    let mut expected = body.clone();
    expected.as_object_mut().expect("a user").remove("roles");
    expected["meta"] = json!({ "resourceType": "User", "location": format!("{}{path}", client.base) });
    assert_answers(&replaced.body, &expected);
    assert_ne!(replaced.etag(), before.etag());
    let meta = &replaced.body["meta"];
    assert_eq!(replaced.header("etag"), meta["version"].as_str());
    assert_eq!(replaced.header("location"), meta["location"].as_str());
    assert_eq!(meta["created"], before.body["meta"]["created"]);
    assert_eq!(meta["lastModified"], "2026-01-01T00:00:12.000Z");
    assert_eq!(client.get(&path).await.expect(200).body, replaced.body);
}

/// §3.6: gone for every operation and every query, and its name is free again.
///
/// Shows: D-01, D-02, D-03, D-04, D-06, D-08, C-16, G-02, X-01, X-04
async fn a_deleted_user_is_not_found(server: Server) {
    let client = server.client().await;
    let babs = create_babs(&client).await;
    let path = format!("/Users/{}", babs.id());
    send(&client, "DELETE", &path, "W/\"c310cd84f0281b7\"", &Value::Null).await.refused(412, "");
    assert_eq!(client.get(&path).await.expect(200).body, babs.body);
    let deleted = send(&client, "DELETE", &path, &babs.etag(), &Value::Null).await.expect(204);
    assert!(deleted.body.is_null());

    let change = json!([{ "op": "replace", "path": "nickName", "value": "Babs" }]);
    client.get(&path).await.refused(404, "");
    client.delete(&path).await.refused(404, "");
    client.put(&path, &example(CREATE, &client, &[])).await.refused(404, "");
    client.patch(&path, change).await.refused(404, "");
    assert!(client.filter("/Users", "userName eq \"bjensen\"").await.is_empty());
    assert_ne!(create_babs(&client).await.id(), babs.id());
}

/// §3.4.3, figure 4: a search over every type.
///
/// Shows: Q-01, Q-03, Q-04
async fn a_search_finds_users_and_groups(server: Server) {
    let client = server.client().await;
    client.user("smith", json!({ "displayName": "Smith, James", "title": "x" })).await;
    client.user("jones", json!({ "displayName": "Jones" })).await;
    client.group("Smith Family", &[]).await;
    let found = client.post("/.search", &example(SEARCH, &client, &[])).await.expect(200).body;
    assert_eq!(found["totalResults"], 2);
    assert_eq!((found["startIndex"].clone(), found["itemsPerPage"].clone()), (json!(1), json!(2)));
    let mut names: Vec<&Value> =
        found["Resources"].as_array().expect("Resources").iter().map(|resource| &resource["displayName"]).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["Smith Family", "Smith, James"]);
    assert!(!found.to_string().contains("title"));
}

/// §3.7.2: a user and a group that refers to it by its bulkId.
///
/// Shows: B-02, B-10, B-13
async fn a_bulk_request_refers_to_what_it_makes(server: Server) {
    let client = server.client().await;
    let reply = client.post("/Bulk", &example(BULK, &client, &[])).await.expect(200).body;
    let mut made = Vec::new();
    for (result, name) in reply["Operations"].as_array().expect("results").iter().zip(["qwerty", "ytrewq"]) {
        assert_eq!((&result["method"], &result["bulkId"]), (&json!("POST"), &json!(name)));
        assert_eq!((&result["status"], &result["version"]), (&json!("201"), &json!("W/\"1\"")));
        let location = result["location"].as_str().expect("a location").to_owned();
        made.push(client.get(location.strip_prefix(&client.base).expect("here")).await.expect(200).body);
    }
    assert_eq!(made[1]["members"][0]["value"], made[0]["id"]);
    assert_eq!(made[1]["members"][0]["type"], "User");
}

/// §3.11: a client that is linked to no user is nobody.
///
/// Shows: X-01, X-04, M-06
async fn me_is_nobody_to_a_client_of_its_own(server: Server) {
    let client = server.client().await;
    let user = json!({ "schemas": [USER], "userName": "bjensen" });
    for (method, path, body) in
        [("GET", "/Me", &Value::Null), ("POST", "/Me", &user), ("PUT", "/Me", &user), ("DELETE", "/Me", &Value::Null)]
    {
        send(&client, method, path, "", body).await.refused(404, "");
    }
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 0);
}

/// §3.8: both media types; the suffix of an address is part of the id.
///
/// Shows: N-01, N-02, N-03, N-04
async fn the_format_is_asked_for_in_a_header(server: Server) {
    let client = server.client().await;
    let babs = create_babs(&client).await;
    let path = format!("/Users/{}", babs.id());
    for media_type in ["application/scim+json", "application/json"] {
        let read = client.send(client.request("GET", &path).header("accept", media_type)).await.expect(200);
        assert_eq!(read.header("content-type"), Some("application/scim+json"));
        assert_eq!(read.body, babs.body);
    }
    client.get(&format!("{path}.scim")).await.refused(404, "");
}

/// §3.10: a whole name, with the URN of its schema and in any case, means the same everywhere.
///
/// Shows: A-05, A-07, F-23, H-15, O-08, S-01
async fn attributes_have_whole_names(server: Server) {
    let client = server.client().await;
    let babs = create_babs(&client).await.id();
    client.user("amy", json!({ "name": { "givenName": "Amy" } })).await;
    let path = format!("/Users/{babs}");
    for name in [GIVEN_NAME.to_owned(), GIVEN_NAME.to_uppercase(), GIVEN_NAME.replace("User:", "USER:")] {
        assert_eq!(client.filter("/Users", &format!("{name} eq \"Barbara\"")).await, ["bjensen"], "{name}");
        assert_eq!(Client::names(&client.find("/Users", &[("sortBy", &name)]).await), ["amy", "bjensen"], "{name}");
        let only = client.find(&path, &[("attributes", &name)]).await.expect(200).body;
        assert_eq!(only, json!({ "schemas": [USER], "id": babs, "name": { "givenName": "Barbara" } }), "{name}");
        let rest = client.find(&path, &[("excludedAttributes", &name)]).await.expect(200).body;
        assert_eq!(rest["name"], json!({ "formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen" }), "{name}");
        for value in ["Babs", "Barbara"] {
            let change = json!([{ "op": "replace", "path": name, "value": value }]);
            assert_eq!(client.patch(&path, change).await.expect(200).body["name"]["givenName"], value, "{name}");
        }
    }
    let whole = format!("{}:userName", USER.to_lowercase());
    assert_eq!(client.filter("/Users", &format!("{whole} eq \"bjensen\"")).await, ["bjensen"]);
}

/// §3.12: what is not there, what may not be changed, what is taken, what cannot be read. The example refuses
/// an `id` in a PUT; §3.5.1 has it ignored (U-12), so the refusal is that of a PATCH.
///
/// Shows: X-01, X-02, X-03, X-04, X-09, X-12, G-02, U-06, U-10, U-12, H-09, H-16, C-07, C-09, S-36, S-81, Y-32
async fn errors_have_the_keywords_of_the_examples(server: Server) {
    let client = server.client().await;
    client.get(&format!("/Users/{BABS}")).await.refused(404, "");
    let babs = create_babs(&client).await;
    client.user("jsmith", json!({})).await;
    let path = format!("/Users/{}", babs.id());

    let mut renamed = babs.body.clone();
    renamed["id"] = BABS.into();
    assert_eq!(client.put(&path, &renamed).await.expect(200).body, babs.body);
    let change = json!([{ "op": "replace", "path": "id", "value": BABS }]);
    assert!(client.patch(&path, change).await.refused(400, "mutability").contains("id"));

    renamed["userName"] = "jsmith".into();
    client.post("/Users", &renamed).await.refused(409, "uniqueness");
    client.put(&path, &renamed).await.refused(409, "uniqueness");
    let change = json!([{ "op": "replace", "path": "userName", "value": "jsmith" }]);
    client.patch(&path, change).await.refused(409, "uniqueness");
    client.raw("POST", "/Users", "application/scim+json", "{ \"schemas\": [").await.refused(400, "invalidSyntax");
    assert_eq!(client.get(&path).await.expect(200).body, babs.body);
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 2);
}

/// §3.13: the version stands before the endpoint, and another one is refused whatever is asked for.
///
/// Shows: N-07, N-08, X-10
async fn another_version_is_refused(server: Server) {
    let client = server.client().await;
    let path = format!("/Users/{}", create_babs(&client).await.id());
    assert!(client.base.ends_with("/v2"));
    client.get(&path).await.expect(200);
    for version in ["v1", "v3"] {
        let other = client.at(&format!("{}/t/riga/scim/{version}", server.url));
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let body = if method == "GET" { Value::Null } else { example(CREATE, &client, &[]) };
            send(&other, method, &path, "", &body).await.refused(400, "invalidVers");
        }
        send(&other, "POST", "/Users", "", &example(CREATE, &client, &[])).await.refused(400, "invalidVers");
    }
    assert_eq!(client.filter("/Users", "userName pr").await, ["bjensen"]);
}

/// §3.14: the tag of a new user spares a second copy until the user changes, and then stops old writes.
///
/// Shows: ET-01, ET-02, ET-03, ET-04, ET-06, U-11, H-17, C-13, S-48, Y-21, Y-22
async fn an_entity_tag_stands_for_a_version(server: Server) {
    let client = server.client().await;
    let babs = create_babs(&client).await;
    let first = babs.etag();
    assert_eq!(babs.body["meta"]["version"], first);
    assert!(first.starts_with("W/\""));
    let path = format!("/Users/{}", babs.id());
    let again =
        || client.request("GET", &format!("{path}?attributes=displayName")).header("if-none-match", first.as_str());
    let unchanged = client.send(again()).await.expect(304);
    assert!(unchanged.body.is_null());
    assert_eq!(unchanged.etag(), first);

    let named = json!([{ "op": "add", "path": "displayName", "value": "Babs Jensen" }]);
    let changed = client.patch(&path, named).await.expect(200);
    let read = client.send(again()).await.expect(200);
    assert_eq!(read.body["displayName"], "Babs Jensen");
    assert_eq!(read.etag(), changed.etag());
    let operations = json!([{ "op": "remove", "path": "displayName" }]);
    let remove = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    send(&client, "PATCH", &path, &first, &remove).await.refused(412, "");
    send(&client, "PUT", &path, &first, &example(CREATE, &client, &[])).await.refused(412, "");
    assert_eq!(client.get(&path).await.expect(200).body, changed.body);
    let removed = send(&client, "PATCH", &path, &changed.etag(), &remove).await.expect(200);
    assert!(removed.body.get("displayName").is_none());
}

on_both_databases! {
    a_post_creates_a_user,
    a_known_user_is_retrieved,
    a_put_replaces_the_user,
    a_deleted_user_is_not_found,
    me_is_nobody_to_a_client_of_its_own,
    a_search_finds_users_and_groups,
    a_bulk_request_refers_to_what_it_makes,
    the_format_is_asked_for_in_a_header,
    attributes_have_whole_names,
    errors_have_the_keywords_of_the_examples,
    another_version_is_refused,
    an_entity_tag_stands_for_a_version,
}

/// The request of §3.4.3, figure 4.
const SEARCH: &str = r#"{
  "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
  "attributes": ["displayName", "userName"],
  "filter": "displayName sw \"smith\"",
  "startIndex": 1,
  "count": 10
}"#;

/// The request of §3.5.1. Its answer has all of it but the empty `roles`.
const REPLACE: &str = r#"{
  "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
  "id":"2819c223-7f76-453a-919d-413861904646",
  "userName":"bjensen",
  "externalId":"bjensen",
  "name":{
    "formatted":"Ms. Barbara J Jensen III",
    "familyName":"Jensen",
    "givenName":"Barbara",
    "middleName":"Jane"
  },
  "roles":[],
  "emails":[{ "value":"bjensen@example.com" }, { "value":"babs@jensen.org" }]
}"#;

/// The request of §3.7.2.
const BULK: &str = r#"{
  "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
  "Operations": [
    {
      "method": "POST",
      "path": "/Users",
      "bulkId": "qwerty",
      "data": { "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Alice" }
    },
    {
      "method": "POST",
      "path": "/Groups",
      "bulkId": "ytrewq",
      "data": {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Tour Guides",
        "members": [{ "type": "User", "value": "bulkId:qwerty" }]
      }
    }
  ]
}"#;
