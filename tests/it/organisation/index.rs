//! The index of employments says what the documents say, whatever was written and however.

use std::collections::BTreeSet;

use scim::{Document, employment, fold};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor, Row};

use super::employed;
use crate::support::{
    Client, Kind, Server,
    client::{ENTERPRISE, MUNICIPAL, USER},
};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The rows of a tenant's index, as text.
async fn rows(server: &Server, slug: &str) -> BTreeSet<String> {
    let id = |column: &str| match server.kind() {
        Kind::Sqlite => format!("COALESCE(lower(hex({column})), '')"),
        Kind::Postgres => format!("COALESCE(replace(CAST({column} AS text), '-', ''), '')"),
    };
    let texts = ["unit", "position", "kind", "starts", "ends"].map(|name| format!("COALESCE({name}, '')"));
    let sql = format!(
        "SELECT {} || '|' || CAST(number AS text) || '|' || {} || '|' || {} || '|' || CASE WHEN is_primary THEN 'primary' ELSE '' END \
         FROM employment WHERE tenant_id = (SELECT id FROM tenant WHERE slug = '{slug}')",
        id("user_id"),
        texts.join(" || '|' || "),
        id("manager_id"),
    );
    let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(&server.database.look().await).await.expect("rows");
    found.iter().map(|row| row.get::<String, _>(0)).collect()
}

/// What the rows must be by the documents that a client reads.
async fn expected(client: &Client) -> BTreeSet<String> {
    let list = client.get("/Users?count=1000").await.expect(200).body;
    let users = list["Resources"].as_array().cloned().unwrap_or_default();
    let mut rows = BTreeSet::new();
    for user in users {
        let id = user["id"].as_str().expect("an id").replace('-', "");
        let document = Document::from_stored(user.as_object().cloned().expect("a user"));
        for (at, one) in employment::of(&document).into_iter().enumerate() {
            let text = |text: Option<String>| text.unwrap_or_default();
            let folded = |text: Option<String>| text.map(|text| fold::fold(&text)).unwrap_or_default();
            let manager = one.manager.filter(|id| uuid::Uuid::parse_str(id).is_ok()).unwrap_or_default();
            let primary = if one.is_primary { "primary" } else { "" };
            rows.insert(
                [
                    id.clone(),
                    at.to_string(),
                    text(one.unit),
                    folded(one.position),
                    folded(one.kind),
                    text(one.starts),
                    text(one.ends),
                    manager.replace('-', ""),
                    primary.to_owned(),
                ]
                .join("|"),
            );
        }
    }
    rows
}

async fn agrees(server: &Server, slug: &str, client: &Client, what: &str) {
    assert_eq!(rows(server, slug).await, expected(client).await, "after {what}");
}

