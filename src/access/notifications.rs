//! What the person who asks was told.

use serde::Serialize;
use store::{Notification, NotificationFilter};
use uuid::Uuid;

use crate::{
    access::Access,
    administration::{Error, Slice},
    clock::timestamp,
    language::Language,
    notices::{Names, Said, deputy_line},
};

/// A notification as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotificationRecord {
    /// Its id.
    pub id: Uuid,
    /// Of what kind it is.
    pub kind: &'static str,
    /// In a line.
    pub subject: String,
    /// In some lines.
    pub text: String,
    /// What it is about.
    pub about: AboutRecord,
    /// For whom the person stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deputy_of: Option<Uuid>,
    /// When it was written.
    pub created: String,
    /// When it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
    /// What has become of the mail.
    pub mail: &'static str,
}

/// What a notification is about.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutRecord {
    /// What kind of thing.
    pub kind: String,
    /// Which of them.
    pub id: Uuid,
    /// Of which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Uuid>,
    /// Of which entitlement: the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlement: Option<Uuid>,
    /// Whom it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
}

/// How many notifications are read now that were not.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReadRecord {
    /// So many.
    pub read: u64,
}

impl Access {
    /// What the person was told before that one, the newest first.
    pub async fn notifications(
        &self,
        filter: &NotificationFilter,
        before: Option<Uuid>,
        limit: u64,
        language: Language,
    ) -> Result<Slice<NotificationRecord>, Error> {
        let found = self.data.notifications(self.actor.user, filter, before, limit + 1).await?;
        let found = Slice::of(found, limit);
        let names = Names::of(&self.data, &found.items).await?;
        let items = found.items.into_iter().map(|one| shown(one, &names, language)).collect();
        Ok(Slice { items, has_more: found.has_more })
    }

    /// One thing that the person was told.
    pub async fn notification(&self, id: Uuid, language: Language) -> Result<NotificationRecord, Error> {
        let found = self.data.notification(self.actor.user, id).await?.ok_or(Error::Missing("notification"))?;
        let names = Names::of(&self.data, std::slice::from_ref(&found)).await?;
        Ok(shown(found, &names, language))
    }

    /// Notes that the person has read one thing; done twice, the first time stays.
    pub async fn read_notification(&self, id: Uuid, language: Language) -> Result<NotificationRecord, Error> {
        self.data.read_notification(self.actor.user, id, self.clock.now()).await?;
        self.notification(id, language).await
    }

    /// Notes that the person has read all that they were told until that one, or all.
    pub async fn read_notifications(&self, until: Option<Uuid>) -> Result<ReadRecord, Error> {
        let read = self.data.read_notifications(self.actor.user, until, self.clock.now()).await?;
        Ok(ReadRecord { read })
    }
}

fn shown(one: Notification, names: &Names, language: Language) -> NotificationRecord {
    let Said { subject, mut text } = names.say(language, one.notice, &one.content);
    if let Some(away) = one.content.deputy_of {
        text.push('\n');
        text.push_str(&deputy_line(language, names.person(Some(away))));
    }
    NotificationRecord {
        id: one.id,
        kind: one.notice.word(),
        subject,
        text,
        created: timestamp(one.created()),
        read: one.read.map(timestamp),
        mail: one.mail.word(),
        deputy_of: one.content.deputy_of,
        about: AboutRecord {
            kind: one.content.object,
            id: one.content.id,
            request: one.content.request,
            entitlement: one.content.entitlement,
            subject: one.content.subject,
        },
    }
}
