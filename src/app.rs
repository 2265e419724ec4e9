//! What every request shares.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use store::{Cause, Store, TenantId};

use crate::{
    access::Timers,
    admission::{Admission, Pace, Places},
    alarms::Alarms,
    auth::{Authenticator, Caller, Scope},
    calls::Calls,
    clock::{Clock, Ids},
    config::Settings,
    mail::Post,
    outbound::Outbound,
    provisioning::{Catalogs, Cursors, Directory, Error, Notes, Passwords},
};

/// How many passwords are hashed at once.
const HASHES: usize = 4;

/// Of how many connections to the database one may be kept by an archive that somebody takes.
const CONNECTIONS_PER_EXPORT: u32 = 4;

/// What every request shares.
#[derive(Clone)]
pub struct App {
    /// The data.
    pub store: Store,
    /// How tenants are served.
    pub catalogs: Catalogs,
    /// Who calls.
    pub authenticator: Authenticator,
    /// Who is let in, and when.
    pub admission: Admission,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// How places in lists are written down.
    pub cursors: Cursors,
    /// The log of calls.
    pub calls: Calls,
    /// Who hears of removals.
    pub alarms: Alarms,
    /// Takes up what is due. Somebody has to let it.
    pub timers: Timers,
    /// Sends mails, if there is a mail server. Somebody has to let it.
    pub post: Option<Post>,
    /// How many archives may still be taken at once: each keeps a connection while it lasts.
    pub exports: Places<TenantId>,
    /// The address that clients know, without a slash at the end.
    pub public_url: String,
    /// The settings.
    pub settings: Arc<Settings>,
    /// What has been counted.
    pub metrics: PrometheusHandle,
}

impl App {
    /// Everything that requests need, on that database. Inside of a runtime: it starts the tasks that write calls down
    /// and count removals.
    pub fn new(store: Store, clock: Clock, public_url: String, settings: Settings, metrics: PrometheusHandle) -> Self {
        Self {
            authenticator: Authenticator::new(
                store.clone(),
                clock.clone(),
                Outbound::new(settings.private_targets.clone()),
                settings.failures_per_minute,
            ),
            admission: Admission::new(settings.connections),
            catalogs: Catalogs::new(store.clone()),
            ids: Ids::new(clock.clone()),
            passwords: Passwords::new(HASHES),
            cursors: Cursors::new(store.clone(), clock.clone()),
            calls: Calls::start(store.clone()),
            alarms: Alarms::start(store.clone(), clock.clone(), Ids::new(clock.clone())),
            timers: Timers::new(store.clone(), clock.clone()),
            post: settings.mail.clone().map(|server| Post::new(store.clone(), clock.clone(), server)),
            exports: Places::new(exports_at_once(settings.connections)),
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

    /// How fast the clients of a tenant may ask: as the tenant has set, within what the operator allows.
    pub async fn pace(&self, tenant: TenantId) -> Result<Pace, Error> {
        let settings = &self.catalogs.of(tenant).await?.settings;
        let own = Pace { tenant: settings.requests_per_second, client: settings.client_requests_per_second };
        Ok(own.within(self.settings.pace))
    }

    /// The directory of the caller's tenant.
    pub async fn directory(&self, caller: &Caller, request_id: &str) -> Result<Directory, Error> {
        let mut directory = self.directory_of(caller.tenant(), caller.slug(), caller.cause(request_id)).await?;
        directory.suspended = caller.is_suspended();
        directory.gives_grants = caller.may(Scope::GrantsWrite);
        if caller.is_application() {
            let application = caller.application().ok_or_else(|| Error::Failed("a client of no application".into()))?;
            directory.limit_to(application)?;
        }
        Ok(directory)
    }

    /// The directory of a tenant, for the server itself or its operator.
    pub async fn directory_of(&self, tenant: TenantId, slug: &str, cause: Cause) -> Result<Directory, Error> {
        let service = self.catalogs.of(tenant).await?;
        Ok(Directory {
            data: self.store.tenant(tenant),
            catalog: Arc::clone(&service.catalog),
            mode: service.mode(),
            service,
            catalogs: self.catalogs.clone(),
            base: self.scim_base(slug),
            suspended: false,
            gives_grants: true,
            cause,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            passwords: self.passwords.clone(),
            cursors: self.cursors.clone(),
            notes: Notes::default(),
        })
    }
}

/// At least one, and never so many that nobody else would get a connection where there are several.
fn exports_at_once(connections: u32) -> usize {
    usize::try_from(connections / CONNECTIONS_PER_EXPORT).unwrap_or(1).max(1)
}
