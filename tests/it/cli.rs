//! The command line, as scripts use it: beside a running server, on both databases.

use std::{
    io::Write,
    net::TcpListener,
    process::{Command, Stdio},
    time::Duration,
};

use caurlaide::clock::{Clock, Ids};
use serde_json::{Value, json};
use sqlx::Executor;
use store::Call;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::scim::definitions;
use crate::support::{
    Kind,
    client::USER,
    database::Database,
    program::{Outcome, Program, command, run},
};

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

async fn tenants_and_tokens_are_managed_beside_a_running_server(database: Database) {
    let server = Program::serve(&database, &[]);
    assert!(server.greeting.contains("tenant create"), "an empty server says how to begin: {}", server.greeting);
    assert_eq!(run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0), "riga\n");
    assert!(run(&database, &["tenant", "create", "riga", "--name", "x"]).complaint(4).contains("exists already"));
    assert!(run(&database, &["tenant", "create", "Rīga", "--name", "x"]).complaint(2).contains("small letters"));
    assert!(run(&database, &["tenant", "create", "a", "--name", " "]).complaint(2).contains("name"));
    let listed = run(&database, &["tenant", "list"]).expect(0);
    assert!(listed.starts_with("SLUG") && listed.contains("Rīga"), "{listed}");
    let listed = json_of(&run(&database, &["tenant", "list", "--json"]).expect(0));
    assert_eq!(
        (&listed[0]["slug"], &listed[0]["state"], listed.as_array().map(Vec::len)),
        (&json!("riga"), &json!("active"), Some(1))
    );

    let made = run(&database, &["token", "create", "riga", "--client", "Entra"]);
    assert!(made.err.contains("Entra"), "{made:?}");
    let token = made.expect(0);
    assert!(
        token.starts_with("caurlaide_") && token.ends_with('\n') && token.trim().len() == token.len() - 1,
        "{token:?}"
    );
    let client = server.client("riga", &token);
    client.user("anna", json!({})).await;

    let reader = run(
        &database,
        &["token", "create", "riga", "--client", "Entra", "--scope", "scim.read", "--expires-in", "90d"],
    )
    .expect(0);
    let reader = server.client("riga", &reader);
    assert_eq!(reader.get("/Users").await.expect(200).body["totalResults"], 1);
    reader.delete("/Users/x").await.refused(403, "");
    let tokens = json_of(&run(&database, &["token", "list", "riga", "--json"]).expect(0));
    assert_eq!(tokens[1]["scopes"], json!(["scim.read"]));
    assert!(!tokens.to_string().contains(&token.trim()[10..]), "a secret is shown once");
    let table = run(&database, &["token", "list", "riga"]).expect(0);
    assert!(table.contains("CLIENT") && table.contains("Entra"), "{table}");

    let id = tokens[1]["id"].as_str().expect("an id");
    run(&database, &["token", "revoke", "riga", id]).expect(0);
    let revoked = Instant::now();
    while reader.get("/Users").await.status != 401 {
        assert!(revoked.elapsed() < Duration::from_secs(5), "a revocation is felt within five seconds");
        sleep(Duration::from_millis(50)).await;
    }
    let tokens = json_of(&run(&database, &["token", "list", "riga", "--json"]).expect(0));
    assert_eq!(tokens[1]["state"], "revoked");

    for (arguments, code, says) in [
        (&["token", "create", "jurmala", "--client", "x"][..], 3, "tenant list"),
        (&["token", "create", "riga", "--client", "x", "--scope", "all"], 2, "scim.read"),
        (&["token", "create", "riga", "--client", "x", "--expires-in", "10y"], 2, "90d"),
        (&["token", "create", "riga"], 2, "--client"),
        (&["token", "list", "jurmala"], 3, "no tenant"),
        (&["token", "revoke", "riga", "01a20e94-80b3-7254-aa79-3b8919cda1a4"], 3, "token list"),
        (&["token", "revoke", "riga", "x"], 2, "token list"),
        (&["tenant", "suspend", "jurmala", "--reason", "x"], 3, "tenant list"),
        (&["tenant", "suspend", "riga"], 2, "--reason"),
        (&["tenant", "suspend", "riga", "--reason", " "], 2, "reason"),
        (&["tenant", "resume", "jurmala"], 3, "tenant list"),
        (&["token", "create", "riga", "--client", "x", "--scope", "platform.admin"], 2, "tenant.admin"),
        (&["token", "list", "-platform"], 2, "-p"),
        (&["token", "list", "--", "-platform"], 3, "no tenant"),
        (&["nothing"], 2, "nothing"),
    ] {
        let complaint = run(&database, arguments).complaint(code);
        assert!(complaint.contains(says), "{arguments:?}: {complaint}");
    }

    assert_eq!(run(&database, &["tenant", "suspend", "riga", "--reason", "unpaid"]).expect(0), "riga is suspended\n");
    let suspended = Instant::now();
    while client.post("/Users", &json!({ "schemas": [USER], "userName": "anna" })).await.status != 403 {
        assert!(suspended.elapsed() < Duration::from_secs(5), "a suspension is felt within five seconds");
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(run(&database, &["tenant", "resume", "riga"]).expect(0), "riga is active\n");
    server.stop();
}

