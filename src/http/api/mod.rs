//! Administration over HTTP: `/t/{tenant}/api/v1` for a tenant's own administrator, `/api/v1` for those who run the
//! platform. One file a subject; here is what they share: who may, and what a list looks like.

pub(super) mod admin_roles;
pub(super) mod alarms;
pub(super) mod applications;
pub(super) mod archive;
pub(super) mod calls;
pub(super) mod catalogues;
pub(super) mod clients;
mod csv;
pub(super) mod definitions;
pub(super) mod delegations;
pub(super) mod emergencies;
pub(super) mod entitlements;
pub(super) mod grants;
mod input;
pub(super) mod issuers;
pub(super) mod limits;
pub(super) mod me;
pub(super) mod notifications;
pub(super) mod offers;
mod once;
pub(super) mod organisation;
mod parameters;
pub(super) mod requests;
pub(super) mod restorations;
pub(super) mod reviews;
pub(super) mod rules;
pub(super) mod settings;
mod steward;
mod strict;
pub(super) mod suspensions;
pub(super) mod tenants;
pub(super) mod timers;
pub(super) mod tokens;
pub(super) mod views;
pub(super) mod violations;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams, Request, State},
    http::{header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Json, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use store::{Cause, TenantId};

pub(in crate::http) use input::{At, language};
pub(crate) use once::KEPT as ANSWERS_KEPT;
pub(super) use once::once;
pub(super) use parameters::known_parameters;
use steward::Steward;

use crate::{
    access::{Access, Actor, Sight, Viewer},
    administration::{Administration, Issued, Platform, Slice},
    admission::Turn,
    app::App,
    auth::{Caller, Scope},
    http::{
        api::input::AcceptLanguage,
        error::Failure,
        gate::{self, Gate},
        watch::Trace,
    },
    language::Language,
    provisioning::{self, Directory, MAX_DEFINITION},
    wording::phrase,
};

const GATE: Gate = Gate { realm: "api" };

/// A tenant's administrator, already allowed: a client, or a person who looks after the whole tenant.
pub(crate) struct Administrator {
    app: Arc<App>,
    caller: Caller,
    administration: Administration,
    /// Held until the answer is made.
    _turn: Turn<TenantId>,
}

/// A person with rights of their own, already allowed: somebody stands behind what they ask for and decide.
pub(crate) struct Person {
    app: Arc<App>,
    access: Access,
    /// Held until the answer is made.
    _turn: Turn<TenantId>,
}

/// A person, who sees what concerns them, or a tenant's administrator, who sees everything.
pub(crate) struct Reader {
    sight: Sight,
    /// Held until the answer is made.
    _turn: Turn<TenantId>,
}

/// The same, but that a person who looks after the whole tenant is an administrator, too: they see what a client of administration
/// does, and change it if it is known surely enough who they are.
pub(crate) struct Overseer {
    sight: Sight,
    /// Held until the answer is made.
    _turn: Turn<TenantId>,
}

/// Somebody who runs the platform, already allowed.
pub(crate) struct Operator {
    app: Arc<App>,
    platform: Platform,
    _turn: Turn<TenantId>,
}

impl FromRequestParts<Arc<App>> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let slug = tenant_of(parts, app).await?;
        let trace = parts.extensions.get::<Arc<Trace>>().cloned().unwrap_or_default();
        let caller = GATE.caller(app, &parts.headers, &slug, &trace).await?;
        gate::belongs(&caller, &slug)?;
        GATE.need(&caller, Scope::Rights)?;
        let user = caller.user().ok_or_else(|| Failure::new(403, phrase("people-only")))?;
        let turn = gate::turn(app, &caller).await?;
        let access = Access {
            data: app.store.tenant(caller.tenant()),
            service: app.catalogs.of(caller.tenant()).await?,
            actor: Actor { user, surely: caller.assurance().unwrap_or(rights::Assurance::Low) },
            cause: caller.cause(&trace.id),
            clock: app.clock.clone(),
            ids: app.ids.clone(),
        };
        Ok(Self { app: Arc::clone(app), access, _turn: turn })
    }
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let slug = tenant_of(parts, app).await?;
        let trace = parts.extensions.get::<Arc<Trace>>().cloned().unwrap_or_default();
        let caller = GATE.caller(app, &parts.headers, &slug, &trace).await?;
        gate::belongs(&caller, &slug)?;
        let viewer = match caller.user() {
            Some(user) => {
                GATE.need(&caller, Scope::Rights)?;
                Viewer::Person(user)
            }
            None => {
                GATE.need(&caller, Scope::TenantAdmin)?;
                Viewer::Administrator
            }
        };
        let turn = gate::turn(app, &caller).await?;
        let sight = Sight {
            data: app.store.tenant(caller.tenant()),
            service: app.catalogs.of(caller.tenant()).await?,
            viewer,
            surely: caller.assurance(),
            cause: caller.cause(&trace.id),
            clock: app.clock.clone(),
            ids: app.ids.clone(),
        };
        Ok(Self { sight, _turn: turn })
    }
}

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let (caller, cause) = enter(parts, app).await?;
        if !caller.is_operator() {
            return Err(nothing_here());
        }
        GATE.need(&caller, Scope::PlatformAdmin)?;
        let turn = gate::turn(app, &caller).await?;
        let platform = Platform { store: app.store.clone(), cause, clock: app.clock.clone(), ids: app.ids.clone() };
        Ok(Self { app: Arc::clone(app), platform, _turn: turn })
    }
}

