//! Every route with its parameters, bodies and answers.

use scim::{
    message::MEDIA_TYPE,
    schema::{Catalog, ResourceType},
};
use serde_json::{Map, Value, json};

use crate::openapi::{
    admin_roles, administration, alarms, applications, archive, calls, definitions, emergencies, entitlements,
    examples, grants, issuers, me, notifications, oauth, offers, once, organisation, requests, reviews, rules,
    schemas::reference, suspensions, timers, violations,
};

const BASE: &str = "/t/{tenant}/scim/v2";

/// Every path.
pub(super) fn paths(catalog: &Catalog) -> Value {
    let mut paths = Map::new();
    let own = own_type(catalog);
    for kind in catalog.types().iter().chain(&own) {
        let base = if kind.name == examples::OWN { "{endpoint}" } else { &kind.endpoint };
        let (mut collection, mut one) = (collection(kind), one(kind));
        let mut search = search(&kind.endpoint, &kind.endpoint, examples::list(kind), &kind.name);
        if kind.is_read_only() {
            only_reading(&mut collection);
            only_reading(&mut one);
        }
        if kind.name == examples::OWN {
            [&mut collection, &mut one, &mut search].into_iter().for_each(for_any_endpoint);
        }
        paths.insert(format!("{BASE}/{base}"), collection);
        paths.insert(format!("{BASE}/{base}/.search"), search);
        paths.insert(format!("{BASE}/{base}/{{id}}"), one);
        if let Some(part) = kind.membership {
            paths.insert(format!("{BASE}/{base}/{{id}}/{part}"), members(kind));
        }
    }
    paths.insert(BASE.to_owned(), everything());
    paths.insert(
        format!("{BASE}/.search"),
        search("Everything", "resources of every type", examples::everything(), "Resource"),
    );
    paths.insert(format!("{BASE}/Bulk"), bulk());
    if let Some(user) = catalog.by_name("User") {
        paths.insert(format!("{BASE}/Me"), me::path(one(user)));
    }
    let mut config = discovery(
        "What the endpoint supports",
        "getServiceProviderConfig",
        "ServiceProviderConfig",
        examples::service_provider_config(),
    );
    config["get"]["security"] = json!([{}, { "token": [] }]);
    paths.insert(format!("{BASE}/ServiceProviderConfig"), config);
    for (name, endpoint, one, many) in [
        ("ResourceType", "ResourceTypes", examples::resource_type(), examples::resource_types()),
        ("Schema", "Schemas", examples::schema(), examples::schemas()),
    ] {
        let listed = discovery(&format!("List every {name}"), &format!("list{endpoint}"), &format!("{name}List"), many);
        paths.insert(format!("{BASE}/{endpoint}"), listed);
        let mut single = discovery(&format!("One {name}"), &format!("get{name}"), name, one);
        single["get"]["parameters"] = json!([parameter("id")]);
        single["get"]["responses"]["404"] = response("NotFound");
        paths.insert(format!("{BASE}/{endpoint}/{{id}}"), single);
    }
    administration::paths(&mut paths);
    definitions::paths(&mut paths);
    admin_roles::paths(&mut paths);
    archive::paths(&mut paths);
    calls::paths(&mut paths);
    alarms::paths(&mut paths);
    issuers::paths(&mut paths);
    applications::paths(&mut paths);
    organisation::paths(&mut paths);
    entitlements::paths(&mut paths);
    grants::paths(&mut paths);
    requests::paths(&mut paths);
    reviews::paths(&mut paths);
    emergencies::paths(&mut paths);
    suspensions::paths(&mut paths);
    timers::paths(&mut paths);
    rules::paths(&mut paths);
    violations::paths(&mut paths);
    me::paths(&mut paths);
    offers::paths(&mut paths);
    notifications::paths(&mut paths);
    oauth::paths(&mut paths);
    operation_paths(&mut paths);
    once::add(&mut paths);
    Value::Object(paths)
}

/// A type that stands for all that tenants define.
fn own_type(catalog: &Catalog) -> Option<ResourceType> {
    let user = catalog.types().first()?.clone();
    Some(ResourceType {
        name: examples::OWN.into(),
        endpoint: "OwnResources".into(),
        member_of: None,
        extensions: Vec::new(),
        ..user
    })
}

