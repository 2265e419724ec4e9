//! The rows of campaigns, of the grants in them, and of who reviews these.

use std::collections::HashMap;

use entity::{access_grant, campaign, review_item, reviewer};
use rights::{
    Instant,
    calendar::Calendar,
    review::{Campaign, Item, State},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
    sea_query::{Expr, ExprTrait, LockType, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ITEM, Known, REVIEW, Review, ReviewItem, ReviewPlan, ReviewProgress};
use crate::{Action, Changes, Error, TimerKind, Work, resources::ROWS_PER_STATEMENT};

/// What stands in the row of a campaign beside what is looked up.
#[derive(Serialize, Deserialize)]
struct Content {
    campaign: Campaign,
    plan: ReviewPlan,
    progress: ReviewProgress,
}

/// What stands in the row of an item.
#[derive(Serialize, Deserialize)]
struct ItemContent {
    item: Item,
    known: Known,
}

pub(crate) fn campaign_row(tenant: i64, review: &Review) -> Result<campaign::ActiveModel, Error> {
    let Review { campaign, plan, progress, .. } = review.clone();
    Ok(campaign::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(review.id),
        state: Set(campaign.state.word().to_owned()),
        subject_id: Set(review.subject()),
        application_id: Set(plan.scope.application),
        node_id: Set(plan.scope.unit),
        starts: Set(campaign.starts.millis()),
        deadline: Set(campaign.deadline.millis()),
        created: Set(review.created),
        content: Set(text(&Content { campaign, plan, progress })?),
        version: Set(review.version),
    })
}

pub(crate) fn read_campaign(row: campaign::Model) -> Result<Review, Error> {
    let Content { campaign, plan, progress } = serde_json::from_str(&row.content)
        .map_err(|error| Error::Damaged(format!("the content of review {}: {error}", row.id)))?;
    Ok(Review { id: row.id, campaign, plan, progress, created: row.created, version: row.version })
}

pub(crate) fn item_row(tenant: i64, one: &ReviewItem) -> Result<review_item::ActiveModel, Error> {
    let content = ItemContent { item: one.item.clone(), known: one.known.clone() };
    Ok(review_item::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(one.id),
        campaign_id: Set(one.review),
        grant_id: Set(one.item.grant.0),
        subject_id: Set(one.item.subject.0),
        group_id: Set(one.group),
        state: Set(one.item.state.word().to_owned()),
        content: Set(text(&content)?),
        version: Set(one.version),
    })
}

pub(crate) fn read_item(row: review_item::Model) -> Result<ReviewItem, Error> {
    let ItemContent { item, known } = serde_json::from_str(&row.content)
        .map_err(|error| Error::Damaged(format!("the content of review item {}: {error}", row.id)))?;
    Ok(ReviewItem { id: row.id, review: row.campaign_id, group: row.group_id, item, known, version: row.version })
}

pub(crate) fn reviewer_rows(tenant: i64, one: &ReviewItem) -> impl Iterator<Item = reviewer::ActiveModel> {
    one.item.reviewers.iter().map(move |user| reviewer::ActiveModel {
        tenant_id: Set(tenant),
        user_id: Set(user.0),
        campaign_id: Set(one.review),
        item_id: Set(one.id),
    })
}

fn text(content: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(content).map_err(|error| Error::Damaged(error.to_string()))
}

impl Work {
    /// Writes a new campaign.
    pub async fn create_review(&self, review: &Review, calendar: &Calendar) -> Result<(), Error> {
        if self.transaction.is_at_once() {
            return Err(Error::Conflict);
        }
        campaign::Entity::insert(campaign_row(self.tenant.0, review)?)
            .exec_without_returning(&*self.transaction)
            .await?;
        self.add_timers(&[(review.id, review.timers(calendar, self.instant()))]).await?;
        let changes = Changes { added: review.subject().into_iter().collect(), ..Changes::default() };
        self.record(Action::Created, REVIEW, review.id, 1, &changes).await
    }

