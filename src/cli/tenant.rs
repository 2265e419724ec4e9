//! `caurlaide tenant …`

use clap::Subcommand;
use serde_json::{Value, json};
use store::{Store, Tenant, TenantState};

use crate::{
    cli::{Failure, output},
    clock::{Clock, timestamp},
};

/// The longest slug: it may become a DNS label one day.
const LONGEST_SLUG: usize = 63;

/// What to do with tenants.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Make a tenant
    Create {
        /// Its name in addresses: small letters, digits and hyphens
        slug: String,
        /// Its name for people
        #[arg(long)]
        name: String,
    },
    /// List all tenants
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Suspend a tenant: reading, deactivating and removing still work, granting does not
    Suspend {
        /// Its name in addresses
        slug: String,
    },
    /// Let a suspended tenant work again
    Resume {
        /// Its name in addresses
        slug: String,
    },
}

pub(super) async fn perform(store: &Store, action: Action, clock: &Clock) -> Result<(), Failure> {
    match action {
        Action::Create { slug, name } => create(store, &slug, &name, clock).await,
        Action::List { json } => list(store, json).await,
        Action::Suspend { slug } => set(store, &slug, TenantState::Suspended, clock).await,
        Action::Resume { slug } => set(store, &slug, TenantState::Active, clock).await,
    }
}

/// The tenant of a slug, or a failure that says how to find it.
pub(super) async fn find(store: &Store, slug: &str) -> Result<Tenant, Failure> {
    let found = store.find_tenant(slug).await?;
    found.ok_or_else(|| {
        Failure::Missing(format!("there is no tenant {slug:?}; `caurlaide tenant list` shows those that exist"))
    })
}

async fn create(store: &Store, slug: &str, name: &str, clock: &Clock) -> Result<(), Failure> {
    if !is_slug(slug) {
        return Err(Failure::Usage(format!(
            "{slug:?} cannot be a slug: use 1 to {LONGEST_SLUG} small letters, digits and hyphens, and no hyphen at an end"
        )));
    }
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) || name.chars().count() > 200 {
        return Err(Failure::Usage("the name must be 1 to 200 characters of text".into()));
    }
    match store.create_tenant(slug, name, clock.now()).await {
        Ok(_) => output::print(&format!("{slug}\n")),
        Err(store::Error::Taken) => Err(Failure::Exists(format!("a tenant {slug:?} exists already"))),
        Err(error) => Err(error.into()),
    }
}

async fn list(store: &Store, as_json: bool) -> Result<(), Failure> {
    let tenants = store.tenants().await?;
    if as_json {
        let list: Vec<Value> = tenants
            .iter()
            .map(|tenant| {
                json!({
                    "slug": tenant.slug,
                    "name": tenant.name,
                    "state": tenant.state.word(),
                    "created": timestamp(tenant.created),
                })
            })
            .collect();
        return output::json(&list.into());
    }
    let rows: Vec<Vec<String>> = tenants
        .into_iter()
        .map(|tenant| vec![tenant.slug, tenant.name, tenant.state.word().into(), timestamp(tenant.created)])
        .collect();
    output::table(&["SLUG", "NAME", "STATE", "CREATED"], &rows)
}

async fn set(store: &Store, slug: &str, state: TenantState, clock: &Clock) -> Result<(), Failure> {
    let tenant = find(store, slug).await?;
    store.set_tenant_state(tenant.id, state, clock.now()).await?;
    output::print(&format!("{slug} is {}\n", state.word()))
}

fn is_slug(slug: &str) -> bool {
    (1..=LONGEST_SLUG).contains(&slug.len())
        && slug.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain() {
        assert!(is_slug("riga") && is_slug("a1-b"));
        for wrong in ["", "-a", "a-", "Riga", "rīga", "a/b", "a.b", &"a".repeat(64)] {
            assert!(!is_slug(wrong), "{wrong}");
        }
    }
}
