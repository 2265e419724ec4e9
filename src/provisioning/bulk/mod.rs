//! Bulk: many operations in one request (RFC 7644 §3.7). Each is whole or not at all, and judged as the single request
//! would be; those that stand together share transactions and statements.

mod run;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use scim::{
    ScimType,
    bulk::{self, Item, Method, Operation, Outcome},
    schema::ResourceType,
};
use serde_json::Value;
use store::{Stored, Work};
use tokio::time::Instant;
use uuid::Uuid;

use crate::provisioning::{
    Conditions, Directory, End, Error, Step, Tags, bulk::run::Run, create::Creation, delete::Deletion, patch::Patching,
    read::parse_id, replace::Replacement,
};

/// How many operations share a transaction: other writers get their turn in between.
const SHARED: usize = 100;
/// How long after the request began operations are started; what is left then is answered with 503 each.
const BUDGET: Duration = Duration::from_secs(20);

/// An operation that is read and ready to be run.
enum Ready<'a> {
    Create(Box<Creation<'a>>),
    Replace(Box<Replacement<'a>>),
    Patch(Box<Patching<'a>>),
    Delete(Deletion<'a>),
}

/// An operation on its way.
struct Task<'a> {
    /// Its place in the request.
    at: usize,
    ready: Result<Ready<'a>, scim::Error>,
    /// The operations that make what it refers to.
    needs: &'a [usize],
}

/// What came of an operation inside a transaction.
type Done = Result<Option<Written>, Error>;

/// What is kept of a resource until the answer: documents are long, and may be many.
type Written = (Uuid, i64);

fn written(stored: Stored) -> Written {
    (stored.id, stored.version)
}

impl Ready<'_> {
    fn kind(&self) -> &ResourceType {
        match self {
            Self::Create(creation) => creation.kind,
            Self::Replace(replacement) => replacement.kind,
            Self::Patch(patching) => patching.kind,
            Self::Delete(deletion) => deletion.kind,
        }
    }

    /// Which resource it changes that is there already.
    fn changes(&self) -> Option<Uuid> {
        match self {
            Self::Create(_) => None,
            Self::Replace(replacement) => Some(replacement.id),
            Self::Patch(patching) => Some(patching.id),
            Self::Delete(deletion) => Some(deletion.id),
        }
    }
}

impl Step for Ready<'_> {
    type Output = Option<Written>;

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Option<Written>>, Error> {
        let end = match self {
            Self::Create(creation) => creation.run(directory, work).await?,
            Self::Replace(replacement) => replacement.run(directory, work).await?,
            Self::Patch(patching) => patching.run(directory, work).await?,
            Self::Delete(deletion) => {
                deletion.run(directory, work).await?;
                return Ok(End::Written(None));
            }
        };
        Ok(match end {
            End::Written(stored) => End::Written(Some(written(stored))),
            End::Unchanged(stored) => End::Unchanged(Some(written(stored))),
            End::Tried(stored) => End::Tried(Some(written(stored))),
        })
    }
}

impl Directory {
    /// Runs a bulk request that began at that moment. The answer is the text of a BulkResponse.
    pub async fn bulk(&self, body: Value, began: Instant) -> Result<String, Error> {
        let bulk::Request { mut items, fail_on_errors } = bulk::request(body)?;
        let holders = self.catalog.reference_names();
        let plan = bulk::plan(&mut items, &holders);
        let conditions: Vec<Result<Conditions, scim::Error>> = items.iter().map(condition).collect();
        // Ids are given out before anything is made, so that references can be written out at once.
        let made: Vec<Uuid> = items.iter().map(|_| self.ids.next()).collect();
        write_out(&mut items, &holders, &made);
        let mut progress = Progress::new(items.len(), fail_on_errors);
        let end = began + BUDGET;
        let mut units = plan.units.iter().peekable();
        while units.peek().is_some() && progress.goes_on() {
            let mut tasks = Vec::new();
            let mut length = 0;
            while length < SHARED
                && let Some(unit) = units.next()
            {
                length += unit.len();
                let mut together = Vec::with_capacity(unit.len());
                for at in unit.iter().copied() {
                    let ready = if Instant::now() < end {
                        self.ready(&items[at], made[at], &conditions[at]).await.map_err(Error::told)
                    } else {
                        Err(late())
                    };
                    together.push(Task { at, ready, needs: &plan.needs[at] });
                }
                // Whoever is a member must be there before the group.
                together.sort_by_key(|task| task.ready.as_ref().is_ok_and(|ready| ready.kind().membership.is_some()));
                tasks.push(together);
            }
            self.share(tasks, &mut progress, end).await;
        }
        let results = progress.results.iter().enumerate();
        let failed = results.filter_map(|(at, result)| Some((at, result.as_ref()?.as_ref().err()?)));
        self.notes.bulk(items.len(), failed);
        let outcomes: Vec<Option<Outcome>> =
            items.iter().zip(progress.results).map(|(item, result)| Some(self.outcome(item, result?))).collect();
        let results = items.into_iter().zip(outcomes).filter_map(|(item, outcome)| Some((item, outcome?)));
        Ok(bulk::response(results))
    }

