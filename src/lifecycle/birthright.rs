//! Birthrights: what people have because of where and as what they work. Looked at where somebody is written whose work
//! changes, and for everybody when rules change and each night.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rights::{
    EntitlementId, GrantId, Instant, NodeId, RuleId, UserId,
    birthright::{self, Birthright, Difference, Employment, Held, OVERLAP, Rule},
    calendar,
    grant::{Event, Facts, Grant, Limits, NewGrant, Source, Term},
};
use scim::{
    Document, employment, fold,
    schema::{Catalog, Container, ResourceType},
};
use serde_json::Value;
use store::{AccessGrant, EntitlementState, Error, Paths, Settled, Work};
use time::{Date, format_description::well_known::Iso8601};
use uuid::Uuid;

use crate::{clock::Ids, lifecycle::duties};

/// The rules about access rights that count where people are written, and what else has to be known.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Which resources there are.
    pub catalog: &'a Catalog,
    /// What people have by their work.
    pub birthright: &'a [Rule],
    /// What nobody should hold together.
    pub sod: &'a [rights::sod::Rule],
    /// Whether anything may be given.
    pub gives: bool,
    /// New ids.
    pub ids: &'a Ids,
    /// The time.
    pub now: Instant,
}

/// Somebody whose birthrights are looked at.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user.
    pub user: Uuid,
    /// Whether they are there; nothing is given to who has left.
    pub is_active: bool,
    /// What they work as.
    pub employments: Vec<employment::Employment>,
}

/// What came of looking at somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// For how many people something changes.
    pub people: usize,
    /// How much is given, or stays after all.
    pub given: usize,
    /// How much runs out.
    pub running_out: usize,
    /// What was asked for and is to be looked at again, because they have moved.
    pub to_review: Vec<Uuid>,
}

impl Person {
    /// A user as their document says.
    pub fn of(user: Uuid, document: &Document) -> Self {
        let is_active = document.get(Container::Root, "active") != Some(&Value::Bool(false));
        Self { user, is_active, employments: employment::of(document) }
    }

    /// The codes of the units that they name.
    pub fn codes(&self) -> impl Iterator<Item = String> {
        self.employments.iter().filter_map(|one| one.unit.as_deref().map(fold::exact))
    }

    /// What they work as, as the rules read it.
    pub fn employments(&self, paths: &Paths) -> Vec<Employment> {
        let folded = |text: &Option<String>| text.as_deref().map(store::comparable);
        let day = |text: &Option<String>| Date::parse(text.as_deref()?, &Iso8601::DATE).ok();
        let read = |one: &employment::Employment| Employment {
            path: one
                .unit
                .as_deref()
                .and_then(|code| paths.get(&fold::exact(code)))
                .map(|path| path.iter().copied().map(NodeId).collect())
                .unwrap_or_default(),
            position: folded(&one.position),
            kind: folded(&one.kind),
            manager: one.manager.as_deref().and_then(|id| id.parse().ok()).map(UserId),
            starts: day(&one.starts),
            ends: day(&one.ends),
        };
        self.employments.iter().map(read).collect()
    }
}

/// The day that it is in Latvia.
pub fn today(now: Instant) -> Date {
    calendar::local(now).0
}

/// What has to change for somebody so that they have what rules say.
pub fn judge(rules: &[Rule], person: &Person, paths: &Paths, given: &[AccessGrant], now: Instant) -> Difference {
    let entitled = birthright::entitled(rules, &person.employments(paths), today(now));
    let held: Vec<Held> = given.iter().filter(|grant| grant.grant.user.0 == person.user).map(held).collect();
    birthright::difference(&entitled, &held, OVERLAP, now)
}

fn held(stored: &AccessGrant) -> Held {
    let rule = RuleId(stored.source_id.unwrap_or_else(Uuid::nil));
    let by = Birthright { rule, entitlement: stored.grant.entitlement };
    Held { grant: GrantId(stored.id), by, until: stored.grant.until }
}

/// Whether somebody's work is another on a day than on one before: then what they had asked for is looked at again.
pub async fn has_moved(work: &Work, before: (&Person, Date), after: (&Person, Date)) -> Result<bool, Error> {
    let codes: Vec<String> = before.0.codes().chain(after.0.codes()).collect();
    let paths = work.paths(&codes).await?;
    Ok(birthright::has_moved((&before.0.employments(&paths), before.1), (&after.0.employments(&paths), after.1)))
}

/// What somebody has asked for and still has: to be reviewed by their old and their new manager when they move.
pub async fn to_review(work: &Work, user: Uuid) -> Result<Vec<Uuid>, Error> {
    Ok(work.asked_for(user).await?.into_iter().map(|grant| grant.id).collect())
}

