//! What every request shares.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use scim::{Mode, schema::Catalog};
use store::{Cause, Store};

use crate::{
    auth::{Authenticator, Caller},
    clock::{Clock, Ids},
    config::Settings,
    provisioning::{Cursors, Directory, Passwords},
};

/// How many passwords are hashed at once.
const HASHES: usize = 4;

/// What every request shares.
#[derive(Clone)]
pub struct App {
    /// The data.
    pub store: Store,
    /// Which resources tenants have.
    pub catalog: Arc<Catalog>,
    /// Who calls.
    pub authenticator: Authenticator,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// How places in lists are written down.
    pub cursors: Cursors,
    /// The address that clients know, without a slash at the end.
    pub public_url: String,
    /// The settings.
    pub settings: Arc<Settings>,
    /// What has been counted.
    pub metrics: PrometheusHandle,
}

impl App {
    /// Everything that requests need, on that database.
    pub fn new(store: Store, clock: Clock, public_url: String, settings: Settings, metrics: PrometheusHandle) -> Self {
        Self {
            authenticator: Authenticator::new(store.clone(), clock.clone()),
            catalog: Arc::new(Catalog::standard()),
            ids: Ids::new(clock.clone()),
            passwords: Passwords::new(HASHES),
            cursors: Cursors::new(store.clone(), clock.clone()),
            settings: Arc::new(settings),
            store,
            clock,
            public_url,
            metrics,
        }
    }

    /// The base URI of a tenant's SCIM endpoint.
    pub fn scim_base(&self, slug: &str) -> String {
        format!("{}/t/{slug}/scim/v2", self.public_url)
    }

    /// The directory of the caller's tenant.
    pub fn directory(&self, caller: &Caller, request_id: &str) -> Directory {
        Directory {
            data: self.store.tenant(caller.tenant()),
            catalog: Arc::clone(&self.catalog),
            base: self.scim_base(caller.slug()),
            mode: if caller.is_strict() { Mode::Strict } else { Mode::Tolerant },
            suspended: caller.is_suspended(),
            cause: Cause { client: Some(caller.client()), request: request_id.to_owned() },
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            passwords: self.passwords.clone(),
            cursors: self.cursors.clone(),
        }
    }
}
