//! Roles of people who look after something: who gives them, what they open, and when they end.

mod bounds;
mod command;
mod giving;
mod leaving;
mod opened;
mod parts;
mod reaching;

use serde_json::{Value, json};

use crate::support::{Client, Reply, Server, client::MUNICIPAL, issuer::Issuer};

/// `riga`: a municipality with two institutions, one of which has a unit. Anna looks after the tenant, Berta after the first
/// institution; Cilda looks after nothing.
struct Scene {
    server: Server,
    administrator: Client,
    writer: Client,
    issuer: Issuer,
    city: String,
    schools: String,
    school: String,
    baths: String,
    anna: String,
    berta: String,
    cilda: String,
    /// Anna's role.
    whole: String,
}

impl Scene {
    async fn new(server: Server) -> Self {
        let administrator = server.administrator("riga").await;
        let writer = server.client().await;
        let issuer = Issuer::new("EdDSA", "a");
        let mut registration = issuer.registration();
        registration["scopes"] = json!(["rights"]);
        administrator.json("POST", "/issuers", &registration).await.expect(201);
        let unit = async |kind: &str, code: &str, parent: Option<&str>| {
            let mut new = json!({ "kind": kind, "code": code, "name": code });
            if let Some(parent) = parent {
                new["parent"] = parent.into();
            }
            administrator.json("POST", "/organisation-units", &new).await.expect(201).id()
        };
        let city = unit("municipality", "city", None).await;
        let schools = unit("institution", "schools", Some(&city)).await;
        let school = unit("unit", "school", Some(&schools)).await;
        let baths = unit("institution", "baths", Some(&city)).await;
        let user =
            async |name: &str| writer.user(name, json!({ MUNICIPAL: { "assuranceLevel": "substantial" } })).await.id();
        let (anna, berta, cilda) = (user("anna").await, user("berta").await, user("cilda").await);
        let mut scene = Self {
            server,
            administrator,
            writer,
            issuer,
            city,
            schools,
            school,
            baths,
            anna,
            berta,
            cilda,
            whole: String::new(),
        };
        scene.whole = scene.give(&scene.anna, "tenantAdministrator", tenant()).await.expect(201).id();
        scene.give(&scene.berta, "unitAdministrator", within(&scene.schools)).await.expect(201);
        scene
    }

    /// Another user who works there, whose identity is sure.
    async fn user(&self, name: &str, unit: &str) -> String {
        let employments = json!([{ "organisationUnit": unit, "primary": true }]);
        let more = json!({ MUNICIPAL: { "assuranceLevel": "substantial", "employments": employments } });
        self.writer.user(name, more).await.id()
    }

    /// Somebody by the name to sign in with, as far as their issuer is sure of them.
    fn person(&self, name: &str) -> Client {
        self.issuer.person(&self.server, name, "high")
    }

    /// What the administrator's client gives.
    async fn give(&self, user: &str, role: &str, scope: Value) -> Reply {
        give(&self.administrator, user, role, scope, json!({})).await
    }

    /// Sets whether a user is active.
    async fn active(&self, user: &str, is_active: bool) {
        let change = json!([{ "op": "replace", "path": "active", "value": is_active }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }

    /// The words of the states of somebody's roles.
    async fn states(&self, user: &str) -> Vec<String> {
        let page = self.administrator.get(&format!("/admin-roles?user={user}")).await.expect(200).body;
        let items = page["items"].as_array().expect("items");
        items.iter().map(|item| item["state"].as_str().expect("a state").to_owned()).collect()
    }
}

/// What somebody gives, with these differences.
async fn give(by: &Client, user: &str, role: &str, scope: Value, more: Value) -> Reply {
    let mut new = json!({ "user": user, "role": role, "scope": scope, "reason": "a test" });
    for (name, value) in more.as_object().expect("an object") {
        new[name] = value.clone();
    }
    by.json("POST", "/admin-roles", &new).await
}

/// What somebody takes away.
async fn revoke(by: &Client, role: &str) -> Reply {
    by.json("POST", &format!("/admin-roles/{role}/revocation"), &json!({ "reason": "a test" })).await
}

fn tenant() -> Value {
    json!({ "kind": "tenant" })
}

fn within(unit: &str) -> Value {
    json!({ "kind": "organisationUnit", "id": unit })
}

fn of(application: &str) -> Value {
    json!({ "kind": "application", "id": application })
}

/// The ids on a page.
fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}
