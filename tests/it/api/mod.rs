//! Administration over HTTP: one file a subject.

pub(crate) mod alarms;
mod calls;
mod catalogues;
mod clients;
mod definitions;
mod issuers;
mod limits;
mod matches;
mod networks;
mod once;
mod problems;
mod restorations;
mod settings;
mod tenants;
mod tokens;
mod words;

use serde_json::Value;
use sqlx::Row;

use crate::support::Server;

/// What the log says of clients, tokens and tenants: kind, action, changes, request.
async fn log(server: &Server) -> Vec<(String, String, Value, String)> {
    let rows = sqlx::query(
        "SELECT kind, action, changes, request_id FROM event WHERE kind IN ('Tenant', 'Client', 'Token', 'Issuer') ORDER BY seq",
    )
    .fetch_all(&server.database.look().await)
    .await
    .expect("events");
    let changes = |row: &sqlx::any::AnyRow| serde_json::from_str(&row.get::<String, _>(2)).expect("JSON");
    rows.iter().map(|row| (row.get(0), row.get(1), changes(row), row.get(3))).collect()
}
