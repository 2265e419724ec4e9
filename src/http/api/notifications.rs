//! `/t/{tenant}/api/v1/notifications`: what somebody was told.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::{IntoResponse, Json, Response},
};
use rights::Notice;
use serde::Deserialize;
use store::NotificationFilter;
use uuid::Uuid;

use crate::{
    access::ReadRecord,
    app::App,
    http::{
        api::{
            Person, in_language,
            input::{AcceptLanguage, At, JsonBody, Page},
            list as listed,
        },
        error::Failure,
    },
    wording::phrase,
};

/// Which notifications are asked for.
pub(crate) struct Wanted(NotificationFilter);

#[derive(Deserialize)]
struct Parameters {
    unread: Option<bool>,
    kind: Option<String>,
}

impl FromRequestParts<Arc<App>> for Wanted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let read: Result<Query<Parameters>, _> = Query::from_request_parts(parts, app).await;
        let Ok(Query(Parameters { unread, kind })) = read else {
            return Err(Failure::new(400, phrase("unread-wrong")));
        };
        let notice = match kind {
            None => None,
            Some(word) => Some(Notice::from_word(&word).ok_or_else(unknown)?),
        };
        Ok(Self(NotificationFilter { unread, notice }))
    }
}

fn unknown() -> Failure {
    let kinds = Notice::ALL.map(Notice::word).join(", ");
    Failure::new(400, phrase("parameter-among").with("name", "kind").with("words", kinds))
}

pub(crate) async fn list(
    by: Person,
    Wanted(filter): Wanted,
    language: AcceptLanguage,
    page: Page,
) -> Result<Response, Failure> {
    let language = by.language(&language).await?;
    let found = by.access.notifications(&filter, page.after()?, page.count(), language).await?;
    Ok((in_language(language), listed(found, |one| one.id.to_string())).into_response())
}

pub(crate) async fn show(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    language: AcceptLanguage,
) -> Result<Response, Failure> {
    let language = by.language(&language).await?;
    Ok((in_language(language), Json(by.access.notification(id, language).await?)).into_response())
}

pub(crate) async fn read(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    language: AcceptLanguage,
) -> Result<Response, Failure> {
    let language = by.language(&language).await?;
    Ok((in_language(language), Json(by.access.read_notification(id, language).await?)).into_response())
}

/// Until which notification all are read; nothing for all of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Readings {
    until: Option<Uuid>,
}

pub(crate) async fn read_all(by: Person, JsonBody(which): JsonBody<Readings>) -> Result<Json<ReadRecord>, Failure> {
    Ok(Json(by.access.read_notifications(which.until).await?))
}
