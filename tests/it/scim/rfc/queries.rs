//! RFC 7644 §3.4.2: lists, filters, order, pages and projection, each example request with whom it finds.

use serde_json::{Value, json};

use super::{KNOWN, create_babs, example, send};
use crate::support::{
    Client, Server,
    client::{ENTERPRISE, USER},
    server::START,
};

/// 2011-05-13T04:42:34Z, the instant of the filters in figure 2.
const INSTANT: i64 = 1_305_261_754_000;
/// §3.4.2: the userName of all users. `schemas` comes along as `id` does (Y-10).
///
/// Shows: A-02, A-06, A-09, G-04, G-05, G-15, N-10, S-40, S-84, Y-10
async fn a_list_shows_the_names_alone(server: Server) {
    let client = server.client().await;
    let babs = create_babs(&client).await.id();
    let james = client.user("jsmith", json!({ "displayName": "Smith, James" })).await.id();
    let list = client.get("/Users?attributes=userName").await.expect(200).body;
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!(list["totalResults"], 2);
    assert_eq!(
        list["Resources"],
        json!([
            { "schemas": [USER], "id": babs, "userName": "bjensen" },
            { "schemas": [USER], "id": james, "userName": "jsmith" },
        ])
    );
    let none = client.find("/Users", &[("filter", "userName eq \"nobody\""), ("attributes", "userName")]).await;
    assert_eq!(none.expect(200).body["totalResults"], 0);
}

/// §3.4.2.1: a resource, a resource type and the root can be queried.
/// The example's filter names types without quotes, which its own grammar does not allow (Y-33).
///
/// Shows: G-09, F-21, F-26, F-31, V-10, Y-33
async fn queries_go_to_a_user_or_to_a_type(server: Server) {
    let client = server.client().await;
    let babs = create_babs(&client).await.id();
    client.group("Tour Guides", &[&babs]).await;
    let one = client.get(&format!("/Users/{babs}?attributes=userName")).await.expect(200).body;
    assert_eq!(one, json!({ "schemas": [USER], "id": babs, "userName": "bjensen" }));
    let printed = "(meta.resourceType eq User) or (meta.resourceType eq Group)";
    let quoted = "(meta.resourceType eq \"User\") or (meta.resourceType eq \"Group\")";
    for (path, found) in [("/Users", "bjensen"), ("/Groups", "Tour Guides")] {
        client.find(path, &[("filter", printed)]).await.refused(400, "invalidFilter");
        assert_eq!(client.filter(path, quoted).await, [found]);
    }
    assert_eq!(client.filter("", quoted).await, ["Tour Guides", "bjensen"]);
}

/// §3.4.2.2, figure 2, and the lines before it: names and operators in any case, an operator that is none.
///
/// Shows: F-01, F-02, F-03, F-04, F-05, F-06, F-08, F-10, F-13, F-14, F-15, F-16, F-18, F-19, F-20, F-23, F-25, F-29, Y-02, Y-03, Y-04
async fn the_filters_of_figure_2_find_who_is_meant(server: Server) {
    let client = server.client().await;
    server.pass(INSTANT - 1_000 - START);
    client
        .user(
            "bjensen",
            json!({
                "name": { "familyName": "Jensen" },
                "title": "Tour Guide",
                "userType": "Employee",
                "emails": [
                    { "value": "bjensen@example.com", "type": "work" },
                    { "value": "babs@jensen.org", "type": "home" },
                ],
            }),
        )
        .await;
    server.pass(1_000);
    let james = json!({ "userType": "Intern", "emails": [{ "value": "jsmith@example.org", "type": "work" }] });
    let at = client.user("jsmith", james).await.body["meta"]["lastModified"].clone();
    assert_eq!(at, "2011-05-13T04:42:34.000Z");
    server.pass(1_000);
    client
        .user(
            "momalley",
            json!({
                "name": { "familyName": "O'Malley" },
                "userType": "Employee",
                "emails": [{ "value": "momalley@example.com", "type": "home" }],
                "ims": [{ "value": "momalley@foo.com", "type": "xmpp" }],
            }),
        )
        .await;
    let mandy = json!({ "title": "Guard", "userType": "Contractor", ENTERPRISE: { "department": "Tour Operations" } });
    client.user("mpepperidge", mandy).await;
    for (filter, found) in FILTERS {
        let found: Vec<&str> = found.split(' ').collect();
        assert_eq!(client.filter("/Users", filter).await, found, "{filter}");
    }
    let detail = client.find("/Users", &[("filter", "userName regex \"b.*\"")]).await.refused(400, "invalidFilter");
    assert!(detail.contains("operator"), "{detail}");
}

/// §3.7.1 asks for the groups of its example with single quotes, which are no JSON (Y-33).
///
/// Shows: F-21, F-26, X-07, Y-33
async fn single_quotes_are_no_quotes(server: Server) {
    let client = server.client().await;
    let inner = client.group("Group B", &[]).await.id();
    client.group("Group A", &[&inner]).await;
    client.group("Others", &[]).await;
    client.find("/Groups", &[("filter", "displayName sw 'Group'")]).await.refused(400, "invalidFilter");
    assert_eq!(client.filter("/Groups", "displayName sw \"Group\"").await, ["Group A", "Group B"]);
}

