//! Who holds what together, for the segregation of duties: by being a member, through nested groups, and from some day on.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{DatabaseBackend, Statement, Value};
use uuid::Uuid;

use crate::{Error, Row, TenantId, TenantStore, UnitKind, Work, dialect, resources::ROWS_PER_STATEMENT};

/// How many rows of people and entitlements are read at once.
const PEOPLE: usize = 200;

/// A statement in the making, with values that it is given one by one.
struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    fn new(tenant: TenantId) -> Self {
        Self { text: String::new(), values: vec![tenant.0.into()] }
    }

    /// The places of so many ids, in a row.
    fn ids(&mut self, ids: &[Uuid]) -> String {
        let places = ids.iter().map(|id| {
            self.values.push((*id).into());
            format!("${}", self.values.len())
        });
        places.collect::<Vec<_>>().join(", ")
    }

    fn statement(self, backend: DatabaseBackend) -> Statement {
        Statement::from_sql_and_values(backend, self.text, self.values)
    }
}

/// Who holds something of one side of a rule, and something of the other.
fn both(tenant: TenantId, sides: [&[Uuid]; 2], after: Option<Uuid>, limit: u64) -> Sql {
    let mut sql = Sql::new(tenant);
    let [one, other] = sides.map(|side| sql.ids(side));
    let below = |name: &str, side: &str| {
        format!(
            "{name} (id) AS (SELECT group_id FROM entitlement WHERE tenant_id = $1 AND group_id IN ({side}) \
             UNION SELECT member.member_id FROM {name} JOIN member ON member.tenant_id = $1 \
             AND member.group_id = {name}.id AND member.member_kind <> 'User')"
        )
    };
    let holders = |name: &str, side: &str| {
        format!(
            "SELECT member_id FROM member WHERE tenant_id = $1 AND member_kind = 'User' \
             AND group_id IN (SELECT id FROM {name}) \
             UNION SELECT user_id FROM access_grant WHERE tenant_id = $1 AND ended IS NULL AND group_id IN ({side})"
        )
    };
    let (first, second) = (holders("ones", &one), holders("others", &other));
    sql.values.push(after.unwrap_or_else(Uuid::nil).into());
    let place = sql.values.len();
    sql.text = format!(
        "WITH RECURSIVE {}, {} SELECT member_id FROM ({first}) AS first_side WHERE member_id > ${place} \
         AND member_id IN ({second}) ORDER BY member_id LIMIT {limit}",
        below("ones", &one),
        below("others", &other)
    );
    sql
}

impl TenantStore {
    /// Users behind that one who hold something of both sides, whatever it is for, in the order of ids.
    pub async fn holders_of_both(
        &self,
        one: &[Uuid],
        other: &[Uuid],
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Uuid>, Error> {
        if one.is_empty() || other.is_empty() {
            return Ok(Vec::new());
        }
        let statement = both(self.tenant, [one, other], after, limit).statement(self.store.backend());
        self.store.read.rows(statement, |row| row.get(0)).await
    }
}

impl Work {
    /// Makes others of the tenant wait who look for conflicts: two who each give somebody one side would not see each
    /// other.
    pub async fn hold_duties(&self) -> Result<(), Error> {
        dialect::lock_duties(&*self.transaction, self.tenant.0).await
    }

    /// Which of these entitlements people hold: as members, through nested groups, and what is to begin or to come back.
    pub async fn held_by(&self, users: &[Uuid], among: &HashSet<Uuid>) -> Result<HashMap<Uuid, BTreeSet<Uuid>>, Error> {
        let mut held: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
        for users in users.chunks(PEOPLE) {
            let mut sql = Sql::new(self.tenant);
            let these = sql.ids(users);
            sql.text = format!(
                "WITH RECURSIVE held (user_id, group_id) AS (SELECT member_id, group_id FROM member \
                 WHERE tenant_id = $1 AND member_id IN ({these}) \
                 UNION SELECT held.user_id, member.group_id FROM held JOIN member ON member.tenant_id = $1 \
                 AND member.member_id = held.group_id) SELECT user_id, group_id FROM held \
                 UNION SELECT user_id, group_id FROM access_grant WHERE tenant_id = $1 AND ended IS NULL \
                 AND user_id IN ({these})"
            );
            let pair = |row: &Row<'_>| Ok((row.get::<Uuid>(0)?, row.get::<Uuid>(1)?));
            for (user, group) in self.transaction.rows(sql.statement(self.backend()), pair).await? {
                if among.contains(&group) {
                    held.entry(user).or_default().insert(group);
                }
            }
        }
        Ok(held)
    }

