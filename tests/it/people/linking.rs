//! Whom a token speaks of, and what it may do.

use serde_json::{Value, json};

use super::{bearing, trust};
use crate::support::{
    Client, Server,
    issuer::{AUDIENCE, Issuer, claims},
};

const ALGORITHMS: [&str; 9] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

fn with(subject: &str, name: &str, value: Value) -> Value {
    let mut claims = claims(subject);
    claims[name] = value;
    claims
}

/// Every algorithm that an issuer may have, and no other than its own.
async fn tokens_are_signed_as_the_issuer_says(server: Server) {
    server.client().await.user("anna", json!({})).await;
    for algorithm in ALGORITHMS {
        let issuer = Issuer::new(algorithm, "a");
        let (administrator, path) = trust(&server, &issuer, json!({})).await;
        bearing(&server, &issuer.token("anna")).get("/Users").await.expect(200);
        let others: Vec<&str> = ALGORITHMS.into_iter().filter(|other| *other != algorithm).collect();
        administrator.json("PATCH", &path, &json!({ "algorithms": others })).await.expect(200);
        bearing(&server, &issuer.token("anna")).get("/Users").await.refused(401, "");
        administrator.delete(&path).await.expect(204);
    }
}

/// `id`, `userName` in whatever case, or `externalId`; and any claim.
async fn a_claim_names_an_attribute_of_a_user(server: Server) {
    let anna = server.client().await.user("Anna", json!({ "externalId": "E-1" })).await.id();
    let issuer = Issuer::new("EdDSA", "a");
    let (administrator, path) = trust(&server, &issuer, json!({})).await;
    let me = async |claims: &Value| {
        let reply = bearing(&server, &issuer.signed(claims)).get("/Me").await;
        (reply.status == 200).then(|| reply.id())
    };
    assert_eq!(me(&claims("anna")).await.as_ref(), Some(&anna), "userName knows no case");
    for (link, right, wrong) in
        [("id", anna.as_str(), "E-1"), ("externalId", "E-1", "e-1"), ("userName", "ANNA", "E-1")]
    {
        administrator.json("PATCH", &path, &json!({ "linkBy": link })).await.expect(200);
        assert_eq!(me(&claims(right)).await.as_ref(), Some(&anna), "{link}");
        assert_eq!(me(&claims(wrong)).await, None, "{link}");
    }
    administrator.json("PATCH", &path, &json!({ "subjectClaim": "preferred_username" })).await.expect(200);
    assert_eq!(me(&claims("anna")).await, None, "there is no such claim");
    assert_eq!(me(&with("x", "preferred_username", json!("anna"))).await.as_ref(), Some(&anna));
    for wrong in [json!(null), json!(["anna"]), json!(""), json!({ "anna": true }), json!("anna\0")] {
        assert_eq!(me(&with("x", "preferred_username", wrong)).await, None);
    }
}

/// An `externalId` that two people have names neither of them, and a group is no person.
async fn who_cannot_be_told_apart_is_nobody(server: Server) {
    let client = server.client().await;
    client.user("anna", json!({ "externalId": "same" })).await;
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({ "linkBy": "externalId" })).await;
    let token = issuer.token("same");
    bearing(&server, &token).get("/Me").await.expect(200);
    let other = client.user("berta", json!({ "externalId": "same" })).await.id();
    bearing(&server, &token).get("/Me").await.refused(401, "");
    client.delete(&format!("/Users/{other}")).await.expect(204);
    bearing(&server, &token).get("/Me").await.expect(200);
    let group = json!({ "schemas": [crate::support::client::GROUP], "displayName": "g", "externalId": "group" });
    client.post("/Groups", &group).await.expect(201);
    bearing(&server, &issuer.token("group")).get("/Me").await.refused(401, "");
}

/// At once, on every node: the user is looked at in each request.
async fn who_is_deactivated_or_gone_is_out_at_once(mut server: Server) {
    let client = server.client().await;
    let anna = format!("/Users/{}", client.user("anna", json!({})).await.id());
    let issuer = Issuer::new("ES256", "a");
    trust(&server, &issuer, json!({})).await;
    let there = server.node().await;
    let here = bearing(&server, &issuer.token("anna"));
    let there = Client::new(&there, "riga", &issuer.token("anna"));
    let active = |flag: Value| json!([{ "op": "replace", "path": "active", "value": flag }]);
    for _ in 0..3 {
        here.get("/Me").await.expect(200);
        there.get("/Me").await.expect(200);
        client.patch(&anna, active(json!(false))).await.expect(200);
        here.get("/Me").await.refused(401, "");
        there.get("/Users").await.refused(401, "");
        client.patch(&anna, active(json!(true))).await.expect(200);
    }
    client.patch(&anna, active(json!(false))).await.expect(200);
    client.patch(&anna, json!([{ "op": "remove", "path": "active" }])).await.expect(200);
    here.get("/Me").await.refused(401, "");
    client.patch(&anna, active(json!(true))).await.expect(200);
    here.get("/Me").await.expect(200);
    client.delete(&anna).await.expect(204);
    here.get("/Me").await.refused(401, "");
    there.get("/Users").await.refused(401, "");
    client.user("anna", json!({})).await;
    here.get("/Me").await.expect(200);
}

