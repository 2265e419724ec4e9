//! `/t/{tenant}/api/v1/restorations`: giving back what a client took away.

use std::collections::{BTreeMap, BTreeSet};

use caurlaide::{
    alarms::forget_old,
    provisioning::{Place, Reach, Restoration},
};
use serde_json::{Value, json};
use sqlx::Row;
use store::Stretch;
use uuid::Uuid;

use super::alarms::{deactivate, delete, named, people};
use crate::support::{
    Client, Server,
    client::{ENTERPRISE, USER},
    seed,
    server::START,
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A wish for the first hour of the test.
fn wish(client: Uuid) -> Value {
    json!({ "clientId": client, "from": "2026-01-01T00:00:00Z", "until": "2026-01-01T01:00:00Z" })
}

async fn restore(administrator: &Client, wish: &Value) -> Value {
    administrator.json("POST", "/restorations", wish).await.expect(200).body
}

fn dry(mut wish: Value) -> Value {
    wish["dryRun"] = true.into();
    wish
}

/// What a report counts, and what it lists in whatever order.
fn counted(report: &Value) -> (Value, Vec<String>) {
    let mut items: Vec<String> = report["items"].as_array().into_iter().flatten().map(Value::to_string).collect();
    items.sort_unstable();
    (report["restored"].clone(), items)
}

fn given(users: u64, groups: u64, activations: u64, memberships: u64, references: u64) -> Value {
    json!({
        "users": users, "groups": groups, "resources": 0, "activations": activations, "memberships": memberships,
        "references": references,
    })
}

fn remove(ids: &[&String]) -> Value {
    let gone: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    json!([{ "op": "remove", "path": "members", "value": gone }])
}

fn add(ids: &[&String]) -> Value {
    let new: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    json!([{ "op": "add", "path": "members", "value": new }])
}

fn active(flag: bool) -> Value {
    json!([{ "op": "replace", "path": "active", "value": flag }])
}

/// What people see of a resource that comes back: all but the time of its last change and its version.
fn lasting(mut resource: Value) -> Value {
    resource["meta"]["lastModified"].take();
    resource["meta"]["version"].take();
    resource
}

async fn all_of_it_comes_back(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let head = client.user("head", json!({ "title": "Head", "password": "secret" })).await.id();
    let manager =
        json!({ "emails": [{ "value": "a@x", "type": "work" }], ENTERPRISE: { "manager": { "value": head } } });
    let clerk = client.user("clerk", manager).await.id();
    let off = client.user("off", json!({})).await.id();
    let inner = client.group("inner", &[&clerk]).await.id();
    let outer = client.group("outer", &[&head, &clerk, &inner]).await.id();
    let paths = [
        format!("/Users/{head}"),
        format!("/Users/{clerk}"),
        format!("/Users/{off}"),
        format!("/Groups/{inner}"),
        format!("/Groups/{outer}"),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(client.get(path).await.expect(200));
    }
    server.pass(MINUTE);
    client.patch(&paths[2], active(false)).await.expect(200);
    client.patch(&paths[4], remove(&[&clerk])).await.expect(204);
    client.delete(&paths[0]).await.expect(204);
    client.patch(&paths[1], active(false)).await.expect(200);
    client.delete(&paths[1]).await.expect(204);
    client.delete(&paths[3]).await.expect(204);
    client.delete(&paths[4]).await.expect(204);
    server.pass(MINUTE);

    let planned = restore(&administrator, &dry(wish(id))).await;
    assert_eq!(client.get("/Groups").await.body["totalResults"], 0, "a dry run changes nothing");
    let done = restore(&administrator, &wish(id)).await;
    assert_eq!(done["restored"], given(2, 2, 2, 4, 1), "{done:#}");
    assert_eq!((&done["complete"], &done["conflictCount"]), (&json!(true), &json!(0)), "{done:#}");
    assert_eq!(counted(&planned), counted(&done), "as was said");
    assert_eq!(planned["dryRun"], true);
    for (path, before) in paths.iter().zip(&before) {
        let after = client.get(path).await.expect(200);
        assert_ne!(after.etag(), before.etag(), "nobody's copy from before looks current");
        assert_eq!(lasting(after.body), lasting(before.body.clone()));
    }
    assert_eq!(client.get("/Users").await.body["totalResults"], 3);
    assert_eq!(client.filter("/Users", "title eq \"head\"").await, ["head"], "it is found again");
    client.post("/Users", &json!({ "schemas": [USER], "userName": "HEAD" })).await.refused(409, "uniqueness");

    let again = restore(&administrator, &wish(id)).await;
    assert_eq!((&again["restored"], &again["items"]), (&given(0, 0, 0, 0, 0), &json!([])), "{again:#}");
    let look = server.database.look().await;
    let (hashes,): (i64,) = sqlx::query_as("SELECT count(*) FROM resource WHERE password_hash IS NOT NULL")
        .fetch_one(&look)
        .await
        .expect("a count");
    assert_eq!(hashes, 0, "passwords are not kept");
    let kept: (i64,) = sqlx::query_as("SELECT count(*) FROM removal WHERE content LIKE '%userName%'")
        .fetch_one(&look)
        .await
        .expect("a count");
    assert_eq!(kept.0, 0, "what is back is no longer kept beside");
    let events = sqlx::query("SELECT kind, action, request_id FROM event ORDER BY seq").fetch_all(&look).await;
    let events = events.expect("events");
    let at = events.iter().position(|row| row.get::<String, _>(0) == "Restoration").expect("an event of it");
    let request: String = events[at].get(2);
    let same: Vec<String> = events
        .iter()
        .filter(|row| row.get::<String, _>(2) == request)
        .map(|row| format!("{} {}", row.get::<String, _>(0), row.get::<String, _>(1)))
        .collect();
    assert_eq!(same.iter().filter(|event| *event == "Restoration created").count(), 1, "{same:?}");
    assert_eq!(same.iter().filter(|event| *event == "User created").count(), 2, "{same:?}");
}

async fn what_others_did_stays(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let (other, other_id) = named(&server, "Entra ID").await;
    let ids = people(&client, 8).await;
    let members: Vec<&str> = ids.iter().map(String::as_str).collect();
    let group = client.group("g", &members).await.id();
    let path = format!("/Groups/{group}");
    let user = |at: usize| format!("/Users/{}", ids[at]);
    server.pass(MINUTE);
    deactivate(&client, &ids[..4]).await;
    deactivate(&other, &ids[4..5]).await;
    client.patch(&path, remove(&[&ids[5], &ids[6], &ids[7]])).await.expect(204);
    // Another lets one work again and then shuts them out; and gives one membership back and takes it again.
    other.patch(&user(1), active(true)).await.expect(200);
    other.patch(&user(1), active(false)).await.expect(200);
    other.patch(&user(2), active(true)).await.expect(200);
    other.delete(&user(3)).await.expect(204);
    other.patch(&path, add(&[&ids[6], &ids[7]])).await.expect(204);
    other.patch(&path, remove(&[&ids[6]])).await.expect(204);
    server.pass(60 * MINUTE);
    // What the client did later is not in question.
    deactivate(&client, &ids[5..6]).await;

    let done = restore(&administrator, &wish(id)).await;
    assert_eq!(done["restored"], given(0, 0, 1, 2, 0), "{done:#}");
    assert_eq!((&done["conflictCount"], &done["conflicts"][0]["reason"]), (&json!(2), &json!("The User is gone.")));
    let mut states = Vec::new();
    for at in [0, 1, 2, 4, 5] {
        states.push(client.get(&user(at)).await.body["active"].as_bool().expect("a flag"));
    }
    assert_eq!(states, [true, false, true, false, false]);
    let in_group = client.get(&path).await.body["members"].clone();
    let mut in_group: Vec<&str> =
        in_group.as_array().expect("members").iter().filter_map(|member| member["value"].as_str()).collect();
    in_group.sort_unstable();
    let mut expected: Vec<&str> = [0, 2, 5, 7].iter().map(|at| ids[*at].as_str()).collect();
    expected.sort_unstable();
    assert_eq!(in_group, expected);
    // And the other's own removals can be given back as well.
    let done = restore(&administrator, &wish(other_id)).await;
    assert_eq!(done["restored"], given(1, 0, 2, 3, 0), "{done:#}");
}

async fn what_is_in_the_way_is_told_and_passed_over(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let (other, _) = named(&server, "Entra ID").await;
    let ids = people(&client, 3).await;
    let group = client.group("g", &[&ids[0], &ids[1]]).await.id();
    let (above, below) = (client.group("above", &[]).await.id(), client.group("below", &[]).await.id());
    client.patch(&format!("/Groups/{above}"), add(&[&below])).await.expect(204);
    client.patch(&format!("/Groups/{above}"), remove(&[&below])).await.expect(204);
    client.delete(&format!("/Groups/{group}")).await.expect(204);
    delete(&client, &ids).await;
    other.user("u0", json!({})).await;
    other.group("G", &[]).await;
    other.patch(&format!("/Groups/{below}"), add(&[&above])).await.expect(204);

    let planned = restore(&administrator, &dry(wish(id))).await;
    let done = restore(&administrator, &wish(id)).await;
    assert_eq!(done["restored"], given(2, 0, 0, 0, 0), "{done:#}");
    let conflicts: BTreeSet<(String, String)> = done["conflicts"]
        .as_array()
        .expect("conflicts")
        .iter()
        .map(|item| {
            (item["what"].as_str().unwrap_or_default().into(), item["reason"].as_str().unwrap_or_default().into())
        })
        .collect();
    let circle = "A group cannot be a member of itself, directly or through other groups.";
    let expected = [
        ("membership", circle),
        ("membership", "The group is gone."),
        ("resource", "displayName is taken by another Group."),
        ("resource", "userName is taken by another User."),
    ];
    assert_eq!(conflicts, expected.map(|(what, reason)| (what.to_owned(), reason.to_owned())).into());
    assert_eq!(planned["conflictCount"], done["conflictCount"], "{planned:#}\n{done:#}");
    assert_eq!(planned["restored"], done["restored"]);

    // Once it is out of the way, the next run brings the rest.
    let taken = other.find("/Users", &[("filter", "userName eq \"u0\"")]).await.body;
    let taken = taken["Resources"][0]["id"].as_str().expect("an id");
    other.delete(&format!("/Users/{taken}")).await.expect(204);
    let done = restore(&administrator, &wish(id)).await;
    assert_eq!(done["restored"], given(1, 0, 0, 0, 0), "{done:#}");
    let twin = other.filter("/Groups", "displayName eq \"g\"").await;
    assert_eq!(twin, ["G"]);
    let done = restore(&administrator, &wish(id)).await;
    assert_eq!(done["conflictCount"], 4, "a group, its two members and a circle: {done:#}");
}

/// Whoever had two managers who were deleted one after the other gets the latter.
async fn the_latest_manager_comes_back(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 2).await;
    let managed_by = |id: &str| json!({ ENTERPRISE: { "manager": { "value": id } } });
    let clerk = format!("/Users/{}", client.user("clerk", managed_by(&ids[0])).await.id());
    delete(&client, &ids[..1]).await;
    let change = json!([{ "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": { "value": ids[1] } }]);
    client.patch(&clerk, change).await.expect(200);
    delete(&client, &ids[1..]).await;
    assert!(client.get(&clerk).await.body.get(ENTERPRISE).is_none());
    let planned = restore(&administrator, &dry(wish(id))).await;
    let done = restore(&administrator, &wish(id)).await;
    assert_eq!((&done["restored"], &planned["restored"]), (&given(2, 0, 0, 0, 1), &done["restored"]), "{done:#}");
    assert_eq!(client.get(&clerk).await.body[ENTERPRISE]["manager"]["value"], ids[1].as_str());
}

