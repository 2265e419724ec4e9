//! `/t/{tenant}/api/v1/calls`: what clients asked of the tenant's SCIM endpoint, and what came of it.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts, response::Json};
use rights::administration::Action;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::App,
    calls::{CallRecord, Log, MOST, Wanted},
    clock,
    http::{
        api::{
            Administrator, Steward,
            input::{At, parameters},
        },
        error::Failure,
    },
    wording::{Phrase, phrase},
};

/// Which calls are asked for, and which part of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameters {
    client: Option<Uuid>,
    route: Option<String>,
    method: Option<String>,
    status: Option<String>,
    since: Option<String>,
    until: Option<String>,
    request_id: Option<String>,
    text: Option<String>,
    cursor: Option<String>,
    count: Option<u64>,
}

pub(crate) struct Search {
    wanted: Wanted,
    cursor: Option<String>,
    count: u64,
}

impl FromRequestParts<Arc<App>> for Search {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        let names = "client, route, method, status, since, until, requestId, text, count, cursor";
        let given: Parameters = parameters(parts, names)?;
        let count = given.count.unwrap_or(MOST);
        if !(1..=MOST).contains(&count) {
            return Err(invalid(phrase("count-within").with("most", MOST)));
        }
        let wanted = Wanted {
            client: given.client,
            method: given.method,
            route: given.route,
            status: given.status,
            request: given.request_id,
            text: given.text,
            since: instant("since", given.since.as_deref())?,
            until: instant("until", given.until.as_deref())?,
        };
        Ok(Self { wanted, cursor: given.cursor, count })
    }
}

fn instant(name: &str, text: Option<&str>) -> Result<Option<i64>, Failure> {
    let wrong = || invalid(phrase("parameter-instant").with("name", name));
    text.map(|text| clock::instant(text).ok_or_else(wrong)).transpose()
}

fn invalid(detail: Phrase) -> Failure {
    Failure::problem(400, "invalid", detail)
}

pub(crate) async fn list(by: Steward, search: Search) -> Result<Json<Value>, Failure> {
    let by = by.may_everywhere(Action::Audit)?;
    let (items, next) = log(&by).page(&search.wanted, search.count, search.cursor.as_deref()).await?;
    let mut list = json!({ "items": items });
    if let Some(next) = next {
        list["nextCursor"] = next.into();
    }
    Ok(Json(list))
}

pub(crate) async fn show(by: Steward, At((_, id)): At<(String, Uuid)>) -> Result<Json<CallRecord>, Failure> {
    let by = by.may_everywhere(Action::Audit)?;
    Ok(Json(log(&by).call(id).await?))
}

fn log(by: &Administrator) -> Log {
    Log { data: by.administration.data.clone(), cursors: by.app.cursors.clone() }
}
