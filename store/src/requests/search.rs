//! Reading requests, as far as somebody may.

use std::collections::HashMap;

use entity::{access_request, approver, employment, request_item};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    AccessRequest, Error, RequestItem, TenantStore,
    requests::rows::{read_item, read_request},
    resources::ROWS_PER_STATEMENT,
};

/// Which requests are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Those in a state, by its word.
    pub state: Option<&'static str>,
    /// Those by a user.
    pub requester: Option<Uuid>,
    /// Those for a user.
    pub subject: Option<Uuid>,
}

/// Who looks, and what they may see of requests: their own, those for them, those that they decide about, themselves or for
/// somebody, and those for whoever reports to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sees {
    /// The person.
    pub user: Uuid,
    /// For whom they stand in just now.
    pub stands_in_for: Vec<Uuid>,
    /// The day it is.
    pub day: String,
}

impl Sees {
    fn condition(&self, tenant: i64) -> Condition {
        let decided = Query::select()
            .column((request_item::Entity, request_item::Column::RequestId))
            .from(approver::Entity)
            .from(request_item::Entity)
            .and_where(Expr::col((approver::Entity, approver::Column::TenantId)).eq(tenant))
            .and_where(Expr::col((request_item::Entity, request_item::Column::TenantId)).eq(tenant))
            .and_where(
                Expr::col((approver::Entity, approver::Column::ItemId))
                    .equals((request_item::Entity, request_item::Column::Id)),
            )
            .cond_where(self.decides())
            .take();
        Condition::any()
            .add(access_request::Column::RequesterId.eq(self.user))
            .add(access_request::Column::SubjectId.eq(self.user))
            .add(access_request::Column::Id.in_subquery(decided))
            .add(access_request::Column::SubjectId.in_subquery(self.reports(tenant)))
    }

    /// What is theirs to decide or was, and what those have to decide just now for whom they stand in.
    fn decides(&self) -> Condition {
        let column = |column| Expr::col((approver::Entity, column));
        let own = column(approver::Column::UserId).eq(self.user);
        if self.stands_in_for.is_empty() {
            return Condition::any().add(own);
        }
        let others = column(approver::Column::UserId)
            .is_in(self.stands_in_for.iter().copied())
            .and(column(approver::Column::Waits).eq(true));
        Condition::any().add(own).add(others)
    }

    /// Who reports to them today.
    fn reports(&self, tenant: i64) -> SelectStatement {
        let column = |column| Expr::col((employment::Entity, column));
        let day = self.day.as_str();
        Query::select()
            .column(employment::Column::UserId)
            .from(employment::Entity)
            .and_where(column(employment::Column::TenantId).eq(tenant))
            .and_where(column(employment::Column::ManagerId).eq(self.user))
            .cond_where(
                Condition::any()
                    .add(column(employment::Column::Starts).is_null())
                    .add(column(employment::Column::Starts).lte(day)),
            )
            .cond_where(
                Condition::any()
                    .add(column(employment::Column::Ends).is_null())
                    .add(column(employment::Column::Ends).gte(day)),
            )
            .take()
    }
}

impl TenantStore {
    /// Requests behind that one, the oldest first, as far as somebody sees them: all, if nobody is named.
    pub async fn requests(
        &self,
        filter: &RequestFilter,
        sees: Option<&Sees>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<AccessRequest>, Error> {
        use access_request::Column;
        let wanted = Condition::all()
            .add_option(filter.state.map(|state| Column::State.eq(state)))
            .add_option(filter.requester.map(|user| Column::RequesterId.eq(user)))
            .add_option(filter.subject.map(|user| Column::SubjectId.eq(user)))
            .add_option(after.map(|id| Column::Id.gt(id)))
            .add_option(sees.map(|sees| sees.condition(self.tenant.0)));
        let rows = access_request::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(wanted)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read_request).collect()
    }

    /// The request of that id, if somebody sees it.
    pub async fn request(&self, id: Uuid, sees: Option<&Sees>) -> Result<Option<AccessRequest>, Error> {
        let row = access_request::Entity::find()
            .filter(access_request::Column::TenantId.eq(self.tenant.0))
            .filter(access_request::Column::Id.eq(id))
            .filter(Condition::all().add_option(sees.map(|sees| sees.condition(self.tenant.0))))
            .one(&self.store.read)
            .await?;
        row.map(read_request).transpose()
    }

    /// The requests of these ids.
    pub async fn requests_among(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, AccessRequest>, Error> {
        let mut found = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT) {
            let rows = access_request::Entity::find()
                .filter(access_request::Column::TenantId.eq(self.tenant.0))
                .filter(access_request::Column::Id.is_in(ids.iter().copied()))
                .all(&self.store.read)
                .await?;
            for row in rows {
                found.insert(row.id, read_request(row)?);
            }
        }
        Ok(found)
    }

    /// The items of these requests, in the order of ids.
    pub async fn items_of(&self, requests: &[Uuid]) -> Result<Vec<RequestItem>, Error> {
        let mut items = Vec::new();
        for requests in requests.chunks(ROWS_PER_STATEMENT) {
            let rows = request_item::Entity::find()
                .filter(request_item::Column::TenantId.eq(self.tenant.0))
                .filter(request_item::Column::RequestId.is_in(requests.iter().copied()))
                .order_by_asc(request_item::Column::Id)
                .all(&self.store.read)
                .await?;
            for row in rows {
                items.push(read_item(row)?);
            }
        }
        Ok(items)
    }

    /// The item of that id.
    pub async fn request_item(&self, id: Uuid) -> Result<Option<RequestItem>, Error> {
        let row = request_item::Entity::find_by_id((self.tenant.0, id)).one(&self.store.read).await?;
        row.map(read_item).transpose()
    }

    /// Items behind that one that wait for somebody, or for one of those for whom they stand in: not what they have asked
    /// for themselves, or what is for them.
    pub async fn items_waiting(
        &self,
        user: Uuid,
        stands_in_for: &[Uuid],
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<RequestItem>, Error> {
        let people = stands_in_for.iter().copied().chain([user]);
        let waiting = Query::select()
            .column(approver::Column::ItemId)
            .from(approver::Entity)
            .and_where(Expr::col(approver::Column::TenantId).eq(self.tenant.0))
            .and_where(Expr::col(approver::Column::UserId).is_in(people))
            .and_where(Expr::col(approver::Column::Waits).eq(true))
            .take();
        let rows = request_item::Entity::find()
            .filter(request_item::Column::TenantId.eq(self.tenant.0))
            .filter(request_item::Column::Id.in_subquery(waiting))
            .filter(request_item::Column::SubjectId.ne(user))
            .filter(request_item::Column::RequesterId.ne(user))
            .filter(Condition::all().add_option(after.map(|id| request_item::Column::Id.gt(id))))
            .order_by_asc(request_item::Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read_item).collect()
    }
}
