//! The log of calls: written in batches behind the answers, read backwards, and forgotten when it is old.

use entity::call;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, Query},
};
use uuid::{Builder, Uuid};

use crate::{Error, Store, TenantId, TenantStore, dialect, together::Together};

/// How many calls a search looks at before it says how far it has come.
const WINDOW: u64 = 20_000;

/// A call and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its id, which rises with time.
    pub id: Uuid,
    /// When it was answered, in milliseconds since 1970.
    pub at: i64,
    /// Which client; none if it could not show who it is.
    pub client: Option<Uuid>,
    /// The method.
    pub method: String,
    /// The route behind the base URI, without ids.
    pub route: String,
    /// The status of the answer.
    pub status: u16,
    /// The keyword of a refusal.
    pub scim_type: Option<String>,
    /// Why it was refused, in a sentence without values.
    pub detail: Option<String>,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// The request's id.
    pub request: String,
    /// What it changed: counts and attribute names as JSON, no values.
    pub changes: String,
}

/// Which calls are looked for. What is left out is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Of that client.
    pub client: Option<Uuid>,
    /// With that method.
    pub method: Option<String>,
    /// On that route.
    pub route: Option<String>,
    /// With a status from the first to the last.
    pub status: Option<(u16, u16)>,
    /// Of that request.
    pub request: Option<String>,
    /// With that text in its reason or in what it changed; small letters.
    pub text: Option<String>,
    /// Not before, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Before, in milliseconds since 1970.
    pub until: Option<i64>,
}

impl CallFilter {
    /// Whether calls within the range may be passed over.
    fn selects(&self) -> bool {
        *self != Self { since: self.since, until: self.until, ..Self::default() }
    }
}

/// What was found, the newest first.
#[derive(Clone, Debug, Default)]
pub struct CallPage {
    /// The calls.
    pub calls: Vec<Call>,
    /// Behind which call to go on; nothing at the end. There may be a next page although this one is not full: a
    /// search looks at a bounded number of calls at a time.
    pub next: Option<Uuid>,
}

fn read(row: call::Model) -> Call {
    Call {
        id: row.id,
        at: row.at,
        client: row.client_id,
        method: row.method,
        route: row.route,
        status: u16::try_from(row.status).unwrap_or_default(),
        scim_type: row.scim_type,
        detail: row.detail,
        micros: row.micros,
        request: row.request_id,
        changes: row.changes,
    }
}

/// The least id of that millisecond (RFC 9562 §5.7).
pub(crate) fn first_id(millis: i64) -> Uuid {
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(0), &[0; 10]).into_uuid()
}

impl Store {
    /// Writes calls of any tenants together.
    pub async fn record_calls(&self, calls: &[(TenantId, Call)]) -> Result<(), Error> {
        let row = |(tenant, call): &(TenantId, Call)| call::ActiveModel {
            tenant_id: Set(tenant.0),
            id: Set(call.id),
            at: Set(call.at),
            client_id: Set(call.client),
            method: Set(call.method.clone()),
            route: Set(call.route.clone()),
            status: Set(call.status.into()),
            scim_type: Set(call.scim_type.clone()),
            detail: Set(call.detail.clone()),
            micros: Set(call.micros),
            request_id: Set(call.request.clone()),
            changes: Set(call.changes.clone()),
        };
        if calls.is_empty() {
            return Ok(());
        }
        let (transaction, turn) = match self.write.at_once() {
            Some(at_once) => (at_once, None),
            None => self.write.begin().await?,
        };
        let mut together = Together::new(self.backend());
        together.insert(calls.iter().map(row).collect());
        together.run_in(&transaction).await?;
        transaction.commit(turn).await
    }
}

impl TenantStore {
    /// One call.
    pub async fn call(&self, id: Uuid) -> Result<Option<Call>, Error> {
        Ok(call::Entity::find_by_id((self.tenant.0, id)).one(&self.store.read).await?.map(read))
    }

    /// Calls behind that one, the newest first.
    pub async fn calls(&self, filter: &CallFilter, behind: Option<Uuid>, limit: u64) -> Result<CallPage, Error> {
        let range = self.range(filter, behind);
        let newest = || call::Entity::find().filter(range.clone()).order_by_desc(call::Column::Id);
        // Where everything is wanted a page is found at once.
        let last: Option<Uuid> = if filter.selects() {
            let ids = newest().select_only().column(call::Column::Id);
            ids.offset(WINDOW - 1).limit(1).into_tuple().one(&self.store.read).await?
        } else {
            None
        };
        let window = Condition::all().add_option(last.map(|last| call::Column::Id.gte(last)));
        let found =
            newest().filter(window).filter(self.matching(filter)).limit(limit + 1).all(&self.store.read).await?;
        let mut calls: Vec<Call> = found.into_iter().map(read).collect();
        let is_full = calls.len() as u64 > limit;
        calls.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = if is_full { calls.last().map(|call| call.id) } else { last };
        Ok(CallPage { calls, next })
    }

    /// The part of the log that is looked at, which the primary key finds.
    fn range(&self, filter: &CallFilter, behind: Option<Uuid>) -> Condition {
        let id = call::Column::Id;
        Condition::all()
            .add(call::Column::TenantId.eq(self.tenant.0))
            .add_option(behind.map(|behind| id.lt(behind)))
            .add_option(filter.since.map(|since| id.gte(first_id(since))))
            .add_option(filter.until.map(|until| id.lt(first_id(until))))
    }

    fn matching(&self, filter: &CallFilter) -> Condition {
        use call::Column;
        let backend = self.store.backend();
        let holds = |text: &String| {
            let has = |column: Column| {
                let lower = Func::lower(Func::coalesce([Expr::col(column), Expr::val("")]));
                dialect::contains(backend, Expr::expr(lower), text)
            };
            has(Column::Detail).or(has(Column::Changes))
        };
        Condition::all()
            .add_option(filter.client.map(|client| Column::ClientId.eq(client)))
            .add_option(filter.method.as_ref().map(|method| Column::Method.eq(method)))
            .add_option(filter.route.as_ref().map(|route| Column::Route.eq(route)))
            .add_option(filter.status.map(|(first, last)| Column::Status.between(i32::from(first), i32::from(last))))
            .add_option(filter.request.as_ref().map(|request| Column::RequestId.eq(request)))
            .add_option(filter.text.as_ref().map(holds))
    }

    /// Forgets calls from before that instant, that many at the most. Says how many.
    pub async fn forget_calls(&self, before: i64, limit: u64) -> Result<u64, Error> {
        let old = Query::select()
            .column(call::Column::Id)
            .from(call::Entity)
            .and_where(call::Column::TenantId.eq(self.tenant.0))
            .and_where(call::Column::Id.lt(first_id(before)))
            .order_by(call::Column::Id, sea_orm::Order::Asc)
            .limit(limit)
            .to_owned();
        let gone = call::Entity::delete_many()
            .filter(call::Column::TenantId.eq(self.tenant.0))
            .filter(call::Column::Id.in_subquery(old))
            .exec(&self.store.write)
            .await?;
        Ok(gone.rows_affected)
    }
}
