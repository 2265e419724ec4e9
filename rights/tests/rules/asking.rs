//! What may be asked for, and what is said of what may not.

use rights::{
    Instant, Risk,
    grant::{Ending, Event, Facts, Grant, Limits, NewGrant, Source, Term},
    lifecycle::Standing,
    request::{Ask, Kind, Relation, Wish, check},
};

use crate::scene::*;

fn grant() -> Grant {
    let (source, term) = (Source::Request, Term::For(days(90)));
    Grant::begin(NewGrant { user: ANNA, entitlement: entitlement(1), source, from: None, term }, true, monday())
}

fn ended() -> Grant {
    let limits = Limits::default();
    let now = monday();
    let facts = Facts { now, is_subject_active: true, is_entitlement_active: true, conflicts: &[], limits: &limits };
    grant().apply(Event::End(Ending::Owner), &facts).expect("taken").next
}

/// Anna asks for herself for something that is offered to her.
fn ask<'a>(kind: &'a Kind, limits: &'a Limits) -> Ask<'a> {
    Ask {
        now: monday(),
        kind,
        justification: Some("For the audit."),
        legal_basis: None,
        relation: Relation::Oneself,
        standing: &Standing::Active,
        risk: Risk::Medium,
        limits,
        is_active: true,
        is_requestable: true,
        is_offered: true,
        is_offered_then: true,
        needs_justification: true,
        needs_legal_basis: false,
        has_prerequisites: true,
        has_twin: false,
        grant: None,
    }
}

fn fields(ask: &Ask<'_>) -> Vec<&'static str> {
    check(ask).map_or_else(|faults| faults.into_iter().map(|fault| fault.field()).collect(), |()| Vec::new())
}

fn wish(from: Option<Instant>, term: Term) -> Kind {
    Kind::Grant(Wish { from, term })
}

#[test]
fn what_is_offered_is_asked_for() {
    let (kind, limits) = (for_ninety_days(), Limits::default());
    assert_eq!(fields(&ask(&kind, &limits)), [""; 0]);
    for relation in [Relation::LineManager, Relation::Administrator, Relation::OnBehalf] {
        assert_eq!(fields(&Ask { relation, ..ask(&kind, &limits) }), [""; 0]);
    }
}

#[test]
fn each_fault_names_its_part() {
    let (kind, limits) = (for_ninety_days(), Limits::default());
    let ok = || ask(&kind, &limits);
    let deactivated = Standing::Deactivated;
    for (wrong, field) in [
        (Ask { relation: Relation::Stranger, ..ok() }, "subject"),
        (Ask { standing: &deactivated, ..ok() }, "subject"),
        (Ask { is_active: false, ..ok() }, "entitlement"),
        (Ask { is_requestable: false, ..ok() }, "entitlement"),
        (Ask { is_offered: false, ..ok() }, "entitlement"),
        (Ask { is_offered_then: false, ..ok() }, "from"),
        (Ask { has_prerequisites: false, ..ok() }, "entitlement"),
        (Ask { has_twin: true, ..ok() }, "entitlement"),
        (Ask { justification: None, ..ok() }, "justification"),
        (Ask { justification: Some("  "), ..ok() }, "justification"),
        (Ask { needs_legal_basis: true, ..ok() }, "legalBasis"),
        (Ask { grant: Some(&grant()), ..ok() }, "entitlement"),
    ] {
        assert_eq!(fields(&wrong), [field]);
    }
    assert_eq!(fields(&Ask { grant: Some(&ended()), ..ok() }), [""; 0], "what has ended is asked for anew");
    let long = "a".repeat(4001);
    assert_eq!(fields(&Ask { justification: Some(&long), ..ok() }), ["justification"]);
}

#[test]
fn all_faults_are_said_at_once() {
    let (kind, limits) = (wish(Some(monday() - days(1)), Term::Until(monday() - days(2))), Limits::default());
    let wrong = Ask { relation: Relation::Stranger, justification: None, ..ask(&kind, &limits) };
    assert_eq!(fields(&wrong), ["subject", "justification", "from", "until"]);
}

#[test]
fn a_period_lies_ahead_and_within_limits() {
    let limits = Limits { longest: Some(days(90)), contract_end: Some(monday() + days(100)), ..Limits::default() };
    for (from, term, wrong) in [
        (None, Term::For(days(90)), None),
        (None, Term::For(days(91)), Some("until")),
        (None, Term::Open, Some("until")),
        (Some(monday()), Term::Until(monday() + days(90)), None),
        (Some(monday() + days(50)), Term::For(days(51)), Some("until")),
        (Some(monday() + days(5)), Term::Until(monday() + days(5)), Some("until")),
        (Some(monday() - days(1)), Term::For(days(5)), Some("from")),
        (Some(monday() + days(400)), Term::For(days(5)), Some("from")),
        (None, Term::For(days(0)), Some("until")),
        (None, Term::For(days(-5)), Some("until")),
    ] {
        let kind = wish(from, term);
        let found = fields(&ask(&kind, &limits));
        assert_eq!(found.first().copied(), wrong, "{from:?} {term:?}");
    }
}

#[test]
fn what_is_dangerous_needs_an_end() {
    let (kind, limits) = (wish(None, Term::Open), Limits::default());
    assert_eq!(fields(&ask(&kind, &limits)), [""; 0]);
    assert_eq!(fields(&Ask { risk: Risk::High, ..ask(&kind, &limits) }), ["until"]);
}

#[test]
fn an_extension_is_of_something_and_later() {
    let limits = Limits { extensions: 1, ..Limits::default() };
    let kind = |day| Kind::Extend { grant: GRANT, until: monday() + days(day) };
    let (later, earlier) = (kind(120), kind(60));
    assert_eq!(fields(&ask(&later, &limits)), ["grant"]);
    assert_eq!(fields(&Ask { grant: Some(&grant()), ..ask(&later, &limits) }), [""; 0]);
    assert_eq!(fields(&Ask { grant: Some(&grant()), ..ask(&earlier, &limits) }), ["until"]);
    assert_eq!(fields(&Ask { grant: Some(&ended()), ..ask(&later, &limits) }), ["grant"]);
}

#[test]
fn to_take_away_asks_for_no_reason() {
    let (kind, limits) = (Kind::Revoke { grant: GRANT, reason: Ending::GivenBack }, Limits::default());
    let deactivated = Standing::Deactivated;
    let bare = Ask {
        justification: None,
        standing: &deactivated,
        is_active: false,
        is_requestable: false,
        is_offered: false,
        has_prerequisites: false,
        grant: Some(&grant()),
        ..ask(&kind, &limits)
    };
    assert_eq!(fields(&bare), [""; 0]);
    assert_eq!(fields(&Ask { grant: Some(&ended()), ..bare.clone() }), ["grant"]);
    assert_eq!(fields(&Ask { grant: None, ..bare.clone() }), ["grant"]);
    // Whoever takes it from somebody else says why.
    for relation in [Relation::LineManager, Relation::OnBehalf, Relation::Administrator] {
        assert_eq!(fields(&Ask { relation, ..bare.clone() }), ["justification"]);
        assert_eq!(fields(&Ask { relation, justification: Some("No longer hers"), ..bare.clone() }), [""; 0]);
    }
}
