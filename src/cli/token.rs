//! `caurlaide token …`

use clap::Subcommand;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::{NewToken, Store, Tenant, Token};
use uuid::Uuid;

use crate::{
    auth::{self, Scope},
    cli::{Failure, duration, output, tenant},
    clock::{Clock, Ids, timestamp},
};

/// What to do with tokens.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a token and print it, alone, on standard output; it is shown this once
    Create {
        /// The tenant
        slug: String,
        /// The client that will use it; made if the tenant has none of that name
        #[arg(long)]
        client: String,
        /// What it may do: scim.read, scim.write; both if left out
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// How long it lives: a number and m, h, d or w; 366d at most
        #[arg(long, default_value = "365d", value_parser = duration::parse, value_name = "TIME")]
        expires_in: i64,
    },
    /// List a tenant's tokens, without their secrets
    List {
        /// The tenant
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
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

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    match action {
        Action::Create { slug, client, scopes, expires_in } => {
            let tenant = tenant::find(store, &slug).await?;
            let scopes = if scopes.is_empty() { Scope::ALL.to_vec() } else { scopes };
            let made = create(store, &tenant, &client, &scopes, expires_in, clock).await?;
            eprintln!("Token {} of {client:?} for {slug}, until {}.", made.id, timestamp(made.expires));
            output::print(&format!("{}\n", made.secret.expose_secret()))
        }
        Action::List { slug, json } => list(&store.tokens(&tenant::find(store, &slug).await?).await?, json, clock),
        Action::Revoke { slug, token_id } => {
            let tenant = tenant::find(store, &slug).await?;
            if !store.revoke_token(&tenant, token_id, clock.now()).await? {
                return Err(Failure::Missing(format!(
                    "{slug} has no token {token_id}; `caurlaide token list {slug}` shows those that exist"
                )));
            }
            output::print(&format!("{token_id} is revoked\n"))
        }
    }
}

fn id(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| "this is no token's id; `caurlaide token list SLUG` shows them".to_owned())
}

/// A token that was made.
pub(super) struct Made {
    id: Uuid,
    pub(super) secret: secrecy::SecretString,
    expires: i64,
}

/// Makes a token.
pub(super) async fn create(
    store: &Store,
    tenant: &Tenant,
    client: &str,
    scopes: &[Scope],
    lifetime: i64,
    clock: &Clock,
) -> Result<Made, Failure> {
    let client = client.trim();
    if client.is_empty() || client.chars().any(char::is_control) || client.chars().count() > 200 {
        return Err(Failure::Usage("the client's name must be 1 to 200 characters of text".into()));
    }
    let (now, ids) = (clock.now(), Ids::new(clock.clone()));
    let made = Made { id: ids.next(), secret: auth::generate(), expires: now + lifetime };
    let mut words: Vec<String> = scopes.iter().map(Scope::to_string).collect();
    words.sort_unstable();
    words.dedup();
    let new = NewToken {
        id: made.id,
        client_id: ids.next(),
        client,
        secret: made.secret.expose_secret(),
        scopes: &words,
        expires: made.expires,
    };
    store.create_token(tenant, &new, now).await?;
    Ok(made)
}

fn list(tokens: &[Token], as_json: bool, clock: &Clock) -> Result<(), Failure> {
    let now = clock.now();
    let state = |token: &Token| match token.revoked {
        Some(_) => "revoked",
        None if token.expires <= now => "ended",
        None => "active",
    };
    if as_json {
        let list: Vec<Value> = tokens
            .iter()
            .map(|token| {
                json!({
                    "id": token.id,
                    "client": token.client,
                    "scopes": token.scopes,
                    "state": state(token),
                    "created": timestamp(token.created),
                    "expires": timestamp(token.expires),
                    "revoked": token.revoked.map(timestamp),
                    "lastUsed": token.last_used.map(timestamp),
                })
            })
            .collect();
        return output::json(&list.into());
    }
    let rows: Vec<Vec<String>> = tokens
        .iter()
        .map(|token| {
            vec![
                token.id.to_string(),
                token.client.clone(),
                token.scopes.join(","),
                state(token).to_owned(),
                timestamp(token.expires),
                token.last_used.map_or_else(|| "-".to_owned(), timestamp),
            ]
        })
        .collect();
    output::table(&["ID", "CLIENT", "SCOPES", "STATE", "EXPIRES", "LAST USED"], &rows)
}
