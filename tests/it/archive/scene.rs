//! A tenant with something of everything.

use serde_json::{Value, json};

use crate::{
    scim::definitions::{self, BADGE, VEHICLE},
    support::{
        Client, Server,
        client::{ENTERPRISE, GROUP, MUNICIPAL, USER},
        issuer::Issuer,
        server::START,
    },
};

/// More than two pages of resources, and memberships of more than one.
const USERS: usize = 230;

/// A generator whose numbers are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len() as u64)).expect("a place")]
    }

    fn text(&mut self) -> String {
        let words = [
            "Ādažu",
            "ģimnāzija",
            "šķūņi",
            "ŽŪĻĀ",
            "naïve",
            "İstanbul",
            "straße",
            "𝔘nicode",
            "\"quoted\"",
            "back\\slash",
            "new\nline",
            "tab\t",
            "👩‍👩‍👧",
            "e\u{301}",
            "  blank ",
            "\u{200b}",
            "<b>&amp;",
            "ﬁ",
            "日本",
        ];
        (0..=self.below(3)).map(|_| *self.one_of(&words)).collect::<Vec<_>>().join(" ")
    }
}

/// Fills `riga`. Says the ids of its users.
pub(super) async fn fill(server: &Server) -> Vec<String> {
    let client = server.client().await;
    let administrator = server.administrator("riga").await;
    server
        .set(|settings| {
            settings.roles_and_entitlements = true;
            settings.page_size = 77;
        })
        .await;
    definitions::vehicles(server).await;
    definitions::schema(server, definitions::badge()).await.expect("defined");
    let badges = json!({ "name": "User", "schemaExtensions": [{ "schema": BADGE, "required": false }] });
    definitions::resource_type(server, badges).await.expect("defined");
    for (value, more) in [("Priekšnieks", json!({ "supported": true })), ("clerk", json!({ "contains": ["guard"] }))] {
        let mut role = more;
        role["value"] = value.into();
        administrator.json("POST", "/roles", &role).await.expect(201);
    }
    let users = people(server, &client).await;
    groups(&client, &users).await;
    for (number, driver) in users.iter().enumerate().take(5) {
        let car = json!({
            "schemas": [VEHICLE], "plate": format!("AB-{number}"), "seats": number, "since": "2020-01-01T00:00:00+02:00",
            "driver": { "value": driver }, "keys": [{ "value": "1", "type": "durvis" }, { "value": "2" }],
        });
        client.post("/Vehicles", &car).await.expect(201);
    }
    organisation(server, &administrator, &users).await;
    applications(server, &client, &administrator).await;
    clients(server, &administrator).await;
    users
}

async fn people(server: &Server, client: &Client) -> Vec<String> {
    let mut chance = Chance(7);
    let mut users: Vec<String> = Vec::new();
    for number in 0..USERS {
        server.pass(1 + i64::try_from(chance.below(5000)).expect("millis"));
        let mut user =
            json!({ "displayName": chance.text(), "externalId": format!("{number}-{}", chance.text().trim()) });
        if chance.below(2) == 0 {
            user["name"] = json!({ "familyName": chance.text(), "givenName": chance.text() });
            user["emails"] = json!([
                { "value": format!("a{number}@riga.example"), "type": "work" },
                { "value": format!("b{number}@riga.example"), "type": "home", "primary": true },
            ]);
        }
        if chance.below(2) == 0 {
            user[ENTERPRISE] = json!({ "department": chance.text(), "employeeNumber": format!("{number}") });
            if let Some(manager) = users.last() {
                user[ENTERPRISE]["manager"] = json!({ "value": manager });
            }
        }
        if chance.below(3) == 0 {
            user[MUNICIPAL] = json!({ "employmentStart": "2020-02-03T00:00:00Z" });
            if chance.below(2) == 0 {
                user[MUNICIPAL]["employments"] = json!([
                    { "organisationUnit": "FIN", "position": chance.text(), "start": "2020-02-03", "manager": users.last() },
                    { "value": number.to_string(), "organisationUnit": "Ā/1", "end": "2030-01-01", "primary": true },
                ]);
            }
            user["title"] = "ā".repeat(1 + usize::try_from(chance.below(700)).expect("a length")).into();
        }
        if chance.below(3) == 0 {
            user[BADGE] = json!({ "number": format!("N{number}"), "doors": ["a", "b", chance.text()] });
            user["roles"] = json!([{ "value": "clerk" }, { "value": "vecs", "type": "old" }]);
        }
        if number == 3 {
            user["password"] = "parole 123".into();
            user["active"] = "False".into();
        }
        users.push(client.user(&format!("Lietotājs.{number}"), user).await.id());
    }
    for number in [5, 100, 222] {
        let user = format!("/Users/{}", users[number]);
        client
            .patch(
                &user,
                json!([
                    { "op": "Add", "path": "emails[type eq \"other\"].value", "value": "x@y.example" },
                    { "op": "replace", "path": "active", "value": "false" },
                    { "op": "replace", "value": { "nickName": chance.text(), "unknown": 1 } },
                ]),
            )
            .await
            .expect(200);
        client.patch(&user, json!([{ "op": "remove", "path": "displayName" }])).await.expect(200);
    }
    for gone in users.split_off(USERS - 4) {
        client.delete(&format!("/Users/{gone}")).await.expect(204);
    }
    users
}

