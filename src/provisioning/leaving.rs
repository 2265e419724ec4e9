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
        let watched = if was_there { self.watched(work, user).await? } else { Vec::new() };
        // Whoever is suspended is away for however long that lasts, and comes back to all that is theirs.
        let is_suspended = parting == Parting::Suspension;
        let return_by = (!is_suspended).then(|| self.now() + Windows::default().to_return);
        if was_there && !is_suspended {
            work.end_roles_of(user).await?;
        }
        let mut settled = Settled::default();
        for groups in self.catalog.types().iter().filter(|kind| kind.membership.is_some()) {
            if was_there {
                settled.removed.extend(work.set_aside(groups, user, return_by, &|| self.ids.next()).await?);
            } else {
                settled.added.extend(work.bring_back(groups, user).await?);
            }
        }
        if was_there {
            self.watch_people(work, watched).await?;
        } else if !settled.added.is_empty() {
            self.watch_people(work, vec![user]).await?;
        }
        Ok(settled)
    }
}

/// Whoever is not said to be inactive is there.
pub(super) fn is_active(document: &Document) -> bool {
    document.get(Container::Root, "active") != Some(&Value::Bool(false))
}
