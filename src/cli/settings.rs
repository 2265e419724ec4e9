//! `caurlaide settings …`

use clap::{Args, Subcommand};
use serde_json::Value;
use store::Store;

use crate::{
    cli::{Failure, output, tenant},
    clock::{Clock, instant},
    provisioning::{Directory, SettingsChange, shown_settings},
};

/// What to do with a tenant's settings.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Show how a tenant is served
    Show {
        /// The tenant
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change how a tenant is served, within two seconds; what is left out stays
    Set {
        /// The tenant
        slug: String,
        #[command(flatten)]
        change: Change,
    },
}

/// What is to be different.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(super) struct Change {
    /// Keep to the letter of the RFCs where practice differs from it
    #[arg(long, value_name = "true|false")]
    strict: Option<bool>,
    /// Let no two groups have the same name
    #[arg(long, value_name = "true|false")]
    unique_group_names: Option<bool>,
    /// Serve the catalogues /Roles and /Entitlements
    #[arg(long, value_name = "true|false")]
    roles_and_entitlements: Option<bool>,
    /// Take only roles and entitlements that the catalogues list
    #[arg(long, value_name = "true|false")]
    known_roles_only: Option<bool>,
    /// Refuse provisioning clients what a rule of segregation of duties blocks; else it is only noted
    #[arg(long)]
    sod_blocks_provisioning: Option<bool>,
    /// Tell people by mail too, if there is a mail server
    #[arg(long, value_name = "true|false")]
    mail_notifications: Option<bool>,
    /// How long a page is that was asked for without count
    #[arg(long, value_name = "NUMBER")]
    page_size: Option<u64>,
    /// How long a page may be
    #[arg(long, value_name = "NUMBER")]
    max_page_size: Option<u64>,
    /// How many requests a second all clients together may send to a node, up to what the operator allows; 0 for that
    #[arg(long, value_name = "NUMBER")]
    requests_per_second: Option<u32>,
    /// How many requests a second each client may send to a node, up to what the operator allows; 0 for that
    #[arg(long, value_name = "NUMBER")]
    client_requests_per_second: Option<u32>,
    /// Raise an alarm when a client takes away more users or memberships than that within an hour...
    #[arg(long, value_name = "NUMBER")]
    mass_change_count: Option<u32>,
    /// ...and more than that share of all there are
    #[arg(long, value_name = "PERCENT")]
    mass_change_percent: Option<u32>,
    /// Raise no such alarm until then, as 2026-11-24T08:00:00Z, 31 days ahead at the most; `now` ends a pause
    #[arg(long, value_name = "INSTANT", value_parser = pause)]
    mass_change_paused_until: Option<Pause>,
}

/// Until when an alarm is paused; nothing in it to end the pause.
#[derive(Clone, Copy)]
pub(super) struct Pause(Option<i64>);

fn pause(text: &str) -> Result<Pause, String> {
    if text == "now" {
        return Ok(Pause(None));
    }
    let wrong = || format!("{text:?} is no instant; write one such as 2026-11-24T08:00:00Z");
    instant(text).map(|until| Pause(Some(until))).ok_or_else(wrong)
}

impl From<Change> for SettingsChange {
    fn from(change: Change) -> Self {
        Self {
            strict: change.strict,
            unique_group_names: change.unique_group_names,
            roles_and_entitlements: change.roles_and_entitlements,
            known_roles_only: change.known_roles_only,
            sod_blocks_provisioning: change.sod_blocks_provisioning,
            mail_notifications: change.mail_notifications,
            page_size: change.page_size,
            max_page_size: change.max_page_size,
            requests_per_second: change.requests_per_second.map(limit),
            client_requests_per_second: change.client_requests_per_second.map(limit),
            mass_change_count: change.mass_change_count,
            mass_change_percent: change.mass_change_percent,
            mass_change_paused_until: change.mass_change_paused_until.map(|Pause(until)| until),
            ..Self::default()
        }
    }
}

/// A limit of the tenant's own; 0 is none.
fn limit(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let (slug, json, change) = match action {
        Action::Show { slug, json } => (slug, json, None),
        Action::Set { slug, change } => (slug, false, Some(change)),
    };
    let directory = Directory::at_the_command_line(store, &tenant::find(store, &slug).await?, clock).await?;
    let settings = match change {
        None => directory.settings().await?,
        Some(change) => directory.change_settings(change.into(), None).await?,
    };
    show(&shown_settings(&settings, clock.now()), json)
}

fn show(settings: &Value, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(settings);
    }
    let rows: Vec<Vec<String>> = settings
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value): (&String, &Value)| vec![name.clone(), value.to_string()])
        .collect();
    output::table(&["SETTING", "VALUE"], &rows)
}
