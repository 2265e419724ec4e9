//! `caurlaide application …` and `caurlaide client create --application`

use serde_json::{Value, json};

use crate::support::{Client, Server, program::run};

async fn applications_are_looked_after_at_the_command_line(server: Server) {
    let identities = server.client().await;
    let anna = identities.user("anna", json!({ "title": "clerk" })).await.id();
    let group = identities.group("readers", &[&anna]).await.id();
    let command = |arguments: &[&str]| run(&server.database, arguments);
    let create = [
        "application",
        "create",
        "riga",
        "documents",
        "--name",
        "Documents",
        "--release",
        "userName",
        "--release",
        "title",
    ];
    let id = command(&create).expect(0).trim().to_owned();
    command(&create).complaint(4);
    let wrong = ["application", "create", "riga", "x", "--name", "X", "--release", "password"];
    assert!(command(&wrong).complaint(2).contains("released/0"));
    command(&["application", "group", "add", "riga", "documents", &group]).expect(0);
    command(&["application", "group", "add", "riga", "documents", &anna]).complaint(3);
    command(&["client", "create", "riga", "--name", "reader", "--application", "documents"]).expect(0);
    let missing = command(&["client", "create", "riga", "--name", "other", "--application", "nothing"]).complaint(3);
    assert!(missing.contains("caurlaide application list riga"), "{missing}");
    let token = command(&["token", "create", "riga", "--client", "reader", "--scope", "app.read"]).expect(0);
    assert!(
        command(&["token", "create", "riga", "--client", "new", "--scope", "app.read"])
            .complaint(2)
            .contains("application")
    );
    let client = Client::new(&server.url, "riga", token.trim());
    assert_eq!(client.filter("/Users", "title eq \"clerk\"").await, ["anna"]);

    let listed: Value =
        serde_json::from_str(&command(&["application", "list", "riga", "--json"]).expect(0)).expect("JSON");
    assert_eq!((&listed[0]["id"], &listed[0]["released"]), (&json!(id), &json!(["title", "userName"])));
    assert!(command(&["application", "list", "riga"]).expect(0).contains("title,userName"));
    let clients: Value = serde_json::from_str(&command(&["client", "list", "riga", "--json"]).expect(0)).expect("JSON");
    assert!(clients.to_string().contains(&id), "{clients:#}");
    command(&["application", "set", "riga", "documents", "--state", "retired", "--release-nothing"]).expect(0);
    command(&["application", "set", "riga", "documents", "--state", "lost"]).complaint(2);
    let shown = command(&["application", "show", "riga", "documents"]).expect(0);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((&shown["state"], &shown["released"]), (&json!("retired"), &json!([])));
    assert_eq!(shown["groups"], json!([{ "id": group, "displayName": "readers" }]));
    command(&["application", "delete", "riga", "documents"]).complaint(1);
    command(&["application", "group", "remove", "riga", "documents", &group]).expect(0);
    command(&["application", "group", "remove", "riga", "documents", &group]).complaint(3);
    let client = clients.as_array().expect("clients").iter().find(|client| client["name"] == "reader");
    let client = client.and_then(|client| client["id"].as_str()).expect("an id");
    command(&["client", "delete", "riga", client]).expect(0);
    command(&["application", "delete", "riga", "documents"]).expect(0);
    command(&["application", "show", "riga", "documents"]).complaint(3);
}

on_both_databases! { applications_are_looked_after_at_the_command_line }
