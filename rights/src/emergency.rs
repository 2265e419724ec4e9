//! Access in an emergency: at once, for a few hours, and looked at afterwards.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{
    Assurance, Audience, Effect, EntitlementId, Instant, Notice, Outcome, Policy, Reason, Refusal, UserId,
    calendar::{Calendar, Working},
    grant::{NewGrant, Source, Term},
};

/// The longest that it lasts.
pub const LONGEST: Duration = Duration::hours(4);
/// Within which it has to be looked at.
pub const REVIEW_WITHIN: Working = Working::days(2);

/// Somebody takes access in an emergency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Who.
    pub user: UserId,
    /// To what.
    pub entitlement: EntitlementId,
    /// Why.
    pub reason: String,
    /// The number of the incident.
    pub incident: String,
    /// How long.
    pub length: Duration,
}

/// What the rules have to know of the world.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "facts, each by itself")]
pub struct Facts<'a> {
    /// The time.
    pub now: Instant,
    /// When it is worked.
    pub calendar: &'a Calendar,
    /// Whether the entitlement may be taken so.
    pub is_for_emergencies: bool,
    /// Whether it looks after this service itself: that is never taken so.
    pub is_administrative: bool,
    /// Whether the person may take access in emergencies.
    pub may_open: bool,
    /// Whether they hold it already.
    pub is_held: bool,
    /// How sure it is who they are.
    pub assurance: Option<Assurance>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It was one.
    Justified,
    /// It was none.
    Unjustified,
}

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum State {
    /// It has to be looked at.
    Unreviewed {
        /// Until when.
        due: Instant,
        /// Whether the time was over once, and an administrator knows.
        is_escalated: bool,
    },
    /// It was looked at.
    Reviewed {
        /// By whom.
        by: UserId,
        /// What was found.
        verdict: Verdict,
        /// Why.
        comment: String,
        /// When.
        at: Instant,
    },
}

impl State {
    fn word(&self) -> &'static str {
        match self {
            Self::Unreviewed { .. } => "unreviewed",
            Self::Reviewed { .. } => "reviewed",
        }
    }

    fn possible(&self) -> &'static [&'static str] {
        match self {
            Self::Unreviewed { is_escalated: false, .. } => &["review", "escalate"],
            Self::Unreviewed { is_escalated: true, .. } => &["review"],
            Self::Reviewed { .. } => &[],
        }
    }
}

/// Access that was taken in an emergency; the grant has its own life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Emergency {
    /// By whom.
    pub user: UserId,
    /// Why.
    pub reason: String,
    /// The number of the incident.
    pub incident: String,
    /// How it stands.
    pub state: State,
}

/// What happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody has looked at it.
    Review {
        /// Who.
        by: UserId,
        /// What was found.
        verdict: Verdict,
        /// Why.
        comment: String,
    },
    /// Nobody has, in time.
    Escalate,
}

/// Takes access: it is there at once, and those who look after it know.
pub fn open(opening: Opening, facts: &Facts<'_>) -> Result<Outcome<Emergency>, Refusal> {
    let Opening { user, entitlement, reason, incident, length } = opening;
    let hindrance = if !facts.is_for_emergencies || facts.is_administrative {
        Some(Reason::Policy(Policy::NotForEmergencies))
    } else if !facts.may_open {
        Some(Reason::Stranger)
    } else if facts.assurance.is_none_or(|assurance| assurance < Assurance::Substantial) {
        Some(Reason::Assurance(Assurance::Substantial))
    } else if reason.trim().is_empty() {
        Some(Reason::Missing("reason"))
    } else if incident.trim().is_empty() {
        Some(Reason::Missing("incident"))
    } else if length <= Duration::ZERO {
        Some(Reason::Period)
    } else if length > LONGEST {
        Some(Reason::EndAfter(facts.now + LONGEST))
    } else if facts.is_held {
        Some(Reason::Overlap)
    } else {
        None
    };
    if let Some(reason) = hindrance {
        return Err(Refusal { what: "emergency", state: "new", event: "open", possible: &["open"], reason });
    }
    let due = facts.calendar.after(facts.now, REVIEW_WITHIN);
    let state = State::Unreviewed { due, is_escalated: false };
    let effects = vec![
        Effect::Give(NewGrant { user, entitlement, source: Source::Emergency, from: None, term: Term::For(length) }),
        Effect::Tell(Notice::EmergencyOpened, Audience::SecurityOfficers),
        Effect::Tell(Notice::EmergencyOpened, Audience::Owners),
    ];
    Ok(Outcome::new(Emergency { user, reason, incident, state }, effects))
}

impl Emergency {
    /// What becomes of it.
    pub fn apply(&self, event: Event, now: Instant) -> Result<Outcome<Self>, Refusal> {
        let word = match event {
            Event::Review { .. } => "review",
            Event::Escalate => "escalate",
        };
        let refuse = |reason| {
            let (state, possible) = (self.state.word(), self.state.possible());
            Err(Refusal { what: "emergency", state, event: word, possible, reason })
        };
        let (state, effects) = match (&self.state, event) {
            (State::Unreviewed { .. }, Event::Review { by, .. }) if by == self.user => return refuse(Reason::Oneself),
            (State::Unreviewed { .. }, Event::Review { comment, .. }) if comment.trim().is_empty() => {
                return refuse(Reason::Missing("comment"));
            }
            (State::Unreviewed { .. }, Event::Review { by, verdict, comment }) => {
                let told = Effect::Tell(Notice::EmergencyReviewed, Audience::Subject);
                (State::Reviewed { by, verdict, comment, at: now }, vec![told])
            }
            (State::Unreviewed { due, is_escalated: false }, Event::Escalate) if now < *due => {
                return refuse(Reason::NotYet);
            }
            (State::Unreviewed { due, is_escalated: false }, Event::Escalate) => {
                let told = Effect::Tell(Notice::EmergencyDue, Audience::TenantAdministrators);
                (State::Unreviewed { due: *due, is_escalated: true }, vec![told])
            }
            _ => return refuse(Reason::State),
        };
        Ok(Outcome::new(Self { state, ..self.clone() }, effects))
    }

    /// When [`Event::Escalate`] has to happen.
    pub fn timer(&self) -> Option<Instant> {
        match self.state {
            State::Unreviewed { due, is_escalated: false } => Some(due),
            _ => None,
        }
    }
}
