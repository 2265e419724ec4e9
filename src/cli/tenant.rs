//! `caurlaide tenant …`

use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;
use store::{Store, Tenant};

use crate::{
    administration::{NewClient, NewTenant, Platform, Reason, TenantRecord},
    cli::{Failure, archive, output},
    clock::Clock,
};

/// What to do with tenants.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a tenant; with --admin-client, also a client that manages it, and print that client's token
    Create {
        /// Its name in addresses: small letters, digits and hyphens
        slug: String,
        /// Its name for people
        #[arg(long)]
        name: String,
        /// Also make a client of that name that may manage the tenant's clients and tokens (tenant.admin), and print
        /// its token, alone, on standard output; it is shown this once
        #[arg(long, value_name = "NAME")]
        admin_client: Option<String>,
    },
    /// List all tenants
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Suspend a tenant: reading, deactivating and removing still work, granting does not
    Suspend(Change),
    /// Let a suspended tenant work again
    Resume {
        /// Its name in addresses
        slug: String,
    },
    /// Archive a tenant: revoke all its tokens, and let it only be read from now on; there is no way back
    Archive(Change),
    /// Write a whole tenant into a file of JSON Lines, as it is at one instant, while it goes on being used
    Export(archive::Wanted),
    /// Make a tenant from such a file, all of it or nothing; nobody reaches it until the last line has been checked
    Import(archive::Input),
    /// Take away what an import has left that was broken off
    Discard {
        /// The name in addresses that it was to have
        slug: String,
    },
}

impl Action {
    /// Whether it may begin a database.
    pub(super) fn makes(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Import(_))
    }
}

/// Which tenant is to change, and why.
#[derive(Args)]
pub(super) struct Change {
    /// Its name in addresses
    slug: String,
    /// Why, in words for people
    #[arg(long)]
    reason: String,
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let platform = Platform::at_the_command_line(store, clock);
    let changed = match action {
        Action::Create { slug, name, admin_client } => return create(&platform, slug, name, admin_client).await,
        Action::List { json } => return list(&platform, json).await,
        Action::Export(wanted) => return archive::export(store, &wanted, clock).await,
        Action::Import(input) => return archive::import(&platform, input).await,
        Action::Discard { slug } => return archive::discard(&platform, &slug).await,
        Action::Suspend(Change { slug, reason }) => platform.suspend(&slug, &Reason { reason }).await,
        Action::Resume { slug } => platform.resume(&slug).await,
        Action::Archive(Change { slug, reason }) => platform.archive(&slug, &Reason { reason }).await,
    };
    let tenant = changed.map_err(|error| Failure::from(error).see("caurlaide tenant list"))?;
    output::print(&format!("{} is {}\n", tenant.slug, tenant.state.word()))
}

/// The tenant of a slug, or a failure that says how to find it.
pub(super) async fn find(store: &Store, slug: &str) -> Result<Tenant, Failure> {
    let found = store.find_tenant(slug).await?;
    found.ok_or_else(|| Failure::Missing(format!("there is no tenant {slug:?}")).see("caurlaide tenant list"))
}

async fn create(platform: &Platform, slug: String, name: String, admin_client: Option<String>) -> Result<(), Failure> {
    let client = admin_client.map(|name| NewClient { name, ..NewClient::default() });
    let made = platform.create(&NewTenant { slug, name, client }).await?;
    let slug = made.tenant.slug;
    let Some(first) = made.first else {
        return output::print(&format!("{slug}\n"));
    };
    let record = first.token.record;
    eprintln!("Tenant {slug}; token {} of {:?}, until {}.", record.id, first.client.name, record.expires);
    output::print(&format!("{}\n", first.token.secret.expose_secret()))
}

async fn list(platform: &Platform, as_json: bool) -> Result<(), Failure> {
    let tenants: Vec<TenantRecord> = platform.store.tenants().await?.into_iter().map(Into::into).collect();
    if as_json {
        return output::json(&json!(tenants));
    }
    let rows: Vec<Vec<String>> = tenants
        .into_iter()
        .map(|tenant| vec![tenant.slug, tenant.name, tenant.state.to_owned(), tenant.created])
        .collect();
    output::table(&["SLUG", "NAME", "STATE", "CREATED"], &rows)
}
