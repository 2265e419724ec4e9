//! Which role opens what: every way to read and to change, asked by every role at the whole tenant.

use std::collections::BTreeSet;

use rights::administration::{Action, Role};
use serde_json::{Value, json};

use super::{Scene, tenant};
use crate::support::Server;

/// What somebody needs who asks that of the whole tenant; nothing where only a tenant administrator may.
const OPENED: [(&str, &str, Option<Action>); 65] = [
    ("GET", "/organisation-units", Some(Action::See)),
    ("GET", "/organisation-units/unmatched", Some(Action::See)),
    ("GET", "/organisation-units/{id}", Some(Action::See)),
    ("GET", "/organisation-units/{id}/people", Some(Action::See)),
    ("POST", "/organisation-units", Some(Action::Organisation)),
    ("PATCH", "/organisation-units/{id}", Some(Action::Organisation)),
    ("DELETE", "/organisation-units/{id}", Some(Action::Organisation)),
    ("GET", "/users/{id}/employments", Some(Action::See)),
    ("GET", "/users/{id}/standing", Some(Action::See)),
    ("GET", "/users/{id}/views", Some(Action::Audit)),
    ("GET", "/grants", Some(Action::See)),
    ("GET", "/grants/{id}", Some(Action::See)),
    ("GET", "/holdings?user={id}", Some(Action::See)),
    ("POST", "/grants", Some(Action::Grant)),
    ("POST", "/grants/{id}/extension", Some(Action::Grant)),
    ("POST", "/grants/{id}/revocation", Some(Action::Revoke)),
    ("GET", "/applications", Some(Action::SeeCatalogue)),
    ("GET", "/applications/{id}", Some(Action::SeeCatalogue)),
    ("GET", "/applications/{id}/groups", Some(Action::SeeCatalogue)),
    ("GET", "/applications/{id}/entitlements", Some(Action::SeeCatalogue)),
    ("GET", "/applications/{id}/entitlements/{id}", Some(Action::SeeCatalogue)),
    ("POST", "/applications", Some(Action::Catalogue)),
    ("PATCH", "/applications/{id}", Some(Action::Catalogue)),
    ("DELETE", "/applications/{id}", Some(Action::Catalogue)),
    ("PUT", "/applications/{id}/groups/{id}", None),
    ("DELETE", "/applications/{id}/groups/{id}", Some(Action::Catalogue)),
    ("POST", "/applications/{id}/entitlements", Some(Action::Catalogue)),
    ("PATCH", "/applications/{id}/entitlements/{id}", Some(Action::Catalogue)),
    ("DELETE", "/applications/{id}/entitlements/{id}", Some(Action::Catalogue)),
    ("GET", "/sod-violations", Some(Action::See)),
    ("GET", "/sod-violations/{id}", Some(Action::See)),
    ("POST", "/sod-violations/{id}/remedy", Some(Action::Revoke)),
    ("POST", "/sod-violations/{id}/exception", None),
    ("GET", "/sod-rules", Some(Action::SeeCatalogue)),
    ("GET", "/sod-rules/{id}", Some(Action::SeeCatalogue)),
    ("GET", "/sod-rules/{id}/impact", Some(Action::See)),
    ("POST", "/sod-rules/{id}/exceptions", None),
    ("DELETE", "/sod-rules/{id}", None),
    ("GET", "/birthright-rules", Some(Action::SeeCatalogue)),
    ("DELETE", "/birthright-rules/{id}", None),
    ("GET", "/approval-policies", Some(Action::SeeCatalogue)),
    ("DELETE", "/approval-policies/{id}", None),
    ("POST", "/reviews", Some(Action::Campaigns)),
    ("POST", "/reviews/{id}/closure", Some(Action::CloseReviews)),
    ("POST", "/reviews/{id}/cancellation", Some(Action::CloseReviews)),
    ("GET", "/users/{id}/suspension", None),
    ("DELETE", "/users/{id}/suspension", None),
    ("GET", "/admin-roles", Some(Action::Audit)),
    ("POST", "/admin-roles", Some(Action::Assign)),
    ("GET", "/calls", Some(Action::Audit)),
    ("GET", "/calls/{id}", Some(Action::Audit)),
    ("GET", "/timers", Some(Action::Audit)),
    ("GET", "/alarms", Some(Action::Audit)),
    ("GET", "/alarms/{id}", Some(Action::Audit)),
    ("GET", "/status", Some(Action::Audit)),
    ("POST", "/alarms/{id}/acknowledge", None),
    ("GET", "/clients", Some(Action::Clients)),
    ("GET", "/clients/{id}", Some(Action::Clients)),
    ("GET", "/clients/{id}/tokens", Some(Action::Clients)),
    ("GET", "/issuers", None),
    ("GET", "/settings", None),
    ("GET", "/limits", None),
    ("GET", "/export", None),
    ("GET", "/schemas", None),
    ("GET", "/resource-types", None),
];

/// Something that can be read there, but names nothing that is there.
fn body(path: &str) -> Value {
    let id = nobody();
    match path {
        "/organisation-units" => json!({ "kind": "unit", "code": "x", "name": "x", "parent": id }),
        "/grants" => json!({ "user": id, "entitlement": id, "reason": "r" }),
        "/applications" => json!({ "code": "x", "name": "x", "unit": id }),
        "/reviews" => json!({ "name": "x", "silence": "keep" }),
        "/admin-roles" => json!({ "user": id, "role": "auditor", "scope": tenant(), "reason": "r" }),
        "/applications/{id}/entitlements" => json!({ "group": id, "code": "x", "names": { "en": "x" } }),
        _ if path.ends_with("/extension") => json!({ "until": "2026-05-01T00:00:00Z", "reason": "r" }),
        _ if path.ends_with("/revocation") || path.ends_with("/cancellation") => json!({ "reason": "r" }),
        _ if path.ends_with("/remedy") => json!({ "entitlement": id, "reason": "r" }),
        _ if path.ends_with("/exception") => {
            json!({ "reason": "r", "control": "c", "until": "2026-05-01T00:00:00Z" })
        }
        _ => json!({}),
    }
}

fn nobody() -> &'static str {
    "019b2c45-6071-7293-b4a5-a6b7c8d9eafb"
}

async fn roles_open_what_they_are_for(server: Server) {
    let scene = Scene::new(server).await;
    for role in Role::ALL {
        let name = format!("holder-{}", role.word().to_lowercase());
        let user = scene.user(&name, "city").await;
        scene.give(&user, role.word(), tenant()).await.expect(201);
        let person = scene.person(&name);
        let mut wrong = BTreeSet::new();
        for (method, path, action) in OPENED {
            let address = path.replace("{id}", nobody());
            let reply = match method {
                "POST" | "PATCH" => {
                    let request = person.request(method, &address).header("if-match", "*");
                    person.send(request.json(&body(path))).await
                }
                _ => person.send(person.request(method, &address).header("if-match", "*")).await,
            };
            let is_open = match action {
                Some(action) => role.actions().contains(&action),
                None => role == Role::TenantAdministrator,
            };
            if is_open == (reply.status == 403) || reply.status >= 500 {
                wrong.insert(format!("{method} {path}: {}", reply.status));
            }
        }
        assert_eq!(wrong, BTreeSet::new(), "{role:?}");
    }
}

on_both_databases! {
    roles_open_what_they_are_for,
}
