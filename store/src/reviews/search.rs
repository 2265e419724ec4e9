//! Reading reviews, as far as somebody may.

use std::collections::HashMap;

use entity::{access_grant, campaign, review_item, reviewer};
use rights::review::State;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, Query, SelectStatement},
};
use uuid::Uuid;

use super::{Review, ReviewItem, read_campaign, read_item};
use crate::{AccessGrant, Bounds, Error, TenantId, TenantStore, grants, reach, resources::ROWS_PER_STATEMENT};

/// How many items are taken at once where somebody leaves.
const SOME: u64 = 200;

/// Who looks, and what they see of reviews: what they review, themselves or for somebody, and what they look after; never what is
/// about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviews {
    /// The person.
    pub user: Uuid,
    /// For whom they stand in just now.
    pub stands_in_for: Vec<Uuid>,
    /// How far they look after reviews: those that keep to an application or a unit within it.
    pub part: Option<Bounds>,
}

/// Which items are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ItemFilter {
    /// Those of a campaign.
    pub review: Option<Uuid>,
    /// Those in a state, by its word.
    pub state: Option<&'static str>,
    /// Those of an entitlement, by its group.
    pub entitlement: Option<Uuid>,
    /// Those of a user.
    pub subject: Option<Uuid>,
    /// Those alone whose campaign goes on.
    pub active: bool,
}

impl Reviews {
    fn people(&self) -> impl Iterator<Item = Uuid> {
        self.stands_in_for.iter().copied().chain([self.user])
    }

    /// What they review, of one campaign or of all.
    fn seats(&self, tenant: i64, column: reviewer::Column, review: Option<Uuid>) -> SelectStatement {
        Query::select()
            .column((reviewer::Entity, column))
            .from(reviewer::Entity)
            .and_where(Expr::col((reviewer::Entity, reviewer::Column::TenantId)).eq(tenant))
            .and_where(Expr::col((reviewer::Entity, reviewer::Column::UserId)).is_in(self.people()))
            .cond_where(
                Condition::all()
                    .add_option(review.map(|id| Expr::col((reviewer::Entity, reviewer::Column::CampaignId)).eq(id))),
            )
            .take()
    }

    /// The campaigns of which they see something, by their ids.
    fn campaigns(&self, tenant: TenantId, id: &Expr, review: Option<Uuid>) -> Condition {
        let theirs = id.clone().in_subquery(self.seats(tenant.0, reviewer::Column::CampaignId, review));
        Condition::any().add(theirs).add_option(self.part.as_ref().map(|part| kept_to(tenant, part)))
    }

    /// The items that they see.
    fn items(&self, tenant: TenantId, review: Option<Uuid>) -> Condition {
        let column = |column| Expr::col((review_item::Entity, column));
        let theirs =
            column(review_item::Column::Id).in_subquery(self.seats(tenant.0, reviewer::Column::ItemId, review));
        let within = self.part.as_ref().map(|part| {
            let campaigns = Query::select()
                .column(campaign::Column::Id)
                .from(campaign::Entity)
                .and_where(Expr::col((campaign::Entity, campaign::Column::TenantId)).eq(tenant.0))
                .cond_where(kept_to(tenant, part))
                .take();
            // Of people who work elsewhere by now, too, nothing is seen.
            let (user, group) = (column(review_item::Column::SubjectId), column(review_item::Column::GroupId));
            let grants = part
                .grants(tenant, &user, &group)
                .map(|parts| parts.into_iter().fold(Condition::any(), Condition::add));
            Condition::all().add(column(review_item::Column::CampaignId).in_subquery(campaigns)).add_option(grants)
        });
        Condition::all()
            .add(Condition::any().add(theirs).add_option(within))
            .add(column(review_item::Column::SubjectId).ne(self.user))
    }
}

/// The condition that a campaign keeps to an application that is named, or to a unit within reach.
fn kept_to(tenant: TenantId, part: &Bounds) -> Condition {
    let column = |column| Expr::col((campaign::Entity, column));
    if part.reach.tenant {
        return Condition::all();
    }
    let named = part.reach.applications.iter().map(|application| application.0);
    Condition::any()
        .add(column(campaign::Column::ApplicationId).is_in(named))
        .add(column(campaign::Column::NodeId).in_subquery(reach::nodes(tenant, &part.reach)))
}

impl TenantStore {
    /// Campaigns behind that one, the oldest first, as far as somebody sees them: all, if nobody is named.
    pub async fn reviews(
        &self,
        state: Option<&'static str>,
        sees: Option<&Reviews>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Review>, Error> {
        use campaign::Column;
        let wanted = Condition::all()
            .add_option(state.map(|state| Column::State.eq(state)))
            .add_option(after.map(|id| Column::Id.gt(id)))
            .add_option(sees.map(|sees| sees.campaigns(self.tenant, &Column::Id.into_expr(), None)));
        let rows = campaign::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(wanted)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read_campaign).collect()
    }

