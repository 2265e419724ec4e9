//! How a tenant is served: what it may set, and what a change must not break.

use scim::{ScimType, filter::Field, schema::Catalog};
use serde::{Deserialize, Deserializer};
use store::{TenantSettings, Work};

use crate::provisioning::{Directory, Error, catalogs::build, definitions::Way};

/// The most that a page may hold.
const MAX_PAGE: u64 = 1000;

/// What somebody wants to be different; what is left out stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SettingsChange {
    /// The letter of the RFC where practice differs from it.
    #[serde(deserialize_with = "given")]
    pub strict: Option<bool>,
    /// No two groups have the same name.
    #[serde(deserialize_with = "given")]
    pub unique_group_names: Option<bool>,
    /// The catalogues `/Roles` and `/Entitlements` are served.
    #[serde(deserialize_with = "given")]
    pub roles_and_entitlements: Option<bool>,
    /// Users can only be given roles and entitlements that are in the catalogues.
    #[serde(deserialize_with = "given")]
    pub known_roles_only: Option<bool>,
    /// How long a page is that was asked for without `count`.
    #[serde(deserialize_with = "given")]
    pub page_size: Option<u64>,
    /// How long a page may be.
    #[serde(deserialize_with = "given")]
    pub max_page_size: Option<u64>,
}

impl SettingsChange {
    fn applied_to(self, before: TenantSettings) -> TenantSettings {
        TenantSettings {
            strict: self.strict.unwrap_or(before.strict),
            unique_group_names: self.unique_group_names.unwrap_or(before.unique_group_names),
            roles_and_entitlements: self.roles_and_entitlements.unwrap_or(before.roles_and_entitlements),
            known_roles_only: self.known_roles_only.unwrap_or(before.known_roles_only),
            page_size: self.page_size.unwrap_or(before.page_size),
            max_page_size: self.max_page_size.unwrap_or(before.max_page_size),
        }
    }
}

impl Directory {
    /// How the tenant is served just now.
    pub async fn settings(&self) -> Result<TenantSettings, Error> {
        Ok(self.data.profile().await?.settings)
    }

    /// Sets all of how the tenant is served.
    pub async fn set_settings(&self, settings: TenantSettings) -> Result<(), Error> {
        self.settle(|_| settings).await.map(drop)
    }

    /// Sets some of how the tenant is served. Says how it is served then.
    pub async fn change_settings(&self, change: SettingsChange) -> Result<TenantSettings, Error> {
        self.settle(|before| change.applied_to(before)).await
    }

    async fn settle(&self, wish: impl FnOnce(TenantSettings) -> TenantSettings) -> Result<TenantSettings, Error> {
        self.change(Way::Gives, async |work, profile, definitions| {
            let (before, after) = (profile.settings, wish(profile.settings));
            let changed = changed(&before, &after);
            if changed.is_empty() {
                return Ok(after);
            }
            check(&after)?;
            let catalog = build(&after, &definitions)?;
            if after.unique_group_names != before.unique_group_names {
                unique_group_names(work, &catalog, after.unique_group_names).await?;
            }
            work.set_settings(&after, changed).await?;
            Ok(after)
        })
        .await
    }
}

/// Refuses settings that cannot be served.
pub(crate) fn check(settings: &TenantSettings) -> Result<(), Error> {
    let sizes = 1..=MAX_PAGE;
    if sizes.contains(&settings.page_size) && sizes.contains(&settings.max_page_size) {
        return Ok(());
    }
    let detail = format!("pageSize and maxPageSize must be from 1 to {MAX_PAGE}.");
    Err(scim::Error::of(ScimType::InvalidValue, detail).into())
}

async fn unique_group_names(work: &Work, catalog: &Catalog, unique: bool) -> Result<(), Error> {
    for kind in catalog.types().iter().filter(|kind| kind.membership.is_some()) {
        if let Some(attribute) = kind.root_attribute("displayName") {
            let field = Field { urn: None, attribute, sub: None };
            work.make_unique(kind, &field, unique).await.map_err(|error| match error {
                store::Error::Taken => {
                    scim::Error::new(409, "There are groups with the same name; rename them first.").into()
                }
                other => Error::from(other),
            })?;
        }
    }
    Ok(())
}

/// The names of the settings that differ.
fn changed(before: &TenantSettings, after: &TenantSettings) -> Vec<String> {
    let values = |settings| serde_json::to_value(settings).unwrap_or_default();
    let (before, after) = (values(before), values(after));
    let names = after.as_object().into_iter().flat_map(|object| object.keys());
    names.filter(|name| before[name.as_str()] != after[name.as_str()]).cloned().collect()
}

/// A member that may be left out and may not be null.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}