/// Two that had the same name, one after the other: the first comes back, in a dry run too.
async fn one_name_comes_back_once(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let mut made = Vec::new();
    for _ in 0..2 {
        let user = client.user("same", json!({})).await.id();
        client.delete(&format!("/Users/{user}")).await.expect(204);
        made.push(user);
        server.pass(MINUTE);
        // More than one transaction takes.
        let others = people(&client, 60).await;
        delete(&client, &others).await;
    }
    let planned = restore(&administrator, &dry(wish(id))).await;
    let done = restore(&administrator, &wish(id)).await;
    assert_eq!(done["restored"], given(61, 0, 0, 0, 0), "{done:#}");
    assert_eq!((&planned["restored"], &planned["conflictCount"]), (&done["restored"], &done["conflictCount"]));
    client.get(&format!("/Users/{}", made[0])).await.expect(200);
    client.get(&format!("/Users/{}", made[1])).await.refused(404, "");
}

async fn wrong_wishes_are_refused(server: Server) {
    server.tenant("jurmala").await;
    let (administrator, stranger) = (server.administrator("riga").await, server.administrator("jurmala").await);
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 2).await;
    delete(&client, &ids[..1]).await;
    let told = stranger.json("POST", "/restorations", &wish(id)).await.problem(404, "");
    assert_eq!(told, administrator.json("POST", "/restorations", &wish(Uuid::from_u128(1))).await.problem(404, ""));
    let with = |name: &str, value: Value| {
        let mut wish = wish(id);
        wish[name] = value;
        wish
    };
    for (body, says) in [
        (with("from", json!("yesterday")), "instant"),
        (with("until", json!("2026-01-01T00:00:00Z")), "behind"),
        (with("from", json!("2025-11-30T00:00:00Z")), "30 days"),
        (with("cursor", json!("9")), "nextCursor"),
        (with("clientId", json!("x")), "clientId"),
        (with("more", json!(1)), "more"),
    ] {
        let told = administrator.json("POST", "/restorations", &body).await.problem(400, "invalid");
        assert!(told.contains(says), "{body}: {told}");
    }
    server.suspend("riga").await;
    let suspended = server.administrator("riga").await;
    suspended.json("POST", "/restorations", &wish(id)).await.problem(403, "suspended");
    assert_eq!(restore(&suspended, &dry(wish(id))).await["restored"]["users"], 1, "looking is no granting");
    server.resume("riga").await;
    let administrator = server.administrator("riga").await;
    // Whose client it was is known after it is deleted.
    administrator.delete(&format!("/clients/{id}")).await.expect(204);
    assert_eq!(restore(&administrator, &wish(id)).await["restored"]["users"], 1);
}

