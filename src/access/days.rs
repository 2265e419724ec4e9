//! Days on which an employment begins or is over, and on which somebody comes back who was suspended: the directory looks at the person,
//! as if somebody had written them.

use store::{Cause, Timer};

use crate::{
    access::timers::{Fate, REQUEST, Timers},
    provisioning::{self, Directory, Settled},
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

    /// Lets somebody come back whose suspension is over, in a transaction of its own.
    pub(super) async fn suspension_end(&self, timer: &Timer) -> Result<Fate, store::Error> {
        match self.directory(timer).await?.lift(timer.object, Some(timer), None).await {
            Ok(Settled::Elsewhere) => Ok(Fate::Left),
            // What does not apply any more is refused, and its timer goes.
            Ok(_) => Ok(Fate::Done),
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
