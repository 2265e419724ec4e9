//! What follows from an event beside the new state: written by whoever asked, in the same transaction.

use std::collections::BTreeSet;

use crate::{
    GrantId, Instant, UserId,
    grant::{Ending, NewGrant},
};

/// What comes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<S, E = Effect> {
    /// The state from now on.
    pub next: S,
    /// What else has to be done, in that order.
    pub effects: Vec<E>,
}

impl<S, E> Outcome<S, E> {
    pub(crate) fn new(next: S, effects: Vec<E>) -> Self {
        Self { next, effects }
    }

    /// Nothing else follows.
    pub(crate) fn quiet(next: S) -> Self {
        Self { next, effects: Vec::new() }
    }
}

/// What has to be done. Where a grant has ended meanwhile there is nothing left to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A grant comes into being.
    Give(NewGrant),
    /// The end of a grant moves away.
    Extend {
        /// Which grant.
        grant: GrantId,
        /// Its new end.
        until: Instant,
    },
    /// The end of a grant comes nearer.
    Shorten {
        /// Which grant.
        grant: GrantId,
        /// Its new end.
        until: Instant,
    },
    /// A grant ends.
    End {
        /// Which grant.
        grant: GrantId,
        /// Why.
        reason: Ending,
    },
    /// The grant that came of this request ends before it began.
    Cancel(Ending),
    /// A grant was looked at and is to stay.
    Certify(GrantId),
    /// People are told.
    Tell(Notice, Audience),
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// These people, and their deputies.
    People(BTreeSet<UserId>),
    /// Those who asked, and those for whom.
    Concerned,
    /// The person whom it is about.
    Subject,
    /// Their line manager.
    LineManager,
    /// Whoever owns the entitlement.
    Owners,
    /// Those who review and have not decided.
    Reviewers,
    /// Who looks after security.
    SecurityOfficers,
    /// Who looks after the tenant.
    TenantAdministrators,
}

/// Of what they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// Somebody has asked for something for them.
    AskedFor,
    /// A decision waits for them.
    DecisionWanted,
    /// It still waits.
    DecisionDue,
    /// Nobody has decided in time; it waits for others too.
    Escalated,
    /// Somebody else decides.
    Reassigned,
    /// It was decided without them, for their information.
    ForInformation,
    /// Something is asked before a decision.
    QuestionAsked,
    /// The question was answered.
    QuestionAnswered,
    /// It was approved and begins later.
    Scheduled,
    /// It is done.
    Fulfilled,
    /// It was rejected.
    Rejected,
    /// It was taken back.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
    /// It came to nothing.
    Cancelled,
    /// There is nobody to decide it.
    NoApprover,
    /// A grant ends soon.
    EndsSoon,
    /// A grant has ended.
    Ended,
    /// Access was taken in an emergency.
    EmergencyOpened,
    /// An emergency waits to be looked at.
    EmergencyDue,
    /// An emergency was looked at.
    EmergencyReviewed,
    /// Rights wait to be reviewed.
    ReviewWanted,
    /// They still wait.
    ReviewDue,
    /// Rights that do not go together were found.
    ConflictFound,
    /// The exception from a rule ends soon, or has ended.
    ExceptionEnds,
    /// The last of somebody's work is over soon.
    LeavesSoon,
    /// Somebody is suspended.
    Suspended,
    /// Somebody is back after that.
    Returned,
    /// They answer for an application from now on.
    AnswersFor,
}

impl Notice {
    /// Every one of them.
    pub const ALL: [Self; 28] = [
        Self::AskedFor,
        Self::DecisionWanted,
        Self::DecisionDue,
        Self::Escalated,
        Self::Reassigned,
        Self::ForInformation,
        Self::QuestionAsked,
        Self::QuestionAnswered,
        Self::Scheduled,
        Self::Fulfilled,
        Self::Rejected,
        Self::Withdrawn,
        Self::Expired,
        Self::Cancelled,
        Self::NoApprover,
        Self::EndsSoon,
        Self::Ended,
        Self::EmergencyOpened,
        Self::EmergencyDue,
        Self::EmergencyReviewed,
        Self::ReviewWanted,
        Self::ReviewDue,
        Self::ConflictFound,
        Self::ExceptionEnds,
        Self::LeavesSoon,
        Self::Suspended,
        Self::Returned,
        Self::AnswersFor,
    ];

    /// The word that is stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::AskedFor => "askedFor",
            Self::DecisionWanted => "decisionWanted",
            Self::DecisionDue => "decisionDue",
            Self::Escalated => "escalated",
            Self::Reassigned => "reassigned",
            Self::ForInformation => "forInformation",
            Self::QuestionAsked => "questionAsked",
            Self::QuestionAnswered => "questionAnswered",
            Self::Scheduled => "scheduled",
            Self::Fulfilled => "fulfilled",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::NoApprover => "noApprover",
            Self::EndsSoon => "endsSoon",
            Self::Ended => "ended",
            Self::EmergencyOpened => "emergencyOpened",
            Self::EmergencyDue => "emergencyDue",
            Self::EmergencyReviewed => "emergencyReviewed",
            Self::ReviewWanted => "reviewWanted",
            Self::ReviewDue => "reviewDue",
            Self::ConflictFound => "conflictFound",
            Self::ExceptionEnds => "exceptionEnds",
            Self::LeavesSoon => "leavesSoon",
            Self::Suspended => "suspended",
            Self::Returned => "returned",
            Self::AnswersFor => "answersFor",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.word() == word)
    }
}
