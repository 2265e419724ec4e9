//! Memberships as rows: a change costs what it changes, whatever the size of the group.

use std::collections::{HashMap, HashSet};

use entity::{member, resource};
use rights::grant::Ending;
use scim::schema::{Catalog, ResourceType};
use sea_orm::{
    ColumnTrait, Condition, DatabaseBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Statement,
    sea_query::{
        CommonTableExpression, Expr, ExprTrait, InsertStatement, JoinType, OnConflict, Order, Query, SelectStatement,
        UnionType, WithClause,
    },
    sqlx::{Decode, Postgres, Row as _, Type, postgres::PgRow},
};
use uuid::Uuid;

use crate::{
    Changes, Error, Parting, Row, Stored, TenantId, TenantStore, Update, Work, dialect, postgres::Connections, query,
    reader::Reader, resources::ROWS_PER_STATEMENT,
};

/// How many members PostgreSQL hands over at once.
const MEMBERS_PER_LIST: usize = 5000;

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Its id.
    pub id: Uuid,
    /// Its resource type.
    pub kind: String,
    /// Its name for people.
    pub display: Option<String>,
}

/// A group that a user is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRef {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub display: Option<String>,
    /// Whether the user is a member itself, or through a nested group.
    pub direct: bool,
}

/// A row of a group and its member.
fn read_member(row: &Row<'_>) -> Result<(Uuid, MemberRow), Error> {
    Ok((row.get(0)?, MemberRow { id: row.get(1)?, kind: row.get(2)?, display: row.get(3)? }))
}

/// A row of a member and a group above it.
fn read_above(row: &Row<'_>) -> Result<(Uuid, GroupRef), Error> {
    Ok((row.get(0)?, GroupRef { id: row.get(1)?, direct: row.get::<i32>(2)? == 1, display: row.get(3)? }))
}

