//! `caurlaide role …`

use serde_json::{Value, json};

use super::Scene;
use crate::support::{Server, program::run};

/// The command line does what the API does.
async fn roles_are_looked_after_at_the_command_line(server: Server) {
    let scene = Scene::new(server).await;
    let command = |arguments: &[&str]| run(&scene.server.database, arguments);
    let user = scene.cilda.as_str();
    let give = ["role", "give", "riga", user, "auditor", "--reason", "The yearly audit"];
    let whole = command(&[&give[..], &["--until", "2027-01-01T00:00:00Z"]].concat()).expect(0).trim().to_owned();
    command(&give).complaint(4);
    let part = command(&[&give[..], &["--unit", "schools"]].concat()).expect(0).trim().to_owned();
    assert!(command(&[&give[..], &["--unit", "nowhere"]].concat()).complaint(3).contains("caurlaide unit list riga"));
    command(&["role", "give", "riga", user, "boss", "--reason", "r"]).complaint(2);
    command(&[&give[..], &["--unit", "schools", "--application", "tax"]].concat()).complaint(2);
    command(&["role", "give", "riga", &scene.city, "auditor", "--reason", "r"]).complaint(2);
    let listed = command(&["role", "list", "riga", "--user", user, "--json"]).expect(0);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!((&listed[0]["id"], &listed[1]["id"]), (&json!(whole), &json!(part)));
    assert_eq!(listed[1]["scope"], json!({ "kind": "organisationUnit", "id": scene.schools }));
    command(&["role", "end", "riga", &part, "--reason", "Over"]).expect(0);
    let table = command(&["role", "list", "riga", "--user", user]).expect(0);
    assert!(table.contains(&whole) && !table.contains(&part), "{table}");
    assert!(command(&["role", "list", "riga", "--all"]).expect(0).contains("revoked"));
    command(&["role", "end", "riga", user, "--reason", "r"]).complaint(3);
    command(&["role", "end", "riga", &scene.whole, "--reason", "r"]).complaint(1);
}

on_both_databases! { roles_are_looked_after_at_the_command_line }