/// One command takes a tenant on beside a running server, and its administrator goes on over HTTP.
async fn a_tenant_is_taken_on_by_one_command(database: Database) {
    let server = Program::serve(&database, &[]);
    let made = run(&database, &["tenant", "create", "riga", "--name", "Rīga", "--admin-client", "Administrator"]);
    assert!(made.err.contains("Administrator") && made.err.contains("riga"), "{made:?}");
    let token = made.expect(0);
    assert!(token.starts_with("caurlaide_") && token.lines().count() == 1, "{token}");
    let administrator = server.client("riga", &token).at(&format!("{}/t/riga/api/v1", server.url));
    let client = administrator.json("POST", "/clients", &json!({ "name": "Entra" })).await.expect(201).id();
    let scopes = json!({ "scopes": ["scim.read", "scim.write"] });
    let made = administrator.json("POST", &format!("/clients/{client}/tokens"), &scopes).await.expect(201);
    server.client("riga", made.body["secret"].as_str().expect("a secret")).user("anna", json!({})).await;
    let again = run(&database, &["tenant", "create", "riga", "--name", "x", "--admin-client", "x"]);
    assert!(again.complaint(4).contains("exists already"));
    server.stop();
}

/// Settings, schemas and resource types are changed beside a running server.
async fn definitions_by_command(database: Database) {
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let server = Program::serve(&database, &[]);
    let token = run(&database, &["token", "create", "riga", "--client", "x"]).expect(0);
    let client = server.client("riga", &token);
    let settings = || json_of(&run(&database, &["settings", "show", "riga", "--json"]).expect(0));
    assert_eq!(settings()["pageSize"], 100);
    let set = run(&database, &["settings", "set", "riga", "--page-size", "7", "--strict", "true"]).expect(0);
    assert!(set.starts_with("SETTING") && set.contains("pageSize"), "{set}");
    assert_eq!((&settings()["pageSize"], &settings()["strict"]), (&json!(7), &json!(true)));

    let file = |name: &str, content: Value| {
        std::fs::write(database.directory.path().join(name), content.to_string()).expect("written");
    };
    file("vehicle.json", definitions::vehicle());
    file("kind.json", definitions::kind());
    file("faulty.json", json!({ "id": definitions::VEHICLE, "attributes": [{ "nam": "a" }] }));
    let list = || json_of(&run(&database, &["schema", "list", "riga", "--json"]).expect(0));
    let put = |file: &str| run(&database, &["schema", "put", "riga", file]);
    assert!(run(&database, &["resource-type", "put", "riga", "kind.json"]).complaint(2).contains("define it first"));
    assert!(put("vehicle.json").expect(0).ends_with("Vehicle is defined\n"));
    assert!(put("vehicle.json").expect(0).ends_with("Vehicle is defined anew\n"));
    assert_eq!(list()[0]["id"], definitions::VEHICLE);
    assert_eq!(run(&database, &["resource-type", "put", "riga", "kind.json"]).expect(0), "Vehicle is defined\n");
    let types = json_of(&run(&database, &["resource-type", "list", "riga", "--json"]).expect(0));
    assert_eq!(types[0]["endpoint"], "/Vehicles");
    assert!(run(&database, &["resource-type", "list", "riga"]).expect(0).contains("/Vehicles"));
    assert!(run(&database, &["schema", "list", "riga"]).expect(0).starts_with("URN"));
    let defined = Instant::now();
    while client.get("/Vehicles").await.status != 200 {
        assert!(defined.elapsed() < Duration::from_secs(5), "a definition is felt within five seconds");
        sleep(Duration::from_millis(50)).await;
    }

    for (arguments, code, says) in [
        (&["schema", "put", "riga", "faulty.json"][..], 2, "nam"),
        (&["schema", "put", "riga", "nowhere.json"], 2, "nowhere.json"),
        (&["schema", "put", "jurmala", "vehicle.json"], 3, "tenant list"),
        (&["schema", "delete", "riga", definitions::VEHICLE], 1, "in use"),
        (&["schema", "delete", "riga", "urn:example:2.0:X"], 3, "schema list"),
        (&["resource-type", "delete", "riga", "Ship"], 3, "resource-type list"),
        (&["settings", "set", "riga"], 2, "--strict"),
        (&["settings", "set", "riga", "--page-size", "0"], 2, "1000"),
        (&["settings", "set", "riga", "--strict", "yes"], 2, "true"),
        (&["settings", "show", "jurmala"], 3, "tenant list"),
    ] {
        let complaint = run(&database, arguments).complaint(code);
        assert!(complaint.contains(says), "{arguments:?}: {complaint}");
    }
    run(&database, &["resource-type", "delete", "riga", "Vehicle"]).expect(0);
    run(&database, &["schema", "delete", "riga", definitions::VEHICLE]).expect(0);
    let mut piped = command(&database, &["schema", "put", "riga", "-"]);
    let mut piped = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
    let definition = definitions::vehicle().to_string();
    piped.stdin.take().expect("its input").write_all(definition.as_bytes()).expect("written");
    assert!(piped.wait().expect("the program ends").success());
    assert_eq!(list().as_array().map(Vec::len), Some(1));
    server.stop();
}

