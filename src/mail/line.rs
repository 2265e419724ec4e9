//! The line to the mail server (RFC 5321). What matters is how far it came: until the mail itself is under way nothing was handed over,
//! and it may be tried again; behind that only the server knows, and its answer is all that counts.

use std::time::Duration;

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::{
    config::{MailServer, MailTls},
    mail::letter::Letter,
};

/// How long the server may take for a step (RFC 5321 §4.5.3.2 lets it take minutes, but others wait behind).
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take to say whether it has taken a mail: some look into it meanwhile.
const LONG_PATIENCE: Duration = Duration::from_mins(5);

/// What has become of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The server has taken it.
    Sent,
    /// Nothing was handed over: it may be tried again.
    Later(String),
    /// The server does not want it.
    Refused(String),
    /// Whether the server has it nobody knows.
    Unknown(String),
}

/// A line that is open.
pub(super) struct Line {
    connection: AsyncSmtpConnection,
    is_used: bool,
}

impl Line {
    /// Opens it. What fails here has handed over nothing.
    pub(super) async fn open(server: &MailServer) -> Result<Self, String> {
        let told = |error: Error| told(&error);
        let hello = ClientId::Domain(server.from.email.domain().to_owned());
        let mut tls = TlsParameters::builder(server.host.clone());
        if let Some(authorities) = &server.authorities {
            tls = tls.add_root_certificate(authorities.clone());
        }
        let tls = tls.build_rustls().map_err(told)?;
        let wrapper = (server.tls == MailTls::Tls).then(|| tls.clone());
        let place = (server.host.as_str(), server.port);
        let open = AsyncSmtpConnection::connect_tokio1(place, Some(PATIENCE), &hello, wrapper, None);
        let mut connection = within(open).await.map_err(Broken::text)?;
        if server.tls == MailTls::StartTls {
            within(connection.starttls(tls, &hello)).await.map_err(Broken::text)?;
        }
        if let Some((user, password)) = &server.login {
            let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
            within(connection.auth(DEFAULT_MECHANISMS, &login)).await.map_err(Broken::text)?;
        }
        Ok(Self { connection, is_used: false })
    }

    /// Sends one mail, and says whether the line can be used for another.
    pub(super) async fn send(&mut self, letter: &Letter) -> (Fate, bool) {
        let prepared = self.prepare(letter).await;
        self.is_used = true;
        if let Err(broken) = prepared {
            return broken.before();
        }
        match in_time(LONG_PATIENCE, self.connection.message(&letter.text)).await {
            Ok(response) if response.is_positive() => (Fate::Sent, true),
            Ok(response) => (Fate::Unknown(format!("the mail server answered {}", response.code())), false),
            Err(broken) => broken.behind(),
        }
    }

    /// All that comes before the mail itself.
    async fn prepare(&mut self, letter: &Letter) -> Result<(), Broken> {
        let line = &mut self.connection;
        if self.is_used {
            within(line.command(Rset)).await?;
        }
        let mut parameters = Vec::new();
        if !letter.envelope.to().iter().chain(letter.envelope.from()).all(is_ascii) {
            if !line.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Broken::Never("the mail server does not take such an address".into()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !letter.text.is_ascii() && line.server_info().supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        within(line.command(Mail::new(letter.envelope.from().cloned(), parameters))).await?;
        for to in letter.envelope.to() {
            within(line.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        }
        within(line.command(Data)).await?;
        Ok(())
    }

    /// Says goodbye, if the server still listens.
    pub(super) async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.connection.quit()).await;
    }
}

/// A step that did not work.
enum Broken {
    Late,
    Never(String),
    Said(Error),
}

impl Broken {
    fn text(self) -> String {
        match self {
            Self::Late => "the mail server did not answer in time".into(),
            Self::Never(why) => why,
            Self::Said(error) => told(&error),
        }
    }

    /// What it means as long as nothing was handed over.
    fn before(self) -> (Fate, bool) {
        match self {
            Self::Never(why) => (Fate::Refused(why), true),
            Self::Said(error) if error.is_permanent() => (Fate::Refused(told(&error)), true),
            // An answer leaves the line as it was.
            Self::Said(error) if error.is_transient() => (Fate::Later(told(&error)), true),
            other => (Fate::Later(other.text()), false),
        }
    }

    /// What it means once the mail is under way.
    fn behind(self) -> (Fate, bool) {
        match self {
            Self::Said(error) if error.is_permanent() => (Fate::Refused(told(&error)), true),
            // It has not taken it (RFC 5321 §4.2.1).
            Self::Said(error) if error.is_transient() => (Fate::Later(told(&error)), true),
            other => (Fate::Unknown(other.text()), false),
        }
    }
}

async fn within<T>(step: impl Future<Output = Result<T, Error>>) -> Result<T, Broken> {
    in_time(PATIENCE, step).await
}

async fn in_time<T>(patience: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Broken> {
    match timeout(patience, step).await {
        Ok(done) => done.map_err(Broken::Said),
        Err(_) => Err(Broken::Late),
    }
}

fn is_ascii(address: &Address) -> bool {
    let text: &str = address.as_ref();
    text.is_ascii()
}

/// What may be kept of an error: servers like to repeat addresses, and so of an answer only its code.
fn told(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server did not answer in time".into(),
        None if error.is_tls() => "the way to the mail server could not be encrypted".into(),
        None if error.is_client() => "the mail server cannot do what is needed".into(),
        None => "the mail server could not be reached".into(),
    }
}
