//! What an application's client sees is a part of what there is, and tells nothing of the rest.

use proptest::test_runner::{Config, TestRunner};
use scim::{
    filter::{self, Comparison, Filter},
    path::AttrPath,
    schema::{Catalog, Container, ResourceType, Target},
};
use serde_json::{Value, json};

use super::{NAMES, Scene, scene};
use crate::{
    scim::model::{one, person, question},
    support::{
        Client, Server,
        client::{ENTERPRISE, MUNICIPAL, USER},
    },
};

const PEOPLE: usize = 30;
const QUESTIONS: usize = 300;
/// What is released to the application of the model, and what every application sees.
const SEEN: [&str; 11] = [
    "userName",
    "title",
    "name.givenName",
    "emails.value",
    "emails.primary",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "id",
    "active",
    "groups.",
    "meta.",
    "externalId",
];

/// Whether a filter names something that is not seen. Inside of brackets the names are of that attribute.
fn names_unseen(kind: &ResourceType, filter: &Filter, within: Option<&AttrPath>) -> bool {
    let unseen = |path: &AttrPath, with_value: bool| {
        let whole = within.map_or_else(|| path.clone(), |of| AttrPath { sub: Some(path.name.clone()), ..of.clone() });
        !is_seen(kind, &whole, with_value)
    };
    match filter {
        Filter::Or(parts) | Filter::And(parts) => parts.iter().any(|part| names_unseen(kind, part, within)),
        Filter::Not(part) => names_unseen(kind, part, within),
        Filter::Present(path) | Filter::Compare(path, _, Comparison::Null) => unseen(path, false),
        Filter::Compare(path, ..) => unseen(path, true),
        Filter::ValuePath(path, inner) => unseen(path, false) || names_unseen(kind, inner, Some(path)),
    }
}

fn is_seen(kind: &ResourceType, path: &AttrPath, with_value: bool) -> bool {
    let Some(Target::Attribute { container, attribute, sub }) = kind.resolve(path) else { return false };
    let urn = if let Container::Extension(schema) = container { format!("{}:", schema.id) } else { String::new() };
    let name = format!("{urn}{}", attribute.name);
    let is_within = |part: &str| SEEN.iter().any(|seen| *seen == part || seen.ends_with('.') && part.starts_with(seen));
    match sub {
        Some(sub) => is_within(&format!("{name}.{}", sub.name)),
        None if !attribute.is_complex() => is_within(&name),
        None if with_value => is_within(&format!("{name}.value")),
        None => attribute.sub_attributes.iter().any(|sub| is_within(&format!("{name}.{}", sub.name))),
    }
}

/// A user as the application sees it; without the entity tag.
fn cut(user: &Value, groups: &[String]) -> Value {
    let mut seen = json!({ "id": user["id"], "meta": user["meta"] });
    seen["meta"].as_object_mut().expect("meta").remove("version");
    for name in ["userName", "title", "active", "externalId"] {
        if let Some(value) = user.get(name) {
            seen[name] = value.clone();
        }
    }
    if let Some(given) = user["name"].get("givenName") {
        seen["name"] = json!({ "givenName": given });
    }
    let emails = user["emails"].as_array().into_iter().flatten().map(|email| {
        let mut email = email.as_object().expect("an email").clone();
        email.retain(|name, _| ["value", "primary"].contains(&name.as_str()));
        Value::Object(email)
    });
    let emails: Vec<Value> = emails.filter(|email| *email != json!({})).collect();
    if !emails.is_empty() {
        seen["emails"] = emails.into();
    }
    let own = |group: &&Value| groups.iter().any(|id| group["value"] == id.as_str());
    let own: Vec<&Value> = user["groups"].as_array().into_iter().flatten().filter(own).collect();
    if !own.is_empty() {
        seen["groups"] = json!(own);
    }
    seen["schemas"] = json!([USER]);
    if let Some(department) = user[ENTERPRISE].get("department") {
        seen[ENTERPRISE] = json!({ "department": department });
        seen["schemas"] = json!([USER, ENTERPRISE]);
    }
    seen
}

fn resources(list: &Value) -> Vec<Value> {
    list["Resources"].as_array().expect("Resources").clone()
}

