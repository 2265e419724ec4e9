//! What people do who look after a part of a tenant, and what they do not.

use serde_json::{Value, json};

use super::{Scene, ids, of, revoke, tenant, within};
use crate::support::{Client, Reply, Server, program::run};

/// Two applications with entitlements, and two people: Dita works in the school, Edgars in the baths. Each holds both keys.
struct Parts {
    scene: Scene,
    tax: String,
    pool: String,
    /// An entitlement of `tax` with a low risk.
    assessors: String,
    /// One with a high one.
    judges: String,
    /// One of `pool` with a low risk.
    keys: String,
    dita: String,
    edgars: String,
    /// Who holds `keys`, by which grants.
    dita_has: String,
    edgars_has: String,
}

impl Parts {
    async fn new(server: Server) -> Self {
        let scene = Scene::new(server).await;
        let (dita, edgars) = (scene.user("dita", "school").await, scene.user("edgars", "baths").await);
        let application = async |code: &str, unit: &str| {
            let new = json!({ "code": code, "name": code, "unit": unit });
            scene.administrator.json("POST", "/applications", &new).await.expect(201).id()
        };
        let (tax, pool) = (application("tax", &scene.school).await, application("pool", &scene.baths).await);
        let entitlement = async |application: &str, code: &str, risk: i64| {
            let group = scene.writer.group(code, &[]).await.id();
            let new =
                json!({ "group": group, "code": code, "names": { "en": code }, "authority": "grants", "risk": risk });
            let path = format!("/applications/{application}/entitlements");
            scene.administrator.json("POST", &path, &new).await.expect(201);
            group
        };
        let assessors = entitlement(&tax, "assessors", 1).await;
        let judges = entitlement(&tax, "judges", 2).await;
        let keys = entitlement(&pool, "keys", 1).await;
        let dita_has = give(&scene.administrator, &dita, &keys).await.expect(201).id();
        let edgars_has = give(&scene.administrator, &edgars, &keys).await.expect(201).id();
        Self { scene, tax, pool, assessors, judges, keys, dita, edgars, dita_has, edgars_has }
    }

    /// Somebody who holds a role from now on.
    async fn holder(&self, name: &str, role: &str, scope: Value) -> Client {
        let user = self.scene.user(name, "city").await;
        self.scene.give(&user, role, scope).await.expect(201);
        self.scene.person(name)
    }

    async fn state(&self, grant: &str) -> Value {
        self.scene.administrator.get(&format!("/grants/{grant}")).await.expect(200).body["state"].clone()
    }
}

async fn give(by: &Client, user: &str, entitlement: &str) -> Reply {
    by.json("POST", "/grants", &json!({ "user": user, "entitlement": entitlement, "reason": "a test" })).await
}

async fn take(by: &Client, grant: &str) -> Reply {
    by.json("POST", &format!("/grants/{grant}/revocation"), &json!({ "reason": "a test" })).await
}

async fn extend(by: &Client, grant: &str) -> Reply {
    let wish = json!({ "until": "2026-05-01T00:00:00Z", "reason": "a test" });
    by.json("POST", &format!("/grants/{grant}/extension"), &wish).await
}

async fn listed(by: &Client, path: &str) -> Vec<String> {
    ids(&by.get(path).await.expect(200).body)
}

