//! `/t/{tenant}/api/v1/grants` and `/t/{tenant}/api/v1/holdings`: why people have what they have, and who had what.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Json, Response},
};
use rights::administration::Action;
use serde::Deserialize;
use serde_json::Value;
use store::{GRANT_STATES, GrantFilter};
use uuid::Uuid;

use crate::{
    administration::{Extension, Holder, HoldingRecord, NewGrant, Revocation},
    app::App,
    clock,
    http::{
        api::{
            Steward, csv,
            input::{At, JsonBody, MayMatch, PAGE, parameters},
            list as listed, tagged,
        },
        error::Failure,
    },
    wording::{Phrase, phrase},
};

/// How fast the clock of a client may be, in milliseconds.
const FAST: i64 = 60_000;

/// Which grants are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantParameters {
    user: Option<Uuid>,
    entitlement: Option<Uuid>,
    state: Option<String>,
    at: Option<String>,
    cursor: Option<Uuid>,
    count: Option<u64>,
}

/// Which grants are asked for, and which part of them.
pub(crate) struct GrantSearch {
    filter: GrantFilter,
    after: Option<Uuid>,
    count: u64,
}

/// Of whom or of what it is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldingParameters {
    user: Option<Uuid>,
    application: Option<Uuid>,
    at: Option<String>,
    cursor: Option<String>,
    count: Option<u64>,
    format: Option<Format>,
}

/// What an answer looks like.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
enum Format {
    Json,
    Csv,
}

/// Of whom or of what it is asked, for which instant, and which part of the answer.
pub(crate) struct HoldingSearch {
    of: Holder,
    at: Option<i64>,
    after: Option<(Uuid, Uuid)>,
    count: u64,
    is_table: bool,
}

impl FromRequestParts<Arc<App>> for GrantSearch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let names = "user, entitlement, state, at, count, cursor";
        let given: GrantParameters = parameters(parts, names)?;
        let state = given.state.as_deref().map(state).transpose()?;
        let at = given.at.as_deref().map(|at| instant(at, app)).transpose()?;
        let filter = GrantFilter { user: given.user, entitlement: given.entitlement, state, at };
        Ok(Self { filter, after: given.cursor, count: count(given.count)? })
    }
}

impl FromRequestParts<Arc<App>> for HoldingSearch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let names = "user, application, at, count, cursor, format";
        let given: HoldingParameters = parameters(parts, names)?;
        let of = match (given.user, given.application) {
            (Some(user), None) => Holder::User(user),
            (None, Some(application)) => Holder::Application(application),
            _ => return Err(invalid(phrase("user-or-application"))),
        };
        let is_table = given.format == Some(Format::Csv);
        if is_table && (given.count.is_some() || given.cursor.is_some()) {
            return Err(invalid(phrase("table-is-whole")));
        }
        let at = given.at.as_deref().map(|at| instant(at, app)).transpose()?;
        let wrong = || invalid(phrase("cursor-wrong"));
        let after = given.cursor.as_deref().map(|text| place(text).ok_or_else(wrong)).transpose()?;
        Ok(Self { of, at, after, count: count(given.count)?, is_table })
    }
}

/// For which instant somebody asks what they have, or whom they lead, and which part of the answer they want.
pub(crate) struct OwnHoldings {
    pub(super) subject: Option<Uuid>,
    pub(super) at: Option<i64>,
    pub(super) after: Option<(Uuid, Uuid)>,
    pub(super) count: u64,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnParameters {
    subject: Option<Uuid>,
    at: Option<String>,
    cursor: Option<String>,
    count: Option<u64>,
}

impl FromRequestParts<Arc<App>> for OwnHoldings {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let given: OwnParameters = parameters(parts, "subject, at, count, cursor")?;
        let at = given.at.as_deref().map(|at| instant(at, app)).transpose()?;
        if at.is_some() && given.subject.is_some() {
            return Err(invalid(phrase("past-of-oneself")));
        }
        let wrong = || invalid(phrase("cursor-wrong"));
        let after = given.cursor.as_deref().map(|text| place(text).ok_or_else(wrong)).transpose()?;
        Ok(Self { subject: given.subject, at, after, count: count(given.count)? })
    }
}

