//! What stands in a tenant's catalogues of roles and entitlements (draft-ietf-scim-roles-entitlements). SCIM clients
//! read them; those who look after the tenant write them, in plain JSON.

use scim::{message::Parameters, project::Projection, schema::ResourceType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    provisioning::{Answer, Conditions, Directory, Error, Shown, Tags, settings::given},
    wording::phrase,
};

/// Which catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Catalogue {
    /// `/Roles`.
    Roles,
    /// `/Entitlements`.
    Entitlements,
}

/// A role or an entitlement as somebody wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// What stands in `value` of a user's roles.
    pub value: String,
    /// Its name for people.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What kind of role it is.
    #[serde(default, deserialize_with = "given", rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it may be assigned.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
    /// Whether the number of users who may hold it is limited.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub limited_assignments_permitted: Option<bool>,
    /// How many users may hold it.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub total_assignments_permitted: Option<u32>,
    /// The values of those that come with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// The values of those that it comes with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contained_by: Vec<String>,
}

impl Catalogue {
    /// The attribute of users whose values it lists, which is its name too.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Entitlements => "entitlements",
        }
    }
}

impl Entry {
    fn body(&self, kind: &ResourceType) -> Value {
        let mut body = serde_json::to_value(self).unwrap_or_default();
        // What is in a catalogue may be assigned unless somebody says that it may not (draft §4.1).
        body["supported"] = self.supported.unwrap_or(true).into();
        body["schemas"] = [kind.schema.id.as_str()].into_iter().collect();
        body
    }
}

impl Directory {
    /// A page of a catalogue, the oldest first, and the cursor of the next one.
    pub async fn entries(
        &self,
        catalogue: Catalogue,
        count: u64,
        cursor: Option<String>,
    ) -> Result<(Vec<Value>, Option<String>), Error> {
        let kind = self.kept(catalogue)?;
        let cursor = Some(cursor.unwrap_or_default());
        let page = Parameters { count: Some(count.to_string()), cursor, ..Parameters::default() };
        let mut list = parsed(&self.list(&[kind], &page).await?)?;
        let next = list.remove("nextCursor").and_then(|next| next.as_str().map(str::to_owned));
        let Some(Value::Array(entries)) = list.remove("Resources") else { return Ok((Vec::new(), next)) };
        Ok((entries.into_iter().map(plain).collect(), next))
    }

    /// A role or an entitlement, and its tag.
    pub async fn entry(&self, catalogue: Catalogue, id: &str) -> Result<(String, Value), Error> {
        let kind = self.kept(catalogue)?;
        let found = self.get(&kind, id, &Projection::default(), &Conditions::default()).await?;
        let shown = found.map_err(|_| Error::Failed("nobody asked whether it had changed".into()))?;
        Ok((shown.tag, plain(parsed(&shown.body)?.into())))
    }

    /// Puts one into a catalogue.
    pub async fn add_entry(&self, catalogue: Catalogue, entry: &Entry) -> Result<(String, Value), Error> {
        let kind = self.kept(catalogue)?;
        let shown = self.create(&kind, entry.body(&kind), &Projection::default()).await?;
        Ok(written(shown, entry))
    }

    /// Writes one anew, if it is still at one of these versions.
    pub async fn replace_entry(
        &self,
        catalogue: Catalogue,
        id: &str,
        entry: &Entry,
        versions: Option<Tags>,
    ) -> Result<(String, Value), Error> {
        let kind = self.kept(catalogue)?;
        let answer = Answer::Body(Projection::default());
        let conditions = Conditions { if_match: versions, if_none_match: None };
        let shown = self.replace(&kind, id, entry.body(&kind), &conditions, &answer).await?;
        Ok(written(shown, entry))
    }

    /// Takes one out of a catalogue, if it is still at one of these versions. Users who hold it go on holding it.
    pub async fn remove_entry(&self, catalogue: Catalogue, id: &str, versions: Option<Tags>) -> Result<(), Error> {
        let conditions = Conditions { if_match: versions, if_none_match: None };
        self.delete(&self.kept(catalogue)?, id, &conditions).await
    }

    /// The type of a catalogue's resources, writable, if the tenant keeps one.
    fn kept(&self, catalogue: Catalogue) -> Result<ResourceType, Error> {
        let of = Some(catalogue.attribute());
        let kind = self.catalog.types().iter().find(|kind| kind.catalogue_of == of);
        kind.map(ResourceType::writable).ok_or_else(|| Error::worded(409, phrase("no-catalogues")))
    }
}

fn parsed(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|error| Error::Failed(format!("an answer is no JSON: {error}")))
}

/// What was written as it is shown; as it was sent, if it could not be read again.
fn written(shown: Shown, entry: &Entry) -> (String, Value) {
    if let Ok(body) = parsed(&shown.body) {
        return (shown.tag, plain(body.into()));
    }
    let mut sent = serde_json::to_value(entry).unwrap_or_default();
    sent["id"] = shown.location.rsplit('/').next().unwrap_or_default().into();
    (shown.tag, sent)
}

/// A resource without what only SCIM says.
fn plain(mut resource: Value) -> Value {
    let Some(object) = resource.as_object_mut() else { return resource };
    object.shift_remove("schemas");
    let meta = object.shift_remove("meta").unwrap_or_default();
    for (name, own) in [("created", "created"), ("lastModified", "modified")] {
        if let Some(instant) = meta.get(name) {
            object.insert(own.into(), instant.clone());
        }
    }
    resource
}
