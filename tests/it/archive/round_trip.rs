//! What is exported and imported is the same, to the byte.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::TenantState;

use super::{EVERYTHING, NO_SECRETS, export, import, lines, scene, sealed};
use crate::{
    api::alarms::{alarms, deactivate, delete, named, people},
    support::{Client, Kind, Server, client::ENTERPRISE, server::START},
};

/// Holds the archive of an imported tenant against the one that it was imported from: the same lines, but for the first,
/// the last, and one event behind the others that says where they come from.
#[track_caller]
fn same(original: &[u8], copy: &[u8], imports: usize) {
    let text = |archive: &[u8]| String::from_utf8(archive.to_vec()).expect("UTF-8");
    let (original, copy) = (text(original), text(copy));
    let (before, after): (Vec<&str>, Vec<&str>) = (original.lines().collect(), copy.lines().collect());
    assert_eq!(after.len(), before.len() + imports);
    let end = before.len() - 1;
    for (at, (before, after)) in before.iter().zip(&after).enumerate().take(end).skip(1) {
        assert_eq!(before, after, "line {}", at + 1);
    }
    for event in &after[end..end + imports] {
        let event: Value = serde_json::from_str(event).expect("JSON");
        assert_eq!((&event["kind"], &event["type"]), (&json!("event"), &json!("Tenant")));
        assert_eq!(event["changes"], json!({ "attributes": ["archive"] }));
        assert_eq!(event["requestId"], "command-line");
    }
    let (first, other) = (lines(original.as_bytes()), lines(copy.as_bytes()));
    for member in ["name", "state", "reason", "created"] {
        assert_eq!(first[0]["tenant"][member], other[0]["tenant"][member], "{member}");
    }
}

async fn a_tenant_comes_back_as_it_was(server: Server) {
    let users = scene::fill(&server).await;
    let archive = export(&server, "riga", NO_SECRETS).await;
    let imported = import(&server, &archive, "kopija").await.expect("imported");
    let records = lines(&archive).len() - 2;
    assert_eq!((imported.tenant.slug.as_str(), imported.records), ("kopija", records as u64));
    same(&archive, &export(&server, "kopija", NO_SECRETS).await, 1);

    let (original, copy) = (server.client().await, server.client_of("kopija").await);
    let expected = scene::answers(&original, &copy).await;
    for ((asked, expected), (_, answer)) in expected.iter().zip(scene::answers(&copy, &copy).await) {
        assert_eq!(*expected, answer, "{asked}");
    }
    let (here, there) = (server.administrator("riga").await, server.administrator("kopija").await);
    let units = here.get("/organisation-units").await.expect(200).body;
    assert_eq!(there.get("/organisation-units").await.expect(200).body, units);
    for unit in units["items"].as_array().expect("units") {
        let path = format!("/organisation-units/{}/people", unit["id"].as_str().expect("an id"));
        let people = here.get(&path).await.expect(200).body;
        assert!(people["items"].as_array().is_some_and(|people| people.len() > 10), "{people:#}");
        assert_eq!(there.get(&path).await.expect(200).body, people);
    }
    // It goes on like any other: what is unique stays so, groups and users can be changed, and the original is left alone.
    copy.post("/Users", &scene::user("LIETOTĀJS.9")).await.refused(409, "uniqueness");
    let path = format!("/Users/{}", users[9]);
    let title = json!([{ "op": "replace", "path": "title", "value": "jauns" }]);
    copy.patch(&path, title).await.expect(200);
    assert_eq!(copy.filter("/Users", "title eq \"jauns\"").await.len(), 1);
    copy.delete(&path).await.expect(204);
    copy.post("/Users", &scene::user("lietotājs.9")).await.expect(201);
    original.get(&path).await.expect(200);
}

