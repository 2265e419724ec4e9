//! How fast clients may ask, and what they hear when they are too fast.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use caurlaide::auth;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Client, Reply, Server, client::USER, server::START};

const TENANT: (&str, &str) = ("CAURLAIDE_REQUESTS_PER_SECOND", "4");
const CLIENT: (&str, &str) = ("CAURLAIDE_CLIENT_REQUESTS_PER_SECOND", "2");
const FAILURES: (&str, &str) = ("CAURLAIDE_FAILURES_PER_MINUTE", "3");
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// The same client at another node.
fn at(url: &str, client: &Client) -> Client {
    let (_, path) = client.base.split_once("/t/").expect("a tenant's address");
    client.at(&format!("{url}/t/{path}"))
}

/// A client of that name that may do everything in SCIM.
async fn named(server: &Server, url: &str, slug: &str, name: &str) -> Client {
    let (_, _, token) = server.token_of(slug, name, &[], &["scim.read", "scim.write"], START + 1_000_000_000).await;
    Client::new(url, slug, &token)
}

/// How many of twenty requests are let in before one is not.
async fn let_in(client: &Client) -> usize {
    for before in 0..20 {
        let reply = client.get("/Users?count=0").await;
        if reply.status == 429 {
            return before;
        }
        reply.expect(200);
    }
    20
}

#[track_caller]
fn wait(reply: &Reply) -> u64 {
    reply.header("retry-after").and_then(|text| text.parse().ok()).expect("whole seconds")
}

/// Shows: X-13
async fn a_client_has_its_own_pace(mut server: Server) {
    let url = server.another_node(&[CLIENT]).await;
    let (client, other) = (named(&server, &url, "riga", "a").await, named(&server, &url, "riga", "b").await);
    let user = client.user("a", json!({})).await.id();
    assert_eq!(let_in(&client).await, 3, "twice as many at once as in a second");
    let reply = client.get("/Users").await;
    assert_eq!(wait(&reply), 1, "half a second, rounded up");
    let said = reply.refused(429, "");
    assert_eq!(said, "This client sends more requests than it may. Try again in 1 second.");
    // Whoever removes may try again, and is not let in for it.
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    client.patch(&format!("/Users/{user}"), off).await.refused(429, "");
    client.delete(&format!("/Users/{user}")).await.refused(429, "");
    assert_eq!(let_in(&other).await, 4, "another client is not meant");
    server.pass(1000);
    assert_eq!(let_in(&client).await, 2);
    client.delete(&format!("/Users/{user}")).await.refused(429, "");
    server.pass(500);
    client.delete(&format!("/Users/{user}")).await.expect(204);
}

async fn a_tenant_has_one_pace_for_all_its_clients(mut server: Server) {
    server.tenant("jurmala").await;
    let url = server.another_node(&[TENANT]).await;
    let (a, b) = (named(&server, &url, "riga", "a").await, named(&server, &url, "riga", "b").await);
    assert_eq!((let_in(&a).await, let_in(&b).await), (8, 0));
    let said = b.get("/Users").await.refused(429, "");
    assert!(said.starts_with("The clients of this tenant together"), "{said}");
    assert_eq!(let_in(&named(&server, &url, "jurmala", "a").await).await, 8, "another tenant is not meant");
    let administrator = at(&url, &server.administrator("riga").await);
    let reply = administrator.get("/settings").await;
    assert_eq!(wait(&reply), 1);
    reply.problem(429, "");
    let (client, _, secret) = server.token_of("riga", "c", &[], &["scim.read"], START + 1_000_000_000).await;
    let oauth = administrator.with_token("").at(&format!("{url}/t/riga/oauth"));
    let asked = [("grant_type", "client_credentials"), ("client_id", &client.to_string()), ("client_secret", &secret)];
    let reply = oauth.form("/token", &asked).await;
    assert_eq!(wait(&reply), 1);
    reply.denied(429, "temporarily_unavailable");
}

