//! What the operator's tools ask for.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::json;
use tokio::time::timeout;

use crate::{app::App, http::error::Failure};

/// How long the database may take to show that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process runs.
pub(crate) async fn live() -> Response {
    Json(json!({ "status": "live" })).into_response()
}

/// The process can serve: its database answers and has the right schema.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    let reason = match timeout(PATIENCE, app.store.check_schema()).await {
        Ok(Ok(())) => return Json(json!({ "status": "ready" })).into_response(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    tracing::warn!(reason, "not ready");
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "the database does not answer" }))).into_response()
}

/// Numbers for Prometheus.
pub(crate) async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !app.settings.opens_metrics(token.and_then(|value| value.strip_prefix("Bearer "))) {
        return Failure::english(401, "The metrics ask for their own bearer token, the setting metrics-token.")
            .with(header::WWW_AUTHENTICATE, "Bearer realm=\"metrics\"")
            .into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response()
}
