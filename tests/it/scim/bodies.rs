//! Hostile bodies: a clear error, and nothing changed.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Server, client::USER};

/// Shows: C-09, N-11, N-12, S-08
async fn malformed_json_is_refused_and_says_where(server: Server) {
    let client = server.client().await;
    let user = client.user("there", json!({})).await.body;
    let there = format!("/Users/{}", user["id"].as_str().expect("an id"));
    let deep = format!("{}1{}", "[".repeat(2000), "]".repeat(2000));
    for (body, says) in [
        (b"".to_vec(), "empty"),
        (b"{".to_vec(), "line 1"),
        (b"{\"schemas\":\n[}".to_vec(), "line 2"),
        (b"{} {}".to_vec(), "trailing"),
        (b"{\"userName\":\"a\",\"userName\":\"b\"}".to_vec(), "twice"),
        (b"{\"userName\":\"a\",\"USERNAME\":\"b\"}".to_vec(), "twice"),
        (b"{\"name\":{\"givenName\":\"a\",\"GIVENNAME\":\"b\"}}".to_vec(), "twice"),
        (b"{\"userName\":\"\xff\"}".to_vec(), "UTF-8"),
        (b"{\"userName\":\"a\\u0000b\"}".to_vec(), "NUL"),
        (b"{\"userName\":\"\\ud800\"}".to_vec(), "line 1"),
        (deep.into_bytes(), "deep"),
        (b"nonsense".to_vec(), "line 1"),
        (b"{\"a\":1e999}".to_vec(), "line 1"),
    ] {
        for (method, path) in [("POST", "/Users"), ("PUT", there.as_str()), ("PATCH", &there), ("POST", "/Groups")] {
            let reply = client.raw(method, path, "application/scim+json", body.clone()).await;
            let detail = reply.refused(400, "invalidSyntax");
            assert!(detail.contains(says), "{detail} does not say {says}");
        }
    }
    assert_eq!(client.get("/Users").await.body["totalResults"], 1);
    assert_eq!(client.get(&there).await.body, user);
}

/// Shows: X-04
async fn bodies_are_bounded_before_they_are_read(server: Server) {
    let client = server.client().await;
    let long = |size: usize| json!({ "schemas": [USER], "userName": "a", "nothing": "x".repeat(size) }).to_string();
    client.raw("POST", "/Users", "application/scim+json", long(1000 * 1024)).await.expect(201);
    client.raw("POST", "/Users", "application/scim+json", long(1024 * 1024)).await.refused(413, "");
    client.raw("PATCH", "/Groups/x", "application/scim+json", long(8 * 1024 * 1024)).await.refused(413, "");

    // An announced size is refused without waiting for a body that may never come.
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = format!(
        "POST /t/riga/scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 99999999999\r\n\r\n",
        client.token
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 1024];
    let read = stream.read(&mut answer).await.expect("an answer");
    assert!(String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 413"));
}

/// D-12: what two servers could read differently is not read at all.
async fn a_request_names_one_host(server: Server) {
    let address = server.url.trim_start_matches("http://").to_owned();
    for hosts in ["", "Host: a\r\nHost: b\r\n"] {
        let mut stream = TcpStream::connect(&address).await.expect("a connection");
        let head = format!("GET /health/live HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains("urn:ietf:params:scim:api:messages:2.0:Error"), "{answer}");
    }
}

on_both_databases! {
    malformed_json_is_refused_and_says_where,
    bodies_are_bounded_before_they_are_read,
    a_request_names_one_host,
}