/// What is wrong with what somebody sent.
fn faulty(reply: Reply, pointer: &str) {
    assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{:#}", reply.body);
    reply.problem(400, "invalid");
}

/// Whoever looks after a unit gives people of the unit what has a low risk, and sees and takes what these have, whatever the
/// application. Of others they learn nothing.
async fn a_unit_is_looked_after(server: Server) {
    let parts = Parts::new(server).await;
    let (scene, berta) = (&parts.scene, parts.scene.person("berta"));
    let given = give(&berta, &parts.dita, &parts.assessors).await.expect(201).id();
    give(&berta, &parts.dita, &parts.judges).await.problem(403, "forbidden");
    let nobody = "019b2c45-6071-7293-b4a5-a6b7c8d9eafb";
    let told = [give(&berta, &parts.edgars, &parts.keys).await, give(&berta, nobody, &parts.keys).await];
    assert_eq!(told[0].body["errors"], told[1].body["errors"], "whoever works elsewhere looks like nobody");
    told.into_iter().for_each(|reply| faulty(reply, "/user"));

    assert_eq!(listed(&berta, "/grants").await, [parts.dita_has.as_str(), &given]);
    assert!(listed(&berta, &format!("/grants?user={}", parts.edgars)).await.is_empty());
    let holders = async |query: &str| {
        let page = berta.get(&format!("/holdings?{query}")).await.expect(200).body;
        let users = page["items"].as_array().expect("items").iter().map(|item| item["grant"]["user"].clone());
        users.collect::<Vec<_>>()
    };
    assert_eq!(holders(&format!("application={}", parts.pool)).await, [json!(parts.dita)]);
    assert!(holders(&format!("user={}", parts.edgars)).await.is_empty());
    let table = berta.request("GET", &format!("/holdings?application={}&format=csv", parts.pool)).send().await;
    let table = table.expect("an answer").text().await.expect("text");
    assert!(table.contains(&parts.dita) && !table.contains(&parts.edgars), "{table}");

    berta.get(&format!("/grants/{}", parts.edgars_has)).await.problem(404, "");
    take(&berta, &parts.edgars_has).await.problem(404, "");
    extend(&berta, &parts.edgars_has).await.problem(404, "");
    assert_eq!(parts.state(&parts.edgars_has).await, "active");
    take(&berta, &parts.dita_has).await.expect(200);
    assert_eq!(parts.state(&parts.dita_has).await, "ended");

    for what in ["employments", "standing", "views"] {
        berta.get(&format!("/users/{}/{what}", parts.dita)).await.expect(200);
        berta.get(&format!("/users/{}/{what}", parts.edgars)).await.problem(404, "");
    }
    assert_eq!(listed(&berta, "/organisation-units").await, [scene.schools.as_str(), &scene.school]);
    berta.get(&format!("/organisation-units/{}", scene.baths)).await.problem(404, "");
    let people = listed(&berta, &format!("/organisation-units/{}/people", scene.schools)).await;
    assert_eq!(people, [parts.dita.as_str()]);
    berta.get(&format!("/organisation-units/{}/people", scene.city)).await.problem(404, "");
    assert_eq!(listed(&berta, "/applications").await, [parts.tax.as_str()]);
    // Dita moves away, and from then on is nobody here.
    let change = json!([{ "op": "replace", "path": format!("{}:employments", crate::support::client::MUNICIPAL),
                          "value": [{ "organisationUnit": "baths", "primary": true }] }]);
    scene.writer.patch(&format!("/Users/{}", parts.dita), change).await.expect(200);
    assert!(listed(&berta, "/grants").await.is_empty());
    take(&berta, &given).await.problem(404, "");
}

/// Nobody gives themselves anything, also where they work in what they look after.
async fn nobody_gives_to_themselves(server: Server) {
    let parts = Parts::new(server).await;
    let user = parts.scene.user("zane", "school").await;
    parts.scene.give(&user, "unitAdministrator", within(&parts.scene.school)).await.expect(201);
    let zane = parts.scene.person("zane");
    give(&zane, &user, &parts.keys).await.problem(403, "forbidden");
    let grant = give(&parts.scene.administrator, &user, &parts.assessors).await.expect(201).id();
    extend(&zane, &grant).await.problem(403, "forbidden");
    give(&zane, &parts.dita, &parts.assessors).await.expect(201);
}

/// Whoever looks after an application gives anybody what has a low risk of it, sees who has something of it, and of people
/// nothing else.
async fn an_application_is_looked_after(server: Server) {
    let parts = Parts::new(server).await;
    let owner = parts.holder("ilze", "applicationOwner", of(&parts.tax)).await;
    let given = give(&owner, &parts.edgars, &parts.assessors).await.expect(201).id();
    give(&owner, &parts.edgars, &parts.judges).await.problem(403, "forbidden");
    faulty(give(&owner, &parts.edgars, &parts.keys).await, "/entitlement");
    assert_eq!(listed(&owner, "/grants").await, [given.as_str()]);
    owner.get(&format!("/grants/{}", parts.edgars_has)).await.problem(404, "");
    take(&owner, &parts.edgars_has).await.problem(404, "");
    owner.get(&format!("/users/{}/standing", parts.edgars)).await.problem(404, "");
    assert!(listed(&owner, "/organisation-units").await.is_empty());
    assert_eq!(listed(&owner, "/applications").await, [parts.tax.as_str()]);
    owner.get(&format!("/applications/{}", parts.pool)).await.problem(404, "");
    owner.get(&format!("/applications/{}/entitlements", parts.pool)).await.problem(404, "");
    owner.get(&format!("/applications/{}/groups", parts.pool)).await.problem(404, "");
    take(&owner, &given).await.expect(200);
}

/// What decides who gets something, or shows more of people, is not for those who look after the application alone.
async fn an_application_is_not_made_wider(server: Server) {
    let parts = Parts::new(server).await;
    let owner = parts.holder("ilze", "applicationOwner", of(&parts.tax)).await;
    let (tax, me) = (format!("/applications/{}", parts.tax), owner.get("/me").await.expect(200).id());
    owner.json("PATCH", &tax, &json!({ "name": "Taxes" })).await.expect(200);
    faulty(owner.json("PATCH", &tax, &json!({ "released": ["displayName"] })).await, "/released");
    faulty(owner.json("PATCH", &tax, &json!({ "owner": me })).await, "/owner");
    faulty(owner.json("PATCH", &tax, &json!({ "unit": parts.scene.baths })).await, "/unit");
    owner.json("PATCH", &tax, &json!({ "owner": parts.dita })).await.expect(200);
    owner.json("PATCH", &format!("/applications/{}", parts.pool), &json!({ "name": "x" })).await.problem(404, "");
    owner.ask("DELETE", &format!("/applications/{}", parts.pool)).await.problem(404, "");
    faulty(owner.json("POST", "/applications", &json!({ "code": "mine", "name": "Mine" })).await, "/unit");

    let judges = format!("{tax}/entitlements/{}", parts.judges);
    owner.json("PATCH", &judges, &json!({ "names": { "en": "Judges" } })).await.expect(200);
    let policy = json!({ "name": "p", "risk": 2, "stages": [{ "resolver": "owner" }] });
    let policy = parts.scene.administrator.json("POST", "/approval-policies", &policy).await.expect(201).id();
    for change in [
        json!({ "risk": 1 }),
        json!({ "risk": 3 }),
        json!({ "authority": "scim" }),
        json!({ "owner": parts.edgars }),
        json!({ "approvalPolicy": policy }),
        json!({ "emergency": true }),
    ] {
        let told = owner.json("PATCH", &judges, &change).await.problem(403, "forbidden");
        assert!(told.contains("whole tenant"), "{told}");
    }
    let keys = format!("/applications/{}/entitlements/{}", parts.pool, parts.keys);
    owner.json("PATCH", &keys, &json!({ "names": { "en": "x" } })).await.problem(404, "");
    owner.ask("DELETE", &keys).await.problem(404, "");

    let group = parts.scene.writer.group("clerks", &[]).await.id();
    let new = |risk: i64| json!({ "group": group, "code": "clerks", "names": { "en": "Clerks" }, "risk": risk });
    let make = async |risk: i64| owner.json("POST", &format!("{tax}/entitlements"), &new(risk)).await;
    faulty(make(2).await, "/group");
    owner.ask("PUT", &format!("{tax}/groups/{group}")).await.problem(403, "forbidden");
    parts.scene.administrator.ask("PUT", &format!("{tax}/groups/{group}")).await.expect(204);
    faulty(make(1).await, "/risk");
    make(2).await.expect(201);
}

/// Below a unit its administrator makes, moves and deletes units; not the unit itself, nor elsewhere, nor one that brings
/// people along, nor with themselves at its head.
async fn units_are_made_below_ones_own(server: Server) {
    let parts = Parts::new(server).await;
    let (scene, berta) = (&parts.scene, parts.scene.person("berta"));
    let new = |code: &str, parent: &str| json!({ "kind": "unit", "code": code, "name": code, "parent": parent });
    let make = async |new: &Value| berta.json("POST", "/organisation-units", new).await;
    let kitchen = make(&new("kitchen", &scene.school)).await.expect(201).id();
    faulty(make(&new("garden", &scene.city)).await, "/parent");
    faulty(make(&json!({ "kind": "municipality", "code": "land", "name": "land" })).await, "/parent");
    scene.user("gusts", "lost").await;
    faulty(make(&new("lost", &scene.school)).await, "/code");
    let mut led = new("garden", &scene.school);
    led["head"] = scene.berta.clone().into();
    faulty(make(&led).await, "/head");
    led["head"] = parts.edgars.clone().into();
    let garden = make(&led).await.expect(201).id();

    let change = async |unit: &str, change: Value| {
        let request = berta.request("PATCH", &format!("/organisation-units/{unit}")).header("if-match", "*");
        berta.send(request.json(&change)).await
    };
    let delete = async |unit: &str| {
        let request = berta.request("DELETE", &format!("/organisation-units/{unit}")).header("if-match", "*");
        berta.send(request).await
    };
    change(&garden, json!({ "name": "Garden", "parent": kitchen })).await.expect(200);
    faulty(change(&garden, json!({ "parent": scene.baths })).await, "/parent");
    faulty(change(&garden, json!({ "code": "lost" })).await, "/code");
    faulty(change(&garden, json!({ "deputy": scene.berta })).await, "/deputy");
    change(&scene.schools, json!({ "name": "Mine" })).await.problem(403, "forbidden");
    change(&scene.baths, json!({ "name": "Mine" })).await.problem(404, "");
    delete(&scene.baths).await.problem(404, "");
    delete(&scene.schools).await.problem(403, "forbidden");
    delete(&garden).await.expect(204);
    berta.get("/organisation-units/unmatched").await.problem(403, "forbidden");

    let application = |unit: &str| json!({ "code": "food", "name": "Food", "unit": unit });
    faulty(berta.json("POST", "/applications", &application(&scene.baths)).await, "/unit");
    let mut shows = application(&kitchen);
    shows["released"] = json!(["displayName"]);
    faulty(berta.json("POST", "/applications", &shows).await, "/released");
    berta.json("POST", "/applications", &application(&kitchen)).await.expect(201);
}

/// Conflicts are seen and ended by where people work; what allows them is for those who look after the whole.
async fn conflicts_are_looked_after(server: Server) {
    let parts = Parts::new(server).await;
    let (administrator, berta) = (&parts.scene.administrator, parts.scene.person("berta"));
    let rule = json!({ "name": "Apart", "one": [parts.keys], "other": [parts.assessors], "mode": "warn" });
    let rule = administrator.json("POST", "/sod-rules", &rule).await.expect(201).id();
    for user in [&parts.dita, &parts.edgars] {
        give(administrator, user, &parts.assessors).await.expect(201);
    }
    let all = administrator.get("/sod-violations").await.expect(200).body["items"].clone();
    let of = |user: &String| {
        let found = all.as_array().expect("items").iter().find(|one| one["user"] == json!(user));
        found.expect("a conflict")["id"].as_str().expect("an id").to_owned()
    };
    let (ditas, edgars) = (of(&parts.dita), of(&parts.edgars));
    assert_eq!(listed(&berta, "/sod-violations").await, [ditas.as_str()]);
    berta.get(&format!("/sod-violations/{edgars}")).await.problem(404, "");
    let remedy = json!({ "entitlement": parts.keys, "reason": "a test" });
    berta.json("POST", &format!("/sod-violations/{edgars}/remedy"), &remedy).await.problem(404, "");
    assert_eq!(parts.state(&parts.edgars_has).await, "active");
    let until = json!({ "reason": "r", "control": "c", "until": "2026-02-01T00:00:00Z" });
    let exception = format!("/sod-violations/{ditas}/exception");
    berta.json("POST", &exception, &until).await.problem(403, "forbidden");
    berta.get(&format!("/sod-rules/{rule}/impact")).await.problem(403, "forbidden");
    let over = berta.json("POST", &format!("/sod-violations/{ditas}/remedy"), &remedy).await.expect(200);
    assert_eq!((&over.body["state"], parts.state(&parts.dita_has).await), (&json!("resolved"), json!("ended")));
    let owner = parts.holder("ilze", "applicationOwner", super::of(&parts.tax)).await;
    assert!(listed(&owner, "/sod-violations").await.is_empty(), "a conflict tells of other applications too");
}

/// Helpdesk takes and gives nothing; an auditor sees and changes nothing.
async fn some_roles_take_or_see_alone(server: Server) {
    let parts = Parts::new(server).await;
    let helpdesk = parts.holder("helga", "helpdesk", tenant()).await;
    give(&helpdesk, &parts.dita, &parts.assessors).await.problem(403, "forbidden");
    extend(&helpdesk, &parts.dita_has).await.problem(403, "forbidden");
    take(&helpdesk, &parts.dita_has).await.expect(200);
    let auditor = parts.holder("aivars", "auditor", tenant()).await;
    assert_eq!(listed(&auditor, "/grants").await.len(), 2);
    auditor.get(&format!("/users/{}/views", parts.edgars)).await.expect(200);
    give(&auditor, &parts.dita, &parts.assessors).await.problem(403, "forbidden");
    take(&auditor, &parts.edgars_has).await.problem(403, "forbidden");
    auditor.json("POST", "/applications", &json!({ "code": "x", "name": "x" })).await.problem(403, "forbidden");
    assert_eq!(parts.state(&parts.edgars_has).await, "active");
    // What they saw is told to whom they looked at.
    assert!(parts.scene.server.app.calls.flush().await);
    let views = parts.scene.administrator.get(&format!("/users/{}/views", parts.edgars)).await.expect(200).body;
    let seen = views["items"].as_array().expect("items");
    assert!(seen.iter().any(|view| view["route"] == "/api/v1/users/{user}/views"), "{views:#}");
}

/// Whoever has a role for it asks for others within its scope, and learns of no others.
async fn some_roles_ask_for_others(server: Server) {
    let parts = Parts::new(server).await;
    let ask = async |by: &Client, subject: &str, entitlement: &str| {
        let items = json!([{ "kind": "grant", "entitlement": entitlement }]);
        by.json("POST", "/requests?dryRun=true", &json!({ "subject": subject, "items": items })).await
    };
    let berta = parts.scene.person("berta");
    ask(&berta, &parts.dita, &parts.judges).await.expect(200);
    faulty(ask(&berta, &parts.edgars, &parts.judges).await, "/subject");
    let owner = parts.holder("ilze", "applicationOwner", of(&parts.tax)).await;
    ask(&owner, &parts.edgars, &parts.judges).await.expect(200);
    faulty(ask(&owner, &parts.edgars, &parts.keys).await, "/subject");
    let auditor = parts.holder("aivars", "auditor", tenant()).await;
    faulty(ask(&auditor, &parts.dita, &parts.judges).await, "/subject");
    let helpdesk = parts.holder("helga", "helpdesk", within(&parts.scene.baths)).await;
    ask(&helpdesk, &parts.edgars, &parts.assessors).await.expect(200);
    faulty(ask(&helpdesk, &parts.dita, &parts.assessors).await, "/subject");
}

/// Whoever holds a role sees it and lays it down, also without a right to give or take any; nobody else's.
async fn a_role_is_laid_down(server: Server) {
    let scene = Scene::new(server).await;
    let role = scene.give(&scene.cilda, "auditor", within(&scene.baths)).await.expect(201).id();
    let other = scene.give(&scene.cilda, "helpdesk", within(&scene.baths)).await.expect(201).id();
    let user = scene.user("dita", "baths").await;
    scene.give(&user, "helpdesk", within(&scene.baths)).await.expect(201);
    let dita = scene.person("dita");
    dita.get(&format!("/admin-roles/{role}")).await.problem(404, "");
    revoke(&dita, &role).await.problem(404, "");
    let cilda = scene.person("cilda");
    assert_eq!(cilda.get(&format!("/admin-roles/{other}")).await.expect(200).body["role"], "helpdesk");
    assert_eq!(revoke(&cilda, &other).await.expect(200).body["state"], "revoked");
    revoke(&cilda, &role).await.expect(200);
    assert_eq!(scene.states(&scene.cilda).await, ["revoked", "revoked"]);
    revoke(&scene.person("anna"), &scene.whole).await.problem(409, "state");
}

/// The command line does what the API does.
async fn roles_are_looked_after_at_the_command_line(server: Server) {
    let scene = Scene::new(server).await;
    let command = |arguments: &[&str]| run(&scene.server.database, arguments);
    let user = scene.cilda.as_str();
    let give = ["role", "give", "riga", user, "auditor", "--reason", "The yearly audit"];
    let whole = command(&[&give[..], &["--until", "2027-01-01T00:00:00Z"]].concat()).expect(0).trim().to_owned();
    command(&give).complaint(4);
    let part = command(&[&give[..], &["--unit", "schools"]].concat()).expect(0).trim().to_owned();
    assert!(command(&[&give[..], &["--unit", "nowhere"]].concat()).complaint(3).contains("caurlaide unit list riga"));
    command(&["role", "give", "riga", user, "boss", "--reason", "r"]).complaint(2);
    command(&[&give[..], &["--unit", "schools", "--application", "tax"]].concat()).complaint(2);
    command(&["role", "give", "riga", &scene.city, "auditor", "--reason", "r"]).complaint(2);
    let listed = command(&["role", "list", "riga", "--user", user, "--json"]).expect(0);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!((&listed[0]["id"], &listed[1]["id"]), (&json!(whole), &json!(part)));
    assert_eq!(listed[1]["scope"], json!({ "kind": "organisationUnit", "id": scene.schools }));
    command(&["role", "end", "riga", &part, "--reason", "Over"]).expect(0);
    let table = command(&["role", "list", "riga", "--user", user]).expect(0);
    assert!(table.contains(&whole) && !table.contains(&part), "{table}");
    assert!(command(&["role", "list", "riga", "--all"]).expect(0).contains("revoked"));
    command(&["role", "end", "riga", user, "--reason", "r"]).complaint(3);
    command(&["role", "end", "riga", &scene.whole, "--reason", "r"]).complaint(1);
}

on_both_databases! {
    a_unit_is_looked_after,
    nobody_gives_to_themselves,
    an_application_is_looked_after,
    an_application_is_not_made_wider,
    units_are_made_below_ones_own,
    conflicts_are_looked_after,
    some_roles_take_or_see_alone,
    some_roles_ask_for_others,
    a_role_is_laid_down,
    roles_are_looked_after_at_the_command_line,
}
