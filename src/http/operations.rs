//! What the operator's tools ask for.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::json;

use crate::{app::App, http::error::Failure};

/// The process runs.
pub(crate) async fn live() -> Response {
    Json(json!({ "status": "live" })).into_response()
}

/// The process can serve: its database answers and has the right schema.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.store.health().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "the database does not answer" }))).into_response()
        }
    }
}

/// Numbers for Prometheus.
pub(crate) async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !app.settings.opens_metrics(token.and_then(|value| value.strip_prefix("Bearer "))) {
        return Failure::new(401, "The metrics ask for their own bearer token.")
            .with(header::WWW_AUTHENTICATE, "Bearer realm=\"metrics\"")
            .into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response()
}
