//! Random data and random questions: what the database answers equals what memory says.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use scim::{
    filter::{self, Filter},
    schema::Catalog,
};
use serde_json::{Value, json};

use crate::support::{
    Client, Server,
    client::{ENTERPRISE, MUNICIPAL},
};

const PEOPLE: usize = 40;
const FILTERS: usize = 400;
const STEPS: usize = 150;

pub(crate) fn one<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).expect("a value").current()
}

/// Words that meet each other: case, diacritics, composition, prefixes, order.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "anna",
        "Anna",
        "ĀDAMS",
        "ādams",
        "a\u{304}dams",
        "ada",
        "straße",
        "STRASSE",
        "z",
        "Ž",
        "ž%",
        "_",
        "\\",
        "\"q\"",
        "a b",
        "10",
        "9",
    ];
    prop_oneof![
        8 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => proptest::sample::select(words.to_vec()).prop_map(|word| format!("{}{word}", "ā".repeat(256))),
    ]
}

pub(crate) fn person() -> impl Strategy<Value = Value> {
    let optional = || proptest::option::weighted(0.6, word());
    let email = (
        optional(),
        proptest::option::of(proptest::sample::select(vec!["work", "home", "other"])),
        proptest::option::weighted(0.3, Just(false)),
        optional(),
    );
    let email = email.prop_map(|(value, kind, primary, display)| json!({ "value": value, "type": kind, "primary": primary, "display": display }));
    let emails = (proptest::collection::vec(email, 0..4), any::<proptest::sample::Index>(), any::<bool>()).prop_map(
        |(mut emails, at, set)| {
            if set && !emails.is_empty() {
                let at = at.index(emails.len());
                emails[at]["primary"] = true.into();
            }
            emails
        },
    );
    let phones = proptest::collection::vec(
        (word(), proptest::option::of(Just("mobile")))
            .prop_map(|(value, kind)| json!({ "value": value, "type": kind })),
        0..3,
    );
    let photo = proptest::collection::vec(
        proptest::sample::select(vec!["https://x/a", "https://x/A"]).prop_map(|value| json!({ "value": value })),
        0..2,
    );
    (
        (optional(), optional(), optional(), optional(), any::<bool>()),
        (emails, phones, photo),
        (optional(), optional(), proptest::option::of(proptest::sample::select(vec!["high", "low"]))),
    )
        .prop_map(|((title, external, given, family, active), (emails, phones, photos), (department, number, assurance))| {
            json!({
                "title": title, "externalId": external, "name": { "givenName": given, "familyName": family }, "active": active,
                "emails": emails, "phoneNumbers": phones, "photos": photos,
                ENTERPRISE: { "department": department, "employeeNumber": number },
                MUNICIPAL: { "assuranceLevel": assurance },
            })
        })
}

