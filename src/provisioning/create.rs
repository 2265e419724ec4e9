//! POST: a new resource (RFC 7644 §3.3).

use scim::{
    Document, MemberRef, Mode, ScimType,
    project::Projection,
    read::{self, Incoming},
    schema::{Container, ResourceType},
    validate::{self, Context},
};
use serde_json::Value;
use store::{New, Stored, Work};
use uuid::Uuid;

use crate::provisioning::{Directory, End, Error, Shown, Step};

/// A resource on its way into the database.
struct Creation<'a> {
    kind: &'a ResourceType,
    id: Uuid,
    document: Document,
    /// A hash.
    password: Option<String>,
    members: Vec<MemberRef>,
}

impl Step for Creation<'_> {
    type Output = Stored;

    async fn run(&self, directory: &Directory, work: &Work) -> Result<End<Stored>, Error> {
        let members = directory.resolve_members(work, None, &self.members).await?;
        let password = self.password.as_deref();
        let new = New { id: self.id, document: &self.document, password, members: &members };
        Ok(End::Written(work.create(self.kind, &new).await?))
    }
}

impl Directory {
    /// Makes a resource from the body of a POST.
    pub async fn create(&self, kind: &ResourceType, body: &Value, projection: &Projection) -> Result<Shown, Error> {
        self.grants()?;
        let Incoming { mut document, password, members } = read::resource(kind, body, self.mode)?;
        // Naming an attribute without a value asks for none (RFC 7644 §3.3); those who do so with `active` mean the
        // default, and others cannot read a user without it.
        let named = |name| body.as_object().is_some_and(|body| body.keys().any(|key| key.eq_ignore_ascii_case(name)));
        let asks_for_none = self.mode == Mode::Strict && named("active");
        let has_none = document.get(Container::Root, "active").is_none();
        if kind.root_attribute("active").is_some() && has_none && !asks_for_none {
            document.put(Container::Root, "active", Some(true.into()));
        }
        let document = document.arranged(kind);
        validate::document(kind, &document, Context::Create)?;
        let password = self.passwords.hash_some(password).await?;
        let members = members.unwrap_or_default();
        let creation = Creation { kind, id: self.ids.next(), document, password, members };
        let created = self.write(&creation).await;
        let stored = self.name_taken(kind, &creation.document, None, created).await?;
        Ok(self.show_new(kind, stored, projection).await)
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
