//! `/t/{tenant}/api/v1/settings`: how a tenant is served.

use axum::response::Json;
use store::TenantSettings;

use crate::{
    http::{
        api::{Administrator, input::JsonBody},
        error::Failure,
    },
    provisioning::SettingsChange,
};

pub(crate) async fn show(by: Administrator) -> Result<Json<TenantSettings>, Failure> {
    Ok(Json(by.directory().await?.settings().await?))
}

pub(crate) async fn change(
    by: Administrator,
    JsonBody(change): JsonBody<SettingsChange>,
) -> Result<Json<TenantSettings>, Failure> {
    Ok(Json(by.directory().await?.change_settings(change).await?))
}
