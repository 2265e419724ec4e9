//! Who may pass: the same checks before every route that asks for a token.

use axum::http::{HeaderMap, header};

use crate::{
    app::App,
    auth::{Caller, Scope, Unauthenticated},
    http::{error::Failure, watch::Trace},
};

/// The door of one part of the API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    /// How challenges call that part (RFC 9110 §11.5).
    pub(crate) realm: &'static str,
}

impl Gate {
    /// Which client calls; 401 for nobody (RFC 6750 §3).
    pub(crate) async fn client(self, app: &App, headers: &HeaderMap, trace: &Trace) -> Result<Caller, Failure> {
        self.known(app.authenticator.client(headers, trace.origin).await, trace)
    }

    /// Which client, or which person of that tenant calls; 401 for nobody.
    pub(crate) async fn caller(
        self,
        app: &App,
        headers: &HeaderMap,
        slug: &str,
        trace: &Trace,
    ) -> Result<Caller, Failure> {
        self.known(app.authenticator.caller(headers, slug, trace.origin).await, trace)
    }

    fn known(self, found: Result<Caller, Unauthenticated>, trace: &Trace) -> Result<Caller, Failure> {
        let realm = self.realm;
        match found {
            Ok(caller) => {
                let _ = trace.caller.set(caller.clone());
                Ok(caller)
            }
            Err(Unauthenticated::Missing) => {
                Err(Failure::new(401, "A bearer token is needed in the Authorization header.")
                    .with(header::WWW_AUTHENTICATE, &format!("Bearer realm=\"{realm}\"")))
            }
            Err(Unauthenticated::Invalid) => {
                Err(Failure::new(401, "The token is not valid: it is unknown, has ended or was revoked.")
                    .with(header::WWW_AUTHENTICATE, &format!("Bearer realm=\"{realm}\", error=\"invalid_token\"")))
            }
            Err(Unauthenticated::Unreachable) => {
                let detail = "The keys of the token's issuer are not to be had just now. Try again.";
                Err(Failure::new(503, detail).with(header::RETRY_AFTER, "5"))
            }
            Err(Unauthenticated::Store(error)) => Err(error.into()),
        }
    }

    /// 403 unless the token may do that (RFC 6750 §3.1).
    pub(crate) fn need(self, caller: &Caller, scope: Scope) -> Result<(), Failure> {
        if caller.may(scope) {
            return Ok(());
        }
        let challenge = format!("Bearer realm=\"{}\", error=\"insufficient_scope\", scope=\"{scope}\"", self.realm);
        Err(Failure::new(403, format!("The token lacks the scope {scope}.")).with(header::WWW_AUTHENTICATE, &challenge))
    }
}

/// 404 unless the caller is of that tenant: another's looks like one that does not exist.
pub(crate) fn belongs(caller: &Caller, slug: &str) -> Result<(), Failure> {
    if caller.is_of(slug) { Ok(()) } else { Err(Failure::new(404, "There is no such tenant.")) }
}