/// What the issuer's tokens may do at the most, and what the token says to be for.
async fn scopes_are_what_both_allow(server: Server) {
    server.client().await.user("anna", json!({})).await;
    let issuer = Issuer::new("EdDSA", "a");
    let (administrator, path) = trust(&server, &issuer, json!({})).await;
    let may = async |claims: &Value| {
        let client = bearing(&server, &issuer.signed(claims));
        let (reads, writes) = (client.get("/Users").await.status, client.delete("/Users/x").await.status);
        (reads == 200, writes == 404)
    };
    assert_eq!(may(&claims("anna")).await, (true, true));
    for (name, value, allowed) in [
        ("scope", json!("openid scim.read"), (true, false)),
        ("scope", json!("scim.write"), (false, true)),
        ("scope", json!("openid"), (false, false)),
        ("scope", json!("tenant.admin platform.admin"), (false, false)),
        ("scp", json!(["scim.read", "x"]), (true, false)),
        ("scp", json!("scim.read scim.write"), (true, true)),
        ("scope", json!(1), (false, false)),
        ("scp", json!([1]), (false, false)),
    ] {
        assert_eq!(may(&with("anna", name, value.clone())).await, allowed, "{name} {value}");
    }
    let mut both = with("anna", "scope", json!("scim.read"));
    both["scp"] = json!(["scim.write"]);
    assert_eq!(may(&both).await, (false, false));
    administrator.json("PATCH", &path, &json!({ "scopes": ["scim.read"] })).await.expect(200);
    assert_eq!(may(&claims("anna")).await, (true, false), "felt at once");
    assert_eq!(may(&with("anna", "scope", json!("scim.write"))).await, (false, false));
    let refused = bearing(&server, &issuer.token("anna")).delete("/Users/x").await;
    assert!(refused.header("www-authenticate").is_some_and(|text| text.contains("insufficient_scope")));
    let api = bearing(&server, &issuer.token("anna")).at(&format!("{}/t/riga/api/v1", server.url));
    api.get("/clients").await.problem(403, "");
}

/// A change or the end of an issuer is felt at once on this node, and soon on others.
async fn an_issuer_ends(mut server: Server) {
    server.client().await.user("anna", json!({})).await;
    let issuer = Issuer::new("EdDSA", "a");
    let (administrator, path) = trust(&server, &issuer, json!({})).await;
    let there = Client::new(&server.node().await, "riga", &issuer.token("anna"));
    let here = bearing(&server, &issuer.token("anna"));
    here.get("/Me").await.expect(200);
    there.get("/Me").await.expect(200);
    administrator.json("PATCH", &path, &json!({ "audiences": ["other"] })).await.expect(200);
    here.get("/Me").await.refused(401, "");
    administrator.json("PATCH", &path, &json!({ "audiences": ["other", AUDIENCE] })).await.expect(200);
    here.get("/Me").await.expect(200);
    administrator.delete(&path).await.expect(204);
    here.get("/Me").await.refused(401, "");
    let ended = tokio::time::Instant::now();
    while there.get("/Me").await.status != 401 {
        assert!(ended.elapsed().as_secs() < 5, "a token of no issuer still works after five seconds");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// People of a suspended tenant take away and do not give; an archived tenant is not theirs to read.
async fn the_state_of_the_tenant_binds_people_too(server: Server) {
    let client = server.client().await;
    let anna = client.user("anna", json!({ "roles": [{ "value": "clerk" }] })).await.id();
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({})).await;
    server.suspend("riga").await;
    let person = bearing(&server, &issuer.token("anna"));
    person.get("/Me").await.expect(200);
    let role = json!([{ "op": "add", "path": "roles", "value": [{ "value": "head" }] }]);
    person.patch(&format!("/Users/{anna}"), role).await.refused(403, "");
    person.patch("/Me", json!([{ "op": "remove", "path": "roles" }])).await.expect(200);
    let reason = caurlaide::administration::Reason { reason: "a test".into() };
    server.platform().archive("riga", &reason).await.expect("archived");
    // A token that was not seen before is not remembered with the earlier state.
    let mut later = claims("anna");
    later["jti"] = "2".into();
    bearing(&server, &issuer.signed(&later)).get("/Me").await.refused(401, "");
}

/// The log names the issuer and the person.
async fn the_log_names_the_person(server: Server) {
    let anna = server.client().await.user("anna", json!({})).await.id();
    let issuer = Issuer::new("EdDSA", "a");
    let (_, path) = trust(&server, &issuer, json!({})).await;
    let title = json!([{ "op": "add", "path": "title", "value": "Clerk" }]);
    bearing(&server, &issuer.token("anna")).patch("/Me", title).await.expect(200);
    let sql = match server.database.location {
        store::Location::Sqlite(_) => {
            "SELECT lower(hex(client_id)), lower(hex(user_id)) FROM event ORDER BY seq DESC LIMIT 1"
        }
        store::Location::Postgres(_) => "SELECT client_id::text, user_id::text FROM event ORDER BY seq DESC LIMIT 1",
    };
    let row: (String, String) = sqlx::query_as(sql).fetch_one(&server.database.look().await).await.expect("an event");
    let plain = |text: &str| text.replace('-', "");
    assert_eq!((plain(&row.0), plain(&row.1)), (plain(path.trim_start_matches("/issuers/")), plain(&anna)));
}

on_both_databases! {
    tokens_are_signed_as_the_issuer_says,
    a_claim_names_an_attribute_of_a_user,
    who_cannot_be_told_apart_is_nobody,
    who_is_deactivated_or_gone_is_out_at_once,
    scopes_are_what_both_allow,
    an_issuer_ends,
    the_state_of_the_tenant_binds_people_too,
    the_log_names_the_person,
}
