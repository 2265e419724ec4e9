//! `/t/{tenant}/api/v1/settings`

use serde_json::{Value, json};
use sqlx::Row;

use crate::support::{Server, client::USER};

async fn settings_are_read_and_changed(server: Server) {
    let (administrator, client) = (server.administrator("riga").await, server.client().await);
    let usual = json!({
        "strict": false, "uniqueGroupNames": true, "rolesAndEntitlements": false, "knownRolesOnly": false, "sodBlocksProvisioning": false, "mailNotifications": true,
        "pageSize": 100, "maxPageSize": 1000, "massChangeCount": 50, "massChangePercent": 20,
        "workingTime": { "followsMovedDays": false },
    });
    assert_eq!(administrator.get("/settings").await.expect(200).body, usual);
    client.get("/Roles").await.refused(404, "");
    let change = json!({ "rolesAndEntitlements": true, "pageSize": 1 });
    let changed = administrator.json("PATCH", "/settings", &change).await.expect(200).body;
    assert_eq!((&changed["pageSize"], &changed["maxPageSize"]), (&json!(1), &json!(1000)), "what is left out stays");
    assert_eq!(administrator.get("/settings").await.body, changed);
    client.get("/Roles").await.expect(200);
    client.user("a", json!({})).await;
    client.user("b", json!({})).await;
    assert_eq!(client.get("/Users").await.body["itemsPerPage"], 1, "it is felt at once");

    let events = async || {
        let look = server.database.look().await;
        let rows = sqlx::query("SELECT changes FROM event WHERE kind = 'Settings'").fetch_all(&look).await;
        rows.expect("events").iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>()
    };
    assert_eq!(events().await, [r#"{"attributes":["rolesAndEntitlements","pageSize"]}"#]);
    administrator.json("PATCH", "/settings", &change).await.expect(200);
    administrator.json("PATCH", "/settings", &json!({})).await.expect(200);
    assert_eq!(events().await.len(), 1, "what is as it should be is not changed");
}

/// Who looks after security, and who takes access in emergencies, are groups of the tenant.
async fn groups_that_are_named_are_there(server: Server) {
    let (administrator, client) = (server.administrator("riga").await, server.client().await);
    let user = client.user("somebody", json!({})).await.id();
    let group = client.group("some", &[]).await.id();
    let city = json!({ "kind": "municipality", "code": "RIGA", "name": "Riga" });
    let city = administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    for name in ["securityOfficers", "emergencyGroup"] {
        for id in [&user, &city, &uuid::Uuid::now_v7().to_string()] {
            let told = administrator.json("PATCH", "/settings", &json!({ name: id })).await.problem(400, "invalid");
            assert!(told.contains(name), "{told}");
        }
        administrator.json("PATCH", "/settings", &json!({ name: group })).await.expect(200);
    }
    // One that is gone stands in the way of nothing else.
    client.delete(&format!("/Groups/{group}")).await.expect(204);
    administrator.json("PATCH", "/settings", &json!({ "pageSize": 7 })).await.expect(200);
    administrator.json("PATCH", "/settings", &json!({ "securityOfficers": null })).await.expect(200);
}

async fn wrong_settings_are_refused(server: Server) {
    let administrator = server.administrator("riga").await;
    for (body, pointer) in [
        (json!({ "colour": "red" }), "/colour"),
        (json!({ "strict": "true" }), "/strict"),
        (json!({ "strict": null }), "/strict"),
        (json!({ "pageSize": -1 }), "/pageSize"),
        (json!([]), ""),
    ] {
        let reply = administrator.json("PATCH", "/settings", &body).await;
        assert!(reply.body["errors"][0]["pointer"] == pointer, "{body}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    let unknown = administrator.json("PATCH", "/settings", &json!({ "strict": true, "nope": 1 })).await;
    let said = unknown.body["errors"][0]["detail"].as_str().unwrap_or_default().to_owned();
    assert!(
        said.starts_with("Is not a field that can be sent here; these are: `strict`, `uniqueGroupNames`"),
        "{said}"
    );
    let detail = unknown.problem(400, "invalid");
    assert!(detail.starts_with("nope is not a field that can be sent here; these are: `strict`"), "{detail}");
    let nameless = administrator.json("POST", "/clients", &json!({})).await.problem(400, "invalid");
    assert_eq!(nameless, "Must have the field `name`.");
    for size in [0, 1001] {
        let reply = administrator.json("PATCH", "/settings", &json!({ "maxPageSize": size })).await;
        assert!(reply.problem(400, "invalid").contains("1000"));
    }
    administrator.json("PATCH", "/settings", &json!({ "uniqueGroupNames": false })).await.expect(200);
    let client = server.client().await;
    client.group("g", &[]).await;
    client.group("G", &[]).await;
    let unique = json!({ "uniqueGroupNames": true, "strict": true });
    assert!(administrator.json("PATCH", "/settings", &unique).await.problem(409, "conflict").contains("rename"));
    assert_eq!(administrator.get("/settings").await.body["strict"], false, "all or nothing");
}

/// What a tenant is served by is not changed while it is suspended, and never again once it is archived.
async fn states_are_kept(server: Server) {
    let administrator = server.administrator("riga").await;
    let change = json!({ "strict": true });
    server.suspend("riga").await;
    administrator.json("PATCH", "/settings", &change).await.problem(403, "suspended");
    server
        .directory()
        .await
        .change_settings(serde_json::from_value(change.clone()).expect("a change"), None)
        .await
        .expect("an operator may");
    server.resume("riga").await;
    let other = json!({ "strict": false });
    administrator.json("PATCH", "/settings", &other).await.expect(200);
    server
        .platform()
        .archive("riga", &caurlaide::administration::Reason { reason: "a test".into() })
        .await
        .expect("archived");
    let directory = server.directory().await;
    let refused = directory.change_settings(serde_json::from_value(change).expect("a change"), None).await;
    assert!(matches!(refused, Err(caurlaide::provisioning::Error::Archived)));
    let refused = directory.remove_schema("urn:x", None).await;
    assert!(matches!(refused, Err(caurlaide::provisioning::Error::Archived)));
}

async fn tenants_have_their_own(server: Server) {
    server.tenant("jurmala").await;
    let strict: Value = json!({ "strict": true });
    server.administrator("jurmala").await.json("PATCH", "/settings", &strict).await.expect(200);
    assert_eq!(server.administrator("riga").await.get("/settings").await.body["strict"], false);
    let named = json!({ "schemas": [USER], "userName": "a", "nonsense": 1 });
    server.client().await.post("/Users", &named).await.expect(201);
}

on_both_databases! {
    settings_are_read_and_changed,
    groups_that_are_named_are_there,
    wrong_settings_are_refused,
    states_are_kept,
    tenants_have_their_own,
}
