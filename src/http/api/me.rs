//! `/t/{tenant}/api/v1/me`: who somebody is here.

use axum::response::Json;

use crate::{
    access::Myself,
    http::{api::Person, error::Failure},
};

pub(crate) async fn show(by: Person) -> Result<Json<Myself>, Failure> {
    Ok(Json(by.access.myself().await?))
}
