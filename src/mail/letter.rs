//! A notification as a mail (RFC 5322): plain text, in the language of whoever gets it.

use lettre::{
    Address,
    address::Envelope,
    message::{
        Mailbox, Message, SinglePart,
        header::{self, HeaderName, HeaderValue},
    },
};
use scim::{Document, schema::Container};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use uuid::Uuid;

use crate::{config::MailServer, language::Language, notices::Said};

/// A mail as it is handed over.
pub(super) struct Letter {
    pub(super) envelope: Envelope,
    pub(super) text: Vec<u8>,
}

/// What is written to somebody.
pub(super) struct Draft<'a> {
    pub(super) server: &'a MailServer,
    pub(super) to: Address,
    pub(super) language: Language,
    pub(super) said: &'a Said,
    /// What follows on the text, in lines of their own.
    pub(super) end: &'a [String],
    /// Of the notification, and so of the mail.
    pub(super) id: Uuid,
    /// When it is sent, in milliseconds since 1970.
    pub(super) now: i64,
}

impl Draft<'_> {
    /// The mail, or why there cannot be one.
    pub(super) fn letter(&self) -> Result<Letter, String> {
        let date = OffsetDateTime::from_unix_timestamp(self.now.div_euclid(1000)).map_err(|error| error.to_string())?;
        let date = date.format(&Rfc2822).map_err(|error| error.to_string())?;
        let mut body = self.said.text.clone();
        for line in self.end {
            body.push_str("\n\n");
            body.push_str(line);
        }
        let content = SinglePart::builder().header(header::ContentType::TEXT_PLAIN).body(body);
        let message = Message::builder()
            .from(self.server.from.clone())
            .to(Mailbox::new(None, self.to.clone()))
            .subject(&self.said.subject)
            // The same however often it is sent (RFC 5322 §3.6.4).
            .message_id(Some(format!("<{}@{}>", self.id, self.server.from.email.domain())))
            .raw_header(plain("Date", date))
            // So that nobody's absence is announced to it (RFC 3834 §5).
            .raw_header(plain("Auto-Submitted", "auto-generated".into()))
            .raw_header(plain("Content-Language", self.language.word().into()))
            .singlepart(content)
            .map_err(|error| error.to_string())?;
        Ok(Letter { envelope: message.envelope().clone(), text: message.formatted() })
    }
}

/// A header whose value is ASCII.
fn plain(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// Where somebody gets mail: their primary address, else the first for work, else the first.
pub(super) fn address(user: &Document) -> Option<Address> {
    let list = user.get(Container::Root, "emails").and_then(Value::as_array)?;
    let is = |name: &str, value: Value| list.iter().find(|one| one.get(name) == Some(&value));
    let chosen = is("primary", true.into()).or_else(|| is("type", "work".into())).or_else(|| list.first())?;
    chosen.get("value").and_then(Value::as_str)?.trim().parse().ok()
}