/// What was taken away is kept for thirty days, and no longer.
async fn old_removals_are_forgotten(server: Server) {
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 3).await;
    delete(&client, &ids[..1]).await;
    server.pass(DAY);
    delete(&client, &ids[1..2]).await;
    let kept = async || {
        let look = server.database.look().await;
        let count: (i64,) = sqlx::query_as("SELECT count(*) FROM removal").fetch_one(&look).await.expect("a count");
        count.0
    };
    assert_eq!(forget_old(&server.store, START + 30 * DAY).await.expect("forgotten"), 0);
    assert_eq!(kept().await, 2);
    assert_eq!(forget_old(&server.store, START + 30 * DAY + 1).await.expect("forgotten"), 1);
    assert_eq!(kept().await, 1);
    // As long as the administrator's token lives.
    server.pass(9 * DAY);
    let administrator = server.administrator("riga").await;
    let wish = json!({ "clientId": id, "from": "2026-01-01T00:00:00Z", "until": "2026-01-30T00:00:00Z" });
    assert_eq!(restore(&administrator, &wish).await["restored"]["users"], 1);
}

/// Whoever is interrupted starts again, or goes on from where they were.
async fn an_interrupted_restoration_is_finished(server: Server) {
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 120).await;
    let members: Vec<&str> = ids.iter().map(String::as_str).collect();
    client.group("g", &members).await;
    delete(&client, &ids).await;
    let directory = server.directory().await;
    let wish = Restoration { stretch: Stretch { client: id, from: START, until: START + 1 }, dry: false };
    let now = tokio::time::Instant::now();
    let nothing = directory.restore(&wish, Reach { after: None, end: Some(now) }, |_| {}).await.expect("stopped");
    assert_eq!((nothing.given.users, nothing.next), (0, Some(Place::default())));
    // Dropped after its first transactions.
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let task = {
        let directory = directory.clone();
        tokio::spawn(async move {
            let tell = |report: &caurlaide::provisioning::Report| {
                let _ = tell.send(report.given.users);
            };
            directory.restore(&wish, Reach::default(), tell).await
        })
    };
    assert_eq!(told.recv().await, Some(50));
    task.abort();
    let _ = task.await;
    let there = || async { client.get("/Users?count=0").await.body["totalResults"].as_u64().expect("a count") };
    assert!(there().await >= 50);
    let cursor: Place = "0".parse().expect("a place");
    let reach = Reach { after: Some(cursor), end: None };
    directory.restore(&wish, reach, |_| {}).await.expect("restored");
    assert_eq!(there().await, 120);
    let group = client.get("/Groups").await.body;
    assert_eq!(group["Resources"][0]["members"].as_array().map(Vec::len), Some(120));
}

