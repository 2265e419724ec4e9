//! PATCH: some of a resource, all or nothing (RFC 7644 §3.5.2).

use scim::{
    Document,
    patch::{self, Op, Operation, Path},
    schema::ResourceType,
    validate::{self, Context},
};
use serde_json::{Map, Value};
use store::{Action, Changes, Parting, Stored, Update, Work};
use uuid::Uuid;

use crate::provisioning::{
    Answer, Conditions, Directory, End, Error, Shown, Step,
    leaving::is_active,
    members::{Coming, Net},
    read::parse_id,
    replace::{has_active, keep_active},
};

/// A change that is ready to be written.
pub(super) struct Change<'a> {
    pub(super) stored: Stored,
    pub(super) before: Document,
    pub(super) after: Document,
    /// A new hash, or nothing in it to remove the password.
    pub(super) password: Option<Option<&'a str>>,
    pub(super) changes: Changes,
    /// How a user goes who goes.
    pub(super) parting: Parting,
}

/// Operations on their way to a resource.
pub(super) struct Patching<'a> {
    pub(super) kind: &'a ResourceType,
    pub(super) id: Uuid,
    pub(super) operations: Vec<Operation>,
    /// The hash of the password that they set.
    password: Option<String>,
    pub(super) conditions: &'a Conditions,
}

impl Step for Patching<'_> {
    type Output = Stored;

    /// Members are rows of their own, and much goes with whom it switches off.
    fn is_small(&self) -> bool {
        self.kind.membership.is_none() && !(has_active(self.kind) && self.operations.iter().any(may_switch_off))
    }

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Stored>, Error> {
        let (kind, id) = (self.kind, self.id);
        let stored = work.lock_resource(kind, id).await?.ok_or_else(|| Error::not_found(kind))?;
        self.conditions.check_write(stored.version)?;
        let before = stored.document()?;
        let base = directory.base(work, kind, id, &before).await?;
        let patched = patch::apply(kind, base.document.clone(), &self.operations, directory.mode)?;
        let mut after = patched.document;
        if !self.operations.iter().any(removes_active) {
            keep_active(kind, &base.document, &mut after);
        }
        let parting = base.part(&mut after);
        let after = after.arranged(kind);
        validate::document(kind, &after, Context::Change { before: &before })?;
        let mut net = Net::default();
        for change in &patched.members {
            directory.change_members(work, kind, &stored, change, Coming::New, &mut net).await?;
        }
        let (added, removed) = net.into_sorted();
        let changes = Changes { attributes: before.changes(&after, kind), added, removed };
        let password = match (&patched.password, self.password.as_deref()) {
            (Some(Some(_)), None) => return Err(Error::Failed("a password was not hashed".into())),
            (Some(Some(_)), hash) => Some(hash),
            (Some(None), _) => Some(None),
            (None, _) => None,
        };
        directory.finish(work, kind, Change { stored, before, after, password, changes, parting }).await
    }
}

impl Directory {
    /// Applies the body of a PATCH, which is let go before it is written.
    pub async fn patch(
        &self,
        kind: &ResourceType,
        id: &str,
        body: Value,
        conditions: &Conditions,
        answer: &Answer,
    ) -> Result<Shown, Error> {
        let patching = self.patching(kind, id, &body, conditions).await?;
        drop(body);
        if let Answer::Bare = answer
            && let Some(version) = self.patch_one_member(&patching).await?
        {
            return Ok(self.bare(kind, patching.id, version));
        }
        let stored = match self.write(&patching).await {
            Err(Error::Store(store::Error::Taken)) => self.patch_taken(&patching).await?,
            other => other?,
        };
        Ok(self.answer(kind, stored, answer, &patch::written(kind, &patching.operations)).await)
    }

