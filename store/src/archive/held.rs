//! What people hold, or held, and how they stand.

use rights::{Instant, administration::Assignment, emergency::Emergency, grant::Grant, sod::Violation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccessEmergency, AccessGrant, AdminRole, Deed, Prolonged, SodViolation, UserSuspension};

/// Why somebody is or was in the group of an entitlement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantRecord {
    /// Its id.
    pub id: Uuid,
    /// The grant as the rules know it.
    pub grant: Grant,
    /// From which client, rule or request it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<Uuid>,
    /// Who gave it.
    pub given: Deed,
    /// Who took it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Deed>,
    /// The grant that it takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<Uuid>,
    /// How its end moved away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prolonged: Vec<Prolonged>,
    /// Counts its changes from 1.
    pub version: i64,
}

impl GrantRecord {
    pub(crate) fn of(stored: AccessGrant) -> Self {
        let AccessGrant { id, grant, source_id, given, taken, predecessor, prolonged, version } = stored;
        Self { id, grant, source_id, given, taken, predecessor, prolonged, version }
    }

    pub(crate) fn stored(&self) -> AccessGrant {
        let Self { id, grant, source_id, given, taken, predecessor, prolonged, version } = self.clone();
        AccessGrant { id, grant, source_id, given, taken, predecessor, prolonged, version }
    }
}

/// Somebody who holds together what nobody should, or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SodViolationRecord {
    /// Its id.
    pub id: Uuid,
    /// The conflict as the rules know it.
    pub violation: Violation,
    /// Who allowed it for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excepted: Option<Deed>,
    /// When it was found.
    pub found: i64,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<i64>,
    /// Counts its changes from 1.
    pub version: i64,
}

impl SodViolationRecord {
    pub(crate) fn of(stored: SodViolation) -> Self {
        let SodViolation { id, violation, excepted, found, ended, version } = stored;
        Self { id, violation, excepted, found, ended, version }
    }

    pub(crate) fn stored(&self) -> SodViolation {
        let Self { id, violation, excepted, found, ended, version } = self.clone();
        SodViolation { id, violation, excepted, found, ended, version }
    }
}

/// Access that somebody took in an emergency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRecord {
    /// Its id.
    pub id: Uuid,
    /// The emergency as the rules know it.
    pub emergency: Emergency,
    /// To what: the group.
    pub entitlement: Uuid,
    /// Of which application.
    pub application: Uuid,
    /// The grant that came of it.
    pub grant: Uuid,
    /// When it was taken.
    pub opened: Instant,
    /// Until when it was taken.
    pub until: Instant,
    /// Until when it has to be looked at.
    pub due: Instant,
    /// When an administrator was told that nobody had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated: Option<Instant>,
    /// Counts its changes from 1.
    pub version: i64,
}

impl EmergencyRecord {
    pub(crate) fn of(stored: AccessEmergency) -> Self {
        let AccessEmergency { id, emergency, entitlement, application, grant, opened, until, due, escalated, version } =
            stored;
        Self { id, emergency, entitlement, application, grant, opened, until, due, escalated, version }
    }

    pub(crate) fn stored(&self) -> AccessEmergency {
        let Self { id, emergency, entitlement, application, grant, opened, until, due, escalated, version } =
            self.clone();
        AccessEmergency { id, emergency, entitlement, application, grant, opened, until, due, escalated, version }
    }
}

/// A role of somebody who looks after something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdminRoleRecord {
    /// Its id.
    pub id: Uuid,
    /// The role as the rules know it.
    pub assignment: Assignment,
    /// Who gave it, and why.
    pub given: Deed,
    /// When it was given.
    pub created: i64,
    /// When it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<i64>,
    /// Who did, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Deed>,
}

impl AdminRoleRecord {
    pub(crate) fn of(stored: AdminRole) -> Self {
        let AdminRole { id, assignment, given, created, ended, ended_by } = stored;
        Self { id, assignment, given, created, ended, ended_by }
    }

    pub(crate) fn stored(&self) -> AdminRole {
        let Self { id, assignment, given, created, ended, ended_by } = self.clone();
        AdminRole { id, assignment, given, created, ended, ended_by }
    }
}

/// Somebody whom an administrator has suspended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspensionRecord {
    /// Who.
    pub user: Uuid,
    /// Since when.
    pub since: Instant,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Who did it, and why.
    pub by: Deed,
}

impl SuspensionRecord {
    pub(crate) fn of(stored: UserSuspension) -> Self {
        let UserSuspension { user, since, until, by } = stored;
        Self { user, since, until, by }
    }

    pub(crate) fn stored(&self) -> UserSuspension {
        let Self { user, since, until, by } = self.clone();
        UserSuspension { user, since, until, by }
    }
}
