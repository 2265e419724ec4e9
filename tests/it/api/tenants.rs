//! `/api/v1/tenants`

use serde_json::{Value, json};

use super::log;
use crate::support::{Client, Server, client::USER, server::START};

/// One call, and the tenant works: its administrator makes the client that makes the first user. No restart.
async fn a_tenant_is_taken_on_by_one_call(server: Server) {
    let operator = server.operator().await;
    let new = json!({ "slug": "jurmala", "name": " Jūrmala ", "client": { "name": "Administrator" } });
    let request = operator.request("POST", "/tenants").header("x-request-id", "r-1").body(new.to_string());
    let made = operator.send(request).await.expect(201);
    assert_eq!(made.header("location"), Some(format!("{}/tenants/jurmala", operator.base).as_str()));
    assert_eq!(
        (&made.body["slug"], &made.body["name"], &made.body["state"]),
        (&json!("jurmala"), &json!("Jūrmala"), &json!("active"))
    );
    assert_eq!(made.body["token"]["scopes"], json!(["tenant.admin"]));

    let administrator = operator
        .with_token(made.body["token"]["secret"].as_str().expect("a secret"))
        .at(&format!("{}/t/jurmala/api/v1", server.url));
    let client = administrator.json("POST", "/clients", &json!({ "name": "Entra" })).await.expect(201).id();
    let scopes = json!({ "scopes": ["scim.read", "scim.write"] });
    let token = administrator.json("POST", &format!("/clients/{client}/tokens"), &scopes).await.expect(201);
    let secret = token.body["secret"].as_str().expect("a secret");
    Client::new(&server.url, "jurmala", secret).user("anna", json!({})).await;

    let events = log(&server).await;
    let first: Vec<_> = events.iter().filter(|e| e.3 == "r-1").map(|e| (e.0.as_str(), e.1.as_str())).collect();
    assert_eq!(first, [("Tenant", "created"), ("Client", "created"), ("Token", "created")]);
    let tenants: (i64,) = sqlx::query_as("SELECT count(DISTINCT tenant_id) FROM event WHERE request_id = 'r-1'")
        .fetch_one(&server.database.look().await)
        .await
        .expect("a count");
    assert_eq!(tenants.0, 1, "the new tenant's log has it all");
}

async fn tenants_are_listed_and_read(server: Server) {
    let operator = server.operator().await;
    for slug in ["jurmala", "a", "z"] {
        let made = operator.json("POST", "/tenants", &json!({ "slug": slug, "name": slug })).await.expect(201);
        assert!(made.body.get("token").is_none());
    }
    operator.json("POST", "/tenants", &json!({ "slug": "z", "name": "again" })).await.problem(409, "taken");
    let slugs = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().expect("items").iter();
        items.map(|tenant| tenant["slug"].as_str().expect("a slug").to_owned()).collect()
    };
    let whole = operator.get("/tenants").await.expect(200).body;
    assert_eq!(slugs(&whole), ["a", "jurmala", "riga", "z"], "the platform itself is no tenant");
    let page = operator.get("/tenants?count=3").await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest = operator.get(&format!("/tenants?count=3&cursor={cursor}")).await.expect(200).body;
    assert_eq!((slugs(&page).len(), slugs(&rest)), (3, vec!["z".to_owned()]));
    assert!(rest.get("nextCursor").is_none());
    assert_eq!(operator.get("/tenants/riga").await.expect(200).body["name"], "Rīga");
    operator.get("/tenants/nowhere").await.problem(404, "");
    operator.get("/tenants/-platform").await.problem(404, "");
    for (body, pointer) in [
        (json!({ "slug": "Rīga", "name": "x" }), "/slug"),
        (json!({ "slug": "-platform", "name": "x" }), "/slug"),
        (json!({ "slug": "x", "name": " " }), "/name"),
        (json!({ "slug": "x", "name": "x", "client": { "name": "" } }), "/client/name"),
        (json!({ "slug": "x", "name": "x", "client": { "name": "x", "networks": ["x"] } }), "/client/networks/0"),
    ] {
        let reply = operator.json("POST", "/tenants", &body).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{:#}", reply.body);
        reply.problem(400, "invalid");
    }
    operator.get("/tenants/x").await.problem(404, "");
}

