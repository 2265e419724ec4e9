//! How somebody stands, and what is known of how they left: what proves that they are out.

use rights::{Instant, lifecycle::Windows};
use scim::schema::{Catalog, Container};
use serde::Serialize;
use serde_json::Value;
use store::{Bounds, Departure, Leftover};
use uuid::Uuid;

use crate::{
    administration::{Administration, Error},
    clock::timestamp,
};

/// How somebody stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StandingRecord {
    /// The user.
    pub user: Uuid,
    /// Whether they are there, away for a while, have left, or are gone.
    pub state: &'static str,
    /// In how many groups they are now.
    pub memberships: u64,
    /// How they left, as long as that is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departure: Option<DepartureRecord>,
}

/// How somebody left.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DepartureRecord {
    /// When it was written, and every membership was gone in the same transaction.
    pub committed: String,
    /// By which client, or through which issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Uuid>,
    /// Until when their rights come back with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_by: Option<String>,
    /// Where they had something.
    pub applications: Vec<LeftoverRecord>,
}

/// An application in which somebody had something.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftoverRecord {
    /// Which.
    pub id: Uuid,
    /// In how many of its groups they were.
    pub groups: i64,
    /// When its own client first read after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
}

impl Administration {
    /// How a user within bounds stands.
    pub async fn standing(&self, catalog: &Catalog, user: Uuid, bounds: &Bounds) -> Result<StandingRecord, Error> {
        self.must_see(user, bounds).await?;
        let people = catalog.types().iter().find(|kind| kind.member_of.is_some()).ok_or(Error::Missing("user"))?;
        let found = self.data.find(people, user, false).await?;
        let departure = self.data.departure(user).await?;
        let state = match &found {
            Some(stored) if stored.document()?.get(Container::Root, "active") == Some(&Value::Bool(false)) => {
                if self.data.suspension(user).await?.is_some() { "suspended" } else { "deactivated" }
            }
            Some(_) => "active",
            None if departure.is_some_and(|departure| departure.is_deletion) => "deleted",
            None => return Err(Error::Missing("user")),
        };
        let departure = match departure {
            Some(departure) if matches!(state, "deactivated" | "deleted") => {
                Some(self.departed(user, departure).await?)
            }
            _ => None,
        };
        Ok(StandingRecord { user, state, memberships: self.data.count_memberships_of(user).await?, departure })
    }

    async fn departed(&self, user: Uuid, departure: Departure) -> Result<DepartureRecord, Error> {
        let return_by = Instant::from_millis(departure.at) + Windows::default().to_return;
        let returns = !departure.is_deletion && return_by > Instant::from_millis(self.clock.now());
        let record =
            |one: Leftover| LeftoverRecord { id: one.application, groups: one.groups, read: one.read.map(timestamp) };
        Ok(DepartureRecord {
            committed: timestamp(departure.at),
            client: departure.client,
            return_by: returns.then(|| timestamp(return_by.millis())),
            applications: self.data.leftovers(user, &departure).await?.into_iter().map(record).collect(),
        })
    }
}
