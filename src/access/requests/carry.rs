//! What follows from an event of a request: grants that are given, prolonged and ended. The one place for it.

use rights::{
    Class, Effect, Instant,
    grant::{self, Ending, NewGrant},
};
use store::{Entitlement, Issue, RequestItem, Stored, Work};
use uuid::Uuid;

use crate::{
    access::{office::Office, refusal::refused},
    administration::Error,
};

/// What is known of the world while an item changes. Its group is held.
pub(super) struct Ground<'a> {
    pub(super) work: &'a Work,
    /// The group, if it is still there.
    pub(super) group: Option<&'a Stored>,
    pub(super) entitlement: Option<&'a Entitlement>,
    pub(super) contract_end: Option<Instant>,
    pub(super) is_subject_active: bool,
    /// Why somebody takes something away; what is given is explained by its request.
    pub(super) comment: Option<&'a str>,
}

impl Office {
    /// Does what has to be done, but for telling people. Says which grant came of it.
    pub(super) async fn carry(
        &self,
        ground: &Ground<'_>,
        item: &RequestItem,
        effects: &[Effect],
    ) -> Result<Option<Uuid>, Error> {
        let mut given = item.grant;
        for effect in effects {
            match effect {
                Effect::Give(new) => given = Some(self.give(ground, item.request, new.clone()).await?),
                Effect::Extend { grant, until } => {
                    self.change(ground, item.id, grant.0, grant::Event::Extend(*until)).await?;
                }
                Effect::Shorten { grant, until } => {
                    self.change(ground, item.id, grant.0, grant::Event::Shorten(*until)).await?;
                }
                Effect::End { grant, reason } => self.end(ground, item.id, grant.0, *reason).await?,
                Effect::Cancel(reason) => {
                    if let Some(grant) = item.grant {
                        self.end(ground, item.id, grant, *reason).await?;
                    }
                }
                // Items do not review, and people are told once the item is written.
                Effect::Certify(_) | Effect::Tell(..) => {}
            }
        }
        Ok(given)
    }

    async fn give(&self, ground: &Ground<'_>, request: Uuid, new: NewGrant) -> Result<Uuid, Error> {
        let group = ground.group.ok_or(Error::Missing("entitlement"))?;
        let kind = self.groups()?;
        let issue = Issue {
            id: self.ids.next(),
            source_id: Some(request),
            is_subject_active: ground.is_subject_active,
            comment: None,
        };
        let (grant, settled) = ground.work.issue(kind, new, issue).await?;
        ground.work.note_members(kind, group, settled).await?;
        Ok(grant.id)
    }

    async fn end(&self, ground: &Ground<'_>, item: Uuid, grant: Uuid, reason: Ending) -> Result<(), Error> {
        self.change(ground, item, grant, grant::Event::End(reason)).await
    }

    /// Lets something happen to a grant because of an item. Where it has ended meanwhile there is nothing left to take away. People hear
    /// of it by the item.
    async fn change(&self, ground: &Ground<'_>, item: Uuid, id: Uuid, event: grant::Event) -> Result<(), Error> {
        let Some(before) = ground.work.grant(id).await? else { return Ok(()) };
        if ground.work.is_at_once() {
            // It takes its group, held.
            return Err(Error::Store(store::Error::Conflict));
        }
        let is_over = before.grant.state.is_final() && !matches!(event, grant::Event::Extend(_));
        let (Some(group), false) = (ground.group, is_over) else { return Ok(()) };
        let terms = ground.entitlement.map(|entitlement| entitlement.terms.limits(ground.contract_end));
        let limits = terms.unwrap_or_default();
        let facts = grant::Facts {
            now: self.now(),
            is_subject_active: ground.is_subject_active,
            is_entitlement_active: true,
            conflicts: &[],
            limits: &limits,
        };
        let outcome = before.grant.apply(event, &facts).map_err(|refusal| match refusal.reason.class() {
            // It was right when it was asked for: what does not suit any more is the grant as it is by now.
            Class::Invalid => {
                Error::State { text: (&refusal).into(), state: refusal.state, possible: refusal.possible }
            }
            _ => refused(&refusal, "until"),
        })?;
        let kind = self.groups()?;
        let (_, settled) =
            ground.work.write_grant_by(kind, &before, outcome.next, (ground.comment, Some(item))).await?;
        ground.work.note_members(kind, group, settled).await?;
        Ok(())
    }
}
