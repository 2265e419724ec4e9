//! People leave, are away, come back and are deleted: what that does to their rights, their requests and what they look after.
//!
//! SCIM knows whether somebody is active; that an administrator has suspended them is known here. Who deactivates or deletes takes
//! away, and is never refused. What somebody is given because of where they work is in [`crate::birthright`].

use time::Duration;

use crate::{Instant, Outcome, Reason, Refusal, UserId, approval::Candidate};

/// How a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They are there.
    Active,
    /// They are away and come back, or something is being looked into.
    Suspended,
    /// They have left, or have not come yet.
    Deactivated,
    /// They are gone.
    Deleted,
}

impl Standing {
    /// How they stand, as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
        }
    }

    /// What can happen.
    pub fn possible(self) -> &'static [&'static str] {
        match self {
            Self::Active => &["suspend", "deactivate", "delete"],
            Self::Suspended => &["resume", "deactivate", "delete"],
            Self::Deactivated => &["activate", "deactivate", "delete"],
            Self::Deleted => &["deactivate", "delete"],
        }
    }
}

/// What happens to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// They are active from now on.
    Activate,
    /// They are away for a while.
    Suspend,
    /// They are back.
    Resume,
    /// They have left.
    Deactivate,
    /// They are gone.
    Delete,
}

impl Event {
    /// Every one of them.
    pub const ALL: [Self; 5] = [Self::Activate, Self::Suspend, Self::Resume, Self::Deactivate, Self::Delete];

    /// The event as it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    /// Whether it takes something away: that is never refused.
    pub fn takes_away(self) -> bool {
        matches!(self, Self::Deactivate | Self::Delete)
    }
}

/// What follows for the person's rights and duties. They come in the order in which they are done: requests are held before groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// What is asked for, for them or by them, comes to nothing.
    CancelRequests,
    /// Others take on what they have to decide.
    HandOver,
    /// What they look after for the tenant is theirs no more.
    EndRoles,
    /// Every grant is suspended, and every membership ends.
    Suspend {
        /// Until when they come back.
        return_by: Option<Instant>,
    },
    /// What is suspended comes back.
    Resume,
    /// Every grant ends, and every membership.
    End,
}

/// How long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Until when rights come back with somebody.
    pub to_return: Duration,
}

impl Default for Windows {
    fn default() -> Self {
        Self { to_return: Duration::days(30) }
    }
}

impl Standing {
    /// What becomes of the person.
    pub fn apply(self, event: Event, windows: &Windows, now: Instant) -> Result<Outcome<Self, Consequence>, Refusal> {
        use Consequence::{CancelRequests, End, EndRoles, HandOver, Resume, Suspend};
        let outcome = match (self, event) {
            // What was set aside meanwhile comes with them; a grant knows itself until when it does.
            (Self::Deactivated, Event::Activate) | (Self::Suspended, Event::Resume) => {
                Outcome::new(Self::Active, vec![Resume])
            }
            // Whoever is away comes back to all that is theirs.
            (Self::Active, Event::Suspend) => {
                Outcome::new(Self::Suspended, vec![HandOver, Suspend { return_by: None }])
            }
            (Self::Active | Self::Suspended, Event::Deactivate) => {
                let return_by = Some(now + windows.to_return);
                Outcome::new(Self::Deactivated, vec![CancelRequests, HandOver, EndRoles, Suspend { return_by }])
            }
            (Self::Active | Self::Suspended | Self::Deactivated, Event::Delete) => {
                Outcome::new(Self::Deleted, vec![CancelRequests, HandOver, EndRoles, End])
            }
            // To say so again changes nothing, and prolongs nothing.
            (Self::Deactivated, Event::Deactivate) | (Self::Deleted, Event::Delete | Event::Deactivate) => {
                Outcome::quiet(self)
            }
            _ => return Err(self.refusal(event, Reason::State)),
        };
        Ok(outcome)
    }

    fn refusal(self, event: Event, reason: Reason) -> Refusal {
        Refusal { what: "user", state: self.word(), event: event.word(), possible: self.possible(), reason }
    }
}

/// Who could take on what a leaver looked after, the first one first: those who are active and not the leaver. If there is nobody, an
/// administrator has to be told, because nothing loses its last owner silently.
pub fn successors(leaver: UserId, in_order: impl IntoIterator<Item = Candidate>) -> impl Iterator<Item = UserId> {
    in_order.into_iter().filter(move |one| one.is_active && one.user != leaver).map(|one| one.user)
}
