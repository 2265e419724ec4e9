//! `/t/{tenant}/api/v1/emergencies`: access that people take in emergencies, and what comes of looking at it.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Json, Response},
};
use serde::Deserialize;
use serde_json::Value;
use store::{EMERGENCY_STATES, EmergencyFilter};
use uuid::Uuid;

use crate::{
    access::{EmergencyRecord, NewEmergency, NewEmergencyReview},
    app::App,
    http::{
        api::{
            Overseer, Person,
            input::{At, JsonBody, MayMatch, Page, parameters},
            list as listed, tagged,
        },
        error::Failure,
    },
    wording::phrase,
};

/// Which ones are asked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    user: Option<Uuid>,
    state: Option<String>,
}

impl FromRequestParts<Arc<App>> for Wanted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        parameters(parts, "user, state, count, cursor")
    }
}

impl Wanted {
    fn filter(&self) -> Result<EmergencyFilter, Failure> {
        let word = |word: &String| EMERGENCY_STATES.into_iter().find(|state| state == word);
        let wrong = || {
            Failure::new(
                400,
                phrase("parameter-among").with("name", "state").with("words", EMERGENCY_STATES.join(", ")),
            )
        };
        let state = self.state.as_ref().map(|state| word(state).ok_or_else(wrong)).transpose()?;
        Ok(EmergencyFilter { user: self.user, state, sees: None })
    }
}

pub(crate) async fn list(by: Overseer, wanted: Wanted, page: Page) -> Result<Json<Value>, Failure> {
    let found = by.sight.emergencies(wanted.filter()?, page.after()?, page.count()).await?;
    Ok(listed(found, |emergency| emergency.id.to_string()))
}

pub(crate) async fn open(
    by: Person,
    At(slug): At<String>,
    JsonBody(new): JsonBody<NewEmergency>,
) -> Result<Response, Failure> {
    let made = by.access.open_emergency(&new).await?;
    let location = format!("{}/t/{slug}/api/v1/emergencies/{}", by.app.public_url, made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(made.version, made)).into_response())
}

pub(crate) async fn show(by: Overseer, At((_, id)): At<(String, Uuid)>) -> Result<Response, Failure> {
    Ok(answer(by.sight.emergency(id).await?))
}

pub(crate) async fn review(
    by: Person,
    At((_, id)): At<(String, Uuid)>,
    MayMatch(versions): MayMatch,
    JsonBody(new): JsonBody<NewEmergencyReview>,
) -> Result<Response, Failure> {
    Ok(answer(by.access.review_emergency(id, &new, versions.as_ref()).await?))
}

fn answer(emergency: EmergencyRecord) -> Response {
    tagged(emergency.version, emergency)
}
