//! The use-cases of a tenant's directory: what SCIM asks for, without HTTP.

mod applications;
mod birthright;
mod bulk;
mod catalogs;

mod condition;
mod create;
mod cursor;
mod days;
mod definitions;
mod delete;
mod duties;
mod error;
mod holders;
mod known;
mod leaving;
mod list;
mod members;
mod notes;
mod one_member;
mod password;
mod patch;
mod read;
mod render;
mod replace;
mod restore;
mod roles;
mod settings;
mod superiors;
mod suspended;

use std::{sync::Arc, time::Duration};

use scim::{Mode, project::Projection, schema::Catalog};
use store::{Cause, Store, Tenant, TenantId, TenantStore, Work};

pub use applications::ALWAYS as ALWAYS_RELEASED;
pub(crate) use catalogs::build as catalog_of;
pub use catalogs::{Catalogs, RightsRules, Service};
pub use condition::{Conditions, Tags};
pub(crate) use condition::{changed_meanwhile, digest_tag};
pub(crate) use cursor::Purpose;
pub use cursor::{Cursors, TIMEOUT as CURSOR_TIMEOUT};
pub use definitions::MAX_DEFINITION;
pub use error::Error;
pub use notes::{Notes, Reason, Summary};
pub use password::Passwords;
pub use read::NotModified;
pub use render::Shown;
pub use restore::{Given, Item, LISTED, Place, Reach, Report, Restoration};
pub use roles::{Catalogue, Entry};
pub(crate) use settings::check as check_settings;
pub use settings::{SettingsChange, shown_settings};
pub use suspended::Settled;
pub(crate) use suspended::parts_of_suspension;

use crate::{
    clock::{Clock, Ids},
    notices,
};

/// How often a unit of work is tried when other writers are in the way.
const ATTEMPTS: u32 = 5;

/// A tenant's directory as one caller sees it during one request.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Where the data is.
    pub data: TenantStore,
    /// Which resources there are.
    pub catalog: Arc<Catalog>,
    /// How the tenant is served.
    pub service: Arc<Service>,
    /// Where that comes from.
    pub catalogs: Catalogs,
    /// The base URI of the tenant's endpoint, without a slash at the end.
    pub base: String,
    /// How closely the RFC is kept where practice differs.
    pub mode: Mode,
    /// Whether nothing may be granted.
    pub suspended: bool,
    /// Whether the caller may add members where grants alone make some.
    pub gives_grants: bool,
    /// Who asks, in which request.
    pub cause: Cause,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// How places in lists are written down.
    pub cursors: Cursors,
    /// What was changed so far.
    pub notes: Notes,
}

/// What a write is answered with.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The resource.
    Body(Projection),
    /// Nothing but its tag and address.
    Bare,
}

/// What happens in one unit of work. It may be run again from the start, so it changes nothing else.
trait Step: Sync {
    /// What comes of it.
    type Output: Send;

    /// Whether it writes no more than one resource and its values, so that one statement may do.
    fn is_small(&self) -> bool {
        false
    }

    fn run(&self, directory: &Directory, work: &Work) -> impl Future<Output = Result<End<Self::Output>, Error>> + Send;
}

/// How a step ends.
enum End<T> {
    /// Something was written: commit.
    Written(T),
    /// No resource changed: roll back, unless something waits for somebody by now.
    Unchanged(T),
    /// It was only tried: roll back, whatever was written.
    Tried(T),
}

impl Directory {
    /// A tenant's directory for an operator at the command line.
    pub async fn at_the_command_line(store: &Store, tenant: &Tenant, clock: &Clock) -> Result<Self, Error> {
        Self::by_itself(store, &Catalogs::new(store.clone()), tenant.id, Cause::operator(), clock).await
    }

