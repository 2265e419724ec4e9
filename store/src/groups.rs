//! The groups that a resource is in, read along with it: one round trip for both.
//!
//! What is compared with a constant is written out and not bound: by a value that is bound SQLite finds no partial index.

use std::{collections::HashMap, fmt, sync::OnceLock};

use scim::schema::ResourceType;
use sea_orm::{DatabaseBackend, Statement};
use serde::{Deserialize, Deserializer, de::Visitor};
use uuid::Uuid;

use crate::{Error, GroupRef, Row, TenantId, TenantStore, members::list_of, resources::COLUMNS};

/// The groups that a row of `resource` is a member of itself, each with whether it is in another group, as JSON. Few
/// are: the walk upwards is a statement of its own, because even where it finds nothing PostgreSQL has to get it ready.
/// SQLite keeps the order of cross joins.
fn own(list: &str) -> String {
    let nested = "EXISTS (SELECT 1 FROM member nested WHERE nested.tenant_id = resource.tenant_id \
                  AND nested.member_id = own.group_id AND nested.member_kind = 'Group')";
    format!(
        "(SELECT {} FROM member own CROSS JOIN resource held WHERE own.tenant_id = resource.tenant_id \
         AND own.member_id = resource.id AND held.tenant_id = resource.tenant_id AND held.kind = 'Group' \
         AND held.id = own.group_id)",
        list.replace("{nested}", nested)
    )
}

/// The groups of a row of `resource` as a column of JSON text.
pub(crate) fn column(backend: DatabaseBackend) -> &'static str {
    static SQLITE: OnceLock<String> = OnceLock::new();
    static POSTGRES: OnceLock<String> = OnceLock::new();
    if backend == DatabaseBackend::Postgres {
        let list = "json_agg(json_build_array(own.group_id, held.display, {nested}))::text";
        return POSTGRES.get_or_init(|| own(list));
    }
    SQLITE.get_or_init(|| own("json_group_array(json_array(lower(hex(own.group_id)), held.display, {nested}))"))
}

/// What stands in that column. SQLite has numbers for truth.
#[derive(Deserialize)]
struct Found(Uuid, Option<String>, Truth);

struct Truth(bool);

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Told;
        impl Visitor<'_> for Told {
            type Value = Truth;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("whether it is so")
            }

            fn visit_bool<E>(self, is_so: bool) -> Result<Truth, E> {
                Ok(Truth(is_so))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Truth, E> {
                Ok(Truth(number > 0))
            }
        }
        from.deserialize_any(Told)
    }
}

/// Reads the column: the groups in the order of ids, and whether there may be further ones above them.
pub(crate) fn read(text: Option<&str>) -> Result<(Vec<GroupRef>, bool), Error> {
    let Some(text) = text.filter(|text| *text != "[]") else { return Ok((Vec::new(), false)) };
    let found: Vec<Found> =
        serde_json::from_str(text).map_err(|e| Error::Damaged(format!("the groups of a resource: {e}")))?;
    let more = found.iter().any(|Found(.., nested)| nested.0);
    let mut groups: Vec<GroupRef> =
        found.into_iter().map(|Found(id, display, _)| GroupRef { id, display, direct: true }).collect();
    groups.sort_unstable_by_key(|group| group.id);
    Ok((groups, more))
}

const OF_MANY: &str = "WITH own AS MATERIALIZED (SELECT member_id, group_id FROM member WHERE tenant_id = $1 \
     AND member_id = ANY (string_to_array($2, ',')::uuid[])), \
     held AS MATERIALIZED (SELECT resource.id, resource.display, EXISTS (SELECT 1 FROM member nested WHERE nested.tenant_id = $1 \
     AND nested.member_id = resource.id AND nested.member_kind = 'Group') AS is_nested FROM (SELECT DISTINCT group_id FROM own) AS these \
     CROSS JOIN LATERAL (SELECT id, display FROM resource WHERE tenant_id = $1 AND kind = 'Group' AND id = these.group_id LIMIT 1) \
     AS resource) \
     SELECT owns.members, owns.groups, helds.ids, helds.displays, helds.nested \
     FROM (SELECT array_agg(member_id) AS members, array_agg(group_id) AS groups FROM own) AS owns \
     CROSS JOIN (SELECT array_agg(id) AS ids, array_agg(display) AS displays, array_agg(is_nested) AS nested FROM held) AS helds";

/// What [`read`] reads of each of several resources.
type OfMany = HashMap<Uuid, (Vec<GroupRef>, bool)>;

impl TenantStore {
    /// The groups that each of these is a member of itself, as [`read`] reads them, on PostgreSQL: each group is looked at once,
    /// however many of them are in it. Who is in none is left out.
    pub(crate) async fn own_groups_of(&self, members: &[Uuid]) -> Result<OfMany, Error> {
        if members.is_empty() {
            return Ok(OfMany::new());
        }
        let list: Vec<String> = members.iter().map(Uuid::to_string).collect();
        let values = [self.tenant.0.into(), list.join(",").into()];
        let select = Statement::from_sql_and_values(DatabaseBackend::Postgres, OF_MANY, values);
        let found = self.store.read.rows(select, read_many).await?;
        Ok(found.into_iter().next().unwrap_or_default())
    }
}

fn read_many(row: &Row<'_>) -> Result<OfMany, Error> {
    let Row::Postgres(row) = row else { return Ok(OfMany::new()) };
    let (members, groups): (Option<Vec<Uuid>>, Option<Vec<Uuid>>) = (list_of(row, 0)?, list_of(row, 1)?);
    let (ids, displays): (Option<Vec<Uuid>>, Option<Vec<Option<String>>>) = (list_of(row, 2)?, list_of(row, 3)?);
    let nested: Option<Vec<bool>> = list_of(row, 4)?;
    let shown = displays.unwrap_or_default().into_iter().zip(nested.unwrap_or_default());
    let known: HashMap<Uuid, (Option<String>, bool)> = ids.unwrap_or_default().into_iter().zip(shown).collect();
    let mut all = OfMany::new();
    for (member, id) in members.unwrap_or_default().into_iter().zip(groups.unwrap_or_default()) {
        if let Some((display, is_nested)) = known.get(&id) {
            let (groups, more) = all.entry(member).or_default();
            groups.push(GroupRef { id, display: display.clone(), direct: true });
            *more |= is_nested;
        }
    }
    for (groups, _) in all.values_mut() {
        groups.sort_unstable_by_key(|group| group.id);
    }
    Ok(all)
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
        if to_change {
            columns.push_str(", resource.governed_by");
        }
        // A new membership does not wait for a change of its user.
        let lock = if postgres && to_change { " FOR NO KEY UPDATE OF resource" } else { "" };
        format!("SELECT {columns} FROM resource WHERE tenant_id = $1 AND kind = $2 AND id = $3{lock}")
    });
    Statement::from_sql_and_values(backend, text.as_str(), [tenant.0.into(), kind.name.as_str().into(), id.into()])
}
