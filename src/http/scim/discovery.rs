//! The endpoints by which a client finds out what it is talking to (RFC 7644 §4).

use scim::{
    Mode,
    discovery::{self, Limits},
    message,
};
use serde_json::Value;

use crate::{
    http::scim::incoming,
    provisioning::{CURSOR_TIMEOUT, Directory, Service},
};

/// The endpoint that says how to authenticate.
pub(super) const CONFIG: &str = "ServiceProviderConfig";
const ENDPOINTS: [&str; 3] = [CONFIG, "ResourceTypes", "Schemas"];

/// Whether a path's first segment is one of these endpoints.
pub(super) fn is_endpoint(segment: &str) -> bool {
    ENDPOINTS.contains(&segment)
}

/// What stands at a path behind the base URI; nothing if nothing does.
pub(super) fn find(directory: &Directory, segments: &[&str], public_url: &str) -> Option<Value> {
    let (catalog, base) = (&directory.catalog, directory.base.as_str());
    match segments {
        [CONFIG] => Some(config(&directory.service, base, public_url, Some(directory.service.mode()))),
        ["ResourceTypes"] => Some(list(discovery::resource_types(catalog, base))),
        ["ResourceTypes", name] => catalog.by_name(name).map(|kind| discovery::resource_type(kind, base)),
        ["Schemas"] => Some(list(discovery::schemas(catalog, base))),
        ["Schemas", urn] => {
            let schema = catalog.schemas().into_iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
            schema.map(|schema| discovery::schema(schema, base))
        }
        _ => None,
    }
}

/// `ServiceProviderConfig` of an endpoint as callers see it who have shown no token. It says nothing of how strict the tenant is, because that would
/// tell which tenants there are.
pub(super) fn open_config(usual: &Service, base: &str, public_url: &str) -> Value {
    config(usual, base, public_url, None)
}

fn config(service: &Service, base: &str, public_url: &str, mode: Option<Mode>) -> Value {
    let limits = Limits { page: service.page(), max_payload: incoming::MAX_LARGE_BODY, cursor_timeout: CURSOR_TIMEOUT };
    let documentation = format!("{public_url}/docs/");
    discovery::service_provider_config(&service.catalog, base, &documentation, limits, mode)
}

fn list(resources: Vec<Value>) -> Value {
    message::list(resources.len() as u64, 1, resources)
}
