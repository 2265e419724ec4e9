//! What an application's client may see: the groups of its application, and who is in them, directly or through other
//! groups.

use scim::{
    filter::{Check, Condition, Test},
    schema::{Catalog, ResourceType},
};
use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait, Func, Order, Query, SelectStatement, UnionType, WithClause,
};
use uuid::Uuid;

use crate::{
    Error, TenantId, TenantStore,
    query::{Search, is_group, truth::Truth},
};

/// A column names a group of an application.
pub(crate) fn is_own_group(tenant: TenantId, application: Uuid, column: (&'static str, &'static str)) -> Expr {
    Expr::col(column).in_subquery(own_groups(tenant, application))
}

/// A row of `member` is of somebody, or of a group of an application.
pub(crate) fn is_seen_member(tenant: TenantId, application: Uuid) -> Expr {
    // Written out, as in `is_group`.
    Expr::cust("member.member_kind = 'User'").or(is_own_group(tenant, application, ("member", "member_id")))
}

fn own_groups(tenant: TenantId, application: Uuid) -> SelectStatement {
    Query::select()
        .column(("own", "group_id"))
        .from_as("application_group", "own")
        .and_where(Expr::col(("own", "tenant_id")).eq(tenant.0))
        .and_where(Expr::col(("own", "application_id")).eq(application))
        .to_owned()
}

impl TenantStore {
    /// Whether a resource may be seen.
    pub(crate) async fn sees(&self, kind: &ResourceType, id: Uuid) -> Result<bool, Error> {
        let Some(application) = self.application else { return Ok(true) };
        let catalog = Catalog::new(Vec::new());
        let search =
            Search { application: Some(application), ..Search::new(self.store.backend(), self.tenant, &catalog, kind) };
        let select = Query::select()
            .expr(Expr::val(1))
            .from("resource")
            .and_where(Expr::col(("resource", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("resource", "kind")).eq(kind.name.as_str()))
            .and_where(Expr::col(("resource", "id")).eq(id))
            .and_where(search.seen_one().into_expr())
            .to_owned();
        let select = self.store.backend().build(&select);
        Ok(self.store.read.row(select, |_| Ok(())).await?.is_some())
    }
}

impl Search<'_> {
    /// The resources that may be seen. Where a condition leaves a handful, each of them is asked what it is in; else
    /// who is in the groups is found once.
    pub(crate) fn seen(&self, condition: Option<&Condition<'_>>) -> Truth {
        let Some(application) = self.application else { return Truth::Always };
        if self.kind.member_of.is_none() || condition.is_some_and(|condition| self.leaves_few(condition)) {
            return self.seen_one();
        }
        Truth::When(Expr::col(("resource", "id")).in_subquery(self.everybody(application)))
    }

    /// Whether one resource may be seen.
    fn seen_one(&self) -> Truth {
        let Some(application) = self.application else { return Truth::Always };
        if self.kind.membership.is_some() {
            return Truth::When(is_own_group(self.tenant, application, ("resource", "id")));
        }
        if self.kind.member_of.is_none() {
            return Truth::Never;
        }
        Truth::When(Expr::exists(self.way_up(application)))
    }