    /// A tenant's directory for what happens without a request.
    pub async fn by_itself(
        store: &Store,
        catalogs: &Catalogs,
        tenant: TenantId,
        cause: Cause,
        clock: &Clock,
    ) -> Result<Self, Error> {
        let service = catalogs.of(tenant).await?;
        Ok(Self {
            data: store.tenant(tenant),
            catalog: Arc::clone(&service.catalog),
            mode: service.mode(),
            service,
            catalogs: catalogs.clone(),
            base: String::new(),
            suspended: false,
            gives_grants: true,
            cause,
            clock: clock.clone(),
            ids: Ids::new(clock.clone()),
            passwords: Passwords::new(1),
            cursors: Cursors::new(store.clone(), clock.clone()),
            notes: Notes::default(),
        })
    }

    /// Runs a step in a unit of work, again from the start when another writer was in the way.
    async fn write<S: Step>(&self, step: &S) -> Result<S::Output, Error> {
        if step.is_small()
            && let Some(work) = self.data.begin_at_once(&self.cause, self.clock.now())
        {
            match Box::pin(self.try_write(step, async || self.current(work).await)).await {
                Err(Error::Store(store::Error::Conflict)) => {}
                // Whoever is refused by definitions of the tenant's own is refused by those that it has now.
                Err(Error::Refused(_)) if self.service.version != 0 => {}
                settled => return settled,
            }
        }
        let mut attempt = 0;
        loop {
            let result = Box::pin(self.try_write(step, async || self.begin().await)).await;
            if !self.again(&result, &mut attempt).await {
                return result;
            }
        }
    }

    /// Whether to try once more, after a pause: another writer was in the way, and not too often.
    async fn again<T>(&self, result: &Result<T, Error>, attempt: &mut u32) -> bool {
        *attempt += 1;
        if *attempt >= ATTEMPTS || !matches!(result, Err(Error::Store(store::Error::Conflict))) {
            return false;
        }
        let pause = 3 * u64::from(*attempt) + u64::from(self.ids.next().as_bytes()[15] % 8);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        true
    }

    async fn try_write<S: Step>(
        &self,
        step: &S,
        begin: impl AsyncFnOnce() -> Result<Work, Error>,
    ) -> Result<S::Output, Error> {
        let noted = self.notes.end();
        let result = match begin().await {
            Ok(work) => self.write_once(step, work).await,
            Err(error) => Err(error),
        };
        if result.is_err() {
            self.notes.back_to(noted);
        }
        result
    }

    async fn write_once<S: Step>(&self, step: &S, work: Work) -> Result<S::Output, Error> {
        let noted = self.notes.end();
        let end = match step.run(self, &work).await {
            Ok(end) => self.tell_of_losses(&work).await.map(|()| end),
            failed => failed,
        };
        match end {
            Ok(End::Written(outcome)) => {
                work.commit().await?;
                Ok(outcome)
            }
            Ok(End::Unchanged(outcome)) => {
                work.confirm().await?;
                Ok(outcome)
            }
            Ok(End::Tried(outcome)) => {
                work.roll_back().await?;
                self.notes.back_to(noted);
                Ok(outcome)
            }
            Err(error) => {
                // The cause of the failure matters more than one of the way back.
                let _ = work.roll_back().await;
                Err(error)
            }
        }
    }

    /// Tells people what they have lost.
    async fn tell_of_losses(&self, work: &Work) -> Result<(), Error> {
        Ok(notices::tell_of_losses(work, &self.ids, self.now()).await?)
    }

    /// Starts a unit of work, unless the definitions that the request was read by have changed meanwhile.
    async fn begin(&self) -> Result<Work, Error> {
        self.current(self.data.begin(&self.cause, || self.clock.now()).await?).await
    }

    async fn current(&self, work: Work) -> Result<Work, Error> {
        if work.is_current(self.service.version).await? {
            return Ok(work);
        }
        self.catalogs.forget(self.data.id());
        Err(store::Error::Busy("the tenant's definitions have just changed".into()).into())
    }

    /// A suspended tenant takes away and does not give.
    fn grants(&self) -> Result<(), Error> {
        if self.suspended { Err(Error::Suspended) } else { Ok(()) }
    }
}
