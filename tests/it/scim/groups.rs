//! Memberships: rows that cost what they change, and groups of users as they are now.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Client, Kind, Server,
    client::{GROUP, USER},
};

async fn users(client: &Client, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(client.user(name, json!({ "displayName": name.to_uppercase() })).await.id());
    }
    ids
}

async fn members(client: &Client, group: &str) -> Vec<String> {
    let group = client.get(&format!("/Groups/{group}")).await.expect(200).body;
    let members = group["members"].as_array().cloned().unwrap_or_default();
    members.iter().filter_map(|member| member["display"].as_str()).map(Into::into).collect()
}

async fn groups(client: &Client, user: &str) -> Vec<(String, String)> {
    let user = client.get(&format!("/Users/{user}")).await.expect(200).body;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let groups = user["groups"].as_array().cloned().unwrap_or_default();
    let mut groups: Vec<_> = groups.iter().map(|group| (text(&group["display"]), text(&group["type"]))).collect();
    groups.sort();
    groups
}

/// Shows: H-28, H-36, S-72, S-74, Y-08, Y-16, H-33, H-32, H-42, H-26, ET-07
async fn members_come_and_go(server: Server) {
    let client = server.client().await;
    let ids = users(&client, &["a", "b", "c", "d"]).await;
    let group = client.group("g", &[&ids[0]]).await;
    let path = format!("/Groups/{}", group.id());
    let steps = [
        (
            json!([{ "op": "add", "path": "members", "value": [{ "value": ids[1] }, { "value": ids[0], "display": "other", "$ref": "x" }] }]),
            "A B",
        ),
        (json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": ids[2] }] }]), "A B C"),
        (json!([{ "op": "add", "value": { "members": [{ "value": ids[3] }] } }]), "A B C D"),
        (json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[1]) }]), "A C D"),
        (json!([{ "op": "Remove", "path": "members", "value": [{ "value": ids[2] }, { "value": ids[1] }] }]), "A D"),
        (json!([{ "op": "remove", "path": "members", "value": [] }]), "A D"),
        (json!([{ "op": "remove", "path": "members", "value": [{ "value": "nobody" }] }]), "A D"),
        (json!([{ "op": "remove", "path": "members[value eq \"nobody\"]" }]), "A D"),
        (json!([{ "op": "remove", "path": "members[display eq \"d\" and type eq \"user\"]" }]), "A"),
        (json!([{ "op": "replace", "path": "members", "value": [{ "value": ids[1] }, { "value": ids[2] }] }]), "B C"),
        (
            json!([
                { "op": "remove", "path": "members" },
                { "op": "add", "path": "members", "value": [{ "value": ids[3] }] },
            ]),
            "D",
        ),
        (json!([{ "op": "replace", "value": { "displayName": "h", "members": [] } }]), ""),
    ];
    for (operations, expected) in steps {
        client.patch(&path, operations.clone()).await.expect(204);
        assert_eq!(members(&client, &group.id()).await.join(" "), expected, "{operations}");
    }
    let before = client.get(&path).await;
    for nothing in [
        json!([{ "op": "remove", "path": "members", "value": [{ "value": ids[0] }] }]),
        json!([{ "op": "add", "path": "members", "value": [{ "value": ids[0] }] }, { "op": "remove", "path": "members" }]),
    ] {
        client.patch(&path, nothing).await.expect(204);
    }
    assert_eq!(client.get(&path).await.body, before.body, "no change, no version");
    client
        .patch(&path, json!([{ "op": "add", "path": "members", "value": [{ "value": "nobody" }] }]))
        .await
        .refused(400, "invalidValue");
    client
        .patch(&path, json!([{ "op": "add", "path": "members", "value": [{ "display": "x" }] }]))
        .await
        .refused(400, "invalidValue");
}

