//! Applications: who looks after them, and what their clients see.

mod administration;
mod command;
mod reading;
mod secrecy;

use serde_json::json;

use crate::support::{
    Client, Server,
    client::{ENTERPRISE, MUNICIPAL},
};

/// What is released in the scene.
const RELEASED: [&str; 4] = [
    "userName",
    "name.givenName",
    "emails.value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];

const NAMES: [&str; 6] = ["anna", "berta", "carl", "dora", "evija", "ferdis"];

/// `riga` with an application whose groups are `readers` and `staff`. `readers` holds `anna`, the group `staff` and the
/// group `team`, which is nobody's; `staff` holds `berta`, `team` holds `carl`. `dora` is in `others` and in `staff`,
/// `evija` in `others` alone and `ferdis` in nothing.
struct Scene {
    server: Server,
    /// Who provisions the tenant.
    identities: Client,
    administrator: Client,
    /// The application's client.
    client: Client,
    application: String,
    readers: String,
    staff: String,
    team: String,
    others: String,
    users: [String; 6],
}

async fn scene(server: Server) -> Scene {
    let identities = server.client().await;
    let mut users = Vec::new();
    for name in NAMES {
        let more = json!({
            "externalId": format!("x-{name}"), "displayName": name.to_uppercase(), "title": "clerk", "nickName": name,
            "name": { "givenName": name, "familyName": "Secret" },
            "emails": [
                { "value": format!("home-{name}@x.lv"), "type": "home" },
                { "value": format!("{name}@x.lv"), "type": "work", "primary": true },
            ],
            ENTERPRISE: { "department": "D1", "employeeNumber": name, "manager": { "value": users.first() } },
            MUNICIPAL: { "assuranceLevel": "high" },
        });
        users.push(identities.user(name, more).await.id());
    }
    let users: [String; 6] = users.try_into().expect("six");
    let [anna, berta, carl, dora, evija, _] = &users;
    let staff = identities.group("staff", &[berta, dora]).await.id();
    let team = identities.group("team", &[carl]).await.id();
    let readers = identities.group("readers", &[anna, &staff, &team]).await.id();
    let others = identities.group("others", &[dora, evija]).await.id();
    let (application, client) = server.application("riga", "documents", &RELEASED, &[&readers, &staff]).await;
    let administrator = server.administrator("riga").await;
    let application = application.to_string();
    Scene { server, identities, administrator, client, application, readers, staff, team, others, users }
}
