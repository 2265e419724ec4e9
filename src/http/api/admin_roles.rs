//! `/t/{tenant}/api/v1/admin-roles`: who looks after what.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Json, Response},
};
use rights::administration::{Action, Role};
use serde::Deserialize;
use serde_json::Value;
use store::RoleFilter;
use uuid::Uuid;

use crate::{
    administration::{AdminRoleRecord, NewAdminRole, Revocation},
    app::App,
    http::{
        api::{
            Steward,
            input::{At, JsonBody, Page},
            list as listed,
        },
        error::Failure,
    },
    wording::phrase,
};

/// Which roles are asked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    user: Option<Uuid>,
    role: Option<String>,
}

impl FromRequestParts<Arc<App>> for Wanted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let wanted: Result<Query<Self>, _> = Query::from_request_parts(parts, app).await;
        let wrong = |_| Failure::new(400, phrase("roles-wrong"));
        Ok(wanted.map_err(wrong)?.0)
    }
}

impl Wanted {
    fn filter(&self) -> Result<RoleFilter, Failure> {
        let wrong = || {
            let words = Role::ALL.map(Role::word).join(", ");
            Failure::new(400, phrase("parameter-among").with("name", "role").with("words", words))
        };
        let role = self.role.as_deref().map(|word| Role::from_word(word).ok_or_else(wrong)).transpose()?;
        Ok(RoleFilter { user: self.user, role })
    }
}

pub(crate) async fn list(by: Steward, wanted: Wanted, page: Page) -> Result<Json<Value>, Failure> {
    let (by, bounds) = by.may(Action::Audit)?;
    let found = by.administration.admin_roles(&wanted.filter()?, &bounds.reach, page.after()?, page.count()).await?;
    Ok(listed(found, |role| role.id.to_string()))
}

pub(crate) async fn give(
    by: Steward,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewAdminRole>,
) -> Result<Response, Failure> {
    let (by, _) = by.may(Action::Assign)?;
    let role = by.administration.give_admin_role(&by.directory().await?.catalog, &new).await?;
    let location = format!("{}/t/{slug}/api/v1/admin-roles/{}", by.app.public_url, role.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(role)).into_response())
}

pub(crate) async fn show(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Json<AdminRoleRecord>, Failure> {
    let (by, bounds) = by.reaching(Action::Audit);
    Ok(Json(by.administration.admin_role(id, &bounds.reach).await?))
}

pub(crate) async fn revoke(
    by: Steward,
    At((_, id)): At<(String, Uuid)>,
    JsonBody(revocation): JsonBody<Revocation>,
) -> Result<Json<AdminRoleRecord>, Failure> {
    let (by, bounds) = by.reaching(Action::Assign);
    Ok(Json(by.administration.end_admin_role(id, &bounds.reach, &revocation).await?))
}