/// Shows: S-66, S-67, Y-09, G-14, F-39, S-14
async fn groups_of_a_user_are_current_and_know_their_way(server: Server) {
    let client = server.client().await;
    let ids = users(&client, &["a", "b"]).await;
    let unit = client.group("unit", &[&ids[0]]).await.id();
    let house = client.group("house", &[&unit, &ids[1]]).await.id();
    let town = client.group("town", &[&house, &unit, &ids[1]]).await.id();
    let pair = |name: &str, way: &str| (name.to_owned(), way.to_owned());
    assert_eq!(
        groups(&client, &ids[0]).await,
        [pair("house", "indirect"), pair("town", "indirect"), pair("unit", "direct")]
    );
    assert_eq!(groups(&client, &ids[1]).await, [pair("house", "direct"), pair("town", "direct")]);
    let user = client.get(&format!("/Users/{}", ids[0])).await.body;
    for group in user["groups"].as_array().expect("groups") {
        let path = group["$ref"].as_str().and_then(|url| url.strip_prefix(&client.base)).expect("an address here");
        assert_eq!(client.get(path).await.expect(200).body["id"], group["value"]);
    }
    for (filter, expected) in [
        (format!("groups.value eq \"{town}\""), "a b"),
        (format!("groups[value eq \"{town}\" and type eq \"direct\"]"), "b"),
        (format!("groups[value eq \"{town}\" and type eq \"indirect\"]"), "a"),
        (format!("groups[value eq \"{unit}\" and type eq \"indirect\"]"), ""),
        ("groups.display eq \"HOUSE\"".into(), "a b"),
        ("groups.display sw \"un\"".into(), "a"),
        ("groups.type eq \"indirect\"".into(), "a"),
        ("groups pr".into(), "a b"),
        ("groups eq \"nobody\"".into(), ""),
        (format!("not (groups.value eq \"{unit}\")"), "b"),
    ] {
        let expected: Vec<&str> = expected.split(' ').filter(|name| !name.is_empty()).collect();
        assert_eq!(client.filter("/Users", &filter).await, expected, "{filter}");
    }
    for (filter, expected) in [
        (format!("members.value eq \"{}\"", ids[1]), "house town"),
        (format!("members eq \"{}\"", ids[0]), "unit"),
        (format!("members[value eq \"{unit}\" and type eq \"Group\"]"), "house town"),
        ("members.type eq \"Group\"".into(), "house town"),
        ("members.display eq \"b\"".into(), "house town"),
        ("members pr".into(), "house town unit"),
        ("not (members.type eq \"User\")".into(), ""),
        ("members[type eq \"User\" and display sw \"A\"]".into(), "unit"),
        ("members.value sw \"0\"".into(), "house town unit"),
    ] {
        let expected: Vec<&str> = expected.split(' ').filter(|name| !name.is_empty()).collect();
        assert_eq!(client.filter("/Groups", &filter).await, expected, "{filter}");
    }
    client.patch(&format!("/Groups/{unit}"), json!([{ "op": "remove", "path": "members" }])).await.expect(204);
    assert_eq!(groups(&client, &ids[0]).await, []);
    assert!(client.filter("/Users", &format!("groups.value eq \"{town}\"")).await == ["b"]);
}

/// Shows: S-76
async fn no_group_is_inside_itself(server: Server) {
    let client = server.client().await;
    let inner = client.group("inner", &[]).await.id();
    let middle = client.group("middle", &[&inner]).await.id();
    let outer = client.group("outer", &[&middle]).await.id();
    for member in [&outer, &middle, &inner] {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": member }] }]);
        client.patch(&format!("/Groups/{inner}"), add).await.refused(400, "invalidValue");
    }
}

/// A cycle that got past the door, by two writers at once, still does no harm. Shows: S-76
async fn a_cycle_of_groups_is_harmless(server: Server) {
    let client = server.client().await;
    let user = users(&client, &["a"]).await.remove(0);
    let one = client.group("one", &[&user]).await.id();
    let two = client.group("two", &[&one]).await.id();
    let (one_id, two_id) = (one.parse::<uuid::Uuid>().expect("an id"), two.parse::<uuid::Uuid>().expect("an id"));
    let kind = scim::schema::Catalog::standard().by_name("Group").expect("groups").clone();
    let tenant = server.store.find_tenant("riga").await.expect("a database").expect("a tenant").id;
    let cause = store::Cause { client: None, user: None, request: "test".into() };
    let work = server.store.tenant(tenant).begin(&cause, || 0).await.expect("work");
    let members = std::collections::HashMap::from([(two_id, "Group".to_owned())]);
    work.add_members(&kind, one_id, &members).await.expect("added");
    work.commit().await.expect("committed");
    let pair = |name: &str, way: &str| (name.to_owned(), way.to_owned());
    assert_eq!(groups(&client, &user).await, [pair("one", "direct"), pair("two", "indirect")]);
    assert_eq!(client.filter("/Users", &format!("groups.value eq \"{two}\"")).await, ["a"]);
    client.delete(&format!("/Groups/{one}")).await.expect(204);
    assert_eq!(groups(&client, &user).await, []);
}