/// Too much is removed beside a running server: an alarm, and all of it comes back.
async fn mass_changes_by_command(database: Database) {
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let server = Program::serve(&database, &[]);
    let token = run(&database, &["token", "create", "riga", "--client", "Payroll"]).expect(0);
    let client = server.client("riga", &token);
    run(&database, &["settings", "set", "riga", "--mass-change-count", "2"]).expect(0);
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(client.user(name, json!({})).await.id());
    }
    for id in &ids[..3] {
        client.delete(&format!("/Users/{id}")).await.expect(204);
    }
    let alarms = || json_of(&run(&database, &["alarm", "list", "riga", "--json"]).expect(0));
    let removed = Instant::now();
    while alarms()[0]["users"]["removed"] != 3 {
        assert!(removed.elapsed() < Duration::from_secs(10), "an alarm is raised within seconds");
        sleep(Duration::from_millis(100)).await;
    }
    assert!(server.log().contains("a client takes away far more than usual"), "{}", server.log());
    let alarm = alarms()[0].clone();
    let (id, program) = (alarm["id"].as_str().expect("an id"), alarm["client"].as_str().expect("a client"));
    let table = run(&database, &["alarm", "list", "riga"]).expect(0);
    assert!(table.starts_with("ID") && table.contains("3 (of 2)") && table.contains("open"), "{table}");
    let listed = json_of(&run(&database, &["client", "list", "riga", "--json"]).expect(0));
    assert_eq!(listed[0]["watchedSince"], alarm["began"]);
    assert_eq!(json_of(&run(&database, &["alarm", "show", "riga", id]).expect(0)), alarm);
    let said = run(&database, &["alarm", "acknowledge", "riga", id, "--comment", "A mistake."]).expect(0);
    assert_eq!(said, format!("{id} is acknowledged\n"));
    assert_eq!((&alarms()[0]["state"], &alarms()[0]["comment"]), (&json!("acknowledged"), &json!("A mistake.")));

    let from = alarm["firstRemoval"].as_str().expect("an instant");
    let restore = |more: &[&str]| {
        let all = ["restore", "riga", "--client", program, "--from", from, "--until", "2999-01-01T00:00:00Z"];
        run(&database, &[&all[..], more].concat())
    };
    assert!(restore(&["--dry-run"]).expect(0).starts_with("Would give back: 3 users, 0 groups"));
    assert_eq!(client.get("/Users").await.body["totalResults"], 1);
    client.user("A", json!({})).await;
    run(&database, &["tenant", "suspend", "riga", "--reason", "a look"]).expect(0);
    assert!(restore(&[]).complaint(1).contains("suspended"));
    assert!(restore(&["--dry-run"]).expect(0).starts_with("Would give back: 2 users"), "looking is no granting");
    run(&database, &["tenant", "resume", "riga"]).expect(0);
    let text = restore(&[]).expect(0);
    assert!(text.starts_with("Gave back: 2 users, 0 groups"), "{text}");
    assert!(text.contains(&format!("resource User {}: userName is taken by another User.", ids[0])), "{text}");
    assert_eq!(client.get("/Users").await.body["totalResults"], 4);
    let again = json_of(&restore(&["--json"]).expect(0));
    assert_eq!((&again["restored"]["users"], &again["conflictCount"]), (&json!(0), &json!(1)));

    let nobody = "019b2c40-1b2c-7d3e-8f40-516273849506";
    let end = "2999-01-01T00:00:00Z";
    for (arguments, code, says) in [
        (&["alarm", "list", "jurmala"][..], 3, "tenant list"),
        (&["alarm", "show", "riga", nobody], 3, "alarm list riga"),
        (&["alarm", "acknowledge", "riga", nobody], 3, "alarm list riga"),
        (&["alarm", "show", "riga", "x"], 2, "alarm list"),
        (&["restore", "riga", "--client", nobody, "--from", from, "--until", end], 3, "client list riga"),
        (&["restore", "riga", "--client", program, "--from", "2001-01-01T00:00:00Z", "--until", end], 2, "30 days"),
        (&["restore", "riga", "--client", program, "--from", from, "--until", from], 2, "until"),
        (&["restore", "riga", "--client", program, "--from", "yesterday", "--until", end], 2, "instant"),
        (&["settings", "set", "riga", "--mass-change-paused-until", "soon"], 2, "instant"),
    ] {
        let complaint = run(&database, arguments).complaint(code);
        assert!(complaint.contains(says), "{arguments:?}: {complaint}");
    }
    run(&database, &["settings", "set", "riga", "--mass-change-paused-until", "now"]).expect(0);
    server.stop();
}

/// The log of calls outlives a stop right behind the answer, and is read at the command line.
async fn calls_by_command(database: Database) {
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let server = Program::serve(&database, &[]);
    let token = run(&database, &["token", "create", "riga", "--client", "x"]).expect(0);
    let client = server.client("riga", &token);
    client.user("anna", json!({})).await;
    for _ in 0..5 {
        client.post("/Users", &json!({ "schemas": [USER], "userName": "anna" })).await.refused(409, "uniqueness");
    }
    server.stop();
    let found = |more: &[&str]| json_of(&run(&database, &[&["calls", "riga", "--json"], more].concat()).expect(0));
    let all = found(&[]);
    assert_eq!(all.as_array().map(Vec::len), Some(6), "{all:#}");
    assert_eq!(all[5]["summary"], "POST created 1 User");
    assert_eq!(found(&["--since", "1h", "--status", "4xx"]).as_array().map(Vec::len), Some(5));
    assert_eq!(found(&["--limit", "2", "--method", "POST", "--route", "/Users"]).as_array().map(Vec::len), Some(2));
    assert_eq!(found(&["--text", "username"]).as_array().map(Vec::len), Some(5));
    let table = run(&database, &["calls", "riga"]).expect(0);
    assert!(table.starts_with("AT") && table.contains("refused: userName is taken by another User."), "{table}");
    assert!(!table.contains("anna"));
    assert!(run(&database, &["calls", "jurmala"]).complaint(3).contains("tenant list"));
    assert!(run(&database, &["calls", "riga", "--status", "9xx"]).complaint(2).contains("4xx"));
    assert!(run(&database, &["calls", "riga", "--since", "soon"]).complaint(2).contains("90d"));
}

