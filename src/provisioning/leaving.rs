//! People who leave and come back: in the transaction in which `active` changes, or they are deleted, what the rules say follows
//! for their groups, their requests and what they look after.

use rights::lifecycle::{Consequence, Event, Standing, Windows};
use scim::{
    Document,
    schema::{Container, ResourceType},
};
use serde_json::Value;
use store::{Parting, Settled, Ties, Work};
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
        let standing = match (is_active(before), parting) {
            (true, _) => Standing::Active,
            // Who leaves while they are suspended takes what waits for them along.
            (false, Parting::Departure) => Standing::Suspended,
            (false, _) => Standing::Deactivated,
        };
        let event = match (standing, is_active(after), parting) {
            _ if !has_active(kind) || kind.member_of.is_none() => return Ok(Settled::default()),
            (Standing::Deactivated, true, _) => Event::Activate,
            (Standing::Active | Standing::Suspended, false, Parting::Suspension) => Event::Suspend,
            (Standing::Active | Standing::Suspended, false, _) => Event::Deactivate,
            _ => return Ok(Settled::default()),
        };
        let watched =
            if event.takes_away() || event == Event::Suspend { self.watched(work, user).await? } else { Vec::new() };
        let settled = self.follow(work, user, standing, event).await?;
        let watched = if settled.added.is_empty() { watched } else { vec![user] };
        self.watch_people(work, watched).await?;
        Ok(settled)
    }

    /// Does what follows of what happens to somebody. The person must be held. Says into which groups they came, and out of which.
    pub(super) async fn follow(
        &self,
        work: &Work,
        user: Uuid,
        standing: Standing,
        event: Event,
    ) -> Result<Settled, Error> {
        let outcome = standing.apply(event, &Windows::default(), self.now()).map_err(|refusal| {
            // To take away is never refused, and nobody comes back who is there.
            Error::Failed(refusal.to_string())
        })?;
        // Who comes back is tied to nothing yet.
        let ties = if event == Event::Activate { Ties::default() } else { work.ties(user).await? };
        let mut settled = Settled::default();
        for consequence in outcome.effects {
            self.carry(work, (user, &ties), consequence, &mut settled).await?;
        }
        Ok(settled)
    }

    async fn carry(
        &self,
        work: &Work,
        (user, ties): (Uuid, &Ties),
        consequence: Consequence,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let groups = || self.catalog.types().iter().filter(|kind| kind.membership.is_some());
        match consequence {
            Consequence::CancelRequests => work.leave_requests(user, ties).await?,
            Consequence::HandOver => work.hand_duties_over(user, ties).await?,
            Consequence::EndRoles => work.end_roles_of(user, ties).await?,
            Consequence::Suspend { return_by } => {
                for groups in groups() {
                    let ids = || self.ids.next();
                    settled.removed.extend(work.set_aside(groups, user, ties, return_by, &ids).await?);
                }
            }
            Consequence::Resume => {
                for groups in groups() {
                    settled.added.extend(work.bring_back(groups, user).await?);
                }
            }
            Consequence::End => {
                for groups in groups() {
                    settled.removed.extend(work.leave_groups(groups, user).await?);
                }
            }
        }
        Ok(())
    }
}

/// Whoever is not said to be inactive is there.
pub(super) fn is_active(document: &Document) -> bool {
    document.get(Container::Root, "active") != Some(&Value::Bool(false))
}
