//! What requests and delegations look like.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::page,
    schemas::{object, reference},
};

/// How a request stands.
pub(super) const STATES: [&str; 7] =
    ["open", "completed", "partlyCompleted", "rejected", "withdrawn", "expired", "cancelled"];

fn id(description: &str) -> Value {
    json!({ "type": "string", "format": "uuid", "description": description })
}

fn time(description: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": description })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 4000, "description": description })
}

fn day(description: &str) -> Value {
    json!({ "type": "string", "description": format!("{description}: a day (`2026-11-27`) or an instant") })
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn level() -> Value {
    json!({ "enum": ["low", "substantial", "high"], "description": "How surely it is known who decides (eIDAS)" })
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    for (name, schema) in asked().into_iter().chain(shown()).chain(stages()).chain(delegations()) {
        schemas.insert(name.into(), schema);
    }
}

/// What people send.
fn asked() -> Vec<(&'static str, Value)> {
    let period = json!({
        "from": day("From when on"),
        "until": day("Until when"),
        "days": { "type": "integer", "minimum": 1, "maximum": 36_525, "description": "Or for how many days from its beginning" },
    });
    let mut item = period.clone();
    item["kind"] = json!({ "enum": ["grant", "extend", "revoke"] });
    item["entitlement"] = id("Which entitlement; of a grant it is known");
    item["grant"] = id("Which grant is to be extended or to end");
    let items = json!({ "type": "array", "minItems": 1, "maxItems": 20, "items": object(&["kind"], item) });
    let request = json!({
        "subject": id("For whom; the caller, if nobody is named"),
        "justification": text("Why; needed where something is taken from somebody else"),
        "legalBasis": text("By which law or order"),
        "items": items,
    });
    let vote = json!({
        "decision": { "enum": ["approve", "reject"] },
        "comment": text("Why; a rejection needs it"),
        "until": day("An earlier end"),
        "onBehalfOf": id("In whose name, where the caller stands in for several"),
    });
    let answer = json!({ "answer": text("The answer"), "change": object(&[], period) });
    let hand_on = json!({
        "from": id("Whose place; the caller's own, or that of whom they stand in for"),
        "to": id("Who is to decide"),
        "reason": text("Why"),
    });
    vec![
        ("NewRequest", object(&["items"], request)),
        ("NewVote", object(&["decision"], vote)),
        ("NewQuestion", object(&["question"], json!({ "question": text("What they want to know") }))),
        ("NewAnswer", object(&[], answer)),
        ("NewReassignment", object(&["to", "reason"], hand_on)),
    ]
}

/// What is shown.
fn shown() -> Vec<(&'static str, Value)> {
    let item = json!({
        "id": id("Its id; none in a preview"),
        "request": id("Of which request; none in a preview"),
        "kind": { "enum": ["grant", "extend", "revoke"] },
        "state": { "enum": [
            "pending", "infoRequested", "scheduled", "fulfilled", "rejected", "withdrawn", "expired", "cancelled",
        ] },
        "reason": {
            "enum": [
                "vote", "noApprover", "conflict", "subjectLeft", "retired", "startFailed", "grantEnded",
            ],
            "description": "Why it was rejected or cancelled",
        },
        "requester": id("Who asks"),
        "subject": id("For whom"),
        "entitlement": id("The group"),
        "grant": id("The grant that it is about, or that came of it"),
        "from": time("When it begins, if not as soon as it is approved"),
        "until": time("When it ends"),
        "length": { "type": "integer", "description": "Or how long it lasts from its beginning, in seconds" },
        "risk": { "type": "integer", "minimum": 0, "maximum": 3 },
        "submitted": time("When it was asked for"),
        "expires": time("When it expires if nobody decides, or answers"),
        "ended": time("When it came to its end"),
        "conflicts": { "type": "array", "description": "With which rules of segregation of duties it was in conflict when its stages began", "items": object(
            &["rule", "mode", "excepted"],
            json!({
                "rule": { "type": "string", "format": "uuid" },
                "mode": { "enum": ["detect", "warn", "requireException", "block"] },
                "excepted": { "type": "boolean", "description": "Whether there was an exception for the person" },
            }),
        ) },
        "stages": list(&reference("RequestStage")),
        "void": list(&reference("RequestStage")),
        "questions": list(&reference("RequestQuestion")),
        "version": { "type": "integer", "minimum": 1, "description": "What `If-Match` names" },
    });
    let members = ["kind", "state", "requester", "subject", "entitlement", "risk", "submitted", "stages", "version"];
    let request = json!({
        "id": id("Its id; none in a preview"),
        "number": { "type": "string", "description": "Its number for people; none in a preview" },
        "state": { "enum": STATES },
        "requester": id("Who asks"),
        "subject": id("For whom"),
        "justification": text("Why"),
        "legalBasis": text("By which law or order"),
        "created": time("When it was asked for"),
        "items": list(&reference("RequestItem")),
    });
    vec![
        ("Request", object(&["state", "requester", "subject", "created", "items"], request)),
        ("RequestPage", page("Request")),
        ("RequestItem", object(&members, item)),
        ("RequestItemPage", page("RequestItem")),
    ]
}

/// What an item consists of.
fn stages() -> Vec<(&'static str, Value)> {
    let approver = json!({ "id": id("The person"), "deputies": list(&id("Who stands in for them just now")) });
    let vote = json!({
        "voter": id("Who"),
        "onBehalfOf": id("In whose name, if not in their own"),
        "decision": { "enum": ["approve", "reject"] },
        "comment": text("Why"),
        "at": time("When"),
        "assurance": level(),
    });
    let change = json!({
        "kind": { "enum": ["reassigned", "escalated", "handedOver"] },
        "by": id("Who did it; nobody for the server"),
        "from": id("Who sat there"),
        "to": id("Who sits there now"),
        "reason": text("Why"),
        "at": time("When"),
    });
    let at_least = object(&["atLeast"], json!({ "atLeast": { "type": "integer", "minimum": 1 } }));
    let stage = json!({
        "number": { "type": "integer", "minimum": 0 },
        "state": { "enum": ["notReady", "open", "approved", "rejected", "skipped", "timedOut", "cancelled"] },
        "reason": { "enum": ["vote", "noApprover", "notifyOnly", "alreadyApproved", "nobody"] },
        "approvers": list(&object(&["id"], approver)),
        "needed": { "type": "integer", "minimum": 1, "description": "How many of them have to approve" },
        "quorum": { "oneOf": [{ "enum": ["any", "all"] }, at_least] },
        "fallback": { "type": "boolean", "description": "Whether these stand ready for those whom the policy named first" },
        "assurance": level(),
        "reminds": time("When approvers are reminded next"),
        "escalates": time("When others may decide as well"),
        "votes": list(&object(&["voter", "decision", "at"], vote)),
        "changes": list(&object(&["kind", "at"], change)),
    });
    let question = json!({
        "by": id("Who asks"),
        "onBehalfOf": id("In whose name, if not in their own"),
        "question": text("What"),
        "at": time("When"),
        "answer": text("The answer"),
        "answeredBy": id("By whom"),
    });
    vec![
        ("RequestStage", object(&["number", "state", "approvers", "quorum", "votes"], stage)),
        ("RequestQuestion", object(&["by", "question", "at"], question)),
    ]
}

fn delegations() -> Vec<(&'static str, Value)> {
    let duties = json!({ "type": "array", "items": { "enum": ["approvals", "reviews"] }, "uniqueItems": true });
    let new = json!({
        "delegate": id("Who stands in"),
        "duties": duties,
        "from": day("From when on, today or later; now, if nobody says"),
        "until": day("Until when"),
        "reason": text("Why"),
    });
    let delegation = json!({
        "id": id("Its id"),
        "delegator": id("Who is away"),
        "delegate": id("Who stands in"),
        "duties": duties,
        "from": time("From when on"),
        "until": time("Until when"),
        "state": { "enum": ["planned", "active", "ended", "cancelled"] },
        "cancelled": time("When it was cancelled"),
        "reason": text("Why"),
    });
    let members = ["id", "delegator", "delegate", "duties", "from", "until", "state"];
    vec![
        ("NewDelegation", object(&["delegate", "until"], new)),
        ("Delegation", object(&members, delegation)),
        ("DelegationPage", page("Delegation")),
    ]
}
