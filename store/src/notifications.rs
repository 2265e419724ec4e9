//! Notifications: what people are told, written in the transaction of what they are told about. A row holds ids and numbers
//! and no names, so that it outlives people without keeping their data; whoever shows it looks the names up.
//!
//! The event has a name that no other event has, and a recipient has one row of it at the most: whatever is tried again, or
//! done by two nodes, tells nobody twice.

mod mails;

use std::collections::HashMap;

use entity::{member, notification, profile, resource};
use rights::{Instant, Notice};
use scim::Document;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{OnConflict, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use mails::{Mail, MailState};

use crate::{
    Error, TenantSettings, TenantStore, Work, calls::first_id, grants::PEOPLE, profiles, resources::ROWS_PER_STATEMENT,
};

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its id, which says when it was written.
    pub id: Uuid,
    /// Who is told.
    pub recipient: Uuid,
    /// What happened, by a name that no other event has: 120 characters at the most.
    pub event: String,
    /// Of what they are told.
    pub notice: Notice,
    /// What it is about.
    pub content: NotificationContent,
    /// When it was read, in milliseconds since 1970.
    pub read: Option<i64>,
    /// What has become of the mail.
    pub mail: MailState,
}

/// What a notification is about: ids and numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NotificationContent {
    /// What kind of thing it is about.
    pub object: String,
    /// Which of them.
    pub id: Uuid,
    /// The person whom it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<Uuid>,
    /// What they have or want: the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlement: Option<Uuid>,
    /// By which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Uuid>,
    /// By which rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Uuid>,
    /// The instant that matters: until when it waits, when it begins or ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// How many days are left until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// Why, by a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For whom the recipient stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deputy_of: Option<Uuid>,
}

/// Which notifications are wanted; nothing for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    /// Those that were not read, or those that were.
    pub unread: Option<bool>,
    /// Those of a kind.
    pub notice: Option<Notice>,
}

impl Notification {
    /// When it was written, in milliseconds since 1970 (RFC 9562 §5.7).
    pub fn created(&self) -> i64 {
        let (seconds, nanos) = self.id.get_timestamp().map(|stamp| stamp.to_unix()).unwrap_or_default();
        i64::try_from(seconds).unwrap_or(0).saturating_mul(1000) + i64::from(nanos / 1_000_000)
    }
}

