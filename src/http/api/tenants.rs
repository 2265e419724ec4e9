//! `/api/v1/tenants`: whom the platform serves.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};
use store::Tenant;

use crate::{
    administration::{NewTenant, Reason, TenantRecord},
    http::{
        api::{
            Operator,
            input::{At, JsonBody, Page},
            issued, list as listed,
        },
        error::Failure,
    },
};

pub(crate) async fn list(by: Operator, page: Page) -> Result<Json<Value>, Failure> {
    let after: Option<String> = page.after()?;
    let tenants = by.platform.tenants(after.as_deref(), page.count()).await?;
    Ok(listed(tenants, |tenant| tenant.slug.clone()))
}

pub(crate) async fn create(by: Operator, JsonBody(new): JsonBody<NewTenant>) -> Result<Response, Failure> {
    let made = by.platform.create(&new).await?;
    let location = format!("{}/api/v1/tenants/{}", by.app.public_url, made.tenant.slug);
    let mut body = json!(made.tenant);
    if let Some(first) = &made.first {
        body["client"] = json!(first.client);
        body["token"] = issued(&first.token);
    }
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
}

pub(crate) async fn show(by: Operator, At(slug): At<String>) -> Result<Json<TenantRecord>, Failure> {
    Ok(Json(by.platform.find(&slug).await?.into()))
}

pub(crate) async fn suspend(
    by: Operator,
    At(slug): At<String>,
    JsonBody(reason): JsonBody<Reason>,
) -> Result<Json<TenantRecord>, Failure> {
    let tenant = by.platform.suspend(&slug, &reason).await?;
    Ok(felt(&by, tenant))
}

pub(crate) async fn resume(by: Operator, At(slug): At<String>) -> Result<Json<TenantRecord>, Failure> {
    let tenant = by.platform.resume(&slug).await?;
    Ok(felt(&by, tenant))
}

pub(crate) async fn archive(
    by: Operator,
    At(slug): At<String>,
    JsonBody(reason): JsonBody<Reason>,
) -> Result<Json<TenantRecord>, Failure> {
    let tenant = by.platform.archive(&slug, &reason).await?;
    Ok(felt(&by, tenant))
}

/// Makes a tenant's new state felt on this node at once.
fn felt(by: &Operator, tenant: Tenant) -> Json<TenantRecord> {
    by.app.authenticator.forget(tenant.id);
    Json(tenant.into())
}
