//! Clients: listing, making, changing, deleting.

use serde::{Deserialize, Deserializer, Serialize};
use store::{Client, Readers};
use uuid::Uuid;
use validator::Validate;

use crate::{
    administration::{
        Administration, Authority, Error, MAX_CLIENTS, Slice,
        entitlements::wrong,
        error::{check, unchanged},
        limits,
    },
    alarms::watched,
    clock::timestamp,
    network::Networks,
    provisioning::{Tags, digest_tag},
    wording::phrase,
};

/// A client that somebody wants.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewClient {
    /// Its name.
    #[validate(custom(function = limits::line))]
    pub name: String,
    /// Which networks it may call from; none for all.
    #[serde(default)]
    #[validate(custom(function = limits::networks))]
    pub networks: Vec<String>,
    /// The application that it reads for.
    #[serde(default, deserialize_with = "given")]
    pub application_id: Option<Uuid>,
}

/// What somebody wants to be different about a client; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ClientChange {
    /// Its name.
    #[serde(default, deserialize_with = "given")]
    #[validate(custom(function = limits::line))]
    pub name: Option<String>,
    /// Which networks it may call from; an empty list for all.
    #[serde(default, deserialize_with = "given")]
    #[validate(custom(function = limits::networks))]
    pub networks: Option<Vec<String>>,
}

/// A client as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Which networks it may call from; none for all.
    pub networks: Vec<String>,
    /// The application that it reads for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_id: Option<Uuid>,
    /// When it was made.
    pub created: String,
    /// When one of its tokens was last seen, to about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used: Option<String>,
    /// Since when it is watched because of an alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watched_since: Option<String>,
}

impl From<Client> for ClientRecord {
    fn from(client: Client) -> Self {
        Self {
            id: client.id,
            name: client.name,
            networks: client.networks,
            application_id: client.application,
            created: timestamp(client.created),
            last_used: client.last_used.map(timestamp),
            watched_since: None,
        }
    }
}

impl ClientRecord {
    /// The tag of what can be changed of it.
    pub(crate) fn tag(&self) -> String {
        digest_tag(&(self.id, &self.name, &self.networks))
    }
}

impl Administration {
    /// Clients behind that one, the oldest first, as far as they are seen: all where nothing is said.
    pub async fn clients(
        &self,
        seen: Option<&Readers>,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Slice<ClientRecord>, Error> {
        let found = self.data.clients(seen, after, limit + 1).await?;
        let mut slice = Slice::of(found.into_iter().map(ClientRecord::from).collect(), limit);
        let watched = watched(&self.data, self.clock.now()).await?;
        for client in &mut slice.items {
            client.watched_since = watched.get(&client.id).cloned();
        }
        Ok(slice)
    }

    /// One client, if it is seen.
    pub async fn client(&self, id: Uuid, seen: Option<&Readers>) -> Result<ClientRecord, Error> {
        let client = self.data.client(id, seen).await?.ok_or(Error::Missing("client"))?;
        let watched_since = watched(&self.data, self.clock.now()).await?.remove(&id);
        Ok(ClientRecord { watched_since, ..client.into() })
    }

    /// Makes a client.
    pub async fn create_client(&self, new: &NewClient) -> Result<ClientRecord, Error> {
        check(new)?;
        let work = self.begin().await?;
        self.may_give(&work).await?;
        self.may_make_client(&work, new.application_id).await?;
        let client = self.insert_client(&work, new).await?;
        work.commit().await?;
        Ok(client.into())
    }

    /// Makes a client in a unit of work that does more.
    pub(super) async fn insert_client(&self, work: &store::Work, new: &NewClient) -> Result<Client, Error> {
        if work.count_clients().await? >= MAX_CLIENTS {
            return Err(Error::Conflict(phrase("most-clients").with("most", MAX_CLIENTS).into()));
        }
        let networks = Networks::parse(&new.networks).unwrap_or_default().texts();
        if let Some(id) = new.application_id {
            // Locked, so that it is not deleted meanwhile.
            work.lock_application(id).await?.ok_or_else(no_application)?;
        }
        let new = store::NewClient {
            id: self.ids.next(),
            name: new.name.trim(),
            networks: &networks,
            application: new.application_id,
        };
        work.create_client(&new).await.map_err(name_taken)
    }

    /// Changes a client, if it is still as one of these tags says. While the tenant is suspended its networks can only become narrower.
    pub async fn change_client(
        &self,
        id: Uuid,
        change: &ClientChange,
        tags: Option<&Tags>,
    ) -> Result<ClientRecord, Error> {
        check(change)?;
        let networks = change.networks.as_ref().map(|texts| Networks::parse(texts).unwrap_or_default());
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let client = work.lock_client(id).await?.ok_or(Error::Missing("client"))?;
        self.mandate_over_client(&work, &client).await?;
        unchanged(tags, &ClientRecord::from(client.clone()).tag())?;
        let before = Networks::parse(&client.networks).unwrap_or_default();
        if networks.as_ref().is_some_and(|after| widens(&before, after)) {
            self.may_give(&work).await?;
        }
        let name = change.name.as_deref().map(str::trim).filter(|name| *name != client.name);
        let networks = networks.filter(|after| *after != before).map(|networks| networks.texts());
        work.change_client(id, name, networks.as_deref()).await.map_err(name_taken)?;
        work.commit().await?;
        self.client(id, None).await
    }

    /// Deletes a client, if it is still as one of these tags says; its tokens are revoked at once.
    pub async fn delete_client(&self, id: Uuid, tags: Option<&Tags>) -> Result<(), Error> {
        let work = self.begin().await?;
        self.may_take(&work).await?;
        let client = work.lock_client(id).await?.ok_or(Error::Missing("client"))?;
        self.mandate_over_client(&work, &client).await?;
        unchanged(tags, &ClientRecord::from(client).tag())?;
        work.delete_client(id).await?;
        Ok(work.commit().await?)
    }

    /// The client of that name, made if there is none.
    pub(super) async fn client_named(&self, work: &store::Work, name: &str) -> Result<Client, Error> {
        debug_assert_eq!(self.authority, Authority::Operator, "a tenant's administrator says which client is meant");
        if let Some(client) = work.lock_client_named(name.trim()).await? {
            return Ok(client);
        }
        let new = NewClient { name: name.to_owned(), ..NewClient::default() };
        self.insert_client(work, &new).await
    }
}

/// Whether a client may then call from where it may not now.
fn widens(before: &Networks, after: &Networks) -> bool {
    !before.is_empty() && (after.is_empty() || !after.is_within(before))
}

fn no_application() -> Error {
    wrong("/applicationId", phrase("names-no-application"))
}

fn name_taken(error: store::Error) -> Error {
    match error {
        store::Error::Taken => Error::Taken(phrase("client-taken").into()),
        other => other.into(),
    }
}

/// A member that may be left out and may not be null.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_narrower_widens_nothing() {
        let of = |text: &str| text.parse::<Networks>().expect("networks");
        assert!(!widens(&of(""), &of("10.0.0.0/8")) && !widens(&of(""), &of("")));
        assert!(!widens(&of("10.0.0.0/8"), &of("10.1.0.0/16")));
        assert!(widens(&of("10.0.0.0/8"), &of("")) && widens(&of("10.0.0.0/8"), &of("10.0.0.0/8,192.0.2.1")));
    }
}
