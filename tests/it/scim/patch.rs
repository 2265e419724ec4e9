//! PATCH (RFC 7644 §3.5.2).

use serde_json::{Value, json};

use crate::support::{
    Client, Server,
    client::{ENTERPRISE, MUNICIPAL, USER},
};

async fn changed(client: &Client, path: &str, operations: Value) -> Value {
    client.patch(path, operations).await.expect(200).body
}

/// Shows: H-01, H-07, H-14, H-15, H-20, H-21, H-22, H-23, H-24, H-25, H-26, H-27, H-29, H-13, Y-15, Y-26, Y-27
async fn add_adds(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "emails": [{ "value": "x", "type": "work" }] })).await;
    let path = format!("/Users/{}", user.id());
    let now = changed(
        &client,
        &path,
        json!([
            { "op": "ADD", "path": "name.givenName", "value": "A" },
            { "op": "add", "path": "NAME", "value": { "familyName": "B" } },
            { "op": "add", "path": "emails", "value": { "value": "y", "type": "home" } },
            { "op": "add", "path": "emails", "value": [{ "value": "x", "type": "work" }, { "value": "z" }] },
            { "op": "add", "value": { "title": "t", "name.middleName": "M", format!("{ENTERPRISE}:department"): "d" } },
            { "op": "add", "path": format!("{}:position", MUNICIPAL.to_uppercase()), "value": "p" },
            { "op": "add", "path": "title", "value": "u" },
        ]),
    )
    .await;
    assert_eq!(now["name"], json!({ "familyName": "B", "givenName": "A", "middleName": "M" }));
    assert_eq!(
        now["emails"],
        json!([
            { "value": "x", "type": "work" }, { "value": "y", "type": "home" }, { "value": "z" },
        ])
    );
    assert_eq!(now["title"], "u");
    assert_eq!(now[ENTERPRISE]["department"], "d");
    assert_eq!(now[MUNICIPAL]["position"], "p");
    assert_eq!(now["schemas"].as_array().map(Vec::len), Some(3));
    server.pass(1000);
    let again = changed(
        &client,
        &path,
        json!([
            { "op": "add", "path": "emails", "value": [{ "value": "x", "type": "work" }] },
            { "op": "add", "path": "title", "value": "u" },
        ]),
    )
    .await;
    assert_eq!(again, now, "nothing new is no change: same version, same lastModified");
    client.patch(&path, json!([{ "op": "add", "path": "title" }])).await.refused(400, "invalidValue");
}

/// Shows: H-30, H-31, H-32, H-33, H-34, H-35, H-37, H-38, Y-16, Y-17, Y-38
async fn remove_removes(server: Server) {
    let client = server.client().await;
    let user = client
        .user(
            "a",
            json!({
                "title": "t",
                "name": { "givenName": "A", "familyName": "B" },
                "emails": [
                    { "value": "x", "type": "work", "primary": true },
                    { "value": "y", "type": "home", "display": "Y" },
                    { "value": "z", "type": "other" },
                ],
                "roles": [{ "value": "r" }],
                ENTERPRISE: { "department": "d" },
            }),
        )
        .await;
    let path = format!("/Users/{}", user.id());
    let now = changed(
        &client,
        &path,
        json!([
            { "op": "remove", "path": "title" },
            { "op": "remove", "path": "name.givenName" },
            { "op": "remove", "path": "emails[type eq \"work\" or value eq \"z\"]" },
            { "op": "remove", "path": "emails[type eq \"home\"].display" },
            { "op": "remove", "path": "emails[type eq \"fax\"]" },
            { "op": "remove", "path": "roles" },
            { "op": "remove", "path": "nickName" },
            { "op": "remove", "path": ENTERPRISE },
        ]),
    )
    .await;
    assert_eq!(now["emails"], json!([{ "value": "y", "type": "home" }]));
    assert_eq!(now["name"], json!({ "familyName": "B" }));
    for gone in ["title", "roles", ENTERPRISE] {
        assert!(now.get(gone).is_none(), "{gone}");
    }
    assert_eq!(now["schemas"], json!([USER]), "an extension without attributes is not in use");
    client.patch(&path, json!([{ "op": "remove" }])).await.refused(400, "noTarget");
    client.patch(&path, json!([{ "op": "remove", "path": "userName" }])).await.refused(400, "mutability");
    for empty in [json!(null), json!(""), json!([])] {
        client
            .patch(&path, json!([{ "op": "replace", "path": "userName", "value": empty }]))
            .await
            .refused(400, "invalidValue");
    }
    client.patch(&path, json!([{ "op": "remove", "path": "id" }])).await.refused(400, "mutability");
    let named =
        changed(&client, &path, json!([{ "op": "remove", "path": "emails", "value": [{ "value": "other" }] }])).await;
    assert_eq!(named["emails"], now["emails"], "a remove that names values leaves the others");
}

