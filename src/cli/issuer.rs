//! `caurlaide issuer …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use store::Store;
use uuid::Uuid;

use crate::{
    administration::{Administration, Given, IssuerChange, IssuerRecord, NewIssuer},
    cli::{Failure, output, tenant},
    clock::Clock,
};

/// How many issuers are read at once.
const PAGE: u64 = 100;

/// What to do with issuers.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Register an issuer and print its id
    Create {
        /// The tenant
        slug: String,
        /// Its name for people
        #[arg(long)]
        name: String,
        /// What its tokens say in `iss`
        #[arg(long, value_name = "URL")]
        issuer: String,
        #[command(flatten)]
        trust: Trust,
    },
    /// List a tenant's issuers
    List {
        /// The tenant
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change an issuer; what is left out stays
    Change {
        /// The tenant
        slug: String,
        /// The issuer's id, as `issuer list` shows it
        #[arg(value_parser = id)]
        issuer_id: Uuid,
        /// Its new name
        #[arg(long)]
        name: Option<String>,
        /// What its tokens say in `iss`
        #[arg(long, value_name = "URL")]
        issuer: Option<String>,
        #[command(flatten)]
        trust: Trust,
    },
    /// Delete an issuer; servers stop to believe its tokens within two seconds
    Delete {
        /// The tenant
        slug: String,
        /// The issuer's id, as `issuer list` shows it
        #[arg(value_parser = id)]
        issuer_id: Uuid,
    },
}

/// Which tokens of an issuer are believed, and how far.
#[derive(Args)]
pub(super) struct Trust {
    /// For whom its tokens must be meant, as they say in `aud`; may be given several times
    #[arg(long = "audience", value_name = "TEXT")]
    audiences: Vec<String>,
    /// How its tokens may be signed: RS256, PS256, ES256, EdDSA and the like; may be given several times
    #[arg(long = "algorithm", value_name = "NAME")]
    algorithms: Vec<String>,
    /// A file with its public keys, a JWK Set
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Where it publishes its public keys
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// The claim that names the person; `sub` if left out
    #[arg(long, value_name = "NAME")]
    subject_claim: Option<String>,
    /// The attribute of a user that the claim's value is: id, userName or externalId
    #[arg(long, value_name = "ATTRIBUTE")]
    link_by: Option<String>,
    /// What its tokens may do at the most: scim.read, scim.write, and rights for people who ask and decide; the first if left out
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// How many seconds its clock may be off; 30 if left out, 60 at the most
    #[arg(long, value_name = "SECONDS")]
    leeway: Option<i64>,
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let (Action::Create { slug, .. }
    | Action::List { slug, .. }
    | Action::Change { slug, .. }
    | Action::Delete { slug, .. }) = &action;
    let slug = slug.clone();
    let administration = Administration::at_the_command_line(store, &tenant::find(store, &slug).await?, clock);
    let hint = format!("caurlaide issuer list {slug}");
    match action {
        Action::Create { name, issuer, trust, .. } => {
            let issuer = administration.create_issuer(trust.of(name, issuer)?).await?;
            output::print(&format!("{}\n", issuer.id))
        }
        Action::List { json, .. } => list(&all(&administration).await?, json),
        Action::Change { issuer_id, name, issuer, trust, .. } => {
            let change = trust.change(name, issuer)?;
            let changed = administration.change_issuer(issuer_id, change, None).await;
            let issuer = changed.map_err(|error| Failure::from(error).see(&hint))?;
            output::print(&format!("{} is changed\n", issuer.id))
        }
        Action::Delete { issuer_id, .. } => {
            administration.delete_issuer(issuer_id, None).await.map_err(|error| Failure::from(error).see(&hint))?;
            output::print(&format!("{issuer_id} is deleted\n"))
        }
    }
}

fn id(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| "this is no issuer's id; `caurlaide issuer list SLUG` shows them".to_owned())
}

impl Trust {
    fn of(self, name: String, issuer: String) -> Result<NewIssuer, Failure> {
        let usual = NewIssuer::usual(name, issuer);
        Ok(NewIssuer {
            jwks: self.keys()?,
            jwks_uri: self.jwks_uri,
            audiences: self.audiences,
            algorithms: self.algorithms,
            subject_claim: self.subject_claim.unwrap_or(usual.subject_claim),
            link_by: self.link_by.unwrap_or(usual.link_by),
            scopes: if self.scopes.is_empty() { usual.scopes } else { self.scopes },
            leeway: self.leeway.unwrap_or(usual.leeway),
            name: usual.name,
            issuer: usual.issuer,
        })
    }

    fn change(self, name: Option<String>, issuer: Option<String>) -> Result<IssuerChange, Failure> {
        let some = |words: Vec<String>| Given((!words.is_empty()).then_some(words));
        Ok(IssuerChange {
            jwks: Given(self.keys()?),
            jwks_uri: Given(self.jwks_uri),
            name: Given(name),
            issuer: Given(issuer),
            audiences: some(self.audiences),
            algorithms: some(self.algorithms),
            subject_claim: Given(self.subject_claim),
            link_by: Given(self.link_by),
            scopes: some(self.scopes),
            leeway: Given(self.leeway),
        })
    }

    /// The keys of the file.
    fn keys(&self) -> Result<Option<Value>, Failure> {
        let Some(path) = &self.jwks else { return Ok(None) };
        let place = path.display();
        let text = std::fs::read(path).map_err(|error| Failure::Usage(format!("cannot read {place}: {error}")))?;
        let keys = scim::json::parse(&text).map_err(|error| Failure::Usage(format!("{place}: {}", error.detail)))?;
        Ok(Some(keys))
    }
}

async fn all(administration: &Administration) -> Result<Vec<IssuerRecord>, Failure> {
    let mut all: Vec<IssuerRecord> = Vec::new();
    loop {
        let part = administration.issuers(all.last().map(|issuer| issuer.id), PAGE).await?;
        all.extend(part.items);
        if !part.has_more {
            return Ok(all);
        }
    }
}

fn list(issuers: &[IssuerRecord], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(&json!(issuers));
    }
    let rows: Vec<Vec<String>> = issuers
        .iter()
        .map(|issuer| {
            vec![
                issuer.id.to_string(),
                issuer.name.clone(),
                issuer.issuer.clone(),
                format!("{} = {}", issuer.subject_claim, issuer.link_by),
                issuer.scopes.join(","),
                issuer.jwks_uri.clone().unwrap_or_else(|| "given".to_owned()),
            ]
        })
        .collect();
    output::table(&["ID", "NAME", "ISSUER", "LINK", "SCOPES", "KEYS"], &rows)
}
