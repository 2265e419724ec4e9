//! The command line: a contract that scripts rely on.

mod alarm;
mod application;
mod archive;
mod calls;
mod client;
mod definition;
mod duration;
mod entitlement;
mod grants;
mod id;
mod inspect;
mod issuer;
mod output;
mod restore;
mod role;
mod rule;
mod serve;
mod settings;
mod tenant;
mod token;
mod unit;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};
use store::{Location, Options, Store};

use crate::{
    administration::{self, ArchiveError},
    clock::Clock,
    config::{self, Flags, ServerFlags, Settings},
    openapi,
};

/// Identity provisioning (SCIM 2.0) and access rights for many tenants.
#[derive(Parser)]
#[command(name = "caurlaide", version, about, after_help = EXIT_CODES, max_term_width = 100)]
struct Command {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    action: Action,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong use or settings, 3 no such thing, 4 exists already";

#[derive(Subcommand)]
enum Action {
    /// Start the server; apply migrations first
    Serve {
        #[command(flatten)]
        server: ServerFlags,
        /// On the first start, fill the database with five made-up municipalities
        #[arg(long)]
        demo: bool,
    },
    /// Make, list, suspend, resume and archive tenants; write one into a file and read it back, here or elsewhere
    #[command(subcommand)]
    Tenant(tenant::Action),
    /// Make, list, change and delete the clients of a tenant: the programs that call on its behalf
    #[command(subcommand)]
    Client(client::Action),
    /// Make, list, change and delete applications, and say which groups they have and what they see of users
    #[command(subcommand)]
    Application(application::Action),
    /// Make, list, change and delete the units of an organisation
    #[command(subcommand)]
    Unit(unit::Action),
    /// Give, list and take away the roles of people who look after a tenant or a part of it
    #[command(subcommand)]
    Role(role::Action),
    /// Make groups entitlements, which people are in by grants, and list them
    #[command(subcommand)]
    Entitlement(entitlement::Action),
    /// List what somebody was granted
    #[command(subcommand)]
    Grants(grants::Action),
    /// Tell who has something of an application, or had it, since when and why
    Whohas(grants::Question),
    /// List the rules about access rights: who approves, what does not go together, what people have by their work
    #[command(subcommand)]
    Rule(rule::Action),
    /// Register, list, change and delete the issuers of tokens (JWT) that a tenant believes
    #[command(subcommand)]
    Issuer(issuer::Action),
    /// Make, list, rotate and revoke the bearer tokens of a tenant's clients
    #[command(subcommand)]
    Token(token::Action),
    /// Show and change how a tenant is served
    #[command(subcommand)]
    Settings(settings::Action),
    /// List, define and take back the schemas of a tenant's own
    #[command(subcommand)]
    Schema(definition::SchemaAction),
    /// List, define and take back the resource types of a tenant's own
    #[command(subcommand)]
    ResourceType(definition::TypeAction),
    /// Show what clients asked of a tenant's SCIM endpoint in the last ninety days, what came of it and why
    Calls(calls::Search),
    /// List, show and acknowledge alarms: clients that took away far more than usual
    #[command(subcommand)]
    Alarm(alarm::Action),
    /// Give back what a client took away in a stretch of time
    Restore(restore::Wish),
    /// What those who run the platform call the API with
    #[command(subcommand)]
    Operator(token::OperatorAction),
    /// Bring the database up to date
    Migrate {
        /// Change nothing: list the steps and whether the database has them
        #[arg(long)]
        status: bool,
        /// With --status: print JSON
        #[arg(long, requires = "status")]
        json: bool,
    },
    /// Check the settings; print what applies and where it came from, secrets hidden
    CheckConfig {
        #[command(flatten)]
        server: ServerFlags,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the description of the API (OpenAPI 3.1, YAML)
    Openapi,
}

/// Why a command failed: what was tried, on what, and what to do.
#[derive(Debug)]
enum Failure {
    /// It did not work.
    Failed(String),
    /// The settings are wrong.
    Settings(config::Error),
    /// An argument is wrong.
    Usage(String),
    /// There is no such thing.
    Missing(String),
    /// It exists already.
    Exists(String),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Settings(_) | Self::Usage(_) => 2,
            Self::Missing(_) => 3,
            Self::Exists(_) => 4,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Settings(error) => error.to_string(),
            Self::Failed(text) | Self::Usage(text) | Self::Missing(text) | Self::Exists(text) => text.clone(),
        }
    }
}

impl Failure {
    /// Says, if something was not found, which command shows what there is.
    fn see(self, command: &str) -> Self {
        match self {
            Self::Missing(text) => Self::Missing(format!("{text}; `{command}` shows those that exist")),
            other => other,
        }
    }
}

