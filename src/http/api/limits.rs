//! `/t/{tenant}/api/v1/limits`: how fast the tenant's clients may ask this node.

use axum::response::Json;
use serde::Serialize;

use crate::{
    admission::Rate,
    http::{api::Administrator, error::Failure},
};

/// What applies. What is not limited is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_per_second: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    burst: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_requests_per_second: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_burst: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failures_per_minute: Option<u32>,
}

pub(crate) async fn show(by: Administrator) -> Result<Json<Limits>, Failure> {
    let pace = by.app.pace(by.caller.tenant()).await?;
    let burst = |rate: Option<u32>| rate.map(|rate| Rate::per_second(rate).burst);
    Ok(Json(Limits {
        requests_per_second: pace.tenant,
        burst: burst(pace.tenant),
        client_requests_per_second: pace.client,
        client_burst: burst(pace.client),
        failures_per_minute: by.app.settings.failures_per_minute,
    }))
}
