//! What the program is told.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{Outcome, floor, rights, scenario::KEYS};

/// Measure a SCIM server beside floor servers, and write docs/performance.md.
///
/// Without --url it starts the release server on SQLite and, where there is one, on PostgreSQL, each on a database of
/// its own; fills a tenant through the API; and measures every scenario for some seconds in each of some rounds.
/// Between them it asks the floor: axum with nothing above it but the one statement, or the one durable transaction,
/// that such a request cannot do without. The ratio of the two is what counts, because machines differ and neighbours
/// come and go.
///
/// With --url it measures any SCIM server by the same scenarios, starts nothing but the floor, leaves out what
/// the server says it cannot do, and at the end removes every user and group that it made. Interrupted, it removes
/// nothing.
///
/// It fails when a request fails, and, without --url, when a change of members costs more than 1.5 times as much in the
/// largest group as in the smallest.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true, after_long_help = scenarios())]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// What else it can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Be a floor server; the program starts itself as one
    #[command(hide = true)]
    Floor(floor::Options),
    /// Measure requests for rights, decisions, who has what, leavers and what happens at night, in a full tenant
    Rights(rights::Options),
}

/// How to measure.
#[derive(Args)]
pub(crate) struct Run {
    /// How many users the tenant has, one run each
    #[arg(long, value_delimiter = ',', default_value = "1000,100000")]
    pub(crate) users: Vec<usize>,
    /// The sizes of the groups; one that is larger than the tenant has all of its users
    #[arg(long, value_delimiter = ',', default_value = "10,1000,100000")]
    pub(crate) groups: Vec<usize>,
    /// How many tenants the database has. Beside the measured one there is always a second, for the flood; each further
    /// one gets five users
    #[arg(long, default_value_t = 1)]
    pub(crate) tenants: usize,
    /// How many connections send requests
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) connections: u16,
    /// How long each scenario is measured in each round, in seconds; a quarter of it is added to warm up. By default a
    /// run on both databases takes some forty minutes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) seconds: u64,
    /// How many rounds there are; every scenario is measured once in each, and medians are reported
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rounds: u64,
    /// Measure only these scenarios, by their short names, e.g. to watch the server with a profiler
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Which databases the server is started on; with --url, which one the floor has
    #[arg(long, value_enum, default_value_t = Databases::Both)]
    pub(crate) database: Databases,
    /// Measure the floor as well (the default)
    #[arg(long, overrides_with = "no_floors")]
    pub(crate) floors: bool,
    /// Leave the floor out
    #[arg(long)]
    pub(crate) no_floors: bool,
    /// The server to start
    #[arg(long, default_value = "target/release/caurlaide")]
    pub(crate) program: PathBuf,
    /// A PostgreSQL server, on which databases are made and dropped; without it only SQLite is measured
    #[arg(long, env = "TEST_DATABASE_URL", hide_env_values = true)]
    pub(crate) postgres: Option<String>,
    /// Where the page goes; `-` is standard output. What stands in `performance-notes.md` beside it is appended
    /// [default: docs/performance.md; with --url standard output]
    #[arg(long)]
    page: Option<String>,
    /// Measure the SCIM server at this base URL, http or https
    #[arg(long, conflicts_with_all = ["program", "tenants"])]
    pub(crate) url: Option<String>,
    /// The bearer token for it
    #[arg(long, requires = "url", env = "SCIM_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// The base URL of another tenant there, for the client beside a flood
    #[arg(long, requires = "url", requires = "other_token")]
    pub(crate) other_url: Option<String>,
    /// The bearer token for that one
    #[arg(long, requires = "other_url", env = "SCIM_OTHER_TOKEN", hide_env_values = true)]
    pub(crate) other_token: Option<String>,
    /// The server's processes on this machine, whose processor time and memory are read
    #[arg(long, requires = "url", value_delimiter = ',')]
    pub(crate) pid: Vec<u32>,
}

/// Which databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Databases {
    /// The embedded one
    Sqlite,
    /// The one at --postgres
    Postgres,
    /// Both, if there is a --postgres
    Both,
}

impl Run {
    /// Whether the floor is measured.
    pub(crate) fn has_floors(&self) -> bool {
        !self.no_floors
    }

    /// The file that the page goes to; nothing if it is standard output.
    pub(crate) fn page(&self) -> Option<&str> {
        match self.page.as_deref() {
            Some("-") => None,
            None if self.url.is_some() => None,
            path => Some(path.unwrap_or("docs/performance.md")),
        }
    }

    /// Whether a scenario is measured.
    pub(crate) fn wants(&self, key: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == key)
    }

    /// The sizes of the groups in a tenant of so many users, each once, from the smallest up.
    pub(crate) fn group_sizes(&self, users: usize) -> Vec<usize> {
        let mut sizes: Vec<usize> = self.groups.iter().map(|size| *size.min(&users)).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// What clap does not see.
    pub(crate) fn check(&self) -> Outcome<()> {
        if let Some(name) = self.only.iter().find(|name| !KEYS.iter().any(|(key, _)| key == name)) {
            return Err(format!("there is no scenario {name:?}; --help lists them").into());
        }
        if self.users.iter().chain(&self.groups).any(|count| *count == 0) {
            return Err("tenants and groups of nobody cannot be measured".into());
        }
        if self.database == Databases::Postgres && self.postgres.is_none() {
            return Err("which PostgreSQL? --postgres says".into());
        }
        if self.url.is_none() && !self.program.exists() {
            return Err(format!("there is no {}; run `cargo build --release` first", self.program.display()).into());
        }
        Ok(())
    }
}

fn scenarios() -> String {
    let lines: Vec<String> = KEYS.iter().map(|(key, name)| format!("  {key:18} {name}")).collect();
    format!("Scenarios:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn run(arguments: &[&str]) -> Run {
        let all = std::iter::once("caurlaide-bench").chain(arguments.iter().copied());
        Options::try_parse_from(all).expect("options").run
    }

    #[test]
    fn the_options_agree_with_each_other() {
        Options::command().debug_assert();
        assert!(run(&[]).has_floors() && !run(&["--no-floors"]).has_floors());
        assert!(run(&["--no-floors", "--floors"]).has_floors());
    }

    #[test]
    fn groups_are_no_larger_than_the_tenant() {
        assert_eq!(run(&[]).group_sizes(1000), [10, 1000]);
        assert_eq!(run(&[]).group_sizes(1_000_000), [10, 1000, 100_000]);
        assert_eq!(run(&["--groups", "50,5"]).group_sizes(20), [5, 20]);
    }

    #[test]
    fn unknown_scenarios_are_refused() {
        assert!(run(&["--only", "get-user,bulk"]).wants("bulk") && !run(&["--only", "bulk"]).wants("get-user"));
        assert!(run(&["--only", "gett-user"]).check().is_err());
    }
}
