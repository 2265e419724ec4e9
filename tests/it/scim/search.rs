//! `.search` (RFC 7644 §3.4.3) and queries of several types (§3.4.2.1).

use serde_json::{Value, json};

use crate::{
    scim::definitions,
    support::{Client, Reply, Server},
};

fn request(more: Value) -> Value {
    let mut body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

async fn scene(server: &Server) -> Client {
    let client = server.client().await;
    let anna = client.user("anna", json!({ "displayName": "Anna", "title": "b" })).await.id();
    client.user("zane", json!({ "displayName": "Zane", "title": "a" })).await;
    client.group("Mēriņi", &[&anna]).await;
    client.group("anna", &[]).await;
    client
}

/// Shows: Q-01, Q-02, Q-03, Q-04, Q-06
async fn a_body_asks_what_an_address_asks(server: Server) {
    let client = scene(&server).await;
    for (parameters, body) in [
        (&[("filter", "title pr")][..], json!({ "filter": "title pr" })),
        (&[("sortBy", "title"), ("sortOrder", "descending")], json!({ "sortBy": "title", "sortOrder": "descending" })),
        (&[("startIndex", "2"), ("count", "1")], json!({ "startIndex": 2, "count": 1 })),
        (&[("count", "0")], json!({ "count": 0 })),
        (&[("attributes", "title,userName")], json!({ "attributes": ["title", "userName"] })),
        (&[("excludedAttributes", "title")], json!({ "excludedAttributes": ["title"], "filter": null })),
    ] {
        let by_address = client.find("/Users", parameters).await.expect(200);
        let by_body = client.post("/Users/.search", &request(body)).await.expect(200);
        assert_eq!(by_body.body, by_address.body);
    }
    assert_eq!(client.get("/Users?count=0").await.body["totalResults"], 2, "nothing was made");
    client.post("/Users/.search", &json!({ "filter": "title pr" })).await.refused(400, "invalidSyntax");
    client.post("/Users/.search", &json!({ "schemas": ["x"] })).await.refused(400, "invalidSyntax");
    client.post("/Users/.search", &request(json!({ "filter": 1 }))).await.refused(400, "invalidValue");
    client.post("/Users/.search", &request(json!({ "count": "x" }))).await.refused(400, "invalidValue");
    client.post("/Users/.search", &request(json!({ "count": 1.5 }))).await.refused(400, "invalidValue");
    assert_eq!(
        client.post("/Users/.search", &request(json!({ "count": 1e30 }))).await.expect(200).body["itemsPerPage"],
        2
    );
    client.post("/Users/.search", &request(json!({ "filter": "x" }))).await.refused(400, "invalidFilter");
    let long = format!("userName eq \"{}\"", "x".repeat(5000));
    client.find("/Users", &[("filter", &long)]).await.refused(400, "invalidFilter");
    client.post("/Users/.search", &request(json!({ "filter": long }))).await.expect(200);
}

/// Shows: G-11, Y-05
async fn types_of_a_tenant_take_no_question_from_the_root(server: Server) {
    const WIDGET: &str = "urn:riga:scim:schemas:2.0:Widget";
    const THING: &str = "urn:riga:scim:schemas:2.0:Thing";
    let widget = json!([{ "name": "title", "type": "integer" }, { "name": "roles" }, { "name": "name" },
                        { "name": "groups" }, { "name": "nickName", "type": "complex", "subAttributes": [{ "name": "x" }] }]);
    let mail = json!([{ "name": "value" }]);
    let thing = json!([{ "name": "emails", "type": "complex", "multiValued": true, "subAttributes": mail }]);
    for (urn, name, attributes) in [(WIDGET, "Widget", widget), (THING, "Thing", thing)] {
        definitions::schema(&server, json!({ "id": urn, "name": name, "attributes": attributes }))
            .await
            .expect("defined");
        let kind = json!({ "name": name, "endpoint": format!("/{name}s"), "schema": urn });
        definitions::resource_type(&server, kind).await.expect("defined");
    }
    let client = server.client().await;
    let boss = json!({
        "title": "boss", "nickName": "x", "name": { "givenName": "gn" }, "roles": [{ "value": "r", "type": "x" }],
        "emails": [{ "value": "a@x", "type": "work" }],
    });
    let boss = client.user("boss", boss).await.id();
    client.group("g", &[&boss]).await;
    client.post("/Widgets", &json!({ "schemas": [WIDGET], "title": 5, "roles": "x" })).await.expect(201);
    client.post("/Things", &json!({ "schemas": [THING], "emails": [{ "value": "a@x" }] })).await.expect(201);
    for (filter, found) in [
        ("emails[type eq \"work\"]", 1),
        ("emails[value eq \"a@x\"]", 2),
        ("emails[value eq \"a@x\" and type pr]", 1),
        ("emails[value eq \"a@x\" and not (type pr)]", 1),
        ("emails[type eq \"home\" or value eq \"a@x\"]", 2),
        ("title eq \"boss\"", 1),
        ("title eq 5", 1),
        ("title ne 5", 3),
        ("title eq null", 2),
        ("title eq 5 or title eq \"boss\"", 2),
        ("roles[type eq \"x\"]", 1),
        ("name[givenName eq \"gn\"]", 1),
        ("name.givenName eq \"gn\"", 1),
        ("groups[type eq \"direct\"]", 1),
        ("nickName eq \"x\"", 1),
    ] {
        let reply = client.find("", &[("filter", filter), ("count", "0")]).await.expect(200);
        assert_eq!(reply.body["totalResults"], found, "{filter}");
        client.post("/.search", &request(json!({ "filter": filter }))).await.expect(200);
    }
    for filter in
        ["title eq true", "emails[title eq \"x\"]", "userName[value eq \"x\"]", "nothing eq 5", "groups[x pr]"]
    {
        client.find("", &[("filter", filter), ("count", "0")]).await.refused(400, "invalidFilter");
    }
    client.find("/Widgets", &[("filter", "title eq \"boss\"")]).await.refused(400, "invalidFilter");
}

/// Shows: G-10, G-11, G-12
async fn the_root_knows_every_type(server: Server) {
    let client = scene(&server).await;
    let find = async |more: Value| client.post("/.search", &request(more)).await;
    let names = |reply: &Reply| {
        let mut names = Client::names(reply);
        names.sort_unstable();
        names
    };
    let all = find(json!({})).await;
    assert_eq!(all.body["totalResults"], 4);
    assert_eq!(names(&all), ["Mēriņi", "anna", "anna", "zane"]);
    assert_eq!(client.get("").await.expect(200).body, all.body);
    for (filter, expected) in [
        ("displayName eq \"anna\"", &["anna", "anna"][..]),
        ("title pr", &["anna", "zane"]),
        ("not (title pr)", &["Mēriņi", "anna"]),
        ("title ne \"b\"", &["Mēriņi", "anna", "zane"]),
        ("title eq null", &["Mēriņi", "anna"]),
        ("members.display eq \"Anna\" or title eq \"a\"", &["Mēriņi", "zane"]),
        ("meta.resourceType eq \"Group\" and displayName co \"ī\" or userName eq \"x\"", &[]),
        ("meta.resourceType eq \"Group\" and displayName co \"iņ\"", &["Mēriņi"]),
        ("emails[type eq \"work\"]", &[]),
        ("displayName pr and (userName sw \"z\" or members pr)", &["Mēriņi", "zane"]),
    ] {
        let found = find(json!({ "filter": filter })).await;
        assert_eq!(names(&found), expected, "{filter}");
        assert_eq!(found.body["totalResults"], expected.len(), "{filter}");
        let by_address = client.find("", &[("filter", filter)]).await;
        assert_eq!(by_address.body, found.body, "{filter}");
    }
    assert!(!find(json!({ "filter": "nothing pr" })).await.refused(400, "invalidFilter").is_empty());
    find(json!({ "sortBy": "nothing" })).await.refused(400, "invalidValue");

    let sorted = |order: &str| json!({ "sortBy": "title", "sortOrder": order });
    let titles = |reply: Reply| {
        let resources = reply.expect(200).body["Resources"].as_array().cloned().expect("Resources");
        resources.iter().map(|resource| resource["title"].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(find(sorted("ascending")).await), ["a", "b", "-", "-"]);
    assert_eq!(titles(find(sorted("descending")).await), ["-", "-", "b", "a"]);
    let by_name = find(json!({ "sortBy": "displayName", "startIndex": 2, "count": 2, "attributes": ["displayName"] }));
    let page = by_name.await.expect(200).body;
    assert_eq!((page["totalResults"].clone(), page["startIndex"].clone()), (json!(4), json!(2)));
    let shown: Vec<&str> =
        page["Resources"].as_array().expect("Resources").iter().filter_map(|r| r["displayName"].as_str()).collect();
    assert_eq!((shown.len(), shown[1]), (2, "Mēriņi"));
    let by_time = find(json!({ "sortBy": "meta.created", "sortOrder": "descending" })).await;
    assert_eq!(Client::names(&by_time)[0], "zane".replace("zane", &Client::names(&by_time)[0]));
}

on_both_databases! {
types_of_a_tenant_take_no_question_from_the_root, a_body_asks_what_an_address_asks, the_root_knows_every_type }
