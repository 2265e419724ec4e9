//! `/t/{tenant}/api/v1/request-items`: what waits for somebody, and what they say of it.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::{Json, Response},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    access::{Answer, ItemRecord, NewQuestion, NewVote, Reassignment},
    app::App,
    http::{
        api::{
            Person, Reader,
            input::{At, IfMatch, JsonBody, MayMatch},
            list as listed,
            requests::{count, invalid},
            tagged,
        },
        error::Failure,
    },
    wording::phrase,
};

/// For whom the items wait that are asked for, and which part of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Parameters {
    waiting_for: String,
    cursor: Option<Uuid>,
    count: Option<u64>,
}

/// Which part of what waits is asked for.
pub(crate) struct Waiting {
    pub(in crate::http::api) after: Option<Uuid>,
    pub(in crate::http::api) count: u64,
}

impl FromRequestParts<Arc<App>> for Waiting {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let read: Result<Query<Parameters>, _> = Query::from_request_parts(parts, app).await;
        match read {
            Ok(Query(given)) if given.waiting_for == "me" => {
                Ok(Self { after: given.cursor, count: count(given.count)? })
            }
            _ => {
                let names = "waitingFor=me, count, cursor";
                Err(invalid(phrase("parameters-are").with("names", names)))
            }
        }
    }
}

pub(crate) async fn waiting(by: Person, waiting: Waiting) -> Result<Json<Value>, Failure> {
    let found = by.access.waiting(waiting.after, waiting.count).await?;
    Ok(listed(found, |item| item.id.unwrap_or_default().to_string()))
}

pub(crate) async fn show(by: Reader, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    Ok(of_item(by.sight.item(id).await?))
}

pub(crate) async fn vote(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    IfMatch(versions): IfMatch,
    JsonBody(vote): JsonBody<NewVote>,
) -> Result<Response, Failure> {
    Ok(of_item(by.access.vote(id, &vote, &versions).await?))
}

pub(crate) async fn ask(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(question): JsonBody<NewQuestion>,
) -> Result<Response, Failure> {
    Ok(of_item(by.access.ask(id, &question, versions.as_ref()).await?))
}

pub(crate) async fn answer(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(answer): JsonBody<Answer>,
) -> Result<Response, Failure> {
    Ok(of_item(by.access.answer(id, &answer, versions.as_ref()).await?))
}

pub(crate) async fn reassign(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(wish): JsonBody<Reassignment>,
) -> Result<Response, Failure> {
    Ok(of_item(by.access.reassign(id, &wish, versions.as_ref()).await?))
}

pub(crate) async fn withdraw(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
) -> Result<Response, Failure> {
    Ok(of_item(by.access.withdraw(id, versions.as_ref()).await?))
}

/// An item with the tag of its version.
fn of_item(item: ItemRecord) -> Response {
    tagged(item.version, item)
}
