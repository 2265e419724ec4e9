//! `/t/{tenant}/api/v1/export`: the whole tenant, line by line as the client takes it.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, Query},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use hyper::body::Frame;
use serde::Deserialize;
use store::{TenantId, archive::Contents};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tracing::Instrument;

use crate::{
    administration::Export,
    admission::Place,
    app::App,
    http::{api::Administrator, error::Failure},
    wording::phrase,
};

const MEDIA_TYPE: &str = "application/jsonl";
/// How long a client may take nothing.
pub(super) const STALL: Duration = Duration::from_secs(30);
/// How long an export may last: as long the database keeps what others overwrite.
const LONGEST: Duration = Duration::from_hours(1);
/// How many pages are ready before the client takes them.
pub(super) const AHEAD: usize = 2;

/// What is wanted of the tenant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    events: Option<bool>,
}

pub(crate) struct Wanted(Contents);

impl FromRequestParts<Arc<App>> for Wanted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let read: Result<Query<Parameters>, _> = Query::from_request_parts(parts, app).await;
        let Ok(Query(given)) = read else {
            return Err(Failure::new(400, phrase("events-wrong")));
        };
        // Hashes of passwords and of tokens leave by the command line alone.
        Ok(Self(Contents { passwords: false, credentials: false, events: given.events.unwrap_or(true) }))
    }
}

pub(crate) async fn export(by: Administrator, Wanted(contents): Wanted) -> Result<Response, Failure> {
    let Some(place) = by.app.exports.take(by.caller.tenant()) else {
        return Err(Failure::new(503, phrase("export-runs")).with(header::RETRY_AFTER, "60"));
    };
    let export = by.administration.export(contents).await?;
    let slug = by.caller.slug().to_owned();
    let name = format!("attachment; filename=\"{slug}.jsonl\"");
    let (lines, taken) = mpsc::channel(AHEAD);
    tokio::spawn(send(export, lines, place, slug).in_current_span());
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, Body::new(Taken::of(taken))).into_response())
}

/// Hands pages out as they are taken. What the client does not take in time is not waited for.
async fn send(mut export: Export, lines: mpsc::Sender<Option<Bytes>>, place: Place<TenantId>, tenant: String) {
    let started = Instant::now();
    let end = loop {
        if started.elapsed() > LONGEST {
            break "it lasts too long";
        }
        match export.lines().await {
            Ok(None) => break "",
            Ok(Some(page)) => {
                if !matches!(timeout(STALL, lines.send(Some(page.into()))).await, Ok(Ok(()))) {
                    break "its client takes no more of it";
                }
            }
            Err(error) => {
                tracing::error!(tenant, %error, "an export broke off");
                return;
            }
        }
    };
    let (records, duration_ms) = (export.written(), started.elapsed().as_millis());
    // Whoever has the last line finds everything free again.
    drop(export);
    drop(place);
    if end.is_empty() {
        tracing::info!(tenant, records, duration_ms, "a tenant was exported");
        let _ = timeout(STALL, lines.send(None)).await;
    } else {
        tracing::warn!(tenant, records, duration_ms, reason = end, "an export was given up");
    }
}

/// An archive or a table as the body of an answer. One that breaks off is no answer, so that nobody takes it for a whole one.
pub(super) struct Taken {
    /// Pages; nothing behind the last.
    lines: mpsc::Receiver<Option<Bytes>>,
    is_whole: bool,
}

impl Taken {
    /// What is sent, page by page, and nothing behind the last.
    pub(super) fn of(lines: mpsc::Receiver<Option<Bytes>>) -> Self {
        Self { lines, is_whole: false }
    }
}

impl hyper::body::Body for Taken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.is_whole {
            return Poll::Ready(None);
        }
        self.lines.poll_recv(context).map(|page| match page {
            Some(Some(lines)) => Some(Ok(Frame::data(lines))),
            Some(None) => {
                self.is_whole = true;
                None
            }
            None => Some(Err(io::Error::other("the export broke off"))),
        })
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn taken(pages: Vec<Option<Bytes>>) -> Result<Bytes, axum::Error> {
        let (lines, taken) = mpsc::channel(pages.len().max(1));
        for page in pages {
            lines.send(page).await.expect("room");
        }
        drop(lines);
        Body::new(Taken { lines: taken, is_whole: false }).collect().await.map(http_body_util::Collected::to_bytes)
    }

    #[tokio::test]
    async fn an_archive_that_breaks_off_is_no_answer() {
        let page = || Some(Bytes::from_static(b"{}\n"));
        assert_eq!(taken(vec![page(), page(), None]).await.expect("whole"), "{}\n{}\n");
        assert!(taken(vec![page()]).await.is_err());
        assert!(taken(Vec::new()).await.is_err());
    }
}
