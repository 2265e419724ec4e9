//! `/t/{tenant}/api/v1/applications`: the programs for people that read who belongs to their groups.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use rights::administration::Action;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{ApplicationChange, NewApplication},
    http::{
        api::{
            Administrator, Steward,
            input::{At, JsonBody, MayMatch, Page},
            list as listed, tagged,
        },
        error::Failure,
    },
};

pub(crate) async fn list(by: Steward, page: Page) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::SeeCatalogue)?;
    let applications = by.administration.applications(&bounds, page.after()?, page.count()).await?;
    Ok(listed(applications, |application| application.id.to_string()))
}

pub(crate) async fn create(
    by: Steward,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewApplication>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Catalogue)?;
    let service = by.directory().await?.service;
    let application = by.administration.create_application(&service, &new).await?;
    let location = format!("{}/t/{slug}/api/v1/applications/{}", by.app.public_url, application.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(application.version, application)).into_response())
}

pub(crate) async fn show(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let (by, bounds) = by.may(Action::SeeCatalogue)?;
    let found = by.administration.application(id, &bounds).await?;
    Ok(tagged(found.version, found))
}

pub(crate) async fn change(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(change): JsonBody<ApplicationChange>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Catalogue)?;
    let service = by.directory().await?.service;
    let application = by.administration.change_application(&service, id, change, versions.as_ref()).await?;
    by.felt();
    Ok(tagged(application.version, application))
}

pub(crate) async fn delete(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
) -> Result<StatusCode, Failure> {
    let (by, _) = by.may(Action::Catalogue)?;
    by.administration.delete_application(id, versions.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which groups it has.
pub(crate) mod groups {
    use super::{Action, Administrator, At, Failure, Json, Page, StatusCode, Steward, Uuid, Value, listed};

    pub(crate) async fn list(by: Steward, At((_, id)): At<(String, Uuid)>, page: Page) -> Result<Json<Value>, Failure> {
        let (by, bounds) = by.may(Action::SeeCatalogue)?;
        let groups = by.administration.application_groups((id, &bounds), page.after()?, page.count()).await?;
        Ok(listed(groups, |group| group.id.to_string()))
    }

    pub(crate) async fn assign(
        by: Administrator,
        At((_, id, group)): At<(String, Uuid, Uuid)>,
    ) -> Result<StatusCode, Failure> {
        let catalog = by.directory().await?.catalog;
        by.administration.assign_group(&catalog, id, group).await?;
        Ok(StatusCode::NO_CONTENT)
    }

    pub(crate) async fn unassign(
        by: Steward,
        At((_, id, group)): At<(String, Uuid, Uuid)>,
    ) -> Result<StatusCode, Failure> {
        let (by, _) = by.may(Action::Catalogue)?;
        by.administration.unassign_group(id, group).await?;
        Ok(StatusCode::NO_CONTENT)
    }
}
