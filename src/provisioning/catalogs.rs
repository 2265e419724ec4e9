//! The catalogue and the settings of each tenant, remembered for a few seconds.

use std::{fmt, sync::Arc, time::Duration};

use quick_cache::sync::Cache;
use rights::{birthright, sod};
use scim::{
    Mode,
    message::PageSize,
    schema::{Catalog, Choices},
};
use store::{Definitions, Profile, Rule, RuleKind, Store, TenantId, TenantSettings};
use tokio::time::Instant;
use uuid::Uuid;

use crate::provisioning::Error;

/// How long a tenant's definitions are believed without a look: a change by another node is felt within this time.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How many tenants are remembered.
const CAPACITY: usize = 10_000;

/// How a tenant is served.
#[derive(Debug, Clone)]
pub struct Service {
    /// Which resources there are.
    pub catalog: Arc<Catalog>,
    /// What the tenant has set.
    pub settings: TenantSettings,
    /// The rules that people and members are written by.
    pub rules: Arc<RightsRules>,
    /// Grows with each change.
    pub version: i64,
}

/// The rules about access rights that count where people and members are written; few tenants have any.
#[derive(Debug, Default)]
pub struct RightsRules {
    /// What nobody should hold together.
    pub sod: Vec<sod::Rule>,
    /// What people have by their work.
    pub birthright: Vec<birthright::Rule>,
}

impl Service {
    /// How closely the RFC is kept where practice differs.
    pub fn mode(&self) -> Mode {
        if self.settings.strict { Mode::Strict } else { Mode::Tolerant }
    }

    /// The settings with their version, as they are remembered.
    pub fn profile(&self) -> Profile {
        Profile { version: self.version, settings: self.settings.clone() }
    }

    /// How long pages are.
    pub fn page(&self) -> PageSize {
        let maximum = self.settings.max_page_size;
        PageSize { default: self.settings.page_size.min(maximum), maximum }
    }
}

/// A part of a catalogue, with the versions of the tenant's definitions and of the application that it was made of.
type Limited = ((i64, i64), Arc<Catalog>);

/// Knows how tenants are served.
#[derive(Clone)]
pub struct Catalogs {
    store: Store,
    /// What most tenants have.
    usual: Arc<Service>,
    seen: Arc<Cache<TenantId, (Instant, Arc<Service>)>>,
    /// What applications may see of them.
    pub(super) limited: Arc<Cache<(TenantId, Uuid), Limited>>,
}

impl fmt::Debug for Catalogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Catalogs")
    }
}

impl Catalogs {
    /// The catalogues in that database.
    pub fn new(store: Store) -> Self {
        let usual = Service {
            catalog: Arc::new(Catalog::standard()),
            settings: TenantSettings::default(),
            rules: Arc::default(),
            version: 0,
        };
        Self {
            store,
            usual: Arc::new(usual),
            seen: Arc::new(Cache::new(CAPACITY)),
            limited: Arc::new(Cache::new(CAPACITY)),
        }
    }

    /// How a tenant is served that has changed nothing.
    pub fn usual(&self) -> &Arc<Service> {
        &self.usual
    }

    /// How a tenant is served.
    pub async fn of(&self, tenant: TenantId) -> Result<Arc<Service>, Error> {
        let known = self.seen.get(&tenant);
        if let Some((at, service)) = &known
            && at.elapsed() < REMEMBERED
        {
            return Ok(Arc::clone(service));
        }
        // Taken before the look: what changes meanwhile is not believed for longer.
        let asked = Instant::now();
        let profile = self.store.tenant(tenant).profile().await?;
        let service = match known {
            Some((_, service)) if service.version == profile.version => service,
            _ if profile.version == 0 => Arc::clone(&self.usual),
            _ => Arc::new(self.load(tenant, profile).await?),
        };
        self.seen.insert(tenant, (asked, Arc::clone(&service)));
        Ok(service)
    }

    /// Looks anew at the next request.
    pub fn forget(&self, tenant: TenantId) {
        self.seen.remove(&tenant);
    }

    async fn load(&self, tenant: TenantId, profile: Profile) -> Result<Service, Error> {
        let Profile { version, settings } = profile;
        let definitions = self.store.tenant(tenant).definitions().await?;
        let catalog = build(&settings, &definitions)
            .map_err(|error| store::Error::Damaged(format!("the definitions of a tenant: {error}")))?;
        let rules = RightsRules {
            sod: self.rules(tenant, RuleKind::Sod, Rule::sod).await?,
            birthright: self.rules(tenant, RuleKind::Birthright, Rule::birthright).await?,
        };
        Ok(Service { catalog: Arc::new(catalog), settings, rules: Arc::new(rules), version })
    }

    async fn rules<T>(
        &self,
        tenant: TenantId,
        kind: RuleKind,
        read: impl Fn(&Rule) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        Ok(self.store.tenant(tenant).active_rules(kind).await?.iter().filter_map(read).collect())
    }
}

/// The catalogue that settings and definitions make.
pub(crate) fn build(
    settings: &TenantSettings,
    definitions: &Definitions,
) -> Result<Catalog, scim::schema::DefinitionError> {
    let choices = Choices {
        unique_group_names: settings.unique_group_names,
        roles_and_entitlements: settings.roles_and_entitlements,
    };
    Catalog::of(choices).extended(&definitions.schemas, &definitions.types)
}
