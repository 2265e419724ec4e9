//! The SCIM endpoint of a tenant: from a path and a method to a use-case.

mod answer;
mod discovery;
mod incoming;
mod me;

pub(in crate::http) use incoming::drain;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    response::{IntoResponse, Response},
};
use scim::{
    ScimType,
    message::Parameters,
    project::Projection,
    schema::{Catalog, ResourceType},
};
use serde_json::Value;
use store::{Application, ApplicationState};
use tokio::time::Instant;

use crate::{
    app::App,
    auth::{Caller, Scope},
    http::{
        error::{Failure, method_not_allowed},
        gate::{self, Gate},
        watch::Trace,
    },
    provisioning::{Answer, Conditions, Directory, Tags},
    wording::phrase,
};

pub(in crate::http) const ROUTE: &str = "/t/{tenant}/scim/v2";
const SEARCH: &str = ".search";
const BULK: &str = "Bulk";
const GATE: Gate = Gate { realm: "scim" };

/// Serves a request to a tenant's endpoint.
pub(crate) async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    let trace = request.extensions().get::<Arc<Trace>>().cloned().unwrap_or_default();
    let (parts, mut body) = request.into_parts();
    let exchange = Exchange { app: &app, trace: &trace, parts, began: Instant::now() };
    let response = exchange.serve(&mut body).await.unwrap_or_else(IntoResponse::into_response);
    incoming::drain(&exchange.parts.headers, body).await;
    response
}

/// A version of the protocol that is not served (RFC 7644 §3.13).
pub(crate) async fn other_version() -> Failure {
    scim::Error::of(ScimType::InvalidVers, "Only version 2 of SCIM is served, under /t/{tenant}/scim/v2.").into()
}

/// One request, while it is served.
struct Exchange<'a> {
    app: &'a App,
    trace: &'a Trace,
    parts: Parts,
    /// When it began.
    began: Instant,
}

/// A resource type, or one resource of it.
struct Target<'a> {
    kind: &'a ResourceType,
    id: Option<&'a str>,
}

