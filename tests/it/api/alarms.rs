//! `/t/{tenant}/api/v1/alarms`, `/status` and `/api/v1/alarms`: who took away far more than usual.

use serde_json::{Value, json};
use sqlx::Row;
use uuid::Uuid;

use crate::support::{Client, Kind, Server, client::USER, server::START};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// A client of `riga` with its id.
pub(crate) async fn named(server: &Server, name: &str) -> (Client, Uuid) {
    let (id, _, token) =
        server.token_of("riga", name, &[], &["scim.read", "scim.write"], START + 100 * 24 * HOUR).await;
    (Client::new(&server.url, "riga", &token), id)
}

/// Runs operations, a hundred at a time; each must work. Says what they made.
async fn bulk(client: &Client, operations: Vec<Value>) -> Vec<String> {
    let mut made = Vec::new();
    for some in operations.chunks(100) {
        let body = json!({ "schemas": [BULK], "Operations": some });
        let reply = client.post("/Bulk", &body).await.expect(200);
        for result in reply.body["Operations"].as_array().expect("results") {
            let status = result["status"].as_str().expect("a status");
            assert!(matches!(status, "200" | "201" | "204"), "{result:#}");
            let location = result["location"].as_str().expect("a location");
            made.push(location.rsplit('/').next().expect("an id").to_owned());
        }
    }
    made
}

/// So many active users.
pub(crate) async fn people(client: &Client, count: usize) -> Vec<String> {
    let one = |number: usize| {
        let data = json!({ "schemas": [USER], "userName": format!("u{number}") });
        json!({ "method": "POST", "path": "/Users", "bulkId": format!("{number}"), "data": data })
    };
    bulk(client, (0..count).map(one).collect()).await
}

pub(crate) async fn deactivate(client: &Client, ids: &[String]) {
    let one = |id: &String| {
        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        let data = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": off });
        json!({ "method": "PATCH", "path": format!("/Users/{id}"), "data": data })
    };
    bulk(client, ids.iter().map(one).collect()).await;
}

pub(crate) async fn delete(client: &Client, ids: &[String]) {
    let one = |id: &String| json!({ "method": "DELETE", "path": format!("/Users/{id}") });
    bulk(client, ids.iter().map(one).collect()).await;
}

/// The alarms, when all removals so far are counted.
pub(crate) async fn alarms(server: &Server, administrator: &Client) -> Vec<Value> {
    assert!(server.app.alarms.flush().await);
    administrator.get("/alarms").await.expect(200).body["items"].as_array().expect("items").clone()
}