/// DESIGN's limit: a group of 10 000 members in one write.
async fn ten_thousand_members_fit_in_one_request(server: Server) {
    let client = server.client().await;
    let whole = |id| json!({ "value": id, "type": "User", "$ref": format!("{}/Users/{id}", client.base) });
    let ids: Vec<Value> = crowd(&server, 10_000).await.into_iter().map(whole).collect();
    let body = json!({ "schemas": [GROUP], "displayName": "all", "members": ids });
    assert!(body.to_string().len() > 1024 * 1024);
    let group = client.post("/Groups", &body).await.expect(201);
    assert_eq!(group.body["members"].as_array().map(Vec::len), Some(10_000));
    let path = format!("/Groups/{}", group.id());
    pages_of_members(&client, &path, &group.body["members"]).await;
    client.patch(&path, json!([{ "op": "replace", "path": "members", "value": &ids[..9_999] }])).await.expect(204);
    let look = server.database.look().await;
    let last: (String,) =
        sqlx::query_as("SELECT changes FROM event ORDER BY seq DESC LIMIT 1").fetch_one(&look).await.expect("an event");
    assert_eq!(last.0, json!({ "removed": [ids[9_999]["value"]] }).to_string());
    let events: (i64,) =
        sqlx::query_as("SELECT count(*) FROM event WHERE kind = 'Group'").fetch_one(&look).await.expect("a count");
    assert_eq!(events.0, 11, "ten rows of a thousand members, and one for the change");
}

/// The ids of that many users, made without a request for each.
async fn crowd(server: &Server, count: usize) -> Vec<Uuid> {
    let tenant = server.find("riga").await.id;
    let kind = scim::schema::Catalog::standard().by_name("User").expect("users").clone();
    let cause = store::Cause { client: None, user: None, request: "test".into() };
    let work = server.store.tenant(tenant).begin(&cause, || 0).await.expect("work");
    let user = |number| {
        let body = json!({ "schemas": [USER], "userName": format!("u{number}") });
        (Uuid::now_v7(), scim::read::resource(&kind, &body, scim::Mode::Tolerant).expect("a user").document)
    };
    let users: Vec<(Uuid, scim::Document)> = (0..count).map(user).collect();
    let members = HashMap::new();
    for some in users.chunks(500) {
        let mut new = Vec::new();
        for (id, document) in some {
            new.push(store::New { id: *id, document, password: None, members: &members });
        }
        work.create(&kind, &new).await.expect("created");
    }
    work.commit().await.expect("committed");
    if server.kind() == Kind::Postgres {
        // As it is seconds after the first hundred rows.
        sqlx::query("ANALYZE").execute(&server.database.look().await).await.expect("statistics");
    }
    users.into_iter().map(|(id, _)| id).collect()
}

/// What is far larger than what identity providers send at once: made, half of it exchanged in two requests, deleted.
async fn a_group_of_twenty_thousand_comes_and_goes(server: Server) {
    let client = server.client().await;
    let ids: Vec<Value> = crowd(&server, 20_000).await.into_iter().map(|id| json!({ "value": id })).collect();
    let body = json!({ "schemas": [GROUP], "displayName": "all", "members": ids });
    let made = client.post("/Groups", &body).await.expect(201);
    assert_eq!(made.body["members"].as_array().map(Vec::len), Some(20_000));
    let group = format!("/Groups/{}", made.id());
    let total = async || client.get(&format!("{group}/members?count=0")).await.expect(200).body["totalResults"].clone();
    let half = &ids[..10_000];
    client.patch(&group, json!([{ "op": "remove", "path": "members", "value": half }])).await.expect(204);
    assert_eq!(total().await, 10_000);
    client.patch(&group, json!([{ "op": "add", "path": "members", "value": half }])).await.expect(204);
    assert_eq!(total().await, 20_000);
    client.put(&group, &body).await.expect(200);
    assert_eq!(client.get(&group).await.expect(200).body["meta"]["version"], "W/\"3\"", "the same again is no change");
    client.delete(&group).await.expect(204);
    client.get(&group).await.refused(404, "");
    assert_eq!(client.get("/Users?count=0").await.body["totalResults"], 20_000);
}

