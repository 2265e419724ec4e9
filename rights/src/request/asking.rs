//! Whether something may be asked for: all that is wrong with it at once, by its parts.

use std::fmt;

use time::Duration;

use crate::{
    Instant, Reason, Risk,
    grant::{self, Ending, Limits, Term},
    lifecycle::Standing,
    request::Kind,
};

/// The longest justification, in characters.
pub const MAX_TEXT: usize = 4000;
/// The furthest beginning.
const FURTHEST: Duration = Duration::days(366);

/// What whoever asks is to the person for whom they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Oneself,
    /// Their line manager.
    LineManager,
    /// Who looks after their part of the organisation, or the application.
    Administrator,
    /// Somebody whom a policy lets ask for others.
    OnBehalf,
    /// Nobody in particular.
    Stranger,
}

impl Relation {
    /// Why a grant ends that somebody wants to end who is that to the person.
    pub fn ending(self) -> Ending {
        match self {
            Self::Oneself => Ending::GivenBack,
            Self::LineManager => Ending::Manager,
            Self::OnBehalf => Ending::Owner,
            Self::Administrator => Ending::Administrator,
            Self::Stranger => Ending::Request,
        }
    }
}

/// What is asked for, and what is known of it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "facts, each by itself")]
pub struct Ask<'a> {
    /// The time.
    pub now: Instant,
    /// What is asked for.
    pub kind: &'a Kind,
    /// Why.
    pub justification: Option<&'a str>,
    /// By which law or order.
    pub legal_basis: Option<&'a str>,
    /// What whoever asks is to the person.
    pub relation: Relation,
    /// How the person stands.
    pub standing: &'a Standing,
    /// The risk of the entitlement.
    pub risk: Risk,
    /// Its limits.
    pub limits: &'a Limits,
    /// Whether it and its application are in use.
    pub is_active: bool,
    /// Whether it may be asked for at all.
    pub is_requestable: bool,
    /// Whether this person may ask for it: by their place and the footing on which they work.
    pub is_offered: bool,
    /// Whether that is still or already so when it would begin.
    pub is_offered_then: bool,
    /// Whether it needs a justification.
    pub needs_justification: bool,
    /// Whether it needs a legal basis.
    pub needs_legal_basis: bool,
    /// Whether the person holds what it presupposes.
    pub has_prerequisites: bool,
    /// Whether the same is asked for already.
    pub has_twin: bool,
    /// The grant that is spoken of; for a new one, one that the person holds by request already.
    pub grant: Option<&'a grant::Grant>,
}

/// What is wrong with what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Whoever asks may not ask for this person.
    Stranger,
    /// The same is asked for already.
    Twin,
    /// The justification is too long.
    LongText,
    /// The person is not active.
    Inactive,
    /// The entitlement is not in use.
    OutOfUse,
    /// It is not offered to this person.
    NotOffered,
    /// It is not offered to this person when it would begin.
    NotOfferedThen,
    /// It presupposes another one.
    Prerequisites,
    /// It needs a justification.
    NeedsJustification,
    /// It needs a legal basis.
    NeedsLegalBasis,
    /// Somebody loses something by somebody else.
    NeedsReason,
    /// It is held already.
    Held,
    /// It would begin in the past.
    BeginsBehind,
    /// It would begin too far ahead.
    BeginsFar,
    /// It would end before it begins.
    EndsFirst,
    /// It needs an end.
    NeedsEnd,
    /// It may not last so long.
    EndAfter(Instant),
    /// There is no such grant.
    NoGrant,
    /// The grant has ended.
    Ended,
    /// The grant is not extended so.
    Extension(Reason),
}

