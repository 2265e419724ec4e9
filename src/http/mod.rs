//! HTTP: every route on one page.

mod api;
mod docs;
mod error;
mod gate;
mod oauth;
mod operations;
mod origin;
mod scim;
mod server;
mod watch;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware,
    response::{Redirect, Response},
    routing::{any, get, post, put},
};
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use api::ANSWERS_KEPT;
pub use server::serve;

use crate::{
    administration::{NewApprovalPolicy, NewBirthrightRule, NewSodRule, RuleWish},
    app::App,
    http::error::Failure,
    wording::phrase,
};

/// Everything that is served.
pub fn router(app: App) -> Router {
    let app = Arc::new(app);
    let routes = Router::new()
        .route("/", get(|| async { Redirect::temporary("/docs/") }))
        .route("/health/live", get(operations::live))
        .route("/health/ready", get(operations::ready))
        .route("/metrics", get(operations::metrics))
        .route("/openapi.yaml", get(docs::yaml))
        .route("/openapi.json", get(docs::json))
        .merge(docs::reference())
        .route("/t/{tenant}/scim/{version}", any(scim::other_version))
        .route("/t/{tenant}/scim/{version}/{*path}", any(scim::other_version))
        .route("/t/{tenant}/scim/v2", any(scim::handle))
        .route("/t/{tenant}/scim/v2/", any(scim::handle))
        .route("/t/{tenant}/scim/v2/{*path}", any(scim::handle))
        .method_not_allowed_fallback(wrong_method)
        .merge(administration(&app))
        .merge(definitions())
        .merge(authorization())
        .fallback(unknown)
        .with_state(Arc::clone(&app));
    guard(routes, app)
}