/// However many calls came after them, the command finds those that were asked for.
async fn rare_calls_are_found_by_command(database: Database) {
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let store = store::Store::connect(&database.location, &store::Options::default()).await.expect("a database");
    let riga = store.find_tenant("riga").await.expect("a look").expect("a tenant").id;
    let (clock, ids) = (Clock::system(), Ids::new(Clock::system()));
    let call = |status| Call {
        id: ids.next(),
        at: clock.now(),
        client: None,
        method: "GET".into(),
        route: "/Users".into(),
        status,
        scim_type: None,
        detail: None,
        micros: 1,
        request: "r".into(),
        changes: "{}".into(),
    };
    store.record_calls(&[(riga, call(404)), (riga, call(409))], &[]).await.expect("written");
    for _ in 0..130 {
        let usual: Vec<_> = (0..500).map(|_| (riga, call(200))).collect();
        store.record_calls(&usual, &[]).await.expect("written");
    }
    let rare = ["calls", "riga", "--since", "1h", "--status", "4xx", "--json"];
    let found = json_of(&run(&database, &rare).expect(0));
    let statuses: Vec<_> = found.as_array().expect("calls").iter().map(|call| call["status"].clone()).collect();
    assert_eq!(statuses, [409, 404], "the newest first");
    let table = run(&database, &["calls", "riga", "--status", "404", "--limit", "1"]).expect(0);
    assert_eq!(table.lines().count(), 2, "{table}");
}

async fn clients_and_rotation_by_command(database: Database) {
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let server = Program::serve(&database, &[]);
    let networks = ["--network", "192.0.2.0/24", "--network", "198.51.100.0/24"];
    let create = [&["client", "create", "riga", "--name", "Entra"], &networks[..]].concat();
    let id = run(&database, &create).expect(0);
    let id = id.trim();
    assert!(run(&database, &create).complaint(4).contains("name"));
    let list = || json_of(&run(&database, &["client", "list", "riga", "--json"]).expect(0));
    assert_eq!((&list()[0]["id"], &list()[0]["networks"][1]), (&json!(id), &json!("198.51.100.0/24")));

    // The client of that name is the one that was made.
    let old = run(&database, &["token", "create", "riga", "--client", "Entra", "--expires-in", "90d"]).expect(0);
    let tokens = || json_of(&run(&database, &["token", "list", "riga", "--json"]).expect(0));
    assert_eq!((&tokens()[0]["client"], &tokens()[0]["clientName"]), (&json!(id), &json!("Entra")));
    server.client("riga", &old).get("/Users").await.refused(401, "");
    let changed = run(&database, &["client", "change", "riga", id, "--name", "Okta", "--network", "127.0.0.1"]);
    assert_eq!(changed.expect(0), format!("{id} is changed\n"));
    assert_eq!((&list()[0]["name"], &list()[0]["networks"]), (&json!("Okta"), &json!(["127.0.0.1/32"])));
    felt("the new network", async || server.client("riga", &old).get("/Users").await.status == 200).await;
    run(&database, &["client", "change", "riga", id, "--any-network"]).expect(0);
    assert_eq!((&list()[0]["name"], &list()[0]["networks"]), (&json!("Okta"), &json!([])));
    let table = run(&database, &["client", "list", "riga"]).expect(0);
    assert!(table.starts_with("ID") && table.contains("Okta") && table.contains("any"), "{table}");

    let first = tokens()[0]["id"].as_str().expect("an id").to_owned();
    let fresh = run(&database, &["token", "rotate", "riga", &first, "--overlap", "1h"]).expect(0);
    assert!(fresh.starts_with("caurlaide_") && fresh != old, "{fresh}");
    for token in [&old, &fresh] {
        server.client("riga", token).get("/Users").await.expect(200);
    }
    let listed = tokens();
    assert_eq!((&listed[0]["state"], &listed[1]["state"]), (&json!("retiring"), &json!("active")));
    assert_eq!((&listed[0]["replacedBy"], &listed[0]["scopes"]), (&listed[1]["id"], &listed[1]["scopes"]));
    assert!(run(&database, &["token", "rotate", "riga", &first]).complaint(1).contains("rotated already"));
    let second = listed[1]["id"].as_str().expect("an id");
    run(&database, &["token", "rotate", "riga", second, "--overlap", "0"]).expect(0);
    felt("a sharp rotation", async || server.client("riga", &fresh).get("/Users").await.status == 401).await;

    run(&database, &["client", "delete", "riga", id]).expect(0);
    felt("a deletion", async || server.client("riga", &old).get("/Users").await.status == 401).await;
    assert_eq!(list(), json!([]));
    assert!(run(&database, &["token", "list", "riga"]).expect(0).contains("(deleted)"));
    for (arguments, code, says) in [
        (&["client", "delete", "riga", id][..], 3, "client list riga"),
        (&["client", "change", "riga", id, "--name", "x"], 3, "client list riga"),
        (&["client", "change", "riga", "x"], 2, "client list"),
        (&["client", "create", "riga", "--name", "x", "--network", "192.0.2.1/24"], 2, "192.0.2.0/24"),
        (&["client", "create", "jurmala", "--name", "x"], 3, "tenant list"),
        (&["token", "rotate", "riga", "01a20e94-80b3-7254-aa79-3b8919cda1a4"], 3, "token list riga"),
        (&["token", "rotate", "riga", second, "--overlap", "31d"], 2, "overlap"),
    ] {
        let complaint = run(&database, arguments).complaint(code);
        assert!(complaint.contains(says), "{arguments:?}: {complaint}");
    }
    server.stop();
}