async fn fifty_are_usual_and_one_more_is_not(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let (other, _) = named(&server, "Entra ID").await;
    let ids = people(&client, 110).await;
    deactivate(&client, &ids[..30]).await;
    delete(&client, &ids[30..50]).await;
    // Whoever was deactivated and is then deleted is one; who is deactivated twice too.
    delete(&client, &ids[..5]).await;
    let on = json!([{ "op": "replace", "path": "active", "value": true }]);
    client.patch(&format!("/Users/{}", ids[10]), on).await.expect(200);
    deactivate(&client, &ids[10..11]).await;
    // What another does counts for itself.
    deactivate(&other, &ids[60..100]).await;
    assert_eq!(alarms(&server, &administrator).await, [Value::Null; 0]);
    assert_eq!(administrator.get("/status").await.expect(200).body, json!({ "banners": [] }));

    deactivate(&client, &ids[50..51]).await;
    // The removal is done, whatever is thought of it.
    assert_eq!(client.get(&format!("/Users/{}", ids[50])).await.body["active"], false);
    let raised = alarms(&server, &administrator).await;
    assert_eq!(raised.len(), 1, "{raised:#?}");
    let alarm = &raised[0];
    assert_eq!((&alarm["client"], &alarm["kind"], &alarm["state"]), (&json!(id), &json!("massChange"), &json!("open")));
    assert_eq!(alarm["users"], json!({ "removed": 51, "threshold": 50 }));
    let found = administrator.get(&format!("/alarms/{}", alarm["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!(&found.body, alarm);
    administrator.get(&format!("/alarms/{id}")).await.problem(404, "");
}

async fn in_large_tenants_a_fifth_counts(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, _) = named(&server, "Payroll").await;
    let ids = people(&client, 300).await;
    deactivate(&client, &ids[..60]).await;
    assert!(alarms(&server, &administrator).await.is_empty());
    delete(&client, &ids[60..61]).await;
    let raised = alarms(&server, &administrator).await;
    assert_eq!(raised[0]["users"], json!({ "removed": 61, "threshold": 60 }));
}

async fn the_hour_slides(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, _) = named(&server, "Payroll").await;
    let ids = people(&client, 150).await;
    deactivate(&client, &ids[..30]).await;
    server.pass(HOUR);
    deactivate(&client, &ids[30..60]).await;
    assert!(alarms(&server, &administrator).await.is_empty(), "what is an hour old no longer counts");
    server.pass(HOUR - 1);
    deactivate(&client, &ids[60..80]).await;
    assert!(alarms(&server, &administrator).await.is_empty());
    deactivate(&client, &ids[80..81]).await;
    let raised = alarms(&server, &administrator).await;
    assert_eq!(raised[0]["users"]["removed"], 51);
    assert_eq!(raised[0]["firstRemoval"], "2026-01-01T01:00:00.000Z");
}

async fn an_episode_has_one_alarm(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 300).await;
    let path = |alarm: &Value| format!("/alarms/{}", alarm["id"].as_str().expect("an id"));
    let watched = async || {
        let client = administrator.get(&format!("/clients/{id}")).await.expect(200).body;
        let list = administrator.get("/clients").await.expect(200).body;
        let listed = list["items"].as_array().expect("items").iter().find(|other| other["id"] == client["id"]);
        assert_eq!(listed.expect("the client")["watchedSince"], client["watchedSince"]);
        client["watchedSince"].clone()
    };
    assert!(watched().await.is_null());
    deactivate(&client, &ids[..70]).await;
    let first = alarms(&server, &administrator).await.remove(0);
    assert_eq!(watched().await, "2026-01-01T00:00:00.000Z");
    server.pass(50 * MINUTE);
    delete(&client, &ids[70..80]).await;
    let raised = alarms(&server, &administrator).await;
    assert_eq!((raised.len(), &raised[0]["id"]), (1, &first["id"]));
    assert_eq!(raised[0]["users"], json!({ "removed": 80, "threshold": 60 }));
    assert_eq!(raised[0]["lastRemoval"], "2026-01-01T00:50:00.000Z");

    let said = json!({ "comment": "As planned." });
    let known = administrator.json("POST", &format!("{}/acknowledge", path(&first)), &said).await.expect(200).body;
    assert_eq!((&known["state"], &known["comment"]), (&json!("acknowledged"), &json!("As planned.")));
    assert_eq!(known["acknowledged"], "2026-01-01T00:50:00.000Z");
    let again = json!({ "comment": "Really?" });
    let again = administrator.json("POST", &format!("{}/acknowledge", path(&first)), &again).await.expect(200).body;
    assert_eq!(again, known, "the first to say so stays");
    let banners = async || administrator.get("/status").await.expect(200).body["banners"].clone();
    assert_eq!(banners().await.as_array().map(Vec::len), Some(1), "it still goes on");
    let text = banners().await[0]["text"].as_str().expect("a text").to_owned();
    assert!(text.contains("has acknowledged") && !text.contains("acknowledge the alarm"), "{text}");
    server.pass(HOUR);
    assert_eq!(administrator.get(&path(&first)).await.body["state"], "closed");
    assert_eq!(banners().await, json!([]));
    assert!(watched().await.is_null());

    deactivate(&client, &ids[80..150]).await;
    let raised = alarms(&server, &administrator).await;
    assert_eq!(raised.len(), 2, "a new episode");
    assert_eq!(raised[1]["id"], first["id"], "the newest comes first");
    let page = administrator.get("/alarms?count=1").await.expect(200).body;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    let next = administrator.get(&format!("/alarms?count=1&cursor={cursor}")).await.expect(200).body;
    assert_eq!((&next["items"][0]["id"], next.get("nextCursor")), (&first["id"], None));
    for wrong in [json!({}), json!({ "comment": 1 }), json!({ "comment": "x".repeat(1001) })] {
        let path = format!("{}/acknowledge", path(&first));
        administrator.json("POST", &path, &wrong).await.problem(400, "invalid");
    }
    let events = sqlx::query("SELECT action, changes FROM event WHERE kind = 'Alarm' ORDER BY seq")
        .fetch_all(&server.database.look().await)
        .await
        .expect("events");
    let events: Vec<(String, String)> = events.iter().map(|row| (row.get(0), row.get(1))).collect();
    let changed = r#"{"attributes":["acknowledged","comment"]}"#;
    assert_eq!(
        events.iter().map(|(action, changes)| (action.as_str(), changes.as_str())).collect::<Vec<_>>(),
        [("created", "{}"), ("changed", changed), ("created", "{}")]
    );
}

