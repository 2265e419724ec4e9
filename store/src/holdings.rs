//! Who has or had what, at any instant.

use std::collections::HashSet;

use entity::access_grant;
use rights::grant::State;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use crate::{AccessGrant, Bounds, Error, Row, TenantStore, dialect};

/// What is read of a grant.
const COLUMNS: [&str; 4] = ["id", "source_id", "content", "version"];

/// Which grants are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrantFilter {
    /// Those of a user.
    pub user: Option<Uuid>,
    /// Those of an entitlement.
    pub entitlement: Option<Uuid>,
    /// Those in a state, by its word.
    pub state: Option<&'static str>,
    /// Those that made somebody a member at that instant, in milliseconds since 1970.
    pub at: Option<i64>,
}

/// The words of all states of grants.
pub const GRANT_STATES: [&str; 4] = ["scheduled", "active", "suspended", "ended"];

fn read(row: &Row<'_>) -> Result<AccessGrant, Error> {
    AccessGrant::read(row.get(0)?, row.get(1)?, &row.get::<String>(2)?, row.get(3)?)
}

/// Whether a grant was active then, but for the times in which the person was away.
fn held_at(at: i64) -> Expr {
    let has_begun = Expr::col(("access_grant", "activated")).lte(at);
    let ended = Expr::col(("access_grant", "ended"));
    has_begun.and(ended.clone().is_null().or(ended.gt(at)))
}

/// Whether somebody was away at an instant that matters.
fn was_away(grant: &AccessGrant, at: Option<i64>) -> bool {
    at.is_some_and(|at| !grant.grant.held_at(rights::Instant::from_millis(at)))
}

impl TenantStore {
    /// The groups of which a user has a grant that has not ended.
    pub async fn groups_granted_to(&self, user: Uuid) -> Result<HashSet<Uuid>, Error> {
        let groups = access_grant::Entity::find()
            .select_only()
            .column(access_grant::Column::GroupId)
            .filter(access_grant::Column::TenantId.eq(self.tenant.0))
            .filter(access_grant::Column::UserId.eq(user))
            .filter(access_grant::Column::Ended.is_null())
            .build(self.store.backend());
        Ok(self.store.read.rows(groups, |row| row.get(0)).await?.into_iter().collect())
    }

    /// The grant of that id, if it is within bounds.
    pub async fn grant(&self, id: Uuid, bounds: &Bounds) -> Result<Option<AccessGrant>, Error> {
        let wanted = Condition::all().add(Expr::col(("access_grant", "id")).eq(id));
        let select = self.grants_where(wanted.add_option(self.any_within(bounds)));
        self.store.read.row(self.store.backend().build(&select), read).await
    }

