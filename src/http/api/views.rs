//! `/t/{tenant}/api/v1/me/views` and `/users/{user}/views`: who looked at whose data.

use axum::response::Json;
use serde_json::Value;
use uuid::Uuid;

use crate::http::{
    api::{
        Administrator, Person,
        input::{At, Page},
        list as listed,
    },
    error::Failure,
};

pub(crate) async fn mine(by: Person, page: Page) -> Result<Json<Value>, Failure> {
    let found = by.access.views(page.after()?, page.count()).await?;
    Ok(listed(found, |view| view.id.to_string()))
}

pub(crate) async fn of_user(
    by: Administrator,
    At((_, user)): At<(String, Uuid)>,
    page: Page,
) -> Result<Json<Value>, Failure> {
    let found = by.administration.views(user, page.after()?, page.count()).await?;
    Ok(listed(found, |view| view.id.to_string()))
}
