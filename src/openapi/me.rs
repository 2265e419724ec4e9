//! `/Me` (RFC 7644 §3.11): the description of one user, for the one that the caller is; and what people are told of
//! themselves in `/t/{tenant}/api/v1/me`.

use serde_json::{Map, Value, json};

use crate::openapi::{
    admin_roles,
    administration::{Operation, TENANT, page, parameters, shown},
    schemas::{object, reference},
};

/// Adds the paths for people.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let example = json!({
        "id": "019b2c3f-0a1b-7c2d-9e3f-405162738495", "userName": "anna.kalnina@riga.example", "displayName": "Anna Kalniņa",
        "preferredLanguage": "lv", "assurance": "substantial", "roles": [admin_roles::role()],
    });
    let me = json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: "People",
            id: "getMyself",
            summary: "Read who one is here",
            description: "The user that the token (JWT) speaks of. `assurance` is how surely it is known who they are: what `acr` of the token \
                and `assuranceLevel` of the user say, whichever is lower; `low` if neither says anything.",
            success: shown("200", "The person", "Myself", example),
            failures: &[],
        }.described(),
    });
    paths.insert(format!("{TENANT}/me"), me);
    let view = json!({
        "id": "019b2c5a-1122-7d3e-8f40-a1b2c3d4e5f6", "at": "2026-11-27T09:14:03.120Z", "route": "/api/v1/holdings",
        "client": { "id": "019b2c41-2b3c-7d4e-8f50-617283940516", "name": "Single sign-on" },
        "user": { "id": "019b2c3f-77aa-7b1c-9d2e-3f4051627384", "displayName": "Jānis Bērziņš" },
        "requestId": "019b2c5a-1122-7d3e-8f40-000000000001",
    });
    let read = "What was read of this one person, by its address: the user by SCIM, what they hold, their grants, requests, employments. The newest \
        first, for ninety days, and about a second behind. Lists and searches that show many people are not among it, nor is what somebody reads \
        of themselves. `user` is missing where a client has read by itself.";
    paths.insert(format!("{TENANT}/users/{{user}}/standing"), standing());
    for (path, id, summary, parameter) in [
        ("me/views", "listViewsOfMyself", "List who looked at one's data", &["tenant"][..]),
        ("users/{user}/views", "listViewsOfUser", "List who looked at a user's data", &["tenant", "user"]),
    ] {
        let success = shown("200", "A page of views", "ViewPage", json!({ "items": [view] }));
        let operation = Operation { tag: "People", id, summary, description: read, success, failures: &[] };
        let path = format!("{TENANT}/{path}");
        paths.insert(path, json!({ "parameters": parameters(parameter), "get": operation.paged() }));
    }
}

/// How somebody stands.
fn standing() -> Value {
    let example = json!({
        "user": "019b2c3f-0a1b-7c2d-9e3f-405162738495", "state": "deactivated", "memberships": 0,
        "departure": {
            "committed": "2026-11-27T15:59:59.120Z", "client": "019b2c41-2b3c-7d4e-8f50-617283940516", "returnBy": "2026-12-27T15:59:59.120Z",
            "applications": [{ "id": "019b2c42-3c4d-7e5f-9061-728394051627", "groups": 3, "read": "2026-11-27T16:00:12.004Z" }],
        },
    });
    json!({
        "parameters": parameters(&["tenant", "user"]),
        "get": Operation {
            tag: "People",
            id: "getStanding",
            summary: "Read how a user stands, and what proves that they are out",
            description: "`state` is active, suspended, deactivated or deleted, `memberships` in how many groups they are at this moment. For thirty days after somebody has \
                left, `departure` says when that was written; every membership was gone in the same transaction. For each application in which they had \
                something it says when its own client first read after that, as far as the next 20 000 calls tell. Push to applications and comparison with \
                them are not among it.",
            success: shown("200", "How they stand", "Standing", example),
            failures: &[],
        }.described(),
    })
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let myself = object(
        &["id", "assurance"],
        json!({
            "id": { "type": "string", "format": "uuid", "description": "The user" },
            "userName": text("The login name"),
            "displayName": text("The name for people"),
            "preferredLanguage": text("In which language they are written to"),
            "assurance": { "enum": ["low", "substantial", "high"], "description": "How surely it is known who they are (eIDAS)" },
            "roles": { "type": "array", "items": reference("AdminRole"), "description": "What they look after, or will" },
        }),
    );
    schemas.insert("Myself".into(), myself);
    let id = |description: &str| json!({ "type": "string", "format": "uuid", "description": description });
    let view = json!({
        "id": id("Its id"),
        "at": { "type": "string", "format": "date-time", "description": "When it was answered" },
        "client": object(&["id"], json!({ "id": id("With which client, or through which issuer"), "name": text("Its name") })),
        "user": object(&["id"], json!({ "id": id("Which user looked"), "displayName": text("Their name") })),
        "route": text("What was read"),
        "requestId": text("The request's id"),
    });
    schemas.insert("View".into(), object(&["id", "at", "client", "route", "requestId"], view));
    schemas.insert("ViewPage".into(), page("View"));
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let application = json!({
        "id": id("Which application"),
        "groups": { "type": "integer", "description": "In how many of its groups they were" },
        "read": time("When its own client first read after that"),
    });
    let departure = json!({
        "committed": time("When it was written"),
        "client": id("By which client, or through which issuer"),
        "returnBy": time("Until when their rights come back with them"),
        "applications": { "type": "array", "items": object(&["id", "groups"], application) },
    });
    let standing = json!({
        "user": id("The user"),
        "state": { "enum": ["active", "suspended", "deactivated", "deleted"] },
        "memberships": { "type": "integer", "description": "In how many groups they are now" },
        "departure": object(&["committed", "applications"], departure),
    });
    schemas.insert("Standing".into(), object(&["user", "state", "memberships"], standing));
}

/// The path, from that of one user.
pub(super) fn path(mut one: Value) -> Value {
    one["parameters"] = json!([{ "$ref": "#/components/parameters/tenant" }]);
    for (method, id, summary, description) in [
        (
            "get",
            "getMe",
            "Read oneself",
            "RFC 7644 §3.11: the user that the caller is linked to, by the claim of a token (JWT) of one of the tenant's issuers. \
             `Location` and `meta.location` are the permanent address. A client is linked to no user, and gets 404. \
             POST is answered 501 to people.",
        ),
        ("put", "replaceMe", "Replace oneself", "As `PUT` of the user, if the token has `scim.write`."),
        ("patch", "patchMe", "Change oneself", "As `PATCH` of the user, if the token has `scim.write`."),
        (
            "delete",
            "deleteMe",
            "Delete oneself",
            "As `DELETE` of the user, if the token has `scim.write`. The token then opens nothing.",
        ),
    ] {
        let operation = &mut one[method];
        operation["operationId"] = id.into();
        operation["summary"] = summary.into();
        operation["description"] = description.into();
        operation["security"] = json!([{ "personToken": [] }]);
    }
    one
}
