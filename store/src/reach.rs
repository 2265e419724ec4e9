//! How far somebody looks after something, as a part of queries: lists are cut where they are asked for.

use entity::{application, org_node};
use rights::administration::Reach;
use sea_orm::sea_query::{
    CommonTableExpression, Condition, Expr, ExprTrait, Query, SelectStatement, UnionType, WithClause,
};

use crate::TenantId;

/// The nodes in reach and what is below them.
const BELOW: &str = "below";
const ID: &str = "id";

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
