//! JSON Schemas of resources and messages, from the attribute definitions.

use scim::schema::{Attribute, Catalog, Mutability, ResourceType, Returned, Type};
use serde_json::{Map, Value, json};

use crate::openapi::{
    admin_roles, administration, alarms, applications, calls, definitions, emergencies, entitlements, examples, grants,
    issuers, me, notifications, oauth, offers, organisation, request_schemas, review_schemas, rule_schemas,
    suspensions, timers, violations,
};

/// Every schema by its name.
pub(super) fn schemas(catalog: &Catalog) -> Value {
    let mut schemas = Map::new();
    for kind in catalog.types() {
        schemas.insert(kind.name.clone(), resource(kind));
        schemas.insert(format!("{}List", kind.name), list(&reference(&kind.name)));
        if let Some(attribute) = kind.membership.and_then(|name| kind.root_attribute(name)) {
            schemas.insert("MemberList".into(), list(&single(attribute)));
        }
    }
    schemas.insert(examples::OWN.into(), own());
    schemas.insert(format!("{}List", examples::OWN), list(&reference(examples::OWN)));
    let any: Vec<Value> =
        catalog.types().iter().map(|kind| reference(&kind.name)).chain([reference(examples::OWN)]).collect();
    schemas.insert("ResourceList".into(), list(&json!({ "anyOf": any })));
    schemas.insert("PatchOp".into(), patch());
    schemas.insert("SearchRequest".into(), search_request());
    schemas.insert("BulkRequest".into(), bulk_request());
    schemas.insert("BulkResponse".into(), bulk_response());
    schemas.insert("Error".into(), error());
    schemas.insert("ServiceProviderConfig".into(), service_provider_config());
    for (name, schema) in [("ResourceType", resource_type()), ("Schema", schema())] {
        schemas.insert(name.into(), schema);
        schemas.insert(format!("{name}List"), list(&reference(name)));
    }
    schemas.insert("AttributeDefinition".into(), attribute_definition());
    administration::add_schemas(&mut schemas);
    definitions::add_schemas(&mut schemas);
    admin_roles::add_schemas(&mut schemas);
    calls::add_schemas(&mut schemas);
    alarms::add_schemas(&mut schemas);
    issuers::add_schemas(&mut schemas);
    applications::add_schemas(&mut schemas);
    organisation::add_schemas(&mut schemas);
    entitlements::add_schemas(&mut schemas);
    grants::add_schemas(&mut schemas);
    request_schemas::add_schemas(&mut schemas);
    review_schemas::add_schemas(&mut schemas);
    emergencies::add_schemas(&mut schemas);
    suspensions::add_schemas(&mut schemas);
    timers::add_schemas(&mut schemas);
    rule_schemas::add_schemas(&mut schemas);
    violations::add_schemas(&mut schemas);
    me::add_schemas(&mut schemas);
    notifications::add_schemas(&mut schemas);
    offers::add_schemas(&mut schemas);
    oauth::add_schemas(&mut schemas);
    schemas.insert("Health".into(), object(&["status"], json!({ "status": { "type": "string" } })));
    Value::Object(schemas)
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

pub(super) fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

/// A resource of a type that a tenant has defined: what else it has, `/Schemas` says.
fn own() -> Value {
    json!({
        "type": "object",
        "description": "A resource of a type that the tenant has defined; `/Schemas` says what it has",
        "required": ["schemas"],
        "properties": {
            "schemas": { "type": "array", "items": { "type": "string" } },
            "id": { "type": "string" },
            "externalId": { "type": "string" },
            "meta": { "type": "object" },
        },
    })
}

/// A resource: `schemas` and `id` are in every representation, everything else may be left out of one.
fn resource(kind: &ResourceType) -> Value {
    let mut properties = Map::new();
    for attribute in kind.common.attributes.iter().chain(&kind.schema.attributes) {
        properties.insert(attribute.name.clone(), property(attribute));
    }
    for extension in &kind.extensions {
        let attributes = extension.schema.attributes.iter();
        let of: Map<_, _> = attributes.map(|attribute| (attribute.name.clone(), property(attribute))).collect();
        let mut schema = object(&[], Value::Object(of));
        schema["description"] = extension.schema.description.as_str().into();
        properties.insert(extension.schema.id.clone(), schema);
    }
    let mut schema = object(&["schemas"], Value::Object(properties));
    schema["description"] = kind.description.as_str().into();
    // Extensions that a tenant has defined.
    schema["patternProperties"] = json!({ "^urn:": { "type": "object" } });
    schema
}

fn property(attribute: &Attribute) -> Value {
    let mut one = single(attribute);
    if attribute.multi_valued {
        one = json!({ "type": "array", "items": one });
    }
    one["description"] = attribute.description.as_str().into();
    if attribute.mutability == Mutability::ReadOnly && attribute.name != "schemas" {
        one["readOnly"] = true.into();
    }
    if attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never {
        one["writeOnly"] = true.into();
    }
    one
}

fn single(attribute: &Attribute) -> Value {
    match attribute.kind {
        Type::String | Type::Reference => json!({ "type": "string" }),
        Type::Binary => json!({ "type": "string", "contentEncoding": "base64" }),
        Type::DateTime => json!({ "type": "string", "format": "date-time" }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Integer => json!({ "type": "integer" }),
        Type::Decimal => json!({ "type": "number" }),
        Type::Complex => {
            let subs = attribute.sub_attributes.iter();
            object(&[], Value::Object(subs.map(|sub| (sub.name.clone(), property(sub))).collect()))
        }
    }
}

fn schemas_of(urn: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "contains": { "const": urn } })
}

