//! `/t/{tenant}/api/v1/applications/{application}/entitlements`: groups that people are in by grants.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, conditional, gone, page, parameters, shown, tagged},
    applications::{OWNER_ID, UNIT_ID},
    schemas::{object, reference},
};

const PATH: &str = "/t/{tenant}/api/v1/applications/{application}/entitlements";
const TAG: &str = "Entitlements of applications";
pub(super) const GROUP_ID: &str = "019b2c45-6071-7293-b4a5-a6b7c8d9eafb";
pub(super) const APPLICATION_ID: &str = "019b2c44-5f60-7182-a394-95a6b7c8d9ea";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    paths.insert(PATH.into(), list());
    paths.insert(format!("{PATH}/{{group}}"), one());
}

pub(super) fn names() -> Value {
    json!({ "lv": "Nekustamā īpašuma nodoklis: operators", "en": "Property tax: operator" })
}

fn list() -> Value {
    let new = json!({
        "group": GROUP_ID, "code": "operator", "names": names(), "authority": "grants", "risk": 2,
        "purpose": "Calculates and corrects the tax", "legalBasis": "Likums \"Par nekustamā īpašuma nodokli\"",
        "audience": { "employmentTypes": ["employee"] }, "duration": lengths(), "needsJustification": true,
    });
    json!({
        "parameters": parameters(&["tenant", "application"]),
        "get": Operation {
            tag: TAG,
            id: "listApplicationEntitlements",
            summary: "List an application's entitlements",
            description: "In the order of their groups' ids.",
            success: shown(
                "200", "A page of entitlements", "ApplicationEntitlementPage", json!({ "items": [entitlement()] }),
            ),
            failures: &[],
        }.paged(),
        "post": Operation {
            tag: TAG,
            id: "createApplicationEntitlement",
            summary: "Make a group an entitlement",
            description: "From then on a user is a member of the group exactly while a grant stands behind it. Who is in it already gets one of \
                the source `import`; whom a SCIM client adds, one of the source `scim`; whom it removes loses every grant of it. With the \
                `authority` `grants` a SCIM client adds members only if its token has the scope `grants.write` (else 403) and removes them always; \
                groups cannot be members then. The group becomes one of the application's, if it is not yet.\n\n\
                People find it among their offers if it is `requestable` (if that is left out: where grants alone make members), if one of their employments \
                that are not over is within `audience` (in one of its `units` or below and on one of its footings; everybody where it says nothing), and \
                if it and its application are in use. They need what `prerequisites` names first. Times in `duration` are whole seconds: `default` where \
                nobody says, `longest` at once, `total` with every extension. `approvalPolicy` says who decides; without it the risk does. `owner` goes before \
                whoever answers for the application.",
            success: tagged("201", "The new entitlement", "ApplicationEntitlement", entitlement()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewApplicationEntitlement", &[
            ("governed", "Where grants alone make members", new),
            ("plain", "Where provisioning clients add members as before", json!({
                "group": GROUP_ID, "code": "reader", "names": { "en": "Documents: readers" },
            })),
        ]),
    })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "application", "group"]),
        "get": Operation {
            tag: TAG,
            id: "getApplicationEntitlement",
            summary: "Read an entitlement",
            description: "Also when its group is gone: what was granted of it is to be understood.",
            success: tagged("200", "The entitlement", "ApplicationEntitlement", entitlement()),
            failures: &[],
        }.described(),
        "patch": conditional(Operation {
            tag: TAG,
            id: "changeApplicationEntitlement",
            summary: "Change an entitlement",
            description: "What is left out stays. One that is not `active` is given to nobody; who has it keeps it. None of \
                an application that is retired is `active`. While the tenant is \
                suspended, it can only become harder to get.",
            success: tagged("200", "The entitlement as it is now", "ApplicationEntitlement", entitlement()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("ApplicationEntitlementChange", &[
            ("govern", "Let grants alone make members", json!({ "authority": "grants" })),
            ("retire", "Give it to nobody any more", json!({ "state": "retired", "purpose": null })),
        ])),
        "delete": conditional(Operation {
            tag: TAG,
            id: "deleteApplicationEntitlement",
            summary: "Make a plain group of an entitlement again",
            description: "Only if nobody was ever granted it: it was made by mistake. The group stays.",
            success: gone("It is a plain group"),
            failures: &[("409", "Conflict")],
        }.described()),
    })
}

pub(super) fn lengths() -> Value {
    json!({ "default": 7_776_000, "longest": 31_536_000, "extensions": 2 })
}

