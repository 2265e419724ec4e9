//! `caurlaide rule …`

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use store::Store;
use uuid::Uuid;

use crate::{
    administration::{Administration, NewApprovalPolicy, NewBirthrightRule, NewSodRule, RuleRecord, RuleWish},
    cli::{Failure, output, tenant},
    clock::Clock,
};

/// How many rules are read at once.
const PAGE: u64 = 100;

/// What to do with rules about access rights.
#[derive(Subcommand)]
pub(super) enum Action {
    /// List a tenant's rules of a kind
    List {
        /// The tenant
        slug: String,
        /// Which rules
        kind: Kind,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Kinds of rules.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// Who approves
    Policy,
    /// What nobody should hold together
    Sod,
    /// What people have by their work
    Birthright,
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let Action::List { slug, kind, json } = action;
    let tenant = tenant::find(store, &slug).await?;
    let administration = Administration::at_the_command_line(store, &tenant, clock);
    match kind {
        Kind::Policy => list(&all::<NewApprovalPolicy>(&administration).await?, json),
        Kind::Sod => list(&all::<NewSodRule>(&administration).await?, json),
        Kind::Birthright => list(&all::<NewBirthrightRule>(&administration).await?, json),
    }
}

async fn all<W: RuleWish>(administration: &Administration) -> Result<Vec<RuleRecord<W>>, Failure> {
    let mut all: Vec<RuleRecord<W>> = Vec::new();
    loop {
        let after: Option<Uuid> = all.last().map(|rule| rule.id);
        let part = administration.rules(after, PAGE).await?;
        all.extend(part.items);
        if !part.has_more {
            return Ok(all);
        }
    }
}

fn list<W: RuleWish>(rules: &[RuleRecord<W>], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(&json!(rules));
    }
    let row = |rule: &RuleRecord<W>| {
        let shown: Value = json!(rule);
        let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
        vec![text("id"), text("state"), text("name"), text("modified")]
    };
    output::table(&["ID", "STATE", "NAME", "MODIFIED"], &rules.iter().map(row).collect::<Vec<_>>())
}
