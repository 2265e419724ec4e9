//! `/t/{tenant}/api/v1/schemas` and `/resource-types`

use serde_json::{Value, json};

use crate::{
    scim::definitions::{BADGE, VEHICLE, badge, kind, vehicle},
    support::{
        Server,
        client::{ENTERPRISE, USER},
    },
};

fn schema(urn: &str) -> String {
    format!("/schemas/{urn}")
}

/// Shows: S-87
async fn a_type_is_defined_used_and_taken_back(server: Server) {
    let (administrator, client) = (server.administrator("riga").await, server.client().await);
    assert_eq!(administrator.get("/schemas").await.expect(200).body, json!({ "items": [] }));
    assert_eq!(administrator.get("/resource-types").await.expect(200).body, json!({ "items": [] }));
    administrator.get(&schema(VEHICLE)).await.problem(404, "");
    administrator.get("/resource-types/User").await.problem(404, "");
    let told = administrator.json("PUT", "/resource-types/Vehicle", &kind()).await.problem(400, "invalid");
    assert!(told.contains(VEHICLE), "its schema comes first: {told}");

    let made = administrator.json("PUT", &schema(VEHICLE), &vehicle()).await.expect(201);
    assert_eq!(made.header("location"), Some(format!("{}{}", administrator.base, schema(VEHICLE)).as_str()));
    assert_eq!(made.body["attributes"][1]["type"], "integer");
    assert_eq!(administrator.get(&schema(VEHICLE)).await.expect(200).body, made.body);
    assert_eq!(administrator.get(&schema(&VEHICLE.to_uppercase())).await.expect(200).body, made.body);
    assert_eq!(administrator.get("/schemas").await.body, json!({ "items": [made.body] }));
    assert!(administrator.json("PUT", &schema(VEHICLE), &made.body).await.expect(200).body == made.body);

    let typed = administrator.json("PUT", "/resource-types/Vehicle", &kind()).await.expect(201);
    assert_eq!(typed.header("location"), Some(format!("{}/resource-types/Vehicle", administrator.base).as_str()));
    assert_eq!(administrator.get("/resource-types/Vehicle").await.expect(200).body, typed.body);
    let plate = json!({ "schemas": [VEHICLE], "plate": "AB-1" });
    let car = client.post("/Vehicles", &plate).await.expect(201).id();

    administrator.delete(&schema(VEHICLE)).await.problem(409, "conflict");
    administrator.delete("/resource-types/Vehicle").await.problem(409, "conflict");
    let mut narrower = vehicle();
    narrower["attributes"].as_array_mut().expect("attributes").remove(1);
    administrator.json("PUT", &schema(VEHICLE), &narrower).await.problem(409, "conflict");
    let mut wider = vehicle();
    wider["attributes"].as_array_mut().expect("attributes").push(json!({ "name": "colour" }));
    administrator.json("PUT", &schema(VEHICLE), &wider).await.expect(200);
    client.delete(&format!("/Vehicles/{car}")).await.expect(204);
    administrator.delete("/resource-types/Vehicle").await.expect(204);
    administrator.delete("/resource-types/Vehicle").await.problem(404, "");
    administrator.delete(&schema(VEHICLE)).await.expect(204);
    administrator.delete(&schema(VEHICLE)).await.problem(404, "");
    client.get("/Vehicles").await.refused(404, "");
}