/// §3.4.2.3: `sortBy=name.givenName`, ascending unless something else is asked for; who has none is last.
///
/// Shows: O-01, O-02, O-03, O-05, O-06, O-07
async fn a_list_is_sorted_by_given_names(server: Server) {
    let client = server.client().await;
    client.user("nameless", json!({})).await;
    client
        .user("jsmith", json!({ "name": { "givenName": "James" }, "emails": [{ "value": "b" }, { "value": "z" }] }))
        .await;
    client
        .user(
            "bjensen",
            json!({
                "name": { "givenName": "Barbara" },
                "emails": [{ "value": "z" }, { "value": "a", "primary": true }],
            }),
        )
        .await;
    client.user("momalley", json!({ "name": { "givenName": "amelia" } })).await;
    for (query, names) in [
        ("sortBy=name.givenName", ["momalley", "bjensen", "jsmith", "nameless"]),
        ("sortBy=name.givenName&sortOrder=ascending", ["momalley", "bjensen", "jsmith", "nameless"]),
        ("sortBy=name.givenName&sortOrder=descending", ["nameless", "jsmith", "bjensen", "momalley"]),
        ("sortBy=emails", ["bjensen", "jsmith", "nameless", "momalley"]),
    ] {
        assert_eq!(Client::names(&client.get(&format!("/Users?{query}")).await), names, "{query}");
    }
}

/// §3.4.2.4, figure 3: the first ten, and what follows them.
///
/// Shows: P-01, P-04, P-06, G-04, G-05, G-07, G-15, N-10
async fn a_list_is_read_page_by_page(server: Server) {
    let client = server.client().await;
    let names: Vec<String> = (1..=12).map(|number| format!("guide{number}")).collect();
    for name in &names {
        client.user(name, json!({})).await;
    }
    for (query, start, expected) in [
        ("startIndex=1&count=10", 1, &names[..10]),
        ("startIndex=11&count=10", 11, &names[10..]),
        ("startIndex=21&count=10", 21, &names[12..]),
    ] {
        let page = client.get(&format!("/Users?{query}")).await;
        assert_eq!(Client::names(&page), expected, "{query}");
        assert_eq!(page.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert_eq!(page.body["totalResults"], 12, "{query}");
        assert_eq!(page.body["itemsPerPage"], expected.len(), "{query}");
        assert_eq!(page.body["startIndex"], start, "{query}");
    }
}

/// §3.9, and §3.4.2.5 with the names that both sections give as examples.
///
/// Shows: A-01, A-02, A-03, A-06, A-08, A-09, S-84, S-86, Y-07, Y-10, Y-11
async fn answers_hold_the_attributes_asked_for(server: Server) {
    let client = server.client().await;
    let id = send(&client, "POST", "/Users", "", &example(KNOWN, &client, &[])).await.expect(201).id();
    let path = format!("/Users/{id}");
    let read = send(&client, "GET", &format!("{path}?attributes=userName"), "", &Value::Null).await.expect(200);
    assert_eq!(read.body, json!({ "schemas": [USER], "id": id, "userName": "bjensen" }));
    let location = format!("{}{path}", client.base);
    assert_eq!(read.header("location"), Some(location.as_str()));

    let whole = client.get(&path).await.expect(200).body;
    let members = |of: &Value| of.as_object().expect("an object").keys().cloned().collect::<Vec<String>>();
    let chosen = client.get(&format!("{path}?attributes=userName,name,emails")).await.expect(200).body;
    let mut names = members(&chosen);
    names.sort_unstable();
    assert_eq!(names, ["emails", "id", "name", "schemas", "userName"]);
    let rest = client.get(&format!("{path}?excludedAttributes=id,schemas,userName,name,emails")).await.expect(200).body;
    let mut names = members(&rest);
    names.sort_unstable();
    assert_eq!(names, ["active", "externalId", "id", "meta", "phoneNumbers", "schemas"]);
    for (name, value) in chosen.as_object().into_iter().chain(rest.as_object()).flatten() {
        assert_eq!(*value, whole[name], "{name}");
    }
    client.get(&format!("{path}?attributes=userName&excludedAttributes=name")).await.refused(400, "invalidValue");
}

on_both_databases! {
    a_list_shows_the_names_alone,
    queries_go_to_a_user_or_to_a_type,
    the_filters_of_figure_2_find_who_is_meant,
    single_quotes_are_no_quotes,
    a_list_is_sorted_by_given_names,
    a_list_is_read_page_by_page,
    answers_hold_the_attributes_asked_for,
}

/// The filters of figure 2, with whom each finds.
const FILTERS: [(&str, &str); 19] = [
    (r#"userName Eq "bjensen""#, "bjensen"),
    (r#"Username eq "bjensen""#, "bjensen"),
    (r#"userName eq "bjensen""#, "bjensen"),
    (r#"name.familyName co "O'Malley""#, "momalley"),
    (r#"userName sw "J""#, "jsmith"),
    (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, "jsmith"),
    ("title pr", "bjensen mpepperidge"),
    (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, "momalley mpepperidge"),
    (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, "jsmith momalley mpepperidge"),
    (r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, "bjensen"),
    (r#"meta.lastModified le "2011-05-13T04:42:34Z""#, "bjensen jsmith"),
    (r#"title pr and userType eq "Employee""#, "bjensen"),
    (r#"title pr or userType eq "Intern""#, "bjensen jsmith mpepperidge"),
    (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, "mpepperidge"),
    (r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#, "bjensen momalley"),
    (r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#, "mpepperidge"),
    (r#"userType eq "Employee" and (emails.type eq "work")"#, "bjensen"),
    (r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, "bjensen"),
    (
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        "bjensen momalley",
    ),
];