async fn memberships_count_for_themselves(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, _) = named(&server, "Payroll").await;
    let ids = people(&client, 100).await;
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (a, b) = (client.group("a", &all).await.id(), client.group("b", &all).await.id());
    client.group("c", &all).await;
    // Who is deleted counts as a user, and not as three memberships more.
    delete(&client, &ids[..40]).await;
    let remove = |count: usize| {
        let gone: Vec<Value> = ids[40..40 + count].iter().map(|id| json!({ "value": id })).collect();
        json!([{ "op": "remove", "path": "members", "value": gone }])
    };
    client.patch(&format!("/Groups/{a}"), remove(36)).await.expect(204);
    assert!(alarms(&server, &administrator).await.is_empty(), "36 are fewer than fifty");
    client.delete(&format!("/Groups/{b}")).await.expect(204);
    let raised = alarms(&server, &administrator).await;
    assert_eq!(raised[0]["memberships"], json!({ "removed": 96, "threshold": 50 }));
    assert_eq!(raised[0]["users"], json!({ "removed": 41, "threshold": 50 }), "and the group itself");
}

/// A client that deletes groups is told of, though nobody is in them.
async fn deleted_groups_count_with_the_users(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, _) = named(&server, "Payroll").await;
    let few = json!({ "massChangeCount": 2, "massChangePercent": 0 });
    administrator.json("PATCH", "/settings", &few).await.expect(200);
    let ids = people(&client, 2).await;
    let groups = [client.group("a", &[]).await.id(), client.group("b", &[]).await.id()];
    client.delete(&format!("/Groups/{}", groups[0])).await.expect(204);
    deactivate(&client, &ids[..1]).await;
    assert!(alarms(&server, &administrator).await.is_empty());
    client.delete(&format!("/Groups/{}", groups[1])).await.expect(204);
    let raised = alarms(&server, &administrator).await;
    assert_eq!(raised[0]["users"], json!({ "removed": 3, "threshold": 2 }));
}

/// What is known of an alarm is still written down when its tenant is archived.
async fn alarms_of_an_archived_tenant_are_acknowledged(server: Server) {
    let (administrator, operator) = (server.administrator("riga").await, server.operator().await);
    let (client, _) = named(&server, "Payroll").await;
    let ids = people(&client, 51).await;
    deactivate(&client, &ids).await;
    let alarm = alarms(&server, &administrator).await.remove(0);
    operator.json("POST", "/tenants/riga/archive", &json!({ "reason": "merged" })).await.expect(200);
    let late = server.administrator("riga").await;
    let path = format!("/alarms/{}/acknowledge", alarm["id"].as_str().expect("an id"));
    let known = late.json("POST", &path, &json!({ "comment": "It went with the merger." })).await.expect(200).body;
    assert_eq!((&known["state"], &known["comment"]), (&json!("acknowledged"), &json!("It went with the merger.")));
}

async fn what_is_announced_raises_no_alarm(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, _) = named(&server, "Payroll").await;
    let ids = people(&client, 200).await;
    let pause = json!({ "massChangePausedUntil": "2026-01-01T02:00:00Z" });
    let set = administrator.json("PATCH", "/settings", &pause).await.expect(200).body;
    assert_eq!(set["massChangePausedUntil"], "2026-01-01T02:00:00.000Z");
    assert_eq!(administrator.get("/settings").await.body, set);
    server.pass(HOUR + 59 * MINUTE);
    deactivate(&client, &ids[..60]).await;
    assert!(alarms(&server, &administrator).await.is_empty());
    server.pass(MINUTE);
    assert_eq!(administrator.get("/settings").await.body.get("massChangePausedUntil"), None, "it is over");
    deactivate(&client, &ids[60..110]).await;
    assert!(alarms(&server, &administrator).await.is_empty(), "what was announced does not count afterwards");
    deactivate(&client, &ids[110..111]).await;
    assert_eq!(alarms(&server, &administrator).await[0]["users"]["removed"], 51);

    let pause =
        json!({ "massChangePausedUntil": "2026-01-02T00:00:00Z", "massChangeCount": 0, "massChangePercent": 0 });
    administrator.json("PATCH", "/settings", &pause).await.expect(200);
    let end = json!({ "massChangePausedUntil": null });
    let ended = administrator.json("PATCH", "/settings", &end).await.expect(200).body;
    assert_eq!(ended.get("massChangePausedUntil"), None);
    server.pass(HOUR);
    deactivate(&client, &ids[111..112]).await;
    let raised = alarms(&server, &administrator).await;
    assert_eq!(raised[0]["users"], json!({ "removed": 1, "threshold": 0 }), "a tenant may want to hear of each");
    for (wrong, pointer) in [
        (json!({ "massChangePausedUntil": "tomorrow" }), "/massChangePausedUntil"),
        (json!({ "massChangeCount": null }), "/massChangeCount"),
    ] {
        let reply = administrator.json("PATCH", "/settings", &wrong).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{:#}", reply.body);
        reply.problem(400, "invalid");
    }
    for wrong in [
        json!({ "massChangePausedUntil": "2026-03-01T00:00:00Z" }),
        json!({ "massChangePercent": 101 }),
        json!({ "massChangeCount": 1_000_001 }),
    ] {
        administrator.json("PATCH", "/settings", &wrong).await.problem(400, "invalid");
    }
}

