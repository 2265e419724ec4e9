//! A mail server: the protocol is that of `mailin`, and what it answers can be said before.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};

use mailin::{
    Action, AuthMechanism, Handler, Response, SessionBuilder,
    response::{AUTH_OK, INVALID_CREDENTIALS, OK},
};
use mailparse::{MailHeaderMap, parse_mail};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

/// What the next mail is answered, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// That code to whom it is for.
    AtRecipient(u16),
    /// That code once it is there.
    AtEnd(u16),
    /// Nothing once it is there: the line breaks.
    Silence,
}

/// A mail that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) raw: Vec<u8>,
}

impl Received {
    /// A header, decoded.
    pub(crate) fn header(&self, name: &str) -> String {
        let mail = parse_mail(&self.raw).expect("a mail");
        let all: Vec<String> = mail.headers.get_all_values(name);
        assert!(all.len() <= 1, "{name} stands {} times", all.len());
        all.into_iter().next().unwrap_or_default()
    }

    /// The text, decoded.
    pub(crate) fn text(&self) -> String {
        let mail = parse_mail(&self.raw).expect("a mail");
        mail.get_body().expect("a text").replace("\r\n", "\n").trim_end().to_owned()
    }
}

#[derive(Default)]
struct Shared {
    mails: Vec<Received>,
    answers: VecDeque<Answer>,
    lines: usize,
    logins: Vec<String>,
}

/// A mail server that runs.
pub(crate) struct Smtp {
    pub(crate) port: u16,
    shared: Arc<Mutex<Shared>>,
    task: Option<JoinHandle<()>>,
    /// What it encrypts with, if it can; then only `rights` with `s3cret` may send.
    tls: Option<TlsAcceptor>,
}

impl Smtp {
    pub(crate) async fn start() -> Self {
        Self::speaking(None).await
    }

    /// One that encrypts, and its certificate in PEM.
    pub(crate) async fn encrypting() -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let config =
            ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .expect("versions")
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key)
                .expect("a server");
        (Self::speaking(Some(TlsAcceptor::from(Arc::new(config)))).await, made.cert.pem())
    }

    async fn speaking(tls: Option<TlsAcceptor>) -> Self {
        let mut server = Self { port: 0, shared: Arc::default(), task: None, tls };
        server.listen().await;
        server
    }

    /// Who has signed in.
    pub(crate) fn logins(&self) -> Vec<String> {
        self.shared.lock().expect("a lock").logins.clone()
    }

    /// Listens, again on the same port if it did before.
    pub(crate) async fn listen(&mut self) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await.expect("a port");
        self.port = listener.local_addr().expect("an address").port();
        let (shared, tls) = (Arc::clone(&self.shared), self.tls.clone());
        self.task = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().expect("a lock").lines += 1;
                tokio::spawn(speak(stream, Arc::clone(&shared), tls.clone()));
            }
        }));
    }

    /// Stops listening.
    pub(crate) async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// What the next mails are answered.
    pub(crate) fn answer(&self, answers: &[Answer]) {
        self.shared.lock().expect("a lock").answers.extend(answers);
    }

    /// What has come, and is taken away with it.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.shared.lock().expect("a lock").mails)
    }

    /// How many lines were opened.
    pub(crate) fn lines(&self) -> usize {
        self.shared.lock().expect("a lock").lines
    }
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

async fn speak(stream: TcpStream, shared: Arc<Mutex<Shared>>, tls: Option<TlsAcceptor>) {
    let mut stream: BufReader<Box<dyn Wire>> = BufReader::new(Box::new(stream));
    let silent = Arc::new(Mutex::new(false));
    let taker = Taker { shared, silent: Arc::clone(&silent), from: String::new(), to: Vec::new(), raw: Vec::new() };
    let mut builder = SessionBuilder::new("mail.example");
    if tls.is_some() {
        builder.enable_start_tls().enable_auth(AuthMechanism::Plain);
    }
    let mut session = builder.build(IpAddr::V4(Ipv4Addr::LOCALHOST), taker);
    let mut answer = session.greeting();
    loop {
        if answer.action != Action::NoReply && stream.write_all(&answer.buffer().expect("a line")).await.is_err() {
            return;
        }
        if let (Action::UpgradeTls, Some(tls)) = (&answer.action, &tls) {
            let Ok(encrypted) = tls.accept(stream.into_inner()).await else { return };
            stream = BufReader::new(Box::new(encrypted));
            session.tls_active();
        }
        let mut line = Vec::new();
        match stream.read_until(b'\n', &mut line).await {
            Ok(read) if read > 0 && answer.action != Action::Close => answer = session.process(&line),
            _ => return,
        }
        if *silent.lock().expect("a lock") {
            return;
        }
    }
}

struct Taker {
    shared: Arc<Mutex<Shared>>,
    silent: Arc<Mutex<bool>>,
    from: String,
    to: Vec<String>,
    raw: Vec<u8>,
}

impl Handler for Taker {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        (self.from, self.to, self.raw) = (from.to_owned(), Vec::new(), Vec::new());
        OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        self.to.push(to.to_owned());
        let answers = &mut self.shared.lock().expect("a lock").answers;
        match answers.front().copied() {
            Some(Answer::AtRecipient(code)) => {
                answers.pop_front();
                Response::custom(code, "not now".into())
            }
            _ => OK,
        }
    }

    fn auth_plain(&mut self, _: &str, name: &str, password: &str) -> Response {
        self.shared.lock().expect("a lock").logins.push(name.to_owned());
        if (name, password) == ("rights", "s3cret") { AUTH_OK } else { INVALID_CREDENTIALS }
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.raw.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mut shared = self.shared.lock().expect("a lock");
        match shared.answers.pop_front() {
            Some(Answer::AtEnd(code)) => return Response::custom(code, "not this one".into()),
            Some(Answer::Silence) => *self.silent.lock().expect("a lock") = true,
            _ => {}
        }
        let received = Received { from: self.from.clone(), to: self.to.clone(), raw: std::mem::take(&mut self.raw) };
        shared.mails.push(received);
        OK
    }
}
