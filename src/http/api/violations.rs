//! `/t/{tenant}/api/v1/sod-violations`, `/sod-rules/{rule}/impact` and `/exceptions`: who holds together what nobody should.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::{Json, Response},
};
use rights::administration::Action;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{VIOLATION_STATES, ViolationFilter};
use uuid::Uuid;

use crate::{
    administration::{ForeseenException, NewException, Remedy, ViolationRecord},
    app::App,
    http::{
        api::{
            Administrator, Steward,
            input::{At, JsonBody, MayMatch, Page},
            list as listed, tagged,
        },
        error::Failure,
    },
    wording::phrase,
};

/// Which conflicts are asked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    user: Option<Uuid>,
    rule: Option<Uuid>,
    state: Option<String>,
}

impl FromRequestParts<Arc<App>> for Wanted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let wanted: Result<Query<Self>, _> = Query::from_request_parts(parts, app).await;
        let Query(wanted) = wanted.map_err(|_| Failure::new(400, phrase("violations-wrong")))?;
        Ok(wanted)
    }
}

impl Wanted {
    fn filter(&self) -> Result<ViolationFilter, Failure> {
        let word = |word: &String| VIOLATION_STATES.into_iter().find(|state| state == word);
        let among = phrase("parameter-among").with("name", "state").with("words", VIOLATION_STATES.join(", "));
        let wrong = || Failure::new(400, among.clone());
        let state = self.state.as_ref().map(|state| word(state).ok_or_else(wrong)).transpose()?;
        Ok(ViolationFilter { user: self.user, rule: self.rule, state })
    }
}

pub(crate) async fn list(by: Steward, wanted: Wanted, page: Page) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    let found = by.administration.violations(&wanted.filter()?, &bounds, page.after()?, page.count()).await?;
    Ok(listed(found, |violation| violation.id.to_string()))
}

pub(crate) async fn show(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let (by, bounds) = by.may(Action::See)?;
    Ok(answer(by.administration.violation(id, &bounds).await?))
}

pub(crate) async fn except(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(new): JsonBody<NewException>,
) -> Result<Response, Failure> {
    Ok(answer(by.administration.except(id, &new, versions.as_ref()).await?))
}

/// Allows what is not there yet.
pub(crate) async fn except_beforehand(
    by: Administrator,
    At((_, rule)): At<(String, Uuid)>,
    JsonBody(new): JsonBody<ForeseenException>,
) -> Result<Response, Failure> {
    let catalog = by.directory().await?.catalog;
    Ok(answer(by.administration.except_beforehand(&catalog, rule, &new).await?))
}

pub(crate) async fn withdraw(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
) -> Result<Response, Failure> {
    Ok(answer(by.administration.withdraw_exception(id, versions.as_ref()).await?))
}

pub(crate) async fn remedy(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(remedy): JsonBody<Remedy>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Revoke)?;
    let catalog = by.directory().await?.catalog;
    Ok(answer(by.administration.remedy(&catalog, id, &remedy, versions.as_ref()).await?))
}

/// Whom a rule finds, or would find if it counted.
pub(crate) async fn impact(by: Steward, At((_, rule)): At<(String, Uuid)>, page: Page) -> Result<Json<Value>, Failure> {
    let by = by.may_everywhere(Action::See)?;
    let (items, next) = by.administration.impact(rule, page.after()?, page.count()).await?;
    let mut list = json!({ "items": items });
    if let Some(next) = next {
        list["nextCursor"] = next.to_string().into();
    }
    Ok(Json(list))
}

fn answer(violation: ViolationRecord) -> Response {
    tagged(violation.version, violation)
}
