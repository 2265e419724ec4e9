//! `/t/{tenant}/api/v1/organisation-units` and `/users/{user}/employments`: the organisation, and who works where.

use serde_json::{Map, Value, json};
use store::UnitKind;

use crate::{
    administration::{MAX_DEPTH, MAX_UNITS},
    openapi::{
        administration::{Operation, TENANT, gone, page, parameters, shown},
        examples::USER_ID,
        schemas::{object, reference},
    },
};

const UNIT_ID: &str = "019b2c46-7182-73a4-85b6-a7b8c9daebfc";
const PARENT_ID: &str = "019b2c46-7182-73a4-85b6-a7b8c9daebfd";
const TAG: &str = "Organisation";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let units = format!("{TENANT}/organisation-units");
    paths.insert(units.clone(), list());
    paths.insert(format!("{units}/unmatched"), unmatched());
    paths.insert(format!("{units}/{{unit}}"), one());
    paths.insert(format!("{units}/{{unit}}/people"), people());
    paths.insert(format!("{TENANT}/users/{{user}}/employments"), employments());
}

fn list() -> Value {
    let municipality = json!({
        "kind": "municipality", "code": "BNP", "name": "Bērzaines novada pašvaldība", "registrationNumber": "90000012345",
    });
    let part =
        json!({ "kind": "unit", "code": "FIN", "name": "Finanšu pārvalde", "parent": PARENT_ID, "head": USER_ID });
    let mut listed = Operation {
        tag: TAG,
        id: "listOrganisationUnits",
        summary: "List organisation units",
        description: "The oldest first.",
        success: shown("200", "A page of units", "OrganisationUnitPage", json!({ "items": [unit()] })),
        failures: &[],
    }
    .paged();
    listed["parameters"] = parameters(&["unitParent", "unitKind", "unitCode", "pageCount", "cursor"]);
    let description = format!(
        "A municipality is part of nothing; an institution, an agency or a company of a municipality or of one another; a unit of \
         anything. {MAX_UNITS} in all and {MAX_DEPTH} levels at the most. Employments name a unit by its `code`, so that it may come \
         after its people."
    );
    json!({
        "parameters": parameters(&["tenant"]),
        "get": listed,
        "post": Operation {
            tag: TAG,
            id: "createOrganisationUnit",
            summary: "Create an organisation unit",
            description: &description,
            success: tagged("201", "The new unit"),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewOrganisationUnit", &[
            ("municipality", "The municipality", municipality),
            ("unit", "A part of it", part),
        ]),
    })
}

fn one() -> Value {
    let conditional = |mut operation: Value| {
        operation["parameters"] = parameters(&["requiredIfMatch"]);
        operation
    };
    let change = Operation {
        tag: TAG,
        id: "changeOrganisationUnit",
        summary: "Change an organisation unit",
        description: "What is left out stays, and `null` is nothing. With another `parent` all that is below it moves along; it cannot be \
            put into itself. With another `code` its people are those whose employments name that one. While the tenant is suspended, head \
            and deputy can only go.",
        success: tagged("200", "The unit as it is now"),
        failures: &[
            ("409", "Conflict"),
            ("412", "PreconditionFailed"),
            ("415", "UnsupportedMediaType"),
            ("428", "PreconditionRequired"),
        ],
    }
    .taking("OrganisationUnitChange", &[
        ("lead", "Another head, and no deputy", json!({ "head": USER_ID, "deputy": null })),
        ("rename", "Another name", json!({ "name": "Finanšu un ekonomikas pārvalde" })),
    ]);
    let deletion = Operation {
        tag: TAG,
        id: "deleteOrganisationUnit",
        summary: "Delete an organisation unit",
        description: "Not while something is part of it, or employments name it that are not over.",
        success: gone("It is gone"),
        failures: &[("409", "Conflict"), ("412", "PreconditionFailed"), ("428", "PreconditionRequired")],
    }
    .described();
    json!({
        "parameters": parameters(&["tenant", "unit"]),
        "get": Operation {
            tag: TAG,
            id: "getOrganisationUnit",
            summary: "Read an organisation unit",
            description: "`head` and `deputy` are shown as long as there are such users.",
            success: tagged("200", "The unit"),
            failures: &[],
        }.described(),
        "patch": conditional(change),
        "delete": conditional(deletion),
    })
}

