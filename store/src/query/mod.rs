//! Filters, order and pages as SQL. Nothing is ever judged over a loaded collection.
//!
//! Every searchable value is a row of `resource_value`; a test becomes a set of resource ids ([`search`]), and a
//! bracketed filter a set of (resource, element) pairs, so that each part is computed once. Memberships have rows of
//! their own ([`membership`]).

mod application;
mod by_value;
mod check;
mod membership;
mod order;
#[cfg(test)]
mod plans;
mod search;
mod truth;

use std::collections::HashMap;

use scim::{
    message::{Position, Query as ScimQuery, Start},
    schema::{Catalog, ResourceType},
};
use sea_orm::{
    DatabaseBackend, Statement,
    sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement},
};
use uuid::Uuid;

pub(crate) use application::is_seen_member;
pub(crate) use check::cut;
pub(crate) use search::Search;

use crate::{
    Error, Row, Stored, TenantStore, groups,
    query::{order::Sequence, truth::Truth},
    resources::COLUMNS,
};

/// Whether a column of `member` names the resource type that has members. Written out and not bound: by a value that is
/// bound SQLite finds no partial index.
pub(crate) fn is_group(column: &str) -> Expr {
    Expr::cust(format!("member.{column} = 'Group'"))
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many resources meet the filter.
    pub total: u64,
    /// Those of this page, each with the place of its type in the query.
    pub resources: Vec<(usize, Stored)>,
    /// Where the next page starts, if this one was asked for by position and is not the last.
    pub next: Option<Position>,
}

/// A query for resources of one or several types.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Every type there is.
    pub catalog: &'a Catalog,
    /// The types to look among.
    pub kinds: &'a [ResourceType],
    /// The query of each; order, start and count are those of the first.
    pub queries: &'a [ScimQuery<'a>],
    /// What the addresses of this tenant's resources start with.
    pub base: &'a str,
    /// How many there are in all, if an earlier page knew.
    pub total: Option<u64>,
}

/// The resources of one type that are looked for.
struct Among<'a> {
    kind: &'a ResourceType,
    truth: Truth,
    /// Whether the groups that they are in are shown.
    with_groups: bool,
}

/// What a page holds.
#[derive(Default)]
struct Found {
    resources: Vec<(usize, Stored)>,
    next: Option<Position>,
    /// How many places it has.
    places: u64,
}

/// A place in an ordered list.
struct Place {
    key: Option<String>,
    /// The type, by its place in the query.
    kind: usize,
    id: Uuid,
    stored: Option<Stored>,
}

impl Place {
    fn of(sequence: &Sequence, stored: Stored) -> Self {
        Self { key: sequence.key(&stored), kind: 0, id: stored.id, stored: Some(stored) }
    }
}

/// A part of an ordered list.
#[derive(Clone, Copy)]
struct Slice {
    length: u64,
    skipped: u64,
}

impl Slice {
    /// That part of what a statement finds. The numbers are written out and not bound, so that SQLite knows when it plans how few
    /// rows are wanted.
    fn of(self, mut statement: Statement) -> Statement {
        statement.sql.push_str(&format!(" LIMIT {}", self.length));
        if self.skipped > 0 {
            statement.sql.push_str(&format!(" OFFSET {}", self.skipped));
        }
        statement
    }
}

impl TenantStore {
    /// The resources that a query asks for. Without a filter the total comes from counters.
    pub async fn query(&self, wanted: &Wanted<'_>) -> Result<Page, Error> {
        let Some(first) = wanted.queries.first() else {
            return Ok(Page { total: 0, resources: Vec::new(), next: None });
        };
        let sequence = Sequence::new(wanted);
        if let Some(page) = self.by_value(wanted, &sequence).await? {
            return Ok(page);
        }
        let among: Vec<Among<'_>> = wanted
            .kinds
            .iter()
            .zip(wanted.queries)
            .map(|(kind, query)| {
                let search = Search {
                    base: wanted.base,
                    application: self.application,
                    ..Search::new(self.store.backend(), self.tenant, wanted.catalog, kind)
                };
                let in_order = |condition| search.in_order(condition, &sequence);
                let asked = query.condition.as_ref().map_or(Truth::Always, in_order);
                let truth = asked.and(search.seen(query.condition.as_ref()));
                let shown = |attribute| query.projection.shows(attribute);
                let with_groups = kind.member_of.and_then(|name| kind.root_attribute(name)).is_some_and(shown);
                Among { kind, truth, with_groups }
            })
            .collect();
        let Found { resources, next, places } = match first.count {
            0 => Found::default(),
            _ => match self.on_page(wanted, &among, &sequence) {
                Some(part) => self.page(&[part], &sequence, first).await?,
                None => self.page(&among, &sequence, first).await?,
            },
        };
        let total = match wanted.total {
            Some(total) => total,
            None => self.total(&among, first, places).await?,
        };
        Ok(Page { total, resources, next })
    }