fn entitlement() -> Value {
    json!({
        "group": GROUP_ID,
        "application": APPLICATION_ID,
        "code": "operator",
        "names": names(),
        "state": "active",
        "authority": "grants",
        "risk": 2,
        "purpose": "Calculates and corrects the tax",
        "legalBasis": "Likums \"Par nekustamā īpašuma nodokli\"",
        "requestable": true,
        "owner": { "id": OWNER_ID, "displayName": "Anna Kalniņa" },
        "responsible": { "id": OWNER_ID, "displayName": "Anna Kalniņa" },
        "audience": { "units": [UNIT_ID], "employmentTypes": ["employee"] },
        "duration": lengths(),
        "needsJustification": true,
        "needsLegalBasis": false,
        "prerequisites": [],
        "emergency": false,
        "created": "2026-11-02T07:30:00.000Z",
        "modified": "2026-11-24T08:15:00.000Z",
    })
}

/// On what terms people come to it.
fn terms() -> Value {
    let flag = |description: &str| json!({ "type": "boolean", "description": description });
    let ids = |description: &str| {
        let id = json!({ "type": "string", "format": "uuid" });
        json!({ "type": "array", "items": id, "maxItems": 100, "uniqueItems": true, "description": description })
    };
    let kinds = json!({
        "type": "array", "items": { "type": "string", "minLength": 1, "maxLength": 200 }, "maxItems": 100, "uniqueItems": true,
        "description": "On one of these footings (`type` of employments)",
    });
    let audience = object(&[], json!({ "units": ids("In one of these units, or below"), "employmentTypes": kinds }));
    json!({
        "requestable": flag("Whether people may ask for it"),
        "audience": audience,
        "duration": reference("EntitlementDuration"),
        "needsJustification": flag("Whether whoever asks has to say why"),
        "needsLegalBasis": flag("Whether whoever asks has to say by which law or order"),
        "prerequisites": ids("The entitlements that somebody has to have first"),
        "emergency": flag("Whether it can be taken at once in an emergency"),
    })
}

fn duration() -> Value {
    let seconds = |description: &str| json!({ "type": "integer", "minimum": 60, "maximum": 316_224_000, "description": format!("{description}, in seconds") });
    let times =
        json!({ "type": "integer", "minimum": 0, "maximum": 100, "description": "How often a grant may be extended" });
    let lengths = json!({
        "default": seconds("Where nobody says"), "longest": seconds("At once at the most"),
        "total": seconds("With every extension at the most"), "extensions": times,
    });
    object(&[], lengths)
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let id = json!({ "type": "string", "format": "uuid" });
    let time = json!({ "type": "string", "format": "date-time" });
    let name = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    let names = object(&[], json!({ "lv": name, "en": name }));
    let code = json!({
        "type": "string",
        "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        "description": "Its name for programs, among those of the application; it stays",
    });
    let state = json!({ "enum": ["draft", "active", "retired"], "default": "active" });
    let authority = json!({
        "enum": ["scim", "grants"],
        "default": "scim",
        "description": "Whose word makes somebody a member: that of clients and of grants, or that of grants alone",
    });
    let risk = json!({
        "type": "integer", "minimum": 0, "maximum": 3, "default": 2, "description": "How much harm it can do",
    });
    let text =
        |description: &str| json!({ "type": "string", "minLength": 1, "maxLength": 1000, "description": description });
    let (purpose, basis) = (text("What it is for"), text("By which law"));
    let or_none = |mut text: Value| {
        text["type"] = json!(["string", "null"]);
        text
    };
    let names_of = || reference("LocalizedName");
    let mut change = json!({
        "names": names_of(), "state": state, "authority": authority, "risk": risk,
        "purpose": or_none(purpose.clone()), "legalBasis": or_none(basis.clone()),
    });
    let mut all = json!({
        "group": id, "application": id, "code": code, "names": names_of(), "state": state, "authority": authority,
        "risk": risk, "purpose": purpose, "legalBasis": basis, "owner": reference("NamedUser"),
        "responsible": reference("NamedUser"), "approvalPolicy": id, "created": time, "modified": time,
    });
    let terms = terms();
    for (name, schema) in terms.as_object().into_iter().flatten() {
        all[name] = schema.clone();
        change[name] = schema.clone();
    }
    for (name, description) in [
        ("owner", "The user who answers for it; else whoever answers for the application"),
        ("approvalPolicy", "Who decides; else the policy of the risk"),
    ] {
        change[name] = json!({ "type": ["string", "null"], "format": "uuid", "description": description });
    }
    let mut new = change.clone();
    (new["group"], new["code"]) = (id.clone(), code);
    let always = ["group", "application", "code", "names", "state", "authority", "risk", "created", "modified"];
    let members: Vec<&str> =
        always.into_iter().chain(terms.as_object().into_iter().flatten().map(|(name, _)| name.as_str())).collect();
    for (called, schema) in [
        ("LocalizedName", names),
        ("EntitlementDuration", duration()),
        ("NewApplicationEntitlement", object(&["group", "code", "names"], new)),
        ("ApplicationEntitlementChange", object(&[], change)),
        ("ApplicationEntitlement", object(&members, all)),
        ("ApplicationEntitlementPage", page("ApplicationEntitlement")),
    ] {
        schemas.insert(called.into(), schema);
    }
}
