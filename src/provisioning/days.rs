//! Days on which an employment begins or is over. Whose work is over has left, as if an authoritative client had said so; who works
//! as something else since then has moved.

use rights::{calendar, tenure};
use scim::{
    Document,
    schema::{Container, ResourceType},
};
use store::{Changes, Parting, Stored, TenantState, Timer, Work};

use crate::{
    lifecycle::{
        birthright::{Person, today},
        moves,
    },
    provisioning::{Directory, End, Error, Step, patch::Change},
};

/// Somebody whose time has come.
struct Day<'a> {
    kind: &'a ResourceType,
    timer: &'a Timer,
}

impl Step for Day<'_> {
    type Output = bool;

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<bool>, Error> {
        if work.hold_tenant().await?.state == TenantState::Archived {
            return Ok(End::Unchanged(false));
        }
        let found = work.lock_resource(self.kind, self.timer.object).await?;
        if !work.take_timer(self.timer).await? {
            return Ok(End::Unchanged(false));
        }
        let Some(stored) = found else { return Ok(End::Written(true)) };
        let document = stored.document()?;
        work.plan_tenures(stored.id, &document).await?;
        let person = Person::of(stored.id, &document);
        let is_over = tenure::is_over(&store::tenures(&person.employments), today(directory.now()));
        let is_suspended = !person.is_active && work.suspension(stored.id).await?.is_some();
        if is_over && person.is_active {
            directory.switch(work, self.kind, stored, (false, Parting::Usual)).await?;
        } else if is_over && is_suspended {
            directory.switch(work, self.kind, stored, (false, Parting::Departure)).await?;
        } else if person.is_active || is_suspended {
            directory.move_by_date(work, &person, self.timer).await?;
            directory.tell_of_farewell(work, person.user, &document).await?;
        }
        Ok(End::Written(true))
    }
}

impl Directory {
    /// Looks at somebody because a day has come on which an employment begins or is over. False if another node does it.
    pub async fn employment_due(&self, timer: &Timer) -> Result<bool, Error> {
        let people = self.catalog.types().iter().find(|kind| kind.member_of.is_some());
        let kind = people.ok_or_else(|| Error::Failed("there is no type of people".into()))?;
        self.write(&Day { kind, timer }).await
    }

    /// Holds what somebody works as against the day before the timer was due.
    async fn move_by_date(&self, work: &Work, person: &Person, timer: &Timer) -> Result<(), Error> {
        let due = calendar::local(rights::Instant::from_millis(timer.due)).0;
        let before = (person, due.previous_day().unwrap_or(due));
        let calendar = self.service.settings.working_time.calendar();
        moves::follow(work, before, (person, today(self.now())), (&calendar, &self.ids, self.now())).await?;
        Ok(())
    }

    /// Switches a user on or off, with all that follows.
    pub(super) async fn switch(
        &self,
        work: &Work,
        kind: &ResourceType,
        stored: Stored,
        (is_on, parting): (bool, Parting),
    ) -> Result<(), Error> {
        let before = stored.document()?;
        let mut after: Document = before.clone();
        after.put(Container::Root, "active", Some(is_on.into()));
        let after = after.arranged(kind);
        let changes = Changes { attributes: before.changes(&after, kind), ..Changes::default() };
        self.finish(work, kind, Change { stored, before, after, password: None, changes, parting }).await?;
        Ok(())
    }
}