fn list(of: &Value) -> Value {
    object(
        &["schemas", "totalResults", "itemsPerPage", "Resources"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:api:messages:2.0:ListResponse"),
            "totalResults": { "type": "integer", "minimum": 0 },
            "startIndex": { "type": "integer", "minimum": 1, "description": "Not with a cursor" },
            "nextCursor": { "type": "string", "description": "With a cursor, on every page but the last (RFC 9865)" },
            "itemsPerPage": { "type": "integer", "minimum": 0 },
            "Resources": { "type": "array", "items": of },
        }),
    )
}

fn patch() -> Value {
    let operation = object(
        &["op"],
        json!({
            "op": { "type": "string", "description": "add, remove or replace, in any case" },
            "path": { "type": "string", "description": "An attribute, as in `name.givenName` or `emails[type eq \"work\"].value`" },
            "value": { "description": "What to add or to put; without a path, an object of attributes" },
        }),
    );
    object(
        &["schemas", "Operations"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:api:messages:2.0:PatchOp"),
            "Operations": { "type": "array", "minItems": 1, "maxItems": scim::patch::MAX_OPERATIONS, "items": operation },
        }),
    )
}

fn search_request() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let number = || json!({ "type": "integer" });
    let names = || json!({ "type": "array", "items": { "type": "string" } });
    object(
        &["schemas"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:api:messages:2.0:SearchRequest"),
            "filter": text("RFC 7644 §3.4.2.2"),
            "sortBy": text("The attribute to sort by"),
            "sortOrder": text("`ascending` or `descending`"),
            "startIndex": number(),
            "count": number(),
            "cursor": text("Empty for the first page, then `nextCursor` of the page before (RFC 9865)"),
            "attributes": names(),
            "excludedAttributes": names(),
        }),
    )
}

fn bulk_request() -> Value {
    let operation = object(
        &["method", "path"],
        json!({
            "method": { "type": "string", "description": "POST, PUT, PATCH or DELETE" },
            "bulkId": { "type": "string", "description": "A name, unique in the request; a POST needs one. `bulkId:NAME` stands for the id of what it makes" },
            "path": { "type": "string", "description": "`/Users` for a POST, else `/Users/{id}`" },
            "version": { "type": "string", "description": "The entity tag that the resource must have" },
            "data": { "type": "object", "description": "What the single request would have as its body" },
        }),
    );
    object(
        &["schemas", "Operations"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:api:messages:2.0:BulkRequest"),
            "failOnErrors": { "type": ["integer", "null"], "minimum": 1, "description": "After how many errors to stop; all are tried without it" },
            "Operations": { "type": "array", "minItems": 1, "maxItems": scim::bulk::MAX_OPERATIONS, "items": operation },
        }),
    )
}

fn bulk_response() -> Value {
    let result = object(
        &["method", "status"],
        json!({
            "location": { "type": "string", "description": "The address of the resource; not for a POST that failed" },
            "method": { "type": "string" },
            "bulkId": { "type": "string" },
            "version": { "type": "string", "description": "The entity tag" },
            "status": { "type": "string", "pattern": "^[2-5][0-9]{2}$" },
            "response": reference("Error"),
        }),
    );
    object(
        &["schemas", "Operations"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:api:messages:2.0:BulkResponse"),
            "Operations": { "type": "array", "items": result },
        }),
    )
}

