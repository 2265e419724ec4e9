//! `caurlaide entitlement …`, `caurlaide grants …` and `caurlaide whohas`

use serde_json::{Value, json};

use super::{Scene, adding};
use crate::support::{Server, program::run};

async fn rights_are_looked_after_at_the_command_line(server: Server) {
    let scene = Scene::new(server).await;
    let anna = scene.writer.user("anna", json!({ "displayName": "Anna Ozola" })).await.id();
    let group = scene.writer.group("operator", &[&anna]).await.id();
    let command = |arguments: &[&str]| run(&scene.server.database, arguments);
    let create = ["entitlement", "create", "riga", "tax", &group, "--code", "operator", "--name-lv", "Operators"];
    let created = command(&[&create[..], &["--authority", "grants", "--risk", "1"]].concat()).expect(0);
    assert!(created.contains("1 people have it"), "{created}");
    command(&create).complaint(4);
    command(&["entitlement", "create", "riga", "tax", &group, "--code", "operator"]).complaint(2);
    let wrong = ["entitlement", "create", "riga", "tax", &anna, "--code", "a", "--name-en", "A"];
    assert!(command(&wrong).complaint(2).contains("group"));
    let wrong = ["entitlement", "create", "riga", "nothing", &group, "--code", "a", "--name-en", "A"];
    assert!(command(&wrong).complaint(3).contains("caurlaide application list riga"));
    scene.writer.patch(&format!("/Groups/{group}"), adding(&[&anna])).await.expect(204);

    let json_of = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
    let listed = json_of(command(&["entitlement", "list", "riga", "--application", "tax", "--json"]).expect(0));
    assert_eq!((&listed[0]["group"], &listed[0]["authority"]), (&json!(group), &json!("grants")));
    let table = command(&["entitlement", "list", "riga"]).expect(0);
    assert!(table.contains("Operators") && table.contains("AUTHORITY"), "{table}");

    let grants = json_of(command(&["grants", "list", "riga", "--user", &anna, "--json"]).expect(0));
    assert_eq!((&grants[0]["entitlement"], &grants[0]["source"]), (&json!(group), &json!("import")));
    assert!(command(&["grants", "list", "riga", "--user", &anna]).expect(0).contains("import"));
    command(&["grants", "list", "riga", "--user", "anna"]).complaint(2);

    let who = json_of(command(&["whohas", "riga", "tax", "--at", "2026-01-01T00:00:00Z", "--json"]).expect(0));
    assert_eq!((&who[0]["displayName"], &who[0]["code"]), (&json!("Anna Ozola"), &json!("operator")));
    let early = command(&["whohas", "riga", "tax", "--at", "2025-01-01T00:00:00Z"]).expect(0);
    assert!(!early.contains("Anna"), "{early}");
    let now = command(&["whohas", "riga", "tax", "--entitlement", "operator"]).expect(0);
    assert!(now.contains("Anna Ozola"), "{now}");
    command(&["whohas", "riga", "tax", "--entitlement", "other"]).complaint(3);
    command(&["whohas", "riga", "tax", "--at", "2126-01-01T00:00:00Z"]).complaint(2);
    let wrong = command(&["grants", "list", "riga", "--user", "anna"]).complaint(2);
    assert!(wrong.contains("is no id such as"), "{wrong}");
    command(&["whohas", "riga", "tax", "--at", "yesterday"]).complaint(2);
    command(&["whohas", "riga", "nothing"]).complaint(3);
}

on_both_databases! { rights_are_looked_after_at_the_command_line }
