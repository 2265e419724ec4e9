//! The order of a list (RFC 7644 §3.4.2.3).

use scim::{filter::Field, message::Sort};
use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, JoinType, Order, SelectStatement, WithClause};

use crate::query::{Search, check::whole};

impl Search<'_> {
    /// RFC 7644 §3.4.2.3: without a value last when ascending, first when descending.
    pub(super) fn sort(&self, select: &mut SelectStatement, sort: &Sort<'_>) {
        let order = if sort.descending { Order::Desc } else { Order::Asc };
        if let Some(column) = sort_column(&sort.field) {
            select.order_by(("resource", column), order);
        } else {
            // Materialized, so that neither database looks up the keys one by one.
            let keys = self
                .values("v", &sort.field)
                .and_where(Expr::col(("v", "element")).eq(0))
                .column(("v", "resource_id"))
                .expr(whole("v"))
                .to_owned();
            let keys = CommonTableExpression::new()
                .table_name("sorted")
                .columns(["resource_id", "sort_key"])
                .query(keys)
                .materialized(true)
                .to_owned();
            let key = || Expr::col(("sorted", "sort_key"));
            select
                .with_cte(WithClause::new().cte(keys).to_owned())
                .join(JoinType::LeftJoin, "sorted", Expr::col(("sorted", "resource_id")).equals(("resource", "id")))
                .order_by_expr(key().is_null(), order.clone())
                .order_by_expr(key(), order);
        }
        select.order_by(("resource", "id"), Order::Asc);
    }
}

fn sort_column(field: &Field<'_>) -> Option<&'static str> {
    match (field.urn, field.attribute.name.as_str(), field.sub.map(|sub| sub.name.as_str())) {
        (None, "id", None) | (None, "meta", Some("location" | "resourceType")) => Some("id"),
        (None, "meta", Some("created")) => Some("created"),
        (None, "meta", Some("lastModified")) => Some("modified"),
        (None, "meta", Some("version")) => Some("version"),
        _ => None,
    }
}