/// A catalogue has nothing to write.
fn only_reading(item: &mut Value) {
    if let Some(methods) = item.as_object_mut() {
        methods.retain(|method, _| matches!(method.as_str(), "parameters" | "get"));
    }
}

fn for_any_endpoint(item: &mut Value) {
    if let Some(parameters) = item["parameters"].as_array_mut() {
        parameters.push(parameter("endpoint"));
    }
}

fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

fn all(names: &[&str]) -> Value {
    names.iter().map(|name| parameter(name)).collect()
}

fn response(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

/// The failures that any SCIM request may meet, and further ones.
fn failures(further: &[(&str, &str)], success: Value) -> Value {
    let common = [
        ("400", "BadRequest"),
        ("401", "Unauthorized"),
        ("403", "Forbidden"),
        ("404", "NotFound"),
        ("405", "MethodNotAllowed"),
        ("406", "NotAcceptable"),
        ("429", "TooMany"),
        ("500", "Internal"),
        ("503", "Busy"),
    ];
    let mut responses = match success {
        Value::Object(success) => success,
        _ => Map::new(),
    };
    let mut failures: Vec<_> = common.iter().chain(further).collect();
    failures.sort_unstable();
    for (status, name) in failures {
        responses.insert((*status).to_owned(), response(name));
    }
    Value::Object(responses)
}

const BODY_FAILURES: [(&str, &str); 3] = [("408", "BodyTimeout"), ("413", "TooLarge"), ("415", "UnsupportedMediaType")];

fn with(further: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    BODY_FAILURES.iter().chain(further).copied().collect()
}

fn content(schema: &str, example: Value) -> Value {
    json!({ MEDIA_TYPE: { "schema": reference(schema), "example": example } })
}

fn body(schema: &str, examples: Value) -> Value {
    let media = json!({ "schema": reference(schema), "examples": examples });
    json!({ "required": true, "content": { MEDIA_TYPE: media.clone(), "application/json": media } })
}

/// A resource in an answer, with its addresses and entity tag.
fn resource(description: &str, kind: &ResourceType) -> Value {
    json!({
        "description": description,
        "headers": addresses(),
        "content": content(&kind.name, examples::resource(kind)),
    })
}

fn addresses() -> Value {
    let header = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    json!({ "ETag": header("ETag"), "Location": header("Location"), "Content-Location": header("Content-Location") })
}

fn collection(kind: &ResourceType) -> Value {
    let tag = &kind.endpoint;
    let created = json!({ "201": resource("The new resource", kind) });
    let listed = json!({ "200": {
        "description": "A page of resources",
        "content": content(&format!("{}List", kind.name), examples::list(kind)),
    } });
    json!({
        "parameters": [parameter("tenant")],
        "get": {
            "tags": [tag],
            "operationId": format!("list{tag}"),
            "summary": format!("Find {tag}"),
            "description": "RFC 7644 §3.4.2: filter, order and page, all done by the database.",
            "security": [{ "token": [] }],
            "parameters": all(&QUERY),
            "responses": failures(&[], listed),
        },
        "post": {
            "tags": [tag],
            "operationId": format!("create{}", kind.name),
            "summary": format!("Create a {}", kind.name),
            "description": "RFC 7644 §3.3.",
            "security": [{ "token": [] }],
            "parameters": all(&["attributes", "excludedAttributes"]),
            "requestBody": body(&kind.name, examples::create(kind)),
            "responses": failures(&with(&[("409", "Conflict")]), created),
        },
    })
}

fn members(kind: &ResourceType) -> Value {
    let listed = json!({ "200": {
        "description": "A page of members",
        "content": content("MemberList", examples::members()),
    } });
    json!({
        "parameters": [parameter("tenant"), parameter("id")],
        "get": {
            "tags": [kind.endpoint],
            "operationId": format!("list{}Members", kind.name),
            "summary": format!("Read the members of a {} page by page", kind.name),
            "description": "For groups that are too long to read at once: members as in `members`, in the order of their ids, by cursor as in RFC 9865. \
                            `filter` can ask for one of them: `value eq \"…\"`. Other parameters of lists are refused. \
                            Not part of RFC 7644; `GET` of the group gives all of them.",
            "security": [{ "token": [] }],
            "parameters": all(&["filter", "count", "cursor"]),
            "responses": failures(&[], listed),
        },
    })
}

const QUERY: [&str; 8] =
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];

