//! A tenant full of people and groups, and what is asked of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    Outcome,
    load::{Call, Connection, Scenario},
    server::Server,
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// How many members one request adds while a group is filled.
const MEMBERS_A_REQUEST: usize = 10_000;
/// Users beside those who fill the groups, so that there is always somebody to add.
const SPARE: usize = 64;

/// What was made.
pub(crate) struct Scene {
    users: Arc<Vec<String>>,
    /// The ids of the spare users, who are in no group.
    spare: Arc<Vec<String>>,
    /// Groups with their sizes.
    groups: Vec<(String, usize)>,
    /// How long it took to make the users.
    pub(crate) seeded: Duration,
}

impl Scene {
    pub(crate) async fn fill(server: &Server, users: usize, connections: usize) -> Outcome<Self> {
        let started = Instant::now();
        let mut ids = create_users(server, users + SPARE, connections).await?;
        let seeded = started.elapsed();
        let spare = ids.split_off(users);
        let mut connection = Connection::open(server).await?;
        let mut groups = Vec::new();
        for size in [10, users] {
            groups.push((create_group(&mut connection, &ids[..size]).await?, size));
        }
        Ok(Self { users: Arc::new(ids), spare: Arc::new(spare), groups, seeded })
    }

    pub(crate) fn scenarios(&self) -> Vec<Scenario> {
        let scenario = |name: &str, call: Arc<dyn Fn(usize) -> Call + Send + Sync>| Scenario {
            name: name.to_owned(),
            call,
            made: Arc::new(AtomicUsize::new(0)),
        };
        let users = Arc::clone(&self.users);
        let get = move |n: usize| call("GET", format!("/Users/{}", users[scatter(n, users.len())]), String::new(), 200);
        let count = self.users.len();
        let find = move |n: usize| {
            let filter = format!("userName eq \"{}\"", name_of(scatter(n, count)));
            call("GET", format!("/Users?filter={}", utf8_percent_encode(&filter, NON_ALPHANUMERIC)), String::new(), 200)
        };
        let create =
            |n: usize| call("POST", "/Users".into(), user(&format!("new-{n}@bench.example"), n).to_string(), 201);
        let users = Arc::clone(&self.users);
        let patch = move |n: usize| {
            // Every round over the users turns the flag, so that each request is a change.
            let active = (n / users.len()) % 2 == 1;
            let body = operations(&json!([{ "op": "replace", "path": "active", "value": active }]));
            call("PATCH", format!("/Users/{}", users[n % users.len()]), body, 200)
        };
        let mut scenarios = vec![
            scenario("get a user by id", Arc::new(get)),
            scenario("find a user by `userName eq`", Arc::new(find)),
            scenario("create a user", Arc::new(create)),
            scenario("PATCH `active` of a user", Arc::new(patch)),
        ];
        for (group, size) in &self.groups {
            let (group, spare) = (group.clone(), Arc::clone(&self.spare));
            let change = move |n: usize| member_change(&group, &spare, n);
            scenarios.push(scenario(&format!("add or remove one member, group of {size}"), Arc::new(change)));
        }
        scenarios
    }
}

/// Adds each spare user in turn, then removes them again: the group keeps its size.
fn member_change(group: &str, spare: &[String], n: usize) -> Call {
    let id = &spare[n % spare.len()];
    let operation = if (n / spare.len()).is_multiple_of(2) {
        json!({ "op": "add", "path": "members", "value": [{ "value": id }] })
    } else {
        json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })
    };
    call("PATCH", format!("/Groups/{group}"), operations(&json!([operation])), 204)
}

/// Numbers that jump about, so that neighbours in time are not neighbours on disk.
fn scatter(n: usize, count: usize) -> usize {
    n.wrapping_mul(7_919) % count
}

fn call(method: &'static str, path: String, body: String, status: u16) -> Call {
    Call { method, path, body, status }
}

fn operations(operations: &Value) -> String {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations }).to_string()
}

fn name_of(number: usize) -> String {
    format!("user-{number}@bench.example")
}

/// A user as an identity provider sends one: some 1 200 bytes once it is stored.
fn user(name: &str, number: usize) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": format!("HR-{number}-{name}"),
        "userName": name,
        "name": { "formatted": format!("Ilze Bērziņa {number}"), "familyName": format!("Bērziņa {number}"), "givenName": "Ilze" },
        "displayName": format!("Ilze Bērziņa {number}"),
        "title": "Nodokļu administratore",
        "preferredLanguage": "lv",
        "locale": "lv-LV",
        "active": true,
        "emails": [
            { "value": name, "type": "work", "primary": true },
            { "value": format!("private-{name}"), "type": "home" },
        ],
        "phoneNumbers": [{ "value": format!("+371 2{number:07}"), "type": "mobile" }],
        "addresses": [{ "type": "work", "streetAddress": "Rātslaukums 1", "locality": "Bērzaine", "postalCode": "LV-1000", "country": "LV" }],
        ENTERPRISE: {
            "employeeNumber": number.to_string(),
            "organization": "Bērzaines novada pašvaldība",
            "department": format!("Nodaļa {}", number % 50),
        },
    })
}

async fn create_users(server: &Server, count: usize, connections: usize) -> Outcome<Vec<String>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(server).await?;
        let next = Arc::clone(&next);
        workers.push(tokio::spawn(async move {
            let mut made = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Outcome::Ok(made);
                }
                if number > 0 && number.is_multiple_of(10_000) {
                    eprintln!("  {number} of {count} users");
                }
                let body = user(&name_of(number), number).to_string();
                let answer = connection.send(&call("POST", "/Users?attributes=id".into(), body, 201)).await?;
                made.push((number, id_of(&answer)?));
            }
        }));
    }
    let mut ids = vec![String::new(); count];
    for worker in workers {
        for (number, id) in worker.await?? {
            ids[number] = id;
        }
    }
    Ok(ids)
}

async fn create_group(connection: &mut Connection, members: &[String]) -> Outcome<String> {
    let size = members.len();
    let body = json!({ "schemas": [GROUP], "displayName": format!("group of {size}") }).to_string();
    let group = id_of(&connection.send(&call("POST", "/Groups".into(), body, 201)).await?)?;
    for members in members.chunks(MEMBERS_A_REQUEST) {
        let members: Value = members.iter().map(|id| json!({ "value": id })).collect();
        let body = operations(&json!([{ "op": "add", "path": "members", "value": members }]));
        connection.send(&call("PATCH", format!("/Groups/{group}"), body, 204)).await?;
    }
    Ok(group)
}

fn id_of(answer: &[u8]) -> Outcome<String> {
    let resource: Value = serde_json::from_slice(answer)?;
    Ok(resource["id"].as_str().ok_or("an answer without id")?.to_owned())
}
