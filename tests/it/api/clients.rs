//! `/t/{tenant}/api/v1/clients`

use serde_json::{Value, json};

use super::log;
use crate::support::{Client, Server, server::START};

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

async fn clients_are_made_read_changed_and_deleted(server: Server) {
    let administrator = server.administrator("riga").await;
    let new = json!({ "name": " Entra ID ", "networks": ["192.0.2.0/24", "198.51.100.7"] });
    let made = administrator.json("POST", "/clients", &new).await.expect(201);
    let path = format!("/clients/{}", made.id());
    assert_eq!(made.header("location"), Some(format!("{}{path}", administrator.base).as_str()));
    assert_eq!(made.body["name"], "Entra ID");
    assert_eq!(made.body["networks"], json!(["192.0.2.0/24", "198.51.100.7/32"]));
    assert_eq!(made.body["created"], "2026-01-01T00:00:00.000Z");
    assert_eq!(administrator.get(&path).await.expect(200).body, made.body);
    assert_eq!(names(&administrator.get("/clients").await.expect(200).body), ["an administrator", "Entra ID"]);

    let changed = administrator.json("PATCH", &path, &json!({ "name": "Okta" })).await.expect(200);
    assert_eq!((&changed.body["name"], &changed.body["networks"]), (&json!("Okta"), &made.body["networks"]));
    let changed = administrator.json("PATCH", &path, &json!({ "networks": [] })).await.expect(200);
    assert_eq!((&changed.body["name"], &changed.body["networks"]), (&json!("Okta"), &json!([])));
    administrator.json("PATCH", &path, &json!({})).await.expect(200);
    administrator.json("PATCH", &path, &json!({ "name": "Okta" })).await.expect(200);

    administrator.delete(&path).await.expect(204);
    for method in ["GET", "PATCH", "DELETE"] {
        let gone = administrator.json(method, &path, &json!({})).await;
        assert!(gone.problem(404, "").contains("client"), "{method}");
    }
    administrator.get(&format!("{path}/tokens")).await.problem(404, "");
    assert_eq!(names(&administrator.get("/clients").await.expect(200).body), ["an administrator"]);

    let log = log(&server).await;
    let of_clients: Vec<(&str, &Value)> =
        log.iter().filter(|entry| entry.0 == "Client").map(|entry| (entry.1.as_str(), &entry.2)).collect();
    assert_eq!(
        of_clients,
        [
            ("created", &json!({ "attributes": ["name"] })),
            ("created", &json!({ "attributes": ["name", "networks"] })),
            ("changed", &json!({ "attributes": ["name"] })),
            ("changed", &json!({ "attributes": ["networks"] })),
            ("deleted", &json!({})),
        ]
    );
}

/// The log names the client and the request, and what was deleted with it.
async fn the_log_says_who_and_what(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, token, _) = server.token_of("riga", "x", &[], &["scim.read"], START + 1_000_000).await;
    let (_, ended, _) = server.token_of("riga", "x", &[], &["scim.read"], START).await;
    assert_ne!(token, ended);
    let request = administrator.request("DELETE", &format!("/clients/{client}")).header("x-request-id", "r-1");
    administrator.send(request).await.expect(204);
    let last = log(&server).await.pop().expect("an event");
    assert_eq!((last.0.as_str(), last.1.as_str(), last.3.as_str()), ("Client", "deleted", "r-1"));
    assert_eq!(last.2, json!({ "removed": [token] }), "what had ended was not revoked");
    let by: (String,) = sqlx::query_as(
        "SELECT c.name FROM event e JOIN client c ON c.id = e.client_id AND c.tenant_id = e.tenant_id \
         WHERE e.request_id = 'r-1'",
    )
    .fetch_one(&server.database.look().await)
    .await
    .expect("the client of the event");
    assert_eq!(by.0, "an administrator");
}

/// A name is taken while a client has it, in its tenant alone.
async fn names_are_unique(server: Server) {
    let administrator = server.administrator("riga").await;
    let new = json!({ "name": "Entra" });
    let path = format!("/clients/{}", administrator.json("POST", "/clients", &new).await.expect(201).id());
    administrator.json("POST", "/clients", &new).await.problem(409, "taken");
    let other = administrator.json("POST", "/clients", &json!({ "name": "Okta" })).await.expect(201).id();
    administrator.json("PATCH", &format!("/clients/{other}"), &new).await.problem(409, "taken");
    server.tenant("jurmala").await;
    server.administrator("jurmala").await.json("POST", "/clients", &new).await.expect(201);
    administrator.delete(&path).await.expect(204);
    let again = administrator.json("POST", "/clients", &new).await.expect(201).id();
    administrator.delete(&format!("/clients/{again}")).await.expect(204);
}

