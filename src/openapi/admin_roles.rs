//! `/t/{tenant}/api/v1/admin-roles`: who looks after what.

use rights::administration::Role;
use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, page, parameters, shown},
    schemas::{object, reference},
};

const TAG: &str = "Admin roles";
const ROLE_ID: &str = "019b2c4b-c6d7-7e89-8fab-071829304152";
const USER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
const CLIENT_ID: &str = "019b2c40-1b2c-7d3e-8f40-516273849506";
const UNIT_ID: &str = "019b2c46-7182-73a4-85b6-a7b8c9daebfc";
const REASON: &str = "Looks after the schools";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let roles = format!("{TENANT}/admin-roles");
    paths.insert(roles.clone(), list());
    paths.insert(format!("{roles}/{{role}}"), one());
    paths.insert(format!("{roles}/{{role}}/revocation"), revocation());
}

fn list() -> Value {
    let mut search = Operation {
        tag: TAG,
        id: "listAdminRoles",
        summary: "List roles",
        description: "Who looks after what, or did, the oldest first. People see the roles whose scope is within what they look after; what they hold \
            themselves, `/me` tells.",
        success: shown("200", "A page of roles", "AdminRolePage", json!({ "items": [role()] })),
        failures: &[],
    }
    .described();
    search["parameters"] = parameters(&["adminRoleUser", "adminRoleKind", "pageCount", "cursor"]);
    let give = Operation {
        tag: TAG,
        id: "createAdminRole",
        summary: "Give a role",
        description: "From `from` on, or at once, and until `until`, or until somebody takes it. A client with `tenant.admin` gives any role; a person \
            gives what is no more, no wider and no longer than what they hold (403), and nothing to themselves. 409 if the user has the role \
            within that scope in that time already.",
        success: shown("201", "The role", "AdminRole", role()),
        failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
    };
    let examples = [
        (
            "unit",
            "Within a part of the organisation",
            json!({
                "user": USER_ID, "role": "unitAdministrator", "scope": { "kind": "organisationUnit", "id": UNIT_ID },
                "until": "2027-05-31T20:00:00.000Z", "reason": REASON,
            }),
        ),
        (
            "tenant",
            "Within the whole tenant",
            json!({ "user": USER_ID, "role": "auditor", "scope": { "kind": "tenant" }, "reason": "The audit of 2026" }),
        ),
    ];
    let give = give.taking("NewAdminRole", &examples);
    json!({ "parameters": parameters(&["tenant"]), "get": search, "post": give })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "role"]),
        "get": Operation {
            tag: TAG,
            id: "getAdminRole",
            summary: "Read a role",
            description: "Also one that has ended.",
            success: shown("200", "The role", "AdminRole", role()),
            failures: &[],
        }.described(),
    })
}

fn revocation() -> Value {
    let mut taken = role();
    (taken["state"], taken["ended"]) = ("revoked".into(), "2026-12-01T09:00:00.000Z".into());
    taken["taken"] = json!({ "client": CLIENT_ID, "reason": "Has another post" });
    json!({
        "parameters": parameters(&["tenant", "role"]),
        "post": Operation {
            tag: TAG,
            id: "revokeAdminRole",
            summary: "Take a role away",
            description: "For good; done twice, the second time changes nothing. People take away what is within what they hold, and what is their own. \
                409 if nobody else looks after the tenant without an end. Whoever is deactivated or deleted has no roles any more, whatever \
                that leaves. Works while the tenant is suspended.",
            success: shown("200", "The role as it is now", "AdminRole", taken),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("AdminRoleRevocation", &[("take", "By hand", json!({ "reason": "Has another post" }))]),
    })
}

/// A role as an example.
pub(super) fn role() -> Value {
    json!({
        "id": ROLE_ID, "user": USER_ID, "role": "unitAdministrator",
        "scope": { "kind": "organisationUnit", "id": UNIT_ID }, "state": "active", "from": "2026-11-24T08:15:00.000Z",
        "until": "2027-05-31T20:00:00.000Z", "created": "2026-11-24T08:15:00.000Z",
        "given": { "client": CLIENT_ID, "reason": REASON },
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = json!({ "type": "string", "format": "uuid" });
    parameters["role"] = json!({
        "name": "role", "in": "path", "required": true, "description": "The role's id", "schema": id, "example": ROLE_ID,
    });
    let kind = json!({ "enum": Role::ALL.map(Role::word) });
    for (key, name, schema, description, example) in [
        ("adminRoleUser", "user", &id, "Of that user", USER_ID),
        ("adminRoleKind", "role", &kind, "Of that kind", "auditor"),
    ] {
        parameters[key] =
            json!({ "name": name, "in": "query", "description": description, "schema": schema, "example": example });
    }
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let id = |description: &str| json!({ "type": "string", "format": "uuid", "description": description });
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let reason = json!({ "type": "string", "minLength": 1, "maxLength": 1000, "description": "Why" });
    let kind = json!({ "enum": Role::ALL.map(Role::word) });
    let scope = json!({ "oneOf": [
        object(&["kind"], json!({ "kind": { "const": "tenant" } })),
        object(&["kind", "id"], json!({
            "kind": { "enum": ["organisationUnit", "application"] },
            "id": id("The unit, with what is below it, or the application"),
        })),
    ] });
    let shown = json!({
        "id": id("Its id"),
        "user": id("Who"),
        "role": kind,
        "scope": reference("AdminRoleScope"),
        "state": { "enum": ["planned", "active", "ended", "revoked"] },
        "from": time("From when on"),
        "until": time("Until when; nothing for no end"),
        "created": time("When it was given"),
        "given": reference("GrantDeed"),
        "ended": time("When it was taken away"),
        "taken": reference("GrantDeed"),
    });
    let new = json!({
        "user": id("Who"),
        "role": kind,
        "scope": reference("AdminRoleScope"),
        "from": time("From when on; nothing for at once"),
        "until": time("Until when; nothing for no end"),
        "reason": reason,
    });
    for (called, schema) in [
        ("AdminRoleScope", scope),
        ("AdminRole", object(&["id", "user", "role", "scope", "state", "from", "created", "given"], shown)),
        ("AdminRolePage", page("AdminRole")),
        ("NewAdminRole", object(&["user", "role", "scope", "reason"], new)),
        ("AdminRoleRevocation", object(&["reason"], json!({ "reason": reason }))),
    ] {
        schemas.insert(called.into(), schema);
    }
}
