//! An item of a request: one entitlement for one person, asked for, decided, and given, prolonged or taken away.
//!
//! What is not here because it cannot be seen: an item is submitted and routed at once, and when the last approver says
//! yes the grant is there in the same moment. A draft is with whoever writes it.

mod asking;
mod decide;
mod end;
mod event;
mod question;
mod route;
mod state;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use asking::{Ask, Flaw, MAX_TEXT, Relation, check};
pub use event::Event;
pub use state::{Cancellation, Overall, Rejection, State};

use crate::{
    EntitlementId, GrantId, Instant, Outcome, Reason, Refusal, Risk, UserId,
    approval::{Candidates, Scheme, State as TaskState, Task},
    calendar::Calendar,
    grant::{self, Ending, Grant, Limits, Term},
    sod::Conflict,
};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Kind {
    /// A grant.
    Grant(Wish),
    /// A later end of one.
    Extend {
        /// Of which.
        grant: GrantId,
        /// The end that is wanted.
        until: Instant,
    },
    /// The end of one.
    Revoke {
        /// Of which.
        grant: GrantId,
        /// Why it ends: by who wants it.
        #[serde(default = "asked_for")]
        reason: Ending,
    },
}

/// What was written before it was told who wanted it.
fn asked_for() -> Ending {
    Ending::Request
}

/// For which period a grant is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wish {
    /// When it begins; nothing for as soon as it is approved.
    pub from: Option<Instant>,
    /// How long it lasts.
    pub term: Term,
}

/// What an item is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// What is asked for.
    pub kind: Kind,
    /// Who asks.
    pub requester: UserId,
    /// For whom.
    pub subject: UserId,
    /// Which entitlement.
    pub entitlement: EntitlementId,
    /// Its risk.
    pub risk: Risk,
    /// Who decides.
    pub scheme: Scheme,
}

/// A question before a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// Who asks.
    pub by: UserId,
    /// In whose name, if not in their own.
    pub on_behalf_of: Option<UserId>,
    /// What.
    pub text: String,
    /// When.
    pub at: Instant,
    /// What was answered.
    pub answer: Option<String>,
    /// By whom.
    pub answered_by: Option<UserId>,
}

/// One entitlement of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// What is asked for, perhaps with an end that an approver has shortened.
    pub kind: Kind,
    /// Who asks.
    pub requester: UserId,
    /// For whom.
    pub subject: UserId,
    /// Which entitlement.
    pub entitlement: EntitlementId,
    /// Its risk when it was asked for.
    pub risk: Risk,
    /// The policy when it was asked for.
    pub scheme: Scheme,
    /// How it stands.
    pub state: State,
    /// With which rules of segregation of duties it was in conflict when its stages began: whoever decides has to know.
    #[serde(default)]
    pub conflicts: Vec<Conflict>,
    /// Its stages.
    pub tasks: Vec<Task>,
    /// Stages of before the content was changed: evidence that counts no more.
    pub void: Vec<Task>,
    /// What was asked and answered.
    pub questions: Vec<Question>,
    /// When it was submitted.
    pub submitted: Instant,
    /// When it expires if nobody decides.
    pub expires: Instant,
    /// When it came to its end.
    pub ended: Option<Instant>,
}

/// What the rules have to know of the world.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The time.
    pub now: Instant,
    /// When it is worked.
    pub calendar: &'a Calendar,
    /// Who could decide.
    pub candidates: &'a Candidates,
    /// With which rules of segregation of duties the entitlement would be in conflict.
    pub conflicts: &'a [Conflict],
    /// Whether the person is active.
    pub is_subject_active: bool,
    /// Whether the entitlement is in use.
    pub is_entitlement_active: bool,
    /// How long a grant of it may last by now.
    pub limits: &'a Limits,
}

/// Of what an item has to be reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// [`Event::Remind`].
    Remind,
    /// [`Event::Escalate`].
    Escalate,
    /// [`Event::Expire`].
    Expire,
}

impl Item {
    /// What becomes of the item. It stays as it is where the event is refused.
    pub fn apply(&self, event: Event, facts: &Facts<'_>) -> Result<Outcome<Self>, Refusal> {
        let word = event.word();
        let mut next = self.clone();
        match next.run(event, facts) {
            Ok(effects) => Ok(Outcome::new(next, effects)),
            Err(reason) => Err(Refusal {
                what: "request item",
                state: self.state.word(),
                event: word,
                possible: self.state.possible(),
                reason,
            }),
        }
    }

    /// When something has to happen to it by itself.
    pub fn timers(&self) -> Vec<(Timer, Instant)> {
        match self.state {
            State::Pending => {
                let (remind, escalate) = self.open().map_or((None, None), |task| (task.remind_at, task.escalate_at));
                let remind = remind.map(|at| (Timer::Remind, at));
                let escalate = escalate.map(|at| (Timer::Escalate, at));
                remind.into_iter().chain(escalate).chain([(Timer::Expire, self.expires)]).collect()
            }
            State::InfoRequested { until, .. } => vec![(Timer::Expire, until)],
            // What was approved begins with its grant.
            _ => Vec::new(),
        }
    }

    /// Who may decide just now, beside those who stand in for them.
    pub fn waiting_for(&self) -> BTreeSet<UserId> {
        match self.state {
            State::Pending => self.open().map(|task| task.vacant().collect()).unwrap_or_default(),
            _ => BTreeSet::new(),
        }
    }

    /// The stage that is open.
    pub fn open(&self) -> Option<&Task> {
        self.tasks.iter().find(|task| task.state == TaskState::Open)
    }

    /// Whether there are stages that have not been opened: who decides there is asked for then.
    pub fn has_stages_ahead(&self) -> bool {
        self.tasks.iter().any(|task| task.state == TaskState::NotReady)
    }

    /// Why it comes to nothing with its grant, if that has ended: an extension that is not decided, and what was approved for later
    /// and has not begun.
    pub fn falls_with(&self, grant: &Grant) -> Option<Cancellation> {
        let grant::State::Ended { reason, .. } = grant.state else { return None };
        let falls = match (&self.state, &self.kind) {
            (State::Scheduled { .. }, _) => grant.activated.is_none(),
            (state, Kind::Extend { .. }) => !state.is_final(),
            _ => false,
        };
        falls.then(|| Cancellation::with_grant(reason))
    }

    fn open_mut(&mut self) -> Result<&mut Task, Reason> {
        self.tasks.iter_mut().find(|task| task.state == TaskState::Open).ok_or(Reason::State)
    }

    /// Who must not decide: whom it is about, and who has asked.
    fn barred(&self) -> [UserId; 2] {
        [self.subject, self.requester]
    }

    /// Whether somebody may speak for the request.
    fn speaks(&self, person: UserId) -> Result<(), Reason> {
        if self.barred().contains(&person) { Ok(()) } else { Err(Reason::Stranger) }
    }
}