/// Shows: H-40, H-41, H-42, H-43, H-44, H-45, H-46, H-48, Y-18, Y-19, Y-25
async fn replace_replaces(server: Server) {
    let client = server.client().await;
    let user = client
        .user(
            "a",
            json!({
                "title": "t",
                "nickName": "n",
                "name": { "givenName": "A", "familyName": "B" },
                "emails": [
                    { "value": "x", "type": "work", "display": "X" },
                    { "value": "y", "type": "home" },
                    { "value": "z", "type": "home" },
                ],
            }),
        )
        .await;
    let path = format!("/Users/{}", user.id());
    let now = changed(
        &client,
        &path,
        json!([
            { "op": "replace", "value": { "title": "u", "nickName": null } },
            { "op": "replace", "path": "name", "value": { "givenName": "C" } },
            { "op": "replace", "path": "emails[type eq \"work\"]", "value": { "value": "w" } },
            { "op": "replace", "path": "emails[type eq \"home\"].display", "value": "H" },
            { "op": "replace", "path": "locale", "value": "lv-LV" },
            { "op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+371 2" },
            { "op": "replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+371 3" },
            { "op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": "nobody" },
        ]),
    )
    .await;
    assert_eq!(now["title"], "u");
    assert!(now.get("nickName").is_none());
    assert_eq!(now["name"], json!({ "familyName": "B", "givenName": "C" }));
    assert_eq!(
        now["emails"],
        json!([
            { "value": "w", "display": "X", "type": "work" },
            { "value": "y", "display": "H", "type": "home" },
            { "value": "z", "display": "H", "type": "home" },
        ])
    );
    assert_eq!(now["phoneNumbers"], json!([{ "value": "+371 3", "type": "mobile" }]));
    assert_eq!(now[ENTERPRISE]["manager"], json!({ "value": "nobody" }), "no address is made up for a stranger");
    let all = changed(
        &client,
        &path,
        json!([
            { "op": "replace", "path": "emails", "value": [{ "value": "only" }] },
            { "op": "replace", "path": "phoneNumbers", "value": [] },
            { "op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": "" },
        ]),
    )
    .await;
    assert_eq!(all["emails"], json!([{ "value": "only" }]));
    assert!(all.get("phoneNumbers").is_none() && all.get(ENTERPRISE).is_none());
}

/// Shows: H-12
async fn one_value_is_primary(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "emails": [{ "value": "x", "primary": true }, { "value": "y" }] })).await;
    let path = format!("/Users/{}", user.id());
    let primary = |user: &Value| -> Vec<String> {
        let emails = user["emails"].as_array().expect("emails");
        emails.iter().filter(|e| e["primary"] == true).filter_map(|e| e["value"].as_str()).map(Into::into).collect()
    };
    let now = changed(
        &client,
        &path,
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "z", "primary": true }] }]),
    )
    .await;
    assert_eq!(primary(&now), ["z"]);
    let now =
        changed(&client, &path, json!([{ "op": "replace", "path": "emails[value eq \"y\"].primary", "value": true }]))
            .await;
    assert_eq!(primary(&now), ["y"]);
    let now = changed(&client, &path, json!([{ "op": "remove", "path": "emails[value eq \"y\"]" }])).await;
    assert_eq!(primary(&now), Vec::<String>::new(), "no other is promoted");
    let two = json!([{ "op": "add", "path": "emails", "value": [{ "value": "p", "primary": true }, { "value": "q", "primary": true }] }]);
    client.patch(&path, two).await.refused(400, "invalidValue");
}