    /// A group and every group above it.
    pub async fn with_groups_above(&self, group: Uuid) -> Result<HashSet<Uuid>, Error> {
        let sql = "WITH RECURSIVE above (id) AS (SELECT group_id FROM member WHERE tenant_id = $1 AND member_id = $2 \
                   UNION SELECT member.group_id FROM above JOIN member ON member.tenant_id = $1 \
                   AND member.member_id = above.id) SELECT id FROM above";
        let values: [Value; 2] = [self.tenant.0.into(), group.into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let mut above: HashSet<Uuid> =
            self.transaction.rows(statement, |row| row.get::<Uuid>(0)).await?.into_iter().collect();
        above.insert(group);
        Ok(above)
    }

    /// The people among members, themselves and in groups that are among them, so many at the most.
    pub async fn people_among(&self, members: &[Uuid], limit: usize) -> Result<BTreeSet<Uuid>, Error> {
        let mut people = BTreeSet::new();
        for members in members.chunks(ROWS_PER_STATEMENT) {
            let mut sql = Sql::new(self.tenant);
            let these = sql.ids(members);
            sql.text = format!(
                "WITH RECURSIVE below (id, kind) AS (SELECT id, kind FROM resource WHERE tenant_id = $1 \
                 AND id IN ({these}) UNION SELECT member.member_id, member.member_kind FROM below \
                 JOIN member ON member.tenant_id = $1 AND member.group_id = below.id) \
                 SELECT id FROM below WHERE kind = 'User' LIMIT {limit}"
            );
            people.extend(self.transaction.rows(sql.statement(self.backend()), |row| row.get::<Uuid>(0)).await?);
            if people.len() >= limit {
                break;
            }
        }
        Ok(people)
    }

    /// For which institution or company each of these entitlements is: where its application belongs. Those of
    /// applications that belong nowhere are left out.
    pub async fn institutions(&self, entitlements: &HashSet<Uuid>) -> Result<HashMap<Uuid, Uuid>, Error> {
        let places: HashMap<Uuid, (Option<Uuid>, UnitKind)> =
            self.places().await?.into_iter().map(|place| (place.id, (place.parent, place.kind))).collect();
        let ids: Vec<Uuid> = entitlements.iter().copied().collect();
        let mut found = HashMap::new();
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let mut sql = Sql::new(self.tenant);
            let these = sql.ids(ids);
            sql.text = format!(
                "SELECT entitlement.group_id, application.node_id FROM entitlement JOIN application \
                 ON application.tenant_id = $1 AND application.id = entitlement.application_id \
                 WHERE entitlement.tenant_id = $1 AND application.node_id IS NOT NULL \
                 AND entitlement.group_id IN ({these})"
            );
            let pair = |row: &Row<'_>| Ok((row.get::<Uuid>(0)?, row.get::<Uuid>(1)?));
            for (entitlement, node) in self.transaction.rows(sql.statement(self.backend()), pair).await? {
                if let Some(institution) = institution(&places, node) {
                    found.insert(entitlement, institution);
                }
            }
        }
        Ok(found)
    }
}

/// The institution of a node: the nearest above it, or itself, that is no mere unit.
fn institution(places: &HashMap<Uuid, (Option<Uuid>, UnitKind)>, node: Uuid) -> Option<Uuid> {
    let mut at = node;
    // A circle would end it too.
    for _ in 0..=places.len() {
        match places.get(&at)? {
            (Some(parent), UnitKind::Unit) => at = *parent,
            (None, UnitKind::Unit) => return None,
            _ => return Some(at),
        }
    }
    None
}
