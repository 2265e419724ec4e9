//! Requests and answers as they go over the wire. A test sends every request and checks every answer.

use scim::{
    discovery::{self, Limits},
    message,
    schema::{Catalog, ENTERPRISE, GROUP, MUNICIPAL, ResourceType, USER},
};
use serde_json::{Value, json};

pub(super) const USER_ID: &str = "019b2c3d-4e5f-7a6b-8c7d-9e0f1a2b3c4d";
const GROUP_ID: &str = "019b2c3e-0a1b-7c2d-9e3f-4a5b6c7d8e9f";
const BASE: &str = "https://rights.example.lv/t/berzaine/scim/v2";

/// A resource as it is read.
pub(super) fn resource(kind: &ResourceType) -> Value {
    match kind.name.as_str() {
        "Group" => group(),
        "User" => user(),
        OWN => own(),
        _ => entry(kind),
    }
}

/// What the description calls a resource of a type that a tenant defines.
pub(super) const OWN: &str = "OwnResource";
const VEHICLE: &str = "urn:berzaine:scim:schemas:2.0:Vehicle";

fn new_own() -> Value {
    json!({ "schemas": [VEHICLE], "externalId": "7", "plate": "AB-1234", "seats": 5 })
}

fn own() -> Value {
    let mut own = new_own();
    own["id"] = USER_ID.into();
    own["meta"] = meta("Vehicle", "Vehicles", USER_ID, "W/\"3\"");
    own
}

/// An entry of a catalogue.
fn entry(kind: &ResourceType) -> Value {
    json!({
        "schemas": [kind.schema.id],
        "id": USER_ID,
        "value": "nin.lasit",
        "display": "Lasīt NĪN datus",
        "type": "application",
        "supported": true,
        "totalAssignmentsUsed": 12,
        "meta": meta(&kind.name, &kind.endpoint, USER_ID, "W/\"3\""),
    })
}

fn user() -> Value {
    let mut user = new_user();
    user["id"] = USER_ID.into();
    user["groups"] = json!([{
        "value": GROUP_ID,
        "$ref": format!("{BASE}/Groups/{GROUP_ID}"),
        "type": "direct",
        "display": "Nekustamā īpašuma nodokļa nodaļa",
    }]);
    user["meta"] = meta("User", "Users", USER_ID, "W/\"3-8c7d9e0f1a2b3c4d\"");
    user
}

fn group() -> Value {
    let mut group = json!({ "schemas": [GROUP], "id": GROUP_ID, "displayName": "Nekustamā īpašuma nodokļa nodaļa" });
    group["members"] = json!([{
        "value": USER_ID,
        "$ref": format!("{BASE}/Users/{USER_ID}"),
        "type": "User",
        "display": "Ilze Bērziņa",
    }]);
    group["meta"] = meta("Group", "Groups", GROUP_ID, "W/\"3\"");
    group
}

fn meta(kind: &str, endpoint: &str, id: &str, version: &str) -> Value {
    json!({
        "resourceType": kind,
        "created": "2026-11-02T07:30:00.000Z",
        "lastModified": "2026-11-24T08:15:42.120Z",
        "location": format!("{BASE}/{endpoint}/{id}"),
        "version": version,
    })
}

fn new_user() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE, MUNICIPAL],
        "externalId": "HR-1042",
        "userName": "ilze.berzina@berzaine.example",
        "name": { "formatted": "Ilze Bērziņa", "familyName": "Bērziņa", "givenName": "Ilze" },
        "displayName": "Ilze Bērziņa",
        "title": "Nodokļu administratore",
        "preferredLanguage": "lv",
        "active": true,
        "emails": [{ "value": "ilze.berzina@berzaine.example", "type": "work", "primary": true }],
        ENTERPRISE: { "employeeNumber": "1042", "organization": "Bērzaines novada pašvaldība" },
        MUNICIPAL: {
            "organisationUnit": { "value": "FIN-NIN", "displayName": "Nekustamā īpašuma nodokļa nodaļa" },
            "employmentType": "permanent",
            "employmentStart": "2019-03-01",
            "assuranceLevel": "high",
        },
    })
}

