//! People whom an administrator has suspended: on long leave, or while something is looked into. SCIM sees them as not
//! active, and does not wake them up.

use rights::{
    Reason, Refusal,
    administration::{Assignment, Role},
    lifecycle::{Event, Standing, Windows},
};
use scim::{
    Document,
    schema::{Container, ResourceType},
};
use store::{Deed, Parting, Stored, TenantState, Timer, UserSuspension, Work};
use uuid::Uuid;

use crate::provisioning::{
    Directory, End, Error, Step, Tags, condition::meant, leaving::is_active, replace::has_active,
};

/// What a write of a user starts from.
pub(super) struct Base {
    /// Of whom an administrator has suspended: as if they were there, so that it is seen what a client says.
    pub(super) document: Document,
    is_suspended: bool,
}

impl Directory {
    /// What a write of a resource starts from. Whoever is there costs no look.
    pub(super) async fn base(
        &self,
        work: &Work,
        kind: &ResourceType,
        id: Uuid,
        before: &Document,
    ) -> Result<Base, Error> {
        let mut document = before.clone();
        if !has_active(kind) || is_active(before) || work.suspension(id).await?.is_none() {
            return Ok(Base { document, is_suspended: false });
        }
        document.put(Container::Root, "active", Some(true.into()));
        Ok(Base { document, is_suspended: true })
    }
}

impl Base {
    /// What a client has made of it: it wakes nobody up, and whom it switches off has left from now on.
    pub(super) fn part(&self, after: &mut Document) -> Parting {
        if !self.is_suspended {
            return Parting::Usual;
        }
        if !is_active(after) {
            return Parting::Departure;
        }
        after.put(Container::Root, "active", Some(false.into()));
        Parting::Usual
    }
}

impl Directory {
    /// Ends the suspension of somebody who is deleted, if there is one.
    pub(super) async fn forget_suspension(&self, work: &Work, user: &Stored) -> Result<(), Error> {
        if !is_active(&user.document()?) && work.suspension(user.id).await?.is_some() {
            work.end_suspension(user.id).await?;
        }
        Ok(())
    }
}

/// What an administrator wants of somebody.
enum Wish<'a> {
    Suspend { reason: &'a str, until: Option<rights::Instant> },
    Lift { timer: Option<&'a Timer> },
}

/// What an administrator, or the time, does with somebody.
struct Suspending<'a> {
    kind: &'a ResourceType,
    user: Uuid,
    wish: Wish<'a>,
    /// As what it must still be there.
    tags: Option<&'a Tags>,
}

/// What came of it.
pub enum Settled {
    /// The suspension that there is now.
    Suspended(UserSuspension),
    /// There is none any more.
    Lifted,
    /// It is not possible.
    Refused(Refusal),
    /// Another node does it, or it has to wait.
    Elsewhere,
}