/// Lets people have what rules say. Whoever calls holds them; groups are held here, in the order of ids.
pub async fn follow(work: &Work, world: &World<'_>, people: &[Person]) -> Result<Followed, Error> {
    let codes: BTreeSet<String> = people.iter().flat_map(Person::codes).collect();
    let paths = work.paths(&codes.into_iter().collect::<Vec<_>>()).await?;
    let users: Vec<Uuid> = people.iter().map(|person| person.user).collect();
    let given: HashMap<Uuid, AccessGrant> =
        work.given_by_rules(&users).await?.into_iter().map(|grant| (grant.id, grant)).collect();
    let all: Vec<AccessGrant> = given.values().cloned().collect();
    let mut wanted: BTreeMap<Uuid, Vec<AccessGrant>> = BTreeMap::new();
    let mut followed = Followed::default();
    for person in people {
        let difference = judge(world.birthright, person, &paths, &all, world.now);
        let mut add = |grant: AccessGrant| wanted.entry(grant.grant.entitlement.0).or_default().push(grant);
        for birthright in difference.give.iter().filter(|_| world.gives) {
            add(new(work, world, person, *birthright));
        }
        for grant in difference.keep.iter().filter(|_| world.gives).filter_map(|id| given.get(&id.0)) {
            add(changed(grant, Grant { until: None, term: Term::Open, warned: None, ..grant.grant.clone() }));
        }
        for (id, until) in &difference.end {
            let Some(grant) = given.get(&id.0) else { continue };
            let facts = Facts {
                now: world.now,
                is_subject_active: person.is_active,
                is_entitlement_active: true,
                conflicts: &[],
                limits: &Limits::default(),
            };
            // What has no end yet can always be given one.
            if let Ok(outcome) = grant.grant.apply(Event::Shorten(*until), &facts) {
                add(changed(grant, outcome.next));
            }
        }
    }
    if wanted.is_empty() {
        return Ok(followed);
    }
    write(work, world, wanted, &mut followed).await?;
    Ok(followed)
}

/// Writes grants, group by group.
async fn write(
    work: &Work,
    world: &World<'_>,
    wanted: BTreeMap<Uuid, Vec<AccessGrant>>,
    followed: &mut Followed,
) -> Result<(), Error> {
    let Some(kind) = groups(world.catalog) else { return Ok(()) };
    let ids: Vec<Uuid> = wanted.keys().copied().collect();
    let held: HashMap<Uuid, store::Stored> =
        work.lock(kind, ids.iter().copied()).await?.into_iter().map(|group| (group.id, group)).collect();
    let known = work.entitlements_among(&ids).await?;
    let mut people = BTreeSet::new();
    for (id, mut grants) in wanted {
        let in_use = known.get(&id).is_some_and(|entitlement| entitlement.state == EntitlementState::Active);
        // What is not in use is given to nobody; who has it keeps it, until it runs out.
        grants.retain(|grant| in_use || grant.version > 1);
        let Some(group) = held.get(&id).filter(|_| !grants.is_empty()) else { continue };
        for grant in &grants {
            let runs_out = grant.grant.until.is_some();
            let counted = if runs_out { &mut followed.running_out } else { &mut followed.given };
            *counted += 1;
            people.insert(grant.grant.user.0);
        }
        let settled: Settled = work.settle(kind, id, grants).await?;
        work.note_members(kind, group, settled).await?;
    }
    followed.people = people.len();
    if !people.is_empty() && !world.sod.is_empty() {
        work.hold_duties().await?;
        let people: Vec<Uuid> = people.into_iter().collect();
        duties::watch(work, world.sod, &people, world.ids, world.now).await?;
    }
    Ok(())
}

fn groups(catalog: &Catalog) -> Option<&ResourceType> {
    catalog.types().iter().find(|kind| kind.membership.is_some())
}

/// A grant by a rule. To who is not there it comes when they are.
fn new(work: &Work, world: &World<'_>, person: &Person, by: Birthright) -> AccessGrant {
    let (user, entitlement) = (UserId(person.user), EntitlementId(by.entitlement.0));
    let new = NewGrant { user, entitlement, source: Source::Rule, from: None, term: Term::Open };
    AccessGrant {
        id: world.ids.next(),
        grant: Grant::begin(new, person.is_active, world.now),
        source_id: Some(by.rule.0),
        given: work.deed_of(None),
        taken: None,
        predecessor: None,
        prolonged: Vec::new(),
        version: 1,
    }
}

fn changed(before: &AccessGrant, next: Grant) -> AccessGrant {
    AccessGrant { grant: next, version: before.version + 1, ..before.clone() }
}
