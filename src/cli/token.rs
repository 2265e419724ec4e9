//! `caurlaide token …` for the clients of a tenant, and `caurlaide operator token …` for those who run the platform.

use std::collections::HashMap;

use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::{Store, Tenant};
use uuid::Uuid;

use crate::{
    administration::{Administration, Issued, NewToken, Rotation, TokenRecord},
    auth::Scope,
    cli::{Failure, client, duration, output, tenant},
    clock::Clock,
};

/// How many tokens are read at once.
const PAGE: u64 = 500;

/// What to do with tokens of a tenant.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a token and print it, alone, on standard output; it is shown this once
    Create {
        /// The tenant
        slug: String,
        /// The client that will use it; made if the tenant has none of that name
        #[arg(long)]
        client: String,
        /// What it may do: scim.read, scim.write, grants.write, app.read, tenant.admin; the first two if left out
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        #[command(flatten)]
        life: Life,
    },
    /// List a tenant's tokens, without their secrets
    List {
        /// The tenant
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a token in place of another and print it, alone, on standard output; both work for a while
    Rotate {
        /// The tenant
        slug: String,
        #[command(flatten)]
        replacement: Replacement,
    },
    /// Revoke a token; servers notice within two seconds
    Revoke {
        /// The tenant
        slug: String,
        /// The token's id, as `token list` shows it
        #[arg(value_parser = id)]
        token_id: Uuid,
    },
}

/// What operators do.
#[derive(Subcommand)]
pub(super) enum OperatorAction {
    /// Make, list, rotate and revoke the tokens that manage tenants over HTTP (platform.admin)
    #[command(subcommand)]
    Token(OperatorTokenAction),
}

/// What to do with tokens of operators.
#[derive(Subcommand)]
pub(super) enum OperatorTokenAction {
    /// Make a token and print it, alone, on standard output; it is shown this once
    Create {
        /// Who will use it: a person's desk or a program
        #[arg(long)]
        client: String,
        #[command(flatten)]
        life: Life,
    },
    /// List the tokens, without their secrets
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a token in place of another and print it, alone, on standard output; both work for a while
    Rotate(Replacement),
    /// Revoke a token; servers notice within two seconds
    Revoke {
        /// The token's id, as `operator token list` shows it
        #[arg(value_parser = id)]
        token_id: Uuid,
    },
}

impl OperatorAction {
    /// Whether a database may be set up for it.
    pub(super) fn makes(&self) -> bool {
        matches!(self, Self::Token(OperatorTokenAction::Create { .. }))
    }
}

/// How long a token lives.
#[derive(Args)]
pub(super) struct Life {
    /// How long it lives: a number and m, h, d or w; 366d at most
    #[arg(long, default_value = "365d", value_parser = duration::parse, value_name = "TIME")]
    expires_in: i64,
}

/// How a token is replaced.
#[derive(Args)]
pub(super) struct Replacement {
    /// The token's id, as `token list` shows it
    #[arg(value_parser = id)]
    token_id: Uuid,
    /// How long the old one still works: a number and m, h, d or w, 30d at most, or 0
    #[arg(long, default_value = "7d", value_parser = duration::parse_or_none, value_name = "TIME")]
    overlap: i64,
    /// How long the new one lives; as long as the old one was made for if left out
    #[arg(long, value_parser = duration::parse, value_name = "TIME")]
    expires_in: Option<i64>,
}

/// What is done with tokens, whosever they are.
enum Deed {
    Create { client: String, scopes: Vec<Scope>, life: Life },
    List { json: bool },
    Rotate(Replacement),
    Revoke(Uuid),
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let (slug, deed) = match action {
        Action::Create { slug, client, scopes, life } => {
            let scopes = if scopes.is_empty() { Scope::OF_PROVISIONING.to_vec() } else { scopes };
            (slug, Deed::Create { client, scopes, life })
        }
        Action::List { slug, json } => (slug, Deed::List { json }),
        Action::Rotate { slug, replacement } => (slug, Deed::Rotate(replacement)),
        Action::Revoke { slug, token_id } => (slug, Deed::Revoke(token_id)),
    };
    let tenant = tenant::find(store, &slug).await?;
    perform_on(&Administration::at_the_command_line(store, &tenant, clock), deed, &format!("token list {slug}")).await
}

