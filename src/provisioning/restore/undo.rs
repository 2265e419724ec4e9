//! Undoing removals that each concern one resource: deletions, deactivations, emptied references.

use std::collections::{HashMap, HashSet};

use scim::{
    Document, Mode, index, read,
    schema::{Container, ResourceType},
    validate::{self, Context},
};
use serde_json::{Value, json};
use store::{Action, Changes, New, Parting, Past, Reference, Removal, Removed, Stored, Work};
use uuid::Uuid;

use crate::provisioning::{
    Conditions, Directory, End, Error, Step,
    patch::Change,
    restore::{Item, Outcome, Restoration, own},
};

/// Removals on their way back, in one transaction.
pub(super) struct Undoing<'a> {
    pub(super) wish: &'a Restoration,
    pub(super) what: Removed,
    pub(super) removals: &'a [Removal],
    /// Nothing was given back before.
    pub(super) is_first: bool,
    /// What would be there again in a dry run, with its type.
    pub(super) would_be: &'a HashMap<Uuid, String>,
    /// Which unique values would be in use again, in a dry run.
    pub(super) would_take: &'a HashSet<(i64, String)>,
}

/// What came of a removal.
pub(super) struct Undone {
    pub(super) outcome: Outcome,
    /// Which unique values it takes.
    pub(super) taken: Vec<(i64, String)>,
    /// Which groups somebody is in again because they are active again.
    pub(super) joined: Vec<Uuid>,
}

impl From<Outcome> for Undone {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, taken: Vec::new(), joined: Vec::new() }
    }
}

impl Step for Undoing<'_> {
    type Output = Vec<Undone>;

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Vec<Undone>>, Error> {
        directory.may_restore(work, self.wish).await?;
        let mut undone = Vec::with_capacity(self.removals.len());
        for removal in self.removals {
            let part = work.part().await?;
            match self.one(directory, &part, removal).await {
                Ok(outcome) => {
                    part.commit().await?;
                    undone.push(outcome);
                }
                Err(error) => {
                    part.roll_back().await?;
                    undone.push(Outcome::Conflict(self.item(removal, Some(own(error)?))).into());
                }
            }
        }
        if self.wish.dry {
            return Ok(End::Tried(undone));
        }
        if self.is_first && undone.iter().any(|undone| undone.outcome.is_given()) {
            work.record_restoration(self.wish.stretch.client).await?;
        }
        Ok(End::Written(undone))
    }
}

fn gone(what: &str) -> Error {
    scim::Error::new(409, format!("{what} is gone.")).into()
}

