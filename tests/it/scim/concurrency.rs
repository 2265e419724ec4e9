//! Writers at once.

use serde_json::json;
use sqlx::Row;

use crate::support::{
    Server,
    client::{ENTERPRISE, USER},
};

const WRITERS: usize = 12;

/// Shows: C-07, S-50
async fn of_many_creates_of_one_name_one_wins(server: Server) {
    let client = server.client().await;
    let tasks: Vec<_> = (0..WRITERS)
        .map(|number| {
            let client = client.clone();
            let name = if number % 2 == 0 { "Ādams" } else { "āDAMS" };
            tokio::spawn(async move { client.post("/Users", &json!({ "schemas": [USER], "userName": name })).await })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        let reply = task.await.expect("an answer");
        if reply.status == 201 {
            won += 1;
        } else {
            reply.refused(409, "uniqueness");
        }
    }
    assert_eq!(won, 1);
    assert_eq!(client.get("/Users").await.body["totalResults"], 1);
}

/// Shows: ET-08
async fn no_update_is_lost(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await;
    let path = format!("/Users/{}", user.id());
    let tasks: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (client, path) = (client.clone(), path.clone());
            let add = json!([{ "op": "add", "path": "roles", "value": [{ "value": format!("r{number}") }] }]);
            tokio::spawn(async move { client.patch(&path, add).await.expect(200) })
        })
        .collect();
    for task in tasks {
        task.await.expect("an answer");
    }
    let now = client.get(&path).await.body;
    assert_eq!(now["roles"].as_array().map(Vec::len), Some(WRITERS));
    assert_eq!(now["meta"]["version"], format!("W/\"{}\"", WRITERS + 1));

    let tag = now["meta"]["version"].as_str().expect("a version").to_owned();
    let tasks: Vec<_> = (0..WRITERS)
        .map(|number| {
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{ "op": "replace", "path": "title", "value": number.to_string() }],
            });
            let request = client.request("PATCH", &path).header("if-match", &tag).body(body.to_string());
            let client = client.clone();
            tokio::spawn(async move { client.send(request).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.expect("an answer"));
    }
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), WRITERS - 1, "{statuses:?}");
}

/// Members, users and groups change and go at once; what is left agrees with itself.
async fn members_and_deletions_meet(server: Server) {
    let client = server.client().await;
    let mut users = Vec::new();
    for number in 0..WRITERS {
        users.push(client.user(&format!("u{number}"), json!({})).await.id());
    }
    let groups = [client.group("g", &[]).await.id(), client.group("h", &[]).await.id()];
    let mut tasks = Vec::new();
    for (number, user) in users.iter().enumerate() {
        for group in &groups {
            let (client, path) = (client.clone(), format!("/Groups/{group}"));
            let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
            tasks.push(tokio::spawn(async move { client.patch(&path, add).await.status }));
        }
        if number % 2 == 0 {
            let (client, path) = (client.clone(), format!("/Users/{user}"));
            tasks.push(tokio::spawn(async move { client.delete(&path).await.status }));
        }
    }
    for task in tasks {
        let status = task.await.expect("an answer");
        assert!(matches!(status, 204 | 400), "{status}");
    }
    for group in groups {
        let group = client.get(&format!("/Groups/{group}")).await.expect(200).body;
        let members = group["members"].as_array().expect("members");
        assert_eq!(members.len(), WRITERS / 2, "{group:#}");
        for member in members {
            let id = member["value"].as_str().expect("an id");
            client.get(&format!("/Users/{id}")).await.expect(200);
        }
    }
    assert_eq!(client.get("/Users?count=0").await.body["totalResults"], WRITERS / 2);
}

/// Those who join or leave one group at once: each is a change of its own, with a version, an event of its request and,
/// when they leave, something to give back. Who is asked for twice joins once.
async fn a_crowd_joins_and_leaves(server: Server) {
    let client = server.client().await;
    let group = client.group("g", &[]).await.id();
    let mut users = Vec::new();
    for number in 0..WRITERS {
        users.push(client.user(&format!("u{number}"), json!({})).await.id());
    }
    let ask = |op: &str, user: &str, request: String| {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": op, "path": "members", "value": [{ "value": user }] }],
        });
        let path = format!("/Groups/{group}");
        let request = client.request("PATCH", &path).header("x-request-id", request).body(body.to_string());
        let client = client.clone();
        tokio::spawn(async move { client.send(request).await.expect(204).etag() })
    };
    for (op, first, kind) in [("add", 2, "added"), ("remove", 2 + WRITERS, "removed")] {
        let twice = ask(op, &users[0], format!("{op}-twice"));
        let tasks: Vec<_> = users.iter().map(|user| ask(op, user, format!("{op}-{user}"))).collect();
        let mut tags = vec![twice.await.expect("an answer")];
        for task in tasks {
            tags.push(task.await.expect("an answer"));
        }
        tags.sort();
        tags.dedup();
        let mut versions: Vec<String> = (first..first + WRITERS).map(|version| format!("W/\"{version}\"")).collect();
        versions.sort();
        assert_eq!(tags, versions, "who changed nothing was told a version that another had made");
        let rows = sqlx::query(
            "SELECT version, changes, request_id FROM event WHERE kind = 'Group' AND action = 'changed' ORDER BY seq",
        )
        .fetch_all(&server.database.look().await)
        .await
        .expect("events");
        for (at, row) in rows.iter().skip(first - 2).enumerate() {
            assert_eq!(usize::try_from(row.get::<i64, _>(0)).ok(), Some(first + at));
            let changes: serde_json::Value = serde_json::from_str(&row.get::<String, _>(1)).expect("JSON");
            let user = changes[kind][0].as_str().expect("a user").to_owned();
            let request: String = row.get(2);
            assert!(request == format!("{op}-{user}") || user == users[0] && request == format!("{op}-twice"));
        }
        assert_eq!(rows.len(), first - 2 + WRITERS);
    }
    let kept = sqlx::query("SELECT weight, content FROM removal WHERE what = 'removed'")
        .fetch_all(&server.database.look().await)
        .await
        .expect("what is kept");
    let mut kept: Vec<String> = kept.iter().map(|row| row.get(1)).collect();
    let mut expected: Vec<String> = users.iter().map(|user| format!("[\"{user}\"]")).collect();
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected);
}

