//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a request that makes something may be sent again when its
//! answer was lost, and is answered as the first time. What was refused is forgotten: it changed nothing.
//!
//! The request is noted before anything is done, and goes on when its client goes away. If the server stops in between,
//! nobody knows what became of it: it is not done again, and whoever asks is told so.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, RawPathParams, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ring::digest::{Context, SHA256};
use store::{Asked, Asking, GivenAnswer, TenantStore};
use tracing::Instrument;

use crate::{
    app::App,
    auth::Caller,
    clock,
    http::{api::input::MAX_BODY, error::Failure, watch::Trace},
    wording::{Phrase, phrase},
};

static KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
static REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The longest key, in characters.
const LONGEST: usize = 200;
/// For how long an answer is kept, in milliseconds.
pub(crate) const KEPT: i64 = 24 * 60 * 60 * 1000;
/// How long a request can go on: one that is not answered by then never will be.
const PATIENCE: i64 = 60 * 1000;
/// Which headers of an answer are kept.
const HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

pub(crate) async fn once(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    // A trial makes nothing, and is followed by what it was a trial of.
    let is_trial = request.uri().query().is_some_and(|query| query.contains("dryRun=true"));
    if request.method() != Method::POST || is_trial || !request.headers().contains_key(&KEY) {
        return next.run(request).await;
    }
    match attended(app, request, next).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn attended(app: Arc<App>, request: Request, next: Next) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let trace = parts.extensions.get::<Arc<Trace>>().cloned().unwrap_or_default();
    let params = RawPathParams::from_request_parts(&mut parts, &app).await;
    let slug = params.iter().flatten().find(|(name, _)| *name == "tenant").map(|(_, slug)| slug.to_owned());
    let known = match &slug {
        Some(slug) => app.authenticator.caller(&parts.headers, slug, trace.origin).await.ok(),
        None => None,
    };
    // Whoever is nobody here is told so where everybody is.
    let Some(caller) = known.filter(|caller| slug.as_deref().is_some_and(|slug| caller.is_of(slug))) else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let key = key(&parts.headers)?;
    if holds_secret(parts.uri.path()) {
        return Err(invalid(phrase("key-holds-secret")));
    }
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| Failure::new(400, phrase("body-broken")))?;
    let asking = Asking { caller: caller.asker(), key, digest: digest(&parts, &caller, &body) };
    let data = app.store.tenant(caller.tenant());
    let now = app.clock.now();
    match data.ask_once(&asking, now, now - KEPT).await? {
        Asked::Answered(given) => replayed(given),
        Asked::Other => Err(Failure::problem(422, "idempotency", phrase("key-of-another"))),
        Asked::Open(since) if now - since < PATIENCE => {
            Err(Failure::problem(409, "idempotency", phrase("key-going-on")).with(header::RETRY_AFTER, "1"))
        }
        Asked::Open(since) => {
            Err(Failure::problem(409, "idempotency", phrase("key-unknown-end").with("at", clock::timestamp(since))))
        }
        Asked::First => {
            let request = Request::from_parts(parts, Body::from(body));
            let work = async move { settle(&data, &asking, next.run(request).await).await }.in_current_span();
            tokio::spawn(work).await.map_err(|_| Failure::new(500, phrase("inside")))?
        }
    }
}

/// Keeps the answer to what was done; forgets what was refused. Where it is open whether something was done, it stays so.
async fn settle(data: &TenantStore, asking: &Asking, response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if !status.is_success() {
        if status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE {
            data.forget_asking(asking).await?;
        }
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let inside = |_| Failure::new(500, phrase("inside"));
    let body = to_bytes(body, usize::MAX).await.map_err(inside)?;
    let headers = HEADERS.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let text = String::from_utf8_lossy(&body).into_owned();
    let given = GivenAnswer { status: status.as_u16(), headers: headers.collect(), body: text };
    // It was done, whatever becomes of the note of it.
    if let Err(error) = data.keep_answer(asking, &given).await {
        tracing::warn!(%error, "an answer could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replayed(given: GivenAnswer) -> Result<Response, Failure> {
    let damaged = || Failure::new(500, phrase("inside"));
    let mut response = Response::new(Body::from(given.body));
    *response.status_mut() = StatusCode::from_u16(given.status).map_err(|_| damaged())?;
    for (name, value) in given.headers {
        let name = HeaderName::try_from(name).map_err(|_| damaged())?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).map_err(|_| damaged())?);
    }
    response.headers_mut().insert(REPLAYED.clone(), HeaderValue::from_static("true"));
    Ok(response)
}

fn key(headers: &HeaderMap) -> Result<String, Failure> {
    let wrong = || invalid(phrase("key-wrong"));
    let mut given = headers.get_all(&KEY).iter();
    let (Some(only), None) = (given.next(), given.next()) else { return Err(wrong()) };
    let text = only.to_str().map_err(|_| wrong())?.trim();
    // A string of structured fields (RFC 9651 §3.3.3) stands in quotes.
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let is_fine = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_fine { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// Tokens are shown once.
fn holds_secret(path: &str) -> bool {
    path.ends_with("/tokens") || path.ends_with("/rotate")
}

/// All that makes a request what it is, and what its token may do.
fn digest(parts: &Parts, caller: &Caller, body: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    for part in [address.as_bytes(), caller.scopes().join(" ").as_bytes(), body] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

fn invalid(detail: Phrase) -> Failure {
    Failure::problem(400, "invalid", detail)
}
