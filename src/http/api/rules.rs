//! `/t/{tenant}/api/v1/approval-policies`, `/sod-rules` and `/birthright-rules`: rules about access rights, each kind alike.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use rights::administration::Action;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    administration::{DryRunRecord, RuleRecord, RuleWish, RunRecord, RunWish},
    http::{
        api::{
            Administrator, Steward,
            input::{At, IfMatch, JsonBody, Page},
            list as listed,
        },
        error::Failure,
    },
};

pub(crate) async fn list<W: RuleWish>(by: Steward, page: Page) -> Result<Json<Value>, Failure> {
    let by = by.may_everywhere(Action::SeeCatalogue)?;
    let found = by.administration.rules::<W>(page.after()?, page.count()).await?;
    Ok(listed(found, |rule| rule.id.to_string()))
}

pub(crate) async fn create<W: RuleWish>(
    by: Administrator,
    At(slug): At<String>,
    JsonBody(new): JsonBody<W>,
) -> Result<Response, Failure> {
    let catalog = by.directory().await?.catalog;
    let rule = by.administration.create_rule(&catalog, &new).await?;
    by.served_anew();
    let location = format!("{}/t/{slug}/api/v1/{}/{}", by.app.public_url, W::PATH, rule.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(rule)).into_response())
}

pub(crate) async fn show<W: RuleWish>(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    let by = by.may_everywhere(Action::SeeCatalogue)?;
    Ok(tagged(by.administration.rule::<W>(id).await?))
}

pub(crate) async fn replace<W: RuleWish>(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    IfMatch(versions): IfMatch,
    JsonBody(wish): JsonBody<W>,
) -> Result<Response, Failure> {
    let catalog = by.directory().await?.catalog;
    let rule = by.administration.replace_rule(&catalog, id, &wish, &versions).await?;
    by.served_anew();
    Ok(tagged(rule))
}

pub(crate) async fn delete<W: RuleWish>(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    IfMatch(versions): IfMatch,
) -> Result<StatusCode, Failure> {
    by.administration.delete_rule::<W>(id, &versions).await?;
    by.served_anew();
    Ok(StatusCode::NO_CONTENT)
}

/// What a birthright rule would change.
pub(crate) async fn dry_run(
    by: Administrator,
    At((_, id)): At<(String, Uuid)>,
    JsonBody(wish): JsonBody<RunWish>,
) -> Result<Json<DryRunRecord>, Failure> {
    let catalog = by.directory().await?.catalog;
    Ok(Json(by.administration.foresee_birthright(&catalog, id, wish).await?))
}

/// Lets everybody have what birthright rules say.
pub(crate) async fn run(by: Administrator, JsonBody(wish): JsonBody<RunWish>) -> Result<Json<RunRecord>, Failure> {
    let catalog = by.directory().await?.catalog;
    Ok(Json(by.administration.run_birthrights(&catalog, wish).await?))
}

/// A rule with the tag of its version.
fn tagged<W: RuleWish>(rule: RuleRecord<W>) -> Response {
    ([(header::ETAG, format!("W/\"{}\"", rule.version))], Json(rule)).into_response()
}