fn people() -> Value {
    let person = json!({
        "id": USER_ID,
        "userName": "ilze.berzina@berzaine.example",
        "displayName": "Ilze Bērziņa",
        "active": true,
        "employments": [employment()],
    });
    let mut operation = Operation {
        tag: TAG,
        id: "listOrganisationUnitPeople",
        summary: "List who works in an organisation unit",
        description: "Users with an employment in the unit or in what is below it that is in force on a day, in the order of their ids, each \
            with those employments.",
        success: shown("200", "A page of people", "UnitPersonPage", json!({ "items": [person] })),
        failures: &[],
    }
    .paged();
    operation["parameters"] = parameters(&["direct", "day", "pageCount", "cursor"]);
    json!({ "parameters": parameters(&["tenant", "unit"]), "get": operation })
}

fn unmatched() -> Value {
    let example = json!({ "items": [{ "code": "FIN-JAUNA", "people": 3 }] });
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: TAG,
            id: "listUnmatchedUnits",
            summary: "List codes of units that there are not",
            description: "What employments name that are not over, and no organisation unit has as its code, in the order of codes.",
            success: shown("200", "A page of codes", "UnmatchedUnitPage", example),
            failures: &[],
        }.paged(),
    })
}

fn employments() -> Value {
    json!({
        "parameters": parameters(&["tenant", "user"]),
        "get": Operation {
            tag: TAG,
            id: "listEmployments",
            summary: "List what a user works as",
            description: "As the personnel system has sent it by SCIM: `employments` of the municipal extension, or, where there are none, what \
                its single attributes and the enterprise extension's `manager` say; that manager is also the one of a primary employment that \
                names none. Those that are over or yet to come are there too.",
            success: shown("200", "A page of employments", "EmploymentPage", json!({ "items": [employment()] })),
            failures: &[],
        }.paged(),
    })
}

/// A unit with its tag.
fn tagged(status: &str, description: &str) -> Value {
    let mut answer = shown(status, description, "OrganisationUnit", unit());
    answer[status]["headers"]["ETag"] = json!({ "$ref": "#/components/headers/VersionTag" });
    answer
}

fn unit() -> Value {
    json!({
        "id": UNIT_ID,
        "kind": "unit",
        "code": "FIN",
        "name": "Finanšu pārvalde",
        "parent": PARENT_ID,
        "head": { "id": USER_ID, "displayName": "Ilze Bērziņa" },
        "created": "2026-11-02T07:30:00.000Z",
        "modified": "2026-11-24T08:15:00.000Z",
    })
}

