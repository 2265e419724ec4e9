//! Filters, order and pages as SQL. Nothing is ever judged over a loaded collection.
//!
//! Every searchable value is a row of `resource_value`; a test becomes a set of resource ids, and a
//! bracketed filter a set of (resource, element) pairs, so that each part is computed once.

use std::collections::HashMap;

use scim::{
    filter::{Check, Condition, Field, Test},
    index, instant_millis,
    message::{Query as ScimQuery, Sort},
    schema::{Attribute, Catalog, ResourceType, Type},
};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, FromQueryResult,
    sea_query::{
        CommonTableExpression, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement, UnionType, WithClause,
    },
};
use uuid::Uuid;

use crate::{Error, Stored, TenantId, TenantStore, dialect};

/// The resource type that has members.
pub(crate) const GROUP_KIND: &str = "Group";
/// The longest text of a value in the index, in characters.
const INDEXED: usize = 256;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many resources meet the filter.
    pub total: u64,
    /// Those of this page.
    pub resources: Vec<Stored>,
}

/// As much of a comparison key as the index holds.
pub(crate) fn cut(key: &str) -> &str {
    match key.char_indices().nth(INDEXED) {
        Some((end, _)) => &key[..end],
        None => key,
    }
}

impl TenantStore {
    /// The resources that a query asks for. Without a filter the total comes from counters.
    /// `base` is what the addresses of this tenant's resources start with.
    pub async fn query(
        &self,
        catalog: &Catalog,
        kind: &ResourceType,
        query: &ScimQuery<'_>,
        base: &str,
    ) -> Result<Page, Error> {
        let search = Search { base, ..Search::new(self.store.backend(), self.tenant, catalog, kind) };
        let truth = query.condition.as_ref().map_or(Truth::Always, |condition| search.of_resource(condition));
        let resources = if query.count == 0 { Vec::new() } else { self.page(&search, &truth, query).await? };
        let skipped = query.start_index - 1;
        let ended = !resources.is_empty() && (resources.len() as u64) < query.count;
        let total = match truth {
            Truth::Never => 0,
            Truth::Always => self.count(kind).await?,
            // A page that is not full shows where the results end.
            Truth::When(_) if ended || skipped == 0 && query.count > 0 && resources.is_empty() => {
                skipped + resources.len() as u64
            }
            Truth::When(condition) => self.count_where(&search, condition).await?,
        };
        Ok(Page { total, resources })
    }

    /// What is skipped and what is sorted goes by ids alone; documents are fetched for what is left.
    async fn page(&self, search: &Search<'_>, truth: &Truth, query: &ScimQuery<'_>) -> Result<Vec<Stored>, Error> {
        let mut ids = search.resources();
        ids.and_where(truth.clone().into_expr()).limit(query.count);
        match &query.sort {
            Some(sort) => search.sort(&mut ids, sort),
            None => {
                ids.order_by(("resource", "id"), Order::Asc);
            }
        }
        if query.start_index == 1 && query.sort.is_none() {
            return self.fetch(&mut ids).await;
        }
        ids.column(("resource", "id")).offset(query.start_index - 1);
        let rows = self.store.read.query_all(&ids).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Uuid>, _>>()?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let place: HashMap<Uuid, usize> = ids.iter().copied().zip(0..).collect();
        let mut named = search.resources();
        let mut page = self.fetch(named.and_where(Expr::col(("resource", "id")).is_in(ids))).await?;
        page.sort_unstable_by_key(|stored| place.get(&stored.id).copied());
        Ok(page)
    }

    async fn fetch(&self, select: &mut SelectStatement) -> Result<Vec<Stored>, Error> {
        select.columns(
            ["id", "created", "modified", "version", "display", "document"].map(|column| ("resource", column)),
        );
        let rows = self.store.read.query_all(&*select).await?;
        rows.iter().map(|row| Stored::from_query_result(row, "").map_err(Into::into)).collect()
    }

