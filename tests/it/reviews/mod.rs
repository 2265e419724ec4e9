//! Reviews: campaigns over what people hold, decisions about it, and what becomes of them.

mod campaigns;
mod dated;
mod deciding;
mod leaving;
mod moving;
mod overseeing;
mod silence;
mod steps;
mod versions;

use serde_json::{Value, json};

use crate::support::{
    Client, Reply, Server,
    client::{ENTERPRISE, MUNICIPAL},
    issuer::Issuer,
    server::START,
};

const DAY: i64 = 86_400_000;

/// `riga`: Anna and Juris report to Māra, who reports to Zane; Oskars answers for the application. Anna and Juris hold the
/// entitlement.
struct Scene {
    server: Server,
    administrator: Client,
    writer: Client,
    issuer: Issuer,
    application: String,
    group: String,
    anna: String,
    juris: String,
    mara: String,
    zane: String,
    oskars: String,
}

impl Scene {
    async fn new(server: Server) -> Self {
        let later = START + 1_000_000_000_000;
        let (_, token) = server.token("riga", &["scim.read", "scim.write"], later).await;
        let writer = Client::new(&server.url, "riga", &token);
        let (_, token) = server.token("riga", &["tenant.admin"], later).await;
        let administrator = Client::new(&server.url, "riga", &token).at(&format!("{}/t/riga/api/v1", server.url));
        let issuer = Issuer::new("EdDSA", "a");
        let mut registration = issuer.registration();
        registration["scopes"] = json!(["rights"]);
        administrator.json("POST", "/issuers", &registration).await.expect(201);
        let zane = writer.user("zane", person(None)).await.id();
        let mara = writer.user("mara", person(Some(&zane))).await.id();
        let anna = writer.user("anna", person(Some(&mara))).await.id();
        let juris = writer.user("juris", person(Some(&mara))).await.id();
        let oskars = writer.user("oskars", person(None)).await.id();
        let new = json!({ "code": "tax", "name": "Property tax", "owner": oskars });
        let application = administrator.json("POST", "/applications", &new).await.expect(201).id();
        let group = writer.group("assessors", &[]).await.id();
        let scene = Self { server, administrator, writer, issuer, application, group, anna, juris, mara, zane, oskars };
        scene.entitle(&scene.group, json!({})).await;
        scene.give(&scene.anna, &scene.group).await;
        scene.give(&scene.juris, &scene.group).await;
        scene
    }

    /// Makes a group an entitlement, with these differences.
    async fn entitle(&self, group: &str, differences: Value) {
        let mut new = json!({
            "group": group, "code": format!("e{}", &group[24..]), "names": { "en": "Assessor" }, "authority": "grants",
        });
        for (name, value) in differences.as_object().expect("an object") {
            new[name] = value.clone();
        }
        let path = format!("/applications/{}/entitlements", self.application);
        self.administrator.json("POST", &path, &new).await.expect(201);
    }

    /// Another entitlement, with these differences. Its group.
    async fn entitlement(&self, name: &str, differences: Value) -> String {
        let group = self.writer.group(name, &[]).await.id();
        self.entitle(&group, differences).await;
        group
    }

    /// Gives somebody something. The grant.
    async fn give(&self, user: &str, group: &str) -> String {
        let new = json!({ "user": user, "entitlement": group, "reason": "for the test" });
        self.administrator.json("POST", "/grants", &new).await.expect(201).id()
    }

    /// Gives somebody something that has an end, as what can do much harm must have.
    async fn lend(&self, user: &str, group: &str) -> String {
        let until = "2026-12-31T00:00:00Z";
        let new = json!({ "user": user, "entitlement": group, "until": until, "reason": "for the test" });
        self.administrator.json("POST", "/grants", &new).await.expect(201).id()
    }

    /// Somebody by the name to sign in with, as far as their issuer is sure of them.
    fn person(&self, name: &str) -> Client {
        self.issuer.person(&self.server, name, "high")
    }

    /// Begins a review with these differences, and lets its items be made.
    async fn review(&self, differences: Value) -> String {
        let mut new = json!({ "name": "Once a year", "scope": { "application": self.application } });
        for (name, value) in differences.as_object().expect("an object") {
            new[name] = value.clone();
        }
        let review = self.administrator.json("POST", "/reviews", &new).await.expect(201).id();
        self.timers().await;
        review
    }

    async fn timers(&self) {
        self.server.app.timers.run().await.expect("timers");
    }

    /// Lets days pass, and what is due happen.
    async fn days(&self, days: i64) {
        self.server.pass(days * DAY);
        self.timers().await;
    }

    /// A review as it stands now.
    async fn now(&self, review: &str) -> Value {
        self.administrator.get(&format!("/reviews/{review}")).await.expect(200).body
    }

    /// The item of a review about somebody, of the usual entitlement.
    async fn item(&self, review: &str, user: &str) -> Value {
        self.item_of(review, user, &self.group).await
    }

    async fn item_of(&self, review: &str, user: &str, group: &str) -> Value {
        let path = format!("/reviews/{review}/items?subject={user}&entitlement={group}");
        let page = self.administrator.get(&path).await.expect(200).body;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{page}");
        page["items"][0].clone()
    }

    /// What somebody says of an item.
    async fn decide(&self, name: &str, item: &Value, decision: Value) -> Reply {
        self.person(name).json("POST", &format!("/review-items/{}/decision", id(item)), &decision).await
    }

    async fn say(&self, name: &str, item: &Value, verdict: &str) -> Reply {
        self.decide(name, item, json!({ "verdict": verdict })).await
    }

    async fn change_mind(&self, name: &str, item: &Value) -> Reply {
        self.person(name).ask("POST", &format!("/review-items/{}/withdrawal", id(item))).await
    }

    /// What somebody or an administrator does with a review.
    async fn deed(&self, review: &str, what: &str, body: &Value) -> Reply {
        self.administrator.json("POST", &format!("/reviews/{review}/{what}"), body).await
    }

    async fn close(&self, review: &str) {
        self.administrator.ask("POST", &format!("/reviews/{review}/closure")).await.expect(200);
        self.timers().await;
    }

    /// The items that wait for somebody.
    async fn waiting(&self, name: &str) -> Vec<String> {
        let page = self.person(name).get("/review-items?waitingFor=me").await.expect(200).body;
        page["items"].as_array().expect("items").iter().map(|item| id(item).to_owned()).collect()
    }

    /// Sets whether a user is active.
    async fn active(&self, user: &str, is_active: bool) {
        let change = json!([{ "op": "replace", "path": "active", "value": is_active }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }

    /// Whether somebody is a member of a group, as SCIM shows it.
    async fn holds(&self, user: &str, group: &str) -> bool {
        let body = self.writer.get(&format!("/Groups/{group}")).await.body;
        body["members"].as_array().into_iter().flatten().any(|member| member["value"] == user)
    }

    /// Holds memberships against grants.
    async fn check(&self) {
        let riga = self.server.find("riga").await;
        assert_eq!(self.server.store.tenant(riga.id).out_of_step().await.expect("a look"), None);
    }
}

/// A person whose identity is sure, and who reports to somebody.
fn person(manager: Option<&str>) -> Value {
    let mut user = json!({ MUNICIPAL: { "assuranceLevel": "substantial" } });
    if let Some(manager) = manager {
        user[ENTERPRISE] = json!({ "manager": { "value": manager } });
    }
    user
}

/// The id of something.
fn id(of: &Value) -> &str {
    of["id"].as_str().expect("an id")
}
