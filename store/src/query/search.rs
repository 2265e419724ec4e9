//! A bound filter as a condition on rows of `resource`.

use scim::{
    filter::{Check, Condition, Field, Test},
    index,
    schema::{Attribute, Catalog, ResourceType, Type},
};
use sea_orm::{
    DatabaseBackend,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    TenantId, dialect,
    query::{
        check::{compare, holds, instant, version},
        order::Sequence,
        truth::{Truth, fold, tests_at_once},
    },
};

/// By how many tests SQLite may foresee the number of matches.
const FEW: usize = 16;

/// Where a query looks.
pub(crate) struct Search<'a> {
    pub(super) backend: DatabaseBackend,
    pub(super) tenant: TenantId,
    pub(super) catalog: &'a Catalog,
    pub(super) kind: &'a ResourceType,
    /// What the addresses of resources start with.
    pub(super) base: &'a str,
    /// Whose groups and members are all that is seen; nothing for everything.
    pub(super) application: Option<Uuid>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        backend: DatabaseBackend,
        tenant: TenantId,
        catalog: &'a Catalog,
        kind: &'a ResourceType,
    ) -> Self {
        Self { backend, tenant, catalog, kind, base: "", application: None }
    }

    /// The ids of the resources that meet a condition.
    #[cfg(test)]
    pub(crate) fn matching(&self, condition: &Condition<'_>) -> SelectStatement {
        self.ids(self.of_resource(condition))
    }

    /// The ids of the resources of which that is true.
    #[cfg(test)]
    pub(super) fn ids(&self, truth: Truth) -> SelectStatement {
        Query::select()
            .column(("resource", "id"))
            .from("resource")
            .and_where(Expr::col(("resource", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("resource", "kind")).eq(self.kind.name.as_str()))
            .and_where(truth.into_expr())
            .take()
    }

    /// A condition on a row of `resource`.
    pub(super) fn of_resource(&self, condition: &Condition<'_>) -> Truth {
        let test = |test: &Test<'_>| self.test(test);
        let element = |attribute: &Attribute, urn: Option<&str>, within: &Condition<'_>| {
            if self.is_derived(attribute, urn) {
                self.related(attribute, within)
            } else {
                self.element(attribute, urn, within)
            }
        };
        fold(condition, &test, &element)
    }

    /// The same for a list in an order.
    pub(super) fn in_order(&self, condition: &Condition<'_>, sequence: &Sequence) -> Truth {
        let truth = self.of_resource(condition);
        let is_misjudged = self.backend == DatabaseBackend::Sqlite && tests_at_once(condition) > FEW;
        if is_misjudged && sequence.joins_keys() { truth.into_one() } else { truth }
    }

    fn test(&self, test: &Test<'_>) -> Truth {
        let Field { urn, attribute, sub } = test.field;
        if self.is_derived(attribute, urn) {
            return self.related(attribute, &Condition::Test(test.clone()));
        }
        if urn.is_none() {
            match (attribute.name.as_str(), sub.map(|sub| sub.name.as_str())) {
                ("id", None) => return self.id(("resource", "id"), &test.check),
                ("meta", Some("created")) => return instant("created", &test.check),
                ("meta", Some("lastModified")) => return instant("modified", &test.check),
                ("meta", Some("version")) => return version(&test.check),
                ("meta", Some("location")) => return self.location(&test.check),
                _ => {}
            }
        }
        let ids = self
            .values("v", &test.field)
            .column(("v", "resource_id"))
            .and_where(holds(self.backend, "v", &test.check))
            .take();
        self.is_one_of(ids, telling(test) == TELLING)
    }

    /// The resource is one of those; `few` if they are likely to be a handful.
    pub(super) fn is_one_of(&self, ids: SelectStatement, few: bool) -> Truth {
        let id = Expr::col(("resource", "id"));
        Truth::When(if few { dialect::one_of_few(self.backend, id, ids) } else { id.in_subquery(ids) })
    }

    /// The rows of a field's values.
    pub(super) fn values(&self, alias: &'static str, field: &Field<'_>) -> SelectStatement {
        self.field_values(alias, [index::field_id(self.kind, field)])
    }

    fn field_values(&self, alias: &'static str, fields: impl IntoIterator<Item = i64>) -> SelectStatement {
        Query::select()
            .from_as("resource_value", alias)
            .and_where(Expr::col((alias, "tenant_id")).eq(self.tenant.0))
            .and_where(one_of(alias, fields))
            .take()
    }

    /// Attributes whose values are rows of memberships.
    fn is_derived(&self, attribute: &Attribute, urn: Option<&str>) -> bool {
        urn.is_none() && (self.kind.is_membership(attribute) || self.kind.is_member_of(attribute))
    }

    fn related(&self, attribute: &Attribute, within: &Condition<'_>) -> Truth {
        if self.kind.is_member_of(attribute) { self.in_groups(within) } else { self.has_member(within) }
    }

    /// One value of the attribute meets the whole inner condition. The most telling test leads; the
    /// others are asked of the same resource and element.
    fn element(&self, attribute: &Attribute, urn: Option<&str>, within: &Condition<'_>) -> Truth {
        let conjuncts = match within {
            Condition::All(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        let lead = conjuncts
            .iter()
            .enumerate()
            .filter_map(|(at, part)| match part {
                Condition::Test(test) => Some((telling(test), at, test)),
                _ => None,
            })
            .max_by_key(|(telling, at, _)| (*telling, std::cmp::Reverse(*at)));
        let mut pairs = match lead {
            Some((_, _, test)) => {
                self.values("v", &test.field).and_where(holds(self.backend, "v", &test.check)).to_owned()
            }
            None => self.field_values("v", self.fields_of(attribute, urn)),
        };
        let few = lead.is_some_and(|(telling, _, _)| telling == TELLING);
        let lead = lead.map(|(_, at, _)| at);
        let others = conjuncts.iter().enumerate().filter(|(at, _)| Some(*at) != lead);
        let others = others.map(|(_, part)| self.same_element(part)).fold(Truth::Always, Truth::and);
        if let Truth::Never = others {
            return Truth::Never;
        }
        pairs.column(("v", "resource_id")).and_where(others.into_expr());
        self.is_one_of(pairs, few)
    }

    /// A condition on the element of row `v`.
    fn same_element(&self, condition: &Condition<'_>) -> Truth {
        let test = |test: &Test<'_>| {
            let mut others = self.values("w", &test.field);
            others.and_where(holds(self.backend, "w", &test.check));
            if let Check::Equal(_) = test.check {
                // The whole key of the row is known: one look for each row of the lead.
                others
                    .expr(Expr::val(1))
                    .and_where(Expr::col(("w", "resource_id")).equals(("v", "resource_id")))
                    .and_where(Expr::col(("w", "element")).equals(("v", "element")));
                dialect::ask_row_by_row(self.backend, &mut others);
                return Truth::When(Expr::exists(others));
            }
            others.columns([("w", "resource_id"), ("w", "element")]);
            let pair = Expr::tuple([Expr::col(("v", "resource_id")), Expr::col(("v", "element"))]);
            Truth::When(pair.in_subquery(others))
        };
        fold(condition, &test, &|_, _, within| self.same_element(within))
    }

    fn fields_of(&self, attribute: &Attribute, urn: Option<&str>) -> Vec<i64> {
        let whole = Field { urn, attribute, sub: None };
        if attribute.sub_attributes.is_empty() {
            return vec![index::field_id(self.kind, &whole)];
        }
        let subs = attribute.sub_attributes.iter();
        subs.map(|sub| index::field_id(self.kind, &Field { sub: Some(sub), ..whole })).collect()
    }

    /// A check on the `displayName` of the resource that a column names.
    pub(super) fn displayed(&self, column: (&'static str, &'static str), check: &Check) -> Truth {
        let fields = self.catalog.types().iter().filter_map(|kind| {
            let attribute = kind.root_attribute("displayName")?;
            Some(index::field_id(kind, &Field { urn: None, attribute, sub: None }))
        });
        let named = self
            .field_values("n", fields)
            .column(("n", "resource_id"))
            .and_where(holds(self.backend, "n", check))
            .take();
        Truth::When(Expr::col(column).in_subquery(named))
    }

    /// A check on an id as clients see it.
    pub(super) fn id(&self, column: (&'static str, &'static str), check: &Check) -> Truth {
        match check {
            Check::Present => Truth::Always,
            Check::Equal(text) => match Uuid::parse_str(text) {
                Ok(id) if id.to_string() == *text => Truth::When(Expr::col(column).eq(id)),
                _ => Truth::Never,
            },
            check => {
                let text = dialect::id_text(self.backend, &format!("{}.{}", column.0, column.1));
                Truth::When(compare(self.backend, &text, check))
            }
        }
    }

    /// An address is the base, the endpoint and the id.
    fn location(&self, check: &Check) -> Truth {
        let Check::Equal(address) = check else {
            return Truth::Always;
        };
        match address.strip_prefix(&format!("{}/{}/", self.base, self.kind.endpoint)) {
            Some(id) => self.id(("resource", "id"), &Check::Equal(id.to_owned())),
            None => Truth::Never,
        }
    }
}

/// A test that leaves hardly any rows.
pub(super) const TELLING: u8 = 3;

/// How few rows a test is likely to leave.
pub(super) fn telling(test: &Test<'_>) -> u8 {
    let leaf = test.field.leaf();
    let broad = leaf.kind == Type::Boolean || !leaf.canonical_values.is_empty();
    match (&test.check, broad) {
        (Check::Equal(_), false) => TELLING,
        (Check::Present, _) => 0,
        (_, true) => 1,
        _ => 2,
    }
}

fn one_of(alias: &'static str, fields: impl IntoIterator<Item = i64>) -> Expr {
    let fields: Vec<i64> = fields.into_iter().collect();
    match fields.as_slice() {
        [field] => Expr::col((alias, "field")).eq(*field),
        _ => Expr::col((alias, "field")).is_in(fields),
    }
}
