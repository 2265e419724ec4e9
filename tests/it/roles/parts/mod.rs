//! What people do who look after a part of a tenant, and what they do not.

mod applications;
mod clients;
mod others;
mod reviews;
mod units;

use serde_json::{Value, json};

use super::{Scene, ids};
use crate::support::{Client, Reply, Server};

/// Two applications with entitlements, and two people: Dita works in the school, Edgars in the baths. Each holds both keys.
struct Parts {
    scene: Scene,
    tax: String,
    pool: String,
    /// An entitlement of `tax` with a low risk.
    assessors: String,
    /// One with a high one.
    judges: String,
    /// One of `pool` with a low risk.
    keys: String,
    dita: String,
    edgars: String,
    /// Who holds `keys`, by which grants.
    dita_has: String,
    edgars_has: String,
}

impl Parts {
    async fn new(server: Server) -> Self {
        let scene = Scene::new(server).await;
        let (dita, edgars) = (scene.user("dita", "school").await, scene.user("edgars", "baths").await);
        let application = async |code: &str, unit: &str| {
            let new = json!({ "code": code, "name": code, "unit": unit });
            scene.administrator.json("POST", "/applications", &new).await.expect(201).id()
        };
        let (tax, pool) = (application("tax", &scene.school).await, application("pool", &scene.baths).await);
        let entitlement = async |application: &str, code: &str, risk: i64| {
            let group = scene.writer.group(code, &[]).await.id();
            let new =
                json!({ "group": group, "code": code, "names": { "en": code }, "authority": "grants", "risk": risk });
            let path = format!("/applications/{application}/entitlements");
            scene.administrator.json("POST", &path, &new).await.expect(201);
            group
        };
        let assessors = entitlement(&tax, "assessors", 1).await;
        let judges = entitlement(&tax, "judges", 2).await;
        let keys = entitlement(&pool, "keys", 1).await;
        let dita_has = give(&scene.administrator, &dita, &keys).await.expect(201).id();
        let edgars_has = give(&scene.administrator, &edgars, &keys).await.expect(201).id();
        Self { scene, tax, pool, assessors, judges, keys, dita, edgars, dita_has, edgars_has }
    }

    /// Somebody who holds a role from now on.
    async fn holder(&self, name: &str, role: &str, scope: Value) -> Client {
        let user = self.scene.user(name, "city").await;
        self.scene.give(&user, role, scope).await.expect(201);
        self.scene.person(name)
    }

    async fn state(&self, grant: &str) -> Value {
        self.scene.administrator.get(&format!("/grants/{grant}")).await.expect(200).body["state"].clone()
    }
}

async fn give(by: &Client, user: &str, entitlement: &str) -> Reply {
    by.json("POST", "/grants", &json!({ "user": user, "entitlement": entitlement, "reason": "a test" })).await
}

async fn take(by: &Client, grant: &str) -> Reply {
    by.json("POST", &format!("/grants/{grant}/revocation"), &json!({ "reason": "a test" })).await
}

async fn extend(by: &Client, grant: &str) -> Reply {
    let wish = json!({ "until": "2026-05-01T00:00:00Z", "reason": "a test" });
    by.json("POST", &format!("/grants/{grant}/extension"), &wish).await
}

async fn listed(by: &Client, path: &str) -> Vec<String> {
    ids(&by.get(path).await.expect(200).body)
}

/// What is wrong with what somebody sent.
fn faulty(reply: Reply, pointer: &str) {
    assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{:#}", reply.body);
    reply.problem(400, "invalid");
}