fn everything() -> Value {
    let listed = json!({ "200": {
        "description": "A page of resources",
        "content": content("ResourceList", examples::everything()),
    } });
    json!({
        "parameters": [parameter("tenant")],
        "get": {
            "tags": ["Everything"],
            "operationId": "listEverything",
            "summary": "Find resources of every type",
            "description": "RFC 7644 §3.4.2.1: an attribute that a type does not have counts as one without a value.",
            "security": [{ "token": [] }],
            "parameters": all(&QUERY),
            "responses": failures(&[], listed),
        },
    })
}

fn search(tag: &str, what: &str, example: Value, of: &str) -> Value {
    let listed = json!({ "200": {
        "description": "A page of resources",
        "content": content(&format!("{of}List"), example),
    } });
    json!({
        "parameters": [parameter("tenant")],
        "post": {
            "tags": [tag],
            "operationId": format!("search{tag}"),
            "summary": format!("Find {what} without saying in the address what for"),
            "description": "RFC 7644 §3.4.3: the parameters of a list in a body.",
            "security": [{ "token": [] }],
            "requestBody": body("SearchRequest", examples::search()),
            "responses": failures(&with(&[]), listed),
        },
    })
}

fn bulk() -> Value {
    let done = json!({ "200": {
        "description": "The request was worked through; each result says what came of its operation",
        "content": content("BulkResponse", examples::bulk_response()),
    } });
    json!({
        "parameters": [parameter("tenant")],
        "post": {
            "tags": ["Everything"],
            "operationId": "bulk",
            "summary": "Many operations at once",
            "description": "RFC 7644 §3.7. Each operation is done whole or not at all, and one that fails does not undo others. \
                            Operations may refer to each other in any order; those that do so in a circle are done together or not at all.",
            "security": [{ "token": [] }],
            "requestBody": body("BulkRequest", examples::bulk()),
            "responses": failures(&with(&[]), done),
        },
    })
}

fn one(kind: &ResourceType) -> Value {
    let written = [("409", "Conflict"), ("412", "PreconditionFailed")];
    let mut patched = json!({ "200": resource("The resource as it is now", kind) });
    if kind.membership.is_some() {
        patched["200"]["description"] = "What `attributes` or `excludedAttributes` asked for".into();
        patched["204"] = json!({ "description": "Done; the answer has no body", "headers": addresses() });
    }
    json!({
        "parameters": [parameter("tenant"), parameter("id")],
        "get": {
            "tags": [kind.endpoint],
            "operationId": format!("get{}", kind.name),
            "summary": format!("Read a {}", kind.name),
            "description": "RFC 7644 §3.4.1.",
            "security": [{ "token": [] }],
            "parameters": all(&["attributes", "excludedAttributes", "If-None-Match"]),
            "responses": failures(&[("412", "PreconditionFailed")], json!({
                "200": resource("The resource", kind),
                "304": { "description": "The client's copy is current", "headers": addresses() },
            })),
        },
        "put": {
            "tags": [kind.endpoint],
            "operationId": format!("replace{}", kind.name),
            "summary": format!("Replace a {}", kind.name),
            "description": "RFC 7644 §3.5.1. What the body leaves out is cleared, except `active` and `password`.",
            "security": [{ "token": [] }],
            "parameters": all(&["attributes", "excludedAttributes", "If-Match", "If-None-Match"]),
            "requestBody": body(&kind.name, examples::create(kind)),
            "responses": failures(&with(&written), json!({ "200": resource("The resource as it is now", kind) })),
        },
        "patch": {
            "tags": [kind.endpoint],
            "operationId": format!("patch{}", kind.name),
            "summary": format!("Change a {}", kind.name),
            "description": "RFC 7644 §3.5.2. All operations are done, or none.",
            "security": [{ "token": [] }],
            "parameters": all(&["attributes", "excludedAttributes", "If-Match", "If-None-Match"]),
            "requestBody": body("PatchOp", examples::patch(kind)),
            "responses": failures(&with(&written), patched),
        },
        "delete": {
            "tags": [kind.endpoint],
            "operationId": format!("delete{}", kind.name),
            "summary": format!("Delete a {}", kind.name),
            "description": "RFC 7644 §3.6. Memberships end with it, and references to it are emptied.",
            "security": [{ "token": [] }],
            "parameters": all(&["If-Match", "If-None-Match"]),
            "responses": failures(&[("412", "PreconditionFailed")], json!({ "204": { "description": "It is gone" } })),
        },
    })
}

