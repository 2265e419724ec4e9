//! Bulk (RFC 7644 §3.7).

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    scim::definitions,
    support::{
        Client, Server,
        client::{ENTERPRISE, GROUP, USER},
    },
};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

fn request(operations: Value) -> Value {
    json!({ "schemas": [REQUEST], "Operations": operations })
}

fn user(name: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": { "schemas": [USER], "userName": name } })
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let data = json!({ "schemas": [GROUP], "displayName": name, "members": members });
    json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": data })
}

async fn results(client: &Client, body: &Value) -> Vec<Value> {
    let reply = client.post("/Bulk", body).await.expect(200).body;
    assert_eq!(reply["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    assert!(reply.get("failOnErrors").is_none());
    reply["Operations"].as_array().expect("results").clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().expect("a status")).collect()
}

fn id(result: &Value) -> String {
    let location = result["location"].as_str().expect("a location");
    location.rsplit('/').next().expect("an id").to_owned()
}

/// Shows: B-01, B-02, B-03, B-06, B-09, B-10, B-11, B-12, B-23, B-24
async fn every_method_has_its_result(server: Server) {
    let client = server.client().await;
    let old = client.user("old", json!({})).await.id();
    let gone = client.user("gone", json!({})).await.id();
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }],
    });
    let body = request(json!([
        user("new"),
        { "method": "PUT", "path": format!("/Users/{old}"), "data": { "schemas": [USER], "userName": "older" } },
        { "method": "patch", "path": format!("/Users/{old}"), "bulkId": "p", "data": patch },
        { "method": "DELETE", "path": format!("/Users/{gone}") },
        { "method": "DELETE", "path": format!("/Users/{gone}") },
        { "method": "POST", "path": "/Users", "bulkId": "bad", "data": { "schemas": [USER] } },
        { "method": "POST", "path": "/Nothing", "bulkId": "nowhere", "data": {} },
        { "method": "POST", "path": "/Bulk", "bulkId": "inner", "data": request(json!([user("x")])) },
        { "method": "POST", "path": "/Users/.search", "bulkId": "search", "data": {} },
        { "method": "GET", "path": "/Users" },
    ]));
    let results = results(&client, &body).await;
    assert_eq!(statuses(&results), ["201", "200", "200", "204", "404", "400", "404", "404", "400", "400"]);
    for (result, method) in results.iter().zip(["POST", "PUT", "PATCH", "DELETE"]) {
        assert_eq!(result["method"], method);
        assert!(result.get("response").is_none(), "{result}");
    }
    assert_eq!(results[0]["version"], "W/\"1\"");
    assert_eq!(results[2]["version"], "W/\"3\"");
    assert_eq!(results[2]["bulkId"], "p");
    assert_eq!(results[1]["location"], format!("{}/Users/{old}", client.base));
    assert_eq!(results[4]["location"], format!("{}/Users/{gone}", client.base), "only a failed POST has none");
    for failed in &results[4..] {
        assert_eq!(failed["response"]["status"], failed["status"], "{failed}");
    }
    assert!(results[5].get("location").is_none());
    assert_eq!(results[5]["response"]["scimType"], "invalidValue");
    let made = client.get(&format!("/Users/{}", id(&results[0]))).await.expect(200).body;
    assert_eq!((made["userName"].clone(), made["active"].clone()), (json!("new"), json!(true)));
    let old = client.get(&format!("/Users/{old}")).await.body;
    assert_eq!((old["userName"].clone(), old["active"].clone()), (json!("older"), json!(false)));
    assert_eq!(client.get("/Users?count=0").await.body["totalResults"], 2);
}

