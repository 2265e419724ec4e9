//! Schemas and resource types that a tenant defines while it is served.

use caurlaide::provisioning::Error;
use scim::schema::{Schema, TypeDefinition};
use serde_json::{Value, json};

use crate::support::{
    Client, Server,
    client::{GROUP, USER},
};

pub(crate) const VEHICLE: &str = "urn:riga:scim:schemas:2.0:Vehicle";
pub(crate) const BADGE: &str = "urn:riga:scim:schemas:2.0:Badge";

pub(crate) fn vehicle() -> Value {
    json!({ "id": VEHICLE, "name": "Vehicle", "description": "A car", "attributes": [
        { "name": "plate", "description": "Its plate", "required": true, "uniqueness": "server" },
        { "name": "seats", "type": "integer", "description": "How many" },
        { "name": "since", "type": "dateTime", "description": "When it came" },
        { "name": "keys", "type": "complex", "multiValued": true, "description": "Its keys", "subAttributes": [
            { "name": "value", "description": "The number" }, { "name": "type", "description": "What it opens" },
        ] },
        { "name": "note", "returned": "request", "description": "A note" },
        { "name": "driver", "type": "complex", "description": "Who drives it", "subAttributes": [
            { "name": "value", "caseExact": true, "description": "The id" },
            { "name": "$ref", "type": "reference", "referenceTypes": ["User"], "description": "The address" },
            { "name": "displayName", "mutability": "readOnly", "description": "The name" },
        ] },
    ] })
}

pub(crate) fn badge() -> Value {
    json!({ "id": BADGE, "name": "Badge", "attributes": [
        { "name": "number", "description": "The number", "uniqueness": "server" },
        { "name": "doors", "multiValued": true, "description": "What it opens" },
    ] })
}

pub(crate) fn kind() -> Value {
    json!({ "name": "Vehicle", "endpoint": "/Vehicles", "schema": VEHICLE })
}

pub(crate) async fn schema(server: &Server, definition: Value) -> Result<(), Error> {
    let schema = Schema::parse(&definition.to_string()).expect("a schema");
    server.directory().await.define_schema(schema, None).await.map(drop)
}

pub(crate) async fn resource_type(server: &Server, definition: Value) -> Result<(), Error> {
    let definition: TypeDefinition = serde_json::from_value(definition).expect("a type");
    server.directory().await.define_type(definition, None).await.map(drop)
}

/// Defines badges, which users wear.
pub(crate) async fn badge_for_users(server: &Server) {
    schema(server, badge()).await.expect("defined");
    let extends = json!({ "name": "User", "schemaExtensions": [{ "schema": BADGE }] });
    resource_type(server, extends).await.expect("defined");
}

/// Defines vehicles.
pub(crate) async fn vehicles(server: &Server) {
    schema(server, vehicle()).await.expect("defined");
    resource_type(server, kind()).await.expect("defined");
}

/// Makes a vehicle. Says its id.
pub(crate) async fn car(client: &Client) -> String {
    client.post("/Vehicles", &with("ZZ-1", json!({}))).await.expect(201).id()
}

fn status(result: Result<(), Error>) -> u16 {
    result.map_err(Error::told).expect_err("must be refused").status
}

fn with(plate: &str, more: Value) -> Value {
    let mut car = json!({ "schemas": [VEHICLE], "plate": plate });
    for (name, value) in more.as_object().expect("an object") {
        car[name] = value.clone();
    }
    car
}

async fn plates(client: &Client, parameters: &[(&str, &str)]) -> Vec<String> {
    let found = client.find("/Vehicles", parameters).await.expect(200).body;
    let list = found["Resources"].as_array().expect("Resources");
    list.iter().map(|car| car["plate"].as_str().expect("a plate").to_owned()).collect()
}

