//! What people ask for, and what is asked of them.

use rights::{delegation::Delegation, request::Item, request::Overall, review};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    AccessDelegation, AccessRequest, Deed, Known, RequestItem, RequestNumber, RequestTexts, Review, ReviewItem,
    ReviewPlan, ReviewProgress,
};

/// What somebody asks for. People and groups may be gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRecord {
    /// Its id.
    pub id: Uuid,
    /// The year and its place in it.
    pub number: i64,
    /// Who asks.
    pub requester: Uuid,
    /// For whom.
    pub subject: Uuid,
    /// How it stands.
    pub state: String,
    /// When it was asked for.
    pub created: i64,
    /// Why.
    pub texts: RequestTexts,
}

impl RequestRecord {
    pub(crate) fn of(request: AccessRequest) -> Self {
        let AccessRequest { id, number, requester, subject, state, created, texts } = request;
        Self { id, number: number.0, requester, subject, state: state.word().to_owned(), created, texts }
    }

    /// The request, if it has a state that there is.
    pub fn request(&self) -> Option<AccessRequest> {
        let Self { id, number, requester, subject, state, created, texts } = self.clone();
        let state = Overall::from_word(&state)?;
        Some(AccessRequest { id, number: RequestNumber(number), requester, subject, state, created, texts })
    }
}

/// One entitlement of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Of which request.
    pub request: Uuid,
    /// The item as the rules know it.
    pub item: Item,
    /// The grant that it is about, or that came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Uuid>,
    /// Counts its changes from 1.
    pub version: i64,
}

impl RequestItemRecord {
    pub(crate) fn of(item: RequestItem) -> Self {
        let RequestItem { id, request, item, grant, version } = item;
        Self { id, request, item, grant, version }
    }

    pub(crate) fn stored(&self) -> RequestItem {
        let Self { id, request, item, grant, version } = self.clone();
        RequestItem { id, request, item, grant, version }
    }
}

/// What is reviewed. Who reviews it may be gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReviewRecord {
    /// Its id.
    pub id: Uuid,
    /// The campaign as the rules know it.
    pub campaign: review::Campaign,
    /// What it is about.
    pub plan: ReviewPlan,
    /// How far it has come.
    pub progress: ReviewProgress,
    /// When it was made.
    pub created: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

impl ReviewRecord {
    pub(crate) fn of(stored: Review) -> Self {
        let Review { id, campaign, plan, progress, created, version } = stored;
        Self { id, campaign, plan, progress, created, version }
    }

    pub(crate) fn stored(&self) -> Review {
        let Self { id, campaign, plan, progress, created, version } = self.clone();
        Review { id, campaign, plan, progress, created, version }
    }
}

/// One grant of what is reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReviewItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Of which campaign.
    pub review: Uuid,
    /// Of which group.
    pub group: Uuid,
    /// The item as the rules know it.
    pub item: review::Item,
    /// What was known when it was made.
    pub known: Known,
    /// Counts its changes from 1.
    pub version: i64,
}

impl ReviewItemRecord {
    pub(crate) fn of(stored: ReviewItem) -> Self {
        let ReviewItem { id, review, group, item, known, version } = stored;
        Self { id, review, group, item, known, version }
    }

    pub(crate) fn stored(&self) -> ReviewItem {
        let Self { id, review, group, item, known, version } = self.clone();
        ReviewItem { id, review, group, item, known, version }
    }
}

/// Somebody stands in for somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DelegationRecord {
    /// Its id.
    pub id: Uuid,
    /// The delegation as the rules know it.
    #[serde(deserialize_with = "delegation")]
    pub delegation: Delegation,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who cancelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Deed>,
}

/// Reads a delegation. An earlier archive may name a duty with which nothing was done.
fn delegation<'de, D: Deserializer<'de>>(from: D) -> Result<Delegation, D::Error> {
    let mut value = Value::deserialize(from)?;
    if let Some(duties) = value.get_mut("duties").and_then(Value::as_array_mut) {
        duties.retain(|duty| duty != "ownership");
    }
    serde_json::from_value(value).map_err(D::Error::custom)
}

impl DelegationRecord {
    pub(crate) fn of(stored: AccessDelegation) -> Self {
        let AccessDelegation { id, delegation, reason, ended_by } = stored;
        Self { id, delegation, reason, ended_by }
    }

    pub(crate) fn stored(&self) -> AccessDelegation {
        let Self { id, delegation, reason, ended_by } = self.clone();
        AccessDelegation { id, delegation, reason, ended_by }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_duty_of_before_is_left_out() {
        let read = |duties: Value| {
            let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
            let delegation = json!({ "delegator": one, "delegate": other, "duties": duties, "from": 1, "until": 2, "cancelled": null });
            serde_json::from_value::<DelegationRecord>(json!({ "id": one, "delegation": delegation }))
        };
        let kept = read(json!(["approvals", "ownership"])).expect("a delegation");
        assert_eq!(kept.delegation, read(json!(["approvals"])).expect("a delegation").delegation);
        assert!(read(json!(["approvals", "another"])).is_err());
    }
}
