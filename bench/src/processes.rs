//! Which processes a server is, and what they use: its own, and those of PostgreSQL that work for it.

use std::{collections::HashMap, time::Duration};

use sqlx::{Connection as _, PgConnection};
use tokio::sync::Mutex;

use crate::{Outcome, database::Database, machine};

/// The backends that work on a database, and the processes that work for all.
const BACKENDS: &str = "SELECT pid FROM pg_stat_activity \
                        WHERE pid <> pg_backend_pid() AND (datname = $1 OR datname IS NULL)";

/// Reads what a server has used.
pub(crate) struct Meter {
    pids: Vec<u32>,
    postgres: Option<Backends>,
}

struct Backends {
    connection: Mutex<PgConnection>,
    database: String,
}

/// Processor time used so far, by process.
#[derive(Default)]
pub(crate) struct Usage {
    server: HashMap<u32, Duration>,
    database: HashMap<u32, Duration>,
}

impl Usage {
    /// What the server and what its database used since then.
    pub(crate) fn since(&self, earlier: &Self) -> (Duration, Duration) {
        (grown(&earlier.server, &self.server), grown(&earlier.database, &self.database))
    }
}

/// How much processes grew; one that is new grew from nothing.
fn grown(before: &HashMap<u32, Duration>, after: &HashMap<u32, Duration>) -> Duration {
    after.iter().map(|(pid, time)| time.saturating_sub(before.get(pid).copied().unwrap_or_default())).sum()
}

impl Meter {
    pub(crate) async fn new(pids: Vec<u32>, database: &Database) -> Outcome<Self> {
        let postgres = match database {
            Database::Sqlite => None,
            Database::Postgres { server, name } => {
                let connection = Mutex::new(PgConnection::connect(server).await?);
                Some(Backends { connection, database: name.clone() })
            }
        };
        Ok(Self { pids, postgres })
    }

    /// Processor time so far.
    pub(crate) async fn read(&self) -> Outcome<Usage> {
        let times = |pids: Vec<u32>| pids.into_iter().map(|pid| (pid, machine::processor_time(pid))).collect();
        let database = match &self.postgres {
            Some(backends) => times(backends.pids().await?),
            None => HashMap::new(),
        };
        Ok(Usage { server: times(self.pids.clone()), database })
    }

    /// The memory that the server's processes hold, in MB.
    pub(crate) fn memory(&self) -> f64 {
        self.pids.iter().map(|pid| machine::memory(*pid)).sum()
    }

    /// The most memory that they held, in MB.
    pub(crate) fn peak_memory(&self) -> f64 {
        self.pids.iter().map(|pid| machine::peak_memory(*pid)).sum()
    }

    /// Lets the peak start anew. Whether that is allowed.
    pub(crate) fn forget_peak(&self) -> bool {
        self.pids.iter().all(|pid| machine::forget_peak(*pid))
    }

    /// Lets go of the database.
    pub(crate) async fn close(self) -> Outcome<()> {
        if let Some(backends) = self.postgres {
            backends.connection.into_inner().close().await?;
        }
        Ok(())
    }
}

impl Backends {
    async fn pids(&self) -> Outcome<Vec<u32>> {
        let mut connection = self.connection.lock().await;
        let pids: Vec<i32> = sqlx::query_scalar(BACKENDS).bind(&self.database).fetch_all(&mut *connection).await?;
        Ok(pids.into_iter().filter_map(|pid| u32::try_from(pid).ok()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_process_counts_from_nothing_and_one_that_ended_does_not_count() {
        let at = |pairs: &[(u32, u64)]| pairs.iter().map(|(pid, ms)| (*pid, Duration::from_millis(*ms))).collect();
        let (before, after) = (at(&[(1, 10), (2, 20)]), at(&[(1, 15), (3, 7)]));
        assert_eq!(grown(&before, &after), Duration::from_millis(12));
    }
}
