//! What should be true of memberships and grants, and what happens to them by chance.

use std::collections::{BTreeMap, BTreeSet};

/// A generator whose numbers are the same every time.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).expect("a number")
    }

    pub(crate) fn one_of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    pub(crate) fn some_of<T: Clone>(&mut self, list: &[T]) -> Vec<T> {
        list.iter().filter(|_| self.below(2) == 0).cloned().collect()
    }
}

/// What should be true, in the simplest form there is.
#[derive(Clone, Default)]
pub(crate) struct Model {
    /// Who is in which group.
    pub(crate) members: BTreeMap<String, BTreeSet<String>>,
    /// Which groups are entitlements, and whether grants alone make members.
    pub(crate) governed: BTreeMap<String, bool>,
    /// Who has what by the hand of an administrator; the grant.
    pub(crate) by_hand: BTreeMap<(String, String), String>,
    /// What somebody has beside: from a client, or from before it was an entitlement.
    pub(crate) otherwise: BTreeSet<(String, String)>,
}

impl Model {
    /// Whether a client without the right to give grants may leave the group like that.
    pub(crate) fn admits(&self, group: &str, wanted: &BTreeSet<String>, gives_grants: bool) -> bool {
        gives_grants || !self.governed.get(group).copied().unwrap_or(false) || wanted.is_subset(&self.members[group])
    }

    /// A client wants exactly these in a group.
    pub(crate) fn set(&mut self, group: &str, wanted: BTreeSet<String>) {
        let present = self.members.insert(group.to_owned(), wanted.clone()).unwrap_or_default();
        for gone in present.difference(&wanted) {
            self.by_hand.remove(&(group.to_owned(), gone.clone()));
            self.otherwise.remove(&(group.to_owned(), gone.clone()));
        }
        if self.governed.contains_key(group) {
            self.otherwise.extend(wanted.difference(&present).map(|new| (group.to_owned(), new.clone())));
        }
    }
}
