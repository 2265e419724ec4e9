//! Segregation of duties: what is asked for is foreseen, what is given is looked at where it is written, and everybody each
//! night.

use std::collections::{BTreeSet, HashMap, HashSet};

use rights::{
    Effect, EntitlementId, Instant, NodeId, UserId,
    sod::{self, Conflict, Event, Exception, Finding, Holding, Rule, Scope, State, Violation},
};
use store::{Cause, Error, RuleKind, SodViolation, TenantStore, Work};
use uuid::Uuid;

use crate::{
    clock::{Clock, Ids},
    notices::{self, About, Telling},
};

/// The most people who are looked at where something is written: of a greater change the rest is found at night.
pub const AT_ONCE: usize = 2000;
/// How many people are looked at in one transaction at night.
const CHUNK: usize = 200;

/// A conflict, and what stands in its way or lets it be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Whose.
    pub subject: UserId,
    /// What of which rule.
    pub finding: Finding,
    /// How it matters to a decision.
    pub conflict: Conflict,
}

/// What came of looking at people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Conflicts that were not there before, or have become greater.
    pub new: Vec<Weighed>,
    /// Who has to be told.
    tellings: Vec<Telling>,
}

/// The rules of a tenant that count.
pub async fn rules(work: &Work) -> Result<Vec<Rule>, Error> {
    Ok(work.active_rules(RuleKind::Sod).await?.iter().filter_map(store::Rule::sod).collect())
}

/// The conflicts that something would bring somebody who does not hold it yet by these rules, with the exceptions that they have.
pub async fn foresee(
    work: &Work,
    rules: &[Rule],
    subject: Uuid,
    wanted: &[Uuid],
    now: Instant,
) -> Result<Vec<Weighed>, Error> {
    let concerned: Vec<Rule> = rules.iter().filter(|rule| names_any(rule, wanted)).cloned().collect();
    if concerned.is_empty() {
        return Ok(Vec::new());
    }
    let named = named(&concerned);
    let institutions = institutions(work, &concerned, &named).await?;
    let held = work.held_by(&[subject], &named).await?.remove(&subject).unwrap_or_default();
    let held: Vec<Holding> = held.into_iter().map(|id| holding(&institutions, id)).collect();
    let wanted: Vec<Holding> = wanted.iter().map(|id| holding(&institutions, *id)).collect();
    let findings = sod::predict(&concerned, &held, &wanted);
    let open = work.open_violations(&[subject]).await?;
    Ok(weigh(UserId(subject), findings, &open, now))
}

/// The conflicts of which something is part that somebody holds already, or will from some day on, by the rules that count now.
pub async fn conflicts_with(work: &Work, subject: Uuid, held: Uuid, now: Instant) -> Result<Vec<Conflict>, Error> {
    let mut rules = rules(work).await?;
    rules.retain(|rule| names_any(rule, &[held]));
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    work.hold_duties().await?;
    let findings = find(work, &rules, &[subject]).await?.remove(&subject).unwrap_or_default();
    let open = work.open_violations(&[subject]).await?;
    Ok(conflicts_of(&weigh(UserId(subject), findings, &open, now), held))
}

/// The conflict by a rule that somebody has or will have with what they want, if that brings anything new.
pub async fn would_find(work: &Work, rule: &Rule, subject: Uuid, wanted: &[Uuid]) -> Result<Option<Finding>, Error> {
    let rules = std::slice::from_ref(rule);
    let named = named(rules);
    let institutions = institutions(work, rules, &named).await?;
    let held = work.held_by(&[subject], &named).await?.remove(&subject).unwrap_or_default();
    let held: Vec<Holding> = held.into_iter().map(|id| holding(&institutions, id)).collect();
    let wanted: Vec<Holding> = wanted.iter().map(|id| holding(&institutions, *id)).collect();
    if sod::predict(rules, &held, &wanted).is_empty() {
        return Ok(None);
    }
    Ok(sod::detect(rules, &[held, wanted].concat()).pop())
}

/// The conflicts that one of the things that somebody wants is part of.
pub fn conflicts_of(foreseen: &[Weighed], entitlement: Uuid) -> Vec<Conflict> {
    let id = EntitlementId(entitlement);
    let concerns = |one: &&Weighed| one.finding.one.contains(&id) || one.finding.other.contains(&id);
    foreseen.iter().filter(concerns).map(|one| one.conflict).collect()
}

/// Looks at people as they are now, and writes which conflicts they have and have no more. Who looks after security is told of those
/// that are new.
pub async fn watch(work: &Work, rules: &[Rule], users: &[Uuid], ids: &Ids, now: Instant) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    let mut findings = find(work, rules, users).await?;
    let mut open: HashMap<Uuid, Vec<SodViolation>> = HashMap::new();
    for violation in work.open_violations(users).await? {
        open.entry(violation.violation.subject.0).or_default().push(violation);
    }
    for user in users {
        let findings = findings.remove(user).unwrap_or_default();
        let before = open.remove(user).unwrap_or_default();
        note(work, rules, (*user, &findings, &before), ids, now, &mut seen).await?;
    }
    notices::tell(work, ids, now, &seen.tellings).await?;
    Ok(seen)
}