/// Groups in groups, three deep, and one of everybody.
async fn groups(client: &Client, users: &[String]) {
    let of = |range: std::ops::Range<usize>| users[range].iter().map(String::as_str).collect::<Vec<_>>();
    let all = client.group("Visi darbinieki", &of(0..users.len())).await.id();
    // With these there are more than a page of memberships.
    client.group("Visi vēlreiz", &of(0..users.len())).await;
    let inner = client.group("Iekšējā nodaļa", &of(0..40)).await.id();
    let middle = client.group("Vidējā", &[&of(30..60)[..], &[&inner]].concat()).await.id();
    client.group("ĀRĒJĀ", &[&middle, &inner, &all]).await;
    client.post("/Groups", &json!({ "schemas": [GROUP], "displayName": "Tukša", "externalId": "t" })).await.expect(201);
    let path = format!("members[value eq \"{}\"]", users[1]);
    client.patch(&format!("/Groups/{inner}"), json!([{ "op": "remove", "path": path }])).await.expect(204);
}

/// Where a unit is part of one that was made later.
async fn organisation(server: &Server, administrator: &Client, users: &[String]) {
    let new = async |kind: &str, code: &str, parent: Option<&str>, head: &str| {
        server.pass(7);
        let mut unit = json!({ "kind": kind, "code": code, "name": format!("„{code}”"), "head": head });
        if let Some(parent) = parent {
            unit["parent"] = parent.into();
        }
        administrator.json("POST", "/organisation-units", &unit).await.expect(201).id()
    };
    let city = new("municipality", "RIG", None, &users[0]).await;
    let finances = new("unit", "FIN", Some(&city), &users[1]).await;
    let school = new("institution", "Ā/1", Some(&city), &users[2]).await;
    let change = json!({ "parent": school, "deputy": users[3] });
    let change = administrator.request("PATCH", &format!("/organisation-units/{finances}")).json(&change);
    administrator.send(change.header("if-match", "*")).await.expect(200);
    let registered = json!({ "registrationNumber": "90000064250" });
    let change = administrator.request("PATCH", &format!("/organisation-units/{city}")).json(&registered);
    administrator.send(change.header("if-match", "W/\"1\"")).await.expect(200);
}

/// One with two groups and a client, and one that is retired.
async fn applications(server: &Server, client: &Client, administrator: &Client) {
    let page = client.get("/Groups?count=2&excludedAttributes=members").await.expect(200).body;
    let groups: Vec<&str> =
        page["Resources"].as_array().expect("groups").iter().filter_map(|g| g["id"].as_str()).collect();
    assert_eq!(groups.len(), 2);
    server.application("riga", "documents", &["userName", "name.familyName"], &groups).await;
    entitlements(server, client, administrator, &groups).await;
    let (retired, _) = server.application("riga", "old", &[], &[]).await;
    let change = json!({ "state": "retired", "name": "Vecā lietotne" });
    administrator.json("PATCH", &format!("/applications/{retired}"), &change).await.expect(200);
}

