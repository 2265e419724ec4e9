//! Where a client may call from.

use serde_json::json;

use crate::support::{Client, Server, server::START};

/// A client of riga that calls from those networks.
async fn caller(server: &Server, name: &str, networks: &[&str]) -> Client {
    let (_, _, token) = server.token_of("riga", name, networks, &["scim.read"], START + 1_000_000).await;
    Client::new(&server.url, "riga", &token)
}

/// A token from elsewhere is as good as none, and nobody is told why.
async fn clients_call_from_their_networks(server: Server) {
    caller(&server, "home", &["127.0.0.0/8"]).await.get("/Users").await.expect(200);
    caller(&server, "both", &["192.0.2.0/24", "127.0.0.1"]).await.get("/Users").await.expect(200);
    let away = caller(&server, "away", &["192.0.2.0/24", "::1"]).await;
    let reply = away.get("/Users").await;
    let challenge = reply.header("www-authenticate").expect("a challenge").to_owned();
    let unknown = away.with_token("nonsense").get("/Users").await;
    assert_eq!(unknown.header("www-authenticate"), Some(challenge.as_str()));
    assert_eq!(reply.body, unknown.body, "a token that works elsewhere looks like one that does not work");
    reply.refused(401, "");
    let used: (i64,) = sqlx::query_as(
        "SELECT count(*) FROM token t JOIN client c ON c.id = t.client_id WHERE c.name = 'away' AND t.last_used IS NOT NULL",
    )
    .fetch_one(&server.database.look().await)
    .await
    .expect("a count");
    assert_eq!(used.0, 0, "it was not used");
}

/// Other networks are felt with the next request.
async fn a_change_is_felt_at_once(server: Server) {
    let administrator = server.administrator("riga").await;
    let (id, _, token) = server.token_of("riga", "x", &[], &["scim.read"], START + 1_000_000).await;
    let client = Client::new(&server.url, "riga", &token);
    for (networks, status) in
        [(json!(["192.0.2.0/24"]), 401), (json!(["127.0.0.1"]), 200), (json!(["::1"]), 401), (json!([]), 200)]
    {
        administrator.json("PATCH", &format!("/clients/{id}"), &json!({ "networks": networks })).await.expect(200);
        assert_eq!(client.get("/Users").await.status, status, "{networks}");
    }
}

/// The administrator's own client is bound alike.
async fn administrators_are_bound_alike(server: Server) {
    let (_, _, token) = server.token_of("riga", "x", &["192.0.2.0/24"], &["tenant.admin"], START + 1_000_000).await;
    let administrator = Client::new(&server.url, "riga", &token).at(&format!("{}/t/riga/api/v1", server.url));
    administrator.get("/clients").await.problem(401, "");
}

/// What a request says of its origin counts only behind a proxy that is believed.
async fn proxies_are_believed_if_the_operator_says_so(mut server: Server) {
    let client = caller(&server, "x", &["192.0.2.0/24"]).await;
    let believing = client.at(&format!(
        "{}/t/riga/scim/v2",
        server.another_node(&[("CAURLAIDE_TRUSTED_PROXIES", "127.0.0.0/8,10.0.0.0/8")]).await
    ));
    let from = |client: &Client, hops: &'static str| {
        let request = client.request("GET", "/Users").header("x-forwarded-for", hops);
        let client = client.clone();
        async move { client.send(request).await.status }
    };
    assert_eq!(from(&client, "192.0.2.1").await, 401, "this proxy is not believed");
    assert_eq!(believing.get("/Users").await.status, 401, "the proxy itself is not meant");
    assert_eq!(from(&believing, "192.0.2.1").await, 200);
    assert_eq!(from(&believing, "192.0.2.1, 10.0.0.1").await, 200);
    assert_eq!(from(&believing, "192.0.2.1, 198.51.100.1").await, 401, "what the client wrote itself does not count");
    assert_eq!(from(&believing, "198.51.100.1, 192.0.2.1").await, 200);
}

on_both_databases! {
    clients_call_from_their_networks,
    a_change_is_felt_at_once,
    administrators_are_bound_alike,
    proxies_are_believed_if_the_operator_says_so,
}
