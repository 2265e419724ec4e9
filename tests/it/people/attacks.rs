//! Tokens that must open nothing (RFC 8725).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use super::{bearing, trust};
use crate::support::{
    Client, Server,
    issuer::{AUDIENCE, Issuer, Publisher, URL, claims, unsigned},
    server::START,
};

const NOW: i64 = START / 1000;

async fn scene(server: &Server) -> Issuer {
    server.client().await.user("anna", json!({})).await;
    let issuer = Issuer::new("ES256", "a");
    trust(server, &issuer, json!({ "leeway": 30 })).await;
    bearing(server, &issuer.token("anna")).get("/Users").await.expect(200);
    issuer
}

async fn is_refused(server: &Server, what: &str, token: &str) {
    let reply = bearing(server, token).get("/Users").await;
    assert_eq!(reply.status, 401, "{what}");
    let challenge = reply.header("www-authenticate").expect("a challenge").to_owned();
    assert!(challenge.contains("error=\"invalid_token\""), "{what}: {challenge}");
    reply.refused(401, "");
}

/// The algorithm is the issuer's to choose, not the token's.
async fn algorithms_are_not_the_tokens_to_choose(server: Server) {
    let issuer = scene(&server).await;
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let text = unsigned(&json!({ "alg": none, "kid": "a" }), &claims("anna"));
        is_refused(&server, none, &format!("{text}.")).await;
        let signed = issuer.signed_as(&json!({ "alg": none, "kid": "a" }), &claims("anna"));
        is_refused(&server, none, &signed).await;
    }
    // The public key as the secret of HS256, in every form that it may have been taken for one.
    let jwk = issuer.jwk();
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("a part")).expect("base64url");
    let point = [&[4][..], &part("x"), &part("y")].concat();
    for secret in [jwk.to_string().into_bytes(), issuer.keys().to_string().into_bytes(), point, part("x"), Vec::new()] {
        for algorithm in ["HS256", "ES256"] {
            let text = unsigned(&json!({ "alg": algorithm, "kid": "a" }), &claims("anna"));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), text.as_bytes());
            is_refused(&server, algorithm, &format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))).await;
        }
    }
    for other in ["RS256", "ES384", "EdDSA"] {
        let header = json!({ "alg": other, "kid": "a" });
        is_refused(&server, other, &issuer.signed_as(&header, &claims("anna"))).await;
        is_refused(&server, other, &Issuer::new(other, "a").token("anna")).await;
    }
}

/// Keys are the issuer's, whatever the header brings.
async fn keys_are_not_the_tokens_to_bring(server: Server) {
    let issuer = scene(&server).await;
    let thief = Issuer::new("ES256", "a");
    is_refused(&server, "another key under the same name", &thief.token("anna")).await;
    is_refused(&server, "an unknown key", &Issuer::new("ES256", "b").token("anna")).await;
    let publisher = Publisher::start(&thief.keys()).await;
    let header = |name: &str, value: Value| {
        let mut header = json!({ "alg": "ES256", "kid": "a", "typ": "JWT" });
        header[name] = value;
        header
    };
    for (name, value) in [
        ("jku", json!(publisher.url)),
        ("x5u", json!(publisher.url)),
        ("jwk", thief.jwk()),
        ("x5c", json!(["AAAA"])),
        ("kid", json!("../../a")),
        ("kid", json!("a' OR '1'='1")),
        ("kid", json!(publisher.url)),
        ("kid", json!(["a"])),
        ("kid", json!(null)),
    ] {
        is_refused(&server, name, &thief.signed_as(&header(name, value), &claims("anna"))).await;
    }
    assert_eq!(publisher.asked(), 0, "nobody looks where a token points");
    let harmless = issuer.signed_as(&header("jku", json!(publisher.url)), &claims("anna"));
    bearing(&server, &harmless).get("/Users").await.expect(200);
    is_refused(&server, "without kid", &issuer.signed_as(&json!({ "alg": "ES256" }), &claims("anna"))).await;
    is_refused(&server, "crit", &issuer.signed_as(&header("crit", json!(["exp"])), &claims("anna"))).await;
    is_refused(&server, "typ", &issuer.signed_as(&header("typ", json!("logout+jwt")), &claims("anna"))).await;
    let access = issuer.signed_as(&header("typ", json!("at+jwt")), &claims("anna"));
    bearing(&server, &access).get("/Users").await.expect(200);
}

