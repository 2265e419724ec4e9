//! `/t/{tenant}/api/v1/applications/{application}/entitlements`: groups that people are in by grants.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, gone, page, parameters, shown},
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
                groups cannot be members then. The group becomes one of the application's, if it is not yet.",
            success: shown("201", "The new entitlement", "ApplicationEntitlement", entitlement()),
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
            success: shown("200", "The entitlement", "ApplicationEntitlement", entitlement()),
            failures: &[],
        }.described(),
        "patch": Operation {
            tag: TAG,
            id: "changeApplicationEntitlement",
            summary: "Change an entitlement",
            description: "What is left out stays. One that is not `active` is given to nobody by hand; who has it keeps it. While the tenant is \
                suspended, it can only become harder to get.",
            success: shown("200", "The entitlement as it is now", "ApplicationEntitlement", entitlement()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("ApplicationEntitlementChange", &[
            ("govern", "Let grants alone make members", json!({ "authority": "grants" })),
            ("retire", "Give it to nobody any more", json!({ "state": "retired", "purpose": null })),
        ]),
        "delete": Operation {
            tag: TAG,
            id: "deleteApplicationEntitlement",
            summary: "Make a plain group of an entitlement again",
            description: "Only if nobody was ever granted it: it was made by mistake. The group stays.",
            success: gone("It is a plain group"),
            failures: &[("409", "Conflict")],
        }.described(),
    })
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
        "created": "2026-11-02T07:30:00.000Z",
        "modified": "2026-11-24T08:15:00.000Z",
    })
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
    let new = json!({
        "group": id, "code": code, "names": names_of(), "state": state, "authority": authority, "risk": risk,
        "purpose": or_none(purpose.clone()), "legalBasis": or_none(basis.clone()),
    });
    let change = json!({
        "names": names_of(), "state": state, "authority": authority, "risk": risk,
        "purpose": or_none(purpose.clone()), "legalBasis": or_none(basis.clone()),
    });
    let all = json!({
        "group": id, "application": id, "code": code, "names": names_of(), "state": state, "authority": authority,
        "risk": risk, "purpose": purpose, "legalBasis": basis, "created": time, "modified": time,
    });
    let members = ["group", "application", "code", "names", "state", "authority", "risk", "created", "modified"];
    for (called, schema) in [
        ("LocalizedName", names),
        ("NewApplicationEntitlement", object(&["group", "code", "names"], new)),
        ("ApplicationEntitlementChange", object(&[], change)),
        ("ApplicationEntitlement", object(&members, all)),
        ("ApplicationEntitlementPage", page("ApplicationEntitlement")),
    ] {
        schemas.insert(called.into(), schema);
    }
}