impl Flaw {
    /// Which part is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Stranger | Self::Inactive => "subject",
            Self::Twin | Self::OutOfUse | Self::NotOffered | Self::Prerequisites | Self::Held => "entitlement",
            Self::LongText | Self::NeedsJustification | Self::NeedsReason => "justification",
            Self::NeedsLegalBasis => "legalBasis",
            Self::NotOfferedThen | Self::BeginsBehind | Self::BeginsFar => "from",
            Self::EndsFirst | Self::NeedsEnd | Self::EndAfter(_) | Self::Extension(_) => "until",
            Self::NoGrant | Self::Ended => "grant",
        }
    }

    /// Its name for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Twin => "twin",
            Self::LongText => "longText",
            Self::Inactive => "inactive",
            Self::OutOfUse => "outOfUse",
            Self::NotOffered => "notOffered",
            Self::NotOfferedThen => "notOfferedThen",
            Self::Prerequisites => "prerequisites",
            Self::NeedsJustification => "needsJustification",
            Self::NeedsLegalBasis => "needsLegalBasis",
            Self::NeedsReason => "needsReason",
            Self::Held => "held",
            Self::BeginsBehind => "beginsBehind",
            Self::BeginsFar => "beginsFar",
            Self::EndsFirst => "endsFirst",
            Self::NeedsEnd => "needsEnd",
            Self::EndAfter(_) => "endAfter",
            Self::NoGrant => "noGrant",
            Self::Ended => "ended",
            Self::Extension(_) => "extension",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stranger => "is nobody for whom you may ask",
            Self::Twin => "is asked for already, and not decided",
            Self::LongText => "must be 4000 characters at the most",
            Self::Inactive => "is not active",
            Self::OutOfUse => "is not in use",
            Self::NotOffered => "is not offered to this person",
            Self::NotOfferedThen => "must be a day on which the person works where it is offered",
            Self::Prerequisites => "presupposes another one, which the person does not hold",
            Self::NeedsJustification | Self::NeedsLegalBasis => "must be given for this entitlement",
            Self::NeedsReason => "must be given where somebody else is to lose something",
            Self::Held => "is held already; ask for an extension",
            Self::BeginsBehind => "lies behind",
            Self::BeginsFar => "lies more than a year ahead",
            Self::EndsFirst => "must come after the beginning",
            Self::NeedsEnd => "must be given for an entitlement of risk 3",
            Self::EndAfter(latest) => return write!(f, "may be {latest} at the latest"),
            Self::NoGrant => "does not exist",
            Self::Ended => "has ended already",
            Self::Extension(reason) => return write!(f, "{reason}"),
        })
    }
}

/// Judges what is asked for.
pub fn check(ask: &Ask<'_>) -> Result<(), Vec<Flaw>> {
    let mut flaws = Vec::new();
    let mut flaw = |is_so: bool, flaw| {
        if is_so {
            flaws.push(flaw);
        }
    };
    flaw(ask.relation == Relation::Stranger, Flaw::Stranger);
    flaw(ask.has_twin, Flaw::Twin);
    flaw(ask.justification.is_some_and(|text| text.chars().count() > MAX_TEXT), Flaw::LongText);
    let is_blank = |text: Option<&str>| text.is_none_or(|text| text.trim().is_empty());
    // To take away is never a question of policy.
    if !matches!(ask.kind, Kind::Revoke { .. }) {
        flaw(*ask.standing != Standing::Active, Flaw::Inactive);
        flaw(!ask.is_active, Flaw::OutOfUse);
        flaw(ask.is_active && !(ask.is_requestable && ask.is_offered), Flaw::NotOffered);
        flaw(!ask.has_prerequisites, Flaw::Prerequisites);
        flaw(ask.needs_justification && is_blank(ask.justification), Flaw::NeedsJustification);
        flaw(ask.needs_legal_basis && is_blank(ask.legal_basis), Flaw::NeedsLegalBasis);
    }
    match ask.kind {
        Kind::Grant(wish) => {
            flaw(ask.is_offered && !ask.is_offered_then, Flaw::NotOfferedThen);
            flaw(ask.grant.is_some_and(|grant| !grant.state.is_final()), Flaw::Held);
            let start = wish.from.unwrap_or(ask.now);
            flaw(wish.from.is_some_and(|from| from < ask.now), Flaw::BeginsBehind);
            flaw(start - ask.now > FURTHEST, Flaw::BeginsFar);
            if !ends_after(wish.term, start) {
                flaw(true, Flaw::EndsFirst);
            } else if wish.term == Term::Open && ask.risk == Risk::High {
                flaw(true, Flaw::NeedsEnd);
            } else if let Err(latest) = ask.limits.allow(start, wish.term) {
                flaw(true, Flaw::EndAfter(latest));
            }
        }
        Kind::Extend { until, .. } => match ask.grant {
            None => flaw(true, Flaw::NoGrant),
            Some(grant) if grant.state.is_final() => flaw(true, Flaw::Ended),
            Some(grant) => {
                if let Err(reason) = grant.may_extend(*until, ask.limits, ask.now) {
                    flaw(true, Flaw::Extension(reason));
                }
            }
        },
        Kind::Revoke { .. } => match ask.grant {
            None => flaw(true, Flaw::NoGrant),
            Some(grant) => {
                flaw(grant.state.is_final(), Flaw::Ended);
                flaw(ask.relation != Relation::Oneself && is_blank(ask.justification), Flaw::NeedsReason);
            }
        },
    }
    if flaws.is_empty() { Ok(()) } else { Err(flaws) }
}

/// Whether what is asked for has not passed yet, as far as its content says.
pub(super) fn is_ahead(kind: &Kind, now: Instant) -> bool {
    match kind {
        Kind::Grant(wish) => ends_after(wish.term, wish.from.unwrap_or(now).max(now)),
        Kind::Extend { until, .. } => *until > now,
        Kind::Revoke { .. } => true,
    }
}

fn ends_after(term: Term, start: Instant) -> bool {
    term.end(start).is_none_or(|end| end > start)
}