    /// Grants within bounds behind that one, the oldest first.
    pub async fn grants(
        &self,
        filter: &GrantFilter,
        bounds: &Bounds,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<AccessGrant>, Error> {
        let column = |name| Expr::col(("access_grant", name));
        let wanted = Condition::all()
            .add_option(filter.user.map(|user| column("user_id").eq(user)))
            .add_option(filter.entitlement.map(|group| column("group_id").eq(group)))
            .add_option(filter.state.map(|state| column("state").eq(state)))
            .add_option(filter.at.map(held_at));
        let of_one = filter.user.is_some() || filter.entitlement.is_some();
        let mut these = match self.grants_within(bounds) {
            Some(parts) if !of_one => self.grants_of_parts(&wanted, parts),
            _ => self.grants_where(wanted.add_option(self.any_within(bounds))),
        };
        // By their own index, and not one after the other in the order of ids until there are enough.
        if of_one {
            dialect::ask_row_by_row(self.store.backend(), &mut these);
        }
        let mut grants = Vec::new();
        let mut after = after;
        while (grants.len() as u64) < limit {
            let wanted = limit - grants.len() as u64;
            let some = self.page_of_grants(these.clone(), after, wanted).await?;
            let is_last = (some.len() as u64) < wanted;
            after = some.last().map(|grant| grant.id);
            grants.extend(some.into_iter().filter(|grant| !was_away(grant, filter.at)));
            if is_last {
                break;
            }
        }
        Ok(grants)
    }

    async fn page_of_grants(
        &self,
        these: SelectStatement,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<AccessGrant>, Error> {
        let mut select = Query::select();
        select.columns(COLUMNS).from_subquery(these, "held").order_by("id", Order::Asc).limit(limit);
        if let Some(after) = after {
            select.and_where(Expr::col("id").gt(after));
        }
        self.store.read.rows(self.store.backend().build(&select), read).await
    }

    /// Who had something of an application at an instant, as far as it is within bounds, behind that group and grant, group
    /// by group in the order of ids.
    pub async fn holdings_of_application(
        &self,
        application: Uuid,
        bounds: &Bounds,
        at: i64,
        after: Option<(Uuid, Uuid)>,
        limit: u64,
    ) -> Result<Vec<AccessGrant>, Error> {
        let mut grants = Vec::new();
        let mut after = after;
        while (grants.len() as u64) < limit {
            let wanted = limit - grants.len() as u64;
            let some = self.page_of_application((application, bounds), at, after, wanted).await?;
            let is_last = (some.len() as u64) < wanted;
            after = some.last().map(|grant| (grant.grant.entitlement.0, grant.id));
            grants.extend(some.into_iter().filter(|grant| !was_away(grant, Some(at))));
            if is_last {
                break;
            }
        }
        Ok(grants)
    }

    async fn page_of_application(
        &self,
        (application, bounds): (Uuid, &Bounds),
        at: i64,
        after: Option<(Uuid, Uuid)>,
        limit: u64,
    ) -> Result<Vec<AccessGrant>, Error> {
        let column = |name| Expr::col(("access_grant", name));
        let mut select = self.grants_where(Condition::all().add(held_at(at)).add_option(self.any_within(bounds)));
        select
            .from("entitlement")
            .and_where(Expr::col(("entitlement", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("entitlement", "application_id")).eq(application))
            .and_where(column("group_id").equals(("entitlement", "group_id")))
            .order_by(("access_grant", "group_id"), Order::Asc)
            .order_by(("access_grant", "id"), Order::Asc)
            .limit(limit);
        if let Some((group, grant)) = after {
            let later = column("group_id").eq(group).and(column("id").gt(grant));
            select
                .and_where(Expr::col(("entitlement", "group_id")).gte(group))
                .and_where(column("group_id").gt(group).or(later));
        }
        self.store.read.rows(self.store.backend().build(&select), read).await
    }

    fn grants_within(&self, bounds: &Bounds) -> Option<Vec<Expr>> {
        let column = |name| Expr::col(("access_grant", name));
        bounds.grants(self.tenant, &column("user_id"), &column("group_id"))
    }

    fn any_within(&self, bounds: &Bounds) -> Option<Condition> {
        let parts = self.grants_within(bounds)?;
        let nothing = Condition::any().add(Expr::val(1).eq(0));
        Some(parts.into_iter().fold(nothing, Condition::add))
    }

    /// Grants in any of these parts, each found by an index.
    fn grants_of_parts(&self, wanted: &Condition, parts: Vec<Expr>) -> SelectStatement {
        let mut parts = parts.into_iter().map(|part| self.grants_where(wanted.clone().add(part)));
        let Some(mut all) = parts.next() else {
            return self.grants_where(wanted.clone().add(Expr::val(1).eq(0)));
        };
        for part in parts {
            all.union(UnionType::Distinct, part);
        }
        all
    }

    fn grants_where(&self, condition: Condition) -> SelectStatement {
        Query::select()
            .columns(COLUMNS.map(|column| ("access_grant", column)))
            .from("access_grant")
            .and_where(Expr::col(("access_grant", "tenant_id")).eq(self.tenant.0))
            .cond_where(condition)
            .take()
    }

    /// A membership of an entitlement that no active grant stands behind, or an active grant without its membership: the
    /// group and the user. There should be none.
    pub async fn out_of_step(&self) -> Result<Option<(Uuid, Uuid)>, Error> {
        let active = State::Active.word();
        let same = |one: &'static str, other: &'static str, user: &'static str| {
            Expr::col((one, "tenant_id"))
                .equals((other, "tenant_id"))
                .and(Expr::col((one, "group_id")).equals((other, "group_id")))
                .and(Expr::col((one, user)).equals((other, if user == "user_id" { "member_id" } else { "user_id" })))
        };
        let granted = Query::select()
            .expr(Expr::val(1))
            .from("access_grant")
            .and_where(same("access_grant", "member", "user_id"))
            .and_where(Expr::col(("access_grant", "ended")).is_null())
            .and_where(Expr::col(("access_grant", "state")).eq(active))
            .take();
        let without_grant = Query::select()
            .columns([("member", "group_id"), ("member", "member_id")])
            .from("entitlement")
            .from("member")
            .and_where(Expr::col(("entitlement", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("member", "group_id")).equals(("entitlement", "group_id")))
            .and_where(Expr::col(("member", "member_kind")).eq(crate::grants::PEOPLE))
            .and_where(Expr::exists(granted).not())
            .limit(1)
            .take();
        let present = Query::select()
            .expr(Expr::val(1))
            .from("member")
            .and_where(same("member", "access_grant", "member_id"))
            .take();
        let without_member = Query::select()
            .columns([("access_grant", "group_id"), ("access_grant", "user_id")])
            .from("access_grant")
            .and_where(Expr::col(("access_grant", "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col(("access_grant", "ended")).is_null())
            .and_where(Expr::col(("access_grant", "state")).eq(active))
            .and_where(Expr::exists(present).not())
            .limit(1)
            .take();
        for select in [without_grant, without_member] {
            let select = self.store.backend().build(&select);
            if let Some(found) = self.store.read.row(select, |row| Ok((row.get(0)?, row.get(1)?))).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
