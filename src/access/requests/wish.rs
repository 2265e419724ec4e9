//! What people ask for, as they write it.

use rights::{
    GrantId, Instant, calendar,
    grant::Term,
    request::{Kind, MAX_TEXT, Relation, Wish},
};
use serde::{Deserialize, Serialize};
use time::Duration;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    administration::Fault,
    clock::{begins, ends},
    wording::{Phrase, Text, between, phrase},
};

/// The longest length that can be asked for, in days.
const MAX_DAYS: u32 = 36_525;
/// The most things that are asked for at once.
const MAX_ITEMS: usize = 20;

/// A request that somebody makes.
#[derive(Clone, Debug, Deserialize, Serialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewRequest {
    /// For whom; nothing for oneself.
    pub subject: Option<Uuid>,
    /// Why.
    #[validate(custom(function = text))]
    pub justification: Option<String>,
    /// By which law or order.
    #[validate(custom(function = text))]
    pub legal_basis: Option<String>,
    /// What.
    #[validate(custom(function = some_items))]
    pub items: Vec<NewItem>,
}

/// One entitlement that somebody asks for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// What is to happen.
    pub kind: ItemKind,
    /// Which entitlement; of a grant it is known.
    pub entitlement: Option<Uuid>,
    /// Which grant is to be extended or to end.
    pub grant: Option<Uuid>,
    /// From which day or instant on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Until which day or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// For how many days from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// Somebody is granted something.
    Grant,
    /// A grant lasts longer.
    Extend,
    /// A grant ends.
    Revoke,
}

/// For which time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Period {
    /// From which day or instant on.
    pub from: Option<String>,
    /// Until which day or instant.
    pub until: Option<String>,
    /// For how many days from the beginning.
    pub days: Option<u32>,
}

impl ItemKind {
    /// As it is written.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Extend => "extend",
            Self::Revoke => "revoke",
        }
    }
}

impl Period {
    /// The same in the words of the rules; nothing said is what is proposed.
    pub(super) fn wish(&self, proposed: Option<Duration>, now: Instant) -> Result<Wish, Fault> {
        let from = self.from.as_deref().map(|text| begins(text).ok_or_else(|| malformed("from"))).transpose()?;
        // From today on is from now on.
        let is_today = |from: &Instant| *from <= now && calendar::local(*from).0 == calendar::local(now).0;
        let from = from.filter(|from| !is_today(from));
        let term = match (&self.until, self.days) {
            (Some(_), Some(_)) => return Err(fault("days", phrase("not-beside").with("other", "until"))),
            (Some(until), None) => Term::Until(ends(until).ok_or_else(|| malformed("until"))?),
            (None, Some(days)) if (1..=MAX_DAYS).contains(&days) => Term::For(Duration::days(i64::from(days))),
            (None, Some(_)) => return Err(fault("days", between(1, MAX_DAYS))),
            (None, None) => proposed.map_or(Term::Open, Term::For),
        };
        Ok(Wish { from, term })
    }

    /// The end of an extension.
    fn end(&self) -> Result<Instant, Fault> {
        if self.from.is_some() {
            return Err(fault("from", phrase("beginning-is-known")));
        }
        if self.days.is_some() {
            return Err(fault("days", phrase("days-of-extension")));
        }
        let until = self.until.as_deref().ok_or_else(|| fault("until", phrase("must-be-given")))?;
        ends(until).ok_or_else(|| malformed("until"))
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is asked for instead of something, of the same grant.
    pub(super) fn instead_of(&self, kind: &Kind, proposed: Option<Duration>, now: Instant) -> Result<Kind, Fault> {
        match kind {
            Kind::Grant(_) => self.wish(proposed, now).map(Kind::Grant),
            Kind::Extend { grant, .. } => self.end().map(|until| Kind::Extend { grant: *grant, until }),
            Kind::Revoke { .. } => Err(fault("until", phrase("until-of-revocation"))),
        }
    }
}

impl NewItem {
    /// For which time.
    pub(super) fn period(&self) -> Period {
        Period { from: self.from.clone(), until: self.until.clone(), days: self.days }
    }

    /// When it would begin, where that is said.
    pub(super) fn begins(&self) -> Option<Instant> {
        self.from.as_deref().and_then(begins)
    }

    /// What is asked for of a grant that is there, by somebody who is that to the person.
    pub(super) fn of_grant(&self, grant: Uuid, relation: Relation) -> Result<Kind, Fault> {
        let grant = GrantId(grant);
        match self.kind {
            ItemKind::Revoke if self.period().is_empty() => Ok(Kind::Revoke { grant, reason: relation.ending() }),
            ItemKind::Revoke => Err(fault("kind", phrase("period-of-revocation"))),
            _ => self.period().end().map(|until| Kind::Extend { grant, until }),
        }
    }
}

pub(super) fn malformed(field: &str) -> Fault {
    fault(field, phrase("must-be-moment"))
}

pub(super) fn fault(field: &str, reason: impl Into<Text>) -> Fault {
    Fault::new(format!("/{field}"), reason)
}

/// What is asked for in one request.
fn some_items(items: &[NewItem]) -> Result<(), ValidationError> {
    if (1..=MAX_ITEMS).contains(&items.len()) {
        return Ok(());
    }
    let mut fault = ValidationError::new("must-be-between");
    fault.add_param("least".into(), &1);
    fault.add_param("most".into(), &MAX_ITEMS);
    Err(fault)
}

/// When something begins: today or later, and never before it is said.
pub(in crate::access) fn begins_ahead(text: &str, now: Instant) -> Result<Instant, Phrase> {
    let at = begins(text).ok_or_else(|| phrase("must-be-moment"))?;
    if calendar::local(at).0 < calendar::local(now).0 {
        return Err(phrase("lies-before-today"));
    }
    Ok(at.max(now))
}

/// Text of people: some, and with nothing in it that cannot be shown.
pub(in crate::access) fn text(text: &str) -> Result<(), ValidationError> {
    let length = text.trim().chars().count();
    if (1..=MAX_TEXT).contains(&length) && !text.chars().any(|c| c.is_control() && c != '\n') {
        return Ok(());
    }
    let mut fault = ValidationError::new("must-be-text");
    fault.add_param("most".into(), &MAX_TEXT);
    Err(fault)
}