/// Shows: B-07, B-08, B-25
async fn one_that_fails_undoes_no_other_and_may_stop_the_rest(server: Server) {
    let client = server.client().await;
    client.user("taken", json!({})).await;
    let bad = json!({ "schemas": [GROUP], "displayName": "half", "members": [{ "value": "nobody" }] });
    let operations = json!([
        user("a"),
        user("TAKEN"),
        user("b"),
        user("A"),
        { "method": "POST", "path": "/Groups", "bulkId": "half", "data": bad },
        user("c"),
    ]);
    let all = results(&client, &request(operations.clone())).await;
    assert_eq!(statuses(&all), ["201", "409", "201", "409", "400", "201"]);
    assert_eq!(all[1]["response"]["scimType"], "uniqueness");
    assert_eq!(client.filter("/Users", "userName pr").await, ["a", "b", "c", "taken"]);
    assert_eq!(client.get("/Groups?count=0").await.body["totalResults"], 0, "nothing half done");

    let names = ["a2", "TAKEN", "b2", "A2", "c2"];
    let mut body = request(names.iter().map(|name| user(name)).collect());
    body["failOnErrors"] = 2.into();
    let some = results(&client, &body).await;
    assert_eq!(statuses(&some), ["201", "409", "201", "409"], "what follows the second error was not tried");
    assert!(client.filter("/Users", "userName eq \"c2\"").await.is_empty());
    body = request(json!([user("TAKEN"), user("d")]));
    body["failOnErrors"] = 1.into();
    assert_eq!(statuses(&results(&client, &body).await), ["409"]);
}

/// Shows: B-13, B-14, B-15, B-16, B-21
async fn operations_refer_to_each_other(server: Server) {
    let client = server.client().await;
    let manager = |name: &str, of: &str| {
        let mut user = user(name);
        user["data"][ENTERPRISE] = json!({ "manager": { "value": format!("bulkId:{of}") } });
        user
    };
    let add = |to: &str, what: &str| {
        let operations = json!([{ "op": "add", "path": "members", "value": [{ "value": format!("bulkId:{what}") }] }]);
        let data = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        json!({ "method": "PATCH", "path": format!("/Groups/bulkId:{to}"), "data": data })
    };
    // Forward, backward, in a path, and two who manage each other.
    let body = request(json!([
        group("team", &["bulkId:late"]),
        add("team", "a"),
        manager("a", "b"),
        user("late"),
        manager("b", "a"),
    ]));
    let made = results(&client, &body).await;
    assert_eq!(statuses(&made), ["201", "204", "201", "201", "201"]);
    let team = client.get(&format!("/Groups/{}", id(&made[0]))).await.body;
    let mut members: Vec<&str> =
        team["members"].as_array().expect("members").iter().filter_map(|m| m["value"].as_str()).collect();
    members.sort_unstable();
    let mut wanted = [id(&made[2]), id(&made[3])];
    wanted.sort_unstable();
    assert_eq!(members, wanted);
    for (one, other) in [(2, 4), (4, 2)] {
        let user = client.get(&format!("/Users/{}", id(&made[one]))).await.body;
        assert_eq!(user[ENTERPRISE]["manager"]["value"], id(&made[other]));
    }

    // What refers to nothing, or to what failed, fails; a circle fails as a whole.
    client.user("taken", json!({})).await;
    let body = request(json!([
        manager("x", "unknown"),
        user("taken"),
        manager("y", "taken"),
        group("of x", &["bulkId:x"]),
        manager("p", "taken2"),
        { "method": "POST", "path": "/Users", "bulkId": "taken2", "data": {
            "schemas": [USER], "userName": "taken", ENTERPRISE: { "manager": { "value": "bulkId:p" } } } },
        group("g", &["bulkId:h"]),
        group("h", &["bulkId:g"]),
        user("z"),
    ]));
    let refused = results(&client, &body).await;
    assert_eq!(statuses(&refused), ["400", "409", "409", "409", "409", "409", "409", "409", "201"]);
    let literal = format!("{ENTERPRISE}:manager.value co \"bulk\"");
    assert!(client.filter("/Users", &literal).await.is_empty(), "no reference is stored as it stands");
    assert_eq!(client.filter("/Users", "userName pr").await, ["a", "b", "late", "taken", "z"]);
    assert_eq!(client.filter("/Groups", "displayName pr").await, ["team"]);
}

/// Shows: B-18, B-22
async fn each_is_judged_as_the_single_request(server: Server) {
    let client = server.client().await;
    let made = client.user("a", json!({})).await;
    let path = format!("/Users/{}", made.id());
    let put = |version: &str| json!({ "method": "PUT", "path": path, "version": version, "data": { "schemas": [USER], "userName": "b" } });
    let operations = json!([put("W/\"7\""), put("W/\"1\""), put("W/\"1\""), put("nonsense")]);
    assert_eq!(statuses(&results(&client, &request(operations)).await), ["412", "200", "412", "400"]);

    server.suspend("riga").await;
    let client = server.client().await;
    let body = request(json!([user("c"), { "method": "DELETE", "path": path }]));
    assert_eq!(statuses(&results(&client, &body).await), ["403", "204"]);
}

