//! `/t/{tenant}/api/v1/clients`: the programs that call on behalf of a tenant. Whoever looks after an application has those that read
//! for it.

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
            Steward,
            input::{At, JsonBody, MayMatch, Page},
            list as listed, marked,
        },
        error::Failure,
    },
};

pub(crate) async fn list(by: Steward, page: Page) -> Result<Json<Value>, Failure> {
    let (by, seen) = by.of_clients()?;
    let clients = by.administration.clients(seen.as_ref(), page.after()?, page.count()).await?;
    Ok(listed(clients, |client| client.id.to_string()))
}

pub(crate) async fn create(
    by: Steward,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewClient>,
) -> Result<Response, Failure> {
    let (by, _) = by.of_clients()?;
    let client = by.administration.create_client(&new).await?;
    let location = format!("{}/t/{slug}/api/v1/clients/{}", by.app.public_url, client.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], marked(client.tag(), client)).into_response())
}

pub(crate) async fn show(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let (by, seen) = by.of_clients()?;
    let client = by.administration.client(id, seen.as_ref()).await?;
    Ok(marked(client.tag(), client))
}

pub(crate) async fn change(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(tags): MayMatch,
    JsonBody(change): JsonBody<ClientChange>,
) -> Result<Response, Failure> {
    let (by, _) = by.of_clients()?;
    let client = by.administration.change_client(id, &change, tags.as_ref()).await?;
    by.felt();
    Ok(marked(client.tag(), client))
}

pub(crate) async fn delete(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(tags): MayMatch,
) -> Result<StatusCode, Failure> {
    let (by, _) = by.of_clients()?;
    by.administration.delete_client(id, tags.as_ref()).await?;
    by.felt();
    Ok(StatusCode::NO_CONTENT)
}
