//! What reviews look like from outside.

use std::collections::BTreeMap;

use rights::review::Silence;
use serde::Serialize;
use store::ReviewScope;
use uuid::Uuid;

use crate::{access::requests::ApproverRecord, administration::ResolverShape};

/// A review as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// How it stands.
    pub state: &'static str,
    /// Whether it is about one person, and may be postponed.
    pub micro: bool,
    /// Which grants.
    pub scope: ReviewScope,
    /// These review together, if they may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub managers: Vec<Uuid>,
    /// Else those whom the first of these finds that finds anybody.
    pub reviewers: Vec<ResolverShape>,
    /// What silence means.
    pub silence: Silence,
    /// Who is left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<store::Exclusion>,
    /// When it begins or began.
    pub starts: String,
    /// When it closes.
    pub deadline: String,
    /// How often it was postponed, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postponed: Option<u8>,
    /// How many items there are.
    pub items: usize,
    /// Whether all of them are there.
    pub prepared: bool,
    /// How many of them are in which state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<BTreeMap<String, i64>>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Why it was called off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was made.
    pub created: String,
    /// Counts its changes from 1.
    pub version: i64,
}

/// What a review would be.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewRecord {
    /// How many grants it would be about.
    pub items: usize,
    /// Of them of people who are left out.
    pub excluded: usize,
    /// How many people would review.
    pub reviewers: usize,
    /// How many grants nobody would: silence decides about them, unless an administrator hands them to somebody.
    pub without_reviewer: usize,
    /// Whether all grants were looked at.
    pub complete: bool,
}

/// One grant of a review as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Of which review.
    pub review: Uuid,
    /// How it stands.
    pub state: &'static str,
    /// Why it was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The grant.
    pub grant: Uuid,
    /// Of whom.
    pub subject: Uuid,
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_name: Option<String>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Of which group.
    pub entitlement: Uuid,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlement_name: Option<String>,
    /// Of which application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_name: Option<String>,
    /// How much harm it can do.
    pub risk: u8,
    /// Since when they hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// From which client, rule or request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<Uuid>,
    /// When it ends without the review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// When a review last kept it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certified: Option<String>,
    /// What is recommended.
    pub recommendation: RecommendationRecord,
    /// Who reviews it.
    pub reviewers: Vec<ApproverRecord>,
    /// What was said, the latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<DecisionRecord>,
    /// Counts its changes from 1.
    pub version: i64,
}

/// What is recommended.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RecommendationRecord {
    /// What to do.
    pub verdict: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// What somebody said of a grant; nobody, for what silence means.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionRecord {
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Uuid>,
    /// In whose name, if not in their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Uuid>,
    /// What.
    pub verdict: &'static str,
    /// The earlier end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When.
    pub at: String,
}