/// An application sees its group and the people in it again.
async fn a_group_is_its_applications_again(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 3).await;
    let group = client.group("readers", &[&ids[0], &ids[1]]).await.id();
    let left = client.group("left", &[&ids[2]]).await.id();
    let (application, seer) = server.application("riga", "documents", &["userName"], &[&group]).await;
    let new = json!({ "code": "old", "name": "old", "released": [] });
    let gone = administrator.json("POST", "/applications", &new).await.expect(201).id();
    administrator.ask("PUT", &format!("/applications/{gone}/groups/{left}")).await.expect(204);
    assert_eq!(seer.filter("/Users", "id pr").await, ["u0", "u1"]);
    for group in [&group, &left] {
        client.delete(&format!("/Groups/{group}")).await.expect(204);
    }
    assert!(seer.filter("/Groups", "id pr").await.is_empty());
    administrator.delete(&format!("/applications/{gone}")).await.expect(204);

    restore(&administrator, &dry(wish(id))).await;
    assert!(seer.filter("/Groups", "id pr").await.is_empty(), "a dry run changes nothing");
    let done = restore(&administrator, &wish(id)).await;
    assert_eq!(done["restored"], given(0, 2, 0, 3, 0), "{done:#}");
    assert_eq!(seer.filter("/Groups", "id pr").await, ["readers"]);
    assert_eq!(seer.filter("/Users", "id pr").await, ["u0", "u1"]);
    let events = sqlx::query("SELECT action FROM event WHERE kind = 'Application' AND changes LIKE $1")
        .bind(format!("%added%{group}%"))
        .fetch_all(&server.database.look().await)
        .await
        .expect("events");
    assert_eq!(events.len(), 2, "the log has the assignment of {application} and that it is back");

    // What was taken from it before the deletion is not its again.
    administrator.delete(&format!("/applications/{application}/groups/{group}")).await.expect(204);
    client.delete(&format!("/Groups/{group}")).await.expect(204);
    restore(&administrator, &wish(id)).await;
    client.get(&format!("/Groups/{group}")).await.expect(200);
    assert!(seer.filter("/Groups", "id pr").await.is_empty());
}