fn named(examples: &[(&str, &str, Value)]) -> Value {
    examples
        .iter()
        .map(|(name, summary, value)| ((*name).to_owned(), json!({ "summary": summary, "value": value })))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Bodies that make a resource.
pub(super) fn create(kind: &ResourceType) -> Value {
    if kind.membership.is_some() {
        let group = |more: Value| {
            let mut group = json!({ "schemas": [GROUP], "displayName": "Nekustamā īpašuma nodokļa nodaļa" });
            group["members"] = more;
            group
        };
        return named(&[
            ("members", "With a member", group(json!([{ "value": USER_ID }]))),
            ("empty", "Empty", group(json!([]))),
        ]);
    }
    if kind.name == OWN {
        return named(&[("vehicle", "A vehicle, after that type was defined", new_own())]);
    }
    let small = json!({ "schemas": [USER], "userName": "andris.ozols@berzaine.example" });
    named(&[("full", "With both extensions", new_user()), ("small", "As little as possible", small)])
}

/// Bodies that change a resource.
pub(super) fn patch(kind: &ResourceType) -> Value {
    let patch = |operations: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    if kind.membership.is_some() {
        return named(&[
            (
                "add",
                "Add a member",
                patch(json!([{ "op": "add", "path": "members", "value": [{ "value": USER_ID }] }])),
            ),
            (
                "remove",
                "Remove a member",
                patch(json!([{ "op": "remove", "path": format!("members[value eq \"{USER_ID}\"]") }])),
            ),
            ("rename", "Rename", patch(json!([{ "op": "replace", "path": "displayName", "value": "NĪN nodaļa" }]))),
        ]);
    }
    if kind.name == OWN {
        return named(&[(
            "seats",
            "Change an attribute",
            patch(json!([{ "op": "replace", "path": "seats", "value": 7 }])),
        )]);
    }
    let mail = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "ilze@berzaine.example" }]);
    named(&[
        ("deactivate", "Deactivate", patch(json!([{ "op": "replace", "path": "active", "value": false }]))),
        ("mail", "Change one value of a list", patch(mail)),
        (
            "several",
            "Several attributes at once",
            patch(json!([{ "op": "replace", "value": {
            "title": "Nodaļas vadītāja",
            format!("{ENTERPRISE}:department"): "Finanšu pārvalde",
        } }])),
        ),
    ])
}

/// A page.
pub(super) fn list(kind: &ResourceType) -> Value {
    message::list(1, 1, vec![resource(kind)])
}

/// A page of members.
pub(super) fn members() -> Value {
    let mut page = message::list(1, 1, vec![group()["members"][0].clone()]);
    if let Some(page) = page.as_object_mut() {
        page.shift_remove("startIndex");
    }
    page
}

/// A page of several types.
pub(super) fn everything() -> Value {
    message::list(2, 1, vec![user(), group()])
}

/// Bodies of a search.
pub(super) fn search() -> Value {
    let urn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    named(&[
        (
            "filter",
            "By a filter",
            json!({
                "schemas": [urn],
                "filter": "meta.lastModified gt \"2026-11-24T00:00:00Z\"",
                "attributes": ["externalId", "meta"],
                "sortBy": "meta.lastModified",
                "startIndex": 1,
                "count": 10,
            }),
        ),
        ("cursor", "The first page of all", json!({ "schemas": [urn], "cursor": "", "count": 100 })),
    ])
}

/// Bodies of a bulk request.
pub(super) fn bulk() -> Value {
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    let hire = json!({
        "schemas": [urn],
        "failOnErrors": 1,
        "Operations": [
            {
                "method": "POST",
                "path": "/Groups",
                "bulkId": "unit",
                "data": { "schemas": [GROUP], "displayName": "Būvvalde", "members": [{ "value": "bulkId:hire" }] },
            },
            {
                "method": "POST",
                "path": "/Users",
                "bulkId": "hire",
                "data": { "schemas": [USER], "userName": "janis.kalnins@berzaine.example" },
            },
            { "method": "DELETE", "path": "/Groups/bulkId:unit" },
            { "method": "DELETE", "path": "/Users/bulkId:hire" },
        ],
    });
    named(&[("hire", "Make a user and a group that refers to it, and remove both", hire)])
}

/// What comes of a bulk request.
pub(super) fn bulk_response() -> Value {
    let error = scim::Error::of(scim::ScimType::Uniqueness, "userName is taken by another User.");
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
        "Operations": [
            {
                "location": format!("{BASE}/Users/{USER_ID}"),
                "method": "POST",
                "bulkId": "hire",
                "version": "W/\"1\"",
                "status": "201",
            },
            { "method": "POST", "bulkId": "twin", "status": "409", "response": error.body() },
        ],
    })
}

pub(super) fn service_provider_config() -> Value {
    let page = message::PageSize { default: 100, maximum: 1000 };
    let limits = Limits { page, max_payload: 8 * 1024 * 1024, cursor_timeout: 3600 };
    discovery::service_provider_config(
        &Catalog::standard(),
        BASE,
        "https://rights.example.lv/docs/",
        limits,
        Some(scim::Mode::Tolerant),
    )
}

pub(super) fn resource_type() -> Value {
    discovery::resource_types(&Catalog::standard(), BASE).swap_remove(0)
}

pub(super) fn resource_types() -> Value {
    let types = discovery::resource_types(&Catalog::standard(), BASE);
    message::list(types.len() as u64, 1, types)
}

pub(super) fn schema() -> Value {
    discovery::schemas(&Catalog::standard(), BASE).swap_remove(1)
}

pub(super) fn schemas() -> Value {
    let mut schemas = discovery::schemas(&Catalog::standard(), BASE);
    let total = schemas.len() as u64;
    schemas.truncate(1);
    message::list(total, 1, schemas)
}
