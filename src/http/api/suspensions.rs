//! `/t/{tenant}/api/v1/users/{user}/suspension`: people on long leave, or into whom something is looked.

use axum::{http::StatusCode, response::Json};
use uuid::Uuid;

use crate::{
    administration::{NewSuspension, SuspensionRecord},
    http::{
        api::{
            Administrator,
            input::{At, JsonBody},
        },
        error::Failure,
    },
};

pub(crate) async fn show(
    by: Administrator,
    At((_, user)): At<(String, Uuid)>,
) -> Result<Json<SuspensionRecord>, Failure> {
    Ok(Json(by.administration.suspension(user).await?))
}

pub(crate) async fn put(
    by: Administrator,
    At((_, user)): At<(String, Uuid)>,
    JsonBody(new): JsonBody<NewSuspension>,
) -> Result<Json<SuspensionRecord>, Failure> {
    by.may_change()?;
    let directory = by.directory().await?;
    Ok(Json(by.administration.suspend(&directory, user, &new).await?))
}

pub(crate) async fn lift(by: Administrator, At((_, user)): At<(String, Uuid)>) -> Result<StatusCode, Failure> {
    by.may_change()?;
    let directory = by.directory().await?;
    by.administration.lift(&directory, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
