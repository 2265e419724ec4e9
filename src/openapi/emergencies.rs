//! `/t/{tenant}/api/v1/emergencies`: access that people take in emergencies, and what comes of looking at it.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, conditional, page, parameters, shown, tagged},
    entitlements::{APPLICATION_ID, GROUP_ID},
    requests::{TAG, of_both, of_people},
    schemas::object,
};

const EMERGENCY_ID: &str = "019b2c4a-b5c6-7d78-8a9a-f60718293a4b";
const USER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
const OFFICER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738499";
const GRANT_ID: &str = "019b2c47-8293-7a45-b667-c3d4e5f60718";
const REASON: &str = "The database of benefits does not answer, and its administrator cannot be reached";
const INCIDENT: &str = "INC-2026-0417";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let emergencies = format!("{TENANT}/emergencies");
    paths.insert(emergencies.clone(), many());
    paths.insert(format!("{emergencies}/{{emergency}}"), one());
    paths.insert(format!("{emergencies}/{{emergency}}/review"), review());
}

fn many() -> Value {
    let mut list = Operation {
        tag: TAG,
        id: "listEmergencies",
        summary: "List what was taken in emergencies",
        description: "The oldest first. People see what they took; security officers everything, and who answers for an entitlement what was taken \
            of it; administrators everything.",
        success: shown("200", "A page of emergencies", "EmergencyPage", json!({ "items": [unreviewed()] })),
        failures: &[],
    }
    .described();
    list["parameters"] = parameters(&["emergencyUser", "emergencyState", "pageCount", "cursor"]);
    let new = json!({ "entitlement": GROUP_ID, "reason": REASON, "incident": INCIDENT, "minutes": 120 });
    json!({
        "parameters": parameters(&["tenant"]),
        "get": of_both(list),
        "post": of_people(Operation {
            tag: TAG,
            id: "openEmergency",
            summary: "Take access in an emergency",
            description: "Nobody decides beforehand: the caller is a member of the entitlement's group when the answer is there, for 240 minutes at the \
                most, and that is not extended. For direct members of the group that the setting `emergencyGroup` names, and entitlements whose \
                `emergency` is true; never for the groups that this setting and `securityOfficers` name. Whoever calls has to be known at the level \
                *substantial*. What does not go together is noted and does not hinder. A security officer or whoever answers for the entitlement \
                looks at it afterwards.",
            success: tagged("201", "What was taken", "Emergency", unreviewed()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewEmergency", &[("database", "For two hours", new)])),
    })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "emergency"]),
        "get": of_both(Operation {
            tag: TAG,
            id: "getEmergency",
            summary: "Read what was taken in an emergency",
            description: "People see what they took or may look at; administrators everything.",
            success: tagged("200", "What was taken", "Emergency", unreviewed()),
            failures: &[],
        }.described()),
    })
}

fn review() -> Value {
    let mut reviewed = unreviewed();
    let (verdict, comment) = ("justified", "The incident is in the log of the data centre");
    reviewed["state"] = "reviewed".into();
    reviewed["review"] =
        json!({ "by": OFFICER_ID, "verdict": verdict, "comment": comment, "at": "2026-11-25T07:40:00.000Z" });
    json!({
        "parameters": parameters(&["tenant", "emergency"]),
        "post": of_people(conditional(Operation {
            tag: TAG,
            id: "reviewEmergency",
            summary: "Say whether it was an emergency",
            description: "Once, by a security officer or whoever answers for the entitlement, and never by who took it. It is due within two working \
                days; after them the state is `escalated`, and it can still be done. Works while the tenant is suspended.",
            success: tagged("200", "What was taken, and what was found", "Emergency", reviewed),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewEmergencyReview", &[
            ("justified", "It was one", json!({ "verdict": verdict, "comment": comment })),
        ]))),
    })
}

fn unreviewed() -> Value {
    json!({
        "id": EMERGENCY_ID, "user": USER_ID, "entitlement": GROUP_ID, "application": APPLICATION_ID, "grant": GRANT_ID,
        "reason": REASON, "incident": INCIDENT, "state": "unreviewed", "opened": "2026-11-24T08:15:00.000Z",
        "until": "2026-11-24T10:15:00.000Z", "due": "2026-11-26T08:15:00.000Z",
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = json!({ "type": "string", "format": "uuid" });
    parameters["emergency"] = json!({
        "name": "emergency", "in": "path", "required": true, "description": "The emergency's id", "schema": id,
        "example": EMERGENCY_ID,
    });
    for (key, name, schema, description, example) in [
        ("emergencyUser", "user", id, "Taken by that user", USER_ID),
        ("emergencyState", "state", json!({ "enum": store::EMERGENCY_STATES }), "In that state", "escalated"),
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
        |description: &str| json!({ "type": "string", "minLength": 1, "maxLength": 4000, "description": description });
    let verdict = json!({ "enum": ["justified", "unjustified"] });
    let review = object(
        &["by", "verdict", "comment", "at"],
        json!({ "by": id("By whom"), "verdict": verdict, "comment": text("Why"), "at": time("When") }),
    );
    let emergency = json!({
        "id": id("Its id"),
        "user": id("By whom"),
        "entitlement": id("To what: the group"),
        "application": id("Of which application"),
        "grant": id("The grant that came of it, whose `sourceId` is the emergency"),
        "reason": text("Why"),
        "incident": text("The number of the incident"),
        "state": { "enum": store::EMERGENCY_STATES },
        "opened": time("When it was taken"),
        "until": time("Until when it was taken"),
        "due": time("Until when it has to be looked at"),
        "escalated": time("When an administrator was told that nobody had"),
        "review": review,
    });
    let members =
        ["id", "user", "entitlement", "application", "grant", "reason", "incident", "state", "opened", "until", "due"];
    let new = json!({
        "entitlement": id("To what: the group"),
        "reason": text("Why"),
        "incident": text("The number of the incident"),
        "minutes": { "type": "integer", "minimum": 1, "maximum": 240, "description": "For how long" },
    });
    for (called, schema) in [
        ("Emergency", object(&members, emergency)),
        ("EmergencyPage", page("Emergency")),
        ("NewEmergency", object(&["entitlement", "reason", "incident", "minutes"], new)),
        ("NewEmergencyReview", object(&["verdict", "comment"], json!({ "verdict": verdict, "comment": text("Why") }))),
    ] {
        schemas.insert(called.into(), schema);
    }
}
