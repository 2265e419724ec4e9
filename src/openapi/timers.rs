//! `/t/{tenant}/api/v1/timers`: what has not happened yet by itself.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, page, parameters, shown},
    schemas::object,
};

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let timer = json!({
        "object": "019b2c47-8293-7a45-b667-c3d4e5f60718",
        "kind": "end",
        "due": "2027-05-31T20:00:00.000Z",
        "attempts": 0,
    });
    let mut search = Operation {
        tag: "Timers",
        id: "listTimers",
        summary: "List what has to happen by itself",
        description: "Such as the beginning and the end of grants. A timer goes when it has fired, which it does once, by whichever node, within about a \
            second; what was due while no node ran is made up for when one starts. `failed=true` leaves those that were tried in vain: they are tried again at \
            `due`.",
        success: shown("200", "A page of timers", "TimerPage", json!({ "items": [timer] })),
        failures: &[],
    }
    .described();
    search["parameters"] = parameters(&["timerFailed", "pageCount", "cursor"]);
    paths.insert(format!("{TENANT}/timers"), json!({ "parameters": parameters(&["tenant"]), "get": search }));
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    parameters["timerFailed"] = json!({
        "name": "failed", "in": "query", "description": "Only those that were tried in vain",
        "schema": { "type": "boolean", "default": false }, "example": true,
    });
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let timer = json!({
        "object": { "type": "string", "format": "uuid", "description": "What it is about, such as a grant" },
        "kind": { "enum": store::TimerKind::ALL.map(store::TimerKind::word) },
        "due": { "type": "string", "format": "date-time", "description": "When, or when it is tried again" },
        "attempts": { "type": "integer", "minimum": 0, "description": "How often it was tried in vain" },
        "failure": { "type": "string", "description": "Why the last attempt came to nothing" },
    });
    schemas.insert("Timer".into(), object(&["object", "kind", "due", "attempts"], timer));
    schemas.insert("TimerPage".into(), page("Timer"));
}