/// Whoever suspends the tenant stops a restoration that is on its way, at the command line too.
async fn a_suspension_stops_it(server: Server) {
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 2).await;
    client.group("g", &[&ids[1]]).await;
    delete(&client, &ids[..1]).await;
    let directory = server.directory().await;
    let wish = Restoration { stretch: Stretch { client: id, from: START, until: START + 1 }, dry: false };
    server.suspend("riga").await;
    assert!(!directory.suspended, "it was not when the restoration began");
    let stopped = directory.restore(&wish, Reach::default(), |_| {}).await;
    assert!(matches!(stopped, Err(caurlaide::provisioning::Error::Suspended)), "{stopped:?}");
    client.get(&format!("/Users/{}", ids[0])).await.refused(404, "");
    server.resume("riga").await;
    let done = directory.restore(&wish, Reach::default(), |_| {}).await.expect("restored");
    assert_eq!(done.given.users, 1);
}

/// Time may be over in the middle of a large group: the next call goes on there.
async fn a_large_group_takes_more_than_one_call(server: Server) {
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 600).await;
    let members: Vec<&str> = ids.iter().map(String::as_str).collect();
    let group = client.group("g", &members).await.id();
    client.patch(&format!("/Groups/{group}"), remove(&ids.iter().collect::<Vec<_>>())).await.expect(204);
    let directory = server.directory().await;
    let wish = Restoration { stretch: Stretch { client: id, from: START, until: START + 1 }, dry: false };
    let cursor: Place = "3".parse().expect("a place");
    // Longer and longer, until there is time for one transaction, and not for two.
    let mut budget = 0;
    let first = loop {
        let end = tokio::time::Instant::now() + std::time::Duration::from_millis(budget);
        let report = directory.restore(&wish, Reach { after: Some(cursor), end: Some(end) }, |_| {}).await;
        let report = report.expect("stopped");
        if report.given.memberships > 0 {
            break report;
        }
        budget += 1;
    };
    assert_eq!((first.given.memberships, first.next), (500, Some(cursor)));
    let rest = directory.restore(&wish, Reach { after: first.next, end: None }, |_| {}).await.expect("restored");
    assert_eq!((rest.given.memberships, rest.conflicts, rest.next), (100, 0, None));
    let there = client.get(&format!("/Groups/{group}")).await.body;
    assert_eq!(there["members"].as_array().map(Vec::len), Some(600));
}

