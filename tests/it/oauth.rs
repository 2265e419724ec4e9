//! `/t/{tenant}/oauth/token`: client credentials (RFC 6749 §4.4).

use serde_json::json;
use uuid::Uuid;

use crate::support::{Client, Reply, Server, server::START};

const TOKEN: &str = "/oauth/token";
const MINUTE: i64 = 60_000;

/// A client of `riga` with a token of its own.
struct Scene {
    /// Whoever asks, without a token.
    nobody: Client,
    id: String,
    token: Uuid,
    secret: String,
}

async fn scene(server: &Server) -> Scene {
    scene_of(server, "Entra", &[], &["scim.read", "scim.write"], START + 1_000_000_000).await
}

async fn scene_of(server: &Server, name: &str, networks: &[&str], scopes: &[&str], expires: i64) -> Scene {
    let (client, token, secret) = server.token_of("riga", name, networks, scopes, expires).await;
    let nobody = Client::new(&server.url, "riga", "").at(&format!("{}/t/riga", server.url));
    Scene { nobody, id: client.to_string(), token, secret }
}

impl Scene {
    /// Asks with these parameters beside those that say who asks.
    async fn ask(&self, further: &[(&str, &str)]) -> Reply {
        let own = [("client_id", self.id.as_str()), ("client_secret", &self.secret)];
        self.nobody.form(TOKEN, &[&own[..], &[("grant_type", "client_credentials")], further].concat()).await
    }

    async fn basic(&self, user: &str, password: &str, body: &'static str) -> Reply {
        let request = self.nobody.request("POST", TOKEN).basic_auth(user, Some(password));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        self.nobody.send(request).await
    }
}

/// A SCIM client with the short-lived token of an answer.
fn reader(server: &Server, reply: &Reply) -> Client {
    Client::new(&server.url, "riga", reply.body["access_token"].as_str().expect("a token"))
}

/// RFC 6749 §4.4.3, §5.1
async fn a_secret_is_exchanged_for_a_token_that_ends(server: Server) {
    let scene = scene(&server).await;
    let granted = scene.ask(&[]).await.expect(200);
    assert_eq!(granted.header("cache-control"), Some("no-store"));
    assert_eq!(granted.header("pragma"), Some("no-cache"));
    let body = &granted.body;
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(body["scope"], "scim.read scim.write");
    assert!(body["access_token"].as_str().is_some_and(|token| token.starts_with("caurlaide_at_")), "{body}");
    let client = reader(&server, &granted);
    client.user("anna", json!({})).await;
    let look = server.database.look().await;
    let event =
        "SELECT count(*) FROM event e JOIN client c ON c.id = e.client_id WHERE e.kind = 'User' AND c.name = 'Entra'";
    let events: (i64,) = sqlx::query_as(event).fetch_one(&look).await.expect("a count");
    assert_eq!(events.0, 1, "the log names the client");
    let kept: Vec<(Vec<u8>,)> = sqlx::query_as("SELECT hash FROM access_token").fetch_all(&look).await.expect("rows");
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].0, store::token_hash(body["access_token"].as_str().expect("a token")), "only a hash is kept");

    server.pass(15 * MINUTE - 1);
    client.get("/Users").await.expect(200);
    server.pass(1);
    client.get("/Users").await.refused(401, "");
}

