//! Employments: an index of what the documents of users say, written with them, to find who works where and under whom.
//!
//! Units are named by their codes, so that a unit may come after its people and nothing is rewritten when it does.

use entity::{employment, resource};
use scim::{
    Document,
    employment::{self as read, Employment},
    fold,
    schema::ResourceType,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use crate::{Error, Row, TenantId, TenantStore, Work, query::cut, resources::ROWS_PER_STATEMENT, together::Together};

/// How many users are read at once where the index is filled; each may be long.
const USERS: u64 = 200;
/// The nodes at and below a node, by their codes. A circle would end it too.
const BELOW: &str = "WITH RECURSIVE below (id, code) AS (SELECT id, code FROM org_node WHERE tenant_id = $1 AND id = $2 \
     UNION SELECT part.id, part.code FROM org_node part JOIN below ON part.parent_id = below.id \
     WHERE part.tenant_id = $1) ";
/// The node alone.
const ALONE: &str =
    "WITH RECURSIVE below (id, code) AS (SELECT id, code FROM org_node WHERE tenant_id = $1 AND id = $2) ";

/// Who is asked for of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within<'a> {
    /// The node.
    pub unit: Uuid,
    /// Whether those below it are left out.
    pub direct: bool,
    /// The day on which somebody has to work there.
    pub day: &'a str,
}

impl Within<'_> {
    fn below(&self) -> &'static str {
        if self.direct { ALONE } else { BELOW }
    }
}

impl TenantStore {
    /// The codes of a node and of what is below it, if that is meant.
    pub async fn codes_within(&self, within: &Within<'_>) -> Result<Vec<String>, Error> {
        let sql = format!("{}SELECT code FROM below", within.below());
        let values = [self.tenant.0.into(), within.unit.into()];
        let codes = Statement::from_sql_and_values(self.store.backend(), sql, values);
        self.store.read.rows(codes, |row| row.get(0)).await
    }

    /// Users behind that one who work in a node that day, in the order of ids.
    pub async fn people_within(
        &self,
        within: &Within<'_>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Uuid>, Error> {
        let sql = format!(
            "{}SELECT DISTINCT user_id FROM employment WHERE tenant_id = $1 AND unit IN (SELECT code FROM below) \
             AND (starts IS NULL OR starts <= $3) AND (ends IS NULL OR ends >= $3) AND user_id > $4 \
             ORDER BY user_id LIMIT {limit}",
            within.below()
        );
        let values =
            [self.tenant.0.into(), within.unit.into(), within.day.into(), after.unwrap_or_else(Uuid::nil).into()];
        let people = Statement::from_sql_and_values(self.store.backend(), sql, values);
        self.store.read.rows(people, |row| row.get(0)).await
    }

    /// Codes behind that one which employments name and no node has, with how many people they concern. What was over by
    /// that day does not count.
    pub async fn unmatched_units(
        &self,
        day: &str,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<(String, u64)>, Error> {
        let sql = format!(
            "SELECT unit, count(DISTINCT user_id) FROM employment WHERE tenant_id = $1 AND unit > $2 \
             AND (ends IS NULL OR ends >= $3) AND NOT EXISTS (SELECT 1 FROM org_node \
             WHERE org_node.tenant_id = $1 AND org_node.code = employment.unit) GROUP BY unit ORDER BY unit LIMIT {limit}"
        );
        let values = [self.tenant.0.into(), after.unwrap_or_default().into(), day.into()];
        let units = Statement::from_sql_and_values(self.store.backend(), sql, values);
        let read = |row: &Row<'_>| Ok((row.get(0)?, u64::try_from(row.get::<i64>(1)?).unwrap_or(0)));
        self.store.read.rows(units, read).await
    }
}

/// Fills the index from the documents that were there before it.
pub(crate) async fn fill(connection: &impl ConnectionTrait) -> Result<(), Error> {
    let mut last = (0, Uuid::nil());
    loop {
        let key = Expr::tuple([Expr::col(resource::Column::TenantId), Expr::col(resource::Column::Id)]);
        let users = resource::Entity::find()
            .filter(resource::Column::Kind.eq("User"))
            .filter(key.gt(Expr::tuple([Expr::val(last.0), Expr::val(last.1)])))
            .order_by_asc(resource::Column::TenantId)
            .order_by_asc(resource::Column::Id)
            .limit(USERS)
            .all(connection)
            .await?;
        let Some(end) = users.last() else { return Ok(()) };
        last = (end.tenant_id, end.id);
        let mut new = Vec::new();
        for user in users {
            let attributes = serde_json::from_str(&user.document)
                .map_err(|error| Error::Damaged(format!("the document of {}: {error}", user.id)))?;
            new.extend(rows(TenantId(user.tenant_id), user.id, read::of(&Document::from_stored(attributes))));
        }
        for some in new.chunks(ROWS_PER_STATEMENT) {
            employment::Entity::insert_many(some.to_vec()).exec_without_returning(connection).await?;
        }
    }
}

impl Work {
    /// How many employments that are not over by that day name a unit.
    pub async fn count_employments(&self, unit: &str, day: &str) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM employment WHERE tenant_id = $1 AND unit = $2 AND (ends IS NULL OR ends >= $3)";
        let values = [self.tenant.0.into(), unit.into(), day.into()];
        let count = Statement::from_sql_and_values(self.backend(), sql, values);
        let count: Option<i64> = self.transaction.row(count, |row| row.get(0)).await?;
        Ok(u64::try_from(count.unwrap_or(0)).unwrap_or(0))
    }

