//! The order of a list (RFC 7644 §3.4.2.3), and the place behind a resource in it (RFC 9865).

use scim::{
    filter::{Check, Condition, Field, Test},
    index,
    message::{Position, Query as ScimQuery, Sort, Start},
};
use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, JoinType, Order, Query, SelectStatement, WithClause};
use uuid::Uuid;

use crate::{
    Error, Row, Stored, TenantId,
    query::{Wanted, check::whole},
};

/// The order of a list: by a key, then by type and id, so that every resource has one place.
pub(super) struct Sequence {
    by: By,
    descending: bool,
    /// Whether resources of several types are mixed.
    mixed: bool,
}

enum By {
    /// Ids rise with the time of their making.
    Id,
    /// A column of numbers.
    Column(&'static str),
    /// The keys of fields.
    Fields(Vec<i64>),
}

impl Sequence {
    pub(super) fn new(wanted: &Wanted<'_>) -> Self {
        let sorts = || wanted.kinds.iter().zip(wanted.queries).filter_map(|(kind, query)| Some((kind, query.sort?)));
        let column = sorts().find_map(|(_, sort)| column(&sort.field));
        let by = match column {
            Some("id") => By::Id,
            Some(column) => By::Column(column),
            // Whoever asks what has changed, and reads on from place to place: an index holds both.
            None if sorts().next().is_none() && wanted.queries.iter().all(asks_for_changes) => By::Column("modified"),
            None if sorts().next().is_none() => By::Id,
            None => By::Fields(sorts().map(|(kind, Sort { field, .. })| index::field_id(kind, &field)).collect()),
        };
        let descending = sorts().any(|(_, sort)| sort.descending);
        Self { by, descending, mixed: wanted.kinds.len() > 1 }
    }

    /// Whether an index holds the resources in this order, so that nothing has to be sorted.
    pub(super) fn is_indexed(&self) -> bool {
        !self.mixed && matches!(self.by, By::Id | By::Column("modified"))
    }

    /// Whether keys are joined to what is found.
    pub(super) fn joins_keys(&self) -> bool {
        matches!(self.by, By::Fields(_))
    }

    /// Whether those that were made first stand first.
    pub(super) fn is_by_making(&self) -> bool {
        !self.mixed && !self.descending && matches!(self.by, By::Id)
    }

    /// Puts a select into this order. RFC 7644 §3.4.2.3: without a value last when ascending, first when descending.
    pub(super) fn apply(&self, select: &mut SelectStatement, tenant: TenantId) {
        let order = if self.descending { Order::Desc } else { Order::Asc };
        match &self.by {
            By::Id => {
                if self.mixed && !self.descending {
                    select.order_by(("resource", "kind"), Order::Asc);
                }
                select.order_by(("resource", "id"), order);
                return;
            }
            By::Column(column) => {
                select.order_by(("resource", *column), order);
            }
            By::Fields(fields) => {
                // Materialized, so that neither database looks up the keys one by one.
                let keys = Query::select()
                    .from_as("resource_value", "v")
                    .and_where(Expr::col(("v", "tenant_id")).eq(tenant.0))
                    .and_where(Expr::col(("v", "field")).is_in(fields.iter().copied()))
                    .and_where(Expr::col(("v", "element")).eq(0))
                    .column(("v", "resource_id"))
                    .expr(whole("v"))
                    .take();
                let keys = CommonTableExpression::new()
                    .table_name("sorted")
                    .columns(["resource_id", "sort_key"])
                    .query(keys)
                    .materialized(true)
                    .to_owned();
                select
                    .with_cte(WithClause::new().cte(keys).to_owned())
                    .join(JoinType::LeftJoin, "sorted", Expr::col(("sorted", "resource_id")).equals(("resource", "id")))
                    .order_by_expr(key().is_null(), order.clone())
                    .order_by_expr(key(), order);
            }
        }
        select.order_by(("resource", "id"), Order::Asc);
    }

    /// Shows the key of each resource behind what a select shows already.
    pub(super) fn show_key(&self, select: &mut SelectStatement) {
        match &self.by {
            By::Id => {}
            By::Column(column) => {
                select.column(("resource", *column));
            }
            By::Fields(_) => {
                select.expr(key());
            }
        }
    }

    /// The key that a row shows behind two columns.
    pub(super) fn read_key(&self, row: &Row<'_>) -> Result<Option<String>, Error> {
        Ok(match &self.by {
            By::Id => None,
            By::Column(_) => Some(row.get::<i64>(2)?.to_string()),
            By::Fields(_) => row.get(2)?,
        })
    }

