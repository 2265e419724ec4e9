//! `caurlaide entitlement …`

use clap::Subcommand;
use serde_json::json;
use store::{Names, Store};
use uuid::Uuid;

use crate::{
    administration::{Administration, EntitlementRecord, NewEntitlement},
    cli::{Failure, application, output, tenant},
    clock::Clock,
    provisioning::Directory,
};

/// How many entitlements are read at once.
const PAGE: u64 = 500;

/// What to do with entitlements.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a group an entitlement of an application; who is in it already is granted it
    Create {
        /// The tenant
        slug: String,
        /// The application
        application: String,
        /// The group's id, as SCIM shows it
        group_id: Uuid,
        /// Its name for programs: small letters, digits and hyphens
        #[arg(long)]
        code: String,
        /// Its name in Latvian
        #[arg(long, required_unless_present = "name_en")]
        name_lv: Option<String>,
        /// Its name in English
        #[arg(long)]
        name_en: Option<String>,
        /// Whose word makes somebody a member: scim, or grants alone
        #[arg(long, default_value = "scim")]
        authority: String,
        /// How much harm it can do, from 0 to 3
        #[arg(long, default_value_t = 2)]
        risk: i64,
    },
    /// List a tenant's entitlements
    List {
        /// The tenant
        slug: String,
        /// Only those of this application
        #[arg(long)]
        application: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Action {
    fn slug(&self) -> &str {
        match self {
            Self::Create { slug, .. } | Self::List { slug, .. } => slug,
        }
    }
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let tenant = tenant::find(store, action.slug()).await?;
    let administration = Administration::at_the_command_line(store, &tenant, clock);
    match action {
        Action::Create { slug, application, group_id, code, name_lv, name_en, authority, risk } => {
            let directory = Directory::at_the_command_line(store, &tenant, clock).await?;
            let application = application::find(&administration, &slug, &application).await?;
            let new = NewEntitlement {
                group: group_id,
                code,
                names: Names { lv: name_lv, en: name_en },
                state: "active".into(),
                authority,
                risk,
                purpose: None,
                legal_basis: None,
            };
            let (made, members) = administration.create_entitlement(&directory.catalog, application.id, &new).await?;
            output::print(&format!("{group_id} is the entitlement {}; {members} people have it\n", made.code))
        }
        Action::List { slug, application, json } => {
            let application = match application {
                Some(code) => Some(application::find(&administration, &slug, &code).await?.id),
                None => None,
            };
            list(&all(&administration, application).await?, json)
        }
    }
}

async fn all(administration: &Administration, application: Option<Uuid>) -> Result<Vec<EntitlementRecord>, Failure> {
    let mut all: Vec<EntitlementRecord> = Vec::new();
    loop {
        let after = all.last().map(|entitlement| entitlement.group);
        let part = administration.entitlements(application, after, PAGE).await?;
        all.extend(part.items);
        if !part.has_more {
            return Ok(all);
        }
    }
}

fn list(entitlements: &[EntitlementRecord], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(&json!(entitlements));
    }
    let name = |names: &Names| names.lv.clone().or_else(|| names.en.clone()).unwrap_or_default();
    let rows: Vec<Vec<String>> = entitlements
        .iter()
        .map(|entitlement| {
            vec![
                entitlement.group.to_string(),
                entitlement.code.clone(),
                name(&entitlement.names),
                entitlement.state.to_owned(),
                entitlement.authority.to_owned(),
                entitlement.risk.to_string(),
            ]
        })
        .collect();
    output::table(&["GROUP", "CODE", "NAME", "STATE", "AUTHORITY", "RISK"], &rows)
}
