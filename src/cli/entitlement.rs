//! `caurlaide entitlement …`

use clap::Subcommand;
use serde_json::json;
use store::{Bounds, EntitlementAudience, Lengths, Names, Store};
use uuid::Uuid;

use crate::{
    administration::{Administration, EntitlementRecord, NewEntitlement},
    cli::{Failure, application, duration, id, output, tenant},
    clock::Clock,
    provisioning::Directory,
};

/// How many entitlements are read at once.
const PAGE: u64 = 500;

/// What to do with entitlements.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a group an entitlement of an application; who is in it already is granted it
    Create(Box<New>),
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

/// An entitlement to be.
#[derive(clap::Args)]
pub(super) struct New {
    /// The tenant
    slug: String,
    /// The application
    application: String,
    /// The group's id, as SCIM shows it
    #[arg(value_parser = id::parse)]
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
    /// Who answers for it: a user's id; else whoever answers for the application
    #[arg(long, value_name = "ID", value_parser = id::parse)]
    owner: Option<Uuid>,
    /// What it is for
    #[arg(long)]
    purpose: Option<String>,
    /// By which law
    #[arg(long)]
    legal_basis: Option<String>,
    /// Only for those who work in this unit or below, by its id; may be given several times
    #[arg(long = "unit", value_name = "ID", value_parser = id::parse)]
    units: Vec<Uuid>,
    /// Only for those who work on this footing, such as employee; may be given several times
    #[arg(long = "employment-type", value_name = "TYPE")]
    employment_types: Vec<String>,
    /// For how long it is given where nobody says, such as 90d
    #[arg(long, value_name = "TIME", value_parser = duration::parse_long)]
    default: Option<i64>,
    /// For how long it is given at the most, such as 365d
    #[arg(long, value_name = "TIME", value_parser = duration::parse_long)]
    longest: Option<i64>,
    /// How often it may be extended
    #[arg(long, default_value_t = 0)]
    extensions: i64,
    /// Whether people may ask for it; if this is left out, where grants alone make members
    #[arg(long)]
    requestable: Option<bool>,
    /// Whoever asks has to say why
    #[arg(long)]
    needs_justification: bool,
    /// Whoever asks has to say by which law or order
    #[arg(long)]
    needs_legal_basis: bool,
    /// It can be taken at once in an emergency
    #[arg(long)]
    emergency: bool,
}

impl Action {
    fn slug(&self) -> &str {
        match self {
            Self::Create(new) => &new.slug,
            Self::List { slug, .. } => slug,
        }
    }
}

impl New {
    fn entitlement(self) -> NewEntitlement {
        let seconds = |millis: Option<i64>| millis.map(|millis| millis / 1000);
        NewEntitlement {
            group: self.group_id,
            code: self.code,
            names: Names { lv: self.name_lv, en: self.name_en },
            state: "active".into(),
            authority: self.authority,
            risk: self.risk,
            purpose: self.purpose,
            legal_basis: self.legal_basis,
            requestable: self.requestable,
            owner: self.owner,
            audience: EntitlementAudience { units: self.units, employment_types: self.employment_types },
            duration: Lengths {
                proposed: seconds(self.default),
                longest: seconds(self.longest),
                total: None,
                extensions: self.extensions,
            },
            needs_justification: self.needs_justification,
            needs_legal_basis: self.needs_legal_basis,
            approval_policy: None,
            prerequisites: Vec::new(),
            emergency: self.emergency,
        }
    }
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let tenant = tenant::find(store, action.slug()).await?;
    let administration = Administration::at_the_command_line(store, &tenant, clock);
    match action {
        Action::Create(new) => {
            let directory = Directory::at_the_command_line(store, &tenant, clock).await?;
            let application = application::find(&administration, &new.slug, &new.application).await?;
            let group = new.group_id;
            let new = new.entitlement();
            let (made, members) = administration.create_entitlement(&directory.catalog, application.id, &new).await?;
            output::print(&format!("{group} is the entitlement {}; {members} people have it\n", made.code))
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

pub(super) async fn all(
    administration: &Administration,
    application: Option<Uuid>,
) -> Result<Vec<EntitlementRecord>, Failure> {
    let everywhere = Bounds::none();
    let mut all: Vec<EntitlementRecord> = Vec::new();
    loop {
        let after = all.last().map(|entitlement| entitlement.group);
        let of = application.map(|id| (id, &everywhere));
        let part = administration.entitlements(of, after, PAGE).await?;
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