/// The same by the rules that count now; others who look wait, so that two who give one side each see each other.
pub async fn look_at(work: &Work, users: &[Uuid], ids: &Ids, now: Instant) -> Result<Seen, Error> {
    let rules = rules(work).await?;
    if !rules.is_empty() {
        work.hold_duties().await?;
    } else if work.open_violations(users).await?.is_empty() {
        return Ok(Seen::default());
    }
    watch(work, &rules, users, ids, now).await
}

/// Ends the conflicts by a rule that is no more, in the transaction that takes it away.
pub async fn let_go(work: &Work, rule: Uuid, now: Instant) -> Result<(), Error> {
    work.hold_duties().await?;
    for known in work.open_violations_of(rule).await? {
        let Ok(over) = known.violation.apply(Event::Gone, now) else { continue };
        work.write_violation(&known.next(over.next, now.millis())).await?;
    }
    Ok(())
}

/// Whether what follows from an event can bring somebody into conflict, or out of one: what is given of a group of which no rule
/// speaks cannot.
pub async fn matter(work: &Work, rules: &[Rule], effects: &[Effect], group: Uuid) -> Result<bool, Error> {
    let (mut gives, mut takes) = (false, false);
    for effect in effects {
        match effect {
            Effect::Tell(..) => {}
            Effect::Give(_) | Effect::Extend { .. } => gives = true,
            _ => takes = true,
        }
    }
    Ok(takes || gives && concern(work, rules, group).await?)
}

/// Whether a group, or one above it, is named by a rule.
pub async fn concern(work: &Work, rules: &[Rule], group: Uuid) -> Result<bool, Error> {
    if rules.is_empty() {
        return Ok(false);
    }
    let named = named(rules);
    Ok(work.with_groups_above(group).await?.iter().any(|id| named.contains(id)))
}

/// The conflicts of people.
async fn find(work: &Work, rules: &[Rule], users: &[Uuid]) -> Result<HashMap<Uuid, Vec<Finding>>, Error> {
    let named = named(rules);
    if named.is_empty() || users.is_empty() {
        return Ok(HashMap::new());
    }
    let held = work.held_by(users, &named).await?;
    if held.is_empty() {
        return Ok(HashMap::new());
    }
    let institutions = institutions(work, rules, &named).await?;
    let findings = |held: BTreeSet<Uuid>| {
        let held: Vec<Holding> = held.into_iter().map(|id| holding(&institutions, id)).collect();
        sod::detect(rules, &held)
    };
    Ok(held.into_iter().map(|(user, held)| (user, findings(held))).collect())
}

/// Writes what differs between what somebody is in conflict with and what was known of it.
async fn note(
    work: &Work,
    rules: &[Rule],
    (user, findings, before): (Uuid, &[Finding], &[SodViolation]),
    ids: &Ids,
    now: Instant,
    seen: &mut Seen,
) -> Result<(), Error> {
    let mut new = Vec::new();
    for finding in findings {
        let Some(known) = before.iter().find(|known| known.violation.finding.rule == finding.rule) else {
            let found = Violation::found(UserId(user), finding.clone());
            let (id, effects, found) = (ids.next(), found.effects, found.next);
            let stored =
                SodViolation { id, violation: found, excepted: None, found: now.millis(), ended: None, version: 1 };
            seen.tellings.extend(About::violation(&stored).tellings(&effects));
            work.write_violation(&stored).await?;
            new.push(finding.clone());
            continue;
        };
        if !finding.is_within(&known.violation.finding) {
            new.push(finding.clone());
        }
        let Ok(seen_again) = known.violation.apply(Event::Found(finding.clone()), now) else { continue };
        if seen_again.next == known.violation {
            continue;
        }
        let after = known.next(seen_again.next, now.millis());
        seen.tellings.extend(About::violation(&after).tellings(&seen_again.effects));
        work.write_violation(&after).await?;
    }
    for gone in before.iter().filter(|known| findings.iter().all(|found| found.rule != known.violation.finding.rule)) {
        if is_awaited(work, rules, gone, now).await? {
            continue;
        }
        // What is not there any more is over in every state.
        let Ok(over) = gone.violation.apply(Event::Gone, now) else { continue };
        work.write_violation(&gone.next(over.next, now.millis())).await?;
    }
    seen.new.extend(weigh(UserId(user), new, before, now));
    Ok(())
}

/// Whether something was allowed beforehand that can still come: the rule counts and the person is there.
async fn is_awaited(work: &Work, rules: &[Rule], known: &SodViolation, now: Instant) -> Result<bool, Error> {
    let Violation { subject, finding, .. } = &known.violation;
    let may_come = known.violation.is_foreseen(now) && rules.iter().any(|rule| rule.id == finding.rule);
    Ok(may_come && !work.people_among(&[subject.0], 1).await?.is_empty())
}

