//! Giving members back to the groups that they were taken out of.

use std::collections::{HashMap, HashSet};

use scim::{MemberRef, patch::MemberChange, schema::ResourceType};
use store::{Changes, Losses, Parting, RemovalPlace, Stored, Work};
use uuid::Uuid;

use crate::provisioning::{
    Directory, End, Error, Step,
    members::{Coming, Net},
    patch::Change,
    restore::{Advance, GROUPS, Item, Outcome, Restoration, Run, own},
};

/// How many members are given back in one transaction.
const MEMBERS: usize = 500;

/// Members on their way back into a group.
struct Rejoining<'a> {
    wish: &'a Restoration,
    group: Uuid,
    members: &'a [Uuid],
    /// The latest removal from the group that is known.
    seen: i64,
    is_first: bool,
    /// What would be there again in a dry run, with its type.
    would_be: &'a HashMap<Uuid, String>,
}

/// The end of a group: its removals are noted as undone, but for some.
struct Settling<'a> {
    wish: &'a Restoration,
    group: Uuid,
    seen: i64,
    except: &'a [i64],
}

/// A look at who is in a group.
struct Present {
    group: Uuid,
}

impl Step for Present {
    type Output = HashSet<Uuid>;

    async fn run(&self, _: &Directory, work: &Work) -> Result<End<HashSet<Uuid>>, Error> {
        Ok(End::Unchanged(work.member_ids(self.group).await?))
    }
}

impl Step for Settling<'_> {
    type Output = ();

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<()>, Error> {
        directory.may_restore(work, self.wish).await?;
        work.settle_members(self.group, &self.wish.stretch, self.seen, self.except).await?;
        Ok(End::Written(()))
    }
}

impl Step for Rejoining<'_> {
    type Output = Vec<Outcome>;

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Vec<Outcome>>, Error> {
        directory.may_restore(work, self.wish).await?;
        let Some((kind, stored)) = self.lock(directory, work).await? else {
            let kinds = work.kinds(&directory.catalog, self.members).await?;
            let outcomes = self.members.iter().map(|id| self.without_group(*id, &kinds));
            return Ok(End::Unchanged(outcomes.collect()));
        };
        let later = work.removed_after(self.group, self.seen).await?;
        let members: Vec<Uuid> = self.members.iter().copied().filter(|id| !later.contains(id)).collect();
        let kinds = work.kinds(&directory.catalog, &members).await?;
        let mut outcomes = self.missing(&members, &kinds);
        let added = self.add(directory, work, (kind, &stored), &kinds, &mut outcomes).await?;
        outcomes.extend(added.iter().map(|id| Outcome::Given(self.item(*id, &kinds, None))));
        let before = stored.document()?;
        let after = before.clone();
        let changes = Changes { added, ..Changes::default() };
        let change = Change { stored, before, after, password: None, changes, parting: Parting::Usual };
        directory.finish_as(work, kind, change, Coming::Back).await?;
        if self.wish.dry {
            return Ok(End::Tried(outcomes));
        }
        if self.is_first && outcomes.iter().any(Outcome::is_given) {
            work.record_restoration(self.wish.stretch.client).await?;
        }
        Ok(End::Written(outcomes))
    }
}

