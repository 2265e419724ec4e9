//! Requests: what people ask for, who decides about it, and who stands in for whom.

mod asking;
mod chance;
mod deciding;
mod deputies;
mod duties;
mod ends;
mod languages;
mod leaving;
mod meeting;
mod notices;
mod seeing;
mod silence;

use serde_json::{Value, json};

use crate::support::{
    Client, Reply, Server,
    client::{ENTERPRISE, MUNICIPAL},
    issuer::Issuer,
    server::START,
};

/// `riga`: Anna reports to Māra, who reports to Zane; Oskars answers for the application. What they ask for is an
/// entitlement of risk 2, unless a test says otherwise.
struct Scene {
    server: Server,
    administrator: Client,
    writer: Client,
    issuer: Issuer,
    application: String,
    group: String,
    anna: String,
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
        let sure = json!({ MUNICIPAL: { "assuranceLevel": "substantial" } });
        let zane = writer.user("zane", sure.clone()).await.id();
        let mara = writer.user("mara", under(&zane, &sure)).await.id();
        let anna = writer.user("anna", under(&mara, &sure)).await.id();
        let oskars = writer.user("oskars", sure).await.id();
        let new = json!({ "code": "tax", "name": "Property tax", "owner": oskars });
        let application = administrator.json("POST", "/applications", &new).await.expect(201).id();
        let group = writer.group("assessors", &[]).await.id();
        let scene = Self { server, administrator, writer, issuer, application, group, anna, mara, zane, oskars };
        scene.entitle(&scene.group, json!({})).await;
        scene
    }

    /// Makes a group an entitlement that people may ask for, with these differences.
    async fn entitle(&self, group: &str, differences: Value) -> Reply {
        let mut new = json!({
            "group": group, "code": format!("e{}", &group[24..]), "names": { "en": "Assessor" }, "authority": "grants",
            "requestable": true,
        });
        for (name, value) in differences.as_object().expect("an object") {
            new[name] = value.clone();
        }
        let path = format!("/applications/{}/entitlements", self.application);
        self.administrator.json("POST", &path, &new).await.expect(201)
    }

    /// Another entitlement, with these differences. Its group.
    async fn entitlement(&self, name: &str, differences: Value) -> String {
        let group = self.writer.group(name, &[]).await.id();
        self.entitle(&group, differences).await;
        group
    }

    /// An entitlement with an approval policy of these stages. Its group.
    async fn governed(&self, name: &str, stages: Value) -> String {
        let policy = json!({ "name": name, "risk": 2, "stages": stages });
        let policy = self.administrator.json("POST", "/approval-policies", &policy).await.expect(201).id();
        self.entitlement(name, json!({ "approvalPolicy": policy })).await
    }

    /// Another user, whose identity is sure.
    async fn user(&self, name: &str) -> String {
        self.writer.user(name, json!({ MUNICIPAL: { "assuranceLevel": "substantial" } })).await.id()
    }

    /// Sets whether a user is active.
    async fn active(&self, user: &str, is_active: bool) {
        let change = json!([{ "op": "replace", "path": "active", "value": is_active }]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }

    /// Somebody by the name to sign in with, as far as their issuer is sure of them.
    fn person(&self, name: &str) -> Client {
        self.issuer.person(&self.server, name, "high")
    }

    /// What somebody asks for. The first item of the request.
    async fn ask(&self, name: &str, item: Value) -> Value {
        let new = json!({ "items": [item] });
        self.person(name).json("POST", "/requests", &new).await.expect(201).body["items"][0].clone()
    }

    /// Anna asks for the entitlement.
    async fn asked(&self) -> Value {
        self.ask("anna", json!({ "kind": "grant", "entitlement": self.group })).await
    }

    /// What somebody says of an item as it is now.
    async fn vote(&self, name: &str, item: &str, vote: Value) -> Reply {
        let now = self.administrator.get(&format!("/request-items/{item}")).await.expect(200).etag();
        let person = self.person(name);
        let request = person.request("POST", &format!("/request-items/{item}/votes")).header("if-match", now);
        person.send(request.header("content-type", "application/json").body(vote.to_string())).await
    }

    async fn approve(&self, name: &str, item: &str) -> Reply {
        self.vote(name, item, json!({ "decision": "approve" })).await
    }

    async fn reject(&self, name: &str, item: &str) -> Reply {
        self.vote(name, item, json!({ "decision": "reject", "comment": "not now" })).await
    }

    /// Something that somebody does with an item.
    async fn deed(&self, name: &str, item: &str, what: &str, body: &Value) -> Reply {
        self.person(name).json("POST", &format!("/request-items/{item}/{what}"), body).await
    }

    async fn withdraw(&self, name: &str, item: &str) -> Reply {
        self.person(name).ask("POST", &format!("/request-items/{item}/withdrawal")).await
    }

    /// An item as it stands now.
    async fn item(&self, item: &str) -> Value {
        self.administrator.get(&format!("/request-items/{item}")).await.expect(200).body
    }

    /// What waits for somebody.
    async fn waiting(&self, name: &str) -> Vec<String> {
        let page = self.person(name).get("/request-items?waitingFor=me").await.expect(200).body;
        ids(&page)
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

/// A user who reports to somebody.
fn under(manager: &str, more: &Value) -> Value {
    let mut user = more.clone();
    user[ENTERPRISE] = json!({ "manager": { "value": manager } });
    user
}

/// The ids on a page.
fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// The id of an item.
fn id(item: &Value) -> &str {
    item["id"].as_str().expect("an id")
}
