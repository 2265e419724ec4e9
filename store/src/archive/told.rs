//! What people were told, and what has changed.

use rights::Notice;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{MailState, Notification, NotificationContent};

/// Somebody was told something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationRecord {
    /// Its id, which says when it was written.
    pub id: Uuid,
    /// Who was told.
    pub recipient: Uuid,
    /// What happened, by a name that no other event has.
    pub event: String,
    /// Of what kind it is.
    pub notice: String,
    /// What it is about.
    pub content: NotificationContent,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<i64>,
    /// What has become of the mail. One that was not sent yet is sent by nobody else.
    pub mail: String,
}

impl NotificationRecord {
    pub(crate) fn of(stored: Notification) -> Self {
        let mail = match stored.mail {
            MailState::Due | MailState::Sending => MailState::None,
            settled => settled,
        };
        Self {
            id: stored.id,
            recipient: stored.recipient,
            event: stored.event,
            notice: stored.notice.word().to_owned(),
            content: stored.content,
            read: stored.read,
            mail: mail.word().to_owned(),
        }
    }

    /// What is stored, if its words are known.
    pub fn stored(&self) -> Option<Notification> {
        let Self { id, recipient, event, notice, content, read, mail } = self.clone();
        let mail = MailState::from_word(&mail).filter(|mail| !matches!(mail, MailState::Due | MailState::Sending))?;
        Some(Notification { id, recipient, event, notice: Notice::from_word(&notice)?, content, read, mail })
    }
}

/// A change. Its place in the log is its place in the archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventRecord {
    /// When.
    pub at: i64,
    /// Which client, or which issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Uuid>,
    /// On behalf of which user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// Under which request.
    pub request_id: String,
    /// What was done.
    pub action: String,
    /// To what type of thing.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// To which one.
    pub resource: Uuid,
    /// The version that came of it.
    pub version: i64,
    /// What changed: names of attributes and ids of members, no values.
    pub changes: Map<String, Value>,
}