impl Rejoining<'_> {
    /// The group, of whatever type.
    async fn lock<'d>(
        &self,
        directory: &'d Directory,
        work: &Work,
    ) -> Result<Option<(&'d ResourceType, Stored)>, Error> {
        for kind in directory.catalog.types().iter().filter(|kind| kind.membership.is_some()) {
            if let Some(stored) = work.lock_resource(kind, self.group).await? {
                return Ok(Some((kind, stored)));
            }
        }
        Ok(None)
    }

    fn item(&self, id: Uuid, kinds: &HashMap<Uuid, String>, reason: Option<&str>) -> Item {
        let kind = kinds.get(&id).or(self.would_be.get(&id)).cloned().unwrap_or_default();
        Item { what: "membership", kind, id, group: Some(self.group), reason: reason.map(Into::into) }
    }

    /// What becomes of a member whose group is not there; in a dry run it would be, perhaps.
    fn without_group(&self, id: Uuid, kinds: &HashMap<Uuid, String>) -> Outcome {
        if !self.would_be.contains_key(&self.group) {
            return Outcome::Conflict(self.item(id, kinds, Some("The group is gone.")));
        }
        if kinds.contains_key(&id) || self.would_be.contains_key(&id) {
            return Outcome::Given(self.item(id, kinds, None));
        }
        Outcome::Conflict(self.item(id, kinds, Some("The member is gone.")))
    }

    /// What becomes of those who are not there.
    fn missing(&self, members: &[Uuid], kinds: &HashMap<Uuid, String>) -> Vec<Outcome> {
        let missing = members.iter().filter(|id| !kinds.contains_key(id));
        let outcome = |id: &Uuid| {
            if self.would_be.contains_key(id) {
                return Outcome::Given(self.item(*id, kinds, None));
            }
            Outcome::Conflict(self.item(*id, kinds, Some("The member is gone.")))
        };
        missing.map(outcome).collect()
    }

    /// Adds those who are there. Groups one by one: one that would close a circle must not keep the others out.
    async fn add(
        &self,
        directory: &Directory,
        work: &Work,
        (kind, group): (&ResourceType, &Stored),
        kinds: &HashMap<Uuid, String>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Vec<Uuid>, Error> {
        let is_group = |kind: &str| directory.catalog.by_name(kind).is_some_and(|kind| kind.membership.is_some());
        let (nested, plain): (Vec<Uuid>, Vec<Uuid>) = kinds.keys().partition(|id| is_group(&kinds[*id]));
        let mut net = Net::default();
        let all = MemberChange::Add(plain.iter().map(named).collect());
        directory.change_members(work, kind, group, &all, Coming::Back, &mut net).await?;
        for id in nested {
            let part = work.part().await?;
            let one = MemberChange::Add(vec![named(&id)]);
            match directory.change_members(&part, kind, group, &one, Coming::Back, &mut net).await {
                Ok(()) => part.commit().await?,
                Err(error) => {
                    part.roll_back().await?;
                    outcomes.push(Outcome::Conflict(self.item(id, kinds, Some(&own(error)?))));
                }
            }
        }
        Ok(net.into_sorted().0)
    }
}

fn named(id: &Uuid) -> MemberRef {
    MemberRef { value: id.to_string(), kind: None }
}

impl Run<'_> {
    /// Gives back the members of some groups. A group in the middle of which time is over is not left behind.
    pub(super) async fn groups(&mut self, after: Option<RemovalPlace>) -> Result<Advance, Error> {
        let stretch = &self.wish.stretch;
        let groups = self.directory.data.bereft_groups(stretch, after.map(|place| place.resource), GROUPS).await?;
        if groups.is_empty() {
            return Ok(Advance::Done);
        }
        let mut members = 0;
        let mut last = after;
        for group in groups {
            let Some(count) = self.group(group).await? else { break };
            members += count;
            last = Some(RemovalPlace { at: 0, resource: group, version: 0 });
            if members >= MEMBERS {
                break;
            }
        }
        Ok(Advance::Behind(last))
    }

    /// Gives back the members of one group. Says how many were to be given back; nothing if time was over before the
    /// last of them.
    async fn group(&mut self, group: Uuid) -> Result<Option<usize>, Error> {
        let Losses { members: lost, seen } = self.directory.data.losses(group, &self.wish.stretch).await?;
        let mut members: Vec<Uuid> = lost.keys().copied().collect();
        // Whoever is back since an earlier call is not looked at again, so that each comes further.
        if members.len() > MEMBERS {
            let present = self.directory.write(&Present { group }).await?;
            members.retain(|id| !present.contains(id));
        }
        members.sort_unstable();
        let mut open = HashSet::new();
        for (at, some) in members.chunks(MEMBERS).enumerate() {
            if at > 0 && self.is_late() {
                return Ok(None);
            }
            let rejoining = Rejoining {
                wish: self.wish,
                group,
                members: some,
                seen,
                is_first: self.is_first,
                would_be: &self.would_be,
            };
            let outcomes = self.directory.write(&rejoining).await?;
            for outcome in outcomes {
                if let Outcome::Conflict(item) = &outcome {
                    open.extend(lost.get(&item.id).copied());
                }
                let is_told = |item: &Item| self.joined.contains(&(group, item.id));
                if !matches!(&outcome, Outcome::Given(item) if is_told(item)) {
                    self.note(outcome);
                }
            }
        }
        let except: Vec<i64> = open.into_iter().collect();
        // So many exceptions are not worth a statement: the next run passes over them anyway.
        if !self.wish.dry && except.len() <= MEMBERS {
            self.directory.write(&Settling { wish: self.wish, group, seen, except: &except }).await?;
        }
        Ok(Some(members.len()))
    }
}