fn weigh(subject: UserId, findings: Vec<Finding>, open: &[SodViolation], now: Instant) -> Vec<Weighed> {
    let allowed: Vec<(Finding, Exception)> = open
        .iter()
        .filter(|known| known.violation.subject == subject)
        .filter_map(|known| match &known.violation.state {
            State::Excepted(exception) => Some((known.violation.finding.clone(), exception.clone())),
            _ => None,
        })
        .collect();
    let conflicts = sod::weigh(&findings, &allowed, now);
    findings.into_iter().zip(conflicts).map(|(finding, conflict)| Weighed { subject, finding, conflict }).collect()
}

fn names_any(rule: &Rule, ids: &[Uuid]) -> bool {
    ids.iter().any(|id| rule.one.contains(&EntitlementId(*id)) || rule.other.contains(&EntitlementId(*id)))
}

/// What rules name.
fn named(rules: &[Rule]) -> HashSet<Uuid> {
    rules.iter().flat_map(|rule| rule.one.iter().chain(&rule.other)).map(|id| id.0).collect()
}

/// For which institution each entitlement is, where a rule asks.
async fn institutions(work: &Work, rules: &[Rule], named: &HashSet<Uuid>) -> Result<HashMap<Uuid, Uuid>, Error> {
    if rules.iter().all(|rule| rule.scope == Scope::Tenant) {
        return Ok(HashMap::new());
    }
    work.institutions(named).await
}

fn holding(institutions: &HashMap<Uuid, Uuid>, id: Uuid) -> Holding {
    Holding { entitlement: EntitlementId(id), institution: institutions.get(&id).copied().map(NodeId) }
}

/// Whom a rule would find, of users behind that one: a page of them, and whether there may be more behind the last of it.
pub async fn impact(
    data: &TenantStore,
    rule: &Rule,
    after: Option<Uuid>,
    limit: u64,
    cause: &Cause,
    clock: &Clock,
) -> Result<(Vec<(Uuid, Finding)>, Option<Uuid>), Error> {
    let users = holders(data, rule, after, limit).await?;
    let work = data.begin(cause, || clock.now()).await?;
    let mut found = find(&work, std::slice::from_ref(rule), &users).await?;
    work.roll_back().await?;
    let more = users.last().copied().filter(|_| users.len() as u64 == limit);
    let page = users.into_iter().filter_map(|user| Some((user, found.remove(&user)?.pop()?))).collect();
    Ok((page, more))
}

async fn holders(data: &TenantStore, rule: &Rule, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>, Error> {
    let side = |ids: &BTreeSet<EntitlementId>| ids.iter().map(|id| id.0).collect::<Vec<_>>();
    data.holders_of_both(&side(&rule.one), &side(&rule.other), after, limit).await
}

/// Looks at everybody of a tenant who is in conflict or was, some in a transaction, so that others write in between. Says how
/// many people were looked at.
pub async fn watch_all(data: &TenantStore, cause: &Cause, clock: &Clock, ids: &Ids) -> Result<u64, Error> {
    let rules: Vec<Rule> = data.active_rules(RuleKind::Sod).await?.iter().filter_map(store::Rule::sod).collect();
    let mut seen = 0;
    for rule in &rules {
        let mut after = None;
        loop {
            let users = holders(data, rule, after, CHUNK as u64).await?;
            seen += watch_some(data, cause, clock, ids, &users).await?;
            after = users.last().copied();
            if users.len() < CHUNK {
                break;
            }
        }
    }
    let mut after = None;
    loop {
        let users = data.users_in_conflict(after, CHUNK as u64).await?;
        seen += watch_some(data, cause, clock, ids, &users).await?;
        after = users.last().copied();
        if users.len() < CHUNK {
            return Ok(seen);
        }
    }
}

/// Looks at some people in a transaction of its own; exceptions that are over end with it.
async fn watch_some(data: &TenantStore, cause: &Cause, clock: &Clock, ids: &Ids, users: &[Uuid]) -> Result<u64, Error> {
    if users.is_empty() {
        return Ok(0);
    }
    let work = data.begin(cause, || clock.now()).await?;
    let now = Instant::from_millis(clock.now());
    work.hold_duties().await?;
    lapse(&work, users, ids, now).await?;
    let rules = rules(&work).await?;
    watch(&work, &rules, users, ids, now).await?;
    work.commit().await?;
    Ok(users.len() as u64)
}

/// Ends what exceptions of people are over.
async fn lapse(work: &Work, users: &[Uuid], ids: &Ids, now: Instant) -> Result<(), Error> {
    let mut tellings = Vec::new();
    for known in work.open_violations(users).await? {
        if let Ok(lapsed) = known.violation.apply(Event::Lapse, now) {
            let after = known.next(lapsed.next, now.millis());
            work.write_violation(&after).await?;
            tellings.extend(About::violation(&after).tellings(&lapsed.effects));
        }
    }
    notices::tell(work, ids, now, &tellings).await
}
