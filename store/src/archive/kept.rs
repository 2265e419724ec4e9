//! What a tenant keeps for a while beside what it holds: who took away what, when that was too much, and who looked at whose data.

use entity::{alarm, person_view, removal};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Error, PersonView, Removed, Work, alarms::MASS_CHANGE, removals::Reference, views};

/// A client took away more within an hour than is usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AlarmRecord {
    /// Its id.
    pub id: Uuid,
    /// `massChange`.
    pub of: String,
    /// The client, or the issuer on whose word people called.
    pub client: Uuid,
    /// When it was raised.
    pub began: i64,
    /// When the first of what was counted was taken away.
    pub first_removal: i64,
    /// When the last was.
    pub last_removal: i64,
    /// How many users were deactivated or deleted within an hour, at the worst.
    pub users: i64,
    /// How many may be.
    pub users_threshold: i64,
    /// How many memberships were taken away within an hour, at the worst.
    pub memberships: i64,
    /// How many may be.
    pub memberships_threshold: i64,
    /// When somebody said that they know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<i64>,
    /// Which client said so; nothing for the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<Uuid>,
    /// What they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl AlarmRecord {
    pub(super) fn of(row: alarm::Model) -> Self {
        Self {
            id: row.id,
            of: row.kind,
            client: row.client_id,
            began: row.began,
            first_removal: row.first_removal,
            last_removal: row.last_removal,
            users: row.users,
            users_threshold: row.users_threshold,
            memberships: row.memberships,
            memberships_threshold: row.memberships_threshold,
            acknowledged: row.acknowledged,
            acknowledged_by: row.acknowledged_by,
            comment: row.comment,
        }
    }

    pub(super) fn row(&self, work: &Work) -> alarm::ActiveModel {
        alarm::ActiveModel {
            tenant_id: Set(work.tenant.0),
            id: Set(self.id),
            client_id: Set(self.client),
            kind: Set(self.of.clone()),
            began: Set(self.began),
            first_removal: Set(self.first_removal),
            last_removal: Set(self.last_removal),
            users: Set(self.users),
            users_threshold: Set(self.users_threshold),
            memberships: Set(self.memberships),
            memberships_threshold: Set(self.memberships_threshold),
            acknowledged: Set(self.acknowledged),
            acknowledged_by: Set(self.acknowledged_by),
            comment: Set(self.comment.clone()),
        }
    }

    /// Whether it is one that a server raises.
    pub fn is_possible(&self) -> bool {
        let counts = [self.users, self.users_threshold, self.memberships, self.memberships_threshold];
        let is_said = self.acknowledged.is_some() || (self.acknowledged_by.is_none() && self.comment.is_none());
        self.of == MASS_CHANGE && counts.iter().all(|count| *count >= 0) && is_said
    }
}

/// Something that was taken away, with what it takes to give it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovalRecord {
    /// The resource type.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// From which resource, or which resource itself.
    pub resource: Uuid,
    /// The version of it that came of that.
    pub version: i64,
    /// Counts the records of one change from 0.
    pub part: i32,
    /// When.
    pub at: i64,
    /// Which client, or which issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Uuid>,
    /// `deactivated`, `deleted`, `removed`, `left`, `unassigned` or `withdrawn`.
    pub what: String,
    /// How many memberships went of those who stayed.
    pub weight: i64,
    /// When the resource was created.
    pub created: i64,
    /// The document, the ids of members, the reference, or the application; nothing once it was given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
    /// When it was given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<i64>,
}

impl RemovalRecord {
    pub(super) fn of(row: removal::Model) -> Result<Self, Error> {
        let content = match row.content {
            // An id, and not JSON.
            Some(text) if row.what == Removed::Assignment.word() => Some(Value::String(text)),
            Some(text) => Some(
                serde_json::from_str(&text)
                    .map_err(|error| Error::Damaged(format!("what was kept of {}: {error}", row.resource_id)))?,
            ),
            None => None,
        };
        Ok(Self {
            resource_type: row.kind,
            resource: row.resource_id,
            version: row.version,
            part: row.part,
            at: row.at,
            client: row.client_id,
            what: row.what,
            weight: row.weight,
            created: row.created,
            content,
            restored: row.restored,
        })
    }

    pub(super) fn row(&self, work: &Work) -> removal::ActiveModel {
        let content = self.content.as_ref().map(|content| match content {
            Value::String(id) => id.clone(),
            other => other.to_string(),
        });
        removal::ActiveModel {
            tenant_id: Set(work.tenant.0),
            resource_id: Set(self.resource),
            version: Set(self.version),
            part: Set(self.part),
            at: Set(self.at),
            client_id: Set(self.client),
            what: Set(self.what.clone()),
            kind: Set(self.resource_type.clone()),
            weight: Set(self.weight),
            created: Set(self.created),
            content: Set(content),
            restored: Set(self.restored),
        }
    }

    /// Whether its content is what is kept of such a removal: whatever is given back of it is judged once more then.
    pub fn is_possible(&self) -> bool {
        let Some(what) = Removed::from_word(&self.what) else { return false };
        let is_id = |value: &Value| value.as_str().is_some_and(|id| Uuid::parse_str(id).is_ok());
        let content_suits = match (&self.content, what) {
            (None, _) => what == Removed::Activity || self.restored.is_some(),
            (Some(_), Removed::Activity) => false,
            (Some(document), Removed::Resource) => {
                document.get("id").and_then(Value::as_str) == Some(self.resource.to_string().as_str())
            }
            (Some(members), Removed::Members | Removed::Leavers) => {
                members.as_array().is_some_and(|members| members.iter().all(is_id))
            }
            (Some(reference), Removed::Reference) => Reference::deserialize(reference).is_ok(),
            (Some(application), Removed::Assignment) => is_id(application),
        };
        content_suits && self.version >= 1 && self.part >= 0 && self.weight >= 0
    }
}

/// Somebody looked at the data of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ViewRecord {
    /// Its id.
    pub id: Uuid,
    /// The user whose data it is, who may be gone.
    pub subject: Uuid,
    /// When it was answered.
    pub at: i64,
    /// With which client, or through which issuer.
    pub client: Uuid,
    /// Which user looked; none for a client by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// What was read, without ids.
    pub route: String,
    /// The request's id.
    pub request_id: String,
}

impl ViewRecord {
    pub(super) fn of(row: person_view::Model) -> Self {
        let PersonView { id, subject, at, client, user, route, request } = row.into();
        Self { id, subject, at, client, user, route, request_id: request }
    }

    pub(super) fn row(&self, work: &Work) -> person_view::ActiveModel {
        let Self { id, subject, at, client, user, route, request_id } = self.clone();
        views::row(&(work.tenant, PersonView { id, subject, at, client, user, route, request: request_id }))
    }
}
