//! The SCIM endpoint of a tenant: from a path and a method to a use-case.

mod answer;
mod discovery;
mod incoming;

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
    message::{PageSize, Parameters},
    schema::ResourceType,
};
use serde_json::Value;

use crate::{
    app::App,
    auth::{Caller, Scope},
    http::{
        error::{Failure, method_not_allowed},
        gate::{self, Gate},
        watch::Trace,
    },
    provisioning::{Answer, Conditions, Directory, Tags},
};

/// How long pages are.
pub(crate) const PAGE: PageSize = PageSize { default: 100, maximum: 1000 };
const ROUTE: &str = "/t/{tenant}/scim/v2";
const GATE: Gate = Gate { realm: "scim" };

/// Serves a request to a tenant's endpoint.
pub(crate) async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    let trace = request.extensions().get::<Arc<Trace>>().cloned().unwrap_or_default();
    let (parts, mut body) = request.into_parts();
    let exchange = Exchange { app: &app, trace: &trace, parts };
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
        self.name_route(&segments);
        incoming::check_accept(&self.parts.headers)?;
        if let Some(config) = self.open_config(&slug, &segments) {
            return Ok(answer::json(config.to_string()));
        }
        let caller = self.authenticate(&slug).await?;
        let directory = self.app.directory(&caller, &self.trace.id);
        let target = match segments.as_slice() {
            [endpoint] => self.app.catalog.by_endpoint(endpoint).map(|kind| Target { kind, id: None }),
            // `.search` is an endpoint of its own and no id (RFC 7644 §3.4.3).
            [endpoint, id] if *id != ".search" => {
                self.app.catalog.by_endpoint(endpoint).map(|kind| Target { kind, id: Some(id) })
            }
            _ => None,
        };
        match target {
            Some(target) => self.resource(&caller, &directory, &target, body).await,
            None => self.discovery(&caller, &directory, &segments),
        }
    }

    /// Logs and numbers name routes and never ids.
    fn name_route(&self, segments: &[&str]) {
        let route = match segments {
            [] => ROUTE.to_owned(),
            [first, rest @ ..] if self.app.catalog.by_endpoint(first).is_some() || discovery::is_endpoint(first) => {
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
        asks.then(|| discovery::config(&self.app.scim_base(slug), &self.app.public_url))
    }

    async fn authenticate(&self, slug: &str) -> Result<Caller, Failure> {
        let caller = GATE.caller(self.app, &self.parts.headers, self.trace).await?;
        gate::belongs(&caller, slug)?;
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
        match (method, id) {
            (&Method::GET | &Method::HEAD, None) => {
                need(caller, scope)?;
                let body = directory.list(kind, &self.parameters()?, PAGE).await?;
                Ok(answer::json(body))
            }
            (&Method::POST, None) => {
                need(caller, scope)?;
                let projection = self.parameters()?.projection(kind)?;
                let (body, _turn) = incoming::json(&self.parts.headers, body, kind).await?;
                Ok(answer::created(directory.create(kind, &body, &projection).await?))
            }
            (&Method::GET | &Method::HEAD, Some(id)) => {
                need(caller, scope)?;
                let projection = self.parameters()?.projection(kind)?;
                Ok(match directory.get(kind, id, &projection, &self.conditions()?).await? {
                    Ok(shown) => answer::shown(shown),
                    Err(unchanged) => answer::not_modified(&unchanged),
                })
            }
            (&Method::PUT, Some(id)) => {
                need(caller, scope)?;
                let answer = Answer::Body(self.parameters()?.projection(kind)?);
                let (body, _turn) = incoming::json(&self.parts.headers, body, kind).await?;
                Ok(answer::shown(directory.replace(kind, id, &body, &self.conditions()?, &answer).await?))
            }
            (&Method::PATCH, Some(id)) => {
                need(caller, scope)?;
                let answer = self.patch_answer(kind)?;
                let (body, _turn) = incoming::json(&self.parts.headers, body, kind).await?;
                Ok(answer::shown(directory.patch(kind, id, &body, &self.conditions()?, &answer).await?))
            }
            (&Method::DELETE, Some(id)) => {
                need(caller, scope)?;
                directory.delete(kind, id, &self.conditions()?).await?;
                Ok(answer::nothing())
            }
            (method, None) => Ok(method_not_allowed(method, "GET, HEAD, POST")),
            (method, Some(_)) => Ok(method_not_allowed(method, "GET, HEAD, PUT, PATCH, DELETE")),
        }
    }

    /// A resource with members may be long: it comes back only if the client says what it wants of it.
    fn patch_answer(&self, kind: &ResourceType) -> Result<Answer, Failure> {
        let parameters = self.parameters()?;
        let says = parameters.attributes.is_some() || parameters.excluded_attributes.is_some();
        if kind.membership.is_some() && !says {
            return Ok(Answer::Bare);
        }
        Ok(Answer::Body(parameters.projection(kind)?))
    }

    fn discovery(&self, caller: &Caller, directory: &Directory, segments: &[&str]) -> Result<Response, Failure> {
        let Some(found) = discovery::find(directory, segments, &self.app.public_url)? else {
            return Err(Failure::new(404, "There is nothing at this address."));
        };
        if ![Method::GET, Method::HEAD].contains(&self.parts.method) {
            return Ok(method_not_allowed(&self.parts.method, "GET, HEAD"));
        }
        need(caller, Scope::Read)?;
        // RFC 7644 §4: a filter could only hide what a client must know.
        if self.parameters()?.filter.is_some() {
            return Err(Failure::new(403, "Discovery endpoints cannot be filtered."));
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

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Failure> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    // A condition that cannot be read must not be taken for none.
    let values: Result<Vec<&str>, _> = headers.get_all(name).iter().map(HeaderValue::to_str).collect();
    let tags = values.ok().and_then(|values| Tags::parse(&values.join(",")));
    tags.map(Some)
        .ok_or_else(|| Failure::new(400, format!("{name} must be * or a list of entity tags such as W/\"3\".")))
}

/// 403 unless the token may do that, and the tenant still lets it be done.
fn need(caller: &Caller, scope: Scope) -> Result<(), Failure> {
    GATE.need(caller, scope)?;
    if scope == Scope::Write && caller.is_archived() {
        return Err(Failure::new(403, "This tenant is archived: it can be read and not changed."));
    }
    Ok(())
}