    /// Reads the body of a PATCH, before any lock is held.
    pub(super) async fn patching<'a>(
        &self,
        kind: &'a ResourceType,
        id: &str,
        body: &Value,
        conditions: &'a Conditions,
    ) -> Result<Patching<'a>, Error> {
        let id = parse_id(kind, id)?;
        let operations = patch::operations(body)?;
        let password = self.new_password(kind, &operations).await?;
        Ok(Patching { kind, id, operations, password, conditions })
    }

    /// Writes a change, if it is one.
    pub(super) async fn finish(
        &self,
        work: &Work,
        kind: &ResourceType,
        change: Change<'_>,
    ) -> Result<End<Stored>, Error> {
        self.finish_as(work, kind, change, Coming::New).await
    }

    /// The same for members who come for that reason.
    pub(super) async fn finish_as(
        &self,
        work: &Work,
        kind: &ResourceType,
        mut change: Change<'_>,
        coming: Coming,
    ) -> Result<End<Stored>, Error> {
        // Removing what is not there is no change (Y-17).
        if change.password == Some(None) && !work.has_password(kind, change.stored.id).await? {
            change.password = None;
        }
        if change.password.is_some() {
            change.changes.attributes.push("password".into());
        }
        let Change { stored, before, after, password, mut changes, parting } = change;
        if parting == Parting::Departure {
            // What SCIM shows is as it was, and what comes of it is not.
            changes.attributes.push("active".into());
            work.end_suspension(stored.id).await?;
        }
        if changes.is_empty() {
            return Ok(End::Unchanged(stored));
        }
        let takes_away = parting == Parting::Departure;
        if !takes_away && is_grant(kind, &before, &after, &changes, matches!(password, Some(Some(_)))) {
            self.grants()?;
        }
        self.refuse_unknown(work, kind, &before, &after).await?;
        let document = (before != after).then_some((&before, &after));
        let update = Update { document, password, changes: &changes, parting };
        let mut stored = work.update(kind, &stored, &update).await?;
        self.watch_members(work, stored.id, &changes, coming).await?;
        let mut noted = changes;
        if before != after || parting == Parting::Departure {
            let moved = self.follow_activity(work, kind, stored.id, (&before, &after), parting).await?;
            let followed = self.follow_person(work, kind, stored.id, (Some(&before), &after)).await?;
            if !moved.is_empty() || followed.people > 0 {
                // They are in other groups now.
                stored.groups = None;
            }
            noted.added.extend(moved.added);
            noted.removed.extend(moved.removed);
        }
        self.notes.written(Action::Changed, &kind.name, &noted);
        Ok(End::Written(stored))
    }

    /// The hash of the password that operations set, made before any lock is held, whatever else they do.
    async fn new_password(&self, kind: &ResourceType, operations: &[Operation]) -> Result<Option<String>, Error> {
        let passwords: Vec<Operation> = operations.iter().filter_map(of_password).collect();
        if passwords.is_empty() {
            return Ok(None);
        }
        let patched = patch::apply(kind, Document::default(), &passwords, self.mode)?;
        self.passwords.hash_some(patched.password.flatten()).await
    }

    /// Says which value was taken, by applying the operations once more without writing.
    pub(super) async fn patch_taken<T>(&self, patching: &Patching<'_>) -> Result<T, Error> {
        let Patching { kind, id, operations, .. } = patching;
        let (kind, id) = (*kind, *id);
        let stored = self.data.find(kind, id, false).await?.ok_or_else(|| Error::not_found(kind))?;
        let document = patch::apply(kind, stored.document()?, operations, self.mode)?.document;
        let taken = Err(Error::Store(store::Error::Taken));
        self.name_taken(kind, &document, Some(id), taken).await
    }

    /// The answer to a write of these attributes.
    pub(super) async fn answer(
        &self,
        kind: &ResourceType,
        stored: Stored,
        answer: &Answer,
        written: &[String],
    ) -> Shown {
        match answer {
            Answer::Body(projection) => {
                let projection = projection.with_written(kind, written.iter().map(String::as_str));
                self.show_written(kind, stored, &projection).await
            }
            Answer::Bare => self.bare(kind, stored.id, stored.version),
        }
    }
}

/// Whether `active` is removed in so many words, which wakes a leaver up. To empty it by a value is what clients do who do not know it.
fn removes_active(operation: &Operation) -> bool {
    let names = |path: &Path| path.attribute.name.eq_ignore_ascii_case("active");
    operation.op == Op::Remove && operation.path.as_ref().is_some_and(names)
}

/// Whether an operation gives `active` another value than true.
fn may_switch_off(operation: &Operation) -> bool {
    let is_active = |name: &str| name.eq_ignore_ascii_case("active");
    let value = match (&operation.path, &operation.value) {
        (Some(path), value) if is_active(&path.attribute.name) => value.as_ref(),
        (None, Some(Value::Object(attributes))) => {
            let Some((_, value)) = attributes.iter().find(|(name, _)| is_active(name)) else { return false };
            Some(value)
        }
        _ => return false,
    };
    match value {
        Some(Value::Bool(is_on)) => !is_on,
        // As some clients say it.
        Some(Value::String(text)) => !text.eq_ignore_ascii_case("true"),
        _ => true,
    }
}

/// What an operation does to a password, if it does anything.
fn of_password(operation: &Operation) -> Option<Operation> {
    let is_password = |name: &str| name.trim().to_ascii_lowercase().ends_with("password");
    match (&operation.path, &operation.value) {
        (Some(path), _) => is_password(&path.attribute.name).then(|| operation.clone()),
        (None, Some(Value::Object(attributes))) => {
            let named = attributes.iter().filter(|(name, _)| is_password(name));
            let named: Map<String, Value> = named.map(|(name, value)| (name.clone(), value.clone())).collect();
            let value = (!named.is_empty()).then_some(Value::Object(named))?;
            Some(Operation { value: Some(value), ..operation.clone() })
        }
        _ => None,
    }
}

/// Whether a change gives somebody something: a new member, or a value that was not there. Whatever comes with a
/// deactivation comes through: that is never refused.
fn is_grant(kind: &ResourceType, before: &Document, after: &Document, changes: &Changes, sets_password: bool) -> bool {
    if !changes.added.is_empty() {
        return true;
    }
    if has_active(kind) && is_active(before) != is_active(after) {
        return is_active(after);
    }
    let mut attributes = kind.containers().flat_map(|(container, list)| list.iter().map(move |a| (container, a)));
    sets_password
        || attributes.any(|(container, attribute)| {
            gives(before.get(container, &attribute.name), after.get(container, &attribute.name))
        })
}

/// Whether there is a value that was not there before.
fn gives(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (_, None) => false,
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            after.iter().any(|value| !before.iter().any(|known| is_within(value, known)))
        }
        (Some(before), Some(after)) => !is_within(after, before),
        (None, Some(_)) => true,
    }
}

/// Whether a value is another one, or that with less in it.
fn is_within(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::Object(value), Value::Object(other)) => {
            value.iter().all(|(name, value)| other.get(name) == Some(value))
        }
        (value, other) => value == other,
    }
}
