//! What is seen of every request: an id that the client gets back, one log line, two numbers; and how
//! long it may take.

use std::{
    borrow::Cow,
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use store::{Call, PersonView};
use tokio::time::{Instant, timeout};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    app::App,
    auth::Caller,
    calls::Whose,
    http::{
        api::language,
        error::{Failure, Form},
        origin::{self, Peer},
        scim,
    },
    provisioning::Notes,
    telemetry,
    wording::phrase,
};

/// How long a request may take, reading its body included.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The lists that can be asked for one person.
const TELLING: [&str; 5] = ["grants", "holdings", "requests", "emergencies", "sod-violations"];
/// The status under which a request is noted whose client hung up before the answer: nobody gets it, and proxies write the same into their logs.
const HUNG_UP: u16 = 499;
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What handlers say about a request while they serve it.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// The request's id.
    pub(crate) id: String,
    /// Whom it comes from.
    pub(crate) origin: Option<IpAddr>,
    /// The caller, once a token has shown who it is.
    pub(crate) caller: OnceLock<Caller>,
    /// The route, where the path alone does not tell.
    pub(crate) route: OnceLock<String>,
    /// What it changes.
    pub(crate) notes: Notes,
}

pub(crate) async fn watch(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers()).unwrap_or_else(|| app.ids.next().to_string());
    let form = Form::of(request.uri().path());
    let trace = Arc::new(Trace { id, origin: origin_of(&request, &app), ..Trace::default() });
    // SCIM names its routes itself, because its paths hold the names of resource types.
    if let Some(path) = request.extensions().get::<MatchedPath>()
        && (form != Form::Scim || !path.as_str().starts_with("/t/"))
    {
        let _ = trace.route.set(path.as_str().to_owned());
    }
    let language = language(request.headers());
    let mut seen = Seen {
        app: Arc::clone(&app),
        trace: Arc::clone(&trace),
        slug: scim_slug(&request),
        method: request.method().clone(),
        started,
        is_noted: false,
    };
    let subject = if *request.method() == Method::GET { subject_of(&request) } else { None };
    request.extensions_mut().insert(Arc::clone(&trace));
    let mut response = if has_one_host(&request) {
        let span = tracing::info_span!("request", request_id = trace.id);
        match timeout(TIME_LIMIT, next.run(request).instrument(span)).await {
            Ok(response) => response,
            Err(_) => Failure::new(503, phrase("too-long")).with(header::RETRY_AFTER, "5").into_response(),
        }
    } else {
        Failure::english(400, "The request must name its host exactly once.").into_response()
    };
    // The pages of the reference have errors of their own.
    if response.status().is_client_error()
        && response.extensions().get::<Failure>().is_none()
        && !response.headers().contains_key(header::CONTENT_TYPE)
    {
        let status = response.status().as_u16();
        response = Failure::new(status, phrase("nothing-here")).into_response();
    }
    seen.note(response.status().as_u16(), response.extensions().get::<Failure>().map(Failure::refusal));
    if let Some(subject) = subject.filter(|_| response.status().is_success()) {
        note_view(&app, &trace, subject);
    }
    let mut response = form.fill(response, &trace.id, language);
    if let Ok(id) = HeaderValue::from_str(&trace.id) {
        response.headers_mut().insert(REQUEST_ID.clone(), id);
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// A request while it is served. It is noted once: with its answer, or when it is dropped without one, because then the client has hung up, and
/// what was written for it may be lasting nevertheless.
struct Seen {
    app: Arc<App>,
    trace: Arc<Trace>,
    /// The tenant's name in the address, if that leads to a SCIM endpoint.
    slug: Option<String>,
    method: Method,
    started: Instant,
    is_noted: bool,
}

impl Seen {
    fn note(&mut self, status: u16, refusal: Option<&::scim::Error>) {
        self.is_noted = true;
        let Self { app, trace, method, .. } = &*self;
        let took = self.started.elapsed();
        if let Some(caller) = trace.caller.get().filter(|_| trace.notes.takes_away()) {
            app.alarms.taken(caller.tenant(), caller.client());
        }
        if let Some(slug) = &self.slug {
            note_call(app, trace, slug, method, status, refusal, took);
        }
        note(trace, method, status, took);
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if !self.is_noted {
            self.note(HUNG_UP, None);
        }
    }
}

/// Whom a request comes from, as far as it can be believed.
fn origin_of(request: &Request, app: &App) -> Option<IpAddr> {
    let Peer(peer) = request.extensions().get()?;
    Some(origin::origin(*peer, request.headers(), &app.settings.trusted_proxies))
}

/// The tenant's name in the address, if that leads to a SCIM endpoint.
fn scim_slug(request: &Request) -> Option<String> {
    let path = request.extensions().get::<MatchedPath>()?;
    path.as_str().strip_prefix(scim::ROUTE)?;
    request.uri().path().split('/').nth(2).map(str::to_owned)
}

/// Leaves a note for the log of calls. What came without a valid token is noted if it is refused for that.
fn note_call(
    app: &App,
    trace: &Trace,
    slug: &str,
    method: &Method,
    status: u16,
    refusal: Option<&::scim::Error>,
    took: Duration,
) {
    let whose = match trace.caller.get() {
        Some(caller) if caller.is_operator() => return,
        Some(caller) => Whose::Tenant(caller.tenant()),
        None if matches!(status, 401 | 429) => Whose::Stranger(slug.to_owned()),
        None => return,
    };
    let route = trace.route.get().and_then(|route| route.strip_prefix(scim::ROUTE)).unwrap_or("/unknown");
    let call = Call {
        id: app.ids.next(),
        at: app.clock.now(),
        client: trace.caller.get().map(Caller::client),
        method: known(method),
        route: if route.is_empty() { "/".to_owned() } else { route.to_owned() },
        status,
        scim_type: refusal.and_then(|refusal| refusal.scim_type).map(|keyword| keyword.keyword().to_owned()),
        detail: refusal.filter(|refusal| !refusal.quotes).map(|refusal| refusal.detail.clone()),
        micros: i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
        request: trace.id.clone(),
        changes: serde_json::to_string(&trace.notes.summary()).unwrap_or_default(),
    };
    app.calls.note(whose, call);
}

/// The user whose data a request reads, as far as its address says so.
fn subject_of(request: &Request) -> Option<Uuid> {
    // As routes read it: an id can be written in many ways.
    let path = percent_decode_str(request.uri().path()).decode_utf8().ok()?;
    let mut segments = path.split('/').skip(3);
    match (segments.next()?, segments.next()?, segments.next()?) {
        ("scim", "v2", "Users") | ("api", "v1", "users") => segments.next().and_then(|id| Uuid::parse_str(id).ok()),
        ("api", "v1", "me") if segments.next() == Some("holdings") && segments.next().is_none() => {
            named_in(request.uri().query()?, &["subject"])
        }
        ("api", "v1", list) if TELLING.contains(&list) && segments.next().is_none() => {
            named_in(request.uri().query()?, &["user", "subject"])
        }
        _ => None,
    }
}

/// The id that one of these parameters has.
fn named_in(query: &str, parameters: &[&str]) -> Option<Uuid> {
    let named = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        parameters.contains(&&*name).then(|| Uuid::parse_str(&value).ok()).flatten()
    };
    form_urlencoded::parse(query.as_bytes()).find_map(named)
}

