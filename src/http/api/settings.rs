//! `/t/{tenant}/api/v1/settings`: how a tenant is served.

use axum::response::Json;
use serde_json::Value;

use crate::{
    http::{
        api::{Administrator, input::JsonBody},
        error::Failure,
    },
    provisioning::{SettingsChange, shown_settings},
};

pub(crate) async fn show(by: Administrator) -> Result<Json<Value>, Failure> {
    let settings = by.directory().await?.settings().await?;
    Ok(Json(shown_settings(&settings, by.app.clock.now())))
}

pub(crate) async fn change(
    by: Administrator,
    JsonBody(change): JsonBody<SettingsChange>,
) -> Result<Json<Value>, Failure> {
    let settings = by.directory().await?.change_settings(change).await?;
    Ok(Json(shown_settings(&settings, by.app.clock.now())))
}