impl Exchange<'_> {
    async fn serve(&self, body: &mut Body) -> Result<Response, Failure> {
        let (slug, segments) = incoming::path(self.parts.uri.path())?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        incoming::check_accept(&self.parts.headers)?;
        if let Some(config) = self.open_config(&slug, &segments) {
            return Ok(answer::json(config.to_string()));
        }
        let caller = self.authenticate(&slug).await.inspect_err(|_| {
            self.name_route(&self.app.catalogs.usual().catalog, &segments);
        })?;
        let mut directory = self.app.directory(&caller, &self.trace.id).await?;
        directory.notes = self.trace.notes.clone();
        self.name_route(&directory.catalog, &segments);
        let catalog = &directory.catalog;
        let kind = |endpoint: &str| catalog.by_endpoint(endpoint);
        match segments.as_slice() {
            [] => self.everything(&caller, &directory).await,
            [SEARCH] => self.search(&caller, &directory, catalog.types(), body).await,
            [BULK] => self.bulk(&caller, &directory, body).await,
            [me::ME] => self.me(&caller, &directory, body).await,
            [endpoint, SEARCH] if let Some(kind) = kind(endpoint) => {
                self.search(&caller, &directory, std::slice::from_ref(kind), body).await
            }
            [endpoint, id @ ..]
                if id.len() < 2
                    && let Some(kind) = kind(endpoint) =>
            {
                let target = Target { kind, id: id.first().copied() };
                self.resource(&caller, &directory, &target, body).await
            }
            [endpoint, id, part]
                if let Some(kind) = kind(endpoint)
                    && kind.membership == Some(*part) =>
            {
                self.members(&caller, &directory, kind, id).await
            }
            _ => self.discovery(&caller, &directory, &segments),
        }
    }

    /// A query of every resource type by GET at the base URI (RFC 7644 §3.4.2.1).
    async fn everything(&self, caller: &Caller, directory: &Directory) -> Result<Response, Failure> {
        if ![Method::GET, Method::HEAD].contains(&self.parts.method) {
            return Ok(method_not_allowed(&self.parts.method, "GET, HEAD"));
        }
        need(caller, Scope::Read)?;
        let _turn = gate::turn(self.app, caller).await?;
        Ok(answer::json(directory.list(directory.catalog.types(), &self.parameters()?).await?))
    }

    /// The members of one group, page by page.
    async fn members(
        &self,
        caller: &Caller,
        directory: &Directory,
        kind: &ResourceType,
        id: &str,
    ) -> Result<Response, Failure> {
        if ![Method::GET, Method::HEAD].contains(&self.parts.method) {
            return Ok(method_not_allowed(&self.parts.method, "GET, HEAD"));
        }
        need(caller, Scope::Read)?;
        let _turn = gate::turn(self.app, caller).await?;
        Ok(answer::json(directory.list_members(kind, id, &self.parameters()?).await?))
    }

    /// A query whose parameters do not stand in the address (RFC 7644 §3.4.3).
    async fn search(
        &self,
        caller: &Caller,
        directory: &Directory,
        kinds: &[ResourceType],
        body: &mut Body,
    ) -> Result<Response, Failure> {
        if self.parts.method != Method::POST {
            return Ok(method_not_allowed(&self.parts.method, "POST"));
        }
        need(caller, Scope::Read)?;
        let (body, _turn) = self.json(caller, body, incoming::MAX_BODY).await?;
        let parameters = scim::message::search_request(&body)?;
        Ok(answer::json(directory.list(kinds, &parameters).await?))
    }

    /// Many operations at once (RFC 7644 §3.7).
    async fn bulk(&self, caller: &Caller, directory: &Directory, body: &mut Body) -> Result<Response, Failure> {
        if self.parts.method != Method::POST {
            return Ok(method_not_allowed(&self.parts.method, "POST"));
        }
        need(caller, Scope::Write)?;
        let (body, _turn) = self.json(caller, body, incoming::MAX_LARGE_BODY).await?;
        let operations = body.get("Operations").and_then(Value::as_array).map_or(1, Vec::len);
        let operations = operations.min(::scim::bulk::MAX_OPERATIONS);
        gate::count_operations(self.app, caller, operations).await?;
        Ok(answer::json(directory.bulk(body, self.began).await?))
    }

    /// The JSON of a body, and a turn to work on it.
    async fn json(&self, caller: &Caller, body: &mut Body, limit: usize) -> Result<(Value, incoming::Held), Failure> {
        incoming::json(&self.parts.headers, body, limit, gate::turn(self.app, caller)).await
    }

    /// Logs and numbers name routes and never ids.
    fn name_route(&self, catalog: &Catalog, segments: &[&str]) {
        let route = match segments {
            [] => ROUTE.to_owned(),
            [own @ (SEARCH | BULK | me::ME)] => format!("{ROUTE}/{own}"),
            [endpoint, SEARCH] if catalog.by_endpoint(endpoint).is_some() => {
                format!("{ROUTE}/{endpoint}/{SEARCH}")
            }
            [endpoint, _, part] if catalog.by_endpoint(endpoint).is_some_and(|kind| kind.membership == Some(*part)) => {
                format!("{ROUTE}/{endpoint}/{{id}}/{part}")
            }
            [first, rest @ ..] if catalog.by_endpoint(first).is_some() || discovery::is_endpoint(first) => {
                format!("{ROUTE}/{first}{}", if rest.is_empty() { "" } else { "/{id}" })
            }
            _ => format!("{ROUTE}/unknown"),
        };
        let _ = self.trace.route.set(route);
    }

    /// How to authenticate can be read before one does (RFC 7643 §5). The answer is the same for tenants
    /// that do not exist.
    fn open_config(&self, slug: &str, segments: &[&str]) -> Option<Value> {
        let asks = [Method::GET, Method::HEAD].contains(&self.parts.method)
            && segments == [discovery::CONFIG]
            && self.parts.uri.query().is_none()
            && !self.parts.headers.contains_key(header::AUTHORIZATION);
        asks.then(|| discovery::open_config(self.app.catalogs.usual(), &self.app.scim_base(slug), &self.app.public_url))
    }

    async fn authenticate(&self, slug: &str) -> Result<Caller, Failure> {
        let caller = GATE.caller(self.app, &self.parts.headers, slug, self.trace).await?;
        gate::belongs(&caller, slug)?;
        has_application(&caller)?;
        Ok(caller)
    }

    async fn resource(
        &self,
        caller: &Caller,
        directory: &Directory,
        target: &Target<'_>,
        body: &mut Body,
    ) -> Result<Response, Failure> {
        let Target { kind, id } = *target;
        let method = &self.parts.method;
        let scope = if [Method::GET, Method::HEAD].contains(method) { Scope::Read } else { Scope::Write };
        let limit = if kind.membership.is_some() { incoming::MAX_LARGE_BODY } else { incoming::MAX_BODY };
        match (method, id) {
            (method, _) if kind.is_read_only() && scope == Scope::Write => Ok(method_not_allowed(method, "GET, HEAD")),
            (&Method::GET | &Method::HEAD, None) => {
                need(caller, scope)?;
                let _turn = gate::turn(self.app, caller).await?;
                let body = directory.list(std::slice::from_ref(kind), &self.parameters()?).await?;
                Ok(answer::json(body))
            }
            (&Method::POST, None) => {
                need(caller, scope)?;
                let projection = self.written(caller, kind)?;
                let (body, _turn) = self.json(caller, body, limit).await?;
                Ok(answer::created(directory.create(kind, body, &projection).await?))
            }
            (&Method::GET | &Method::HEAD, Some(id)) => {
                need(caller, scope)?;
                let projection = self.parameters()?.projection(kind)?;
                let _turn = gate::turn(self.app, caller).await?;
                Ok(match directory.get(kind, id, &projection, &self.conditions()?).await? {
                    Ok(shown) => answer::shown(shown),
                    Err(unchanged) => answer::not_modified(&unchanged),
                })
            }
            (&Method::PUT, Some(id)) => {
                need(caller, scope)?;
                let answer = Answer::Body(self.written(caller, kind)?);
                let (body, _turn) = self.json(caller, body, limit).await?;
                Ok(answer::shown(directory.replace(kind, id, body, &self.conditions()?, &answer).await?))
            }
            (&Method::PATCH, Some(id)) => {
                need(caller, scope)?;
                let answer = self.patch_answer(caller, kind)?;
                let (body, _turn) = self.json(caller, body, limit).await?;
                Ok(answer::shown(directory.patch(kind, id, body, &self.conditions()?, &answer).await?))
            }
            (&Method::DELETE, Some(id)) => {
                need(caller, scope)?;
                let _turn = gate::turn(self.app, caller).await?;
                directory.delete(kind, id, &self.conditions()?).await?;
                Ok(answer::nothing())
            }
            (method, None) => Ok(method_not_allowed(method, "GET, HEAD, POST")),
            (method, Some(_)) => Ok(method_not_allowed(method, "GET, HEAD, PUT, PATCH, DELETE")),
        }
    }

    /// A resource with members may be long: it comes back only if the client says what it wants of it.
    fn patch_answer(&self, caller: &Caller, kind: &ResourceType) -> Result<Answer, Failure> {
        let parameters = self.parameters()?;
        let says = parameters.attributes.is_some() || parameters.excluded_attributes.is_some();
        if kind.membership.is_some() && !says {
            return Ok(Answer::Bare);
        }
        Ok(Answer::Body(self.written(caller, kind)?))
    }

    /// What a write shows of what it wrote. Who may not read learns which one it was and which version it has now, or a
    /// change of nothing would read everything.
    fn written(&self, caller: &Caller, kind: &ResourceType) -> Result<Projection, Failure> {
        let wanted = self.parameters()?.projection(kind)?;
        if caller.may(Scope::Read) { Ok(wanted) } else { Ok(Projection::parse(kind, ["meta"], [])?) }
    }

    fn discovery(&self, caller: &Caller, directory: &Directory, segments: &[&str]) -> Result<Response, Failure> {
        let Some(found) = discovery::find(directory, segments, &self.app.public_url) else {
            return Err(Failure::english(404, "There is nothing at this address."));
        };
        if ![Method::GET, Method::HEAD].contains(&self.parts.method) {
            return Ok(method_not_allowed(&self.parts.method, "GET, HEAD"));
        }
        need(caller, Scope::Read)?;
        // RFC 7644 §4: a filter could only hide what a client must know.
        if self.parameters()?.filter.is_some() {
            return Err(Failure::english(403, "Discovery endpoints cannot be filtered."));
        }
        Ok(answer::json(found.to_string()))
    }

    fn parameters(&self) -> Result<Parameters, Failure> {
        incoming::parameters(self.parts.uri.query().unwrap_or_default())
    }

    fn conditions(&self) -> Result<Conditions, Failure> {
        Ok(Conditions {
            if_match: tags(&self.parts.headers, &header::IF_MATCH)?,
            if_none_match: tags(&self.parts.headers, &header::IF_NONE_MATCH)?,
        })
    }
}

