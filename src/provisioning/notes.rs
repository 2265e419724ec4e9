//! What a request has changed, in counts and names of attributes: for the log of calls. No values and no ids.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use store::{Action, Changes};

/// How many names of attributes are kept.
const MAX_NAMES: usize = 50;
/// How many different reasons of a bulk request's failures are kept.
const MAX_REASONS: usize = 5;

/// Notes of one request, taken while it is served. What is rolled back is crossed out.
#[derive(Clone, Debug, Default)]
pub struct Notes(Arc<Mutex<Vec<Note>>>);

#[derive(Debug)]
enum Note {
    Written { action: Action, kind: String, attributes: Vec<String>, added: usize, removed: usize },
    Bulk { operations: usize, failures: BTreeMap<u16, u64>, reasons: Vec<Reason> },
}

/// What a request has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// How many resources of each type are new.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub created: BTreeMap<String, u64>,
    /// How many resources of each type differ.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub changed: BTreeMap<String, u64>,
    /// How many resources of each type are gone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deleted: BTreeMap<String, u64>,
    /// In which attributes they differ.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub attributes: BTreeSet<String>,
    /// How many memberships are new.
    #[serde(skip_serializing_if = "is_zero")]
    pub members_added: u64,
    /// How many memberships are gone.
    #[serde(skip_serializing_if = "is_zero")]
    pub members_removed: u64,
    /// How many operations a bulk request had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<u64>,
    /// How many of them failed, by status.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub failures: BTreeMap<u16, u64>,
    /// Why they failed: different reasons, five at the most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// Why operations of a bulk request failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reason {
    /// Their status.
    pub status: u16,
    /// The keyword of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<String>,
    /// The reason in a sentence, unless it repeats the client's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which operation was the first of them, counted from one.
    pub first: u64,
    /// How many there are.
    pub count: u64,
}

impl Reason {
    fn of(error: &scim::Error, first: u64) -> Self {
        Self {
            status: error.status,
            scim_type: error.scim_type.map(|keyword| keyword.keyword().to_owned()),
            detail: (!error.quotes).then(|| error.detail.clone()),
            first,
            count: 1,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.status, &self.scim_type, &self.detail) == (other.status, &other.scim_type, &other.detail)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Notes {
    fn list(&self) -> MutexGuard<'_, Vec<Note>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was written.
    pub(super) fn written(&self, action: Action, kind: &str, changes: &Changes) {
        let Changes { attributes, added, removed } = changes;
        self.list().push(Note::Written {
            action,
            kind: kind.to_owned(),
            attributes: attributes.clone(),
            added: added.len(),
            removed: removed.len(),
        });
    }

    /// A bulk request of so many operations has run; these failed, by their place in it.
    pub(super) fn bulk<'a>(&self, operations: usize, failed: impl Iterator<Item = (usize, &'a scim::Error)>) {
        let mut failures = BTreeMap::new();
        let mut reasons: Vec<Reason> = Vec::new();
        for (at, error) in failed {
            *failures.entry(error.status).or_default() += 1;
            let reason = Reason::of(error, at as u64 + 1);
            if let Some(known) = reasons.iter_mut().find(|known| known.is_same(&reason)) {
                known.count += 1;
            } else if reasons.len() < MAX_REASONS {
                reasons.push(reason);
            }
        }
        self.list().push(Note::Bulk { operations, failures, reasons });
    }

    /// Whether something may have been taken away: a resource, a member, or that a user is active.
    pub fn takes_away(&self) -> bool {
        self.list().iter().any(|note| match note {
            Note::Written { action, attributes, removed, .. } => {
                *action == Action::Deleted || *removed > 0 || attributes.iter().any(|name| name == "active")
            }
            Note::Bulk { .. } => false,
        })
    }

    /// Where the notes end just now.
    pub(super) fn end(&self) -> usize {
        self.list().len()
    }

    /// Crosses out what was noted behind that place.
    pub(super) fn back_to(&self, end: usize) {
        self.list().truncate(end);
    }

    /// All of them in short.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for note in self.list().iter() {
            summary.add(note);
        }
        summary
    }
}

impl Summary {
    fn add(&mut self, note: &Note) {
        match note {
            Note::Bulk { operations, failures, reasons } => {
                self.operations = Some(*operations as u64);
                self.failures.clone_from(failures);
                self.reasons.clone_from(reasons);
            }
            Note::Written { action, kind, attributes, added, removed } => {
                let counts = match action {
                    Action::Created => &mut self.created,
                    Action::Changed => &mut self.changed,
                    Action::Deleted => &mut self.deleted,
                };
                match counts.get_mut(kind) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(kind.clone(), 1)),
                }
                for name in attributes {
                    if self.attributes.len() < MAX_NAMES && !self.attributes.contains(name) {
                        self.attributes.insert(name.clone());
                    }
                }
                self.members_added += *added as u64;
                self.members_removed += *removed as u64;
            }
        }
    }
}
