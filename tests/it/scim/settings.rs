//! What a tenant may choose: the letter of the RFC, names of groups, the length of pages.

use serde_json::json;

use crate::support::{
    Server,
    client::{GROUP, USER},
};

/// Shows: Y-12, Y-25, Y-27, H-22
async fn a_strict_tenant_keeps_the_letter(server: Server) {
    let client = server.client().await;
    let says = async |mode: &str| {
        let config = client.get("/ServiceProviderConfig").await.expect(200).body;
        config["documentationUri"].as_str().is_some_and(|uri| uri.ends_with(&format!("/docs/#{mode}")))
    };
    assert!(says("tolerant").await);
    let user = client.user("a", json!({ "shoeSize": 43, "active": "True" })).await;
    let path = format!("/Users/{}", user.id());
    let absent = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "x" }]);
    client.patch(&path, absent.clone()).await.expect(200);
    client.patch(&path, json!([{ "op": "remove", "path": "emails" }])).await.expect(200);

    server.set(|settings| settings.strict = true).await;
    assert!(says("strict").await);
    let reference = client.at(&server.url).get("/openapi.json").await.expect(200).body;
    let told = reference["info"]["description"].as_str().expect("a description");
    assert!(["tolerant", "strict"].iter().all(|mode| told.contains(&format!("<a id=\"{mode}\"></a>"))), "{told}");
    client.patch(&path, absent).await.refused(400, "noTarget");
    let with = |more: (&str, serde_json::Value)| {
        let mut body = json!({ "schemas": [USER], "userName": "b" });
        body[more.0] = more.1;
        body
    };
    client.post("/Users", &with(("shoeSize", json!(43)))).await.refused(400, "invalidSyntax");
    client.post("/Users", &with(("active", json!("True")))).await.refused(400, "invalidValue");
    client.patch(&path, json!([{ "op": "add", "value": { "shoeSize": 43 } }])).await.refused(400, "invalidPath");
    let made = client.post("/Users", &with(("active", json!(true)))).await.expect(201).id();

    // What is forgiven elsewhere is forgiven nowhere.
    let mail = json!({ "value": "x" });
    for (wrong, scim_type) in [
        (mail.clone(), "invalidValue"),
        (json!("x"), "invalidValue"),
        (json!(["x"]), "invalidValue"),
        (json!([{ "value": "x", "foo": 1 }]), "invalidSyntax"),
    ] {
        client.post("/Users", &with(("emails", wrong))).await.refused(400, scim_type);
    }
    client.patch(&path, json!([{ "op": "add", "path": "emails", "value": mail }])).await.expect(200);
    let group = format!("/Groups/{}", client.group("g", &[]).await.id());
    let member = json!({ "value": made, "display": "what was read" });
    for (wrong, scim_type) in [
        (member.clone(), "invalidValue"),
        (json!(made), "invalidValue"),
        (json!([made]), "invalidValue"),
        (json!([{ "value": made, "foo": 1 }]), "invalidSyntax"),
    ] {
        let body = json!({ "schemas": [GROUP], "displayName": "h", "members": wrong });
        client.post("/Groups", &body).await.refused(400, scim_type);
        client.put(&group, &body).await.refused(400, scim_type);
        if wrong != member {
            let add = json!([{ "op": "add", "path": "members", "value": wrong }]);
            client.patch(&group, add).await.refused(400, scim_type);
        }
    }
    client.patch(&group, json!([{ "op": "add", "path": "members", "value": [member] }])).await.expect(204);
    for filter in ["active eq \"true\"", "emails[primary eq \"True\"].value eq \"x\""] {
        client.find("/Users", &[("filter", filter)]).await.refused(400, "invalidFilter");
        client.find("/", &[("filter", filter)]).await.refused(400, "invalidFilter");
    }
    assert_eq!(client.filter("/Users", "active eq true").await, ["a", "b"]);
    let primary = json!([{ "op": "remove", "path": "emails[primary eq \"True\"].value" }]);
    client.patch(&path, primary.clone()).await.refused(400, "invalidFilter");

    server.set(|settings| settings.strict = false).await;
    assert_eq!(client.filter("/Users", "active eq \"true\"").await, ["a", "b"]);
    client.patch(&path, primary).await.expect(200);
    client.patch(&group, json!([{ "op": "add", "path": "members", "value": made }])).await.expect(204);
}

async fn names_of_groups_may_be_unique_or_not(server: Server) {
    let client = server.client().await;
    let one = client.group("g", &[]).await.id();
    let twin = json!({ "schemas": [GROUP], "displayName": "G" });
    client.post("/Groups", &twin).await.refused(409, "uniqueness");
    server.set(|settings| settings.unique_group_names = false).await;
    let other = client.post("/Groups", &twin).await.expect(201).id();
    assert_eq!(client.get(&format!("/Schemas/{GROUP}")).await.body["attributes"][0]["uniqueness"], "none");
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "h" }]);
    client.patch(&format!("/Groups/{one}"), rename).await.expect(204);
    client.group("H", &[]).await;

    let directory = server.directory().await;
    let mut settings = directory.service.settings.clone();
    settings.unique_group_names = true;
    let refused = directory.set_settings(settings).await.map_err(caurlaide::provisioning::Error::told);
    assert_eq!(refused.expect_err("two are called h").status, 409);
    client.delete(&format!("/Groups/{one}")).await.expect(204);
    server.set(|settings| settings.unique_group_names = true).await;
    client.post("/Groups", &twin).await.refused(409, "uniqueness");
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "H" }]);
    client.patch(&format!("/Groups/{other}"), rename).await.refused(409, "uniqueness");
}

/// Shows: P-06
async fn pages_are_as_long_as_the_tenant_wants(server: Server) {
    let client = server.client().await;
    for name in ["a", "b", "c", "d"] {
        client.user(name, json!({})).await;
    }
    server.set(|settings| (settings.page_size, settings.max_page_size) = (2, 3)).await;
    let length = async |path: &str| client.get(path).await.expect(200).body["itemsPerPage"].clone();
    assert_eq!(length("/Users").await, 2);
    assert_eq!(length("/Users?count=100").await, 3);
    let config = client.get("/ServiceProviderConfig").await.body;
    assert_eq!((&config["filter"]["maxResults"], &config["pagination"]["defaultPageSize"]), (&json!(3), &json!(2)));
    // Nobody is told of pages that nobody gets.
    server.set(|settings| (settings.page_size, settings.max_page_size) = (4, 3)).await;
    assert_eq!(length("/Users").await, 3);
    assert_eq!(client.get("/ServiceProviderConfig").await.body["pagination"]["defaultPageSize"], 3);
    let directory = server.directory().await;
    for wrong in [0, 1001] {
        let settings = store::TenantSettings { max_page_size: wrong, ..directory.service.settings.clone() };
        assert!(directory.set_settings(settings).await.is_err(), "{wrong}");
    }
}

on_both_databases! {
    a_strict_tenant_keeps_the_letter,
    names_of_groups_may_be_unique_or_not,
    pages_are_as_long_as_the_tenant_wants,
}
