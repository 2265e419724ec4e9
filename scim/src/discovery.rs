//! What a tenant's endpoint says of itself (RFC 7643 §5–7, RFC 7644 §4).

use serde_json::{Value, json};

use crate::{
    Mode, bulk,
    message::PageSize,
    patch,
    schema::{Catalog, ResourceType, Schema, TypeDefinition},
};

/// The limits that `ServiceProviderConfig` publishes. What is advertised is what works.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long pages are.
    pub page: PageSize,
    /// The largest body of a bulk request, in bytes.
    pub max_payload: usize,
    /// How long a cursor is good for, in seconds.
    pub cursor_timeout: u64,
}

/// `ServiceProviderConfig` (RFC 7643 §5). Without a mode it says nothing of how strictly requests are read.
pub fn service_provider_config(
    catalog: &Catalog,
    base: &str,
    documentation: &str,
    limits: Limits,
    mode: Option<Mode>,
) -> Value {
    // The schema has no place for it, and clients refuse what it does not name.
    let section = match mode {
        Some(Mode::Strict) => "#strict",
        Some(Mode::Tolerant) => "#tolerant",
        None => "",
    };
    let mut config = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "documentationUri": format!("{documentation}{section}"),
        "patch": { "supported": true },
        // Some clients take the number for the longest PATCH too, which it is.
        "bulk": {
            "supported": true,
            "maxOperations": bulk::MAX_OPERATIONS.min(patch::MAX_OPERATIONS),
            "maxPayloadSize": limits.max_payload,
        },
        "filter": { "supported": true, "maxResults": limits.page.maximum },
        "changePassword": { "supported": true },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": limits.page.default,
            "maxPageSize": limits.page.maximum,
            "cursorTimeout": limits.cursor_timeout,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this tenant in the Authorization header (RFC 6750)",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    });
    if catalog.types().iter().any(ResourceType::is_read_only) {
        config["RolesAndEntitlements"] = json!({
            "roles": {
                "supported": true,
                "multipleRolesSupported": true,
                "primarySupported": true,
                "typeSupported": true,
            },
            "entitlements": {
                "supported": true,
                "multipleEntitlementsSupported": true,
                "primarySupported": true,
                "typeSupported": true,
            },
        });
    }
    config
}

/// Every resource type of the catalogue (RFC 7643 §6).
pub fn resource_types(catalog: &Catalog, base: &str) -> Vec<Value> {
    catalog.types().iter().map(|kind| resource_type(kind, base)).collect()
}

/// One resource type.
pub fn resource_type(kind: &ResourceType, base: &str) -> Value {
    let extensions: Vec<_> = kind
        .extensions
        .iter()
        .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
        .collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": kind.name,
        "name": kind.name,
        "description": kind.description,
        "endpoint": format!("/{}", kind.endpoint),
        "schema": kind.schema.id,
        "schemaExtensions": extensions,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", kind.name) },
    })
}

/// Every schema in use (RFC 7643 §7).
pub fn schemas(catalog: &Catalog, base: &str) -> Vec<Value> {
    catalog.schemas().into_iter().map(|definition| schema(definition, base)).collect()
}

/// One schema.
pub fn schema(schema: &Schema, base: &str) -> Value {
    let mut shown = schema_definition(schema);
    shown["meta"] = json!({ "resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id) });
    shown
}

/// A schema by itself, wherever it is used.
pub fn schema_definition(schema: &Schema) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(definition).collect::<Vec<_>>(),
    })
}

/// A resource type as a tenant defines it; of a standard one, what the tenant adds.
pub fn type_definition(definition: &TypeDefinition) -> Value {
    let mut shown = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"] });
    let own = serde_json::to_value(definition).unwrap_or_default();
    if let (Some(shown), Value::Object(own)) = (shown.as_object_mut(), own) {
        shown.extend(own);
    }
    shown
}

/// A definition as it is published: a complex attribute has no case or uniqueness of its own (erratum 6004).
fn definition(attribute: &crate::schema::Attribute) -> Value {
    let mut value = serde_json::to_value(attribute).unwrap_or_default();
    if let Some(object) = value.as_object_mut().filter(|_| attribute.is_complex()) {
        object.shift_remove("caseExact");
        object.shift_remove("uniqueness");
        let subs: Vec<_> = attribute.sub_attributes.iter().map(definition).collect();
        object.insert("subAttributes".into(), subs.into());
    }
    value
}