/// Operators have tokens of their own, which open no tenant.
async fn operators_have_tokens(database: Database) {
    let token = run(&database, &["operator", "token", "create", "--client", "Desk", "--expires-in", "30d"]).expect(0);
    let server = Program::serve(&database, &[]);
    let operator = server.client("riga", &token).at(&format!("{}/api/v1", server.url));
    let new = json!({ "slug": "riga", "name": "Rīga" });
    operator.json("POST", "/tenants", &new).await.expect(201);
    server.client("riga", &token).get("/Users").await.refused(404, "");
    server.client("-platform", &token).get("/Users").await.refused(404, "");
    assert!(!run(&database, &["tenant", "list"]).expect(0).contains("platform"));

    let tokens = || json_of(&run(&database, &["operator", "token", "list", "--json"]).expect(0));
    assert_eq!((&tokens()[0]["clientName"], &tokens()[0]["scopes"]), (&json!("Desk"), &json!(["platform.admin"])));
    let id = tokens()[0]["id"].as_str().expect("an id").to_owned();
    let fresh = run(&database, &["operator", "token", "rotate", &id]).expect(0);
    operator.with_token(fresh.trim()).get("/tenants").await.expect(200);
    run(&database, &["operator", "token", "revoke", &id]).expect(0);
    felt("a revocation", async || operator.get("/tenants").await.status == 401).await;
    let missing = run(&database, &["operator", "token", "revoke", "01a20e94-80b3-7254-aa79-3b8919cda1a4"]);
    assert!(missing.complaint(3).contains("operator token list"));

    assert_eq!(run(&database, &["tenant", "archive", "riga", "--reason", "merged"]).expect(0), "riga is archived\n");
    assert!(run(&database, &["tenant", "resume", "riga"]).complaint(1).contains("archived"));
    assert!(run(&database, &["token", "create", "riga", "--client", "x"]).complaint(1).contains("archived"));
    let reader = run(&database, &["token", "create", "riga", "--client", "x", "--scope", "scim.read"]).expect(0);
    server.client("riga", &reader).get("/Users").await.expect(200);
    server.stop();
}

/// Waits for what another process changed; servers look again within five seconds.
async fn felt(what: &str, is_felt: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_felt().await {
        assert!(begun.elapsed() < Duration::from_secs(5), "{what} is felt within five seconds");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn migrations_are_listed_and_applied(database: Database) {
    let waiting = json_of(&run(&database, &["migrate", "--status", "--json"]).expect(0));
    assert!(
        waiting.as_array().is_some_and(|steps| !steps.is_empty() && steps.iter().all(|step| step["applied"] == false))
    );
    assert!(run(&database, &["migrate"]).expect(0).contains("up to date"));
    assert!(run(&database, &["migrate"]).expect(0).contains("up to date"));
    let applied = run(&database, &["migrate", "--status"]).expect(0);
    assert!(applied.contains("applied") && !applied.contains("waiting"), "{applied}");

    let look = database.look().await;
    look.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)").await.expect("a row");
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["tenant", "list"], &["migrate"]] {
        let complaint = run(&database, arguments);
        assert_eq!(complaint.code, 1, "{complaint:?}");
        assert!(complaint.err.contains("newer version") && complaint.err.contains("m9999_future"), "{complaint:?}");
    }
}

/// Documents, e-services and the administration of property tax, whose roles do not all go together.
fn its_applications_are_the_three_of_a_town(database: &Database) {
    let listed = |arguments: &[&str]| {
        let printed = json_of(&run(database, arguments).expect(0));
        printed.as_array().expect("a list").clone()
    };
    let applications = listed(&["application", "list", "berzaine", "--json"]);
    let mut codes: Vec<&str> = applications.iter().filter_map(|one| one["code"].as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["documents", "e-services", "property-tax"]);

    let rights = listed(&["entitlement", "list", "berzaine", "--json"]);
    assert_eq!(rights.len(), 7, "{rights:#?}");
    let tax = applications.iter().find(|one| one["code"] == "property-tax").expect("property tax");
    let of_tax = |code: &str| {
        let role = rights.iter().find(|one| one["application"] == tax["id"] && one["code"] == code);
        role.expect("a role")["group"].clone()
    };
    let rules = listed(&["rule", "list", "berzaine", "sod", "--json"]);
    let rule = rules.iter().find(|rule| rule["mode"] == "requireException").expect("a rule");
    let sides = (json!([of_tax("assessor")]), json!([of_tax("cashier")]));
    assert_eq!((&rule["one"], &rule["other"]), (&sides.0, &sides.1), "{rules:#?}");
}

async fn the_demonstration_is_filled_once_and_its_lines_work(database: Database) {
    let server = Program::serve(&database, &["--demo"]);
    let lines: Vec<String> = server
        .greeting
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Try"))
        .map(|line| line.trim().to_owned())
        .collect();
    assert_eq!(lines.len(), 5, "{}", server.greeting);
    let mut totals = Vec::new();
    for line in &lines {
        let output = Command::new("bash").args(["-c", line]).output().expect("curl runs");
        let list = json_of(&Outcome::of(&output).expect(0));
        let total = list["totalResults"].as_u64().expect("a total");
        assert!((150..=250).contains(&total), "{line}: {total} people");
        assert_eq!(list["Resources"].as_array().map(Vec::len), Some(2));
        totals.push(total);
    }
    server.stop();
    let server = Program::serve(&database, &["--demo"]);
    assert!(!server.log().contains("filling"), "{}", server.log());
    let again = server.greeting.lines().find_map(|line| line.trim().strip_prefix("Try")).expect("a line to paste");
    let output = Command::new("bash").args(["-c", again.trim()]).output().expect("curl runs");
    assert_eq!(json_of(&Outcome::of(&output).expect(0))["totalResults"], totals[0]);
    let units = json_of(&run(&database, &["unit", "list", "berzaine", "--json"]).expect(0));
    let units = units.as_array().expect("units");
    for (kind, count) in [("policy", 3), ("sod", 2), ("birthright", 1)] {
        let rules = json_of(&run(&database, &["rule", "list", "berzaine", kind, "--json"]).expect(0));
        assert_eq!(rules.as_array().map(Vec::len), Some(count), "{kind}: {rules:#}");
    }
    its_applications_are_the_three_of_a_town(&database);
    assert!(units.len() > 25 && units.iter().all(|unit| unit["head"]["displayName"].is_string()), "{units:#?}");
    server.stop();
}

