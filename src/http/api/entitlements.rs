//! `/t/{tenant}/api/v1/applications/{application}/entitlements`: groups that people are in by grants.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use rights::administration::Action;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{EntitlementChange, EntitlementRecord, NewEntitlement},
    http::{
        api::{
            Steward,
            input::{At, JsonBody, Page},
            list as listed,
        },
        error::Failure,
    },
};

pub(crate) async fn list(
    by: Steward,
    At((_, application)): At<(String, Uuid)>,
    page: Page,
) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::SeeCatalogue)?;
    let found = by.administration.entitlements(Some((application, &bounds)), page.after()?, page.count()).await?;
    Ok(listed(found, |entitlement| entitlement.group.to_string()))
}

pub(crate) async fn create(
    by: Steward,
    At((slug, application)): At<(String, Uuid)>,
    JsonBody(new): JsonBody<NewEntitlement>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Catalogue)?;
    let catalog = by.directory().await?.catalog;
    let (made, _) = by.administration.create_entitlement(&catalog, application, &new).await?;
    let place = format!("{}/t/{slug}/api/v1/applications/{application}/entitlements", by.app.public_url);
    let location = format!("{place}/{}", made.group);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(made)).into_response())
}

pub(crate) async fn show(
    by: Steward,
    At((_, application, group)): At<(String, Uuid, Uuid)>,
) -> Result<Json<EntitlementRecord>, Failure> {
    let (by, bounds) = by.may(Action::SeeCatalogue)?;
    Ok(Json(by.administration.entitlement(application, group, &bounds).await?))
}

pub(crate) async fn change(
    by: Steward,
    At((_, application, group)): At<(String, Uuid, Uuid)>,
    JsonBody(change): JsonBody<EntitlementChange>,
) -> Result<Json<EntitlementRecord>, Failure> {
    let (by, _) = by.may(Action::Catalogue)?;
    let catalog = by.directory().await?.catalog;
    Ok(Json(by.administration.change_entitlement(&catalog, application, group, change).await?))
}

pub(crate) async fn delete(
    by: Steward,
    At((_, application, group)): At<(String, Uuid, Uuid)>,
) -> Result<StatusCode, Failure> {
    let (by, _) = by.may(Action::Catalogue)?;
    let catalog = by.directory().await?.catalog;
    by.administration.delete_entitlement(&catalog, application, group).await?;
    Ok(StatusCode::NO_CONTENT)
}
