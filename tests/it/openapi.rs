//! `openapi.yaml`: the same as the code, and true in every example.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::scim::definitions;
use crate::support::{
    Server,
    client::{self, USER},
    description::{self, DESCRIPTION},
    issuer::Issuer,
    server::START,
};

/// The id of the organisation unit that the examples' is part of.
const EXAMPLE_PARENT: &str = "019b2c46-7182-73a4-85b6-a7b8c9daebfd";
/// The id of the examples' client.
const EXAMPLE_CLIENT: &str = "019b2c40-1b2c-7d3e-8f40-516273849506";
/// The group of the other side of the examples of rules.
const EXAMPLE_OTHER_GROUP: &str = "019b2c45-6071-7293-b4a5-b7c8d9eafb0c";
/// The organisation unit of the examples.
const EXAMPLE_UNIT: &str = "019b2c46-7182-73a4-85b6-a7b8c9daebfc";
/// The group and the user of the examples of entitlements and grants.
const EXAMPLE_GROUP: &str = "019b2c45-6071-7293-b4a5-a6b7c8d9eafb";
const EXAMPLE_HOLDER: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";

#[test]
fn the_file_is_what_the_code_says() {
    let file = include_str!("../../openapi.yaml");
    assert!(file == caurlaide::openapi::yaml(), "openapi.yaml is old: run `cargo run -- openapi > openapi.yaml`");
}

/// Readers of YAML 1.1 take some words for truth: none of them is a name or a whole value there.
#[test]
fn no_word_of_the_file_means_something_else() {
    let ambiguous = |word: &str| ["on", "off", "yes", "no", "y", "n"].contains(&word.to_ascii_lowercase().as_str());
    for line in include_str!("../../openapi.yaml").lines() {
        let line = line.trim_start().trim_start_matches("- ");
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        assert!(!ambiguous(name) && !ambiguous(value.trim()), "{line}");
    }
}

