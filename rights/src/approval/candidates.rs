//! Who could decide, as the directory knows it, and who of them may.

use std::collections::{BTreeMap, BTreeSet};

use crate::{UserId, approval::Resolver};

/// Somebody who could decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The person.
    pub user: UserId,
    /// Whether they are active.
    pub is_active: bool,
}

/// Who could decide at the stages of a scheme, found when they are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates(BTreeMap<Resolver, Vec<Candidate>>);

impl Candidates {
    /// Nobody.
    pub fn none() -> Self {
        Self::default()
    }

    /// With those whom a resolver finds.
    pub fn with(mut self, resolver: Resolver, found: impl IntoIterator<Item = Candidate>) -> Self {
        self.0.entry(resolver).or_default().extend(found);
        self
    }

    /// With active people whom a resolver finds.
    pub fn with_active(self, resolver: Resolver, users: impl IntoIterator<Item = UserId>) -> Self {
        self.with(resolver, users.into_iter().map(|user| Candidate { user, is_active: true }))
    }

    fn of(&self, resolver: Resolver) -> &[Candidate] {
        self.0.get(&resolver).map_or(&[], Vec::as_slice)
    }
}

/// Those whom a resolver finds, without who has left and whom it concerns. With the latter their deputies go, too: nobody
/// decides in the name of somebody who may not.
pub(crate) fn eligible(candidates: &Candidates, resolver: Resolver, barred: &[UserId]) -> BTreeSet<UserId> {
    let found = candidates.of(resolver).iter();
    found.filter(|one| one.is_active && !barred.contains(&one.user)).map(|one| one.user).collect()
}