/// Chances, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }
}

/// Who did something last: the client in question, or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Us,
    Other,
}

#[derive(Clone, Debug, Default)]
struct Person {
    name: String,
    title: String,
    inactive: Option<By>,
    gone: Option<By>,
    manager: Option<String>,
    /// The groups in which their places wait for them.
    aside: BTreeSet<String>,
    /// The manager that a deletion took, and whose it was.
    lost: Option<(String, By)>,
}

#[derive(Clone, Debug, Default)]
struct Model {
    people: BTreeMap<String, Person>,
    groups: BTreeMap<String, Option<By>>,
    members: BTreeSet<(String, String)>,
    lost: BTreeMap<(String, String), By>,
}

impl Model {
    /// Somebody is away: their places wait for them.
    fn deactivate(&mut self, id: &str, by: By) {
        let own: Vec<String> =
            self.members.iter().filter(|(_, member)| member == id).map(|(group, _)| group.clone()).collect();
        self.lose(|(_, member)| member == id, by);
        let person = self.people.get_mut(id).expect("a person");
        person.inactive = Some(by);
        person.aside.extend(own);
    }

    /// Somebody is back, in groups that are still there.
    fn activate(&mut self, id: &str) {
        let person = self.people.get_mut(id).expect("a person");
        person.inactive = None;
        let (there, gone): (BTreeSet<String>, BTreeSet<String>) =
            std::mem::take(&mut person.aside).into_iter().partition(|group| self.groups[group].is_none());
        person.aside = gone;
        self.members.extend(there.into_iter().map(|group| (group, id.to_owned())));
    }

    fn delete_person(&mut self, id: &str, by: By) {
        self.lose(|(_, member)| member == id, by);
        for person in self.people.values_mut().filter(|person| person.gone.is_none()) {
            if person.manager.as_deref() == Some(id) {
                person.lost = person.manager.take().map(|manager| (manager, by));
            }
        }
        let person = self.people.get_mut(id).expect("a person");
        person.gone = Some(by);
    }

    fn delete_group(&mut self, id: &str, by: By) {
        self.lose(|(group, _)| group == id, by);
        self.groups.insert(id.to_owned(), Some(by));
    }

    fn lose(&mut self, which: impl Fn(&(String, String)) -> bool, by: By) {
        let gone: Vec<(String, String)> = self.members.iter().filter(|pair| which(pair)).cloned().collect();
        for pair in gone {
            self.members.remove(&pair);
            self.lost.insert(pair, by);
        }
    }

