//! What reviews look like.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::page,
    schemas::{object, reference},
};

/// How a review stands.
pub(super) const STATES: [&str; 5] = ["scheduled", "active", "closing", "completed", "cancelled"];
/// How an item stands.
pub(super) const ITEM_STATES: [&str; 8] =
    ["open", "keep", "revoke", "shorten", "abstain", "excluded", "doneKept", "doneChanged"];

fn id(description: &str) -> Value {
    json!({ "type": "string", "format": "uuid", "description": description })
}

fn time(description: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": description })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 4000, "description": description })
}

fn plain(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn day(description: &str) -> Value {
    json!({ "type": "string", "description": format!("{description}: a day (`2026-11-27`) or an instant") })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn number(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": description })
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn verdict() -> Value {
    json!({ "enum": ["keep", "revoke", "shorten", "abstain"] })
}

fn silence() -> Value {
    json!({ "enum": ["keep", "revoke", "byRisk"], "description": "What silence means" })
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    for (name, schema) in asked().into_iter().chain(shown()).chain([("ReviewItem", item()), ("ReviewScope", scope())]) {
        schemas.insert(name.into(), schema);
    }
}

fn scope() -> Value {
    let scope = json!({
        "application": id("Those of an application"),
        "entitlements": list(&id("Those of these entitlements: 1 to 200 of them; of all where nothing is said")),
        "unit": id("Those of people who work in this unit or below it"),
        "riskAtLeast": { "type": "integer", "minimum": 0, "maximum": 3, "description": "Those that can do at least so much harm" },
        "user": id("Those of one person"),
        "askedFor": { "type": "boolean", "readOnly": true, "description": "Those alone that were asked for or given by hand: what somebody keeps who has moved" },
    });
    object(&[], scope)
}

fn exclusions() -> Value {
    list(&object(&["user", "reason"], json!({ "user": id("Who is left out"), "reason": text("Why") })))
}

/// What people send.
fn asked() -> Vec<(&'static str, Value)> {
    let new = json!({
        "name": { "type": "string", "minLength": 1, "maxLength": 200, "description": "Its name for people" },
        "scope": reference("ReviewScope"),
        "reviewers": { "type": "array", "minItems": 1, "maxItems": 10, "items": reference("ApprovalResolver") },
        "starts": day("When it begins, if not at once"),
        "deadline": day("When it closes"),
        "workingDays": { "type": "integer", "minimum": 1, "maximum": 260, "description": "Or after how many days of work" },
        "silence": silence(),
        "exclusions": exclusions(),
    });
    let decision = json!({
        "verdict": verdict(),
        "until": day("The earlier end, where it is to end earlier"),
        "comment": text("Why"),
    });
    let mut decisions = decision.clone();
    decisions["items"] = json!({ "type": "array", "minItems": 1, "maxItems": 500, "items": id("An item") });
    decisions["filter"] =
        object(&[], json!({ "entitlement": id("Of that entitlement"), "subject": id("Of that user") }));
    vec![
        ("NewReview", object(&["name"], new)),
        ("ReviewReason", object(&["reason"], json!({ "reason": text("Why") }))),
        ("ReviewPostponement", object(&["deadline"], json!({ "deadline": day("When it closes instead") }))),
        ("NewReviewDecision", object(&["verdict"], decision)),
        ("NewReviewDecisions", object(&["verdict"], decisions)),
        ("NewReviewReassignment", object(&["to", "reason"], json!({ "to": id("Who"), "reason": text("Why") }))),
    ]
}

/// What is shown.
fn shown() -> Vec<(&'static str, Value)> {
    let counts = json!({ "type": "object", "additionalProperties": { "type": "integer" }, "description": "How many items are in which state" });
    let review = json!({
        "id": id("Its id"),
        "name": plain("Its name for people"),
        "state": { "enum": STATES },
        "micro": flag("Whether it is about one person who has moved, and may be postponed"),
        "scope": reference("ReviewScope"),
        "managers": list(&id("These review together, if they may: the old and the new manager")),
        "reviewers": list(&reference("ApprovalResolver")),
        "silence": silence(),
        "exclusions": exclusions(),
        "starts": time("When it begins or began"),
        "deadline": time("When it closes"),
        "postponed": number("How often it was postponed"),
        "items": number("How many items there are"),
        "prepared": flag("Whether all of them are there"),
        "counts": counts,
        "ended": time("When it ended"),
        "reason": plain("Why it was called off"),
        "created": time("When it was made"),
        "version": { "type": "integer", "minimum": 1 },
    });
    let needed = [
        "id",
        "name",
        "state",
        "micro",
        "scope",
        "reviewers",
        "silence",
        "starts",
        "deadline",
        "items",
        "prepared",
        "created",
        "version",
    ];
    let preview = json!({
        "items": number("How many grants it would be about"),
        "excluded": number("How many of them of people who are left out"),
        "reviewers": number("How many people would review"),
        "withoutReviewer": number("How many grants nobody would: silence decides about them"),
        "complete": flag("Whether all grants were looked at"),
    });
    let answer = json!({
        "id": id("The item"),
        "status": { "type": "integer", "description": "What a decision about it alone would have been answered with" },
        "state": { "enum": ITEM_STATES },
        "detail": plain("Why nothing has changed"),
    });
    let answers = json!({
        "items": list(&object(&["id", "status"], answer)),
        "more": flag("Whether others suit the filter"),
    });
    vec![
        ("Review", object(&needed, review)),
        ("ReviewPage", page("Review")),
        ("ReviewPreview", object(&["items", "excluded", "reviewers", "withoutReviewer", "complete"], preview)),
        ("ReviewAnswers", object(&["items", "more"], answers)),
        ("ReviewItemPage", page("ReviewItem")),
    ]
}

fn item() -> Value {
    let reviewer = json!({ "id": id("The person"), "deputies": list(&id("Who stands in for them just now")) });
    let decision = json!({
        "by": id("Who; nobody for what silence means"),
        "onBehalfOf": id("In whose name, if not in their own"),
        "verdict": verdict(),
        "until": time("The earlier end"),
        "comment": text("Why"),
        "at": time("When"),
    });
    let recommendation = json!({
        "verdict": { "enum": ["keep", "revoke"] },
        "reason": {
            "enum": ["conflict", "otherWork", "suits"],
            "description": "It does not go together with something else that the person holds; it is for people who work elsewhere or on another \
                footing; nothing speaks against it",
        },
    });
    let item = json!({
        "id": id("Its id"),
        "review": id("Of which review"),
        "state": { "enum": ITEM_STATES },
        "reason": plain("Why it was left out"),
        "grant": id("The grant"),
        "subject": id("Of whom"),
        "subjectName": plain("What they are called"),
        "unit": plain("Where they work"),
        "entitlement": id("The group"),
        "entitlementName": plain("What it is called"),
        "application": id("Of which application"),
        "applicationName": plain("What it is called"),
        "risk": { "type": "integer", "minimum": 0, "maximum": 3 },
        "since": time("Since when they hold it"),
        "source": plain("Where it comes from, as grants say it"),
        "sourceId": id("From which client, rule or request"),
        "until": time("When it ends without the review"),
        "certified": time("When a review last kept it"),
        "recommendation": object(&["verdict", "reason"], recommendation),
        "reviewers": list(&object(&["id"], reviewer)),
        "decisions": list(&object(&["verdict", "at"], decision)),
        "version": { "type": "integer", "minimum": 1 },
    });
    let needed =
        ["id", "review", "state", "grant", "subject", "entitlement", "risk", "recommendation", "reviewers", "version"];
    object(&needed, item)
}
