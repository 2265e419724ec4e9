//! `/t/{tenant}/api/v1/sod-violations`, `/sod-rules/{rule}/impact` and `/exceptions`: who holds together what nobody should.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, conditional, page, parameters, shown, tagged},
    entitlements::GROUP_ID,
    schemas::{object, reference},
};

const TAG: &str = "Rules";
const VIOLATION_ID: &str = "019b2c49-a4b5-7c67-8d89-e5f60718293a";
const RULE_ID: &str = "019b2c48-93a4-7b56-8c78-d4e5f6071829";
const USER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
const CLIENT_ID: &str = "019b2c40-1b2c-7d3e-8f40-516273849506";
const OTHER_GROUP_ID: &str = "019b2c45-6071-7293-b4a5-b7c8d9eafb0c";
const REASON: &str = "Until somebody new is there";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let violations = format!("{TENANT}/sod-violations");
    paths.insert(violations.clone(), list());
    paths.insert(format!("{violations}/{{violation}}"), one());
    paths.insert(format!("{violations}/{{violation}}/exception"), exception());
    paths.insert(format!("{violations}/{{violation}}/remedy"), remedy());
    paths.insert(format!("{TENANT}/sod-rules/{{rule}}/impact"), impact());
    paths.insert(format!("{TENANT}/sod-rules/{{rule}}/exceptions"), beforehand());
}

fn list() -> Value {
    let mut search = Operation {
        tag: TAG,
        id: "listSodViolations",
        summary: "List conflicts",
        description: "Who holds, or held, together what a rule of segregation of duties keeps apart, the oldest first. They are found where \
            members and grants are written, and each night.",
        success: shown("200", "A page of conflicts", "SodViolationPage", json!({ "items": [violation()] })),
        failures: &[],
    }
    .described();
    search["parameters"] = parameters(&["violationUser", "violationRule", "violationState", "pageCount", "cursor"]);
    json!({ "parameters": parameters(&["tenant"]), "get": search })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "violation"]),
        "get": Operation {
            tag: TAG,
            id: "getSodViolation",
            summary: "Read a conflict",
            description: "Also one that is over.",
            success: tagged("200", "The conflict", "SodViolation", violation()),
            failures: &[],
        }.described(),
    })
}

fn exception() -> Value {
    json!({
        "parameters": parameters(&["tenant", "violation"]),
        "post": conditional(Operation {
            tag: TAG,
            id: "exceptSodViolation",
            summary: "Allow a conflict for a while",
            description: "With a reason and with what is done so that nothing happens; for 366 days at the most, and never by the one it is about. \
                It covers what is named here and no more: with anything further the conflict is `detected` again. What is asked for and not there yet is \
                allowed at the rule (`/sod-rules/{rule}/exceptions`).",
            success: tagged("200", "The conflict as it is now", "SodViolation", excepted()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewSodException", &[("allow", "For the rest of the year", json!({
            "reason": REASON, "control": "The head signs each of them", "until": "2026-12-31T21:59:59.000Z",
        }))])),
        "delete": conditional(Operation {
            tag: TAG,
            id: "withdrawSodException",
            summary: "Take back an exception",
            description: "The conflict is there again at once. Works while the tenant is suspended.",
            success: tagged("200", "The conflict as it is now", "SodViolation", violation()),
            failures: &[("409", "Conflict")],
        }.described()),
    })
}

