//! A whole tenant as an archive: there and back, on one database and from one kind to the other.

mod command;
mod refused;
mod round_trip;
mod scene;

use caurlaide::{
    administration::{Administration, ArchiveError, Import, Imported},
    clock::Clock,
};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use store::archive::Contents;

use crate::support::{Server, server::START};

pub(crate) const EVERYTHING: Contents = Contents { passwords: true, credentials: true, events: true };
pub(crate) const NO_SECRETS: Contents = Contents { passwords: false, credentials: false, events: true };

/// The archive of a tenant.
async fn export(server: &Server, slug: &str, contents: Contents) -> Vec<u8> {
    // Who looked at whose data is written down a while after the answers.
    assert!(server.app.calls.flush().await);
    let tenant = server.find(slug).await;
    let administration = Administration::at_the_command_line(&server.store, &tenant, &Clock::of(|| START));
    let mut export = administration.export(contents).await.expect("an export");
    let mut archive = Vec::new();
    while let Some(lines) = export.lines().await.expect("lines") {
        archive.extend(lines);
    }
    archive
}

async fn import(server: &Server, archive: &[u8], slug: &str) -> Result<Imported, ArchiveError> {
    let wanted = Import { slug: Some(slug.to_owned()), dry_run: false };
    server.platform().import(archive, &wanted, &mut |_| {}).await
}

/// The lines of an archive.
fn lines(archive: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(archive).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// An archive of these lines, with a footer that is true of them.
fn sealed(lines: &[Value]) -> Vec<u8> {
    let mut archive: Vec<u8> = Vec::new();
    let mut counts = json!({});
    for line in lines.iter().filter(|line| line["kind"] != "footer") {
        archive.extend(format!("{line}\n").as_bytes());
        if let Some(kind) = line["kind"].as_str().filter(|kind| *kind != "header") {
            counts[kind] = (counts[kind].as_u64().unwrap_or(0) + 1).into();
        }
    }
    let sha256: String = digest(&SHA256, &archive)
        .as_ref()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect();
    archive.extend(format!("{}\n", json!({ "kind": "footer", "counts": counts, "sha256": sha256 })).as_bytes());
    archive
}

/// How many rows each table has, but for calls, which are written down a while after their answers.
async fn rows(server: &Server) -> Vec<(&'static str, i64)> {
    const TABLES: [&str; 33] = [
        "tenant",
        "profile",
        "definition",
        "resource",
        "resource_value",
        "resource_count",
        "member",
        "employment",
        "org_node",
        "application",
        "application_group",
        "entitlement",
        "rule",
        "sod_violation",
        "access_grant",
        "access_request",
        "request_item",
        "approver",
        "campaign",
        "review_item",
        "reviewer",
        "delegation",
        "notification",
        "emergency_access",
        "suspension",
        "admin_role",
        "alarm",
        "removal",
        "client",
        "token",
        "access_token",
        "issuer",
        "event",
    ];
    let look = server.database.look().await;
    let mut rows = Vec::new();
    for table in TABLES {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count: (i64,) = sqlx::query_as(sql).fetch_one(&look).await.expect("a count");
        rows.push((table, count.0));
    }
    rows
}