impl TenantStore {
    /// Shows the members of these groups one by one, group by group in the order of ids, so that nobody has to hold
    /// them all: the group, and the member's id, type and name for people. Says how many there were; stops behind `limit`.
    pub async fn visit_members(
        &self,
        groups: &[Uuid],
        limit: u64,
        visit: &mut (impl FnMut(Uuid, Uuid, &str, Option<&str>) + Send),
    ) -> Result<u64, Error> {
        let mut seen = 0;
        for groups in groups.chunks(ROWS_PER_STATEMENT) {
            let select = self
                .members(groups)
                .order_by(("member", "group_id"), Order::Asc)
                .order_by(("member", "member_id"), Order::Asc)
                .limit(Ord::min((limit - seen).saturating_add(1), i64::MAX as u64))
                .take();
            let mut show = |group, member, kind: &str, display: Option<&str>| {
                seen += 1;
                if seen <= limit {
                    visit(group, member, kind, display);
                }
                seen <= limit
            };
            match &self.store.read {
                Reader::Postgres(connections) => visit_lists(connections, &select, &mut show).await?,
                Reader::Sqlite(_) => {
                    let mut show = |row: &Row<'_>| {
                        let kind = row.text(2)?.unwrap_or_default();
                        Ok(show(row.get(0)?, row.get(1)?, &kind, row.text(3)?.as_deref()))
                    };
                    self.store.read.visit(self.store.backend().build(&select), &mut show).await?;
                }
            }
            if seen > limit {
                break;
            }
        }
        Ok(seen)
    }

    /// Some members of a group behind one of them, in the order of ids.
    pub async fn members_after(&self, group: Uuid, after: Option<Uuid>, limit: u64) -> Result<Vec<MemberRow>, Error> {
        let mut select = self.members(&[group]);
        select.order_by(("member", "member_id"), Order::Asc).limit(limit);
        if let Some(after) = after {
            select.and_where(Expr::col(("member", "member_id")).gt(after));
        }
        let select = self.store.backend().build(&select);
        self.store.read.rows(select, |row| Ok(read_member(row)?.1)).await
    }

    /// Whether somebody is a direct member of a group.
    pub async fn is_member(&self, group: Uuid, member: Uuid) -> Result<bool, Error> {
        Ok(self.member(group, member).await?.is_some())
    }

    /// A direct member of a group.
    pub async fn member(&self, group: Uuid, member: Uuid) -> Result<Option<MemberRow>, Error> {
        let mut select = self.members(&[group]);
        select.and_where(Expr::col(("member", "member_id")).eq(member)).limit(1);
        let select = self.store.backend().build(&select);
        self.store.read.row(select, |row| Ok(read_member(row)?.1)).await
    }

    /// How many members a group has.
    pub async fn count_members(&self, group: Uuid) -> Result<u64, Error> {
        let select = Query::select()
            .expr(Expr::col("member_id").count())
            .from("member")
            .and_where(Expr::col("tenant_id").eq(self.tenant.0))
            .and_where(Expr::col("group_id").eq(group))
            .cond_where(self.seen_members())
            .take();
        let count = self.store.read.row(self.store.backend().build(&select), |row| row.get::<i64>(0)).await?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    fn members(&self, groups: &[Uuid]) -> SelectStatement {
        let mut select = Query::select()
            .columns([("member", "group_id"), ("member", "member_id"), ("member", "member_kind")])
            .column(("resource", "display"))
            .from("member")
            .take();
        let theirs = is_resource("member_kind", "member_id");
        if self.store.backend() == DatabaseBackend::Postgres {
            // Among a thousand tenants PostgreSQL takes each for a few rows, and would look for each member among all users of this one.
            let one =
                Query::select().column(("resource", "display")).from("resource").and_where(theirs).limit(1).take();
            select.join_lateral(JoinType::InnerJoin, one, "resource", Expr::cust("TRUE"));
        } else {
            select.join(JoinType::InnerJoin, "resource", theirs);
        }
        select
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "group_id")).is_in(groups.iter().copied()))
            .cond_where(self.seen_members())
            .take()
    }

    /// The members that may be seen.
    fn seen_members(&self) -> Condition {
        let seen = self.application.map(|application| query::is_seen_member(self.tenant, application));
        Condition::all().add_option(seen)
    }

    /// The groups that each of these is in, directly and through nested groups, in the order of ids.
    pub async fn groups_of(&self, members: &[Uuid]) -> Result<HashMap<Uuid, Vec<GroupRef>>, Error> {
        let mut groups = self.all_groups_of(members).await?;
        self.leave_seen(groups.values_mut()).await?;
        Ok(groups)
    }

    /// The same, whoever asks.
    pub(crate) async fn all_groups_of(&self, members: &[Uuid]) -> Result<HashMap<Uuid, Vec<GroupRef>>, Error> {
        let mut groups: HashMap<Uuid, Vec<GroupRef>> = HashMap::with_capacity(members.len());
        for members in members.chunks(ROWS_PER_STATEMENT) {
            let select = self.store.backend().build(&above(self.tenant, members));
            for (member, group) in self.store.read.rows(select, read_above).await? {
                groups.entry(member).or_default().push(group);
            }
        }
        Ok(groups)
    }
}

/// Shows members as PostgreSQL hands them over quickest: in lists of some thousands.
async fn visit_lists(
    connections: &Connections,
    members: &SelectStatement,
    show: &mut (impl FnMut(Uuid, Uuid, &str, Option<&str>) -> bool + Send),
) -> Result<(), Error> {
    let mut statement = DatabaseBackend::Postgres.build(members);
    statement.sql = format!(
        "SELECT group_id, array_agg(member_id), array_agg(member_kind::text), array_agg(display) \
         FROM (SELECT listed.*, (row_number() OVER () - 1) / {MEMBERS_PER_LIST} AS list FROM ({}) AS listed) AS numbered \
         GROUP BY list, group_id ORDER BY list, group_id",
        statement.sql
    );
    let mut visit = |row: &Row<'_>| {
        let Row::Postgres(row) = row else { return Ok(false) };
        let group = list_of(row, 0)?;
        let (ids, kinds): (Vec<Uuid>, Vec<String>) = (list_of(row, 1)?, list_of(row, 2)?);
        let displays: Vec<Option<String>> = list_of(row, 3)?;
        let mut members = ids.into_iter().zip(&kinds).zip(&displays);
        Ok(members.all(|((id, kind), display)| show(group, id, kind, display.as_deref())))
    };
    connections.visit(statement, &mut visit).await
}