/// What one server shows another takes: `/Schemas` and `/ResourceTypes` of this one, put into another tenant.
async fn what_scim_shows_can_be_put(server: Server) {
    server.tenant("jurmala").await;
    let (riga, jurmala) = (server.administrator("riga").await, server.administrator("jurmala").await);
    riga.json("PUT", &schema(VEHICLE), &vehicle()).await.expect(201);
    riga.json("PUT", &schema(BADGE), &badge()).await.expect(201);
    riga.json("PUT", "/resource-types/Vehicle", &kind()).await.expect(201);
    let extends = json!({ "name": "User", "schemaExtensions": [{ "schema": BADGE }] });
    riga.json("PUT", "/resource-types/User", &extends).await.expect(201);
    let (there, here) = (server.client().await, server.client_of("jurmala").await);
    let shown = async |path: &str| there.get(path).await.expect(200).body;
    for urn in [VEHICLE, BADGE] {
        let definition = shown(&format!("/Schemas/{urn}")).await;
        assert!(definition["meta"].is_object());
        jurmala.json("PUT", &schema(urn), &definition).await.expect(201);
    }
    for name in ["Vehicle", "User"] {
        let definition = shown(&format!("/ResourceTypes/{name}")).await;
        jurmala.json("PUT", &format!("/resource-types/{name}"), &definition).await.expect(201);
    }
    let without_place = |mut value: Value| {
        value["meta"]["location"].take();
        value
    };
    for path in ["/ResourceTypes/User", "/ResourceTypes/Vehicle", &format!("/Schemas/{VEHICLE}")] {
        assert_eq!(without_place(here.get(path).await.body), without_place(shown(path).await), "{path}");
    }
    let own = jurmala.get("/resource-types/User").await.expect(200).body;
    assert_eq!(own["schemaExtensions"], json!([{ "schema": BADGE, "required": false }]), "the tenant's own alone");
    assert!(!own.to_string().contains(ENTERPRISE) && own.get("endpoint").is_none());
    here.user("a", json!({ "schemas": [USER, BADGE], BADGE: { "number": "7" } })).await;
    jurmala.delete("/resource-types/User").await.problem(409, "conflict");
}

async fn faulty_definitions_are_told_where(server: Server) {
    let administrator = server.administrator("riga").await;
    let with = |attribute: Value| json!({ "id": VEHICLE, "name": "Vehicle", "attributes": [attribute] });
    for (body, says) in [
        (with(json!({ "name": "a", "multivalued": true })), "attributes/0 has a member multivalued"),
        (with(json!({ "name": "a", "type": "text" })), "dateTime"),
        (with(json!({ "name": "1a" })), "attribute name"),
        (with(json!({ "name": "a", "type": "complex" })), "sub-attributes"),
        (json!({ "id": VEHICLE, "name": "x", "attributes": [] }), "at least one"),
        (json!({ "id": VEHICLE, "name": "x" }), "attributes"),
        (json!({ "id": BADGE, "name": "x", "attributes": [{ "name": "a" }] }), "id must be"),
        (json!([]), "object"),
    ] {
        let told = administrator.json("PUT", &schema(VEHICLE), &body).await.problem(400, "invalid");
        assert!(told.contains(says), "{body}: {told}");
    }
    let user = json!({ "id": USER, "name": "x", "attributes": [{ "name": "a" }] });
    assert!(administrator.json("PUT", &schema(USER), &user).await.problem(400, "invalid").contains("already"));
    for (name, body) in [
        ("Vehicle", json!({ "name": "Vehicles" })),
        ("Vehicle", json!({ "name": "Vehicle", "endpoint": "/Vehicles" })),
        ("Vehicle", json!({ "name": "Vehicle", "endpoint": "/Users", "schema": VEHICLE })),
        ("User", json!({ "name": "User", "schema": VEHICLE })),
        ("User", json!({ "name": "User", "schemaExtensions": [{ "schema": "urn:example:2.0:X" }] })),
        ("User", json!({ "name": "User", "extensions": [] })),
    ] {
        administrator.json("PUT", &format!("/resource-types/{name}"), &body).await.problem(400, "invalid");
    }
    let long =
        json!({ "id": VEHICLE, "name": "x", "attributes": [{ "name": "a", "description": "x".repeat(100_000) }] });
    administrator.json("PUT", &schema(VEHICLE), &long).await.expect(201);
    let longer =
        json!({ "id": VEHICLE, "name": "x", "attributes": [{ "name": "a", "description": "x".repeat(270_000) }] });
    administrator.json("PUT", &schema(VEHICLE), &longer).await.problem(413, "");
    administrator.raw("PUT", &schema(VEHICLE), "text/plain", "{}").await.problem(415, "");
    administrator.json("POST", "/schemas", &json!({})).await.problem(405, "");
}

