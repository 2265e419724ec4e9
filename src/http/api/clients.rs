//! `/t/{tenant}/api/v1/clients`: the programs that call on behalf of a tenant.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{ClientChange, NewClient},
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
    let clients = by.administration.clients(page.after()?, page.count()).await?;
    Ok(listed(clients, |client| client.id.to_string()))
}

pub(crate) async fn create(
    by: Administrator,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewClient>,
) -> Result<Response, Failure> {
    let client = by.administration.create_client(&new).await?;
    let location = format!("{}/t/{slug}/api/v1/clients/{}", by.app.public_url, client.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], marked(client.tag(), client)).into_response())
}

pub(crate) async fn show(by: Administrator, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let client = by.administration.client(id).await?;
    Ok(marked(client.tag(), client))
}

pub(crate) async fn change(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(tags): MayMatch,
    JsonBody(change): JsonBody<ClientChange>,
) -> Result<Response, Failure> {
    let client = by.administration.change_client(id, &change, tags.as_ref()).await?;
    by.felt();
    Ok(marked(client.tag(), client))
}

pub(crate) async fn delete(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(tags): MayMatch,
) -> Result<StatusCode, Failure> {
    by.administration.delete_client(id, tags.as_ref()).await?;
    by.felt();
    Ok(StatusCode::NO_CONTENT)
}
