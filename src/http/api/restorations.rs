//! `/t/{tenant}/api/v1/restorations`: giving back what a client took away.

use std::time::Duration;

use axum::response::Json;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Stretch;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    administration::Fault,
    clock,
    http::{
        api::{Administrator, input::JsonBody},
        error::Failure,
    },
    provisioning::{Place, Reach, Report, Restoration},
    wording::phrase,
};

/// How long one call goes on before it says how far it has come.
const BUDGET: Duration = Duration::from_secs(20);

/// What is to be given back.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wish {
    client_id: Uuid,
    from: String,
    until: String,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    cursor: Option<String>,
}

pub(crate) async fn create(by: Administrator, JsonBody(wish): JsonBody<Wish>) -> Result<Json<Value>, Failure> {
    let after = wish.cursor.as_deref().map(str::parse).transpose();
    let wrong = |name: &str, key: &'static str| Fault::new(format!("/{name}"), phrase(key));
    let instant = |name, text: &str| clock::instant(text).ok_or_else(|| wrong(name, "must-be-instant"));
    let after: Result<Option<Place>, Fault> = after.map_err(|()| wrong("cursor", "must-be-cursor"));
    let (from, until, after) = match (instant("from", &wish.from), instant("until", &wish.until), after) {
        (Ok(from), Ok(until), Ok(after)) => (from, until, after),
        (from, until, after) => {
            let faults = [from.err(), until.err(), after.err()];
            return Err(Failure::invalid(faults.into_iter().flatten().collect()));
        }
    };
    by.may_change()?;
    let stretch = Stretch { client: wish.client_id, from, until };
    let reach = Reach { after, end: Some(Instant::now() + BUDGET) };
    let restoration = Restoration { stretch, dry: wish.dry_run };
    let report = by.directory().await?.restore(&restoration, reach, |_| {}).await?;
    Ok(Json(shown(&restoration, &report)))
}

fn shown(wish: &Restoration, report: &Report) -> Value {
    let mut shown = json!({
        "clientId": wish.stretch.client,
        "from": clock::timestamp(wish.stretch.from),
        "until": clock::timestamp(wish.stretch.until),
        "dryRun": wish.dry,
        "complete": report.next.is_none(),
        "restored": report.given,
        "items": report.items,
        "conflictCount": report.conflicts,
        "conflicts": report.conflicting,
    });
    // A dry run knows of what would be back by then only in one go.
    if let Some(next) = report.next.filter(|_| !wish.dry) {
        shown["nextCursor"] = next.to_string().into();
    }
    shown
}
