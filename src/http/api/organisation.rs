//! `/t/{tenant}/api/v1/organisation-units` and `/users/{user}/employments`: the organisation, and who works where.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Json, Response},
};
use rights::administration::Action;
use serde::Deserialize;
use serde_json::Value;
use store::{UnitFilter, UnitKind};
use uuid::Uuid;

use crate::{
    administration::{Here, NewUnit, UnitChange, UnitRecord},
    app::App,
    http::{
        api::{
            Steward,
            input::{At, IfMatch, JsonBody, Page},
            list as listed,
        },
        error::Failure,
    },
    wording::phrase,
};

/// Which nodes are asked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    parent: Option<Uuid>,
    kind: Option<String>,
    code: Option<String>,
}

impl FromRequestParts<Arc<App>> for Wanted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let wanted: Result<Query<Self>, _> = Query::from_request_parts(parts, app).await;
        let Query(wanted) = wanted.map_err(|_| Failure::new(400, phrase("units-wrong")))?;
        Ok(wanted)
    }
}

impl Wanted {
    fn filter(self) -> Result<UnitFilter, Failure> {
        let wrong = || {
            let kinds = UnitKind::ALL.map(UnitKind::word).join(", ");
            Failure::new(400, phrase("parameter-among").with("name", "kind").with("words", kinds))
        };
        let kind = self.kind.map(|kind| UnitKind::from_word(&kind).ok_or_else(wrong)).transpose()?;
        Ok(UnitFilter { parent: self.parent, kind, code: self.code })
    }
}

/// Which people are asked for.
#[derive(Deserialize)]
pub(crate) struct People {
    #[serde(default)]
    direct: bool,
    day: Option<String>,
}

impl FromRequestParts<Arc<App>> for People {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let people: Result<Query<Self>, _> = Query::from_request_parts(parts, app).await;
        let is_day = |people: &Self| people.day.as_deref().is_none_or(scim::employment::is_day);
        people
            .ok()
            .map(|Query(people)| people)
            .filter(is_day)
            .ok_or_else(|| Failure::new(400, phrase("unit-people-wrong")))
    }
}

pub(crate) async fn list(by: Steward, wanted: Wanted, page: Page) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    let units = by.administration.units(&wanted.filter()?, &bounds, page.after()?, page.count()).await?;
    Ok(listed(units, |unit| unit.id.to_string()))
}

pub(crate) async fn create(
    by: Steward,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewUnit>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Organisation)?;
    let catalog = by.directory().await?.catalog;
    let unit = by.administration.create_unit(&catalog, &new).await?;
    let location = format!("{}/t/{slug}/api/v1/organisation-units/{}", by.app.public_url, unit.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(unit)).into_response())
}

pub(crate) async fn show(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    Ok(tagged(by.administration.unit(id, &bounds).await?))
}

pub(crate) async fn change(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    IfMatch(versions): IfMatch,
    JsonBody(change): JsonBody<UnitChange>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Organisation)?;
    let catalog = by.directory().await?.catalog;
    Ok(tagged(by.administration.change_unit(&catalog, id, change, &versions).await?))
}

pub(crate) async fn delete(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    IfMatch(versions): IfMatch,
) -> Result<StatusCode, Failure> {
    let (by, _) = by.may(Action::Organisation)?;
    by.administration.delete_unit(id, &versions).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who works in a node.
pub(crate) async fn people(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    people: People,
    page: Page,
) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    let catalog = by.directory().await?.catalog;
    let here = Here { direct: people.direct, day: people.day };
    let people = by.administration.people_of_unit(&catalog, (id, &bounds), &here, page.after()?, page.count()).await?;
    Ok(listed(people, |person| person.id.to_string()))
}

/// What personnel systems name and nobody has made.
pub(crate) async fn unmatched(by: Steward, page: Page) -> Result<Json<Value>, Failure> {
    let by = by.may_everywhere(Action::See)?;
    let after: Option<String> = page.after()?;
    let units = by.administration.unmatched_units(after.as_deref(), page.count()).await?;
    Ok(listed(units, |unit| unit.code.clone()))
}

/// What a user works as.
pub(crate) async fn employments(
    by: Steward,
    At((_, user)): At<(String, Uuid)>,
    page: Page,
) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    let catalog = by.directory().await?.catalog;
    let employments = by.administration.employments(&catalog, (user, &bounds), page.after()?, page.count()).await?;
    Ok(listed(employments, |employment| employment.place.to_string()))
}

/// A node with the tag of its version. The names in it are those of others, and do not count.
fn tagged(unit: UnitRecord) -> Response {
    ([(header::ETAG, format!("W/\"{}\"", unit.version))], Json(unit)).into_response()
}
