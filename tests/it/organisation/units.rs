//! `/t/{tenant}/api/v1/organisation-units`

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Row;
use tokio::time::timeout;

use super::{change, delete, unit};
use crate::support::{Kind, Server, client::MUNICIPAL, server::START};

/// What the log says of units.
async fn log(server: &Server) -> Vec<(String, Value)> {
    let rows = sqlx::query("SELECT action, changes FROM event WHERE kind = 'OrganisationUnit' ORDER BY seq")
        .fetch_all(&server.database.look().await)
        .await
        .expect("events");
    let changes = |row: &sqlx::any::AnyRow| serde_json::from_str(&row.get::<String, _>(1)).expect("JSON");
    rows.iter().map(|row| (row.get(0), changes(row))).collect()
}

/// A unit goes through its life; every change names the version that it rests on.
async fn units_are_made_changed_and_deleted(server: Server) {
    let (administrator, identities) = (server.administrator("riga").await, server.client().await);
    let head = identities.user("anna", json!({ "displayName": "Anna" })).await.id();
    let deputy = identities.user("berta", json!({})).await.id();
    let new = json!({
        "kind": "municipality", "code": " RIG ", "name": " Rīga ", "registrationNumber": "90000064250", "head": head,
    });
    let made = administrator.json("POST", "/organisation-units", &new).await.expect(201);
    let path = format!("/organisation-units/{}", made.id());
    assert_eq!(made.header("location"), Some(format!("{}{path}", administrator.base).as_str()));
    assert_eq!((&made.body["code"], &made.body["name"]), (&json!("RIG"), &json!("Rīga")));
    assert_eq!(made.body["head"], json!({ "id": head, "displayName": "Anna" }));
    let shown = administrator.get(&path).await.expect(200);
    assert_eq!((shown.etag(), &shown.body), (made.etag(), &made.body));

    let finances = unit(&administrator, "unit", "FIN", Some(&made.id())).await;
    let taxes = unit(&administrator, "unit", "FIN-NIN", Some(&finances)).await;
    let school = unit(&administrator, "institution", "SKO", Some(&made.id())).await;
    let page = administrator.get("/organisation-units?count=3").await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let rest = administrator.get(&format!("/organisation-units?count=3&cursor={cursor}")).await.expect(200).body;
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    for (filter, expected) in [
        (format!("parent={finances}"), vec![&taxes]),
        ("kind=institution".into(), vec![&school]),
        ("code=FIN-NIN".into(), vec![&taxes]),
        ("kind=unit&code=SKO".into(), vec![]),
    ] {
        let found = administrator.get(&format!("/organisation-units?{filter}")).await.expect(200).body;
        let found: Vec<&str> =
            found["items"].as_array().expect("items").iter().filter_map(|unit| unit["id"].as_str()).collect();
        assert_eq!(found, expected, "{filter}");
    }

    server.pass(1000);
    let first = shown.etag();
    let moved = json!({ "parent": school, "name": "Nodokļi", "head": head, "deputy": deputy });
    let moved = change(&administrator, &taxes, "*", &moved).await.expect(200);
    assert_eq!((&moved.body["parent"], &moved.body["deputy"]), (&json!(school), &json!({ "id": deputy })));
    assert_eq!((moved.etag().as_str(), &moved.body["modified"]), ("W/\"2\"", &json!("2026-01-01T00:00:01.000Z")));
    change(&administrator, &taxes, &first, &json!({ "name": "x" })).await.problem(412, "stale");
    delete(&administrator, &taxes, &first).await.problem(412, "stale");
    let tag = format!("\"7\", {}", moved.etag());
    assert_eq!(change(&administrator, &taxes, &tag, &json!({})).await.expect(200).etag(), moved.etag(), "no change");
    let none = json!({ "head": null, "deputy": null });
    let bare = change(&administrator, &taxes, &moved.etag(), &none).await.expect(200);
    assert!(bare.body["head"].is_null() && bare.body["deputy"].is_null());
    let path = format!("/organisation-units/{taxes}");
    administrator.json("PATCH", &path, &json!({ "name": "x" })).await.problem(428, "");
    administrator.delete(&path).await.problem(428, "");
    change(&administrator, &taxes, "nonsense", &json!({})).await.problem(400, "invalid");

    identities.user("clerk", json!({ MUNICIPAL: { "organisationUnit": { "value": "FIN-NIN" } } })).await;
    let told = delete(&administrator, &school, "*").await.problem(409, "conflict");
    assert!(told.contains("part of it"), "{told}");
    let told = delete(&administrator, &taxes, "*").await.problem(409, "conflict");
    assert!(told.starts_with("1 employments"), "{told}");
    delete(&administrator, &finances, "W/\"1\"").await.expect(204);
    administrator.get(&format!("/organisation-units/{finances}")).await.problem(404, "");
    delete(&administrator, &finances, "*").await.problem(404, "");
    let created = |more: &[&str]| {
        let mut names = vec!["kind", "code", "name"];
        names.extend(more);
        ("created".to_owned(), json!({ "attributes": names }))
    };
    assert_eq!(
        log(&server).await,
        [
            created(&["registrationNumber", "head"]),
            created(&["parent"]),
            created(&["parent"]),
            created(&["parent"]),
            ("changed".to_owned(), json!({ "attributes": ["name", "parent", "head", "deputy"] })),
            ("changed".to_owned(), json!({ "attributes": ["head", "deputy"] })),
            ("deleted".to_owned(), json!({})),
        ]
    );
}

