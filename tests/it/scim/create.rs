//! POST (RFC 7644 §3.3) and GET of one resource.

use serde_json::{Value, json};

use crate::support::{
    Server,
    client::{ENTERPRISE, GROUP, MUNICIPAL, USER},
};

/// Shows: C-01, C-02, C-03, C-08, C-13, S-03, S-30, S-33, S-36, S-39, S-41, S-44, S-45, S-47, S-48, G-01, G-03, G-13, ET-02, N-04, N-10
async fn a_created_user_comes_back_and_stays(server: Server) {
    let client = server.client().await;
    let body = json!({
        "schemas": [USER],
        "userName": "Ādams",
        "externalId": "HR-1",
        "name": { "familyName": "Bērziņš", "givenName": "Ādams" },
        "emails": [{ "value": "adams@riga.example", "type": "work", "primary": true }],
        "meta": { "resourceType": "Group", "created": "1999-01-01T00:00:00Z" },
    });
    let created = client.post("/Users", &body).await.expect(201);
    let user = &created.body;
    let id = created.id();
    assert_eq!(user["schemas"], json!([USER]));
    assert_eq!(user["userName"], "Ādams");
    assert_eq!(user["externalId"], "HR-1");
    assert!(!id.is_empty() && !id.contains("bulkId"));
    let meta = &user["meta"];
    assert_eq!(meta["resourceType"], "User");
    assert_eq!(meta["created"], "2026-01-01T00:00:00.000Z");
    assert_eq!(meta["created"], meta["lastModified"]);
    assert_eq!(meta["location"], format!("{}/Users/{id}", client.base));
    assert_eq!(created.header("location"), meta["location"].as_str());
    assert_eq!(created.header("etag"), meta["version"].as_str());
    assert_eq!(meta["version"], "W/\"1\"");
    assert_eq!(created.header("content-type"), Some("application/scim+json"));

    let read = client.get(&format!("/Users/{id}")).await.expect(200);
    assert_eq!(read.body, *user);
    assert_eq!(read.header("content-location"), meta["location"].as_str());
    assert_eq!(read.header("location"), meta["location"].as_str());
}

/// Shows: C-04, C-11, S-31, S-38, S-43, S-65, S-81, Y-12
async fn what_only_the_server_may_write_is_ignored(server: Server) {
    let client = server.client().await;
    let body = json!({
        "schemas": [USER, "urn:example:unknown"],
        "id": "mine",
        "meta": { "version": "W/\"99\"" },
        "groups": [{ "value": "x" }],
        "userName": "a",
        "unknown": { "deep": [1, 2] },
        "urn:example:unknown": { "x": 1 },
        ENTERPRISE: { "manager": { "displayName": "nobody" }, "shoeSize": 43 },
    });
    let created = client.post("/Users", &body).await.expect(201);
    assert_ne!(created.id(), "mine");
    assert_eq!(created.body["meta"]["version"], "W/\"1\"");
    for gone in ["groups", "unknown", "urn:example:unknown", ENTERPRISE] {
        assert!(created.body.get(gone).is_none(), "{gone}");
    }
    assert_eq!(created.body["schemas"], json!([USER]));
}

/// Shows: C-05, C-06, S-28, S-29, S-55
async fn active_is_true_unless_the_client_speaks_of_it(server: Server) {
    let client = server.client().await;
    assert_eq!(client.user("a", json!({})).await.body["active"], true);
    assert_eq!(client.user("b", json!({ "active": false })).await.body["active"], false);
    for (name, empty) in [("c", json!(null)), ("c2", json!("")), ("c3", json!([]))] {
        assert_eq!(client.user(name, json!({ "active": empty })).await.body["active"], true, "{empty}");
    }
    let empty = json!({ "emails": [], "title": null, "nickName": "", "name": { "givenName": null } });
    let user = client.user("d", empty).await.body;
    for unassigned in ["emails", "title", "nickName", "name"] {
        assert!(user.get(unassigned).is_none(), "{unassigned}");
    }
    // To the letter, naming an attribute without a value asks for none.
    server.set(|settings| settings.strict = true).await;
    assert_eq!(client.user("e", json!({ "active": null })).await.body.get("active"), None);
}