/// A bulk request is let in whole and counts as its operations.
async fn bulk_is_paid_for_afterwards(mut server: Server) {
    let url = server.another_node(&[CLIENT]).await;
    let client = named(&server, &url, "riga", "a").await;
    let operations: Vec<Value> = (0..10)
        .map(|n| json!({ "method": "POST", "path": "/Users", "bulkId": format!("b{n}"), "data": { "schemas": [USER], "userName": format!("u{n}") } }))
        .collect();
    let bulk = json!({ "schemas": [BULK], "Operations": operations });
    let done = client.post("/Bulk", &bulk).await.expect(200);
    assert!(done.body["Operations"].as_array().expect("results").iter().all(|result| result["status"] == "201"));
    let reply = client.get("/Users").await;
    assert_eq!(wait(&reply), 4, "ten were taken of four at once, and seven come back in three and a half seconds");
    reply.refused(429, "");
    server.pass(3500);
    assert_eq!(let_in(&client).await, 1);
}

async fn a_tenant_sets_its_pace_within_bounds(mut server: Server) {
    let url = server.another_node(&[TENANT, CLIENT, FAILURES]).await;
    let administrator = server.administrator("riga").await;
    let there = at(&url, &administrator);
    assert_eq!(
        there.get("/limits").await.expect(200).body,
        json!({ "requestsPerSecond": 4, "burst": 8, "clientRequestsPerSecond": 2, "clientBurst": 4, "failuresPerMinute": 3 })
    );
    assert_eq!(administrator.get("/limits").await.expect(200).body, json!({}), "nothing is limited there");
    for wrong in [json!(0), json!(1_000_001), json!(-1), json!("2"), json!(1.5)] {
        let change = json!({ "clientRequestsPerSecond": wrong });
        administrator.json("PATCH", "/settings", &change).await.problem(400, "invalid");
    }
    let change = json!({ "clientRequestsPerSecond": 1, "requestsPerSecond": 1000 });
    let changed = administrator.json("PATCH", "/settings", &change).await.expect(200).body;
    assert_eq!((&changed["clientRequestsPerSecond"], &changed["requestsPerSecond"]), (&json!(1), &json!(1000)));
    assert_eq!(
        administrator.get("/limits").await.expect(200).body,
        json!({ "requestsPerSecond": 1000, "burst": 2000, "clientRequestsPerSecond": 1, "clientBurst": 2 }),
    );
    // Another node that has not asked before knows it at once.
    let url = server.another_node(&[TENANT, CLIENT]).await;
    let client = named(&server, &url, "riga", "a").await;
    assert_eq!(let_in(&client).await, 2);
    assert_eq!(
        at(&url, &administrator).get("/limits").await.expect(200).body,
        json!({ "requestsPerSecond": 4, "burst": 8, "clientRequestsPerSecond": 1, "clientBurst": 2 }),
        "the operator's bound stays",
    );
    let change = json!({ "clientRequestsPerSecond": null, "requestsPerSecond": null });
    let changed = administrator.json("PATCH", "/settings", &change).await.expect(200).body;
    assert!(changed.get("clientRequestsPerSecond").is_none() && changed.get("requestsPerSecond").is_none());
    assert_eq!(administrator.get("/limits").await.expect(200).body, json!({}));
}