/// From one kind of database to the other and back, with all secrets.
async fn a_tenant_moves_between_databases(server: Server) {
    if server.kind() == Kind::Sqlite {
        return;
    }
    let origin = Server::start(Kind::Sqlite).await;
    let users = scene::fill(&origin).await;
    let (_, secret) = origin.token("riga", &["scim.read", "scim.write"], START + 1_000_000_000).await;
    let first = export(&origin, "riga", EVERYTHING).await;
    assert!(lines(&first).iter().any(|line| line["passwordHash"].is_string()), "passwords are in it");

    import(&server, &first, "parcelta").await.expect("imported");
    let second = export(&server, "parcelta", EVERYTHING).await;
    same(&first, &second, 1);
    let moved = server.client_of("parcelta").await.with_token(&secret);
    moved.get(&format!("/Users/{}", users[0])).await.expect(200);
    moved.post("/Users", &scene::user("lietotājs.0")).await.refused(409, "uniqueness");
    assert_eq!(moved.filter("/Users", "userName sw \"LIETOTĀJS.22\"").await.len(), 7);

    let home = Server::start(Kind::Sqlite).await;
    // It was written to since, with the token it came with.
    let back = export(&server, "parcelta", EVERYTHING).await;
    import(&home, &back, "majas").await.expect("imported");
    let third = export(&home, "majas", EVERYTHING).await;
    same(&back, &third, 1);
    let client = home.client_of("majas").await;
    let expected = scene::answers(&server.client_of("parcelta").await, &client).await;
    assert_eq!(scene::answers(&client, &client).await, expected);
}

/// An export shows one instant, whatever is written while it is taken.
async fn an_export_is_of_one_instant(server: Server) {
    use caurlaide::{administration::Administration, clock::Clock};
    let client = server.client().await;
    for number in 0..150 {
        client.user(&format!("a{number}"), json!({})).await;
    }
    let riga = server.find("riga").await;
    let administration = Administration::at_the_command_line(&server.store, &riga, &Clock::of(|| START));
    let mut running = administration.export(NO_SECRETS).await.expect("an export");
    let mut archive = running.lines().await.expect("lines").expect("a header");
    archive.extend(running.lines().await.expect("lines").expect("records"));
    let before = export(&server, "riga", NO_SECRETS).await;
    let late = client.user("late", json!({})).await.id();
    client.group("late", &[&late]).await;
    for name in ["a3", "a149"] {
        let found = client.find("/Users", &[("filter", &format!("userName eq \"{name}\""))]).await.body;
        let id = found["Resources"][0]["id"].as_str().expect("an id").to_owned();
        client.delete(&format!("/Users/{id}")).await.expect(204);
    }
    while let Some(lines) = running.lines().await.expect("lines") {
        archive.extend(lines);
    }
    assert!(archive == before, "what was written meanwhile is not in it");
    assert!(export(&server, "riga", NO_SECRETS).await != before);
}

/// Secrets are there if somebody asks, and the log of changes unless somebody does not want it.
async fn secrets_come_by_wish_alone(server: Server) {
    let client = server.client().await;
    client.user("a", json!({ "password": "parole" })).await;
    let plain = String::from_utf8(export(&server, "riga", NO_SECRETS).await).expect("UTF-8");
    assert!(
        !plain.contains("argon2") && !plain.contains("\"token\",") && plain.contains("\"kind\":\"client\""),
        "{plain}"
    );
    let all = String::from_utf8(export(&server, "riga", EVERYTHING).await).expect("UTF-8");
    assert!(all.contains("argon2") && all.contains("\"kind\":\"token\"") && !all.contains(&client.token), "{all}");
    let contents = store::archive::Contents { events: false, ..NO_SECRETS };
    assert!(
        lines(&export(&server, "riga", contents).await)
            .iter()
            .all(|line| line["kind"] != "event" && line["kind"] != "view")
    );
}

/// A tenant keeps its state, and its catalogues while it does not serve them.
async fn what_is_out_of_use_comes_along(server: Server) {
    scene::fill(&server).await;
    server
        .set(|settings| {
            settings.roles_and_entitlements = false;
            settings.unique_group_names = false;
        })
        .await;
    let client = server.client().await;
    client.group("Tukša", &[]).await;
    server.suspend("riga").await;
    let archive = export(&server, "riga", NO_SECRETS).await;
    import(&server, &archive, "kopija").await.expect("imported");
    same(&archive, &export(&server, "kopija", NO_SECRETS).await, 1);
    let copy = server.find("kopija").await;
    assert_eq!((copy.state, copy.reason.as_deref()), (TenantState::Suspended, Some("a test")));
    server.resume("kopija").await;
    server.client_of("kopija").await.get("/Roles").await.refused(404, "");
    let (slug, directory) = ("kopija", server.find("kopija").await);
    let directory = server.app.directory_of(directory.id, slug, store::Cause::operator()).await.expect("a directory");
    let mut settings = directory.service.settings.clone();
    settings.roles_and_entitlements = true;
    directory.set_settings(settings).await.expect("set");
    assert_eq!(server.client_of("kopija").await.get("/Roles").await.body["totalResults"], 2);
}

