//! ServiceProviderConfig, ResourceTypes, Schemas (RFC 7643 §5–7, RFC 7644 §4).

use serde_json::{Value, json};

use crate::support::{
    Server,
    client::{ENTERPRISE, GROUP, MUNICIPAL, USER},
};

/// Shows: K-11, K-13, B-01, V-01, V-02, V-03, V-04, V-05, V-06, V-19, V-22, O-01, F-01, ET-01, H-01, S-49
async fn the_configuration_says_what_works(server: Server) {
    let client = server.client().await;
    let config = client.get("/ServiceProviderConfig").await.expect(200).body;
    assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
    for works in ["patch", "bulk", "filter", "sort", "etag", "changePassword"] {
        assert_eq!(config[works]["supported"], true, "{works}");
    }
    let pages = json!({
        "cursor": true, "index": true, "defaultPaginationMethod": "index",
        "defaultPageSize": 100, "maxPageSize": 1000, "cursorTimeout": 3600,
    });
    assert_eq!(config["pagination"], pages);
    assert_eq!(config["bulk"]["maxPayloadSize"], 8 * 1024 * 1024);
    assert_eq!(config["filter"]["maxResults"], 1000);
    assert_eq!(config["bulk"]["maxOperations"], 1000, "also the longest PATCH, which clients read here");
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert!(config["meta"]["location"].as_str().expect("a location").starts_with(&client.base));

    let nobody = reqwest::Client::builder().no_proxy().build().expect("a client");
    let open = nobody.get(format!("{}/ServiceProviderConfig", client.base)).send().await.expect("an answer");
    assert_eq!(open.status(), 200);
    let text = open.text().await.expect("a body");
    let mut without = config.clone();
    without["documentationUri"] = json!(format!("{}/docs/", server.url));
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), without, "how strict it is, its clients are told");
    let other = format!("{}/t/nobody/scim/v2/ServiceProviderConfig", server.url);
    let other = nobody.get(other).send().await.expect("an answer").text().await.expect("a body");
    assert_eq!(other, text.replace("/t/riga/", "/t/nobody/"), "tenants that do not exist look the same");
    server.set(|settings| settings.strict = true).await;
    let open = nobody.get(format!("{}/ServiceProviderConfig", client.base)).send().await.expect("an answer");
    assert_eq!(open.text().await.expect("a body"), text, "nor do strict ones look otherwise");
}

/// Shows: V-07, V-08, V-09, V-11, V-12, V-13, V-14, V-18, V-20, V-21, S-04, S-05, S-16, S-19, S-40, S-66, S-70
async fn types_and_schemas_are_published_with_every_characteristic(server: Server) {
    let client = server.client().await;
    let types = client.get("/ResourceTypes").await.expect(200).body;
    assert_eq!(types["totalResults"], 2);
    for kind in types["Resources"].as_array().expect("Resources") {
        let one = client.get(&format!("/ResourceTypes/{}", kind["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!(one.body, *kind);
        assert_eq!(kind["meta"]["resourceType"], "ResourceType");
        client.get(kind["endpoint"].as_str().expect("an endpoint")).await.expect(200);
    }
    assert_eq!(
        types["Resources"][0]["schemaExtensions"],
        json!([
            { "schema": ENTERPRISE, "required": false }, { "schema": MUNICIPAL, "required": false },
        ])
    );
    let schemas = client.get("/Schemas").await.expect(200).body;
    let ids: Vec<&str> =
        schemas["Resources"].as_array().expect("Resources").iter().filter_map(|s| s["id"].as_str()).collect();
    assert_eq!(ids, [USER, ENTERPRISE, MUNICIPAL, GROUP]);
    for id in ids {
        let schema = client.get(&format!("/Schemas/{}", id.replace(':', "%3A"))).await.expect(200).body;
        assert_eq!(schema["meta"]["resourceType"], "Schema");
        check_attributes(&schema["attributes"], false);
    }
    let find = |schema: usize, name: &str| {
        let attributes = schemas["Resources"][schema]["attributes"].as_array().expect("attributes");
        attributes.iter().find(|attribute| attribute["name"] == name).cloned().expect("an attribute")
    };
    assert_eq!(find(3, "displayName")["required"], true);
    let groups = find(0, "groups");
    assert_eq!(groups["subAttributes"][1]["referenceTypes"], json!(["Group"]));
    assert_eq!(find(1, "manager")["subAttributes"][0]["caseExact"], true);
    assert_eq!(find(0, "x509Certificates")["subAttributes"][0]["type"], "binary");
    assert_eq!(find(0, "password")["returned"], "never");
    client.get("/Schemas/urn:example:none").await.refused(404, "");
    client.get("/ResourceTypes/None").await.refused(404, "");
}

fn check_attributes(attributes: &Value, inner: bool) {
    for attribute in attributes.as_array().expect("attributes") {
        for characteristic in ["name", "type", "multiValued", "description", "required", "mutability", "returned"] {
            assert!(attribute.get(characteristic).is_some(), "{attribute} lacks {characteristic}");
        }
        assert!(!attribute["description"].as_str().expect("a text").is_empty());
        if attribute["type"] == "complex" {
            assert!(!inner, "{attribute}: complex inside complex");
            assert!(attribute.get("uniqueness").is_none() && attribute.get("caseExact").is_none(), "{attribute}");
            check_attributes(&attribute["subAttributes"], true);
        } else {
            assert!(attribute.get("uniqueness").is_some() && attribute.get("caseExact").is_some(), "{attribute}");
        }
        assert_eq!(attribute["type"] == "reference", attribute.get("referenceTypes").is_some(), "{attribute}");
    }
}

/// Shows: V-15, V-16, V-17
async fn discovery_is_read_only_and_cannot_be_filtered(server: Server) {
    let client = server.client().await;
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        client.get(&format!("{path}?sortBy=x&count=0&startIndex=5&attributes=y")).await.expect(200);
        client.find(path, &[("filter", "id pr")]).await.refused(403, "");
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let reply = client.write(method, path, &json!({})).await;
            assert_eq!(reply.header("allow"), Some("GET, HEAD"));
            reply.refused(405, "");
        }
    }
}

on_both_databases! {
    the_configuration_says_what_works,
    types_and_schemas_are_published_with_every_characteristic,
    discovery_is_read_only_and_cannot_be_filtered,
}
