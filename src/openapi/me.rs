//! `/Me` (RFC 7644 §3.11): the description of one user, for the one that the caller is; and what people are told of
//! themselves in `/t/{tenant}/api/v1/me`.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, parameters, shown},
    schemas::object,
};

/// Adds the paths for people.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let example = json!({
        "id": "019b2c3f-0a1b-7c2d-9e3f-405162738495", "userName": "anna.kalnina@riga.example", "displayName": "Anna Kalniņa",
        "preferredLanguage": "lv", "assurance": "substantial",
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
        }),
    );
    schemas.insert("Myself".into(), myself);
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
