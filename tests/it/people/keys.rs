//! Keys that an issuer publishes at an address.

use serde_json::{Value, json};

use super::trust;
use crate::support::{
    Client, Server,
    issuer::{Issuer, Publisher},
};

const MINUTE: i64 = 60_000;

/// A user, an issuer that publishes its keys, and a node that may look there.
async fn scene(server: &mut Server) -> (Issuer, Publisher, String) {
    server.client().await.user("anna", json!({})).await;
    let issuer = Issuer::new("ES256", "a");
    let publisher = Publisher::start(&issuer.keys()).await;
    trust(server, &issuer, json!({ "jwksUri": publisher.url })).await;
    let url = server.another_node(&[("CAURLAIDE_PRIVATE_TARGETS", "127.0.0.0/8")]).await;
    (issuer, publisher, url)
}

/// A token of its own for each call, so that none is remembered.
async fn status(url: &str, issuer: &Issuer) -> u16 {
    let mut claims = crate::support::issuer::claims("anna");
    claims["jti"] = uuid::Uuid::now_v7().to_string().into();
    claims["exp"] = json!(4_000_000_000_u32);
    Client::new(url, "riga", &issuer.signed(&claims)).get("/Users").await.status
}

fn both(one: &Issuer, other: &Issuer) -> Value {
    json!({ "keys": [one.jwk(), other.jwk()] })
}

/// Fetched once in ten minutes, whatever the address says of caching.
async fn keys_are_fetched_rarely(mut server: Server) {
    let (issuer, publisher, url) = scene(&mut server).await;
    for _ in 0..5 {
        assert_eq!(status(&url, &issuer).await, 200);
    }
    assert_eq!(publisher.asked(), 1);
    server.pass(10 * MINUTE - 1);
    assert_eq!(status(&url, &issuer).await, 200);
    assert_eq!(publisher.asked(), 1);
    server.pass(1);
    assert_eq!(status(&url, &issuer).await, 200);
    assert_eq!(publisher.asked(), 2);
}

/// A key that is not known is looked for, once a minute at the most; one that is withdrawn ends with the next look.
async fn keys_are_rotated(mut server: Server) {
    let (issuer, publisher, url) = scene(&mut server).await;
    assert_eq!(status(&url, &issuer).await, 200);
    let next = Issuer::new("ES256", "b");
    publisher.answer(200, both(&issuer, &next).to_string());
    assert_eq!(status(&url, &next).await, 401, "the address was asked a moment ago");
    assert_eq!(publisher.asked(), 1);
    server.pass(MINUTE);
    assert_eq!(status(&url, &next).await, 200);
    assert_eq!(publisher.asked(), 2);
    assert_eq!(status(&url, &issuer).await, 200);
    for guess in ["c", "d", "e"] {
        assert_eq!(status(&url, &Issuer::new("ES256", guess)).await, 401);
    }
    assert_eq!(publisher.asked(), 2, "guesses do not make the address be asked");
    publisher.answer(200, next.keys().to_string());
    server.pass(10 * MINUTE);
    assert_eq!(status(&url, &issuer).await, 401);
    assert_eq!(status(&url, &next).await, 200);
    assert_eq!(publisher.asked(), 3);
}

/// While the address is down the last good keys are used, for a day; without any the answer is 503.
async fn the_last_good_keys_outlive_a_failure(mut server: Server) {
    let (issuer, publisher, url) = scene(&mut server).await;
    let opaque = Client::new(&url, "riga", &server.client().await.token);
    publisher.answer(500, "");
    let mut claims = crate::support::issuer::claims("anna");
    claims["exp"] = json!(4_000_000_000_u32);
    let refused = Client::new(&url, "riga", &issuer.signed(&claims)).get("/Users").await;
    assert_eq!(refused.header("retry-after"), Some("5"));
    refused.refused(503, "");
    opaque.get("/Users").await.expect(200);
    publisher.answer(200, issuer.keys().to_string());
    server.pass(5000);
    assert_eq!(status(&url, &issuer).await, 200);
    for wrong in [
        (500, String::new()),
        (404, issuer.keys().to_string()),
        (200, "{}".to_owned()),
        (200, "<html>".to_owned()),
        (200, json!({ "keys": [] }).to_string()),
        (200, json!({ "keys": [{ "kty": "oct", "kid": "a", "k": "AAAA" }] }).to_string()),
        (200, issuer.keys().to_string().replacen("{\"keys\":", "{\"keys\":[],\"keys\":", 1)),
        (302, format!("{}?moved", publisher.url)),
        (200, issuer.keys().to_string() + &" ".repeat(70_000)),
    ] {
        publisher.answer(wrong.0, wrong.1.clone());
        server.pass(11 * MINUTE);
        let before = publisher.asked();
        assert_eq!(status(&url, &issuer).await, 200, "{wrong:?}");
        assert_eq!(publisher.asked(), before + 1, "asked once, and no redirect followed: {wrong:?}");
        assert_eq!(status(&url, &issuer).await, 200);
        assert_eq!(publisher.asked(), before + 1, "not asked again at once");
    }
    server.pass(24 * 60 * MINUTE);
    assert_eq!(status(&url, &issuer).await, 503, "not for ever");
    publisher.answer(200, issuer.keys().to_string());
    server.pass(MINUTE);
    assert_eq!(status(&url, &issuer).await, 200);
}

/// Where a tenant points is looked at before anybody goes there.
async fn private_addresses_are_refused(mut server: Server) {
    let (issuer, publisher, url) = scene(&mut server).await;
    assert_eq!(status(&server.url, &issuer).await, 503);
    assert_eq!(publisher.asked(), 0, "nothing was sent");
    assert_eq!(status(&url, &issuer).await, 200, "the operator of this node allows it");
    let elsewhere = server.another_node(&[("CAURLAIDE_PRIVATE_TARGETS", "10.0.0.0/8")]).await;
    assert_eq!(status(&elsewhere, &issuer).await, 503);
    assert_eq!(publisher.asked(), 1);
}

/// Requests that come while keys are fetched wait, and do not ask again.
async fn a_crowd_asks_once(mut server: Server) {
    let (issuer, publisher, url) = scene(&mut server).await;
    let issuer = std::sync::Arc::new(issuer);
    let crowd: Vec<_> = (0..16)
        .map(|_| {
            let (issuer, url) = (std::sync::Arc::clone(&issuer), url.clone());
            tokio::spawn(async move { status(&url, &issuer).await })
        })
        .collect();
    for one in crowd {
        assert_eq!(one.await.expect("an answer"), 200);
    }
    assert_eq!(publisher.asked(), 1);
}

/// An address that takes a connection and says nothing is given up after five seconds.
async fn a_silent_address_is_given_up(mut server: Server) {
    let (issuer, _, url) = scene(&mut server).await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/keys", silent.local_addr().expect("an address"));
    let administrator = server.administrator("riga").await;
    let listed = administrator.get("/issuers").await.expect(200).body;
    let path = format!("/issuers/{}", listed["items"][0]["id"].as_str().expect("an id"));
    administrator.json("PATCH", &path, &json!({ "jwksUri": address })).await.expect(200);
    let asked = tokio::time::Instant::now();
    assert_eq!(status(&url, &issuer).await, 503);
    assert!(asked.elapsed().as_secs() < 8);
}

on_both_databases! {
    keys_are_fetched_rarely,
    keys_are_rotated,
    the_last_good_keys_outlive_a_failure,
    private_addresses_are_refused,
    a_crowd_asks_once,
    a_silent_address_is_given_up,
}
