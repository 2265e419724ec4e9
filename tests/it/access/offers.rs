//! `/t/{tenant}/api/v1/offers`

use std::collections::BTreeSet;

use serde_json::json;

use super::{Scene, texts};
use crate::support::{
    Client, Server,
    client::{ENTERPRISE, MUNICIPAL},
    issuer::Issuer,
};

async fn offered(person: &Client, query: &[(&str, &str)]) -> BTreeSet<String> {
    let body = person.find("/offers", query).await.expect(200).body;
    texts(body["items"].as_array().expect("items").iter(), "code")
}

fn codes(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

/// What is in use and meant for the person, and what they do not have; a line manager sees what is offered to their people, and
/// nobody else does; names come in the language that is asked for, else in the one that the person reads.
async fn people_see_what_they_may_ask_for(server: Server) {
    let scene = Scene::new(server).await;
    let (administrator, writer) = (&scene.administrator, &scene.writer);
    let issuer = Issuer::new("EdDSA", "a");
    let mut registration = issuer.registration();
    registration["scopes"] = json!(["rights"]);
    administrator.json("POST", "/issuers", &registration).await.expect(201);
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let city = administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let tax = json!({ "kind": "unit", "code": "NIN", "name": "Nodokļi", "parent": city });
    let tax = administrator.json("POST", "/organisation-units", &tax).await.expect(201).id();
    let berta = writer.user("berta", json!({ "preferredLanguage": "en-GB" })).await.id();
    let work = json!({
        ENTERPRISE: { "manager": { "value": berta } },
        MUNICIPAL: { "organisationUnit": { "value": "NIN" }, "employmentType": "Employee" },
    });
    let anna = writer.user("anna", work).await.id();
    let mut groups = Vec::new();
    for (code, terms) in [
        ("all", json!({})),
        ("tax", json!({ "audience": { "units": [tax] } })),
        ("city", json!({ "audience": { "units": [city], "employmentTypes": ["employee"] } })),
        ("contract", json!({ "audience": { "employmentTypes": ["contract"] } })),
        ("hidden", json!({ "requestable": false })),
        ("draft", json!({ "state": "draft" })),
        ("scim", json!({ "authority": "scim" })),
        ("held", json!({})),
    ] {
        let group = writer.group(code, &[]).await.id();
        let mut new = json!({
            "group": group, "code": code, "names": { "lv": format!("Loma {code}"), "en": format!("Role {code}") },
            "authority": "grants",
        });
        for (name, value) in terms.as_object().expect("terms") {
            new[name] = value.clone();
        }
        administrator.json("POST", &scene.entitlements(), &new).await.expect(201);
        groups.push(group);
    }
    let held = groups.last().expect("a group");
    let first = json!({ "prerequisites": [held] });
    administrator.json("PATCH", &format!("{}/{}", scene.entitlements(), groups[1]), &first).await.expect(200);
    scene.give(&anna, held).await;

    let (of_anna, of_berta) =
        (issuer.person(&scene.server, "anna", "low"), issuer.person(&scene.server, "berta", "low"));
    assert_eq!(offered(&of_anna, &[]).await, codes(&["all", "tax", "city"]));
    assert_eq!(offered(&of_berta, &[]).await, codes(&["all", "held"]));
    assert_eq!(offered(&of_berta, &[("subject", &anna)]).await, codes(&["all", "tax", "city"]));
    of_anna.find("/offers", &[("subject", &berta)]).await.problem(404, "");
    assert_eq!(offered(&of_anna, &[("q", "ROLE T")]).await, codes(&["tax"]));
    assert_eq!(offered(&of_anna, &[("q", "property")]).await.len(), 3, "the application's name");
    assert_eq!(offered(&of_anna, &[("application", &berta)]).await, codes(&[]));
    of_anna.find("/offers", &[("subject", "x")]).await.problem(400, "invalid");

    let one = of_berta.find("/offers", &[("subject", &anna), ("q", "tax"), ("count", "1")]).await.expect(200);
    assert_eq!(one.header("content-language"), Some("en"));
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let mut query = vec![("count", "1")];
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = of_anna.find("/offers", &query).await.expect(200).body;
        pages.extend(page["items"].as_array().expect("items").clone());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(texts(pages.iter(), "name"), codes(&["Loma all", "Loma tax", "Loma city"]));
    assert!(pages.iter().all(|offer| offer["missing"] == json!([])), "{pages:#?}");
    let english = of_anna.request("GET", "/offers?q=city").header("accept-language", "de, en;q=0.5");
    let english = of_anna.send(english).await.expect(200);
    assert_eq!((english.header("content-language"), english.header("vary")), (Some("en"), Some("accept-language")));
    assert_eq!(english.body["items"][0]["name"], "Role city");

    // Without what it presupposes it is still shown, with what is missing.
    let grants = scene.grants(&[("user", &anna), ("state", "active")]).await;
    scene.revoke(grants[0]["id"].as_str().expect("an id")).await;
    let tax = of_anna.find("/offers", &[("q", "role tax")]).await.expect(200).body;
    assert_eq!(tax["items"][0]["missing"], json!([held]));
    administrator
        .json("PATCH", &format!("/applications/{}", scene.application), &json!({ "state": "retired" }))
        .await
        .expect(200);
    assert_eq!(offered(&of_anna, &[]).await, codes(&[]));
}

on_both_databases! { people_see_what_they_may_ask_for }
