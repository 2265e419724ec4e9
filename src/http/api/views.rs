//! `/t/{tenant}/api/v1/me/views`, `/me/holdings`, `/users/{user}/views` and `/users/{user}/standing`: what people are told of
//! themselves, and their administrators of them.

use axum::response::Json;
use rights::administration::Action;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{HoldingRecord, StandingRecord},
    clock,
    http::{
        api::{
            Person, Steward,
            grants::OwnHoldings,
            input::{At, Page},
            list as listed,
        },
        error::Failure,
    },
};

pub(crate) async fn holdings(by: Person, search: OwnHoldings) -> Result<Json<Value>, Failure> {
    let at = search.at.unwrap_or_else(|| by.app.clock.now());
    let found = by.access.holdings(search.subject, (at, search.after), search.count).await?;
    let cursor = |holding: &HoldingRecord| format!("{}.{}", holding.grant.entitlement, holding.grant.id);
    let Json(mut answer) = listed(found, cursor);
    answer["at"] = clock::timestamp(at).into();
    Ok(Json(answer))
}

pub(crate) async fn mine(by: Person, page: Page) -> Result<Json<Value>, Failure> {
    let found = by.access.views(page.after()?, page.count()).await?;
    Ok(listed(found, |view| view.id.to_string()))
}

pub(crate) async fn standing(by: Steward, At((_, user)): At<(String, Uuid)>) -> Result<Json<StandingRecord>, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    let catalog = by.directory().await?.catalog;
    Ok(Json(by.administration.standing(&catalog, user, &bounds).await?))
}

pub(crate) async fn of_user(
    by: Steward,
    At((_, user)): At<(String, Uuid)>,
    page: Page,
) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::Audit)?;
    let found = by.administration.views((user, &bounds), page.after()?, page.count()).await?;
    Ok(listed(found, |view| view.id.to_string()))
}
