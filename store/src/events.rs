//! The log of changes: written in the transaction that changes, one row a change.
//!
//! A row says what changed and never to what: attribute names and the ids of members. So the log
//! outlives people without keeping their data.

use entity::event;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Error, TenantStore, Work};

/// The most member ids of one row; longer changes take several rows of the same version.
const MEMBERS_PER_EVENT: usize = 1000;

/// Who caused a change, and by which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The client, or the issuer of the token; nothing for the server itself.
    pub client: Option<Uuid>,
    /// The user on whose behalf, where a token speaks of one.
    pub user: Option<Uuid>,
    /// The id of the request, at most 64 characters.
    pub request: String,
}

impl Cause {
    /// An operator at the command line.
    pub fn operator() -> Self {
        Self { client: None, user: None, request: "command-line".into() }
    }
}

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Created,
    /// Attributes or members differ.
    Changed,
    /// It is gone.
    Deleted,
}

impl Action {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
        }
    }
}

/// What a change touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Attributes, as paths.
    pub attributes: Vec<String>,
    /// Who became a member.
    pub added: Vec<Uuid>,
    /// Who is no longer a member.
    pub removed: Vec<Uuid>,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }

    /// As JSON, in pieces of bounded length.
    pub(crate) fn rows(&self) -> Vec<String> {
        let mut rows = vec![Map::new()];
        if !self.attributes.is_empty() {
            rows[0].insert("attributes".into(), self.attributes.as_slice().into());
        }
        let mut room = MEMBERS_PER_EVENT;
        for (name, ids) in [("added", &self.added), ("removed", &self.removed)] {
            let mut ids = ids.as_slice();
            while !ids.is_empty() {
                if room == 0 {
                    rows.push(Map::new());
                    room = MEMBERS_PER_EVENT;
                }
                let (fit, later) = ids.split_at(ids.len().min(room));
                let fitting: Value = fit.iter().map(Uuid::to_string).collect();
                rows.last_mut().map(|row| row.insert(name.into(), fitting));
                room -= fit.len();
                ids = later;
            }
        }
        rows.into_iter().map(|row| Value::Object(row).to_string()).collect()
    }
}

impl TenantStore {
    /// How many resources of a type a request ever made, whatever became of them.
    pub async fn made_by(&self, request: &str, kind: &str) -> Result<u64, Error> {
        let made = event::Entity::find()
            .filter(event::Column::TenantId.eq(self.tenant.0))
            .filter(event::Column::RequestId.eq(request))
            .filter(event::Column::Kind.eq(kind))
            .filter(event::Column::Action.eq(Action::Created.word()))
            .count(&self.store.read)
            .await?;
        Ok(made)
    }
}

impl Work {
    /// Appends to the log.
    pub(crate) async fn record(
        &self,
        action: Action,
        kind: &str,
        resource: Uuid,
        version: i64,
        changes: &Changes,
    ) -> Result<(), Error> {
        let mut together = self.together();
        together.insert(self.events(action, kind, resource, version, changes));
        together.run(self).await
    }

    /// The rows of a change.
    pub(crate) fn events(
        &self,
        action: Action,
        kind: &str,
        resource: Uuid,
        version: i64,
        changes: &Changes,
    ) -> Vec<event::ActiveModel> {
        let row = |changes| event::ActiveModel {
            tenant_id: Set(self.tenant.0),
            at: Set(self.now),
            client_id: Set(self.cause.client),
            user_id: Set(self.cause.user),
            request_id: Set(self.cause.request.clone()),
            action: Set(action.word().to_owned()),
            kind: Set(kind.to_owned()),
            resource_id: Set(resource),
            version: Set(version),
            changes: Set(changes),
            ..Default::default()
        };
        changes.rows().into_iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_member_lists_take_several_rows() {
        let ids = |n: u128| (0..n).map(Uuid::from_u128).collect::<Vec<_>>();
        let one = Changes { attributes: vec!["displayName".into()], added: ids(2), removed: Vec::new() };
        assert_eq!(one.rows().len(), 1);
        let many = Changes { attributes: vec!["displayName".into()], added: ids(1001), removed: ids(1) };
        assert_eq!(many.rows().len(), 2);
        assert!(many.rows()[0].contains("displayName") && !many.rows()[1].contains("displayName"));
        assert_eq!(Changes::default().rows(), ["{}"]);
    }
}
