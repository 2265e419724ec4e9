//! What there is to be asked for, and the rules about it.

use rights::{Risk, grant::Authority};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Entitlement, EntitlementState, EntitlementTexts, Rule, Terms, rules};

/// An application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is in use.
    pub state: String,
    /// The attributes of users that it may see, as paths.
    pub released: Vec<String>,
    /// The user who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Uuid>,
    /// The user who stands in for the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<Uuid>,
    /// The organisation unit that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Uuid>,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// A group of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplicationGroupRecord {
    /// The application.
    pub application: Uuid,
    /// The resource type of the group.
    pub group_type: String,
    /// The group.
    pub group: Uuid,
}

/// A group that is an entitlement, also when the group is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntitlementRecord {
    /// The group.
    pub group: Uuid,
    /// The resource type of the group.
    pub group_type: String,
    /// The application.
    pub application: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Whether it is in use.
    pub state: String,
    /// Whose word makes somebody a member.
    pub authority: Authority,
    /// How much harm it can do.
    pub risk: Risk,
    /// What people read of it.
    pub texts: EntitlementTexts,
    /// How people come to it.
    #[serde(default)]
    pub terms: Terms,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

impl EntitlementRecord {
    /// The entitlement, if it has a state that there is.
    pub fn entitlement(&self) -> Option<Entitlement> {
        Some(Entitlement {
            group: self.group,
            group_kind: self.group_type.clone(),
            application: self.application,
            code: self.code.clone(),
            state: EntitlementState::from_word(&self.state)?,
            authority: self.authority,
            risk: self.risk,
            texts: self.texts.clone(),
            terms: self.terms.clone(),
            created: self.created,
            modified: self.modified,
            version: self.version,
        })
    }

    pub(crate) fn of(entitlement: Entitlement) -> Self {
        Self {
            group: entitlement.group,
            group_type: entitlement.group_kind,
            application: entitlement.application,
            code: entitlement.code,
            state: entitlement.state.word().to_owned(),
            authority: entitlement.authority,
            risk: entitlement.risk,
            texts: entitlement.texts,
            terms: entitlement.terms,
            created: entitlement.created,
            modified: entitlement.modified,
            version: entitlement.version,
        }
    }
}

/// A rule about access rights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRecord {
    /// `scheme`, `sod` or `birthright`.
    pub of: String,
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// Whether it counts.
    pub state: String,
    /// What it says.
    pub content: Value,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

impl RuleRecord {
    /// The rule, if it is one.
    pub fn rule(&self) -> Option<Rule> {
        rules::read(self.row()).ok()
    }

    fn row(&self) -> entity::rule::Model {
        entity::rule::Model {
            tenant_id: 0,
            kind: self.of.clone(),
            id: self.id,
            name: self.name.clone(),
            state: self.state.clone(),
            content: self.content.to_string(),
            created: self.created,
            modified: self.modified,
            version: self.version,
        }
    }
}