/// A type of its own works in everything, without a restart. Shows: S-87, S-40, V-09
async fn a_resource_type_works_the_moment_it_is_defined(server: Server) {
    let client = server.client().await;
    let anna = client.user("anna", json!({ "displayName": "Anna" })).await.id();
    client.get("/Vehicles").await.refused(404, "");
    assert_eq!(status(resource_type(&server, kind()).await), 400, "its schema comes first");
    vehicles(&server).await;
    let types = client.get("/ResourceTypes/Vehicle").await.expect(200).body;
    assert_eq!((types["endpoint"].clone(), types["schema"].clone()), (json!("/Vehicles"), json!(VEHICLE)));
    let published = client.get(&format!("/Schemas/{VEHICLE}")).await.expect(200).body;
    assert_eq!(published["attributes"][1]["type"], "integer");
    assert_eq!(client.get("/Schemas").await.body["totalResults"], 5);

    client.post("/Vehicles", &json!({ "schemas": [VEHICLE] })).await.refused(400, "invalidValue");
    client.post("/Vehicles", &with("A", json!({ "seats": 1.5 }))).await.refused(400, "invalidValue");
    client
        .post("/Vehicles", &with("A", json!({ "seats": 9_007_199_254_740_993_u64 })))
        .await
        .refused(400, "invalidValue");
    let more = json!({
        "seats": 5, "since": "2020-01-01T00:00:00+02:00", "note": "n", "driver": { "value": anna },
        "keys": [{ "value": "1", "type": "door" }, { "value": "2", "type": "boot" }],
    });
    let made = client.post("/Vehicles", &with("AB-1", more)).await.expect(201);
    assert_eq!(
        made.body["driver"],
        json!({ "value": anna, "$ref": format!("{}/Users/{anna}", client.base), "displayName": "Anna" })
    );
    assert_eq!(made.body["note"], "n", "what is returned on request comes back to who set it");
    let path = format!("/Vehicles/{}", made.id());
    assert_eq!(made.header("location"), Some(format!("{}{path}", client.base).as_str()));
    assert!(client.get(&path).await.expect(200).body.get("note").is_none());
    assert_eq!(client.get(&format!("{path}?attributes=note")).await.body["note"], "n");
    client.post("/Vehicles", &with("ab-1", json!({}))).await.refused(409, "uniqueness");
    client.post("/Vehicles", &with("C", json!({ "seats": 9, "since": "2021-01-01T00:00:00Z" }))).await.expect(201);
    client.post("/Vehicles", &with("B", json!({}))).await.expect(201);

    for (filter, expected) in [
        ("plate sw \"ab\"", &["AB-1"][..]),
        ("seats gt 5", &["C"]),
        ("since lt \"2020-12-31T23:59:59Z\"", &["AB-1"]),
        ("keys[type eq \"boot\" and value eq \"2\"]", &["AB-1"]),
        ("keys[type eq \"boot\" and value eq \"1\"]", &[]),
        (&format!("driver.value eq \"{anna}\""), &["AB-1"]),
        (&format!("{VEHICLE}:seats pr and not (plate eq \"c\")"), &["AB-1"]),
    ] {
        assert_eq!(plates(&client, &[("filter", filter)]).await, expected, "{filter}");
    }
    assert_eq!(plates(&client, &[("sortBy", "seats"), ("sortOrder", "descending")]).await, ["B", "C", "AB-1"]);
    let patched = client
        .patch(
            &path,
            json!([
                { "op": "replace", "path": "keys[type eq \"boot\"].value", "value": "3" },
                { "op": "add", "value": { "seats": 6, "note": "m" } },
            ]),
        )
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&patched["keys"][1]["value"], &patched["seats"], &patched["note"]),
        (&json!("3"), &json!(6), &json!("m"))
    );
    client.patch(&path, json!([{ "op": "remove", "path": "plate" }])).await.refused(400, "mutability");
    assert_eq!(client.put(&path, &with("AB-2", json!({}))).await.expect(200).body.get("keys"), None);
    assert_eq!(client.get("").await.body["totalResults"], 4, "the root knows it");
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "POST", "path": "/Vehicles", "bulkId": "d", "data": with("D", json!({})) },
        { "method": "POST", "path": "/Groups", "bulkId": "g", "data": {
            "schemas": [GROUP], "displayName": "Cars", "members": [{ "value": "bulkId:d" }] } },
    ] });
    let made = client.post("/Bulk", &bulk).await.expect(200).body;
    assert_eq!(made["Operations"][1]["status"], "201", "{made:#}");
    client.patch(&path, json!([{ "op": "add", "path": "driver", "value": { "value": anna } }])).await.expect(200);
    client.delete(&format!("/Users/{anna}")).await.expect(204);
    assert!(client.get(&path).await.body.get("driver").is_none(), "a reference goes with what it names");

    server.tenant("jurmala").await;
    server.client_of("jurmala").await.get("/Vehicles").await.refused(404, "");
}