/// Shows: C-07, S-50, S-51, S-89, Y-23, Y-32, X-12, F-30
async fn a_user_name_is_taken_once_whatever_its_case(server: Server) {
    let client = server.client().await;
    client.user("Ādams.Bērziņš@riga.example", json!({})).await;
    for same in
        ["ādams.bērziņš@riga.example", "ādams\u{200B}.bērziņš@riga.example", "A\u{304}DAMS.BĒRZIŅŠ@RIGA.EXAMPLE"]
    {
        let reply = client.post("/Users", &json!({ "schemas": [USER], "userName": same })).await;
        assert!(reply.refused(409, "uniqueness").contains("userName"));
    }
    assert_eq!(client.get("/Users").await.body["totalResults"], 1);
    client.user("adams.berzins@riga.example", json!({})).await;
}

/// Shows: C-09, C-10, S-91, S-21, S-07, S-11, S-12, Y-13, Y-37
async fn a_body_that_breaks_a_rule_is_refused(server: Server) {
    let client = server.client().await;
    for (body, keyword, says) in [
        (json!({ "userName": "a" }), "invalidSyntax", "schemas"),
        (json!({ "schemas": [], "userName": "a" }), "invalidSyntax", "schemas"),
        (json!({ "schemas": [USER] }), "invalidValue", "userName"),
        (json!({ "schemas": [USER], "userName": "" }), "invalidValue", "userName"),
        (json!({ "schemas": [USER], "userName": null }), "invalidValue", "userName"),
        (json!({ "schemas": [USER], "userName": " \u{a0}" }), "invalidValue", "userName"),
        (json!({ "schemas": [USER], "userName": "\u{200b}\u{feff}" }), "invalidValue", "userName"),
        (json!({ "schemas": [USER], "userName": "an\u{7}na" }), "invalidValue", "control"),
        (json!({ "schemas": [USER], "userName": "ß".repeat(129) }), "invalidValue", "256"),
        (json!({ "schemas": [USER], "userName": 5 }), "invalidValue", "userName"),
        (json!({ "schemas": [USER], "userName": ["a", "b"] }), "invalidValue", "userName"),
        (json!({ "schemas": [USER], "userName": "a", "active": "perhaps" }), "invalidValue", "active"),
        (json!({ "schemas": [USER], "userName": "a", "name": "x" }), "invalidValue", "name"),
        (json!({ "schemas": [USER], "userName": "a", "emails": [1] }), "invalidValue", "emails"),
        (json!({ "schemas": [USER], "userName": "a", "profileUrl": "no uri" }), "invalidValue", "profileUrl"),
        (json!({ "schemas": [USER], "userName": "a", "x509Certificates": [{ "value": "!" }] }), "invalidValue", "x509"),
        (json!({ "schemas": [USER], "userName": "x".repeat(257) }), "invalidValue", "256"),
        (json!({ "schemas": [USER], "userName": "a", "title": "x".repeat(65537) }), "invalidValue", "title"),
        (
            json!({ "schemas": [USER], "userName": "a", "emails": [
                { "value": "a", "primary": true }, { "value": "b", "primary": true },
            ] }),
            "invalidValue",
            "primary",
        ),
        (json!([1]), "invalidSyntax", "object"),
    ] {
        let detail = client.post("/Users", &body).await.refused(400, keyword);
        assert!(detail.contains(says), "{detail} does not speak of {says}");
    }
    assert_eq!(client.get("/Users").await.body["totalResults"], 0);
}

/// Shows: S-01, S-17, S-20, S-32, S-34, S-35, S-77, S-80, S-79, S-78, S-92, C-14, V-10
async fn extensions_are_kept_under_their_urn(server: Server) {
    let client = server.client().await;
    let head = client.user("head", json!({ "displayName": "Galvenā" })).await.id();
    let body = json!({
        MUNICIPAL.to_uppercase(): { "ASSURANCElevel": "high", "organisationUnit": { "value": "FIN" } },
        "SCHEMAS": [ENTERPRISE.to_lowercase(), USER, MUNICIPAL],
        "USERNAME": "a",
        "NAME": { "GIVENNAME": "A" },
        ENTERPRISE: { "employeeNumber": "1", "manager": { "value": head } },
    });
    let user = client.post("/Users", &body).await.expect(201).body;
    assert_eq!(user["schemas"], json!([USER, ENTERPRISE, MUNICIPAL]));
    assert_eq!(user["userName"], "a");
    assert_eq!(user["name"]["givenName"], "A");
    assert_eq!(user[MUNICIPAL]["assuranceLevel"], "high");
    let manager = &user[ENTERPRISE]["manager"];
    assert_eq!(
        *manager,
        json!({
            "value": head,
            "$ref": format!("{}/Users/{head}", client.base),
            "displayName": "Galvenā",
        })
    );
}