/// Every way to write a user keeps the index.
async fn every_write_keeps_the_index(server: Server) {
    let client = server.client().await;
    let boss = client.user("boss", json!({})).await.id();
    let anna = employed(
        &client,
        "anna",
        json!([
            { "organisationUnit": "FIN", "position": "VADĪTĀJA", "type": "Permanent", "manager": boss },
            { "organisationUnit": "NIN", "start": "2020-01-01", "primary": true },
            { "organisationUnit": "SKO", "end": "2027-01-01" },
        ]),
    )
    .await;
    assert_eq!(rows(&server, "riga").await.len(), 3);
    agrees(&server, "riga", &client, "a create").await;
    let path = format!("/Users/{anna}");
    let list = format!("{MUNICIPAL}:employments");
    for (what, operation) in [
        (
            "another unit",
            json!({ "op": "replace", "path": format!("{list}[organisationUnit eq \"NIN\"].organisationUnit"), "value": "NEW" }),
        ),
        ("one more", json!({ "op": "add", "path": list, "value": [{ "organisationUnit": "BIB" }] })),
        ("one less", json!({ "op": "remove", "path": format!("{list}[organisationUnit eq \"FIN\"]") })),
        (
            "another order",
            json!({ "op": "replace", "path": list, "value": [
            { "organisationUnit": "SKO" }, { "organisationUnit": "NEW" }, { "organisationUnit": "FIN" },
        ] }),
        ),
        ("a manager", json!({ "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": { "value": boss } })),
        ("no list", json!({ "op": "remove", "path": list })),
        ("single attributes", json!({ "op": "add", "path": format!("{MUNICIPAL}:position"), "value": "Ārsts" })),
        ("nothing of it", json!({ "op": "replace", "path": "title", "value": "x" })),
        ("away", json!({ "op": "replace", "path": "active", "value": false })),
    ] {
        client.patch(&path, json!([operation])).await.expect(200);
        agrees(&server, "riga", &client, what).await;
    }
    assert_eq!(rows(&server, "riga").await.len(), 1);
    let other = json!({ "schemas": [USER], "userName": "anna", MUNICIPAL: { "employments": [{ "position": "P" }, { "position": "Q" }] } });
    client.put(&path, &other).await.expect(200);
    agrees(&server, "riga", &client, "a PUT").await;
    let led = json!({ ENTERPRISE: { "manager": { "value": boss } }, MUNICIPAL: { "position": "R" } });
    client.user("led", led).await;
    client.delete(&format!("/Users/{boss}")).await.expect(204);
    agrees(&server, "riga", &client, "the manager has gone").await;

    let new = |name: &str| {
        json!({
            "method": "POST", "path": "/Users", "bulkId": name,
            "data": { "schemas": [USER], "userName": name, MUNICIPAL: { "employments": [{ "organisationUnit": name }] } },
        })
    };
    let move_on = json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": list, "value": [{ "organisationUnit": "X" }] }] });
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            new("b1"), new("b2"), new("anna"), new("b3"),
            { "method": "PATCH", "path": path, "data": move_on },
            { "method": "PATCH", "path": "/Users/bulkId:b2", "data": move_on },
        ],
    });
    client.post("/Bulk", &bulk).await.expect(200);
    agrees(&server, "riga", &client, "a bulk").await;
    client.delete(&path).await.expect(204);
    agrees(&server, "riga", &client, "a DELETE").await;
    assert_eq!(rows(&server, "riga").await.len(), 4);
}

/// Two hundred writes by chance, some at once, end with an index that is right.
async fn whatever_order_writes_come_in(server: Server) {
    let client = server.client().await;
    let mut seed = 11_u64;
    let mut below = |end: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % end
    };
    let mut users = Vec::new();
    for name in ["a", "b", "c", "d"] {
        users.push(client.user(name, json!({})).await.id());
    }
    for _ in 0..40 {
        let user = format!("/Users/{}", users[usize::try_from(below(4)).expect("a place")]);
        let mut bodies = Vec::new();
        for _ in 0..3 {
            let list: Vec<Value> = (0..below(4))
                .map(|_| json!({ "organisationUnit": format!("U{}", below(3)), "position": format!("P{}", below(3)) }))
                .collect();
            bodies.push(match below(4) {
                0 => json!([{ "op": "remove", "path": format!("{MUNICIPAL}:employments") }]),
                1 => json!([{ "op": "replace", "path": "title", "value": below(9).to_string() }]),
                2 => json!([{ "op": "add", "value": { MUNICIPAL: { "position": format!("P{}", below(3)) } } }]),
                _ if list.is_empty() => json!([{ "op": "remove", "path": MUNICIPAL }]),
                _ => json!([{ "op": "replace", "path": format!("{MUNICIPAL}:employments"), "value": list }]),
            });
        }
        let [a, b, c] = [&bodies[0], &bodies[1], &bodies[2]].map(|body| client.patch(&user, body.clone()));
        let (a, b, c) = tokio::join!(a, b, c);
        for reply in [a, b, c] {
            reply.expect(200);
        }
        agrees(&server, "riga", &client, "writes at once").await;
    }
}

