//! The only door to data. Every read and write of tenant data hangs on a [`TenantStore`] or a
//! [`Work`], and both are made from a [`TenantId`] that only this crate can create: by a credential
//! that was checked, or by an operator's command. So no query without a tenant can be written above.

mod access_tokens;
pub mod archive;
mod calls;
mod clients;
mod connect;
mod dialect;
mod error;
mod events;
mod groups;
mod issuers;
mod members;
mod profiles;
mod query;
mod resources;
mod secrets;
mod tenants;
mod together;
mod tokens;
mod turn;
mod work;

use std::sync::Arc;

use sea_orm::{DatabaseBackend, DatabaseConnection};

pub use access_tokens::NewAccessToken;
pub use calls::{Call, CallFilter, CallPage};
pub use clients::{Client, NewClient};
pub use connect::{Location, MigrationStatus, Options};
pub use error::Error;
pub use events::{Action, Cause, Changes};
pub use issuers::{Issuer, Link};
pub use members::{GroupRef, MemberRow};
pub use profiles::{Defined, Definitions, Profile, TenantSettings};
pub use query::{Page, Wanted};
pub use resources::{New, Stored, Update};
pub(crate) use tenants::PLATFORM;
pub use tenants::{Tenant, TenantId, TenantState};
pub use tokens::{Access, NewToken, Token, token_hash};
pub use work::Work;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// Where reading happens: many connections.
    read: DatabaseConnection,
    /// Where writing happens: one connection on SQLite, the same pool on PostgreSQL.
    write: DatabaseConnection,
    /// Who waits to write on SQLite.
    queue: Option<Arc<turn::Queue>>,
}

impl Store {
    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.read.get_database_backend()
    }

    /// The data of one tenant.
    pub fn tenant(&self, tenant: TenantId) -> TenantStore {
        TenantStore { store: self.clone(), tenant }
    }
}

impl TenantStore {
    /// Whose data.
    pub fn id(&self) -> TenantId {
        self.tenant
    }
}

/// The data of one tenant, for reading; [`TenantStore::begin`] starts writing.
#[derive(Clone, Debug)]
pub struct TenantStore {
    store: Store,
    tenant: TenantId,
}