impl From<administration::Error> for Failure {
    fn from(error: administration::Error) -> Self {
        use administration::Error;
        let text = error.to_string();
        match error {
            Error::Invalid(_) => Self::Usage(text),
            Error::Missing(_) => Self::Missing(text),
            Error::Taken(_) => Self::Exists(text),
            Error::Conflict(_)
            | Error::Forbidden(_)
            | Error::Assurance(_)
            | Error::Rules { .. }
            | Error::Stale(_)
            | Error::Changed
            | Error::State { .. }
            | Error::Suspended
            | Error::Archived
            | Error::Store(_) => Self::Failed(text),
        }
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Refused(error) => error.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Self::Settings(error)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Runs a command line. `variable` reads the environment.
pub async fn run(arguments: impl Iterator<Item = OsString>, variable: impl Fn(&str) -> Option<OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.collect();
    let program = arguments.first().map_or_else(|| "caurlaide".into(), |name| name.to_string_lossy().into_owned());
    let command = match Command::try_parse_from(arguments) {
        Ok(command) => command,
        Err(error) => {
            // Help and version are errors to clap, and go to standard output.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match perform(command, variable, &program).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("caurlaide: {}", failure.message());
            ExitCode::from(failure.code())
        }
    }
}

async fn perform(command: Command, variable: impl Fn(&str) -> Option<OsString>, program: &str) -> Result<(), Failure> {
    let Command { flags, action } = command;
    let nothing = ServerFlags::default();
    let clock = Clock::system();
    match action {
        Action::Openapi => output::print(&openapi::yaml()),
        Action::CheckConfig { server, json } => inspect::config(&Settings::load(&flags, &server, variable)?, json),
        Action::Serve { server, demo } => {
            serve::serve(Settings::load(&flags, &server, variable)?, demo, clock, program).await
        }
        Action::Migrate { status, json } => {
            inspect::migrate(&Settings::load(&flags, &nothing, variable)?, status, json).await
        }
        Action::Tenant(action) => {
            let makes = action.makes();
            let store = open(&Settings::load(&flags, &nothing, variable)?, makes).await?;
            let result = tenant::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Token(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = token::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Client(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = client::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Application(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = application::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Unit(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = unit::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Role(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = role::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Entitlement(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = entitlement::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Grants(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = grants::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Whohas(question) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = grants::tell(&store, question, &clock).await;
            close(store, result).await
        }
        Action::Settings(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = settings::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Calls(search) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = calls::perform(&store, search, &clock).await;
            close(store, result).await
        }
        Action::Alarm(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = alarm::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Restore(wish) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = restore::perform(&store, wish, &clock).await;
            close(store, result).await
        }
        Action::Schema(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = definition::perform_on_schemas(&store, action, &clock).await;
            close(store, result).await
        }
        Action::ResourceType(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = definition::perform_on_types(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Rule(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = rule::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Issuer(action) => {
            let store = open(&Settings::load(&flags, &nothing, variable)?, false).await?;
            let result = issuer::perform(&store, action, &clock).await;
            close(store, result).await
        }
        Action::Operator(action) => {
            let makes = action.makes();
            let store = open(&Settings::load(&flags, &nothing, variable)?, makes).await?;
            let result = token::perform_for_operators(&store, action, &clock).await;
            close(store, result).await
        }
    }
}

async fn close(store: Store, result: Result<(), Failure>) -> Result<(), Failure> {
    let closed = store.close().await;
    result?;
    Ok(closed?)
}

/// Connects. A database without any table is set up if the command makes something; one of another version is left
/// alone.
async fn open(settings: &Settings, makes: bool) -> Result<Store, Failure> {
    if !makes && is_missing(settings) {
        let place = place(settings);
        return Err(Failure::Missing(format!(
            "there is no database at {place}; `caurlaide serve` and `caurlaide tenant create` make one, --data-dir names another"
        )));
    }
    let store = connect(settings).await?;
    let steps = store.migrations().await?;
    if makes && steps.iter().all(|step| !step.applied) {
        store.migrate().await?;
    } else {
        store.check_schema().await?;
    }
    Ok(store)
}

/// Whether the embedded database was never made.
fn is_missing(settings: &Settings) -> bool {
    matches!(&settings.database, Location::Sqlite(path) if !path.exists())
}

/// The database as it may be shown.
fn place(settings: &Settings) -> String {
    let shown = settings.origin.iter().find(|setting| setting.name == "database");
    shown.and_then(|setting| setting.shown.clone()).unwrap_or_default()
}

async fn connect(settings: &Settings) -> Result<Store, Failure> {
    if let Location::Sqlite(path) = &settings.database {
        prepare_file(path)?;
    }
    let options = Options { connections: settings.connections, mails: settings.mail.is_some(), ..Options::default() };
    Store::connect(&settings.database, &options).await.map_err(|error| {
        let reason = match error {
            store::Error::Busy(reason) => reason,
            other => other.to_string(),
        };
        let place = place(settings);
        Failure::Failed(format!(
            "cannot open the database {place}: {reason}; check that it is there and answers, and --data-dir or --database-url"
        ))
    })
}

/// The directory and the file of the embedded database; nobody else may look into them.
fn prepare_file(file: &std::path::Path) -> Result<(), Failure> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|error| {
            let place = directory.display();
            Failure::Failed(format!("cannot make the data directory {place}: {error}; set --data-dir"))
        })?;
    }
    let opened = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file);
    opened.map(drop).map_err(|error| {
        Failure::Failed(format!("cannot write the database {}: {error}; set --data-dir", file.display()))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Command::command().debug_assert();
    }
}
