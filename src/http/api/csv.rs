//! Tables for spreadsheets (RFC 4180): whole lists, made page by page as the client takes them.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use scim::schema::Catalog;
use store::Bounds;
use tokio::{sync::mpsc, time::timeout};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    administration::{Administration, Error, Holder, HoldingRecord, Slice},
    http::{
        api::archive::{AHEAD, STALL, Taken},
        error::Failure,
    },
};

/// How many rows are read at once.
const ROWS: u64 = 500;
const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";
const COLUMNS: [&str; 14] = [
    "user",
    "displayName",
    "application",
    "entitlement",
    "code",
    "name",
    "source",
    "state",
    "from",
    "until",
    "ended",
    "ending",
    "reason",
    "grant",
];

/// Who has or had what as a table.
pub(super) async fn holdings(
    administration: Administration,
    catalog: Arc<Catalog>,
    (of, bounds): (Holder, Bounds),
    at: i64,
) -> Result<Response, Failure> {
    // What is wrong with the question is told before anything is sent.
    let first = administration.holdings(&catalog, (of, &bounds), at, None, ROWS).await?;
    let (rows, taken) = mpsc::channel(AHEAD);
    let next = async move |after| administration.holdings(&catalog, (of, &bounds), at, after, ROWS).await;
    tokio::spawn(send(first, next, rows).in_current_span());
    let headers =
        [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CONTENT_DISPOSITION, "attachment; filename=\"holdings.csv\"")];
    Ok((headers, Body::new(Taken::of(taken))).into_response())
}

/// Hands pages out as they are taken. What the client does not take in time is not waited for.
async fn send<N>(mut page: Slice<HoldingRecord>, next: N, rows: mpsc::Sender<Option<Bytes>>)
where
    N: AsyncFn(Option<(Uuid, Uuid)>) -> Result<Slice<HoldingRecord>, Error>,
{
    let mut is_first = true;
    loop {
        let text = match table(&page.items, is_first) {
            Ok(text) => text,
            Err(error) => return tracing::error!(%error, "a table broke off"),
        };
        is_first = false;
        if !matches!(timeout(STALL, rows.send(Some(text.into()))).await, Ok(Ok(()))) {
            return;
        }
        let Some(last) = page.items.last().filter(|_| page.has_more) else { break };
        page = match next(Some((last.grant.entitlement, last.grant.id))).await {
            Ok(page) => page,
            Err(error) => return tracing::error!(%error, "a table broke off"),
        };
    }
    let _ = timeout(STALL, rows.send(None)).await;
}

/// Some rows, with the names of the columns above the first ones.
fn table(holdings: &[HoldingRecord], has_head: bool) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if has_head {
        writer.write_record(COLUMNS)?;
    }
    for holding in holdings {
        writer.write_record(row(holding).map(harmless))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn row(holding: &HoldingRecord) -> [String; 14] {
    let HoldingRecord { display_name, application, code, names, grant } = holding;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        grant.user.to_string(),
        text(display_name),
        application.map(|id| id.to_string()).unwrap_or_default(),
        grant.entitlement.to_string(),
        text(code),
        names.as_ref().and_then(|names| names.lv.clone().or_else(|| names.en.clone())).unwrap_or_default(),
        grant.source.to_owned(),
        grant.state.to_owned(),
        grant.from.clone(),
        text(&grant.until),
        text(&grant.ended),
        grant.ending.unwrap_or_default().to_owned(),
        text(&grant.given.reason),
        grant.id.to_string(),
    ]
}

/// What a spreadsheet would take for a formula, people have written: it is shown as text.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        assert_eq!(harmless("=HYPERLINK(1)".to_owned()), "'=HYPERLINK(1)");
        assert_eq!(harmless("Anna".to_owned()), "Anna");
    }
}