/// A suspended tenant takes back what it has defined and defines nothing.
async fn a_suspended_tenant_only_takes_back(server: Server) {
    let administrator = server.administrator("riga").await;
    administrator.json("PUT", &schema(VEHICLE), &vehicle()).await.expect(201);
    administrator.json("PUT", "/resource-types/Vehicle", &kind()).await.expect(201);
    server.suspend("riga").await;
    administrator.json("PUT", &schema(BADGE), &badge()).await.problem(403, "suspended");
    administrator.json("PUT", "/resource-types/Vehicle", &kind()).await.problem(403, "suspended");
    administrator.delete("/resource-types/Vehicle").await.expect(204);
    administrator.delete(&schema(VEHICLE)).await.expect(204);
    assert_eq!(administrator.get("/schemas").await.expect(200).body["items"], json!([]));
}

/// A definition means nothing in another tenant.
async fn tenants_define_for_themselves(server: Server) {
    server.tenant("jurmala").await;
    let (riga, jurmala) = (server.administrator("riga").await, server.administrator("jurmala").await);
    riga.json("PUT", &schema(VEHICLE), &vehicle()).await.expect(201);
    jurmala.get(&schema(VEHICLE)).await.problem(404, "");
    jurmala.delete(&schema(VEHICLE)).await.problem(404, "");
    jurmala.json("PUT", "/resource-types/Vehicle", &kind()).await.problem(400, "invalid");
    assert_eq!(jurmala.get("/schemas").await.body["items"], json!([]));
    jurmala.at(&riga.base).get("/schemas").await.problem(404, "");
}

/// What is released to an application stays defined: another attribute of that name would be released by itself later.
async fn what_is_released_stays_defined(server: Server) {
    let administrator = server.administrator("riga").await;
    let extended = json!({ "name": "User", "schemaExtensions": [{ "schema": BADGE, "required": false }] });
    administrator.json("PUT", &schema(BADGE), &badge()).await.expect(201);
    administrator.json("PUT", "/resource-types/User", &extended).await.expect(201);
    let number = format!("{BADGE}:number");
    let new = json!({ "code": "doors", "name": "Doors", "released": [number] });
    let application =
        format!("/applications/{}", administrator.json("POST", "/applications", &new).await.expect(201).id());

    let mut narrower = badge();
    narrower["attributes"].as_array_mut().expect("attributes").remove(0);
    let plain = json!({ "name": "User", "schemaExtensions": [] });
    let told = administrator.delete("/resource-types/User").await.problem(409, "conflict");
    assert!(told.contains(&number) && told.contains("doors"), "{told}");
    administrator.json("PUT", "/resource-types/User", &plain).await.problem(409, "conflict");
    administrator.json("PUT", &schema(BADGE), &narrower).await.problem(409, "conflict");
    // What is not released may go.
    let mut without = badge();
    without["attributes"].as_array_mut().expect("attributes").remove(1);
    administrator.json("PUT", &schema(BADGE), &without).await.expect(200);
    administrator.json("PATCH", &application, &json!({ "released": [] })).await.expect(200);
    administrator.json("PUT", &schema(BADGE), &narrower).await.expect(200);
    administrator.delete("/resource-types/User").await.expect(204);
    let said = json!({ "released": [number] });
    administrator.json("PATCH", &application, &said).await.problem(400, "invalid");
}

on_both_databases! {
    what_is_released_stays_defined,
    a_type_is_defined_used_and_taken_back,
    what_scim_shows_can_be_put,
    faulty_definitions_are_told_where,
    a_suspended_tenant_only_takes_back,
    tenants_define_for_themselves,
}
