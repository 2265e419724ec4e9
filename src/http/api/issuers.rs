//! `/t/{tenant}/api/v1/issuers`: whose tokens (JWT) the tenant believes.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{IssuerChange, IssuerRecord, NewIssuer},
    http::{
        api::{
            Administrator,
            input::{At, JsonBody, Page},
            list as listed,
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
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(issuer)).into_response())
}

pub(crate) async fn show(by: Administrator, At((_, id)): At<(String, Uuid)>) -> Result<Json<IssuerRecord>, Failure> {
    Ok(Json(by.administration.issuer(id).await?))
}

pub(crate) async fn change(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    JsonBody(change): JsonBody<IssuerChange>,
) -> Result<Json<IssuerRecord>, Failure> {
    let issuer = by.administration.change_issuer(id, change).await?;
    by.felt();
    Ok(Json(issuer))
}

pub(crate) async fn delete(by: Administrator, At((_, id)): At<(String, Uuid)>) -> Result<StatusCode, Failure> {
    by.administration.delete_issuer(id).await?;
    by.felt();
    Ok(StatusCode::NO_CONTENT)
}
