//! `caurlaide client …`

use clap::Subcommand;
use serde_json::json;
use store::Store;
use uuid::Uuid;

use crate::{
    administration::{Administration, ClientChange, ClientRecord, NewClient},
    cli::{Failure, application, output, tenant},
    clock::Clock,
};

/// How many clients are read at once.
const PAGE: u64 = 500;

/// What to do with clients.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a client and print its id
    Create {
        /// The tenant
        slug: String,
        /// Its name
        #[arg(long)]
        name: String,
        /// A network that it may call from, as 192.0.2.0/24; may be given several times; any if left out
        #[arg(long = "network", value_name = "CIDR")]
        networks: Vec<String>,
        /// The application that it reads for, by its code; needed for tokens with app.read
        #[arg(long, value_name = "CODE")]
        application: Option<String>,
    },
    /// List a tenant's clients
    List {
        /// The tenant
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give a client another name, or other networks in place of those it has
    Change {
        /// The tenant
        slug: String,
        /// The client's id, as `client list` shows it
        #[arg(value_parser = id)]
        client_id: Uuid,
        /// Its new name
        #[arg(long)]
        name: Option<String>,
        /// A network that it may call from, as 192.0.2.0/24; may be given several times
        #[arg(long = "network", value_name = "CIDR")]
        networks: Vec<String>,
        /// Let it call from anywhere
        #[arg(long, conflicts_with = "networks")]
        any_network: bool,
    },
    /// Delete a client and revoke its tokens; servers notice within two seconds
    Delete {
        /// The tenant
        slug: String,
        /// The client's id, as `client list` shows it
        #[arg(value_parser = id)]
        client_id: Uuid,
    },
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let (Action::Create { slug, .. }
    | Action::List { slug, .. }
    | Action::Change { slug, .. }
    | Action::Delete { slug, .. }) = &action;
    let slug = slug.clone();
    let administration = Administration::at_the_command_line(store, &tenant::find(store, &slug).await?, clock);
    let hint = format!("caurlaide client list {slug}");
    match action {
        Action::Create { name, networks, application: code, .. } => {
            let application_id = match code {
                Some(code) => Some(application::find(&administration, &slug, &code).await?.id),
                None => None,
            };
            let client = administration.create_client(&NewClient { name, networks, application_id }).await?;
            output::print(&format!("{}\n", client.id))
        }
        Action::List { json, .. } => list(&all(&administration).await?, json),
        Action::Change { client_id, name, networks, any_network, .. } => {
            let networks = (any_network || !networks.is_empty()).then_some(networks);
            let changed = administration.change_client(client_id, &ClientChange { name, networks }, None).await;
            let client = changed.map_err(|error| Failure::from(error).see(&hint))?;
            output::print(&format!("{} is changed\n", client.id))
        }
        Action::Delete { client_id, .. } => {
            administration.delete_client(client_id, None).await.map_err(|error| Failure::from(error).see(&hint))?;
            output::print(&format!("{client_id} is deleted\n"))
        }
    }
}

fn id(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| "this is no client's id; `caurlaide client list SLUG` shows them".to_owned())
}

/// Every client of the tenant.
pub(super) async fn all(administration: &Administration) -> Result<Vec<ClientRecord>, Failure> {
    let mut all: Vec<ClientRecord> = Vec::new();
    loop {
        let part = administration.clients(None, all.last().map(|client| client.id), PAGE).await?;
        all.extend(part.items);
        if !part.has_more {
            return Ok(all);
        }
    }
}

fn list(clients: &[ClientRecord], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(&json!(clients));
    }
    let rows: Vec<Vec<String>> = clients
        .iter()
        .map(|client| {
            vec![
                client.id.to_string(),
                client.name.clone(),
                if client.networks.is_empty() { "any".to_owned() } else { client.networks.join(",") },
                client.last_used.clone().unwrap_or_else(|| "-".to_owned()),
                client.watched_since.clone().unwrap_or_else(|| "-".to_owned()),
            ]
        })
        .collect();
    output::table(&["ID", "NAME", "NETWORKS", "LAST USED", "WATCHED SINCE"], &rows)
}