/// Every claim that is needed is there, is what it must be, and fits.
async fn claims_must_fit(server: Server) {
    let issuer = scene(&server).await;
    let later = json!(NOW + 3600);
    for (name, value) in [
        ("iss", json!("https://id.riga.example/realms/other")),
        ("iss", json!(format!("{URL}/"))),
        ("iss", json!([URL])),
        ("iss", json!(null)),
        ("aud", json!("https://rights.jurmala.example")),
        ("aud", json!(["a", "b"])),
        ("aud", json!([])),
        ("aud", json!({ AUDIENCE: true })),
        ("aud", json!(null)),
        ("exp", json!(NOW - 31)),
        ("exp", json!(NOW - 30)),
        ("exp", json!(format!("{}", NOW + 3600))),
        ("exp", json!(null)),
        ("exp", json!([later])),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("nbf", json!(NOW + 31)),
        ("nbf", json!("0")),
        ("nbf", json!(null)),
        ("sub", json!("nobody")),
        ("sub", json!(["anna"])),
        ("sub", json!(null)),
    ] {
        let mut claims = claims("anna");
        claims[name] = value.clone();
        is_refused(&server, &format!("{name} {value}"), &issuer.signed(&claims)).await;
    }
    for name in ["iss", "aud", "exp", "sub"] {
        let mut claims = claims("anna");
        claims.as_object_mut().expect("claims").remove(name);
        is_refused(&server, &format!("without {name}"), &issuer.signed(&claims)).await;
    }
    // Many issuers send none; one that lies ahead is refused above.
    let mut claims_without = claims("anna");
    claims_without.as_object_mut().expect("claims").remove("nbf");
    bearing(&server, &issuer.signed(&claims_without)).get("/Users").await.expect(200);
    for (name, value) in [
        ("aud", json!(["another", AUDIENCE])),
        ("exp", json!(NOW - 29)),
        ("exp", json!(f64::from(u32::try_from(NOW).expect("seconds")) + 0.5)),
        ("nbf", json!(NOW + 30)),
    ] {
        let mut claims = claims("anna");
        claims[name] = value.clone();
        let reply = bearing(&server, &issuer.signed(&claims)).get("/Users").await;
        assert_eq!(reply.status, 200, "{name} {value}");
    }
}

/// A token ends at its second, also when it was seen a moment before.
async fn tokens_end(server: Server) {
    let issuer = scene(&server).await;
    let client = bearing(&server, &issuer.token("anna"));
    client.get("/Users").await.expect(200);
    server.pass(3_630_000 - 1);
    client.get("/Users").await.expect(200);
    server.pass(1);
    client.get("/Users").await.refused(401, "");
}

/// What is bent after it was signed.
async fn what_was_signed_cannot_be_bent(server: Server) {
    let issuer = scene(&server).await;
    server.client().await.user("berta", json!({})).await;
    let token = issuer.token("anna");
    let parts: Vec<&str> = token.split('.').collect();
    let (header, signature) = (parts[0], parts[2]);
    let others = URL_SAFE_NO_PAD.encode(claims("berta").to_string());
    let twice = claims("anna").to_string().replacen('{', "{\"sub\":\"berta\",", 1);
    for bent in [
        format!("{header}.{others}.{signature}"),
        format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(twice)),
        format!("{header}.{}.", parts[1]),
        format!("{header}.{}", parts[1]),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!(".{token}"),
        format!("{header}..{signature}"),
        format!("{}{token}", "A".repeat(9000)),
        issuer.signed(&json!({ "pad": "x".repeat(9000), "iss": URL, "aud": AUDIENCE, "sub": "anna", "exp": NOW + 60 })),
    ] {
        is_refused(&server, &bent[..bent.len().min(200)], &bent).await;
    }
}

/// An issuer is trusted in the tenant that has registered it, and there alone.
async fn another_tenants_issuer_is_nobody(server: Server) {
    let issuer = scene(&server).await;
    server.tenant("jurmala").await;
    server.client_of("jurmala").await.user("anna", json!({})).await;
    let mut told = Vec::new();
    for tenant in ["jurmala", "nowhere", "-platform", "RIGA"] {
        let reply = Client::new(&server.url, tenant, &issuer.token("anna")).get("/Users").await;
        told.push(reply.refused(401, ""));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    // Jūrmala trusts somebody who calls itself the same.
    let namesake = Issuer::new("ES256", "a");
    let administrator = server.administrator("jurmala").await;
    administrator.json("POST", "/issuers", &namesake.registration()).await.expect(201);
    let there = Client::new(&server.url, "jurmala", &namesake.token("anna"));
    there.get("/Users").await.expect(200);
    is_refused(&server, "the namesake", &namesake.token("anna")).await;
    Client::new(&server.url, "jurmala", &issuer.token("anna")).get("/Users").await.refused(401, "");
    bearing(&server, &issuer.token("anna")).get("/Users").await.expect(200);
}

on_both_databases! {
    algorithms_are_not_the_tokens_to_choose,
    keys_are_not_the_tokens_to_bring,
    claims_must_fit,
    tokens_end,
    what_was_signed_cannot_be_bent,
    another_tenants_issuer_is_nobody,
}