/// Logs say who did what where and how long it took, and nothing personal. Shows: T-09, S-56, S-57
async fn logs_hold_no_secret_and_no_person(database: Database) {
    let mut serve = command(&database, &["serve", "--listen", "127.0.0.1:0"]);
    serve.env("CAURLAIDE_LOG", "trace,hyper=info,h2=info,mio=info,tokio=info");
    let server = Program::start(serve);
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let token = run(&database, &["token", "create", "riga", "--client", "c"]).expect(0);
    let client = server.client("riga", &token);
    let user = json!({ "schemas": [USER], "userName": "pers0nal", "displayName": "Pers0nal", "password": "s3cret", "emails": [{ "value": "pers0nal@x" }] });
    let made = client
        .send(client.request("POST", "/Users").header("x-request-id", "known-1").body(user.to_string()))
        .await
        .expect(201);
    client.post("/Users", &user).await.refused(409, "uniqueness");
    client.find("/Users", &[("filter", "userName eq \"pers0nal\"")]).await.expect(200);
    client.find("/Users", &[("filter", "userName eq \"pers0nal")]).await.refused(400, "invalidFilter");
    client.get("/Users/pers0nal").await.refused(404, "");
    client
        .raw("POST", "/Users", "application/json", "{\"userName\":\"pers0nal\",}")
        .await
        .refused(400, "invalidSyntax");
    client
        .put(
            &format!("/Users/{}", made.id()),
            &json!({ "schemas": [USER], "userName": "pers0nal", "active": "pers0nal" }),
        )
        .await
        .refused(400, "invalidValue");
    client.at(&server.url).get("/pers0nal").await.refused(404, "");
    client.with_token("caurlaide_s3cret").get("/Users").await.refused(401, "");
    let administrator =
        run(&database, &["token", "create", "riga", "--client", "a", "--scope", "tenant.admin"]).expect(0);
    let administration = client.with_token(administrator.trim()).at(&format!("{}/t/riga/api/v1", server.url));
    let made = administration.json("POST", "/clients", &json!({ "name": "pers0nal" })).await.expect(201).id();
    administration
        .json("POST", "/clients", &json!({ "name": "pers0nal", "pers0nal": "" }))
        .await
        .problem(400, "invalid");
    let scopes = json!({ "scopes": ["scim.read"] });
    let issued = administration.json("POST", &format!("/clients/{made}/tokens"), &scopes).await.expect(201);
    let issued = issued.body["secret"].as_str().expect("a secret").to_owned();
    client.with_token(&issued).get("/Users").await.expect(200);
    let away = run(&database, &["client", "create", "riga", "--name", "away", "--network", "192.0.2.0/24"]).expect(0);
    let foreign = run(&database, &["token", "create", "riga", "--client", "away"]).expect(0);
    client.with_token(foreign.trim()).get("/Users").await.refused(401, "");
    let log = server.stop();
    let warning = log.lines().map(json_of).find(|line| line["client"] == away.trim() && line["level"] == "WARN");
    let warning = warning.expect("a line for a token from a strange network");
    assert_eq!((&warning["address"], &warning["tenant"]), (&json!("127.0.0.1"), &json!("riga")), "{warning}");
    for secret in
        ["pers0nal", "Pers0nal", "s3cret", token.trim(), administrator.trim(), &issued, foreign.trim(), "argon2"]
    {
        assert!(!log.contains(secret), "the log holds {secret}: {log}");
    }
    let line = log.lines().map(json_of).find(|line| line["request_id"] == "known-1").expect("a line for the request");
    assert_eq!((&line["tenant"], &line["method"], &line["status"]), (&json!("riga"), &json!("POST"), &json!(201)));
    assert_eq!(line["route"], "/t/{tenant}/scim/v2/Users");
    assert!(
        line["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0)
            && line["client"].as_str().is_some_and(|id| id.len() == 36),
        "{line}"
    );
}

/// What runs is finished; what comes later is not taken on.
async fn an_end_is_orderly(database: Database) {
    let mut server = Program::serve(&database, &[]);
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let token = run(&database, &["token", "create", "riga", "--client", "c"]).expect(0);
    let address = server.url.trim_start_matches("http://").to_owned();
    let body = json!({ "schemas": [USER], "userName": "late" }).to_string();
    let (first, rest) = body.split_at(10);
    let head = format!(
        "POST /t/riga/scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{first}",
        token.trim(),
        body.len()
    );
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("sent");
    // An answer on another connection shows that the server has read what was sent before.
    server.client("riga", &token).get("/Users").await.expect(200);
    server.signal("TERM");
    let asked = Instant::now();
    while TcpStream::connect(&address).await.is_ok() {
        assert!(asked.elapsed() < Duration::from_secs(5), "new connections are refused");
        sleep(Duration::from_millis(20)).await;
    }
    stream.write_all(rest.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(server.wait().success(), "{}", server.log());
    assert!(asked.elapsed() < Duration::from_secs(10));

    let server = Program::serve(&database, &[]);
    assert_eq!(server.client("riga", &token).get("/Users").await.expect(200).body["totalResults"], 1);
    server.stop();
}

/// An acknowledged write survives `kill -9`.
async fn what_was_answered_is_on_disk(database: Database) {
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let token = run(&database, &["token", "create", "riga", "--client", "c"]).expect(0);
    for round in 1..=3 {
        let mut server = Program::serve(&database, &[]);
        let client = server.client("riga", &token);
        let (acknowledge, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (client, acknowledge) = (client.clone(), acknowledge.clone());
                tokio::spawn(async move {
                    for number in 0.. {
                        let name = format!("u{round}-{writer}-{number}");
                        let body = json!({ "schemas": [USER], "userName": name }).to_string();
                        match client.request("POST", "/Users").body(body).send().await {
                            Ok(answer) if answer.status() == 201 => acknowledge.send(name).expect("heard"),
                            _ => break,
                        }
                    }
                })
            })
            .collect();
        drop(acknowledge);
        // In the middle of whatever the writers do then.
        let mut names = Vec::new();
        while names.len() < 30 * round {
            names.push(acknowledged.recv().await.expect("a write is answered"));
        }
        server.signal("KILL");
        server.wait();
        for writer in writers {
            writer.await.expect("a writer");
        }
        while let Some(name) = acknowledged.recv().await {
            names.push(name);
        }
        let server = Program::serve(&database, &[]);
        let client = server.client("riga", &token);
        for name in &names {
            assert_eq!(client.filter("/Users", &format!("userName eq \"{name}\"")).await, [name.as_str()]);
        }
        let total = client.get("/Users?count=0").await.body["totalResults"].clone();
        let look = database.look().await;
        let counted: (i64,) = sqlx::query_as("SELECT count(*) FROM resource").fetch_one(&look).await.expect("a count");
        assert_eq!(total, counted.0, "counters agree with the rows");
        server.stop();
    }
}

macro_rules! with_both_databases {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Database::new(super::Kind::Sqlite).await).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Database::new(super::Kind::Postgres).await).await; })*
        }
    };
}

