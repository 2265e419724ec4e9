//! `/t/{tenant}/api/v1/applications`: the programs for people that read who belongs to their groups.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, conditional, gone, page, parameters, shown, tagged},
    schemas::{object, reference},
};

const PATH: &str = "/t/{tenant}/api/v1/applications";
pub(super) const APPLICATION_ID: &str = "019b2c44-5f60-7182-a394-95a6b7c8d9ea";
const GROUP_ID: &str = "019b2c45-6071-7293-b4a5-a6b7c8d9eafb";
pub(super) const OWNER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
pub(super) const UNIT_ID: &str = "019b2c46-7182-73a4-85b6-a7b8c9daebfd";
const TAG: &str = "Applications";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    paths.insert(PATH.into(), list());
    paths.insert(format!("{PATH}/{{application}}"), one());
    paths.insert(format!("{PATH}/{{application}}/groups"), groups());
    paths.insert(format!("{PATH}/{{application}}/groups/{{group}}"), group());
}

fn list() -> Value {
    let new =
        json!({ "code": "documents", "name": "Documents", "released": ["userName", "displayName", "emails.value"] });
    let owned = json!({ "code": "property-tax", "name": "Property tax", "owner": OWNER_ID, "unit": UNIT_ID });
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: TAG,
            id: "listApplications",
            summary: "List applications",
            description: "The oldest first.",
            success: shown("200", "A page of applications", "ApplicationPage", json!({ "items": [application()] })),
            failures: &[],
        }.paged(),
        "post": Operation {
            tag: TAG,
            id: "createApplication",
            summary: "Create an application",
            description: "A client that was made with its id (`applicationId`) and has a token with `app.read` reads at the SCIM endpoint the \
                groups of the application, the users who are in them, directly or through nested groups, and of these `id`, `meta`, `active`, \
                `groups` (as far as they are the application's) and what `released` names: attributes such as `userName`, sub-attributes such as \
                `emails.value`, whole extensions. Everything else does not exist for it, in filters and in discovery too.\n\n\
                `owner` answers for it, and decides about who gets its entitlements; `deputy` while the owner is not active or gone; then whoever leads \
                `unit` or stands in there, then the same of what that is part of. `responsible` says who that is just now; where it is missing, nobody is \
                left.",
            success: tagged("201", "The new application", "Application", application()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewApplication", &[
            ("released", "With attributes", new),
            ("owned", "With somebody who answers for it", owned),
            ("bare", "With nothing but who is in its groups", json!({ "code": "door", "name": "Door of the town hall" })),
        ]),
    })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "application"]),
        "get": Operation {
            tag: TAG,
            id: "getApplication",
            summary: "Read an application",
            description: "Its groups stand at `groups` behind it.",
            success: tagged("200", "The application", "Application", application()),
            failures: &[],
        }.described(),
        "patch": conditional(Operation {
            tag: TAG,
            id: "changeApplication",
            summary: "Change an application",
            description: "What is left out stays; `released` is replaced whole. Clients of an application that is `retired` get 403, and its \
                entitlements are retired with it: what is asked for of them comes to nothing. Back in use, they are put in use one by one. While the tenant is suspended, it can only come to see less.",
            success: tagged("200", "The application as it is now", "Application", application()),
            failures: &[("415", "UnsupportedMediaType")],
        }.taking("ApplicationChange", &[
            ("release", "Let it see more", json!({ "released": ["userName", "displayName", "emails.value", "title"] })),
            ("retire", "Let it see nothing, and give nothing of it", json!({ "state": "retired" })),
            ("use", "Take it in use again", json!({ "state": "active" })),
        ])),
        "delete": conditional(Operation {
            tag: TAG,
            id: "deleteApplication",
            summary: "Delete an application",
            description: "Not while clients, groups or entitlements belong to it.",
            success: gone("It is gone"),
            failures: &[("409", "Conflict")],
        }.described()),
    })
}

