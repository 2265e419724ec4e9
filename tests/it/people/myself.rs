//! Who somebody is, in `/t/{tenant}/api/v1/me`.

use serde_json::json;

use super::trust;
use crate::support::{Server, client::MUNICIPAL, issuer::Issuer};

/// People with the scope `rights` are told who they are; nobody else is, and nobody who has left.
async fn people_are_told_who_they_are(server: Server) {
    let client = server.client().await;
    let sure = json!({ MUNICIPAL: { "assuranceLevel": "substantial" }, "displayName": "Anna Kalniņa", "preferredLanguage": "lv" });
    let anna = client.user("anna", sure).await;
    client.user("berta", json!({})).await;
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({ "scopes": ["rights"] })).await;
    for (name, acr, level) in [
        ("anna", "http://eidas.europa.eu/LoA/high", "substantial"),
        ("anna", "low", "low"),
        ("anna", "password", "substantial"),
        ("berta", "urn:example:loa:HIGH", "high"),
        ("berta", "", "low"),
    ] {
        let me = issuer.person(&server, name, acr).get("/me").await.expect(200).body;
        assert_eq!((&me["userName"], &me["assurance"]), (&json!(name), &json!(level)), "{name} {acr}");
    }
    let me = issuer.person(&server, "anna", "high").get("/me").await.expect(200).body;
    let known = json!({ "id": anna.id(), "userName": "anna", "displayName": "Anna Kalniņa", "preferredLanguage": "lv", "assurance": "substantial" });
    assert_eq!(me, known);
    client
        .patch(&format!("/Users/{}", anna.id()), json!([{ "op": "replace", "path": "active", "value": false }]))
        .await;
    issuer.person(&server, "anna", "high").get("/me").await.problem(401, "");
    issuer.person(&server, "nobody", "high").get("/me").await.problem(401, "");
}

/// A token without the scope opens nothing here, whatever else it opens.
async fn the_scope_is_needed(server: Server) {
    server.client().await.user("anna", json!({})).await;
    let issuer = Issuer::new("EdDSA", "a");
    trust(&server, &issuer, json!({})).await;
    let told = issuer.person(&server, "anna", "high").get("/me").await;
    assert!(told.header("www-authenticate").is_some_and(|challenge| challenge.contains("scope=\"rights\"")));
    told.problem(403, "");
}

on_both_databases! {
    people_are_told_who_they_are,
    the_scope_is_needed,
}
