//! The organisation of a tenant, and who works where.

mod command;
mod index;
mod people;
mod units;

use serde_json::{Value, json};

use crate::support::{Client, Reply, client::MUNICIPAL};

/// A change of a unit that rests on a version of it.
async fn change(administrator: &Client, id: &str, tag: &str, change: &Value) -> Reply {
    let request = administrator.request("PATCH", &format!("/organisation-units/{id}"));
    administrator.send(request.header("if-match", tag).json(change)).await
}

async fn delete(administrator: &Client, id: &str, tag: &str) -> Reply {
    let request = administrator.request("DELETE", &format!("/organisation-units/{id}"));
    administrator.send(request.header("if-match", tag)).await
}

/// A unit of that code, which is its name too.
async fn unit(administrator: &Client, kind: &str, code: &str, parent: Option<&str>) -> String {
    let mut new = json!({ "kind": kind, "code": code, "name": code });
    if let Some(parent) = parent {
        new["parent"] = parent.into();
    }
    administrator.json("POST", "/organisation-units", &new).await.expect(201).id()
}

/// A user with those employments.
async fn employed(client: &Client, name: &str, employments: Value) -> String {
    client.user(name, json!({ MUNICIPAL: { "employments": employments } })).await.id()
}
