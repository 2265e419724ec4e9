//! The mail about a notification. Whoever sends one claims its row first: of two nodes one does, and of a node that went down in
//! the middle nobody knows whether it did, and so nobody sends it again.

use entity::{notification, tenant};
use rights::Notice;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use uuid::Uuid;

use super::{Notification, documents, read};
use crate::{Error, Row, Store, TenantId, TenantState, TenantStore};

/// What has become of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailState {
    /// There is none.
    None,
    /// It is to be sent.
    Due,
    /// A node is about to send it.
    Sending,
    /// The mail server has taken it.
    Sent,
    /// It could not be sent.
    Failed,
    /// Whether it was sent nobody knows: it is not sent again.
    Unknown,
}

impl MailState {
    /// Every one of them.
    pub const ALL: [Self; 6] = [Self::None, Self::Due, Self::Sending, Self::Sent, Self::Failed, Self::Unknown];

    /// The word that is stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Due => "due",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A mail that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Of which tenant.
    pub tenant: TenantId,
    /// About which notification.
    pub notification: Uuid,
    /// How often it was tried to send it.
    pub attempts: i64,
    due: i64,
}

impl Store {
    /// Mails that are due in tenants that are served, the oldest first.
    pub async fn due_mails(&self, now: i64, limit: u64) -> Result<Vec<Mail>, Error> {
        let column = |column: notification::Column| Expr::col((notification::Entity, column));
        let served = [TenantState::Active.word(), TenantState::Suspended.word()];
        let of_tenant = column(notification::Column::TenantId).equals((tenant::Entity, tenant::Column::Id));
        let columns = [
            notification::Column::TenantId,
            notification::Column::Id,
            notification::Column::Attempts,
            notification::Column::Due,
        ];
        let select = Query::select()
            .columns(columns.map(|column| (notification::Entity, column)))
            .from(notification::Entity)
            .inner_join(tenant::Entity, of_tenant)
            .and_where(column(notification::Column::Due).lte(now))
            .and_where(column(notification::Column::Mail).eq(MailState::Due.word()))
            // A node of another version may tell of kinds that this one does not know.
            .and_where(column(notification::Column::Kind).is_in(Notice::ALL.map(Notice::word)))
            .and_where(Expr::col((tenant::Entity, tenant::Column::State)).is_in(served))
            .order_by((notification::Entity, notification::Column::Due), Order::Asc)
            .limit(limit)
            .take();
        let mail = |row: &Row<'_>| {
            let (tenant, notification) = (TenantId(row.get(0)?), row.get(1)?);
            Ok(Mail { tenant, notification, attempts: row.get(2)?, due: row.get(3)? })
        };
        self.read.rows(self.backend().build(&select), mail).await
    }

    /// Gives up mails whose node did not say in time what became of them. Says how many.
    pub async fn give_up_mails(&self, now: i64, why: &str) -> Result<u64, Error> {
        let given_up = notification::Entity::update_many()
            .set(settled(MailState::Unknown, None, Some(why)))
            .filter(notification::Column::Due.lte(now))
            .filter(notification::Column::Mail.eq(MailState::Sending.word()))
            .exec(&self.write)
            .await?;
        Ok(given_up.rows_affected)
    }

    /// How many mails wait to be sent, up to that many.
    pub async fn waiting_mails(&self, limit: u64) -> Result<u64, Error> {
        let select = Query::select()
            .column(notification::Column::Id)
            .from(notification::Entity)
            .and_where(Expr::col(notification::Column::Due).is_not_null())
            .limit(limit)
            .take();
        let found = self.read.rows(self.backend().build(&select), |row| row.get::<Uuid>(0)).await?;
        Ok(found.len() as u64)
    }
}

impl TenantStore {
    /// Lets a mail belong to this node until that instant. Nothing if another node was quicker.
    pub async fn claim_mail(&self, mail: &Mail, until: i64) -> Result<Option<Mail>, Error> {
        let claimed = Mail { attempts: mail.attempts.saturating_add(1), due: until, ..*mail };
        let row = notification::ActiveModel {
            attempts: Set(claimed.attempts),
            ..settled(MailState::Sending, Some(until), None)
        };
        let done = self.update_mail(mail, MailState::Due, row).await?;
        Ok(done.then_some(claimed))
    }

    /// Writes what has become of a mail that was claimed: at an instant it is tried again where it is due once more.
    pub async fn settle_mail(
        &self,
        mail: &Mail,
        (state, due): (MailState, Option<i64>),
        failure: Option<&str>,
    ) -> Result<bool, Error> {
        self.update_mail(mail, MailState::Sending, settled(state, due, failure)).await
    }

    async fn update_mail(&self, mail: &Mail, from: MailState, row: notification::ActiveModel) -> Result<bool, Error> {
        let done = notification::Entity::update_many()
            .set(row)
            .filter(notification::Column::TenantId.eq(self.tenant.0))
            .filter(notification::Column::Id.eq(mail.notification))
            .filter(notification::Column::Mail.eq(from.word()))
            .filter(notification::Column::Due.eq(mail.due))
            .exec(&self.store.write)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// The notification of a mail, and the document of whoever is told, if both are there.
    pub async fn letter(&self, mail: &Mail) -> Result<Option<(Notification, scim::Document)>, Error> {
        let row = notification::Entity::find_by_id((self.tenant.0, mail.notification)).one(&self.store.read).await?;
        let Some(row) = row else { return Ok(None) };
        let told = read(row)?;
        let found = documents(&self.store.read, self.tenant.0, &[told.recipient]).await?.remove(&told.recipient);
        Ok(found.map(|document| (told, document)))
    }
}

fn settled(state: MailState, due: Option<i64>, failure: Option<&str>) -> notification::ActiveModel {
    notification::ActiveModel {
        mail: Set(state.word().to_owned()),
        due: Set(due),
        failure: Set(failure.map(Into::into)),
        ..Default::default()
    }
}