with_both_databases! {
    tenants_and_tokens_are_managed_beside_a_running_server,
    a_tenant_is_taken_on_by_one_command,
    definitions_by_command,
    calls_by_command,
    rare_calls_are_found_by_command,
    mass_changes_by_command,
    clients_and_rotation_by_command,
    operators_have_tokens,
    migrations_are_listed_and_applied,
    the_demonstration_is_filled_once_and_its_lines_work,
    logs_hold_no_secret_and_no_person,
    an_end_is_orderly,
    what_was_answered_is_on_disk,
}

#[tokio::test]
async fn settings_have_an_order_and_secrets_stay_hidden() {
    let database = Database::new(Kind::Sqlite).await;
    std::fs::write(
        database.directory.path().join("caurlaide.toml"),
        "listen = \"127.0.0.1:1\"\nlog = \"warn\"\nconnections = 3\n",
    )
    .expect("written");
    let mut check = command(&database, &["check-config", "--json", "--listen", "127.0.0.1:3"]);
    check
        .env("CAURLAIDE_LISTEN", "127.0.0.1:2")
        .env("CAURLAIDE_LOG", "debug")
        .env("DATABASE_URL", "postgres://u:s3cret@db/x");
    let printed = Outcome::of(&check.output().expect("the program runs")).expect(0);
    assert!(!printed.contains("s3cret"), "{printed}");
    let settings = json_of(&printed);
    let find = |name: &str| {
        settings.as_array().expect("a list").iter().find(|s| s["name"] == name).expect("a setting").clone()
    };
    assert_eq!(
        (find("listen")["value"].as_str(), find("listen")["source"].as_str()),
        (Some("127.0.0.1:3"), Some("flag --listen"))
    );
    assert_eq!(
        (find("log")["value"].as_str(), find("log")["source"].as_str()),
        (Some("debug"), Some("environment CAURLAIDE_LOG"))
    );
    assert_eq!(
        (find("connections")["value"].as_str(), find("connections")["source"].as_str()),
        (Some("3"), Some("file caurlaide.toml"))
    );
    assert_eq!(find("log-format")["source"], "default");
    assert_eq!(find("data-dir")["source"], "environment CAURLAIDE_DATA_DIR");

    let mut wrong = command(&database, &["check-config"]);
    let outcome = Outcome::of(&wrong.env("CAURLAIDE_LISTEN", "here").output().expect("the program runs"));
    assert!(outcome.complaint(2).contains("CAURLAIDE_LISTEN"));
}

/// Looking makes nothing, and a typo is not an empty installation.
#[tokio::test]
async fn looking_makes_no_database() {
    let database = Database::new(Kind::Sqlite).await;
    let typo = database.directory.path().join("typo");
    let place = typo.to_str().expect("UTF-8");
    for arguments in [
        &["tenant", "list"][..],
        &["token", "list", "riga"],
        &["tenant", "resume", "riga"],
        &["client", "list", "riga"],
        &["operator", "token", "list"],
    ] {
        let complaint = run(&database, &[arguments, &["--data-dir", place]].concat()).complaint(3);
        assert!(complaint.contains(place) && complaint.contains("--data-dir"), "{complaint}");
    }
    let steps = run(&database, &["migrate", "--status", "--data-dir", place]).expect(0);
    assert!(steps.contains("waiting") && !steps.contains("applied"), "{steps}");
    assert!(!typo.exists());
}

/// What was said more firmly counts, also of two settings that exclude each other.
#[tokio::test]
async fn a_flag_for_the_directory_beats_a_url_of_the_environment() {
    let database = Database::new(Kind::Sqlite).await;
    let check = |arguments: &[&str], url: &std::ffi::OsStr| {
        let mut check = command(&database, &[&["check-config", "--json"], arguments].concat());
        Outcome::of(&check.env("DATABASE_URL", url).output().expect("the program runs"))
    };
    let applies = |outcome: Outcome| {
        let settings = json_of(&outcome.expect(0));
        let database = settings
            .as_array()
            .expect("a list")
            .iter()
            .find(|s| s["name"] == "database")
            .expect("the database")
            .clone();
        format!("{} {}", database["value"].as_str().expect("a value"), database["source"].as_str().expect("a source"))
    };
    let url = "postgres://u:s3cret@db/x".as_ref();
    assert_eq!(applies(check(&["--data-dir", "/x"], url)), "SQLite /x/caurlaide.db flag --data-dir");
    assert_eq!(applies(check(&[], url)), "PostgreSQL postgres://(hidden)@db/x environment DATABASE_URL");
    let broken = std::os::unix::ffi::OsStrExt::from_bytes(&b"postgres://\xff@db/x"[..]);
    assert!(check(&[], broken).complaint(2).contains("DATABASE_URL"));
}