/// Shows: H-02, H-03, H-04, H-05, H-06, H-08, H-09, H-11, H-16, H-18, H-47, H-49, X-08, X-09, S-72, S-82, H-10, Y-29
async fn what_cannot_be_done_changes_nothing(server: Server) {
    let client = server.client().await;
    client.user("taken", json!({})).await;
    let user = client.user("a", json!({ "title": "t", "emails": [{ "value": "x", "type": "work" }] })).await;
    let path = format!("/Users/{}", user.id());
    let group = client.group("g", &[&user.id()]).await;
    let before = client.get(&path).await.body;
    let first = json!({ "op": "replace", "path": "title", "value": "changed" });
    for (operation, keyword) in [
        (json!({ "op": "move", "path": "title", "value": "x" }), "invalidSyntax"),
        (json!({ "path": "title", "value": "x" }), "invalidSyntax"),
        (json!({ "op": "replace", "path": "nothing", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "name.nothing", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "/title", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "emails[0]", "value": "x" }), "invalidFilter"),
        (json!({ "op": "replace", "path": "emails[0].value", "value": "x" }), "invalidFilter"),
        (json!({ "op": "replace", "path": "emails[type is \"work\"].value", "value": "x" }), "invalidFilter"),
        (json!({ "op": "replace", "path": "emails[", "value": "x" }), "invalidFilter"),
        (json!({ "op": "replace", "path": "emails[type eq \"work\"]x", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "title[value eq \"t\"]", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": 5, "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "meta.created", "value": "2026-01-01T00:00:00Z" }), "mutability"),
        (json!({ "op": "add", "path": "groups", "value": [{ "value": "x" }] }), "mutability"),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), "invalidValue"),
        (json!({ "op": "replace", "path": "title", "value": 5 }), "invalidValue"),
        (json!({ "op": "replace", "path": "userName", "value": null }), "invalidValue"),
        (json!({ "op": "replace", "path": "userName", "value": "" }), "invalidValue"),
        (json!({ "op": "replace", "path": "emails[type pr and value sw \"q\"].value", "value": "x" }), "noTarget"),
        (json!({ "op": "replace", "value": "x" }), "invalidValue"),
        (json!({ "op": "replace", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "x".repeat(20_000), "value": "x" }), "invalidPath"),
        (json!("x"), "invalidSyntax"),
    ] {
        let reply = client.patch(&path, json!([first, operation])).await;
        assert_eq!(reply.body["scimType"], keyword, "{operation}: {:#}", reply.body);
        reply.refused(400, keyword);
    }
    client
        .patch(&path, json!([first, { "op": "replace", "path": "userName", "value": "TAKEN" }]))
        .await
        .refused(409, "uniqueness");
    client.patch(&path, json!([])).await.refused(400, "invalidSyntax");
    client.patch(&path, json!({})).await.refused(400, "invalidSyntax");
    client.write("PATCH", &path, &json!({ "Operations": [first] })).await.refused(400, "invalidSyntax");
    client
        .write("PATCH", &path, &json!({ "schemas": ["x"], "Operations": [first] }))
        .await
        .refused(400, "invalidSyntax");
    let many = vec![first.clone(); 1001];
    client.patch(&path, json!(many)).await.refused(413, "");
    assert_eq!(client.get(&path).await.body, before);
    let member =
        json!([{ "op": "replace", "path": format!("members[value eq \"{}\"].value", user.id()), "value": "x" }]);
    client.patch(&format!("/Groups/{}", group.id()), member).await.refused(400, "mutability");
    let look = server.database.look().await;
    let events: (i64,) = sqlx::query_as("SELECT count(*) FROM event WHERE kind IN ('User', 'Group')")
        .fetch_one(&look)
        .await
        .expect("a count");
    assert_eq!(events.0, 3, "what did not happen is in no log");
    let ignored = changed(
        &client,
        &path,
        json!([{ "op": "replace", "value": { "id": "x", "meta": {}, "groups": [], "unknown": 1, "title": "u" } }]),
    )
    .await;
    assert_eq!(ignored["title"], "u");
}