async fn a_banner_and_the_operator_tell_of_it(server: Server) {
    let (administrator, operator) = (server.administrator("riga").await, server.operator().await);
    server.tenant("jurmala").await;
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 60).await;
    deactivate(&client, &ids[..51]).await;
    let alarm = alarms(&server, &administrator).await.remove(0);
    let banner = administrator.get("/status").await.expect(200).body["banners"][0].clone();
    assert_eq!((&banner["alarm"], &banner["client"]), (&alarm["id"], &json!(id)));
    let text = banner["text"].as_str().expect("a text");
    assert!(text.contains("“Payroll”") && text.contains("51 users and other") && text.contains("restore"), "{text}");

    let latvian = administrator.request("GET", "/status").header("accept-language", "lv-LV, en;q=0.1");
    let latvian = administrator.send(latvian).await.expect(200);
    assert_eq!(latvian.header("content-language"), Some("lv"));
    let text = latvian.body["banners"][0]["text"].as_str().expect("a text");
    assert!(text.starts_with("Klients „Payroll” stundas laikā ir noņēmis: lietotāji un citi resursi – 51"), "{text}");

    let all = operator.get("/alarms").await.expect(200).body;
    let seen = &all["items"][0];
    assert_eq!((&seen["tenant"], &seen["id"], &seen["users"]), (&json!("riga"), &alarm["id"], &alarm["users"]));
    let shown = seen.to_string();
    assert!(!shown.contains("Payroll") && !shown.contains("comment"), "{shown}");

    let stranger = server.administrator("jurmala").await;
    assert_eq!(stranger.get("/alarms").await.expect(200).body["items"], json!([]));
    assert_eq!(stranger.get("/status").await.expect(200).body["banners"], json!([]));
    let path = format!("/alarms/{}", alarm["id"].as_str().expect("an id"));
    stranger.get(&path).await.problem(404, "");
    let said = json!({ "comment": "" });
    stranger.json("POST", &format!("{path}/acknowledge"), &said).await.problem(404, "");
    assert_eq!(administrator.get(&path).await.body["state"], "open");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let metrics = http.get(format!("{}/metrics", server.url)).send().await.expect("an answer");
    let metrics = metrics.text().await.expect("a text");
    let line = metrics.lines().find(|line| line.starts_with("caurlaide_mass_change_alarms_total")).expect("a counter");
    let count: u64 = line.rsplit(' ').next().expect("a number").parse().expect("a number");
    assert!(count >= 1, "{line}");
}

/// What a node did not get to count is counted by the next look over everything.
async fn what_was_not_counted_is_made_up_for(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 60).await;
    // As if the server had stopped right after: nobody was told of these.
    let mut directory = server.directory().await;
    directory.cause.client = Some(id);
    let user = directory.catalog.by_name("User").expect("users").clone();
    for id in &ids[..51] {
        directory.delete(&user, id, &caurlaide::provisioning::Conditions::default()).await.expect("deleted");
    }
    assert!(alarms(&server, &administrator).await.is_empty());
    server.app.alarms.look_over(&server.store, START).await.expect("looked over");
    assert_eq!(alarms(&server, &administrator).await.len(), 1);
}

/// Two nodes that count at once raise one alarm.
#[tokio::test]
async fn nodes_raise_one_alarm_together() {
    let mut server = Server::start(Kind::Postgres).await;
    let administrator = server.administrator("riga").await;
    let (here, _) = named(&server, "Payroll").await;
    let node = server.node().await;
    let there = here.at(&here.base.replace(&server.url, &node));
    let ids = people(&here, 120).await;
    tokio::join!(deactivate(&here, &ids[..60]), deactivate(&there, &ids[60..]));
    let started = tokio::time::Instant::now();
    loop {
        let raised = alarms(&server, &administrator).await;
        assert!(raised.len() <= 1, "{raised:#?}");
        if raised.first().is_some_and(|alarm| alarm["users"]["removed"] == 120) {
            break;
        }
        assert!(started.elapsed().as_secs() < 10, "the alarm is not raised");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

on_both_databases! {
    fifty_are_usual_and_one_more_is_not,
    in_large_tenants_a_fifth_counts,
    the_hour_slides,
    an_episode_has_one_alarm,
    memberships_count_for_themselves,
    deleted_groups_count_with_the_users,
    alarms_of_an_archived_tenant_are_acknowledged,
    what_is_announced_raises_no_alarm,
    a_banner_and_the_operator_tell_of_it,
    what_was_not_counted_is_made_up_for,
}