    /// The rows of a new resource.
    pub(crate) fn employments(
        &self,
        kind: &ResourceType,
        id: Uuid,
        document: &Document,
    ) -> Vec<employment::ActiveModel> {
        if read::has(kind) { rows(self.tenant, id, read::of(document)) } else { Vec::new() }
    }

    /// Writes what differs, where something does. New values take the places of old ones in one step, so that parts of
    /// one statement do not depend on each other.
    pub(crate) fn change_employments(
        &self,
        together: &mut Together,
        kind: &ResourceType,
        id: Uuid,
        (before, after): (&Document, &Document),
    ) {
        if !read::has(kind) || !read::may_differ(before, after) {
            return;
        }
        let (before, after) = (read::of(before), read::of(after));
        if after.len() < before.len() {
            together.add(self.employments_from(id, after.len()));
        }
        let changed = rows(self.tenant, id, after.iter().cloned())
            .into_iter()
            .zip(after.iter().enumerate())
            .filter(|(_, (at, employment))| before.get(*at) != Some(employment))
            .map(|(row, _)| row);
        let changed: Vec<employment::ActiveModel> = changed.collect();
        if !changed.is_empty() {
            let insert = employment::Entity::insert_many(changed).on_conflict(in_its_place());
            together.add(insert.build(self.backend()));
        }
    }

    /// Takes away what a resource that goes has.
    pub(crate) fn drop_employments(&self, together: &mut Together, kind: &ResourceType, id: Uuid, document: &Document) {
        if read::has(kind) && !read::of(document).is_empty() {
            together.add(self.employments_from(id, 0));
        }
    }

    /// Removes a user's employments from that place on.
    fn employments_from(&self, id: Uuid, place: usize) -> Statement {
        employment::Entity::delete_many()
            .filter(employment::Column::TenantId.eq(self.tenant.0))
            .filter(employment::Column::UserId.eq(id))
            .filter(employment::Column::Number.gte(number(place)))
            .build(self.backend())
    }
}

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// The place of an employment is its key.
fn in_its_place() -> OnConflict {
    use employment::Column;
    OnConflict::columns([Column::TenantId, Column::UserId, Column::Number])
        .update_columns([
            Column::Unit,
            Column::Position,
            Column::Kind,
            Column::ManagerId,
            Column::Starts,
            Column::Ends,
            Column::IsPrimary,
        ])
        .to_owned()
}

fn rows(
    tenant: TenantId,
    user: Uuid,
    employments: impl IntoIterator<Item = Employment>,
) -> Vec<employment::ActiveModel> {
    let folded = |text: Option<String>| text.map(|text| cut(&fold::fold(&text)).to_owned());
    let row = |(at, employment): (usize, Employment)| employment::ActiveModel {
        tenant_id: Set(tenant.0),
        user_id: Set(user),
        number: Set(number(at)),
        // A code that is too long to be one of a node stays too long.
        unit: Set(employment.unit.map(|code| cut(&fold::exact(&code)).to_owned())),
        position: Set(folded(employment.position)),
        kind: Set(folded(employment.kind)),
        manager_id: Set(employment.manager.and_then(|id| Uuid::parse_str(&id).ok())),
        starts: Set(employment.starts),
        ends: Set(employment.ends),
        is_primary: Set(employment.is_primary),
    };
    employments.into_iter().enumerate().map(row).collect()
}
