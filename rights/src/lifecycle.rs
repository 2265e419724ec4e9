//! People come, move and leave: what that does to their rights, their requests and what they look after.
//!
//! SCIM knows whether somebody is active. The rest is here: not yet, not for a while, not any more. Who deactivates
//! or deletes takes away, and is never refused.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{Instant, Outcome, Reason, Refusal, UserId, approval::Candidate, grant::Ending};

/// How a person stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Standing {
    /// They begin later.
    Staged,
    /// They are there.
    Active,
    /// They are away and come back, or something is being looked into.
    Suspended,
    /// They have left.
    Deactivated {
        /// Until when their rights come back with them; nothing if they do not.
        return_by: Option<Instant>,
    },
    /// They are gone.
    Deleted {
        /// Until when they can be restored.
        restore_by: Instant,
    },
}

impl Standing {
    /// How they stand, as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deactivated { .. } => "deactivated",
            Self::Deleted { .. } => "deleted",
        }
    }

    /// What can happen.
    pub fn possible(&self) -> &'static [&'static str] {
        match self {
            Self::Staged => &["activate", "update", "deactivate", "delete"],
            Self::Active => &["update", "suspend", "deactivate", "delete"],
            Self::Suspended => &["resume", "update", "deactivate", "delete"],
            Self::Deactivated { .. } => &["activate", "update", "deactivate", "delete"],
            Self::Deleted { .. } => &["restore", "deactivate", "delete"],
        }
    }
}

/// What happens to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// They are active from now on.
    Activate,
    /// Their data have changed.
    Update {
        /// Whether unit, position, manager or footing did.
        has_moved: bool,
    },
    /// They are away for a while.
    Suspend,
    /// They are back.
    Resume,
    /// They have left.
    Deactivate {
        /// Whether nothing is to come back.
        at_once: bool,
    },
    /// They are gone.
    Delete,
    /// They were deleted by mistake.
    Restore {
        /// Whether their name is still free.
        is_name_free: bool,
    },
}

impl Event {
    /// The event as it is written.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Update { .. } => "update",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Deactivate { .. } => "deactivate",
            Self::Delete => "delete",
            Self::Restore { .. } => "restore",
        }
    }

    /// Whether it takes something away: that is never refused.
    pub fn takes_away(&self) -> bool {
        matches!(self, Self::Deactivate { .. } | Self::Delete)
    }
}

/// What follows for the person's rights and duties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Birthright rules are evaluated; what they give may have to begin later.
    Birthright,
    /// So are they, and what was asked for is reviewed.
    Moved,
    /// Every grant is suspended, and every membership ends.
    Suspend {
        /// Until when they come back.
        return_by: Option<Instant>,
    },
    /// What is suspended comes back.
    Resume,
    /// Every grant ends.
    End(Ending),
    /// What is asked for, for them or by them, comes to nothing.
    CancelRequests,
    /// Others take on what they own and have to decide.
    HandOver,
    /// Applications are told to end their sessions.
    EndSessions,
}

/// How long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Until when rights come back with somebody.
    pub to_return: Duration,
    /// Until when somebody can be restored.
    pub to_restore: Duration,
}

impl Default for Windows {
    fn default() -> Self {
        Self { to_return: Duration::days(30), to_restore: Duration::days(30) }
    }
}

/// Somebody is new.
pub fn begin(is_active: bool) -> Outcome<Standing, Consequence> {
    let standing = if is_active { Standing::Active } else { Standing::Staged };
    Outcome::new(standing, vec![Consequence::Birthright])
}

impl Standing {
    /// What becomes of the person.
    pub fn apply(&self, event: Event, windows: &Windows, now: Instant) -> Result<Outcome<Self, Consequence>, Refusal> {
        use Consequence::{Birthright, CancelRequests, EndSessions, HandOver, Moved, Resume};
        let leaves = |fate| vec![fate, CancelRequests, HandOver, EndSessions];
        let return_by = Some(now + windows.to_return);
        let deleted = Self::Deleted { restore_by: now + windows.to_restore };
        let all = Consequence::End(Ending::Leaver);
        let outcome = match (self, event) {
            // What was set aside meanwhile comes with them; a grant knows itself until when it does.
            (Self::Staged | Self::Deactivated { .. }, Event::Activate) | (Self::Suspended, Event::Resume) => {
                Outcome::new(Self::Active, vec![Resume, Birthright])
            }
            (Self::Staged, Event::Update { has_moved: true }) => Outcome::new(Self::Staged, vec![Birthright]),
            (Self::Active, Event::Update { has_moved: true }) => Outcome::new(Self::Active, vec![Moved]),
            // Who is not there is looked at when they are.
            (Self::Staged | Self::Active | Self::Suspended | Self::Deactivated { .. }, Event::Update { .. }) => {
                Outcome::quiet(self.clone())
            }
            (Self::Active, Event::Suspend) => {
                Outcome::new(Self::Suspended, vec![Consequence::Suspend { return_by: None }, EndSessions])
            }
            // Who never came has nothing that could come back.
            (Self::Staged, Event::Deactivate { .. }) => {
                Outcome::new(Self::Deactivated { return_by: None }, vec![all, CancelRequests])
            }
            (Self::Active | Self::Suspended, Event::Deactivate { at_once: false }) => {
                Outcome::new(Self::Deactivated { return_by }, leaves(Consequence::Suspend { return_by }))
            }
            (Self::Active | Self::Suspended, Event::Deactivate { at_once: true }) => {
                Outcome::new(Self::Deactivated { return_by: None }, leaves(all))
            }
            (Self::Deactivated { .. }, Event::Deactivate { at_once: true }) => {
                Outcome::new(Self::Deactivated { return_by: None }, vec![all])
            }
            (Self::Deactivated { .. }, Event::Deactivate { at_once: false }) => Outcome::quiet(self.clone()),
            (Self::Staged | Self::Deactivated { .. }, Event::Delete) => {
                Outcome::new(deleted, vec![all, CancelRequests])
            }
            (Self::Active | Self::Suspended, Event::Delete) => Outcome::new(deleted, leaves(all)),
            // Who is gone is gone: to say so again changes nothing, and prolongs nothing.
            (Self::Deleted { .. }, Event::Delete | Event::Deactivate { .. }) => Outcome::quiet(self.clone()),
            (Self::Deleted { restore_by }, Event::Restore { .. }) if *restore_by <= now => {
                return Err(self.refusal(event, Reason::TooLate));
            }
            (Self::Deleted { .. }, Event::Restore { is_name_free: false }) => {
                return Err(self.refusal(event, Reason::Overlap));
            }
            (Self::Deleted { .. }, Event::Restore { .. }) => Outcome::quiet(Self::Deactivated { return_by: None }),
            _ => return Err(self.refusal(event, Reason::State)),
        };
        Ok(outcome)
    }

    fn refusal(&self, event: Event, reason: Reason) -> Refusal {
        Refusal { what: "user", state: self.word(), event: event.word(), possible: self.possible(), reason }
    }
}

/// Who could take on what a leaver looked after, the first one first: those who are active and not the leaver. If there is nobody, an
/// administrator has to be told, because nothing loses its last owner silently.
pub fn successors(leaver: UserId, in_order: impl IntoIterator<Item = Candidate>) -> impl Iterator<Item = UserId> {
    in_order.into_iter().filter(move |one| one.is_active && one.user != leaver).map(|one| one.user)
}
