//! Reviews: those who know look through what is held, and what nobody should hold any more ends.
//!
//! A campaign takes a snapshot of grants, gives each to a reviewer, and closes at its deadline. Silence has a consequence that is
//! known beforehand. A micro-review is a campaign about one person, for example after a move.

mod item;

use serde::{Deserialize, Serialize};

pub use item::{
    Decided, Event as ItemEvent, Facts as ItemFacts, Item, MAX_COMMENT, State as ItemState, Verdict, reviewer,
};

use crate::{Audience, Effect, Instant, Notice, Outcome, Policy, Reason, Refusal, Risk, calendar::Calendar};

/// What silence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Silence {
    /// It stays.
    Keep,
    /// It ends.
    Revoke,
    /// It ends where the risk is high or the person no employee, else it stays.
    #[default]
    ByRisk,
}

impl Silence {
    /// What it means for a grant.
    pub fn verdict(self, risk: Risk, is_external: bool) -> Verdict {
        match self {
            Self::Keep => Verdict::Keep,
            Self::Revoke => Verdict::Revoke,
            Self::ByRisk if risk == Risk::High || is_external => Verdict::Revoke,
            Self::ByRisk => Verdict::Keep,
        }
    }
}

/// How a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// It begins later.
    Scheduled,
    /// It is being reviewed.
    Active,
    /// What was decided is being done.
    Closing,
    /// It is done.
    Completed,
    /// It was called off, and nothing was done.
    Cancelled,
}

impl State {
    /// The state as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Active => "active",
            Self::Closing => "closing",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// What can happen.
    pub fn possible(self) -> &'static [&'static str] {
        match self {
            Self::Scheduled => &["start", "cancel"],
            Self::Active => &["remind", "postpone", "close", "cancel"],
            Self::Closing => &["applied"],
            Self::Completed | Self::Cancelled => &[],
        }
    }
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Campaign {
    /// How it stands.
    pub state: State,
    /// When it begins.
    pub starts: Instant,
    /// When it closes.
    pub deadline: Instant,
    /// What silence means.
    pub silence: Silence,
    /// Whether it is about one person, and may be postponed.
    pub is_micro: bool,
    /// How often it was.
    pub postponed: u8,
    /// When reviewers were last reminded.
    pub reminded: Option<Instant>,
}

/// What happens to a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its beginning has come, and its snapshot holds so many items.
    Start {
        /// How many.
        items: usize,
    },
    /// The time for a reminder has come.
    Remind,
    /// It closes later.
    Postpone(Instant),
    /// Its deadline has come, everything is decided, or whoever began it closes it early.
    Close {
        /// Whether it is closed before that.
        early: bool,
        /// How many items nobody has decided.
        open: usize,
    },
    /// What was decided is done for all but so many.
    Applied {
        /// How many are left.
        left: usize,
    },
    /// It is called off.
    Cancel {
        /// Why.
        reason: String,
    },
}

impl Event {
    /// The event as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Remind => "remind",
            Self::Postpone(_) => "postpone",
            Self::Close { .. } => "close",
            Self::Applied { .. } => "applied",
            Self::Cancel { .. } => "cancel",
        }
    }
}

/// Of what a campaign has to be reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// [`Event::Start`].
    Start,
    /// [`Event::Remind`].
    Remind,
    /// [`Event::Close`].
    Close,
}

/// How often a micro-review is postponed at the most.
const MAX_POSTPONED: u8 = 2;

impl Campaign {
    /// What becomes of the campaign.
    pub fn apply(&self, event: Event, now: Instant, calendar: &Calendar) -> Result<Outcome<Self>, Refusal> {
        let word = event.word();
        let mut next = self.clone();
        match next.run(event, now, calendar) {
            Ok(effects) => Ok(Outcome::new(next, effects)),
            Err(reason) => Err(Refusal {
                what: "campaign",
                state: self.state.word(),
                event: word,
                possible: self.state.possible(),
                reason,
            }),
        }
    }

    fn run(&mut self, event: Event, now: Instant, calendar: &Calendar) -> Result<Vec<Effect>, Reason> {
        if !self.state.possible().contains(&event.word()) {
            return Err(Reason::State);
        }
        match event {
            Event::Start { .. } if now < self.starts => return Err(Reason::NotYet),
            Event::Start { items: 0 } => self.state = State::Completed,
            Event::Start { .. } => {
                self.state = State::Active;
                return Ok(vec![Effect::Tell(Notice::ReviewWanted, Audience::Reviewers)]);
            }
            Event::Remind => {
                let at = self.next_reminder(calendar).ok_or(Reason::State)?;
                if now < at {
                    return Err(Reason::NotYet);
                }
                // Late in a campaign those above the reviewers hear of it.
                let is_late = at >= self.reminders(calendar)[1];
                self.reminded = Some(now);
                let above = is_late.then_some(Effect::Tell(Notice::ReviewDue, Audience::LineManager));
                let reviewers = Effect::Tell(Notice::ReviewDue, Audience::Reviewers);
                return Ok([reviewers].into_iter().chain(above).collect());
            }
            Event::Postpone(_) if !self.is_micro => return Err(Reason::Policy(Policy::DeadlineStays)),
            Event::Postpone(_) if self.postponed >= MAX_POSTPONED => return Err(Reason::TooOften),
            Event::Postpone(deadline) if deadline <= self.deadline || deadline <= now => return Err(Reason::Period),
            Event::Postpone(deadline) => {
                self.deadline = deadline;
                self.postponed += 1;
            }
            Event::Close { early: false, open } if open > 0 && now < self.deadline => return Err(Reason::NotYet),
            Event::Close { .. } => self.state = State::Closing,
            Event::Applied { left: 0 } => self.state = State::Completed,
            Event::Applied { .. } => {}
            Event::Cancel { reason } if self.state == State::Active && reason.trim().is_empty() => {
                return Err(Reason::Missing("reason"));
            }
            Event::Cancel { .. } => self.state = State::Cancelled,
        }
        Ok(Vec::new())
    }

    /// At half of its time, at four fifths, and at the beginning of its last working day.
    fn reminders(&self, calendar: &Calendar) -> [Instant; 3] {
        let whole = calendar.between(self.starts, self.deadline);
        let last = whole - calendar.day_length();
        [whole / 2, whole * 4 / 5, last].map(|passed| calendar.add(self.starts, passed))
    }

    fn next_reminder(&self, calendar: &Calendar) -> Option<Instant> {
        let said = self.reminded.unwrap_or(self.starts);
        self.reminders(calendar).into_iter().filter(|at| *at > said && *at < self.deadline).min()
    }

    /// When something has to happen to it by itself.
    pub fn timers(&self, calendar: &Calendar) -> Vec<(Timer, Instant)> {
        match self.state {
            State::Scheduled => vec![(Timer::Start, self.starts)],
            State::Active => {
                let remind = self.next_reminder(calendar).map(|at| (Timer::Remind, at));
                remind.into_iter().chain([(Timer::Close, self.deadline)]).collect()
            }
            _ => Vec::new(),
        }
    }
}