fn groups() -> Value {
    let item = json!({ "id": GROUP_ID, "displayName": "Documents: readers" });
    json!({
        "parameters": parameters(&["tenant", "application"]),
        "get": Operation {
            tag: TAG,
            id: "listApplicationGroups",
            summary: "List an application's groups",
            description: "In the order of their ids.",
            success: shown("200", "A page of groups", "ApplicationGroupPage", json!({ "items": [item] })),
            failures: &[],
        }.paged(),
    })
}

fn group() -> Value {
    json!({
        "parameters": parameters(&["tenant", "application", "group"]),
        "put": Operation {
            tag: TAG,
            id: "assignGroup",
            summary: "Give a group to an application",
            description: "Its clients see it and who is in it. A group belongs to one application at the most. The request has no body.",
            success: gone("It belongs to the application"),
            failures: &[("409", "Conflict")],
        }.described(),
        "delete": Operation {
            tag: TAG,
            id: "unassignGroup",
            summary: "Take a group from an application",
            description: "Its clients see it no more, nor who is in no other group of theirs. The group stays as it is. Not while it is \
                an entitlement of the application.",
            success: gone("It belongs to no application"),
            failures: &[("409", "Conflict")],
        }.described(),
    })
}

fn application() -> Value {
    json!({
        "id": APPLICATION_ID,
        "code": "documents",
        "name": "Documents",
        "state": "active",
        "released": ["displayName", "emails.value", "userName"],
        "owner": { "id": OWNER_ID, "displayName": "Anna Kalniņa" },
        "unit": UNIT_ID,
        "responsible": { "id": OWNER_ID, "displayName": "Anna Kalniņa" },
        "created": "2026-11-02T07:30:00.000Z",
        "modified": "2026-11-24T08:15:00.000Z",
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    for (name, description, example) in
        [("application", "The application's id", APPLICATION_ID), ("group", "The group's id", GROUP_ID)]
    {
        parameters[name] = json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": description,
            "schema": { "type": "string", "format": "uuid" },
            "example": example,
        });
    }
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let name = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    let code = json!({
        "type": "string",
        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        "description": "Its name for programs; it stays",
    });
    let released = json!({
        "type": "array",
        "items": { "type": "string", "maxLength": 500 },
        "maxItems": 200,
        "description": "The attributes of users that it may see, as paths",
    });
    let state = json!({ "enum": ["active", "retired"] });
    let time = json!({ "type": "string", "format": "date-time" });
    let id = json!({ "type": "string", "format": "uuid" });
    let named = |user: &str| json!({ "type": "string", "format": "uuid", "description": user });
    let or_none = |user: &str| json!({ "type": ["string", "null"], "format": "uuid", "description": user });
    let (owner, deputy) = ("The user who answers for it", "The user who stands in for the owner");
    let unit = "The organisation unit that it belongs to";
    let new = json!({
        "code": code, "name": name, "released": released, "owner": or_none(owner), "deputy": or_none(deputy),
        "unit": or_none(unit),
    });
    let change = json!({
        "name": name, "state": state, "released": released, "owner": or_none(owner), "deputy": or_none(deputy),
        "unit": or_none(unit),
    });
    let user = reference("NamedUser");
    let all = json!({
        "id": id, "code": code, "name": name, "state": state, "released": released, "owner": user, "deputy": user,
        "unit": named(unit), "responsible": user, "created": time, "modified": time,
    });
    let group = json!({ "id": id, "displayName": { "type": "string" } });
    for (called, schema) in [
        ("NewApplication", object(&["code", "name"], new)),
        ("ApplicationChange", object(&[], change)),
        ("Application", object(&["id", "code", "name", "state", "released", "created", "modified"], all)),
        ("ApplicationPage", page("Application")),
        ("ApplicationGroup", object(&["id"], group)),
        ("ApplicationGroupPage", page("ApplicationGroup")),
    ] {
        schemas.insert(called.into(), schema);
    }
}
