//! `/t/{tenant}/api/v1/requests`: what people ask for.

pub(in crate::http) mod items;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Json, Response},
};
use serde::Deserialize;
use serde_json::Value;
use store::RequestFilter;
use uuid::Uuid;

use crate::{
    access::{NewRequest, RequestRecord},
    app::App,
    http::{
        api::{
            Person, Reader,
            input::{At, JsonBody, PAGE, parameters},
            list as listed,
        },
        error::Failure,
    },
    wording::{Phrase, phrase},
};

/// Which requests are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    state: Option<String>,
    requester: Option<Uuid>,
    subject: Option<Uuid>,
    cursor: Option<Uuid>,
    count: Option<u64>,
}

/// Which requests are asked for, and which part of them.
pub(crate) struct Search {
    filter: RequestFilter,
    after: Option<Uuid>,
    count: u64,
}

/// Whether something is only tried.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Trial {
    #[serde(default)]
    dry_run: bool,
}

impl Trial {
    /// Whether it is.
    pub(super) fn is_dry(&self) -> bool {
        self.dry_run
    }
}

impl FromRequestParts<Arc<App>> for Search {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        let given: Parameters = parameters(parts, "state, requester, subject, count, cursor")?;
        let state = given.state.as_deref().map(state).transpose()?;
        let filter = RequestFilter { state, requester: given.requester, subject: given.subject };
        Ok(Self { filter, after: given.cursor, count: count(given.count)? })
    }
}

impl FromRequestParts<Arc<App>> for Trial {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let read: Result<Query<Self>, _> = Query::from_request_parts(parts, app).await;
        read.map(|Query(trial)| trial).map_err(|_| invalid(phrase("dry-run-wrong")))
    }
}

fn state(word: &str) -> Result<&'static str, Failure> {
    let all = rights::request::Overall::ALL.map(rights::request::Overall::word);
    let known = all.into_iter().find(|known| *known == word);
    known.ok_or_else(|| invalid(phrase("parameter-among").with("name", "state").with("words", all.join(", "))))
}

pub(super) fn count(given: Option<u64>) -> Result<u64, Failure> {
    let count = given.unwrap_or(PAGE);
    if (1..=PAGE).contains(&count) { Ok(count) } else { Err(invalid(phrase("count-within").with("most", PAGE))) }
}

pub(super) fn invalid(detail: Phrase) -> Failure {
    Failure::problem(400, "invalid", detail)
}

pub(crate) async fn list(by: Reader, search: Search) -> Result<Json<Value>, Failure> {
    let found = by.sight.requests(&search.filter, search.after, search.count).await?;
    Ok(listed(found, |request| request.id.unwrap_or_default().to_string()))
}

pub(crate) async fn submit(
    by: Person,
    At(slug): At<String>,
    trial: Trial,
    JsonBody(new): JsonBody<NewRequest>,
) -> Result<Response, Failure> {
    let request = by.access.submit(&new, trial.dry_run).await?;
    let Some(id) = request.id else { return Ok(Json(request).into_response()) };
    let location = format!("{}/t/{slug}/api/v1/requests/{id}", by.app.public_url);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(request)).into_response())
}

pub(crate) async fn show(by: Reader, At((_, id)): At<(String, Uuid)>) -> Result<Json<RequestRecord>, Failure> {
    Ok(Json(by.sight.request(id).await?))
}