/// Shows: Y-13, Y-27, H-29
async fn what_identity_providers_send_is_understood(server: Server) {
    let client = server.client().await;
    let head = client.user("head", json!({})).await.id();
    let user = client
        .user(
            "a",
            json!({
                "active": "True",
                "displayName": ["One"],
                "emails": "a@riga.example",
                "roles": [{ "value": "{\"id\":1}", "primary": "False", "displayName": "x" }],
                ENTERPRISE: { "manager": head },
                "department": "unqualified, and so unknown",
            }),
        )
        .await
        .body;
    assert_eq!(user["active"], true);
    assert_eq!(user["displayName"], "One");
    assert_eq!(user["emails"], json!([{ "value": "a@riga.example" }]));
    assert_eq!(user["roles"], json!([{ "value": "{\"id\":1}", "primary": false }]));
    assert_eq!(user[ENTERPRISE]["manager"]["value"], head);
}

/// Shows: S-56, S-57, S-83, S-85, A-04, F-34, U-14
async fn a_password_is_kept_as_a_hash_and_never_shown(server: Server) {
    let client = server.client().await;
    let secret = "Zilā-vārna-7";
    let user = client.user("a", json!({ "password": secret })).await;
    let path = format!("/Users/{}", user.id());
    assert!(user.body.get("password").is_none());
    for query in ["", "?attributes=password", "?attributes=password,userName"] {
        assert!(client.get(&format!("{path}{query}")).await.expect(200).body.get("password").is_none());
    }
    for filter in ["password pr", "password eq \"x\"", "not (password eq \"x\")"] {
        client.find("/Users", &[("filter", filter)]).await.refused(400, "invalidFilter");
    }
    client.find("/Users", &[("sortBy", "password")]).await.refused(400, "invalidValue");

    let look = server.database.look().await;
    let hash = |look: sqlx::AnyPool| async move {
        let row: (String,) = sqlx::query_as("SELECT password_hash FROM resource WHERE password_hash IS NOT NULL")
            .fetch_one(&look)
            .await
            .expect("a hash");
        row.0
    };
    let first = hash(look.clone()).await;
    assert!(first.starts_with("$argon2id$"), "{first}");
    for table in ["resource", "resource_value", "event"] {
        let rows: Vec<(String,)> = sqlx::query_as(match table {
            "resource" => "SELECT document FROM resource",
            "resource_value" => "SELECT value FROM resource_value",
            _ => "SELECT changes FROM event",
        })
        .fetch_all(&look)
        .await
        .expect("rows");
        assert!(rows.iter().all(|row| !row.0.contains("rna-7")), "{table}");
    }

    let changed =
        client.patch(&path, json!([{ "op": "replace", "path": "password", "value": "Cits" }])).await.expect(200);
    assert!(changed.body.get("password").is_none());
    let second = hash(look.clone()).await;
    assert_ne!(first, second);
    client.put(&path, &json!({ "schemas": [USER], "userName": "a" })).await.expect(200);
    assert_eq!(hash(look).await, second, "a PUT without a password leaves it alone");
}

