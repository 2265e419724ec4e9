//! Conditions on memberships: who is in a group, directly or through other groups.

use scim::filter::{Check, Condition, Test};
use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, Query, SelectStatement, UnionType, WithClause};

use crate::query::{
    Search, is_group,
    truth::{Truth, fold},
};

impl Search<'_> {
    /// Groups with a member that meets the condition.
    pub(super) fn has_member(&self, within: &Condition<'_>) -> Truth {
        let groups = match self.of_member(within).and(self.seen_members()) {
            Truth::Never => return Truth::Never,
            truth => self.members().column(("member", "group_id")).and_where(truth.into_expr()).to_owned(),
        };
        // Of one member: the groups of one user are few.
        let of_one = matches!(within, Condition::Test(Test { check: Check::Equal(_), .. }));
        self.is_one_of(groups, of_one)
    }

    fn members(&self) -> SelectStatement {
        Query::select().from("member").and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0)).to_owned()
    }

    /// A condition on a row of `member`, whose names are the sub-attributes of `members`.
    pub(crate) fn of_member(&self, condition: &Condition<'_>) -> Truth {
        let test = |test: &Test<'_>| match test.field.sub.map_or("value", |sub| sub.name.as_str()) {
            "type" => {
                let kinds = self.catalog.types().iter().map(|kind| kind.name.as_str());
                let kinds: Vec<&str> = kinds.filter(|kind| test.check.passes(&scim::fold::fold(kind))).collect();
                Truth::When(Expr::col(("member", "member_kind")).is_in(kinds))
            }
            "display" => self.displayed(("member", "member_id"), &test.check),
            _ => self.id(("member", "member_id"), &test.check),
        };
        fold(condition, &test, &|_, _, within| self.of_member(within))
    }

    /// Users in a group that meets the condition, directly or through nested groups. A group that a
    /// user is in directly is never also an indirect one of that user.
    pub(super) fn in_groups(&self, within: &Condition<'_>) -> Truth {
        let direct = self.of_group(within, "direct").and(self.seen_groups());
        let indirect = self.of_group(within, "indirect").and(self.seen_groups());
        let mut members = self.members().column(("member", "member_id")).to_owned();
        let of_indirect = match indirect {
            Truth::Never => None,
            truth => Some(self.nested_members(truth.into_expr())),
        };
        let found = match (direct, of_indirect) {
            // Whoever is in a group indirectly is in another one directly.
            (Truth::Always, _) => members,
            (Truth::Never, None) => return Truth::Never,
            (Truth::Never, Some(indirect)) => indirect,
            (Truth::When(group), None) => members.and_where(group).take(),
            (Truth::When(group), Some(mut indirect)) => {
                indirect.union(UnionType::Distinct, members.and_where(group).take()).to_owned()
            }
        };
        self.is_one_of(found, false)
    }

    /// A condition on the group of a row of `member`, of which the user is a member in that way.
    fn of_group(&self, condition: &Condition<'_>, way: &str) -> Truth {
        let test = |test: &Test<'_>| match test.field.sub.map_or("value", |sub| sub.name.as_str()) {
            "type" => Truth::of(test.check.passes(way)),
            "display" => self.displayed(("member", "group_id"), &test.check),
            _ => self.id(("member", "group_id"), &test.check),
        };
        fold(condition, &test, &|_, _, within| self.of_group(within, way))
    }

    /// The ids of those who are in a group only through groups nested in it. `UNION` drops what was
    /// seen, so that a cycle of groups ends.
    fn nested_members(&self, group: Expr) -> SelectStatement {
        let nested_group = is_group("member_kind");
        let mut seed = self.members();
        seed.column(("member", "group_id"))
            .column(("member", "member_id"))
            .and_where(nested_group.clone())
            .and_where(group);
        let further =
            self.of_nest().columns([("nest", "top"), ("member", "member_id")]).and_where(nested_group).to_owned();
        let nest = CommonTableExpression::new()
            .table_name("nest")
            .columns(["top", "id"])
            .query(seed.union(UnionType::Distinct, further).take())
            .to_owned();
        let direct = Query::select()
            .expr(Expr::val(1))
            .from_as("member", "d")
            .and_where(Expr::col(("d", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("d", "group_id")).equals(("nest", "top")))
            .and_where(Expr::col(("d", "member_id")).equals(("member", "member_id")))
            .take();
        self.of_nest()
            .column(("member", "member_id"))
            .and_where(Expr::exists(direct).not())
            .with_cte(WithClause::new().recursive(true).cte(nest).to_owned())
            .take()
    }

    /// The members of the groups that were found. SQLite keeps the order of a cross join: the groups first.
    pub(super) fn of_nest(&self) -> SelectStatement {
        Query::select()
            .from("nest")
            .cross_join("member")
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "group_id")).equals(("nest", "id")))
            .take()
    }
}
