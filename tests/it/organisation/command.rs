//! `caurlaide unit …`

use serde_json::{Value, json};

use crate::support::{Server, program::run};

/// A tree is made, shown, changed and taken down by codes.
async fn units_are_looked_after_at_the_command_line(server: Server) {
    let anna = server.client().await.user("anna", json!({ "displayName": "Anna" })).await.id();
    let command = |arguments: &[&str]| run(&server.database, arguments);
    let city = [
        "unit",
        "create",
        "riga",
        "RIG",
        "--kind",
        "municipality",
        "--name",
        "Rīga",
        "--registration-number",
        "90000064250",
    ];
    let id = command(&city).expect(0).trim().to_owned();
    command(&city).complaint(4);
    let part = |code: &'static str, kind: &'static str, parent: &'static str| {
        ["unit", "create", "riga", code, "--kind", kind, "--name", code, "--parent", parent]
    };
    command(&part("FIN", "unit", "RIG")).expect(0);
    command(&part("NIN", "unit", "FIN")).expect(0);
    let missing = command(&part("X", "unit", "nothing")).complaint(3);
    assert!(missing.contains("caurlaide unit list riga"), "{missing}");
    assert!(command(&part("X", "castle", "RIG")).complaint(2).contains("kind"));
    assert!(command(&part("X", "agency", "FIN")).complaint(2).contains("parent"));
    assert!(command(&["unit", "set", "riga", "FIN", "--parent", "NIN"]).complaint(2).contains("parent"));
    assert!(command(&["unit", "set", "riga", "FIN", "--head", "anna"]).complaint(2).contains("head"));
    command(&["unit", "set", "riga", "NIN", "--head", &anna, "--parent", "RIG", "--new-code", "NOD"]).expect(0);
    let table = command(&["unit", "list", "riga"]).expect(0);
    assert!(table.lines().any(|line| line.contains("NOD") && line.contains("RIG") && line.contains("Anna")), "{table}");
    let listed: Value = serde_json::from_str(&command(&["unit", "list", "riga", "--json"]).expect(0)).expect("JSON");
    assert_eq!((&listed[0]["id"], &listed[2]["parent"]), (&json!(id), &json!(id)));
    command(&["unit", "set", "riga", "NOD", "--head", ""]).expect(0);
    assert!(!command(&["unit", "list", "riga"]).expect(0).contains("Anna"));
    command(&["unit", "delete", "riga", "RIG"]).complaint(1);
    command(&["unit", "delete", "riga", "NOD"]).expect(0);
    command(&["unit", "delete", "riga", "NOD"]).complaint(3);
}

on_both_databases! { units_are_looked_after_at_the_command_line }
