//! Writers at once.

use serde_json::json;

use crate::support::{Server, client::USER};

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

on_both_databases! {
    of_many_creates_of_one_name_one_wins,
    no_update_is_lost,
    members_and_deletions_meet,
}
