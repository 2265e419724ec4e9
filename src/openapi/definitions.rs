//! What a tenant defines and sets: schemas, resource types, settings, catalogues.

use scim::{
    discovery::{schema_definition, type_definition},
    schema::{ExtensionDefinition, Schema, TypeDefinition},
};
use serde_json::{Map, Value, json};
use store::TenantSettings;

use crate::openapi::{
    administration::{Operation, TENANT, conditional, gone, page, parameters, shown, tagged},
    schemas::{object, reference},
};

const URN: &str = "urn:example:scim:schemas:2.0:Permit";
const ENTRY_ID: &str = "019b2c45-6071-7823-9445-a1b2c3d4e5f6";
const BODY: [(&str, &str); 2] = [("409", "Conflict"), ("415", "UnsupportedMediaType")];

/// Adds every path.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let mut add = |path: &str, item| paths.insert(format!("{TENANT}/{path}"), item);
    add("settings", settings());
    add("limits", limits());
    add("schemas", schema_list());
    add("schemas/{urn}", one_schema());
    add("resource-types", type_list());
    add("resource-types/{name}", one_type());
    for catalogue in [ROLES, ENTITLEMENTS] {
        add(catalogue.path, catalogue.list());
        add(&format!("{}/{{id}}", catalogue.path), catalogue.one());
    }
}

fn settings() -> Value {
    let shown_settings = || tagged("200", "How it is served", "Settings", json!(TenantSettings::default()));
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: "Definitions",
            id: "getSettings",
            summary: "Read the settings",
            description: "How the tenant's SCIM endpoint serves.",
            success: shown_settings(),
            failures: &[],
        }.described(),
        "patch": conditional(Operation {
            tag: "Definitions",
            id: "changeSettings",
            summary: "Change some settings",
            description: "What is left out stays. It is felt on this node at once, on others within two seconds. Names of groups can only be made \
                unique again where they are.",
            success: shown_settings(),
            failures: &BODY,
        }.taking("SettingsChange", &[
            ("catalogues", "Keep catalogues of roles and entitlements", json!({ "rolesAndEntitlements": true })),
            ("pages", "Other pages", json!({ "pageSize": 50, "maxPageSize": 500 })),
            ("pace", "Slower clients", json!({ "clientRequestsPerSecond": 50 })),
            ("alarm", "Another threshold of the mass-change alarm", json!({ "massChangeCount": 200, "massChangePercent": 10 })),
            ("pause", "No alarm during a clean-up, or no longer", json!({ "massChangePausedUntil": null })),
        ])),
    })
}

fn limits() -> Value {
    let example = json!({
        "requestsPerSecond": 4000, "burst": 8000, "clientRequestsPerSecond": 2000, "clientBurst": 4000,
        "failuresPerMinute": 100,
    });
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: "Definitions",
            id: "getLimits",
            summary: "Read how fast clients may ask",
            description: "What applies at each node: the settings `requestsPerSecond` and `clientRequestsPerSecond` within what the operator allows. \
                What is not limited is left out.",
            success: shown("200", "What applies", "Limits", example),
            failures: &[],
        }.described(),
    })
}

fn schema_list() -> Value {
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: "Definitions",
            id: "listOwnSchemas",
            summary: "List the tenant's own schemas",
            description: "What the tenant has defined, by URN. `/t/{tenant}/scim/v2/Schemas` shows every schema in use, the standard ones included.",
            success: shown("200", "All of them", "SchemaDefinitions", json!({ "items": [schema()] })),
            failures: &[],
        }.described(),
    })
}

fn one_schema() -> Value {
    let mut put = tagged("200", "It is defined anew", "SchemaDefinition", schema());
    put["201"] = tagged("201", "It is defined", "SchemaDefinition", schema())["201"].take();
    let mut grown = schema();
    if let Some(attributes) = grown["attributes"].as_array_mut() {
        attributes.push(json!({ "name": "until", "type": "dateTime", "description": "When it ends" }));
    }
    json!({
        "parameters": parameters(&["tenant", "urn"]),
        "get": Operation {
            tag: "Definitions",
            id: "getOwnSchema",
            summary: "Read one of the tenant's own schemas",
            description: "In the form of RFC 7643 §7.",
            success: tagged("200", "The schema", "SchemaDefinition", schema()),
            failures: &[],
        }.described(),
        "put": conditional(Operation {
            tag: "Definitions",
            id: "putOwnSchema",
            summary: "Define a schema",
            description: "In the form of RFC 7643 §7: what `/Schemas` of another server shows can be put as it is. A schema that resources use may \
                only grow: what exists stays, and nothing new is required or unique. It is served once a resource type has it.",
            success: put,
            failures: &BODY,
        }.taking("SchemaDefinition", &[
            ("new", "A schema", schema()),
            ("grown", "The same with one attribute more", grown),
        ])),
        "delete": conditional(Operation {
            tag: "Definitions",
            id: "deleteOwnSchema",
            summary: "Take a schema back",
            description: "409 while a resource type has it.",
            success: gone("It is gone"),
            failures: &[("409", "Conflict")],
        }.described()),
    })
}

