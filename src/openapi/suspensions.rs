//! `/t/{tenant}/api/v1/users/{user}/suspension`: people on long leave, or into whom something is looked.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, conditional, gone, parameters, tagged},
    schemas::{object, reference},
};

const TAG: &str = "Grants";
const USER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
const CLIENT_ID: &str = "019b2c40-1b2c-7d3e-8f40-516273849506";
const REASON: &str = "On leave to care for a child";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let suspension = json!({
        "user": USER_ID, "since": "2026-11-24T08:15:00.000Z", "until": "2028-05-31T20:59:59.000Z",
        "by": { "client": CLIENT_ID, "reason": REASON },
    });
    let path = json!({
        "parameters": parameters(&["tenant", "user"]),
        "get": Operation {
            tag: TAG,
            id: "getSuspension",
            summary: "Read the suspension of a user",
            description: "404 for who is not suspended.",
            success: tagged("200", "The suspension", "Suspension", suspension.clone()),
            failures: &[],
        }.described(),
        "put": conditional(Operation {
            tag: TAG,
            id: "putSuspension",
            summary: "Suspend a user",
            description: "For long leave, or while something is looked into. In the same transaction SCIM shows them as not active and they are out of all \
                groups; what they were granted waits for however long it lasts. SCIM clients do not wake them up: `active` stays false, and the rest of \
                what they write is taken. A client that switches them off makes a leaver of them, with thirty days from then. Done anew it changes the \
                reason and the end. 409 for who has left.",
            success: tagged("200", "The suspension", "Suspension", suspension),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewSuspension", &[
            ("leave", "Until a day", json!({ "reason": REASON, "until": "2028-05-31T20:59:59Z" })),
        ])),
        "delete": conditional(Operation {
            tag: TAG,
            id: "liftSuspension",
            summary: "Lift the suspension of a user",
            description: "What is still valid of what they had comes back in the same transaction. 409 for who is not suspended.",
            success: gone("They are back"),
            failures: &[("409", "Conflict")],
        }.described()),
    });
    paths.insert(format!("{TENANT}/users/{{user}}/suspension"), path);
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let suspension = json!({
        "user": { "type": "string", "format": "uuid", "description": "Whose" },
        "since": time("Since when"),
        "until": time("Until when; missing for as long as nobody lifts it"),
        "by": reference("GrantDeed"),
    });
    let reason = json!({ "type": "string", "minLength": 1, "maxLength": 1000, "description": "Why" });
    let new = json!({ "reason": reason, "until": time("Until when; left out for as long as nobody lifts it") });
    schemas.insert("Suspension".into(), object(&["user", "since", "by"], suspension));
    schemas.insert("NewSuspension".into(), object(&["reason"], new));
}
