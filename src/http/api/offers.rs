//! `/t/{tenant}/api/v1/offers`: what somebody may ask for.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::OfferSearch,
    app::App,
    http::{
        api::{
            Person, in_language,
            input::{AcceptLanguage, Page},
            list as listed,
        },
        error::Failure,
    },
    wording::phrase,
};

/// The longest text that is looked for, in characters.
const LONGEST: usize = 200;

/// What is asked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    subject: Option<Uuid>,
    application: Option<Uuid>,
    q: Option<String>,
}

impl FromRequestParts<Arc<App>> for Wanted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let wanted: Result<Query<Self>, _> = Query::from_request_parts(parts, app).await;
        let is_short = |wanted: &Self| wanted.q.as_deref().is_none_or(|text| text.chars().count() <= LONGEST);
        wanted
            .ok()
            .map(|Query(wanted)| wanted)
            .filter(is_short)
            .ok_or_else(|| Failure::new(400, phrase("offers-wrong").with("most", LONGEST)))
    }
}

pub(crate) async fn list(
    by: Person,
    wanted: Wanted,
    language: AcceptLanguage,
    page: Page,
) -> Result<Response, Failure> {
    let language = by.language(&language).await?;
    let text = wanted.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let search = OfferSearch { subject: wanted.subject, application: wanted.application, text };
    let found = by.access.offers(&search, language, page.after()?, page.count()).await?;
    Ok((in_language(language), listed(found, |offer| offer.entitlement.to_string())).into_response())
}
