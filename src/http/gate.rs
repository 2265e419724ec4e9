//! Who may pass: the same checks before every route that asks for a token.

use axum::http::{HeaderMap, header};

use store::TenantId;

use crate::{
    admission::{Crowded, Hasty, Pace, Turn},
    app::App,
    auth::{Caller, Scope, Unauthenticated},
    http::{error::Failure, watch::Trace},
    telemetry,
    wording::{Phrase, phrase},
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
        self.known(app, app.authenticator.client(headers, trace.origin).await, trace).await
    }

    /// Which client, or which person of that tenant calls; 401 for nobody.
    pub(crate) async fn caller(
        self,
        app: &App,
        headers: &HeaderMap,
        slug: &str,
        trace: &Trace,
    ) -> Result<Caller, Failure> {
        self.known(app, app.authenticator.caller(headers, slug, trace.origin).await, trace).await
    }

    async fn known(self, app: &App, found: Result<Caller, Unauthenticated>, trace: &Trace) -> Result<Caller, Failure> {
        let realm = self.realm;
        match found {
            Ok(caller) => {
                let _ = trace.caller.set(caller.clone());
                count(app, &caller).await?;
                Ok(caller)
            }
            Err(Unauthenticated::Missing) => Err(Failure::new(401, phrase("token-needed"))
                .with(header::WWW_AUTHENTICATE, &format!("Bearer realm=\"{realm}\""))),
            Err(Unauthenticated::Invalid) => Err(Failure::new(401, phrase("token-invalid"))
                .with(header::WWW_AUTHENTICATE, &format!("Bearer realm=\"{realm}\", error=\"invalid_token\""))),
            Err(Unauthenticated::TooOften(wait)) => Err(failed_too_often(wait)),
            Err(Unauthenticated::Unreachable) => {
                Err(Failure::new(503, phrase("keys-unreachable")).with(header::RETRY_AFTER, "5"))
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
        Err(Failure::new(403, phrase("scope-lacking").with("scope", scope.to_string()))
            .with(header::WWW_AUTHENTICATE, &challenge))
    }
}

/// How fast a caller and its tenant may ask. Operators have set nothing for themselves.
async fn pace(app: &App, caller: &Caller) -> Result<Pace, Failure> {
    if caller.is_operator() { Ok(app.settings.pace) } else { Ok(app.pace(caller.tenant()).await?) }
}

/// 429 if the caller or its tenant asks faster than it may (RFC 6585 §4).
pub(crate) async fn count(app: &App, caller: &Caller) -> Result<(), Failure> {
    let pace = pace(app, caller).await?;
    app.admission.count(caller.tenant(), caller.asker(), pace, app.clock.now()).map_err(|hasty| match hasty {
        Hasty::Client(wait) => too_many("client", wait, phrase("too-fast-client")),
        Hasty::Tenant(wait) => too_many("tenant", wait, phrase("too-fast-tenant")),
    })
}

/// Counts the operations of a bulk request: the request itself was counted as one.
pub(crate) async fn count_operations(app: &App, caller: &Caller, operations: usize) -> Result<(), Failure> {
    let (pace, more) = (pace(app, caller).await?, operations.saturating_sub(1));
    app.admission.count_more(caller.tenant(), caller.asker(), pace, more, app.clock.now());
    Ok(())
}

/// Waits for the turn of the caller's tenant; 429 if too many of its requests wait already.
pub(crate) async fn turn(app: &App, caller: &Caller) -> Result<Turn<TenantId>, Failure> {
    let turn = app.admission.turn(caller.tenant()).await;
    turn.map_err(|Crowded| too_many("waiting", 1, phrase("too-many-wait")))
}

/// 429 before anybody looks at the token.
pub(crate) fn failed_too_often(wait: u64) -> Failure {
    too_many("failures", wait, phrase("too-many-failures"))
}

fn too_many(reason: &'static str, wait: u64, what: Phrase) -> Failure {
    metrics::counter!(telemetry::LIMITED, "reason" => reason).increment(1);
    Failure::new(429, what.with("wait", wait)).with(header::RETRY_AFTER, &wait.to_string())
}

/// 404 unless the caller is of that tenant: another's looks like one that does not exist.
pub(crate) fn belongs(caller: &Caller, slug: &str) -> Result<(), Failure> {
    if caller.is_of(slug) { Ok(()) } else { Err(Failure::new(404, phrase("no-such-tenant"))) }
}
