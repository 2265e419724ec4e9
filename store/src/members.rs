//! Memberships as rows: a change costs what it changes, whatever the size of the group.

use std::collections::{HashMap, HashSet};

use entity::{member, resource};
use futures_util::TryStreamExt;
use scim::schema::{Catalog, ResourceType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, StreamTrait,
    sea_query::{
        CommonTableExpression, Expr, ExprTrait, JoinType, OnConflict, Order, Query, SelectStatement, UnionType,
        WithClause,
    },
};
use uuid::Uuid;

use crate::{
    Changes, Error, Stored, TenantId, TenantStore, Update, Work, dialect, query, resources::ROWS_PER_STATEMENT,
};

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
fn read_member(row: &QueryResult) -> Result<(Uuid, MemberRow), Error> {
    let member =
        MemberRow { id: row.try_get_by_index(1)?, kind: row.try_get_by_index(2)?, display: row.try_get_by_index(3)? };
    Ok((row.try_get_by_index(0)?, member))
}

#[derive(FromQueryResult)]
struct Above {
    member: Uuid,
    grp: Uuid,
    direct: i32,
    display: Option<String>,
}

impl TenantStore {
    /// Shows the members of these groups one by one, group by group in the order of ids, so that nobody has to hold
    /// them all. Says how many there were; stops behind `limit`.
    pub async fn visit_members(
        &self,
        groups: &[Uuid],
        limit: u64,
        visit: &mut (impl FnMut(Uuid, MemberRow) + Send),
    ) -> Result<u64, Error> {
        let mut seen = 0;
        for groups in groups.chunks(ROWS_PER_STATEMENT) {
            let select = self
                .members(groups)
                .order_by(("member", "group_id"), Order::Asc)
                .order_by(("member", "member_id"), Order::Asc)
                .limit(Ord::min((limit - seen).saturating_add(1), i64::MAX as u64))
                .to_owned();
            let mut rows = self.store.read.stream(&select).await?;
            while let Some(row) = rows.try_next().await? {
                seen += 1;
                if seen > limit {
                    return Ok(seen);
                }
                let (group, member) = read_member(&row)?;
                visit(group, member);
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
        let rows = self.store.read.query_all(&select).await?;
        rows.iter().map(|row| Ok(read_member(row)?.1)).collect()
    }

    /// How many members a group has.
    pub async fn count_members(&self, group: Uuid) -> Result<u64, Error> {
        let count = member::Entity::find()
            .filter(member::Column::TenantId.eq(self.tenant.0))
            .filter(member::Column::GroupId.eq(group))
            .count(&self.store.read)
            .await?;
        Ok(count)
    }

    fn members(&self, groups: &[Uuid]) -> SelectStatement {
        Query::select()
            .columns([("member", "group_id"), ("member", "member_id"), ("member", "member_kind")])
            .column(("resource", "display"))
            .from("member")
            .join(JoinType::InnerJoin, "resource", is_resource("member_kind", "member_id"))
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "group_id")).is_in(groups.iter().copied()))
            .to_owned()
    }

    /// The groups that each of these is in, directly and through nested groups, in the order of ids.
    pub async fn groups_of(&self, members: &[Uuid]) -> Result<HashMap<Uuid, Vec<GroupRef>>, Error> {
        groups_of(&self.store.read, self.tenant, members).await
    }
}