/// What is wrong with an employment is told by its place, and nothing is written.
async fn wrong_employments_are_refused(server: Server) {
    let client = server.client().await;
    let anna = employed(&client, "anna", json!([{ "organisationUnit": "FIN" }])).await;
    let before = client.get(&format!("/Users/{anna}")).await.expect(200).body;
    let many: Vec<Value> = (0..101).map(|at| json!({ "position": at.to_string() })).collect();
    for (wrong, says) in [
        (json!([{}, { "start": "2026-02-02", "end": "2026-02-01" }]), "employments["),
        (json!([{ "position": "p" }, { "start": "2026-02-02", "end": "2026-02-01" }]), "employments[1].end"),
        (json!([{ "start": "2026-02-02", "end": "2026-02-01" }]), "before its start"),
        (json!([{ "organisationUnit": "x".repeat(101) }]), "organisationUnit"),
        (json!(many), "100"),
        (json!([{ "position": "p", "primary": true }, { "position": "q", "primary": true }]), "primary"),
        (json!([{ "organisationUnit": 7 }]), ""),
    ] {
        let new = json!({ "schemas": [USER], "userName": "berta", MUNICIPAL: { "employments": wrong } });
        let told = client.post("/Users", &new).await.refused(400, "invalidValue");
        assert!(told.contains(says), "{wrong}: {told}");
        let operation = json!([{ "op": "replace", "path": format!("{MUNICIPAL}:employments"), "value": wrong }]);
        client.patch(&format!("/Users/{anna}"), operation).await.refused(400, "invalidValue");
    }
    assert_eq!(client.get(&format!("/Users/{anna}")).await.expect(200).body, before);
    assert_eq!(rows(&server, "riga").await.len(), 1);
    // What single attributes say is read as far as it can be, however long it is.
    let long = json!({ MUNICIPAL: {
        "organisationUnit": { "value": "ā".repeat(30_000) }, "position": "ā".repeat(30_000), "employmentEnd": "never",
    } });
    client.user("carl", long).await;
    assert_eq!(rows(&server, "riga").await.len(), 2);
    // So is a text of the list that is no day.
    employed(&client, "dora", json!([{ "start": "01.02.2026", "end": "2026-02-30", "position": "p" }])).await;
    assert_eq!(rows(&server, "riga").await.len(), 3);
}

/// Who is given back works where they did.
async fn who_comes_back_works_where_they_did(server: Server) {
    let administrator = server.administrator("riga").await;
    let (id, _, token) = server
        .token_of("riga", "Payroll", &[], &["scim.read", "scim.write"], crate::support::server::START + 1_000_000_000)
        .await;
    let client = server.client().await.with_token(&token);
    let anna = employed(&client, "anna", json!([{ "organisationUnit": "FIN" }, { "organisationUnit": "NIN" }])).await;
    let before = rows(&server, "riga").await;
    client.delete(&format!("/Users/{anna}")).await.expect(204);
    assert!(rows(&server, "riga").await.is_empty());
    let wish = json!({ "clientId": id, "from": "2026-01-01T00:00:00Z", "until": "2026-01-01T01:00:00Z" });
    administrator.json("POST", "/restorations", &wish).await.expect(200);
    assert_eq!(rows(&server, "riga").await, before);
}

/// A database that was there before the index gets it when it is migrated.
async fn an_older_database_is_indexed(server: Server) {
    let client = server.client().await;
    server.tenant("jurmala").await;
    let other = server.client_of("jurmala").await;
    for number in 0..3 {
        employed(&client, &format!("a{number}"), json!([{ "organisationUnit": "FIN" }, { "position": "P" }])).await;
        let single = json!({ MUNICIPAL: { "employmentStart": "2020-01-01" } });
        other.user(&format!("b{number}"), single).await;
    }
    client.user("nobody", json!({})).await;
    let before = (rows(&server, "riga").await, rows(&server, "jurmala").await);
    let look = server.database.look().await;
    for undo in [
        "DROP TABLE employment",
        "DROP TABLE org_node",
        "DELETE FROM seaql_migrations WHERE version = 'm0017_organisation'",
    ] {
        look.execute(undo).await.expect(undo);
    }
    server.store.migrate().await.expect("migrated");
    assert_eq!((rows(&server, "riga").await, rows(&server, "jurmala").await), before);
    assert_eq!((before.0.len(), before.1.len()), (6, 3));
}

on_both_databases! {
    every_write_keeps_the_index,
    whatever_order_writes_come_in,
    wrong_employments_are_refused,
    who_comes_back_works_where_they_did,
    an_older_database_is_indexed,
}