    /// Writes what has become of a campaign that is held, and of what it has to be reminded. The campaign as it is then.
    pub async fn change_review(
        &self,
        before: &Review,
        after: Review,
        (calendar, event): (&Calendar, &'static str),
    ) -> Result<Review, Error> {
        let ended = matches!(after.campaign.state, State::Completed | State::Cancelled).then(|| self.instant());
        let mut after = Review { version: before.version + 1, ..after };
        after.progress.ended = after.progress.ended.or(ended);
        campaign::Entity::update_many()
            .set(campaign_row(self.tenant.0, &after)?)
            .filter(campaign::Column::TenantId.eq(self.tenant.0))
            .filter(campaign::Column::Id.eq(after.id))
            .exec(&*self.transaction)
            .await?;
        self.plan_review(&after, calendar).await?;
        if before.campaign != after.campaign {
            let changes = Changes { attributes: vec![event.to_owned()], ..Changes::default() };
            self.record(Action::Changed, REVIEW, after.id, after.version, &changes).await?;
        }
        Ok(after)
    }

    /// Lets a campaign have the timers that follow from its state.
    pub async fn plan_review(&self, review: &Review, calendar: &Calendar) -> Result<(), Error> {
        let timers = review.timers(calendar, self.instant());
        self.set_timers(review.id, &TimerKind::OF_REVIEWS, &timers).await
    }

    /// Lets a campaign look now whether it can close.
    pub async fn let_review_close(&self, review: Uuid) -> Result<(), Error> {
        let now = [(TimerKind::ReviewClose, self.instant())];
        self.set_timers(review, &[TimerKind::ReviewClose], &now).await
    }

    /// A campaign, held against other writers until this work ends.
    pub async fn lock_review(&self, id: Uuid) -> Result<Option<Review>, Error> {
        let row = campaign::Entity::find_by_id((self.tenant.0, id)).lock(LockType::NoKeyUpdate);
        row.one(&*self.transaction).await?.map(read_campaign).transpose()
    }

    /// The micro-review of somebody that goes on, held. The person must be held.
    pub async fn lock_micro_review(&self, subject: Uuid) -> Result<Option<Review>, Error> {
        if self.transaction.is_at_once() {
            return Err(Error::Conflict);
        }
        let row = campaign::Entity::find()
            .filter(campaign::Column::TenantId.eq(self.tenant.0))
            .filter(campaign::Column::SubjectId.eq(subject))
            .filter(campaign::Column::State.is_in([State::Scheduled, State::Active].map(State::word)))
            .lock(LockType::NoKeyUpdate)
            .one(&*self.transaction)
            .await?;
        row.map(read_campaign).transpose()
    }

    /// Writes items that are new. Those of grants that are in the campaign already are left out; says how many were not.
    pub async fn add_review_items(&self, items: &[ReviewItem]) -> Result<usize, Error> {
        use review_item::Column;
        let Some(first) = items.first() else { return Ok(0) };
        let grants = items.iter().map(|one| one.item.grant.0);
        let known = review_item::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::CampaignId.eq(first.review))
            .filter(Column::GrantId.is_in(grants))
            .all(&*self.transaction)
            .await?;
        let known: std::collections::HashSet<Uuid> = known.into_iter().map(|row| row.grant_id).collect();
        let new: Vec<&ReviewItem> = items.iter().filter(|one| !known.contains(&one.item.grant.0)).collect();
        for some in new.chunks(ROWS_PER_STATEMENT) {
            let rows: Result<Vec<_>, Error> = some.iter().map(|one| item_row(self.tenant.0, one)).collect();
            review_item::Entity::insert_many(rows?).exec_without_returning(&*self.transaction).await?;
        }
        self.add_reviewers(new.iter().flat_map(|one| reviewer_rows(self.tenant.0, one)).collect()).await?;
        Ok(new.len())
    }

    async fn add_reviewers(&self, rows: Vec<reviewer::ActiveModel>) -> Result<(), Error> {
        for some in rows.chunks(ROWS_PER_STATEMENT) {
            reviewer::Entity::insert_many(some.iter().cloned()).exec_without_returning(&*self.transaction).await?;
        }
        Ok(())
    }

