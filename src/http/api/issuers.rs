//! `/t/{tenant}/api/v1/issuers`: whose tokens (JWT) the tenant believes.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{IssuerChange, NewIssuer},
    http::{
        api::{
            Administrator,
            input::{At, JsonBody, MayMatch, Page},
            list as listed, marked,
        },
        error::Failure,
    },
};

pub(crate) async fn list(by: Administrator, page: Page) -> Result<Json<Value>, Failure> {
    let issuers = by.administration.issuers(page.after()?, page.count()).await?;
    Ok(listed(issuers, |issuer| issuer.id.to_string()))
}

pub(crate) async fn create(
    by: Administrator,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewIssuer>,
) -> Result<Response, Failure> {
    let issuer = by.administration.create_issuer(new).await?;
    let location = format!("{}/t/{slug}/api/v1/issuers/{}", by.app.public_url, issuer.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], marked(issuer.tag(), issuer)).into_response())
}

pub(crate) async fn show(by: Administrator, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let issuer = by.administration.issuer(id).await?;
    Ok(marked(issuer.tag(), issuer))
}

pub(crate) async fn change(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(tags): MayMatch,
    JsonBody(change): JsonBody<IssuerChange>,
) -> Result<Response, Failure> {
    let issuer = by.administration.change_issuer(id, change, tags.as_ref()).await?;
    by.felt();
    Ok(marked(issuer.tag(), issuer))
}

pub(crate) async fn delete(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(tags): MayMatch,
) -> Result<StatusCode, Failure> {
    by.administration.delete_issuer(id, tags.as_ref()).await?;
    by.felt();
    Ok(StatusCode::NO_CONTENT)
}