impl Person {
    /// In which language somebody reads: what they ask for, else what they are written to in.
    async fn language(&self, accepted: &AcceptLanguage) -> Result<Language, Failure> {
        match accepted.0 {
            Some(language) => Ok(language),
            None => Ok(self.access.preferred_language().await?),
        }
    }
}

impl Administrator {
    /// Makes what was changed felt on this node at once.
    fn felt(&self) {
        self.app.authenticator.forget(self.caller.tenant());
    }

    /// Makes what was changed of how the tenant is served felt on this node at once.
    fn served_anew(&self) {
        self.app.catalogs.forget(self.caller.tenant());
    }

    /// What the tenant serves, as its administrator sees it.
    async fn directory(&self) -> Result<Directory, Failure> {
        Ok(self.app.directory(&self.caller, &self.administration.cause.request).await?)
    }

    /// 403 if nothing in the tenant changes any more.
    fn may_change(&self) -> Result<(), Failure> {
        if self.caller.is_archived() { Err(provisioning::Error::Archived.into()) } else { Ok(()) }
    }
}

/// The tenant in the address.
async fn tenant_of(parts: &mut Parts, app: &Arc<App>) -> Result<String, Failure> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| nothing_here())?;
    Ok(params.iter().find(|(name, _)| *name == "tenant").map_or_else(String::new, |(_, value)| value.to_owned()))
}

/// Who calls, and what the log is to say of it.
async fn enter(parts: &Parts, app: &App) -> Result<(Caller, Cause), Failure> {
    let trace = parts.extensions.get::<Arc<Trace>>().cloned().unwrap_or_default();
    let caller = GATE.client(app, &parts.headers, &trace).await?;
    let cause = caller.cause(&trace.id);
    Ok((caller, cause))
}

/// Reads bodies whole, within bounds, before anybody looks at them: refusals then reach clients that send first and
/// listen after.
pub(super) async fn read_whole(request: Request, next: Next) -> Response {
    read_within(input::MAX_BODY, request, next).await
}

/// The same for definitions, which may be long.
pub(super) async fn read_definition(request: Request, next: Next) -> Response {
    read_within(MAX_DEFINITION, request, next).await
}

async fn read_within(limit: usize, request: Request, next: Next) -> Response {
    match input::whole(request, limit).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// A route that exists, asked in a way that does not; the router says which ways do.
pub(super) async fn wrong_method(State(_): State<Arc<App>>, request: Request) -> Failure {
    Failure::new(405, phrase("method-not-here").with("method", request.method().as_str()))
}

fn nothing_here() -> Failure {
    Failure::new(404, phrase("nothing-here"))
}

/// Says in which language an answer is, and that it could be in another.
fn in_language(language: Language) -> [(header::HeaderName, &'static str); 2] {
    [(header::CONTENT_LANGUAGE, language.word()), (header::VARY, "accept-language")]
}

/// Something with the tag of its version.
fn tagged(version: i64, shown: impl Serialize) -> Response {
    marked(format!("W/\"{version}\""), shown)
}

/// The same of what has no version, with the tag of what is stored.
fn marked(tag: String, shown: impl Serialize) -> Response {
    ([(header::ETAG, tag)], Json(shown)).into_response()
}

/// Part of a list, and the cursor that leads on.
fn list<T: Serialize>(slice: Slice<T>, cursor: impl Fn(&T) -> String) -> Json<Value> {
    let next = slice.items.last().filter(|_| slice.has_more).map(cursor);
    let mut list = json!({ "items": slice.items });
    if let Some(next) = next {
        list["nextCursor"] = next.into();
    }
    Json(list)
}

/// A new token, with itself: this once.
fn issued(issued: &Issued) -> Value {
    use secrecy::ExposeSecret;
    let mut shown = json!(issued.record);
    shown["secret"] = issued.secret.expose_secret().into();
    shown
}