impl TenantStore {
    /// What somebody was told before that one, the newest first.
    pub async fn notifications(
        &self,
        recipient: Uuid,
        filter: &NotificationFilter,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Notification>, Error> {
        use notification::Column;
        let wanted = Condition::all()
            .add_option(before.map(|id| Column::Id.lt(id)))
            .add_option(filter.notice.map(|notice| Column::Kind.eq(notice.word())))
            .add_option(filter.unread.map(
                |unread| {
                    if unread { Column::Read.is_null() } else { Column::Read.is_not_null() }
                },
            ));
        let rows = notification::Entity::find()
            .filter(self.told(recipient))
            .filter(wanted)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// One thing that somebody was told.
    pub async fn notification(&self, recipient: Uuid, id: Uuid) -> Result<Option<Notification>, Error> {
        let row = notification::Entity::find()
            .filter(self.told(recipient))
            .filter(notification::Column::Id.eq(id))
            .one(&self.store.read)
            .await?;
        row.map(read).transpose()
    }

    /// What was read before stays as it was.
    async fn note_reading(&self, recipient: Uuid, which: Condition, now: i64) -> Result<u64, Error> {
        let done = notification::Entity::update_many()
            .set(notification::ActiveModel { read: Set(Some(now)), ..Default::default() })
            .filter(self.told(recipient))
            .filter(which)
            .filter(notification::Column::Read.is_null())
            .exec(&self.store.write)
            .await?;
        Ok(done.rows_affected)
    }

    /// Notes that somebody has read that one. Says how many are read now that were not.
    pub async fn read_notification(&self, recipient: Uuid, id: Uuid, now: i64) -> Result<u64, Error> {
        self.note_reading(recipient, Condition::all().add(notification::Column::Id.eq(id)), now).await
    }

    /// Notes that somebody has read all that they were told until that one, or all.
    pub async fn read_notifications(&self, recipient: Uuid, until: Option<Uuid>, now: i64) -> Result<u64, Error> {
        let which = Condition::all().add_option(until.map(|id| notification::Column::Id.lte(id)));
        self.note_reading(recipient, which, now).await
    }

    /// Forgets what people were told before that instant, that many at the most. Says how many.
    pub async fn forget_notifications(&self, before: i64, limit: u64) -> Result<u64, Error> {
        let old = Query::select()
            .column(notification::Column::Id)
            .from(notification::Entity)
            .and_where(notification::Column::TenantId.eq(self.tenant.0))
            .and_where(notification::Column::Id.lt(first_id(before)))
            .order_by(notification::Column::Id, sea_orm::Order::Asc)
            .limit(limit)
            .to_owned();
        let gone = notification::Entity::delete_many()
            .filter(notification::Column::TenantId.eq(self.tenant.0))
            .filter(notification::Column::Id.in_subquery(old))
            .exec(&self.store.write)
            .await?;
        Ok(gone.rows_affected)
    }

    /// A node of another version may have written kinds that this one does not know.
    fn told(&self, recipient: Uuid) -> Condition {
        Condition::all()
            .add(notification::Column::TenantId.eq(self.tenant.0))
            .add(notification::Column::RecipientId.eq(recipient))
            .add(notification::Column::Kind.is_in(Notice::ALL.map(Notice::word)))
    }
}

impl Work {
    /// Tells people, whoever has not heard of it yet.
    pub async fn notify(&self, told: &[Notification]) -> Result<(), Error> {
        use notification::Column;
        let rows: Vec<notification::ActiveModel> =
            told.iter().map(|one| row(self.tenant.0, one, self.now)).collect::<Result<_, _>>()?;
        let mut together = self.together();
        for some in rows.chunks(ROWS_PER_STATEMENT) {
            let once =
                OnConflict::columns([Column::TenantId, Column::Event, Column::RecipientId]).do_nothing().to_owned();
            together
                .add(notification::Entity::insert_many(some.iter().cloned()).on_conflict(once).build(self.backend()));
        }
        together.run(self).await
    }

    /// Whether mails are sent, as the operator has set it.
    pub fn mails(&self) -> bool {
        self.mails
    }

    /// The user on whose behalf this is done.
    pub fn actor(&self) -> Option<Uuid> {
        self.cause.user
    }

    /// The tenant's settings, as they were when this work asked first.
    pub async fn settings(&self) -> Result<&TenantSettings, Error> {
        if let Some(known) = self.settings.get() {
            return Ok(known);
        }
        let row = profile::Entity::find_by_id(self.tenant.0).one(&*self.transaction).await?;
        let read = profiles::read(row)?.settings;
        Ok(self.settings.get_or_init(|| read))
    }

    /// Spares this work to ask for settings that were read just before it began.
    pub fn remember_settings(&self, settings: TenantSettings) {
        self.settings.get_or_init(|| settings);
    }

    /// The documents of these users. Who is not there is left out.
    pub async fn documents_of(&self, users: &[Uuid]) -> Result<HashMap<Uuid, Document>, Error> {
        documents(&*self.transaction, self.tenant.0, users).await
    }

    /// The people who are in a group themselves, that many at the most.
    pub async fn people_in(&self, group: Uuid, limit: u64) -> Result<Vec<Uuid>, Error> {
        let select = member::Entity::find()
            .select_only()
            .column(member::Column::MemberId)
            .filter(member::Column::TenantId.eq(self.tenant.0))
            .filter(member::Column::GroupId.eq(group))
            .filter(member::Column::MemberKind.eq(PEOPLE))
            .order_by_asc(member::Column::MemberId)
            .limit(limit)
            .build(self.backend());
        self.transaction.rows(select, |row| row.get(0)).await
    }
}

async fn documents(
    connection: &impl ConnectionTrait,
    tenant: i64,
    users: &[Uuid],
) -> Result<HashMap<Uuid, Document>, Error> {
    let mut found = HashMap::with_capacity(users.len());
    for ids in users.chunks(ROWS_PER_STATEMENT) {
        let rows = resource::Entity::find()
            .filter(resource::Column::TenantId.eq(tenant))
            .filter(resource::Column::Kind.eq(PEOPLE))
            .filter(resource::Column::Id.is_in(ids.iter().copied()))
            .all(connection)
            .await?;
        for row in rows {
            let damaged = |error| Error::Damaged(format!("the document of {}: {error}", row.id));
            found.insert(row.id, Document::from_stored(serde_json::from_str(&row.document).map_err(damaged)?));
        }
    }
    Ok(found)
}

pub(crate) fn row(tenant: i64, one: &Notification, now: i64) -> Result<notification::ActiveModel, Error> {
    Ok(notification::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(one.id),
        recipient_id: Set(one.recipient),
        event: Set(one.event.clone()),
        kind: Set(one.notice.word().to_owned()),
        content: Set(serde_json::to_string(&one.content).map_err(|error| Error::Damaged(error.to_string()))?),
        read: Set(one.read),
        mail: Set(one.mail.word().to_owned()),
        due: Set((one.mail == MailState::Due).then_some(now)),
        attempts: Set(0),
        failure: Set(None),
    })
}

pub(crate) fn read(row: notification::Model) -> Result<Notification, Error> {
    let damaged = |what: &str| Error::Damaged(format!("the {what} of notification {}", row.id));
    Ok(Notification {
        notice: Notice::from_word(&row.kind).ok_or_else(|| damaged("kind"))?,
        content: serde_json::from_str(&row.content).map_err(|_| damaged("content"))?,
        mail: MailState::from_word(&row.mail).ok_or_else(|| damaged("mail"))?,
        id: row.id,
        recipient: row.recipient_id,
        event: row.event,
        read: row.read,
    })
}