/// What was deleted does not open anything any more, at once.
async fn tokens_end_with_their_client(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, _, token) = server.token_of("riga", "x", &[], &["scim.read"], START + 1_000_000).await;
    let reader = Client::new(&server.url, "riga", &token);
    reader.get("/Users").await.expect(200);
    administrator.delete(&format!("/clients/{client}")).await.expect(204);
    reader.get("/Users").await.refused(401, "");
}

async fn lists_have_pages(server: Server) {
    let administrator = server.administrator("riga").await;
    let mut wanted = vec!["an administrator".to_owned()];
    for number in 0..6 {
        let name = format!("client {number}");
        administrator.json("POST", "/clients", &json!({ "name": name })).await.expect(201);
        wanted.push(name);
    }
    let (mut seen, mut pages, mut path) = (Vec::new(), 0, "/clients?count=3".to_owned());
    loop {
        let page = administrator.get(&path).await.expect(200).body;
        seen.extend(names(&page).into_iter().map(str::to_owned));
        pages += 1;
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/clients?count=3&cursor={cursor}");
    }
    assert_eq!((seen, pages), (wanted, 3));
    let whole = administrator.get("/clients?count=7").await.expect(200).body;
    assert!(whole.get("nextCursor").is_none(), "a page that ends with the list leads nowhere: {whole:#}");
    for wrong in ["count=0", "count=101", "count=x", "count=-1", "count=1&count=2", "cursor=x"] {
        administrator.get(&format!("/clients?{wrong}")).await.problem(400, "invalid");
    }
}

/// While a tenant is suspended its administrator takes away and does not give.
async fn a_suspended_tenant_is_not_given_more(server: Server) {
    let administrator = server.administrator("riga").await;
    let new = json!({ "name": "x", "networks": ["192.0.2.0/24"] });
    let path = format!("/clients/{}", administrator.json("POST", "/clients", &new).await.expect(201).id());
    let token = json!({ "scopes": ["scim.read"] });
    let made = administrator.json("POST", &format!("{path}/tokens"), &token).await.expect(201).id();
    server.suspend("riga").await;
    administrator.json("POST", "/clients", &json!({ "name": "y" })).await.problem(403, "suspended");
    administrator.json("POST", &format!("{path}/tokens"), &token).await.problem(403, "suspended");
    administrator.json("POST", &format!("{path}/tokens/{made}/rotate"), &json!({})).await.problem(403, "suspended");
    for wider in [json!([]), json!(["192.0.0.0/16"]), json!(["192.0.2.0/24", "10.0.0.1"])] {
        administrator.json("PATCH", &path, &json!({ "networks": wider })).await.problem(403, "suspended");
    }
    let narrower = json!({ "networks": ["192.0.2.128/25"], "name": "z" });
    administrator.json("PATCH", &path, &narrower).await.expect(200);
    administrator.delete(&format!("{path}/tokens/{made}")).await.expect(204);
    administrator.delete(&path).await.expect(204);
    server.resume("riga").await;
    administrator.json("POST", "/clients", &json!({ "name": "y" })).await.expect(201);
}

/// One tenant's ids lead nowhere in another.
async fn clients_of_others_do_not_exist(server: Server) {
    server.tenant("jurmala").await;
    let (client, token, _) = server.token_of("jurmala", "x", &[], &["scim.read"], START + 1_000_000).await;
    let (own, _, _) = server.token_of("riga", "x", &[], &["scim.read"], START + 1_000_000).await;
    let administrator = server.administrator("riga").await;
    for (method, path) in [
        ("GET", format!("/clients/{client}")),
        ("PATCH", format!("/clients/{client}")),
        ("DELETE", format!("/clients/{client}")),
        ("GET", format!("/clients/{client}/tokens")),
        ("GET", format!("/clients/{client}/tokens/{token}")),
        ("GET", format!("/clients/{own}/tokens/{token}")),
        ("DELETE", format!("/clients/{own}/tokens/{token}")),
        ("POST", format!("/clients/{own}/tokens/{token}/rotate")),
        ("DELETE", "/clients/nonsense".to_owned()),
    ] {
        administrator.json(method, &path, &json!({})).await.problem(404, "");
    }
    let scopes = json!({ "scopes": ["scim.read"] });
    administrator.json("POST", &format!("/clients/{client}/tokens"), &scopes).await.problem(404, "");
    let listed = administrator.get("/clients").await.expect(200).body;
    assert_eq!(names(&listed), ["x", "an administrator"]);
    let untouched = server.administrator("jurmala").await.get(&format!("/clients/{client}/tokens/{token}")).await;
    assert_eq!(untouched.expect(200).body["state"], "active");
}

on_both_databases! {
    clients_are_made_read_changed_and_deleted,
    the_log_says_who_and_what,
    names_are_unique,
    tokens_end_with_their_client,
    lists_have_pages,
    a_suspended_tenant_is_not_given_more,
    clients_of_others_do_not_exist,
}