fn type_list() -> Value {
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: "Definitions",
            id: "listOwnTypes",
            summary: "List the tenant's own resource types",
            description: "What the tenant has defined, and what it adds to standard types, by name.",
            success: shown("200", "All of them", "TypeDefinitions", json!({ "items": [kind()] })),
            failures: &[],
        }.described(),
    })
}

fn one_type() -> Value {
    let mut put = tagged("200", "It is defined anew", "TypeDefinition", kind());
    put["201"] = tagged("201", "It is defined", "TypeDefinition", kind())["201"].take();
    json!({
        "parameters": parameters(&["tenant", "typeName"]),
        "get": Operation {
            tag: "Definitions",
            id: "getOwnType",
            summary: "Read one of the tenant's own resource types",
            description: "In the form of RFC 7643 §6; of a standard type, the extensions that the tenant adds.",
            success: tagged("200", "The resource type", "TypeDefinition", kind()),
            failures: &[],
        }.described(),
        "put": conditional(Operation {
            tag: "Definitions",
            id: "putOwnType",
            summary: "Define a resource type",
            description: "In the form of RFC 7643 §6. Of a standard type (User, Group) only `schemaExtensions` counts, and what it has anyway need not \
                be named. What resources have cannot be taken from them: 409. It is served at once.",
            success: put,
            failures: &BODY,
        }.taking("TypeDefinition", &[("new", "A type with an endpoint of its own", kind())])),
        "delete": conditional(Operation {
            tag: "Definitions",
            id: "deleteOwnType",
            summary: "Take a resource type back",
            description: "409 while it has resources; of a standard type, while the tenant's extensions are used.",
            success: gone("It is gone"),
            failures: &[("409", "Conflict")],
        }.described()),
    })
}

/// A catalogue and its words.
struct Catalogue {
    path: &'static str,
    one: &'static str,
    many: &'static str,
    name: &'static str,
    value: &'static str,
}

const ROLES: Catalogue = Catalogue { path: "roles", one: "a role", many: "roles", name: "Role", value: "tax.clerk" };
const ENTITLEMENTS: Catalogue = Catalogue {
    path: "entitlements",
    one: "an entitlement",
    many: "entitlements",
    name: "Entitlement",
    value: "tax.read",
};

impl Catalogue {
    fn list(&self) -> Value {
        let Self { one, many, name, value, .. } = self;
        let list = json!({ "items": [entry(value)] });
        json!({
            "parameters": parameters(&["tenant"]),
            "get": Operation {
                tag: "Definitions",
                id: &format!("listCatalogue{name}s"),
                summary: &format!("List the {many} of the catalogue"),
                description: "The oldest first. 409 while the setting `rolesAndEntitlements` is off.",
                success: shown("200", "A page of them", "CatalogueEntryPage", list),
                failures: &[("409", "Conflict")],
            }.paged(),
            "post": Operation {
                tag: "Definitions",
                id: &format!("createCatalogue{name}"),
                summary: &format!("Put {one} into the catalogue"),
                description: "SCIM clients read it at once; users may be given it.",
                success: tagged("201", "As it is now", "CatalogueEntry", entry(value)),
                failures: &BODY,
            }.taking("NewCatalogueEntry", &[
                ("plain", "By its value alone", json!({ "value": format!("{value}.all") })),
                ("whole", "With everything", sent(value)),
            ]),
        })
    }

    fn one(&self) -> Value {
        let Self { one, name, value, .. } = self;
        let other = format!("{value}.own");
        json!({
            "parameters": parameters(&["tenant", "entry"]),
            "get": Operation {
                tag: "Definitions",
                id: &format!("getCatalogue{name}"),
                summary: &format!("Read {one} of the catalogue"),
                description: "`totalAssignmentsUsed` says how many users hold it.",
                success: tagged("200", "As it is now", "CatalogueEntry", entry(value)),
                failures: &[("409", "Conflict")],
            }.described(),
            "put": conditional(Operation {
                tag: "Definitions",
                id: &format!("replaceCatalogue{name}"),
                summary: &format!("Write {one} of the catalogue anew"),
                description: "What is left out is gone. Users who hold it under another value go on doing so.",
                success: tagged("200", "As it is now", "CatalogueEntry", entry(&other)),
                failures: &BODY,
            }.taking("NewCatalogueEntry", &[("whole", "With everything", sent(&other))])),
            "delete": conditional(Operation {
                tag: "Definitions",
                id: &format!("deleteCatalogue{name}"),
                summary: &format!("Take {one} out of the catalogue"),
                description: "Users who hold it go on doing so.",
                success: gone("It is gone"),
                failures: &[("409", "Conflict")],
            }.described()),
        })
    }
}