/// An extension of users. Shows: S-35, Y-12
async fn an_extension_joins_the_users_who_are_there(server: Server) {
    let client = server.client().await;
    let anna = client.user("anna", json!({ BADGE: { "number": "1" } })).await;
    assert!(anna.body.get(BADGE).is_none(), "not known yet");
    badge_for_users(&server).await;
    let path = format!("/Users/{}", anna.id());
    let patched = client.patch(&path, json!([{ "op": "add", "path": format!("{BADGE}:number"), "value": "7" }])).await;
    assert_eq!(patched.expect(200).body["schemas"], json!([USER, BADGE]));
    client.user("zane", json!({ BADGE: { "number": "8", "doors": ["x", "y"] } })).await;
    client
        .post("/Users", &json!({ "schemas": [USER], "userName": "x", BADGE: { "number": "7" } }))
        .await
        .refused(409, "uniqueness");
    assert_eq!(client.filter("/Users", &format!("{BADGE}:doors eq \"y\"")).await, ["zane"]);
    assert_eq!(client.filter("/Users", "number eq \"7\"").await, ["anna"]);
    assert_eq!(client.filter("/Users", &format!("schemas eq \"{BADGE}\"")).await, ["anna", "zane"]);
    let extensions = &client.get("/ResourceTypes/User").await.body["schemaExtensions"];
    assert_eq!(extensions[2], json!({ "schema": BADGE, "required": false }));
    let required = json!({ "name": "User", "schemaExtensions": [{ "schema": BADGE, "required": true }] });
    assert_eq!(status(resource_type(&server, required).await), 409, "others would lack it");
}

async fn nothing_in_use_is_taken_away(server: Server) {
    let client = server.client().await;
    schema(&server, vehicle()).await.expect("defined");
    schema(&server, badge()).await.expect("defined");
    resource_type(&server, kind()).await.expect("defined");
    let extends = json!({ "name": "User", "schemaExtensions": [{ "schema": BADGE }] });
    resource_type(&server, extends).await.expect("defined");
    let remove_schema = async |urn: &str| server.directory().await.remove_schema(urn, None).await;
    let remove_type = async |name: &str| server.directory().await.remove_type(name, None).await;
    assert_eq!(status(remove_schema(VEHICLE).await), 409, "a type has it");
    assert_eq!(status(remove_schema("urn:riga:none:X").await), 404);
    assert_eq!(status(remove_type("Boat").await), 404);

    let made = client.post("/Vehicles", &with("A", json!({}))).await.expect(201).id();
    let anna = client.user("anna", json!({ BADGE: { "number": "1" } })).await.id();
    assert_eq!(status(remove_type("Vehicle").await), 409);
    assert_eq!(status(remove_type("User").await), 409);
    assert_eq!(status(resource_type(&server, json!({ "name": "User" })).await), 409);
    let elsewhere = json!({ "name": "Vehicle", "endpoint": "/Cars", "schema": VEHICLE });
    assert_eq!(status(resource_type(&server, elsewhere).await), 409);
    let mut other = vehicle();
    other["attributes"][1]["type"] = "string".into();
    assert_eq!(status(schema(&server, other).await), 409);
    let mut grown = vehicle();
    grown["attributes"].as_array_mut().expect("a list").push(json!({ "name": "colour" }));
    schema(&server, grown).await.expect("it may grow");
    let path = format!("/Vehicles/{made}");
    client.patch(&path, json!([{ "op": "add", "path": "colour", "value": "red" }])).await.expect(200);
    for wrong in [
        json!({ "name": "Group", "schema": VEHICLE }),
        json!({ "name": "Boat", "endpoint": "/Users", "schema": VEHICLE }),
        json!({ "name": "Boat", "endpoint": "/Boats", "schema": "urn:riga:none:X" }),
    ] {
        assert_eq!(status(resource_type(&server, wrong).await), 400);
    }

    client.delete(&path).await.expect(204);
    client.patch(&format!("/Users/{anna}"), json!([{ "op": "remove", "path": BADGE }])).await.expect(200);
    remove_type("Vehicle").await.expect("removed");
    remove_type("User").await.expect("removed");
    remove_schema(VEHICLE).await.expect("removed");
    remove_schema(BADGE).await.expect("removed");
    client.get("/Vehicles").await.refused(404, "");
    assert_eq!(client.get("/Schemas").await.body["totalResults"], 4);
    let look = server.database.look().await;
    let events: (i64,) = sqlx::query_as("SELECT count(*) FROM event WHERE kind IN ('schema', 'type')")
        .fetch_one(&look)
        .await
        .expect("a count");
    assert_eq!(events.0, 9, "each change is in the log");
}

