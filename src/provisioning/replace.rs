//! PUT: all that a client owns of a resource, anew (RFC 7644 §3.5.1).

use scim::{
    Document, MemberRef,
    read::{self, Incoming},
    schema::{Container, ResourceType, USER},
    validate::{self, Context},
};
use serde_json::Value;
use store::{Changes, Stored, Work};
use uuid::Uuid;

use crate::provisioning::{
    Answer, Conditions, Directory, End, Error, Shown, Step,
    leaving::is_active,
    members::{Coming, Net},
    patch::Change,
    read::parse_id,
};

impl Directory {
    /// Replaces a resource with the body of a PUT, which is let go before it is written.
    pub async fn replace(
        &self,
        kind: &ResourceType,
        id: &str,
        body: Value,
        conditions: &Conditions,
        answer: &Answer,
    ) -> Result<Shown, Error> {
        let replacement = self.replacement(kind, id, &body, conditions).await?;
        let written = read::written(kind, &body);
        drop(body);
        let replaced = self.write(&replacement).await;
        let stored = self.name_taken(kind, &replacement.document, Some(replacement.id), replaced).await?;
        drop(replacement);
        Ok(self.answer(kind, stored, answer, &written).await)
    }

    /// Reads the body of a PUT, before any lock is held.
    pub(super) async fn replacement<'a>(
        &self,
        kind: &'a ResourceType,
        id: &str,
        body: &Value,
        conditions: &'a Conditions,
    ) -> Result<Replacement<'a>, Error> {
        let id = parse_id(kind, id)?;
        let Incoming { document, password, members } = read::resource(kind, body, self.mode)?;
        let password = self.passwords.hash_some(password).await?;
        Ok(Replacement { kind, id, document, password, members: members.unwrap_or_default(), conditions })
    }
}

/// What a PUT brings.
pub(super) struct Replacement<'a> {
    pub(super) kind: &'a ResourceType,
    pub(super) id: Uuid,
    pub(super) document: Document,
    /// A hash.
    password: Option<String>,
    members: Vec<MemberRef>,
    conditions: &'a Conditions,
}

impl Step for Replacement<'_> {
    type Output = Stored;

    /// Members are rows of their own, and much goes with whom it switches off.
    fn is_small(&self) -> bool {
        self.kind.membership.is_none() && is_active(&self.document)
    }

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Stored>, Error> {
        let (kind, id) = (self.kind, self.id);
        let stored = work.lock_resource(kind, id).await?.ok_or_else(|| Error::not_found(kind))?;
        self.conditions.check_write(stored.version)?;
        let before = stored.document()?;
        let mut after = self.document.clone();
        let base = directory.base(work, kind, id, &before).await?;
        keep_active(kind, &base.document, &mut after);
        validate::keep_immutable(kind, &before, &mut after);
        let parting = base.part(&mut after);
        let after = after.arranged(kind);
        validate::document(kind, &after, Context::Change { before: &before })?;
        let mut net = Net::default();
        if kind.membership.is_some() {
            directory.replace_members(work, kind, &stored, &self.members, Coming::New, &mut net).await?;
        }
        let (added, removed) = net.into_sorted();
        let changes = Changes { attributes: before.changes(&after, kind), added, removed };
        let password = self.password.as_deref().map(Some);
        directory.finish(work, kind, Change { stored, before, after, password, changes, parting }).await
    }
}

/// A change that does not say what `active` is to be leaves it: clearing it would wake a leaver up.
pub(super) fn keep_active(kind: &ResourceType, before: &Document, after: &mut Document) {
    if has_active(kind) && after.get(Container::Root, "active").is_none() {
        after.put(Container::Root, "active", before.get(Container::Root, "active").cloned());
    }
}

/// Whether resources of a type can be switched off. Types that a tenant defines may mean something else by the name.
pub(super) fn has_active(kind: &ResourceType) -> bool {
    kind.schema.id == USER && kind.root_attribute("active").is_some()
}