/// What Entra ID, Okta and others send. Shows: Y-25, Y-27
async fn identity_providers_are_understood(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await;
    let path = format!("/Users/{}", user.id());
    let now = changed(
        &client,
        &path,
        json!([
            { "op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@riga.example" },
            { "op": "Replace", "path": "emails[type eq \"work\"].primary", "value": "True" },
            { "op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Rīga" },
            { "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "clerk" },
            { "op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:title", "value": "t" },
            { "op": "Replace", "path": "active", "value": "False" },
        ]),
    )
    .await;
    assert_eq!(now["emails"], json!([{ "value": "a@riga.example", "type": "work", "primary": true }]));
    assert_eq!(now["addresses"], json!([{ "locality": "Rīga", "type": "work" }]));
    assert_eq!(now["roles"], json!([{ "value": "clerk", "primary": true }]));
    assert_eq!((&now["title"], &now["active"]), (&json!("t"), &json!(false)));
    assert_eq!(client.filter("/Users", "active eq false").await, ["a"]);
    let okta = changed(&client, &path, json!([{ "op": "replace", "value": { "active": true } }])).await;
    assert_eq!(okta["active"], true);
    let head = client.user("head", json!({ "displayName": "Head" })).await.id();
    let manager = format!("{ENTERPRISE}:manager");
    for value in [json!(head), json!([{ "$ref": null, "value": head }]), json!({ "value": head, "displayName": "x" })] {
        let now = changed(&client, &path, json!([{ "op": "Add", "path": manager, "value": value }])).await;
        assert_eq!(now[ENTERPRISE]["manager"]["displayName"], "Head", "{value}");
        changed(&client, &path, json!([{ "op": "Remove", "path": manager }])).await;
    }
}

/// A removal that fails over a spelling would leave access behind. Shows: S-22
async fn a_removal_finds_what_it_names(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "roles": [{ "value": "admin" }, { "value": "clerk", "type": "x" }] })).await;
    let path = format!("/Users/{}", user.id());
    let other = json!([{ "op": "remove", "path": "roles", "value": [{ "value": "clerk", "type": "y" }] }]);
    assert_eq!(changed(&client, &path, other).await["roles"], user.body["roles"]);
    let named =
        json!([{ "op": "remove", "path": "roles", "value": [{ "value": "Admin", "display": "?", "primary": false }] }]);
    assert_eq!(changed(&client, &path, named).await["roles"], json!([{ "value": "clerk", "type": "x" }]));
    client
        .patch(&path, json!([{ "op": "remove", "path": format!("{ENTERPRISE}[department eq \"x\"]") }]))
        .await
        .refused(400, "invalidPath");
}

/// A leaver stays one: who empties `active` by a value does not know it. Only a remove takes it away.
async fn active_is_not_emptied_by_the_way(server: Server) {
    let client = server.client().await;
    let path = format!("/Users/{}", client.user("a", json!({ "active": false })).await.id());
    for operation in [
        json!({ "op": "Replace", "path": "active", "value": "" }),
        json!({ "op": "replace", "path": "active", "value": null }),
        json!({ "op": "add", "value": { "active": null, "title": "t" } }),
    ] {
        assert_eq!(changed(&client, &path, json!([operation])).await["active"], false, "{operation}");
    }
    let removed = changed(&client, &path, json!([{ "op": "remove", "path": "active" }])).await;
    assert!(removed.get("active").is_none());
}

/// `null` names nobody, and never everybody. What is made for a filter must match it. Shows: Y-25
async fn values_that_say_nothing_do_nothing(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "emails": [{ "value": "x" }] })).await;
    let group = format!("/Groups/{}", client.group("g", &[&user.id()]).await.id());
    for value in [json!(null), json!([])] {
        client.patch(&group, json!([{ "op": "Remove", "path": "members", "value": value }])).await.expect(204);
    }
    assert_eq!(client.get(&group).await.body["members"].as_array().map(Vec::len), Some(1));
    let path = format!("/Users/{}", user.id());
    let same = changed(&client, &path, json!([{ "op": "remove", "path": "emails", "value": null }])).await;
    assert_eq!(same, client.get(&path).await.body);
    for path_of in ["emails[type eq \"a\" and type eq \"b\"].value", "emails[type eq \"a\"].type"] {
        client.patch(&path, json!([{ "op": "Replace", "path": path_of, "value": "c" }])).await.refused(400, "noTarget");
    }
}

/// A member is confirmed and not changed, and ids are exact in filters. Shows: H-18, H-47, H-49, Y-19
async fn a_member_can_be_confirmed(server: Server) {
    let client = server.client().await;
    let (member, stranger) = (client.user("a", json!({})).await.id(), client.user("b", json!({})).await.id());
    let group = client.group("g", &[&member]).await;
    let path = format!("/Groups/{}", group.id());
    let replace = |which: &str, with: &str| json!([{ "op": "replace", "path": format!("members[value eq \"{which}\"]"), "value": { "value": with } }]);
    assert_eq!(client.patch(&path, replace(&member, &member)).await.expect(204).etag(), group.etag());
    client.patch(&path, replace(&member, &stranger)).await.refused(400, "mutability");
    client.patch(&path, replace(&stranger, &stranger)).await.refused(400, "noTarget");
    let shouted = format!("members[value eq \"{}\"]", member.to_uppercase());
    client.patch(&path, json!([{ "op": "remove", "path": shouted }])).await.expect(204);
    assert_eq!(client.get(&path).await.body, group.body);
}