/// The entity tags of a header, if it is there.
pub(in crate::http) fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Failure> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    // A condition that cannot be read must not be taken for none.
    let values: Result<Vec<&str>, _> = headers.get_all(name).iter().map(HeaderValue::to_str).collect();
    let tags = values.ok().and_then(|values| Tags::parse(&values.join(",")));
    tags.map(Some).ok_or_else(|| Failure::new(400, phrase("tags-wrong").with("name", name.as_str())))
}

/// 403 if the token is one of an application that is there no more.
fn has_application(caller: &Caller) -> Result<(), Failure> {
    let is_active = |application: &Application| application.state == ApplicationState::Active;
    if !caller.is_application() || caller.application().is_some_and(is_active) {
        return Ok(());
    }
    Err(Failure::english(403, "The application that this token reads for is retired."))
}

/// 403 unless the token may do that, and the tenant still lets it be done.
fn need(caller: &Caller, scope: Scope) -> Result<(), Failure> {
    // What an application reads is what it may see.
    if scope == Scope::Read && caller.is_application() {
        return Ok(());
    }
    GATE.need(caller, scope)?;
    if scope == Scope::Write && caller.is_archived() {
        return Err(Failure::english(403, "This tenant is archived: it can be read and not changed."));
    }
    Ok(())
}