/// Shows: T-10
async fn what_it_sees_is_a_part_of_what_there_is(server: Server) {
    let identities = server.client().await;
    let mut runner = TestRunner::new(Config::default());
    let mut ids = Vec::new();
    for number in 0..PEOPLE {
        server.pass(i64::try_from(number % 3).unwrap_or(0) * 700);
        ids.push(identities.user(&format!("u{number}"), one(&mut runner, &person())).await.id());
    }
    let mut groups: Vec<String> = Vec::new();
    // Each holds the one before: the first and the last are the application's.
    for name in ["anna", "Ādams", "z", "straße"] {
        let mut members = one(&mut runner, &proptest::sample::subsequence(ids.clone(), 4..8));
        members.extend(groups.last().cloned());
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        groups.push(identities.group(name, &members).await.id());
    }
    let own = [groups[0].clone(), groups[2].clone()];
    let released: Vec<&str> = SEEN.iter().copied().filter(|path| !path.ends_with('.') && *path != "id").collect();
    let (_, client) = server.application("riga", "model", &released, &[&own[0], &own[1]]).await;

    let all = resources(&identities.get("/Users?count=1000").await.expect(200).body);
    let seen: Vec<Value> = all.iter().map(|user| cut(user, &own)).filter(|user| user.get("groups").is_some()).collect();
    assert!(seen.len() > 3 && seen.len() < all.len(), "{} of {}", seen.len(), all.len());
    let instants = all.iter().take(6).map(|user| user["meta"]["lastModified"].as_str().expect("an instant").to_owned());
    let questions = question(groups.clone(), instants.collect());
    let catalog = Catalog::standard();
    let kind = catalog.by_name("User").expect("User");
    let mut answered = 0;
    for number in 0..QUESTIONS {
        let text = if number == 0 { "id pr".to_owned() } else { one(&mut runner, &questions) };
        if text.len() > 4000 {
            continue;
        }
        let parsed = Filter::parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let found = client.find("/Users", &[("filter", &text), ("count", "1000")]).await;
        let condition = match filter::bind(kind, &parsed) {
            Ok(condition) if !names_unseen(kind, &parsed, None) => condition,
            _ => {
                found.refused(400, "invalidFilter");
                continue;
            }
        };
        let matches = |user: &&Value| filter::matches(&condition, user.as_object().expect("an object"));
        let expected: Vec<&Value> = seen.iter().filter(matches).collect();
        let found = found.expect(200).body;
        assert_eq!(found["totalResults"], expected.len(), "{text}");
        let mut shown = resources(&found);
        for user in &mut shown {
            user["meta"].as_object_mut().expect("meta").remove("version");
        }
        assert_eq!(shown.iter().collect::<Vec<_>>(), expected, "{text}");
        answered += 1;
    }
    // Every page is a stretch of that list, by number and by cursor.
    for count in [1, 2, 3, 7] {
        let mut walked: Vec<Value> = Vec::new();
        let mut next = Some(String::new());
        while let Some(cursor) = next {
            let page = client.get(&format!("/Users?count={count}&cursor={cursor}")).await.expect(200).body;
            assert_eq!(page["totalResults"], seen.len());
            walked.extend(resources(&page));
            next = page["nextCursor"].as_str().map(str::to_owned);
        }
        let ids = |list: &[Value]| list.iter().map(|user| user["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&walked), ids(&seen), "pages of {count}");
        for start in [1, 2, seen.len(), seen.len() + 1] {
            let page = client.get(&format!("/Users?count={count}&startIndex={start}")).await.expect(200).body;
            assert_eq!(page["totalResults"], seen.len());
            let wanted: Vec<Value> = seen.iter().skip(start - 1).take(count).cloned().collect();
            assert_eq!(ids(&resources(&page)), ids(&wanted), "{count} from {start}");
        }
    }
    assert!(answered > QUESTIONS / 10, "{answered} questions were answered");
    for user in &all {
        let id = user["id"].as_str().expect("an id");
        let status = client.get(&format!("/Users/{id}")).await.status;
        assert_eq!(status, if seen.iter().any(|own| own["id"] == id) { 200 } else { 404 });
    }
    for user in &all {
        let found = client.filter("/Groups", &format!("members.value eq {}", user["id"])).await;
        let direct = |group: &&Value| group["type"] == "direct" && own.iter().any(|id| group["value"] == id.as_str());
        let mut names: Vec<&str> = user["groups"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(direct)
            .filter_map(|group| group["display"].as_str())
            .collect();
        names.sort_unstable();
        assert_eq!(found, names);
    }
}

/// Questions whose answers must not depend on what the application does not see. The last time of a change is not among
/// them: that somebody's data have changed, every application sees, and not what.
fn questions(scene: &Scene, filters: Vec<String>) -> Vec<String> {
    let Scene { readers, staff, team, others, users, .. } = scene;
    let mut paths: Vec<String> = [
        "/Users",
        "/Users?count=0",
        "/Users?startIndex=2&count=2",
        "/Users?startIndex=100",
        "/Users?count=2&cursor=",
        "/Users?sortBy=userName",
        "/Users?sortBy=emails.value",
        "/Users?sortBy=title",
        "/Users?sortBy=meta.created&sortOrder=descending",
        "/Users?sortBy=id&sortOrder=descending",
        "/Users?sortBy=active",
        "/Users?attributes=title,nickName,emails,manager,schemas",
        "/Users?excludedAttributes=emails",
        "/Groups",
        "/Groups?count=1&cursor=",
        "/Groups?sortBy=displayName&sortOrder=descending",
        "/Groups?attributes=members.display",
        "?sortBy=displayName",
        "?sortBy=title",
        "",
        "/Me",
        "/Roles",
        "/Schemas",
        "/ResourceTypes",
    ]
    .map(str::to_owned)
    .to_vec();
    for id in [readers, staff, team, others] {
        paths.extend([format!("/Groups/{id}"), format!("/Groups/{id}/members?count=1"), format!("/Users/{id}")]);
    }
    for id in users {
        paths.extend([format!("/Users/{id}"), format!("/Users/{id}?attributes=title,emails.type,groups")]);
    }
    let ask = |filter: &String| {
        let filter: String = crate::support::client::encode(filter);
        [format!("/Users?filter={filter}"), format!("/Groups?filter={filter}"), format!("?filter={filter}")]
    };
    let own = [
        "groups pr",
        "not (groups pr)",
        "groups.display co \"t\"",
        "groups.display eq \"others\"",
        "groups.display eq \"team\"",
        "groups[type eq \"direct\"]",
        "not (groups[type eq \"direct\"])",
        "groups.type ne \"direct\"",
        "members pr",
        "not (members pr)",
        "members.type eq \"Group\"",
        "not (members.type eq \"Group\")",
        "members.display pr",
        "title pr",
        "not (title pr)",
        "title eq null",
        "title ne \"clerk\"",
        "displayName sw \"A\"",
        "displayName pr",
        "emails[type eq \"work\"]",
        "emails[value co \"x\"]",
        "not (emails[value co \"home\"])",
        "emails.primary eq true",
        "schemas pr",
        "schemas eq \"urn:caurlaide:scim:schemas:extension:municipal:2.0:User\"",
        "externalId pr or userName pr",
        "userName eq \"anna\"",
        "userName eq \"evija\"",
        "nickName co \"\"",
        "password pr",
        "meta.location pr",
        "meta.resourceType eq \"User\"",
        "active eq true",
        "id pr",
        "department eq \"D1\"",
    ];
    let mut filters: Vec<String> = filters.into_iter().chain(own.map(str::to_owned)).collect();
    filters.extend([format!("{MUNICIPAL} pr"), format!("{ENTERPRISE} pr"), format!("{ENTERPRISE}:manager pr")]);
    for id in [readers, staff, team, others].into_iter().chain(users) {
        filters.extend(
            ["groups.value", "members.value", "id", "groups.value sw \"0\" or members.value"]
                .map(|path| format!("{path} eq \"{id}\"")),
        );
        filters.push(format!("not (members.value eq \"{id}\")"));
        filters.push(format!("not (groups.value eq \"{id}\")"));
        filters.push(format!("{ENTERPRISE}:manager.value eq \"{id}\""));
    }
    paths.extend(filters.iter().flat_map(ask));
    paths
}

/// All that is answered: status, tag, body; a cursor is different each time.
async fn answers(client: &Client, questions: &[String]) -> Vec<(String, u16, Option<String>, Value)> {
    let mut answers = Vec::with_capacity(questions.len());
    for path in questions {
        let mut reply = client.get(path).await;
        if let Some(cursor) = reply.body.get_mut("nextCursor") {
            *cursor = "another page".into();
        }
        answers.push((path.clone(), reply.status, reply.header("etag").map(str::to_owned), reply.body));
    }
    answers
}

/// Takes from an answer what says that something has changed.
fn blur(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(meta) = members.get_mut("meta").and_then(Value::as_object_mut) {
                meta.retain(|name, _| !["version", "lastModified"].contains(&name.as_str()));
            }
            members.values_mut().for_each(blur);
        }
        Value::Array(items) => items.iter_mut().for_each(blur),
        _ => {}
    }
}

#[track_caller]
fn same<T: PartialEq + std::fmt::Debug>(before: &[(String, u16, T, Value)], after: &[(String, u16, T, Value)]) {
    for (was, is) in before.iter().zip(after) {
        // Text for text: the order of members too.
        let texts = (was.3.to_string(), is.3.to_string());
        assert!(was == is && texts.0 == texts.1, "{}: {was:#?}\nis now {is:#?}", was.0);
    }
}

/// Shows: T-10
async fn what_it_does_not_see_changes_no_answer(server: Server) {
    let scene = scene(server).await;
    let Scene { server, identities, client, readers, team, others, users, .. } = &scene;
    let [anna, berta, carl, dora, evija, ferdis] = users;
    let groups = vec![readers.clone(), team.clone(), others.clone()];
    let random = question(groups, vec!["2026-01-01T00:00:00Z".to_owned()]);
    let mut runner = TestRunner::new(Config::default());
    let filters = (0..30).map(|_| one(&mut runner, &random));
    let filters = filters.filter(|filter| filter.len() < 1000 && !filter.contains("lastModified")).collect();
    let questions = questions(&scene, filters);
    let before = answers(client, &questions).await;
    assert!(before.iter().filter(|(_, status, ..)| *status == 200).count() > 50);

    // People and groups that it does not see.
    let add = |id: &str| json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    let remove = |id: &str| json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }]);
    let replace = |path: &str, value: Value| json!([{ "op": "replace", "path": path, "value": value }]);
    server.pass(10_000);
    let other = |id: &str| format!("/Groups/{id}");
    identities.patch(&other(others), remove(dora)).await.expect(204);
    identities.patch(&other(others), add(anna)).await.expect(204);
    identities.patch(&other(others), replace("displayName", json!("readers of something else"))).await.expect(204);
    identities.patch(&other(team), replace("displayName", json!("staff 2"))).await.expect(204);
    let new =
        identities.user("annabella", json!({ "title": "clerk", "emails": [{ "value": "anna@x.lv" }] })).await.id();
    let above = identities.group("above all", &[readers, team, &new, anna]).await.id();
    identities.delete(&format!("/Users/{evija}")).await.expect(204);
    identities.patch(&format!("/Users/{ferdis}"), replace("userName", json!("another"))).await.expect(200);
    server.application("riga", "other", &["title"], &[&above, others]).await;
    let deleted = identities.group("soon gone", &[anna, berta]).await.id();
    identities.delete(&other(&deleted)).await.expect(204);
    same(&before, &answers(client, &questions).await);

    // What was not released of those whom it sees: the names of its groups' members, too.
    server.pass(10_000);
    for (at, id) in [anna, berta, carl, dora].into_iter().enumerate() {
        let path = format!("/Users/{id}");
        let emails = json!([
            { "value": format!("home-{}@x.lv", NAMES[at]), "type": "other", "primary": true, "display": "x" },
            { "value": format!("{}@x.lv", NAMES[at]), "type": "home" },
            { "type": "work" },
        ]);
        let changes = json!([
            { "op": "replace", "path": "emails", "value": emails },
            { "op": "replace", "path": "displayName", "value": format!("Z{at}") },
            { "op": "replace", "path": "name.familyName", "value": "Other" },
            { "op": "replace", "path": "externalId", "value": format!("y{at}") },
            { "op": "remove", "path": "title" },
            { "op": "remove", "path": "nickName" },
            { "op": "remove", "path": MUNICIPAL },
            { "op": "remove", "path": format!("{ENTERPRISE}:employeeNumber") },
            { "op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": { "value": new } },
            { "op": "replace", "path": "password", "value": "t0p-s3cret-word" },
        ]);
        identities.patch(&path, changes).await.expect(200);
    }
    let blurred = |answers: Vec<(String, u16, Option<String>, Value)>| {
        let blurred = answers.into_iter().map(|(path, status, _, mut body)| {
            blur(&mut body);
            (path, status, (), body)
        });
        blurred.collect::<Vec<_>>()
    };
    same(&blurred(before), &blurred(answers(client, &questions).await));
    // And what was released is seen when it changes.
    let was = client.get(&format!("/Users/{anna}")).await.body;
    identities.patch(&format!("/Users/{anna}"), replace("userName", json!("anita"))).await.expect(200);
    let is = client.get(&format!("/Users/{anna}")).await.body;
    assert!(was["userName"] == "anna" && is["userName"] == "anita");
}

on_both_databases! {
    what_it_sees_is_a_part_of_what_there_is,
    what_it_does_not_see_changes_no_answer,
}
