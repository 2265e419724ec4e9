//! POST: a new resource (RFC 7644 §3.3).

use std::collections::HashMap;

use scim::{
    Document, MemberRef, Mode, ScimType,
    project::Projection,
    read::{self, Incoming},
    schema::{Container, ResourceType},
    validate::{self, Context},
};
use serde_json::Value;
use store::{Action, Changes, New, Stored, Work};
use uuid::Uuid;

use crate::provisioning::{Directory, End, Error, Shown, Step, members::Coming, replace::has_active};

/// A resource on its way into the database.
pub(super) struct Creation<'a> {
    pub(super) kind: &'a ResourceType,
    pub(super) id: Uuid,
    pub(super) document: Document,
    /// A hash.
    pub(super) password: Option<String>,
    pub(super) members: Vec<MemberRef>,
}

impl Step for Creation<'_> {
    type Output = Stored;

    /// Members are rows of their own.
    fn is_small(&self) -> bool {
        self.members.is_empty()
    }

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Stored>, Error> {
        directory.refuse_unknown(work, self.kind, &Document::default(), &self.document).await?;
        let members = directory.resolve_members(work, None, &self.members).await?;
        let mut created = work.create(self.kind, &[self.row(&members)]).await?;
        let changes = Changes { added: members.into_keys().collect(), ..Changes::default() };
        directory.watch_members(work, self.id, &changes, Coming::New).await?;
        let followed = directory.follow_person(work, self.kind, self.id, (None, &self.document)).await?;
        self.note(directory, changes.added);
        let mut created = created.pop();
        if let Some(stored) = created.as_mut().filter(|_| followed.people > 0) {
            stored.groups = None;
        }
        created.map(End::Written).ok_or_else(|| Error::Failed("a new resource was lost".into()))
    }
}

impl Creation<'_> {
    /// Notes what was made; that it has attributes goes without saying.
    pub(super) fn note(&self, directory: &Directory, added: Vec<Uuid>) {
        directory.notes.written(Action::Created, &self.kind.name, &Changes { added, ..Changes::default() });
    }

    pub(super) fn row<'n>(&'n self, members: &'n HashMap<Uuid, String>) -> New<'n> {
        New { id: self.id, document: &self.document, password: self.password.as_deref(), members }
    }
}

impl Directory {
    /// Makes a resource from the body of a POST. A body with many members is large, and is let go before it is written.
    pub async fn create(&self, kind: &ResourceType, body: Value, projection: &Projection) -> Result<Shown, Error> {
        let creation = self.creation(kind, self.ids.next(), &body).await?;
        let projection = projection.with_written(kind, read::written(kind, &body).iter().map(String::as_str));
        drop(body);
        let created = self.write(&creation).await;
        let stored = self.name_taken(kind, &creation.document, None, created).await?;
        drop(creation);
        Ok(self.show_new(kind, stored, &projection).await)
    }

    /// Reads and judges the body of a POST, before any lock is held.
    pub(super) async fn creation<'a>(
        &self,
        kind: &'a ResourceType,
        id: Uuid,
        body: &Value,
    ) -> Result<Creation<'a>, Error> {
        self.grants()?;
        let Incoming { mut document, password, members } = read::resource(kind, body, self.mode)?;
        // Naming an attribute without a value asks for none (RFC 7644 §3.3); those who do so with `active` mean the
        // default, and others cannot read a user without it.
        let named = |name| body.as_object().is_some_and(|body| body.keys().any(|key| key.eq_ignore_ascii_case(name)));
        let asks_for_none = self.mode == Mode::Strict && named("active");
        let has_none = document.get(Container::Root, "active").is_none();
        if has_active(kind) && has_none && !asks_for_none {
            document.put(Container::Root, "active", Some(true.into()));
        }
        let document = document.arranged(kind);
        validate::document(kind, &document, Context::Create)?;
        let password = self.passwords.hash_some(password).await?;
        Ok(Creation { kind, id, document, password, members: members.unwrap_or_default() })
    }

    /// Says which attribute it was that another resource already has the value of (409, Y-32).
    pub(super) async fn name_taken<T>(
        &self,
        kind: &ResourceType,
        document: &Document,
        own: Option<Uuid>,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        let Err(Error::Store(store::Error::Taken)) = result else {
            return result;
        };
        let name = self.data.taken(kind, document, own).await?;
        let name = name.unwrap_or_else(|| "A unique attribute".into());
        Err(scim::Error::of(ScimType::Uniqueness, format!("{name} is taken by another {}.", kind.name)).into())
    }
}
