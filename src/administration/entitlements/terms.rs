//! Whether the terms of an entitlement can be, by themselves and beside what there is.

use std::collections::{BTreeSet, HashSet};

use scim::schema::Catalog;
use store::{Lengths, RuleKind, RuleState, Terms, Work};
use uuid::Uuid;

use crate::{
    administration::{Error, Fault, error::reason, limits, people::unknown_people},
    wording::{Phrase, Text, between, phrase},
};

/// The shortest and the longest time for which something is given, in seconds: a minute, and ten years.
const LENGTHS: std::ops::RangeInclusive<i64> = 60..=3660 * 24 * 3600;
/// How often a grant can be extended at the most.
const MAX_EXTENSIONS: i64 = 100;
/// How many units, footings or prerequisites an entitlement names at the most.
const MAX_NAMED: usize = 100;
/// How many entitlements a chain of prerequisites is followed through.
const MAX_CHAIN: usize = 1000;

/// What concerns the terms alone.
pub(super) fn judge(terms: &Terms, group: Uuid) -> Result<(), Error> {
    let mut faults = lengths(&terms.duration);
    let mut fault = |pointer: String, reason: Text| faults.push(Fault { pointer, reason });
    let audience = &terms.audience;
    for (name, count, is_doubled) in [
        ("/audience/units", audience.units.len(), is_doubled(&audience.units)),
        ("/audience/employmentTypes", audience.employment_types.len(), is_doubled(&audience.employment_types)),
        ("/prerequisites", terms.prerequisites.len(), is_doubled(&terms.prerequisites)),
    ] {
        if count > MAX_NAMED {
            fault(name.into(), phrase("must-be-at-most").with("most", MAX_NAMED).into());
        } else if is_doubled {
            fault(name.into(), phrase("names-one-twice").into());
        }
    }
    for (at, kind) in audience.employment_types.iter().enumerate() {
        if let Err(error) = limits::line(kind) {
            fault(format!("/audience/employmentTypes/{at}"), reason(&error));
        }
    }
    if let Some(at) = terms.prerequisites.iter().position(|id| *id == group) {
        fault(format!("/prerequisites/{at}"), phrase("other-entitlement").into());
    }
    judged(faults)
}

fn lengths(lengths: &Lengths) -> Vec<Fault> {
    let Lengths { proposed, longest, total, extensions } = *lengths;
    let mut faults = Vec::new();
    let mut fault = |name: &str, reason: Phrase| faults.push(Fault::new(format!("/duration/{name}"), reason));
    for (name, length) in [("default", proposed), ("longest", longest), ("total", total)] {
        if length.is_some_and(|length| !LENGTHS.contains(&length)) {
            fault(name, phrase("must-be-seconds").with("least", *LENGTHS.start()).with("most", *LENGTHS.end()));
        }
    }
    let exceeds = |one: Option<i64>, other: Option<i64>| one.zip(other).is_some_and(|(one, other)| one > other);
    if exceeds(proposed, longest) || exceeds(proposed, total) {
        fault("default", phrase("longer-than-longest"));
    }
    if exceeds(longest, total) {
        fault("longest", phrase("longer-than-total"));
    }
    if !(0..=MAX_EXTENSIONS).contains(&extensions) {
        fault("extensions", between(0, MAX_EXTENSIONS));
    }
    faults
}

/// Whatever is named anew must be there.
pub(super) async fn know(
    work: &Work,
    catalog: &Catalog,
    group: Uuid,
    after: &Terms,
    before: &Terms,
) -> Result<(), Error> {
    let owner = after.owner.filter(|owner| before.owner != Some(*owner));
    let mut faults = unknown_people(work, catalog, &[("/owner", owner)]).await?;
    // Nobody deletes it meanwhile.
    if let Some(policy) = after.approval_policy.filter(|policy| before.approval_policy != Some(*policy)) {
        let reason = match work.hold_rule(RuleKind::Scheme, policy).await?.map(|policy| policy.state) {
            None => Some("no-approval-policy"),
            Some(RuleState::Retired) => Some("policy-retired"),
            Some(_) => None,
        };
        faults.extend(reason.map(|reason| Fault::new("/approvalPolicy", phrase(reason))));
    }
    let units = new_among(&after.audience.units, &before.audience.units);
    if !units.is_empty() {
        let known: HashSet<Uuid> = work.places().await?.into_iter().map(|place| place.id).collect();
        let unknown = units.into_iter().filter(|(_, unit)| !known.contains(unit));
        faults.extend(
            unknown.map(|(at, _)| Fault { pointer: format!("/audience/units/{at}"), reason: phrase("no-unit").into() }),
        );
    }
    let needed = new_among(&after.prerequisites, &before.prerequisites);
    if !needed.is_empty() {
        let ids: Vec<Uuid> = needed.iter().map(|(_, id)| *id).collect();
        let known = work.entitlements_among(&ids).await?;
        for (at, id) in needed {
            let reason = if !known.contains_key(&id) {
                phrase("no-entitlement")
            } else if leads_to(work, id, group).await? {
                phrase("presupposes-itself")
            } else {
                continue;
            };
            faults.push(Fault { pointer: format!("/prerequisites/{at}"), reason: reason.into() });
        }
    }
    judged(faults)
}

/// Whether an entitlement presupposes another, be it through further ones.
async fn leads_to(work: &Work, from: Uuid, to: Uuid) -> Result<bool, Error> {
    let (mut seen, mut next) = (HashSet::from([from]), vec![from]);
    while !next.is_empty() && seen.len() <= MAX_CHAIN {
        let found = work.entitlements_among(&next).await?;
        let behind: BTreeSet<Uuid> = found.values().flat_map(|one| one.terms.prerequisites.iter().copied()).collect();
        if behind.contains(&to) {
            return Ok(true);
        }
        next = behind.into_iter().filter(|id| seen.insert(*id)).collect();
    }
    Ok(false)
}

/// What a list names that it did not name, and where.
fn new_among(after: &[Uuid], before: &[Uuid]) -> Vec<(usize, Uuid)> {
    after.iter().copied().enumerate().filter(|(_, id)| !before.contains(id)).collect()
}

fn is_doubled<T: Ord>(list: &[T]) -> bool {
    list.iter().collect::<BTreeSet<&T>>().len() < list.len()
}

fn judged(faults: Vec<Fault>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
