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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::MailTls;

    fn server() -> MailServer {
        MailServer {
            host: "localhost".into(),
            port: 25,
            tls: MailTls::None,
            authorities: None,
            login: None,
            from: "Caurlaide <rights@example.lv>".parse().expect("an address"),
            link: None,
        }
    }

    #[test]
    fn no_text_begins_a_header() {
        let wicked = "Lēmums\r\nBcc: all@example.lv\r\n\r\nHello\r\n.\r\n".to_owned();
        let said = Said { subject: wicked.clone(), text: wicked.clone() };
        let draft = Draft {
            server: &server(),
            to: "mara@example.lv".parse().expect("an address"),
            language: Language::Latvian,
            said: &said,
            end: &[wicked],
            id: Uuid::nil(),
            now: 0,
        };
        let letter = draft.letter().expect("a mail");
        let text = String::from_utf8(letter.text).expect("ASCII");
        let (head, _) = text.split_once("\r\n\r\n").expect("a head and a body");
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split_once(':').map(|(name, _)| name))
            .collect();
        let expected = [
            "From",
            "To",
            "Subject",
            "Message-ID",
            "Date",
            "Auto-Submitted",
            "Content-Language",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ];
        let (mut names, mut expected) = (names, expected.to_vec());
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected, "{head}");
        assert_eq!(letter.envelope.to().len(), 1);
    }

    #[test]
    fn the_address_is_the_primary_one_else_that_for_work() {
        let user =
            |emails: Value| Document::from_stored(json!({ "emails": emails }).as_object().cloned().unwrap_or_default());
        let of = |emails: Value| address(&user(emails)).map(|found| found.to_string());
        let (home, work) = (json!({ "value": "h@x.lv", "type": "home" }), json!({ "value": "w@x.lv", "type": "work" }));
        let primary = json!({ "value": "p@x.lv", "type": "home", "primary": true });
        assert_eq!(of(json!([home, work])).as_deref(), Some("w@x.lv"));
        assert_eq!(of(json!([work, primary])).as_deref(), Some("p@x.lv"));
        assert_eq!(of(json!([home])).as_deref(), Some("h@x.lv"));
        for wrong in ["nobody", "a@b\r\nBcc: c@d", "a b@c.lv", "<a@b.lv>", "Anna <a@b.lv>"] {
            assert_eq!(of(json!([{ "value": wrong }])), None, "{wrong}");
        }
        assert_eq!(address(&Document::default()), None);
    }
}