/// Shows: B-04, B-19, B-20
async fn limits_are_named(server: Server) {
    let client = server.client().await;
    let many: Vec<Value> = (0..1001).map(|number| user(&format!("u{number}"))).collect();
    let detail = client.post("/Bulk", &request(many.into())).await.refused(413, "");
    assert!(detail.contains("maxOperations") && detail.contains("1000"), "{detail}");
    let body = format!("{{\"schemas\":[\"{REQUEST}\"],\"x\":\"{}\"", "x".repeat(8 * 1024 * 1024));
    let detail = client.raw("POST", "/Bulk", "application/scim+json", body).await.refused(413, "");
    assert!(detail.contains("maxPayloadSize"), "{detail}");
    client.post("/Bulk", &request(json!([user("a"), user("a")]))).await.refused(400, "invalidValue");
    client.post("/Bulk", &json!({ "Operations": [user("a")] })).await.refused(400, "invalidSyntax");
    let nameless = json!({ "method": "POST", "path": "/Users", "data": { "schemas": [USER], "userName": "a" } });
    let results = results(&client, &request(json!([nameless, user("b")]))).await;
    assert_eq!(statuses(&results), ["400", "201"]);
    assert_eq!(client.filter("/Users", "userName pr").await, ["b"]);
}

/// A payroll program's hires, as Entra's inbound provisioning words them: employee numbers for managers, `null` for
/// what is not given, a bad record among good ones. More than fit in one transaction; events and counters agree.
async fn a_payroll_program_pushes_hires(server: Server) {
    let client = server.client().await;
    let hires: Vec<Value> = (0..250)
        .map(|number| {
            let name = if number == 77 { String::new() } else { format!("hire{number}") };
            json!({ "method": "POST", "path": "/Users", "bulkId": format!("{number}"), "data": {
                "schemas": [USER, ENTERPRISE],
                "externalId": number.to_string(),
                "userName": name,
                "active": true,
                "nickName": null,
                ENTERPRISE: { "employeeNumber": number.to_string(), "manager": { "value": "0" } },
            } })
        })
        .collect();
    let mut body = request(hires.into());
    body["failOnErrors"] = Value::Null;
    let results = results(&client, &body).await;
    assert_eq!(results.len(), 250);
    for (number, result) in results.iter().enumerate() {
        assert_eq!(result["status"], if number == 77 { "400" } else { "201" }, "{result}");
        assert_eq!(result["bulkId"], number.to_string());
    }
    assert_eq!(client.get("/Users?count=0").await.body["totalResults"], 249);
    assert_eq!(client.filter("/Users", "externalId eq \"249\"").await, ["hire249"]);
    let look = server.database.look().await;
    let events: (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(DISTINCT resource_id) FROM event WHERE kind = 'User' AND action = 'created'",
    )
    .fetch_one(&look)
    .await
    .expect("a count");
    assert_eq!(events, (249, 249));
}

/// What an operation needs of an earlier one it finds, though both share a transaction.
async fn operations_build_on_each_other(server: Server) {
    let client = server.client().await;
    let old = client.user("old", json!({})).await.id();
    let patch = |path: String, operations: Value| {
        let data = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        json!({ "method": "PATCH", "path": path, "data": data })
    };
    let mut led = user("led");
    led["data"][ENTERPRISE] = json!({ "manager": "bulkId:boss" });
    let mail = json!([{ "op": "add", "path": "emails", "value": [{ "type": "work", "value": "x" }] }]);
    let both = json!([
        { "op": "replace", "path": "emails[type eq \"work\" and value sw \"x\"].display", "value": "y" },
        { "op": "add", "path": "password", "value": "a new secret" },
    ]);
    let body = request(json!([
        led,
        user("boss"),
        patch("/Users/bulkId:boss".into(), json!([{ "op": "add", "path": "password", "value": "secret" }])),
        patch(format!("/Users/{old}"), mail),
        patch(format!("/Users/{old}"), both),
        patch(format!("/Users/{old}"), json!([{ "op": "replace", "path": "userName", "value": "BOSS" }])),
        { "method": "DELETE", "path": format!("/Users/{old}") },
    ]));
    let results = results(&client, &body).await;
    assert_eq!(statuses(&results), ["201", "201", "200", "200", "200", "409", "204"], "{results:#?}");
    let led = client.get(&format!("/Users/{}", id(&results[0]))).await.body;
    assert_eq!(led[ENTERPRISE]["manager"]["value"], id(&results[1]));
    let unknown = request(json!([{ "method": "POST", "path": "/Users", "bulkId": "z", "data": {
        "schemas": [USER], "userName": "z", ENTERPRISE: { "manager": "bulkId:nobody" } } }]));
    assert_eq!(statuses(&self::results(&client, &unknown).await), ["400"]);
}

