//! A conflict that was found: an exception allows it for a while, or it goes away.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{Audience, Effect, EntitlementId, Instant, Notice, Outcome, Reason, Refusal, UserId, sod::Finding};

/// The longest exception.
pub const LONGEST_EXCEPTION: Duration = Duration::days(366);
/// How long before its end it is announced.
const NOTICE: Duration = Duration::days(30);

/// Somebody allows it for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// Who.
    pub by: UserId,
    /// Why.
    pub reason: String,
    /// What is done so that nothing happens.
    pub control: String,
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Whether it was given before all of it was held, so that it can be: as long as that is so, it waits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_foreseen: bool,
}

impl Exception {
    /// Whether it counts.
    pub fn is_live(&self, now: Instant) -> bool {
        self.from <= now && now < self.until
    }

    /// Judges an exception for somebody.
    pub fn check(&self, subject: UserId, now: Instant) -> Result<(), Reason> {
        if self.by == subject {
            return Err(Reason::Oneself);
        }
        if self.reason.trim().is_empty() {
            return Err(Reason::Missing("reason"));
        }
        if self.control.trim().is_empty() {
            return Err(Reason::Missing("control"));
        }
        if self.until <= now || self.until <= self.from {
            return Err(Reason::Period);
        }
        let latest = now + LONGEST_EXCEPTION;
        if self.until > latest { Err(Reason::EndAfter(latest)) } else { Ok(()) }
    }
}

/// How a conflict stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// It is there.
    Detected,
    /// It is allowed for a while.
    Excepted(Exception),
    /// It is no more.
    Resolved,
}

impl State {
    /// The state as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Excepted(_) => "excepted",
            Self::Resolved => "resolved",
        }
    }

    /// What can happen.
    pub fn possible(&self) -> &'static [&'static str] {
        match self {
            Self::Detected => &["except", "remedy", "found", "gone"],
            Self::Excepted(_) => &["withdraw", "lapse", "remedy", "found", "gone"],
            // Found gone once more is no news.
            Self::Resolved => &["gone"],
        }
    }
}

/// A conflict that was found. A rule and a person have one that is not resolved at the most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// Who.
    pub subject: UserId,
    /// What they hold of which rule, or are allowed to hold by an exception that was given before.
    pub finding: Finding,
    /// How it stands.
    pub state: State,
}

/// What happens to a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody allows it for a while.
    Except(Exception),
    /// The exception is taken back.
    Withdraw,
    /// The exception is over.
    Lapse,
    /// An entitlement of one side is taken away.
    Remedy(EntitlementId),
    /// This is held now: what it was found in, less of it, or more.
    Found(Finding),
    /// Both are held no more.
    Gone,
}

impl Event {
    /// The event as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Except(_) => "except",
            Self::Withdraw => "withdraw",
            Self::Lapse => "lapse",
            Self::Remedy(_) => "remedy",
            Self::Found(_) => "found",
            Self::Gone => "gone",
        }
    }
}

/// Of what a conflict has to be reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Its owner is told that the exception ends.
    Notice,
    /// [`Event::Lapse`].
    Lapse,
}

impl Violation {
    /// A conflict is found.
    pub fn found(subject: UserId, finding: Finding) -> Outcome<Self> {
        let told = Effect::Tell(Notice::ConflictFound, Audience::SecurityOfficers);
        Outcome::new(Self { subject, finding, state: State::Detected }, vec![told])
    }

    /// What becomes of it. All grants of what is taken by [`Event::Remedy`] are to be ended with it.
    pub fn apply(&self, event: Event, now: Instant) -> Result<Outcome<Self>, Refusal> {
        let word = event.word();
        let refuse = |reason| Refusal {
            what: "conflict",
            state: self.state.word(),
            event: word,
            possible: self.state.possible(),
            reason,
        };
        let ends = vec![Effect::Tell(Notice::ExceptionEnds, Audience::SecurityOfficers)];
        let (state, effects) = match (&self.state, event) {
            (State::Detected, Event::Except(exception)) => {
                exception.check(self.subject, now).map_err(refuse)?;
                (State::Excepted(exception), Vec::new())
            }
            (State::Excepted(_), Event::Withdraw) => (State::Detected, ends),
            (State::Excepted(exception), Event::Lapse) if now < exception.until => return Err(refuse(Reason::NotYet)),
            (State::Excepted(_), Event::Lapse) => (State::Detected, ends),
            (State::Detected | State::Excepted(_), Event::Remedy(take)) => return self.remedy(take).map_err(refuse),
            (State::Detected | State::Excepted(_), Event::Found(found)) => return Ok(self.find(found)),
            (_, Event::Gone) => (State::Resolved, Vec::new()),
            _ => return Err(refuse(Reason::State)),
        };
        Ok(Outcome::new(Self { state, ..self.clone() }, effects))
    }

    /// One entitlement goes. What is left of its side may still be in conflict.
    fn remedy(&self, take: EntitlementId) -> Result<Outcome<Self>, Reason> {
        let mut left = self.finding.clone();
        if !(left.one.remove(&take) | left.other.remove(&take)) {
            return Err(Reason::Unsuitable);
        }
        let is_resolved = left.one.is_empty() || left.other.is_empty();
        let next = if is_resolved {
            // What was found stays as it was found.
            Self { state: State::Resolved, ..self.clone() }
        } else {
            Self { finding: left, ..self.clone() }
        };
        Ok(Outcome::quiet(next))
    }

    /// What is held is looked at again. An exception allows what it was given for: of more than that nobody has decided.
    fn find(&self, found: Finding) -> Outcome<Self> {
        let State::Excepted(exception) = &self.state else {
            return Outcome::quiet(Self { finding: found, ..self.clone() });
        };
        if !found.is_within(&self.finding) {
            let told = Effect::Tell(Notice::ConflictFound, Audience::SecurityOfficers);
            return Outcome::new(Self { finding: found, state: State::Detected, ..self.clone() }, vec![told]);
        }
        // What was allowed beforehand stays allowed until all of it is there.
        let waits = exception.is_foreseen && !self.finding.is_within(&found);
        let finding = if waits { Finding { mode: found.mode, ..self.finding.clone() } } else { found };
        let exception = Exception { is_foreseen: waits, ..exception.clone() };
        Outcome::quiet(Self { finding, state: State::Excepted(exception), ..self.clone() })
    }

    /// Whether it is an exception for something that is not all held yet.
    pub fn is_foreseen(&self, now: Instant) -> bool {
        matches!(&self.state, State::Excepted(exception) if exception.is_foreseen && exception.is_live(now))
    }

    /// When something has to happen to it by itself.
    pub fn timers(&self) -> Vec<(Timer, Instant)> {
        match &self.state {
            State::Excepted(exception) => {
                vec![(Timer::Notice, exception.until - NOTICE), (Timer::Lapse, exception.until)]
            }
            _ => Vec::new(),
        }
    }
}