/// A filter as text, over whatever people have.
pub(crate) fn question(groups: Vec<String>, instants: Vec<String>) -> impl Strategy<Value = String> {
    let quoted = |text: String| Value::from(text).to_string();
    let text = prop_oneof![
        4 => word(),
        1 => word().prop_map(|word| word.chars().take(1).collect()),
        1 => word().prop_map(|word| word.to_uppercase()),
        1 => Just(String::new()),
    ];
    let operator = proptest::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ"]);
    let strings = proptest::sample::select(vec![
        "title",
        "externalId",
        "userName",
        "name.givenName",
        "name.familyName",
        "emails.value",
        "emails",
        "emails.type",
        "emails.display",
        "phoneNumbers.value",
        "photos.value",
        "department",
        "employeeNumber",
        "id",
        "groups.display",
        "groups.type",
        "urn:caurlaide:scim:schemas:extension:municipal:2.0:User:assuranceLevel",
        "nickName",
        "urn:ietf:params:scim:schemas:core:2.0:User:title",
    ]);
    let compare = (strings.clone(), operator.clone(), text.clone())
        .prop_map(move |(path, operator, text)| format!("{path} {operator} {}", quoted(text)));
    let boolean = (
        proptest::sample::select(vec!["active", "emails.primary"]),
        proptest::sample::select(vec!["eq", "ne"]),
        any::<bool>(),
    )
        .prop_map(|(path, operator, flag)| format!("{path} {operator} {flag}"));
    let date = (
        proptest::sample::select(vec!["meta.created", "meta.lastModified"]),
        proptest::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]),
        proptest::sample::select(instants),
    )
        .prop_map(|(path, operator, instant)| format!("{path} {operator} \"{instant}\""));
    let paths =
        proptest::sample::select(vec!["emails", "name", "groups", "phoneNumbers", "meta", "addresses", ENTERPRISE]);
    let present = prop_oneof![strings.clone(), paths, Just("active"), Just("emails.primary")]
        .prop_map(|path| format!("{path} pr"));
    let null = (strings, proptest::sample::select(vec!["eq", "ne"]))
        .prop_map(|(path, operator)| format!("{path} {operator} null"));
    let group = (
        proptest::sample::select(vec!["groups eq", "groups.value eq", "groups.value ne", "groups.value sw"]),
        proptest::sample::select(groups.clone()),
    )
        .prop_map(|(test, id)| format!("{test} \"{id}\""));
    let inner = (proptest::sample::select(vec!["value", "type", "display"]), operator, text)
        .prop_map(move |(sub, operator, text)| format!("{sub} {operator} {}", quoted(text)));
    let inner = prop_oneof![
        4 => inner,
        1 => any::<bool>().prop_map(|flag| format!("primary eq {flag}")),
        1 => proptest::sample::select(vec!["type eq \"work\"", "type pr", "value pr", "primary pr", "display eq null", "type ne \"home\""]).prop_map(str::to_owned),
    ];
    let inner = joined(inner.boxed(), 2);
    let emails = inner.clone().prop_map(|inner| format!("emails[{inner}]"));
    let behind =
        (inner, word()).prop_map(move |(inner, word)| format!("emails[{inner}].value eq {}", Value::from(word)));
    let in_group =
        (proptest::sample::select(groups), proptest::sample::select(vec!["direct", "indirect", "x"]), any::<bool>())
            .prop_map(|(id, way, not)| {
                let way = if not { format!("not (type eq \"{way}\")") } else { format!("type eq \"{way}\"") };
                format!("groups[value eq \"{id}\" and {way}]")
            });
    let leaf = prop_oneof![5 => compare, 1 => boolean, 2 => date, 2 => present, 1 => null, 1 => group, 4 => emails, 1 => behind, 1 => in_group];
    joined(leaf.boxed(), 3)
}

