//! A mail server: the protocol is that of `mailin`, and what it answers can be said before.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};

use mailin::{Action, Handler, Response, SessionBuilder, response::OK};
use mailparse::{MailHeaderMap, parse_mail};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
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
}

/// A mail server that runs.
pub(crate) struct Smtp {
    pub(crate) port: u16,
    shared: Arc<Mutex<Shared>>,
    task: Option<JoinHandle<()>>,
}

impl Smtp {
    pub(crate) async fn start() -> Self {
        let mut server = Self { port: 0, shared: Arc::default(), task: None };
        server.listen().await;
        server
    }

    /// Listens, again on the same port if it did before.
    pub(crate) async fn listen(&mut self) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await.expect("a port");
        self.port = listener.local_addr().expect("an address").port();
        let shared = Arc::clone(&self.shared);
        self.task = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().expect("a lock").lines += 1;
                tokio::spawn(speak(stream, Arc::clone(&shared)));
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

async fn speak(stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    let mut stream = BufReader::new(stream);
    let silent = Arc::new(Mutex::new(false));
    let taker = Taker { shared, silent: Arc::clone(&silent), from: String::new(), to: Vec::new(), raw: Vec::new() };
    let mut session = SessionBuilder::new("mail.example").build(IpAddr::V4(Ipv4Addr::LOCALHOST), taker);
    let mut answer = session.greeting();
    loop {
        if answer.action != Action::NoReply && stream.write_all(&answer.buffer().expect("a line")).await.is_err() {
            return;
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