    fn leaves_few(&self, condition: &Condition<'_>) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().any(|part| self.leaves_few(part)),
            // Of a group there are as many as are in it.
            Condition::Test(Test { field, check: Check::Equal(_) }) => {
                field.leaf().canonical_values.is_empty() && !self.kind.is_member_of(field.attribute)
            }
            _ => false,
        }
    }

    /// Groups in rows of `member` that may be seen.
    pub(super) fn seen_groups(&self) -> Truth {
        let own = |application| Truth::When(is_own_group(self.tenant, application, ("member", "group_id")));
        self.application.map_or(Truth::Always, own)
    }

    /// Members in rows of `member` that may be seen.
    pub(super) fn seen_members(&self) -> Truth {
        self.application.map_or(Truth::Always, |application| Truth::When(is_seen_member(self.tenant, application)))
    }

    /// Something if a row of `resource` is in a group of the application. `UNION` drops what was seen, so that a cycle
    /// of groups ends; SQLite keeps the order of cross joins.
    fn way_up(&self, application: Uuid) -> SelectStatement {
        let mut seed = Query::select()
            .column(("first", "group_id"))
            .from_as("member", "first")
            .and_where(Expr::col(("first", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("first", "member_id")).equals(("resource", "id")))
            .to_owned();
        let further = Query::select()
            .column(("member", "group_id"))
            .from("way")
            .cross_join("member")
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "member_id")).equals(("way", "id")))
            .and_where(is_group("member_kind"))
            .to_owned();
        let way = CommonTableExpression::new()
            .table_name("way")
            .columns(["id"])
            .query(seed.union(UnionType::Distinct, further).to_owned())
            .to_owned();
        Query::select()
            .expr(Expr::val(1))
            .from("way")
            .cross_join("application_group")
            .and_where(Expr::col(("application_group", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("application_group", "group_id")).equals(("way", "id")))
            .and_where(Expr::col(("application_group", "application_id")).eq(application))
            .with_cte(WithClause::new().recursive(true).cte(way).to_owned())
            .to_owned()
    }

    /// The users of a page that lists all of them in the order of ids, behind one of them: of each group as many as the
    /// page is long, so that it costs what it shows.
    pub(super) fn seen_on_page(&self, after: Option<Uuid>, length: u64) -> Truth {
        let Some(application) = self.application else { return Truth::Always };
        let behind = |alias: &'static str| after.map(|id| Expr::col((alias, "member_id")).gt(id));
        let last = Query::select()
            .column(("next", "member_id"))
            .from_as("member", "next")
            .and_where(Expr::col(("next", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("next", "group_id")).equals(("nest", "id")))
            .and_where(Expr::cust("next.member_kind = 'User'"))
            .and_where_option(behind("next"))
            .order_by(("next", "member_id"), Order::Asc)
            .limit(1)
            .offset(length)
            .to_owned();
        let last = Expr::SubQuery(None, Box::new(last.into()));
        let end = Func::coalesce([last, Expr::val(Uuid::max())]);
        let mut some = self.everybody(application);
        some.and_where_option(behind("member")).and_where(Expr::col(("member", "member_id")).lte(end));
        Truth::When(Expr::col(("resource", "id")).in_subquery(some))
    }

    /// The ids of all who are in the groups of the application.
    fn everybody(&self, application: Uuid) -> SelectStatement {
        let mut seed = own_groups(self.tenant, application);
        let further = self.of_nest().column(("member", "member_id")).and_where(is_group("member_kind")).to_owned();
        let nest = CommonTableExpression::new()
            .table_name("nest")
            .columns(["id"])
            .query(seed.union(UnionType::Distinct, further).to_owned())
            .to_owned();
        self.of_nest()
            .column(("member", "member_id"))
            .with_cte(WithClause::new().recursive(true).cte(nest).to_owned())
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use scim::filter::{Filter, bind};
    use sea_orm::DatabaseBackend;

    use super::*;
    use crate::members::tests::plan;

    /// Nothing of what an application asks looks a table through, however large the tenant.
    #[tokio::test]
    async fn what_is_seen_is_found_by_indexes() {
        let catalog = Catalog::standard();
        for (kind, filter) in [
            ("User", None),
            ("User", Some("userName eq \"a\"")),
            ("User", Some("userName sw \"a\"")),
            ("Group", None),
            ("Group", Some("members.value eq \"00000000-0000-0000-0000-000000000000\"")),
            ("User", Some("groups.value eq \"00000000-0000-0000-0000-000000000000\"")),
        ] {
            let kind = catalog.by_name(kind).expect("a type");
            let filter = filter.map(|filter| Filter::parse(filter).expect("a filter"));
            let condition = filter.as_ref().map(|filter| bind(kind, filter).expect("bound"));
            let search = Search {
                application: Some(Uuid::nil()),
                ..Search::new(DatabaseBackend::Sqlite, TenantId(1), &catalog, kind)
            };
            let whole = condition.unwrap_or(Condition::All(Vec::new()));
            let with = |seen: Truth| search.matching(&whole).and_where(seen.into_expr()).to_owned();
            let mut plans = plan(&with(search.seen(Some(&whole)))).await;
            if kind.member_of.is_some() {
                let page = plan(&with(search.seen_on_page(Some(Uuid::nil()), 100))).await;
                let range =
                    "SEARCH member USING PRIMARY KEY (tenant_id=? AND group_id=? AND member_id>? AND member_id<?)";
                assert!(page.contains(range), "{page}");
                plans.push_str(&page);
            }
            let plan = plans;
            for line in plan.lines() {
                let walks = ["SCAN nest", "SCAN way"].iter().any(|start| line.contains(start));
                assert!(walks || !line.contains("SCAN"), "{line} in\n{plan}");
                if [" member ", " first ", " next "].iter().any(|name| line.contains(name)) {
                    assert!(line.contains("group_id=?") || line.contains("member_id=?"), "{line} in\n{plan}");
                }
                if line.contains("application_group") || line.contains(" own ") {
                    assert!(line.contains("application_id=?") || line.contains("group_id=?"), "{line} in\n{plan}");
                }
            }
        }
    }
}
