//! `/t/{tenant}/api/v1/issuers`

use serde_json::{Value, json};

use super::log;
use crate::support::{
    Server,
    issuer::{AUDIENCE, Issuer, URL},
};

fn registration(differences: &[(&str, Value)]) -> Value {
    let mut registration = Issuer::new("EdDSA", "a").registration();
    for (name, value) in differences {
        registration[*name] = value.clone();
    }
    registration
}

async fn issuers_are_registered_changed_and_deleted(server: Server) {
    let administrator = server.administrator("riga").await;
    let made = administrator.json("POST", "/issuers", &registration(&[])).await.expect(201);
    let path = format!("/issuers/{}", made.id());
    assert_eq!(made.header("location"), Some(format!("{}{path}", administrator.base).as_str()));
    assert_eq!((&made.body["subjectClaim"], &made.body["leeway"]), (&json!("sub"), &json!(30)));
    assert_eq!(administrator.get(&path).await.expect(200).body, made.body);
    let list = administrator.get("/issuers").await.expect(200).body;
    assert_eq!(list, json!({ "items": [made.body] }));
    administrator.json("POST", "/issuers", &registration(&[("name", json!("x"))])).await.problem(409, "taken");

    let other = registration(&[("issuer", json!("https://id.example.lv")), ("leeway", json!(0))]);
    let other = administrator.json("POST", "/issuers", &other).await.expect(201);
    let page = administrator.get("/issuers?count=1").await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest = administrator.get(&format!("/issuers?count=1&cursor={cursor}")).await.expect(200).body;
    assert_eq!(rest, json!({ "items": [other.body] }));
    let other = format!("/issuers/{}", other.id());
    administrator.json("PATCH", &other, &json!({ "issuer": URL })).await.problem(409, "taken");

    let uri = "https://id.riga.example/keys";
    let changed = administrator.json("PATCH", &path, &json!({ "jwksUri": uri, "name": "SSO" })).await.expect(200);
    assert_eq!(
        (&changed.body["jwksUri"], changed.body.get("jwks")),
        (&json!(uri), None),
        "one takes the other's place"
    );
    assert_eq!(changed.body["name"], "SSO");
    administrator.json("PATCH", &path, &json!({})).await.expect(200);
    administrator.delete(&other).await.expect(204);
    administrator.get(&other).await.problem(404, "");
    administrator.delete(&other).await.problem(404, "");
    administrator.json("PATCH", &other, &json!({ "name": "x" })).await.problem(404, "");
    let events: Vec<(String, Value)> = log(&server)
        .await
        .into_iter()
        .filter(|(kind, ..)| kind == "Issuer")
        .map(|(_, action, changes, _)| (action, changes["attributes"].clone()))
        .collect();
    assert_eq!(events.len(), 4, "what changes nothing is not logged: {events:?}");
    assert_eq!(events[2], ("changed".to_owned(), json!(["name", "keys"])));
    assert_eq!(events[3].0, "deleted");
}

