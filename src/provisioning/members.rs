//! Who a client means by `members`, and what a change of them comes to.

use std::collections::{HashMap, HashSet};

use rights::grant::{Authority, Ending, Source};
use scim::{Error as Refusal, MemberRef, ScimType, patch::MemberChange, schema::ResourceType};
use store::{Admitted, Changes, Giving, Stored, Whose, Work};
use uuid::Uuid;

use crate::provisioning::{Directory, Error, read::exact};

/// The resource type of people, who alone are granted something.
const PEOPLE: &str = "User";
/// What a client is told that may not add members.
const GOVERNED: &str =
    "This group is governed by grants: adding members takes the scope grants.write. Removing them does not.";

/// Why members come into a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coming {
    /// A client wants them there.
    New,
    /// They were there before, and were taken out by mistake.
    Back,
}

/// Members that came and went, net of what cancels out.
#[derive(Debug, Default)]
pub(super) struct Net {
    added: HashSet<Uuid>,
    removed: HashSet<Uuid>,
}

impl Net {
    fn add(&mut self, ids: Vec<Uuid>) {
        self.added.extend(ids.into_iter().filter(|id| !self.removed.remove(id)));
    }

    fn remove(&mut self, ids: Vec<Uuid>) {
        self.removed.extend(ids.into_iter().filter(|id| !self.added.remove(id)));
    }

    /// Who came and who went, in the order of ids.
    pub(super) fn into_sorted(self) -> (Vec<Uuid>, Vec<Uuid>) {
        let sorted = |ids: HashSet<Uuid>| {
            let mut ids: Vec<Uuid> = ids.into_iter().collect();
            ids.sort_unstable();
            ids
        };
        (sorted(self.added), sorted(self.removed))
    }
}

impl Directory {
    /// The members that references name, with their types. A reference to nothing is refused (Y-30).
    pub(super) async fn resolve_members(
        &self,
        work: &Work,
        group: Option<Uuid>,
        references: &[MemberRef],
    ) -> Result<HashMap<Uuid, String>, Error> {
        let refuse = |detail: String| Error::from(Refusal::of(ScimType::InvalidValue, detail));
        let mut ids = Vec::with_capacity(references.len());
        for (at, reference) in references.iter().enumerate() {
            let unknown = || refuse(format!("members[{at}].value is not the id of a resource here."));
            ids.push(exact(&reference.value).ok_or_else(unknown)?);
        }
        let kinds = work.kinds(&self.catalog, &ids).await?;
        for (at, (reference, id)) in references.iter().zip(&ids).enumerate() {
            let Some(kind) = kinds.get(id) else {
                return Err(refuse(format!("members[{at}].value is not the id of a resource here.")));
            };
            if reference.kind.as_ref().is_some_and(|claimed| !claimed.eq_ignore_ascii_case(kind)) {
                return Err(refuse(format!("members[{at}] is a {kind}, which is not its `type`.")));
            }
        }
        if let Some(group) = group {
            self.refuse_cycles(work, group, &kinds).await?;
        }
        Ok(kinds)
    }

    async fn refuse_cycles(&self, work: &Work, group: Uuid, members: &HashMap<Uuid, String>) -> Result<(), Error> {
        let is_group = |kind: &String| self.catalog.by_name(kind).is_some_and(|kind| kind.membership.is_some());
        let nested: Vec<&Uuid> = members.iter().filter(|(_, kind)| is_group(kind)).map(|(id, _)| id).collect();
        if nested.is_empty() {
            return Ok(());
        }
        let above = work.groups_above(group).await?;
        if nested.iter().any(|id| **id == group || above.contains(id)) {
            return Err(Refusal::of(
                ScimType::InvalidValue,
                "A group cannot be a member of itself, directly or through other groups.",
            )
            .into());
        }
        Ok(())
    }

