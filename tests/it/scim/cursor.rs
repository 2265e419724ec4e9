//! Pages by cursor (RFC 9865).

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::{Client, Reply, Server};

async fn people(client: &Client, count: usize) {
    for number in 0..count {
        // Every third has no title, and some share one.
        let title = if number % 3 == 0 { Value::Null } else { format!("t{}", number % 4).into() };
        client.user(&format!("u{number:02}"), json!({ "title": title })).await;
    }
}

fn next(reply: &Reply) -> Option<String> {
    reply.body["nextCursor"].as_str().map(Into::into)
}

/// Every page of a query, until there is no next one.
async fn walk(client: &Client, path: &str, parameters: &[(&str, &str)]) -> Vec<Reply> {
    let mut pages: Vec<Reply> = Vec::new();
    loop {
        let cursor = pages.last().map_or_else(String::new, |page| next(page).expect("a next page"));
        let mut all = parameters.to_vec();
        all.push(("cursor", &cursor));
        let page = client.find(path, &all).await.expect(200);
        assert!(page.body.get("startIndex").is_none() && page.body.get("previousCursor").is_none());
        let last = next(&page).is_none();
        pages.push(page);
        if last {
            return pages;
        }
    }
}

fn names(pages: &[Reply]) -> Vec<String> {
    pages.iter().flat_map(Client::names).collect()
}

/// Shows: K-01, K-02, K-03, K-04, K-05, K-08, K-09, K-10
async fn pages_follow_one_another_in_every_order(server: Server) {
    let client = server.client().await;
    people(&client, 23).await;
    for parameters in [
        &[][..],
        &[("sortBy", "userName"), ("sortOrder", "descending")],
        &[("sortBy", "title")],
        &[("sortBy", "title"), ("sortOrder", "descending")],
        &[("sortBy", "meta.lastModified")],
        &[("sortBy", "meta.created"), ("sortOrder", "descending")],
        &[("sortBy", "id"), ("sortOrder", "descending")],
        &[("filter", "userName sw \"u1\""), ("sortBy", "title")],
        &[("filter", "title eq \"t1\"")],
        &[("filter", "userName eq \"nobody\"")],
    ] {
        let whole = client.find("/Users", parameters).await.expect(200);
        let mut of_five = parameters.to_vec();
        of_five.push(("count", "5"));
        let pages = walk(&client, "/Users", &of_five).await;
        assert_eq!(names(&pages), Client::names(&whole), "{parameters:?}");
        let lengths: Vec<usize> = pages.iter().map(|page| Client::names(page).len()).collect();
        assert!(lengths[..lengths.len() - 1].iter().all(|length| *length == 5), "{lengths:?}");
        for page in &pages {
            assert_eq!(page.body["totalResults"], whole.body["totalResults"], "{parameters:?}");
            assert_eq!(page.body["itemsPerPage"], Client::names(page).len());
            if let Some(cursor) = next(page) {
                let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
                assert!(cursor.chars().all(unreserved), "{cursor}");
                let bytes = URL_SAFE_NO_PAD.decode(&cursor).expect("base64");
                assert!(!bytes.windows(4).any(|part| part == b"User"), "a cursor can be read");
            }
        }
    }
    let exact = walk(&client, "/Users", &[("count", "23")]).await;
    assert_eq!(exact.len(), 1, "a full last page has no next one");
    for path in ["/Users?cursor&count=5", "/Users?count=5&cursor="] {
        assert!(next(&client.get(path).await.expect(200)).is_some(), "{path}");
    }
    assert!(client.get("/Users?count=5").await.body.get("nextCursor").is_none(), "pages by number stay as they were");
    let none = client.get("/Users?cursor&count=0").await.expect(200).body;
    assert_eq!((none["totalResults"].clone(), none.get("nextCursor")), (json!(23), None));
    assert_eq!(client.get("/Users?cursor&count=-1").await.expect(200).body["Resources"], json!([]));
    assert_eq!(client.get("/Users?cursor&count=100000").await.expect(200).body["itemsPerPage"], 23, "clamped");
}

/// Shows: K-12, Q-05
async fn bodies_and_the_root_take_cursors(server: Server) {
    let client = server.client().await;
    people(&client, 7).await;
    for number in 0..4 {
        client.group(&format!("g{number}"), &[]).await;
    }
    for (path, more, total) in [
        ("/Users/.search", json!({}), 7),
        ("/.search", json!({}), 11),
        ("/.search", json!({ "sortBy": "title" }), 11),
        ("/.search", json!({ "sortBy": "displayName", "sortOrder": "descending" }), 11),
        ("/.search", json!({ "sortBy": "meta.created" }), 11),
    ] {
        let mut body =
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 3, "cursor": "" });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let mut seen = BTreeMap::new();
        loop {
            let page = client.post(path, &body).await.expect(200);
            assert_eq!(page.body["totalResults"], total);
            for resource in page.body["Resources"].as_array().expect("Resources") {
                *seen.entry(resource["id"].to_string()).or_insert(0) += 1;
            }
            let Some(cursor) = next(&page) else { break };
            body["cursor"] = cursor.into();
        }
        assert_eq!(seen.len(), total, "{path} {more}");
        assert!(seen.values().all(|times| *times == 1));
    }
}