/// The names that the enterprise extension had before the RFCs.
async fn old_names_of_the_enterprise_extension_are_known(server: Server) {
    let client = server.client().await;
    let old = "urn:scim:schemas:extension:enterprise:2.0";
    let body = json!({
        "schemas": ["urn:scim:schemas:core:2.0", old],
        "userName": "a",
        old: { "department": "D", "manager": { "value": "7" } },
    });
    let user = client.post("/Users", &body).await.expect(201);
    assert_eq!(user.body["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(user.body[ENTERPRISE], json!({ "department": "D", "manager": { "value": "7" } }));
    let path = format!("/Users/{}", user.id());
    let now =
        changed(&client, &path, json!([{ "op": "replace", "path": format!("{old}:department"), "value": "E" }])).await;
    assert_eq!(now[ENTERPRISE]["department"], "E");
}

/// The primary value moves when another one is added as primary. Shows: H-12
async fn an_added_primary_takes_over(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({ "emails": [{ "value": "a", "type": "work", "primary": true }] })).await;
    let add = json!([{ "op": "add", "path": "emails", "value": [
        { "value": "a", "type": "work" }, { "value": "b", "type": "home", "primary": true },
    ] }]);
    let now = changed(&client, &format!("/Users/{}", user.id()), add).await;
    assert_eq!(
        now["emails"],
        json!([
            { "value": "a", "type": "work", "primary": false }, { "value": "b", "type": "home", "primary": true },
        ])
    );
}

/// Work is bounded before it is done. Shows: F-36, N-12
async fn long_lists_are_refused(server: Server) {
    let client = server.client().await;
    let roles = |count: usize| (0..count).map(|n| json!({ "value": format!("r{n}") })).collect::<Value>();
    let user = client.user("a", json!({ "roles": roles(1000) })).await;
    let path = format!("/Users/{}", user.id());
    let more = json!([{ "op": "add", "path": "roles", "value": { "value": "more" } }]);
    client.patch(&path, more.clone()).await.refused(400, "invalidValue");
    let body = json!({ "schemas": [USER], "userName": "b", "roles": roles(1001) });
    client.post("/Users", &body).await.refused(400, "invalidValue");
    let texts: Value = (0..20).map(|n| json!({ "value": format!("{n}{}", "x".repeat(60_000)) })).collect();
    client.patch(&path, json!([{ "op": "replace", "path": "roles", "value": texts }])).await.refused(413, "");
    let fits: Value = (0..15).map(|n| json!({ "value": format!("{n}{}", "x".repeat(60_000)) })).collect();
    client.patch(&path, json!([{ "op": "replace", "path": "roles", "value": fits }])).await.expect(200);
    let again: Vec<Value> = (0..1000).map(|_| more[0].clone()).collect();
    client.patch(&path, json!(again)).await.refused(413, "");
    let terms = ["groups.type eq \"indirect\""; 9].join(" or ");
    client.find("/Users", &[("filter", &terms)]).await.refused(400, "invalidFilter");
    let group = client.group("g", &[]).await.id();
    let searches: Vec<Value> = (0..9).map(|_| json!({ "op": "remove", "path": "members[display co \"z\"]" })).collect();
    client.patch(&format!("/Groups/{group}"), json!(searches)).await.refused(400, "invalidFilter");
}

/// A password that is not there cannot be removed, and one that is misspelled is not taken for none.
async fn passwords_come_and_go(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await;
    let path = format!("/Users/{}", user.id());
    let same = changed(&client, &path, json!([{ "op": "remove", "path": "password" }])).await;
    assert_eq!(same["meta"]["version"], "W/\"1\"");
    changed(&client, &path, json!([{ "op": "add", "value": { "password ": "secret" } }])).await;
    let look = server.database.look().await;
    let kept = || async {
        let hash: (Option<String>,) =
            sqlx::query_as("SELECT password_hash FROM resource").fetch_one(&look).await.expect("a row");
        hash.0
    };
    assert!(kept().await.is_some_and(|hash| hash.starts_with("$argon2id$")));
    changed(&client, &path, json!([{ "op": "remove", "path": "password" }])).await;
    assert_eq!(kept().await, None);
}

on_both_databases! {
    a_member_can_be_confirmed,
    active_is_not_emptied_by_the_way,
    values_that_say_nothing_do_nothing,
    old_names_of_the_enterprise_extension_are_known,
    a_removal_finds_what_it_names,
    an_added_primary_takes_over,
    long_lists_are_refused,
    passwords_come_and_go,
    add_adds,
    remove_removes,
    replace_replaces,
    one_value_is_primary,
    what_cannot_be_done_changes_nothing,
    identity_providers_are_understood,
}
