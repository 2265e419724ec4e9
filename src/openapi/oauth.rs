//! `/t/{tenant}/oauth/token` (RFC 6749 §4.4), with its body, answer and errors.

use serde_json::{Map, Value, json};

use crate::openapi::schemas::{object, reference};

const CLIENT_ID: &str = "019b2c40-1b2c-7d3e-8f40-516273849506";
const SECRET: &str = "caurlaide_k3vq8mz2xw5tbn7rcy4dhj6pfs3agkeui2qwzx5vt8nm4bry7cdhj";
const ACCESS_TOKEN: &str = "caurlaide_at_w5tbn7rcy4dhj6pfs3agkeui2qwzx5vt8nm4bry7cdhjk3vq8mz2x";

/// Adds the path.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let failures = [
        ("400", "Refused"),
        ("401", "Unauthorized"),
        ("404", "Refused"),
        ("405", "Refused"),
        ("408", "Refused"),
        ("413", "Refused"),
        ("429", "TooMany"),
        ("500", "Failed"),
        ("503", "Failed"),
    ];
    let granted =
        json!({ "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 900, "scope": "scim.read" });
    let mut responses = json!({ "200": {
        "description": "The token, in this answer alone",
        "content": { "application/json": { "schema": reference("AccessToken"), "example": granted } },
    } });
    for (status, name) in failures {
        responses[status] = json!({ "$ref": format!("#/components/responses/{name}OAuth") });
    }
    let wanted = json!({
        "grant_type": "client_credentials",
        "scope": "scim.read",
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
    });
    let examples = json!({ "reader": { "summary": "A token that only reads", "value": wanted } });
    let form = json!({ "schema": reference("AccessTokenRequest"), "examples": examples });
    let operation = json!({
        "tags": ["Clients"],
        "operationId": "createAccessToken",
        "summary": "Get a short-lived token",
        "description": "RFC 6749 §4.4. The client is named by its id, and its secret is one of its own tokens: in the body, as here, \
            or by HTTP Basic, not both. The new token ends by itself, and at once when the one ends that was given for it. \
            Of more than 100 that a client has at once, the oldest go.",
        "security": [{}, { "clientSecret": [] }],
        "requestBody": { "required": true, "content": { "application/x-www-form-urlencoded": form } },
        "responses": responses,
    });
    let parameters = json!([{ "$ref": "#/components/parameters/tenant" }]);
    paths.insert("/t/{tenant}/oauth/token".into(), json!({ "parameters": parameters, "post": operation }));
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let request = object(
        &["grant_type"],
        json!({
            "grant_type": { "const": "client_credentials" },
            "scope": text("Scopes with spaces between them; all that the client's own token has if left out"),
            "client_id": text("The client's id"),
            "client_secret": text("One of the client's own tokens"),
        }),
    );
    let granted = object(
        &["access_token", "token_type", "expires_in", "scope"],
        json!({
            "access_token": text("The token itself"),
            "token_type": { "const": "Bearer" },
            "expires_in": { "type": "integer", "minimum": 1, "maximum": 3600, "description": "In seconds" },
            "scope": text("What it may do"),
        }),
    );
    let codes = [
        "invalid_request",
        "invalid_client",
        "invalid_scope",
        "unsupported_grant_type",
        "server_error",
        "temporarily_unavailable",
    ];
    let error = object(
        &["error", "error_description"],
        json!({ "error": { "enum": codes }, "error_description": { "type": "string" } }),
    );
    for (name, schema) in [("AccessTokenRequest", request), ("AccessToken", granted), ("OAuthError", error)] {
        schemas.insert(name.into(), schema);
    }
}

/// Adds the failures (RFC 6749 §5.2).
pub(super) fn add_responses(responses: &mut Value) {
    let mut add = |name: &str, description: &str, code: &str, detail: &str| {
        let example = json!({ "error": code, "error_description": detail });
        let content = json!({ "application/json": { "schema": reference("OAuthError"), "example": example } });
        responses[format!("{name}OAuth")] = json!({ "description": description, "content": content });
    };
    add("Refused", "The request cannot be granted", "invalid_request", "The parameter grant_type is missing.");
    add(
        "Unauthorized",
        "Not the client's id, or none of its tokens that work, or not from here",
        "invalid_client",
        "The client is unknown, or its secret has ended, was revoked or is not accepted from here.",
    );
    add(
        "TooMany",
        "Too many requests of the client or its tenant, or too many wrong secrets from its address",
        "temporarily_unavailable",
        "Too many tokens from this address were not valid. Try again in 2 seconds.",
    );
    add(
        "Failed",
        "The server cannot answer just now",
        "temporarily_unavailable",
        "The server is busy; nothing was changed. Try again.",
    );
}
