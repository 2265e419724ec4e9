//! Giving back what a client took away in a stretch of time: what it deleted, whom it deactivated, whom it took out of
//! groups, and which references were emptied by that. What others have done since stays.
//!
//! It goes forward in batches of their own transactions, so that other writers get their turn. What is back is noted with
//! it: whoever breaks off starts again, and finds only what is left.

mod place;
mod rejoin;
mod undo;

use std::collections::{HashMap, HashSet};

use scim::Document;
use serde::Serialize;
use store::{Removal, RemovalPlace, Removed, Stretch, TenantState, Work};
use tokio::time::Instant;
use uuid::Uuid;

pub use place::Place;

use crate::{
    alarms::KEPT,
    clock::timestamp,
    provisioning::{Directory, Error, restore::place::Phase},
    wording::phrase,
};

/// How many removals are undone in one transaction.
const BATCH: u64 = 50;
/// How many groups are looked up at once.
const GROUPS: u64 = 100;
/// How many items an answer lists at the most.
pub const LISTED: usize = 1000;

/// Why a resource cannot be there again whose name another one has.
const TAKEN: &str = "A unique value is taken by another resource.";

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// Whose removals are undone.
    pub stretch: Stretch,
    /// Only say what would be done.
    pub dry: bool,
}

/// How far to go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// Behind which place.
    pub after: Option<Place>,
    /// When to stop before the next batch, or the next members of a large group.
    pub end: Option<Instant>,
}

/// How much was given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Given {
    /// Deleted users that are there again.
    pub users: u64,
    /// Deleted groups that are there again.
    pub groups: u64,
    /// Deleted resources of other types that are there again.
    pub resources: u64,
    /// Users that are active again.
    pub activations: u64,
    /// Memberships.
    pub memberships: u64,
    /// References, such as managers, that name somebody again.
    pub references: u64,
}

/// What was given back, or could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// `resource`, `activation`, `membership` or `reference`.
    pub what: &'static str,
    /// The resource type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The resource; of a membership, the member.
    pub id: Uuid,
    /// The group of a membership.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Uuid>,
    /// Why it could not be given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How much was given back, or would be.
    pub given: Given,
    /// What, up to [`LISTED`].
    pub items: Vec<Item>,
    /// How much could not be given back.
    pub conflicts: u64,
    /// What, up to [`LISTED`].
    pub conflicting: Vec<Item>,
    /// Where to go on, if time was over.
    pub next: Option<Place>,
}

/// What came of one removal.
enum Outcome {
    Given(Item),
    Conflict(Item),
    /// There was nothing to give back: it is there, or others have had their say since.
    Nothing,
}

impl Outcome {
    fn is_given(&self) -> bool {
        matches!(self, Self::Given(_))
    }
}

/// How far a batch came.
enum Advance {
    /// Go on behind this place.
    Behind(Option<RemovalPlace>),
    /// There is nothing left of this phase.
    Done,
}

/// A restoration on its way.
struct Run<'a> {
    directory: &'a Directory,
    wish: &'a Restoration,
    /// When to stop.
    end: Option<Instant>,
    report: Report,
    /// Nothing was given back yet.
    is_first: bool,
    /// What would be there again in a dry run, with its type.
    would_be: HashMap<Uuid, String>,
    /// Which unique values would be in use again, in a dry run.
    would_take: HashSet<(i64, String)>,
    /// Who came back into which group by being active again: told already.
    joined: HashSet<(Uuid, Uuid)>,
}

impl Directory {
    /// Gives back what a client took away, as far as it reaches. `tell` hears of it in between.
    pub async fn restore(
        &self,
        wish: &Restoration,
        reach: Reach,
        mut tell: impl FnMut(&Report) + Send,
    ) -> Result<Report, Error> {
        self.check_restoration(wish).await?;
        let mut run = Run {
            directory: self,
            wish,
            end: reach.end,
            report: Report::default(),
            is_first: true,
            would_be: HashMap::new(),
            would_take: HashSet::new(),
            joined: HashSet::new(),
        };
        let begin = reach.after.unwrap_or_default();
        for phase in Phase::ALL.into_iter().filter(|phase| *phase >= begin.phase) {
            let mut after = begin.after.filter(|_| phase == begin.phase);
            loop {
                if run.is_late() {
                    run.report.next = Some(Place { phase, after });
                    return Ok(run.report);
                }
                match run.batch(phase, after).await? {
                    Advance::Behind(place) => after = place,
                    Advance::Done => break,
                }
                tell(&run.report);
            }
        }
        Ok(run.report)
    }