/// Leaves a note that somebody has looked at the data of somebody else.
fn note_view(app: &App, trace: &Trace, subject: Uuid) {
    let Some(caller) = trace.caller.get().filter(|caller| !caller.is_operator() && caller.user() != Some(subject))
    else {
        return;
    };
    let route = trace.route.get().map_or("/unknown", String::as_str);
    let view = PersonView {
        id: app.ids.next(),
        subject,
        at: app.clock.now(),
        client: caller.client(),
        user: caller.user(),
        route: route.strip_prefix("/t/{tenant}").unwrap_or(route).to_owned(),
        request: trace.id.clone(),
    };
    app.calls.note_view(caller.tenant(), view);
}

fn note(trace: &Trace, method: &Method, status: u16, took: Duration) {
    let route = trace.route.get().map_or("unknown", String::as_str);
    let (tenant, client) = match trace.caller.get() {
        Some(caller) => (caller.slug(), caller.client().to_string()),
        None => ("", String::new()),
    };
    tracing::info!(
        request_id = trace.id,
        tenant,
        client,
        method = method.as_str(),
        route,
        status,
        duration_ms = took.as_secs_f64() * 1000.0,
        "request"
    );
    let (route, tenant) = (route.to_owned(), tenant.to_owned());
    let labels = [
        ("route", route.clone()),
        ("method", known(method)),
        ("status", status.to_string()),
        ("tenant", tenant.clone()),
    ];
    metrics::counter!(telemetry::REQUESTS, &labels).increment(1);
    metrics::histogram!(telemetry::DURATION, &[("route", route), ("tenant", tenant)]).record(took);
}

/// Methods that clients invent do not become labels.
fn known(method: &Method) -> String {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if known.contains(method) { method.as_str().to_owned() } else { "other".to_owned() }
}

/// An id that the client brought, if it can be logged as it is.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(&REQUEST_ID)?.to_str().ok()?;
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    ((1..=64).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

/// RFC 9112 §3.2; also a guard against requests that two servers read differently.
fn has_one_host(request: &Request) -> bool {
    let named = request.headers().get_all(header::HOST).iter().count();
    named == 1 || named == 0 && request.version() != Version::HTTP_11
}
