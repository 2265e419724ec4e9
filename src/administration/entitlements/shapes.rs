//! What entitlements look like from outside.

use rights::{Risk, grant::Authority};
use serde::{Deserialize, Serialize};
use store::{Entitlement, EntitlementAudience, EntitlementState, EntitlementTexts, Lengths, Names, Terms};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::{Error, Given, NamedUser, entitlements::terms, error::check, limits, people::People},
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
    /// Whether people may ask for it; if nobody says, where grants alone make members.
    pub requestable: Option<bool>,
    /// The user who answers for it; nothing for whoever answers for the application.
    pub owner: Option<Uuid>,
    /// Who may ask.
    #[serde(default)]
    pub audience: EntitlementAudience,
    /// For how long.
    #[serde(default)]
    pub duration: Lengths,
    /// Whether whoever asks has to say why.
    #[serde(default)]
    pub needs_justification: bool,
    /// Whether they have to say by which law or order.
    #[serde(default)]
    pub needs_legal_basis: bool,
    /// The approval policy; nothing for that of the risk.
    pub approval_policy: Option<Uuid>,
    /// The entitlements that somebody has to have first.
    #[serde(default)]
    pub prerequisites: Vec<Uuid>,
    /// Whether it can be taken at once in an emergency.
    #[serde(default)]
    pub emergency: bool,
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
    /// Whether people may ask for it.
    pub requestable: Given<bool>,
    /// The user who answers for it; null for whoever answers for the application.
    pub owner: Given<Option<Uuid>>,
    /// Who may ask, in place of those who might.
    pub audience: Given<EntitlementAudience>,
    /// For how long, in place of what was said.
    pub duration: Given<Lengths>,
    /// Whether whoever asks has to say why.
    pub needs_justification: Given<bool>,
    /// Whether they have to say by which law or order.
    pub needs_legal_basis: Given<bool>,
    /// The approval policy; null for that of the risk.
    pub approval_policy: Given<Option<Uuid>>,
    /// The entitlements that somebody has to have first, in place of those.
    pub prerequisites: Given<Vec<Uuid>>,
    /// Whether it can be taken at once in an emergency.
    pub emergency: Given<bool>,
}

/// An entitlement as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the answer")]
pub struct EntitlementRecord {
    /// Counts its changes from 1.
    #[serde(skip)]
    pub version: i64,
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
    /// Whether people may ask for it.
    pub requestable: bool,
    /// Who owns it by themselves, as long as there is such a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<NamedUser>,
    /// Who answers for it just now; nothing if nobody is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<NamedUser>,
    /// Who may ask.
    pub audience: EntitlementAudience,
    /// For how long.
    pub duration: Lengths,
    /// Whether whoever asks has to say why.
    pub needs_justification: bool,
    /// Whether they have to say by which law or order.
    pub needs_legal_basis: bool,
    /// The approval policy; nothing for that of the risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_policy: Option<Uuid>,
    /// The entitlements that somebody has to have first.
    pub prerequisites: Vec<Uuid>,
    /// Whether it can be taken at once in an emergency.
    pub emergency: bool,
    /// When it was made.
    pub created: String,
    /// When it last changed.
    pub modified: String,
}

impl EntitlementRecord {
    /// An entitlement with those who answer for it.
    pub(super) fn of(entitlement: Entitlement, responsible: Option<Uuid>, people: &People) -> Self {
        let EntitlementTexts { names, purpose, legal_basis } = entitlement.texts;
        let terms = entitlement.terms;
        Self {
            version: entitlement.version,
            group: entitlement.group,
            application: entitlement.application,
            code: entitlement.code,
            names,
            state: entitlement.state.word(),
            authority: entitlement.authority.word(),
            risk: entitlement.risk.into(),
            purpose,
            legal_basis,
            requestable: terms.requestable,
            owner: people.named(terms.owner),
            responsible: people.named(responsible),
            audience: terms.audience,
            duration: terms.duration,
            needs_justification: terms.needs_justification,
            needs_legal_basis: terms.needs_legal_basis,
            approval_policy: terms.approval_policy,
            prerequisites: terms.prerequisites,
            emergency: terms.emergency,
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

    pub(super) fn terms(&self) -> Terms {
        Terms {
            requestable: self.requestable.unwrap_or_else(|| self.authority() == Authority::Grants),
            owner: self.owner,
            audience: self.audience.clone(),
            duration: self.duration,
            needs_justification: self.needs_justification,
            needs_legal_basis: self.needs_legal_basis,
            approval_policy: self.approval_policy,
            prerequisites: self.prerequisites.clone(),
            emergency: self.emergency,
        }
    }

    /// An entitlement as it would have to be asked for, with what is to be different.
    pub(super) fn changed(before: &Entitlement, change: EntitlementChange) -> Self {
        let EntitlementTexts { names, purpose, legal_basis } = before.texts.clone();
        let terms = before.terms.clone();
        Self {
            group: before.group,
            code: before.code.clone(),
            names: change.names.0.unwrap_or(names),
            state: change.state.0.unwrap_or_else(|| before.state.word().to_owned()),
            authority: change.authority.0.unwrap_or_else(|| before.authority.word().to_owned()),
            risk: change.risk.0.unwrap_or_else(|| i64::from(u8::from(before.risk))),
            purpose: change.purpose.0.unwrap_or(purpose),
            legal_basis: change.legal_basis.0.unwrap_or(legal_basis),
            requestable: Some(change.requestable.0.unwrap_or(terms.requestable)),
            owner: change.owner.0.unwrap_or(terms.owner),
            audience: change.audience.0.unwrap_or(terms.audience),
            duration: change.duration.0.unwrap_or(terms.duration),
            needs_justification: change.needs_justification.0.unwrap_or(terms.needs_justification),
            needs_legal_basis: change.needs_legal_basis.0.unwrap_or(terms.needs_legal_basis),
            approval_policy: change.approval_policy.0.unwrap_or(terms.approval_policy),
            prerequisites: change.prerequisites.0.unwrap_or(terms.prerequisites),
            emergency: change.emergency.0.unwrap_or(terms.emergency),
        }
    }

    /// Says what is wrong with an entitlement that comes with an archive.
    pub(in crate::administration) fn check_stored(entitlement: &Entitlement) -> Result<(), Error> {
        check(&Self::changed(entitlement, EntitlementChange::default()))?;
        terms::judge(&entitlement.terms, entitlement.group)
    }
}

fn names(names: &Names) -> Result<(), ValidationError> {
    if names.lv.is_none() && names.en.is_none() {
        return Err(limits::refuse("must-have-a-name", &[]));
    }
    [&names.lv, &names.en].into_iter().flatten().try_for_each(|name| limits::line(name))
}

fn state(word: &str) -> Result<(), ValidationError> {
    one_of(word, &EntitlementState::ALL.map(EntitlementState::word))
}

fn authority(word: &str) -> Result<(), ValidationError> {
    one_of(word, &Authority::ALL.map(Authority::word))
}

fn one_of(word: &str, known: &[&'static str]) -> Result<(), ValidationError> {
    if known.contains(&word) { Ok(()) } else { Err(limits::none_of(known.iter().copied())) }
}

fn risk(number: i64) -> Result<(), ValidationError> {
    if (0..=3).contains(&number) { Ok(()) } else { Err(limits::outside(0, 3)) }
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
