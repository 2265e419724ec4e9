//! People who leave and come back: in the transaction in which `active` changes every membership of theirs ends, or comes
//! back.

use rights::lifecycle::Windows;
use scim::{
    Document,
    schema::{Container, ResourceType},
};
use serde_json::Value;
use store::{Parting, Settled, Work};
use uuid::Uuid;

use crate::provisioning::{Directory, Error, replace::has_active};

impl Directory {
    /// Takes somebody who has left out of all groups, and lets somebody who is back into theirs. Says which groups those are.
    pub(super) async fn follow_activity(
        &self,
        work: &Work,
        kind: &ResourceType,
        user: Uuid,
        (before, after): (&Document, &Document),
        parting: Parting,
    ) -> Result<Settled, Error> {
        // Who leaves while they are suspended takes what waits for them along.
        let was_there = is_active(before) || parting == Parting::Departure;
        let is_there = is_active(after);
        if was_there == is_there || !has_active(kind) || kind.member_of.is_none() {
            return Ok(Settled::default());
        }
        if was_there { self.part_with(work, user, parting).await } else { self.welcome_back(work, user).await }
    }

    async fn part_with(&self, work: &Work, user: Uuid, parting: Parting) -> Result<Settled, Error> {
        let watched = self.watched(work, user).await?;
        let ties = work.ties(user).await?;
        // Whoever is suspended is away for however long that lasts, and comes back to all that is theirs.
        let return_by = if parting == Parting::Suspension {
            work.hand_duties_over(user, &ties).await?;
            None
        } else {
            work.leave_requests(user, &ties).await?;
            work.end_roles_of(user, &ties).await?;
            Some(self.now() + Windows::default().to_return)
        };
        let mut removed = Vec::new();
        for groups in self.catalog.types().iter().filter(|kind| kind.membership.is_some()) {
            removed.extend(work.set_aside(groups, user, &ties, return_by, &|| self.ids.next()).await?);
        }
        self.watch_people(work, watched).await?;
        Ok(Settled { removed, ..Settled::default() })
    }

    async fn welcome_back(&self, work: &Work, user: Uuid) -> Result<Settled, Error> {
        let mut added = Vec::new();
        for groups in self.catalog.types().iter().filter(|kind| kind.membership.is_some()) {
            added.extend(work.bring_back(groups, user).await?);
        }
        if !added.is_empty() {
            self.watch_people(work, vec![user]).await?;
        }
        Ok(Settled { added, ..Settled::default() })
    }
}

/// Whoever is not said to be inactive is there.
pub(super) fn is_active(document: &Document) -> bool {
    document.get(Container::Root, "active") != Some(&Value::Bool(false))
}