fn joined(leaf: BoxedStrategy<String>, depth: u32) -> BoxedStrategy<String> {
    leaf.prop_recursive(depth, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
    .boxed()
}

/// Shows: F-02, F-18, F-19, F-39, F-40, Y-03, Y-04, Y-41, G-15, S-67
async fn the_database_finds_what_memory_finds(server: Server) {
    let client = server.client().await;
    let mut runner = TestRunner::new(Config::default());
    let mut ids = Vec::new();
    for number in 0..PEOPLE {
        server.pass(i64::try_from(number % 3).unwrap_or(0) * 700);
        ids.push(client.user(&format!("u{number}"), one(&mut runner, &person())).await.id());
    }
    let pick = |runner: &mut TestRunner| one(runner, &proptest::sample::subsequence(ids.clone(), 1..10));
    let mut groups: Vec<String> = Vec::new();
    for name in ["anna", "Ādams", "z"] {
        let mut members = pick(&mut runner);
        members.extend(groups.last().cloned());
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        groups.push(client.group(name, &members).await.id());
    }
    let all =
        client.get("/Users?count=1000").await.expect(200).body["Resources"].as_array().expect("Resources").clone();
    let instants = ["created", "lastModified"]
        .iter()
        .flat_map(|name| all.iter().take(5).map(|user| user["meta"][*name].as_str().expect("an instant").to_owned()));
    let instants: Vec<String> =
        instants.chain(["2026-01-01T02:00:00.7+02:00".to_owned(), "2026-01-01T00:00:00.6999999Z".to_owned()]).collect();
    let catalog = Catalog::standard();
    let kind = catalog.by_name("User").expect("User");
    let questions = question(groups, instants);
    for _ in 0..FILTERS {
        let text = one(&mut runner, &questions);
        if text.len() > 4000 {
            continue;
        }
        let parsed = Filter::parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let condition = match filter::bind(kind, &parsed) {
            Ok(condition) => condition,
            Err(error) => {
                let refused = client.find("/Users", &[("filter", &text)]).await.refused(400, "invalidFilter");
                assert_eq!(refused, error.detail);
                continue;
            }
        };
        let name = |user: &Value| user["userName"].as_str().expect("a name").to_owned();
        let expected: BTreeSet<String> = all
            .iter()
            .filter(|user| filter::matches(&condition, user.as_object().expect("an object")))
            .map(name)
            .collect();
        let found = client.find("/Users", &[("filter", &text), ("count", "1000")]).await;
        let found: BTreeSet<String> = Client::names(&found).into_iter().collect();
        let wrong: Vec<&Value> =
            all.iter().filter(|user| expected.contains(&name(user)) != found.contains(&name(user))).collect();
        assert!(wrong.is_empty(), "{text}\nfound {found:?}\nexpected {expected:?}\n{:#}", wrong[0]);
    }
}

/// What is done to memberships.
#[derive(Debug, Clone)]
enum Step {
    Add(usize, Vec<usize>),
    Remove(usize, Vec<usize>),
    RemoveByFilter(usize, usize),
    Replace(usize, Vec<usize>),
    Put(usize, Vec<usize>),
    Clear(usize),
    Swap(usize, usize, usize),
    Delete(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let group = 0..3usize;
    let users = || proptest::collection::vec(0..12usize, 0..6);
    prop_oneof![
        4 => (group.clone(), users()).prop_map(|(group, users)| Step::Add(group, users)),
        3 => (group.clone(), users()).prop_map(|(group, users)| Step::Remove(group, users)),
        2 => (group.clone(), 0..12usize).prop_map(|(group, user)| Step::RemoveByFilter(group, user)),
        1 => (group.clone(), users()).prop_map(|(group, users)| Step::Replace(group, users)),
        1 => (group.clone(), users()).prop_map(|(group, users)| Step::Put(group, users)),
        1 => group.clone().prop_map(Step::Clear),
        1 => (group, 0..12usize, 0..12usize).prop_map(|(group, out, into)| Step::Swap(group, out, into)),
        1 => (0..12usize).prop_map(Step::Delete),
    ]
}

/// Shows: H-23, H-28, H-32, H-33, H-36, H-42, D-07, ET-09, Y-16
async fn memberships_are_what_the_steps_say(server: Server) {
    let client = server.client().await;
    let mut runner = TestRunner::new(Config::default());
    let mut users = Vec::new();
    for number in 0..12 {
        users.push(client.user(&format!("u{number}"), json!({})).await.id());
    }
    let mut groups: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for name in ["a", "b", "c"] {
        groups.insert(client.group(name, &[]).await.id(), BTreeSet::new());
    }
    let ids: Vec<String> = groups.keys().cloned().collect();
    let mut names = BTreeMap::new();
    for id in &ids {
        names.insert(id.clone(), client.get(&format!("/Groups/{id}")).await.body["displayName"].clone());
    }
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for _ in 0..STEPS {
        let step = one(&mut runner, &step());
        let value = |members: &[usize]| members.iter().map(|user| json!({ "value": users[*user] })).collect::<Value>();
        let (group, operations, is_put) = match &step {
            Step::Add(group, members) => {
                (*group, json!([{ "op": "add", "path": "members", "value": value(members) }]), false)
            }
            Step::Remove(group, members) => {
                (*group, json!([{ "op": "remove", "path": "members", "value": value(members) }]), false)
            }
            Step::RemoveByFilter(group, user) => {
                (*group, json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", users[*user]) }]), false)
            }
            Step::Replace(group, members) => {
                (*group, json!([{ "op": "replace", "path": "members", "value": value(members) }]), false)
            }
            Step::Clear(group) => (*group, json!([{ "op": "remove", "path": "members" }]), false),
            Step::Swap(group, out, into) => (
                *group,
                json!([
                    { "op": "remove", "path": format!("members[value eq \"{}\"]", users[*out]) },
                    { "op": "add", "path": "members", "value": { "value": users[*into] } },
                ]),
                false,
            ),
            Step::Put(group, members) => (*group, value(members), true),
            Step::Delete(user) => {
                let status = client.delete(&format!("/Users/{}", users[*user])).await.status;
                assert_eq!(status, if gone.insert(*user) { 204 } else { 404 });
                groups.values_mut().for_each(|members| {
                    members.remove(user);
                });
                continue;
            }
        };
        let id = &ids[group];
        let path = format!("/Groups/{id}");
        let before = client.get(&format!("{path}?attributes=meta")).await;
        let reply = if is_put {
            let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": names[id], "members": operations });
            client.put(&path, &body).await
        } else {
            client.patch(&path, operations).await
        };
        let members = groups.get_mut(id).expect("a group");
        let added: Vec<usize> = match &step {
            Step::Add(_, more) | Step::Replace(_, more) | Step::Put(_, more) => more.clone(),
            Step::Swap(_, _, into) => vec![*into],
            _ => Vec::new(),
        };
        let was = members.clone();
        if added.iter().any(|user| gone.contains(user)) {
            reply.refused(400, "invalidValue");
        } else {
            assert!(matches!(reply.status, 200 | 204), "{step:?}: {:#}", reply.body);
            match &step {
                Step::Add(_, more) => members.extend(more),
                Step::Remove(_, less) => members.retain(|user| !less.contains(user)),
                Step::RemoveByFilter(_, user) => {
                    members.remove(user);
                }
                Step::Replace(_, all) | Step::Put(_, all) => *members = all.iter().copied().collect(),
                Step::Clear(_) => members.clear(),
                Step::Swap(_, out, into) => {
                    members.remove(out);
                    members.insert(*into);
                }
                Step::Delete(_) => {}
            }
        }
        let now = client.get(&path).await.expect(200);
        let found: BTreeSet<&str> =
            now.body["members"].as_array().into_iter().flatten().filter_map(|m| m["value"].as_str()).collect();
        let expected: BTreeSet<&str> = members.iter().map(|user| users[*user].as_str()).collect();
        assert_eq!(found, expected, "{step:?}");
        let moved = version(&before.body) != version(&now.body);
        assert_eq!(moved, was != *members, "a version moves with the members and only then: {step:?}");
    }
    for (number, user) in users.iter().enumerate().filter(|(number, _)| !gone.contains(number)) {
        let seen = client.get(&format!("/Users/{user}")).await.body;
        let seen: BTreeSet<&str> =
            seen["groups"].as_array().into_iter().flatten().filter_map(|g| g["value"].as_str()).collect();
        let expected: BTreeSet<&str> =
            groups.iter().filter(|(_, members)| members.contains(&number)).map(|(id, _)| id.as_str()).collect();
        assert_eq!(seen, expected);
    }
}

/// The version without what is derived.
fn version(resource: &Value) -> String {
    let tag = resource["meta"]["version"].as_str().expect("a version");
    tag.trim_start_matches("W/").trim_matches('"').split('-').next().expect("a number").to_owned()
}

on_both_databases! {
    the_database_finds_what_memory_finds,
    memberships_are_what_the_steps_say,
}
