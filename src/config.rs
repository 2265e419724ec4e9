//! Settings: a flag wins over the environment, the environment over the file, the file over the default.
//! Every value knows where it came from, so that errors and `check-config` can say so.

mod mail;

use std::{
    collections::HashMap,
    ffi::OsString,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use store::Location;

use crate::{admission::Pace, network::Networks};

pub use mail::{MailServer, MailTls};

/// The file that is read when none is named and it exists.
const DEFAULT_FILE: &str = "caurlaide.toml";
/// The database inside the data directory.
const DATABASE_FILE: &str = "caurlaide.db";

/// Settings given on the command line.
#[derive(Args, Clone, Default)]
pub struct Flags {
    /// A TOML file with settings [env: CAURLAIDE_CONFIG] [default: caurlaide.toml, if it exists]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Where the embedded database lives [env: CAURLAIDE_DATA_DIR] [default: ./data]
    #[arg(long, value_name = "DIR", global = true, help_heading = "Settings")]
    pub data_dir: Option<String>,
    /// A PostgreSQL database instead of the embedded one [env: DATABASE_URL]
    #[arg(long, value_name = "URL", global = true, help_heading = "Settings")]
    pub database_url: Option<String>,
}

/// Settings of the server alone, given on the command line.
#[derive(Args, Clone, Default)]
pub struct ServerFlags {
    /// The address to listen on [env: CAURLAIDE_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// The address that clients know this service by [env: CAURLAIDE_PUBLIC_URL] [default: http://LISTEN]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag.
    Flag(String),
    /// A variable of the environment.
    Environment(&'static str),
    /// The settings file.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl Source {
    /// How firmly something was said.
    fn rank(&self) -> u8 {
        match self {
            Self::Flag(_) => 3,
            Self::Environment(_) => 2,
            Self::File(_) => 1,
            Self::Default => 0,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the settings file {path}: {reason}; mend it, or name another with --config")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file names a setting that does not exist.
    #[error("{path} sets `{key}`, which is no setting; there are {known}")]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// The name.
        key: String,
        /// The names that exist.
        known: String,
    },
    /// A value cannot be used.
    #[error("the setting `{key}` ({from}) is not usable: {reason}")]
    Value {
        /// Which setting.
        key: &'static str,
        /// Where it came from.
        from: Source,
        /// Why.
        reason: String,
    },
}

/// One setting: its name, where it can be set, and what it is when nobody sets it.
struct Key {
    name: &'static str,
    variable: &'static str,
    default: Option<&'static str>,
    secret: bool,
}

const fn key(name: &'static str, variable: &'static str, default: Option<&'static str>) -> Key {
    Key { name, variable, default, secret: false }
}

const KEYS: [Key; 22] = [
    key("listen", "CAURLAIDE_LISTEN", Some("127.0.0.1:8080")),
    key("public-url", "CAURLAIDE_PUBLIC_URL", None),
    key("trusted-proxies", "CAURLAIDE_TRUSTED_PROXIES", None),
    key("private-targets", "CAURLAIDE_PRIVATE_TARGETS", None),
    key("data-dir", "CAURLAIDE_DATA_DIR", Some("./data")),
    Key { secret: true, ..key("database-url", "DATABASE_URL", None) },
    key("connections", "CAURLAIDE_CONNECTIONS", Some("8")),
    key("requests-per-second", "CAURLAIDE_REQUESTS_PER_SECOND", Some("4000")),
    key("client-requests-per-second", "CAURLAIDE_CLIENT_REQUESTS_PER_SECOND", Some("2000")),
    key("failures-per-minute", "CAURLAIDE_FAILURES_PER_MINUTE", Some("100")),
    key("access-token-minutes", "CAURLAIDE_ACCESS_TOKEN_MINUTES", Some("15")),
    key("log", "CAURLAIDE_LOG", Some("info")),
    key("log-format", "CAURLAIDE_LOG_FORMAT", Some("json")),
    Key { secret: true, ..key("metrics-token", "CAURLAIDE_METRICS_TOKEN", None) },
    key("mail-host", "CAURLAIDE_MAIL_HOST", None),
    key("mail-port", "CAURLAIDE_MAIL_PORT", None),
    key("mail-tls", "CAURLAIDE_MAIL_TLS", Some("starttls")),
    key("mail-ca", "CAURLAIDE_MAIL_CA", None),
    key("mail-user", "CAURLAIDE_MAIL_USER", None),
    Key { secret: true, ..key("mail-password", "CAURLAIDE_MAIL_PASSWORD", None) },
    key("mail-from", "CAURLAIDE_MAIL_FROM", None),
    key("mail-link", "CAURLAIDE_MAIL_LINK", None),
];

/// A setting as it applies.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its value as it may be shown.
    pub shown: Option<String>,
    /// Where it came from.
    pub source: Source,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For people.
    Text,
}

/// All settings, checked.
#[derive(Clone)]
pub struct Settings {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The address that clients know, without a slash at the end.
    pub public_url: Option<String>,
    /// Proxies that are believed about whom they pass a request on for.
    pub trusted_proxies: Networks,
    /// Private networks into which requests may go that a tenant asks for.
    pub private_targets: Networks,
    /// The database.
    pub database: Location,
    /// How many connections to it.
    pub connections: u32,
    /// How fast a tenant and each of its clients may ask this node.
    pub pace: Pace,
    /// How often an address may fail to show who it is, in a minute; nothing if that is not limited.
    pub failures_per_minute: Option<u32>,
    /// How long a token lives that a client gets for its own, in seconds.
    pub access_token_life: i64,
    /// What is logged: a level, or directives as of tracing's EnvFilter.
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
    /// What `/metrics` asks for.
    pub metrics_token: Option<SecretString>,
    /// How mails are sent, if they are.
    pub mail: Option<MailServer>,
    /// What applies and where it came from.
    pub origin: Vec<Setting>,
}

/// Every setting by its name, with where it came from.
struct Raw(HashMap<&'static str, (Option<String>, Source)>);

impl Raw {
    fn get(&self, name: &'static str) -> (Option<&str>, &Source) {
        let (value, source) = &self.0[name];
        (value.as_deref(), source)
    }

    fn parse<T>(&self, key: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Error> {
        let (value, source) = self.get(key);
        let Some(value) = value else { return Ok(None) };
        read(value).map(Some).map_err(|reason| Error::Value { key, from: source.clone(), reason })
    }

    fn required<T>(&self, key: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Error> {
        let missing = || Error::Value { key, from: Source::Default, reason: "it is not set".into() };
        self.parse(key, read)?.ok_or_else(missing)
    }
}

impl Settings {
    /// Brings flags, environment and file together. `variable` reads the environment.
    pub fn load(
        flags: &Flags,
        server: &ServerFlags,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Error> {
        let file = read_file(flags, &variable)?;
        let given = [
            ("listen", &server.listen),
            ("public-url", &server.public_url),
            ("data-dir", &flags.data_dir),
            ("database-url", &flags.database_url),
        ];
        let mut raw = HashMap::with_capacity(KEYS.len());
        for key in &KEYS {
            let flag = given.iter().find(|(name, _)| *name == key.name).and_then(|(_, value)| (*value).clone());
            let set = if flag.is_some() {
                (flag, Source::Flag(format!("--{}", key.name)))
            } else if let Some(value) = variable(key.variable).filter(|value| !value.is_empty()) {
                let from = Source::Environment(key.variable);
                let unreadable =
                    |_| Error::Value { key: key.name, from: from.clone(), reason: "it is not UTF-8".into() };
                (Some(value.into_string().map_err(unreadable)?), from)
            } else if let Some((path, table)) = &file
                && let Some(value) = table.get(key.name)
            {
                (Some(plain(value)), Source::File(path.clone()))
            } else {
                (key.default.map(Into::into), Source::Default)
            };
            raw.insert(key.name, set);
        }
        Self::check(&Raw(raw))
    }

    fn check(raw: &Raw) -> Result<Self, Error> {
        let listen =
            |text: &str| text.parse().map_err(|_| "it must be an address and a port such as 127.0.0.1:8080".into());
        // A data directory that was said more firmly than a URL is meant.
        let firm = |name| raw.get(name).1.rank();
        let url = raw.parse("database-url", postgres)?.filter(|_| firm("database-url") >= firm("data-dir"));
        let database = match url {
            Some(url) => Location::Postgres(url),
            None => Location::Sqlite(Path::new(raw.get("data-dir").0.unwrap_or_default()).join(DATABASE_FILE)),
        };
        Ok(Self {
            listen: raw.required("listen", listen)?,
            public_url: raw.parse("public-url", public_url)?,
            trusted_proxies: raw.parse("trusted-proxies", str::parse)?.unwrap_or_default(),
            private_targets: raw.parse("private-targets", str::parse)?.unwrap_or_default(),
            connections: raw.required("connections", |text| match text.parse() {
                Ok(number @ 1..=1000) => Ok(number),
                _ => Err("it must be a number from 1 to 1000".into()),
            })?,
            pace: Pace {
                tenant: raw.required("requests-per-second", limit)?,
                client: raw.required("client-requests-per-second", limit)?,
            },
            failures_per_minute: raw.required("failures-per-minute", limit)?,
            access_token_life: raw.required("access-token-minutes", |text| match text.parse() {
                Ok(minutes @ 1..=60) => Ok(minutes * 60),
                _ => Err("it must be a number from 1 to 60".into()),
            })?,
            log: raw.required("log", log)?,
            log_format: raw.required("log-format", |text| match text {
                "json" => Ok(LogFormat::Json),
                "text" => Ok(LogFormat::Text),
                _ => Err("it must be json or text".into()),
            })?,
            metrics_token: raw.parse("metrics-token", |text| Ok(SecretString::from(text)))?,
            mail: mail::server(raw)?,
            origin: origin(raw, &database),
            database,
        })
    }
}

/// What applies, with secrets hidden.
fn origin(raw: &Raw, database: &Location) -> Vec<Setting> {
    let setting = |key: &Key| {
        let (value, source) = raw.get(key.name);
        let shown = value.map(|value| match (key.name, key.secret) {
            ("database-url", _) => without_password(value),
            (_, true) => "(hidden)".into(),
            (_, false) => value.to_owned(),
        });
        Setting { name: key.name, shown, source: source.clone() }
    };
    let (shown, from) = match database {
        Location::Sqlite(path) => (format!("SQLite {}", path.display()), "data-dir"),
        Location::Postgres(url) => (format!("PostgreSQL {}", without_password(url)), "database-url"),
    };
    let applies = Setting { name: "database", shown: Some(shown), source: raw.get(from).1.clone() };
    KEYS.iter().map(setting).chain([applies]).collect()
}

/// A database URL that may be shown: whatever stands between `//` and `@` may be a secret, and so may
/// parameters.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold a question mark; then nobody can say where the place starts.
    if parameters.contains('@') {
        return format!("{scheme}://(hidden)");
    }
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    format!("{scheme}://(hidden)@{place}")
}

fn postgres(url: &str) -> Result<String, String> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(url.to_owned());
    }
    Err("it must start with postgres://; for the embedded database leave it out and set data-dir".into())
}

fn public_url(url: &str) -> Result<String, String> {
    let wrong = || "it must be an http or https URL without query, such as https://rights.example.lv".to_owned();
    let parsed: axum::http::Uri = url.trim_end_matches('/').parse().map_err(|_| wrong())?;
    match (parsed.scheme_str(), parsed.host(), parsed.query()) {
        (Some("http" | "https"), Some(_), None) => Ok(url.trim_end_matches('/').to_owned()),
        _ => Err(wrong()),
    }
}

/// A limit; 0 is none.
fn limit(text: &str) -> Result<Option<u32>, String> {
    match text.parse() {
        Ok(0) => Ok(None),
        Ok(number @ 1..=1_000_000) => Ok(Some(number)),
        _ => Err("it must be a number from 1 to 1000000, or 0 for no limit".into()),
    }
}

fn log(directives: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(directives) {
        Ok(_) => Ok(directives.to_owned()),
        Err(error) => Err(format!("it must be a level such as info or debug: {error}")),
    }
}

fn read_file(
    flags: &Flags,
    variable: &impl Fn(&str) -> Option<OsString>,
) -> Result<Option<(PathBuf, toml::Table)>, Error> {
    let named = flags
        .config
        .clone()
        .or_else(|| variable("CAURLAIDE_CONFIG").filter(|value| !value.is_empty()).map(PathBuf::from));
    let path = match named {
        Some(path) => path,
        None if Path::new(DEFAULT_FILE).exists() => PathBuf::from(DEFAULT_FILE),
        None => return Ok(None),
    };
    let fault = |reason: String| Error::File { path: path.clone(), reason };
    let text = std::fs::read_to_string(&path).map_err(|e| fault(e.to_string()))?;
    let mut table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
        // The line itself may hold a secret.
        let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        fault(format!("line {line}: {}", e.message()))
    })?;
    // What belongs together may stand in a section: `[mail]` and `host` are `mail-host`.
    let sections: Vec<String> =
        table.iter().filter(|(_, value)| value.is_table()).map(|(name, _)| name.clone()).collect();
    for section in sections {
        if let Some(toml::Value::Table(inner)) = table.remove(&section) {
            table.extend(inner.into_iter().map(|(name, value)| (format!("{section}-{name}"), value)));
        }
    }
    if let Some(key) = table.keys().find(|name| KEYS.iter().all(|key| key.name != name.as_str())) {
        let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        return Err(Error::Unknown { path, key: key.clone(), known: known.join(", ") });
    }
    Ok(Some((path, table)))
}

/// A value as the environment would hold it: a list has commas between its values.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.origin).finish()
    }
}