/// Both groups, one that grants alone govern; grants that have ended, that were given by hand, and of a group that is gone.
async fn entitlements(server: &Server, client: &Client, administrator: &Client, groups: &[&str]) {
    let applications = administrator.get("/applications").await.expect(200).body;
    let application = applications["items"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/applications/{application}/entitlements");
    let gone = client.group("Īslaicīga", &[]).await.id();
    for (group, code, authority) in
        [(groups[0], "all", "scim"), (groups[1], "again", "grants"), (&gone, "gone", "scim")]
    {
        let new = json!({
            "group": group, "code": code, "names": { "lv": "Lasītājs" }, "authority": authority, "legalBasis": "Likums",
        });
        administrator.json("POST", &path, &new).await.expect(201);
    }
    rules(administrator, groups).await;
    let members = client.get(&format!("/Groups/{}", groups[0])).await.expect(200).body;
    let user = |at: usize| members["members"][at]["value"].as_str().expect("an id").to_owned();
    for (user, group) in [(user(0), groups[0]), (user(1), groups[0]), (user(1), &gone)] {
        let new = json!({ "user": user, "entitlement": group, "reason": "pagaidām\n\"divas\" rindas" });
        let grant = administrator.json("POST", "/grants", &new).await;
        if grant.status == 201 && group == groups[0] {
            server.pass(1000);
            let taken = json!({ "reason": "vairs ne" });
            administrator.json("POST", &format!("/grants/{}/revocation", grant.id()), &taken).await.expect(200);
        }
    }
    let path = format!("members[value eq \"{}\"]", user(2));
    client.patch(&format!("/Groups/{}", groups[1]), json!([{ "op": "remove", "path": path }])).await.expect(204);
    client.delete(&format!("/Groups/{gone}")).await.expect(204);
    Box::pin(requests(server, client, administrator, groups)).await;
}

/// What waits for a decision, what was decided so and so, and somebody who stands in.
async fn requests(server: &Server, client: &Client, administrator: &Client, groups: &[&str]) {
    let issuer = Issuer::new("EdDSA", "requests");
    let mut registration = issuer.registration();
    registration["scopes"] = json!(["rights"]);
    administrator.json("POST", "/issuers", &registration).await.expect(201);
    let sure = json!({ MUNICIPAL: { "assuranceLevel": "high" } });
    let chief = client.user("Vadītāja", sure.clone()).await.id();
    let mut clerk = sure.clone();
    clerk[ENTERPRISE] = json!({ "manager": { "value": chief } });
    let clerk_id = client.user("Lietvede", clerk).await.id();
    let deputy = client.user("Vietniece", sure).await.id();
    let applications = administrator.get("/applications").await.expect(200).body;
    let application = applications["items"][0]["id"].as_str().expect("an id").to_owned();
    for scope in [json!({ "kind": "tenant" }), json!({ "kind": "application", "id": application })] {
        let new = json!({ "user": deputy, "role": "auditor", "scope": scope, "until": "2027-01-01T00:00:00.000Z", "reason": "divas\nrindas" });
        let role = administrator.json("POST", "/admin-roles", &new).await.expect(201).id();
        if scope["kind"] == "application" {
            let why = json!({ "reason": "vairs nav" });
            administrator.json("POST", &format!("/admin-roles/{role}/revocation"), &why).await.expect(200);
        }
    }
    for (group, risk) in [(groups[0], 1), (groups[1], 2)] {
        let path = format!("/applications/{application}/entitlements/{group}");
        administrator.json("PATCH", &path, &json!({ "requestable": true, "risk": risk })).await.expect(200);
    }
    let (clerk, chief) = (issuer.person(server, "Lietvede", "high"), issuer.person(server, "Vadītāja", "high"));
    let delegation = json!({ "delegate": deputy, "until": "2026-02-01", "reason": "atvaļinājums" });
    chief.json("POST", "/delegations", &delegation).await.expect(201);
    // What somebody gives back, with as many words as a request may have.
    let by_hand = json!({ "user": clerk_id, "entitlement": groups[0], "reason": "īsi" });
    let held = administrator.json("POST", "/grants", &by_hand).await.expect(201).id();
    let back = json!({ "justification": "ā".repeat(4000), "items": [{ "kind": "revoke", "grant": held }] });
    clerk.json("POST", "/requests", &back).await.expect(201);
    let new = json!({ "justification": "divas\nrindas", "items": [
        { "kind": "grant", "entitlement": groups[0], "days": 30 }, { "kind": "grant", "entitlement": groups[1] },
    ] });
    let made = clerk.json("POST", "/requests", &new).await.expect(201).body;
    for (at, vote) in [(0, "approve"), (1, "reject")] {
        let item = made["items"][at]["id"].as_str().expect("an id");
        let path = format!("/request-items/{item}/votes");
        let vote = json!({ "decision": vote, "comment": "lūdzu" }).to_string();
        let call = chief.request("POST", &path).header("if-match", "*").header("content-type", "application/json");
        chief.send(call.body(vote)).await.expect(200);
    }
    let open = json!({ "items": [{ "kind": "grant", "entitlement": groups[1], "from": "2026-03-01" }] });
    clerk.json("POST", "/requests", &open).await.expect(201);
    let review = json!({ "name": "Pārskatīšana", "exclusions": [{ "user": deputy, "reason": "atvaļinājumā" }] });
    administrator.json("POST", "/reviews", &review).await.expect(201);
    server.app.timers.run().await.expect("timers");
    Box::pin(emergencies(client, administrator, &application, groups[1], [&chief, &clerk])).await;
}

/// What nobody has looked at yet, and what somebody has.
async fn emergencies(
    client: &Client,
    administrator: &Client,
    application: &str,
    group: &str,
    [chief, clerk]: [&Client; 2],
) {
    let path = format!("/applications/{application}/entitlements/{group}");
    administrator.json("PATCH", &path, &json!({ "emergency": true })).await.expect(200);
    let mut members = Vec::new();
    for person in [chief, clerk] {
        members.push(person.get("/me").await.expect(200).id());
    }
    let [chief_id, clerk_id] = [&*members[0], &*members[1]];
    let (openers, officers) =
        (client.group("Dežuranti", &[chief_id, clerk_id]).await.id(), client.group("Drošība", &[chief_id]).await.id());
    let settings = json!({ "emergencyGroup": openers, "securityOfficers": officers });
    administrator.json("PATCH", "/settings", &settings).await.expect(200);
    let new = json!({ "entitlement": group, "reason": "avārija", "incident": "INC-1", "minutes": 30 });
    let taken = clerk.json("POST", "/emergencies", &new).await.expect(201).id();
    let review = json!({ "verdict": "justified", "comment": "bija" });
    chief.json("POST", &format!("/emergencies/{taken}/review"), &review).await.expect(200);
    chief.json("POST", "/emergencies", &new).await.expect(201);
    let leave = json!({ "reason": "bērna kopšana", "until": "2027-05-31T21:00:00Z" });
    let mother = client.user("Māte", json!({})).await.id();
    administrator.json("PUT", &format!("/users/{mother}/suspension"), &leave).await.expect(200);
}

/// Of each kind one, and a policy that an entitlement has.
async fn rules(administrator: &Client, groups: &[&str]) {
    let units = administrator.get("/organisation-units").await.expect(200).body;
    let policy = json!({
        "name": "Īpašnieks", "risk": 3, "stages": [{ "resolver": "owner", "quorum": { "atLeast": 1 } }],
    });
    administrator.json("POST", "/approval-policies", &policy).await.expect(201);
    let sod = json!({
        "name": "Nevienam abi", "description": "divas\nrindas", "one": [groups[0]], "other": [groups[1]], "mode": "detect",
    });
    administrator.json("POST", "/sod-rules", &sod).await.expect(201);
    let when = json!({ "any": [{ "within": units["items"][0]["id"] }, { "not": { "position": "Ārsts" } }] });
    let birthright = json!({ "name": "Visi", "state": "draft", "when": when, "entitlements": [groups[0]] });
    administrator.json("POST", "/birthright-rules", &birthright).await.expect(201);
}

async fn clients(server: &Server, administrator: &Client) {
    let later = START + 1_000_000_000;
    server.token_of("riga", "Tikls", &["192.0.2.0/24", "2001:db8::/32"], &["scim.read"], later).await;
    let (_, revoked, _) = server.token_of("riga", "Tikls", &[], &["scim.write"], later).await;
    server.revoke("riga", revoked).await;
    let (gone, ..) = server.token_of("riga", "Aizgājis", &[], &["scim.read"], later).await;
    administrator.delete(&format!("/clients/{gone}")).await.expect(204);
    let (rotated, token, _) = server.token_of("riga", "Maina", &[], &["scim.read"], later).await;
    administrator.json("POST", &format!("/clients/{rotated}/tokens/{token}/rotate"), &json!({})).await.expect(201);
    for (at, algorithm) in ["EdDSA", "ES256"].into_iter().enumerate() {
        let mut issuer: Value = Issuer::new(algorithm, "a").registration();
        issuer["issuer"] = format!("https://issuer{at}.example").into();
        if at == 1 {
            issuer.as_object_mut().expect("an object").remove("jwks");
            issuer["jwksUri"] = "https://issuer.example/keys".into();
        }
        administrator.json("POST", "/issuers", &issuer).await.expect(201);
    }
}

/// What a tenant answers, with the addresses of another put in the place of its own.
pub(super) async fn answers(client: &Client, other: &Client) -> Vec<(String, Value)> {
    let users = [
        "userName eq \"LIETOTĀJS.7\"",
        "userName sw \"lietotājs.1\"",
        "displayName co \"ģimnāzija\"",
        "title pr",
        "emails[type eq \"work\" and value sw \"a1\"]",
        "emails.primary eq true",
        "active eq false",
        "roles.value eq \"clerk\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department co \"straße\"",
        "groups.display eq \"vidējā\"",
        "meta.created gt \"2026-01-01T00:05:00Z\"",
        "urn:riga:scim:schemas:2.0:Badge:doors eq \"a\"",
        "nickName pr",
        "not (externalId pr)",
    ];
    let mut asked: Vec<(String, Vec<(&str, &str)>)> = vec![
        ("/Users".into(), vec![("count", "1000")]),
        ("/Users".into(), vec![("sortBy", "displayName"), ("count", "1000")]),
        ("/Users".into(), vec![("sortBy", "title"), ("sortOrder", "descending"), ("startIndex", "20")]),
        ("/Groups".into(), vec![("count", "1000")]),
        ("/Groups".into(), vec![("filter", "members.type eq \"Group\"")]),
        ("/Vehicles".into(), vec![]),
        ("/Vehicles".into(), vec![("filter", "seats ge 2 and keys.type eq \"durvis\"")]),
        ("/Roles".into(), vec![]),
        ("/Schemas".into(), vec![]),
        ("/ResourceTypes".into(), vec![]),
        ("/ServiceProviderConfig".into(), vec![]),
    ];
    asked.extend(users.iter().map(|filter| ("/Users".to_owned(), vec![("filter", *filter), ("count", "1000")])));
    let mut answers = Vec::new();
    for (path, parameters) in asked {
        let body = client.find(&path, &parameters).await.expect(200).body;
        if path == "/Users" {
            let total = body["totalResults"].as_u64().expect("a total");
            let is_sieve = parameters.iter().all(|(_, value)| *value != "not (externalId pr)");
            assert!(total > 0 || !is_sieve, "{parameters:?} finds somebody");
        }
        let text = body.to_string().replace(&client.base, &other.base).replace(root(client), root(other));
        let mut body = serde_json::from_str(&text).expect("JSON");
        without_digests(&mut body);
        answers.push((format!("{path} {parameters:?}"), body));
    }
    answers
}

/// The address of a client's server.
fn root(client: &Client) -> &str {
    client.base.split("/t/").next().expect("a server")
}

/// Leaves of every version its number: its digest is of addresses too, and those differ.
fn without_digests(answer: &mut Value) {
    for resource in answer["Resources"].as_array_mut().into_iter().flatten() {
        if let Some(version) = resource["meta"]["version"].as_str() {
            let number = version.split_once('-').map(|(number, _)| format!("{number}\""));
            resource["meta"]["version"] = number.unwrap_or_else(|| version.to_owned()).into();
        }
    }
}

/// A user as a client would send it.
pub(super) fn user(name: &str) -> Value {
    json!({ "schemas": [USER], "userName": name })
}
