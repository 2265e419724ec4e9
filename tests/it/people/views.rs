//! Who looked at whose data, in `/t/{tenant}/api/v1/me/views` and `/users/{user}/views`.

use serde_json::{Value, json};

use super::trust;
use crate::support::{Client, Server, issuer::Issuer, server::START};

/// What was read and by which user, the newest first.
async fn seen(server: &Server, client: &Client, path: &str) -> Vec<(String, Value)> {
    assert!(server.app.calls.flush().await);
    let items = client.get(path).await.expect(200).body["items"].clone();
    let one = |view: &Value| (view["route"].as_str().expect("a route").to_owned(), view["user"]["displayName"].clone());
    items.as_array().expect("items").iter().map(one).collect()
}

/// Reads of one person by others are told to that person, and to who looks after the tenant; nothing else is.
async fn whoever_reads_of_somebody_is_told_to_them(server: Server) {
    let scim = server.client().await;
    server.tenant("liepaja").await;
    let anna = scim.user("anna", json!({ "displayName": "Anna" })).await.id();
    let berta = scim.user("berta", json!({ "displayName": "Berta" })).await.id();
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({ "scopes": ["rights", "scim.read"] })).await;
    let administrator = server.administrator("riga").await;
    let (me, other) = (issuer.person(&server, "anna", "high"), issuer.person(&server, "berta", "high"));
    assert_eq!(seen(&server, &me, "/me/views").await, []);

    // However the id is written.
    scim.get(&format!("/Users/%{:02x}{}", anna.as_bytes()[0], &anna[1..])).await.expect(200);
    other.at(&format!("{}/t/riga/scim/v2", server.url)).get(&format!("/Users/{anna}")).await.expect(200);
    administrator.get(&format!("/holdings?user={anna}")).await.expect(200);
    administrator.get(&format!("/users/{anna}/employments")).await.expect(200);
    // None of these is a look at her data by somebody else.
    scim.get("/Users").await.expect(200);
    scim.get(&format!("/Users/{berta}")).await.expect(200);
    me.get("/me").await.expect(200);
    other.get(&format!("/me?user={anna}")).await.problem(400, "invalid");
    me.at(&format!("{}/t/riga/scim/v2", server.url)).get(&format!("/Users/{anna}")).await.expect(200);
    scim.patch(&format!("/Users/{anna}"), json!([{ "op": "replace", "path": "title", "value": "x" }]))
        .await
        .expect(200);
    server.client_of("liepaja").await.get(&format!("/Users/{anna}")).await.refused(404, "");
    issuer.person(&server, "nobody", "high").get(&format!("/holdings?user={anna}")).await.problem(401, "");

    let expected: Vec<(String, Value)> = [
        ("/api/v1/users/{user}/employments", Value::Null),
        ("/api/v1/holdings", Value::Null),
        ("/scim/v2/Users/{id}", json!("Berta")),
        ("/scim/v2/Users/{id}", Value::Null),
    ]
    .map(|(route, name)| (route.to_owned(), name))
    .into();
    assert_eq!(seen(&server, &me, "/me/views").await, expected);
    assert_eq!(seen(&server, &administrator, &format!("/users/{anna}/views")).await, expected);
    // That was a look at it, too.
    let after = seen(&server, &me, "/me/views").await;
    assert_eq!((after.len(), after[0].0.as_str()), (5, "/api/v1/users/{user}/views"));
    let first = me.get("/me/views?count=2").await.expect(200).body;
    assert_eq!(first["items"][1]["client"]["name"], "an administrator", "{first}");
    let next = first["nextCursor"].as_str().expect("a cursor");
    let rest = me.get(&format!("/me/views?cursor={next}")).await.expect(200).body;
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(rest["items"][1]["client"]["name"], "Single sign-on", "{rest}");
    assert_eq!(seen(&server, &other, "/me/views").await.len(), 1);
    other.get(&format!("/users/{anna}/views")).await.problem(403, "forbidden");
    // Nobody of another tenant sees any of it.
    assert_eq!(seen(&server, &server.administrator("liepaja").await, &format!("/users/{anna}/views")).await, []);
}

/// Views are forgotten with the calls of their time.
async fn views_are_forgotten(server: Server) {
    let scim = server.client().await;
    let anna = scim.user("anna", json!({})).await.id();
    let administrator = server.administrator("riga").await;
    scim.get(&format!("/Users/{anna}")).await.expect(200);
    let path = format!("/users/{anna}/views");
    assert_eq!(seen(&server, &administrator, &path).await.len(), 1);
    server.pass(91 * 24 * 3_600_000);
    let later = START + 91 * 24 * 3_600_000;
    assert!(caurlaide::calls::forget_old(&server.store, later).await.expect("forgotten") > 0);
    assert_eq!(seen(&server, &administrator, &path).await.len(), 1, "the look above, which is younger");
}

on_both_databases! {
    whoever_reads_of_somebody_is_told_to_them,
    views_are_forgotten,
}