    /// Applies one change of members to their rows.
    pub(super) async fn change_members(
        &self,
        work: &Work,
        kind: &ResourceType,
        group: &Stored,
        change: &MemberChange<'_>,
        coming: Coming,
        net: &mut Net,
    ) -> Result<(), Error> {
        match change {
            MemberChange::Add(references) => {
                let members = self.resolve_members(work, Some(group.id), references).await?;
                net.add(self.admit(work, kind, group, &members, coming).await?);
            }
            MemberChange::Remove(references) => {
                // Whoever has no id is no member, and removing a stranger is no change (Y-16). However the id is written: to take
                // away must not fail for a capital letter.
                let ids: Vec<Uuid> = references.iter().filter_map(|r| Uuid::parse_str(&r.value).ok()).collect();
                // Who was let in while they are away may have a place that waits as well.
                work.give_up_places(&self.catalog, kind, group, Whose::These(&ids)).await?;
                net.remove(work.expel(kind, group, &ids, Ending::Removed).await?);
            }
            MemberChange::RemoveWhere(condition) => {
                work.give_up_places(&self.catalog, kind, group, Whose::Meeting(condition)).await?;
                net.remove(match group.governed_by {
                    None => work.remove_members_where(&self.catalog, kind, group.id, condition).await?,
                    Some(_) => {
                        let found = work.members_where(&self.catalog, kind, group.id, condition).await?;
                        work.expel(kind, group, &found, Ending::Removed).await?
                    }
                });
            }
            MemberChange::Confirm(condition, references) => {
                let found = work.members_where(&self.catalog, kind, group.id, condition).await?;
                if found.is_empty() {
                    let detail = "No member matches the filter; there is nothing to replace.";
                    return Err(Refusal::of(ScimType::NoTarget, detail).into());
                }
                let named = |id: &Uuid| references.len() == 1 && references[0].value == id.to_string();
                if !found.iter().all(named) {
                    let detail = "A member cannot be changed; remove it and add another.";
                    return Err(Refusal::of(ScimType::Mutability, detail).into());
                }
            }
            MemberChange::Replace(references) => {
                self.replace_members(work, kind, group, references, coming, net).await?;
            }
        }
        Ok(())
    }

    /// Only the rows that differ are touched.
    pub(super) async fn replace_members(
        &self,
        work: &Work,
        kind: &ResourceType,
        group: &Stored,
        references: &[MemberRef],
        coming: Coming,
        net: &mut Net,
    ) -> Result<(), Error> {
        let mut wanted = self.resolve_members(work, Some(group.id), references).await?;
        let present = work.member_ids(group.id).await?;
        let named: Vec<Uuid> = wanted.keys().copied().collect();
        work.give_up_places(&self.catalog, kind, group, Whose::AllBut(&named)).await?;
        let gone: Vec<Uuid> = present.iter().copied().filter(|id| !wanted.contains_key(id)).collect();
        wanted.retain(|id, _| !present.contains(id));
        net.remove(work.expel(kind, group, &gone, Ending::Removed).await?);
        net.add(self.admit(work, kind, group, &wanted, coming).await?);
        Ok(())
    }

    /// Lets members into a group. Into an entitlement they come by grants, and if its authority is with these, only a
    /// caller may add some who may give grants: what was taken by mistake is given back all the same.
    async fn admit(
        &self,
        work: &Work,
        kind: &ResourceType,
        group: &Stored,
        members: &HashMap<Uuid, String>,
        coming: Coming,
    ) -> Result<Vec<Uuid>, Error> {
        let ids = || self.ids.next();
        let (source_id, again) = (self.cause.client, coming == Coming::Back);
        let giving = Giving { source: Source::Scim, source_id, again, ids: &ids };
        let Admitted { added, waiting } = work.admit(kind, group, members, &giving).await?;
        let comes = |_: &_| !added.is_empty() || !waiting.is_empty();
        let Some(authority) = group.governed_by.filter(comes) else { return Ok(added) };
        if !again && !authority.admits(self.gives_grants) {
            return Err(Refusal::new(403, GOVERNED).into());
        }
        let is_person = |id: &Uuid| members.get(id).is_some_and(|kind| kind == PEOPLE);
        if authority == Authority::Grants && !added.iter().all(is_person) {
            let detail = "People alone are members of this group: it is governed by grants.";
            return Err(Refusal::of(ScimType::InvalidValue, detail).into());
        }
        if !waiting.is_empty() {
            // What waits for who is not there comes with them when they return: then nobody looks whether it may.
            let to_come = Changes { added: waiting, ..Changes::default() };
            self.watch_members(work, group.id, &to_come, coming).await?;
        }
        Ok(added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_and_goes_is_no_change() {
        let mut net = Net::default();
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        net.add(vec![a]);
        net.remove(vec![a, b]);
        net.add(vec![b]);
        assert_eq!(net.into_sorted(), (vec![], vec![]));
    }
}