/// Every operation has a request example where it takes a body, and an answer example for each status.
#[test]
fn every_example_fits_its_schema() {
    let mut checked = 0;
    for (path, item) in DESCRIPTION["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item").iter().filter(|(name, _)| *name != "parameters") {
            let name = format!("{method} {path}");
            for (media_type, media) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                let examples =
                    media["examples"].as_object().unwrap_or_else(|| panic!("{name} {media_type} lacks examples"));
                for (title, example) in examples {
                    fits(&format!("{name} {title}"), &media["schema"], &example["value"]);
                    checked += 1;
                }
            }
            for (status, response) in operation["responses"].as_object().expect("responses") {
                let response = description::resolve(response);
                for media in response["content"].as_object().into_iter().flatten().map(|(_, media)| media) {
                    fits(&format!("{name} {status}"), &media["schema"], &media["example"]);
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 100, "{checked} examples");
}

fn fits(name: &str, schema: &Value, example: &Value) {
    assert!(!example.is_null(), "{name} lacks an example");
    let errors = description::violations(schema, example);
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

/// Every example of a request is sent, and works.
async fn examples_work(server: Server) {
    let client = server.client().await;
    let user = client.user("somebody", json!({ "emails": [{ "value": "x", "type": "work" }] })).await.id();
    let group = client.group("some group", &[]).await.id();
    server.set(|settings| settings.roles_and_entitlements = true).await;
    definitions::vehicles(&server).await;
    let own = definitions::car(&client).await;
    let (administrator, operator) = (server.administrator("riga").await, server.operator().await);
    let role = administrator.json("POST", "/roles", &json!({ "value": "some.role" })).await.expect(201).id();
    let entitled = administrator.json("POST", "/entitlements", &json!({ "value": "some" })).await.expect(201).id();
    let nobody = client.with_token("");
    let issuer = Issuer::new("EdDSA", "a");
    let mut registration = issuer.registration();
    registration["linkBy"] = "id".into();
    administrator.json("POST", "/issuers", &registration).await.expect(201);
    let person = client.with_token(&issuer.token(&user));
    // What an example changes must not shut the person out.
    registration["issuer"] = "https://spare.example".into();
    let spare = administrator.json("POST", "/issuers", &registration).await.expect(201).id();
    server.tenant("spare").await;
    let (application, _) = server.application("riga", "spare", &[], &[]).await;
    let city = json!({ "kind": "municipality", "code": "SPARE", "name": "Spare" });
    let city = administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let (governed, given) = (client.group("governed", &[]).await.id(), client.group("given", &[&user]).await.id());
    for (group, code) in [(&governed, "governed"), (&given, "given")] {
        let new = json!({ "group": group, "code": code, "names": { "en": code } });
        administrator.json("POST", &format!("/applications/{application}/entitlements"), &new).await.expect(201);
    }
    let grants = administrator.get("/grants").await.expect(200).body;
    let grant = grants["items"][0]["id"].as_str().expect("a grant").to_owned();
    let later = client.user("later", json!({})).await.id();
    let for_a_while =
        json!({ "user": later, "entitlement": given, "until": "2026-02-01T00:00:00Z", "reason": "an example" });
    let ending = administrator.json("POST", "/grants", &for_a_while).await.expect(201).id();
    let kept = rules(&administrator, &governed, &given, &city).await;
    // Somebody whom no example touches has both.
    let torn = client.user("torn", json!({})).await.id();
    let joins = json!([{ "op": "add", "path": "members", "value": [{ "value": torn }] }]);
    for group in [&given, &governed] {
        client.patch(&format!("/Groups/{group}"), joins.clone()).await.expect(204);
    }
    let found = administrator.get("/sod-violations").await.expect(200).body;
    let violation = found["items"][0]["id"].as_str().expect("a conflict").to_owned();
    let alarm = Uuid::from_u128(7);
    let work = client_work(&server).await;
    work.raise(alarm, alarm, store::Tally::default(), (50, 50), START).await.expect("an alarm");
    work.commit().await.expect("committed");
    let review = json!({ "name": "Spare", "starts": "2026-02-02" });
    let review = administrator.json("POST", "/reviews", &review).await.expect(201).id();
    let held = json!({ "user": later, "role": "helpdesk", "scope": { "kind": "tenant" }, "reason": "an example" });
    let held = administrator.json("POST", "/admin-roles", &held).await.expect(201).id();
    let example_user = example_id("User");
    let mut sent = 0;
    for (template, item) in DESCRIPTION["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item").iter().filter(|(name, _)| *name != "parameters") {
            // A media type beside that of SCIM takes the same examples.
            let content = operation["requestBody"]["content"].as_object();
            let Some((media_type, media)) = content.and_then(|content| content.iter().next()) else { continue };
            // What people do about requests takes a story of its own, which tests/it/requests tells.
            if template.contains("/api/") && operation["security"][0].get("personToken").is_some() {
                continue;
            }
            let (who, tenant) = match template {
                path if path.starts_with("/api/") => (&operator, "spare"),
                path if path.contains("/api/") => (&administrator, "riga"),
                path if path.contains("/oauth/") => (&nobody, "riga"),
                path if path.ends_with("/Me") => (&person, "riga"),
                _ => (&client, "riga"),
            };
            let site = who.at(&server.url);
            for (title, example) in media["examples"].as_object().expect("examples") {
                let (program, token, secret) = server
                    .token_of("riga", &format!("client {sent}"), &[], &["scim.read"], START + 1_000_000_000)
                    .await;
                let mut value = example["value"].clone();
                if value.get("client_secret").is_some() {
                    value["client_id"] = program.to_string().into();
                    value["client_secret"] = secret.into();
                }
                let body = client::text(media_type, &value).replace(&example_user, &user);
                let body = body.replace("urn:berzaine:", "urn:riga:");
                let body = body.replace(EXAMPLE_CLIENT, &program.to_string()).replace(EXAMPLE_PARENT, &city);
                let entitlement = match template {
                    making if making.ends_with("/entitlements") => {
                        &client.group(&format!("fresh {sent}"), &[]).await.id()
                    }
                    giving if giving.ends_with("/grants") => &given,
                    _ => &governed,
                };
                let body = body.replace(EXAMPLE_GROUP, entitlement).replace(EXAMPLE_HOLDER, &user);
                let body = body.replace(EXAMPLE_OTHER_GROUP, &given).replace(EXAMPLE_UNIT, &city);
                let kept_rule = kept.iter().find(|(path, _)| template.contains(path)).map_or("", |(_, id)| id);
                let id = match template {
                    own_type if own_type.contains("/{endpoint}") => &own,
                    groups if groups.contains("/Groups") => &group,
                    path if path.contains("/roles/") => &role,
                    entitlements if entitlements.contains("/entitlements/") => &entitled,
                    _ => &user,
                };
                let path = template
                    .replace("{tenant}", tenant)
                    .replace("{id}", id)
                    .replace("{endpoint}", "Vehicles")
                    .replace("{client}", &program.to_string())
                    .replace("{token}", &token.to_string())
                    .replace("{urn}", "urn:example:scim:schemas:2.0:Permit")
                    .replace("{name}", "Permit")
                    .replace("{issuer}", &spare)
                    .replace("{application}", &application.to_string())
                    .replace("{unit}", &city)
                    .replace("{group}", entitlement)
                    .replace("{grant}", if template.ends_with("/extension") { &ending } else { &grant })
                    .replace("{rule}", kept_rule)
                    .replace("{review}", &review)
                    .replace("{role}", &held)
                    .replace("{user}", &later)
                    .replace("{violation}", &violation)
                    .replace("{alarm}", &alarm.to_string());
                if template.ends_with("/Me") || template.ends_with("/grants") {
                    // An example may have deactivated the user, who then has no access.
                    let active = json!([{ "op": "replace", "path": "active", "value": true }]);
                    client.patch(&format!("/Users/{user}"), active).await.expect(200);
                }
                if template.ends_with("/exceptions") {
                    // Another example has taken one side from them.
                    let joins = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
                    client.patch(&format!("/Groups/{given}"), joins).await.expect(204);
                }
                let request = site.request(&method.to_ascii_uppercase(), &path).header("content-type", media_type);
                // What has to name a version takes whatever is there; what is put where nothing was names none.
                let is_new = ["/schemas/{urn}", "/resource-types/{name}", "/suspension"];
                let is_new = method == "put" && is_new.iter().any(|end| template.ends_with(end));
                let request = if is_new { request } else { request.header("if-match", "*") };
                let reply = site.send(request.body(body)).await;
                assert!(matches!(reply.status, 200 | 201 | 204), "{method} {template} {title}: {:#}", reply.body);
                if title == "use" {
                    // An application in use again has its entitlements put in use one by one.
                    for group in [&governed, &given] {
                        let one = format!("/applications/{application}/entitlements/{group}");
                        administrator.json("PATCH", &one, &json!({ "state": "active" })).await.expect(200);
                    }
                }
                if reply.status == 201 && template.contains("/scim/") {
                    site.delete(&format!("{path}/{}", reply.id())).await.expect(204);
                }
                if reply.status == 201 && template.ends_with("/grants") {
                    let over = json!({ "reason": "an example" });
                    site.json("POST", &format!("{path}/{}/revocation", reply.id()), &over).await.expect(200);
                }
                sent += 1;
            }
        }
    }
    assert!(sent >= 24, "{sent} examples");
    assert_eq!(client.get(&format!("/Users/{user}")).await.body["schemas"][0], USER);
}

/// A rule of each kind, by where they are. Somebody who is in both groups is in conflict.
async fn rules(administrator: &client::Client, one: &str, other: &str, unit: &str) -> [(&'static str, String); 3] {
    let make = async |path: &'static str, rule: Value| {
        (path, administrator.json("POST", &format!("/{path}"), &rule).await.expect(201).id())
    };
    let draft = json!({
        "name": "Spare", "state": "draft", "when": { "within": unit }, "entitlements": [one],
    });
    [
        make("approval-policies", json!({ "name": "Spare", "risk": 0, "stages": [] })).await,
        make("sod-rules", json!({ "name": "Spare", "one": [one], "other": [other], "mode": "detect" })).await,
        make("birthright-rules", draft).await,
    ]
}

async fn client_work(server: &Server) -> store::Work {
    let riga = server.store.tenant(server.find("riga").await.id);
    riga.begin(&store::Cause::operator(), || START).await.expect("work")
}

/// The id of the examples' resource of a type.
fn example_id(kind: &str) -> String {
    let media =
        &DESCRIPTION["paths"][format!("/t/{{tenant}}/scim/v2/{kind}s/{{id}}")]["get"]["responses"]["200"]["content"];
    media["application/scim+json"]["example"]["id"].as_str().expect("an id").to_owned()
}

/// The reference works without any other host.
async fn the_reference_is_self_contained(server: Server) {
    let client = server.client().await.with_token("").at(&server.url);
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let page = http.get(format!("{}/docs/", server.url)).send().await.expect("an answer");
    assert_eq!(page.status(), 200);
    let page = page.text().await.expect("a page");
    let mut parts = vec![page.clone()];
    for attribute in ["src=\"", "href=\""] {
        for piece in page.split(attribute).skip(1) {
            let link = piece.split('"').next().expect("a link");
            assert!(!link.contains("//"), "{link} is on another host");
            let part = http
                .get(format!("{}/docs/{}", server.url, link.trim_start_matches("./")))
                .send()
                .await
                .expect("an answer");
            assert_eq!(part.status(), 200, "{link}");
            parts.push(part.text().await.unwrap_or_default());
        }
    }
    assert!(parts.len() >= 5, "scripts and styles are served");
    assert!(parts.iter().any(|part| part.contains("/openapi.json")), "the page shows this description");
    let described = client.get("/openapi.json").await.expect(200);
    assert!(described.body == *DESCRIPTION);
    let yaml =
        http.get(format!("{}/openapi.yaml", server.url)).send().await.expect("an answer").text().await.expect("a text");
    assert!(yaml == include_str!("../../openapi.yaml"));
    let root = http.get(&server.url).send().await.expect("an answer");
    assert!(root.url().path().starts_with("/docs"), "the front door leads to the reference");
}

on_both_databases! { examples_work, the_reference_is_self_contained }
