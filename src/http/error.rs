//! Errors as clients see them: always a SCIM Error body (RFC 7644 §3.12). What went wrong inside is
//! logged under the request's id and not told.

use std::any::Any;

use axum::{
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use scim::message::MEDIA_TYPE;

use crate::provisioning;

/// What clients are told of a failure inside.
const INTERNAL: &str = "Something failed inside the server. Its log knows more, under the X-Request-Id of this answer.";
/// What clients are told when a commit broke off.
const UNKNOWN: &str = "The database broke off while the change was made lasting: it may have happened or not. \
                       Read the resource before trying again.";

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

    /// Come back in a moment.
    pub(crate) fn busy() -> Self {
        Self::new(503, "The server is busy; nothing was changed. Try again.").with(header::RETRY_AFTER, "1")
    }

    /// Something inside failed: the log knows what.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "a request failed inside");
        Self::new(500, INTERNAL)
    }
}

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        Self { error, headers: Vec::new() }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict | store::Error::Busy(_) => {
                tracing::warn!(%error, "the database is busy");
                Self::busy()
            }
            store::Error::Unknown(_) => {
                tracing::error!(%error, "a commit broke off");
                Self::new(500, UNKNOWN)
            }
            other => Self::internal(&other),
        }
    }
}

impl From<provisioning::Error> for Failure {
    fn from(error: provisioning::Error) -> Self {
        match error {
            provisioning::Error::Refused(refusal) => refusal.into(),
            provisioning::Error::Store(error) => error.into(),
            failed @ provisioning::Error::Failed(_) => Self::internal(&failed),
        }
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
    Failure::new(500, INTERNAL).into_response()
}
