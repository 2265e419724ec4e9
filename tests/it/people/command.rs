//! `caurlaide issuer …`

use serde_json::{Value, json};

use super::bearing;
use crate::support::{
    Server,
    issuer::{AUDIENCE, Issuer, URL},
    program::run,
};

async fn issuers_are_looked_after_at_the_command_line(server: Server) {
    server.client().await.user("anna", json!({})).await;
    let issuer = Issuer::new("ES256", "a");
    let file = server.database.directory.path().join("keys.json");
    std::fs::write(&file, issuer.keys().to_string()).expect("written");
    let file = file.to_str().expect("a path");
    let command = |arguments: &[&str]| run(&server.database, &[&["issuer"], arguments].concat());
    let own = ["create", "riga", "--name", "SSO", "--issuer", URL, "--audience", AUDIENCE, "--algorithm", "ES256"];
    let whole = [&own[..], &["--link-by", "userName", "--jwks", file]].concat();
    let id = command(&whole).expect(0).trim().to_owned();
    bearing(&server, &issuer.token("anna")).get("/Me").await.expect(200);
    bearing(&server, &issuer.token("anna")).delete("/Me").await.refused(403, "");
    command(&whole).complaint(4);
    assert!(command(&own).complaint(2).contains("linkBy"));
    assert!(command(&[&own[..], &["--link-by", "id"]].concat()).complaint(2).contains("jwksUri"));
    assert!(
        command(&[&own[..], &["--link-by", "id", "--jwks", "/nowhere"]].concat()).complaint(2).contains("/nowhere")
    );
    command(&[&whole[..], &["--jwks-uri", "https://id.example.lv"]].concat()).complaint(2);

    let listed: Value = serde_json::from_str(&command(&["list", "riga", "--json"]).expect(0)).expect("JSON");
    assert_eq!((&listed[0]["id"], &listed[0]["scopes"]), (&json!(id), &json!(["scim.read"])));
    assert!(command(&["list", "riga"]).expect(0).contains("sub = userName"));
    let change = ["change", "riga", &id, "--jwks-uri", "https://id.example.lv/keys", "--scope", "scim.write"];
    command(&change).expect(0);
    let listed: Value = serde_json::from_str(&command(&["list", "riga", "--json"]).expect(0)).expect("JSON");
    assert_eq!(
        (&listed[0]["jwksUri"], &listed[0]["scopes"]),
        (&json!("https://id.example.lv/keys"), &json!(["scim.write"]))
    );
    command(&["delete", "riga", &id]).expect(0);
    assert!(command(&["delete", "riga", &id]).complaint(3).contains("caurlaide issuer list riga"));
    command(&["list", "nowhere"]).complaint(3);
}

on_both_databases! { issuers_are_looked_after_at_the_command_line }
