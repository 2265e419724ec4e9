//! `/t/{tenant}/api/v1/reviews`: campaigns in which what people hold is looked through.

pub(in crate::http) mod items;

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Json, Response},
};
use rights::administration::Action;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    access::{BulkDecision, NewReview, Postponement, ReviewRecord, Sight, Viewer, Why},
    app::App,
    http::{
        api::{
            Administrator, Overseer, Person, Steward, in_language,
            input::{AcceptLanguage, At, JsonBody, MayMatch, parameters},
            list as listed,
            requests::{Trial, count, invalid},
            tagged,
        },
        error::Failure,
    },
    language::Language,
    wording::phrase,
};

/// The words of all states of reviews.
pub(crate) const STATES: [&str; 5] = ["scheduled", "active", "closing", "completed", "cancelled"];

/// Which reviews are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    state: Option<String>,
    cursor: Option<Uuid>,
    count: Option<u64>,
}

/// Which reviews are asked for, and which part of them.
pub(crate) struct Search {
    state: Option<&'static str>,
    after: Option<Uuid>,
    count: u64,
}

impl FromRequestParts<Arc<App>> for Search {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        let given: Parameters = parameters(parts, "state, count, cursor")?;
        let state = given.state.as_deref().map(|word| known(word, &STATES)).transpose()?;
        Ok(Self { state, after: given.cursor, count: count(given.count)? })
    }
}

/// The state of that word.
fn known(word: &str, all: &[&'static str]) -> Result<&'static str, Failure> {
    let known = all.iter().find(|known| **known == word).copied();
    known.ok_or_else(|| invalid(phrase("parameter-among").with("name", "state").with("words", all.join(", "))))
}

impl Administrator {
    /// What the administrator sees of reviews.
    async fn sight(&self) -> Result<Sight, Failure> {
        Ok(Sight {
            data: self.administration.data.clone(),
            service: self.app.catalogs.of(self.caller.tenant()).await?,
            viewer: Viewer::Administrator,
            surely: self.caller.assurance(),
            cause: self.administration.cause.clone(),
            clock: self.administration.clock.clone(),
            ids: self.administration.ids.clone(),
        })
    }
}

pub(crate) async fn list(by: Overseer, search: Search) -> Result<Json<Value>, Failure> {
    let found = by.sight.reviews(search.state, search.after, search.count).await?;
    Ok(listed(found, |review| review.id.to_string()))
}

pub(crate) async fn begin(
    by: Steward,
    At(slug): At<String>,
    trial: Trial,
    JsonBody(new): JsonBody<NewReview>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Campaigns)?;
    let sight = by.sight().await?;
    if trial.is_dry() {
        return Ok(Json(sight.foresee_review(&new).await?).into_response());
    }
    let review = sight.begin_review(&new).await?;
    let location = format!("{}/t/{slug}/api/v1/reviews/{}", by.app.public_url, review.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], of_review(review)).into_response())
}

pub(crate) async fn show(by: Overseer, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    Ok(of_review(by.sight.show_review(id).await?))
}

pub(crate) async fn close(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::CloseReviews)?;
    Ok(of_review(by.sight().await?.close_review(id, versions.as_ref()).await?))
}

pub(crate) async fn cancel(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(why): JsonBody<Why>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::CloseReviews)?;
    Ok(of_review(by.sight().await?.cancel_review(id, &why, versions.as_ref()).await?))
}

pub(crate) async fn postpone(
    by: Overseer,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(later): JsonBody<Postponement>,
) -> Result<Response, Failure> {
    Ok(of_review(by.sight.postpone_review(id, &later, versions.as_ref()).await?))
}

/// A review with the tag of its version.
fn of_review(review: ReviewRecord) -> Response {
    tagged(review.version, review)
}

/// One verdict about many grants.
pub(crate) async fn decide(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    AcceptLanguage(accepted): AcceptLanguage,
    JsonBody(new): JsonBody<BulkDecision>,
) -> Result<Response, Failure> {
    // As problems are told, each of which one of these would be.
    let language = accepted.unwrap_or(Language::English);
    let (items, has_more) = by.access.decide_many(id, &new, language).await?;
    Ok((in_language(language), Json(json!({ "items": items, "more": has_more }))).into_response())
}
