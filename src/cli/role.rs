//! `caurlaide role …`

use clap::{Args, Subcommand};
use rights::administration::Role;
use serde_json::json;
use store::{Bounds, RoleFilter, Store};
use uuid::Uuid;

use crate::{
    administration::{AdminRoleRecord, Administration, NewAdminRole, Revocation, ScopeShape},
    cli::{Failure, application, id, output, tenant, unit},
    clock::Clock,
    provisioning::Directory,
};

/// How many roles are read at once.
const PAGE: u64 = 500;

/// What to do with roles.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Give somebody a role and print its id
    Give {
        /// The tenant
        slug: String,
        /// The user's id, as SCIM shows it
        #[arg(value_parser = id::parse)]
        user: Uuid,
        /// tenantAdministrator, unitAdministrator, applicationOwner, securityOfficer, auditor, dataProtectionOfficer or helpdesk
        #[arg(value_parser = role)]
        role: Role,
        #[command(flatten)]
        within: Within,
        /// From when on, such as 2026-11-24T08:00:00Z; at once if left out
        #[arg(long, value_name = "INSTANT")]
        from: Option<String>,
        /// Until when; for good if left out
        #[arg(long, value_name = "INSTANT")]
        until: Option<String>,
        /// Why; it stands in the log
        #[arg(long)]
        reason: String,
    },
    /// List who looks after what in a tenant
    List {
        /// The tenant
        slug: String,
        /// Only what this user holds or held
        #[arg(long, value_name = "ID", value_parser = id::parse)]
        user: Option<Uuid>,
        /// Also what is over
        #[arg(long)]
        all: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a role away, for good
    End {
        /// The tenant
        slug: String,
        /// The role's id
        #[arg(value_parser = id::parse)]
        role: Uuid,
        /// Why; it stands in the log
        #[arg(long)]
        reason: String,
    },
}

/// Within what a role is held; the whole tenant if nothing is said.
#[derive(Args)]
#[group(multiple = false)]
pub(super) struct Within {
    /// The code of a unit: the unit and what is below it
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// The code of an application
    #[arg(long, value_name = "CODE")]
    application: Option<String>,
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| format!("is none of {}", Role::ALL.map(Role::word).join(", ")))
}

impl Action {
    fn slug(&self) -> &str {
        match self {
            Self::Give { slug, .. } | Self::List { slug, .. } | Self::End { slug, .. } => slug,
        }
    }
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    let tenant = tenant::find(store, action.slug()).await?;
    let administration = Administration::at_the_command_line(store, &tenant, clock);
    match action {
        Action::Give { slug, user, role, within, from, until, reason } => {
            let directory = Directory::at_the_command_line(store, &tenant, clock).await?;
            let scope = scope(&administration, &slug, within).await?;
            let new = NewAdminRole { user, role, scope, from, until, reason };
            let given = administration.give_admin_role(&directory.catalog, &new).await?;
            output::print(&format!("{}\n", given.id))
        }
        Action::List { user, all, json, .. } => {
            let mut roles = every(&administration, user).await?;
            roles.retain(|role| all || ["planned", "active"].contains(&role.state));
            list(&roles, json)
        }
        Action::End { slug, role, reason } => {
            let reach = Bounds::none().reach;
            let ended = administration.end_admin_role(role, &reach, &Revocation { reason }).await;
            ended.map_err(|error| Failure::from(error).see(&format!("caurlaide role list {slug}")))?;
            output::print(&format!("{role} is taken away\n"))
        }
    }
}

async fn scope(administration: &Administration, slug: &str, within: Within) -> Result<ScopeShape, Failure> {
    match within {
        Within { unit: Some(code), .. } => {
            Ok(ScopeShape::OrganisationUnit { id: unit::find(administration, slug, &code).await?.id })
        }
        Within { application: Some(code), .. } => {
            Ok(ScopeShape::Application { id: application::find(administration, slug, &code).await?.id })
        }
        Within { unit: None, application: None } => Ok(ScopeShape::Tenant {}),
    }
}

async fn every(administration: &Administration, user: Option<Uuid>) -> Result<Vec<AdminRoleRecord>, Failure> {
    let (filter, reach) = (RoleFilter { user, role: None }, Bounds::none().reach);
    let mut all: Vec<AdminRoleRecord> = Vec::new();
    loop {
        let part = administration.admin_roles(&filter, &reach, all.last().map(|role| role.id), PAGE).await?;
        all.extend(part.items);
        if !part.has_more {
            return Ok(all);
        }
    }
}

fn list(roles: &[AdminRoleRecord], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(&json!(roles));
    }
    let rows: Vec<Vec<String>> = roles
        .iter()
        .map(|role| {
            let scope = match role.scope {
                ScopeShape::Tenant {} => "tenant".to_owned(),
                ScopeShape::OrganisationUnit { id } => format!("unit {id}"),
                ScopeShape::Application { id } => format!("application {id}"),
            };
            vec![
                role.id.to_string(),
                role.user.to_string(),
                role.role.word().to_owned(),
                scope,
                role.state.to_owned(),
                role.from.clone(),
                role.ended.clone().or_else(|| role.until.clone()).unwrap_or_else(|| "-".to_owned()),
            ]
        })
        .collect();
    output::table(&["ID", "USER", "ROLE", "SCOPE", "STATE", "FROM", "UNTIL"], &rows)
}