/// Many changes of one user, and the definitions of the tenant change as well: nothing is lost, nothing half done.
async fn a_user_changes_while_definitions_do(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await.id();
    let path = format!("/Users/{user}");
    let change = |number: usize| {
        let (client, path) = (client.clone(), path.clone());
        let set = json!([
            { "op": "replace", "path": "title", "value": format!("t{number}") },
            { "op": "add", "path": "roles", "value": [{ "value": format!("r{number}") }] },
        ]);
        tokio::spawn(async move { client.patch(&path, set).await.status })
    };
    let tasks: Vec<_> = (0..WRITERS).map(change).collect();
    server.set(|settings| settings.page_size = 50).await;
    let mut kept = 0;
    for task in tasks {
        let status = task.await.expect("an answer");
        assert!(matches!(status, 200 | 503), "{status}");
        kept += usize::from(status == 200);
    }
    let now = client.get(&path).await.expect(200).body;
    assert_eq!(now["roles"].as_array().map_or(0, Vec::len), kept);
    assert_eq!(now["meta"]["version"], format!("W/\"{}\"", kept + 1));
    let title = now["title"].as_str().unwrap_or_default();
    let found = client.filter("/Users", &format!("title eq \"{title}\"")).await;
    assert_eq!(found.len(), usize::from(kept > 0), "the values that are searched are those of the last change");
    for number in 0..WRITERS {
        let other = format!("t{number}");
        if other != title {
            assert!(client.filter("/Users", &format!("title eq \"{other}\"")).await.is_empty());
        }
    }
}

/// Two writers who put each of two groups into the other: one of them is refused. Shows: S-76
async fn two_groups_do_not_end_up_in_each_other(server: Server) {
    let client = server.client().await;
    for round in 0..10 {
        let groups =
            [client.group(&format!("a{round}"), &[]).await.id(), client.group(&format!("b{round}"), &[]).await.id()];
        let nest = |into: &str, what: &str| {
            let (client, path) = (client.clone(), format!("/Groups/{into}"));
            let add = json!([{ "op": "add", "path": "members", "value": [{ "value": what }] }]);
            tokio::spawn(async move { client.patch(&path, add).await })
        };
        let (one, other) = (nest(&groups[0], &groups[1]), nest(&groups[1], &groups[0]));
        let mut statuses = [one.await.expect("an answer").status, other.await.expect("an answer").status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 400]);
    }
}

/// A manager and those they manage leave at once, out of the same groups: nobody waits for somebody who waits for them.
async fn a_whole_unit_leaves_at_once(server: Server) {
    let client = server.client().await;
    let head = client.user("head", json!({})).await.id();
    let mut people = vec![head.clone()];
    for number in 0..6 {
        let led = json!({ ENTERPRISE: { "manager": { "value": head } } });
        people.push(client.user(&format!("u{number}"), led).await.id());
    }
    let members: Vec<&str> = people.iter().map(String::as_str).collect();
    let groups = [client.group("g", &members).await.id(), client.group("h", &members).await.id()];
    let leave = |id: &String| {
        let (client, path) = (client.clone(), format!("/Users/{id}"));
        tokio::spawn(async move { client.delete(&path).await.status })
    };
    let leaving: Vec<_> = people.iter().map(leave).collect();
    for left in leaving {
        assert_eq!(left.await.expect("an answer"), 204);
    }
    for group in groups {
        assert!(client.get(&format!("/Groups/{group}")).await.expect(200).body.get("members").is_none());
    }
    assert_eq!(client.get("/Users?count=0").await.body["totalResults"], 0);
}

on_both_databases! {
    a_crowd_joins_and_leaves,
    a_user_changes_while_definitions_do,
    two_groups_do_not_end_up_in_each_other,
    a_whole_unit_leaves_at_once,
    of_many_creates_of_one_name_one_wins,
    no_update_is_lost,
    members_and_deletions_meet,
}
