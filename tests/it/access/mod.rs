//! Entitlements and grants: why people are in groups, who may put them there, and who had what.

mod birthrights;
mod catalogue;
mod coming_and_going;
mod command;
mod duties;
mod entitlements;
mod grants;
mod holdings;
mod in_step;
mod last_days;
mod leavers;
mod members;
pub(crate) mod model;
mod offers;
mod rules;
mod suspensions;
mod timers;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Server, server::START};

/// Long enough for every test.
const LATER: i64 = START + 1_000_000_000_000;

/// `riga` with an application and those who look after it.
struct Scene {
    server: Server,
    administrator: Client,
    /// Provisions, and may give grants.
    granter: Client,
    /// Provisions alone.
    writer: Client,
    /// The id of that client.
    writer_id: Uuid,
    application: String,
}

impl Scene {
    async fn new(server: Server) -> Self {
        let administrator = server.administrator("riga").await;
        let of = async |name: &str, scopes: &[&str]| {
            let (id, _, token) = server.token_of("riga", name, &[], scopes, LATER).await;
            (id, Client::new(&server.url, "riga", &token))
        };
        let (_, granter) = of("granter", &["scim.read", "scim.write", "grants.write"]).await;
        let (writer_id, writer) = of("writer", &["scim.read", "scim.write"]).await;
        let new = json!({ "code": "tax", "name": "Property tax" });
        let application = administrator.json("POST", "/applications", &new).await.expect(201).id();
        Self { server, administrator, granter, writer, writer_id, application }
    }

    /// The address of the application's entitlements.
    fn entitlements(&self) -> String {
        format!("/applications/{}/entitlements", self.application)
    }

    /// Makes a group an entitlement.
    async fn entitle(&self, group: &str, code: &str, authority: &str) {
        let new = json!({ "group": group, "code": code, "names": { "en": code }, "authority": authority });
        self.administrator.json("POST", &self.entitlements(), &new).await.expect(201);
    }

    /// Gives an entitlement by hand. The id of the grant.
    async fn give(&self, user: &str, entitlement: &str) -> String {
        let new = json!({ "user": user, "entitlement": entitlement, "reason": "a test" });
        self.administrator.json("POST", "/grants", &new).await.expect(201).id()
    }

    /// Gives an entitlement by hand from then on and until then. The id of the grant.
    async fn give_for(&self, user: &str, entitlement: &str, from: Option<&str>, until: Option<&str>) -> String {
        let mut new = json!({ "user": user, "entitlement": entitlement, "reason": "a test" });
        for (name, value) in [("from", from), ("until", until)] {
            if let Some(value) = value {
                new[name] = value.into();
            }
        }
        self.administrator.json("POST", "/grants", &new).await.expect(201).id()
    }

    /// A grant as it is now.
    async fn grant(&self, id: &str) -> Value {
        self.administrator.get(&format!("/grants/{id}")).await.expect(200).body
    }

    /// Lets time pass, and happen what is due then. Says how much that was.
    async fn wait(&self, millis: i64) -> u64 {
        self.server.pass(millis);
        self.server.app.timers.run().await.expect("what is due")
    }

    /// Takes a grant away. What comes of it.
    async fn revoke(&self, grant: &str) -> Value {
        let path = format!("/grants/{grant}/revocation");
        self.administrator.json("POST", &path, &json!({ "reason": "a test" })).await.expect(200).body
    }

    /// All grants that a query finds, page by page.
    async fn grants(&self, query: &[(&str, &str)]) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut parameters = [query, &[("count", "7")]].concat();
            if !cursor.is_empty() {
                parameters.push(("cursor", &cursor));
            }
            let page = self.administrator.find("/grants", &parameters).await.expect(200).body;
            all.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return all,
            }
        }
    }

    /// Gives back what a client took.
    async fn restore(&self, client: Uuid) {
        let until = caurlaide::clock::timestamp(self.server.app.clock.now() + 1);
        let wish = json!({ "clientId": client, "from": "2026-01-01T00:00:00Z", "until": until });
        let report = self.administrator.json("POST", "/restorations", &wish).await.expect(200).body;
        assert_eq!(report["complete"], true, "{report:#}");
    }

    /// Who is in a group, as SCIM shows it; nobody if it is gone.
    async fn members(&self, group: &str) -> BTreeSet<String> {
        let body = self.writer.get(&format!("/Groups/{group}")).await.body;
        texts(body["members"].as_array().into_iter().flatten(), "value")
    }

    /// Holds memberships against grants. There is no membership of an entitlement without an active grant, nor the other
    /// way round.
    async fn check(&self, what: &str) {
        let riga = self.server.find("riga").await;
        let found = self.server.store.tenant(riga.id).out_of_step().await.expect("a look");
        assert_eq!(found, None, "{what}");
    }
}

/// The texts of that name.
fn texts<'a>(values: impl Iterator<Item = &'a Value>, name: &str) -> BTreeSet<String> {
    values.filter_map(|value| value[name].as_str()).map(str::to_owned).collect()
}

/// A PATCH that adds members.
fn adding(users: &[&str]) -> Value {
    let values: Vec<Value> = users.iter().map(|id| json!({ "value": id })).collect();
    json!([{ "op": "add", "path": "members", "value": values }])
}

/// A PATCH that takes a member out.
fn removing(user: &str) -> Value {
    json!([{ "op": "remove", "path": format!("members[value eq \"{user}\"]") }])
}
