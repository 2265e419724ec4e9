//! Errors of administration are problem details (RFC 9457), whatever layer they come from; those of SCIM never are.

use std::sync::Arc;

use axum::{Router, routing::get};
use caurlaide::{
    app::App,
    clock::Clock,
    config::{Flags, ServerFlags, Settings},
    http, telemetry,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use crate::support::{Client, Server};

/// 400, with the place of each fault and without any value.
async fn faults_are_named_and_values_are_not(server: Server) {
    let administrator = server.administrator("riga").await;
    for (body, pointer, says) in [
        (json!([]), "", "object"),
        (json!({}), "", "name"),
        (json!({ "name": 5_318_008 }), "/name", "string"),
        (json!({ "name": "pers0nal\n" }), "/name", "200"),
        (json!({ "name": null }), "/name", "string"),
        (json!({ "name": "x", "networks": "pers0nal" }), "/networks", "list"),
        (json!({ "name": "x", "networks": ["192.0.2.0/24", ["pers0nal"]] }), "/networks/1", "string"),
        (json!({ "name": "x", "networks": ["10.0.0.1", "pers0nal"] }), "/networks/1", "no network"),
        (json!({ "name": "x", "networks": ["192.0.2.1/24"] }), "/networks/0", "192.0.2.0/24"),
        (json!({ "name": "x", "networks": vec!["192.0.2.0/24"; 101] }), "/networks", "100"),
    ] {
        let reply = administrator.json("POST", "/clients", &body).await;
        let error = reply.body["errors"][0].clone();
        assert_eq!(error["pointer"], pointer, "{body}: {:#}", reply.body);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{body}: {error}");
        assert!(!reply.body.to_string().contains("pers0nal") && !reply.body.to_string().contains("5318008"), "{error}");
        reply.problem(400, "invalid");
    }
    let unknown = administrator.json("POST", "/clients", &json!({ "name": "x", "colour": "red" })).await;
    assert_eq!(unknown.body["errors"][0]["pointer"], "/colour");
    let said = unknown.problem(400, "invalid");
    assert_eq!(said, "colour is not a field that can be sent here; these are: `name`, `networks`, `applicationId`.");
    let client = administrator.json("POST", "/clients", &json!({ "name": "x" })).await.expect(201).id();
    let nothing = json!({ "name": null });
    administrator.json("PATCH", &format!("/clients/{client}"), &nothing).await.problem(400, "invalid");
    let both = json!({ "name": "", "networks": ["x"] });
    let reply = administrator.json("POST", "/clients", &both).await;
    assert_eq!(reply.body["errors"].as_array().map(Vec::len), Some(2), "all faults at once: {:#}", reply.body);
}

/// Bodies are read strictly.
async fn bodies_are_strict(server: Server) {
    let administrator = server.administrator("riga").await;
    for body in ["", "{", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"a\"} x", "{\"name\":\"a\\u0000\"}"] {
        administrator.raw("POST", "/clients", "application/json", body).await.problem(400, "invalid");
    }
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    administrator.raw("POST", "/clients", "application/json", deep).await.problem(400, "invalid");
    for media_type in ["text/plain", "application/scim+json", "application/x-www-form-urlencoded"] {
        administrator.raw("POST", "/clients", media_type, "{\"name\":\"a\"}").await.problem(415, "");
    }
    let packed = administrator.request("POST", "/clients").header("content-encoding", "gzip").body("x");
    administrator.send(packed).await.problem(415, "");
    let plain = administrator.request("POST", "/clients").body("{\"name\":\"without a type\"}");
    administrator.send(plain).await.expect(201);
    administrator
        .raw("POST", "/clients", "Application/JSON; charset=utf-8", "{\"name\":\"charset\"}")
        .await
        .expect(201);
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(2_000_000));
    administrator.raw("POST", "/clients", "application/json", large).await.problem(413, "");
}

/// A parameter that a list does not know is refused: a filter that filters nothing would show too much.
async fn lists_are_strict(server: Server) {
    let administrator = server.administrator("riga").await;
    let lists = [
        ("/clients", ""),
        ("/applications", ""),
        ("/issuers", ""),
        ("/alarms", ""),
        ("/sod-rules", ""),
        ("/admin-roles", "user, role, "),
        ("/sod-violations", "user, rule, state, "),
        ("/emergencies", "user, state, "),
        ("/organisation-units", "parent, kind, code, "),
        ("/organisation-units/unmatched", ""),
    ];
    for (path, names) in lists {
        administrator.get(&format!("{path}?count=5")).await.expect(200);
        for unknown in ["colour=red", "count=5&colour", "Count=5"] {
            let said = administrator.get(&format!("{path}?{unknown}")).await.problem(400, "invalid");
            assert!(said.contains(&format!("{names}count, cursor;")), "{path}: {said}");
        }
    }
    administrator.get("/sod-violations?state=detected&count=5").await.expect(200);
    administrator.get("/organisation-units?code=x&count=5").await.expect(200);
}

