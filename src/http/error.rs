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

use crate::{
    administration,
    language::Language,
    provisioning,
    wording::{Text, phrase, title},
};

/// The media type of problem details.
pub(crate) const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";
/// What the type of a problem starts with.
const TYPES: &str = "urn:caurlaide:problem:";
/// A refusal on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    error: scim::Error,
    /// What it says to people, where that is not in English alone.
    text: Option<Box<Text>>,
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
    pub(crate) fn new(status: u16, detail: impl Into<Text>) -> Self {
        let detail = detail.into();
        let failure = Self::from(scim::Error::new(status, detail.to_string()));
        Self { text: Some(Box::new(detail)), ..failure }
    }

    /// The same for programs and their authors, in English alone.
    pub(crate) fn english(status: u16, detail: impl Into<String>) -> Self {
        Self::from(scim::Error::new(status, detail))
    }

    /// The same as a sentence, of what is said in passing.
    fn saying(status: u16, detail: &Text) -> Self {
        let failure = Self::from(scim::Error::new(status, sentence(&detail.to_string())));
        Self { text: Some(Box::new(detail.clone())), ..failure }
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

    pub(crate) fn problem(status: u16, kind: &'static str, detail: impl Into<Text>) -> Self {
        Self { problem: Some(Box::new(Problem::of(kind))), ..Self::saying(status, &detail.into()) }
    }

    /// A problem that says something more to programs.
    fn telling(status: u16, kind: &'static str, detail: &Text, name: &'static str, value: Value) -> Self {
        let problem = Problem { more: Some((name, value)), ..Problem::of(kind) };
        Self { problem: Some(Box::new(problem)), ..Self::saying(status, detail) }
    }

    /// A refusal of the token endpoint.
    pub(crate) fn oauth(status: u16, code: &'static str, detail: &str) -> Self {
        Self { code: Some(code), ..Self::english(status, detail) }
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> u16 {
        self.error.status
    }

    /// Values that cannot be taken.
    pub(crate) fn invalid(faults: Vec<administration::Fault>) -> Self {
        let detail = faulty(&faults, Language::English);
        let problem = Some(Box::new(Problem { faults, ..Problem::of("invalid") }));
        Self { problem, ..Self::from(scim::Error::new(400, detail)) }
    }
}

impl Problem {
    fn of(kind: &'static str) -> Self {
        Self { kind, faults: Vec::new(), state: None, more: None }
    }

    /// The kind of what the protocol refuses; nothing where the status says it all.
    fn of_refusal(error: &scim::Error) -> Option<Self> {
        let kind = match (error.status, error.scim_type) {
            (409, Some(ScimType::Uniqueness)) => "taken",
            (409, _) => "conflict",
            (412, _) => "stale",
            (400, _) => "invalid",
            _ => return None,
        };
        Some(Self::of(kind))
    }
}

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        let problem = Problem::of_refusal(&error).map(Box::new);
        Self { problem, text: None, error, code: None, headers: Vec::new() }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        provisioning::Error::Store(error).into()
    }
}

impl From<provisioning::Error> for Failure {
    fn from(error: provisioning::Error) -> Self {
        if let provisioning::Error::Wrong(_, said, pointer) = error {
            return Self::invalid(vec![administration::Fault::new(pointer, said)]);
        }
        let problem = match error {
            provisioning::Error::Suspended => Some(Problem::of("suspended")),
            provisioning::Error::Archived => Some(Problem::of("archived")),
            _ => None,
        };
        let said = match &error {
            provisioning::Error::Worded(_, said) => Some(Box::new(said.clone().into())),
            _ => None,
        };
        let mut failure = Self::from(error.told());
        failure.text = said.or_else(|| said_otherwise(failure.error.status, problem.as_ref()).map(Box::new));
        failure.problem = problem.map(Box::new).or(failure.problem);
        if failure.error.status == 503 { failure.with(header::RETRY_AFTER, "1") } else { failure }
    }
}

