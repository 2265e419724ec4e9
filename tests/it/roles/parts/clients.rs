//! Clients of those who look after an application: they read for it, and do nothing else.

use serde_json::{Value, json};

use super::{Parts, faulty, ids, listed};
use crate::{
    roles::{give, of, revoke, tenant, within},
    support::{Client, Reply, Server},
};

const NOBODY: &str = "019b2c45-6071-7293-b4a5-a6b7c8d9eafb";

async fn make(by: &Client, name: &str, application: &str) -> Reply {
    by.json("POST", "/clients", &json!({ "name": name, "applicationId": application })).await
}

async fn token(by: &Client, client: &str, scopes: &[&str], expires_in: i64) -> Reply {
    by.json("POST", &format!("/clients/{client}/tokens"), &json!({ "scopes": scopes, "expiresIn": expires_in })).await
}

/// Every way to a client and its tokens, each of which says that there is none.
async fn is_out_of_sight(by: &Client, client: &str, token: &str) {
    let (path, tokens) = (format!("/clients/{client}"), format!("/clients/{client}/tokens"));
    let one = format!("{tokens}/{token}");
    let new = json!({ "scopes": ["app.read"], "expiresIn": 3600 });
    let replies = [
        by.get(&path).await,
        by.json("PATCH", &path, &json!({ "networks": [] })).await,
        by.delete(&path).await,
        by.get(&tokens).await,
        by.json("POST", &tokens, &new).await,
        by.get(&one).await,
        by.json("POST", &format!("{one}/rotate"), &json!({})).await,
        by.delete(&one).await,
    ];
    for (at, reply) in replies.into_iter().enumerate() {
        assert_eq!(reply.problem(404, ""), "There is no such client.", "{at}");
    }
}

/// Whoever looks after an application makes clients that read for it, and looks after them.
async fn an_owner_has_clients_that_read(server: Server) {
    let parts = Parts::new(server).await;
    let scene = &parts.scene;
    let owner = parts.holder("olga", "applicationOwner", of(&parts.pool)).await;
    let client = make(&owner, "Pool", &parts.pool).await.expect(201).id();
    assert_eq!(listed(&owner, "/clients").await, [client.as_str()]);
    let mut refusals = Vec::new();
    for application in [&parts.tax, NOBODY] {
        let refused = make(&owner, "Other", application).await;
        refusals.push(refused.body["detail"].clone());
        faulty(refused, "/applicationId");
    }
    assert_eq!(refusals[0], refusals[1], "what is not theirs looks like what is not there");
    faulty(owner.json("POST", "/clients", &json!({ "name": "Other" })).await, "/applicationId");
    for (scopes, pointer) in [
        (vec!["scim.read"], "/scopes/0"),
        (vec!["app.read", "scim.write"], "/scopes/1"),
        (vec!["tenant.admin"], "/scopes/0"),
        (vec!["grants.write", "app.read"], "/scopes/0"),
    ] {
        faulty(token(&owner, &client, &scopes, 3600).await, pointer);
    }
    let made = token(&owner, &client, &["app.read"], 30 * 86_400).await.expect(201);
    let reader = scene.writer.with_token(made.body["secret"].as_str().expect("a secret"));
    assert_eq!(reader.filter("/Groups", "id pr").await, ["keys"]);
    let tokens = format!("/clients/{client}/tokens");
    let next = owner.json("POST", &format!("{tokens}/{}/rotate", made.id()), &json!({})).await.expect(201).id();
    assert_eq!(ids(&owner.get(&tokens).await.expect(200).body).len(), 2);
    owner.get(&format!("{tokens}/{next}")).await.expect(200);
    owner.delete(&format!("{tokens}/{}", made.id())).await.expect(204);
    reader.get("/Groups").await.refused(401, "");
    let change = json!({ "name": "Pool 2", "networks": ["192.0.2.0/24"] });
    assert_eq!(owner.json("PATCH", &format!("/clients/{client}"), &change).await.expect(200).body["name"], "Pool 2");
    let unsure = scene.issuer.person(&scene.server, "olga", "low");
    unsure.get(&tokens).await.expect(200);
    token(&unsure, &client, &["app.read"], 3600).await.problem(403, "assurance");
    owner.delete(&format!("/clients/{client}")).await.expect(204);
    assert_eq!(listed(&owner, "/clients").await, [""; 0]);
    // Who looks after a unit does not, as roles have it; whoever owns all applications of a unit does.
    make(&scene.person("berta"), "Tax", &parts.tax).await.problem(403, "forbidden");
    let unit = parts.holder("ilze", "applicationOwner", within(&scene.schools)).await;
    let theirs = make(&unit, "Tax", &parts.tax).await.expect(201).id();
    faulty(make(&unit, "Pool", &parts.pool).await, "/applicationId");
    assert_eq!(listed(&unit, "/clients").await, [theirs.as_str()]);
    assert_eq!(listed(&owner, "/clients").await, [""; 0]);
}