/// What was taken away can be given back in the copy, its alarm still stands there, and who looked at somebody's data is told to them.
async fn what_is_kept_for_a_while_comes_along(server: Server) {
    let administrator = server.administrator("riga").await;
    let (client, id) = named(&server, "Payroll").await;
    let ids = people(&client, 70).await;
    let clerk = json!({ ENTERPRISE: { "manager": { "value": ids[0] } } });
    let clerk = client.user("clerk", clerk).await.id();
    let group = client.group("group", &[&ids[0], &clerk]).await.id();
    let left = client.group("left", &[&ids[1], &clerk]).await.id();
    server.application("riga", "documents", &["userName"], &[&group]).await;
    client.get(&format!("/Users/{clerk}")).await.expect(200);
    deactivate(&client, &ids[1..60]).await;
    delete(&client, &ids[..1]).await;
    let remove = json!([{ "op": "remove", "path": "members", "value": [{ "value": clerk }] }]);
    client.patch(&format!("/Groups/{left}"), remove).await.expect(204);
    client.delete(&format!("/Groups/{group}")).await.expect(204);
    assert_eq!(alarms(&server, &administrator).await.len(), 1);

    let archive = export(&server, "riga", NO_SECRETS).await;
    let kept = |kind: &str| lines(&archive).into_iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    assert_eq!((kept("alarm").len(), kept("view").len()), (1, 1));
    let whats: BTreeSet<String> =
        kept("removal").iter().filter_map(|line| Some(line["what"].as_str()?.into())).collect();
    let all = ["deactivated", "deleted", "left", "removed", "unassigned", "withdrawn"];
    assert_eq!(whats, all.map(String::from).into());
    import(&server, &archive, "kopija").await.expect("imported");
    same(&archive, &export(&server, "kopija", NO_SECRETS).await, 1);

    let copied = server.client_of("kopija").await;
    let there = server.administrator("kopija").await;
    for path in ["/alarms".to_owned(), "/status".to_owned(), format!("/users/{clerk}/views")] {
        let expected = administrator.get(&path).await.expect(200).body;
        assert_eq!(there.get(&path).await.expect(200).body, expected, "{path}");
    }
    let wish = json!({ "clientId": id, "from": "2026-01-01T00:00:00Z", "until": "2026-01-01T01:00:00Z" });
    let here = administrator.json("POST", "/restorations", &wish).await.expect(200).body;
    let back = there.json("POST", "/restorations", &wish).await.expect(200).body;
    assert_eq!((&here["restored"]["users"], &here["restored"]["groups"]), (&json!(1), &json!(1)), "{here:#}");
    assert_eq!(back["restored"], here["restored"], "{back:#}");
    let back = copied.get(&format!("/Users/{clerk}")).await.expect(200).body;
    assert_eq!(back[ENTERPRISE]["manager"]["value"], ids[0].as_str());
    assert_eq!(back["groups"].as_array().map(Vec::len), Some(2));
    let away = copied.get(&format!("/Users/{}", ids[1])).await.expect(200).body;
    assert_eq!((&away["active"], &away["groups"][0]["value"]), (&json!(true), &json!(left)), "{away:#}");
    // Archives of both are the same again, but for what each wrote down of that.
    let removals = async |slug: &str| {
        let lines = lines(&export(&server, slug, NO_SECRETS).await);
        lines.into_iter().filter(|line| line["kind"] == "removal").collect::<Vec<_>>()
    };
    assert_eq!(removals("kopija").await, removals("riga").await);
}

