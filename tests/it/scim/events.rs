//! The log of changes: written with every write, in its transaction.

use serde_json::{Value, json};
use sqlx::Row;

use crate::support::{
    Server,
    client::{ENTERPRISE, USER},
    server::START,
};

/// All events, the oldest first: action, kind, version, changes, request.
async fn events(server: &Server) -> Vec<(String, String, i64, Value, String)> {
    let rows = sqlx::query(
        "SELECT action, kind, version, changes, request_id FROM event WHERE kind IN ('User', 'Group') ORDER BY seq",
    )
    .fetch_all(&server.database.look().await)
    .await
    .expect("events");
    let changes = |row: &sqlx::any::AnyRow| serde_json::from_str(&row.get::<String, _>(3)).expect("JSON");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), changes(row), row.get(4))).collect()
}

async fn every_write_says_what_it_changed(server: Server) {
    let client = server.client().await;
    let send = |method: &str, path: &str, request: &str, body: Value| {
        let request = client.request(method, path).header("x-request-id", request).body(body.to_string());
        client.send(request)
    };
    let head = send("POST", "/Users", "r-1", json!({ "schemas": [USER], "userName": "head" })).await.expect(201).id();
    let body = json!({ "schemas": [USER], "userName": "a", ENTERPRISE: { "manager": { "value": head } }, "password": "secret" });
    let user = send("POST", "/Users", "r-2", body).await.expect(201).id();
    let group = client.group("g", &[&user, &head]).await.id();
    let patch = |operations: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let deactivate = patch(
        json!([{ "op": "replace", "path": "active", "value": false }, { "op": "add", "path": "title", "value": "t" }]),
    );
    let reply = send("PATCH", &format!("/Users/{user}"), "r-3", deactivate.clone()).await.expect(200);
    assert_eq!(reply.header("x-request-id"), Some("r-3"));
    send("PATCH", &format!("/Users/{user}"), "r-4", deactivate).await.expect(200);
    let password = patch(json!([{ "op": "replace", "path": "password", "value": "other" }]));
    send("PATCH", &format!("/Users/{user}"), "r-5", password).await.expect(200);
    send("DELETE", &format!("/Users/{head}"), "r-6", Value::Null).await.expect(204);

    let events = events(&server).await;
    let seen: Vec<(&str, &str, i64)> = events.iter().map(|e| (e.0.as_str(), e.1.as_str(), e.2)).collect();
    assert_eq!(
        seen,
        [
            ("created", "User", 1),
            ("created", "User", 1),
            ("created", "Group", 1),
            ("changed", "User", 2),
            ("changed", "Group", 2),
            ("changed", "User", 3),
            ("changed", "User", 4),
            ("changed", "Group", 3),
            ("deleted", "User", 2),
        ]
    );
    assert_eq!(events[1].3["attributes"], json!(["userName", "active", format!("{ENTERPRISE}:manager")]));
    let mut members = vec![user.clone(), head.clone()];
    members.sort();
    assert_eq!(events[2].3, json!({ "attributes": ["displayName"], "added": members }));
    assert_eq!(events[3].3, json!({ "attributes": ["title", "active"] }));
    assert_eq!(events[4].3, json!({ "removed": [user] }), "who is deactivated leaves");
    assert_eq!(events[5].3, json!({ "attributes": ["password"] }));
    assert_eq!(events[7].3, json!({ "removed": [head] }));
    assert_eq!(events[6].3, json!({ "attributes": [format!("{ENTERPRISE}:manager")] }));
    let requests: Vec<&str> = events.iter().map(|e| e.4.as_str()).collect();
    assert_eq!((requests[0], &requests[3..6]), ("r-1", &["r-3", "r-3", "r-5"][..]));
    assert_eq!(&requests[6..], ["r-6", "r-6", "r-6"], "what follows from a deletion has its cause");
    let clients: (i64,) = sqlx::query_as(
        "SELECT count(*) FROM event e JOIN client c ON c.id = e.client_id AND c.tenant_id = e.tenant_id",
    )
    .fetch_one(&server.database.look().await)
    .await
    .expect("a count");
    assert_eq!(clients.0, 9, "every event names the client");
    client.get(&format!("/Groups/{group}")).await.expect(200);
}

/// Who is out of a group because it is gone can be told.
async fn a_deleted_group_says_who_was_in_it(server: Server) {
    let client = server.client().await;
    let mut members = vec![client.user("a", json!({})).await.id(), client.user("b", json!({})).await.id()];
    let group = client.group("g", &[&members[0], &members[1]]).await.id();
    client.delete(&format!("/Groups/{group}")).await.expect(204);
    members.sort();
    let last = events(&server).await.pop().expect("an event");
    assert_eq!((last.0.as_str(), last.1.as_str(), last.3), ("deleted", "Group", json!({ "removed": members })));
}

/// What an operator does is on the record too.
async fn operators_leave_a_trace(server: Server) {
    let (id, _) = server.token("riga", &["scim.read"], START + 1000).await;
    for _ in 0..2 {
        server.revoke("riga", id).await;
        server.suspend("riga").await;
    }
    let rows = sqlx::query("SELECT kind, action, changes FROM event WHERE kind IN ('Tenant', 'Token') ORDER BY seq")
        .fetch_all(&server.database.look().await)
        .await
        .expect("events");
    let seen: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {}", row.get::<String, _>(0), row.get::<String, _>(1), row.get::<String, _>(2)))
        .collect();
    assert_eq!(
        seen,
        [
            "Tenant created {\"attributes\":[\"slug\",\"name\"]}",
            "Token created {\"attributes\":[\"client\",\"scopes\",\"expires\"]}",
            "Token changed {\"attributes\":[\"revoked\"]}",
            "Tenant changed {\"attributes\":[\"state\",\"reason\"]}",
        ]
    );
}

on_both_databases! {
    every_write_says_what_it_changed,
    a_deleted_group_says_who_was_in_it,
    operators_leave_a_trace,
}
