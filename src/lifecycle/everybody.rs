//! Rules for everybody of a tenant: some people in a transaction, so that others write in between, and nothing is held where
//! nothing changes.

use std::time::Duration;

use rights::{
    Instant,
    birthright::{Difference, Rule},
    calendar,
};
use scim::schema::{Catalog, ResourceType};
use store::{AccessGrant, Cause, Error, Paths, RuleKind, Stored, TenantState, TenantStore, TimerKind, Work};
use tokio::time::Instant as Stopwatch;
use uuid::Uuid;

use crate::{
    clock::{Clock, Ids},
    lifecycle::birthright::{Person, World, follow, judge, today},
};

/// How many people are looked at in one go.
const CHUNK: u64 = 200;
/// How long after the end of a day its night is.
const NIGHT: time::Duration = time::Duration::minutes(5);
/// How often some people are tried when others are in the way.
const ATTEMPTS: u32 = 5;

/// A tenant whose people are looked at.
#[derive(Clone, Debug)]
pub struct Everybody<'a> {
    /// Where the data is.
    pub data: &'a TenantStore,
    /// Which resources there are.
    pub catalog: &'a Catalog,
    /// Who asks, in which request, for the log.
    pub cause: &'a Cause,
    /// The time.
    pub clock: &'a Clock,
    /// New ids.
    pub ids: &'a Ids,
}

/// How far it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many people were looked at.
    pub looked: u64,
    /// For how many something changed.
    pub people: u64,
    /// How much was given, or stays after all.
    pub given: u64,
    /// How much runs out.
    pub running_out: u64,
    /// Behind whom it goes on; nothing if all were looked at.
    pub next: Option<Uuid>,
}

/// What a rule would change for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Would {
    /// Who.
    pub user: Uuid,
    /// What they would be given.
    pub give: Vec<Uuid>,
    /// What would run out.
    pub end: Vec<Uuid>,
}

