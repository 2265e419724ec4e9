//! Access in an emergency: taken at once, for a few hours, and looked at afterwards.

mod opening;
mod reviewing;

use serde_json::{Value, json};

use crate::support::{Client, Reply, Server, client::MUNICIPAL, issuer::Issuer, server::START};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// `riga`: Anna may take access in emergencies, Māra looks after security, Oskars answers for the application, and Zane is
/// somebody else.
struct Scene {
    server: Server,
    administrator: Client,
    writer: Client,
    issuer: Issuer,
    application: String,
    /// What is taken: no client adds anybody to it.
    group: String,
    /// Who may take access.
    openers: String,
    /// Who looks after security.
    officers: String,
    anna: String,
    mara: String,
    oskars: String,
}

impl Scene {
    async fn new(server: Server) -> Self {
        let later = START + 1_000_000_000_000;
        let (_, token) = server.token("riga", &["scim.read", "scim.write"], later).await;
        let writer = Client::new(&server.url, "riga", &token);
        let administrator = server.administrator("riga").await;
        let issuer = Issuer::new("EdDSA", "a");
        let mut registration = issuer.registration();
        registration["scopes"] = json!(["rights"]);
        administrator.json("POST", "/issuers", &registration).await.expect(201);
        let sure = json!({ MUNICIPAL: { "assuranceLevel": "substantial" } });
        let mut people = Vec::new();
        for name in ["anna", "mara", "oskars", "zane"] {
            people.push(writer.user(name, sure.clone()).await.id());
        }
        let [anna, mara, oskars, _] = people.try_into().expect("four people");
        let openers = writer.group("emergency", &[&anna]).await.id();
        let officers = writer.group("security", &[&mara]).await.id();
        let settings = json!({ "emergencyGroup": openers, "securityOfficers": officers });
        administrator.json("PATCH", "/settings", &settings).await.expect(200);
        let new = json!({ "code": "tax", "name": "Property tax", "owner": oskars });
        let application = administrator.json("POST", "/applications", &new).await.expect(201).id();
        let group = writer.group("databases", &[]).await.id();
        let scene =
            Self { server, administrator, writer, issuer, application, group, openers, officers, anna, mara, oskars };
        scene.entitle(&scene.group, json!({})).await;
        scene
    }

    /// Makes a group an entitlement for emergencies, with these differences.
    async fn entitle(&self, group: &str, differences: Value) {
        let mut new = json!({
            "group": group, "code": format!("e{}", &group[24..]), "names": { "en": "Databases" }, "authority": "grants",
            "emergency": true, "requestable": true,
        });
        for (name, value) in differences.as_object().expect("an object") {
            new[name] = value.clone();
        }
        let path = format!("/applications/{}/entitlements", self.application);
        self.administrator.json("POST", &path, &new).await.expect(201);
    }

    /// Somebody by the name to sign in with.
    fn person(&self, name: &str) -> Client {
        self.issuer.person(&self.server, name, "high")
    }

    /// What somebody takes, with these differences.
    async fn open(&self, name: &str, differences: Value) -> Reply {
        let mut new = json!({ "entitlement": self.group, "reason": "it is down", "incident": "INC-1", "minutes": 120 });
        for (key, value) in differences.as_object().expect("an object") {
            new[key] = value.clone();
        }
        self.person(name).json("POST", "/emergencies", &new).await
    }

    /// What Anna takes. Its id.
    async fn opened(&self) -> String {
        self.open("anna", json!({})).await.expect(201).id()
    }

    /// What somebody says of it.
    async fn review(&self, name: &str, id: &str, verdict: &str) -> Reply {
        let review = json!({ "verdict": verdict, "comment": "I have looked" });
        self.person(name).json("POST", &format!("/emergencies/{id}/review"), &review).await
    }

    /// It as it stands now.
    async fn emergency(&self, id: &str) -> Value {
        self.administrator.get(&format!("/emergencies/{id}")).await.expect(200).body
    }

    /// A grant as it stands now.
    async fn grant(&self, id: &Value) -> Value {
        let id = id.as_str().expect("an id");
        self.administrator.get(&format!("/grants/{id}")).await.expect(200).body
    }

    /// Lets time pass, and happen what is due then. Says how much that was.
    async fn wait(&self, millis: i64) -> u64 {
        self.server.pass(millis);
        self.server.app.timers.run().await.expect("what is due")
    }

    /// Sets whether a user is active.
    async fn active(&self, user: &str, is_active: bool) {
        let change = json!([{ "op": "replace", "path": "active", "value": is_active }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }

    /// Whether somebody is a member of the group, as SCIM shows it.
    async fn holds(&self, user: &str) -> bool {
        let body = self.writer.get(&format!("/Groups/{}", self.group)).await.body;
        body["members"].as_array().into_iter().flatten().any(|member| member["value"] == user)
    }

    /// Holds memberships against grants.
    async fn check(&self) {
        let riga = self.server.find("riga").await;
        assert_eq!(self.server.store.tenant(riga.id).out_of_step().await.expect("a look"), None);
    }
}

/// The ids on a page.
fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().filter_map(|item| item["id"].as_str()).collect()
}