fn discovery(summary: &str, id: &str, schema: &str, example: Value) -> Value {
    json!({
        "parameters": [parameter("tenant")],
        "get": {
            "tags": ["Discovery"],
            "operationId": id,
            "summary": summary,
            "description": "RFC 7644 §4.",
            "security": [{ "token": [] }],
            "responses": failures(&[], json!({
                "200": { "description": summary, "content": content(schema, example) },
            })),
        },
    })
}

fn operation_paths(paths: &mut Map<String, Value>) {
    let plain = |summary: &str, id: &str, media: &str, schema: Value, example: Value| {
        json!({ "get": {
            "tags": ["Operation"],
            "operationId": id,
            "summary": summary,
            "security": [],
            "responses": {
                "200": { "description": summary, "content": { media: { "schema": schema, "example": example } } },
                "500": response("Internal"),
                "503": response("Busy"),
            },
        } })
    };
    let text = || json!({ "type": "string" });
    let health = |state: &str| json!({ "status": state });
    paths.insert(
        "/health/live".into(),
        plain("The process runs", "getLive", "application/json", reference("Health"), health("live")),
    );
    let mut ready = plain("The server can serve", "getReady", "application/json", reference("Health"), health("ready"));
    ready["get"]["responses"]["503"] = json!({
        "description": "The database does not answer",
        "content": { "application/json": { "schema": reference("Health"), "example": health("the database does not answer") } },
    });
    paths.insert("/health/ready".into(), ready);
    let numbers = "caurlaide_http_requests_total{route=\"/health/live\",method=\"GET\",status=\"200\",tenant=\"\"} 1\n";
    let mut metrics = plain("Numbers for Prometheus", "getMetrics", "text/plain", text(), numbers.into());
    metrics["get"]["security"] = json!([{}, { "metricsToken": [] }]);
    metrics["get"]["responses"]["401"] = response("Unauthorized");
    paths.insert("/metrics".into(), metrics);
    let opened = "openapi: 3.1.0\n";
    paths.insert(
        "/openapi.yaml".into(),
        plain("This description as YAML", "getDescriptionYaml", "application/yaml", text(), opened.into()),
    );
    let object = json!({ "type": "object" });
    let example = json!({ "openapi": "3.1.0" });
    paths.insert(
        "/openapi.json".into(),
        plain("This description as JSON", "getDescriptionJson", "application/json", object, example),
    );
    paths.insert(
        "/docs/".into(),
        plain("This description as pages", "getReference", "text/html", text(), "<!doctype html>".into()),
    );
}

/// Parameters that several operations share.
pub(super) fn parameters() -> Value {
    let query = |name: &str, description: &str, example: &str| json!({ "name": name, "in": "query", "description": description, "schema": { "type": "string" }, "example": example });
    let number = |name: &str, description: &str, example: u64| json!({ "name": name, "in": "query", "description": description, "schema": { "type": "integer" }, "example": example });
    let header = |name: &str, description: &str| json!({ "name": name, "in": "header", "description": description, "schema": { "type": "string" }, "example": "W/\"3\"" });
    let path = |name: &str, description: &str, example: &str| json!({ "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" }, "example": example });
    let mut parameters = json!({
        "tenant": path("tenant", "The tenant's slug", "berzaine"),
        "endpoint": path("endpoint", "The endpoint of a resource type that the tenant has defined", "Vehicles"),
        "id": path("id", "The id that the server gave", examples::USER_ID),
        "filter": query("filter", "RFC 7644 §3.4.2.2", "userName eq \"ilze.berzina@berzaine.example\""),
        "sortBy": query("sortBy", "The attribute to sort by (RFC 7644 §3.4.2.3)", "name.familyName"),
        "sortOrder": query("sortOrder", "`ascending` or `descending`", "ascending"),
        "startIndex": number("startIndex", "The first result, from 1", 1),
        "count": number("count", "How many results at the most; 100 if left out, 1 000 at the most", 100),
        "cursor": query("cursor", "Empty for the first page, then `nextCursor` of the page before; good for an hour (RFC 9865)", ""),
        "attributes": query("attributes", "The attributes to return, separated by commas (RFC 7644 §3.9)", "userName,active"),
        "excludedAttributes": query("excludedAttributes", "The attributes to leave out, separated by commas", "members"),
        "If-Match": header("If-Match", "Write only if the resource is still at this version"),
        "If-None-Match": header("If-None-Match", "Answer only if the resource is no longer what this tag stands for"),
    });
    administration::add_parameters(&mut parameters);
    definitions::add_parameters(&mut parameters);
    archive::add_parameters(&mut parameters);
    admin_roles::add_parameters(&mut parameters);
    calls::add_parameters(&mut parameters);
    alarms::add_parameters(&mut parameters);
    issuers::add_parameters(&mut parameters);
    applications::add_parameters(&mut parameters);
    organisation::add_parameters(&mut parameters);
    grants::add_parameters(&mut parameters);
    notifications::add_parameters(&mut parameters);
    offers::add_parameters(&mut parameters);
    once::add_parameter(&mut parameters);
    requests::add_parameters(&mut parameters);
    reviews::add_parameters(&mut parameters);
    emergencies::add_parameters(&mut parameters);
    timers::add_parameters(&mut parameters);
    rules::add_parameters(&mut parameters);
    violations::add_parameters(&mut parameters);
    parameters
}