    fn restore(&mut self) {
        for person in self.people.values_mut() {
            person.gone = person.gone.filter(|by| *by != By::Us);
        }
        for gone in self.groups.values_mut() {
            *gone = gone.filter(|by| *by != By::Us);
        }
        let ours = |(_, person): &(&String, &Person)| person.gone.is_none() && person.inactive == Some(By::Us);
        let back: Vec<String> = self.people.iter().filter(ours).map(|(id, _)| id.clone()).collect();
        back.iter().for_each(|id| self.activate(id));
        for (pair, by) in &self.lost {
            let (group, member) = pair;
            if *by == By::Us && self.groups[group].is_none() && self.people[member].gone.is_none() {
                self.members.insert(pair.clone());
            }
        }
        let there: BTreeSet<String> =
            self.people.iter().filter(|(_, person)| person.gone.is_none()).map(|(id, _)| id.clone()).collect();
        for person in self.people.values_mut() {
            if let Some((manager, By::Us)) = &person.lost
                && person.manager.is_none()
                && there.contains(manager)
            {
                person.manager = Some(manager.clone());
            }
        }
    }

    /// Holds what the server shows against this.
    async fn compare(&self, client: &Client, seed: u64) {
        for (id, person) in &self.people {
            let reply = client.get(&format!("/Users/{id}")).await;
            assert_eq!(reply.status == 200, person.gone.is_none(), "seed {seed}: {id} {person:?}");
            if person.gone.is_some() {
                continue;
            }
            let user = reply.body;
            assert_eq!(user["userName"], person.name.as_str(), "seed {seed}");
            assert_eq!(user["title"], person.title.as_str(), "seed {seed}: {person:?}");
            assert_eq!(user["active"], person.inactive.is_none(), "seed {seed}: {id} {person:?}");
            let manager = user[ENTERPRISE]["manager"]["value"].as_str();
            assert_eq!(manager, person.manager.as_deref(), "seed {seed}: {id} {person:?}");
        }
        for (id, gone) in &self.groups {
            let reply = client.get(&format!("/Groups/{id}")).await;
            assert_eq!(reply.status == 200, gone.is_none(), "seed {seed}: {id}");
            let members = reply.body["members"].as_array().cloned().unwrap_or_default();
            let members: BTreeSet<&str> = members.iter().filter_map(|member| member["value"].as_str()).collect();
            let expected: BTreeSet<&str> =
                self.members.iter().filter(|(group, _)| group == id).map(|(_, member)| member.as_str()).collect();
            assert_eq!(members, expected, "seed {seed}: {id}");
        }
    }
}

/// One step of somebody, done and told the model.
async fn step(client: &Client, model: &mut Model, chance: &mut Chance, by: By) {
    let people: Vec<String> = model.people.iter().filter(|(_, p)| p.gone.is_none()).map(|(id, _)| id.clone()).collect();
    let groups: Vec<String> =
        model.groups.iter().filter(|(_, gone)| gone.is_none()).map(|(id, _)| id.clone()).collect();
    if people.is_empty() || groups.is_empty() {
        return;
    }
    let (id, group) = (people[chance.below(people.len())].clone(), groups[chance.below(groups.len())].clone());
    let (user, path, pair) = (format!("/Users/{id}"), format!("/Groups/{group}"), (group.clone(), id.clone()));
    let person = model.people.get_mut(&id).expect("a person");
    match (chance.below(20), by) {
        (0..=4, _) => {
            client.patch(&user, active(false)).await.expect(200);
            if person.inactive.is_none() {
                model.deactivate(&id, by);
            }
        }
        (5, _) => {
            client.delete(&user).await.expect(204);
            model.delete_person(&id, by);
        }
        (6..=10, _) => {
            client.patch(&path, remove(&[&id])).await.expect(204);
            person.aside.remove(&group);
            if model.members.remove(&pair) {
                model.lost.insert(pair, by);
            }
        }
        (11, _) if chance.below(2) == 0 => {
            client.delete(&path).await.expect(204);
            model.delete_group(&group, by);
        }
        (12..=14, By::Other) => {
            client.patch(&user, active(true)).await.expect(200);
            if person.inactive.is_some() {
                model.activate(&id);
            }
        }
        (15..=17, By::Other) => {
            client.patch(&path, add(&[&id])).await.expect(204);
            model.members.insert(pair.clone());
            model.lost.remove(&pair);
        }
        _ => {
            person.title = format!("t{}", chance.below(1000));
            let title = json!([{ "op": "replace", "path": "title", "value": person.title }]);
            client.patch(&user, title).await.expect(200);
        }
    }
}

