//! Reviews in steps: the grants that a campaign is about, and the items that are still to be done, some at a time.

use std::collections::HashSet;

use entity::{access_grant, review_item};
use rights::grant::Source;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Query};
use uuid::Uuid;

use super::{ReviewItem, ReviewScope, read_item};
use crate::{AccessGrant, Error, TenantStore, Within, Work, dialect, grants, resources::ROWS_PER_STATEMENT};

/// The states of items that are still to be done when their campaign closes.
const TO_DO: [&str; 5] = ["open", "keep", "revoke", "shorten", "abstain"];

impl TenantStore {
    /// Grants behind that one that a campaign is about on a day: those that are active and of entitlements, in the order of ids.
    pub async fn grants_in_scope(
        &self,
        scope: &ReviewScope,
        day: &str,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<AccessGrant>, Error> {
        let codes = match scope.unit {
            Some(unit) => Some(self.codes_within(&Within { unit, direct: false, day }).await?),
            None => None,
        };
        let select = self.in_scope(scope, day, codes.as_deref(), after, limit);
        let select = self.store.backend().build(&select);
        let read =
            |row: &crate::Row<'_>| AccessGrant::read(row.get(0)?, row.get(1)?, &row.get::<String>(2)?, row.get(3)?);
        self.store.read.rows(select, read).await
    }

    fn in_scope(
        &self,
        scope: &ReviewScope,
        day: &str,
        codes: Option<&[String]>,
        after: Option<Uuid>,
        limit: u64,
    ) -> SelectStatement {
        let column = |name| Expr::col(("access_grant", name));
        let sources = [Source::Request, Source::Administrator].map(Source::word);
        let mut these = Query::select()
            .columns(["id", "source_id", "content", "version"].map(|name| ("access_grant", name)))
            .from("access_grant")
            .and_where(column("tenant_id").eq(self.tenant.0))
            .and_where(column("state").eq("active"))
            .and_where(column("group_id").in_subquery(self.entitlements_in(scope)))
            .take();
        these.cond_where(
            Condition::all()
                .add_option(scope.user.map(|user| column("user_id").eq(user)))
                .add_option(scope.asked_for.then(|| column("source").is_in(sources)))
                .add_option(codes.map(|codes| column("user_id").in_subquery(self.workers(codes, day))))
                .add_option(after.map(|id| column("id").gt(id))),
        );
        if scope.user.is_some() {
            // By their own index, and not one after the other in the order of ids until there are enough.
            dialect::ask_row_by_row(self.store.backend(), &mut these);
        }
        Query::select()
            .columns(["id", "source_id", "content", "version"])
            .from_subquery(these, "held")
            .order_by("id", sea_orm::sea_query::Order::Asc)
            .limit(limit)
            .take()
    }

    fn entitlements_in(&self, scope: &ReviewScope) -> SelectStatement {
        let column = |name| Expr::col(("entitlement", name));
        let named =
            (!scope.entitlements.is_empty()).then(|| column("group_id").is_in(scope.entitlements.iter().copied()));
        Query::select()
            .column(("entitlement", "group_id"))
            .from("entitlement")
            .and_where(column("tenant_id").eq(self.tenant.0))
            .cond_where(
                Condition::all()
                    .add_option(scope.application.map(|id| column("application_id").eq(id)))
                    .add_option(scope.risk_at_least.map(|risk| column("risk").gte(i64::from(u8::from(risk)))))
                    .add_option(named),
            )
            .take()
    }

    /// Who works in one of these units that day.
    fn workers(&self, codes: &[String], day: &str) -> SelectStatement {
        let column = |name| Expr::col(("employment", name));
        Query::select()
            .column(("employment", "user_id"))
            .from("employment")
            .and_where(column("tenant_id").eq(self.tenant.0))
            .and_where(column("unit").is_in(codes))
            .and_where(column("starts").is_null().or(column("starts").lte(day)))
            .and_where(column("ends").is_null().or(column("ends").gte(day)))
            .take()
    }

    /// Items of a campaign that are still to be done, some of them.
    pub async fn review_items_to_do(&self, review: Uuid, limit: u64) -> Result<Vec<ReviewItem>, Error> {
        // One state after the other, as the index has them: what is done already is not gone through again each time.
        for state in TO_DO {
            let rows = review_item::Entity::find()
                .filter(review_item::Column::TenantId.eq(self.tenant.0))
                .filter(review_item::Column::CampaignId.eq(review))
                .filter(review_item::Column::State.eq(state))
                .order_by_asc(review_item::Column::Id)
                .limit(limit)
                .all(&self.store.read)
                .await?;
            if !rows.is_empty() {
                return rows.into_iter().map(read_item).collect();
            }
        }
        Ok(Vec::new())
    }
}

impl Work {
    /// Whether items of a campaign are still to be done.
    pub async fn has_items_to_do(&self, review: Uuid) -> Result<bool, Error> {
        let some = review_item::Entity::find()
            .filter(review_item::Column::TenantId.eq(self.tenant.0))
            .filter(review_item::Column::CampaignId.eq(review))
            .filter(review_item::Column::State.is_in(TO_DO))
            .limit(1)
            .all(&*self.transaction)
            .await?;
        Ok(!some.is_empty())
    }

    /// Whether a campaign has something about somebody.
    pub async fn has_items_about(&self, review: Uuid, subject: Uuid) -> Result<bool, Error> {
        let some = review_item::Entity::find()
            .filter(review_item::Column::TenantId.eq(self.tenant.0))
            .filter(review_item::Column::CampaignId.eq(review))
            .filter(review_item::Column::SubjectId.eq(subject))
            .limit(1)
            .all(&*self.transaction)
            .await?;
        Ok(!some.is_empty())
    }

    /// Those of these grants that have ended.
    pub async fn ended_among(&self, ids: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        let mut ended = HashSet::new();
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let rows: Vec<Uuid> = access_grant::Entity::find()
                .select_only()
                .column(access_grant::Column::Id)
                .filter(access_grant::Column::TenantId.eq(self.tenant.0))
                .filter(access_grant::Column::Id.is_in(ids.iter().copied()))
                .filter(access_grant::Column::Ended.is_not_null())
                .into_tuple()
                .all(&*self.transaction)
                .await?;
            ended.extend(rows);
        }
        Ok(ended)
    }

    /// These grants, by whatever state they are in. Their groups must be held if they are to be changed.
    pub async fn grants_among(&self, ids: &[Uuid]) -> Result<Vec<AccessGrant>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let rows = access_grant::Entity::find()
                .filter(access_grant::Column::TenantId.eq(self.tenant.0))
                .filter(access_grant::Column::Id.is_in(ids.iter().copied()))
                .all(&*self.transaction)
                .await?;
            for row in rows {
                found.push(grants::read(row)?);
            }
        }
        Ok(found)
    }
}