    /// Writes what has become of items of one campaign, each as it was and as it is: those that are held. The log says so of
    /// what people did.
    pub async fn change_review_items(
        &self,
        changed: &[(&ReviewItem, ReviewItem)],
        event: Option<&'static str>,
    ) -> Result<(), Error> {
        use review_item::Column;
        let rows: Result<Vec<_>, Error> = changed.iter().map(|(_, after)| item_row(self.tenant.0, after)).collect();
        let mut together = self.together();
        together.upsert(rows?, &[Column::TenantId, Column::Id], &[Column::State, Column::Content, Column::Version]);
        together.run_whole(self).await?;
        let others: Vec<&ReviewItem> = changed
            .iter()
            .filter(|(before, after)| before.item.reviewers != after.item.reviewers)
            .map(|(_, after)| after)
            .collect();
        for some in others.chunks(ROWS_PER_STATEMENT) {
            reviewer::Entity::delete_many()
                .filter(reviewer::Column::TenantId.eq(self.tenant.0))
                .filter(reviewer::Column::ItemId.is_in(some.iter().map(|one| one.id)))
                .exec(&*self.transaction)
                .await?;
        }
        self.add_reviewers(others.iter().flat_map(|one| reviewer_rows(self.tenant.0, one)).collect()).await?;
        let Some(event) = event else { return Ok(()) };
        let told = Changes { attributes: vec![event.to_owned()], ..Changes::default() };
        let mut together = self.together();
        for (_, after) in changed {
            together.insert(self.events(Action::Changed, ITEM, after.id, after.version, &told));
        }
        together.run(self).await
    }

    /// Items, held against other writers until this work ends, by their ids.
    pub async fn lock_review_items(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, ReviewItem>, Error> {
        let mut held = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let rows = review_item::Entity::find()
                .filter(review_item::Column::TenantId.eq(self.tenant.0))
                .filter(review_item::Column::Id.is_in(ids.iter().copied()))
                .order_by_asc(review_item::Column::Id)
                .lock(LockType::NoKeyUpdate)
                .all(&*self.transaction)
                .await?;
            for row in rows {
                held.insert(row.id, read_item(row)?);
            }
        }
        Ok(held)
    }

    /// Who reviews something of a campaign that nobody has decided.
    pub async fn reviewers_waiting(&self, review: Uuid) -> Result<Vec<Uuid>, Error> {
        let sql = "SELECT DISTINCT reviewer.user_id FROM review_item \
             JOIN reviewer ON reviewer.tenant_id = $1 AND reviewer.item_id = review_item.id \
             WHERE review_item.tenant_id = $1 AND review_item.campaign_id = $2 AND review_item.state = 'open' ORDER BY 1";
        let values: [Value; 2] = [self.tenant.0.into(), review.into()];
        self.transaction.rows(Statement::from_sql_and_values(self.backend(), sql, values), |row| row.get(0)).await
    }

    /// How many items of a campaign nobody has decided.
    pub async fn count_open_items(&self, review: Uuid) -> Result<usize, Error> {
        let open = review_item::Entity::find()
            .filter(review_item::Column::TenantId.eq(self.tenant.0))
            .filter(review_item::Column::CampaignId.eq(review))
            .filter(review_item::Column::State.eq("open"))
            .filter(is_there(self.tenant.0))
            .count(&*self.transaction)
            .await?;
        Ok(usize::try_from(open).unwrap_or(usize::MAX))
    }

    /// Whether nobody has decided one of a campaign at least. About what has ended there is nothing to decide.
    pub async fn has_open_items(&self, review: Uuid) -> Result<bool, Error> {
        let open = review_item::Entity::find()
            .filter(review_item::Column::TenantId.eq(self.tenant.0))
            .filter(review_item::Column::CampaignId.eq(review))
            .filter(review_item::Column::State.eq("open"))
            .filter(is_there(self.tenant.0))
            .limit(1)
            .all(&*self.transaction)
            .await?;
        Ok(!open.is_empty())
    }
}

/// The condition that the grant of an item has not ended.
fn is_there(tenant: i64) -> Expr {
    use access_grant::{Column, Entity};
    let ended = Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::TenantId)).eq(tenant))
        .and_where(Expr::col((Entity, Column::Id)).equals((review_item::Entity, review_item::Column::GrantId)))
        .and_where(Expr::col((Entity, Column::Ended)).is_not_null())
        .take();
    Expr::exists(ended).not()
}

impl Review {
    /// A campaign that is to be.
    pub fn new(id: Uuid, campaign: Campaign, plan: ReviewPlan, now: Instant) -> Self {
        Self { id, campaign, plan, progress: ReviewProgress::default(), created: now.millis(), version: 1 }
    }
}