/// Whatever cannot be is a clear refusal that names the place, and changes nothing.
async fn what_cannot_be_is_told(server: Server) {
    server.tenant("jurmala").await;
    let (administrator, identities) = (server.administrator("riga").await, server.client().await);
    let stranger = server.client_of("jurmala").await.user("stranger", json!({})).await.id();
    let elsewhere = unit(&server.administrator("jurmala").await, "municipality", "JUR", None).await;
    let anna = identities.user("anna", json!({})).await.id();
    let group = identities.group("group", &[]).await.id();
    let city = unit(&administrator, "municipality", "RIG", None).await;
    let school = unit(&administrator, "institution", "SKO", Some(&city)).await;
    let class = unit(&administrator, "unit", "SKO-Ā", Some(&school)).await;
    let before = administrator.get("/organisation-units").await.expect(200).body;
    let with = |values: Value| {
        let mut new = json!({ "kind": "unit", "code": "NEW", "name": "New", "parent": city });
        values.as_object().expect("values").iter().for_each(|(name, value)| new[name] = value.clone());
        new
    };
    for (values, pointer) in [
        (json!({ "kind": "castle" }), "/kind"),
        (json!({ "code": " " }), "/code"),
        (json!({ "code": "x".repeat(101) }), "/code"),
        (json!({ "name": "two\nlines" }), "/name"),
        (json!({ "name": null }), "/name"),
        (json!({ "parent": anna }), "/parent"),
        (json!({ "parent": elsewhere }), "/parent"),
        (json!({ "parent": "nobody" }), "/parent"),
        (json!({ "parent": null }), "/parent"),
        (json!({ "kind": "municipality" }), "/parent"),
        (json!({ "kind": "agency", "parent": class }), "/parent"),
        (json!({ "registrationNumber": "90000064250" }), "/registrationNumber"),
        (json!({ "kind": "company", "registrationNumber": "40003" }), "/registrationNumber"),
        (json!({ "head": stranger }), "/head"),
        (json!({ "head": group }), "/head"),
        (json!({ "deputy": stranger }), "/deputy"),
        (json!({ "head": anna, "deputy": anna }), "/deputy"),
        (json!({ "colour": "red" }), "/colour"),
    ] {
        let reply = administrator.json("POST", "/organisation-units", &with(values.clone())).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{values}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    for (id, wish, pointer) in [
        (&city, json!({ "parent": class }), "/parent"),
        (&school, json!({ "parent": class }), "/parent"),
        (&school, json!({ "parent": school }), "/parent"),
        (&school, json!({ "parent": null }), "/parent"),
        (&school, json!({ "head": stranger }), "/head"),
        (&school, json!({ "code": null }), "/code"),
        (&class, json!({ "kind": "municipality" }), "/parent"),
        (&city, json!({ "kind": "unit" }), "/parent"),
    ] {
        let reply = change(&administrator, id, "*", &wish).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{wish}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    // Composed or not, it is the same code.
    for taken in ["RIG", "SKO-A\u{304}"] {
        administrator.json("POST", "/organisation-units", &with(json!({ "code": taken }))).await.problem(409, "taken");
        let told = change(&administrator, &school, "*", &json!({ "code": taken })).await.problem(409, "taken");
        assert!(!told.contains(taken), "{told}");
    }
    for wrong in ["kind=castle", "parent=nobody", "count=0", "code=a&code=b", "cursor=x"] {
        administrator.get(&format!("/organisation-units?{wrong}")).await.problem(400, "invalid");
    }
    for wrong in ["day=2026-02-30", "day=today", "direct=maybe", "count=101"] {
        administrator.get(&format!("/organisation-units/{city}/people?{wrong}")).await.problem(400, "invalid");
    }
    assert_eq!(administrator.get("/organisation-units").await.expect(200).body, before, "nothing has changed");
}

/// A chain may be sixteen long, however it comes about.
async fn depth_has_an_end(server: Server) {
    let administrator = server.administrator("riga").await;
    let mut chain = vec![unit(&administrator, "municipality", "0", None).await];
    for level in 1..16 {
        chain.push(unit(&administrator, "unit", &level.to_string(), chain.last().map(String::as_str)).await);
    }
    let deeper = json!({ "kind": "unit", "code": "16", "name": "16", "parent": chain[15] });
    let reply = administrator.json("POST", "/organisation-units", &deeper).await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/parent");
    reply.problem(400, "invalid");
    let top = unit(&administrator, "unit", "top", Some(&chain[0])).await;
    unit(&administrator, "unit", "below", Some(&top)).await;
    let told = change(&administrator, &top, "*", &json!({ "parent": chain[14] })).await.problem(400, "invalid");
    assert!(told.contains("16 levels"), "{told}");
    change(&administrator, &top, "*", &json!({ "parent": chain[13] })).await.expect(200);
}

/// Two who each put one of two units into the other do not both succeed.
async fn no_circle_comes_of_a_race(server: Server) {
    let administrator = server.administrator("riga").await;
    let city = unit(&administrator, "municipality", "RIG", None).await;
    for round in 0..8 {
        let a = unit(&administrator, "unit", &format!("a{round}"), Some(&city)).await;
        let b = unit(&administrator, "unit", &format!("b{round}"), Some(&city)).await;
        let (into_b, into_a) = (json!({ "parent": b }), json!({ "parent": a }));
        let (one, other) =
            tokio::join!(change(&administrator, &a, "*", &into_b), change(&administrator, &b, "*", &into_a));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "{:#} {:#}", one.body, other.body);
        let (again, after) = (json!({ "name": "again" }), json!({ "name": "after" }));
        let (one, other) = tokio::join!(
            change(&administrator, &city, "W/\"1\"", &again),
            change(&administrator, &city, "W/\"1\"", &after)
        );
        assert!(round > 0 || [one.status, other.status].iter().filter(|status| **status == 200).count() == 1);
    }
}

/// On PostgreSQL, whoever changes the tree waits for those who do already; SQLite has one writer at a time.
async fn changes_of_the_tree_take_turns(server: Server) {
    if server.kind() == Kind::Sqlite {
        return;
    }
    let administrator = server.administrator("riga").await;
    let city = unit(&administrator, "municipality", "RIG", None).await;
    let riga = server.store.tenant(server.find("riga").await.id);
    let other = riga.begin(&store::Cause::operator(), || START).await.expect("work");
    other.hold_organisation().await.expect("held");
    let wish = json!({ "name": "Rīga" });
    let mut waiting = std::pin::pin!(change(&administrator, &city, "*", &wish));
    assert!(timeout(Duration::from_millis(500), &mut waiting).await.is_err(), "it waits");
    other.roll_back().await.expect("let go");
    waiting.await.expect(200);
}

/// What belongs to another tenant does not exist.
async fn units_of_others_do_not_exist(server: Server) {
    server.tenant("jurmala").await;
    let (administrator, stranger) = (server.administrator("riga").await, server.administrator("jurmala").await);
    let city = unit(&administrator, "municipality", "RIG", None).await;
    let user =
        server.client().await.user("anna", json!({ MUNICIPAL: { "organisationUnit": { "value": "RIG" } } })).await.id();
    for path in [
        format!("/organisation-units/{city}"),
        format!("/organisation-units/{city}/people"),
        format!("/users/{user}/employments"),
    ] {
        administrator.get(&path).await.expect(200);
        stranger.get(&path).await.problem(404, "");
    }
    change(&stranger, &city, "*", &json!({ "name": "x" })).await.problem(404, "");
    delete(&stranger, &city, "*").await.problem(404, "");
    let own = unit(&stranger, "municipality", "RIG", None).await;
    let people = stranger.get(&format!("/organisation-units/{own}/people")).await.expect(200).body;
    assert_eq!(people, json!({ "items": [] }), "the same code elsewhere is another unit");
    assert_eq!(stranger.get("/organisation-units").await.expect(200).body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(stranger.get("/organisation-units/unmatched").await.expect(200).body, json!({ "items": [] }));
}

/// A suspended tenant takes power away and gives none; who was deleted leads nothing.
async fn power_only_goes_while_a_tenant_is_suspended(server: Server) {
    let (administrator, identities) = (server.administrator("riga").await, server.client().await);
    let anna = identities.user("anna", json!({})).await.id();
    let berta = identities.user("berta", json!({})).await.id();
    let city = unit(&administrator, "municipality", "RIG", None).await;
    let part = unit(&administrator, "unit", "FIN", Some(&city)).await;
    let led = json!({ "head": anna, "deputy": berta });
    change(&administrator, &city, "*", &led).await.expect(200);
    change(&administrator, &part, "*", &led).await.expect(200);
    identities.delete(&format!("/Users/{anna}")).await.expect(204);
    let shown = administrator.get(&format!("/organisation-units/{city}")).await.expect(200).body;
    assert!(shown["head"].is_null() && shown["deputy"]["id"] == json!(berta), "{shown:#}");
    change(&administrator, &city, "*", &json!({ "name": "Rīga" })).await.expect(200);

    server.suspend("riga").await;
    let administrator = server.administrator("riga").await;
    let new = json!({ "kind": "unit", "code": "x", "name": "x", "parent": city });
    administrator.json("POST", "/organisation-units", &new).await.problem(403, "suspended");
    for wish in
        [json!({ "name": "x" }), json!({ "head": berta, "deputy": null }), json!({ "deputy": null, "code": "y" })]
    {
        change(&administrator, &part, "*", &wish).await.problem(403, "suspended");
    }
    change(&administrator, &part, "*", &json!({ "head": null, "deputy": null })).await.expect(200);
    delete(&administrator, &part, "*").await.expect(204);
}

on_both_databases! {
    units_are_made_changed_and_deleted,
    what_cannot_be_is_told,
    depth_has_an_end,
    no_circle_comes_of_a_race,
    changes_of_the_tree_take_turns,
    units_of_others_do_not_exist,
    power_only_goes_while_a_tenant_is_suspended,
}
