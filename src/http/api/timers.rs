//! `/t/{tenant}/api/v1/timers`: what has not happened yet by itself.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts, response::Json};
use rights::administration::Action;
use serde::Deserialize;
use serde_json::Value;
use store::TimerKind;
use uuid::Uuid;

use crate::{
    app::App,
    http::{
        api::{
            Steward,
            input::{PAGE, parameters},
            list as listed,
        },
        error::Failure,
    },
    wording::{Phrase, phrase},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    failed: Option<bool>,
    cursor: Option<String>,
    count: Option<u64>,
}

/// Which timers are asked for.
pub(crate) struct TimerSearch {
    failed: bool,
    after: Option<(Uuid, TimerKind)>,
    count: u64,
}

impl FromRequestParts<Arc<App>> for TimerSearch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        let invalid = |detail: Phrase| Failure::problem(400, "invalid", detail);
        let given: Parameters = parameters(parts, "failed, count, cursor")?;
        let count = given.count.unwrap_or(PAGE);
        if !(1..=PAGE).contains(&count) {
            return Err(invalid(phrase("count-within").with("most", PAGE)));
        }
        let wrong = || invalid(phrase("cursor-wrong"));
        let after = given.cursor.as_deref().map(|text| place(text).ok_or_else(wrong)).transpose()?;
        Ok(Self { failed: given.failed.unwrap_or(false), after, count })
    }
}

/// The object and the kind of the timer behind which it goes on.
fn place(text: &str) -> Option<(Uuid, TimerKind)> {
    let (object, kind) = text.split_once('.')?;
    Some((object.parse().ok()?, TimerKind::from_word(kind)?))
}

pub(crate) async fn list(by: Steward, search: TimerSearch) -> Result<Json<Value>, Failure> {
    let by = by.may_everywhere(Action::Audit)?;
    let found = by.administration.timers(search.failed, search.after, search.count).await?;
    Ok(listed(found, |timer| format!("{}.{}", timer.object, timer.kind)))
}