/// Shows: B-14, B-17
async fn what_happens_to_one_resource_happens_in_order(server: Server) {
    let client = server.client().await;
    let x = client.user("x", json!({})).await.id();
    let gone = client.user("gone", json!({})).await.id();
    let patch = |id: &str, operations: Value| {
        let data = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        json!({ "method": "PATCH", "path": format!("/Users/{id}"), "data": data })
    };
    let title = |text: &str| json!({ "op": "replace", "path": "title", "value": text });
    let manager = json!({ "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": { "value": "bulkId:m" } });
    let body = request(json!([
        patch(&x, json!([title("first"), manager])),
        patch(&x, json!([title("last")])),
        patch(&gone, json!([title("first"), manager])),
        { "method": "DELETE", "path": format!("/Users/{gone}") },
        group("name", &["bulkId:m"]),
        { "method": "POST", "path": "/Groups", "bulkId": "again", "data": { "schemas": [GROUP], "displayName": "name" } },
        user("m"),
    ]));
    let results = results(&client, &body).await;
    assert_eq!(statuses(&results), ["200", "200", "200", "204", "201", "409", "201"], "{results:#?}");
    assert_eq!((&results[0]["version"], &results[1]["version"]), (&json!("W/\"2\""), &json!("W/\"3\"")));
    let x = client.get(&format!("/Users/{x}")).await.body;
    assert_eq!((&x["title"], &x[ENTERPRISE]["manager"]["value"]), (&json!("last"), &json!(id(&results[6]))));
    let name = client.get(&format!("/Groups/{}", id(&results[4]))).await.body;
    assert_eq!(name["members"][0]["value"], id(&results[6]));
}

/// Shows: B-13, B-16
async fn references_in_attributes_of_a_tenant_are_resolved(server: Server) {
    const TEAM: &str = "urn:riga:scim:schemas:2.0:Team";
    let reference = |name: &str| json!({ "name": name, "type": "reference", "referenceTypes": ["User"] });
    let mut peers = reference("peers");
    peers["multiValued"] = true.into();
    let duty = json!({ "name": "duty", "type": "complex", "subAttributes": [reference("deputy"), { "name": "note" }] });
    let page = json!({ "name": "page", "type": "reference", "referenceTypes": ["external"] });
    let attributes = json!([reference("boss"), peers, duty, page]);
    definitions::schema(&server, json!({ "id": TEAM, "name": "Team", "attributes": attributes }))
        .await
        .expect("defined");
    let extends = json!({ "name": "User", "schemaExtensions": [{ "schema": TEAM }] });
    definitions::resource_type(&server, extends).await.expect("defined");
    let client = server.client().await;
    let with = |name: &str, team: Value| {
        let mut user = user(name);
        user["data"][TEAM] = team;
        user
    };
    let team = json!({
        "boss": "bulkId:b", "peers": ["bulkId:b", "bulkId:c"],
        "duty": { "deputy": "bulkId:c", "note": "bulkId:c" }, "page": "bulkId:c",
    });
    let body = request(json!([
        with("a", team),
        with("wrong", json!({ "boss": "bulkId:nobody" })),
        with("wrong too", json!({ "peers": ["bulkId:nobody"] })),
        user("b"),
        user("c"),
    ]));
    let results = results(&client, &body).await;
    assert_eq!(statuses(&results), ["201", "400", "400", "201", "201"], "{results:#?}");
    let (b, c) = (id(&results[3]), id(&results[4]));
    let a = client.get(&format!("/Users/{}", id(&results[0]))).await.body;
    let expected = json!({
        "boss": b, "peers": [b, c], "duty": { "deputy": c, "note": "bulkId:c" }, "page": "bulkId:c",
    });
    assert_eq!(a[TEAM], expected, "what is text stays as it is");
}