/// What is done is what was planned. Only of groups that are not there yet a trial does not know who waits for them to be active
/// again.
fn as_was_said(planned: &Value, done: &Value, seed: u64) {
    let ((mut planned, plans), (mut done, deeds)) = (counted(planned), counted(done));
    assert_eq!(plans.iter().find(|item| !deeds.contains(item)), None, "seed {seed}");
    let back =
        |item: &Value| deeds.iter().any(|deed| deed.contains("resource") && deed.contains(&item["group"].to_string()));
    for more in deeds.iter().filter(|item| !plans.contains(item)) {
        let more: Value = serde_json::from_str(more).expect("an item");
        assert!(more["what"] == "membership" && back(&more), "seed {seed}: {more}");
    }
    planned["memberships"].take();
    done["memberships"].take();
    assert_eq!(planned, done, "seed {seed}");
}

/// Whatever happened: what the client took is back, and nothing else differs.
async fn a_model_agrees(server: Server) {
    let administrator = server.administrator("riga").await;
    let (us, id) = named(&server, "Payroll").await;
    let (other, _) = named(&server, "Entra ID").await;
    let seed = seed(u64::from_le_bytes(caurlaide::random::bytes()));
    let mut chance = Chance(seed);
    let mut model = Model::default();
    let mut earlier: Option<String> = None;
    for number in 0..12 {
        let (name, title) = (format!("p{number}"), "t".to_owned());
        let mut body = json!({ "title": title });
        let manager = earlier.clone().filter(|_| chance.below(2) == 0);
        if let Some(manager) = &manager {
            body[ENTERPRISE] = json!({ "manager": { "value": manager } });
        }
        let id = us.user(&name, body).await.id();
        model.people.insert(id.clone(), Person { name, title, manager, ..Person::default() });
        if number % 3 == 0 {
            earlier = Some(id);
        }
    }
    let ids: Vec<String> = model.people.keys().cloned().collect();
    for number in 0..4 {
        let members: Vec<&str> = ids.iter().filter(|_| chance.below(2) == 0).map(String::as_str).collect();
        let group = us.group(&format!("g{number}"), &members).await.id();
        model.members.extend(members.iter().map(|member| (group.clone(), (*member).to_owned())));
        model.groups.insert(group, None);
    }
    for _ in 0..120 {
        server.pass(1000);
        if chance.below(2) == 0 {
            step(&us, &mut model, &mut chance, By::Us).await;
        } else {
            step(&other, &mut model, &mut chance, By::Other).await;
        }
    }
    model.compare(&us, seed).await;
    let planned = restore(&administrator, &dry(wish(id))).await;
    model.compare(&us, seed).await;
    let done = restore(&administrator, &wish(id)).await;
    model.restore();
    model.compare(&us, seed).await;
    as_was_said(&planned, &done, seed);
    let again = restore(&administrator, &wish(id)).await;
    assert_eq!(again["restored"], given(0, 0, 0, 0, 0), "seed {seed}: {again:#}");
    model.compare(&us, seed).await;
}

on_both_databases! {
    all_of_it_comes_back,
    what_others_did_stays,
    what_is_in_the_way_is_told_and_passed_over,
    the_latest_manager_comes_back,
    one_name_comes_back_once,
    wrong_wishes_are_refused,
    old_removals_are_forgotten,
    an_interrupted_restoration_is_finished,
    a_group_is_its_applications_again,
    a_suspension_stops_it,
    a_large_group_takes_more_than_one_call,
    a_model_agrees,
}