/// What administrators of tenants and of the platform are served.
fn administration(app: &Arc<App>) -> Router<Arc<App>> {
    use api::{
        admin_roles, alarms, applications, archive, calls, catalogues, clients, entitlements, grants, issuers, limits,
        me, offers, organisation, restorations, settings, suspensions, tenants, timers, tokens, views, violations,
    };
    let entry = get(catalogues::show).put(catalogues::replace).delete(catalogues::delete);
    let application = get(applications::show).patch(applications::change).delete(applications::delete);
    let application_group = put(applications::groups::assign).delete(applications::groups::unassign);
    let unit = get(organisation::show).patch(organisation::change).delete(organisation::delete);
    let entitlement = get(entitlements::show).patch(entitlements::change).delete(entitlements::delete);
    let routes = Router::new()
        .route("/t/{tenant}/api/v1/clients", get(clients::list).post(clients::create))
        .route("/t/{tenant}/api/v1/clients/{client}", get(clients::show).patch(clients::change).delete(clients::delete))
        .route("/t/{tenant}/api/v1/clients/{client}/tokens", get(tokens::list).post(tokens::create))
        .route("/t/{tenant}/api/v1/clients/{client}/tokens/{token}", get(tokens::show).delete(tokens::revoke))
        .route("/t/{tenant}/api/v1/clients/{client}/tokens/{token}/rotate", post(tokens::rotate))
        .route("/t/{tenant}/api/v1/applications", get(applications::list).post(applications::create))
        .route("/t/{tenant}/api/v1/applications/{application}", application)
        .route("/t/{tenant}/api/v1/applications/{application}/groups", get(applications::groups::list))
        .route("/t/{tenant}/api/v1/applications/{application}/groups/{group}", application_group)
        .route("/t/{tenant}/api/v1/organisation-units", get(organisation::list).post(organisation::create))
        .route("/t/{tenant}/api/v1/organisation-units/unmatched", get(organisation::unmatched))
        .route("/t/{tenant}/api/v1/organisation-units/{unit}", unit)
        .route("/t/{tenant}/api/v1/organisation-units/{unit}/people", get(organisation::people))
        .route("/t/{tenant}/api/v1/users/{user}/employments", get(organisation::employments))
        .route(
            "/t/{tenant}/api/v1/applications/{application}/entitlements",
            get(entitlements::list).post(entitlements::create),
        )
        .route("/t/{tenant}/api/v1/applications/{application}/entitlements/{group}", entitlement)
        .route("/t/{tenant}/api/v1/grants", get(grants::list).post(grants::give))
        .route("/t/{tenant}/api/v1/grants/{grant}", get(grants::show))
        .route("/t/{tenant}/api/v1/grants/{grant}/revocation", post(grants::revoke))
        .route("/t/{tenant}/api/v1/grants/{grant}/extension", post(grants::extend))
        .route("/t/{tenant}/api/v1/holdings", get(grants::holdings))
        .route("/t/{tenant}/api/v1/offers", get(offers::list))
        .route("/t/{tenant}/api/v1/sod-rules/{rule}/impact", get(violations::impact))
        .route("/t/{tenant}/api/v1/sod-rules/{rule}/exceptions", post(violations::except_beforehand))
        .route("/t/{tenant}/api/v1/birthright-rules/{rule}/dry-run", post(api::rules::dry_run))
        .route("/t/{tenant}/api/v1/birthright-runs", post(api::rules::run))
        .route("/t/{tenant}/api/v1/sod-violations", get(violations::list))
        .route("/t/{tenant}/api/v1/sod-violations/{violation}", get(violations::show))
        .route(
            "/t/{tenant}/api/v1/sod-violations/{violation}/exception",
            post(violations::except).delete(violations::withdraw),
        )
        .route("/t/{tenant}/api/v1/sod-violations/{violation}/remedy", post(violations::remedy))
        .merge(requests())
        .merge(notifications())
        .merge(reviews())
        .route("/t/{tenant}/api/v1/timers", get(timers::list))
        .merge(rules::<NewApprovalPolicy>())
        .merge(rules::<NewSodRule>())
        .merge(rules::<NewBirthrightRule>())
        .route("/t/{tenant}/api/v1/settings", get(settings::show).patch(settings::change))
        .route("/t/{tenant}/api/v1/limits", get(limits::show))
        .route("/t/{tenant}/api/v1/me", get(me::show))
        .route("/t/{tenant}/api/v1/me/views", get(views::mine))
        .route("/t/{tenant}/api/v1/me/holdings", get(views::holdings))
        .route("/t/{tenant}/api/v1/users/{user}/standing", get(views::standing))
        .route(
            "/t/{tenant}/api/v1/users/{user}/suspension",
            get(suspensions::show).put(suspensions::put).delete(suspensions::lift),
        )
        .route("/t/{tenant}/api/v1/users/{user}/views", get(views::of_user))
        .route("/t/{tenant}/api/v1/roles", get(catalogues::list).post(catalogues::create))
        .route("/t/{tenant}/api/v1/roles/{id}", entry.clone())
        .route("/t/{tenant}/api/v1/entitlements", get(catalogues::list).post(catalogues::create))
        .route("/t/{tenant}/api/v1/entitlements/{id}", entry)
        .route("/t/{tenant}/api/v1/admin-roles", get(admin_roles::list).post(admin_roles::give))
        .route("/t/{tenant}/api/v1/admin-roles/{role}", get(admin_roles::show))
        .route("/t/{tenant}/api/v1/admin-roles/{role}/revocation", post(admin_roles::revoke))
        .route("/t/{tenant}/api/v1/export", get(archive::export))
        .route("/t/{tenant}/api/v1/calls", get(calls::list))
        .route("/t/{tenant}/api/v1/calls/{call}", get(calls::show))
        .route("/t/{tenant}/api/v1/issuers", get(issuers::list).post(issuers::create))
        .route("/t/{tenant}/api/v1/issuers/{issuer}", get(issuers::show).patch(issuers::change).delete(issuers::delete))
        .route("/t/{tenant}/api/v1/status", get(alarms::status))
        .route("/t/{tenant}/api/v1/alarms", get(alarms::list))
        .route("/t/{tenant}/api/v1/alarms/{alarm}", get(alarms::show))
        .route("/t/{tenant}/api/v1/alarms/{alarm}/acknowledge", post(alarms::acknowledge))
        .route("/t/{tenant}/api/v1/restorations", post(restorations::create))
        .route("/api/v1/alarms", get(alarms::list_all))
        .route("/api/v1/tenants", get(tenants::list).post(tenants::create))
        .route("/api/v1/tenants/{tenant}", get(tenants::show))
        .route("/api/v1/tenants/{tenant}/suspend", post(tenants::suspend))
        .route("/api/v1/tenants/{tenant}/resume", post(tenants::resume))
        .route("/api/v1/tenants/{tenant}/archive", post(tenants::archive));
    routes
        .method_not_allowed_fallback(api::wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(app), api::once))
        .layer(middleware::from_fn(api::read_whole))
        .layer(middleware::from_fn(api::known_parameters))
}

/// What administrators are served of rules of one kind.
fn rules<W: RuleWish>() -> Router<Arc<App>> {
    use api::rules;
    let path = format!("/t/{{tenant}}/api/v1/{}", W::PATH);
    let rule = get(rules::show::<W>).put(rules::replace::<W>).delete(rules::delete::<W>);
    Router::new().route(&path, get(rules::list::<W>).post(rules::create::<W>)).route(&format!("{path}/{{rule}}"), rule)
}

