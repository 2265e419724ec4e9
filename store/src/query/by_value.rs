//! What identity providers ask most: who has this one value. It is always the same statement, so it is not made anew.

use std::sync::OnceLock;

use scim::{
    filter::{Check, Condition, Field, Test},
    index,
    message::Start,
};
use sea_orm::{DatabaseBackend, Statement};

use crate::{
    Error, Stored, TenantStore, groups,
    query::{Page, Wanted, check::cut, order::Sequence},
    resources::COLUMNS,
};

/// A value of an attribute that every resource has one of at the most, so that nothing is found twice.
struct OneValue<'a> {
    field: i64,
    key: &'a str,
    count: u64,
    with_groups: bool,
}

impl<'a> OneValue<'a> {
    /// The value that a query asks for, if it asks for the first page of those that have it, and for nothing else.
    fn of(wanted: &'a Wanted<'_>, sequence: &Sequence) -> Option<Self> {
        let ([kind], [query]) = (wanted.kinds, wanted.queries) else { return None };
        let Some(Condition::Test(Test { field, check: Check::Equal(key) })) = &query.condition else { return None };
        let Field { urn, attribute, sub } = *field;
        // What stands in columns, and what is derived, is looked for elsewhere.
        let common = urn.is_none() && matches!(attribute.name.as_str(), "id" | "meta");
        let derived = urn.is_none() && (kind.is_membership(attribute) || kind.is_member_of(attribute));
        let multi_valued = attribute.multi_valued || sub.is_some_and(|sub| sub.multi_valued);
        let is_whole = cut(key).len() == key.len();
        if common || derived || multi_valued || !is_whole || !sequence.is_by_making() {
            return None;
        }
        let first = query.start == Start::Index(1) && query.count > 0 && wanted.total.is_none();
        let shows_groups =
            kind.member_of.and_then(|name| kind.root_attribute(name)).is_some_and(|list| query.projection.shows(list));
        first.then(|| Self { field: index::field_id(kind, field), key, count: query.count, with_groups: shows_groups })
    }
}

/// PostgreSQL and SQLite keep the order of cross joins here: the value leads to the resource.
fn text(backend: DatabaseBackend, with_groups: bool) -> &'static str {
    static TEXTS: [OnceLock<String>; 4] = [const { OnceLock::new() }; 4];
    let postgres = backend == DatabaseBackend::Postgres;
    TEXTS[usize::from(postgres) | usize::from(with_groups) << 1].get_or_init(|| {
        let mut columns = COLUMNS.map(|column| format!("resource.{column}")).join(", ");
        if with_groups {
            columns.push_str(", ");
            columns.push_str(groups::column(backend));
        }
        format!(
            "SELECT {columns} FROM resource_value v CROSS JOIN resource WHERE v.tenant_id = $1 AND v.field = $2 \
             AND v.value = $3 AND v.rest IS NULL AND resource.tenant_id = v.tenant_id AND resource.kind = $4 \
             AND resource.id = v.resource_id ORDER BY v.resource_id"
        )
    })
}

impl TenantStore {
    /// The page of a query that asks who has one value of one attribute. Nothing if it asks for anything else, or if
    /// one page does not hold them.
    pub(super) async fn by_value(&self, wanted: &Wanted<'_>, sequence: &Sequence) -> Result<Option<Page>, Error> {
        if self.application.is_some() {
            return Ok(None);
        }
        let Some(one) = OneValue::of(wanted, sequence) else { return Ok(None) };
        let backend = self.store.backend();
        let kind = wanted.kinds[0].name.as_str();
        let values = [self.tenant.0.into(), one.field.into(), one.key.into(), kind.into()];
        let mut statement = Statement::from_sql_and_values(backend, text(backend, one.with_groups), values);
        statement.sql.push_str(&format!(" LIMIT {}", one.count));
        let found = self.store.read.rows(statement, |row| Stored::read(row, one.with_groups)).await?;
        let total = found.len() as u64;
        if total == one.count {
            return Ok(None);
        }
        let resources = self.complete(found).await?.into_iter().map(|stored| (0, stored)).collect();
        Ok(Some(Page { total, resources, next: None }))
    }
}
