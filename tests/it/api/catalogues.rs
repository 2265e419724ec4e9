//! `/t/{tenant}/api/v1/roles` and `/entitlements`

use serde_json::{Value, json};

use crate::support::{Client, Server};

async fn open(server: &Server) -> Client {
    server.set(|settings| settings.roles_and_entitlements = true).await;
    server.administrator("riga").await
}

/// Shows
async fn a_catalogue_is_kept_over_http(server: Server) {
    let administrator = server.administrator("riga").await;
    for (method, path) in [("GET", "/roles"), ("POST", "/roles"), ("GET", "/entitlements/x"), ("DELETE", "/roles/x")] {
        let off = administrator.json(method, path, &json!({ "value": "x" })).await;
        assert!(off.problem(409, "conflict").contains("rolesAndEntitlements"), "{method} {path}");
    }
    let administrator = open(&server).await;
    let client = server.client().await;
    for (path, endpoint, attribute) in
        [("/roles", "/Roles", "roles"), ("/entitlements", "/Entitlements", "entitlements")]
    {
        assert_eq!(administrator.get(path).await.expect(200).body, json!({ "items": [] }));
        let whole = json!({
            "value": "clerk", "display": "Clerk", "type": "office", "supported": true,
            "limitedAssignmentsPermitted": true, "totalAssignmentsPermitted": 5,
            "contains": ["reader"], "containedBy": ["head"],
        });
        let made = administrator.json("POST", path, &whole).await.expect(201);
        let one = format!("{path}/{}", made.id());
        assert_eq!(made.header("location"), Some(format!("{}{one}", administrator.base).as_str()));
        for (name, value) in whole.as_object().expect("an object") {
            assert_eq!(made.body[name], *value, "{name}");
        }
        assert_eq!(made.body["created"], "2026-01-01T00:00:00.000Z");
        assert!(made.body.get("schemas").is_none() && made.body.get("meta").is_none());
        client.user(&format!("holder of {attribute}"), json!({ attribute: [{ "value": "CLERK" }] })).await;
        let read = administrator.get(&one).await.expect(200).body;
        assert_eq!(read["totalAssignmentsUsed"], 1);
        assert_eq!(administrator.get(path).await.expect(200).body["items"], json!([read]));
        assert_eq!(client.get(&format!("{endpoint}/{}", made.id())).await.expect(200).body["display"], "Clerk");

        administrator.json("POST", path, &json!({ "value": "CLERK" })).await.problem(409, "taken");
        let replaced = administrator.json("PUT", &one, &json!({ "value": "senior" })).await.expect(200).body;
        assert_eq!((&replaced["value"], replaced.get("display")), (&json!("senior"), None));
        assert_eq!(replaced["supported"], true, "what is listed may be assigned, unless somebody says that it may not");
        let other = administrator.json("POST", path, &json!({ "value": "clerk" })).await.expect(201).id();
        let taken = administrator.json("PUT", &format!("{path}/{other}"), &json!({ "value": "Senior" })).await;
        assert!(taken.problem(409, "taken").contains("value"));
        administrator.delete(&one).await.expect(204);
        for method in ["GET", "PUT", "DELETE"] {
            administrator.json(method, &one, &json!({ "value": "x" })).await.problem(404, "");
        }
        client.get(&format!("{endpoint}/{}", made.id())).await.refused(404, "");
    }
}

/// Shows: R-04
async fn entries_are_read_strictly(server: Server) {
    let administrator = open(&server).await;
    for (body, pointer) in [
        (json!({}), ""),
        (json!({ "value": 1 }), "/value"),
        (json!({ "value": "x", "display": null }), "/display"),
        (json!({ "value": "x", "colour": "red" }), "/colour"),
        (json!({ "value": "x", "totalAssignmentsPermitted": -1 }), "/totalAssignmentsPermitted"),
        (json!({ "value": "x", "totalAssignmentsUsed": 1 }), "/totalAssignmentsUsed"),
    ] {
        let reply = administrator.json("POST", "/roles", &body).await;
        assert!(reply.body["errors"][0]["pointer"] == pointer, "{body}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    administrator.json("POST", "/roles", &json!({ "value": "" })).await.problem(400, "invalid");
    // The draft says both that an entitlement needs a value and that it does not: it names the entitlement, and so it does.
    let without = administrator.json("POST", "/entitlements", &json!({ "display": "Printing" })).await;
    assert!(
        without.body["errors"][0]["detail"].as_str().is_some_and(|said| said.contains("value")),
        "{:#}",
        without.body
    );
    without.problem(400, "invalid");
    administrator.json("POST", "/entitlements", &json!({ "value": "print" })).await.expect(201);
}

async fn catalogues_have_pages(server: Server) {
    let administrator = open(&server).await;
    let mut wanted = Vec::new();
    for number in 0..5 {
        let value = format!("role {number}");
        administrator.json("POST", "/roles", &json!({ "value": value })).await.expect(201);
        wanted.push(value);
    }
    let (mut seen, mut pages, mut path) = (Vec::new(), 0, "/roles?count=2".to_owned());
    loop {
        let page = administrator.get(&path).await.expect(200).body;
        let values = page["items"].as_array().expect("items").iter();
        seen.extend(values.map(|item| item["value"].as_str().expect("a value").to_owned()));
        pages += 1;
        let Some(next) = page["nextCursor"].as_str() else { break };
        path = format!("/roles?count=2&cursor={next}");
    }
    assert_eq!((seen, pages), (wanted, 3));
    administrator.get("/roles?cursor=x").await.problem(400, "invalid");
    administrator.get("/roles?count=101").await.problem(400, "invalid");
}

async fn states_and_walls_hold(server: Server) {
    let administrator = open(&server).await;
    let id = administrator.json("POST", "/roles", &json!({ "value": "x" })).await.expect(201).id();
    let one = format!("/roles/{id}");
    server.tenant("jurmala").await;
    let stranger = server.administrator("jurmala").await;
    stranger.json("PATCH", "/settings", &json!({ "rolesAndEntitlements": true })).await.expect(200);
    let none: Value = json!([]);
    assert_eq!(stranger.get("/roles").await.expect(200).body["items"], none);
    for method in ["GET", "PUT", "DELETE"] {
        stranger.json(method, &one, &json!({ "value": "y" })).await.problem(404, "");
    }
    server.suspend("riga").await;
    let administrator = server.administrator("riga").await;
    administrator.json("POST", "/roles", &json!({ "value": "y" })).await.problem(403, "suspended");
    administrator.json("PUT", &one, &json!({ "value": "y" })).await.problem(403, "suspended");
    administrator.delete(&one).await.expect(204);
}

on_both_databases! {
    a_catalogue_is_kept_over_http,
    entries_are_read_strictly,
    catalogues_have_pages,
    states_and_walls_hold,
}