    /// The campaign of that id, if somebody sees it.
    pub async fn review(&self, id: Uuid, sees: Option<&Reviews>) -> Result<Option<Review>, Error> {
        let row =
            campaign::Entity::find()
                .filter(campaign::Column::TenantId.eq(self.tenant.0))
                .filter(campaign::Column::Id.eq(id))
                .filter(Condition::all().add_option(
                    sees.map(|sees| sees.campaigns(self.tenant, &campaign::Column::Id.into_expr(), Some(id))),
                ))
                .one(&self.store.read)
                .await?;
        row.map(read_campaign).transpose()
    }

    /// How many items of a campaign are in each state, as far as somebody sees them.
    pub async fn count_review_items(&self, review: Uuid, sees: Option<&Reviews>) -> Result<Vec<(String, i64)>, Error> {
        let column = |column| Expr::col((review_item::Entity, column));
        let select = Query::select()
            .column((review_item::Entity, review_item::Column::State))
            .expr(Func::count(column(review_item::Column::Id)))
            .from(review_item::Entity)
            .and_where(column(review_item::Column::TenantId).eq(self.tenant.0))
            .and_where(column(review_item::Column::CampaignId).eq(review))
            .cond_where(self.seen(sees, Some(review)))
            .group_by_col((review_item::Entity, review_item::Column::State))
            .take();
        let select = self.store.backend().build(&select);
        self.store.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await
    }

    fn seen(&self, sees: Option<&Reviews>, review: Option<Uuid>) -> Condition {
        sees.map_or_else(Condition::all, |sees| sees.items(self.tenant, review))
    }

    /// Items behind that one, in the order of ids, as far as somebody sees them.
    pub async fn review_items(
        &self,
        filter: &ItemFilter,
        sees: Option<&Reviews>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<ReviewItem>, Error> {
        use review_item::Column;
        let active = Query::select()
            .column(campaign::Column::Id)
            .from(campaign::Entity)
            .and_where(Expr::col(campaign::Column::TenantId).eq(self.tenant.0))
            .and_where(Expr::col(campaign::Column::State).eq(State::Active.word()))
            .take();
        let wanted = Condition::all()
            .add_option(filter.review.map(|id| Column::CampaignId.eq(id)))
            .add_option(filter.state.map(|state| match state {
                // Written out: by it an index is found that has nothing else.
                "open" => Expr::cust("review_item.state = 'open'"),
                state => Column::State.eq(state),
            }))
            .add_option(filter.entitlement.map(|group| Column::GroupId.eq(group)))
            .add_option(filter.subject.map(|user| Column::SubjectId.eq(user)))
            .add_option(filter.active.then(|| Column::CampaignId.in_subquery(active)))
            .add_option(after.map(|id| Column::Id.gt(id)))
            .add(self.seen(sees, filter.review));
        let rows = review_item::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(wanted)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read_item).collect()
    }

    /// Which of these items somebody sees.
    pub async fn review_items_among(
        &self,
        ids: &[Uuid],
        sees: Option<&Reviews>,
    ) -> Result<HashMap<Uuid, ReviewItem>, Error> {
        let mut found = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let rows = review_item::Entity::find()
                .filter(review_item::Column::TenantId.eq(self.tenant.0))
                .filter(review_item::Column::Id.is_in(ids.iter().copied()))
                .filter(self.seen(sees, None))
                .all(&self.store.read)
                .await?;
            for row in rows {
                found.insert(row.id, read_item(row)?);
            }
        }
        Ok(found)
    }

    /// Open items about somebody that go on or are about to, some of them behind that one, in the order of ids.
    pub async fn open_items_about(&self, subject: Uuid, after: Option<Uuid>) -> Result<Vec<ReviewItem>, Error> {
        let filter = ItemFilter { subject: Some(subject), state: Some("open"), ..ItemFilter::default() };
        self.review_items(&filter, None, after, SOME).await
    }

    /// Open items that somebody reviews, some of them behind that one, in the order of ids.
    pub async fn open_items_reviewed_by(&self, user: Uuid, after: Option<Uuid>) -> Result<Vec<ReviewItem>, Error> {
        let sees = Reviews { user, stands_in_for: Vec::new(), part: None };
        let filter = ItemFilter { state: Some("open"), ..ItemFilter::default() };
        self.review_items(&filter, Some(&sees), after, SOME).await
    }

    /// These grants, whatever state they are in, by their ids.
    pub async fn grants_of_ids(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, AccessGrant>, Error> {
        let mut found = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let rows = access_grant::Entity::find()
                .filter(access_grant::Column::TenantId.eq(self.tenant.0))
                .filter(access_grant::Column::Id.is_in(ids.iter().copied()))
                .all(&self.store.read)
                .await?;
            for row in rows {
                found.insert(row.id, grants::read(row)?);
            }
        }
        Ok(found)
    }
}
