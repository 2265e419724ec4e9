//! Errors as clients see them: always a SCIM Error body (RFC 7644 §3.12). What went wrong inside is
//! logged under the request's id and not told.

use std::any::Any;

use axum::{
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use scim::message::MEDIA_TYPE;

use crate::provisioning;

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Failure {
    error: scim::Error,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    pub(crate) fn new(status: u16, detail: impl Into<String>) -> Self {
        scim::Error::new(status, detail).into()
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        Self { error, headers: Vec::new() }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        provisioning::Error::Store(error).into()
    }
}

impl From<provisioning::Error> for Failure {
    fn from(error: provisioning::Error) -> Self {
        let failure = Self::from(error.told());
        if failure.error.status == 503 { failure.with(header::RETRY_AFTER, "1") } else { failure }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = self.error.body().to_string();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

/// A route that exists, asked in a way that does not.
pub(crate) fn method_not_allowed(method: &Method, allowed: &str) -> Response {
    let detail = format!("{method} is not possible here; {allowed} is.");
    Failure::new(405, detail).with(header::ALLOW, allowed).into_response()
}

/// A panic in a handler ends the request and nothing else. Its message may hold values and is not logged.
pub(crate) fn panicked(_: &(dyn Any + Send)) -> Response {
    tracing::error!("a handler panicked");
    Failure::new(500, provisioning::INTERNAL).into_response()
}
