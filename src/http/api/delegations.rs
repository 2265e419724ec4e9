//! `/t/{tenant}/api/v1/delegations`: who stands in for whom.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    access::NewDelegation,
    http::{
        api::{
            Person, Reader,
            input::{At, JsonBody, MayMatch, Page},
            list as listed, tagged,
        },
        error::Failure,
    },
};

pub(crate) async fn list(by: Reader, page: Page) -> Result<Json<Value>, Failure> {
    let found = by.sight.delegations(page.after()?, page.count()).await?;
    Ok(listed(found, |delegation| delegation.id.to_string()))
}

pub(crate) async fn create(
    by: Person,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewDelegation>,
) -> Result<Response, Failure> {
    let made = by.access.delegate(&new).await?;
    let location = format!("{}/t/{slug}/api/v1/delegations/{}", by.app.public_url, made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(made.version, made)).into_response())
}

pub(crate) async fn show(by: Reader, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let delegation = by.sight.delegation(id).await?;
    Ok(tagged(delegation.version, delegation))
}

pub(crate) async fn cancel(
    by: Reader,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
) -> Result<StatusCode, Failure> {
    by.sight.cancel_delegation(id, versions.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