fn beforehand() -> Value {
    let mut foreseen = excepted();
    foreseen["exception"]["foreseen"] = true.into();
    json!({
        "parameters": parameters(&["tenant", "rule"]),
        "post": Operation {
            tag: TAG,
            id: "exceptBeforehand",
            summary: "Allow a conflict before it is there",
            description: "What a user holds of the rule and these entitlements they may hold together for a while, and no more: so an approval that waits for \
                an exception can be given. 400 if that brings nothing new that the rule keeps apart, 409 if the rule does not count, if it is one that blocks, or if the user has an exception \
                of it already: take that one back first. As long as not all of it is held, the exception is `foreseen`; what has never come by its end leaves no conflict. \
                Reason, control and end as for any exception; never by the one it is about.",
            success: tagged("200", "The conflict as it is now", "SodViolation", foreseen),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("ForeseenSodException", &[("allow", "For the rest of the year", json!({
            "user": USER_ID, "entitlements": [GROUP_ID], "reason": REASON, "control": "The head signs each of them",
            "until": "2026-12-31T21:59:59.000Z",
        }))]),
    })
}

fn remedy() -> Value {
    let mut over = violation();
    (over["state"], over["ended"]) = ("resolved".into(), "2026-11-25T09:00:00.000Z".into());
    json!({
        "parameters": parameters(&["tenant", "violation"]),
        "post": conditional(Operation {
            tag: TAG,
            id: "remedySodViolation",
            summary: "Take away one side of a conflict",
            description: "Ends every grant that the user has of the entitlement, whatever it came from. 409 if they have it through a group that \
                is a member of its group. Works while the tenant is suspended.",
            success: tagged("200", "The conflict as it is now", "SodViolation", over),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("SodRemedy", &[
            ("take", "One entitlement", json!({ "entitlement": GROUP_ID, "reason": "Has another post" })),
        ])),
    })
}

fn impact() -> Value {
    let who = json!({ "user": USER_ID, "one": [GROUP_ID], "other": [OTHER_GROUP_ID] });
    json!({
        "parameters": parameters(&["tenant", "rule"]),
        "get": Operation {
            tag: TAG,
            id: "listSodRuleImpact",
            summary: "Whom a rule finds, or would find",
            description: "As people are just now, also for a rule that does not count yet. A page may have fewer items than were asked for.",
            success: shown("200", "A page of people", "SodImpactPage", json!({ "items": [who] })),
            failures: &[],
        }.paged(),
    })
}

fn violation() -> Value {
    json!({
        "id": VIOLATION_ID, "rule": RULE_ID, "mode": "requireException", "user": USER_ID, "one": [GROUP_ID],
        "other": [OTHER_GROUP_ID], "state": "detected", "found": "2026-11-24T08:15:00.000Z",
    })
}

fn excepted() -> Value {
    let mut violation = violation();
    violation["state"] = "excepted".into();
    violation["exception"] = json!({
        "by": { "client": CLIENT_ID, "reason": REASON }, "control": "The head signs each of them",
        "from": "2026-11-25T09:00:00.000Z", "until": "2026-12-31T21:59:59.000Z",
    });
    violation
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = json!({ "type": "string", "format": "uuid" });
    parameters["violation"] = json!({
        "name": "violation", "in": "path", "required": true, "description": "The conflict's id", "schema": id,
        "example": VIOLATION_ID,
    });
    let state = json!({ "enum": ["detected", "excepted", "resolved"] });
    for (key, name, schema, description, example) in [
        ("violationUser", "user", &id, "Of that user", USER_ID),
        ("violationRule", "rule", &id, "Of that rule", RULE_ID),
        ("violationState", "state", &state, "In that state", "detected"),
    ] {
        parameters[key] =
            json!({ "name": name, "in": "query", "description": description, "schema": schema, "example": example });
    }
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let id = |description: &str| json!({ "type": "string", "format": "uuid", "description": description });
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let text =
        |description: &str| json!({ "type": "string", "minLength": 1, "maxLength": 1000, "description": description });
    let side = |description: &str| json!({ "type": "array", "items": { "type": "string", "format": "uuid" }, "description": description });
    let exception = object(
        &["by", "control", "from", "until"],
        json!({
            "by": reference("GrantDeed"), "control": text("What is done so that nothing happens"),
            "from": time("From when on"), "until": time("Until when"),
            "foreseen": { "type": "boolean", "description": "That it was given beforehand, and not all of it is held yet" },
        }),
    );
    let violation = json!({
        "id": id("Its id"),
        "rule": id("The rule"),
        "mode": { "enum": ["detect", "warn", "requireException", "block"] },
        "user": id("Who"),
        "one": side("What they hold, held, or are allowed to hold of the one side"),
        "other": side("And of the other"),
        "state": { "enum": ["detected", "excepted", "resolved"] },
        "found": time("When it was found"),
        "ended": time("When it was over"),
        "exception": exception,
    });
    let new = json!({
        "reason": text("Why"), "control": text("What is done so that nothing happens"), "until": time("Until when"),
    });
    let foreseen = json!({
        "user": id("Who"),
        "entitlements": {
            "type": "array", "items": { "type": "string", "format": "uuid" }, "minItems": 1, "maxItems": 500,
            "description": "What they are about to hold, beside what they hold",
        },
        "reason": text("Why"), "control": text("What is done so that nothing happens"), "until": time("Until when"),
    });
    let remedy = json!({ "entitlement": id("What is taken away"), "reason": text("Why") });
    let impact = json!({ "user": id("Who"), "one": side("Of the one side"), "other": side("Of the other") });
    for (called, schema) in [
        ("SodViolation", object(&["id", "rule", "mode", "user", "one", "other", "state", "found"], violation)),
        ("SodViolationPage", page("SodViolation")),
        ("NewSodException", object(&["reason", "control", "until"], new)),
        ("ForeseenSodException", object(&["user", "entitlements", "reason", "control", "until"], foreseen)),
        ("SodRemedy", object(&["entitlement", "reason"], remedy)),
        ("SodImpact", object(&["user", "one", "other"], impact)),
        ("SodImpactPage", page("SodImpact")),
    ] {
        schemas.insert(called.into(), schema);
    }
}
