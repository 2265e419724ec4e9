//! Who looks after a tenant, or after a part of it: a client of administration, or a person by the roles that they hold. Roles are
//! looked up at every request, so that what was taken away, or is over, is felt at once.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};
use rights::{
    Assurance, Instant,
    administration::{Action, Assignment, Reach, Role, reach},
};
use store::{Bounds, Readers};

use crate::{
    access::Viewer,
    administration::{self, Administration, Authority},
    app::App,
    auth::{Caller, Scope},
    http::{
        api::{Administrator, GATE, Overseer, Reader, tenant_of},
        error::Failure,
        gate,
        watch::Trace,
    },
    wording::{Phrase, phrase},
};

/// How surely it has to be known who changes something.
const SURELY: Assurance = Assurance::Substantial;

/// Somebody who looks after something; after what, is said when they are asked what they want to do.
pub(crate) struct Steward {
    by: Administrator,
    /// What a person holds; nothing for a client, who looks after the whole tenant.
    held: Option<Vec<Assignment>>,
}

impl FromRequestParts<Arc<App>> for Steward {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let slug = tenant_of(parts, app).await?;
        let trace = parts.extensions.get::<Arc<Trace>>().cloned().unwrap_or_default();
        let caller = GATE.caller(app, &parts.headers, &slug, &trace).await?;
        gate::belongs(&caller, &slug)?;
        GATE.need(&caller, if caller.user().is_some() { Scope::Rights } else { Scope::TenantAdmin })?;
        let turn = gate::turn(app, &caller).await?;
        let data = app.store.tenant(caller.tenant());
        let held = match caller.user() {
            Some(user) => Some(data.roles_of(user).await?.into_iter().map(|role| role.assignment).collect()),
            None => None,
        };
        let cause = caller.cause(&trace.id);
        if parts.method != Method::GET && parts.method != Method::HEAD {
            is_sure(&caller)?;
        }
        let (clock, ids) = (app.clock.clone(), app.ids.clone());
        let administration = Administration { data, authority: Authority::Tenant, cause, clock, ids };
        let by = Administrator { app: Arc::clone(app), caller, administration, _turn: turn };
        Ok(Self { by, held })
    }
}

impl FromRequestParts<Arc<App>> for Administrator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Steward { by, held } = Steward::from_request_parts(parts, app).await?;
        let now = Instant::from_millis(app.clock.now());
        match held {
            Some(held) if !held.iter().any(|one| looks_after_all(one, now)) => {
                Err(forbidden(phrase("whole-tenant-only")))
            }
            _ => Ok(by),
        }
    }
}

impl FromRequestParts<Arc<App>> for Overseer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Reader { mut sight, _turn: turn } = Reader::from_request_parts(parts, app).await?;
        if let Viewer::Person(user) = sight.viewer {
            let now = Instant::from_millis(app.clock.now());
            let held = sight.data.roles_of(user).await?;
            let held: Vec<Assignment> = held.into_iter().map(|role| role.assignment).collect();
            let oversees = if parts.method == Method::GET || parts.method == Method::HEAD {
                reach(&held, Action::Audit, now).tenant
            } else {
                held.iter().any(|one| looks_after_all(one, now)) && sight.surely.is_none_or(|surely| surely >= SURELY)
            };
            if oversees {
                sight.viewer = Viewer::Administrator;
            }
        }
        Ok(Self { sight, _turn: turn })
    }
}

/// Whether a role is that of somebody who looks after the whole tenant.
fn looks_after_all(one: &Assignment, now: Instant) -> bool {
    one.role == Role::TenantAdministrator && one.is_live(now)
}

impl Steward {
    /// Which clients they look after, nothing for all of them; 403 if none.
    pub(super) fn of_clients(self) -> Result<(Administrator, Option<Readers>), Failure> {
        let now = Instant::from_millis(self.by.app.clock.now());
        let is_whole = self.held.as_ref().is_none_or(|held| held.iter().any(|one| looks_after_all(one, now)));
        let (by, bounds) = self.may(Action::Clients)?;
        let seen = (!is_whole).then(|| by.administration.readers(bounds));
        Ok((by, seen))
    }

    /// How far they may do something; 403 if nowhere.
    pub(super) fn may(self, action: Action) -> Result<(Administrator, Bounds), Failure> {
        let (by, bounds) = self.reaching(action);
        if bounds.reach.is_empty() {
            return Err(forbidden(phrase("no-role-lets")));
        }
        Ok((by, bounds))
    }

    /// The same where there is something that anybody may do, with what is their own.
    pub(super) fn reaching(self, action: Action) -> (Administrator, Bounds) {
        let now = Instant::from_millis(self.by.app.clock.now());
        let reach = self.held.map_or_else(Reach::everywhere, |held| reach(&held, action, now));
        let bounds = self.by.administration.within(reach);
        (self.by, bounds)
    }

    /// The same where it cannot be done for a part of the tenant alone.
    pub(super) fn may_everywhere(self, action: Action) -> Result<Administrator, Failure> {
        let (by, bounds) = self.may(action)?;
        if !bounds.reach.tenant {
            return Err(forbidden(phrase("whole-tenant-only")));
        }
        Ok(by)
    }
}

/// Refuses to change something where it is not known surely enough who the person is. A client is who it is.
fn is_sure(caller: &Caller) -> Result<(), Failure> {
    let is_so = caller.assurance().is_none_or(|surely| surely >= SURELY);
    if is_so { Ok(()) } else { Err(administration::Error::Assurance(SURELY).into()) }
}

fn forbidden(detail: Phrase) -> Failure {
    administration::Error::Forbidden(detail.into()).into()
}
