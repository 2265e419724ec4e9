//! `/t/{tenant}/api/v1/approval-policies`, `/sod-rules`, `/birthright-rules`: rules about access rights.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, gone, parameters, shown},
    entitlements::GROUP_ID,
};

const TAG: &str = "Rules";
const RULE_ID: &str = "019b2c48-93a4-7b56-8c78-d4e5f6071829";
const OTHER_GROUP_ID: &str = "019b2c45-6071-7293-b4a5-b7c8d9eafb0c";
const USER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
const UNIT_ID: &str = "019b2c46-7182-7934-a556-b2c3d4e5f607";

/// A kind of rules: where they are, what they are called, and an example.
pub(super) struct Kind {
    path: &'static str,
    /// In the ids of operations and the names of schemas.
    pub(super) name: &'static str,
    plural: &'static str,
    called: &'static str,
    description: &'static str,
    example: fn() -> Value,
}

pub(super) const KINDS: [Kind; 3] = [
    Kind {
        path: "approval-policies",
        name: "ApprovalPolicy",
        plural: "ApprovalPolicies",
        called: "an approval policy",
        description: "Who approves what is asked for, stage by stage. Times are minutes of working time, of which a day has 510. A request keeps the \
            version that it was made with.",
        example: policy,
    },
    Kind {
        path: "sod-rules",
        name: "SodRule",
        plural: "SodRules",
        called: "a rule of segregation of duties",
        description: "Entitlements that nobody should hold together: something of `one` with something of `other`, anywhere in the tenant or within \
            one institution. `detect` notes it, `warn` tells those who ask and decide, `requireException` and `block` stand against it.",
        example: sod,
    },
    Kind {
        path: "birthright-rules",
        name: "BirthrightRule",
        plural: "BirthrightRules",
        called: "a birthright rule",
        description: "What people have because of where and as what they work: all who have an employment that meets `when` as a whole. Positions \
            and types compare without regard to case.",
        example: birthright,
    },
];

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    for kind in &KINDS {
        let path = format!("{TENANT}/{}", kind.path);
        paths.insert(path.clone(), list(kind));
        paths.insert(format!("{path}/{{rule}}"), one(kind));
    }
    paths.insert(format!("{TENANT}/birthright-rules/{{rule}}/dry-run"), dry_run());
    paths.insert(format!("{TENANT}/birthright-runs"), run());
}

fn list(kind: &Kind) -> Value {
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: TAG,
            id: &format!("list{}", kind.plural),
            summary: &format!("List rules of the kind {}", kind.path),
            description: "Also those that do not count yet or any more, the oldest first.",
            success: shown("200", "A page of rules", &format!("{}Page", kind.name), json!({ "items": [stored(kind)] })),
            failures: &[],
        }.paged(),
        "post": Operation {
            tag: TAG,
            id: &format!("create{}", kind.name),
            summary: &format!("Make {}", kind.called),
            description: kind.description,
            success: shown("201", "The new rule", kind.name, stored(kind)),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking(&format!("New{}", kind.name), &[("new", "A new one", (kind.example)())]),
    })
}

fn one(kind: &Kind) -> Value {
    json!({
        "parameters": parameters(&["tenant", "rule"]),
        "get": Operation {
            tag: TAG,
            id: &format!("get{}", kind.name),
            summary: &format!("Read {}", kind.called),
            description: "`ETag` names its version.",
            success: shown("200", "The rule", kind.name, stored(kind)),
            failures: &[],
        }.described(),
        "put": changing(Operation {
            tag: TAG,
            id: &format!("replace{}", kind.name),
            summary: &format!("Change {}", kind.called),
            description: "The whole of it; what is left out is as in a new one. What it named before may be gone meanwhile.",
            success: shown("200", "The rule as it is now", kind.name, stored(kind)),
            failures: &[("409", "Conflict"), ("412", "PreconditionFailed"), ("415", "UnsupportedMediaType"), ("428", "PreconditionRequired")],
        }.taking(&format!("New{}", kind.name), &[("change", "Another wording", (kind.example)())])),
        "delete": changing(Operation {
            tag: TAG,
            id: &format!("delete{}", kind.name),
            summary: &format!("Delete {}", kind.called),
            description: "One that is in use is refused. One with the `state` `retired` stays to be read and does not count.",
            success: gone("It is gone"),
            failures: &[("409", "Conflict"), ("412", "PreconditionFailed"), ("428", "PreconditionRequired")],
        }.described()),
    })
}