/// Shows: B-11
async fn whatever_is_wrong_its_resource_is_told(server: Server) {
    let client = server.client().await;
    let path = format!("/Users/{}", client.user("a", json!({})).await.id());
    let with = |member: &str, value: Value| {
        let mut put = json!({ "method": "PUT", "path": path, "data": { "schemas": [USER], "userName": "a" } });
        put[member] = value;
        put
    };
    let mut referring = with("bulkId", json!("r"));
    referring["data"][ENTERPRISE] = json!({ "manager": { "value": "bulkId:nobody" } });
    let operations = json!([
        { "method": "PUT", "path": path },
        with("data", json!(null)),
        with("data", json!([])),
        with("version", json!(1)),
        with("bulkId", json!("x".repeat(300))),
        referring,
        { "method": "PATCH", "path": "/Users/bulkId:nobody", "data": {} },
        { "method": "GET", "path": path },
    ]);
    let results = results(&client, &request(operations)).await;
    for (at, result) in results.iter().enumerate() {
        assert_eq!(result["status"], "400", "{result}");
        let told = if at < 6 { json!(format!("{}{path}", client.base)) } else { Value::Null };
        assert_eq!(result["location"], told, "{result}");
    }
}

/// Several requests at once that change the same resources, each in an order of its own: nobody waits for somebody who waits
/// for them, whatever else goes with a change.
async fn orders_do_not_matter(server: Server) {
    let client = server.client().await;
    let names: Vec<Value> = (0..90).map(|number| user(&format!("u{number}"))).collect();
    let people: Vec<String> = results(&client, &request(json!(names))).await.iter().map(id).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let mut groups = Vec::new();
    for number in 0..6 {
        groups.push(client.group(&format!("g{number}"), &people).await.id());
    }
    let title = |at: usize| {
        let operations = json!([{ "op": "replace", "path": "title", "value": format!("t{at}") }]);
        json!({ "method": "PATCH", "path": format!("/Users/{}", people[at]), "data": { "schemas": [PATCH], "Operations": operations } })
    };
    let leave = |group: usize, at: usize| {
        let operations = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", people[at]) }]);
        json!({ "method": "PATCH", "path": format!("/Groups/{}", groups[group]), "data": { "schemas": [PATCH], "Operations": operations } })
    };
    // Each client has people of its own who are switched off and deleted, and all are in the same groups.
    let off = |at: usize| {
        let operations = json!([{ "op": "replace", "path": "active", "value": false }]);
        json!({ "method": "PATCH", "path": format!("/Users/{}", people[at]), "data": { "schemas": [PATCH], "Operations": operations } })
    };
    let delete = |at: usize| json!({ "method": "DELETE", "path": format!("/Users/{}", people[at]) });
    let bodies: Vec<Value> = (0..4)
        .map(|number| {
            let mut shared: Vec<Value> = (0..74).map(title).collect();
            shared.extend((0..6).map(|group| leave(group, number)));
            if number % 2 == 1 {
                shared.reverse();
            }
            let turn = number * 20 % shared.len();
            shared.rotate_left(turn);
            shared.extend([off(74 + number), delete(78 + number), off(82 + number), delete(86 + number)]);
            request(json!(shared))
        })
        .collect();
    let all = join_all(bodies.iter().map(|body| results(&client, body))).await;
    for results in &all {
        assert!(statuses(results).iter().all(|status| ["200", "204"].contains(status)), "{results:#?}");
    }
    for group in groups {
        let members = client.get(&format!("/Groups/{group}")).await.expect(200).body["members"].clone();
        assert_eq!(members.as_array().map(Vec::len), Some(70), "four were taken out, sixteen went");
    }
}

on_both_databases! {
    orders_do_not_matter,
    what_happens_to_one_resource_happens_in_order,
    references_in_attributes_of_a_tenant_are_resolved,
    whatever_is_wrong_its_resource_is_told,
    operations_build_on_each_other,
    every_method_has_its_result,
    one_that_fails_undoes_no_other_and_may_stop_the_rest,
    operations_refer_to_each_other,
    each_is_judged_as_the_single_request,
    limits_are_named,
    a_payroll_program_pushes_hires,
}
