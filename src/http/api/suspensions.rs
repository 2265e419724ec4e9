//! `/t/{tenant}/api/v1/users/{user}/suspension`: people on long leave, or into whom something is looked.

use axum::{http::StatusCode, response::Response};
use uuid::Uuid;

use crate::{
    administration::NewSuspension,
    http::{
        api::{
            Administrator,
            input::{At, JsonBody, MayMatch},
            marked,
        },
        error::Failure,
    },
};

pub(crate) async fn show(by: Administrator, At((_, user)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let suspension = by.administration.suspension(user).await?;
    Ok(marked(suspension.tag.clone(), suspension))
}

pub(crate) async fn put(
    by: Administrator,
    At((_, user)): At<(String, Uuid)>,
    MayMatch(tags): MayMatch,
    JsonBody(new): JsonBody<NewSuspension>,
) -> Result<Response, Failure> {
    by.may_change()?;
    let directory = by.directory().await?;
    let suspension = by.administration.suspend(&directory, user, &new, tags.as_ref()).await?;
    Ok(marked(suspension.tag.clone(), suspension))
}

pub(crate) async fn lift(
    by: Administrator,
    At((_, user)): At<(String, Uuid)>,
    MayMatch(tags): MayMatch,
) -> Result<StatusCode, Failure> {
    by.may_change()?;
    let directory = by.directory().await?;
    by.administration.lift(&directory, user, tags.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