/// A change that rests on a version.
fn changing(mut operation: Value) -> Value {
    operation["parameters"] = parameters(&["requiredIfMatch"]);
    operation
}

fn dry_run() -> Value {
    let mut shown_run = progress();
    shown_run["items"] = json!([{ "user": USER_ID, "give": [GROUP_ID], "end": [] }]);
    json!({
        "parameters": parameters(&["tenant", "rule"]),
        "post": Operation {
            tag: TAG,
            id: "foreseeBirthrightRule",
            summary: "See what a birthright rule would change",
            description: "If it counted as it is, also when it is a draft; nothing is written. `items` shows the first 100 people for whom something \
                would change. A call looks for 15 seconds at the most; where that was not enough, `cursor` in the body goes on.",
            success: shown("200", "What would change", "BirthrightDryRun", shown_run),
            failures: &[("415", "UnsupportedMediaType")],
        }.taking("BirthrightRunWish", &[("begin", "From the first on", json!({}))]),
    })
}

fn run() -> Value {
    json!({
        "parameters": parameters(&["tenant"]),
        "post": Operation {
            tag: TAG,
            id: "runBirthrightRules",
            summary: "Let everybody have what birthright rules say",
            description: "Each night this happens by itself, and at once for whoever is written by SCIM. What a rule gives no more runs out after 14 \
                days. A call goes on for 15 seconds at the most, some people in a transaction; where that was not enough, `cursor` in the body \
                goes on. While the tenant is suspended, nothing is given.",
            success: shown("200", "How far it went", "BirthrightRun", progress()),
            failures: &[("415", "UnsupportedMediaType")],
        }.taking("BirthrightRunWish", &[("begin", "From the first on", json!({}))]),
    })
}

fn progress() -> Value {
    json!({ "complete": true, "looked": 1840, "people": 12, "given": 14, "runningOut": 3 })
}

fn policy() -> Value {
    json!({
        "name": "Manager, then owner",
        "risk": 2,
        "stages": [
            {
                "resolver": { "lineManager": 1 }, "mayReassign": true, "remindAfter": 510, "escalateAfter": 1530,
                "escalateTo": { "lineManager": 2 },
            },
            { "resolver": "owner", "skipIfApproved": true, "fallback": "securityOfficer", "remindAfter": 510 },
        ],
    })
}

fn sod() -> Value {
    json!({
        "name": "Assessing and collecting",
        "description": "Whoever assesses the property tax does not write off its debts",
        "one": [GROUP_ID], "other": [OTHER_GROUP_ID], "scope": "institution", "mode": "requireException",
    })
}

fn birthright() -> Value {
    json!({
        "name": "Documents for everybody who writes them",
        "when": { "all": [{ "within": UNIT_ID }, { "not": { "type": "intern" } }] },
        "entitlements": [GROUP_ID],
    })
}

/// A rule as it is shown.
fn stored(kind: &Kind) -> Value {
    let mut rule = (kind.example)();
    rule["id"] = RULE_ID.into();
    rule["state"] = "active".into();
    rule["created"] = "2026-11-02T07:30:00.000Z".into();
    rule["modified"] = "2026-11-24T08:15:00.000Z".into();
    if kind.name == "ApprovalPolicy" {
        (rule["expiresAfter"], rule["answerWithin"], rule["maxQuestions"]) = (5100.into(), 2550.into(), 3.into());
        for stage in rule["stages"].as_array_mut().into_iter().flatten() {
            for (name, value) in [("quorum", json!("any")), ("onEmpty", json!("deny")), ("notifyOnly", json!(false))] {
                stage[name] = value;
            }
            for name in ["skipIfApproved", "mayReassign", "mayShorten"] {
                stage[name] = stage.get(name).cloned().unwrap_or_else(|| false.into());
            }
        }
    }
    rule
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    parameters["rule"] = json!({
        "name": "rule", "in": "path", "required": true, "description": "The rule's id",
        "schema": { "type": "string", "format": "uuid" }, "example": RULE_ID,
    });
}
