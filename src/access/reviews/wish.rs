//! What is wanted of reviews, as it is read.

use std::collections::HashSet;

use rights::{
    Instant, Risk,
    approval::Resolver,
    calendar::{Calendar, Working},
    review::{Campaign, Silence, State, Verdict},
};
use serde::Deserialize;
use store::{Exclusion, ReviewScope};
use time::Duration;
use uuid::Uuid;
use validator::Validate;

use crate::{
    access::{
        refusal::wrong,
        requests::{begins_ahead, ends, text},
    },
    administration::{Error, Fault, ResolverShape, name},
    wording::{Text, between, phrase},
};

/// The most entitlements that are named, people who are left out, and ways to find who reviews.
const MAX_NAMED: usize = 200;
/// The most ways to find who reviews.
const MAX_RESOLVERS: usize = 10;
/// The longest that a review takes, in days of work.
const LONGEST: u32 = 260;
/// What it takes where nobody says, in days of work.
const USUAL: u32 = 20;

/// A review that is to begin.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewReview {
    /// Its name for people.
    #[validate(custom(function = name))]
    pub name: String,
    /// Which grants; all of them where nothing is said.
    #[serde(default)]
    pub scope: ScopeShape,
    /// Those review whom the first of these finds that finds anybody.
    #[serde(default = "usual_reviewers")]
    pub reviewers: Vec<ResolverShape>,
    /// When it begins, if not at once.
    pub starts: Option<String>,
    /// When it closes.
    pub deadline: Option<String>,
    /// Or after how many days of work.
    pub working_days: Option<u32>,
    /// What silence means.
    #[serde(default)]
    pub silence: Silence,
    /// Who is left out.
    #[serde(default)]
    #[validate(nested)]
    pub exclusions: Vec<ExclusionShape>,
}

/// Which grants: those that suit all of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ScopeShape {
    /// Those of an application.
    pub application: Option<Uuid>,
    /// Those of these entitlements; of all where nothing is said.
    pub entitlements: Option<Vec<Uuid>>,
    /// Those of people who work in this unit or below it.
    pub unit: Option<Uuid>,
    /// Those that can do at least so much harm.
    pub risk_at_least: Option<i64>,
    /// Those of one person.
    pub user: Option<Uuid>,
}

/// Somebody who is left out.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ExclusionShape {
    /// Who.
    pub user: Uuid,
    /// Why.
    #[validate(custom(function = text))]
    pub reason: String,
}

/// Why something is done.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// Why.
    #[validate(custom(function = text))]
    pub reason: String,
}

/// A later deadline.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postponement {
    /// When.
    pub deadline: String,
}

/// Who is to review instead.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReviewReassignment {
    /// Who.
    pub to: Uuid,
    /// Why.
    #[validate(custom(function = text))]
    pub reason: String,
}

/// What a reviewer says of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Word {
    /// It stays.
    Keep,
    /// It ends.
    Revoke,
    /// It ends earlier.
    Shorten,
    /// They cannot say.
    Abstain,
}

/// What is decided about a grant.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    /// What.
    pub verdict: Word,
    /// The earlier end, where it is to end earlier.
    pub until: Option<String>,
    /// Why.
    #[validate(custom(function = text))]
    pub comment: Option<String>,
}

fn usual_reviewers() -> Vec<ResolverShape> {
    vec![ResolverShape::LineManager(1), ResolverShape::Owner, ResolverShape::NodeHead]
}

fn fault(pointer: &str, reason: impl Into<Text>) -> Fault {
    Fault::new(pointer, reason)
}

/// How long a review lasts at the most.
const FURTHEST: Duration = Duration::days(366);
/// How long from now a small review is put off at the most.
const LATER: Duration = Duration::days(31);

impl NewReview {
    /// Refuses what whoever may begin reviews, and no more, could take something away by: to say by name who decides, or to let
    /// silence end what people have.
    pub(super) fn must_leave_it_to_others(&self) -> Result<(), Error> {
        let is_named = |shape: &ResolverShape| matches!(shape, ResolverShape::Person(_) | ResolverShape::Group(_));
        if let Some(at) = self.reviewers.iter().position(is_named) {
            return Err(wrong(&format!("/reviewers/{at}"), phrase("for-whole")));
        }
        if self.silence != Silence::Keep {
            return Err(wrong("/silence", phrase("silence-keeps")));
        }
        Ok(())
    }

