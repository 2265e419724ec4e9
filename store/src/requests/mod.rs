//! Requests: what people ask for, item by item. An item is stored whole as the rules know it, and who has to decide about it
//! stands in an index beside it that is written with it.

mod end;
mod rows;
mod search;

use rights::{
    Instant,
    request::{Item, Overall, State, Timer},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::LockType};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use entity::{access_request, request_item};

pub(crate) use rows::{approver_row, approvers, item, read_item, read_request, request};
pub use search::{RequestFilter, Sees};

use crate::{Action, Changes, Error, TimerKind, Work, dialect, together::Together};

/// What the log calls a request.
const REQUEST: &str = "Request";
/// What it calls an item of one.
const ITEM: &str = "RequestItem";
/// How many requests one year holds.
const PER_YEAR: i64 = 10_000_000;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// Its id.
    pub id: Uuid,
    /// Its number for people.
    pub number: RequestNumber,
    /// Who asks.
    pub requester: Uuid,
    /// For whom.
    pub subject: Uuid,
    /// How it stands, as its items do.
    pub state: Overall,
    /// When it was asked for, in milliseconds since 1970.
    pub created: i64,
    /// Why.
    pub texts: RequestTexts,
}

/// The year of a request and its place in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestNumber(pub(crate) i64);

impl std::fmt::Display for RequestNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PR-{}-{:06}", self.0.div_euclid(PER_YEAR), self.0.rem_euclid(PER_YEAR))
    }
}

/// Why something is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestTexts {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// By which law or order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
}

/// One entitlement of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestItem {
    /// Its id.
    pub id: Uuid,
    /// Of which request.
    pub request: Uuid,
    /// The item as the rules know it.
    pub item: Item,
    /// The grant that it is about, or that came of it.
    pub grant: Option<Uuid>,
    /// Counts its changes from 1.
    pub version: i64,
}

impl RequestItem {
    /// Of what it has to be reminded.
    pub fn timers(&self) -> Vec<(TimerKind, Instant)> {
        let kind = |timer| match timer {
            Timer::Remind => TimerKind::ItemRemind,
            Timer::Escalate => TimerKind::ItemEscalate,
            Timer::Expire => TimerKind::ItemExpire,
        };
        let mut timers: Vec<_> = self.item.timers().into_iter().map(|(timer, at)| (kind(timer), at)).collect();
        // Behind the grant, which begins first.
        if let State::Scheduled { start } = self.item.state {
            timers.push((TimerKind::ItemStart, start + time::Duration::milliseconds(1)));
        }
        timers
    }

    /// What is to happen, as it is written.
    pub fn kind(&self) -> &'static str {
        use rights::request::Kind;
        match self.item.kind {
            Kind::Grant(_) => "grant",
            Kind::Extend { .. } => "extend",
            Kind::Revoke { .. } => "revoke",
        }
    }
}

impl Work {
    /// Writes a request with its items, and gives it the next number of that year. [`Error::Taken`] if one of them is asked
    /// for already.
    pub async fn create_request(
        &self,
        year: i32,
        new: AccessRequest,
        items: &[RequestItem],
    ) -> Result<AccessRequest, Error> {
        let request = AccessRequest { number: self.next_number(year).await?, ..new };
        let new: Result<Vec<_>, Error> = items.iter().map(|item| rows::item(self.tenant.0, item)).collect();
        let mut together = self.together();
        together.insert(vec![rows::request(self.tenant.0, &request)?]);
        together.insert(new?);
        let mut timers = Vec::new();
        for item in items {
            self.write_approvers(&mut together, None, item);
            timers.push((item.id, item.timers()));
        }
        self.plan_timers(&mut together, &timers);
        let changes = Changes { added: vec![request.subject], ..Changes::default() };
        together.insert(self.events(Action::Created, REQUEST, request.id, 1, &changes));
        together.run(self).await?;
        Ok(request)
    }

    /// The number that comes next; nobody else takes one until this work ends. What is written at once finds out then if somebody has.
    async fn next_number(&self, year: i32) -> Result<RequestNumber, Error> {
        if self.is_at_once() {
            // Not while somebody holds the numbers: they are sure of theirs.
            let (share, key) = dialect::share_requests(self.tenant.0);
            self.rest_on_row(share, key);
        } else {
            dialect::lock_requests(&*self.transaction, self.tenant.0).await?;
        }
        let first = i64::from(year) * PER_YEAR;
        let last = access_request::Entity::find()
            .select_only()
            .column(access_request::Column::Number)
            .filter(access_request::Column::TenantId.eq(self.tenant.0))
            .filter(access_request::Column::Number.between(first, first + PER_YEAR - 1))
            .order_by_desc(access_request::Column::Number)
            .limit(1)
            .build(self.backend());
        let last: Option<i64> = self.transaction.row(last, |row| row.get(0)).await?;
        Ok(RequestNumber(last.unwrap_or(first) + 1))
    }

