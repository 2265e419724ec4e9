//! Who is let in, and when: how fast clients and tenants may ask, whose turn it is while there is more to do than can be
//! done at once, and how often an address may fail to show who it is. Everything lives in the memory of one node.

mod failures;
mod places;
mod queue;
mod rates;
mod turns;

use std::num::NonZero;

use store::TenantId;
use uuid::Uuid;

pub use failures::Failures;
pub use places::{Place, Places};
pub use queue::Bounds;
pub use rates::{Rate, Rates};
pub use turns::{Crowded, Turn, Turns};

/// For each processor, how many requests of a tenant run at once beside other tenants: one computes while another waits
/// for the database.
const BESIDE: usize = 2;
/// The same while no other tenant is there: those that wait for one commit may be many.
const ALONE: usize = 16;
/// The same for all tenants.
const ALL: usize = 32;
/// How many requests of a tenant wait for their turn.
const WAITING: usize = 500;

/// How fast a tenant and each of its clients may ask, in requests a second; nothing where that is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// All clients of a tenant together.
    pub tenant: Option<u32>,
    /// One client, or one person.
    pub client: Option<u32>,
}

impl Pace {
    /// The slower of both in each.
    #[must_use]
    pub fn within(self, bounds: Self) -> Self {
        let least = |own: Option<u32>, bound: Option<u32>| own.into_iter().chain(bound).min();
        Self { tenant: least(self.tenant, bounds.tenant), client: least(self.client, bounds.client) }
    }
}

/// Whose pace was too fast, and after how many seconds they may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hasty {
    /// The client's.
    Client(u64),
    /// That of the tenant's clients together.
    Tenant(u64),
}

/// Lets requests in.
#[derive(Clone, Debug)]
pub struct Admission {
    turns: Turns<TenantId>,
    tenants: Rates<TenantId>,
    clients: Rates<(TenantId, Uuid)>,
}

impl Admission {
    /// For a database with that many connections, of which one tenant does not have all while others are there.
    pub fn new(connections: u32) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        let bounds = Bounds {
            all: processors * ALL,
            alone: processors * ALONE,
            beside: (processors * BESIDE).min(connections / 2).max(1),
            waiting: WAITING,
        };
        Self { turns: Turns::new(bounds), tenants: Rates::default(), clients: Rates::default() }
    }

    /// Counts a request.
    pub fn count(&self, tenant: TenantId, client: Uuid, pace: Pace, now: i64) -> Result<(), Hasty> {
        let own = pace.client.map(Rate::per_second);
        if let Some(rate) = own {
            self.clients.take(&(tenant, client), rate, now).map_err(Hasty::Client)?;
        }
        let Some(rate) = pace.tenant.map(Rate::per_second) else { return Ok(()) };
        self.tenants.take(&tenant, rate, now).map_err(|wait| {
            if let Some(rate) = own {
                self.clients.give_back(&(tenant, client), rate);
            }
            Hasty::Tenant(wait)
        })
    }

    /// Counts what a request that was let in does beyond one.
    pub fn count_more(&self, tenant: TenantId, client: Uuid, pace: Pace, number: usize, now: i64) {
        if let Some(rate) = pace.client.map(Rate::per_second) {
            self.clients.charge(&(tenant, client), rate, number, now);
        }
        if let Some(rate) = pace.tenant.map(Rate::per_second) {
            self.tenants.charge(&tenant, rate, number, now);
        }
    }

    /// Waits for a turn of a tenant.
    pub async fn turn(&self, tenant: TenantId) -> Result<Turn<TenantId>, Crowded> {
        self.turns.of(tenant).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_pace_counts() {
        let bounds = Pace { tenant: Some(100), client: None };
        assert_eq!(Pace::default().within(bounds), bounds);
        let own = Pace { tenant: Some(200), client: Some(5) };
        assert_eq!(own.within(bounds), Pace { tenant: Some(100), client: Some(5) });
        assert_eq!(own.within(Pace::default()), own);
    }
}