/// A column that is a list.
pub(crate) fn list_of<'r, T: Decode<'r, Postgres> + Type<Postgres>>(row: &'r PgRow, index: usize) -> Result<T, Error> {
    row.try_get(index).map_err(|error| Error::Damaged(error.to_string()))
}

/// All groups above members. `UNION` drops what was seen, so that a cycle of groups ends. SQLite keeps the order of
/// cross joins: left to itself it may walk through every membership of the tenant for each group it has found.
fn above(tenant: TenantId, members: &[Uuid]) -> SelectStatement {
    let mut seed = Query::select();
    seed.column("member_id")
        .column("group_id")
        .expr(Expr::val(1))
        .from("member")
        .and_where(Expr::col("tenant_id").eq(tenant.0))
        .and_where(Expr::col("member_id").is_in(members.iter().copied()));
    let further = Query::select()
        .column(("up", "member"))
        .column(("member", "group_id"))
        .expr(Expr::val(0))
        .from("up")
        .cross_join("member")
        .and_where(Expr::col(("member", "member_id")).equals(("up", "grp")))
        .and_where(Expr::col(("member", "tenant_id")).eq(tenant.0))
        .and_where(query::is_group("member_kind"))
        .take();
    let up = CommonTableExpression::new()
        .table_name("up")
        .columns(["member", "grp", "direct"])
        .query(seed.union(UnionType::Distinct, further).take())
        .to_owned();
    Query::select()
        .columns([("up", "member"), ("up", "grp")])
        .expr_as(Expr::col(("up", "direct")).max(), "direct")
        .column(("resource", "display"))
        .from("up")
        .cross_join("resource")
        .and_where(Expr::col(("resource", "tenant_id")).eq(tenant.0))
        .and_where(Expr::cust("resource.kind = 'Group'"))
        .and_where(Expr::col(("resource", "id")).equals(("up", "grp")))
        .group_by_columns([("up", "member"), ("up", "grp"), ("resource", "display")])
        .order_by(("up", "grp"), Order::Asc)
        .with_cte(WithClause::new().recursive(true).cte(up).to_owned())
        .take()
}

fn is_resource(kind: &'static str, id: &'static str) -> Expr {
    Expr::col(("resource", "tenant_id"))
        .equals(("member", "tenant_id"))
        .and(Expr::col(("resource", "kind")).equals(("member", kind)))
        .and(Expr::col(("resource", "id")).equals(("member", id)))
}

impl Work {
    /// The type of each of these resources. Ids that do not exist are left out.
    pub async fn kinds(&self, catalog: &Catalog, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, Error> {
        let mut kinds = HashMap::with_capacity(ids.len());
        let names: Vec<&str> = catalog.types().iter().map(|kind| kind.name.as_str()).collect();
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let select = resource::Entity::find()
                .select_only()
                .columns([resource::Column::Id, resource::Column::Kind])
                .filter(resource::Column::TenantId.eq(self.tenant.0))
                .filter(resource::Column::Kind.is_in(names.iter().copied()))
                .filter(resource::Column::Id.is_in(ids.iter().copied()))
                .build(self.backend());
            kinds.extend(self.transaction.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?);
        }
        Ok(kinds)
    }

    /// The groups that a resource is in, directly and through nested groups, in the order of ids.
    pub(crate) async fn groups_of(&self, id: Uuid) -> Result<Vec<GroupRef>, Error> {
        let select = self.backend().build(&above(self.tenant, &[id]));
        self.transaction.rows(select, |row| Ok(read_above(row)?.1)).await
    }

    /// Every group above a group, so that nobody puts one of them into it. Until the end nobody else nests groups.
    pub async fn groups_above(&self, group: Uuid) -> Result<HashSet<Uuid>, Error> {
        dialect::lock_nesting(&*self.transaction, self.tenant.0).await?;
        let select = self.backend().build(&above(self.tenant, &[group]));
        Ok(self.transaction.rows(select, |row| row.get(1)).await?.into_iter().collect())
    }

