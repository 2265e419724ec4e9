//! How mails are sent.

use std::fmt;

use lettre::{message::Mailbox, transport::smtp::client::Certificate};
use secrecy::SecretString;

use super::{Error, Raw, Source, public_url};

/// With what a certificate in PEM begins.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// How the way to the mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// It begins in the clear and is encrypted before anything is said (RFC 3207); a server that cannot is sent nothing.
    StartTls,
    /// It is encrypted from the beginning (RFC 8314).
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

impl MailTls {
    /// The usual port.
    fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// A mail server, and how to speak with it.
#[derive(Clone)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is kept private.
    pub tls: MailTls,
    /// Who else may vouch for it, beside public authorities.
    pub authorities: Option<Certificate>,
    /// Who the service is there.
    pub login: Option<(String, SecretString)>,
    /// From whom mails are.
    pub from: Mailbox,
    /// Where people find what they are told about; stands in each mail.
    pub link: Option<String>,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The mail server, if one is named.
pub(super) fn server(raw: &Raw) -> Result<Option<MailServer>, Error> {
    let wrong = |key: &'static str, from: &Source, reason: &str| Error::Value {
        key,
        from: from.clone(),
        reason: reason.into(),
    };
    let (Some(host), named) = raw.get("mail-host") else { return Ok(None) };
    if host.is_empty() || !host.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.:".contains(letter)) {
        return Err(wrong("mail-host", named, "it must be a name or an address such as smtp.example.lv"));
    }
    let tls = raw.required("mail-tls", |text| match text {
        "starttls" => Ok(MailTls::StartTls),
        "tls" => Ok(MailTls::Tls),
        "none" => Ok(MailTls::None),
        _ => Err("it must be starttls, tls or none".into()),
    })?;
    let port = raw.parse("mail-port", |text| match text.parse() {
        Ok(port @ 1..) => Ok(port),
        _ => Err("it must be a port such as 587".into()),
    })?;
    let from = raw.parse("mail-from", |text| {
        text.parse::<Mailbox>().map_err(|_| "it must be an address such as Caurlaide <rights@example.lv>".into())
    })?;
    let login = match (raw.get("mail-user"), raw.get("mail-password")) {
        ((Some(user), _), (Some(password), _)) => Some((user.to_owned(), SecretString::from(password))),
        ((None, _), (None, _)) => None,
        ((Some(_), from), _) => return Err(wrong("mail-user", from, "mail-password is not set")),
        (_, (_, from)) => return Err(wrong("mail-password", from, "mail-user is not set")),
    };
    if login.is_some() && tls == MailTls::None && !is_here(host) {
        let (_, from) = raw.get("mail-tls");
        return Err(wrong("mail-tls", from, "a password is not sent in the clear to another machine"));
    }
    Ok(Some(MailServer {
        host: host.to_owned(),
        port: port.unwrap_or_else(|| tls.port()),
        tls,
        authorities: raw.parse("mail-ca", authorities)?,
        login,
        from: from.ok_or_else(|| wrong("mail-from", &Source::Default, "it is not set, and mail-host is"))?,
        link: raw.parse("mail-link", public_url)?,
    }))
}

/// The certificates of a PEM file.
fn authorities(path: &str) -> Result<Certificate, String> {
    let text = std::fs::read(path).map_err(|error| format!("the file cannot be read: {error}"))?;
    let is_pem = text.windows(BEGIN.len()).any(|part| part == BEGIN);
    Certificate::from_pem(&text).ok().filter(|_| is_pem).ok_or_else(|| "the file has no certificates in PEM".into())
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::config::{Flags, ServerFlags, Settings};

    fn load(environment: &[(&str, &str)]) -> Result<Option<MailServer>, Error> {
        let variable = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(*v));
        Settings::load(&Flags::default(), &ServerFlags::default(), variable).map(|settings| settings.mail)
    }

    const HOST: (&str, &str) = ("CAURLAIDE_MAIL_HOST", "smtp.example.lv");
    const FROM: (&str, &str) = ("CAURLAIDE_MAIL_FROM", "Caurlaide <rights@example.lv>");

    #[test]
    fn a_server_is_named_whole_or_not_at_all() {
        assert!(load(&[]).expect("settings").is_none());
        let server = load(&[HOST, FROM]).expect("settings").expect("a server");
        assert_eq!((server.port, server.tls, server.login.is_none()), (587, MailTls::StartTls, true));
        let error = load(&[HOST]).expect_err("nobody").to_string();
        assert!(error.contains("mail-from"), "{error}");
        for (name, value) in [
            ("CAURLAIDE_MAIL_HOST", "smtp example"),
            ("CAURLAIDE_MAIL_PORT", "0"),
            ("CAURLAIDE_MAIL_TLS", "maybe"),
            ("CAURLAIDE_MAIL_FROM", "nobody"),
            ("CAURLAIDE_MAIL_USER", "rights"),
            ("CAURLAIDE_MAIL_PASSWORD", "s3cret"),
            ("CAURLAIDE_MAIL_LINK", "rights.example.lv"),
            ("CAURLAIDE_MAIL_CA", "/nowhere.pem"),
            ("CAURLAIDE_MAIL_CA", "Cargo.toml"),
        ] {
            let error = load(&[(name, value), HOST, FROM]).expect_err(name).to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
        let clear = ("CAURLAIDE_MAIL_TLS", "none");
        let login = [("CAURLAIDE_MAIL_USER", "rights"), ("CAURLAIDE_MAIL_PASSWORD", "s3cret")];
        assert!(load(&[HOST, FROM, clear, login[0], login[1]]).is_err());
        assert!(load(&[("CAURLAIDE_MAIL_HOST", "127.0.0.1"), FROM, clear, login[0], login[1]]).is_ok());
    }

    #[test]
    fn a_section_is_read_and_its_password_hidden() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = "[mail]\nhost = \"smtp.example.lv\"\nport = 2525\ntls = \"tls\"\nuser = \"rights\"\npassword = \"s3cret\"\n\
                    from = \"rights@example.lv\"\n";
        std::fs::write(&file, text).expect("written");
        let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
        let settings = Settings::load(&flags, &ServerFlags::default(), |_| None).expect("settings");
        let server = settings.mail.clone().expect("a server");
        assert_eq!((server.port, server.tls, server.login.is_some()), (2525, MailTls::Tls, true));
        assert!(!format!("{settings:?}").contains("s3cret"));
        std::fs::write(&file, "[mail]\nhots = \"x\"").expect("written");
        let error = Settings::load(&flags, &ServerFlags::default(), |_| None).expect_err("unknown").to_string();
        assert!(error.contains("mail-hots"), "{error}");
    }
}
