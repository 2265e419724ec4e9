//! The API reference, served from the binary.

use std::sync::OnceLock;

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::openapi;

/// The description as YAML.
pub(crate) async fn yaml() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    ([(header::CONTENT_TYPE, "application/yaml")], TEXT.get_or_init(openapi::yaml).as_str()).into_response()
}

/// The description as JSON.
pub(crate) async fn json() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| openapi::document().to_string());
    ([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

/// Pages that show the description, with all their scripts on board.
pub(crate) fn reference<S: Clone + Send + Sync + 'static>() -> Router<S> {
    SwaggerUi::new("/docs").config(Config::new(["/openapi.json"]).try_it_out_enabled(true)).into()
}
