//! `/t/{tenant}/api/v1/holdings`: who had what at an instant, and why.

use serde_json::{Value, json};

use super::{Scene, adding, removing};
use crate::support::Server;

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
        format!("?user={id}&cursor={id}"),
        format!("?user={id}&count=0"),
        "?user=anna".to_owned(),
        format!("?user={id}&format=xml"),
    ] {
        scene.administrator.get(&format!("/holdings{query}")).await.problem(400, "invalid");
    }
    scene.administrator.get("/holdings?application=019b2c45-6071-7293-b4a5-a6b7c8d9eafb").await.problem(404, "");
}

on_both_databases! { the_past_is_known, questions_have_to_be_clear }
