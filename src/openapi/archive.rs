//! A whole tenant as a file.

use serde_json::{Map, Value, json};

use crate::openapi::administration::{Operation, TENANT, parameters};

const EXAMPLE: &str = r#"{"kind":"header","format":"caurlaide-archive","version":1,"product":"0.1.0","exported":1795507200120,"tenant":{"slug":"berzaine","name":"Bērzaines novads","state":"active","created":1793604600000},"with":["events"]}
{"kind":"client","id":"019b2c40-1b2c-7d3e-8f40-516273849506","name":"Entra ID","networks":[],"created":1793604600000}
{"kind":"footer","counts":{"client":1},"sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
"#;

/// Adds the path.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let schema = json!({ "type": "string", "description": "JSON Lines: one JSON object a line, each with its end" });
    let mut export = Operation {
        tag: "Archive",
        id: "exportTenant",
        summary: "Export the whole tenant",
        description: "Settings, definitions, resources, memberships, clients, issuers, alarms, what can be restored, and the logs of changes and of who looked at whose data as they are at one instant, as JSON Lines, \
            while others go on writing; docs/operations/archive.md has the format. It comes as a stream of any length that the limit of 30 seconds \
            does not bind, an hour at the most, and is given up if nothing of it is taken for 30 seconds. It is whole if its last line is a `footer`; one that breaks off \
            ends with a broken connection. No hash of a password and no token is in it: those leave by the command line alone, where archives are \
            imported too. 503 with `Retry-After` where as many exports run as may at once.",
        success: json!({ "200": {
            "description": "The archive",
            "headers": { "Content-Disposition": {
                "description": "The name of a file for it",
                "required": true,
                "schema": { "type": "string" },
            } },
            "content": { "application/jsonl": { "schema": schema, "example": EXAMPLE } },
        } }),
        failures: &[],
    }
    .described();
    export["parameters"] = parameters(&["exportEvents"]);
    paths.insert(format!("{TENANT}/export"), json!({ "parameters": parameters(&["tenant"]), "get": export }));
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    parameters["exportEvents"] = json!({
        "name": "events",
        "in": "query",
        "description": "Whether the logs are wanted too: of changes, and of who looked at whose data",
        "schema": { "type": "boolean", "default": true },
        "example": false,
    });
}
