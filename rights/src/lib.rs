//! The rules of access rights without any I/O: what is there, what happens and when go in; what is then, and what
//! follows from it, come out, or a refusal that says the state and what is possible in it.
//!
//! Somebody asks for an entitlement ([`request`]), the right people decide in stages ([`approval`]), a grant begins, ends
//! and comes back ([`grant`]) as people come, move and leave ([`lifecycle`], [`tenure`], [`birthright`]). Entitlements that nobody should hold
//! together are found and foreseen ([`sod`]); what is held is looked through ([`review`]); what cannot wait is looked at afterwards
//! ([`emergency`]). Deadlines run in working time ([`calendar`]); people stand in for each other ([`delegation`]), and look after
//! no more than was given to them ([`administration`]).
//!
//! Nothing here knows a database, a socket, a clock or randomness. Every machine is a plain value with `apply`, and
//! what has to happen later is a function of its state (`timers`), so that whoever stores it keeps one thing in step.
//!
//! ```
//! use rights::{Instant, calendar::Calendar};
//! use time::macros::datetime;
//!
//! let calendar = Calendar::latvian();
//! let asked = Instant::from(datetime!(2026-03-13 16:50 +2));
//! let answered = Instant::from(datetime!(2026-03-16 08:40 +2));
//! assert_eq!(calendar.between(asked, answered).whole_minutes(), 20);
//! ```

pub mod administration;
pub mod approval;
pub mod birthright;
pub mod calendar;
pub mod delegation;
mod effect;
pub mod emergency;
pub mod grant;
mod id;
mod instant;
pub mod lifecycle;
mod refusal;
pub mod request;
pub mod review;
pub mod sod;
pub mod tenure;

pub use effect::{Audience, Effect, Notice, Outcome};
pub use id::{ApplicationId, EntitlementId, GrantId, GroupId, NodeId, RuleId, UserId};
pub use instant::{Instant, seconds};
pub use refusal::{Class, Fault, Policy, Reason, Refusal};

use serde::{Deserialize, Serialize};

/// How much harm a right can do, from 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Risk {
    /// None to speak of.
    Negligible,
    /// Low.
    Low,
    /// What a right has that nobody has judged.
    Medium,
    /// High: it needs an end, and people whose identity is sure.
    High,
}

impl Risk {
    /// The risk of that number.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Negligible, Self::Low, Self::Medium, Self::High].get(usize::from(number)).copied()
    }
}

impl From<Risk> for u8 {
    fn from(risk: Risk) -> Self {
        match risk {
            Risk::Negligible => 0,
            Risk::Low => 1,
            Risk::Medium => 2,
            Risk::High => 3,
        }
    }
}

impl TryFrom<u8> for Risk {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        Self::from_number(number).ok_or_else(|| format!("{number} is no risk; there are 0 to 3"))
    }
}

/// How surely it is known who somebody is (eIDAS, Regulation (EU) 910/2014, Article 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// Low.
    Low,
    /// Substantial.
    Substantial,
    /// High.
    High,
}

impl Assurance {
    /// Every level, the lowest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Substantial, Self::High];

    /// The level as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Substantial => "substantial",
            Self::High => "high",
        }
    }

    /// The one of that name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }
}

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