impl Settings {
    /// Whether a token opens `/metrics`: the one that is set. Where none is set they are open to this machine alone,
    /// because they name the tenants.
    pub fn opens_metrics(&self, given: Option<&str>) -> bool {
        match (&self.metrics_token, given) {
            (None, _) => self.listen.ip().is_loopback(),
            (Some(wanted), Some(given)) => store::token_hash(wanted.expose_secret()) == store::token_hash(given),
            (Some(_), None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(flags: &Flags, environment: &[(&str, &str)]) -> Result<Settings, Error> {
        let variable = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(*v));
        Settings::load(flags, &ServerFlags::default(), variable)
    }

    fn source<'s>(settings: &'s Settings, name: &str) -> &'s Source {
        settings.origin.iter().find(|setting| setting.name == name).map(|setting| &setting.source).expect("a setting")
    }

    #[test]
    fn flag_over_environment_over_file_over_default() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(&file, "log = \"warn\"\ndata-dir = \"/from/file\"\nconnections = 3\n").expect("written");
        let config = Some(file.path().to_owned());
        let flags = Flags { config, data_dir: Some("/from/flag".into()), ..Flags::default() };
        let settings = load(&flags, &[("CAURLAIDE_LOG", "debug"), ("CAURLAIDE_DATA_DIR", "/env")]).expect("settings");
        assert_eq!(settings.database, Location::Sqlite("/from/flag/caurlaide.db".into()));
        assert_eq!(source(&settings, "data-dir"), &Source::Flag("--data-dir".into()));
        assert_eq!((settings.log.as_str(), source(&settings, "log")), ("debug", &Source::Environment("CAURLAIDE_LOG")));
        assert_eq!(settings.connections, 3);
        assert!(matches!(source(&settings, "connections"), Source::File(_)));
        assert_eq!(source(&settings, "listen"), &Source::Default);
    }

    #[test]
    fn secrets_are_hidden() {
        let environment =
            [("DATABASE_URL", "postgres://u:s3cret@db/x?password=t0p"), ("CAURLAIDE_METRICS_TOKEN", "hush")];
        let settings = load(&Flags::default(), &environment).expect("settings");
        let shown = format!("{settings:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("t0p") && !shown.contains("hush"), "{shown}");
        assert!(shown.contains("@db/x"));
        for url in ["postgres://h/db?password=p@s3cret", "postgres://u:p?s3cret@h/db", "postgres://u:s3cret@h"] {
            assert!(!without_password(url).contains("s3cret"), "{url}");
        }
    }

    /// Shows: N-09
    #[test]
    fn the_public_address_is_a_plain_base() {
        let with = |url: &str| load(&Flags::default(), &[("CAURLAIDE_PUBLIC_URL", url)]);
        assert_eq!(
            with("https://rights.example.lv/").expect("settings").public_url.as_deref(),
            Some("https://rights.example.lv")
        );
        for wrong in ["https://rights.example.lv/?x=y", "rights.example.lv", "ftp://rights.example.lv", "https://"] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn errors_name_the_setting_and_its_source() {
        let error = load(&Flags::default(), &[("CAURLAIDE_LISTEN", "here")]).expect_err("no address").to_string();
        assert!(error.contains("listen") && error.contains("CAURLAIDE_LISTEN"), "{error}");
        let error = load(&Flags::default(), &[("DATABASE_URL", "mysql://x")]).expect_err("no PostgreSQL").to_string();
        assert!(error.contains("postgres://"), "{error}");
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(&file, "listne = \"x\"").expect("written");
        let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
        assert!(load(&flags, &[]).expect_err("unknown").to_string().contains("listne"));
    }

    #[test]
    fn proxies_are_a_list() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(&file, "trusted-proxies = [\"10.0.0.0/8\", \"::1\"]").expect("written");
        let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
        let settings = load(&flags, &[]).expect("settings");
        assert_eq!(settings.trusted_proxies.texts(), ["10.0.0.0/8", "::1/128"]);
        let settings = load(&flags, &[("CAURLAIDE_TRUSTED_PROXIES", "192.0.2.0/24, ::1")]).expect("settings");
        assert_eq!(settings.trusted_proxies.texts(), ["192.0.2.0/24", "::1/128"]);
        assert!(load(&Flags::default(), &[]).expect("settings").trusted_proxies.is_empty());
        let error = load(&flags, &[("CAURLAIDE_TRUSTED_PROXIES", "the proxy")]).expect_err("no network").to_string();
        assert!(error.contains("trusted-proxies") && error.contains("192.0.2.0/24"), "{error}");
    }

    #[test]
    fn metrics_are_open_unless_a_token_is_set() {
        let open = load(&Flags::default(), &[]).expect("settings");
        assert!(open.opens_metrics(None));
        let closed = load(&Flags::default(), &[("CAURLAIDE_METRICS_TOKEN", "hush")]).expect("settings");
        assert!(!closed.opens_metrics(None) && !closed.opens_metrics(Some("x")) && closed.opens_metrics(Some("hush")));
    }
}