impl From<administration::Error> for Failure {
    fn from(error: administration::Error) -> Self {
        use administration::Error;
        let detail = error.text();
        match error {
            Error::Invalid(faults) => Self::invalid(faults),
            Error::Missing(_) => Self::saying(404, &detail),
            Error::Taken(_) => Self::problem(409, "taken", detail),
            Error::Conflict(_) => Self::problem(409, "conflict", detail),
            Error::Stale(_) | Error::Changed => Self::problem(412, "stale", detail),
            Error::State { state, possible, .. } => {
                let problem = Problem { state: Some((state, possible)), ..Problem::of("state") };
                Self { problem: Some(Box::new(problem)), ..Self::saying(409, &detail) }
            }
            Error::Forbidden(_) => Self::problem(403, "forbidden", detail),
            Error::Assurance(needed) => Self::telling(403, "assurance", &detail, "needed", needed.word().into()),
            Error::Rules { rules, state, possible } => {
                let (state, more) = (Some((state, possible)), Some(("rules", json!(rules))));
                let problem = Problem { state, more, ..Problem::of("conflict") };
                Self { problem: Some(Box::new(problem)), ..Self::saying(409, &detail) }
            }
            Error::Suspended => Self::problem(403, "suspended", detail),
            Error::Archived => Self::problem(403, "archived", detail),
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
    pub(crate) fn fill(self, mut response: Response, request_id: &str, language: Option<Language>) -> Response {
        let Some(failure) = response.extensions_mut().remove::<Failure>() else { return response };
        let language = language.unwrap_or(Language::English);
        let (media_type, body) = match self {
            Self::Scim => (MEDIA_TYPE, failure.error.body()),
            Self::Problem => (PROBLEM, failure.details(request_id, language)),
            Self::OAuth => (JSON, failure.oauth_error()),
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if self == Self::Problem {
            let spoken = HeaderValue::from_static(failure.languages(language));
            response.headers_mut().insert(header::CONTENT_LANGUAGE, spoken);
            response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-language"));
        }
        *response.body_mut() = body.to_string().into();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response
    }
}

impl Failure {
    /// Problem details (RFC 9457 §3). What is no more than its status has no type of its own (§4.2.1).
    fn details(&self, request_id: &str, language: Language) -> Value {
        let status = self.error.status;
        let kind = self.problem.as_deref().map(|problem| problem.kind);
        let name = kind.map_or_else(|| "about:blank".to_owned(), |kind| format!("{TYPES}{kind}"));
        let mut details = json!({ "type": name, "title": title(kind, status).say(language), "status": status });
        details["detail"] = self.detail(language).into();
        let told = |fault: &administration::Fault| sentence(&fault.reason.say(language));
        let faults: Vec<Value> =
            self.faults().iter().map(|fault| json!({ "pointer": fault.pointer, "detail": told(fault) })).collect();
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
    fn faults(&self) -> &[administration::Fault] {
        self.problem.as_deref().map_or(&[], |problem| &problem.faults)
    }

    /// What there is to say, in a language.
    fn detail(&self, language: Language) -> String {
        match &self.text {
            _ if !self.faults().is_empty() => faulty(self.faults(), language),
            Some(text) if text.is_in(language) && language != Language::English => sentence(&text.say(language)),
            _ => self.error.detail.clone(),
        }
    }

    /// In which languages it is said: what only administrators are told has a title in theirs.
    fn languages(&self, language: Language) -> &'static str {
        let is_whole = match &self.text {
            _ if !self.faults().is_empty() => self.faults().iter().all(|fault| fault.reason.is_in(language)),
            Some(text) => text.is_in(language),
            None => language == Language::English,
        };
        match language {
            Language::English => "en",
            Language::Latvian if is_whole => "lv",
            Language::Latvian => "lv, en",
        }
    }

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

/// All that is wrong with what was sent. The name of a field stays as it is written.
fn faulty(faults: &[administration::Fault], language: Language) -> String {
    let text = administration::listed(faults, language);
    let is_named = faults.first().is_some_and(|fault| !fault.pointer.is_empty());
    if is_named { stopped(&text) } else { sentence(&text) }
}

/// The words for people of what is told to programs in English: that something failed inside, or that nothing changes here.
fn said_otherwise(status: u16, problem: Option<&Problem>) -> Option<Text> {
    match (problem.map(|problem| problem.kind), status) {
        (Some("suspended"), _) => Some(phrase("suspended").into()),
        (Some("archived"), _) => Some(phrase("archived").into()),
        (_, 503) => Some(phrase("busy").into()),
        (_, 500) => Some(phrase("inside").into()),
        _ => None,
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
    Failure::new(500, phrase("inside")).into_response()
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
