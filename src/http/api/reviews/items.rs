//! `/t/{tenant}/api/v1/reviews/{review}/items` and `/t/{tenant}/api/v1/review-items`: grants that are reviewed, one by one.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{Json, Response},
};
use serde::Deserialize;
use serde_json::Value;
use store::ItemFilter;
use uuid::Uuid;

use crate::{
    access::{NewDecision, ReviewItemRecord, ReviewReassignment},
    app::App,
    http::{
        api::{
            Overseer, Person,
            input::{At, JsonBody, MayMatch, parameters},
            list as listed,
            requests::{count, items::Waiting},
            reviews::known,
            tagged,
        },
        error::Failure,
    },
};

/// The words of all states of items.
pub(crate) const STATES: [&str; 8] =
    ["open", "keep", "revoke", "shorten", "abstain", "excluded", "doneKept", "doneChanged"];

/// Which items are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    state: Option<String>,
    entitlement: Option<Uuid>,
    subject: Option<Uuid>,
    cursor: Option<Uuid>,
    count: Option<u64>,
}

/// Which items are asked for, and which part of them.
pub(crate) struct Search {
    filter: ItemFilter,
    after: Option<Uuid>,
    count: u64,
}

impl FromRequestParts<Arc<App>> for Search {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        let given: Parameters = parameters(parts, "state, entitlement, subject, count, cursor")?;
        let state = given.state.as_deref().map(|word| known(word, &STATES)).transpose()?;
        let filter =
            ItemFilter { state, entitlement: given.entitlement, subject: given.subject, ..ItemFilter::default() };
        Ok(Self { filter, after: given.cursor, count: count(given.count)? })
    }
}

pub(crate) async fn list(
    by: Overseer,
    At((_, id)): At<(String, Uuid)>,
    search: Search,
) -> Result<Json<Value>, Failure> {
    let filter = ItemFilter { review: Some(id), ..search.filter };
    let found = by.sight.items_of_review(&filter, search.after, search.count).await?;
    Ok(listed(found, |item| item.id.to_string()))
}

pub(crate) async fn waiting(by: Person, waiting: Waiting) -> Result<Json<Value>, Failure> {
    let found = by.access.to_review(waiting.after, waiting.count).await?;
    Ok(listed(found, |item| item.id.to_string()))
}

pub(crate) async fn show(by: Overseer, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    Ok(of_item(by.sight.review_item(id).await?))
}

pub(crate) async fn decide(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(new): JsonBody<NewDecision>,
) -> Result<Response, Failure> {
    Ok(of_item(by.access.decide(id, &new, versions.as_ref()).await?))
}

pub(crate) async fn withdraw(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
) -> Result<Response, Failure> {
    Ok(of_item(by.access.change_mind(id, versions.as_ref()).await?))
}

pub(crate) async fn reassign(
    by: Overseer,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(wish): JsonBody<ReviewReassignment>,
) -> Result<Response, Failure> {
    Ok(of_item(by.sight.hand_on_review(id, &wish, versions.as_ref()).await?))
}

/// An item with the tag of its version.
fn of_item(item: ReviewItemRecord) -> Response {
    tagged(item.version, item)
}
