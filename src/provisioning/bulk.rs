//! Bulk: many operations in one request (RFC 7644 §3.7). Each is whole or not at all, and judged as the single request
//! would be; those that stand together share transactions and statements.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use scim::{
    bulk::{self, Item, Method, Operation, Outcome},
    schema::ResourceType,
};
use serde_json::Value;
use store::{Stored, Work};
use tokio::time::Instant;
use uuid::Uuid;

use crate::provisioning::{
    Conditions, Directory, End, Error, Step, Tags, create::Creation, delete::Deletion, patch::Patching, read::parse_id,
    replace::Replacement,
};

/// How many operations share a transaction: other writers get their turn in between.
const SHARED: usize = 100;
/// How long operations are started; what is left then is answered with 503 each.
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
type Done = Result<Option<Stored>, Error>;

impl Ready<'_> {
    fn kind(&self) -> &ResourceType {
        match self {
            Self::Create(creation) => creation.kind,
            Self::Replace(replacement) => replacement.kind,
            Self::Patch(patching) => patching.kind,
            Self::Delete(deletion) => deletion.kind,
        }
    }
}

impl Step for Ready<'_> {
    type Output = Option<Stored>;

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Option<Stored>>, Error> {
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
            End::Written(stored) => End::Written(Some(stored)),
            End::Unchanged(stored) => End::Unchanged(Some(stored)),
        })
    }
}

impl Directory {
    /// Runs a bulk request. The answer is the text of a BulkResponse.
    pub async fn bulk(&self, body: Value) -> Result<String, Error> {
        let bulk::Request { mut items, fail_on_errors } = bulk::request(body)?;
        let plan = bulk::plan(&mut items);
        let conditions: Vec<Result<Conditions, scim::Error>> = items.iter().map(condition).collect();
        // Ids are given out before anything is made, so that references can be written out at once.
        let made: Vec<Uuid> = items.iter().map(|_| self.ids.next()).collect();
        write_out(&mut items, &made);
        let mut progress = Progress::new(items.len(), fail_on_errors);
        let end = Instant::now() + BUDGET;
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
                    let ready = self.ready(&items[at], made[at], &conditions[at]).await;
                    together.push(Task { at, ready: ready.map_err(Error::told), needs: &plan.needs[at] });
                }
                // Whoever is a member must be there before the group.
                together.sort_by_key(|task| task.ready.as_ref().is_ok_and(|ready| ready.kind().membership.is_some()));
                tasks.push(together);
            }
            if Instant::now() < end {
                self.share(tasks, &mut progress).await;
            } else {
                tasks.iter().flatten().for_each(|task| progress.note(task.at, Err(late())));
            }
        }
        let failed = progress.results.iter().flatten().filter_map(|result| result.as_ref().err());
        self.notes.bulk(items.len(), failed.map(|error| error.status));
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

    /// Runs units of work in one transaction, again from the start when another writer was in the way.
    async fn share(&self, tasks: Vec<Vec<Task<'_>>>, progress: &mut Progress) {
        let mut attempt = 0;
        let shared = loop {
            let result = self.try_share(&tasks, progress).await;
            if !self.again(&result, &mut attempt).await {
                break result;
            }
        };
        let done = match shared {
            Ok(done) => done,
            Err(error) => {
                let told = error.told();
                return tasks.iter().flatten().for_each(|task| progress.note(task.at, Err(told.clone())));
            }
        };
        let mut done: HashMap<usize, Done> = done.into_iter().collect();
        for unit in tasks {
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

    async fn taken_by(&self, ready: &Ready<'_>) -> Result<Option<Stored>, scim::Error> {
        let taken = Err(Error::Store(store::Error::Taken));
        let named = match ready {
            Ready::Create(new) => self.name_taken(new.kind, &new.document, None, taken).await,
            Ready::Replace(new) => self.name_taken(new.kind, &new.document, Some(new.id), taken).await,
            Ready::Patch(patching) => self.patch_taken(patching).await,
            Ready::Delete(_) => taken,
        };
        named.map_err(Error::told)
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
        let mut run = Run {
            directory: self,
            work: &work,
            done: Vec::new(),
            failed: progress.failed.clone(),
            patience: progress.patience,
        };
        match run.units(units).await {
            Ok(()) => {
                let done = run.done;
                work.commit().await?;
                Ok(done)
            }
            Err(error) => {
                let _ = work.roll_back().await;
                Err(error)
            }
        }
    }

    fn outcome(&self, item: &Item, result: Result<Option<Stored>, scim::Error>) -> Outcome {
        let operation = item.operation.as_ref().ok();
        let method = operation.map(|operation| operation.method);
        let kind = operation.and_then(|operation| self.catalog.by_endpoint(&operation.endpoint));
        let named = operation
            .and_then(|operation| Some(format!("{}/{}/{}", self.base, operation.endpoint, operation.id.as_deref()?)));
        match result {
            Err(error) => Outcome { status: error.status, location: named, version: None, error: Some(error) },
            Ok(stored) => {
                let status = match method {
                    Some(Method::Post) => 201,
                    Some(Method::Patch) if kind.is_some_and(|kind| kind.membership.is_some()) => 204,
                    Some(Method::Put | Method::Patch) => 200,
                    Some(Method::Delete) | None => 204,
                };
                let shown = kind.zip(stored).map(|(kind, stored)| self.bare(kind, &stored));
                let (location, version) = match shown {
                    Some(shown) => (Some(shown.location), Some(shown.tag)),
                    None => (named, None),
                };
                Outcome { status, location, version, error: None }
            }
        }
    }
}

/// How a bulk request goes on.
struct Progress {
    results: Vec<Option<Result<Option<Stored>, scim::Error>>>,
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

    fn note(&mut self, at: usize, result: Result<Option<Stored>, scim::Error>) {
        if result.is_err() {
            self.failed.insert(at);
            self.patience = self.patience.saturating_sub(1);
        }
        self.results[at] = Some(result);
    }
}

/// One try of a shared transaction. It may be run again from the start, so it changes nothing else.
struct Run<'a> {
    directory: &'a Directory,
    work: &'a Work,
    done: Vec<(usize, Done)>,
    failed: HashSet<usize>,
    patience: u64,
}

impl Run<'_> {
    /// Fails only where the whole transaction has to.
    async fn units(&mut self, units: &[Vec<Task<'_>>]) -> Result<(), Error> {
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
            let looks_up = self.directory.service.settings.known_roles_only;
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
                    let stored = stored.into_iter().map(|stored| Ok(Some(stored)));
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
            End::Written(stored) | End::Unchanged(stored) => stored,
        })
    }

    fn fail(&mut self, at: usize, error: Error) {
        self.failed.insert(at);
        self.patience = self.patience.saturating_sub(1);
        self.done.push((at, Err(error)));
    }
}

/// An error that is the operation's own; others are the transaction's.
fn own(error: Error) -> Result<Error, Error> {
    match error {
        Error::Store(store::Error::Conflict | store::Error::Busy(_) | store::Error::Unknown(_)) => Err(error),
        own => Ok(own),
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
fn write_out(items: &mut [Item], made: &[Uuid]) {
    let ids: HashMap<String, String> =
        items.iter().zip(made).filter_map(|(item, id)| Some((item.makes()?.to_owned(), id.to_string()))).collect();
    for item in items {
        if let Ok(operation) = &mut item.operation
            && let Err(error) = operation.resolve(&ids)
        {
            item.operation = Err(error);
        }
    }
}