    /// The ids of a group's members.
    pub async fn member_ids(&self, group: Uuid) -> Result<HashSet<Uuid>, Error> {
        let select = member::Entity::find()
            .select_only()
            .column(member::Column::MemberId)
            .filter(member::Column::TenantId.eq(self.tenant.0))
            .filter(member::Column::GroupId.eq(group))
            .build(self.backend());
        Ok(self.transaction.rows_at_length(select, |row| row.get(0)).await?.into_iter().collect())
    }

    /// Adds members; who already is one stays one. Says who was added.
    pub async fn add_members(
        &self,
        kind: &ResourceType,
        group: Uuid,
        members: &HashMap<Uuid, String>,
    ) -> Result<Vec<Uuid>, Error> {
        let mut members: Vec<(&Uuid, &str)> = members.iter().map(|(id, kind)| (id, kind.as_str())).collect();
        members.sort_unstable();
        let mut added = Vec::new();
        for members in members.chunks(ROWS_PER_STATEMENT) {
            let mut insert = self.new_members(kind, group, members);
            insert
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .returning(Query::returning().column("member_id"));
            added.extend(self.transaction.rows(self.backend().build(&insert), |row| row.get::<Uuid>(0)).await?);
        }
        Ok(added)
    }

    /// Members with their types, as rows that are not there yet.
    pub(crate) fn new_members(&self, kind: &ResourceType, group: Uuid, members: &[(&Uuid, &str)]) -> InsertStatement {
        let mut insert = Query::insert();
        insert.into_table("member").columns([
            "tenant_id",
            "group_kind",
            "group_id",
            "member_kind",
            "member_id",
            "added",
        ]);
        for (id, member_kind) in members {
            insert.values_panic([
                self.tenant.0.into(),
                kind.name.as_str().into(),
                group.into(),
                (*member_kind).into(),
                (**id).into(),
                self.now.into(),
            ]);
        }
        insert
    }

    /// Removes members. Says who was one.
    pub async fn remove_members(&self, group: Uuid, members: &[Uuid]) -> Result<Vec<Uuid>, Error> {
        let mut removed = Vec::new();
        for members in members.chunks(ROWS_PER_STATEMENT) {
            let delete = self.removal_of(group, Expr::col("member_id").is_in(members.iter().copied()));
            removed.extend(self.transaction.rows(delete, |row| row.get::<Uuid>(0)).await?);
        }
        Ok(removed)
    }

    /// Removes the members that meet a condition. Says who did.
    pub async fn remove_members_where(
        &self,
        catalog: &Catalog,
        kind: &ResourceType,
        group: Uuid,
        condition: &scim::filter::Condition<'_>,
    ) -> Result<Vec<Uuid>, Error> {
        let search = query::Search::new(self.backend(), self.tenant, catalog, kind);
        self.remove_if(group, search.of_member(condition).into_expr()).await
    }