impl Everybody<'_> {
    /// Lets everybody behind that user have what rules say, until time is over.
    pub async fn follow(&self, after: Option<Uuid>, patience: Duration) -> Result<Progress, Error> {
        let begun = Stopwatch::now();
        let mut progress = Progress { next: after, ..Progress::default() };
        let Some(kind) = people(self.catalog) else { return Ok(Progress::default()) };
        loop {
            let users = self.data.resources_after(kind, progress.next, CHUNK).await?;
            progress.looked += users.len() as u64;
            self.some(kind, &users, &mut progress).await?;
            progress.next = users.last().map(|user| user.id).filter(|_| users.len() as u64 == CHUNK);
            if progress.next.is_none() || begun.elapsed() >= patience {
                return Ok(progress);
            }
        }
    }

    /// Some people: those for whom nothing changes are not held.
    async fn some(&self, kind: &ResourceType, users: &[Stored], progress: &mut Progress) -> Result<(), Error> {
        let rules: Vec<Rule> =
            self.data.active_rules(RuleKind::Birthright).await?.iter().filter_map(store::Rule::birthright).collect();
        let differences = self.differences(&rules, users).await?;
        let concerned: Vec<Uuid> =
            differences.into_iter().filter(|(_, _, change)| !change.is_empty()).map(|(user, ..)| user.user).collect();
        if concerned.is_empty() {
            return Ok(());
        }
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.try_some(kind, &concerned, progress).await {
                Err(Error::Conflict) if attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(u64::from(10 * attempt))).await;
                }
                settled => return settled,
            }
        }
    }

    async fn try_some(&self, kind: &ResourceType, users: &[Uuid], progress: &mut Progress) -> Result<(), Error> {
        let work = self.data.begin(self.cause, || self.clock.now()).await?;
        let gives = match work.hold_tenant().await?.state {
            TenantState::Active => true,
            TenantState::Suspended => false,
            TenantState::Archived => return work.roll_back().await,
        };
        // People before groups, as everywhere.
        let held = work.lock(kind, users.iter().copied()).await?;
        let mut people = Vec::with_capacity(held.len());
        for user in &held {
            let person = Person::of(user.id, &user.document()?);
            // Who has left has what they had set aside; what rules say is looked at when they come back.
            if person.is_active {
                people.push(person);
            }
        }
        let birthright: Vec<Rule> =
            work.active_rules(RuleKind::Birthright).await?.iter().filter_map(store::Rule::birthright).collect();
        let sod: Vec<_> = work.active_rules(RuleKind::Sod).await?.iter().filter_map(store::Rule::sod).collect();
        let world = World {
            catalog: self.catalog,
            birthright: &birthright,
            sod: &sod,
            gives,
            ids: self.ids,
            now: Instant::from_millis(self.clock.now()),
        };
        let followed = follow(&work, &world, &people).await?;
        work.commit().await?;
        progress.people += followed.people as u64;
        progress.given += followed.given as u64;
        progress.running_out += followed.running_out as u64;
        Ok(())
    }

    /// What has to change for people who are there.
    async fn differences<'u>(
        &self,
        rules: &[Rule],
        users: &'u [Stored],
    ) -> Result<Vec<(Person, &'u Stored, Difference)>, Error> {
        let mut people = Vec::with_capacity(users.len());
        for user in users {
            people.push((Person::of(user.id, &user.document()?), user));
        }
        people.retain(|(person, _)| person.is_active);
        let codes: std::collections::BTreeSet<String> = people.iter().flat_map(|(person, _)| person.codes()).collect();
        let paths: Paths = self.data.paths(&codes.into_iter().collect::<Vec<_>>()).await?;
        let ids: Vec<Uuid> = people.iter().map(|(person, _)| person.user).collect();
        let given: Vec<AccessGrant> = self.data.given_by_rules(&ids).await?;
        let now = Instant::from_millis(self.clock.now());
        let judged = |(person, user): (Person, &'u Stored)| {
            let difference = judge(rules, &person, &paths, &given, now);
            (person, user, difference)
        };
        Ok(people.into_iter().map(judged).collect())
    }

    /// What a rule would change if it counted as it is: so many people, and the first of them behind that user. Nothing is
    /// written.
    pub async fn foresee(
        &self,
        rule: &Rule,
        after: Option<Uuid>,
        limit: usize,
        patience: Duration,
    ) -> Result<(Progress, Vec<Would>), Error> {
        let begun = Stopwatch::now();
        let Some(kind) = people(self.catalog) else { return Ok((Progress::default(), Vec::new())) };
        let mut progress = Progress { next: after, ..Progress::default() };
        let mut page = Vec::new();
        loop {
            let users = self.data.resources_after(kind, progress.next, CHUNK).await?;
            progress.looked += users.len() as u64;
            for (person, _, difference) in self.differences(std::slice::from_ref(rule), &users).await? {
                let given = if difference.end.is_empty() {
                    Vec::new()
                } else {
                    self.data.given_by_rules(&[person.user]).await?
                };
                let own = would(rule, person.user, &difference, &given);
                if own.give.is_empty() && own.end.is_empty() {
                    continue;
                }
                progress.people += 1;
                progress.given += own.give.len() as u64;
                progress.running_out += own.end.len() as u64;
                if page.len() < limit {
                    page.push(own);
                }
            }
            progress.next = users.last().map(|user| user.id).filter(|_| users.len() as u64 == CHUNK);
            if progress.next.is_none() || begun.elapsed() >= patience {
                return Ok((progress, page));
            }
        }
    }
}

/// What of a difference is of one rule.
fn would(rule: &Rule, user: Uuid, difference: &Difference, given: &[AccessGrant]) -> Would {
    let of_rule = |grant: &&AccessGrant| grant.source_id == Some(rule.id.0);
    let ends = given.iter().filter(of_rule).filter(|grant| difference.end.iter().any(|(id, _)| id.0 == grant.id));
    Would {
        user,
        give: difference.give.iter().map(|birthright| birthright.entitlement.0).collect(),
        end: ends.map(|grant| grant.grant.entitlement.0).collect(),
    }
}

/// Lets the tenant have its next night, as long as it has rules for one.
pub async fn plan_night(work: &Work, now: Instant) -> Result<(), Error> {
    let rules = work.count_rules(RuleKind::Sod).await? + work.count_rules(RuleKind::Birthright).await?;
    let due = calendar::end_of_day(today(now)) + NIGHT;
    let wanted: Vec<(TimerKind, Instant)> = (rules > 0).then_some((TimerKind::Nightly, due)).into_iter().collect();
    work.set_timers(Uuid::nil(), &[TimerKind::Nightly], &wanted).await
}

fn people(catalog: &Catalog) -> Option<&ResourceType> {
    catalog.types().iter().find(|kind| kind.member_of.is_some())
}