fn schema() -> Value {
    let definition = json!({
        "id": URN,
        "name": "Permit",
        "description": "A parking permit",
        "attributes": [
            { "name": "number", "description": "Its number", "required": true, "uniqueness": "server" },
            { "name": "zone", "description": "Where it is good", "canonicalValues": ["centre", "harbour"] },
        ],
    });
    Schema::read(&definition).map(|schema| schema_definition(&schema)).unwrap_or_default()
}

fn kind() -> Value {
    type_definition(&TypeDefinition {
        name: "Permit".into(),
        endpoint: Some("/Permits".into()),
        description: "Parking permits".into(),
        schema: Some(URN.into()),
        schema_extensions: Vec::<ExtensionDefinition>::new(),
    })
}

fn sent(value: &str) -> Value {
    json!({
        "value": value,
        "display": "Property tax: read",
        "type": "application",
        "supported": true,
        "limitedAssignmentsPermitted": true,
        "totalAssignmentsPermitted": 20,
        "contains": ["tax.statistics"],
    })
}

fn entry(value: &str) -> Value {
    let mut entry = json!({ "id": ENTRY_ID });
    for (name, value) in sent(value).as_object().into_iter().flatten() {
        entry[name.as_str()] = value.clone();
    }
    entry["totalAssignmentsUsed"] = 3.into();
    entry["created"] = "2026-11-02T07:30:00.000Z".into();
    entry["modified"] = "2026-11-02T07:30:00.000Z".into();
    entry
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let mut add = |key: &str, name: &str, description: &str, example: &str| {
        let schema = json!({ "type": "string" });
        parameters[key] = json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema, "example": example });
    };
    add("urn", "urn", "The schema's URN", URN);
    add("typeName", "name", "The name of a resource type", "Permit");
    add("entry", "id", "The id of a role or an entitlement", ENTRY_ID);
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let texts =
        |description: &str| json!({ "type": "array", "items": { "type": "string" }, "description": description });
    let switch = |description: &str| json!({ "type": "boolean", "description": description });
    let size =
        |description: &str| json!({ "type": "integer", "minimum": 1, "maximum": 1000, "description": description });
    let day = |description: &str| json!({ "type": "string", "format": "date", "description": description });
    let moved = object(
        &["dayOff", "workday"],
        json!({ "dayOff": day("The day on which nobody works, from Monday to Friday"), "workday": day("The Saturday or Sunday on which it is worked instead") }),
    );
    let working_time = json!({
        "followsMovedDays": switch("Whether the days that the government moves are moved here: deadlines run in working time"),
        "movedDays": { "type": "array", "maxItems": 100, "items": moved },
        "daysOff": { "type": "array", "maxItems": 100, "items": day("A day on which nobody works here, once") },
    });
    let settings = json!({
        "strict": switch("The letter of the RFCs where practice differs from it"),
        "uniqueGroupNames": switch("No two groups have the same name"),
        "rolesAndEntitlements": switch("The catalogues `/Roles` and `/Entitlements` are served"),
        "knownRolesOnly": switch("Users can only be given roles and entitlements that are in the catalogues"),
        "sodBlocksProvisioning": switch("Provisioning clients are refused what a rule of segregation of duties blocks; else it is only noted"),
        "mailNotifications": switch("People are told by mail too, if the operator has set a mail server"),
        "pageSize": size("How long a page is that was asked for without `count`"),
        "maxPageSize": size("How long a page may be"),
        "massChangeCount": {
            "type": "integer", "minimum": 0, "maximum": 1_000_000,
            "description": "So many users or memberships a client may take away within an hour in any case without an alarm",
        },
        "massChangePercent": {
            "type": "integer", "minimum": 0, "maximum": 100,
            "description": "The same as a share of all there are, in percent; the greater of the two counts",
        },
        "workingTime": object(&[], working_time),
    });
    let names: Vec<&str> = settings.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let paces = [
        ("requestsPerSecond", "How many requests a second all clients together may send to a node"),
        ("clientRequestsPerSecond", "How many requests a second each client or person may send to a node"),
    ];
    let (mut shown, mut change) = (settings.clone(), settings.clone());
    for (name, what) in paces {
        let pace = |kind: Value, more: &str| json!({ "type": kind, "minimum": 1, "maximum": 1_000_000, "description": format!("{what}; {more}") });
        shown[name] = pace(json!("integer"), "left out if it is what the operator allows, which it never exceeds");
        change[name] = pace(json!(["integer", "null"]), "null for what the operator allows, which it never exceeds");
    }
    let pause = |kind: Value| {
        json!({
            "type": kind, "format": "date-time",
            "description": "What is taken away before then is expected and raises no alarm; 31 days ahead at the most. Null ends the pause",
        })
    };
    shown["massChangePausedUntil"] = pause("string".into());
    change["massChangePausedUntil"] = pause(json!(["string", "null"]));
    let group = |kind: Value, who: &str| json!({ "type": kind, "format": "uuid", "description": format!("The group of those who {who}") });
    let groups = [
        (
            "securityOfficers",
            "look after security: they decide where the risk is high, and look at what was taken in emergencies",
        ),
        ("emergencyGroup", "may take access in emergencies: its direct members"),
    ];
    for (name, who) in groups {
        shown[name] = group("string".into(), who);
        change[name] = group(json!(["string", "null"]), who);
    }
    schemas.insert("Settings".into(), object(&names, shown));
    schemas.insert("SettingsChange".into(), object(&[], change));
    let count = |description: &str| json!({ "type": "integer", "minimum": 1, "description": description });
    let limits = json!({
        "requestsPerSecond": count("How many requests a second all clients together may send"),
        "burst": count("How many of them at once after a pause"),
        "clientRequestsPerSecond": count("How many requests a second each client or person may send"),
        "clientBurst": count("How many of them at once after a pause"),
        "failuresPerMinute": count("How many tokens from one address may be wrong in a minute"),
    });
    schemas.insert("Limits".into(), object(&[], limits));
    let ignored = json!({ "description": "Not looked at in a request" });
    let attribute = json!({ "type": "object", "required": ["name"], "description": "RFC 7643 §7; what is left out has the default of §2.2" });
    let schema = json!({
        "schemas": texts("Not looked at in a request"),
        "id": text("Its URN"),
        "name": text("For people"),
        "description": text("For people"),
        "attributes": { "type": "array", "minItems": 1, "items": attribute },
        "meta": ignored,
    });
    schemas.insert("SchemaDefinition".into(), object(&["id", "attributes"], schema));
    let extension = json!({ "schema": text("Its URN"), "required": switch("Whether every resource must carry it") });
    let kind = json!({
        "schemas": texts("Not looked at in a request"),
        "id": ignored,
        "name": text("Its name"),
        "endpoint": text("Where its resources are, as `/Permits`; not of a standard type"),
        "description": text("For people"),
        "schema": text("The URN of its base schema; not of a standard type"),
        "schemaExtensions": { "type": "array", "items": object(&["schema"], extension) },
        "meta": ignored,
    });
    schemas.insert("TypeDefinition".into(), object(&["name"], kind));
    for (name, of) in [("SchemaDefinitions", "SchemaDefinition"), ("TypeDefinitions", "TypeDefinition")] {
        let items = json!({ "type": "array", "maxItems": scim::schema::MAX_DEFINITIONS, "items": reference(of) });
        schemas.insert(name.into(), object(&["items"], json!({ "items": items })));
    }
    let mut entry = json!({
        "value": text("What stands in `value` of a user's roles or entitlements; unique, in any case of letters"),
        "display": text("Its name for people"),
        "type": text("What kind it is"),
        "supported": switch("Whether it may be assigned"),
        "limitedAssignmentsPermitted": switch("Whether the number of users who may hold it is limited"),
        "totalAssignmentsPermitted": { "type": "integer", "minimum": 0, "maximum": u32::MAX, "description": "How many users may hold it" },
        "contains": texts("The values of those that come with it"),
        "containedBy": texts("The values of those that it comes with"),
    });
    schemas.insert("NewCatalogueEntry".into(), object(&["value"], entry.clone()));
    entry["id"] = text("Its id, the same as in SCIM");
    entry["totalAssignmentsUsed"] = json!({ "type": "integer", "minimum": 0, "description": "How many users hold it" });
    for name in ["created", "modified"] {
        entry[name] = json!({ "type": "string", "format": "date-time" });
    }
    schemas.insert("CatalogueEntry".into(), object(&["id", "value"], entry));
    schemas.insert("CatalogueEntryPage".into(), page("CatalogueEntry"));
}