    /// Reads an operation, before any lock is held.
    async fn ready<'a>(
        &'a self,
        item: &Item,
        id: Uuid,
        conditions: &'a Result<Conditions, scim::Error>,
    ) -> Result<Ready<'a>, Error> {
        let operation = item.operation.as_ref().map_err(Clone::clone)?;
        let conditions = conditions.as_ref().map_err(Clone::clone)?;
        let Operation { method, endpoint, id: named, data, .. } = operation;
        let unknown = || scim::Error::new(404, "There is no such endpoint; ResourceTypes lists those that exist.");
        let kind = self.catalog.by_endpoint(endpoint).ok_or_else(unknown)?;
        if kind.is_read_only() {
            return Err(scim::Error::new(405, format!("A {} can only be read.", kind.name)).into());
        }
        let named = named.as_deref().unwrap_or_default();
        Ok(match method {
            Method::Post => Ready::Create(Box::new(self.creation(kind, id, data).await?)),
            Method::Put => Ready::Replace(Box::new(self.replacement(kind, named, data, conditions).await?)),
            Method::Patch => Ready::Patch(Box::new(self.patching(kind, named, data, conditions).await?)),
            Method::Delete => Ready::Delete(Deletion { kind, id: parse_id(kind, named)?, conditions }),
        })
    }

    /// Runs units of work in one transaction. When another writer was in the way, each goes by itself: who holds no more
    /// than one operation needs keeps nobody waiting who waits for another one.
    async fn share(&self, tasks: Vec<Vec<Task<'_>>>, progress: &mut Progress, end: Instant) {
        if let [_, _, ..] = tasks.as_slice() {
            match self.try_share(&tasks, progress).await {
                Err(Error::Store(store::Error::Conflict)) => {}
                shared => return self.note_all(tasks, shared, progress).await,
            }
        }
        for unit in tasks {
            if !progress.goes_on() {
                return;
            }
            let unit = [unit];
            let alone = if Instant::now() < end { self.run_alone(&unit, progress).await } else { Err(late().into()) };
            self.note_all(unit.into(), alone, progress).await;
        }
    }

    /// Runs one unit of work, again from the start when another writer was in the way.
    async fn run_alone(&self, unit: &[Vec<Task<'_>>], progress: &Progress) -> Result<Vec<(usize, Done)>, Error> {
        let mut attempt = 0;
        loop {
            let result = self.try_share(unit, progress).await;
            if !self.again(&result, &mut attempt).await {
                return result;
            }
        }
    }

    /// Notes what came of units of work.
    async fn note_all(
        &self,
        units: Vec<Vec<Task<'_>>>,
        shared: Result<Vec<(usize, Done)>, Error>,
        progress: &mut Progress,
    ) {
        let done = match shared {
            Ok(done) => done,
            Err(error) => {
                let told = error.told();
                return units.iter().flatten().for_each(|task| progress.note(task.at, Err(told.clone())));
            }
        };
        let mut done: HashMap<usize, Done> = done.into_iter().collect();
        for unit in units {
            let circle = unit.len() > 1;
            for Task { at, ready, .. } in unit {
                let Some(done) = done.remove(&at) else { continue };
                let result = match (done, ready) {
                    // Named only now, because the look needs a connection of its own.
                    (Err(Error::Store(store::Error::Taken)), Ok(ready)) => self.taken_by(&ready).await,
                    (Err(error), _) => Err(error.told()),
                    (Ok(stored), _) => Ok(stored),
                };
                progress.note(at, result.map_err(|error| if circle { in_circle(error) } else { error }));
            }
        }
    }

    async fn taken_by(&self, ready: &Ready<'_>) -> Result<Option<Written>, scim::Error> {
        let taken = Err(Error::Store(store::Error::Taken));
        let named = match ready {
            Ready::Create(new) => self.name_taken(new.kind, &new.document, None, taken).await,
            Ready::Replace(new) => self.name_taken(new.kind, &new.document, Some(new.id), taken).await,
            Ready::Patch(patching) => self.patch_taken(patching).await,
            Ready::Delete(_) => taken,
        };
        named.map_err(Error::told).map_err(|error| match error.scim_type {
            Some(ScimType::Uniqueness) => error,
            // Later operations may have changed what was there.
            _ => scim::Error::of(ScimType::Uniqueness, "A unique value is taken by another resource."),
        })
    }

    async fn try_share(&self, units: &[Vec<Task<'_>>], progress: &Progress) -> Result<Vec<(usize, Done)>, Error> {
        let noted = self.notes.end();
        let result = self.share_once(units, progress).await;
        if result.is_err() {
            self.notes.back_to(noted);
        }
        result
    }

    async fn share_once(&self, units: &[Vec<Task<'_>>], progress: &Progress) -> Result<Vec<(usize, Done)>, Error> {
        let work = self.begin().await?;
        if units.len() > 1 {
            hold(&work, units).await?;
        }
        let mut run = Run {
            directory: self,
            work: &work,
            done: Vec::new(),
            failed: progress.failed.clone(),
            patience: progress.patience,
        };
        let ran = run.units(units).await;
        let done = run.done;
        let told = match ran {
            Ok(()) => self.tell_of_losses(&work).await,
            failed => failed,
        };
        match told {
            Ok(()) => {
                work.commit().await?;
                Ok(done)
            }
            Err(error) => {
                let _ = work.roll_back().await;
                Err(error)
            }
        }
    }

    fn outcome(&self, item: &Item, result: Result<Option<Written>, scim::Error>) -> Outcome {
        let operation = item.operation.as_ref().ok();
        let method = operation.map(|operation| operation.method);
        let kind = operation.and_then(|operation| self.catalog.by_endpoint(&operation.endpoint));
        let resolved =
            operation.and_then(|operation| Some(format!("{}/{}", operation.endpoint, operation.id.as_deref()?)));
        let named = resolved.or_else(|| item.named.clone()).map(|named| format!("{}/{named}", self.base));
        match result {
            Err(error) => Outcome { status: error.status, location: named, version: None, error: Some(error) },
            Ok(stored) => {
                let status = match method {
                    Some(Method::Post) => 201,
                    Some(Method::Patch) if kind.is_some_and(|kind| kind.membership.is_some()) => 204,
                    Some(Method::Put | Method::Patch) => 200,
                    Some(Method::Delete) | None => 204,
                };
                let shown = kind.zip(stored).map(|(kind, (id, version))| self.bare(kind, id, version));
                let (location, version) = match shown {
                    Some(shown) => (Some(shown.location), Some(shown.tag)),
                    None => (named, None),
                };
                Outcome { status, location, version, error: None }
            }
        }
    }
}

/// Holds what is going to change, in an order that is the same for everybody: people, then groups.
async fn hold(work: &Work, units: &[Vec<Task<'_>>]) -> Result<(), Error> {
    let ready = units.iter().flatten().filter_map(|task| task.ready.as_ref().ok());
    let changed = ready.filter_map(|ready| Some((ready.kind().membership.is_some(), ready.changes()?)));
    let (groups, others): (Vec<_>, Vec<_>) = changed.partition(|(is_group, _)| *is_group);
    for some in [others, groups] {
        work.hold(some.into_iter().map(|(_, id)| id).collect()).await?;
    }
    Ok(())
}

/// How a bulk request goes on.
struct Progress {
    results: Vec<Option<Result<Option<Written>, scim::Error>>>,
    failed: HashSet<usize>,
    /// How many failures may still come.
    patience: u64,
}

impl Progress {
    fn new(length: usize, patience: Option<u64>) -> Self {
        let results = (0..length).map(|_| None).collect();
        Self { results, failed: HashSet::new(), patience: patience.unwrap_or(u64::MAX) }
    }

    fn goes_on(&self) -> bool {
        self.patience > 0
    }

    fn note(&mut self, at: usize, result: Result<Option<Written>, scim::Error>) {
        if result.is_err() {
            self.failed.insert(at);
            self.patience = self.patience.saturating_sub(1);
        }
        self.results[at] = Some(result);
    }
}

/// RFC 7644 §3.7.1: a circle that cannot be resolved is a conflict.
fn in_circle(error: scim::Error) -> scim::Error {
    let detail = format!("The operation stands in a circle of references that could not be resolved. {}", error.detail);
    scim::Error { quotes: error.quotes, ..scim::Error::new(409, detail) }
}

fn late() -> scim::Error {
    scim::Error::new(503, "The request took too long; this operation was not tried. Send it again.")
}

fn condition(item: &Item) -> Result<Conditions, scim::Error> {
    let version = item.operation.as_ref().ok().and_then(|operation| operation.version.as_deref());
    let Some(version) = version else { return Ok(Conditions::default()) };
    let wrong = || scim::Error::new(400, "`version` must be an entity tag such as W/\"3\".");
    Ok(Conditions { if_match: Some(Tags::parse(version).ok_or_else(wrong)?), if_none_match: None })
}

/// Puts the new ids where references stand.
fn write_out(items: &mut [Item], holders: &BTreeSet<String>, made: &[Uuid]) {
    let ids: HashMap<String, String> =
        items.iter().zip(made).filter_map(|(item, id)| Some((item.makes()?.to_owned(), id.to_string()))).collect();
    for item in items {
        if let Ok(operation) = &mut item.operation
            && let Err(error) = operation.resolve(holders, &ids)
        {
            item.operation = Err(error);
        }
    }
}
