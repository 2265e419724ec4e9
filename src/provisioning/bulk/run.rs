//! The operations of a bulk request inside one transaction.

use std::collections::{HashMap, HashSet};

use store::Work;

use crate::provisioning::{
    Directory, End, Error, Step,
    bulk::{Done, Ready, Task, written},
    create::Creation,
};

/// One try of a shared transaction. It may be run again from the start, so it changes nothing else.
pub(super) struct Run<'a> {
    pub(super) directory: &'a Directory,
    pub(super) work: &'a Work,
    pub(super) done: Vec<(usize, Done)>,
    pub(super) failed: HashSet<usize>,
    /// How many failures may still come.
    pub(super) patience: u64,
}

impl Run<'_> {
    /// Fails only where the whole transaction has to.
    pub(super) async fn units(&mut self, units: &[Vec<Task<'_>>]) -> Result<(), Error> {
        let mut rest = units;
        while let [unit, later @ ..] = rest
            && self.patience > 0
        {
            let creates = self.creates(rest);
            if creates.len() > 1 {
                rest = &rest[creates.len()..];
                self.create_all(&creates).await?;
            } else {
                rest = later;
                self.unit(unit).await?;
            }
        }
        Ok(())
    }

    /// The creates of one type without members that a list of units starts with.
    fn creates<'t>(&self, units: &'t [Vec<Task<'_>>]) -> Vec<(usize, &'t Creation<'t>)> {
        let mut creates: Vec<(usize, &Creation<'_>)> = Vec::new();
        for unit in units {
            let [Task { at, ready: Ok(Ready::Create(creation)), needs }] = unit.as_slice() else { break };
            let same = creates.first().is_none_or(|(_, first)| first.kind.name == creation.kind.name);
            let refers_to_run =
                needs.iter().any(|need| self.failed.contains(need) || creates.iter().any(|(at, _)| at == need));
            let follows = first_is_person(unit) && !self.directory.service.rules.birthright.is_empty();
            let looks_up = self.directory.service.settings.known_roles_only || follows;
            if !same || refers_to_run || looks_up || !creation.members.is_empty() {
                break;
            }
            creates.push((*at, creation));
        }
        creates
    }

    /// Makes all of them with the same few statements; halves them where that fails, until the culprit stands alone.
    async fn create_all(&mut self, creates: &[(usize, &Creation<'_>)]) -> Result<(), Error> {
        let none = HashMap::new();
        let mut halves = vec![creates];
        while let Some(some) = halves.pop()
            && self.patience > 0
        {
            let [(at, first), ..] = some else { continue };
            let part = self.work.part().await?;
            let new: Vec<_> = some.iter().map(|(_, creation)| creation.row(&none)).collect();
            match part.create(first.kind, &new).await {
                Ok(stored) => {
                    part.commit().await?;
                    some.iter().for_each(|(_, creation)| creation.note(self.directory, Vec::new()));
                    let stored = stored.into_iter().map(|stored| Ok(Some(written(stored))));
                    self.done.extend(some.iter().map(|(at, _)| *at).zip(stored));
                }
                Err(error) => {
                    part.roll_back().await?;
                    let error = own(Error::Store(error))?;
                    if some.len() == 1 {
                        self.fail(*at, error);
                    } else {
                        let (left, right) = some.split_at(some.len() / 2);
                        halves.extend([right, left]);
                    }
                }
            }
        }
        Ok(())
    }

    /// Runs one operation, or all of a circle.
    async fn unit(&mut self, unit: &[Task<'_>]) -> Result<(), Error> {
        let part = self.work.part().await?;
        let noted = self.directory.notes.end();
        let mut done = Vec::with_capacity(unit.len());
        for task in unit {
            match self.task(&part, task, unit).await {
                Ok(stored) => done.push((task.at, Ok(stored))),
                Err(error) => {
                    part.roll_back().await?;
                    self.directory.notes.back_to(noted);
                    let told = own(error)?;
                    for other in unit.iter().filter(|other| other.at != task.at) {
                        let detail = "An operation that this one refers to in a circle failed.";
                        self.fail(other.at, scim::Error::new(409, detail).into());
                    }
                    self.fail(task.at, told);
                    return Ok(());
                }
            }
        }
        part.commit().await?;
        self.done.extend(done);
        Ok(())
    }

    async fn task(&self, part: &Work, task: &Task<'_>, unit: &[Task<'_>]) -> Done {
        let in_unit = |need: &usize| unit.iter().any(|task| task.at == *need);
        if task.needs.iter().any(|need| self.failed.contains(need) && !in_unit(need)) {
            return Err(scim::Error::new(409, "An operation that this one refers to failed.").into());
        }
        let ready = match &task.ready {
            Ok(ready) => ready,
            Err(error) => return Err(error.clone().into()),
        };
        Ok(match ready.run(self.directory, part).await? {
            End::Written(stored) | End::Unchanged(stored) | End::Tried(stored) => stored,
        })
    }

    fn fail(&mut self, at: usize, error: Error) {
        self.failed.insert(at);
        self.patience = self.patience.saturating_sub(1);
        self.done.push((at, Err(error)));
    }
}

/// Whether an operation makes a user, who may have something by rules.
fn first_is_person(unit: &[Task<'_>]) -> bool {
    matches!(unit, [Task { ready: Ok(Ready::Create(creation)), .. }] if creation.kind.member_of.is_some())
}

/// An error that is the operation's own; others are the transaction's.
fn own(error: Error) -> Result<Error, Error> {
    match error {
        Error::Store(
            store::Error::Conflict | store::Error::Busy(_) | store::Error::Long | store::Error::Unknown(_),
        ) => Err(error),
        own => Ok(own),
    }
}