    /// Holds an item against other writers until this work ends. [`Error::Conflict`] if it is no longer as it was read; what is written
    /// at once finds that out when it is written.
    pub async fn hold_item(&self, read: &RequestItem) -> Result<(), Error> {
        if self.is_at_once() {
            let held = "SELECT 1 FROM request_item WHERE tenant_id = $1 AND id = $2 AND version = $3 FOR NO KEY UPDATE";
            self.rest_on_row(held, [self.tenant.0.into(), read.id.into(), read.version.into()]);
            return Ok(());
        }
        let version = request_item::Entity::find_by_id((self.tenant.0, read.id))
            .select_only()
            .column(request_item::Column::Version)
            .lock(LockType::NoKeyUpdate)
            .build(self.backend());
        let version: Option<i64> = self.transaction.row(version, |row| row.get(0)).await?;
        if version == Some(read.version) { Ok(()) } else { Err(Error::Conflict) }
    }

    /// Writes what has become of an item that is held, in the version that comes next; its request follows.
    pub async fn change_item(
        &self,
        before: &RequestItem,
        after: &RequestItem,
        event: &'static str,
    ) -> Result<(), Error> {
        let mut together = self.together();
        if before.item.state != after.item.state {
            self.follow_request(&mut together, after).await?;
        }
        let update = request_item::Entity::update_many()
            .set(rows::item(self.tenant.0, after)?)
            .filter(request_item::Column::TenantId.eq(self.tenant.0))
            .filter(request_item::Column::Id.eq(after.id));
        together.add(update.build(self.backend()));
        self.write_approvers(&mut together, Some(before), after);
        let timers = after.timers();
        if before.timers() != timers {
            self.renew_timers(&mut together, &TimerKind::OF_ITEMS, &[(after.id, timers)]);
        }
        let changes = Changes { attributes: vec![event.to_owned()], ..Changes::default() };
        together.insert(self.events(Action::Changed, ITEM, after.id, after.version, &changes));
        together.run(self).await
    }

    /// Lets the state of a request follow those of its items, of which this is one as it will be.
    async fn follow_request(&self, together: &mut Together, after: &RequestItem) -> Result<(), Error> {
        let request = after.request;
        let others = if self.is_at_once() {
            // An item that is alone in its request.
            let others = "SELECT 1 FROM request_item WHERE tenant_id = $1 AND request_id = $2 AND id <> $3";
            self.rest_on_rows(0, others, [self.tenant.0.into(), request.into(), after.id.into()]);
            Vec::new()
        } else {
            // Held first: whoever decides another item meanwhile has committed it by then, or waits.
            access_request::Entity::find_by_id((self.tenant.0, request))
                .lock(LockType::NoKeyUpdate)
                .one(&*self.transaction)
                .await?;
            request_item::Entity::find()
                .filter(request_item::Column::TenantId.eq(self.tenant.0))
                .filter(request_item::Column::RequestId.eq(request))
                .filter(request_item::Column::Id.ne(after.id))
                .all(&*self.transaction)
                .await?
        };
        let others: Vec<RequestItem> = others.into_iter().map(rows::read_item).collect::<Result<_, _>>()?;
        let states: Vec<&State> = others.iter().chain([after]).map(|one| &one.item.state).collect();
        let state = sea_orm::ActiveValue::Set(Overall::of(states).word().to_owned());
        let update = access_request::Entity::update_many()
            .set(access_request::ActiveModel { state, ..Default::default() })
            .filter(access_request::Column::TenantId.eq(self.tenant.0))
            .filter(access_request::Column::Id.eq(request));
        together.add(update.build(self.backend()));
        Ok(())
    }

    /// Whether the same is asked for already, for the same person.
    pub async fn is_asked_for(&self, subject: Uuid, group: Uuid, kind: &str) -> Result<bool, Error> {
        let twin = request_item::Entity::find()
            .filter(request_item::Column::TenantId.eq(self.tenant.0))
            .filter(request_item::Column::SubjectId.eq(subject))
            .filter(request_item::Column::GroupId.eq(group))
            .filter(request_item::Column::Kind.eq(kind))
            .filter(request_item::Column::Ended.is_null())
            .limit(1)
            .all(&*self.transaction)
            .await?;
        Ok(!twin.is_empty())
    }

    /// The request of that id.
    pub async fn request(&self, id: Uuid) -> Result<Option<AccessRequest>, Error> {
        let row = access_request::Entity::find_by_id((self.tenant.0, id)).one(&*self.transaction).await?;
        row.map(rows::read_request).transpose()
    }
}
