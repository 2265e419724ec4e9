//! Writers at once.

use serde_json::json;

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
    two_groups_do_not_end_up_in_each_other,
    a_whole_unit_leaves_at_once,
    of_many_creates_of_one_name_one_wins,
    no_update_is_lost,
    members_and_deletions_meet,
}