/// So is one that an operation does not know: `dryRun` behind an address that does not look for it would do the real thing. And what
/// no database can keep is refused before it asks one.
async fn addresses_are_strict(server: Server) {
    let (administrator, operator) = (server.administrator("riga").await, server.operator().await);
    for (method, path) in [
        ("POST", "/grants?dryRun=true"),
        ("POST", "/restorations?dryRun=true"),
        ("POST", "/birthright-runs?dryRun=true"),
        ("POST", "/clients?x"),
        ("PATCH", "/settings?dryRun=true"),
    ] {
        let said = administrator.json(method, path, &json!({ "name": "x" })).await.problem(400, "invalid");
        assert!(said.contains("no parameters"), "{path}: {said}");
    }
    for path in ["/settings?bogus=1", "/limits?bogus=1", "/me?bogus=1", "/schemas?bogus=1", "/clients/x?bogus=1"] {
        administrator.get(path).await.problem(400, "invalid");
    }
    let clients = administrator.get("/clients").await.expect(200).body;
    assert_eq!(clients["items"].as_array().map(Vec::len), Some(1), "only the administrator's own");
    for path in [
        "/calls?route=%00",
        "/calls?text=a%00",
        "/organisation-units?code=%00",
        "/organisation-units/unmatched?cursor=%00",
    ] {
        administrator.get(path).await.problem(400, "invalid");
    }
    operator.get("/tenants?cursor=%00").await.problem(400, "invalid");
    operator.get("/tenants/%00").await.problem(404, "");
    operator.json("POST", "/tenants/%00/suspend", &json!({ "reason": "x" })).await.problem(404, "");
}