fn employment() -> Value {
    json!({
        "number": "D-1042",
        "unit": { "code": "FIN", "id": UNIT_ID, "name": "Finanšu pārvalde" },
        "position": "Ekonomists",
        "type": "permanent",
        "manager": { "id": USER_ID, "displayName": "Ilze Bērziņa" },
        "start": "2019-03-01",
        "primary": true,
        "current": true,
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = json!({ "type": "string", "format": "uuid" });
    for (name, description, example) in
        [("unit", "The organisation unit's id", UNIT_ID), ("user", "The user's id", USER_ID)]
    {
        parameters[name] = json!({
            "name": name, "in": "path", "required": true, "description": description, "schema": id, "example": example,
        });
    }
    let day = json!({ "type": "string", "format": "date" });
    for (key, name, description, schema, example) in [
        ("unitParent", "parent", "Those that are part of this one", &id, json!(PARENT_ID)),
        ("unitKind", "kind", "Those of this kind", &kinds(), json!("unit")),
        ("unitCode", "code", "The one of this code", &json!({ "type": "string" }), json!("FIN")),
        (
            "direct",
            "direct",
            "Whether those who work below it are left out",
            &json!({ "type": "boolean" }),
            json!(true),
        ),
        ("day", "day", "The day on which they work there; today if left out", &day, json!("2026-11-27")),
    ] {
        parameters[key] =
            json!({ "name": name, "in": "query", "description": description, "schema": schema, "example": example });
    }
    parameters["requiredIfMatch"] = json!({
        "name": "If-Match",
        "in": "header",
        "required": true,
        "description": "The `ETag` of what was read, so that nobody's change is lost; `*` for whatever is there",
        "schema": { "type": "string" },
        "example": "W/\"3\"",
    });
}

fn kinds() -> Value {
    json!({ "enum": UnitKind::ALL.map(UnitKind::word) })
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let text = json!({ "type": "string" });
    let name = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    let code = json!({
        "type": "string", "minLength": 1, "maxLength": scim::employment::MAX_CODE,
        "description": "Its code in the municipality's own register, which employments name",
    });
    let id = json!({ "type": "string", "format": "uuid" });
    let id_or_nothing = json!({ "type": ["string", "null"], "format": "uuid" });
    let (time, day) =
        (json!({ "type": "string", "format": "date-time" }), json!({ "type": "string", "format": "date" }));
    let number = |kind: Value| {
        json!({
            "type": kind, "pattern": "^[0-9]{11}$",
            "description": "Its number in the register of enterprises; not of a unit",
        })
    };
    let user = reference("NamedUser");
    let new = json!({
        "kind": kinds(), "code": code, "name": name, "parent": id, "registrationNumber": number(json!("string")), "head": id,
        "deputy": id,
    });
    let change = json!({
        "kind": kinds(), "code": code, "name": name, "parent": id_or_nothing,
        "registrationNumber": number(json!(["string", "null"])), "head": id_or_nothing, "deputy": id_or_nothing,
    });
    let unit = json!({
        "id": id, "kind": kinds(), "code": code, "name": name, "parent": id, "registrationNumber": number(json!("string")),
        "head": user, "deputy": user, "created": time, "modified": time,
    });
    let employment = json!({
        "number": { "type": "string", "description": "Its number in the personnel system" },
        "unit": object(&["code"], json!({ "code": text, "id": id, "name": text })),
        "position": text,
        "type": text,
        "manager": object(&["id"], json!({ "id": { "type": "string", "description": "As it was sent" }, "displayName": text })),
        "start": day,
        "end": day,
        "primary": { "type": "boolean" },
        "current": { "type": "boolean", "description": "Whether it is in force today, as it is in Latvia" },
    });
    let employments = json!({ "type": "array", "items": reference("Employment") });
    let person = json!({
        "id": id, "userName": text, "displayName": text, "active": { "type": "boolean" }, "employments": employments,
    });
    let people = json!({ "type": "integer", "description": "How many people it concerns" });
    for (called, schema) in [
        ("NewOrganisationUnit", object(&["kind", "code", "name"], new)),
        ("OrganisationUnitChange", object(&[], change)),
        ("OrganisationUnit", object(&["id", "kind", "code", "name", "created", "modified"], unit)),
        ("OrganisationUnitPage", page("OrganisationUnit")),
        ("NamedUser", object(&["id"], json!({ "id": id, "displayName": text }))),
        ("Employment", object(&["primary", "current"], employment)),
        ("EmploymentPage", page("Employment")),
        ("UnitPerson", object(&["id", "userName", "active", "employments"], person)),
        ("UnitPersonPage", page("UnitPerson")),
        ("UnmatchedUnit", object(&["code", "people"], json!({ "code": text, "people": people }))),
        ("UnmatchedUnitPage", page("UnmatchedUnit")),
    ] {
        schemas.insert(called.into(), schema);
    }
}
