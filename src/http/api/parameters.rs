//! Which parameters an operation has: those that its description names. Any other one is refused, because who sends it wants something
//! that would not happen.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{
    http::{api::nothing_here, error::Failure},
    openapi,
    wording::phrase,
};

/// The names in an address behind `?`, by route and method.
static KNOWN: LazyLock<HashMap<(String, String), Vec<String>>> = LazyLock::new(|| of_document(&openapi::document()));

fn of_document(document: &Value) -> HashMap<(String, String), Vec<String>> {
    let mut known = HashMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten().filter(|(name, _)| *name != "parameters") {
            let lists = [&item["parameters"], &operation["parameters"]];
            let all = lists.into_iter().filter_map(Value::as_array).flatten().map(|one| resolved(document, one));
            let names = all.filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str());
            known.insert((shape(path), method.to_uppercase()), names.map(str::to_owned).collect());
        }
    }
    known
}

fn resolved<'d>(document: &'d Value, parameter: &'d Value) -> &'d Value {
    let target = parameter["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(parameter)
}

/// A route without the names of its parts that vary.
fn shape(route: &str) -> String {
    let parts: Vec<&str> = route.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
    parts.join("/")
}

/// Refuses parameters that an operation has not, and texts that no database keeps.
pub(in crate::http) async fn known_parameters(request: Request, next: Next) -> Response {
    match fault(&request) {
        Some(failure) => failure.into_response(),
        None => next.run(request).await,
    }
}

fn fault(request: &Request) -> Option<Failure> {
    if request.uri().path().contains("%00") {
        return Some(nothing_here());
    }
    let query = request.uri().query()?;
    if query.contains("%00") {
        return Some(Failure::problem(400, "invalid", phrase("query-nul")));
    }
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let route = request.extensions().get::<MatchedPath>()?;
    let names = KNOWN.get(&(shape(route.as_str()), method.to_string()))?;
    let is_known = |name: &str| names.iter().any(|known| known == name);
    if form_urlencoded::parse(query.as_bytes()).all(|(name, _)| is_known(&name)) {
        return None;
    }
    let said = if names.is_empty() {
        phrase("no-parameters")
    } else {
        phrase("parameters-are").with("names", names.join(", "))
    };
    Some(Failure::problem(400, "invalid", said))
}
