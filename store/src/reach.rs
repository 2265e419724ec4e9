//! How far somebody looks after something, as a part of queries: lists are cut where they are asked for.

use std::collections::{HashMap, HashSet};

use entity::{application, employment, entitlement, org_node};
use rights::{NodeId, administration::Reach};
use sea_orm::{
    EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{CommonTableExpression, Condition, Expr, ExprTrait, Query, SelectStatement, UnionType, WithClause},
};
use uuid::Uuid;

use crate::{Error, TenantId, TenantStore, Work};

/// The nodes in reach and what is below them.
const BELOW: &str = "below";
const ID: &str = "id";

/// How far somebody looks after something, and on which day: people are where they work then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How far.
    pub reach: Reach,
    /// The day, as `2026-11-27`.
    pub day: String,
}

impl Bounds {
    /// No bounds.
    pub fn none() -> Self {
        Self { reach: Reach::everywhere(), day: String::new() }
    }

    /// Nodes within reach; nothing where that is everywhere.
    pub(crate) fn nodes(&self, tenant: TenantId, id: Expr) -> Option<Condition> {
        (!self.reach.tenant).then(|| Condition::all().add(id.in_subquery(nodes(tenant, &self.reach))))
    }

    /// Applications within reach.
    pub(crate) fn applications(&self, tenant: TenantId, id: Expr) -> Option<Condition> {
        (!self.reach.tenant).then(|| Condition::all().add(id.in_subquery(applications(tenant, &self.reach))))
    }

    /// People who work within reach.
    pub(crate) fn people(&self, tenant: TenantId, user: Expr) -> Option<Condition> {
        (!self.reach.tenant).then(|| Condition::all().add(user.in_subquery(people(tenant, self))))
    }

    /// What people have who work within reach, and what anybody has of the applications that are named: the parts of it, each
    /// with an index of its own. Nothing where that is everything.
    pub(crate) fn grants(&self, tenant: TenantId, user: &Expr, group: &Expr) -> Option<Vec<Expr>> {
        let Reach { tenant: is_whole, nodes, applications } = &self.reach;
        let of_people = (!nodes.is_empty()).then(|| user.clone().in_subquery(people(tenant, self)));
        let of_applications =
            (!applications.is_empty()).then(|| group.clone().in_subquery(groups(tenant, &self.reach)));
        (!is_whole).then(|| of_people.into_iter().chain(of_applications).collect())
    }
}

impl TenantStore {
    /// Whether somebody works within reach.
    pub async fn is_person_within(&self, bounds: &Bounds, user: Uuid) -> Result<bool, Error> {
        if bounds.reach.tenant {
            return Ok(true);
        }
        let select =
            people(self.tenant, bounds).and_where(Expr::col(employment::Column::UserId).eq(user)).limit(1).take();
        let found: Option<Uuid> = self.store.read.row(self.store.backend().build(&select), |row| row.get(0)).await?;
        Ok(found.is_some())
    }
}

impl Work {
    /// The nodes where somebody works that day, and all that these are part of.
    pub async fn path_of_person(&self, user: Uuid, day: &str) -> Result<Vec<NodeId>, Error> {
        let nodes = org_node::Entity::find()
            .select_only()
            .column(org_node::Column::Id)
            .filter(Expr::col(org_node::Column::TenantId).eq(self.tenant.0))
            .filter(
                Expr::col(org_node::Column::Code).in_subquery(
                    in_force(self.tenant, day, employment::Column::Unit)
                        .and_where(Expr::col(employment::Column::UserId).eq(user))
                        .take(),
                ),
            )
            .build(self.backend());
        let nodes: Vec<Uuid> = self.transaction.rows(nodes, |row| row.get(0)).await?;
        if nodes.is_empty() {
            return Ok(Vec::new());
        }
        let parents: HashMap<Uuid, Option<Uuid>> =
            self.places().await?.into_iter().map(|place| (place.id, place.parent)).collect();
        let mut path = HashSet::new();
        for node in nodes {
            let mut at = Some(node);
            // What is there already has those above it there.
            while let Some(node) = at.filter(|node| path.insert(NodeId(*node))) {
                at = parents.get(&node).copied().flatten();
            }
        }
        Ok(path.into_iter().collect())
    }
}

/// A column of the employments that are in force that day.
fn in_force(tenant: TenantId, day: &str, column: employment::Column) -> SelectStatement {
    use employment::Column;
    let (starts, ends) = (Expr::col(Column::Starts), Expr::col(Column::Ends));
    Query::select()
        .column(column)
        .from(employment::Entity)
        .and_where(Expr::col(Column::TenantId).eq(tenant.0))
        .and_where(starts.clone().is_null().or(starts.lte(day)))
        .and_where(ends.clone().is_null().or(ends.gte(day)))
        .take()
}

/// The ids of users who work in nodes within reach.
fn people(tenant: TenantId, bounds: &Bounds) -> SelectStatement {
    let codes = Query::select()
        .column(org_node::Column::Code)
        .from(org_node::Entity)
        .and_where(Expr::col(org_node::Column::TenantId).eq(tenant.0))
        .and_where(Expr::col(org_node::Column::Id).in_subquery(nodes(tenant, &bounds.reach)))
        .take();
    in_force(tenant, &bounds.day, employment::Column::UserId)
        .and_where(Expr::col(employment::Column::Unit).in_subquery(codes))
        .take()
}

/// The groups that are entitlements of the applications that are named.
fn groups(tenant: TenantId, reach: &Reach) -> SelectStatement {
    use entitlement::Column;
    Query::select()
        .column(Column::GroupId)
        .from(entitlement::Entity)
        .and_where(Expr::col(Column::TenantId).eq(tenant.0))
        .and_where(Expr::col(Column::ApplicationId).is_in(reach.applications.iter().map(|application| application.0)))
        .take()
}

/// The ids of nodes within reach.
pub(crate) fn nodes(tenant: TenantId, reach: &Reach) -> SelectStatement {
    use org_node::Column;
    let mut all = Query::select()
        .column(Column::Id)
        .from(org_node::Entity)
        .and_where(Expr::col(Column::TenantId).eq(tenant.0))
        .and_where(Expr::col(Column::Id).is_in(reach.nodes.iter().map(|node| node.0)))
        .take();
    let parts = Query::select()
        .column((org_node::Entity, Column::Id))
        .from(BELOW)
        .inner_join(
            org_node::Entity,
            Condition::all()
                .add(Expr::col((org_node::Entity, Column::TenantId)).eq(tenant.0))
                .add(Expr::col((org_node::Entity, Column::ParentId)).equals((BELOW, ID))),
        )
        .take();
    // What is there already is not looked at again, so that a circle would end too.
    let below = CommonTableExpression::new()
        .table_name(BELOW)
        .column(ID)
        .query(all.union(UnionType::Distinct, parts).take())
        .to_owned();
    Query::select().column(ID).from(BELOW).with_cte(WithClause::new().recursive(true).cte(below).to_owned()).take()
}

/// The ids of applications within reach: those that are named, and those of nodes.
pub(crate) fn applications(tenant: TenantId, reach: &Reach) -> SelectStatement {
    use application::Column;
    let named = Expr::col(Column::Id).is_in(reach.applications.iter().map(|application| application.0));
    Query::select()
        .column(Column::Id)
        .from(application::Entity)
        .and_where(Expr::col(Column::TenantId).eq(tenant.0))
        .cond_where(Condition::any().add(named).add(Expr::col(Column::NodeId).in_subquery(nodes(tenant, reach))))
        .take()
}