    /// The campaign that it is, if it begins as it says.
    pub(super) fn campaign(&self, now: Instant, calendar: &Calendar) -> Result<Campaign, Error> {
        let mut faults = self.faults();
        let malformed = |name: &str| fault(name, phrase("must-be-moment"));
        let starts = match &self.starts {
            None => Ok(now),
            Some(text) => begins_ahead(text, now).map_err(|reason| fault("/starts", reason)),
        };
        let starts = starts.unwrap_or_else(|wrong| {
            faults.push(wrong);
            now
        });
        let deadline = match (&self.deadline, self.working_days) {
            (Some(_), Some(_)) => Err(fault("/workingDays", phrase("not-beside").with("other", "deadline"))),
            (Some(text), None) => match ends(text) {
                None => Err(malformed("/deadline")),
                Some(deadline) if deadline > starts + FURTHEST => Err(fault("/deadline", phrase("deadline-far"))),
                Some(deadline) => Ok(deadline),
            },
            (None, Some(days)) if !(1..=LONGEST).contains(&days) => Err(fault("/workingDays", between(1, LONGEST))),
            (None, days) => Ok(calendar.after(starts, Working::days(days.unwrap_or(USUAL)))),
        };
        match deadline {
            Ok(deadline) if deadline > starts && faults.is_empty() => Ok(Campaign {
                state: State::Scheduled,
                starts,
                deadline,
                silence: self.silence,
                is_micro: false,
                postponed: 0,
                reminded: None,
            }),
            Ok(deadline) => {
                if deadline <= starts {
                    faults.push(fault("/deadline", phrase("must-lie-behind-beginning")));
                }
                Err(Error::Invalid(faults))
            }
            Err(wrong) => {
                faults.push(wrong);
                Err(Error::Invalid(faults))
            }
        }
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.reviewers.is_empty() || self.reviewers.len() > MAX_RESOLVERS {
            faults.push(fault("/reviewers", between(1, MAX_RESOLVERS)));
        }
        for (at, shape) in self.reviewers.iter().enumerate() {
            if !shape.has_level() {
                faults.push(fault(&format!("/reviewers/{at}/lineManager"), between(1, 9)));
            }
        }
        if self.scope.risk_at_least.is_some_and(|risk| !(0..=3).contains(&risk)) {
            faults.push(fault("/scope/riskAtLeast", between(0, 3)));
        }
        // To name none is not to name all.
        if self.scope.entitlements.as_ref().is_some_and(|named| named.is_empty() || named.len() > MAX_NAMED) {
            faults.push(fault("/scope/entitlements", phrase("fault-side").with("most", MAX_NAMED)));
        }
        let users: HashSet<Uuid> = self.exclusions.iter().map(|one| one.user).collect();
        if users.len() > MAX_NAMED || users.len() < self.exclusions.len() {
            faults.push(fault("/exclusions", phrase("users-once").with("most", MAX_NAMED)));
        }
        faults
    }

    pub(super) fn scope(&self) -> ReviewScope {
        let ScopeShape { application, entitlements, unit, risk_at_least, user } = self.scope.clone();
        let risk_at_least = risk_at_least.and_then(|risk| Risk::from_number(u8::try_from(risk).ok()?));
        let entitlements = entitlements.unwrap_or_default();
        ReviewScope { application, entitlements, unit, risk_at_least, user, asked_for: false }
    }

    pub(super) fn resolvers(&self) -> Vec<Resolver> {
        self.reviewers.iter().map(|shape| shape.resolver()).collect()
    }

    pub(super) fn left_out(&self) -> Vec<Exclusion> {
        let of = |one: &ExclusionShape| Exclusion { user: one.user, reason: one.reason.trim().to_owned() };
        self.exclusions.iter().map(of).collect()
    }
}

impl Postponement {
    pub(super) fn deadline(&self, now: Instant) -> Result<Instant, Error> {
        let deadline = ends(&self.deadline).ok_or_else(|| wrong("/deadline", phrase("must-be-moment")))?;
        if deadline > now + LATER { Err(wrong("/deadline", phrase("postponed-far"))) } else { Ok(deadline) }
    }
}

impl NewDecision {
    pub(super) fn verdict(&self) -> Result<Verdict, Error> {
        verdict(self.verdict, self.until.as_deref())
    }
}

/// What somebody says, in the words of the rules.
pub(super) fn verdict(word: Word, until: Option<&str>) -> Result<Verdict, Error> {
    match (word, until) {
        (Word::Shorten, None) => Err(wrong("/until", phrase("must-be-given"))),
        (Word::Shorten, Some(text)) => {
            Ok(Verdict::Shorten(ends(text).ok_or_else(|| wrong("/until", phrase("must-be-moment")))?))
        }
        (_, Some(_)) => Err(wrong("/until", phrase("until-of-shortening"))),
        (Word::Keep, None) => Ok(Verdict::Keep),
        (Word::Revoke, None) => Ok(Verdict::Revoke),
        (Word::Abstain, None) => Ok(Verdict::Abstain),
    }
}
