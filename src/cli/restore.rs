//! `caurlaide restore`: giving back what a client took away.

use clap::Args;
use serde_json::json;
use store::{Cause, Store, Stretch, Tenant};
use uuid::Uuid;

use crate::{
    administration::Administration,
    cli::{Failure, client, output, tenant},
    clock::{Clock, instant},
    provisioning::{self, Directory, Given, Item, Reach, Report, Restoration},
};

/// Under which request the log has it.
const REQUEST: &str = "restoration";

/// What to give back.
#[derive(Args)]
pub(super) struct Wish {
    /// The tenant
    slug: String,
    /// Whose removals are undone: the client's name, or its id, as `client list` and `alarm list` show them
    #[arg(long, value_name = "NAME|ID")]
    client: String,
    /// Not what was removed before, as 2026-11-24T08:00:00Z; 30 days ago at the earliest
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    from: i64,
    /// Only what was removed before
    #[arg(long, value_name = "INSTANT", value_parser = moment)]
    until: i64,
    /// Change nothing: say what would be given back
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn moment(text: &str) -> Result<i64, String> {
    instant(text).ok_or_else(|| format!("{text:?} is no instant; write one such as 2026-11-24T08:00:00Z"))
}

pub(super) async fn perform(store: &Store, wish: Wish, clock: &Clock) -> Result<(), Failure> {
    let tenant = tenant::find(store, &wish.slug).await?;
    if tenant.state == store::TenantState::Archived {
        return Err(Failure::Failed("this tenant is archived: it can be read and not changed".into()));
    }
    let mut directory = Directory::at_the_command_line(store, &tenant, clock).await?;
    directory.suspended = tenant.state == store::TenantState::Suspended;
    directory.cause = Cause { request: REQUEST.to_owned(), ..Cause::operator() };
    let client = match Uuid::parse_str(&wish.client) {
        Ok(id) => id,
        Err(_) => named(store, &tenant, clock, &wish).await?,
    };
    let stretch = Stretch { client, from: wish.from, until: wish.until };
    let restoration = Restoration { stretch, dry: wish.dry_run };
    let mut told = 0;
    let tell = |report: &Report| {
        let so_far = total(&report.given);
        if so_far >= told + 1000 {
            told = so_far;
            eprintln!("{so_far} given back, {} could not be", report.conflicts);
        }
    };
    let done = directory.restore(&restoration, Reach::default(), tell).await;
    let report = done.map_err(|error| refused(error, &wish.slug))?;
    if wish.json { as_json(&restoration, &report) } else { as_text(&restoration, &report) }
}

/// The client of that name.
async fn named(store: &Store, tenant: &Tenant, clock: &Clock, wish: &Wish) -> Result<Uuid, Failure> {
    let clients = client::all(&Administration::at_the_command_line(store, tenant, clock)).await?;
    let found = clients.iter().find(|client| client.name == wish.client);
    found.map(|client| client.id).ok_or_else(|| no_such_client(&wish.slug))
}

fn no_such_client(slug: &str) -> Failure {
    Failure::Missing("there is no such client".into()).see(&format!("caurlaide client list {slug}"))
}

fn refused(error: provisioning::Error, slug: &str) -> Failure {
    match error {
        provisioning::Error::Refused(refusal) | provisioning::Error::Worded(refusal, _) if refusal.status == 404 => {
            no_such_client(slug)
        }
        provisioning::Error::Refused(refusal)
        | provisioning::Error::Worded(refusal, _)
        | provisioning::Error::Wrong(refusal, ..) => Failure::Usage(refusal.detail),
        other => Failure::Failed(other.to_string()),
    }
}

fn total(given: &Given) -> u64 {
    let Given { users, groups, resources, activations, memberships, references } = given;
    users + groups + resources + activations + memberships + references
}

fn as_json(wish: &Restoration, report: &Report) -> Result<(), Failure> {
    output::json(&json!({
        "clientId": wish.stretch.client,
        "dryRun": wish.dry,
        "restored": report.given,
        "items": report.items,
        "conflictCount": report.conflicts,
        "conflicts": report.conflicting,
    }))
}

fn as_text(wish: &Restoration, report: &Report) -> Result<(), Failure> {
    let Given { users, groups, resources, activations, memberships, references } = report.given;
    let verb = if wish.dry { "Would give back" } else { "Gave back" };
    let mut text = format!(
        "{verb}: {users} users, {groups} groups, {resources} other resources, {activations} activations, \
         {memberships} memberships, {references} references\n"
    );
    if report.conflicts > 0 {
        text.push_str(&format!("Could not be given back: {}\n", report.conflicts));
    }
    for item in &report.conflicting {
        text.push_str(&line(item));
    }
    output::print(&text)
}

fn line(item: &Item) -> String {
    let group = item.group.map(|group| format!(" in {group}")).unwrap_or_default();
    let reason = item.reason.as_deref().unwrap_or_default();
    format!("  {} {} {}{group}: {reason}\n", item.what, item.kind, item.id)
}