    /// What stands on a page of all users that an application sees, in the order in which they were made.
    fn on_page<'a>(&self, wanted: &Wanted<'a>, among: &[Among<'a>], sequence: &Sequence) -> Option<Among<'a>> {
        let ([part], [query]) = (among, wanted.queries) else { return None };
        if self.application.is_none() || part.kind.member_of.is_none() || query.condition.is_some() {
            return None;
        }
        let (after, skipped) = match &query.start {
            Start::Index(start) => (None, start - 1),
            Start::After(None) => (None, 0),
            Start::After(Some(position)) => (Some(Uuid::parse_str(&position.id).ok()?), 0),
        };
        let search = Search {
            application: self.application,
            ..Search::new(self.store.backend(), self.tenant, wanted.catalog, part.kind)
        };
        let length = Ord::min(skipped.checked_add(query.count + 1)?, i64::MAX as u64);
        let truth = search.seen_on_page(after, length);
        sequence.is_by_making().then_some(Among { kind: part.kind, truth, with_groups: part.with_groups })
    }

    /// Counters know how many there are of a type; of the others, a page that is not full shows where they end.
    async fn total(&self, among: &[Among<'_>], query: &ScimQuery<'_>, found: u64) -> Result<u64, Error> {
        let mut total = 0;
        let mut open = Vec::new();
        for part in among {
            match part.truth {
                Truth::Never => {}
                Truth::Always => total += self.count(part.kind).await?,
                Truth::When(_) => open.push(part),
            }
        }
        if open.is_empty() {
            return Ok(total);
        }
        if let (Start::Index(start), 0) = (&query.start, total)
            && found < query.count
            && (found > 0 || *start == 1)
        {
            return Ok(start - 1 + found);
        }
        let mut select = self.resources(open.iter().copied());
        select.expr(Expr::col(("resource", "id")).count());
        let count = self.store.read.row(self.store.backend().build(&select), |row| row.get::<i64>(0)).await?;
        Ok(total + count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// What is skipped and what is sorted goes by ids alone; documents are fetched for what is left.
    async fn page(&self, among: &[Among<'_>], sequence: &Sequence, query: &ScimQuery<'_>) -> Result<Found, Error> {
        let mut select = self.resources(among.iter());
        sequence.apply(&mut select, self.tenant);
        // One more shows whether there is a next page.
        let (slice, by_position) = match &query.start {
            Start::Index(start) => (Slice { length: query.count, skipped: start - 1 }, false),
            Start::After(position) => {
                if let Some(position) = position {
                    select.and_where(sequence.after(position)?);
                }
                (Slice { length: query.count + 1, skipped: 0 }, true)
            }
        };
        let direct = sequence.is_indexed() && (by_position || query.start == Start::Index(1));
        let mut places = if direct {
            let stored = self.fetch(&mut select, Some(slice), among[0].with_groups).await?;
            stored.into_iter().map(|stored| Place::of(sequence, stored)).collect()
        } else {
            self.places(among, sequence, &mut select, slice).await?
        };
        let more = by_position && places.len() as u64 > query.count;
        places.truncate(usize::try_from(query.count).unwrap_or(usize::MAX));
        let next = places.last().filter(|_| more).map(|last| Position {
            key: last.key.clone(),
            kind: among[last.kind].kind.name.clone(),
            id: last.id.to_string(),
        });
        if !direct {
            self.fill(among, &mut places).await?;
        }
        let length = places.len() as u64;
        let resources = places.into_iter().filter_map(|place| Some((place.kind, place.stored?))).collect();
        Ok(Found { resources, next, places: length })
    }

    /// The places that a select of ids finds, in its order.
    async fn places(
        &self,
        among: &[Among<'_>],
        sequence: &Sequence,
        select: &mut SelectStatement,
        slice: Slice,
    ) -> Result<Vec<Place>, Error> {
        select.columns([("resource", "kind"), ("resource", "id")]);
        sequence.show_key(select);
        let read = |row: &Row<'_>| {
            let name: String = row.get(0)?;
            let Some(kind) = among.iter().position(|part| part.kind.name == name) else { return Ok(None) };
            Ok(Some(Place { key: sequence.read_key(row)?, kind, id: row.get(1)?, stored: None }))
        };
        let places = self.store.read.rows(slice.of(self.store.backend().build(&*select)), read).await?;
        Ok(places.into_iter().flatten().collect())
    }

    /// Fetches the resources of places. One that has gone meanwhile is left out, and its place is one nevertheless.
    async fn fill(&self, among: &[Among<'_>], places: &mut [Place]) -> Result<(), Error> {
        for (at, part) in among.iter().enumerate() {
            let ids: Vec<Uuid> = places.iter().filter(|place| place.kind == at).map(|place| place.id).collect();
            if ids.is_empty() {
                continue;
            }
            let mut named = self.with_ids(part.kind, ids);
            let stored = self.fetch(&mut named, None, part.with_groups).await?;
            let mut stored: HashMap<Uuid, Stored> = stored.into_iter().map(|stored| (stored.id, stored)).collect();
            for place in places.iter_mut().filter(|place| place.kind == at) {
                place.stored = stored.remove(&place.id);
            }
        }
        Ok(())
    }

    /// Those of a type with these ids.
    fn with_ids(&self, kind: &ResourceType, ids: Vec<Uuid>) -> SelectStatement {
        let mut named = self.resources([&Among { truth: Truth::Always, kind, with_groups: false }]);
        let id = Expr::col(("resource", "id"));
        if self.store.backend() != DatabaseBackend::Postgres {
            return named.and_where(id.is_in(ids)).take();
        }
        // Each by its whole key: among a thousand tenants PostgreSQL takes each for a few rows, and would go through all of this one.
        let asked = Func::cust("unnest").arg(Expr::val(ids));
        let one = named.columns(COLUMNS).and_where(id.equals(("asked", "asked"))).limit(1).take();
        Query::select()
            .from_function(asked, "asked")
            .join_lateral(JoinType::InnerJoin, one, "resource", Expr::cust("TRUE"))
            .take()
    }

    /// Those that are looked for.
    fn resources<'a>(&self, among: impl IntoIterator<Item = &'a Among<'a>>) -> SelectStatement {
        let of = |part: &Among<'_>| {
            let kind = Expr::col(("resource", "kind")).eq(part.kind.name.as_str());
            match &part.truth {
                Truth::Always => kind,
                truth => kind.and(truth.clone().into_expr()),
            }
        };
        let any = among.into_iter().map(of).reduce(Expr::or).unwrap_or_else(|| Truth::Never.into_expr());
        Query::select()
            .from("resource")
            .and_where(Expr::col(("resource", "tenant_id")).eq(self.tenant.0))
            .and_where(any)
            .take()
    }

    async fn fetch(
        &self,
        select: &mut SelectStatement,
        slice: Option<Slice>,
        with_groups: bool,
    ) -> Result<Vec<Stored>, Error> {
        // PostgreSQL finds the groups of a whole page sooner than those of each row.
        let apart = with_groups && self.store.backend() == DatabaseBackend::Postgres;
        let in_rows = with_groups && !apart;
        select.columns(COLUMNS.map(|column| ("resource", column)));
        if in_rows {
            select.expr(Expr::cust(groups::column(self.store.backend())));
        }
        let mut statement = self.store.backend().build(&*select);
        if let Some(slice) = slice {
            statement = slice.of(statement);
        }
        let mut found = self.store.read.rows(statement, |row| Stored::read(row, in_rows)).await?;
        if apart {
            let ids: Vec<Uuid> = found.iter().map(|(stored, _)| stored.id).collect();
            let mut all = self.own_groups_of(&ids).await?;
            for (stored, more) in &mut found {
                let (groups, has_more) = all.remove(&stored.id).unwrap_or_default();
                (stored.groups, *more) = (Some(groups), has_more);
            }
        }
        self.complete(found).await
    }
}
