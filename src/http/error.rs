//! Errors as clients see them: a SCIM Error body (RFC 7644 §3.12), or problem details (RFC 9457) on the routes of
//! administration, or what OAuth says (RFC 6749 §5.2). What went wrong inside is logged under the request's id and not told.
//!
//! A [`Failure`] becomes an answer without a body that carries what there is to say; [`Form::fill`], around all
//! routes, gives it the form that its route speaks. So layers, extractors and handlers fail alike.

use std::any::Any;

use axum::{
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use scim::{ScimType, message::MEDIA_TYPE};
use serde_json::{Value, json};

use crate::{administration, provisioning};

/// The media type of problem details.
pub(crate) const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";
/// What the type of a problem starts with.
const TYPES: &str = "urn:caurlaide:problem:";
/// A refusal on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    error: scim::Error,
    /// What problem details say beside.
    problem: Option<Box<Problem>>,
    /// What OAuth calls it.
    code: Option<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A kind of problem that programs may tell apart (RFC 9457 §3.1.1).
#[derive(Clone, Debug)]
struct Problem {
    kind: &'static str,
    title: &'static str,
    faults: Vec<administration::Fault>,
    /// The state of what it is about, and what is possible in it.
    state: Option<(&'static str, &'static [&'static str])>,
    /// What else programs may want to know.
    more: Option<(&'static str, Value)>,
}

/// How a route speaks of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// SCIM Error messages.
    Scim,
    /// Problem details.
    Problem,
    /// The error response of a token endpoint (RFC 6749 §5.2).
    OAuth,
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

    /// What is refused, and why.
    pub(crate) fn refusal(&self) -> &scim::Error {
        &self.error
    }

    pub(crate) fn problem(status: u16, kind: &'static str, detail: &str) -> Self {
        Self { problem: Some(Box::new(Problem::of(kind))), ..Self::new(status, sentence(detail)) }
    }

    /// A problem that says something more to programs.
    fn telling(status: u16, kind: &'static str, detail: &str, name: &'static str, value: Value) -> Self {
        let problem = Problem { more: Some((name, value)), ..Problem::of(kind) };
        Self { problem: Some(Box::new(problem)), ..Self::new(status, sentence(detail)) }
    }

    /// A refusal of the token endpoint.
    pub(crate) fn oauth(status: u16, code: &'static str, detail: &str) -> Self {
        Self { code: Some(code), ..Self::new(status, detail) }
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> u16 {
        self.error.status
    }

    /// Values that cannot be taken.
    pub(crate) fn invalid(faults: Vec<administration::Fault>) -> Self {
        let is_named = faults.first().is_some_and(|fault| !fault.pointer.is_empty());
        let detail = administration::Error::Invalid(faults.clone()).to_string();
        // The name of a field stays as it is written.
        let detail = if is_named { stopped(&detail) } else { sentence(&detail) };
        let problem = Some(Box::new(Problem { faults, ..Problem::of("invalid") }));
        Self { problem, ..Self::new(400, detail) }
    }
}

impl Problem {
    fn of(kind: &'static str) -> Self {
        let title = match kind {
            "invalid" => "Some values cannot be taken",
            "taken" => "There is one already",
            "conflict" => "What is there stands in the way",
            "stale" => "It has changed meanwhile",
            "idempotency" => "The request is known by its key",
            "state" => "It does not suit the state of what is there",
            "forbidden" => "This is for others",
            "assurance" => "It has to be known more surely who you are",
            "suspended" => "The tenant is suspended",
            _ => "The tenant is archived",
        };
        Self { kind, title, faults: Vec::new(), state: None, more: None }
    }

    /// The kind of what the protocol refuses; nothing where the status says it all.
    fn of_refusal(error: &scim::Error) -> Option<Self> {
        let kind = match (error.status, error.scim_type) {
            (409, Some(ScimType::Uniqueness)) => "taken",
            (409, _) => "conflict",
            (400, Some(ScimType::InvalidValue | ScimType::InvalidSyntax)) => "invalid",
            _ => return None,
        };
        Some(Self::of(kind))
    }
}

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        let problem = Problem::of_refusal(&error).map(Box::new);
        Self { problem, error, code: None, headers: Vec::new() }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        provisioning::Error::Store(error).into()
    }
}

impl From<provisioning::Error> for Failure {
    fn from(error: provisioning::Error) -> Self {
        let problem = match error {
            provisioning::Error::Suspended => Some(Problem::of("suspended")),
            provisioning::Error::Archived => Some(Problem::of("archived")),
            _ => None,
        };
        let mut failure = Self::from(error.told());
        failure.problem = problem.map(Box::new).or(failure.problem);
        if failure.error.status == 503 { failure.with(header::RETRY_AFTER, "1") } else { failure }
    }
}

impl From<administration::Error> for Failure {
    fn from(error: administration::Error) -> Self {
        use administration::Error;
        let detail = error.to_string();
        match error {
            Error::Invalid(faults) => Self::invalid(faults),
            Error::Missing(_) => Self::new(404, sentence(&detail)),
            Error::Taken(_) => Self::problem(409, "taken", &detail),
            Error::Conflict(_) => Self::problem(409, "conflict", &detail),
            Error::Stale(_) => Self::problem(412, "stale", &detail),
            Error::State { state, possible, .. } => {
                let problem = Problem { state: Some((state, possible)), ..Problem::of("state") };
                Self { problem: Some(Box::new(problem)), ..Self::new(409, sentence(&detail)) }
            }
            Error::Forbidden(_) => Self::problem(403, "forbidden", &detail),
            Error::Assurance(needed) => Self::telling(403, "assurance", &detail, "needed", needed.word().into()),
            Error::Rules(rules) => Self::telling(409, "conflict", &detail, "rules", json!(rules)),
            Error::Suspended => Self::problem(403, "suspended", &detail),
            Error::Archived => Self::problem(403, "archived", &detail),
            Error::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(mut self) -> Response {
        let status = StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response
            .headers_mut()
            .extend(std::mem::take(&mut self.headers).into_iter().map(|(name, value)| (Some(name), value)));
        response.extensions_mut().insert(self);
        response
    }
}

impl Form {
    /// The form of the route that a path leads to, or would lead to.
    pub(crate) fn of(path: &str) -> Self {
        let mut segments = path.split('/').skip(1);
        match (segments.next(), segments.next(), segments.next()) {
            (Some("api"), ..) | (Some("t"), Some(_), Some("api")) => Self::Problem,
            (Some("t"), Some(_), Some("oauth")) => Self::OAuth,
            _ => Self::Scim,
        }
    }

    /// Writes down what a failure has to say.
    pub(crate) fn fill(self, mut response: Response, request_id: &str) -> Response {
        let Some(failure) = response.extensions_mut().remove::<Failure>() else { return response };
        let (media_type, body) = match self {
            Self::Scim => (MEDIA_TYPE, failure.error.body()),
            Self::Problem => (PROBLEM, failure.details(request_id)),
            Self::OAuth => (JSON, failure.oauth_error()),
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        *response.body_mut() = body.to_string().into();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response
    }
}

impl Failure {
    /// Problem details (RFC 9457 §3). What is no more than its status has no type of its own (§4.2.1).
    fn details(&self, request_id: &str) -> Value {
        let status = self.error.status;
        let phrase = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let mut details = match self.problem.as_deref() {
            Some(Problem { kind, title, .. }) => json!({ "type": format!("{TYPES}{kind}"), "title": title }),
            None => json!({ "type": "about:blank", "title": phrase.unwrap_or("Error") }),
        };
        details["status"] = status.into();
        details["detail"] = self.error.detail.as_str().into();
        let faults = self.problem.iter().flat_map(|problem| &problem.faults);
        let faults: Vec<Value> =
            faults.map(|fault| json!({ "pointer": fault.pointer, "detail": sentence(&fault.reason) })).collect();
        if !faults.is_empty() {
            details["errors"] = faults.into();
        }
        if let Some((state, possible)) = self.problem.as_deref().and_then(|problem| problem.state) {
            details["state"] = state.into();
            details["possible"] = possible.into();
        }
        if let Some((name, value)) = self.problem.as_deref().and_then(|problem| problem.more.clone()) {
            details[name] = value;
        }
        details["requestId"] = request_id.into();
        details
    }
}

impl Failure {
    /// RFC 6749 §5.2 knows no code for what goes wrong inside; clients know these two from §4.1.2.1.
    fn oauth_error(&self) -> Value {
        let code = self.code.unwrap_or(match self.error.status {
            429 | 503 => "temporarily_unavailable",
            500.. => "server_error",
            _ => "invalid_request",
        });
        json!({ "error": code, "error_description": self.error.detail.replace(['"', '\\'], "'") })
    }
}

/// What the command line says in passing, as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    stopped(&format!("{first}{}", letters.as_str()))
}

/// The same with a full stop.
fn stopped(text: &str) -> String {
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{text}{stop}")
}

/// A route that exists, asked in a way that does not.
pub(crate) fn method_not_allowed(method: &Method, allowed: &str) -> Response {
    let detail = format!("{method} is not possible here; {allowed} is.");
    Failure::from(scim::Error::new(405, detail).quoting()).with(header::ALLOW, allowed).into_response()
}

/// A panic in a handler ends the request and nothing else. Its message may hold values and is not logged.
pub(crate) fn panicked(_: &(dyn Any + Send)) -> Response {
    tracing::error!("a handler panicked");
    Failure::new(500, provisioning::INTERNAL).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_their_form() {
        for path in ["/api/v1/tenants", "/api", "/t/riga/api/v1/clients", "/t/riga/api"] {
            assert_eq!(Form::of(path), Form::Problem, "{path}");
        }
        assert_eq!(Form::of("/t/riga/oauth/token"), Form::OAuth);
        for path in ["/", "/t/riga/scim/v2/Users", "/t/api", "/t/api/scim/v2", "/apis", "/metrics"] {
            assert_eq!(Form::of(path), Form::Scim, "{path}");
        }
    }

    #[test]
    fn sentences_begin_and_end() {
        assert_eq!(sentence("there is no such client"), "There is no such client.");
        assert_eq!(sentence("Āda."), "Āda.");
        assert_eq!(sentence(""), ".");
    }
}
