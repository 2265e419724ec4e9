//! Reviews: campaigns, and the grants in them. Both are stored whole as the rules know them, and who reviews an item stands
//! in an index beside it that is written with it. Whoever changes an item because its campaign goes on holds the campaign
//! first; people and groups are held before both.

mod chunk;
mod rows;
mod search;

use std::collections::BTreeSet;

use rights::{
    Instant, Risk, UserId,
    approval::Resolver,
    calendar::Calendar,
    review::{Campaign, Item, State, Timer},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use rows::{campaign_row, item_row, read_campaign, read_item, reviewer_rows};
pub use search::{ItemFilter, Reviews};

use crate::{Deed, TimerKind};

/// What the log calls a campaign.
const REVIEW: &str = "Review";
/// What it calls a grant in one.
const ITEM: &str = "ReviewItem";

/// A campaign as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its id.
    pub id: Uuid,
    /// The campaign as the rules know it.
    pub campaign: Campaign,
    /// What it is about.
    pub plan: ReviewPlan,
    /// How far it has come.
    pub progress: ReviewProgress,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// Counts its changes from 1.
    pub version: i64,
}

/// What a campaign is about, and who reviews.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewPlan {
    /// Its name for people.
    pub name: String,
    /// Which grants.
    #[serde(default)]
    pub scope: ReviewScope,
    /// These review together, if one of them is there and may: the old and the new manager of somebody who has moved.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub together: BTreeSet<Uuid>,
    /// Else those whom the first of these finds that finds anybody.
    pub reviewers: Vec<Resolver>,
    /// Who is left out, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<Exclusion>,
    /// Who made it.
    #[serde(default)]
    pub made: Deed,
    /// Whether it was begun by a role that is less than looking after the whole tenant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_role: bool,
}

/// Which grants a campaign is about: those that suit all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReviewScope {
    /// Those of an application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// Those of these entitlements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<Uuid>,
    /// Those of people who work in this unit or below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Uuid>,
    /// Those that can do at least so much harm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_at_least: Option<Risk>,
    /// Those of one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// Those alone that were asked for or given by hand.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub asked_for: bool,
}

/// Somebody who is left out of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Who.
    pub user: Uuid,
    /// Why.
    pub reason: String,
}

/// How far a campaign has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReviewProgress {
    /// The grant up to which there are items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared: Option<Uuid>,
    /// Whether all of them are there.
    pub is_prepared: bool,
    /// How many there are.
    pub items: usize,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Instant>,
    /// Why it was called off, or who closed it early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<Deed>,
}

/// One grant in a campaign, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewItem {
    /// Its id.
    pub id: Uuid,
    /// Of which campaign.
    pub review: Uuid,
    /// Of which group.
    pub group: Uuid,
    /// The item as the rules know it.
    pub item: Item,
    /// What was known when it was made.
    pub known: Known,
    /// Counts its changes from 1.
    pub version: i64,
}

/// What was known of a grant when its item was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// How much harm the entitlement could do.
    pub risk: Risk,
    /// Whether the person was no employee.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_external: bool,
    /// Who decides where a reviewer cannot say.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fallback: BTreeSet<UserId>,
    /// What is recommended.
    pub recommendation: Recommendation,
    /// Why it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
}

/// What is recommended of a grant, and thereby what to do: all but the last say that it should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Recommendation {
    /// It does not go together with something else that the person holds.
    Conflict,
    /// The person works in no unit, and on no footing, that the entitlement is for.
    OtherWork,
    /// Nothing speaks against it.
    Suits,
}

impl Recommendation {
    /// The reason as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::OtherWork => "otherWork",
            Self::Suits => "suits",
        }
    }

    /// What to do.
    pub fn verdict(self) -> &'static str {
        if self == Self::Suits { "keep" } else { "revoke" }
    }
}

impl Review {
    /// Of what it has to be reminded; what goes on in steps goes on now.
    pub fn timers(&self, calendar: &Calendar, now: Instant) -> Vec<(TimerKind, Instant)> {
        let kind = |timer| match timer {
            Timer::Start => TimerKind::ReviewStart,
            Timer::Remind => TimerKind::ReviewRemind,
            Timer::Close => TimerKind::ReviewClose,
        };
        let mut timers: Vec<_> =
            self.campaign.timers(calendar).into_iter().map(|(timer, at)| (kind(timer), at)).collect();
        match self.campaign.state {
            State::Active if !self.progress.is_prepared => timers.push((TimerKind::ReviewStart, now)),
            // What has begun goes on at once.
            State::Scheduled if self.progress.prepared.is_some() => {
                timers.iter_mut().for_each(|(_, due)| *due = now.max(*due));
            }
            State::Closing => timers.push((TimerKind::ReviewApply, now)),
            _ => {}
        }
        timers
    }

    /// The person of a micro-review.
    pub fn subject(&self) -> Option<Uuid> {
        self.plan.scope.user.filter(|_| self.campaign.is_micro)
    }
}
