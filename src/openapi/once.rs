//! `Idempotency-Key`, on every call of a tenant's API that makes something.

use serde_json::{Map, Value, json};

use crate::openapi::administration::TENANT;

/// Whose answers hold a secret, which is not kept.
const SECRET: [&str; 2] = ["/tokens", "/rotate"];

/// Says it of all those paths.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let takes = |path: &str| path.starts_with(TENANT) && !SECRET.iter().any(|end| path.ends_with(end));
    for (_, item) in paths.iter_mut().filter(|(path, _)| takes(path)) {
        let Some(post) = item.get_mut("post") else { continue };
        let key = json!({ "$ref": "#/components/parameters/idempotencyKey" });
        match post.get_mut("parameters").and_then(Value::as_array_mut) {
            Some(parameters) => parameters.push(key),
            None => post["parameters"] = json!([key]),
        }
        for (status, name) in [("409", "Conflict"), ("422", "OtherRequest")] {
            if post["responses"].get(status).is_none() {
                post["responses"][status] = json!({ "$ref": format!("#/components/responses/{name}Problem") });
            }
        }
    }
}

/// The header.
pub(super) fn add_parameter(parameters: &mut Value) {
    parameters["idempotencyKey"] = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "What the caller calls this request. Sent once more with the same key within 24 hours, it is not done again: the answer is \
            that of the first time, with `Idempotent-Replayed: true`. With the same key and another request the answer is 422; while \
            the first still goes on, 409. What was refused may be mended and sent with the same key.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
        "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    });
}