    async fn count_where(&self, search: &Search<'_>, condition: Expr) -> Result<u64, Error> {
        let mut select = search.resources();
        select.expr(Expr::col(("resource", "id")).count()).and_where(condition);
        let row = self.store.read.query_one(&select).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

/// A condition that is settled before the database is asked, or an expression for it.
#[derive(Clone, Debug)]
pub(crate) enum Truth {
    Always,
    Never,
    When(Expr),
}

impl Truth {
    pub(crate) fn into_expr(self) -> Expr {
        match self {
            Self::Always => Expr::val(1).eq(1),
            Self::Never => Expr::val(1).eq(0),
            Self::When(expr) => expr,
        }
    }

    fn of(settled: bool) -> Self {
        if settled { Self::Always } else { Self::Never }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Always, rest) | (rest, Self::Always) => rest,
            (Self::When(a), Self::When(b)) => Self::When(a.and(b)),
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Never, rest) | (rest, Self::Never) => rest,
            (Self::When(a), Self::When(b)) => Self::When(a.or(b)),
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::When(expr) => Self::When(expr.not()),
        }
    }
}

/// Folds a condition, with a word for its tests and one for its bracketed parts.
fn fold(
    condition: &Condition<'_>,
    test: &impl Fn(&Test<'_>) -> Truth,
    element: &impl Fn(&Attribute, Option<&str>, &Condition<'_>) -> Truth,
) -> Truth {
    match condition {
        Condition::All(parts) => parts.iter().map(|part| fold(part, test, element)).fold(Truth::Always, Truth::and),
        Condition::Any(parts) => parts.iter().map(|part| fold(part, test, element)).fold(Truth::Never, Truth::or),
        Condition::Not(inner) => fold(inner, test, element).not(),
        Condition::Test(of) => test(of),
        Condition::Element { urn, attribute, within } => element(attribute, *urn, within),
    }
}

/// Where a query looks.
pub(crate) struct Search<'a> {
    backend: DatabaseBackend,
    tenant: TenantId,
    catalog: &'a Catalog,
    kind: &'a ResourceType,
    /// What the addresses of resources start with.
    base: &'a str,
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        backend: DatabaseBackend,
        tenant: TenantId,
        catalog: &'a Catalog,
        kind: &'a ResourceType,
    ) -> Self {
        Self { backend, tenant, catalog, kind, base: "" }
    }

    /// The ids of the resources that meet a condition.
    #[cfg(test)]
    pub(crate) fn matching(&self, condition: &Condition<'_>) -> SelectStatement {
        let mut select = self.resources();
        select.column(("resource", "id")).and_where(self.of_resource(condition).into_expr()).to_owned()
    }

    fn resources(&self) -> SelectStatement {
        Query::select()
            .from("resource")
            .and_where(Expr::col(("resource", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("resource", "kind")).eq(self.kind.name.as_str()))
            .to_owned()
    }

    /// A condition on a row of `resource`.
    fn of_resource(&self, condition: &Condition<'_>) -> Truth {
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
            .to_owned();
        self.is_one_of(ids, telling(test) == TELLING)
    }

    /// The resource is one of those; `few` if they are likely to be a handful.
    fn is_one_of(&self, ids: SelectStatement, few: bool) -> Truth {
        let id = Expr::col(("resource", "id"));
        Truth::When(if few { dialect::one_of_few(self.backend, id, ids) } else { id.in_subquery(ids) })
    }

    /// The rows of a field's values.
    fn values(&self, alias: &'static str, field: &Field<'_>) -> SelectStatement {
        self.field_values(alias, [index::field_id(self.kind, field)])
    }

    fn field_values(&self, alias: &'static str, fields: impl IntoIterator<Item = i64>) -> SelectStatement {
        Query::select()
            .from_as("resource_value", alias)
            .and_where(Expr::col((alias, "tenant_id")).eq(self.tenant.0))
            .and_where(one_of(alias, fields))
            .to_owned()
    }

    /// Attributes whose values are rows of memberships.
    fn is_derived(&self, attribute: &Attribute, urn: Option<&str>) -> bool {
        urn.is_none() && (self.kind.is_membership(attribute) || self.is_groups(attribute))
    }

    fn is_groups(&self, attribute: &Attribute) -> bool {
        attribute.name == "groups" && !self.kind.is_membership(attribute)
    }

    fn related(&self, attribute: &Attribute, within: &Condition<'_>) -> Truth {
        if self.is_groups(attribute) { self.in_groups(within) } else { self.has_member(within) }
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

    /// Groups with a member that meets the condition.
    fn has_member(&self, within: &Condition<'_>) -> Truth {
        let groups = match self.of_member(within) {
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
    fn in_groups(&self, within: &Condition<'_>) -> Truth {
        let direct = self.of_group(within, "direct");
        let indirect = self.of_group(within, "indirect");
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
            (Truth::When(group), None) => members.and_where(group).to_owned(),
            (Truth::When(group), Some(mut indirect)) => {
                indirect.union(UnionType::Distinct, members.and_where(group).to_owned()).to_owned()
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
        let nested_group = Expr::col(("member", "member_kind")).eq(GROUP_KIND);
        let mut seed = self.members();
        seed.column(("member", "group_id"))
            .column(("member", "member_id"))
            .and_where(nested_group.clone())
            .and_where(group);
        let further =
            self.from_nest().columns([("nest", "top"), ("member", "member_id")]).and_where(nested_group).to_owned();
        let nest = CommonTableExpression::new()
            .table_name("nest")
            .columns(["top", "id"])
            .query(seed.union(UnionType::Distinct, further).to_owned())
            .to_owned();
        let direct = Query::select()
            .expr(Expr::val(1))
            .from_as("member", "d")
            .and_where(Expr::col(("d", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("d", "group_id")).equals(("nest", "top")))
            .and_where(Expr::col(("d", "member_id")).equals(("member", "member_id")))
            .to_owned();
        self.from_nest()
            .column(("member", "member_id"))
            .and_where(Expr::exists(direct).not())
            .with_cte(WithClause::new().recursive(true).cte(nest).to_owned())
            .to_owned()
    }

    /// The members of the groups that were found. SQLite keeps the order of a cross join: the groups first.
    fn from_nest(&self) -> SelectStatement {
        Query::select()
            .from("nest")
            .cross_join("member")
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "group_id")).equals(("nest", "id")))
            .to_owned()
    }

    /// A check on the `displayName` of the resource that a column names.
    fn displayed(&self, column: (&'static str, &'static str), check: &Check) -> Truth {
        let fields = self.catalog.types().iter().filter_map(|kind| {
            let attribute = kind.root_attribute("displayName")?;
            Some(index::field_id(kind, &Field { urn: None, attribute, sub: None }))
        });
        let named = self
            .field_values("n", fields)
            .column(("n", "resource_id"))
            .and_where(holds(self.backend, "n", check))
            .to_owned();
        Truth::When(Expr::col(column).in_subquery(named))
    }

    /// A check on an id as clients see it.
    fn id(&self, column: (&'static str, &'static str), check: &Check) -> Truth {
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

    /// RFC 7644 §3.4.2.3: without a value last when ascending, first when descending.
    fn sort(&self, select: &mut SelectStatement, sort: &Sort<'_>) {
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

/// A test that leaves hardly any rows.
const TELLING: u8 = 3;

/// How few rows a test is likely to leave.
fn telling(test: &Test<'_>) -> u8 {
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

/// The whole key of a value row.
fn whole(alias: &'static str) -> Expr {
    Func::coalesce([Expr::col((alias, "rest")), Expr::col((alias, "value"))]).into()
}

/// A check on a value row, so that its index is used where there is a bound.
fn holds(backend: DatabaseBackend, alias: &'static str, check: &Check) -> Expr {
    let value = || Expr::col((alias, "value"));
    let rest = || Expr::col((alias, "rest"));
    match check {
        Check::Present => Expr::val(1).eq(1),
        Check::Equal(key) if cut(key).len() == key.len() => value().eq(key.as_str()).and(rest().is_null()),
        Check::Equal(key) => value().eq(cut(key)).and(rest().eq(key.as_str())),
        Check::StartsWith(start) if cut(start).len() == start.len() => between(&value(), start),
        Check::StartsWith(start) => value().eq(cut(start)).and(between(&rest(), start)),
        Check::Contains(_) | Check::EndsWith(_) => compare(backend, &whole(alias), check),
        Check::Greater(bound) | Check::AtLeast(bound) => {
            value().gte(cut(bound)).and(compare(backend, &whole(alias), check))
        }
        Check::Less(bound) | Check::AtMost(bound) => {
            value().lte(cut(bound)).and(compare(backend, &whole(alias), check))
        }
    }
}

/// A check on any text.
fn compare(backend: DatabaseBackend, text: &Expr, check: &Check) -> Expr {
    let text = text.clone();
    match check {
        Check::Present => text.is_not_null(),
        Check::Equal(key) => text.eq(key.as_str()),
        Check::Contains(part) => dialect::contains(backend, text, part),
        Check::StartsWith(start) => between(&text, start),
        Check::EndsWith(end) => dialect::ends_with(backend, text, end),
        Check::Greater(bound) => text.gt(bound.as_str()),
        Check::AtLeast(bound) => text.gte(bound.as_str()),
        Check::Less(bound) => text.lt(bound.as_str()),
        Check::AtMost(bound) => text.lte(bound.as_str()),
    }
}

/// All texts that start so, as a range.
fn between(text: &Expr, start: &str) -> Expr {
    let from = text.clone().gte(start);
    match successor(start) {
        Some(end) => from.and(text.clone().lt(end)),
        None => from,
    }
}

/// The first text behind all that start so, by code point.
fn successor(start: &str) -> Option<String> {
    let mut letters: Vec<char> = start.chars().collect();
    while let Some(last) = letters.pop() {
        let next = match u32::from(last) + 1 {
            0xD800 => Some('\u{E000}'),
            code => char::from_u32(code),
        };
        if let Some(next) = next {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

/// A check on a column of milliseconds, against a key that may be finer.
fn instant(column: &'static str, check: &Check) -> Truth {
    let column = || Expr::col(("resource", column));
    let bound = match check {
        Check::Present => return Truth::Always,
        Check::Equal(key)
        | Check::Greater(key)
        | Check::AtLeast(key)
        | Check::Less(key)
        | Check::AtMost(key)
        | Check::Contains(key)
        | Check::StartsWith(key)
        | Check::EndsWith(key) => instant_millis(key),
    };
    let Some((millis, exact)) = bound else {
        return Truth::Never;
    };
    match (check, exact) {
        (Check::Equal(_), true) => Truth::When(column().eq(millis)),
        (Check::AtLeast(_), true) => Truth::When(column().gte(millis)),
        (Check::Greater(_), _) | (Check::AtLeast(_), false) => Truth::When(column().gt(millis)),
        (Check::Less(_), true) => Truth::When(column().lt(millis)),
        (Check::AtMost(_), _) | (Check::Less(_), false) => Truth::When(column().lte(millis)),
        _ => Truth::Never,
    }
}

/// A check on the ETag `W/"n"` or `W/"n-derived"`: what is derived from other resources is not the
/// resource's version.
fn version(check: &Check) -> Truth {
    let Check::Equal(tag) = check else {
        return Truth::Always;
    };
    let opaque = tag.strip_prefix("W/\"").and_then(|rest| rest.strip_suffix('"'));
    let number = opaque.and_then(|opaque| opaque.split('-').next());
    match number.map(str::parse::<i64>) {
        Some(Ok(version)) => Truth::When(Expr::col(("resource", "version")).eq(version)),
        _ => Truth::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successors_are_the_next_text() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(successor("\u{D7FF}").as_deref(), Some("\u{E000}"));
        assert_eq!(successor("\u{10FFFF}"), None);
    }

    #[test]
    fn keys_are_cut_between_characters() {
        let long = "ā".repeat(300);
        assert_eq!(cut(&long).chars().count(), INDEXED);
        assert_eq!(cut("short"), "short");
    }
}
