//! `/t/{tenant}/api/v1/applications/{application}/entitlements`: groups that people are in by grants.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use rights::administration::Action;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{EntitlementChange, NewEntitlement},
    http::{
        api::{
            Steward,
            input::{At, JsonBody, MayMatch, Page},
            list as listed, tagged,
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
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(made.version, made)).into_response())
}

pub(crate) async fn show(
    by: Steward,
    At((_, application, group)): At<(String, Uuid, Uuid)>,
) -> Result<Response, Failure> {
    let (by, bounds) = by.may(Action::SeeCatalogue)?;
    let found = by.administration.entitlement(application, group, &bounds).await?;
    Ok(tagged(found.version, found))
}

pub(crate) async fn change(
    by: Steward,
    At((_, application, group)): At<(String, Uuid, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(change): JsonBody<EntitlementChange>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Catalogue)?;
    let catalog = by.directory().await?.catalog;
    let place = (application, group);
    let changed = by.administration.change_entitlement(&catalog, place, change, versions.as_ref()).await?;
    Ok(tagged(changed.version, changed))
}

pub(crate) async fn delete(
    by: Steward,
    At((_, application, group)): At<(String, Uuid, Uuid)>,
    MayMatch(versions): MayMatch,
) -> Result<StatusCode, Failure> {
    let (by, _) = by.may(Action::Catalogue)?;
    let catalog = by.directory().await?.catalog;
    by.administration.delete_entitlement(&catalog, (application, group), versions.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