/// Shows: K-21
async fn who_is_there_throughout_comes_once(server: Server) {
    let client = server.client().await;
    people(&client, 20).await;
    for parameters in [&[("count", "3")][..], &[("count", "3"), ("sortBy", "userName"), ("sortOrder", "descending")]] {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut cursor = String::new();
        let mut step = 0;
        let kept: Vec<String> = client
            .filter("/Users", "userName sw \"u\"")
            .await
            .into_iter()
            .filter(|name| !name.ends_with('5'))
            .collect();
        loop {
            let mut all = parameters.to_vec();
            all.push(("cursor", &cursor));
            let page = client.find("/Users", &all).await.expect(200);
            for name in Client::names(&page) {
                *seen.entry(name).or_default() += 1;
            }
            // The very resource that the cursor stands on goes, and others come before and behind it.
            let last = page.body["Resources"].as_array().and_then(|list| list.last()).cloned().expect("somebody");
            let name = last["userName"].as_str().expect("a name").to_owned();
            if name.ends_with('5') {
                client.delete(&format!("/Users/{}", last["id"].as_str().expect("an id"))).await.expect(204);
            }
            for name in ["a", "z"] {
                client.user(&format!("{name}{step}{}", parameters.len()), json!({})).await;
            }
            step += 1;
            match next(&page) {
                Some(next) if step < 30 => cursor = next,
                _ => break,
            }
        }
        for name in kept {
            assert_eq!(seen.get(&name), Some(&1), "{name}: {seen:?}");
        }
        assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    }
}

/// Shows: K-06, K-07, K-14, K-15, K-16, K-17, K-18, K-19, K-20
async fn a_cursor_is_good_for_its_query_alone(server: Server) {
    let client = server.client().await;
    people(&client, 9).await;
    client.group("g", &[]).await;
    let first = client.find("/Users", &[("count", "3"), ("filter", "userName pr"), ("cursor", "")]).await;
    let cursor = next(&first).expect("a next page");
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all: Vec<(&str, &str)> = vec![("cursor", cursor.as_str())];
        all.extend(more);
        all
    };
    let same = with(&[("count", "3"), ("filter", "userName pr")]);
    client.find("/Users", &same).await.expect(200);
    client.find("/Users", &same).await.expect(200);
    for other in [
        with(&[("count", "3")]),
        with(&[("count", "3"), ("filter", "title pr")]),
        with(&[("count", "3"), ("filter", "userName pr"), ("sortBy", "title")]),
        with(&[("count", "3"), ("filter", "userName pr"), ("attributes", "title")]),
    ] {
        client.find("/Users", &other).await.refused(400, "invalidCursor");
    }
    let detail = client.find("/Users", &with(&[("count", "4"), ("filter", "userName pr")])).await;
    detail.refused(400, "invalidCount");
    client.get("/Users?cursor&count=x").await.refused(400, "invalidCount");
    client.get("/Users?cursor&startIndex=2").await.refused(400, "invalidValue");
    client.find("/Groups", &same).await.refused(400, "invalidFilter");

    // Forged, cut, of another tenant: one answer.
    let mut forged = cursor.clone().into_bytes();
    forged[10] = if forged[10] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).expect("ASCII");
    let mut answers = Vec::new();
    for wrong in [forged.as_str(), &cursor[..20], "x", "%%%", "AAAA"] {
        let all = [("cursor", wrong), ("count", "3"), ("filter", "userName pr")];
        answers.push(client.find("/Users", &all).await.refused(400, "invalidCursor"));
    }
    server.tenant("jurmala").await;
    let stranger = server.client_of("jurmala").await;
    answers.push(stranger.find("/Users", &same).await.refused(400, "invalidCursor"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    // It grants nothing: each page asks for the token and its scope.
    client.with_token("").find("/Users", &same).await.refused(401, "");
    let (_, writer) = server.token("riga", &["scim.write"], crate::support::server::START + 100_000_000).await;
    client.with_token(&writer).find("/Users", &same).await.refused(403, "");

    server.pass(3_600_000);
    client.find("/Users", &same).await.refused(400, "expiredCursor");
}

on_both_databases! {
    pages_follow_one_another_in_every_order,
    bodies_and_the_root_take_cursors,
    who_is_there_throughout_comes_once,
    a_cursor_is_good_for_its_query_alone,
}
