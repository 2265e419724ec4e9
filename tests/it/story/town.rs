//! Where the story plays: a municipality, who works there, and what may be had.

use serde_json::{Value, json};

use crate::support::{
    Client, Server,
    client::{ENTERPRISE, MUNICIPAL},
    issuer::Issuer,
    server::START,
};

pub(super) const HOUR: i64 = 3_600_000;
pub(super) const DAY: i64 = 24 * HOUR;

/// `riga` has a tax office and a school board. Zane directs, Māra leads the tax office and Dace the school board, Oskars answers for
/// the application, Ilze stands in for Māra. Whoever works in the tax office writes documents.
pub(super) struct Town {
    pub(super) server: Server,
    pub(super) administrator: Client,
    /// Human resources, by SCIM.
    pub(super) hr: Client,
    /// The application's own client.
    pub(super) application: Client,
    issuer: Issuer,
    pub(super) mara: String,
    pub(super) dace: String,
    pub(super) ilze: String,
    pub(super) oskars: String,
    pub(super) tax: String,
    /// Writing documents, by place.
    pub(super) write: String,
    /// Assessing property tax: risk 2.
    pub(super) assess: String,
    /// Seeing what was assessed: risk 1.
    pub(super) view: String,
    /// Who assesses and writes documents is warned of.
    pub(super) rule: String,
}

impl Town {
    pub(super) async fn new(server: Server) -> Self {
        // Monday, the fifth of January 2026, ten in the morning in Riga.
        server.pass(4 * DAY + 8 * HOUR);
        let later = START + 400 * DAY;
        let (_, token) = server.token("riga", &["scim.read", "scim.write"], later).await;
        let hr = Client::new(&server.url, "riga", &token);
        let (_, token) = server.token("riga", &["tenant.admin"], later).await;
        let administrator = Client::new(&server.url, "riga", &token).at(&format!("{}/t/riga/api/v1", server.url));
        let issuer = Issuer::new("EdDSA", "a");
        let mut registration = issuer.registration();
        registration["scopes"] = json!(["rights"]);
        administrator.json("POST", "/issuers", &registration).await.expect(201);

        let city = unit(&administrator, "municipality", "RIG", None).await;
        let office = unit(&administrator, "institution", "TAX", Some(&city)).await;
        unit(&administrator, "institution", "EDU", Some(&city)).await;
        let zane = hr.user("zane", hired("RIG", "Director", None)).await.id();
        let mara = hr.user("mara", hired("TAX", "Head of unit", Some(&zane))).await.id();
        let dace = hr.user("dace", hired("EDU", "Head of unit", Some(&zane))).await.id();
        let ilze = hr.user("ilze", hired("RIG", "Deputy", Some(&zane))).await.id();
        let oskars = hr.user("oskars", hired("RIG", "System owner", Some(&zane))).await.id();

        let tax = json!({ "code": "tax", "name": "Property tax", "owner": oskars, "released": ["userName"] });
        let tax = administrator.json("POST", "/applications", &tax).await.expect(201).id();
        let documents = json!({ "code": "documents", "name": "Documents", "owner": oskars });
        let documents = administrator.json("POST", "/applications", &documents).await.expect(201).id();
        let assess = entitlement(&administrator, &hr, &tax, "assess", 2).await;
        let view = entitlement(&administrator, &hr, &tax, "view", 1).await;
        let write = entitlement(&administrator, &hr, &documents, "write", 1).await;
        let client = json!({ "name": "Property tax", "applicationId": tax });
        let client = administrator.json("POST", "/clients", &client).await.expect(201).id();
        let scopes = json!({ "scopes": ["app.read"] });
        let token = administrator.json("POST", &format!("/clients/{client}/tokens"), &scopes).await.expect(201).body;
        let application = hr.with_token(token["secret"].as_str().expect("a token"));

        let rule = json!({ "name": "Assesses and writes", "one": [assess], "other": [write], "mode": "warn" });
        let rule = administrator.json("POST", "/sod-rules", &rule).await.expect(201).id();
        let by_place = json!({ "name": "Documents", "when": { "within": office }, "entitlements": [write] });
        administrator.json("POST", "/birthright-rules", &by_place).await.expect(201);
        Self {
            server,
            administrator,
            hr,
            application,
            issuer,
            mara,
            dace,
            ilze,
            oskars,
            tax,
            write,
            assess,
            view,
            rule,
        }
    }

    /// Somebody who has signed in.
    pub(super) fn person(&self, name: &str) -> Client {
        self.issuer.person(&self.server, name, "high")
    }

    /// Lets time pass, and what is due happen.
    pub(super) async fn wait(&self, millis: i64) {
        self.server.pass(millis);
        self.timers().await;
    }

    pub(super) async fn timers(&self) {
        self.server.app.timers.run().await.expect("what is due");
        self.server.app.timers.nights().await.expect("nights");
    }

    /// What somebody says of a request item that they have just read.
    pub(super) async fn approves(&self, name: &str, item: &str) -> Value {
        let person = self.person(name);
        let path = format!("/request-items/{item}");
        let read = person.get(&path).await.expect(200).etag();
        let vote = person.request("POST", &format!("{path}/votes")).header("if-match", read);
        person.send(vote.json(&json!({ "decision": "approve" }))).await.expect(200).body
    }

    /// What of somebody an administrator sees at an address, on one page.
    pub(super) async fn list(&self, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
        items(&self.administrator.find(path, query).await.expect(200).body)
    }

    /// The members of a group, as the application reads it.
    pub(super) async fn read_by_application(&self, group: &str) -> Vec<Value> {
        let group = self.application.get(&format!("/Groups/{group}")).await.expect(200).body;
        group["members"].as_array().into_iter().flatten().map(|member| member["value"].clone()).collect()
    }

    /// What kinds of things somebody was told, the oldest first.
    pub(super) async fn told(&self, name: &str) -> Vec<String> {
        let page = self.person(name).get("/notifications").await.expect(200).body;
        let kind = |one: &Value| one["kind"].as_str().expect("a kind").to_owned();
        items(&page).iter().rev().map(kind).collect()
    }
}

/// The items of a page.
pub(super) fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().expect("items").clone()
}

/// What HR writes of somebody.
pub(super) fn hired(unit: &str, position: &str, manager: Option<&str>) -> Value {
    let mut user = json!({ "title": position, MUNICIPAL: {
        "assuranceLevel": "high",
        "employments": [{ "value": "1", "organisationUnit": unit, "position": position, "type": "employee" }],
    } });
    if let Some(manager) = manager {
        user[ENTERPRISE] = json!({ "manager": { "value": manager } });
    }
    user
}

async fn unit(administrator: &Client, kind: &str, code: &str, parent: Option<&str>) -> String {
    let mut new = json!({ "kind": kind, "code": code, "name": code });
    if let Some(parent) = parent {
        new["parent"] = parent.into();
    }
    administrator.json("POST", "/organisation-units", &new).await.expect(201).id()
}

/// A group that is an entitlement of an application.
async fn entitlement(administrator: &Client, hr: &Client, application: &str, code: &str, risk: u8) -> String {
    let group = hr.group(code, &[]).await.id();
    let new = json!({
        "group": group, "code": code, "names": { "lv": format!("Loma {code}"), "en": format!("Role {code}") },
        "authority": "grants", "requestable": true, "risk": risk, "purpose": "Property tax",
        "duration": { "longest": 31_536_000, "extensions": 3 },
    });
    administrator.json("POST", &format!("/applications/{application}/entitlements"), &new).await.expect(201);
    group
}
