//! The groups that a resource is in, read along with it: one round trip for both.
//!
//! What is compared with a constant is written out and not bound: SQLite plans a statement anew at each binding of a
//! parameter that decides whether a partial index can be used.

use std::sync::OnceLock;

use scim::schema::ResourceType;
use sea_orm::{DatabaseBackend, Statement};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Error, GroupRef, TenantId, resources::COLUMNS};

/// All groups above a row of `resource` as JSON. Who is in no group that is in another needs no walk. `UNION` drops
/// what was seen, so that a cycle ends; SQLite keeps the order of cross joins.
fn above(list: &str) -> String {
    let own = "own.tenant_id = resource.tenant_id AND own.member_id = resource.id";
    let held = "held.tenant_id = resource.tenant_id AND held.kind = 'Group'";
    format!(
        "CASE WHEN EXISTS (SELECT 1 FROM member own CROSS JOIN member nested WHERE {own} \
         AND nested.tenant_id = resource.tenant_id AND nested.member_id = own.group_id AND nested.member_kind = 'Group') \
         THEN (WITH RECURSIVE up(grp, direct) AS (\
         SELECT own.group_id, 1 FROM member own WHERE {own} \
         UNION SELECT nested.group_id, 0 FROM up CROSS JOIN member nested WHERE nested.tenant_id = resource.tenant_id \
         AND nested.member_id = up.grp AND nested.member_kind = 'Group') \
         SELECT {list} FROM (SELECT up.grp, max(up.direct) AS direct, held.display FROM up CROSS JOIN resource held \
         WHERE {held} AND held.id = up.grp GROUP BY up.grp, held.display ORDER BY up.grp) found) \
         ELSE (SELECT {list} FROM (SELECT own.group_id AS grp, 1 AS direct, held.display \
         FROM member own CROSS JOIN resource held WHERE {own} AND {held} AND held.id = own.group_id \
         ORDER BY own.group_id) found) END"
    )
}

/// The groups of a row of `resource` as a column of JSON text.
pub(crate) fn column(backend: DatabaseBackend) -> &'static str {
    static SQLITE: OnceLock<String> = OnceLock::new();
    static POSTGRES: OnceLock<String> = OnceLock::new();
    if backend == DatabaseBackend::Postgres {
        let list = "json_agg(json_build_array(found.grp, found.direct, found.display) ORDER BY found.grp)::text";
        return POSTGRES.get_or_init(|| above(list));
    }
    SQLITE.get_or_init(|| above("json_group_array(json_array(lower(hex(found.grp)), found.direct, found.display))"))
}

/// What stands in that column.
#[derive(Deserialize)]
struct Found(Uuid, u8, Option<String>);

/// Reads the column.
pub(crate) fn read(text: Option<String>) -> Result<Vec<GroupRef>, Error> {
    let Some(text) = text.filter(|text| text != "[]") else { return Ok(Vec::new()) };
    let found: Vec<Found> =
        serde_json::from_str(&text).map_err(|e| Error::Damaged(format!("the groups of a resource: {e}")))?;
    Ok(found.into_iter().map(|Found(id, direct, display)| GroupRef { id, display, direct: direct == 1 }).collect())
}

/// The statement that finds a resource by its id, perhaps with its groups, perhaps to be changed.
pub(crate) fn find(
    backend: DatabaseBackend,
    tenant: TenantId,
    kind: &ResourceType,
    id: Uuid,
    with_groups: bool,
    to_change: bool,
) -> Statement {
    static TEXTS: [OnceLock<String>; 8] = [const { OnceLock::new() }; 8];
    let postgres = backend == DatabaseBackend::Postgres;
    let which = usize::from(postgres) | usize::from(with_groups) << 1 | usize::from(to_change) << 2;
    let text = TEXTS[which].get_or_init(|| {
        let mut columns = COLUMNS.map(|column| format!("resource.{column}")).join(", ");
        if with_groups {
            columns.push_str(", ");
            columns.push_str(column(backend));
        }
        // A new membership does not wait for a change of its user.
        let lock = if postgres && to_change { " FOR NO KEY UPDATE OF resource" } else { "" };
        format!("SELECT {columns} FROM resource WHERE tenant_id = $1 AND kind = $2 AND id = $3{lock}")
    });
    Statement::from_sql_and_values(backend, text.as_str(), [tenant.0.into(), kind.name.as_str().into(), id.into()])
}
