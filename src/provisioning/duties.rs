//! Members as the segregation of duties sees them: who comes may be in conflict, and who goes no more.

use rights::sod;
use scim::ScimType;
use store::{Changes, Work};
use uuid::Uuid;

use crate::{
    lifecycle::duties::{self, AT_ONCE, Weighed},
    provisioning::{Directory, Error, members::Coming},
};

impl Directory {
    /// Looks at those who came into a group and who left it, if that concerns a rule. What is given is refused if a rule blocks
    /// it and the tenant wants that; what is taken away never is.
    pub(super) async fn watch_members(
        &self,
        work: &Work,
        group: Uuid,
        changes: &Changes,
        coming: Coming,
    ) -> Result<(), Error> {
        let rules = &self.service.rules.sod;
        let mut members = [&changes.added[..], &changes.removed].concat();
        if members.is_empty() || !duties::concern(work, rules, group).await? {
            return Ok(());
        }
        if changes.added.is_empty() {
            members.truncate(AT_ONCE);
        } else {
            work.hold_duties().await?;
        }
        let people: Vec<Uuid> = work.people_among(&members, AT_ONCE).await?.into_iter().collect();
        let seen = duties::watch(work, rules, &people, &self.ids, self.now()).await?;
        let blocks = |new: &&Weighed| {
            let blocking = self.service.settings.sod_blocks_provisioning;
            !new.conflict.is_excepted && sod::at_provisioning(new.conflict.mode, blocking) == sod::Mode::Block
        };
        match seen.new.iter().find(blocks) {
            Some(new) if coming == Coming::New && !changes.added.is_empty() => Err(refusal(new)),
            _ => Ok(()),
        }
    }

    /// Those who have to be looked at when a resource is gone: itself, or who is in it.
    pub(super) async fn watched(&self, work: &Work, id: Uuid) -> Result<Vec<Uuid>, Error> {
        if self.service.rules.sod.is_empty() {
            return Ok(Vec::new());
        }
        Ok(work.people_among(&[id], AT_ONCE).await?.into_iter().collect())
    }

    /// Looks at people from whom something was taken.
    pub(super) async fn watch_people(&self, work: &Work, people: Vec<Uuid>) -> Result<(), Error> {
        if people.is_empty() {
            return Ok(());
        }
        duties::watch(work, &self.service.rules.sod, &people, &self.ids, self.now()).await?;
        Ok(())
    }
}

/// 409, by the id of the rule and without a person.
fn refusal(new: &Weighed) -> Error {
    let detail = format!(
        "The rule {} of segregation of duties blocks it: a member would hold together what nobody should.",
        new.conflict.rule
    );
    scim::Error { status: 409, ..scim::Error::of(ScimType::InvalidValue, detail) }.into()
}
