//! Days on which an employment begins or is over: the directory looks at the person, as if somebody had written them.

use store::{Cause, Timer};

use crate::{
    access::timers::{Fate, REQUEST, Timers},
    provisioning::{self, Directory},
};

impl Timers {
    /// Looks at somebody whose work is another from that day on, in a transaction of its own.
    pub(super) async fn employment(&self, timer: &Timer) -> Result<Fate, store::Error> {
        match self.directory(timer).await?.employment_due(timer).await {
            Ok(true) => Ok(Fate::Done),
            Ok(false) => Ok(Fate::Left),
            Err(error) => Err(failed(error)),
        }
    }

    /// The directory of a timer's tenant.
    async fn directory(&self, timer: &Timer) -> Result<Directory, store::Error> {
        let cause = Cause { client: None, user: None, request: REQUEST.to_owned() };
        Directory::by_itself(&self.store, &self.catalogs, timer.tenant, cause, &self.clock).await.map_err(failed)
    }
}

fn failed(error: provisioning::Error) -> store::Error {
    match error {
        provisioning::Error::Store(error) => error,
        other => store::Error::Unusable(other.to_string()),
    }
}
