//! Requests that may be sent again (`Idempotency-Key`).

use serde_json::{Value, json};

use crate::support::{Client, Reply, Server, client::text, server::START};

const KEY: &str = "idempotency-key";

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Reply {
    let request = client.request("POST", path).header(KEY, key).header("content-type", "application/json");
    client.send(request.body(text("application/json", body))).await
}

async fn units(client: &Client) -> usize {
    client.get("/organisation-units").await.expect(200).body["items"].as_array().expect("items").len()
}

/// A lost answer is given again; nothing is made twice, however many ask at once. Another caller's key is another.
async fn what_was_done_is_answered_again(server: Server) {
    let administrator = server.administrator("riga").await;
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let first = post(&administrator, "/organisation-units", "k-1", &city).await.expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    for key in ["k-1", "\"k-1\""] {
        let again = post(&administrator, "/organisation-units", key, &city).await.expect(201);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!((again.header("location"), again.header("etag")), (first.header("location"), first.header("etag")));
        assert_eq!(again.body, first.body);
    }
    post(&administrator, "/organisation-units", "k-2", &city).await.problem(409, "taken");
    let (_, _, token) = server.token_of("riga", "another", &[], &["tenant.admin"], START + 1_000_000).await;
    let other = administrator.with_token(&token);
    post(&other, "/organisation-units", "k-1", &city).await.problem(409, "taken");
    let school = json!({ "kind": "institution", "code": "SCH", "name": "School", "parent": first.id() });
    let all = (0..8).map(|_| post(&administrator, "/organisation-units", "k-3", &school));
    let mut made = 0;
    for reply in futures(all).await {
        match reply.status {
            201 => made += usize::from(reply.header("idempotent-replayed").is_none()),
            _ => drop(reply.problem(409, "idempotency")),
        }
    }
    assert_eq!((made, units(&administrator).await), (1, 2));
}

async fn futures(all: impl Iterator<Item = impl Future<Output = Reply>>) -> Vec<Reply> {
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(reply) => {
                done.push(reply);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

/// Another request by a known key is refused; what was refused may be mended and sent by the same key.
async fn a_key_means_one_request(server: Server) {
    let administrator = server.administrator("riga").await;
    let wrong = json!({ "kind": "castle", "code": "RIG", "name": "Rīga" });
    let right = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    post(&administrator, "/organisation-units", "k", &wrong).await.problem(400, "invalid");
    post(&administrator, "/organisation-units", "k", &right).await.expect(201);
    post(&administrator, "/organisation-units", "k", &wrong).await.problem(422, "idempotency");
    post(&administrator, "/applications", "k", &right).await.problem(422, "idempotency");
    assert_eq!(units(&administrator).await, 1);
    // What no answer is kept for: reading, and what holds a secret.
    let listed = administrator.send(administrator.request("GET", "/organisation-units").header(KEY, "k")).await;
    listed.expect(200);
    let client = administrator.json("POST", "/clients", &json!({ "name": "c" })).await.expect(201).id();
    let token = json!({ "scopes": ["scim.read"] });
    post(&administrator, &format!("/clients/{client}/tokens"), "t", &token).await.problem(400, "invalid");
    for key in ["", " ", "a b", "ā", &"k".repeat(201)] {
        post(&administrator, "/organisation-units", key, &right).await.problem(400, "invalid");
    }
    let nobody = administrator.with_token("nonsense");
    post(&nobody, "/organisation-units", "k", &right).await.problem(401, "");
    let stranger = {
        server.tenant("jurmala").await;
        administrator.with_token(&server.administrator("jurmala").await.token)
    };
    post(&stranger, "/organisation-units", "k", &right).await.problem(404, "");
}

/// After a day it is another request. One that never was answered is not done again.
async fn answers_are_kept_for_a_day(server: Server) {
    let administrator = server.administrator("riga").await;
    let application = |code: &str| json!({ "code": code, "name": code });
    post(&administrator, "/applications", "k", &application("a")).await.expect(201);
    server.pass(23 * 3_600_000);
    post(&administrator, "/applications", "k", &application("b")).await.problem(422, "idempotency");
    server.pass(2 * 3_600_000);
    post(&administrator, "/applications", "k", &application("b")).await.expect(201);
    sqlx::query("UPDATE answer SET answered_with = NULL").execute(&server.database.look().await).await.expect("open");
    let told = post(&administrator, "/applications", "k", &application("b")).await.problem(409, "idempotency");
    assert!(told.contains("still goes on"), "{told}");
    server.pass(61_000);
    let told = post(&administrator, "/applications", "k", &application("b")).await.problem(409, "idempotency");
    assert!(told.contains("is not known"), "{told}");
}

on_both_databases! {
    what_was_done_is_answered_again,
    a_key_means_one_request,
    answers_are_kept_for_a_day,
}