    /// The key of a resource in an order that an index holds.
    pub(super) fn key(&self, stored: &Stored) -> Option<String> {
        match self.by {
            By::Column(_) => Some(stored.modified.to_string()),
            By::Id | By::Fields(_) => None,
        }
    }

    /// What comes behind a position.
    pub(super) fn after(&self, position: &Position) -> Result<Expr, Error> {
        let wrong = || Error::Damaged("a position in a list that names no place".into());
        let at = Uuid::parse_str(&position.id).map_err(|_| wrong())?;
        let id = || Expr::col(("resource", "id"));
        let behind = || id().gt(at);
        Ok(match &self.by {
            By::Id if self.descending => id().lt(at),
            By::Id if self.mixed => {
                let kind = || Expr::col(("resource", "kind"));
                kind().gt(position.kind.as_str()).or(kind().eq(position.kind.as_str()).and(behind()))
            }
            By::Id => behind(),
            By::Column(column) => {
                let bound: i64 = position.key.as_deref().and_then(|key| key.parse().ok()).ok_or_else(wrong)?;
                let value = || Expr::col(("resource", *column));
                if self.descending {
                    value().lt(bound).or(value().eq(bound).and(behind()))
                } else {
                    // The bound alone lets an index start at the place.
                    value().gte(bound).and(value().gt(bound).or(behind()))
                }
            }
            By::Fields(_) => match (&position.key, self.descending) {
                (None, false) => key().is_null().and(behind()),
                (None, true) => key().is_null().and(behind()).or(key().is_not_null()),
                (Some(bound), false) => {
                    key().is_null().or(key().gt(bound.as_str())).or(key().eq(bound.as_str()).and(behind()))
                }
                (Some(bound), true) => key().lt(bound.as_str()).or(key().eq(bound.as_str()).and(behind())),
            },
        })
    }
}

/// Whether a query asks for what was modified since an instant, whatever else it asks.
fn asks_for_changes(query: &ScimQuery<'_>) -> bool {
    fn bounds(condition: &Condition<'_>) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().any(bounds),
            Condition::Test(Test { field, check: Check::Greater(_) | Check::AtLeast(_) }) => {
                column(field) == Some("modified")
            }
            _ => false,
        }
    }
    matches!(query.start, Start::After(_)) && query.condition.as_ref().is_some_and(bounds)
}

fn key() -> Expr {
    Expr::col(("sorted", "sort_key"))
}

fn column(field: &Field<'_>) -> Option<&'static str> {
    match (field.urn, field.attribute.name.as_str(), field.sub.map(|sub| sub.name.as_str())) {
        (None, "id", None) | (None, "meta", Some("location" | "resourceType")) => Some("id"),
        (None, "meta", Some("created")) => Some("created"),
        (None, "meta", Some("lastModified")) => Some("modified"),
        (None, "meta", Some("version")) => Some("version"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use scim::{
        message::{PageSize, Parameters},
        schema::Catalog,
    };
    use sea_orm::DatabaseBackend;

    use super::*;
    use crate::{
        members::tests::plan,
        query::{Search, truth::Truth},
    };

    /// However many tests a filter has, keys are looked up in an index, and not looked through for each resource.
    #[tokio::test]
    async fn keys_are_looked_up_whatever_the_filter() {
        let catalog = Catalog::standard();
        let kind = catalog.by_name("User").expect("User");
        for tests in [0, 1, 16, 17, 100, 150, 200] {
            let filter: Vec<String> = (0..tests).map(|n| format!("displayName ne \"zz{n}\"")).collect();
            let parameters = Parameters {
                filter: (tests > 0).then(|| filter.join(" and ")),
                sort_by: Some("displayName".into()),
                ..Parameters::default()
            };
            let query =
                parameters.query(kind, PageSize { default: 100, maximum: 100 }, scim::Mode::Tolerant).expect("a query");
            let queries = [query];
            let kinds = std::slice::from_ref(kind);
            let wanted = Wanted { catalog: &catalog, kinds, queries: &queries, base: "", total: None };
            let search = Search::new(DatabaseBackend::Sqlite, TenantId(1), &catalog, kind);
            let sequence = Sequence::new(&wanted);
            let condition = queries[0].condition.as_ref();
            let mut select = search.ids(condition.map_or(Truth::Always, |asked| search.in_order(asked, &sequence)));
            sequence.apply(&mut select, TenantId(1));
            let plan = plan(&select).await;
            assert!(plan.contains("SEARCH sorted USING AUTOMATIC COVERING INDEX"), "{tests}: {plan}");
        }
    }
}
