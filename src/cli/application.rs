//! `caurlaide application …`

use clap::Subcommand;
use serde_json::json;
use store::{Bounds, Store};
use uuid::Uuid;

use crate::{
    administration::{Administration, ApplicationChange, ApplicationRecord, Given, GroupRecord, NewApplication},
    cli::{Failure, id, output, tenant},
    clock::Clock,
    provisioning::Directory,
};

/// How many applications, and how many groups of one, are read at once.
const PAGE: u64 = 500;

/// What to do with applications.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make an application and print its id
    Create {
        /// The tenant
        slug: String,
        /// Its name for programs: small letters, digits and hyphens
        code: String,
        /// Its name for people
        #[arg(long)]
        name: String,
        /// An attribute of users that it may see, such as userName; may be given several times
        #[arg(long = "release", value_name = "PATH")]
        released: Vec<String>,
        /// Who answers for it
        #[command(flatten)]
        owners: Owners,
    },
    /// List a tenant's applications
    List {
        /// The tenant
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show an application and its groups, as JSON
    Show {
        /// The tenant
        slug: String,
        /// The application
        code: String,
    },
    /// Change an application; what is left out stays
    Set {
        /// The tenant
        slug: String,
        /// The application
        code: String,
        /// Its new name for people
        #[arg(long)]
        name: Option<String>,
        /// active, or retired: then its clients see nothing
        #[arg(long)]
        state: Option<String>,
        /// An attribute of users that it may see, in place of those it saw; may be given several times
        #[arg(long = "release", value_name = "PATH")]
        released: Vec<String>,
        /// Let it see no attribute
        #[arg(long, conflicts_with = "released")]
        release_nothing: bool,
        /// Who answers for it from now on
        #[command(flatten)]
        owners: Owners,
    },
    /// Delete an application that has neither clients nor groups
    Delete {
        /// The tenant
        slug: String,
        /// The application
        code: String,
    },
    /// Say which groups belong to an application
    #[command(subcommand)]
    Group(GroupAction),
}

/// Who answers for an application.
#[derive(clap::Args)]
pub(super) struct Owners {
    /// The user who answers for it, by their id
    #[arg(long, value_name = "ID", value_parser = id::parse)]
    owner: Option<Uuid>,
    /// The user who stands in for the owner, by their id
    #[arg(long, value_name = "ID", value_parser = id::parse)]
    deputy: Option<Uuid>,
    /// The organisation unit that it belongs to, by its id
    #[arg(long, value_name = "ID", value_parser = id::parse)]
    unit: Option<Uuid>,
}

/// What to do with groups of applications.
#[derive(Subcommand)]
pub(super) enum GroupAction {
    /// Give a group to an application: its clients see it and who is in it
    Add(Assignment),
    /// Take a group from an application
    Remove(Assignment),
}

/// A group of an application.
#[derive(clap::Args)]
pub(super) struct Assignment {
    /// The tenant
    slug: String,
    /// The application
    code: String,
    /// The group's id, as SCIM shows it
    #[arg(value_parser = id::parse)]
    group_id: Uuid,
}

impl Action {
    fn slug(&self) -> &str {
        match self {
            Self::Create { slug, .. }
            | Self::List { slug, .. }
            | Self::Show { slug, .. }
            | Self::Set { slug, .. }
            | Self::Delete { slug, .. }
            | Self::Group(GroupAction::Add(Assignment { slug, .. }) | GroupAction::Remove(Assignment { slug, .. })) => {
                slug
            }
        }
    }
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let tenant = tenant::find(store, action.slug()).await?;
    let administration = Administration::at_the_command_line(store, &tenant, clock);
    let directory = Directory::at_the_command_line(store, &tenant, clock).await?;
    match action {
        Action::Create { code, name, released, owners: Owners { owner, deputy, unit }, .. } => {
            let new = NewApplication { code, name, released, owner, deputy, unit };
            let application = administration.create_application(&directory.service, &new).await?;
            output::print(&format!("{}\n", application.id))
        }
        Action::List { json, .. } => list(&all(&administration).await?, json),
        Action::Show { slug, code } => {
            let application = find(&administration, &slug, &code).await?;
            let mut shown = json!(application);
            shown["groups"] = json!(groups(&administration, application.id).await?);
            output::json(&shown)
        }
        Action::Set { slug, code, name, state, released, release_nothing, owners } => {
            let application = find(&administration, &slug, &code).await?;
            let released = Given((release_nothing || !released.is_empty()).then_some(released));
            let Owners { owner, deputy, unit } = owners;
            let change = ApplicationChange {
                name: Given(name),
                state: Given(state),
                released,
                owner: Given(owner.map(Some)),
                deputy: Given(deputy.map(Some)),
                unit: Given(unit.map(Some)),
            };
            administration.change_application(&directory.service, application.id, change, None).await?;
            output::print(&format!("{code} is changed\n"))
        }
        Action::Delete { slug, code } => {
            let application = find(&administration, &slug, &code).await?;
            administration.delete_application(application.id, None).await?;
            output::print(&format!("{code} is deleted\n"))
        }
        Action::Group(GroupAction::Add(Assignment { slug, code, group_id })) => {
            let application = find(&administration, &slug, &code).await?;
            administration.assign_group(&directory.catalog, application.id, group_id).await?;
            output::print(&format!("{group_id} belongs to {code}\n"))
        }
        Action::Group(GroupAction::Remove(Assignment { slug, code, group_id })) => {
            let application = find(&administration, &slug, &code).await?;
            administration.unassign_group(application.id, group_id).await?;
            output::print(&format!("{group_id} belongs to {code} no more\n"))
        }
    }
}

/// The application of a code, or a failure that says how to find it.
pub(super) async fn find(
    administration: &Administration,
    slug: &str,
    code: &str,
) -> Result<ApplicationRecord, Failure> {
    let found = administration.application_by_code(code).await;
    found.map_err(|error| Failure::from(error).see(&format!("caurlaide application list {slug}")))
}

async fn all(administration: &Administration) -> Result<Vec<ApplicationRecord>, Failure> {
    let mut all: Vec<ApplicationRecord> = Vec::new();
    loop {
        let part =
            administration.applications(&Bounds::none(), all.last().map(|application| application.id), PAGE).await?;
        all.extend(part.items);
        if !part.has_more {
            return Ok(all);
        }
    }
}

async fn groups(administration: &Administration, application: Uuid) -> Result<Vec<GroupRecord>, Failure> {
    let mut all: Vec<GroupRecord> = Vec::new();
    loop {
        let after = all.last().map(|group| group.id);
        let part = administration.application_groups((application, &Bounds::none()), after, PAGE).await?;
        all.extend(part.items);
        if !part.has_more {
            return Ok(all);
        }
    }
}

fn list(applications: &[ApplicationRecord], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(&json!(applications));
    }
    let rows: Vec<Vec<String>> = applications
        .iter()
        .map(|application| {
            vec![
                application.id.to_string(),
                application.code.clone(),
                application.name.clone(),
                application.state.to_owned(),
                if application.released.is_empty() { "-".to_owned() } else { application.released.join(",") },
            ]
        })
        .collect();
    output::table(&["ID", "CODE", "NAME", "STATE", "RELEASED"], &rows)
}