/// Headers of answers.
pub(super) fn headers() -> Value {
    let header =
        |description: &str| json!({ "description": description, "required": true, "schema": { "type": "string" } });
    json!({
        "ETag": header("The entity tag: the version, and a digest of what is derived from other resources"),
        "VersionTag": header("The entity tag: the version, for `If-Match`"),
        "Location": header("The address of the resource"),
        "Retry-After": header("After how many seconds to try again"),
        "Content-Location": header("The address of the resource"),
    })
}

/// Failures, each a SCIM Error.
pub(super) fn responses() -> Value {
    let failure = |description: &str, status: u16, scim_type: Option<&str>, detail: &str| {
        let mut example = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.to_string(),
            "detail": detail,
        });
        if let Some(scim_type) = scim_type {
            example["scimType"] = scim_type.into();
        }
        json!({ "description": description, "content": content("Error", example) })
    };
    let mut responses = json!({
        "BadRequest": failure("The request cannot be understood or breaks a rule", 400, Some("invalidValue"), "userName is required."),
        "Unauthorized": failure("No valid token", 401, None, "A bearer token is needed in the Authorization header."),
        "Forbidden": failure("The token lacks a scope, or the tenant is suspended or archived", 403, None, "The token lacks the scope scim.write."),
        "NotFound": failure("There is no such thing, or none that this token may know of", 404, None, "There is no such User."),
        "MethodNotAllowed": failure("The route does not know the method", 405, None, "TRACE is not possible here; GET, HEAD, POST is."),
        "NotAcceptable": failure("The client takes no JSON", 406, None, "Answers are application/scim+json, which the Accept header leaves out."),
        "BodyTimeout": failure("The body did not arrive in time", 408, None, "The body did not arrive in time."),
        "Conflict": failure("A unique value is taken", 409, Some("uniqueness"), "userName is taken by another User."),
        "PreconditionFailed": failure("The resource is at another version", 412, None, "The resource is at version 4, which is not what the request was made for."),
        "TooLarge": failure("The body is too large", 413, None, "The body is larger than 1048576 bytes (maxPayloadSize of this endpoint)."),
        "UnsupportedMediaType": failure("The body is not JSON", 415, None, "Bodies must be application/scim+json or application/json."),
        "TooMany": failure("The client or its tenant sends too many requests, or too many tokens from its address were not valid", 429, None, "This client sends more requests than it may. Try again in 2 seconds."),
        "Internal": failure("Something failed inside", 500, None, "Something failed inside the server. Its log knows more, under the X-Request-Id of this answer."),
        "Busy": failure("The server is busy, or gave the request up; try again", 503, None, "The server is busy; nothing was changed. Try again."),
    });
    administration::add_responses(&mut responses);
    oauth::add_responses(&mut responses);
    for name in ["TooMany", "TooManyProblem", "TooManyOAuth"] {
        responses[name]["headers"] = json!({ "Retry-After": { "$ref": "#/components/headers/Retry-After" } });
    }
    responses
}