async fn values_are_checked(server: Server) {
    let administrator = server.administrator("riga").await;
    let key = Issuer::new("EdDSA", "a").jwk();
    let with = |name: &str, value: &str| {
        let mut key = key.clone();
        key[name] = value.into();
        json!({ "keys": [key] })
    };
    let uri = "https://id.riga.example/keys";
    for (name, value, pointer) in [
        ("name", json!(""), "/name"),
        ("issuer", json!(""), "/issuer"),
        ("issuer", json!("a b"), "/issuer"),
        ("audiences", json!([]), "/audiences"),
        ("audiences", json!([AUDIENCE, ""]), "/audiences/1"),
        ("audiences", json!(vec!["a"; 21]), "/audiences"),
        ("algorithms", json!([]), "/algorithms"),
        ("algorithms", json!(["none"]), "/algorithms/0"),
        ("algorithms", json!(["RS256", "HS256"]), "/algorithms/1"),
        ("algorithms", json!("RS256"), "/algorithms"),
        ("jwks", json!({}), "/jwks"),
        ("jwks", json!({ "keys": [] }), "/jwks"),
        ("jwks", with("d", "AAAA"), "/jwks"),
        ("jwks", json!({ "keys": [{ "kty": "oct", "kid": "a", "k": "AAAA" }] }), "/jwks"),
        ("jwks", json!(null), "/jwks"),
        ("jwksUri", json!(uri), "/jwks"),
        ("jwksUri", json!("http://id.riga.example/keys"), "/jwksUri"),
        ("jwksUri", json!("ftp://id.riga.example/keys"), "/jwksUri"),
        ("jwksUri", json!("https://user:secret@id.riga.example/keys"), "/jwksUri"),
        ("jwksUri", json!("keys"), "/jwksUri"),
        ("subjectClaim", json!(""), "/subjectClaim"),
        ("linkBy", json!("email"), "/linkBy"),
        ("scopes", json!([]), "/scopes"),
        ("scopes", json!(["scim.read", "tenant.admin"]), "/scopes/1"),
        ("leeway", json!(61), "/leeway"),
        ("leeway", json!(-1), "/leeway"),
        ("leeway", json!("1"), "/leeway"),
    ] {
        let reply = administrator.json("POST", "/issuers", &registration(&[(name, value.clone())])).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{name} {value}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    let path =
        format!("/issuers/{}", administrator.json("POST", "/issuers", &registration(&[])).await.expect(201).id());
    for (change, pointer) in [
        (json!({ "jwks": null }), "/jwks"),
        (json!({ "jwksUri": null }), "/jwksUri"),
        (json!({ "jwks": { "keys": [key] }, "jwksUri": uri }), "/jwks"),
        (json!({ "scopes": [] }), "/scopes"),
        (json!({ "algorithms": ["HS256"] }), "/algorithms/0"),
    ] {
        let reply = administrator.json("PATCH", &path, &change).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{change}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
}

async fn issuers_of_a_tenant_are_bounded(server: Server) {
    let administrator = server.administrator("riga").await;
    for number in 0..20 {
        let new = registration(&[("issuer", json!(format!("https://id{number}.example.lv")))]);
        administrator.json("POST", "/issuers", &new).await.expect(201);
    }
    administrator.json("POST", "/issuers", &registration(&[])).await.problem(409, "conflict");
}

/// While a tenant is suspended its issuers' tokens can only come to open less.
async fn a_suspended_tenant_trusts_nobody_more(server: Server) {
    let administrator = server.administrator("riga").await;
    let path =
        format!("/issuers/{}", administrator.json("POST", "/issuers", &registration(&[])).await.expect(201).id());
    server.suspend("riga").await;
    let administrator = server.administrator("riga").await;
    let other = registration(&[("issuer", json!("https://id.example.lv"))]);
    administrator.json("POST", "/issuers", &other).await.problem(403, "suspended");
    for wider in [
        json!({ "audiences": [AUDIENCE, "x"] }),
        json!({ "algorithms": ["EdDSA", "ES256"] }),
        json!({ "leeway": 31 }),
        json!({ "linkBy": "id" }),
        json!({ "subjectClaim": "email" }),
        json!({ "jwksUri": "https://id.example.lv" }),
        json!({ "issuer": "https://id.example.lv" }),
    ] {
        administrator.json("PATCH", &path, &wider).await.problem(403, "suspended");
    }
    let narrower = json!({ "scopes": ["scim.read"], "leeway": 0, "name": "less" });
    administrator.json("PATCH", &path, &narrower).await.expect(200);
    administrator
        .json("PATCH", &path, &json!({ "scopes": ["scim.read", "scim.write"] }))
        .await
        .problem(403, "suspended");
    administrator.delete(&path).await.expect(204);
}

on_both_databases! {
    issuers_are_registered_changed_and_deleted,
    values_are_checked,
    issuers_of_a_tenant_are_bounded,
    a_suspended_tenant_trusts_nobody_more,
}
