//! A leaver without a server: the fewest rows that have to change when somebody goes, written to the server's own database in one
//! durable transaction of five statements. What the server takes longer is its own.

use sqlx::{AssertSqlSafe, Connection, Executor};
use tokio::time::Instant;

use crate::{Outcome, figures::Figures, rights::door::Door, server::TENANT};

/// How much of it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// The versions of the groups and the user: whatever rows memberships, grants and the log are made of, each group is another one by its
    /// tag (RFC 7644 §3.14) once it has lost a member.
    Versions,
}

/// What changes: the versions of the groups, the user, an event each, the grants, and the memberships.
fn statements(user: &str, sqlite: bool) -> [String; 5] {
    let user = if sqlite { format!("unhex('{}')", user.replace('-', "")) } else { format!("'{user}'::uuid") };
    let tenant = format!("tenant_id = (SELECT id FROM tenant WHERE slug = '{TENANT}')");
    let groups = format!("SELECT group_id FROM member WHERE {tenant} AND member_id = {user}");
    [
        format!(
            "UPDATE resource SET version = version + 1, modified = modified + 1 WHERE {tenant} AND kind = 'Group' AND id IN ({groups})"
        ),
        format!(
            "UPDATE resource SET version = version + 1, modified = modified + 1 WHERE {tenant} AND kind = 'User' AND id = {user}"
        ),
        format!(
            "INSERT INTO event (tenant_id, at, request_id, action, kind, resource_id, version, changes) \
             SELECT tenant_id, 0, 'bare', 'changed', 'Group', group_id, 2, '{{}}' FROM member WHERE {tenant} AND member_id = {user}"
        ),
        format!(
            "UPDATE access_grant SET state = 'suspended', return_by = 0, version = version + 1 \
             WHERE {tenant} AND user_id = {user} AND ended IS NULL"
        ),
        format!("DELETE FROM member WHERE {tenant} AND member_id = {user}"),
    ]
}

/// Lets these users go.
pub(super) async fn leave(door: &mut Door, users: &[String], extent: Extent) -> Outcome<Figures> {
    let count = if extent == Extent::Whole { 5 } else { 2 };
    let (mut latencies, started) = (Vec::new(), Instant::now());
    for user in users {
        let sent = Instant::now();
        match door {
            Door::Sqlite(connection) => {
                let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
                for statement in statements(user, true).into_iter().take(count) {
                    transaction.execute(AssertSqlSafe(statement)).await?;
                }
                transaction.commit().await?;
            }
            Door::Postgres(connection) => {
                let mut transaction = connection.begin().await?;
                for statement in statements(user, false).into_iter().take(count) {
                    transaction.execute(AssertSqlSafe(statement)).await?;
                }
                transaction.commit().await?;
            }
        }
        latencies.push(sent.elapsed());
    }
    Ok(Figures::new(latencies, started.elapsed(), None, 0))
}
