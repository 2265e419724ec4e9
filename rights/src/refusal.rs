//! What the rules say when they refuse: the state as it is, what is possible in it, and why not this.

use std::fmt;

use crate::{Assurance, Instant, RuleId};

/// Why something is not done. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {what} is {state}, and {event} is not possible: {reason}")]
pub struct Refusal {
    /// What it is about, such as a grant.
    pub what: &'static str,
    /// The state that it is in, and stays in.
    pub state: &'static str,
    /// What was to happen.
    pub event: &'static str,
    /// What can happen in that state.
    pub possible: &'static [&'static str],
    /// Why this cannot.
    pub reason: Reason,
}

/// Why an event is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It does not belong to that state.
    State,
    /// Its time has not come.
    NotYet,
    /// Its time is over.
    TooLate,
    /// The person is not among those who may.
    Stranger,
    /// Nobody decides about themselves.
    Oneself,
    /// Nobody decides what they have asked for.
    OwnRequest,
    /// They have decided already.
    Twice,
    /// A deputy has no deputy.
    Chain,
    /// There is one of that kind already.
    Overlap,
    /// Who was named cannot do it: inactive, concerned themselves, or there already.
    Unsuitable,
    /// It has to be said.
    Missing(&'static str),
    /// The identity of who decides has to be surer.
    Assurance(Assurance),
    /// The policy does not allow it.
    Policy(Policy),
    /// As often as this it may not be.
    TooOften,
    /// A period that is over, reversed or empty.
    Period,
    /// What is to last longer lasts as long already.
    LastsAsLong,
    /// What is to last longer has no end.
    NoEnd,
    /// The end lies behind the latest that there may be.
    EndAfter(Instant),
    /// Whoever gives more than they hold.
    Exceeds,
    /// The last one stays.
    Last,
    /// The grant that it is about has ended.
    GrantOver,
    /// Rules of segregation of duties stand against it.
    Conflict(Vec<RuleId>),
}

/// What a policy does not allow, whatever the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// What is asked for instead is another right.
    AnotherRight,
    /// The stage does not shorten.
    EndStays,
    /// What is taken away has no end to shorten.
    Endless,
    /// The stage is not handed on.
    SeatStays,
    /// An emergency is not extended.
    EmergencyEnds,
    /// The entitlement is not one for emergencies.
    NotForEmergencies,
    /// Only a micro-review is postponed.
    DeadlineStays,
    /// A comment is too long.
    LongComment,
    /// A tenant administrator has no smaller scope.
    WholeTenant,
}

impl Policy {
    /// Each of them.
    pub const ALL: [Self; 9] = [
        Self::AnotherRight,
        Self::EndStays,
        Self::Endless,
        Self::SeatStays,
        Self::EmergencyEnds,
        Self::NotForEmergencies,
        Self::DeadlineStays,
        Self::LongComment,
        Self::WholeTenant,
    ];

    /// Its name for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::AnotherRight => "anotherRight",
            Self::EndStays => "endStays",
            Self::Endless => "endless",
            Self::SeatStays => "seatStays",
            Self::EmergencyEnds => "emergencyEnds",
            Self::NotForEmergencies => "notForEmergencies",
            Self::DeadlineStays => "deadlineStays",
            Self::LongComment => "longComment",
            Self::WholeTenant => "wholeTenant",
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnotherRight => "another right is another request",
            Self::EndStays => "the end is not shortened at this stage",
            Self::Endless => "what is taken away has no end",
            Self::SeatStays => "this stage is not handed on",
            Self::EmergencyEnds => "an emergency is not extended",
            Self::NotForEmergencies => "this entitlement is not taken in an emergency",
            Self::DeadlineStays => "only a micro-review is postponed",
            Self::LongComment => "a comment is 2000 characters at the most",
            Self::WholeTenant => "a tenant administrator looks after the whole tenant",
        })
    }
}

/// What kind of refusal it is for a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It does not suit what is there (409).
    Conflict,
    /// This caller may not (403).
    Forbidden,
    /// What was said cannot be taken (400).
    Invalid,
}

