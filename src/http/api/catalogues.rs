//! `/t/{tenant}/api/v1/roles` and `/entitlements`: what users of a tenant may be given. Both have the same handlers.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

use crate::{
    app::App,
    http::{
        api::{
            Administrator,
            input::{At, JsonBody, MayMatch, Page},
            marked, nothing_here,
        },
        error::Failure,
    },
    provisioning::{Catalogue, Entry},
};

/// The catalogue that a route is about.
pub(crate) struct Of(Catalogue);

impl FromRequestParts<Arc<App>> for Of {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let of = [Catalogue::Roles, Catalogue::Entitlements];
        let found = of.into_iter().find(|catalogue| path.split('/').any(|part| part == catalogue.attribute()));
        found.map(Self).ok_or_else(nothing_here)
    }
}

pub(crate) async fn list(by: Administrator, Of(catalogue): Of, page: Page) -> Result<Json<Value>, Failure> {
    let (items, next) = by.directory().await?.entries(catalogue, page.count(), page.after()?).await?;
    let mut list = json!({ "items": items });
    if let Some(next) = next {
        list["nextCursor"] = next.into();
    }
    Ok(Json(list))
}

pub(crate) async fn create(
    by: Administrator,
    Of(catalogue): Of,
    At(slug): At<String>,
    JsonBody(entry): JsonBody<Entry>,
) -> Result<Response, Failure> {
    by.may_change()?;
    let (tag, made) = by.directory().await?.add_entry(catalogue, &entry).await?;
    let id = made["id"].as_str().unwrap_or_default();
    let location = format!("{}/t/{slug}/api/v1/{}/{id}", by.app.public_url, catalogue.attribute());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], marked(tag, made)).into_response())
}

pub(crate) async fn show(
    by: Administrator,
    Of(catalogue): Of,
    At((_, id)): At<(String, String)>,
) -> Result<Response, Failure> {
    let (tag, entry) = by.directory().await?.entry(catalogue, &id).await?;
    Ok(marked(tag, entry))
}

pub(crate) async fn replace(
    by: Administrator,
    Of(catalogue): Of,
    At((_, id)): At<(String, String)>,
    MayMatch(versions): MayMatch,
    JsonBody(entry): JsonBody<Entry>,
) -> Result<Response, Failure> {
    by.may_change()?;
    let (tag, entry) = by.directory().await?.replace_entry(catalogue, &id, &entry, versions).await?;
    Ok(marked(tag, entry))
}

pub(crate) async fn delete(
    by: Administrator,
    Of(catalogue): Of,
    At((_, id)): At<(String, String)>,
    MayMatch(versions): MayMatch,
) -> Result<StatusCode, Failure> {
    by.may_change()?;
    by.directory().await?.remove_entry(catalogue, &id, versions).await?;
    Ok(StatusCode::NO_CONTENT)
}