/// What a sub-attribute says of itself counts as what an attribute says (RFC 7643 §7).
///
/// Shows: S-87
async fn sub_attributes_are_returned_on_request(server: Server) {
    let mut definition = badge();
    let card = json!({ "name": "card", "type": "complex", "description": "The card", "subAttributes": [
        { "name": "code", "description": "Its code" },
        { "name": "note", "returned": "request", "description": "A note" },
    ] });
    definition["attributes"].as_array_mut().expect("attributes").push(card);
    schema(&server, definition).await.expect("defined");
    let extends = json!({ "name": "User", "schemaExtensions": [{ "schema": BADGE }] });
    resource_type(&server, extends).await.expect("defined");
    let client = server.client().await;
    let card = |reply: &crate::support::Reply| reply.body[BADGE]["card"].clone();
    let body = json!({ "schemas": [USER, BADGE], "userName": "anna", BADGE: { "card": { "code": "1", "note": "n" } } });
    let made = client.post("/Users", &body).await.expect(201);
    let whole = json!({ "code": "1", "note": "n" });
    assert_eq!(card(&made), whole);
    let path = format!("/Users/{}", made.id());
    assert_eq!(card(&client.get(&path).await), json!({ "code": "1" }));
    assert_eq!(card(&client.get(&format!("{path}?attributes={BADGE}:card.note")).await), json!({ "note": "n" }));
    assert_eq!(card(&client.put(&path, &body).await.expect(200)), whole);
    let write =
        |path: &str, value: Value| json!([{ "op": "replace", "path": format!("{BADGE}:card{path}"), "value": value }]);
    assert_eq!(card(&client.patch(&path, write(".note", "m".into())).await.expect(200))["note"], "m");
    assert_eq!(card(&client.patch(&path, write(".code", "2".into())).await.expect(200)), json!({ "code": "2" }));
    let other = json!([{ "op": "replace", "path": "title", "value": "x" }]);
    assert_eq!(card(&client.patch(&path, other).await.expect(200)), json!({ "code": "2" }));
    assert_eq!(client.filter("/Users", &format!("{BADGE}:card.note eq \"m\"")).await.len(), 1);
    assert_eq!(card(&client.get(&format!("{path}?attributes={BADGE}:card.note")).await), json!({ "note": "m" }));
}

/// Whoever replaces a user need not know what may not change.
async fn what_is_immutable_outlasts_a_replacement(server: Server) {
    let mut definition = badge();
    let fixed = json!({ "name": "fixed", "mutability": "immutable", "description": "Set once" });
    definition["attributes"].as_array_mut().expect("attributes").push(fixed);
    schema(&server, definition).await.expect("defined");
    let extends = json!({ "name": "User", "schemaExtensions": [{ "schema": BADGE }] });
    resource_type(&server, extends).await.expect("defined");
    let client = server.client().await;
    let body = |more: Value| json!({ "schemas": [USER], "userName": "anna", "title": "x", BADGE: more });
    let made = client.post("/Users", &body(json!({ "fixed": "I", "number": "1" }))).await.expect(201);
    let path = format!("/Users/{}", made.id());
    let plain = json!({ "schemas": [USER], "userName": "anna", "title": "y" });
    let replaced = client.put(&path, &plain).await.expect(200).body;
    assert_eq!((&replaced["title"], &replaced[BADGE]), (&json!("y"), &json!({ "fixed": "I" })));
    client.put(&path, &body(json!({ "fixed": "J" }))).await.refused(400, "mutability");
    client.patch(&path, json!([{ "op": "remove", "path": format!("{BADGE}:fixed") }])).await.refused(400, "mutability");
}

async fn the_endpoints_of_the_server_stay_its_own(server: Server) {
    schema(&server, vehicle()).await.expect("defined");
    for endpoint in ["/Bulk", "/me", "Schemas"] {
        let refused =
            resource_type(&server, json!({ "name": "Vehicle", "endpoint": endpoint, "schema": VEHICLE })).await;
        let refusal = refused.map_err(Error::told).expect_err("must be refused");
        assert!(refusal.detail.contains("is one of the server's own"), "{endpoint}: {}", refusal.detail);
    }
}

on_both_databases! {
    what_is_immutable_outlasts_a_replacement,
    the_endpoints_of_the_server_stay_its_own,
    sub_attributes_are_returned_on_request,
    a_resource_type_works_the_moment_it_is_defined,
    an_extension_joins_the_users_who_are_there,
    nothing_in_use_is_taken_away,
}
