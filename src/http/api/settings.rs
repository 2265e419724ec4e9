//! `/t/{tenant}/api/v1/settings`: how a tenant is served.

use axum::response::Response;
use store::TenantSettings;

use crate::{
    http::{
        api::{
            Administrator,
            input::{JsonBody, MayMatch},
            marked,
        },
        error::Failure,
    },
    provisioning::{SettingsChange, digest_tag, shown_settings},
};

pub(crate) async fn show(by: Administrator) -> Result<Response, Failure> {
    let settings = by.directory().await?.settings().await?;
    Ok(answer(&by, &settings))
}

pub(crate) async fn change(
    by: Administrator,
    MayMatch(tags): MayMatch,
    JsonBody(change): JsonBody<SettingsChange>,
) -> Result<Response, Failure> {
    let settings = by.directory().await?.change_settings(change, tags.as_ref()).await?;
    Ok(answer(&by, &settings))
}

fn answer(by: &Administrator, settings: &TenantSettings) -> Response {
    marked(digest_tag(settings), shown_settings(settings, by.app.clock.now()))
}
