//! Filters, order and pages as SQL. Nothing is ever judged over a loaded collection.
//!
//! Every searchable value is a row of `resource_value`; a test becomes a set of resource ids ([`search`]), and a
//! bracketed filter a set of (resource, element) pairs, so that each part is computed once. Memberships have rows of
//! their own ([`membership`]).

mod check;
mod membership;
mod order;
mod search;
mod truth;

use std::collections::HashMap;

use scim::{
    message::Query as ScimQuery,
    schema::{Catalog, ResourceType},
};
use sea_orm::{
    ConnectionTrait, FromQueryResult,
    sea_query::{Expr, ExprTrait, Order, SelectStatement},
};
use uuid::Uuid;

pub(crate) use check::cut;
pub(crate) use search::Search;
use truth::Truth;

use crate::{Error, Stored, TenantStore};

/// The resource type that has members.
pub(crate) const GROUP_KIND: &str = "Group";

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many resources meet the filter.
    pub total: u64,
    /// Those of this page.
    pub resources: Vec<Stored>,
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