fn error() -> Value {
    object(
        &["schemas", "status", "detail"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:api:messages:2.0:Error"),
            "status": { "type": "string", "pattern": "^[45][0-9]{2}$" },
            "scimType": { "enum": [
                "invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget",
                "invalidValue", "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount",
            ] },
            "detail": { "type": "string" },
        }),
    )
}

fn meta() -> Value {
    object(
        &["resourceType", "location"],
        json!({ "resourceType": { "type": "string" }, "location": { "type": "string" } }),
    )
}

fn service_provider_config() -> Value {
    let supported = || object(&["supported"], json!({ "supported": { "type": "boolean" } }));
    let scheme = object(
        &["type", "name", "description"],
        json!({
            "type": { "type": "string" },
            "name": { "type": "string" },
            "description": { "type": "string" },
            "specUri": { "type": "string" },
            "primary": { "type": "boolean" },
        }),
    );
    object(
        &["schemas", "patch", "bulk", "filter", "changePassword", "sort", "etag", "authenticationSchemes", "meta"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"),
            "documentationUri": { "type": "string", "description": "The reference; behind `#` stands `strict` where the tenant wants the letter of the RFCs, else `tolerant`, and nothing for who brings no token" },
            "patch": supported(),
            "bulk": object(&["supported", "maxOperations", "maxPayloadSize"], json!({
                "supported": { "type": "boolean" },
                "maxOperations": { "type": "integer" },
                "maxPayloadSize": { "type": "integer" },
            })),
            "filter": object(&["supported", "maxResults"], json!({
                "supported": { "type": "boolean" },
                "maxResults": { "type": "integer" },
            })),
            "changePassword": supported(),
            "sort": supported(),
            "etag": supported(),
            "pagination": object(&["cursor", "index"], json!({
                "cursor": { "type": "boolean" },
                "index": { "type": "boolean" },
                "defaultPaginationMethod": { "enum": ["cursor", "index"] },
                "defaultPageSize": { "type": "integer" },
                "maxPageSize": { "type": "integer" },
                "cursorTimeout": { "type": "integer", "description": "In seconds" },
            })),
            "authenticationSchemes": { "type": "array", "items": scheme },
            "RolesAndEntitlements": {
                "type": "object",
                "description": "Where the tenant serves its catalogues (draft-ietf-scim-roles-entitlements)",
            },
            "meta": meta(),
        }),
    )
}

fn resource_type() -> Value {
    let extension =
        object(&["schema", "required"], json!({ "schema": { "type": "string" }, "required": { "type": "boolean" } }));
    object(
        &["schemas", "name", "endpoint", "schema", "meta"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:schemas:core:2.0:ResourceType"),
            "id": { "type": "string" },
            "name": { "type": "string" },
            "description": { "type": "string" },
            "endpoint": { "type": "string" },
            "schema": { "type": "string" },
            "schemaExtensions": { "type": "array", "items": extension },
            "meta": meta(),
        }),
    )
}

fn schema() -> Value {
    object(
        &["schemas", "id", "name", "description", "attributes", "meta"],
        json!({
            "schemas": schemas_of("urn:ietf:params:scim:schemas:core:2.0:Schema"),
            "id": { "type": "string" },
            "name": { "type": "string" },
            "description": { "type": "string" },
            "attributes": { "type": "array", "items": reference("AttributeDefinition") },
            "meta": meta(),
        }),
    )
}

fn attribute_definition() -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    object(
        &["name", "type", "multiValued", "description", "required", "mutability", "returned"],
        json!({
            "name": { "type": "string" },
            "type": { "enum": ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"] },
            "subAttributes": { "type": "array", "items": reference("AttributeDefinition") },
            "multiValued": { "type": "boolean" },
            "description": { "type": "string" },
            "required": { "type": "boolean" },
            "canonicalValues": texts,
            "caseExact": { "type": "boolean" },
            "mutability": { "enum": ["readOnly", "readWrite", "immutable", "writeOnly"] },
            "returned": { "enum": ["always", "never", "default", "request"] },
            "uniqueness": { "enum": ["none", "server", "global"] },
            "referenceTypes": texts,
        }),
    )
}