    /// The members that meet a condition.
    pub async fn members_where(
        &self,
        catalog: &Catalog,
        kind: &ResourceType,
        group: Uuid,
        condition: &scim::filter::Condition<'_>,
    ) -> Result<Vec<Uuid>, Error> {
        let search = query::Search::new(self.backend(), self.tenant, catalog, kind);
        let select = Query::select()
            .column(("member", "member_id"))
            .from("member")
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "group_id")).eq(group))
            .and_where(search.of_member(condition).into_expr())
            .take();
        self.transaction.rows_at_length(self.backend().build(&select), |row| row.get(0)).await
    }

    /// Removes the members that meet a condition, of however many.
    async fn remove_if(&self, group: Uuid, condition: Expr) -> Result<Vec<Uuid>, Error> {
        self.transaction.rows_at_length(self.removal_of(group, condition), |row| row.get(0)).await
    }

    fn removal_of(&self, group: Uuid, condition: Expr) -> Statement {
        let delete = Query::delete()
            .from_table("member")
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "group_id")).eq(group))
            .and_where(condition)
            .returning(Query::returning().column("member_id"))
            .take();
        self.backend().build(&delete)
    }

    /// The groups that somebody is in just now, not those above them.
    pub async fn groups_with(&self, member: Uuid) -> Result<Vec<Uuid>, Error> {
        let select = Query::select()
            .column("group_id")
            .from("member")
            .and_where(Expr::col("tenant_id").eq(self.tenant.0))
            .and_where(Expr::col("member_id").eq(member))
            .take();
        self.transaction.rows(self.backend().build(&select), |row| row.get(0)).await
    }

    /// Takes a resource out of every group it is a direct member of, and whatever it was granted; each of these groups
    /// changes. Says which they were.
    pub async fn leave_groups(&self, groups: &ResourceType, id: Uuid) -> Result<Vec<Uuid>, Error> {
        let ids = self.groups_held_by(id).await?;
        let mut left = Vec::with_capacity(ids.len());
        for group in self.lock(groups, ids).await? {
            let removed = self.expel(groups, &group, &[id], Ending::Leaver).await?;
            // Another writer was quicker.
            if removed.is_empty() {
                continue;
            }
            self.touch(groups, &group, Changes { removed, ..Changes::default() }).await?;
            left.push(group.id);
        }
        Ok(left)
    }

    /// Takes every member out of a group that is about to go, and whatever was granted of it. Says who was one.
    pub async fn clear_members(&self, kind: &ResourceType, group: &Stored) -> Result<Vec<Uuid>, Error> {
        let mut removed = match group.governed_by {
            Some(_) => self.take_all_of(kind, group.id).await?,
            None => Vec::new(),
        };
        removed.extend(self.remove_if(group.id, Expr::val(1).eq(1)).await?);
        removed.sort_unstable();
        Ok(removed)
    }

    /// Writes a change of nothing but members, who go because they are deleted.
    async fn touch(&self, kind: &ResourceType, stored: &Stored, changes: Changes) -> Result<Stored, Error> {
        self.update(
            kind,
            stored,
            &Update { document: None, password: None, changes: &changes, parting: Parting::Leavers },
        )
        .await
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::{Location, Options, Store};

    /// On an empty database, which is when a planner guesses.
    pub(crate) async fn plan(select: &SelectStatement) -> String {
        let directory = tempfile::tempdir().expect("a directory");
        let location = Location::Sqlite(directory.path().join("test.db"));
        let store = Store::connect(&location, &Options::default()).await.expect("a database");
        store.migrate().await.expect("migrated");
        store.close().await.expect("closed");
        let store = Store::connect(&location, &Options::default()).await.expect("a database");
        let mut statement = store.backend().build(select);
        statement.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let rows = store.read.query_all_raw(statement).await.expect("a plan");
        let lines: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a line")).collect();
        lines.join("\n")
    }

    /// Memberships are looked up by who is a member, step by step; see docs/decisions/0006.
    #[tokio::test]
    async fn walking_up_from_a_user_looks_nothing_through() {
        let plan = plan(&above(TenantId(1), &[Uuid::nil()])).await;
        let lines: Vec<&str> =
            plan.lines().filter(|line| line.contains("SEARCH member") || line.contains("SCAN")).collect();
        assert!(lines.len() >= 3, "{plan}");
        for line in lines {
            assert!(line.contains("SCAN up") || line.contains("member_id=?"), "{line} in\n{plan}");
        }
        assert!(
            plan.contains("SEARCH resource USING COVERING INDEX resource_shown") && plan.contains("id=?"),
            "{plan}"
        );
    }

    #[tokio::test]
    async fn walking_down_from_a_group_looks_nothing_through() {
        let catalog = Catalog::standard();
        let kind = catalog.by_name("User").expect("User");
        let filter = scim::filter::Filter::parse(&format!("groups.value eq \"{}\"", Uuid::nil())).expect("a filter");
        let condition = scim::filter::bind(kind, &filter).expect("bound");
        let search = query::Search::new(sea_orm::DatabaseBackend::Sqlite, TenantId(1), &catalog, kind);
        let plan = plan(&search.matching(&condition)).await;
        for line in plan.lines().filter(|line| line.contains("member")) {
            assert!(line.contains("group_id=?") || line.contains("member_id=?"), "{line} in\n{plan}");
        }
    }
}