impl Step for Suspending<'_> {
    type Output = Settled;

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Settled>, Error> {
        let state = work.hold_tenant().await?.state;
        let found = work.lock_resource(self.kind, self.user).await?;
        let by_time = match self.wish {
            Wish::Lift { timer } => timer,
            Wish::Suspend { .. } => None,
        };
        if let Some(timer) = by_time
            && (state != TenantState::Active || !work.take_timer(timer).await?)
        {
            return Ok(End::Unchanged(Settled::Elsewhere));
        }
        let stored = match found {
            Some(stored) => stored,
            None if by_time.is_some() => return Ok(End::Written(Settled::Lifted)),
            None => return Err(Error::not_found(self.kind)),
        };
        match (state, &self.wish) {
            (TenantState::Archived, _) => return Err(Error::Archived),
            (TenantState::Suspended, Wish::Lift { .. }) => return Err(Error::Suspended),
            _ => {}
        }
        let known = work.suspension(self.user).await?;
        meant(self.tags, known.as_ref().map(parts_of_suspension).as_ref())?;
        let standing = standing(&stored.document()?, known.is_some());
        let judged = match (&self.wish, &known) {
            // Who is suspended may be suspended for another reason, or until another day.
            (Wish::Suspend { .. }, Some(_)) => Ok(()),
            (Wish::Suspend { .. }, None) => {
                standing.apply(Event::Suspend, &Windows::default(), directory.now()).map(drop)
            }
            (Wish::Lift { .. }, _) => standing.apply(Event::Resume, &Windows::default(), directory.now()).map(drop),
        };
        if let Err(refusal) = judged {
            return Ok(End::Written(Settled::Refused(refusal)));
        }
        if let (Wish::Suspend { .. }, None) = (&self.wish, &known)
            && !self.leaves_somebody(directory, work).await?
        {
            let refusal =
                Refusal { what: "user", state: "active", event: "suspend", possible: &[], reason: Reason::Last };
            return Ok(End::Written(Settled::Refused(refusal)));
        }
        match self.wish {
            Wish::Suspend { reason, until } => {
                let since = known.as_ref().map_or_else(|| directory.now(), |known| known.since);
                let next = UserSuspension { user: self.user, since, until, by: work.deed_of(Some(reason)) };
                work.write_suspension(&next, known.is_none()).await?;
                if known.is_none() {
                    directory.tell_of_suspension(work, &stored.document()?, &next).await?;
                    directory.switch(work, self.kind, stored, (false, Parting::Suspension)).await?;
                }
                Ok(End::Written(Settled::Suspended(next)))
            }
            Wish::Lift { .. } => {
                work.end_suspension(self.user).await?;
                let document = stored.document()?;
                directory.switch(work, self.kind, stored, (true, Parting::Usual)).await?;
                directory.tell_of_return(work, &document, self.user).await?;
                Ok(End::Written(Settled::Lifted))
            }
        }
    }
}

impl Suspending<'_> {
    /// Whether somebody is left who looks after the whole tenant without an end, or a client or an operator does this, who can
    /// lift it.
    async fn leaves_somebody(&self, directory: &Directory, work: &Work) -> Result<bool, Error> {
        if work.actor().is_none() {
            return Ok(true);
        }
        work.hold_admin_roles().await?;
        let lasts = |one: &Assignment| one.is_live(directory.now()) && one.until.is_none();
        let all = work.roles_of_kind(Role::TenantAdministrator).await?.into_iter().map(|role| role.assignment);
        let (own, others): (Vec<Assignment>, Vec<Assignment>) =
            all.filter(lasts).partition(|one| one.user.0 == self.user);
        let others: Vec<Uuid> = others.into_iter().map(|one| one.user.0).collect();
        Ok(own.is_empty() || !work.active_among(&others).await?.is_empty())
    }
}

impl Directory {
    /// Suspends a user for a reason until an administrator lifts it, or until then, if that is still as one of these tags says.
    pub async fn suspend(
        &self,
        user: Uuid,
        (reason, until): (&str, Option<rights::Instant>),
        tags: Option<&Tags>,
    ) -> Result<Settled, Error> {
        self.suspending(user, Wish::Suspend { reason, until }, tags).await
    }

    /// Lifts the suspension of a user, perhaps because its time is over.
    pub async fn lift(&self, user: Uuid, timer: Option<&Timer>, tags: Option<&Tags>) -> Result<Settled, Error> {
        self.suspending(user, Wish::Lift { timer }, tags).await
    }

    async fn suspending(&self, user: Uuid, wish: Wish<'_>, tags: Option<&Tags>) -> Result<Settled, Error> {
        let people = self.catalog.types().iter().find(|kind| kind.member_of.is_some());
        let kind = people.ok_or_else(|| Error::Failed("there is no type of people".into()))?;
        self.write(&Suspending { kind, user, wish, tags }).await
    }
}

/// What a suspension's tag is made of.
pub(crate) fn parts_of_suspension(stored: &UserSuspension) -> (i64, Option<i64>, &Deed) {
    (stored.since.millis(), stored.until.map(rights::Instant::millis), &stored.by)
}

/// How a user stands, as far as it matters for a suspension.
fn standing(document: &Document, is_suspended: bool) -> Standing {
    match (is_suspended, is_active(document)) {
        (true, _) => Standing::Suspended,
        (false, true) => Standing::Active,
        (false, false) => Standing::Deactivated,
    }
}
