//! The program itself, as an operator runs it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use store::Location;

use super::{Client, database::Database};

/// A command line with its database; nothing of this process's environment but the path.
pub(crate) fn command(database: &Database, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caurlaide"));
    command.args(arguments).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.current_dir(database.directory.path());
    match &database.location {
        Location::Sqlite(_) => command.env("CAURLAIDE_DATA_DIR", database.directory.path()),
        Location::Postgres(url) => command.env("DATABASE_URL", url),
    };
    command
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self { code: output.status.code().expect("an exit code"), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// What was printed, if the command ended with that code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:#?}");
        self.out
    }

    /// What was complained of, if the command ended with that code.
    #[track_caller]
    pub(crate) fn complaint(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(self.out.is_empty(), "{self:#?}");
        assert!(self.err.starts_with("caurlaide: ") || self.err.starts_with("error: "), "{self:#?}");
        self.err
    }
}

/// Runs a command to its end.
pub(crate) fn run(database: &Database, arguments: &[&str]) -> Outcome {
    Outcome::of(&command(database, arguments).output().expect("the program runs"))
}

/// A running server.
pub(crate) struct Program {
    child: Child,
    /// What it printed before it served.
    pub(crate) greeting: String,
    pub(crate) url: String,
    log: Arc<Mutex<String>>,
}

impl Program {
    /// `caurlaide serve` on a free port, when it listens.
    pub(crate) fn serve(database: &Database, further: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], further].concat();
        Self::start(command(database, &arguments))
    }

    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let (mut errors, kept) = (child.stderr.take().expect("standard error"), Arc::clone(&log));
        let reader = thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = errors.read(&mut chunk) {
                kept.lock().expect("the log").push_str(&String::from_utf8_lossy(&chunk[..read]));
            }
        });
        let mut out = BufReader::new(child.stdout.take().expect("standard output"));
        let mut greeting = String::new();
        let mut line = String::new();
        while !greeting.contains("Ctrl-C") {
            line.clear();
            if out.read_line(&mut line).expect("a line") == 0 {
                reader.join().expect("the log");
                panic!("the server ended: {greeting}{}", log.lock().expect("the log"));
            }
            greeting.push_str(&line);
        }
        let url = greeting.split_once("http://").and_then(|(_, rest)| rest.split_once("/docs")).expect("an address").0;
        let url = format!("http://{url}");
        Self { child, greeting, url, log }
    }

    pub(crate) fn client(&self, slug: &str, token: &str) -> Client {
        Client::new(&self.url, slug, token.trim())
    }

    /// What was logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Sends a signal, such as TERM.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("the program ends")
    }

    /// Asks for an orderly end.
    pub(crate) fn stop(mut self) -> String {
        self.signal("TERM");
        let status = self.wait();
        assert!(status.success(), "{status}: {}", self.log());
        self.log()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