async fn groups_of(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    members: &[Uuid],
) -> Result<HashMap<Uuid, Vec<GroupRef>>, Error> {
    let mut groups: HashMap<Uuid, Vec<GroupRef>> = HashMap::with_capacity(members.len());
    for members in members.chunks(ROWS_PER_STATEMENT) {
        for row in connection.query_all(&above(tenant, members)).await? {
            let row = Above::from_query_result(&row, "")?;
            let group = GroupRef { id: row.grp, display: row.display, direct: row.direct == 1 };
            groups.entry(row.member).or_default().push(group);
        }
    }
    Ok(groups)
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
        .to_owned();
    let up = CommonTableExpression::new()
        .table_name("up")
        .columns(["member", "grp", "direct"])
        .query(seed.union(UnionType::Distinct, further).to_owned())
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
        .to_owned()
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
            let rows: Vec<(Uuid, String)> = resource::Entity::find()
                .select_only()
                .columns([resource::Column::Id, resource::Column::Kind])
                .filter(resource::Column::TenantId.eq(self.tenant.0))
                .filter(resource::Column::Kind.is_in(names.iter().copied()))
                .filter(resource::Column::Id.is_in(ids.iter().copied()))
                .into_tuple()
                .all(&*self.transaction)
                .await?;
            kinds.extend(rows);
        }
        Ok(kinds)
    }

    /// Every group above a group, so that nobody puts one of them into it. Until the end nobody else nests groups.
    pub async fn groups_above(&self, group: Uuid) -> Result<HashSet<Uuid>, Error> {
        dialect::lock_nesting(&*self.transaction, self.tenant.0).await?;
        let above = groups_of(&*self.transaction, self.tenant, &[group]).await?;
        Ok(above.into_values().flatten().map(|group| group.id).collect())
    }

    /// The ids of a group's members.
    pub async fn member_ids(&self, group: Uuid) -> Result<HashSet<Uuid>, Error> {
        let ids: Vec<Uuid> = member::Entity::find()
            .select_only()
            .column(member::Column::MemberId)
            .filter(member::Column::TenantId.eq(self.tenant.0))
            .filter(member::Column::GroupId.eq(group))
            .into_tuple()
            .all(&*self.transaction)
            .await?;
        Ok(ids.into_iter().collect())
    }

    /// Adds members; who already is one stays one. Says who was added.
    pub async fn add_members(
        &self,
        kind: &ResourceType,
        group: Uuid,
        members: &HashMap<Uuid, String>,
    ) -> Result<Vec<Uuid>, Error> {
        let mut members: Vec<(&Uuid, &String)> = members.iter().collect();
        members.sort_unstable();
        let mut added = Vec::new();
        for members in members.chunks(ROWS_PER_STATEMENT) {
            let mut insert = Query::insert();
            insert
                .into_table("member")
                .columns(["tenant_id", "group_kind", "group_id", "member_kind", "member_id", "added"])
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .returning(Query::returning().column("member_id"));
            for (id, member_kind) in members {
                insert.values_panic([
                    self.tenant.0.into(),
                    kind.name.as_str().into(),
                    group.into(),
                    member_kind.as_str().into(),
                    (**id).into(),
                    self.now.into(),
                ]);
            }
            for row in self.transaction.query_all(&insert).await? {
                added.push(row.try_get_by_index(0)?);
            }
        }
        Ok(added)
    }

    /// Removes members. Says who was one.
    pub async fn remove_members(&self, group: Uuid, members: &[Uuid]) -> Result<Vec<Uuid>, Error> {
        let mut removed = Vec::new();
        for members in members.chunks(ROWS_PER_STATEMENT) {
            removed.extend(self.remove_if(group, Expr::col("member_id").is_in(members.iter().copied())).await?);
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
            .to_owned();
        let rows = self.transaction.query_all(&select).await?;
        rows.iter().map(|row| row.try_get_by_index(0).map_err(Into::into)).collect()
    }

    async fn remove_if(&self, group: Uuid, condition: Expr) -> Result<Vec<Uuid>, Error> {
        let delete = Query::delete()
            .from_table("member")
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "group_id")).eq(group))
            .and_where(condition)
            .returning(Query::returning().column("member_id"))
            .to_owned();
        let rows = self.transaction.query_all(&delete).await?;
        rows.iter().map(|row| row.try_get_by_index(0).map_err(Into::into)).collect()
    }

    /// Takes a resource out of every group it is a direct member of; each of them changes.
    pub async fn leave_groups(&self, groups: &ResourceType, id: Uuid) -> Result<(), Error> {
        let ids: Vec<Uuid> = member::Entity::find()
            .select_only()
            .column(member::Column::GroupId)
            .filter(member::Column::TenantId.eq(self.tenant.0))
            .filter(member::Column::MemberId.eq(id))
            .order_by_asc(member::Column::GroupId)
            .into_tuple()
            .all(&*self.transaction)
            .await?;
        for group in self.lock(groups, ids).await? {
            let removed = self.remove_members(group.id, &[id]).await?;
            // Another writer was quicker.
            if removed.is_empty() {
                continue;
            }
            self.touch(groups, &group, Changes { removed, ..Changes::default() }).await?;
        }
        Ok(())
    }

    /// Takes every member out of a group that is about to go. Says who was one.
    pub async fn clear_members(&self, group: Uuid) -> Result<Vec<Uuid>, Error> {
        let mut removed = self.remove_if(group, Expr::val(1).eq(1)).await?;
        removed.sort_unstable();
        Ok(removed)
    }

    /// Writes a change of nothing but members, who go.
    async fn touch(&self, kind: &ResourceType, stored: &Stored, changes: Changes) -> Result<Stored, Error> {
        self.update(kind, stored, &Update { document: None, password: None, changes: &changes, leaving: true }).await
    }
}

#[cfg(test)]
pub(crate) mod tests {
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