impl Undoing<'_> {
    async fn one(&self, directory: &Directory, work: &Work, removal: &Removal) -> Result<Undone, Error> {
        let kind = directory.catalog.by_name(&removal.kind).ok_or_else(|| gone("The resource type"))?;
        let (mut taken, mut joined) = (Vec::new(), Vec::new());
        let is_back = match self.what {
            Removed::Resource => self.create(directory, work, kind, removal, &mut taken).await?,
            Removed::Activity => self.activate(directory, work, kind, removal, &mut joined).await?,
            _ => self.refer(directory, work, kind, removal).await?,
        };
        work.settle_removal(removal.place, self.what).await?;
        let outcome = if is_back { Outcome::Given(self.item(removal, None)) } else { Outcome::Nothing };
        Ok(Undone { outcome, taken, joined })
    }

    fn item(&self, removal: &Removal, reason: Option<String>) -> Item {
        let what = match self.what {
            Removed::Resource => "resource",
            Removed::Activity => "activation",
            _ => "reference",
        };
        Item { what, kind: removal.kind.clone(), id: removal.place.resource, group: None, reason }
    }

    /// Whether somebody has done the same since, and so has the last word.
    async fn is_outdated(&self, work: &Work, removal: &Removal) -> Result<bool, Error> {
        let latest = work.latest_removal(removal.place.resource, self.what).await?;
        Ok(latest != Some(removal.place.version))
    }

    /// Makes a deleted resource again, with its id.
    async fn create(
        &self,
        directory: &Directory,
        work: &Work,
        kind: &ResourceType,
        removal: &Removal,
        taken: &mut Vec<(i64, String)>,
    ) -> Result<bool, Error> {
        let id = removal.place.resource;
        if work.lock_resource(kind, id).await?.is_some() || self.is_outdated(work, removal).await? {
            return Ok(false);
        }
        // As if a client sent it: types change, and archives come from elsewhere.
        let document = read::resource(kind, &parsed(removal)?.into(), Mode::Tolerant)?.document.arranged(kind);
        validate::document(kind, &document, Context::Create)?;
        directory.refuse_unknown(work, kind, &Document::default(), &document).await?;
        let unique = index::entries(kind, &document).into_iter().filter(|entry| entry.unique);
        taken.extend(unique.map(|entry| (entry.field, entry.key)));
        if taken.iter().any(|value| self.would_take.contains(value)) {
            return Err(store::Error::Taken.into());
        }
        let new = New { id, document: &document, password: None, members: &HashMap::new() };
        let past = Past { created: removal.created, version: removal.place.version };
        work.create_again(kind, &new, past).await?;
        if kind.membership.is_some() {
            assign_again(work, kind, removal).await?;
        }
        directory.notes.written(Action::Created, &kind.name, &Changes::default());
        Ok(true)
    }

    /// Switches a user on again.
    async fn activate(
        &self,
        directory: &Directory,
        work: &Work,
        kind: &ResourceType,
        removal: &Removal,
        joined: &mut Vec<Uuid>,
    ) -> Result<bool, Error> {
        let id = removal.place.resource;
        if self.is_outdated(work, removal).await? {
            return Ok(false);
        }
        let (stored, document) = self.present(work, kind, id).await?;
        if document.get(Container::Root, "active") != Some(&Value::Bool(false)) {
            return Ok(false);
        }
        // Whom an administrator has suspended no client brings back.
        if work.suspension(id).await?.is_some() {
            return Ok(false);
        }
        if stored.is_none() {
            return Ok(true);
        }
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "active", "value": true }],
        });
        let conditions = Conditions::default();
        let before = work.groups_with(id).await?;
        directory.patching(kind, &id.to_string(), &body, &conditions).await?.run(directory, work).await?;
        joined.extend(work.groups_with(id).await?.into_iter().filter(|group| !before.contains(group)));
        Ok(true)
    }

    /// Puts a reference back where it was, unless there is another by now.
    async fn refer(
        &self,
        directory: &Directory,
        work: &Work,
        kind: &ResourceType,
        removal: &Removal,
    ) -> Result<bool, Error> {
        let reference: Reference =
            serde_json::from_value(parsed(removal)?.into()).map_err(|error| Error::Failed(error.to_string()))?;
        let id = removal.place.resource;
        let (stored, before) = self.present(work, kind, id).await?;
        // Of a list each value is a reference of its own; of others the latest one counts.
        let later = work.references_after(id, removal.place.version).await?;
        let is_same = |other: &Reference| other.urn == reference.urn && other.attribute == reference.attribute;
        if !reference.value.is_array() && later.iter().any(is_same) {
            return Ok(false);
        }
        if !self.is_there(directory, work, &reference.value).await? {
            return Err(gone("What it named"));
        }
        let mut references = kind.references();
        let found = references.find(|(container, attribute)| {
            container.urn() == reference.urn.as_deref() && attribute.name == reference.attribute
        });
        let (container, attribute) = found.ok_or_else(|| gone("The attribute"))?;
        let Some(value) = put_back(before.get(container, &attribute.name), &reference.value) else { return Ok(false) };
        let Some(stored) = stored else { return Ok(true) };
        let mut after = before.clone();
        after.put(container, &attribute.name, Some(value));
        let after = after.arranged(kind);
        validate::document(kind, &after, Context::Change { before: &before })?;
        let changes = Changes { attributes: before.changes(&after, kind), ..Changes::default() };
        directory
            .finish(work, kind, Change { stored, before, after, password: None, changes, parting: Parting::Usual })
            .await?;
        Ok(true)
    }

    /// A resource with its document, or the document alone that it would have again.
    async fn present(&self, work: &Work, kind: &ResourceType, id: Uuid) -> Result<(Option<Stored>, Document), Error> {
        if let Some(stored) = work.lock_resource(kind, id).await? {
            let document = stored.document()?;
            return Ok((Some(stored), document));
        }
        let kept = if self.would_be.contains_key(&id) { work.kept_document(id).await? } else { None };
        kept.map(|document| (None, document)).ok_or_else(|| gone(&format!("The {}", kind.name)))
    }

    /// Whether what a reference names exists, or would exist.
    async fn is_there(&self, directory: &Directory, work: &Work, value: &Value) -> Result<bool, Error> {
        let first = value.get(0).unwrap_or(value);
        let Some(id) = first.get("value").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok()) else {
            return Ok(false);
        };
        Ok(self.would_be.contains_key(&id) || !work.kinds(&directory.catalog, &[id]).await?.is_empty())
    }
}

/// Gives a group back to the application that it belonged to, if there still is that one.
async fn assign_again(work: &Work, kind: &ResourceType, removal: &Removal) -> Result<(), Error> {
    let Some(id) = work.kept_application(removal.place).await? else { return Ok(()) };
    if let Some(application) = work.lock_application(id).await? {
        work.assign_group(&application, kind, removal.place.resource).await?;
    }
    Ok(work.settle_removal(removal.place, Removed::Assignment).await?)
}

/// The value with what it lacks; nothing if it lacks nothing.
fn put_back(now: Option<&Value>, was: &Value) -> Option<Value> {
    let id = |value: &Value| value.get("value").cloned();
    match (now, was) {
        (None, was) => Some(was.clone()),
        (Some(Value::Array(now)), Value::Array(was)) => {
            let lacking = was.iter().filter(|value| now.iter().all(|other| id(other) != id(value)));
            let all: Vec<Value> = now.iter().chain(lacking).cloned().collect();
            (all.len() > now.len()).then_some(Value::Array(all))
        }
        _ => None,
    }
}

pub(super) fn parsed(removal: &Removal) -> Result<serde_json::Map<String, Value>, Error> {
    let content = removal.content.as_deref().unwrap_or_default();
    serde_json::from_str(content).map_err(|error| Error::Failed(format!("what was kept of a removal: {error}")))
}
