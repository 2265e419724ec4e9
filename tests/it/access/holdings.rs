//! `/t/{tenant}/api/v1/holdings`: who had what at an instant, and why.

use serde_json::{Value, json};

use super::{Scene, adding, removing};
use crate::support::{Server, client::USER};

/// All that somebody is told, page by page, as pairs of who and what.
async fn held(scene: &Scene, query: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut parameters = [query, &[("count", "2")]].concat();
        if !cursor.is_empty() {
            parameters.push(("cursor", &cursor));
        }
        let page = scene.administrator.find("/holdings", &parameters).await.expect(200).body;
        let items = page["items"].as_array().expect("items").iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        all.extend(items.map(|item| (text(&item["grant"]["user"]), text(&item["code"]))));
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => {
                all.sort_unstable();
                return all;
            }
        }
    }
}

/// At every instant of the past it is known who had what: by people who have left, in groups that are gone, and before a
/// group was an entitlement. From the moment of a grant on, and not at the moment of its end any more.
async fn the_past_is_known(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({ "displayName": "Anna Ozola" })).await.id();
    let berta = scene.writer.user("berta", json!({})).await.id();
    let operator = scene.writer.group("operator", &[&anna]).await.id();
    let reader = scene.writer.group("reader", &[]).await.id();
    scene.server.pass(10_000);
    scene.entitle(&operator, "operator", "scim").await;
    scene.entitle(&reader, "reader", "grants").await;
    scene.server.pass(10_000);
    let grant = scene.give(&berta, &reader).await;
    scene.writer.patch(&format!("/Groups/{operator}"), adding(&[&berta])).await.expect(204);
    scene.server.pass(10_000);
    scene.revoke(&grant).await;
    scene.writer.patch(&format!("/Groups/{operator}"), removing(&anna)).await.expect(204);
    scene.server.pass(10_000);
    scene.writer.delete(&format!("/Users/{berta}")).await.expect(204);
    scene.server.pass(10_000);
    scene.writer.delete(&format!("/Groups/{operator}")).await.expect(204);
    scene.server.pass(10_000);

    let of = |second: i64| format!("2026-01-01T00:00:{second:02}.000Z");
    let pair = |user: &String, code: &str| (user.clone(), code.to_owned());
    let mut both = vec![pair(&anna, "operator"), pair(&berta, "operator"), pair(&berta, "reader")];
    both.sort_unstable();
    for (second, expected) in [
        (0, vec![pair(&anna, "operator")]),
        (19, vec![pair(&anna, "operator")]),
        (20, both.clone()),
        (29, both),
        (30, vec![pair(&berta, "operator")]),
        (39, vec![pair(&berta, "operator")]),
        (40, Vec::new()),
        (59, Vec::new()),
    ] {
        let at = of(second);
        let application = held(&scene, &[("application", &scene.application), ("at", &at)]).await;
        assert_eq!(application, expected, "at {at}");
        for user in [&anna, &berta] {
            let own: Vec<_> = expected.iter().filter(|(who, _)| who == user).cloned().collect();
            assert_eq!(held(&scene, &[("user", user), ("at", &at)]).await, own, "{user} at {at}");
            let active = scene.grants(&[("user", user), ("at", &at)]).await;
            assert_eq!(active.len(), own.len(), "{user} at {at}");
        }
    }
    let told = scene.administrator.find("/holdings", &[("user", &berta), ("at", &of(25))]).await.expect(200).body;
    assert_eq!(told["at"], of(25));
    let reading = told["items"].as_array().expect("items").iter().find(|item| item["code"] == "reader").expect("one");
    assert_eq!(reading.get("displayName"), None, "she is gone");
    assert_eq!((&reading["application"], &reading["names"]), (&json!(scene.application), &json!({ "en": "reader" })));
    assert_eq!(reading["grant"]["given"]["reason"], "a test");
    assert_eq!(reading["grant"]["ended"], of(30), "what became of it since is told too");
    let told = scene.administrator.find("/holdings", &[("user", &anna), ("at", &of(5))]).await.expect(200).body;
    assert_eq!(told["items"][0]["displayName"], "Anna Ozola");
    assert_eq!(told["items"][0]["grant"]["source"], "import");
}

async fn questions_have_to_be_clear(server: Server) {
    let scene = Scene::new(server).await;
    let id = scene.application.clone();
    for query in [
        String::new(),
        format!("?user={id}&application={id}"),
        format!("?user={id}&at=2026"),
        format!("?user={id}&at=2999-01-01T00:00:00Z"),
        format!("?user={id}&cursor={id}"),
        format!("?user={id}&count=0"),
        "?user=anna".to_owned(),
        format!("?user={id}&format=xml"),
    ] {
        scene.administrator.get(&format!("/holdings{query}")).await.problem(400, "invalid");
    }
    scene.administrator.get("/holdings?application=019b2c45-6071-7293-b4a5-a6b7c8d9eafb").await.problem(404, "");
}

/// A table is whole however long it is, and nothing in it is taken for a formula.
async fn a_table_is_whole(server: Server) {
    let scene = Scene::new(server).await;
    let operation = |number: usize| {
        let name = if number == 0 { "=1+1".to_owned() } else { format!("Person \"{number}\", of Riga") };
        json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(),
                "data": { "schemas": [USER], "userName": format!("u{number}"), "displayName": name } })
    };
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                       "Operations": (0..501).map(operation).collect::<Vec<_>>() });
    let made = scene.writer.post("/Bulk", &body).await.expect(200).body;
    let id = |made: &Value| made["location"].as_str().and_then(|at| at.rsplit('/').next()).expect("an id").to_owned();
    let users: Vec<String> = made["Operations"].as_array().expect("operations").iter().map(id).collect();
    let members: Vec<&str> = users.iter().map(String::as_str).collect();
    let reader = scene.writer.group("reader", &members).await.id();
    scene.entitle(&reader, "reader", "grants").await;

    let path = format!("/holdings?format=csv&application={}", scene.application);
    let response = scene.administrator.request("GET", &path).send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8; header=present");
    let text = response.text().await.expect("text");
    let mut lines = text.split("\r\n");
    assert_eq!(
        lines.next(),
        Some("user,displayName,application,entitlement,code,name,source,state,from,until,ended,ending,reason,grant")
    );
    let rows: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let mut told: Vec<&str> = rows.iter().map(|row| &row[..36]).collect();
    let mut expected = members.clone();
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
    let of = |user: usize| *rows.iter().find(|row| row.starts_with(&users[user])).expect("a row");
    let start = format!("{},'=1+1,{},{reader},reader,", users[0], scene.application);
    assert!(of(0).starts_with(&start), "{}", of(0));
    assert!(of(7).contains(",\"Person \"\"7\"\", of Riga\","), "{}", of(7));
    let one = format!("/holdings?format=csv&user={}", users[3]);
    let one = scene.administrator.request("GET", &one).send().await.expect("an answer").text().await.expect("text");
    assert_eq!(one.matches("\r\n").count(), 2, "{one}");
    for wrong in ["&count=2", "&cursor=x", "&format=json"] {
        scene.administrator.get(&format!("{path}{wrong}")).await.problem(400, "invalid");
    }
    scene.administrator.get("/holdings?format=xml&user=x").await.problem(400, "invalid");
    let unknown = format!("/holdings?format=csv&application={reader}");
    scene.administrator.get(&unknown).await.problem(404, "");
}

on_both_databases! { a_table_is_whole, the_past_is_known, questions_have_to_be_clear }