/// Page by page they are the members that the group shows whole; a filter finds one of them.
async fn pages_of_members(client: &Client, group: &str, whole: &Value) {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{group}/members?count=999&cursor={cursor}")).await.expect(200).body;
        assert_eq!(page["totalResults"], 10_000);
        seen.extend(page["Resources"].as_array().expect("Resources").clone());
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert!(Value::from(seen) == *whole);
    let first = client.get(&format!("{group}/members?count=1")).await.body;
    let next = first["nextCursor"].as_str().expect("a cursor");
    client.get(&format!("{group}/members?count=2&cursor={next}")).await.refused(400, "invalidCount");
    client.get(&format!("{group}/members?cursor={next}x&count=1")).await.refused(400, "invalidCursor");
    client.get(&format!("/Users?cursor={next}&count=1")).await.refused(400, "invalidCursor");
    client.get("/Groups/nobody/members").await.refused(404, "");
    client.write("POST", &format!("{group}/members"), &json!({})).await.refused(405, "");
    assert_eq!(client.get(&format!("{group}/members?count=0")).await.body["Resources"], json!([]));
    let members = format!("{group}/members");
    let who = async |filter: &str| client.find(&members, &[("filter", filter)]).await;
    let (one, value) = (&whole[4321], whole[4321]["value"].as_str().expect("an id"));
    let found = who(&format!("Value eq \"{value}\"")).await.expect(200).body;
    assert_eq!((&found["totalResults"], &found["Resources"]), (&json!(1), &json!([one])));
    for nobody in [group.trim_start_matches("/Groups/"), "x"] {
        let found = who(&format!("value eq \"{nobody}\"")).await.expect(200).body;
        assert_eq!((&found["totalResults"], &found["Resources"]), (&json!(0), &json!([])));
    }
    for unsupported in ["value ne \"x\"", "type eq \"User\"", "value eq \"x\" or value eq \"y\"", "value eq", ""] {
        who(unsupported).await.refused(400, "invalidFilter");
    }
    client
        .find(&members, &[("filter", &format!("value eq \"{value}\"")), ("cursor", next), ("count", "1")])
        .await
        .refused(400, "invalidCursor");
    for parameter in
        ["sortBy=value", "sortOrder=descending", "startIndex=2", "attributes=value", "cursor=&startIndex=1"]
    {
        client.get(&format!("{members}?{parameter}")).await.refused(400, "invalidValue");
    }
    let one = client.get(&format!("{group}?attributes=members.value")).await.body["members"][0].clone();
    assert_eq!(one, json!({ "value": whole[0]["value"] }));
}

/// Ids are compared exactly: what is no id when it is read is none when it becomes a member. To take away is not so strict.
async fn members_are_named_exactly(server: Server) {
    let client = server.client().await;
    let user = client.user("anna", json!({})).await.id();
    let group = format!("/Groups/{}", client.group("g", &[&user]).await.id());
    for other in [user.to_uppercase(), user.replace('-', ""), format!("urn:uuid:{user}")] {
        let members = json!([{ "value": other }]);
        let body = json!({ "schemas": [GROUP], "displayName": other, "members": members });
        client.post("/Groups", &body).await.refused(400, "invalidValue");
        client.put(&group, &body).await.refused(400, "invalidValue");
        client
            .patch(&group, json!([{ "op": "add", "path": "members", "value": members }]))
            .await
            .refused(400, "invalidValue");
    }
    let body = json!([{ "op": "remove", "path": "members", "value": [{ "value": user.to_uppercase() }] }]);
    client.patch(&group, body).await.expect(204);
    assert!(client.get(&group).await.expect(200).body.get("members").is_none());
}

on_both_databases! {
    members_are_named_exactly,
    members_come_and_go,
    groups_of_a_user_are_current_and_know_their_way,
    no_group_is_inside_itself,
    a_cycle_of_groups_is_harmless,
    ten_thousand_members_fit_in_one_request,
    a_group_of_twenty_thousand_comes_and_goes,
}
