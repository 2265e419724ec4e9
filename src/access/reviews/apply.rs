//! Doing what a review has decided, some items in a transaction, once it closes. Removal wins: it is done in a tenant that is
//! suspended, too. Where a grant has ended meanwhile there is nothing left to do.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rights::{
    Effect,
    grant::{self, Ending, Limits},
    review::{Event, ItemEvent, ItemFacts, ItemState},
};
use scim::schema::ResourceType;
use store::{AccessGrant, Review, ReviewItem, Timer, Work};
use uuid::Uuid;

use crate::{
    access::{
        office::{Office, is_active},
        reviews::plan::serves,
    },
    administration::Error,
    lifecycle::duties,
    notices::{self, Telling},
};

/// How many items are done in one transaction.
const CHUNK: u64 = 100;

/// What is known of the world while items are done. People and groups are held.
struct Ground<'a> {
    work: &'a Work,
    kind: &'a ResourceType,
    active: HashSet<Uuid>,
}

impl Office {
    /// Does the next items of a review. False if another node does.
    pub(super) async fn apply_some(&self, timer: &Timer) -> Result<bool, Error> {
        let Some(seen) = self.data.review(timer.object, None).await? else { return self.let_go(timer).await };
        let some = self.data.review_items_to_do(seen.id, CHUNK).await?;
        let calendar = self.calendar().await?;
        let work = self.begin().await?;
        serves(&work).await?;
        // People before groups, and both before reviews, as everywhere.
        let subjects: BTreeSet<Uuid> = some.iter().map(|one| one.item.subject.0).collect();
        let people = work.lock(self.people()?, subjects.iter().copied()).await?;
        let groups: BTreeSet<Uuid> = some.iter().map(|one| one.group).collect();
        work.lock(self.groups()?, groups).await?;
        let held = work.lock_review(seen.id).await?;
        if !work.take_timer(timer).await? {
            work.roll_back().await?;
            return Ok(false);
        }
        let Some(before) = held.filter(|held| held.campaign.state == rights::review::State::Closing) else {
            work.commit().await?;
            return Ok(true);
        };
        let mut active = HashSet::new();
        for person in &people {
            if is_active(&person.document()?) {
                active.insert(person.id);
            }
        }
        let ground = Ground { work: &work, kind: self.groups()?, active };
        let items = work.lock_review_items(&some.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
        let (changed, tellings) = self.settle_items(&ground, &before, &items).await?;
        notices::tell(&work, &self.ids, self.now(), &tellings).await?;
        notices::tell_of_losses(&work, &self.ids, self.now()).await?;
        if !changed.is_empty() {
            let users: Vec<Uuid> = changed.into_iter().collect();
            duties::look_at(&work, &users, &self.ids, self.now()).await?;
        }
        let left = usize::from(work.has_items_to_do(before.id).await?);
        let after = match before.campaign.apply(Event::Applied { left }, self.now(), &calendar) {
            Ok(outcome) => Review { campaign: outcome.next, ..before.clone() },
            Err(_) => before.clone(),
        };
        work.change_review(&before, after, (&calendar, "applied")).await?;
        work.commit().await?;
        Ok(true)
    }

    /// Does items, group by group. Says who has lost something, and what they are told.
    async fn settle_items(
        &self,
        ground: &Ground<'_>,
        review: &Review,
        items: &HashMap<Uuid, ReviewItem>,
    ) -> Result<(BTreeSet<Uuid>, Vec<Telling>), Error> {
        let ids: Vec<Uuid> = items.values().map(|one| one.item.grant.0).collect();
        let grants: HashMap<Uuid, AccessGrant> =
            ground.work.grants_among(&ids).await?.into_iter().map(|grant| (grant.id, grant)).collect();
        let mut tellings = Vec::new();
        let (mut done, mut lost, mut kept) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        let mut items: Vec<&ReviewItem> = items.values().collect();
        items.sort_unstable_by_key(|one| one.id);
        for before in items {
            let grant = grants.get(&before.item.grant.0);
            let is_away = grant.is_some_and(|grant| matches!(grant.grant.state, grant::State::Suspended { .. }));
            // What nobody has said of somebody who is away says nothing.
            let is_left_out = is_away && before.item.state == ItemState::Open;
            let event = if is_left_out { ItemEvent::Exclude } else { ItemEvent::Close };
            let facts = ItemFacts {
                now: self.now(),
                is_active: false,
                is_over: grant.is_none_or(|grant| grant.grant.state.is_final()),
                needs_comment: false,
                on_silence: review.campaign.silence.verdict(before.known.risk, before.known.is_external),
                fallback: &before.known.fallback,
            };
            let Ok(outcome) = before.item.apply(event, &facts) else { continue };
            let mut after = ReviewItem { item: outcome.next, version: before.version + 1, ..before.clone() };
            if facts.is_over && after.item.state == ItemState::Excluded {
                after.known.excluded = Some("has ended".into());
            }
            done.push((before, after));
            let Some(grant) = grant.filter(|grant| !grant.grant.state.is_final()) else { continue };
            for effect in outcome.effects {
                match effect {
                    Effect::Certify(_) => drop(kept.insert(grant.id, grant)),
                    Effect::Shorten { until, .. } => {
                        self.change_reviewed(ground, grant, grant::Event::Shorten(until), before).await?;
                    }
                    Effect::End { .. } => {
                        let ended =
                            self.change_reviewed(ground, grant, grant::Event::End(Ending::Review), before).await?;
                        tellings.extend(ended.map(|ended| Telling::ended(&ended, self.now())));
                        lost.insert(grant.grant.user.0);
                    }
                    // Nothing is given here.
                    _ => {}
                }
            }
        }
        let certified: Vec<AccessGrant> =
            kept.into_values().filter_map(|grant| self.changed(ground, grant, grant::Event::Certify)).collect();
        ground.work.certify(&certified).await?;
        ground.work.change_review_items(&done, None).await?;
        Ok((lost, tellings))
    }

    fn changed(&self, ground: &Ground<'_>, before: &AccessGrant, event: grant::Event) -> Option<AccessGrant> {
        let limits = Limits::default();
        let facts = grant::Facts {
            now: self.now(),
            is_subject_active: ground.active.contains(&before.grant.user.0),
            is_entitlement_active: true,
            conflicts: &[],
            limits: &limits,
        };
        // What no longer suits, such as an end that lies behind another by now, is done already.
        let outcome = before.grant.apply(event, &facts).ok()?;
        Some(AccessGrant { grant: outcome.next, version: before.version + 1, ..before.clone() })
    }

    async fn change_reviewed(
        &self,
        ground: &Ground<'_>,
        before: &AccessGrant,
        event: grant::Event,
        item: &ReviewItem,
    ) -> Result<Option<AccessGrant>, Error> {
        let Some(next) = self.changed(ground, before, event) else { return Ok(None) };
        let comment = item.item.history.last().and_then(|last| last.comment.as_deref());
        let (after, settled) = ground.work.write_grant(ground.kind, before, next.grant, comment).await?;
        let group = before.grant.entitlement.0;
        if settled.is_empty() {
            return Ok(Some(after));
        }
        // Each change of its members makes another version of it.
        if let Some(held) = ground.work.lock_resource(ground.kind, group).await? {
            ground.work.note_members(ground.kind, &held, settled).await?;
        }
        Ok(Some(after))
    }
}