/// Whoever was too fast is in the log of calls, and in the numbers.
async fn refusals_are_counted_and_noted(mut server: Server) {
    let url = server.another_node(&[CLIENT]).await;
    let client = named(&server, &url, "riga", "a").await;
    assert_eq!(let_in(&client).await, 4);
    client.get("/Users/x").await.refused(429, "");
    let begun = tokio::time::Instant::now();
    let call = loop {
        let page = server.administrator("riga").await.get("/calls?status=429&route=/Users/%7Bid%7D").await.expect(200);
        if let Some(call) = page.body["items"].get(0) {
            break call.clone();
        }
        assert!(begun.elapsed().as_secs() < 20, "the call is not noted");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(call["summary"], "refused: This client sends more requests than it may. Try again in 1 second.");
    assert!(call["client"].is_string());
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let numbers = http.get(format!("{url}/metrics")).send().await.expect("an answer").text().await.expect("numbers");
    let counted = numbers.lines().find_map(|line| line.strip_prefix("caurlaide_limited_total{reason=\"client\"} "));
    assert!(counted.is_some_and(|number| number.parse::<u64>().is_ok_and(|number| number > 0)), "{numbers}");
}

/// Whoever sends wrong tokens from an address is not listened to; who was known there before is.
/// Shows: T-11
async fn wrong_tokens_close_an_address_to_strangers(mut server: Server) {
    let url = server.another_node(&[FAILURES]).await;
    let known = named(&server, &url, "riga", "a").await;
    known.get("/Users").await.expect(200);
    let wrong = || known.with_token(auth::generate().expose_secret());
    for _ in 0..3 {
        wrong().get("/Users").await.refused(401, "");
    }
    known.with_token("").get("/Users").await.refused(401, "");
    let reply = wrong().get("/Users").await;
    assert_eq!(wait(&reply), 20);
    let said = reply.refused(429, "");
    assert_eq!(said, "Too many tokens from this address were not valid. Try again in 20 seconds.");
    known.get("/Users").await.expect(200);
    let new = named(&server, &url, "riga", "b").await;
    new.get("/Users").await.refused(429, "");
    let administrator = at(&url, &server.administrator("riga").await);
    administrator.get("/settings").await.problem(429, "");
    let (client, _, secret) = server.token_of("riga", "c", &[], &["scim.read"], START + 1_000_000_000).await;
    let oauth = administrator.with_token("").at(&format!("{url}/t/riga/oauth"));
    let asked = [("grant_type", "client_credentials"), ("client_id", &client.to_string()), ("client_secret", &secret)];
    oauth.form("/token", &asked).await.denied(429, "temporarily_unavailable");
    server.pass(20_000);
    new.get("/Users").await.expect(200);
    wrong().get("/Users").await.refused(401, "");
    wrong().get("/Users").await.refused(429, "");
    new.get("/Users").await.expect(200);
}

/// Of those behind a proxy that is believed, each address fails by itself.
async fn addresses_are_those_of_clients(mut server: Server) {
    let url = server.another_node(&[FAILURES, ("CAURLAIDE_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let client = named(&server, &url, "riga", "a").await;
    let from = async |client: &Client, address: &str| {
        client.send(client.request("GET", "/Users").header("x-forwarded-for", address)).await
    };
    let wrong = client.with_token("nonsense");
    for _ in 0..3 {
        from(&wrong, "192.0.2.1").await.refused(401, "");
    }
    from(&wrong, "192.0.2.1").await.refused(429, "");
    from(&client, "192.0.2.1").await.refused(429, "");
    from(&wrong, "192.0.2.2").await.refused(401, "");
    from(&client, "192.0.2.2").await.expect(200);
    from(&client, "192.0.2.1").await.expect(200);
}

/// While one tenant has as much on its hands as it may, others, the operator's tools and strangers are answered.
async fn nobody_waits_for_another_tenant(server: Server) {
    server.tenant("jurmala").await;
    let (riga, jurmala) = (server.client().await, server.client_of("jurmala").await);
    let (administrator, id) = (server.administrator("riga").await, server.find("riga").await.id);
    let mut held = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(turn) = pin!(server.app.admission.turn(id)).poll(&mut context) {
        held.push(turn.expect("room"));
    }
    let soon = Duration::from_millis(300);
    let new = json!({ "schemas": [USER], "userName": "a" });
    assert!(timeout(soon, riga.get("/Users")).await.is_err(), "a read waits for its turn");
    assert!(timeout(soon, riga.post("/Users", &new)).await.is_err(), "so does a write");
    assert!(timeout(soon, administrator.get("/clients")).await.is_err(), "and administration");
    let others = async {
        jurmala.get("/Users").await.expect(200);
        jurmala.post("/Users", &new).await.expect(201);
        riga.with_token("nonsense").get("/Users").await.refused(401, "");
        riga.with_token("").at(&server.url).get("/health/ready").await.expect(200);
    };
    timeout(Duration::from_secs(10), others).await.expect("they do not wait");
    drop(held);
    riga.get("/Users").await.expect(200);
    riga.post("/Users", &new).await.expect(201);
}

on_both_databases! {
    a_client_has_its_own_pace,
    a_tenant_has_one_pace_for_all_its_clients,
    bulk_is_paid_for_afterwards,
    a_tenant_sets_its_pace_within_bounds,
    refusals_are_counted_and_noted,
    wrong_tokens_close_an_address_to_strangers,
    addresses_are_those_of_clients,
    nobody_waits_for_another_tenant,
}
