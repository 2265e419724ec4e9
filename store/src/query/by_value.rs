//! What identity providers ask most: who has this value. It is always the same statement, so it is not made anew.

use std::sync::OnceLock;

use scim::{
    filter::{Check, Condition, Field, Test},
    index,
    message::Start,
    schema::ResourceType,
};
use sea_orm::{DatabaseBackend, Statement};

use crate::{
    Error, Stored, TenantStore, groups,
    query::{
        Page, Wanted,
        check::cut,
        order::Sequence,
        search::{TELLING, telling},
    },
    resources::COLUMNS,
};

/// A query for those who have a value, and perhaps another one beside it in the same element of a list.
struct Values<'a> {
    /// The one that leads to a handful of resources.
    lead: Value<'a>,
    beside: Option<Value<'a>>,
    count: u64,
    with_groups: bool,
}

/// A value of a field.
struct Value<'a> {
    field: i64,
    key: &'a str,
}

impl<'a> Value<'a> {
    fn of(kind: &ResourceType, test: &'a Test<'_>) -> Option<Self> {
        let Test { field, check: Check::Equal(key) } = test else { return None };
        let Field { urn, attribute, .. } = *field;
        // What stands in columns, and what is derived, is looked for elsewhere.
        let common = urn.is_none() && matches!(attribute.name.as_str(), "id" | "meta");
        let derived = urn.is_none() && (kind.is_membership(attribute) || kind.is_member_of(attribute));
        let is_whole = cut(key).len() == key.len();
        (!common && !derived && is_whole).then(|| Self { field: index::field_id(kind, field), key })
    }
}

impl<'a> Values<'a> {
    /// What a query asks for, if it asks for the first page of those who have that, and for nothing else.
    fn of(wanted: &'a Wanted<'_>, sequence: &Sequence) -> Option<Self> {
        let ([kind], [query]) = (wanted.kinds, wanted.queries) else { return None };
        let (lead, beside) = match query.condition.as_ref()? {
            Condition::Test(test) => (test, None),
            Condition::Element { within, .. } => match &**within {
                Condition::Test(test) => (test, None),
                Condition::All(parts) => match parts.as_slice() {
                    [Condition::Test(one), Condition::Test(other)] if telling(one) < telling(other) => {
                        (other, Some(one))
                    }
                    [Condition::Test(one), Condition::Test(other)] => (one, Some(other)),
                    _ => return None,
                },
                _ => return None,
            },
            _ => return None,
        };
        if telling(lead) < TELLING || !sequence.is_by_making() {
            return None;
        }
        let beside = match beside {
            Some(test) => Some(Value::of(kind, test)?),
            None => None,
        };
        let first = query.start == Start::Index(1) && query.count > 0 && wanted.total.is_none();
        let shows_groups =
            kind.member_of.and_then(|name| kind.root_attribute(name)).is_some_and(|list| query.projection.shows(list));
        let lead = Value::of(kind, lead)?;
        first.then_some(Self { lead, beside, count: query.count, with_groups: shows_groups })
    }
}

/// The value leads to the resource: SQLite keeps the order of cross joins, and PostgreSQL, which leaves a query with an
/// offset alone, asks for the other value row by row.
fn text(backend: DatabaseBackend, with_groups: bool, with_another: bool) -> &'static str {
    static TEXTS: [OnceLock<String>; 8] = [const { OnceLock::new() }; 8];
    let postgres = backend == DatabaseBackend::Postgres;
    let which = usize::from(postgres) | usize::from(with_groups) << 1 | usize::from(with_another) << 2;
    TEXTS[which].get_or_init(|| {
        let mut columns = COLUMNS.map(|column| format!("resource.{column}")).join(", ");
        if with_groups {
            columns.push_str(", ");
            columns.push_str(groups::column(backend));
        }
        let offset = if postgres { " OFFSET 0" } else { "" };
        let another = if with_another {
            format!(
                " AND EXISTS (SELECT 1 FROM resource_value w WHERE w.tenant_id = v.tenant_id AND w.field = $5 \
                 AND w.value = $6 AND w.rest IS NULL AND w.resource_id = v.resource_id \
                 AND w.element = v.element{offset})"
            )
        } else {
            String::new()
        };
        format!(
            "SELECT {columns} FROM resource_value v CROSS JOIN resource WHERE v.tenant_id = $1 AND v.field = $2 \
             AND v.value = $3 AND v.rest IS NULL AND resource.tenant_id = v.tenant_id AND resource.kind = $4 \
             AND resource.id = v.resource_id{another} ORDER BY v.resource_id"
        )
    })
}

impl TenantStore {
    /// The page of a query that asks who has a value. Nothing if it asks for anything else, or if one page does not
    /// hold them.
    pub(super) async fn by_value(&self, wanted: &Wanted<'_>, sequence: &Sequence) -> Result<Option<Page>, Error> {
        if self.application.is_some() {
            return Ok(None);
        }
        let Some(asked) = Values::of(wanted, sequence) else { return Ok(None) };
        let backend = self.store.backend();
        let kind = wanted.kinds[0].name.as_str();
        let mut values = vec![self.tenant.0.into(), asked.lead.field.into(), asked.lead.key.into(), kind.into()];
        if let Some(beside) = &asked.beside {
            values.extend([beside.field.into(), beside.key.into()]);
        }
        let text = text(backend, asked.with_groups, asked.beside.is_some());
        let mut statement = Statement::from_sql_and_values(backend, text, values);
        statement.sql.push_str(&format!(" LIMIT {}", asked.count.saturating_add(1)));
        let mut found = self.store.read.rows(statement, |row| Stored::read(row, asked.with_groups)).await?;
        if found.len() as u64 > asked.count {
            return Ok(None);
        }
        // Several elements of a list may have the same value.
        found.dedup_by_key(|(stored, _)| stored.id);
        let total = found.len() as u64;
        let resources = self.complete(found).await?.into_iter().map(|stored| (0, stored)).collect();
        Ok(Some(Page { total, resources, next: None }))
    }
}
