//! Whether something may be asked for: all that is wrong with it at once, by its parts.

use time::Duration;

use crate::{
    Fault, Instant, Risk,
    grant::{self, Limits, Term},
    lifecycle::Standing,
    refusal::judged,
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

/// Judges what is asked for.
pub fn check(ask: &Ask<'_>) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    let mut fault = |field, reason: &str| faults.push(Fault::new(field, reason));
    if ask.relation == Relation::Stranger {
        fault("subject", "is nobody for whom you may ask");
    }
    if ask.has_twin {
        fault("entitlement", "is asked for already, and not decided");
    }
    if ask.justification.is_some_and(|text| text.chars().count() > MAX_TEXT) {
        fault("justification", "must be 4000 characters at the most");
    }
    // To take away is never a question of policy.
    if !matches!(ask.kind, Kind::Revoke { .. }) {
        if !matches!(ask.standing, Standing::Active | Standing::Staged) {
            fault("subject", "is not active");
        }
        if !ask.is_active {
            fault("entitlement", "is not in use");
        } else if !ask.is_requestable || !ask.is_offered {
            fault("entitlement", "is not offered to this person");
        }
        if !ask.has_prerequisites {
            fault("entitlement", "presupposes another one, which the person does not hold");
        }
        if ask.needs_justification && ask.justification.is_none_or(|text| text.trim().is_empty()) {
            fault("justification", "must be given for this entitlement");
        }
        if ask.needs_legal_basis && ask.legal_basis.is_none_or(|text| text.trim().is_empty()) {
            fault("legalBasis", "must be given for this entitlement");
        }
    }
    match ask.kind {
        Kind::Grant(wish) => {
            if ask.grant.is_some_and(|grant| !grant.state.is_final()) {
                fault("entitlement", "is held already; ask for an extension");
            }
            let start = wish.from.unwrap_or(ask.now);
            if wish.from.is_some_and(|from| from < ask.now) {
                fault("from", "lies behind");
            } else if start - ask.now > FURTHEST {
                fault("from", "lies more than a year ahead");
            }
            if !ends_after(wish.term, start) {
                fault("until", "must come after the beginning");
            } else if wish.term == Term::Open && ask.risk == Risk::High {
                fault("until", "must be given for an entitlement of risk 3");
            } else if let Err(latest) = ask.limits.allow(start, wish.term) {
                fault("until", &format!("may be {latest} at the latest"));
            }
        }
        Kind::Extend { until, .. } => match ask.grant {
            None => fault("grant", "does not exist"),
            Some(grant) => {
                if let Err(reason) = grant.may_extend(*until, ask.limits, ask.now) {
                    fault("until", &reason.to_string());
                }
            }
        },
        Kind::Revoke { .. } => match ask.grant {
            None => fault("grant", "does not exist"),
            Some(grant) if grant.state.is_final() => fault("grant", "has ended already"),
            Some(_) => {}
        },
    }
    judged(faults)
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