/// What is another's, or does more than read, looks like what is not there; what only used to do more is theirs.
async fn other_clients_are_not_seen(server: Server) {
    let parts = Parts::new(server).await;
    let administrator = &parts.scene.administrator;
    let owner = parts.holder("olga", "applicationOwner", of(&parts.pool)).await;
    let all = parts.holder("ilze", "applicationOwner", tenant()).await;
    let plain = administrator.json("POST", "/clients", &json!({ "name": "HR" })).await.expect(201).id();
    let of_plain = token(administrator, &plain, &["scim.read"], 3600).await.expect(201).id();
    let tax = make(administrator, "Tax", &parts.tax).await.expect(201).id();
    let of_tax = token(administrator, &tax, &["app.read"], 3600).await.expect(201).id();
    let pool = make(administrator, "Pool", &parts.pool).await.expect(201).id();
    let reads = token(administrator, &pool, &["app.read"], 86_400).await.expect(201).id();
    assert_eq!(listed(&owner, "/clients").await, [pool.as_str()]);
    let writes = token(administrator, &pool, &["scim.read", "scim.write"], 3600).await.expect(201).id();
    for (client, token) in [(&plain, &of_plain), (&tax, &of_tax), (&pool, &reads), (&pool, &writes)] {
        is_out_of_sight(&owner, client, token).await;
    }
    is_out_of_sight(&owner, NOBODY, NOBODY).await;
    is_out_of_sight(&owner, &tax, NOBODY).await;
    assert_eq!(listed(&owner, "/clients").await, [""; 0]);
    // For whatever application, but not whatever client.
    assert_eq!(listed(&all, "/clients").await, [tax.as_str()]);
    is_out_of_sight(&all, &plain, &of_plain).await;
    is_out_of_sight(&all, &pool, &writes).await;
    parts.scene.server.pass(7_200_000);
    assert_eq!(listed(&owner, "/clients").await, [pool.as_str()]);
    owner.get(&format!("/clients/{pool}/tokens/{writes}")).await.expect(200);
    let rotate = format!("/clients/{pool}/tokens/{writes}/rotate");
    owner.json("POST", &rotate, &json!({})).await.problem(409, "conflict");
    owner.delete(&format!("/clients/{pool}/tokens/{reads}")).await.expect(204);
}

/// A token lasts no longer than the role, and what went elsewhere, or whose role is over, is out of reach.
async fn clients_are_theirs_as_long_as_the_role(server: Server) {
    let parts = Parts::new(server).await;
    let scene = &parts.scene;
    let user = scene.user("olga", "city").await;
    let until = json!({ "until": "2026-01-11T00:00:00.000Z" });
    give(&scene.administrator, &user, "applicationOwner", within(&scene.baths), until).await.expect(201);
    let owner = scene.person("olga");
    let client = make(&owner, "Pool", &parts.pool).await.expect(201).id();
    faulty(token(&owner, &client, &["app.read"], 11 * 86_400).await, "/expiresIn");
    let made = token(&owner, &client, &["app.read"], 9 * 86_400).await.expect(201).id();
    let rotate = format!("/clients/{client}/tokens/{made}/rotate");
    faulty(owner.json("POST", &rotate, &json!({ "expiresIn": 11 * 86_400 })).await, "/expiresIn");
    // Another role, over another application, lets nothing last longer.
    scene.give(&user, "applicationOwner", of(&parts.tax)).await.expect(201);
    faulty(token(&owner, &client, &["app.read"], 11 * 86_400).await, "/expiresIn");
    let path = format!("/applications/{}", parts.pool);
    let moved = scene.administrator.request("PATCH", &path).header("if-match", "*");
    scene.administrator.send(moved.json(&json!({ "unit": scene.city }))).await.expect(200);
    is_out_of_sight(&owner, &client, &made).await;
    assert_eq!(listed(&owner, "/clients").await, [""; 0]);
    let role = scene.give(&user, "applicationOwner", of(&parts.pool)).await.expect(201).id();
    token(&owner, &client, &["app.read"], 90 * 86_400).await.expect(201);
    revoke(&scene.administrator, &role).await.expect(200);
    is_out_of_sight(&owner, &client, &made).await;
    let page = scene.administrator.get(&format!("/admin-roles?user={user}")).await.expect(200).body;
    for role in page["items"].as_array().expect("roles").iter().filter(|role| role["state"] == "active") {
        revoke(&scene.administrator, role["id"].as_str().expect("an id")).await.expect(200);
    }
    owner.get("/clients").await.problem(403, "forbidden");
    owner.get(&format!("/clients/{client}")).await.problem(403, "forbidden");
}

/// One application has only so many clients by those who look after it.
async fn one_application_does_not_take_all_places(server: Server) {
    let parts = Parts::new(server).await;
    let owner = parts.holder("olga", "applicationOwner", of(&parts.pool)).await;
    for number in 0..50 {
        make(&owner, &format!("Pool {number}"), &parts.pool).await.expect(201);
    }
    let refused: Value = make(&owner, "Pool 50", &parts.pool).await.body;
    assert_eq!((&refused["status"], &refused["type"]), (&json!(409), &json!("urn:caurlaide:problem:conflict")));
    make(&parts.scene.administrator, "Pool 50", &parts.pool).await.expect(201);
}

on_both_databases! {
    an_owner_has_clients_that_read,
    other_clients_are_not_seen,
    clients_are_theirs_as_long_as_the_role,
    one_application_does_not_take_all_places,
}
