//! Whatever administrators are refused, they read in their language.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Reply, Server, client::GROUP};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

async fn said(client: &Client, (method, path, body): (&str, &str, &Value), language: &str) -> Reply {
    let request = client.request(method, path).header("accept-language", language);
    client.send(if method == "GET" || method == "DELETE" { request } else { request.json(body) }).await
}

/// All that a problem says to people.
fn sentences(reply: &Reply) -> Vec<String> {
    let faults = reply.body["errors"].as_array().cloned().unwrap_or_default();
    let all = [&reply.body, &Value::Array(faults)].map(|part| match part {
        Value::Array(faults) => faults.iter().map(|fault| fault["detail"].clone()).collect(),
        whole => vec![whole["title"].clone(), whole["detail"].clone()],
    });
    all.concat().iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// The refusal, told in Latvian whole: nothing of it is what it is in English.
async fn check(client: &Client, asked: (&str, &str, &Value)) {
    let what = format!("{} {} {}", asked.0, asked.1, asked.2);
    let (english, latvian) = (said(client, asked, "en").await, said(client, asked, "lv").await);
    assert!(english.status >= 400, "{what}: {}", english.status);
    assert_eq!((latvian.status, &latvian.body["type"]), (english.status, &english.body["type"]), "{what}");
    assert_eq!(
        (english.header("content-language"), latvian.header("content-language")),
        (Some("en"), Some("lv")),
        "{what}"
    );
    for (one, other) in sentences(&english).iter().zip(sentences(&latvian)) {
        assert_ne!(*one, other, "{what}");
        assert!(!other.contains('{') && !other.contains(" must ") && !other.contains(" there "), "{what}: {other}");
    }
}

async fn nothing_is_told_in_english_alone(server: Server) {
    let administrator = server.administrator("riga").await;
    let made = async |path: &str, body: Value| administrator.json("POST", path, &body).await.expect(201).id();
    let client = made("/clients", json!({ "name": "Okta" })).await;
    let application = made("/applications", json!({ "code": "city", "name": "City" })).await;
    let group = server
        .client()
        .await
        .post("/Groups", &json!({ "schemas": [GROUP], "displayName": "tax" }))
        .await
        .expect(201)
        .id();
    let entitlements = format!("/applications/{application}/entitlements");
    let entitlement = json!({ "code": "tax", "group": group, "names": { "en": "Tax" } });
    administrator.json("POST", &entitlements, &entitlement).await.expect(201);
    made("/organisation-units", json!({ "kind": "municipality", "code": "R", "name": "R" })).await;
    let client_path = format!("/clients/{client}");
    let tokens = format!("{client_path}/tokens");
    let entitlement_path = format!("{entitlements}/{group}");
    let suspension = format!("/users/{}/suspension", Uuid::nil());
    let gone = |path: &str| format!("{path}/{NOBODY}");
    let nothing = json!({});

    for (method, path, body) in [
        ("POST", "/clients", json!({ "name": "Okta" })),
        ("POST", "/clients", json!({ "name": "" })),
        ("POST", "/clients", json!({ "name": "x", "networks": ["x"] })),
        ("POST", "/clients", json!({ "name": "x", "networks": ["10.0.0.1/8"] })),
        ("POST", "/clients", json!({ "name": "x", "applicationId": NOBODY })),
        ("PATCH", &client_path, json!({ "networks": vec!["10.0.0.1"; 1000] })),
        ("POST", &tokens, json!({ "scopes": [] })),
        ("POST", &tokens, json!({ "scopes": ["x"] })),
        ("POST", &tokens, json!({ "scopes": ["platform.admin"] })),
        ("POST", &tokens, json!({ "scopes": ["app.read"] })),
        ("POST", &tokens, json!({ "scopes": ["scim.read"], "expiresIn": 1 })),
        (
            "POST",
            "/issuers",
            json!({ "name": "", "issuer": "a b", "audiences": [], "algorithms": ["x"], "linkBy": "x", "scopes": ["x"], "leeway": 99 }),
        ),
        (
            "POST",
            "/issuers",
            json!({ "name": "a", "issuer": "a", "audiences": ["a"], "algorithms": ["EdDSA"], "linkBy": "id", "jwks": {} }),
        ),
        (
            "POST",
            "/issuers",
            json!({ "name": "a", "issuer": "a", "audiences": ["a"], "algorithms": ["EdDSA"], "linkBy": "id" }),
        ),
        (
            "POST",
            "/issuers",
            json!({ "name": "a", "issuer": "a", "audiences": ["a"], "algorithms": ["EdDSA"], "linkBy": "id", "jwksUri": "http://a" }),
        ),
        ("POST", "/applications", json!({ "code": "city", "name": "x" })),
        ("POST", "/applications", json!({ "code": "A", "name": "x", "released": ["password"] })),
        ("POST", "/applications", json!({ "code": "a", "name": "x", "released": ["password"] })),
        ("POST", "/applications", json!({ "code": "a", "name": "x", "owner": NOBODY, "unit": NOBODY })),
        ("DELETE", &format!("/applications/{application}"), nothing.clone()),
        ("PATCH", &format!("/applications/{application}"), json!({ "state": "x" })),
        ("POST", &entitlements, entitlement.clone()),
        ("POST", &entitlements, json!({ "code": "x", "group": NOBODY, "names": { "en": "x" } })),
        ("POST", &entitlements, json!({ "code": "x", "group": group, "names": {}, "risk": 9 })),
        ("PATCH", &entitlement_path, json!({ "prerequisites": [group] })),
        ("PATCH", &entitlement_path, json!({ "prerequisites": [NOBODY], "approvalPolicy": NOBODY })),
        ("PATCH", &entitlement_path, json!({ "duration": { "default": 100, "longest": 90, "extensions": 900 } })),
        ("POST", "/organisation-units", json!({ "kind": "x", "code": "", "name": "x", "registrationNumber": "1" })),
        ("POST", "/organisation-units", json!({ "kind": "unit", "code": "x", "name": "x" })),
        ("POST", "/organisation-units", json!({ "kind": "unit", "code": "x", "name": "x", "parent": NOBODY })),
        ("POST", "/organisation-units", json!({ "kind": "municipality", "code": "R", "name": "x" })),
        ("POST", "/sod-rules", json!({ "name": "x", "one": [group], "other": [group], "mode": "block" })),
        ("POST", "/sod-rules", json!({ "name": "x", "one": [], "other": [NOBODY], "mode": "block" })),
        ("POST", "/birthright-rules", json!({ "name": "x", "when": { "position": "" }, "entitlements": [] })),
        ("POST", "/birthright-rules", json!({ "name": "x", "when": { "all": [] }, "entitlements": [] })),
        ("POST", "/approval-policies", json!({ "name": "x", "risk": 9, "stages": [] })),
        ("POST", "/approval-policies", json!({ "name": "x", "risk": 2, "stages": [] })),
        (
            "POST",
            "/admin-roles",
            json!({ "user": NOBODY, "role": "auditor", "scope": { "tenant": {} }, "reason": "x" }),
        ),
        ("PUT", &suspension, json!({ "reason": "x", "until": "x" })),
        ("PATCH", "/settings", json!({ "pageSize": 0 })),
        ("PATCH", "/settings", json!({ "massChangePercent": 101 })),
        ("POST", "/roles", json!({ "value": "x" })),
        ("PUT", "/schemas/urn:x", json!({ "id": "urn:y", "name": "Y", "attributes": [] })),
        ("POST", "/restorations", json!({ "clientId": client, "from": "x", "until": "x" })),
        (
            "POST",
            "/restorations",
            json!({ "clientId": client, "from": "2026-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z" }),
        ),
    ] {
        check(&administrator, (method, path, &body)).await;
    }
    for (method, path) in [
        ("GET", gone("/clients")),
        ("GET", gone(&tokens)),
        ("GET", gone("/issuers")),
        ("GET", gone("/applications")),
        ("GET", gone("/organisation-units")),
        ("GET", gone("/sod-rules")),
        ("GET", gone("/birthright-rules")),
        ("GET", gone("/approval-policies")),
        ("GET", gone("/sod-violations")),
        ("GET", gone("/emergencies")),
        ("GET", gone("/reviews")),
        ("GET", gone("/grants")),
        ("GET", gone("/alarms")),
        ("GET", gone("/calls")),
        ("GET", suspension.clone()),
        ("GET", "/schemas/urn:x".to_owned()),
        ("GET", "/resource-types/X".to_owned()),
        ("GET", "/timers?count=0".to_owned()),
        ("GET", "/timers?x".to_owned()),
        ("GET", "/calls?count=0".to_owned()),
        ("GET", "/calls?status=x".to_owned()),
        ("GET", "/calls?since=x".to_owned()),
        ("GET", "/sod-violations?state=x".to_owned()),
        ("GET", "/sod-violations?user=x".to_owned()),
        ("GET", "/admin-roles?role=x".to_owned()),
        ("GET", "/admin-roles?user=x".to_owned()),
        ("GET", "/organisation-units?kind=x".to_owned()),
        ("GET", "/organisation-units?parent=x".to_owned()),
        ("GET", "/export?events=x".to_owned()),
        ("DELETE", "/issuers/x".to_owned()),
    ] {
        check(&administrator, (method, &path, &nothing)).await;
    }
}

on_both_databases! {
    nothing_is_told_in_english_alone,
}
