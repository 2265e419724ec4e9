//! Whoever somebody reports to hears in time that they are about to leave, and of their suspension.

use std::collections::BTreeSet;

use rights::{Audience, Notice, UserId, tenure};
use scim::{Document, employment, fold};
use store::{Bounds, UserSuspension, Work};
use uuid::Uuid;

use crate::{
    lifecycle::birthright::today,
    notices::{self, About, Telling},
    provisioning::{Directory, Error},
};

impl Directory {
    /// Tells whoever somebody reports to that the last of their work is over soon: of each day on which that is told once.
    pub(super) async fn tell_of_farewell(&self, work: &Work, user: Uuid, document: &Document) -> Result<(), Error> {
        let tenures = store::tenures(&employment::of(document));
        let Some(farewell) = tenure::farewell(&tenures, self.now()) else { return Ok(()) };
        let about = About::leaver(user, &farewell, self.now());
        self.tell_superiors(work, document, Notice::LeavesSoon, about).await
    }

    /// Tells whoever somebody reports to that they are suspended. They themselves are locked out.
    pub(super) async fn tell_of_suspension(
        &self,
        work: &Work,
        document: &Document,
        suspension: &UserSuspension,
    ) -> Result<(), Error> {
        let about = About::person(suspension.user, suspension.until, suspension.since);
        self.tell_superiors(work, document, Notice::Suspended, about).await
    }

    /// Tells somebody who is back after a suspension, and whoever they report to.
    pub(super) async fn tell_of_return(&self, work: &Work, document: &Document, user: Uuid) -> Result<(), Error> {
        let about = About::person(user, None, self.now());
        let told = Telling { notice: Notice::Returned, audience: Audience::Subject, about: about.clone() };
        notices::tell(work, &self.ids, self.now(), &[told]).await?;
        self.tell_superiors(work, document, Notice::Returned, about).await
    }

    async fn tell_superiors(
        &self,
        work: &Work,
        document: &Document,
        notice: Notice,
        about: About,
    ) -> Result<(), Error> {
        let Some(user) = about.content.subject else { return Ok(()) };
        let audience =
            Audience::People(self.superior(user, document).await?.into_iter().map(UserId).collect::<BTreeSet<_>>());
        Ok(notices::tell(work, &self.ids, self.now(), &[Telling { notice, audience, about }]).await?)
    }

    /// The line manager of somebody; who leads where they work if there is none.
    async fn superior(&self, user: Uuid, document: &Document) -> Result<Option<Uuid>, Error> {
        let employments = employment::lasting(document, &today(self.now()).to_string());
        let manager = employments.iter().find_map(|one| one.manager.as_deref()?.parse().ok());
        if let Some(manager) = self.first_there(user, manager).await? {
            return Ok(Some(manager));
        }
        let Some(code) = employments.iter().find_map(|one| one.unit.as_deref()).map(fold::exact) else {
            return Ok(None);
        };
        let path = self.data.paths(std::slice::from_ref(&code)).await?.remove(&code).unwrap_or_default();
        for node in path {
            let Some(unit) = self.data.unit(node, &Bounds::none()).await? else { continue };
            if let Some(head) = self.first_there(user, [unit.head, unit.deputy].into_iter().flatten()).await? {
                return Ok(Some(head));
            }
        }
        Ok(None)
    }

    /// The first of these who is active, and somebody else.
    async fn first_there(&self, user: Uuid, some: impl IntoIterator<Item = Uuid>) -> Result<Option<Uuid>, Error> {
        let others: Vec<Uuid> = some.into_iter().filter(|id| *id != user).collect();
        let active = self.data.active_among(&others).await?;
        Ok(others.into_iter().find(|id| active.contains(id)))
    }
}
