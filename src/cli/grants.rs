//! `caurlaide grants …` and `caurlaide whohas`

use clap::{Args, Subcommand};
use serde_json::json;
use store::{Bounds, GrantFilter, Store};
use uuid::Uuid;

use crate::{
    administration::{Administration, GrantRecord, Holder, HoldingRecord},
    cli::{Failure, application, entitlement, id, output, tenant},
    clock::{self, Clock},
    provisioning::Directory,
};

/// How many grants are read at once.
const PAGE: u64 = 500;

/// What to do with grants.
#[derive(Subcommand)]
pub(super) enum Action {
    /// List what somebody was granted, also what has ended
    List {
        /// The tenant
        slug: String,
        /// The user's id, as SCIM shows it
        #[arg(long, value_name = "ID", value_parser = id::parse)]
        user: Uuid,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Who has what is wanted.
#[derive(Args)]
pub(super) struct Question {
    /// The tenant
    slug: String,
    /// The application
    application: String,
    /// Only those who have this of its entitlements
    #[arg(long, value_name = "CODE")]
    entitlement: Option<String>,
    /// When, such as 2026-11-24T08:00:00Z and not ahead; now if left out
    #[arg(long, value_parser = instant)]
    at: Option<i64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn instant(text: &str) -> Result<i64, String> {
    clock::instant(text).ok_or_else(|| "is no instant such as 2026-11-24T08:00:00Z".to_owned())
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let Action::List { slug, user, json } = action;
    let tenant = tenant::find(store, &slug).await?;
    let administration = Administration::at_the_command_line(store, &tenant, clock);
    let filter = GrantFilter { user: Some(user), ..GrantFilter::default() };
    let mut all: Vec<GrantRecord> = Vec::new();
    loop {
        let part = administration.grants(&filter, &Bounds::none(), all.last().map(|grant| grant.id), PAGE).await?;
        all.extend(part.items);
        if !part.has_more {
            break;
        }
    }
    if json {
        return output::json(&json!(all));
    }
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|grant| {
            vec![
                grant.id.to_string(),
                grant.entitlement.to_string(),
                grant.source.to_owned(),
                grant.state.to_owned(),
                grant.from.clone(),
                grant.ended.clone().or_else(|| grant.until.clone()).unwrap_or_else(|| "-".to_owned()),
                grant.ending.unwrap_or("-").to_owned(),
            ]
        })
        .collect();
    output::table(&["ID", "ENTITLEMENT", "SOURCE", "STATE", "FROM", "UNTIL", "ENDING"], &rows)
}

/// Tells who has something of an application, or had it.
pub(super) async fn tell(store: &Store, question: Question, clock: &Clock) -> Result<(), Failure> {
    let Question { slug, application, entitlement: wanted, at, json } = question;
    let tenant = tenant::find(store, &slug).await?;
    let administration = Administration::at_the_command_line(store, &tenant, clock);
    let directory = Directory::at_the_command_line(store, &tenant, clock).await?;
    let application = application::find(&administration, &slug, &application).await?;
    let at = at.unwrap_or_else(|| clock.now());
    if at > clock.now() {
        return Err(Failure::Usage("--at must not lie ahead: nobody knows yet what will end until then".to_owned()));
    }
    let mut all: Vec<HoldingRecord> = Vec::new();
    let mut after = None;
    loop {
        let of = Holder::Application(application.id);
        let part = administration.holdings(&directory.catalog, (of, &Bounds::none()), at, after, PAGE).await?;
        after = part.items.last().map(|holding| (holding.grant.entitlement, holding.grant.id));
        all.extend(part.items);
        if !part.has_more {
            break;
        }
    }
    all.retain(|holding| wanted.is_none() || holding.code == wanted);
    if let Some(code) = wanted.filter(|_| all.is_empty()) {
        let known = entitlement::all(&administration, Some(application.id)).await?;
        if known.iter().all(|known| known.code != code) {
            let missing = Failure::Missing(format!("{} has no entitlement {code}", application.code));
            return Err(missing.see(&format!("caurlaide entitlement list {slug}")));
        }
    }
    if json {
        return output::json(&json!(all));
    }
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|holding| {
            vec![
                holding.code.clone().unwrap_or_else(|| "-".to_owned()),
                holding.grant.user.to_string(),
                holding.display_name.clone().unwrap_or_else(|| "-".to_owned()),
                holding.grant.source.to_owned(),
                holding.grant.from.clone(),
                holding.grant.given.reason.clone().unwrap_or_else(|| "-".to_owned()).replace('\n', " "),
            ]
        })
        .collect();
    output::table(&["ENTITLEMENT", "USER", "NAME", "SOURCE", "FROM", "REASON"], &rows)
}
