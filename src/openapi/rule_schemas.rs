//! What rules about access rights look like.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::page,
    rules::KINDS,
    schemas::{object, reference},
};

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    for (kind, (required, members)) in KINDS.iter().zip([policy_members(), sod_members(), birthright_members()]) {
        let mut new = json!({
            "name": { "type": "string", "minLength": 1, "maxLength": 200 },
            "description": { "type": "string", "minLength": 1, "maxLength": 1000, "description": "Why there is such a rule" },
            "state": {
                "enum": ["draft", "active", "retired"], "default": "active",
                "description": "Whether it counts: only one that is active does",
            },
        });
        for (name, schema) in members.as_object().into_iter().flatten() {
            new[name] = schema.clone();
        }
        let mut all = new.clone();
        all["id"] = json!({ "type": "string", "format": "uuid" });
        let time = json!({ "type": "string", "format": "date-time" });
        (all["created"], all["modified"]) = (time.clone(), time);
        let required: Vec<&str> = [&["name"], required].concat();
        schemas.insert(format!("New{}", kind.name), object(&required, new));
        let always = [&required[..], &["id", "state", "created", "modified"]].concat();
        schemas.insert(kind.name.into(), object(&always, all));
        schemas.insert(format!("{}Page", kind.name), page(kind.name));
    }
    let number = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let id = json!({ "type": "string", "format": "uuid" });
    let run = json!({
        "complete": { "type": "boolean", "description": "Whether everybody was looked at" },
        "cursor": { "type": "string", "format": "uuid", "description": "Where it goes on" },
        "looked": number("How many people were looked at"),
        "people": number("For how many something changes"),
        "given": number("How much is given, or stays after all"),
        "runningOut": number("How much runs out"),
    });
    let mut dry = run.clone();
    let ids = json!({ "type": "array", "items": id });
    dry["items"] = json!({
        "type": "array",
        "items": object(&["user", "give", "end"], json!({ "user": id, "give": ids, "end": ids })),
        "description": "The first people for whom something would change",
    });
    let members = ["complete", "looked", "people", "given", "runningOut"];
    schemas.insert("BirthrightRun".into(), object(&members, run));
    schemas.insert("BirthrightDryRun".into(), object(&[&members[..], &["items"]].concat(), dry));
    let wish = json!({ "cursor": { "type": ["string", "null"], "format": "uuid", "description": "Behind this user" } });
    schemas.insert("BirthrightRunWish".into(), object(&[], wish));
    schemas.insert("ApprovalStage".into(), stage());
    schemas.insert("ApprovalResolver".into(), resolver());
    schemas.insert("BirthrightCondition".into(), condition());
}

fn minutes(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 132_600, "description": description })
}

fn policy_members() -> (&'static [&'static str], Value) {
    let members = json!({
        "risk": {
            "type": "integer", "minimum": 0, "maximum": 3, "description": "The highest risk of an entitlement that may have it",
        },
        "stages": {
            "type": "array", "items": reference("ApprovalStage"), "maxItems": 10,
            "description": "Who decides, one stage after the other",
        },
        "expiresAfter": minutes("When a request expires that nobody has decided, in minutes of work; 5100 where nobody says"),
        "answerWithin": minutes("When it expires if a question is not answered, in minutes of work; 2550 where nobody says"),
        "maxQuestions": {
            "type": "integer", "minimum": 0, "maximum": 20, "default": 3, "description": "How often approvers may ask",
        },
    });
    (&["risk", "stages"], members)
}

fn sod_members() -> (&'static [&'static str], Value) {
    let side = |description: &str| {
        json!({
            "type": "array", "items": { "type": "string", "format": "uuid" }, "minItems": 1, "maxItems": 500,
            "description": description,
        })
    };
    let members = json!({
        "one": side("The entitlements of one side"),
        "other": side("Those of the other; none stands on both"),
        "scope": {
            "enum": ["tenant", "institution"], "default": "tenant",
            "description": "Where both have to be held: anywhere, or for the same institution or company",
        },
        "mode": { "enum": ["detect", "warn", "requireException", "block"], "description": "How firm it is" },
    });
    (&["one", "other", "mode"], members)
}

fn birthright_members() -> (&'static [&'static str], Value) {
    let members = json!({
        "when": reference("BirthrightCondition"),
        "entitlements": {
            "type": "array", "items": { "type": "string", "format": "uuid" }, "minItems": 1, "maxItems": 200,
            "description": "What they have",
        },
    });
    (&["when", "entitlements"], members)
}

fn stage() -> Value {
    let flag = |description: &str| json!({ "type": "boolean", "default": false, "description": description });
    object(
        &["resolver"],
        json!({
            "resolver": reference("ApprovalResolver"),
            "quorum": {
                "description": "How many of them; `any` where nobody says",
                "oneOf": [
                    { "enum": ["any", "all"] },
                    object(&["atLeast"], json!({ "atLeast": { "type": "integer", "minimum": 1, "maximum": 100 } })),
                ],
            },
            "fallback": reference("ApprovalResolver"),
            "onEmpty": {
                "enum": ["deny", "skip"], "default": "deny",
                "description": "What happens where nobody can decide; `skip` only where the risk is 0 or 1",
            },
            "notifyOnly": flag("Whether nobody decides, and they are told"),
            "skipIfApproved": flag("Whether those who have approved the item before need not do so again"),
            "mayReassign": flag("Whether an approver may hand it to somebody else"),
            "mayShorten": flag("Whether an approver may let it end earlier"),
            "assurance": {
                "enum": ["low", "substantial", "high"], "description": "How sure the approver's identity has to be",
            },
            "remindAfter": minutes("When approvers are reminded, and again after as long, in minutes of work"),
            "escalateAfter": minutes("When others may decide as well, in minutes of work"),
            "escalateTo": reference("ApprovalResolver"),
        }),
    )
}

fn resolver() -> Value {
    let id = json!({ "type": "string", "format": "uuid" });
    json!({
        "description": "How those are found who decide",
        "oneOf": [
            { "enum": ["nodeHead", "owner", "securityOfficer"] },
            object(&["lineManager"], json!({
                "lineManager": {
                    "type": "integer", "minimum": 1, "maximum": 9,
                    "description": "The manager, or the manager's manager and so on: 1 is the nearest",
                },
            })),
            object(&["group"], json!({ "group": id })),
            object(&["person"], json!({ "person": id })),
        ],
    })
}

fn condition() -> Value {
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    let parts = json!({ "type": "array", "items": reference("BirthrightCondition"), "minItems": 1 });
    let of = |name: &str, schema: Value| object(&[name], json!({ name: schema }));
    json!({
        "description": "What is asked of an employment; 8 deep and 100 parts at the most",
        "oneOf": [
            of("within", json!({ "type": "string", "format": "uuid", "description": "In this organisation unit or below it" })),
            of("position", text.clone()),
            of("type", text),
            of("all", parts.clone()),
            of("any", parts),
            of("not", reference("BirthrightCondition")),
        ],
    })
}