pub(super) async fn perform_for_operators(
    store: &Store,
    OperatorAction::Token(action): OperatorAction,
    clock: &Clock,
) -> Result<(), Failure> {
    let deed = match action {
        OperatorTokenAction::Create { client, life } => {
            Deed::Create { client, scopes: Scope::OF_OPERATORS.to_vec(), life }
        }
        OperatorTokenAction::List { json } => Deed::List { json },
        OperatorTokenAction::Rotate(replacement) => Deed::Rotate(replacement),
        OperatorTokenAction::Revoke { token_id } => Deed::Revoke(token_id),
    };
    let platform = store.platform().await?;
    perform_on(&Administration::at_the_command_line(store, &platform, clock), deed, "operator token list").await
}

async fn perform_on(administration: &Administration, deed: Deed, list_command: &str) -> Result<(), Failure> {
    let hint = format!("caurlaide {list_command}");
    match deed {
        Deed::Create { client, scopes, life } => {
            let new = NewToken { expires_in: life.expires_in / 1000, ..NewToken::of(&scopes) };
            show(&administration.create_token_for(&client, &new).await?, &format!("of {client:?}"))
        }
        Deed::List { json } => list(administration, json).await,
        Deed::Rotate(Replacement { token_id, overlap, expires_in }) => {
            let rotation = Rotation { overlap: overlap / 1000, expires_in: expires_in.map(|millis| millis / 1000) };
            let rotated = administration.rotate(None, token_id, &rotation).await;
            show(&rotated.map_err(|error| Failure::from(error).see(&hint))?, &format!("in place of {token_id}"))
        }
        Deed::Revoke(id) => {
            administration.revoke(None, id).await.map_err(|error| Failure::from(error).see(&hint))?;
            output::print(&format!("{id} is revoked\n"))
        }
    }
}

fn id(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| "this is no token's id; `token list` shows them".to_owned())
}

/// The token alone on standard output, what is no secret beside it.
fn show(issued: &Issued, whose: &str) -> Result<(), Failure> {
    eprintln!("Token {} {whose}, until {}.", issued.record.id, issued.record.expires);
    output::print(&format!("{}\n", issued.secret.expose_secret()))
}

/// A token for the client of that name in a tenant, which is made if there is none.
pub(super) async fn create(
    store: &Store,
    tenant: &Tenant,
    client: &str,
    new: &NewToken,
    clock: &Clock,
) -> Result<Issued, Failure> {
    Ok(Administration::at_the_command_line(store, tenant, clock).create_token_for(client, new).await?)
}

async fn list(administration: &Administration, as_json: bool) -> Result<(), Failure> {
    let mut tokens: Vec<TokenRecord> = Vec::new();
    loop {
        let part = administration.tokens(None, tokens.last().map(|token| token.id), PAGE).await?;
        tokens.extend(part.items);
        if !part.has_more {
            break;
        }
    }
    let clients = client::all(administration).await?;
    let names: HashMap<Uuid, &str> = clients.iter().map(|client| (client.id, client.name.as_str())).collect();
    let name = |token: &TokenRecord| names.get(&token.client).copied();
    if as_json {
        let list = tokens.iter().map(|token| {
            let mut shown = json!(token);
            shown["clientName"] = name(token).into();
            shown
        });
        return output::json(&list.collect::<Value>());
    }
    let rows: Vec<Vec<String>> = tokens
        .iter()
        .map(|token| {
            vec![
                token.id.to_string(),
                name(token).unwrap_or("(deleted)").to_owned(),
                token.scopes.join(","),
                token.state.word().to_owned(),
                token.expires.clone(),
                token.last_used.clone().unwrap_or_else(|| "-".to_owned()),
            ]
        })
        .collect();
    output::table(&["ID", "CLIENT", "SCOPES", "STATE", "EXPIRES", "LAST USED"], &rows)
}
