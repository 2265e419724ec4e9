//! The log of calls.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, page, parameters, shown},
    schemas::object,
};

const CALL_ID: &str = "019b2c46-7182-7934-a556-b2c3d4e5f607";
const SEARCHES: [&str; 9] = [
    "callClient",
    "callRoute",
    "callMethod",
    "callStatus",
    "callSince",
    "callUntil",
    "callRequest",
    "callText",
    "pageCount",
];

/// Adds every path.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let mut list = Operation {
        tag: "Calls",
        id: "listCalls",
        summary: "Search the log of calls",
        description: "Every request to the tenant's SCIM endpoint, the newest first, kept for ninety days: who asked what, what came of it and why, what \
            it changed in counts and names of attributes. It holds no value that a client sent; a reason that repeats the client's own words is \
            told to the client and not kept. A call with status 499 got no answer, because the client hung up before; what it changed by then may be \
            lasting or not, which the events under its `requestId` tell. Who reads `ServiceProviderConfig` without a token is not noted. Calls are written down up to a second behind their answers. A page may be short and have a next one: a \
            search looks at 60 000 calls at a time.",
        success: shown("200", "A page of calls", "CallPage", json!({ "items": [call()] })),
        failures: &[],
    }
    .described();
    list["parameters"] = parameters(&[&SEARCHES[..], &["cursor"]].concat());
    paths.insert(format!("{TENANT}/calls"), json!({ "parameters": parameters(&["tenant"]), "get": list }));
    let one = Operation {
        tag: "Calls",
        id: "getCall",
        summary: "Read one call",
        description: "As the search shows it.",
        success: shown("200", "The call", "Call", call()),
        failures: &[],
    };
    paths.insert(
        format!("{TENANT}/calls/{{call}}"),
        json!({ "parameters": parameters(&["tenant", "call"]), "get": one.described() }),
    );
}

fn call() -> Value {
    json!({
        "id": CALL_ID,
        "at": "2026-11-24T08:15:00.120Z",
        "client": "019b2c40-1b2c-7d3e-8f40-516273849506",
        "method": "PATCH",
        "route": "/Groups/{id}",
        "status": 204,
        "micros": 4210,
        "requestId": "019b2c46-7182-7934-a556-b2c3d4e5f606",
        "summary": "PATCH changed displayName and removed 2 memberships",
        "changes": { "changed": { "Group": 1 }, "attributes": ["displayName"], "membersRemoved": 2 },
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let text = json!({ "type": "string" });
    let instant = json!({ "type": "string", "format": "date-time" });
    let id = json!({ "type": "string", "format": "uuid" });
    parameters["call"] = json!({ "name": "call", "in": "path", "required": true, "description": "The call's id", "schema": id, "example": CALL_ID });
    let mut add = |key: &str, name: &str, schema: &Value, description: &str, example: &str| {
        parameters[key] =
            json!({ "name": name, "in": "query", "description": description, "schema": schema, "example": example });
    };
    add("callClient", "client", &id, "Of that client", "019b2c40-1b2c-7d3e-8f40-516273849506");
    add("callRoute", "route", &text, "On that route behind the SCIM base URI; `/` for the base itself", "/Groups/{id}");
    add("callMethod", "method", &text, "With that method", "PATCH");
    add("callStatus", "status", &text, "With that status, or one of a class", "4xx");
    add("callSince", "since", &instant, "Not before", "2026-11-24T08:00:00Z");
    add("callUntil", "until", &instant, "Before", "2026-11-25T08:00:00Z");
    add("callRequest", "requestId", &text, "With that `X-Request-Id`", "019b2c46-7182-7934-a556-b2c3d4e5f606");
    add(
        "callText",
        "text",
        &text,
        "With that in the reason, or in the names of what it changed, in any case of letters",
        "userName",
    );
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let count = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let counts = |description: &str| {
        let number = json!({ "type": "integer", "minimum": 0 });
        json!({ "type": "object", "additionalProperties": number, "description": description })
    };
    let reason = object(
        &["status", "first", "count"],
        json!({
            "status": { "type": "integer", "minimum": 100, "maximum": 599 },
            "scimType": text("The keyword of the refusal (RFC 7644 §3.12)"),
            "detail": text("Why, unless the reason repeats the client's own words"),
            "first": { "type": "integer", "minimum": 1, "description": "Which operation was the first of them, counted from one" },
            "count": { "type": "integer", "minimum": 1, "description": "How many there are" },
        }),
    );
    let changes = object(
        &[],
        json!({
            "created": counts("How many resources of each type are new"),
            "changed": counts("How many resources of each type differ"),
            "deleted": counts("How many resources of each type are gone"),
            "attributes": { "type": "array", "items": { "type": "string" }, "description": "In which attributes they differ, 50 at the most" },
            "membersAdded": count("How many memberships are new"),
            "membersRemoved": count("How many memberships are gone"),
            "operations": count("How many operations a bulk request had"),
            "failures": counts("How many of them failed, by status"),
            "reasons": { "type": "array", "items": reason, "description": "Why they failed: different reasons, five at the most" },
        }),
    );
    let id = json!({ "type": "string", "format": "uuid" });
    let call = object(
        &["id", "at", "method", "route", "status", "micros", "requestId", "summary", "changes"],
        json!({
            "id": id,
            "at": { "type": "string", "format": "date-time", "description": "When it was answered" },
            "client": { "type": "string", "format": "uuid", "description": "Not of a call that was refused because no valid token came with it" },
            "method": text("The method"),
            "route": text("The route behind the SCIM base URI, without ids"),
            "status": { "type": "integer", "minimum": 100, "maximum": 599 },
            "scimType": text("The keyword of a refusal (RFC 7644 §3.12)"),
            "micros": count("How long it took, in microseconds"),
            "requestId": text("As in `X-Request-Id`"),
            "summary": text("All of it in a sentence"),
            "changes": changes,
        }),
    );
    schemas.insert("Call".into(), call);
    schemas.insert("CallPage".into(), page("Call"));
}