/// Shows: S-06, S-18, S-23, S-24, S-25, S-64, S-68, Y-40, Y-42
async fn lists_keep_what_was_sent(server: Server) {
    let client = server.client().await;
    let sent = json!({
        "emails": [
            { "value": "a@riga.example", "type": "work" },
            { "value": "a@riga.example", "type": "home" },
            { "value": "a@riga.example", "type": "work", "display": "again" },
            { "value": "b@riga.example", "type": "own" },
        ],
        "addresses": [{ "streetAddress": "Rātslaukums 1", "country": "LV", "primary": true }],
        "phoneNumbers": [{ "value": "+371 67012345", "type": "work" }],
        "roles": [{ "value": "clerk" }],
        "entitlements": [{ "value": "park" }],
        "x509Certificates": [{ "value": "MIIB" }],
        "photos": [{ "value": "https://photos.example/a.png", "type": "photo" }],
        "ims": [{ "value": "a", "type": "xmpp" }],
    });
    let user = client.user("a", sent.clone()).await.body;
    assert_eq!(user["emails"].as_array().map(Vec::len), Some(3), "a pair of value and type stands once");
    for name in ["addresses", "phoneNumbers", "roles", "entitlements", "x509Certificates", "photos", "ims"] {
        assert_eq!(user[name], sent[name], "{name}");
    }
}

/// Clients own the external id; two resources may have the same. Shows: S-41, S-42, Y-24
async fn an_external_id_may_stand_twice(server: Server) {
    let client = server.client().await;
    client.user("a", json!({ "externalId": "HR-1" })).await;
    client.user("b", json!({ "externalId": "HR-1" })).await;
    assert_eq!(client.filter("/Users", "externalId eq \"HR-1\"").await, ["a", "b"]);
}

/// Shows: G-02, S-37, Z-05
async fn unknown_ids_are_404(server: Server) {
    let client = server.client().await;
    let id = client.user("a", json!({})).await.id();
    for wrong in ["x", "00000000-0000-0000-0000-000000000000", &id.to_uppercase(), &format!("{id}%00")] {
        client.get(&format!("/Users/{wrong}")).await.refused(404, "");
    }
    client.get(&format!("/Groups/{id}")).await.refused(404, "");
}

/// Shows: S-53, S-70, S-71, S-75, Y-30, Z-11
async fn a_group_needs_a_name_and_members_that_exist(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "displayName": "A" })).await.id();
    client.post("/Groups", &json!({ "schemas": [GROUP] })).await.refused(400, "invalidValue");
    client.post("/Groups", &json!({ "schemas": [GROUP], "displayName": "" })).await.refused(400, "invalidValue");
    for member in ["nobody", "01a20e94-80b3-7254-aa79-3b8919cda1a4"] {
        let body = json!({ "schemas": [GROUP], "displayName": "g", "members": [{ "value": member }] });
        client.post("/Groups", &body).await.refused(400, "invalidValue");
    }
    let wrong_type = json!({ "schemas": [GROUP], "displayName": "g", "members": [{ "value": user, "type": "Group" }] });
    client.post("/Groups", &wrong_type).await.refused(400, "invalidValue");
    let group = client.group("g", &[&user, &user]).await.body;
    assert_eq!(
        group["members"],
        json!([{
            "value": user, "$ref": format!("{}/Users/{user}", client.base), "type": "User", "display": "A",
        }])
    );
    let nested = client.group("h", &[group["id"].as_str().expect("an id")]).await.body;
    assert_eq!(nested["members"][0]["type"], "Group");
    let again = client.post("/Groups", &json!({ "schemas": [GROUP], "displayName": "G" })).await;
    again.refused(409, "uniqueness");
    assert_eq!(client.get("/Groups").await.body["totalResults"], 2);
}

/// Shows: C-12, A-01
async fn a_create_answers_with_what_was_asked_for(server: Server) {
    let client = server.client().await;
    let body = json!({ "schemas": [USER], "userName": "a", "title": "t" });
    let user = client.post("/Users?attributes=title", &body).await.expect(201).body;
    let names: Vec<&String> = user.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["schemas", "id", "title"]);
    let _: &Value = &user;
}

on_both_databases! {
    a_created_user_comes_back_and_stays,
    what_only_the_server_may_write_is_ignored,
    active_is_true_unless_the_client_speaks_of_it,
    a_user_name_is_taken_once_whatever_its_case,
    a_body_that_breaks_a_rule_is_refused,
    extensions_are_kept_under_their_urn,
    what_identity_providers_send_is_understood,
    a_password_is_kept_as_a_hash_and_never_shown,
    lists_keep_what_was_sent,
    an_external_id_may_stand_twice,
    unknown_ids_are_404,
    a_group_needs_a_name_and_members_that_exist,
    a_create_answers_with_what_was_asked_for,
}