fn count(given: Option<u64>) -> Result<u64, Failure> {
    let count = given.unwrap_or(PAGE);
    if (1..=PAGE).contains(&count) { Ok(count) } else { Err(invalid(phrase("count-within").with("most", PAGE))) }
}

fn state(word: &str) -> Result<&'static str, Failure> {
    let known = GRANT_STATES.into_iter().find(|known| *known == word);
    known.ok_or_else(|| invalid(phrase("parameter-among").with("name", "state").with("words", GRANT_STATES.join(", "))))
}

/// An instant that is not ahead: what is known of it is what was so then. A clock that is a little fast means now.
fn instant(text: &str, app: &App) -> Result<i64, Failure> {
    let wrong = || invalid(phrase("parameter-instant").with("name", "at"));
    let at = clock::instant(text).ok_or_else(wrong)?;
    let now = app.clock.now();
    if at > now + FAST { Err(invalid(phrase("parameter-behind").with("name", "at"))) } else { Ok(at.min(now)) }
}

/// The entitlement and the grant behind which it goes on.
fn place(text: &str) -> Option<(Uuid, Uuid)> {
    let (entitlement, grant) = text.split_once('.')?;
    Some((entitlement.parse().ok()?, grant.parse().ok()?))
}

fn invalid(detail: Phrase) -> Failure {
    Failure::problem(400, "invalid", detail)
}

pub(crate) async fn list(by: Steward, search: GrantSearch) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    let found = by.administration.grants(&search.filter, &bounds, search.after, search.count).await?;
    Ok(listed(found, |grant| grant.id.to_string()))
}

pub(crate) async fn give(
    by: Steward,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewGrant>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Grant)?;
    let catalog = by.directory().await?.catalog;
    let grant = by.administration.give(&catalog, &new).await?;
    let location = format!("{}/t/{slug}/api/v1/grants/{}", by.app.public_url, grant.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(grant.version, grant)).into_response())
}

pub(crate) async fn show(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    let grant = by.administration.grant(id, &bounds).await?;
    Ok(tagged(grant.version, grant))
}

pub(crate) async fn revoke(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(revocation): JsonBody<Revocation>,
) -> Result<Response, Failure> {
    let (by, bounds) = by.may(Action::Revoke)?;
    let catalog = by.directory().await?.catalog;
    let revoked = by.administration.revoke_grant(&catalog, (id, &bounds), &revocation, versions.as_ref()).await?;
    by.app.alarms.taken(by.caller.tenant(), by.caller.client());
    Ok(tagged(revoked.grant.version, revoked))
}

pub(crate) async fn extend(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(extension): JsonBody<Extension>,
) -> Result<Response, Failure> {
    let (by, bounds) = by.may(Action::Grant)?;
    let catalog = by.directory().await?.catalog;
    let grant = by.administration.extend_grant(&catalog, (id, &bounds), &extension, versions.as_ref()).await?;
    Ok(tagged(grant.version, grant))
}

pub(crate) async fn holdings(by: Steward, search: HoldingSearch) -> Result<Response, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    let catalog = by.directory().await?.catalog;
    let at = search.at.unwrap_or_else(|| by.app.clock.now());
    if search.is_table {
        return csv::holdings(by.administration, catalog, (search.of, bounds), at).await;
    }
    let found = by.administration.holdings(&catalog, (search.of, &bounds), at, search.after, search.count).await?;
    let cursor = |holding: &HoldingRecord| format!("{}.{}", holding.grant.entitlement, holding.grant.id);
    let Json(mut answer) = listed(found, cursor);
    answer["at"] = clock::timestamp(at).into();
    Ok(Json(answer).into_response())
}
