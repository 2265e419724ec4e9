//! POST: a new resource (RFC 7644 §3.3).

use scim::{
    ScimType,
    project::Projection,
    read::{self, Incoming},
    schema::{Container, ResourceType},
    validate::{self, Context},
};
use serde_json::Value;
use store::New;

use crate::provisioning::{Directory, Error, Shown, Step};

impl Directory {
    /// Makes a resource from the body of a POST.
    pub async fn create(&self, kind: &ResourceType, body: &Value, projection: &Projection) -> Result<Shown, Error> {
        self.grants()?;
        let Incoming { mut document, password, members } = read::resource(kind, body, self.mode)?;
        if kind.root_attribute("active").is_some() && document.get(Container::Root, "active").is_none() {
            document.put(Container::Root, "active", Some(true.into()));
        }
        let document = document.arranged(kind);
        validate::document(kind, &document, Context::Create)?;
        let password = self.passwords.hash_some(password).await?;
        let members = members.unwrap_or_default();
        let id = self.ids.next();
        let created = self
            .write(async |work| {
                let members = self.resolve_members(work, None, &members).await?;
                let new = New { id, document: &document, password: password.as_deref(), members: &members };
                Ok(Step::Written(work.create(kind, &new).await?))
            })
            .await;
        let stored = self.name_taken(kind, &document, None, created).await?;
        self.show(kind, stored, projection).await
    }

    /// Says which attribute it was that another resource already has the value of (409, Y-32).
    pub(super) async fn name_taken<T>(
        &self,
        kind: &ResourceType,
        document: &scim::Document,
        own: Option<uuid::Uuid>,
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