/// RFC 6749 §2.3.1
async fn the_secret_stands_in_the_header_or_in_the_body(server: Server) {
    let scene = scene(&server).await;
    let granted = scene.basic(&scene.id, &scene.secret, "grant_type=client_credentials").await.expect(200);
    reader(&server, &granted).get("/Users").await.expect(200);
    let encoded = scene.id.replace('-', "%2D");
    scene.basic(&encoded, &scene.secret, "grant_type=client_credentials").await.expect(200);
    let both = "grant_type=client_credentials&client_secret=x";
    scene.basic(&scene.id, &scene.secret, both).await.denied(400, "invalid_request");
    let other = "grant_type=client_credentials&client_id=x";
    scene.basic(&scene.id, &scene.secret, other).await.denied(400, "invalid_request");
    let wrong = scene.basic(&scene.id, "x", "grant_type=client_credentials").await;
    assert!(wrong.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Basic ")));
    wrong.denied(401, "invalid_client");
}

/// RFC 6749 §3.2, §5.2
async fn requests_are_read_strictly(server: Server) {
    let scene = scene(&server).await;
    let own = [("client_id", scene.id.as_str()), ("client_secret", &scene.secret)];
    scene.nobody.form(TOKEN, &own).await.denied(400, "invalid_request");
    for grant in ["password", "authorization_code", "client_credentials "] {
        let asked = [&own[..], &[("grant_type", grant)]].concat();
        scene.nobody.form(TOKEN, &asked).await.denied(400, "unsupported_grant_type");
    }
    scene.ask(&[("grant_type", "client_credentials")]).await.denied(400, "invalid_request");
    scene.ask(&[("scope", "scim.read"), ("scope", "scim.read")]).await.denied(400, "invalid_request");
    scene.ask(&[("resource", "x"), ("scope", "")]).await.expect(200);
    let body = json!({ "grant_type": "client_credentials", "client_id": scene.id, "client_secret": scene.secret });
    scene.nobody.json("POST", TOKEN, &body).await.denied(400, "invalid_request");
    let query = format!("{TOKEN}?client_secret={}", scene.secret);
    let asked = [("grant_type", "client_credentials"), ("client_id", scene.id.as_str())];
    scene.nobody.form(&query, &asked).await.denied(400, "invalid_request");
    let refused = scene.nobody.get(TOKEN).await;
    assert_eq!(refused.header("allow"), Some("POST"));
    refused.denied(405, "invalid_request");
    scene.nobody.form("/oauth/authorize", &[]).await.denied(404, "invalid_request");
    let large = format!("grant_type={}", "x".repeat(100_000));
    let form = "application/x-www-form-urlencoded";
    scene.nobody.raw("POST", TOKEN, form, large).await.denied(413, "invalid_request");
}

/// RFC 6749 §3.3
async fn a_scope_narrows_and_never_widens(server: Server) {
    let scene = scene(&server).await;
    let granted = scene.ask(&[("scope", "scim.read")]).await.expect(200);
    assert_eq!(granted.body["scope"], "scim.read");
    let client = reader(&server, &granted);
    client.get("/Users").await.expect(200);
    client.delete("/Users/x").await.refused(403, "");
    for scope in ["tenant.admin", "scim.read tenant.admin", "platform.admin", "openid"] {
        scene.ask(&[("scope", scope)]).await.denied(400, "invalid_scope");
    }
}

/// What does not fit looks the same, whatever it is.
async fn wrong_credentials_tell_nothing(server: Server) {
    let scene = scene(&server).await;
    server.tenant("jurmala").await;
    let other = scene_of(&server, "Okta", &[], &["scim.read"], START + 1_000_000_000).await;
    let grant = ("grant_type", "client_credentials");
    let granted = scene.ask(&[]).await.expect(200);
    let short = granted.body["access_token"].as_str().expect("a token");
    let right = (scene.id.as_str(), scene.secret.as_str());
    let mut told = Vec::new();
    for (tenant, id, secret) in [
        ("riga", right.0, other.secret.as_str()),
        ("riga", &other.id, right.1),
        ("riga", "nobody", right.1),
        ("riga", right.0, "nonsense"),
        ("riga", right.0, short),
        ("jurmala", right.0, right.1),
        ("nowhere", right.0, right.1),
        ("-platform", right.0, right.1),
    ] {
        let site = scene.nobody.at(&format!("{}/t/{tenant}", server.url));
        let reply = site.form(TOKEN, &[grant, ("client_id", id), ("client_secret", secret)]).await;
        told.push(reply.denied(401, "invalid_client"));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    scene.ask(&[]).await.expect(200);
}

/// A client's networks bind its short-lived tokens and the exchange for them.
async fn networks_hold(server: Server) {
    let expires = START + 1_000_000_000;
    let scene = scene_of(&server, "far away", &["192.0.2.0/24"], &["scim.read"], expires).await;
    scene.ask(&[]).await.denied(401, "invalid_client");
    let administrator = server.administrator("riga").await;
    let client = format!("/clients/{}", scene.id);
    administrator.json("PATCH", &client, &json!({ "networks": ["127.0.0.0/8"] })).await.expect(200);
    let granted = scene.ask(&[]).await.expect(200);
    reader(&server, &granted).get("/Users").await.expect(200);
    administrator.json("PATCH", &client, &json!({ "networks": ["192.0.2.0/24"] })).await.expect(200);
    reader(&server, &granted).get("/Users").await.refused(401, "");
}

/// Whatever ends the client's own token ends what came of it, at once.
async fn what_ends_the_secret_ends_its_tokens(server: Server) {
    let administrator = server.administrator("riga").await;
    let scene = scene(&server).await;
    let tokens = format!("/clients/{}/tokens", scene.id);
    let granted = scene.ask(&[]).await.expect(200);
    reader(&server, &granted).get("/Users").await.expect(200);
    administrator.delete(&format!("{tokens}/{}", scene.token)).await.expect(204);
    reader(&server, &granted).get("/Users").await.refused(401, "");
    scene.ask(&[]).await.denied(401, "invalid_client");

    let made = administrator.json("POST", &tokens, &json!({ "scopes": ["scim.read"] })).await.expect(201);
    let next = Scene { secret: made.body["secret"].as_str().expect("a secret").to_owned(), ..scene };
    let granted = next.ask(&[]).await.expect(200);
    reader(&server, &granted).get("/Users").await.expect(200);
    let rotate = format!("{tokens}/{}/rotate", made.id());
    administrator.json("POST", &rotate, &json!({ "overlap": 60 })).await.expect(201);
    assert_eq!(next.ask(&[]).await.expect(200).body["expires_in"], 60, "not longer than what was given for it");
    reader(&server, &granted).get("/Users").await.expect(200);
    server.pass(MINUTE);
    reader(&server, &granted).get("/Users").await.refused(401, "");

    let (_, _, secret) = server.token_of("riga", "Entra", &[], &["scim.read"], START + 1_000_000_000).await;
    let last = Scene { secret, ..next };
    let granted = last.ask(&[]).await.expect(200);
    reader(&server, &granted).get("/Users").await.expect(200);
    administrator.delete(&format!("/clients/{}", last.id)).await.expect(204);
    reader(&server, &granted).get("/Users").await.refused(401, "");
}

/// A client that asks for too many loses the oldest; nobody else does.
async fn tokens_are_bounded_and_cleared_away(server: Server) {
    let scene = scene(&server).await;
    let other = scene_of(&server, "Okta", &[], &["scim.read"], START + 1_000_000_000).await;
    let others = other.ask(&[]).await.expect(200);
    let first = scene.ask(&[]).await.expect(200);
    let second = scene.ask(&[]).await.expect(200);
    for _ in 0..99 {
        scene.ask(&[]).await.expect(200);
    }
    reader(&server, &first).get("/Users").await.refused(401, "");
    reader(&server, &second).get("/Users").await.expect(200);
    reader(&server, &others).get("/Users").await.expect(200);
    let count = async || {
        let query = sqlx::query_as("SELECT count(*) FROM access_token");
        let count: (i64,) = query.fetch_one(&server.database.look().await).await.expect("a count");
        count.0
    };
    assert_eq!(count().await, 101);
    server.pass(10 * MINUTE);
    let late = other.ask(&[]).await.expect(200);
    server.store.drop_ended_access_tokens(server.app.clock.now()).await.expect("cleared");
    assert_eq!(count().await, 102);
    server.pass(5 * MINUTE);
    server.store.drop_ended_access_tokens(server.app.clock.now()).await.expect("cleared");
    assert_eq!(count().await, 1);
    reader(&server, &late).get("/Users").await.expect(200);
}

/// Many exchanges at once of one client stay within the bound, and a revocation among them is final.
async fn exchanges_at_once_keep_the_bound(server: Server) {
    let scene = std::sync::Arc::new(scene(&server).await);
    let askers: Vec<_> = (0..8)
        .map(|_| {
            let scene = std::sync::Arc::clone(&scene);
            tokio::spawn(async move {
                let mut granted = Vec::new();
                for _ in 0..15 {
                    let reply = scene.ask(&[]).await;
                    assert!(matches!(reply.status, 200 | 401), "{:#}", reply.body);
                    granted.extend(reply.body["access_token"].as_str().map(str::to_owned));
                }
                granted
            })
        })
        .collect();
    let administrator = server.administrator("riga").await;
    administrator.delete(&format!("/clients/{}/tokens/{}", scene.id, scene.token)).await.expect(204);
    for asker in askers {
        for token in asker.await.expect("an asker") {
            Client::new(&server.url, "riga", &token).get("/Users?count=0").await.refused(401, "");
        }
    }
    let count: (i64,) = sqlx::query_as("SELECT count(*) FROM access_token")
        .fetch_one(&server.database.look().await)
        .await
        .expect("a count");
    assert!(count.0 <= 100, "{}", count.0);
}

/// The lifetime is the operator's to set.
async fn the_lifetime_is_a_setting(mut server: Server) {
    let scene = scene(&server).await;
    let url = server.another_node(&[("CAURLAIDE_ACCESS_TOKEN_MINUTES", "60")]).await;
    let there = Scene { nobody: scene.nobody.at(&format!("{url}/t/riga")), ..scene };
    assert_eq!(there.ask(&[]).await.expect(200).body["expires_in"], 3600);
}

on_both_databases! {
    a_secret_is_exchanged_for_a_token_that_ends,
    the_secret_stands_in_the_header_or_in_the_body,
    requests_are_read_strictly,
    a_scope_narrows_and_never_widens,
    wrong_credentials_tell_nothing,
    networks_hold,
    what_ends_the_secret_ends_its_tokens,
    tokens_are_bounded_and_cleared_away,
    exchanges_at_once_keep_the_bound,
    the_lifetime_is_a_setting,
}
