//! RFC 7644 §3.5.2: each PATCH of the examples, for the version that is there (`If-Match`), and what the
//! resource is afterwards. The RFC leaves the answers out; here a user comes back and a group does not.

use serde_json::{Value, json};

use super::send;
use crate::support::{
    Client, Server,
    client::{ENTERPRISE, USER},
};

/// Applies operations to a resource as it is, and says what it is then.
async fn apply(client: &Client, path: &str, operations: &Value) -> Value {
    let tag = client.get(path).await.expect(200).etag();
    let is_group = path.starts_with("/Groups/");
    let status = if is_group { 204 } else { 200 };
    let reply = send(client, "PATCH", path, &tag, &patch_op(operations)).await.expect(status);
    let now = client.get(path).await.expect(200).body;
    assert_eq!(reply.header("location"), now["meta"]["location"].as_str());
    assert_eq!(reply.body, if is_group { Value::Null } else { now.clone() });
    now
}

fn patch_op(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// Babs Jensen and James Smith, of whom the examples are.
async fn people(client: &Client) -> [String; 2] {
    let babs = client.user("bjensen", json!({ "displayName": "Babs Jensen" })).await.id();
    let james = client.user("jsmith", json!({ "displayName": "James Smith" })).await.id();
    [babs, james]
}

/// A member as the examples send it.
fn member(client: &Client, id: &str, display: &str) -> Value {
    json!({ "display": display, "$ref": format!("{}/Users/{id}", client.base), "value": id })
}

/// A member as it comes back.
fn shown(client: &Client, id: &str, display: &str) -> Value {
    let mut member = member(client, id, display);
    member["type"] = "User".into();
    member
}

/// §3.5.2, figure 6, and §3.5.2.1: a member is added, and adding it again is no change.
///
/// Shows: H-01, H-14, H-17, H-22, H-23, H-26, H-27, H-28, S-71, S-74, Y-08, Y-39, ET-02, ET-07, G-14
async fn a_member_is_added(server: Server) {
    let client = server.client().await;
    let [babs, _] = people(&client).await;
    let group = client.group("Tour Guides", &[]).await;
    let path = format!("/Groups/{}", group.id());
    let operations = json!([{ "op": "add", "path": "members", "value": [member(&client, &babs, "Babs Jensen")] }]);
    let stale = send(&client, "PATCH", &path, "W/\"a330bc54f0671c9\"", &patch_op(&operations)).await;
    stale.refused(412, "");
    assert_eq!(client.get(&path).await.expect(200).body, group.body);

    server.pass(1_000);
    let with_babs = apply(&client, &path, &operations).await;
    assert_eq!(with_babs["members"], json!([shown(&client, &babs, "Babs Jensen")]));
    assert_eq!(with_babs["meta"]["lastModified"], "2026-01-01T00:00:01.000Z");
    assert_eq!(client.get(&format!("/Users/{babs}")).await.expect(200).body["groups"][0]["value"], group.id());
    server.pass(1_000);
    assert_eq!(apply(&client, &path, &operations).await, with_babs, "no change, no new version");
}

/// §3.5.2.1: without a path. The example writes `nickname`; attributes are found in any case.
///
/// Shows: H-21, H-22, H-23, H-24, S-01
async fn attributes_are_added_without_a_path(server: Server) {
    let client = server.client().await;
    let email = json!({ "value": "bjensen@example.com", "type": "work" });
    let plain = client.user("bjensen", json!({ "title": "Tour Guide", "emails": [email] })).await;
    let other = client.user("babs", json!({ "nickName": "Barbara" })).await;
    let home = json!({ "value": "babs@jensen.org", "type": "home" });
    let operations = json!([{ "op": "add", "value": { "emails": [home], "nickname": "Babs" } }]);
    let now = apply(&client, &format!("/Users/{}", plain.id()), &operations).await;
    assert_eq!(now["emails"], json!([email, home]));
    assert_eq!((&now["nickName"], &now["title"]), (&json!("Babs"), &json!("Tour Guide")));
    assert!(now.get("nickname").is_none());
    let now = apply(&client, &format!("/Users/{}", other.id()), &operations).await;
    assert_eq!((&now["nickName"], &now["emails"]), (&json!("Babs"), &json!([home])), "a single value is replaced");
}

/// §3.5.2: an attribute by its whole name brings its schema along.
///
/// Shows: H-13, H-15, S-35, Y-38
async fn an_extension_joins_with_its_first_attribute(server: Server) {
    let client = server.client().await;
    let [babs, _] = people(&client).await;
    let path = format!("/Users/{babs}");
    let number = format!("{ENTERPRISE}:employeeNumber");
    let now = apply(&client, &path, &json!([{ "op": "add", "path": number, "value": "701984" }])).await;
    assert_eq!(now["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(now[ENTERPRISE], json!({ "employeeNumber": "701984" }));
    let now = apply(&client, &path, &json!([{ "op": "remove", "path": number }])).await;
    assert_eq!(now["schemas"], json!([USER]));
}

/// §3.5.2, figure 8: every path of the list. A member has a `display` and no `displayName`, and neither can
/// be written.
///
/// Shows: H-05, H-09, H-31, H-33, H-49, S-72
async fn the_paths_of_figure_8_are_understood(server: Server) {
    let client = server.client().await;
    let [babs, james] = people(&client).await;
    let user = format!("/Users/{babs}");
    let work = json!({ "type": "work", "locality": "Hollywood" });
    let home = json!({ "type": "home", "locality": "Burbank" });
    let now = apply(
        &client,
        &user,
        &json!([
            { "op": "add", "path": "name.familyName", "value": "Jensen" },
            { "op": "add", "path": "addresses", "value": [work, home] },
        ]),
    )
    .await;
    assert_eq!((&now["name"], &now["addresses"]), (&json!({ "familyName": "Jensen" }), &json!([work, home])));
    let now = apply(
        &client,
        &user,
        &json!([
            { "op": "remove", "path": "name.familyName" },
            { "op": "remove", "path": "addresses[type eq \"work\"]" },
        ]),
    )
    .await;
    assert!(now.get("name").is_none());
    assert_eq!(now["addresses"], json!([home]));

    let group = client.group("Tour Guides", &[&babs, &james]).await;
    let path = format!("/Groups/{}", group.id());
    let of_babs = format!("members[value eq \"{babs}\"]");
    for (sub, keyword) in [("displayName", "invalidPath"), ("display", "mutability"), ("value", "mutability")] {
        let operations = json!([{ "op": "replace", "path": format!("{of_babs}.{sub}"), "value": "Babs" }]);
        client.patch(&path, operations).await.refused(400, keyword);
    }
    assert_eq!(client.get(&path).await.expect(200).body, group.body);
    let now = apply(&client, &path, &json!([{ "op": "remove", "path": of_babs }])).await;
    assert_eq!(now["members"], json!([shown(&client, &james, "James Smith")]));
    assert!(apply(&client, &path, &json!([{ "op": "remove", "path": "members" }])).await.get("members").is_none());
}

/// §3.5.2.2: one member, by a filter; a second time it is no member and nothing changes; then all members.
///
/// Shows: H-04, H-32, H-33, H-36, S-29, S-72, Y-16, Y-17, ET-07, G-14
async fn members_are_removed(server: Server) {
    let client = server.client().await;
    let [babs, james] = people(&client).await;
    let path = format!("/Groups/{}", client.group("Tour Guides", &[&babs, &james]).await.id());
    let one = json!([{ "op": "remove", "path": format!("members[value eq \"{babs}\"]") }]);
    let left = apply(&client, &path, &one).await;
    assert_eq!(left["members"], json!([shown(&client, &james, "James Smith")]));
    server.pass(1_000);
    assert_eq!(apply(&client, &path, &one).await, left, "no change, no new version");
    assert!(client.get(&format!("/Users/{babs}")).await.expect(200).body.get("groups").is_none());

    let all = json!([{ "op": "remove", "path": "members" }]);
    let empty = apply(&client, &path, &all).await;
    assert!(empty.get("members").is_none());
    assert_eq!(apply(&client, &path, &all).await, empty);
}

/// §3.5.2.2: a value of a complex attribute goes, if the filter means it.
///
/// Shows: H-33, H-18, F-16, Y-16, S-29
async fn an_email_is_removed(server: Server) {
    let client = server.client().await;
    let kept = json!([
        { "value": "babs@jensen.org", "type": "work" },
        { "value": "bjensen@example.com", "type": "home" },
    ]);
    let emails = json!([{ "value": "bjensen@example.com", "type": "work", "primary": true }, kept[0], kept[1]]);
    let several = client.user("bjensen", json!({ "emails": emails })).await;
    let single = client.user("babs", json!({ "emails": [emails[0]] })).await;
    let path = "emails[type eq \"work\" and value ew \"example.com\"]";
    let operations = json!([{ "op": "remove", "path": path }]);
    let now = apply(&client, &format!("/Users/{}", several.id()), &operations).await;
    assert_eq!(now["emails"], kept);
    let now = apply(&client, &format!("/Users/{}", single.id()), &operations).await;
    assert!(now.get("emails").is_none(), "none is left");
}

/// §3.5.2.2: one member goes and another comes. The example has no space behind `eq`.
///
/// Shows: H-07, H-33, H-23, H-08, Y-08
async fn a_member_is_exchanged(server: Server) {
    let client = server.client().await;
    let [babs, james] = people(&client).await;
    let path = format!("/Groups/{}", client.group("Tour Guides", &[&babs]).await.id());
    let now = apply(
        &client,
        &path,
        &json!([
            { "op": "remove", "path": format!("members[value eq\"{babs}\"]") },
            { "op": "add", "path": "members", "value": [member(&client, &james, "James Smith")] },
        ]),
    )
    .await;
    assert_eq!(now["members"], json!([shown(&client, &james, "James Smith")]));
}

/// §3.5.2.2 and §3.5.2.3: another list of members, by a remove and an add, and by one replace.
///
/// Shows: H-07, H-32, H-23, H-42, S-71, Y-08, ET-09
async fn all_members_are_exchanged(server: Server) {
    let client = server.client().await;
    let [babs, james] = people(&client).await;
    let mandy = client.user("mpepperidge", json!({ "displayName": "Mandy Pepperidge" })).await.id();
    let list = json!([member(&client, &babs, "Babs Jensen"), member(&client, &james, "James Smith")]);
    let expected = json!([shown(&client, &babs, "Babs Jensen"), shown(&client, &james, "James Smith")]);
    for (name, operations) in [
        (
            "in two steps",
            json!([{ "op": "remove", "path": "members" }, { "op": "add", "path": "members", "value": list }]),
        ),
        ("in one", json!([{ "op": "replace", "path": "members", "value": list }])),
    ] {
        let group = client.group(name, &[&mandy]).await;
        let now = apply(&client, &format!("/Groups/{}", group.id()), &operations).await;
        assert_eq!(now["members"], expected, "{name}");
        assert_ne!(now["meta"]["version"], group.body["meta"]["version"], "{name}");
    }
    assert!(client.filter("/Groups", &format!("members.value eq \"{mandy}\"")).await.is_empty());
}

/// §3.5.2.3: the whole address at work, which becomes the primary one; then its street alone.
///
/// Shows: H-12, H-45, H-46, S-21, S-64, Y-19, Y-42
async fn an_address_is_replaced(server: Server) {
    let client = server.client().await;
    let home = json!({ "type": "home", "streetAddress": "456 Hollywood Blvd", "primary": true });
    let addresses = json!([{ "type": "work", "streetAddress": "100 Universal City Plaza" }, home]);
    let path = format!("/Users/{}", client.user("bjensen", json!({ "addresses": addresses })).await.id());
    let mut work = json!({
        "type": "work",
        "streetAddress": "911 Universal City Plaza",
        "locality": "Hollywood",
        "region": "CA",
        "postalCode": "91608",
        "country": "US",
        "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US",
        "primary": true
    });
    let whole = json!([{ "op": "replace", "path": "addresses[type eq \"work\"]", "value": work }]);
    let now = apply(&client, &path, &whole).await;
    let mut home = home;
    home["primary"] = false.into();
    assert_eq!(now["addresses"], json!([work, home]));

    let street = "addresses[type eq \"work\"].streetAddress";
    let now = apply(&client, &path, &json!([{ "op": "replace", "path": street, "value": "1010 Broadway Ave" }])).await;
    work["streetAddress"] = "1010 Broadway Ave".into();
    assert_eq!(now["addresses"], json!([work, home]));
}

/// §3.5.2.3: all values of some attributes, without a path; others are unaffected.
///
/// Shows: H-40, H-41, H-42, H-43, S-01
async fn attributes_are_replaced_without_a_path(server: Server) {
    let client = server.client().await;
    let user = client
        .user(
            "bjensen",
            json!({
                "title": "Tour Guide",
                "nickName": "Barbara",
                "emails": [{ "value": "old@example.com", "type": "other" }],
            }),
        )
        .await;
    let emails = json!([
        { "value": "bjensen@example.com", "type": "work", "primary": true },
        { "value": "babs@jensen.org", "type": "home" },
    ]);
    let operations = json!([{ "op": "replace", "value": { "emails": emails, "nickname": "Babs" } }]);
    let now = apply(&client, &format!("/Users/{}", user.id()), &operations).await;
    let mut expected = user.body.clone();
    expected["emails"] = emails;
    expected["nickName"] = "Babs".into();
    expected["meta"] = now["meta"].clone();
    assert_eq!(now, expected);
    assert_ne!(now["meta"]["version"], user.body["meta"]["version"]);
}

/// §3.5.2: a group comes back after all if `attributes` asks for something of it.
///
/// Shows, H-14
async fn a_patch_answers_what_is_asked_for(server: Server) {
    let client = server.client().await;
    let [babs, james] = people(&client).await;
    let group = client.group("Tour Guides", &[&babs]).await;
    let path = format!("/Groups/{}?attributes=displayName", group.id());
    let operations = json!([{ "op": "add", "path": "members", "value": [member(&client, &james, "James Smith")] }]);
    let reply = send(&client, "PATCH", &path, &group.etag(), &patch_op(&operations)).await.expect(200);
    assert_eq!(reply.body, json!({ "schemas": group.body["schemas"], "id": group.id(), "displayName": "Tour Guides" }));
    let now = client.get(&format!("/Groups/{}", group.id())).await.expect(200).body;
    assert_eq!(now["members"].as_array().map(Vec::len), Some(2));
}

on_both_databases! {
    a_member_is_added,
    attributes_are_added_without_a_path,
    an_extension_joins_with_its_first_attribute,
    the_paths_of_figure_8_are_understood,
    members_are_removed,
    an_email_is_removed,
    a_member_is_exchanged,
    all_members_are_exchanged,
    an_address_is_replaced,
    attributes_are_replaced_without_a_path,
    a_patch_answers_what_is_asked_for,
}
