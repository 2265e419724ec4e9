//! Who somebody is here.

use rights::request::Relation;
use scim::schema::Container;
use serde::Serialize;
use serde_json::Value;
use store::Bounds;
use uuid::Uuid;

use crate::{
    access::Access,
    administration::{
        AdminRoleRecord, Error, Holder, HoldingRecord, Slice, ViewRecord, holdings_of, roles_of, views_of,
    },
    language::Language,
};

/// A person as this service knows them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Myself {
    /// The user.
    pub id: Uuid,
    /// The login name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// In which language they are written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// How surely it is known who they are.
    pub assurance: &'static str,
    /// What they look after, or will.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<AdminRoleRecord>,
}

impl Access {
    /// In which language the person who asks is written to.
    pub async fn preferred_language(&self) -> Result<Language, Error> {
        let found = self.data.find(self.people()?, self.actor.user, false).await?;
        let user = found.ok_or(Error::Missing("user"))?.document()?;
        Ok(Language::of_user(&user))
    }

    /// What the person who asks, or somebody whom they lead, had at an instant in milliseconds since 1970, and why.
    pub async fn holdings(
        &self,
        subject: Option<Uuid>,
        (at, after): (i64, Option<(Uuid, Uuid)>),
        limit: u64,
    ) -> Result<Slice<HoldingRecord>, Error> {
        let subject = subject.unwrap_or(self.actor.user);
        if subject != self.actor.user && !self.is_led(subject).await? {
            return Err(Error::Missing("user"));
        }
        let of = Holder::User(subject);
        holdings_of(&self.data, &self.service.catalog, (of, &Bounds::none()), (at, after), limit).await
    }

    /// Whether the person who asks is somebody's line manager, or leads where they work.
    async fn is_led(&self, user: Uuid) -> Result<bool, Error> {
        let office = self.office();
        let Some(person) = office.person(user).await? else { return Ok(false) };
        // Whoever leads them from some day on does not yet.
        let place = office.place(user, &person.document()?).on(&office.today());
        Ok(self.relation(&office, &place).await? != Relation::Stranger)
    }

    /// Who looked at the data of the person who asks, the newest first.
    pub async fn views(&self, behind: Option<Uuid>, limit: u64) -> Result<Slice<ViewRecord>, Error> {
        views_of(&self.data, self.actor.user, behind, limit).await
    }

    /// The person who asks.
    pub async fn myself(&self) -> Result<Myself, Error> {
        let found = self.data.find(self.people()?, self.actor.user, false).await?;
        let user = found.ok_or(Error::Missing("user"))?.document()?;
        let text = |name| user.get(Container::Root, name).and_then(Value::as_str).map(Into::into);
        Ok(Myself {
            id: self.actor.user,
            user_name: text("userName"),
            display_name: text("displayName"),
            preferred_language: text("preferredLanguage"),
            assurance: self.actor.surely.word(),
            roles: roles_of(&self.data, self.actor.user, self.clock.now()).await?,
        })
    }
}
