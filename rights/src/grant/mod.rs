//! Grants: why somebody is in the group of an entitlement, from when and until when.
//!
//! A person may hold one entitlement by several grants: a rule gives it, and somebody has also asked for it. They are a member while one
//! of them is active. The end of one source ends its own grant; an explicit removal ends all of them. What has ended is
//! evidence and never begins again.

mod change;
mod state;
mod term;

use serde::{Deserialize, Serialize};

pub use state::{Authority, Ending, Gap, Source, State};
pub use term::{Limits, Term, warnings};

use crate::{EntitlementId, Instant, Outcome, Reason, Refusal, UserId, sod::Conflict};

/// A grant that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// To whom.
    pub user: UserId,
    /// Of what.
    pub entitlement: EntitlementId,
    /// Where it comes from.
    pub source: Source,
    /// When it begins; nothing for at once.
    pub from: Option<Instant>,
    /// How long it lasts.
    pub term: Term,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// To whom.
    pub user: UserId,
    /// Of what.
    pub entitlement: EntitlementId,
    /// Where it comes from.
    pub source: Source,
    /// How it stands.
    pub state: State,
    /// When it begins or began.
    pub from: Instant,
    /// How long it lasts from its activation.
    pub term: Term,
    /// When it was activated.
    pub activated: Option<Instant>,
    /// When it ends, as far as that is known before it is active.
    pub until: Option<Instant>,
    /// When the person was away.
    pub gaps: Vec<Gap>,
    /// How often its end was moved away.
    pub extensions: u8,
    /// When the person was last warned of its end.
    pub warned: Option<Instant>,
    /// When a review last kept it.
    pub certified: Option<Instant>,
}

/// What happens to a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its beginning has come.
    Start,
    /// Its end moves away.
    Extend(Instant),
    /// Its end comes nearer.
    Shorten(Instant),
    /// The time for a warning has come.
    Warn,
    /// Its end has come.
    Expire,
    /// A review keeps it.
    Certify,
    /// The person is away.
    Suspend {
        /// Until when it comes back with them.
        return_by: Option<Instant>,
    },
    /// The person is back.
    Resume,
    /// The time is over in which it comes back.
    Lapse,
    /// It is taken away.
    End(Ending),
}

impl Event {
    /// The event as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Extend(_) => "extend",
            Self::Shorten(_) => "shorten",
            Self::Warn => "warn",
            Self::Expire => "expire",
            Self::Certify => "certify",
            Self::Suspend { .. } => "suspend",
            Self::Resume => "resume",
            Self::Lapse => "lapse",
            Self::End(_) => "end",
        }
    }

    /// Whether it takes something away: that is never refused.
    pub fn takes_away(&self) -> bool {
        matches!(self, Self::Suspend { .. } | Self::End(_))
    }
}

/// What the rules have to know of the world.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The time.
    pub now: Instant,
    /// Whether the person is active.
    pub is_subject_active: bool,
    /// Whether the entitlement is in use.
    pub is_entitlement_active: bool,
    /// With which rules of segregation of duties it would be in conflict.
    pub conflicts: &'a [Conflict],
    /// How long it may last.
    pub limits: &'a Limits,
}

/// Of what a grant has to be reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// [`Event::Start`].
    Start,
    /// [`Event::Warn`].
    Warn,
    /// [`Event::Expire`].
    Expire,
    /// [`Event::Lapse`].
    Lapse,
}

impl Grant {
    /// A grant as it begins: at once, or later, or when the person is there.
    pub fn begin(new: NewGrant, is_subject_active: bool, now: Instant) -> Self {
        let later = new.from.filter(|from| *from > now);
        let mut grant = Self::of(new, later.unwrap_or(now));
        match later {
            Some(_) => {}
            None if is_subject_active => grant.activate(now),
            None => grant.wait(None),
        }
        grant
    }

    /// A grant for somebody who is away: it comes with them if they return by then.
    pub fn set_aside(new: NewGrant, return_by: Option<Instant>, now: Instant) -> Self {
        let mut grant = Self::of(new, now);
        grant.wait(return_by);
        grant
    }

    fn of(new: NewGrant, from: Instant) -> Self {
        let NewGrant { user, entitlement, source, term, .. } = new;
        Self {
            user,
            entitlement,
            source,
            state: State::Scheduled,
            from,
            term,
            activated: None,
            until: None,
            gaps: Vec::new(),
            extensions: 0,
            warned: None,
            certified: None,
        }
    }

    /// What becomes of the grant. It stays as it is where the event is refused.
    pub fn apply(&self, event: Event, facts: &Facts<'_>) -> Result<Outcome<Self>, Refusal> {
        let word = event.word();
        let mut next = self.clone();
        match next.run(event, facts) {
            Ok(effects) => Ok(Outcome::new(next, effects)),
            Err(reason) => Err(self.refusal(word, reason)),
        }
    }

    /// When something has to happen to it by itself.
    pub fn timers(&self) -> Vec<(Timer, Instant)> {
        let expires = self.until.map(|until| (Timer::Expire, until));
        match self.state {
            State::Scheduled => vec![(Timer::Start, self.from)],
            State::Active => expires.into_iter().chain(self.next_warning().map(|at| (Timer::Warn, at))).collect(),
            State::Suspended { return_by } => {
                expires.into_iter().chain(return_by.map(|at| (Timer::Lapse, at))).collect()
            }
            State::Ended { .. } => Vec::new(),
        }
    }

    /// Whether it made the person a member at that instant.
    pub fn held_at(&self, at: Instant) -> bool {
        let has_begun = self.activated.is_some_and(|activated| activated <= at);
        let has_ended = matches!(self.state, State::Ended { at: ended, .. } if ended <= at);
        let is_away = |gap: &Gap| gap.from <= at && gap.until.is_none_or(|until| at < until);
        has_begun && !has_ended && !self.gaps.iter().any(is_away)
    }

    /// What can happen to it: what somebody took in an emergency is not prolonged.
    pub fn possible(&self) -> &'static [&'static str] {
        match (&self.state, self.source) {
            (State::Active, Source::Emergency) => &["shorten", "warn", "expire", "certify", "suspend", "end"],
            (state, _) => state.possible(),
        }
    }

    fn refusal(&self, event: &'static str, reason: Reason) -> Refusal {
        Refusal { what: "grant", state: self.state.word(), event, possible: self.possible(), reason }
    }
}

/// Whether somebody is a member: one of the grants of a person and an entitlement is active.
pub fn is_member<'a>(grants: impl IntoIterator<Item = &'a Grant>) -> bool {
    grants.into_iter().any(|grant| grant.state == State::Active)
}

/// Ends every one of a person's grants of an entitlement, whatever it came from.
pub fn take_all(grants: &[Grant], reason: Ending, now: Instant) -> Vec<Grant> {
    grants.iter().map(|grant| grant.taken(reason, now)).collect()
}