    /// Whether something may be given back, and goes on to be until this work ends: a restoration takes a while, and the
    /// tenant may be suspended or archived meanwhile.
    async fn may_restore(&self, work: &Work, wish: &Restoration) -> Result<(), Error> {
        if wish.dry {
            return Ok(());
        }
        match work.hold_tenant().await?.state {
            TenantState::Active => Ok(()),
            TenantState::Suspended => Err(Error::Suspended),
            TenantState::Archived => Err(Error::Archived),
        }
    }

    async fn check_restoration(&self, wish: &Restoration) -> Result<(), Error> {
        let Stretch { client, from, until } = wish.stretch;
        let earliest = self.clock.now() - KEPT;
        if until <= from {
            return Err(Error::wrong_at("/until", phrase("until-behind-from")));
        }
        if from < earliest {
            return Err(Error::wrong_at("/from", phrase("no-longer-kept").with("at", timestamp(earliest))));
        }
        if !self.data.knows_remover(client).await? {
            return Err(Error::worded(404, phrase("no-such-client")));
        }
        if wish.dry { Ok(()) } else { self.grants() }
    }
}

impl Run<'_> {
    fn is_late(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// Undoes some of a phase.
    async fn batch(&mut self, phase: Phase, after: Option<RemovalPlace>) -> Result<Advance, Error> {
        if phase == Phase::Members {
            return self.groups(after).await;
        }
        let kinds = phase.kinds(&self.directory.catalog);
        let data = &self.directory.data;
        let some = data.removals(&self.wish.stretch, phase.undoes(), &kinds, after, BATCH).await?;
        let Some(last) = some.last().map(|removal| removal.place) else { return Ok(Advance::Done) };
        self.undo(phase, &some).await?;
        Ok(Advance::Behind(Some(last)))
    }

    async fn undo(&mut self, phase: Phase, removals: &[Removal]) -> Result<(), Error> {
        let undoing = undo::Undoing {
            wish: self.wish,
            what: phase.undoes(),
            removals,
            is_first: self.is_first,
            would_be: &self.would_be,
            would_take: &self.would_take,
        };
        let undone = self.directory.write(&undoing).await?;
        for (removal, undo::Undone { mut outcome, taken, joined }) in removals.iter().zip(undone) {
            self.name_value(removal, &mut outcome).await?;
            if let Outcome::Given(item) = &outcome
                && self.wish.dry
                && phase.undoes() == Removed::Resource
            {
                self.would_be.insert(item.id, item.kind.clone());
                self.would_take.extend(taken);
            }
            self.note(outcome);
            for group in joined {
                let (kind, id) = (removal.kind.clone(), removal.place.resource);
                self.joined.insert((group, id));
                self.note(Outcome::Given(Item { what: "membership", kind, id, group: Some(group), reason: None }));
            }
        }
        Ok(())
    }

    /// Says which value it is that another resource has; only now, because the look needs a connection of its own.
    async fn name_value(&self, removal: &Removal, outcome: &mut Outcome) -> Result<(), Error> {
        let Outcome::Conflict(item) = outcome else { return Ok(()) };
        if item.reason.as_deref() != Some(TAKEN) {
            return Ok(());
        }
        let Some(kind) = self.directory.catalog.by_name(&removal.kind) else { return Ok(()) };
        let document = Document::from_stored(undo::parsed(removal)?).arranged(kind);
        if let Some(name) = self.directory.data.taken(kind, &document, None).await? {
            item.reason = Some(format!("{name} is taken by another {}.", kind.name));
        }
        Ok(())
    }

    fn note(&mut self, outcome: Outcome) {
        let report = &mut self.report;
        match outcome {
            Outcome::Nothing => {}
            Outcome::Given(item) => {
                self.is_first = false;
                let given = &mut report.given;
                *match (item.what, item.kind.as_str()) {
                    ("resource", "User") => &mut given.users,
                    ("resource", "Group") => &mut given.groups,
                    ("resource", _) => &mut given.resources,
                    ("activation", _) => &mut given.activations,
                    ("membership", _) => &mut given.memberships,
                    _ => &mut given.references,
                } += 1;
                if report.items.len() < LISTED {
                    report.items.push(item);
                }
            }
            Outcome::Conflict(item) => {
                report.conflicts += 1;
                if report.conflicting.len() < LISTED {
                    report.conflicting.push(item);
                }
            }
        }
    }
}

/// The reason for which something of its own cannot be given back; other failures end the restoration.
fn own(error: Error) -> Result<String, Error> {
    match error {
        Error::Refused(refusal) => Ok(refusal.detail),
        Error::Store(store::Error::Taken) => Ok(TAKEN.to_owned()),
        other => Err(other),
    }
}
