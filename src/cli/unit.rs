//! `caurlaide unit …`

use clap::{Args, Subcommand};
use serde_json::json;
use store::{Bounds, Store, UnitFilter};
use uuid::Uuid;

use crate::{
    administration::{Administration, Error, Given, NewUnit, UnitChange, UnitRecord},
    cli::{Failure, output, tenant},
    clock::Clock,
    provisioning::{Directory, Tags},
};

/// How many units are read at once.
const PAGE: u64 = 500;

/// What to do with organisation units.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a unit and print its id
    Create {
        /// The tenant
        slug: String,
        /// Its code in the municipality's own register, which employments name
        code: String,
        /// municipality, institution, agency, company or unit
        #[arg(long)]
        kind: String,
        /// Its name for people
        #[arg(long)]
        name: String,
        #[command(flatten)]
        more: More,
    },
    /// List a tenant's units
    List {
        /// The tenant
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a unit; what is left out stays, and an empty text is nothing
    Set {
        /// The tenant
        slug: String,
        /// The unit
        code: String,
        /// Its new code
        #[arg(long)]
        new_code: Option<String>,
        /// municipality, institution, agency, company or unit
        #[arg(long)]
        kind: Option<String>,
        /// Its new name for people
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        more: More,
    },
    /// Delete a unit that nothing is part of and where nobody works
    Delete {
        /// The tenant
        slug: String,
        /// The unit
        code: String,
    },
}

/// What not every unit has.
#[derive(Args)]
pub(super) struct More {
    /// The code of the unit of which it is a part
    #[arg(long, value_name = "CODE")]
    parent: Option<String>,
    /// Its number in the register of enterprises
    #[arg(long, value_name = "NUMBER")]
    registration_number: Option<String>,
    /// The id of the user who leads it
    #[arg(long, value_name = "USER-ID")]
    head: Option<String>,
    /// The id of the user who stands in for the head
    #[arg(long, value_name = "USER-ID")]
    deputy: Option<String>,
}

impl Action {
    fn slug(&self) -> &str {
        match self {
            Self::Create { slug, .. }
            | Self::List { slug, .. }
            | Self::Set { slug, .. }
            | Self::Delete { slug, .. } => slug,
        }
    }
}

/// The units of a tenant.
struct Units {
    administration: Administration,
    directory: Directory,
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let tenant = tenant::find(store, action.slug()).await?;
    let administration = Administration::at_the_command_line(store, &tenant, clock);
    let directory = Directory::at_the_command_line(store, &tenant, clock).await?;
    let units = Units { administration, directory };
    let Units { administration, directory } = &units;
    match action {
        Action::Create { slug, code, kind, name, more } => {
            let parent = units.id(&slug, more.parent).await?.flatten();
            let (head, deputy) = (user("head", more.head)?.flatten(), user("deputy", more.deputy)?.flatten());
            let registration_number = text(more.registration_number).flatten();
            let new = NewUnit { kind, code, name, parent, registration_number, head, deputy };
            let unit = administration.create_unit(&directory.catalog, &new).await?;
            output::print(&format!("{}\n", unit.id))
        }
        Action::List { json, .. } => list(&units.all().await?, json),
        Action::Set { slug, code, new_code, kind, name, more } => {
            let unit = units.find(&slug, &code).await?;
            let change = UnitChange {
                kind: Given(kind),
                code: Given(new_code),
                name: Given(name),
                parent: Given(units.id(&slug, more.parent).await?),
                registration_number: Given(text(more.registration_number)),
                head: Given(user("head", more.head)?),
                deputy: Given(user("deputy", more.deputy)?),
            };
            administration.change_unit(&directory.catalog, unit.id, change, &Tags::Any).await?;
            output::print(&format!("{code} is changed\n"))
        }
        Action::Delete { slug, code } => {
            let unit = units.find(&slug, &code).await?;
            administration.delete_unit(unit.id, &Tags::Any).await?;
            output::print(&format!("{code} is deleted\n"))
        }
    }
}

impl Units {
    async fn find(&self, slug: &str, code: &str) -> Result<UnitRecord, Failure> {
        find(&self.administration, slug, code).await
    }

    /// The id of the unit of a code; an empty one is that of nothing.
    async fn id(&self, slug: &str, code: Option<String>) -> Result<Option<Option<Uuid>>, Failure> {
        match text(code) {
            Some(Some(code)) => Ok(Some(Some(self.find(slug, &code).await?.id))),
            Some(None) => Ok(Some(None)),
            None => Ok(None),
        }
    }

    async fn all(&self) -> Result<Vec<UnitRecord>, Failure> {
        let mut all: Vec<UnitRecord> = Vec::new();
        loop {
            let after = all.last().map(|unit| unit.id);
            let every = UnitFilter::default();
            let part = self.administration.units(&every, &Bounds::none(), after, PAGE).await?;
            all.extend(part.items);
            if !part.has_more {
                return Ok(all);
            }
        }
    }
}

/// The unit of a code, or a failure that says how to find it.
pub(super) async fn find(administration: &Administration, slug: &str, code: &str) -> Result<UnitRecord, Failure> {
    let filter = UnitFilter { code: Some(code.to_owned()), ..UnitFilter::default() };
    let found = administration.units(&filter, &Bounds::none(), None, 1).await?;
    let missing = || Failure::from(Error::Missing("organisation unit")).see(&format!("caurlaide unit list {slug}"));
    found.items.into_iter().next().ok_or_else(missing)
}

/// What was given: a text, or nothing for an empty one.
fn text(given: Option<String>) -> Option<Option<String>> {
    given.map(|text| (!text.is_empty()).then_some(text))
}

/// The id that was given, or nothing for an empty text.
fn user(name: &str, given: Option<String>) -> Result<Option<Option<Uuid>>, Failure> {
    let wrong = |_| Failure::Usage(format!("{name} must be the id of a user"));
    let read = |text: Option<String>| text.map(|text| text.parse().map_err(wrong)).transpose();
    text(given).map(read).transpose()
}

fn list(units: &[UnitRecord], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(&json!(units));
    }
    let code_of = |id: Uuid| units.iter().find(|unit| unit.id == id).map(|unit| unit.code.clone());
    let rows: Vec<Vec<String>> = units
        .iter()
        .map(|unit| {
            let head = unit.head.as_ref().map(|head| head.display_name.clone().unwrap_or_else(|| head.id.to_string()));
            let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
            vec![
                unit.code.clone(),
                unit.name.clone(),
                unit.kind.to_owned(),
                or_none(unit.parent.and_then(code_of)),
                or_none(head),
            ]
        })
        .collect();
    output::table(&["CODE", "NAME", "KIND", "PART OF", "HEAD"], &rows)
}