/// What a tenant defines for itself: longer bodies than elsewhere in administration.
fn definitions() -> Router<Arc<App>> {
    use api::definitions::{schemas, types};
    let routes = Router::new()
        .route("/t/{tenant}/api/v1/schemas", get(schemas::list))
        .route("/t/{tenant}/api/v1/schemas/{urn}", get(schemas::show).put(schemas::put).delete(schemas::delete))
        .route("/t/{tenant}/api/v1/resource-types", get(types::list))
        .route("/t/{tenant}/api/v1/resource-types/{name}", get(types::show).put(types::put).delete(types::delete));
    routes
        .method_not_allowed_fallback(api::wrong_method)
        .layer(middleware::from_fn(api::read_definition))
        .layer(middleware::from_fn(api::known_parameters))
}

/// What people ask for and decide.
fn requests() -> Router<Arc<App>> {
    use api::{delegations, emergencies, requests, requests::items};
    Router::new()
        .route("/t/{tenant}/api/v1/requests", get(requests::list).post(requests::submit))
        .route("/t/{tenant}/api/v1/requests/{request}", get(requests::show))
        .route("/t/{tenant}/api/v1/request-items", get(items::waiting))
        .route("/t/{tenant}/api/v1/request-items/{item}", get(items::show))
        .route("/t/{tenant}/api/v1/request-items/{item}/votes", post(items::vote))
        .route("/t/{tenant}/api/v1/request-items/{item}/questions", post(items::ask))
        .route("/t/{tenant}/api/v1/request-items/{item}/answers", post(items::answer))
        .route("/t/{tenant}/api/v1/request-items/{item}/reassignments", post(items::reassign))
        .route("/t/{tenant}/api/v1/request-items/{item}/withdrawal", post(items::withdraw))
        .route("/t/{tenant}/api/v1/delegations", get(delegations::list).post(delegations::create))
        .route("/t/{tenant}/api/v1/delegations/{delegation}", get(delegations::show).delete(delegations::cancel))
        .route("/t/{tenant}/api/v1/emergencies", get(emergencies::list).post(emergencies::open))
        .route("/t/{tenant}/api/v1/emergencies/{emergency}", get(emergencies::show))
        .route("/t/{tenant}/api/v1/emergencies/{emergency}/review", post(emergencies::review))
}

/// What people were told.
fn notifications() -> Router<Arc<App>> {
    use api::notifications;
    Router::new()
        .route("/t/{tenant}/api/v1/notifications", get(notifications::list))
        .route("/t/{tenant}/api/v1/notifications/readings", post(notifications::read_all))
        .route("/t/{tenant}/api/v1/notifications/{notification}", get(notifications::show))
        .route("/t/{tenant}/api/v1/notifications/{notification}/reading", post(notifications::read))
}

/// What people hold, looked through.
fn reviews() -> Router<Arc<App>> {
    use api::{reviews, reviews::items};
    Router::new()
        .route("/t/{tenant}/api/v1/reviews", get(reviews::list).post(reviews::begin))
        .route("/t/{tenant}/api/v1/reviews/{review}", get(reviews::show))
        .route("/t/{tenant}/api/v1/reviews/{review}/closure", post(reviews::close))
        .route("/t/{tenant}/api/v1/reviews/{review}/cancellation", post(reviews::cancel))
        .route("/t/{tenant}/api/v1/reviews/{review}/postponement", post(reviews::postpone))
        .route("/t/{tenant}/api/v1/reviews/{review}/decisions", post(reviews::decide))
        .route("/t/{tenant}/api/v1/reviews/{review}/items", get(items::list))
        .route("/t/{tenant}/api/v1/review-items", get(items::waiting))
        .route("/t/{tenant}/api/v1/review-items/{item}", get(items::show))
        .route("/t/{tenant}/api/v1/review-items/{item}/decision", post(items::decide))
        .route("/t/{tenant}/api/v1/review-items/{item}/withdrawal", post(items::withdraw))
        .route("/t/{tenant}/api/v1/review-items/{item}/reassignment", post(items::reassign))
}

/// What clients are served before they call.
fn authorization() -> Router<Arc<App>> {
    let routes = Router::new().route("/t/{tenant}/oauth/token", post(oauth::token));
    routes.method_not_allowed_fallback(api::wrong_method).layer(middleware::from_fn(api::read_whole))
}

/// What surrounds every route: a request id, a log line, numbers, a time limit, and a net for panics.
pub fn guard(routes: Router, app: Arc<App>) -> Router {
    routes
        .layer(CatchPanicLayer::custom(|panic: Box<dyn std::any::Any + Send>| error::panicked(&*panic)))
        .layer(middleware::from_fn_with_state(app, watch::watch))
}

async fn unknown() -> Failure {
    Failure::new(404, phrase("nothing-here"))
}

async fn wrong_method(request: Request) -> Response {
    error::method_not_allowed(request.method(), "GET, HEAD")
}
