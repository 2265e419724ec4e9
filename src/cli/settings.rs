//! `caurlaide settings …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use store::{Store, TenantSettings};

use crate::{
    cli::{Failure, output, tenant},
    clock::Clock,
    provisioning::{Directory, SettingsChange},
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
}

impl From<Change> for SettingsChange {
    fn from(change: Change) -> Self {
        Self {
            strict: change.strict,
            unique_group_names: change.unique_group_names,
            roles_and_entitlements: change.roles_and_entitlements,
            known_roles_only: change.known_roles_only,
            page_size: change.page_size,
            max_page_size: change.max_page_size,
            requests_per_second: change.requests_per_second.map(limit),
            client_requests_per_second: change.client_requests_per_second.map(limit),
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
        Some(change) => directory.change_settings(change.into()).await?,
    };
    show(&settings, json)
}

fn show(settings: &TenantSettings, as_json: bool) -> Result<(), Failure> {
    let settings = json!(settings);
    if as_json {
        return output::json(&settings);
    }
    let rows: Vec<Vec<String>> = settings
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value): (&String, &Value)| vec![name.clone(), value.to_string()])
        .collect();
    output::table(&["SETTING", "VALUE"], &rows)
}