/// A list is no object, also where it stands inside one.
async fn lists_are_no_objects(server: Server) {
    let administrator = server.administrator("riga").await;
    let review = |scope: Value| json!({ "name": "all", "scope": scope, "reviewers": ["owner"], "silence": "revoke", "workingDays": 5 });
    for (method, path, pointer, body) in [
        ("POST", "/reviews", "/scope", review(json!([]))),
        ("POST", "/reviews", "/scope", review(json!([null, null]))),
        ("PATCH", "/settings", "/workingTime", json!({ "workingTime": [] })),
        ("PATCH", "/settings", "/workingTime", json!({ "workingTime": [true] })),
        (
            "POST",
            "/admin-roles",
            "/scope",
            json!({ "user": Uuid::nil(), "role": "auditor", "scope": ["tenant"], "reason": "x" }),
        ),
        ("POST", "/approval-policies", "/stages/0", json!({ "name": "p", "stages": [["owner"]] })),
    ] {
        let reply = administrator.json(method, path, &body).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{body}: {:#}", reply.body);
        assert_eq!(reply.body["errors"][0]["detail"], "Must be an object.", "{body}");
        reply.problem(400, "invalid");
    }
}

/// What a value should have been is told in words of the reader's language, not of the program.
async fn forms_are_told_in_words(server: Server) {
    let administrator = server.administrator("riga").await;
    for (value, english, latvian) in [
        (json!(-1), "none below 0", "nav mazāks par 0"),
        (json!("5"), "none below 0", "nav mazāks par 0"),
        (json!({}), "none below 0", "nav mazāks par 0"),
    ] {
        let body = json!({ "pageSize": value });
        for (language, says) in [("en", english), ("lv", latvian)] {
            let asked = administrator.request("PATCH", "/settings").header("accept-language", language).json(&body);
            let reply = administrator.send(asked).await;
            assert_eq!(reply.body["errors"][0]["pointer"], "/pageSize");
            let said = reply.problem(400, "invalid");
            assert!(said.contains(says) && !said.contains("u64") && !said.contains("u32"), "{said}");
        }
    }
}

/// A word, an id or an object that is none, in both languages and without the names that the program has for them.
async fn kinds_are_told_in_words(server: Server) {
    let administrator = server.administrator("riga").await;
    let role = |member: &str, value: Value| {
        let mut role = json!({ "user": Uuid::nil(), "role": "auditor", "scope": { "kind": "tenant" }, "reason": "x" });
        role[member] = value;
        role
    };
    for (body, pointer, english, latvian) in [
        (role("scope", json!(1)), "/scope", "Must be an object.", "Jābūt objektam."),
        (role("role", json!(1)), "/role", "Must be a string.", "Jābūt tekstam."),
        (role("role", json!({})), "/role", "Must be a string.", "Jābūt tekstam."),
        (
            role("role", json!("king")),
            "/role",
            "Must be one of tenantAdministrator, ",
            "Jābūt vienam no šiem: tenantAdministrator, ",
        ),
        (role("user", json!(1)), "/user", "Must be an id such as ", "Jābūt identifikatoram, piemēram, "),
    ] {
        for (language, says) in [("en", english), ("lv", latvian)] {
            let asked = administrator.request("POST", "/admin-roles").header("accept-language", language).json(&body);
            let reply = administrator.send(asked).await;
            assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{:#}", reply.body);
            let said = reply.body["errors"][0]["detail"].as_str().expect("a detail");
            assert!(said.starts_with(says), "{body}: {said}");
            reply.problem(400, "invalid");
        }
    }
}

/// 404 and 405 come from the router, 503 from a database that is gone. Shows: X-06
async fn layers_speak_the_form_of_their_route(server: Server) {
    let administrator = server.administrator("riga").await;
    let site = administrator.at(&server.url);
    for path in ["/api", "/api/v2/tenants", "/t/riga/api/v1", "/t/riga/api/v1/nothing", "/t/riga/api/v1/clients/x/y/z"]
    {
        site.get(path).await.problem(404, "");
    }
    let refused = site.json("PUT", "/t/riga/api/v1/clients", &json!({})).await;
    assert_eq!(refused.header("allow"), Some("GET,HEAD,POST"));
    refused.problem(405, "");
    for path in ["/t/riga/nothing", "/nothing", "/t/riga/scim/v3/Users"] {
        assert!(site.get(path).await.status >= 400, "{path}");
        assert_eq!(site.get(path).await.header("content-type"), Some("application/scim+json"), "{path}");
    }
    server.client().await.put("/Users", &json!({})).await.refused(405, "");
    server.store.clone().close().await.expect("closed");
    let busy = administrator.with_token(&unseen_token()).get("/clients").await;
    assert_eq!(busy.header("retry-after"), Some("1"));
    busy.problem(503, "");
    site.with_token(&unseen_token()).get("/t/riga/scim/v2/Users").await.refused(503, "");
}

/// A token that nobody has seen yet, so that the database must be asked.
fn unseen_token() -> String {
    use secrecy::ExposeSecret;
    caurlaide::auth::generate().expose_secret().to_owned()
}

async fn fault() {
    panic!("s3cret");
}

async fn panics_too(server: Server) {
    let settings = Settings::load(&Flags::default(), &ServerFlags::default(), |_| None).expect("settings");
    let app = App::new(server.store.clone(), Clock::of(|| 0), server.url.clone(), settings, telemetry::metrics());
    let faulty = Router::new().route("/api/panic", get(fault)).route("/t/riga/scim/panic", get(fault));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(http::serve(listener, http::guard(faulty, Arc::new(app)), std::future::pending()));
    let client = Client::new(&url, "riga", "").at(&url);
    assert!(!client.get("/api/panic").await.problem(500, "").contains("s3cret"));
    assert!(!client.get("/t/riga/scim/panic").await.refused(500, "").contains("s3cret"));
}

/// What is wrong with the head of a request is told in the same form.
async fn heads_too(server: Server) {
    for (path, media_type) in
        [("/api/v1/tenants", "application/problem+json"), ("/t/riga/scim/v2/Users", "application/scim+json")]
    {
        let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.expect("a connection");
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains(media_type), "{answer}");
    }
}

/// Logs and numbers name routes and never ids.
async fn routes_are_named_without_ids(server: Server) {
    let administrator = server.administrator("riga").await;
    let client = administrator.json("POST", "/clients", &json!({ "name": "x" })).await.expect(201).id();
    administrator.get(&format!("/clients/{client}")).await.expect(200);
    let text = reqwest::Client::builder().no_proxy().build().expect("a client");
    let text =
        text.get(format!("{}/metrics", server.url)).send().await.expect("an answer").text().await.expect("numbers");
    let route = "route=\"/t/{tenant}/api/v1/clients/{client}\"";
    assert!(text.lines().any(|line| line.contains(route) && line.contains("tenant=\"riga\"")), "{text}");
    assert!(!text.contains(&client), "{text}");
}

on_both_databases! {
    addresses_are_strict,
    lists_are_no_objects,
    kinds_are_told_in_words,
    lists_are_strict,
    forms_are_told_in_words,
    faults_are_named_and_values_are_not,
    bodies_are_strict,
    layers_speak_the_form_of_their_route,
    panics_too,
    heads_too,
    routes_are_named_without_ids,
}
