//! `/t/{tenant}/api/v1/alarms` and `/status`, and `/api/v1/alarms`: who took away far more than usual.

use axum::response::{IntoResponse, Json, Response};
use rights::administration::Action;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    administration::{Error, Fault},
    alarms::{self, Acknowledgement, AlarmRecord, Book},
    http::{
        api::{
            Administrator, Operator, Steward, in_language,
            input::{AcceptLanguage, At, JsonBody, Page},
        },
        error::Failure,
    },
    language::Language,
};

pub(crate) async fn list(by: Steward, page: Page) -> Result<Json<Value>, Failure> {
    let by = by.may_everywhere(Action::Audit)?;
    let (items, has_more) = book(&by).page(page.after()?, page.count()).await?;
    let next = items.last().filter(|_| has_more).map(|alarm| alarm.id);
    Ok(listed(json!(items), next))
}

pub(crate) async fn show(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Json<AlarmRecord>, Failure> {
    let by = by.may_everywhere(Action::Audit)?;
    book(&by).alarm(id).await?.map(Json).ok_or_else(missing)
}

pub(crate) async fn acknowledge(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    JsonBody(said): JsonBody<Acknowledgement>,
) -> Result<Json<AlarmRecord>, Failure> {
    // Of an archived tenant too: what is known is written down, and nothing of the directory changes.
    if let Some(reason) = said.fault() {
        return Err(Failure::invalid(vec![Fault::new("/comment", reason)]));
    }
    book(&by).acknowledge(id, &said.comment).await?.map(Json).ok_or_else(missing)
}

/// What a console shows on every page.
pub(crate) async fn status(by: Steward, language: AcceptLanguage) -> Result<Response, Failure> {
    let by = by.may_everywhere(Action::Audit)?;
    let language = language.0.unwrap_or(Language::English);
    let status = json!({ "banners": book(&by).banners(language).await? });
    Ok((in_language(language), Json(status)).into_response())
}

/// The alarms of all tenants, for those who run the platform.
pub(crate) async fn list_all(by: Operator, page: Page) -> Result<Json<Value>, Failure> {
    let now = by.app.clock.now();
    let (items, has_more) = alarms::all(&by.app.store, page.after()?, page.count(), now).await?;
    let next = items.last().filter(|_| has_more).map(|alarm| alarm.id);
    Ok(listed(json!(items), next))
}

fn book(by: &Administrator) -> Book {
    let administration = &by.administration;
    Book { data: administration.data.clone(), cause: administration.cause.clone(), now: administration.clock.now() }
}

fn missing() -> Failure {
    Error::Missing("alarm").into()
}

fn listed(items: Value, next: Option<Uuid>) -> Json<Value> {
    let mut list = json!({ "items": items });
    if let Some(next) = next {
        list["nextCursor"] = next.to_string().into();
    }
    Json(list)
}
