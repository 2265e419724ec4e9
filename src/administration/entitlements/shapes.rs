//! What entitlements look like from outside.

use rights::{Risk, grant::Authority};
use serde::{Deserialize, Serialize};
use store::{Entitlement, EntitlementState, EntitlementTexts, Names};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::{Error, Given, error::check, limits},
    clock::timestamp,
};

/// An entitlement that somebody wants a group to be.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewEntitlement {
    /// The group.
    pub group: Uuid,
    /// Its name for programs, among those of the application.
    #[validate(custom(function = limits::slug))]
    pub code: String,
    /// Its names for people.
    #[validate(custom(function = names))]
    pub names: Names,
    /// Whether it is in use.
    #[serde(default = "active")]
    #[validate(custom(function = state))]
    pub state: String,
    /// Whose word makes somebody a member.
    #[serde(default = "scim")]
    #[validate(custom(function = authority))]
    pub authority: String,
    /// How much harm it can do.
    #[serde(default = "medium")]
    #[validate(custom(function = risk))]
    pub risk: i64,
    /// What it is for.
    #[validate(custom(function = limits::text))]
    pub purpose: Option<String>,
    /// By which law.
    #[validate(custom(function = limits::text))]
    pub legal_basis: Option<String>,
}

/// What somebody wants to be different about an entitlement; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct EntitlementChange {
    /// Its names for people, in place of those it had.
    pub names: Given<Names>,
    /// Whether it is in use.
    pub state: Given<String>,
    /// Whose word makes somebody a member.
    pub authority: Given<String>,
    /// How much harm it can do.
    pub risk: Given<i64>,
    /// What it is for; null for nothing.
    pub purpose: Given<Option<String>>,
    /// By which law; null for none.
    pub legal_basis: Given<Option<String>>,
}

/// An entitlement as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitlementRecord {
    /// The group that it is.
    pub group: Uuid,
    /// Of which application.
    pub application: Uuid,
    /// Its name for programs.
    pub code: String,
    /// Its names for people.
    pub names: Names,
    /// Whether it is in use.
    pub state: &'static str,
    /// Whose word makes somebody a member.
    pub authority: &'static str,
    /// How much harm it can do.
    pub risk: u8,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// By which law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// When it was made.
    pub created: String,
    /// When it last changed.
    pub modified: String,
}

impl From<Entitlement> for EntitlementRecord {
    fn from(entitlement: Entitlement) -> Self {
        let EntitlementTexts { names, purpose, legal_basis } = entitlement.texts;
        Self {
            group: entitlement.group,
            application: entitlement.application,
            code: entitlement.code,
            names,
            state: entitlement.state.word(),
            authority: entitlement.authority.word(),
            risk: entitlement.risk.into(),
            purpose,
            legal_basis,
            created: timestamp(entitlement.created),
            modified: timestamp(entitlement.modified),
        }
    }
}

impl NewEntitlement {
    pub(super) fn state(&self) -> EntitlementState {
        EntitlementState::from_word(&self.state).unwrap_or(EntitlementState::Draft)
    }

    pub(super) fn authority(&self) -> Authority {
        Authority::from_word(&self.authority).unwrap_or(Authority::Grants)
    }

    pub(super) fn risk(&self) -> Risk {
        u8::try_from(self.risk).ok().and_then(Risk::from_number).unwrap_or(Risk::High)
    }

    pub(super) fn texts(&self) -> EntitlementTexts {
        let trimmed = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_owned());
        EntitlementTexts {
            names: Names { lv: trimmed(&self.names.lv), en: trimmed(&self.names.en) },
            purpose: trimmed(&self.purpose),
            legal_basis: trimmed(&self.legal_basis),
        }
    }

    /// An entitlement as it would have to be asked for, with what is to be different.
    pub(super) fn changed(before: &Entitlement, change: EntitlementChange) -> Self {
        let EntitlementTexts { names, purpose, legal_basis } = before.texts.clone();
        Self {
            group: before.group,
            code: before.code.clone(),
            names: change.names.0.unwrap_or(names),
            state: change.state.0.unwrap_or_else(|| before.state.word().to_owned()),
            authority: change.authority.0.unwrap_or_else(|| before.authority.word().to_owned()),
            risk: change.risk.0.unwrap_or_else(|| i64::from(u8::from(before.risk))),
            purpose: change.purpose.0.unwrap_or(purpose),
            legal_basis: change.legal_basis.0.unwrap_or(legal_basis),
        }
    }

    /// Says what is wrong with an entitlement that comes with an archive.
    pub(in crate::administration) fn check_stored(entitlement: &Entitlement) -> Result<(), Error> {
        check(&Self::changed(entitlement, EntitlementChange::default()))
    }
}

fn names(names: &Names) -> Result<(), ValidationError> {
    if names.lv.is_none() && names.en.is_none() {
        return Err(limits::fault("must have a name in lv or in en".into()));
    }
    [&names.lv, &names.en].into_iter().flatten().try_for_each(|name| limits::line(name))
}

fn state(word: &str) -> Result<(), ValidationError> {
    one_of(word, &EntitlementState::ALL.map(EntitlementState::word))
}

fn authority(word: &str) -> Result<(), ValidationError> {
    one_of(word, &Authority::ALL.map(Authority::word))
}

fn one_of(word: &str, known: &[&str]) -> Result<(), ValidationError> {
    if known.contains(&word) { Ok(()) } else { Err(limits::fault(format!("must be one of {}", known.join(", ")))) }
}

fn risk(number: i64) -> Result<(), ValidationError> {
    if (0..=3).contains(&number) { Ok(()) } else { Err(limits::fault("must be 0 to 3".into())) }
}

fn active() -> String {
    EntitlementState::Active.word().to_owned()
}

fn scim() -> String {
    Authority::Scim.word().to_owned()
}

/// What nobody has judged may do some harm.
fn medium() -> i64 {
    i64::from(u8::from(Risk::Medium))
}
