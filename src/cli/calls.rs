//! `caurlaide calls`: what clients asked of a tenant, and what came of it.

use clap::Args;
use serde_json::json;
use store::Store;
use uuid::Uuid;

use crate::{
    calls::{CallRecord, Log, MOST, Wanted},
    cli::{Failure, duration, output, tenant},
    clock::Clock,
    provisioning::Cursors,
};

/// Which calls.
#[derive(Args)]
pub(super) struct Search {
    /// The tenant
    slug: String,
    /// Only those of the last time: a number and m, h, d or w
    #[arg(long, value_parser = duration::parse, value_name = "TIME")]
    since: Option<i64>,
    /// Only those with that status, or with one of a class such as 4xx
    #[arg(long)]
    status: Option<String>,
    /// Only those of that client, by its id
    #[arg(long, value_name = "ID")]
    client: Option<Uuid>,
    /// Only those with that method
    #[arg(long)]
    method: Option<String>,
    /// Only those on that route, such as /Users/{id}
    #[arg(long)]
    route: Option<String>,
    /// Only those of that request
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Only those with that in their reason, or in the names of what they changed
    #[arg(long)]
    text: Option<String>,
    /// How many at the most
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn perform(store: &Store, search: Search, clock: &Clock) -> Result<(), Failure> {
    let tenant = tenant::find(store, &search.slug).await?;
    let log = Log { data: store.tenant(tenant.id), cursors: Cursors::new(store.clone(), clock.clone()) };
    let wanted = Wanted {
        client: search.client,
        method: search.method,
        route: search.route,
        status: search.status,
        request: search.request_id,
        text: search.text,
        since: search.since.map(|since| clock.now() - since),
        until: None,
    };
    let mut calls: Vec<CallRecord> = Vec::new();
    let mut cursor: Option<String> = None;
    while calls.len() < search.limit {
        let (some, next) = log.page(&wanted, MOST, cursor.as_deref()).await?;
        calls.extend(some);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    calls.truncate(search.limit);
    if search.json { output::json(&json!(calls)) } else { table(&calls) }
}

fn table(calls: &[CallRecord]) -> Result<(), Failure> {
    let row = |call: &CallRecord| {
        vec![
            call.at.clone(),
            call.client.map_or_else(|| "-".to_owned(), |client| client.to_string()),
            call.method.clone(),
            call.route.clone(),
            call.status.to_string(),
            format!("{}.{}", call.micros / 1000, call.micros % 1000 / 100),
            call.request_id.clone(),
            call.summary.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = calls.iter().map(row).collect();
    output::table(&["AT", "CLIENT", "METHOD", "ROUTE", "STATUS", "MS", "REQUEST", "SUMMARY"], &rows)
}
