//! `/t/{tenant}/api/v1/clients/{client}/tokens`: what a client calls with.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{Issued, NewToken, Rotation, TokenRecord},
    http::{
        api::{
            Administrator, Steward,
            input::{At, JsonBody, Page},
            issued, list as listed,
        },
        error::Failure,
    },
};

pub(crate) async fn list(by: Steward, At((_, client)): At<(String, Uuid)>, page: Page) -> Result<Json<Value>, Failure> {
    let (by, seen) = by.of_clients()?;
    let tokens = by.administration.tokens(Some((client, seen.as_ref())), page.after()?, page.count()).await?;
    Ok(listed(tokens, |token| token.id.to_string()))
}

pub(crate) async fn create(
    by: Steward,
    At((slug, client)): At<(String, Uuid)>,
    JsonBody(new): JsonBody<NewToken>,
) -> Result<Response, Failure> {
    let (by, _) = by.of_clients()?;
    let token = by.administration.create_token(client, &new).await?;
    Ok(created(&by, &slug, &token))
}

pub(crate) async fn show(
    by: Steward,
    At((_, client, id)): At<(String, Uuid, Uuid)>,
) -> Result<Json<TokenRecord>, Failure> {
    let (by, seen) = by.of_clients()?;
    Ok(Json(by.administration.token(client, id, seen.as_ref()).await?))
}

pub(crate) async fn rotate(
    by: Steward,
    At((slug, client, id)): At<(String, Uuid, Uuid)>,
    JsonBody(rotation): JsonBody<Rotation>,
) -> Result<Response, Failure> {
    let (by, seen) = by.of_clients()?;
    let token = by.administration.rotate(Some((client, seen.as_ref())), id, &rotation).await?;
    by.felt();
    Ok(created(&by, &slug, &token))
}

pub(crate) async fn revoke(by: Steward, At((_, client, id)): At<(String, Uuid, Uuid)>) -> Result<StatusCode, Failure> {
    let (by, seen) = by.of_clients()?;
    by.administration.revoke(Some((client, seen.as_ref())), id).await?;
    by.felt();
    Ok(StatusCode::NO_CONTENT)
}

fn created(by: &Administrator, slug: &str, token: &Issued) -> Response {
    let (client, id) = (token.record.client, token.record.id);
    let location = format!("{}/t/{slug}/api/v1/clients/{client}/tokens/{id}", by.app.public_url);
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(issued(token))).into_response()
}
