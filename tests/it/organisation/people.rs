//! Who works where: `/organisation-units/{unit}/people`, `/organisation-units/unmatched`, `/users/{user}/employments`

use serde_json::{Value, json};

use super::{change, employed, unit};
use crate::support::{
    Client, Server,
    client::{ENTERPRISE, MUNICIPAL},
};

/// The names of who works in a unit.
async fn people(administrator: &Client, unit: &str, query: &str) -> Vec<String> {
    let page = administrator.get(&format!("/organisation-units/{unit}/people{query}")).await.expect(200).body;
    let people = page["items"].as_array().expect("items").iter();
    people.map(|person| person["userName"].as_str().expect("a name").to_owned()).collect()
}

/// People are found in a unit and in what is above it, on the days of their employments, wherever the unit is moved.
async fn people_are_found_by_subtree_and_day(server: Server) {
    let (administrator, identities) = (server.administrator("riga").await, server.client().await);
    let city = unit(&administrator, "municipality", "RIG", None).await;
    let finances = unit(&administrator, "unit", "FIN", Some(&city)).await;
    let taxes = unit(&administrator, "unit", "NIN", Some(&finances)).await;
    let school = unit(&administrator, "institution", "SKO", Some(&city)).await;
    // The server's clock says 2026-01-01.
    let anna = json!({
        "displayName": "Anna Ābele", MUNICIPAL: { "organisationUnit": { "value": "FIN" }, "position": "Vadītāja" },
    });
    let anna = identities.user("anna", anna).await.id();
    let berta = employed(&identities, "berta", json!([
        { "value": "1", "organisationUnit": "NIN", "position": "Inspektore", "type": "permanent", "start": "2020-01-01",
          "end": "2026-01-01", "manager": anna, "primary": true },
        { "value": "2", "organisationUnit": "SKO", "position": "Skolotāja", "start": "2026-01-01", "end": "2026-05-31" },
        { "value": "3", "organisationUnit": "FIN", "start": "2026-02-01" },
    ]))
    .await;
    employed(&identities, "carl", json!([{ "organisationUnit": "NIN", "end": "2025-12-31" }])).await;
    employed(&identities, "dora", json!([{ "organisationUnit": "ELSEWHERE" }, { "position": "anywhere" }])).await;
    let gone = employed(&identities, "evija", json!([{ "organisationUnit": "NIN" }])).await;
    identities.delete(&format!("/Users/{gone}")).await.expect(204);

    for (unit, query, expected) in [
        (&city, "", vec!["anna", "berta"]),
        (&city, "?direct=true", vec![]),
        (&finances, "", vec!["anna", "berta"]),
        (&finances, "?direct=true", vec!["anna"]),
        (&taxes, "", vec!["berta"]),
        (&taxes, "?day=2026-01-02", vec![]),
        (&taxes, "?day=2025-12-31", vec!["berta", "carl"]),
        (&taxes, "?day=2019-12-31", vec!["carl"]),
        (&school, "?day=2025-12-31", vec![]),
        (&school, "?day=2026-05-31", vec!["berta"]),
        (&finances, "?day=2026-02-01&direct=true", vec!["anna", "berta"]),
    ] {
        assert_eq!(people(&administrator, unit, query).await, expected, "{query}");
    }
    let path = format!("/organisation-units/{city}/people?count=1");
    let page = administrator.get(&path).await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest = administrator.get(&format!("{path}&cursor={cursor}")).await.expect(200).body;
    assert!(rest["nextCursor"].is_null());
    let [inspector, teacher] = rest["items"][0]["employments"].as_array().expect("employments").as_slice() else {
        panic!("two are in force: {rest:#}");
    };
    assert_eq!(
        *inspector,
        json!({
            "number": "1", "unit": { "code": "NIN", "id": taxes, "name": "NIN" }, "position": "Inspektore", "type": "permanent",
            "manager": { "id": anna, "displayName": "Anna Ābele" }, "start": "2020-01-01", "end": "2026-01-01",
            "primary": true, "current": true,
        })
    );
    assert_eq!(teacher["unit"]["id"], json!(school));

    // The people of a unit go where it goes, and are those who name its code.
    change(&administrator, &taxes, "*", &json!({ "parent": school })).await.expect(200);
    assert_eq!(people(&administrator, &finances, "").await, ["anna"]);
    assert_eq!(people(&administrator, &school, "").await, ["berta"]);
    change(&administrator, &taxes, "*", &json!({ "code": "ELSEWHERE" })).await.expect(200);
    assert_eq!(people(&administrator, &taxes, "").await, ["dora"]);
    assert_eq!(people(&administrator, &school, "").await, ["berta", "dora"]);
    identities.get(&format!("/Users/{berta}")).await.expect(200);
}

