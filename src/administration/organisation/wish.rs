//! What somebody wants a node of the organisation to be, and whether it can be that by itself. Where it can be, the tree
//! says ([`super::tree`]).

use scim::{employment::MAX_CODE, fold};
use serde::Deserialize;
use store::{OrganisationUnit, Place, UnitKind};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::{
        Error, Fault, Given,
        error::check,
        limits,
        organisation::{invalid, place},
    },
    wording::phrase,
};

/// The digits of a number in the register of enterprises.
const REGISTRATION_DIGITS: usize = 11;

/// A node that somebody wants.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewUnit {
    /// What it is.
    #[validate(custom(function = kind_word))]
    pub kind: String,
    /// Its code in the municipality's own register, which employments name.
    #[validate(custom(function = one_line))]
    pub code: String,
    /// Its name for people.
    #[validate(custom(function = limits::line))]
    pub name: String,
    /// What it is part of.
    pub parent: Option<Uuid>,
    /// Its number in the register of enterprises.
    #[validate(custom(function = register_digits))]
    pub registration_number: Option<String>,
    /// The user who leads it.
    pub head: Option<Uuid>,
    /// The user who stands in for the head.
    pub deputy: Option<Uuid>,
}

/// What somebody wants to be different about a node; what is left out stays, and null is nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct UnitChange {
    /// What it is.
    pub kind: Given<String>,
    /// Its code.
    pub code: Given<String>,
    /// Its name.
    pub name: Given<String>,
    /// What it is part of.
    pub parent: Given<Option<Uuid>>,
    /// Its number in the register of enterprises.
    pub registration_number: Given<Option<String>>,
    /// The user who leads it.
    pub head: Given<Option<Uuid>>,
    /// The user who stands in for the head.
    pub deputy: Given<Option<Uuid>>,
}

impl NewUnit {
    /// Judges a node that was stored elsewhere, but for what it is part of. Says where it is.
    pub(in crate::administration) fn check_stored(&self, id: Uuid) -> Result<Place, Error> {
        check(self)?;
        let unit = self.unit(id, 0);
        judge(&unit)?;
        if unit.code != self.code {
            return Err(invalid(Fault { pointer: "/code".into(), reason: phrase("not-as-stored").into() }));
        }
        Ok(place(&unit))
    }

    /// The node that it is; the words were checked.
    pub(super) fn unit(&self, id: Uuid, now: i64) -> OrganisationUnit {
        OrganisationUnit {
            id,
            parent: self.parent,
            kind: UnitKind::from_word(&self.kind).unwrap_or(UnitKind::Unit),
            code: fold::exact(self.code.trim()),
            name: self.name.trim().to_owned(),
            registration_number: self.registration_number.clone(),
            head: self.head,
            deputy: self.deputy,
            created: now,
            modified: now,
            version: 1,
        }
    }
}

impl UnitChange {
    /// The node as it is to be.
    pub(super) fn wanted(self, before: &OrganisationUnit) -> NewUnit {
        NewUnit {
            kind: self.kind.0.unwrap_or_else(|| before.kind.word().to_owned()),
            code: self.code.0.unwrap_or_else(|| before.code.clone()),
            name: self.name.0.unwrap_or_else(|| before.name.clone()),
            parent: self.parent.0.unwrap_or(before.parent),
            registration_number: self.registration_number.0.unwrap_or_else(|| before.registration_number.clone()),
            head: self.head.0.unwrap_or(before.head),
            deputy: self.deputy.0.unwrap_or(before.deputy),
        }
    }
}

/// What concerns several values at once.
pub(super) fn judge(unit: &OrganisationUnit) -> Result<(), Error> {
    let mut faults = Vec::new();
    if unit.kind == UnitKind::Unit && unit.registration_number.is_some() {
        faults.push(Fault::new("/registrationNumber", phrase("no-register-of-units")));
    }
    if unit.deputy.is_some() && unit.deputy == unit.head {
        faults.push(Fault::new("/deputy", phrase("other-than-head")));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// What differs, by the names that administrators know.
pub(super) fn differences(before: &OrganisationUnit, after: &OrganisationUnit) -> Vec<&'static str> {
    [
        ("kind", before.kind != after.kind),
        ("code", before.code != after.code),
        ("name", before.name != after.name),
        ("parent", before.parent != after.parent),
        ("registrationNumber", before.registration_number != after.registration_number),
        ("head", before.head != after.head),
        ("deputy", before.deputy != after.deputy),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

fn kind_word(word: &str) -> Result<(), ValidationError> {
    if UnitKind::from_word(word).is_some() {
        return Ok(());
    }
    Err(limits::none_of(UnitKind::ALL.map(UnitKind::word)))
}

fn one_line(text: &str) -> Result<(), ValidationError> {
    const LONGEST: usize = MAX_CODE;
    let length = text.trim().chars().count();
    if (1..=LONGEST).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(limits::refuse("must-be-line", &[("most", LONGEST.into())]))
}

fn register_digits(text: &str) -> Result<(), ValidationError> {
    if text.len() == REGISTRATION_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(limits::refuse("must-be-digits", &[("most", REGISTRATION_DIGITS.into())]))
}