impl Reason {
    /// What kind of refusal it is.
    pub fn class(&self) -> Class {
        match self {
            Self::State | Self::NotYet | Self::TooLate | Self::Twice | Self::Overlap | Self::TooOften => {
                Class::Conflict
            }
            Self::Last | Self::GrantOver | Self::Conflict(_) => Class::Conflict,
            Self::Stranger | Self::Oneself | Self::OwnRequest | Self::Exceeds | Self::Assurance(_) => Class::Forbidden,
            Self::Policy(_) => Class::Forbidden,
            Self::Chain | Self::Unsuitable | Self::Missing(_) | Self::Period | Self::EndAfter(_) => Class::Invalid,
            Self::LastsAsLong | Self::NoEnd => Class::Invalid,
        }
    }
}

impl Reason {
    /// Its name for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::State => "state",
            Self::NotYet => "notYet",
            Self::TooLate => "tooLate",
            Self::Stranger => "stranger",
            Self::Oneself => "oneself",
            Self::OwnRequest => "ownRequest",
            Self::Twice => "twice",
            Self::Chain => "chain",
            Self::Overlap => "overlap",
            Self::Unsuitable => "unsuitable",
            Self::Missing(_) => "missing",
            Self::Assurance(_) => "assurance",
            Self::Policy(_) => "policy",
            Self::TooOften => "tooOften",
            Self::Period => "period",
            Self::LastsAsLong => "lastsAsLong",
            Self::NoEnd => "noEnd",
            Self::EndAfter(_) => "endAfter",
            Self::Exceeds => "exceeds",
            Self::Last => "last",
            Self::GrantOver => "grantOver",
            Self::Conflict(_) => "conflict",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State => f.write_str("it does not belong to that state"),
            Self::NotYet => f.write_str("its time has not come"),
            Self::TooLate => f.write_str("its time is over"),
            Self::Stranger => f.write_str("you are not among those who may"),
            Self::Oneself => f.write_str("nobody decides about themselves"),
            Self::OwnRequest => f.write_str("nobody decides what they have asked for"),
            Self::Twice => f.write_str("you have decided already"),
            Self::Chain => f.write_str("a deputy has no deputy"),
            Self::Overlap => f.write_str("there is one of that kind already"),
            Self::Unsuitable => f.write_str("the person who was named cannot do it"),
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::Assurance(level) => write!(f, "it needs an identity of at least the level {}", level.word()),
            Self::Policy(what) => write!(f, "the policy does not allow it: {what}"),
            Self::TooOften => f.write_str("it has happened as often as it may"),
            Self::Period => f.write_str("the period is over, reversed or empty"),
            Self::LastsAsLong => f.write_str("it lasts as long already"),
            Self::NoEnd => f.write_str("it has no end"),
            Self::EndAfter(latest) => write!(f, "the end may be {latest} at the latest"),
            Self::Exceeds => f.write_str("nobody gives more than they hold"),
            Self::Last => f.write_str("the last one stays"),
            Self::GrantOver => f.write_str("the grant that it is about has ended"),
            Self::Conflict(rules) => write!(f, "{} rules of segregation of duties stand against it", rules.len()),
        }
    }
}

/// What is wrong with one part of what somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which part.
    pub field: &'static str,
    /// What is wrong with it, as one word.
    pub word: &'static str,
    /// What is named in it.
    pub named: Vec<(&'static str, usize)>,
    /// The same as a sentence, to be read behind the name of the part.
    pub reason: String,
}

impl Fault {
    pub(crate) fn new(field: &'static str, word: &'static str, reason: impl Into<String>) -> Self {
        Self { field, word, named: Vec::new(), reason: reason.into() }
    }

    /// The same with a number that is named in it.
    pub(crate) fn with(mut self, name: &'static str, number: usize) -> Self {
        self.named.push((name, number));
        self
    }
}

/// Nothing, or all that is wrong.
pub(crate) fn judged(faults: Vec<Fault>) -> Result<(), Vec<Fault>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}