/// All that a user works as, page by page, also what is over.
async fn employments_are_listed(server: Server) {
    let (administrator, identities) = (server.administrator("riga").await, server.client().await);
    let list: Vec<Value> =
        (0..5).map(|at| json!({ "value": at.to_string(), "start": format!("202{at}-01-01") })).collect();
    let anna = employed(&identities, "anna", json!(list)).await;
    let mut found = Vec::new();
    let mut path = format!("/users/{anna}/employments?count=2");
    loop {
        let page = administrator.get(&path).await.expect(200).body;
        found.extend(page["items"].as_array().expect("items").clone());
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/users/{anna}/employments?count=2&cursor={cursor}");
    }
    let numbers: Vec<&str> = found.iter().filter_map(|one| one["number"].as_str()).collect();
    assert_eq!(numbers, ["0", "1", "2", "3", "4"]);
    assert_eq!(found[0], json!({ "number": "0", "start": "2020-01-01", "primary": true, "current": true }));

    // Who sends no list has one employment: of the single attributes, and of the enterprise extension's manager.
    let user = json!({
        MUNICIPAL: {
            "organisationUnit": { "value": "FIN" }, "position": "Jurists", "employmentType": "contract",
            "employmentStart": "2020-02-03", "employmentEnd": "2025-12-31",
        },
        ENTERPRISE: { "manager": { "value": anna } },
    });
    let berta = identities.user("berta", user).await.id();
    let shown = administrator.get(&format!("/users/{berta}/employments")).await.expect(200).body;
    assert_eq!(
        shown["items"],
        json!([{
            "unit": { "code": "FIN" }, "position": "Jurists", "type": "contract", "manager": { "id": anna },
            "start": "2020-02-03", "end": "2025-12-31", "primary": true, "current": false,
        }])
    );
    let nobody = identities.user("carl", json!({})).await.id();
    let none = administrator.get(&format!("/users/{nobody}/employments")).await.expect(200).body;
    assert_eq!(none, json!({ "items": [] }));
    for wrong in ["/users/nobody/employments".to_owned(), format!("/users/{}/employments", uuid::Uuid::from_u128(7))] {
        administrator.get(&wrong).await.problem(404, "");
    }
    administrator.get(&format!("/users/{berta}/employments?cursor=x")).await.problem(400, "invalid");
}

/// A unit may come after its people: until then its code is a report.
async fn codes_without_a_unit_are_reported(server: Server) {
    let (administrator, identities) = (server.administrator("riga").await, server.client().await);
    let city = unit(&administrator, "municipality", "RIG", None).await;
    for (name, code) in [("a", "Ā"), ("b", "Z"), ("c", "Z"), ("d", "RIG")] {
        employed(&identities, name, json!([{ "organisationUnit": code }, { "organisationUnit": code }])).await;
    }
    employed(&identities, "e", json!([{ "organisationUnit": "PAST", "end": "2025-12-31" }, { "position": "none" }]))
        .await;
    let report = administrator.get("/organisation-units/unmatched").await.expect(200).body;
    let expected = json!([{ "code": "Z", "people": 2 }, { "code": "Ā", "people": 1 }]);
    assert_eq!(report, json!({ "items": expected }));
    let page = administrator.get("/organisation-units/unmatched?count=1").await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest =
        administrator.get(&format!("/organisation-units/unmatched?count=1&cursor={cursor}")).await.expect(200).body;
    assert_eq!(rest, json!({ "items": [expected[1]] }));
    // Not composed, as some systems write it.
    unit(&administrator, "unit", "A\u{304}", Some(&city)).await;
    let report = administrator.get("/organisation-units/unmatched").await.expect(200).body;
    assert_eq!(report, json!({ "items": [expected[0]] }));
    assert_eq!(people(&administrator, &city, "").await, ["a", "d"]);
}

on_both_databases! {
    people_are_found_by_subtree_and_day,
    employments_are_listed,
    codes_without_a_unit_are_reported,
}