/// Somebody who changes their mind while the demonstration is filled is not kept waiting, and it is taken up later;
/// what is deleted afterwards stays deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_is_taken_up_and_left_alone() {
    let database = Database::new(Kind::Sqlite).await;
    let mut half = command(&database, &["serve", "--demo", "--listen", "127.0.0.1:0"]);
    let mut half =
        half.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("it starts");
    let file = database.directory.path().join("caurlaide.db-wal");
    while std::fs::metadata(&file).map_or(0, |file| file.len()) < 1_000_000 {
        assert!(half.try_wait().expect("a state").is_none(), "it ended by itself");
        sleep(Duration::from_millis(20)).await;
    }
    assert!(Command::new("kill").args(["-INT", &half.id().to_string()]).status().expect("kill runs").success());
    assert!(half.wait().expect("an end").success());

    let server = Program::serve(&database, &["--demo"]);
    let line = server.greeting.lines().find(|line| line.trim().starts_with("Token")).expect("a token");
    let client = server.client("berzaine", line.trim().trim_start_matches("Token"));
    let first = client.get("/Users?count=1").await.expect(200).body;
    let total = first["totalResults"].as_u64().expect("a total");
    assert!(total > 150, "{total}");
    client.delete(&format!("/Users/{}", first["Resources"][0]["id"].as_str().expect("an id"))).await.expect(204);
    let group = client.get("/Groups?count=1&attributes=id").await.body["Resources"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    client.delete(&format!("/Groups/{group}")).await.expect(204);
    server.stop();
    let server = Program::serve(&database, &["--demo"]);
    assert_eq!(server.client("berzaine", &client.token).get("/Users").await.body["totalResults"], total - 1);
    server.stop();
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let database = Database::new(Kind::Sqlite).await;
    let held = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = held.local_addr().expect("an address").to_string();
    let busy = run(&database, &["serve", "--listen", &address]);
    assert!(busy.err.contains(&address) && busy.err.contains("--listen"), "{busy:?}");
    assert_eq!(busy.code, 1);
    let nowhere = run(&database, &["tenant", "list", "--database-url", "postgres://u:s3cret@127.0.0.1:1/x"]);
    assert!(nowhere.err.contains("127.0.0.1:1/x") && !nowhere.err.contains("s3cret"), "{nowhere:?}");
    assert_eq!(nowhere.code, 1);
    std::fs::write(database.directory.path().join("file"), "").expect("written");
    let blocked = run(&database, &["tenant", "create", "a", "--name", "A", "--data-dir", "file"]);
    assert!(blocked.err.contains("file") && blocked.err.contains("--data-dir"), "{blocked:?}");
    assert_eq!(blocked.code, 1);
    let database = Database::new(Kind::Sqlite).await;
    std::fs::write(database.directory.path().join("caurlaide.db"), "this is no database ".repeat(200))
        .expect("written");
    let damaged = run(&database, &["tenant", "list"]);
    assert!(damaged.err.contains("caurlaide.db"), "{damaged:?}");
    assert_eq!(damaged.code, 1);
}

#[tokio::test]
async fn every_command_explains_itself() {
    let database = Database::new(Kind::Sqlite).await;
    for arguments in [
        &["--help"][..],
        &["serve", "--help"],
        &["tenant", "--help"],
        &["tenant", "create", "--help"],
        &["tenant", "list", "--help"],
        &["tenant", "suspend", "--help"],
        &["tenant", "resume", "--help"],
        &["tenant", "archive", "--help"],
        &["client", "--help"],
        &["client", "create", "--help"],
        &["client", "list", "--help"],
        &["client", "change", "--help"],
        &["client", "delete", "--help"],
        &["operator", "--help"],
        &["operator", "token", "--help"],
        &["operator", "token", "create", "--help"],
        &["operator", "token", "list", "--help"],
        &["operator", "token", "rotate", "--help"],
        &["operator", "token", "revoke", "--help"],
        &["token", "--help"],
        &["token", "create", "--help"],
        &["token", "list", "--help"],
        &["token", "rotate", "--help"],
        &["token", "revoke", "--help"],
        &["settings", "--help"],
        &["settings", "show", "--help"],
        &["settings", "set", "--help"],
        &["schema", "--help"],
        &["schema", "list", "--help"],
        &["schema", "put", "--help"],
        &["schema", "delete", "--help"],
        &["resource-type", "--help"],
        &["resource-type", "list", "--help"],
        &["resource-type", "put", "--help"],
        &["resource-type", "delete", "--help"],
        &["calls", "--help"],
        &["alarm", "--help"],
        &["alarm", "list", "--help"],
        &["alarm", "show", "--help"],
        &["alarm", "acknowledge", "--help"],
        &["restore", "--help"],
        &["migrate", "--help"],
        &["check-config", "--help"],
        &["openapi", "--help"],
    ] {
        let help = run(&database, arguments).expect(0);
        assert!(help.contains("Usage: caurlaide"), "{arguments:?}: {help}");
    }
    assert_eq!(run(&database, &["--version"]).expect(0), format!("caurlaide {}\n", env!("CARGO_PKG_VERSION")));
    assert!(run(&database, &["openapi"]).expect(0) == include_str!("../../openapi.yaml"));
    assert!(run(&database, &[]).code == 2);
}
