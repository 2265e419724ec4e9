//! People who leave and come back.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{Client, Server};

const DAY: i64 = 86_400_000;

async fn active(client: &Client, user: &str, is_active: bool) -> Value {
    let operation = json!([{ "op": "replace", "path": "active", "value": is_active }]);
    client.patch(&format!("/Users/{user}"), operation).await.expect(200).body
}

async fn members(client: &Client, group: &str) -> Vec<String> {
    let body = client.get(&format!("/Groups/{group}")).await.expect(200).body;
    let members = body["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().expect("an id").to_owned()).collect()
}

async fn in_step(server: &Server) {
    let riga = server.find("riga").await;
    assert_eq!(server.store.tenant(riga.id).out_of_step().await.expect("a look"), None);
}