/// Suspended: what is there is read and taken away, at once.
async fn a_suspension_is_felt_at_once(server: Server) {
    let operator = server.operator().await;
    let client = server.client().await;
    let anna = client.user("anna", json!({})).await.id();
    operator.json("POST", "/tenants/riga/suspend", &json!({})).await.problem(400, "invalid");
    let suspended = operator.json("POST", "/tenants/riga/suspend", &json!({ "reason": "unpaid" })).await.expect(200);
    assert_eq!((&suspended.body["state"], &suspended.body["reason"]), (&json!("suspended"), &json!("unpaid")));
    let user = json!({ "schemas": [USER], "userName": "berta" });
    client.post("/Users", &user).await.refused(403, "");
    client.get(&format!("/Users/{anna}")).await.expect(200);
    client
        .patch(&format!("/Users/{anna}"), json!([{ "op": "replace", "path": "active", "value": false }]))
        .await
        .expect(200);
    let again = operator.json("POST", "/tenants/riga/suspend", &json!({ "reason": "other" })).await.expect(200);
    assert_eq!(again.body["reason"], "unpaid", "what is suspended stays so, for its reason");
    let resumed = operator.json("POST", "/tenants/riga/resume", &json!({})).await.expect(200);
    assert_eq!((&resumed.body["state"], resumed.body.get("reason")), (&json!("active"), None));
    client.post("/Users", &user).await.expect(201);
    operator.json("POST", "/tenants/nowhere/suspend", &json!({ "reason": "x" })).await.problem(404, "");
}

/// Archived: no token works any more, and one that an operator makes for it reads and nothing else.
async fn what_is_archived_is_only_read(server: Server) {
    let operator = server.operator().await;
    let (client, administrator) = (server.client().await, server.administrator("riga").await);
    let anna = client.user("anna", json!({})).await.id();
    administrator.get("/clients").await.expect(200);
    let tokens: (i64,) = sqlx::query_as("SELECT count(*) FROM token WHERE revoked IS NULL AND tenant_id <> 1")
        .fetch_one(&server.database.look().await)
        .await
        .expect("a count");
    operator.json("POST", "/tenants/riga/archive", &json!({})).await.problem(400, "invalid");
    let archived = operator.json("POST", "/tenants/riga/archive", &json!({ "reason": "merged" })).await.expect(200);
    assert_eq!(archived.body["state"], "archived");
    client.get("/Users").await.refused(401, "");
    administrator.get("/clients").await.problem(401, "");
    let last = log(&server).await.pop().expect("an event");
    assert_eq!(last.2["removed"].as_array().map(Vec::len), usize::try_from(tokens.0).ok(), "the log names them");

    // What only an operator makes.
    let auditor = server.client().await;
    auditor.get(&format!("/Users/{anna}")).await.expect(200);
    auditor.post("/Users", &json!({ "schemas": [USER], "userName": "b" })).await.refused(403, "");
    auditor
        .patch(&format!("/Users/{anna}"), json!([{ "op": "replace", "path": "active", "value": false }]))
        .await
        .refused(403, "");
    auditor.delete(&format!("/Users/{anna}")).await.refused(403, "");
    let (_, _, token) = server.token_of("riga", "late", &[], &["tenant.admin"], START + 1_000_000).await;
    let late = administrator.with_token(&token);
    let clients = late.get("/clients").await.expect(200).body;
    let path = format!("/clients/{}", clients["items"][0]["id"].as_str().expect("an id"));
    late.json("POST", "/clients", &json!({ "name": "x" })).await.problem(403, "archived");
    late.json("PATCH", &path, &json!({ "name": "x" })).await.problem(403, "archived");
    late.delete(&path).await.problem(403, "archived");

    let again = operator.json("POST", "/tenants/riga/archive", &json!({ "reason": "x" })).await.expect(200);
    assert_eq!(again.body["reason"], "merged");
    operator.json("POST", "/tenants/riga/resume", &json!({})).await.problem(409, "conflict");
    operator.json("POST", "/tenants/riga/suspend", &json!({ "reason": "x" })).await.problem(409, "conflict");
}

/// A token that is made while its tenant is archived is revoked with the others, or not made.
async fn no_token_slips_through_an_archiving(server: Server) {
    let operator = server.operator().await;
    for round in 0..8 {
        let slug = format!("t{round}");
        server.tenant(&slug).await;
        let administrator = server.administrator(&slug).await;
        let client = administrator.json("POST", "/clients", &json!({ "name": "x" })).await.expect(201).id();
        let makers: Vec<_> = (0..3)
            .map(|_| {
                let (administrator, path) = (administrator.clone(), format!("/clients/{client}/tokens"));
                tokio::spawn(async move {
                    let made = administrator.json("POST", &path, &json!({ "scopes": ["scim.read"] })).await;
                    assert!(matches!(made.status, 201 | 401 | 403), "{:#}", made.body);
                })
            })
            .collect();
        operator.json("POST", &format!("/tenants/{slug}/archive"), &json!({ "reason": "x" })).await.expect(200);
        for maker in makers {
            maker.await.expect("a maker");
        }
    }
    let live: (i64,) = sqlx::query_as(
        "SELECT count(*) FROM token t JOIN tenant o ON o.id = t.tenant_id WHERE o.state = 'archived' AND t.revoked IS NULL",
    )
    .fetch_one(&server.database.look().await)
    .await
    .expect("a count");
    assert_eq!(live.0, 0);
}

on_both_databases! {
    a_tenant_is_taken_on_by_one_call,
    tenants_are_listed_and_read,
    a_suspension_is_felt_at_once,
    what_is_archived_is_only_read,
    no_token_slips_through_an_archiving,
}
