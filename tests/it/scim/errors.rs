//! Errors (RFC 7644 §3.12) and media types (§3.8).

use serde_json::json;

use crate::support::{Server, client::USER};

/// Shows, N-07, N-08, X-10
async fn every_wrong_way_is_answered_in_scim(server: Server) {
    let client = server.client().await;
    let site = client.at(&server.url);
    for path in [
        "/nothing",
        "/t/riga",
        "/t/riga/scim",
        "/t/riga/scim/v2/Nothing",
        "/t/riga/scim/v2/Users/a/b",
        "/t/riga/scim/v2/users",
    ] {
        site.get(path).await.refused(404, "");
    }
    for path in ["/docs/nothing", "/t/riga/scim/v2/anna.berzina@riga.example"] {
        let detail = site.get(path).await.refused(404, "");
        assert!(!detail.contains("anna"), "{detail}");
    }
    for path in ["/t/riga/scim/v1/Users", "/t/riga/scim/v3", "/t/riga/scim/Users"] {
        site.get(path).await.refused(400, "invalidVers");
    }
    client.get("/Me").await.refused(404, "");
    for path in ["/Bulk", "/.search", "/Users/.search", "/Groups/.search"] {
        let reply = client.get(path).await;
        assert_eq!(reply.header("allow"), Some("POST"), "{path}");
        reply.refused(405, "");
    }
    for (method, path, allow) in [
        ("PUT", "/Users", "GET, HEAD, POST"),
        ("DELETE", "/Groups", "GET, HEAD, POST"),
        ("POST", "/Users/x", "GET, HEAD, PUT, PATCH, DELETE"),
        ("OPTIONS", "/Users", "GET, HEAD, POST"),
        ("BREW", "/Users", "GET, HEAD, POST"),
    ] {
        let reply = client.write(method, path, &json!({})).await;
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
        reply.refused(405, "");
    }
    site.write("POST", "/health/live", &json!({})).await.refused(405, "");
}

/// Shows: N-01, N-02, N-03, N-04, N-05, Y-39
async fn media_types_are_agreed_on(server: Server) {
    let client = server.client().await;
    let body = |name: &str| json!({ "schemas": [USER], "userName": name }).to_string();
    for (number, media_type) in [
        "application/scim+json",
        "application/json",
        "application/scim+json; charset=utf-8",
        "Application/JSON;charset=\"UTF-8\"",
    ]
    .iter()
    .enumerate()
    {
        client.raw("POST", "/Users", media_type, body(&number.to_string())).await.expect(201);
    }
    let untyped = client.request("POST", "/Users").body(body("untyped"));
    client.send(untyped).await.expect(201);
    for media_type in ["text/plain", "application/xml", "multipart/form-data", "application/scim"] {
        client.raw("POST", "/Users", media_type, body("x")).await.refused(415, "");
    }
    let packed =
        client.request("POST", "/Users").header("content-type", "application/json").header("content-encoding", "gzip");
    client.send(packed.body(body("x"))).await.refused(415, "");
    for (accept, status) in [
        ("application/scim+json", 200),
        ("application/json", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("text/html,application/json;q=0.5", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
    ] {
        let reply = client.send(client.request("GET", "/Users").header("accept", accept)).await.expect(status);
        assert_eq!(reply.header("content-type"), Some("application/scim+json"), "{accept}");
    }
    let typed = client.request("GET", "/Users").header("content-type", "text/nonsense");
    client.send(typed).await.expect(200);
}

on_both_databases! {
    every_wrong_way_is_answered_in_scim,
    media_types_are_agreed_on,
}