/// An empty tenant, and one without its log.
async fn little_is_enough(server: Server) {
    let archive = export(&server, "riga", NO_SECRETS).await;
    import(&server, &archive, "kopija").await.expect("imported");
    same(&archive, &export(&server, "kopija", NO_SECRETS).await, 1);
    let header = lines(&archive).swap_remove(0);
    import(&server, &sealed(&[header]), "tukss").await.expect("imported");
    server.client_of("tukss").await.user("a", json!({})).await;
}

/// What a tenant's administrator takes over HTTP is the same archive, without secrets.
async fn an_administrator_takes_it(server: Server) {
    scene::fill(&server).await;
    let administrator = server.administrator("riga").await;
    let take = async |query: &str| {
        let answer = administrator.request("GET", &format!("/export{query}")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("content-type"), "application/jsonl");
        assert_eq!(header("content-disposition"), "attachment; filename=\"riga.jsonl\"");
        answer.bytes().await.expect("a whole answer").to_vec()
    };
    // But for the instant in the header, and with it the digest.
    let strip = |archive: &[u8]| {
        lines(archive)
            .into_iter()
            .filter(|line| line["exported"].is_null() && line["sha256"].is_null())
            .collect::<Vec<_>>()
    };
    assert_eq!(strip(&take("").await), strip(&export(&server, "riga", NO_SECRETS).await));
    assert!(lines(&take("?events=false").await).iter().all(|line| line["kind"] != "event" && line["kind"] != "view"));
    for wrong in ["?events=maybe", "?passwords=true", "?events=true&events=true"] {
        administrator.get(&format!("/export{wrong}")).await.problem(400, "invalid");
    }
    administrator.get("/export").await.expect(200);
    let own = server.find("riga").await.id;
    let taken = server.app.exports.take(own).expect("its place is free behind the last line");
    assert_eq!(administrator.get("/export").await.header("retry-after"), Some("60"));
    drop(taken);
    administrator.get("/export").await.expect(200);
    import(&server, &take("").await, "kopija").await.expect("imported");
    server.suspend("riga").await;
    administrator.get("/export").await.expect(200);
}

/// Ids and versions are the same in a copy beside the original; what is released there is not.
async fn a_copy_releases_what_it_wants(server: Server) {
    let client = server.client().await;
    let anna = client.user("anna", json!({ "title": "Priekšniece", "nickName": "Anniņa" })).await.id();
    let group = client.group("dokumenti", &[&anna]).await.id();
    let (application, original) = server.application("riga", "documents", &["userName"], &[&group]).await;
    import(&server, &export(&server, "riga", NO_SECRETS).await, "kopija").await.expect("imported");
    let (here, there) = (server.administrator("riga").await, server.administrator("kopija").await);
    for (administrator, released) in [(&here, "title"), (&there, "nickName")] {
        let change = json!({ "released": [released] });
        administrator.json("PATCH", &format!("/applications/{application}"), &change).await.expect(200);
    }
    let clients = there.get("/clients").await.expect(200).body;
    let reader = clients["items"].as_array().expect("clients").iter().find(|client| !client["applicationId"].is_null());
    let reader = reader.expect("a client")["id"].as_str().expect("an id");
    let token = there.json("POST", &format!("/clients/{reader}/tokens"), &json!({ "scopes": ["app.read"] })).await;
    let copy = Client::new(&server.url, "kopija", token.expect(201).body["secret"].as_str().expect("a token"));
    for (reader, shown, hidden) in
        [(&original, "title", "nickName"), (&copy, "nickName", "title"), (&original, "title", "nickName")]
    {
        let user = reader.get(&format!("/Users/{anna}")).await.expect(200).body;
        assert!(user[shown].is_string() && user[hidden].is_null(), "{user}");
    }
}

on_both_databases! {
    a_copy_releases_what_it_wants,
    a_tenant_comes_back_as_it_was,
    a_tenant_moves_between_databases,
    an_export_is_of_one_instant,
    secrets_come_by_wish_alone,
    what_is_out_of_use_comes_along,
    what_is_kept_for_a_while_comes_along,
    little_is_enough,
    an_administrator_takes_it,
}
